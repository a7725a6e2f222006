#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Storms through a content filter that gives every mail back to the same
# host. Host `mxa` has no logged headers, and expands the list before the
# filter; host `mxb` expands it after. One mailbox never takes its mail: those
# posts are deleted, held, released, requeued by the postmaster, or expire.
# Figures are compared with what was sent and done. Both hosts have long queue
# ids; data/postfix/filter is such a log in which those of `mxa` are short.
set -euo pipefail
. "$(dirname "$0")/postfix/lib.sh"
postfix_enter "$0"
postfix_world
postfix_backoff=3
{ seq -f 'm%02g@box.example.test' 38; printf '%s@box.example.test\n' slow late; } >"$world/members"

# host NAME ADDRESS FILTERPORT: a host that hands to the filter and takes back on the next port
host() {
	local etc=$world/$1/etc
	postfix_list_host "$1" "$2" <<-END
	smtpd_authorized_xforward_hosts = 127.0.0.0/8
	maximal_queue_lifetime = 25s
	bounce_queue_lifetime = 25s
	END
	postconf -c "$etc" -M "filter/unix=filter unix - - n - 4 smtp"
	postconf -c "$etc" -P "smtp/inet/content_filter=filter:[127.0.0.1]:$3" \
		"filter/unix/smtp_send_xforward_command=yes"
	postconf -c "$etc" -M "127.0.0.1:$(($3 + 1))/inet=127.0.0.1:$(($3 + 1)) inet n - n - - smtpd"
	postconf -c "$etc" -P "127.0.0.1:$(($3 + 1))/inet/syslog_name=postfix/reinject"
}
host mxa 127.0.0.4 10024
host mxb 127.0.0.5 10026
postconf -c "$world/mxb/etc" "header_checks=regexp:$kit/header_checks"
postconf -c "$world/mxb/etc" -P smtp/inet/receive_override_options=no_address_mappings
cat >"$world/rules" <<END
never slow@box.example.test
greylist late@box.example.test 1
END

postfix_start mxa mxb
postfix_sink lmtp:lmtp:"$world/mxa/queue/private/dovecot-lmtp" \
	lmtp:lmtp:"$world/mxb/queue/private/dovecot-lmtp" \
	filter:filter:127.0.0.1:10024:10025 filter:filter:127.0.0.1:10026:10027:xforward

postfix_thread mxa 127.0.0.4
postfix_thread mxb 127.0.0.5
late_taken() {
	[ "$(grep -c 'delivered.*late@' "$world/truth")" = 16 ]
}
postfix_wait 20 late_taken
# fate HOST N OPTION: what the postmaster does to the file in which post N waits for slow@
fate() {
	postfix_on "$1" postsuper "$3" "$(postfix_file "$1" "$1.$2@desk.example.test")" 2>/dev/null
}
slow=slow@box.example.test
for host in mxa mxb; do
	fate $host 1 -d
	postfix_note removed "$host.1@desk.example.test" $slow
	fate $host 2 -h
	fate $host 3 -r
done
postfix_note pending mxa.2@desk.example.test $slow
held=$(postfix_file mxa mxa.2@desk.example.test)
sleep 5
fate mxb 2 -H
postfix_wait 90 postfix_dry mxa mxb
sleep 7
postfix_mail 127.0.0.4 mxa.after m30 'Good night' m31@box.example.test
postfix_mail 127.0.0.5 mxb.after m30 'Good night' m31@box.example.test
postfix_wait 60 postfix_dry mxa mxb
sleep 1
postfix_stop mxa mxb

postfix_expect mxa@example.test "$world/members" --local-domain box.example.test \
	--method list-gap --no-subject --min-replies 5 --min-posters 5 --min-recipients 20 \
	--state subsiding --rest "expired:$slow"
postfix_expect mxb@example.test "$world/members" --local-domain box.example.test \
	--min-replies 5 --min-recipients 20 --rest "expired:$slow"
printf 'queued mxa@example.test <mxa.2@desk.example.test> queue_id\t%s\n' "$held" >>"$world/expected"
cp "$kit/filter.conf" "$world/conf"
postfix_judge filter mxa mxb
