#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A storm on a list of real Sympa, run from aliases(5) by local(8), which hands in
# what it sends with sendmail(1): to one member in seven with a sender of its own
# (VERP), to the others in packets. Digests go out, a post is held for the editors, the list is taken away.
# Every figure is compared with what was sent and received. That takes minutes, so it is
# done where LIST_MANAGERS=run is set; else the log that came of it is judged.
set -euo pipefail
. "$(dirname "$0")/postfix/lib.sh"
. "$(dirname "$0")/managers/lib.sh"
manager_kept sympa heavy
manager_fetch sympa
postfix_enter "$0"
postfix_world
manager_unpack /etc /var/lib /var/spool
manager_members 32
list=staff@example.test
box=box.example.test

# sympa_on PROGRAM [OPTION...]: on the host of instance `lists`, whose configuration is sendmail's
sympa_on() {
	postfix_on lists sh -c 'mount --bind "$MAIL_CONFIG" /etc/postfix && exec env -u MAIL_CONFIG "$@"' \
		sh "/usr/lib/sympa/bin/$1" "${@:2}" 2>>"$world/sympa.said"
}
sympa_config() {
	cat >"$world/packages/etc/sympa/sympa/sympa.conf" <<-END
	domain example.test
	listmaster m01@$box
	lang en_US
	db_type SQLite
	db_name $world/sympa/db
	sendmail /usr/sbin/sendmail
	sendmail_aliases none
	verp_rate 15%
	reject_mail_from_automates_feature off
	sleep 1
	bulk_sleep 1
	cookie 123456
	log_level 0
	END
	mkdir -p "$world/packages/var/lib/sympa/list_data/staff" "$world/sympa"
	cat >"$world/packages/var/lib/sympa/list_data/staff/config" <<-END
	subject Staff

	status open

	send public

	custom_subject staff

	visibility conceal

	process_archive off

	digest 1,2,3,4,5 23:59

	remove_headers X-Sympa-To,X-Family-To,Return-Receipt-To,Precedence,X-Sequence,Disposition-Notification-To

	owner
	email m01@$box

	editor
	email m01@$box

	editor
	email m02@$box

	creation
	date_epoch 1479110000
	email m01@$box
	END
	cat >"$world/sympa/aliases" <<-END
	staff: "| /usr/lib/sympa/bin/queue $list"
	staff-owner: "| /usr/lib/sympa/bin/bouncequeue $list"
	bounce: "| /usr/lib/sympa/bin/bouncequeue sympa@example.test"
	sympa: "| /usr/lib/sympa/bin/queue sympa@example.test"
	END
	postfix_users sympa
	echo 'sympa:x:60001:' | cat /etc/group - >"$world/group"
	mount --bind "$world/group" /etc/group
	mount --bind "$world/packages/var/lib/sympa" /var/lib/sympa
	mount --bind "$world/packages/var/spool/sympa" /var/spool/sympa
	mount -t tmpfs tmpfs /run
	mkdir /run/sympa
	chown -R sympa:sympa /run/sympa "$world/sympa" /var/lib/sympa /var/spool/sympa "$world/packages/etc/sympa"
}
sympa_config
mkdir -p "$world/lists/etc"
manager_hosts <<END
mydestination = example.test, lists.example.test
local_recipient_maps = \$alias_maps
recipient_delimiter = +
smtp_destination_recipient_limit = 1
alias_maps = hash:$world/sympa/aliases
END
postalias "$world/sympa/aliases"
chown sympa "$world"/sympa/aliases*
postfix_start lists store
sympa_on sympa.pl --health_check
now=$(date +%s)
{
	echo 'BEGIN;'
	while read -r address; do
		echo "INSERT INTO subscriber_table (list_subscriber, robot_subscriber, user_subscriber, reception_subscriber,
			date_epoch_subscriber, update_epoch_subscriber, subscribed_subscriber)
			VALUES ('staff', 'example.test', '$address', 'mail', $now, $now, 1);"
	done <"$world/members"
	while read -r address; do
		echo "INSERT INTO subscriber_table (list_subscriber, robot_subscriber, user_subscriber, reception_subscriber,
			date_epoch_subscriber, update_epoch_subscriber, subscribed_subscriber)
			VALUES ('staff', 'example.test', '$address', 'digest', $now, $now, 1);"
	done <"$world/digesters"
	echo 'COMMIT;'
} | sqlite3 "$world/sympa/db"

postfix_sink lmtp:lmtp:"$world/store/queue/private/dovecot-lmtp" smtp:partner:127.0.0.9:25
daemons=
for daemon in sympa_msg bulk bounced; do
	sympa_on $daemon.pl --foreground &
	daemons="$daemons $!"
done
# Nothing is in Sympa's spools.
sympa_dry() {
	postfix_dry lists store && [ -z "$(find /var/spool/sympa/msg /var/spool/sympa/bulk -type f ! -name '.*' \
		! -path '*/bad/*' 2>/dev/null | head -n 1)" ]
}
manager_storm
postfix_wait 360 sympa_dry
sympa_on sympa.pl --send_digest
sleep 2
postfix_wait 60 sympa_dry
sed -i 's/^send public/send editorkey/' /var/lib/sympa/list_data/staff/config
reply r11 held m09@$box 'Re: [staff] Test mail'
sleep 2
postfix_wait 60 sympa_dry
sed -i '/^staff:/d' "$world/sympa/aliases"
postalias "$world/sympa/aliases"
chown sympa "$world"/sympa/aliases*
postfix_on lists postfix reload 2>/dev/null
sleep 1
reply r11 r12 m09@$box 'Re: [staff] Test mail'
reply r11 r13 m05@$box 'Re: [staff] Test mail'
postfix_wait 60 postfix_dry lists store
sleep 7
mail after1 m31@$box 'All quiet' m42@$box
postfix_wait 60 postfix_dry lists store
sleep 1
kill $daemons
postfix_stop lists store
manager_judge sympa --held '<held@desk.example.test>'
