#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A storm on a list of real Mailman 3, which takes posts in by LMTP and gives each
# member's copy a sender of its own (VERP). Digests go out, a post is held for the
# moderators, the list is taken away. Every figure is compared with what was sent
# and received. That takes minutes, so it is done where LIST_MANAGERS=run is set; else
# the log that came of it is judged.
set -euo pipefail
. "$(dirname "$0")/postfix/lib.sh"
. "$(dirname "$0")/managers/lib.sh"
manager_kept mailman3 heavy
manager_fetch mailman3
postfix_enter "$0"
postfix_world
manager_unpack
manager_members 50
list=staff@example.test
box=box.example.test
unset PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX=$world/mailman/pyc MAILMAN_CONFIG_FILE=$world/mailman/mailman.cfg

# mailman_on COMMAND...: as its user, on the host of instance `lists`
mailman_on() {
	postfix_on lists runuser -u list -- "$@"
}
mkdir -p "$world/mailman/pyc"
{
	cat <<-END
	[mailman]
	layout: here
	site_owner: m01@$box
	[paths.here]
	var_dir: $world/mailman
	queue_dir: \$var_dir/queue
	bin_dir: /usr/lib/mailman3/bin
	list_data_dir: \$var_dir/lists
	log_dir: \$var_dir/log
	lock_dir: \$var_dir/locks
	data_dir: \$var_dir/data
	cache_dir: \$var_dir/cache
	etc_dir: \$var_dir/etc
	ext_dir: \$var_dir/ext
	messages_dir: \$var_dir/messages
	archive_dir: \$var_dir/archives
	template_dir: \$var_dir/templates
	pid_file: \$var_dir/master.pid
	lock_file: \$lock_dir/master.lck
	[database]
	url: sqlite:///$world/mailman/mailman.db
	[mta]
	incoming: mailman.mta.null.NullMTA
	smtp_host: 127.0.0.2
	lmtp_host: 127.0.0.1
	lmtp_port: 8024
	verp_delivery_interval: 1
	END
	for runner in archive command nntp rest retry shunt task; do
		printf '[runner.%s]\nstart: no\n' $runner
	done
} >"$MAILMAN_CONFIG_FILE"
chown -R list "$world/mailman"

mkdir -p "$world/lists/etc"
echo '/^staff(-[a-z]+)?(\+.*)?@example\.test$/ lmtp:[127.0.0.1]:8024' >"$world/lists/etc/mailman"
printf '%s OK\n' $list staff-{bounces,owner,request}@example.test >"$world/lists/etc/recipients"
manager_hosts <<END
recipient_delimiter = +
virtual_mailbox_domains = example.test
virtual_mailbox_maps = hash:$world/lists/etc/recipients
END
postconf -c "$world/lists/etc" "transport_maps=regexp:$world/lists/etc/mailman, hash:$world/lists/etc/transport"
postmap "$world/lists/etc/recipients"
mailman_on python3 "$here/managers/mailman3.py" create $list "$world/members" "$world/digesters" m01@$box m02@$box

postfix_start lists store
postfix_sink lmtp:lmtp:"$world/store/queue/private/dovecot-lmtp" smtp:partner:127.0.0.9:25
mailman_on /usr/lib/mailman3/bin/mailman start --quiet 2>/dev/null
listening() {
	(exec 3<>/dev/tcp/127.0.0.1/8024) 2>/dev/null
}
postfix_wait 120 listening
# Nothing is in Mailman's queues.
mailman_dry() {
	postfix_dry lists store && [ -z "$(find "$world"/mailman/queue -type f ! -path '*/shunt/*' | head -n 1)" ]
}
manager_storm
postfix_wait 120 mailman_dry
mailman_on /usr/lib/mailman3/bin/mailman digests --send --list $list
sleep 1
postfix_wait 60 mailman_dry
mailman_on python3 "$here/managers/mailman3.py" hold $list
reply r11 held m09@$box 'Re: [staff] Test mail'
sleep 1
postfix_wait 60 mailman_dry
: >"$world/lists/etc/recipients"
postmap "$world/lists/etc/recipients"
postfix_on lists postfix reload 2>/dev/null
sleep 1
reply r11 r12 m09@$box 'Re: [staff] Test mail'
reply r11 r13 m05@$box 'Re: [staff] Test mail'
postfix_wait 60 postfix_dry lists store
sleep 7
mail after1 m31@$box 'All quiet' m42@$box
postfix_wait 60 postfix_dry lists store
sleep 1
mailman_on /usr/lib/mailman3/bin/mailman stop --quiet
postfix_stop lists store
manager_judge mailman3 --held '<held@desk.example.test>'
