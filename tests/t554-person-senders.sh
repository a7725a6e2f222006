#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A storm without a list, begun by somebody whose address looks like a list
# manager's: first posts are of the recipient set that they were sent to, whatever
# is read first; a real list without any other evidence stays one.
. "$(dirname "$0")/run.sh"

# post N SENDER RECIPIENT...: the lines of a mail that is delivered at once, one minute after the one before
post() {
	local id minute recipient
	id=$(printf '4XY%03dAB' "$1") minute=$(printf '%02d' "$1")
	echo "Nov 14 08:$minute:00 mx postfix/smtpd[7]: $id: client=desk.example.org[192.0.2.7]"
	echo "Nov 14 08:$minute:00 mx postfix/cleanup[7]: $id: message-id=<m$1@desk.example.org>"
	echo "Nov 14 08:$minute:00 mx postfix/qmgr[7]: $id: from=<$2>, size=1000, nrcpt=$(($# - 2)) (queue active)"
	for recipient in "${@:3}"; do
		echo "Nov 14 08:$minute:01 mx postfix/virtual[7]: $id: to=<$recipient>, relay=virtual, delay=1, dsn=2.0.0, status=sent (delivered to maildir)"
	done
	echo "Nov 14 08:$minute:01 mx postfix/qmgr[7]: $id: removed"
}
members=$(printf 'm%02d@example.org ' $(seq 60))
{
	post 1 hr-admin@example.org $members
	for n in 2 3 4 5 6 7; do
		post $n "m0$n@example.org" hr-admin@example.org $members
	done
} >person.log
sed 's/hr-admin@example.org/owner-staff@lists.example.net/; s/nrcpt=61/nrcpt=60/' person.log |
	grep -v 'to=<owner-staff@' >list.log
tac person.log >backwards.log
dated ./*.log
configuration=conf
make_configuration conf 'storm { min_recipients = 50 min_replies = 5 }'

for log in person backwards; do
	take_in $log.db $log.log
	expect "the incident of $log.log" 'recipient-set <m1@desk.example.org>|hr-admin@example.org|7|7|426|61' \
		"$(query $log.db 'SELECT list, first_poster, posts, posters, deliveries, mailboxes FROM incidents')"
	expect "the lists of $log.log" 'recipient-set <m1@desk.example.org>|7' \
		"$(query $log.db 'SELECT list, posts FROM lists ORDER BY list')"
done
take_in list.db list.log
expect 'the lists of list.log' 'recipient-set <m2@desk.example.org>|6
staff@lists.example.net|1' "$(query list.db 'SELECT list, posts FROM lists ORDER BY list')"
finish
