#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A storm on a list of real mlmmj, set up as its README.postfix says (a virtual
# alias to a pipe(8) transport), which makes a mail with a sender of its own for
# each member (VERP). A digest goes out, a post is held for the moderator, the
# list is taken away. Every figure is compared with what was sent and received.
set -euo pipefail
. "$(dirname "$0")/postfix/lib.sh"
. "$(dirname "$0")/managers/lib.sh"
manager_kept mlmmj
manager_fetch mlmmj
postfix_enter "$0"
postfix_world
manager_unpack
manager_members 50
list=staff@example.test
spool=$world/mlmmj/staff

mlmmj_list() {
	local box=box.example.test dir
	for dir in incoming queue/discarded archive text subconf unsubconf bounce control moderation subscribers.d \
		digesters.d requeue nomailsubs.d; do
		mkdir -p "$spool/$dir"
	done
	: >"$spool/index"
	cp /usr/share/mlmmj/text.skel/en/* "$spool/text/"
	echo $list >"$spool/control/listaddress"
	echo "m01@$box" >"$spool/control/owner"
	printf '%s\n' "m01@$box" "m02@$box" >"$spool/control/moderators"
	echo '[staff]' >"$spool/control/prefix"
	echo 127.0.0.2 >"$spool/control/relayhost"
	echo 'List-Id: <staff.example.test>' >"$spool/control/customheaders"
	echo 5 >"$spool/control/digestmaxmails"
	echo >"$spool/control/noget"
	cp "$world/members" "$spool/subscribers.d/s"
	cp "$world/digesters" "$spool/digesters.d/s"
	postfix_users mlmmj
	chown -R mlmmj "$world/mlmmj"
}
mlmmj_list
echo 'example.test--staff@localhost.mlmmj mlmmj:staff' >>"$world/transport.mlmmj"
mkdir -p "$world/lists/etc"
cat "$world/transport.mlmmj" >"$world/lists/etc/transport"
echo "$list example.test--staff@localhost.mlmmj" >"$world/lists/etc/virtual"
manager_hosts <<END
mlmmj_destination_recipient_limit = 1
recipient_delimiter = +
virtual_alias_domains = example.test
virtual_alias_maps = hash:$world/lists/etc/virtual
END
postmap "$world/lists/etc/virtual"
postconf -c "$world/lists/etc" -M "mlmmj/unix=mlmmj unix - n n - - pipe flags=ORhu user=mlmmj argv=/usr/bin/mlmmj-receive -F -L $world/mlmmj/\$nexthop"

postfix_start lists store
postfix_sink lmtp:lmtp:"$world/store/queue/private/dovecot-lmtp" smtp:partner:127.0.0.9:25
manager_storm
postfix_wait 60 postfix_dry lists store
runuser -u mlmmj -- /usr/bin/mlmmj-maintd -F -L $spool
echo >"$spool/control/moderated"
reply r11 held m09@box.example.test 'Re: [staff] Test mail'
postfix_wait 60 postfix_dry lists store
: >"$world/lists/etc/virtual"
postmap "$world/lists/etc/virtual"
postfix_on lists postfix reload 2>/dev/null
sleep 1
reply r11 r12 m09@box.example.test 'Re: [staff] Test mail'
reply r11 r13 m05@box.example.test 'Re: [staff] Test mail'
postfix_wait 60 postfix_dry lists store
sleep 7
mail after1 m31@box.example.test 'All quiet' m42@box.example.test
postfix_wait 60 postfix_dry lists store
sleep 1
postfix_stop lists store
manager_judge mlmmj --held '<held@desk.example.test>'
