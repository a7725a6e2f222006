#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Storms through a content filter that is a program: pipe(8) runs it, and it
# gives the message to sendmail(1) again, as in FILTER_README's "simple content
# filter". No line tells which queue file is which one's next, and no setting what
# the filter is. Host `mxc` expands the list before the filter, `mxd` behind it.
# Figures are compared with what was sent and done.
set -euo pipefail
. "$(dirname "$0")/postfix/lib.sh"
postfix_enter "$0"
postfix_world
{ seq -f 'm%02g@box.example.test' 38; printf '%s@box.example.test\n' gone late; } >"$world/members"
cat >"$world/filter" <<'END'
#!/bin/sh
# filter SENDER RECIPIENT...
from=$1
shift
exec /usr/sbin/sendmail -G -i -f "$from" -- "$@"
END
chmod 755 "$world/filter"

# host NAME ADDRESS: a host whose smtpd(8) hands all mail to the filter
host() {
	local etc=$world/$1/etc
	postfix_list_host "$1" "$2" <<-END
	filter_destination_recipient_limit = 15
	header_checks = regexp:$kit/header_checks
	END
	postconf -c "$etc" -M "filter/unix=filter unix - n n - 4 pipe flags=Rq user=nobody argv=$world/filter \${sender} \${recipient}"
	postconf -c "$etc" -P smtp/inet/content_filter=filter:dummy
}
host mxc 127.0.0.7
host mxd 127.0.0.8
postconf -c "$world/mxd/etc" -P smtp/inet/receive_override_options=no_address_mappings
cat >"$world/rules" <<END
refuse-data gone@box.example.test
greylist-data late@box.example.test 1
END

postfix_submit mxc mxd
postfix_start mxc mxd
postfix_sink lmtp:lmtp:"$world/mxc/queue/private/dovecot-lmtp" lmtp:lmtp:"$world/mxd/queue/private/dovecot-lmtp"

postfix_thread mxc 127.0.0.7
postfix_thread mxd 127.0.0.8
postfix_wait 60 postfix_dry mxc mxd
sleep 7
postfix_mail 127.0.0.7 mxc.after m30 'Good night' m31@box.example.test
postfix_mail 127.0.0.8 mxd.after m30 'Good night' m31@box.example.test
postfix_wait 60 postfix_dry mxc mxd
sleep 1
postfix_stop mxc mxd

for host in mxc mxd; do
	postfix_expect $host@example.test "$world/members" --local-domain box.example.test \
		--min-replies 5 --min-recipients 20
done
cp "$kit/filter.conf" "$world/conf"
postfix_judge pipe-filter mxc mxd
