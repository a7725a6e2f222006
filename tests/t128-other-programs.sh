#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Small logs of Sendmail and Exim, made line by line as these write them, every
# figure known: who submits mail is no list, whatever is read first; a host's own
# users, whom Sendmail names without a domain; messages whose Message-ID Exim makes,
# and tells at the next hop only; who is on two lists, and is put off under both.
set -euo pipefail
. "$TOP_SRCDIR/tests/run.sh"
. "$TOP_SRCDIR/tests/cases.sh"

# sendmail TIME ID TEXT...: a line.
sendmail() {
	printf 'Nov 14 %s mx sm-mta[42]: %s: %s\n' "$1" "$2" "${*:3}"
}

# A user of the host writes to three people: each line names him (ctladdr=), as one names the alias of whom it tells.
{
	sendmail 10:00:00 6AE8T1qR004701 'from=<u01@x>, size=500, class=0, nrcpts=3, msgid=<a@y>, proto=ESMTP, daemon=MTA, relay=pc [192.0.2.1]'
	for mailbox in m1@z m2@z m3@z; do
		sendmail 10:00:01 6AE8T1qR004701 "to=<$mailbox>, ctladdr=<u01@x> (1001/1001), delay=00:00:01, xdelay=00:00:00, mailer=esmtp, pri=30500, relay=mx.z. [192.0.2.9], dsn=2.0.0, stat=Sent (ok)"
	done
} >submitter.log
case_of submitter <<'EOT'
hours|3
EOT

# sendmail_post N SENDER [CTLADDR]: to a list of 50 users of the host and two from elsewhere; one of the users is named
# directly as well. Whose process it is, ctladdr= tells where the sender is a user, too.
sendmail_post() {
	local time=10:00:0$1 id=6AE8T1qR00471$1 user

	sendmail "$time" "$id" "from=<$2>, size=500, class=0, nrcpts=2, msgid=<a$1@y>, proto=ESMTP, daemon=MTA, relay=pc [192.0.2.1]"
	for user in u{01..50}; do
		sendmail "$time" "$id" "to=$user, ${3:+ctladdr=$3 (1001/1001), }delay=00:00:01, xdelay=00:00:00, mailer=local, pri=30500, dsn=2.0.0, stat=Sent"
	done
	sendmail "$time" "$id" "to=v1@z,v2@z, ${3:+ctladdr=$3 (1001/1001), }delay=00:00:02, xdelay=00:00:01, mailer=esmtp, pri=30500, relay=mx.z. [192.0.2.9], dsn=2.0.0, stat=Sent (ok)"
}

{
	sendmail_post 1 u01@x '<u01@x>'
	sendmail_post 2 guest@z
	sendmail_post 3 u02@mx.x '<u02@mx.x>'
	sendmail_post 4 u03 u03
	sendmail_post 5 boss@z
	sendmail_post 6 u01@x '<u01@x>'
	sendmail 10:01:00 6AE8T1qR004717 'from=<guest@z>, size=300, class=0, nrcpts=1, msgid=<b@y>, proto=ESMTP, daemon=MTA, relay=pc [192.0.2.1]'
	sendmail 10:01:00 6AE8T1qR004717 'to=<u01@x>, delay=00:00:01, xdelay=00:00:00, mailer=local, pri=30300, dsn=2.0.0, stat=Sent'
} >users.log
users_expected() {
	cat <<'EOT'
recipient-set <a1@y>|<a1@y>|u01@x|pc[192.0.2.1]|2016-11-14T10:00:01.000Z|52|52|0|0|500
recipient-set <a1@y>|<a2@y>|guest@z|pc[192.0.2.1]|2016-11-14T10:00:02.000Z|52|52|0|0|500
recipient-set <a1@y>|<a3@y>|u02@mx.x|pc[192.0.2.1]|2016-11-14T10:00:03.000Z|52|52|0|0|500
recipient-set <a1@y>|<a4@y>|u03|pc[192.0.2.1]|2016-11-14T10:00:04.000Z|52|52|0|0|500
recipient-set <a1@y>|<a5@y>|boss@z|pc[192.0.2.1]|2016-11-14T10:00:05.000Z|52|52|0|0|500
recipient-set <a1@y>|<a6@y>|u01@x|pc[192.0.2.1]|2016-11-14T10:00:06.000Z|52|52|0|0|500
recipient-set <a1@y>|recipient-set|52|5|6|312
hours|313
recipient-set <a1@y>|6|5|312|312|2003
EOT
}
# domains DATABASE: of the incident, with a mailbox of each; and how many are from elsewhere.
domains() {
	query "$1" "SELECT domain, scope, mailboxes, deliveries, (SELECT min(mailbox) FROM affected) FROM domains ORDER BY 3"
	query "$1" "SELECT mailboxes, external_mailboxes FROM incidents"
}
users_expected | case_of users
domains users.db | diff <(printf '%s\n' 'z||2|12|u01' '||50|300|u01' '52|') - || fail "domains of users"

# The first of the local domains is theirs.
make_configuration local.conf "$(grep -v input conf)" 'mailbox { local_domains = { "x", "mx.x" } }'
configuration=local.conf
cp users.log users-known.log
users_expected | case_of users-known
domains users-known.db | diff <(printf '%s\n' 'z|external|2|12|u01@x' 'x|local|50|300|u01@x' '52|2') - || fail "domains of users, known"
expect "the users" "50" "$(query users-known.db "SELECT count(*) FROM affected WHERE mailbox LIKE 'u__@x'")"
configuration=conf

# The list's own address, which a gateway hands on and no line of Sendmail's names, is no member of it.
{
	sed '/ 6AE8T1qR004717: /d' users.log
	for i in 1 2 3 4 5 6; do
		accepted gw "10:00:0$i" "3XyZab${i}cDfzGh1" 'pc[192.0.2.1]' "a$i@y" "$(sed -n "s/.*R00471$i: from=<\(.*\)>, size.*/\1/p" users.log)" 1
		sent gw "10:00:0$i" "3XyZab${i}cDfzGh1" all@x - smtp 'mx[192.0.2.7]:25' "250 2.0.0 6AE8T1qR00471$i Message accepted for delivery"
		log gw "10:00:0$i" qmgr "3XyZab${i}cDfzGh1: removed"
	done
} | grep -v 'header Subject' >gateway.log
users_expected | sed 's/^hours|313/hours|312/' | case_of gateway
expect "gateway: members" 52 "$(query gateway.db 'SELECT members FROM incidents')"

# exim HOST TIME ID TEXT...: a line.
exim() {
	printf 'Nov 14 %s %s exim[42]: %s %s\n' "$2" "$1" "$3" "${*:4}"
}

# exim_handed TIME ID NEXT-ID RECIPIENT...: from host lists to host store, in one transaction.
exim_handed() {
	local flag='=>' recipient

	for recipient in "${@:4}"; do
		exim lists "$1" "$2" "$flag $recipient <all@x> R=hosts T=remote_smtp H=store [192.0.2.10] C=\"250 OK id=$3\""
		flag='->'
	done
}

# exim_stored TIME ID MESSAGE-ID SENDER RECIPIENT...: on host store, into mailboxes.
exim_stored() {
	local recipient

	exim store "$1" "$2" "<= $4 H=lists [192.0.2.5] P=esmtp S=600 id=$3"
	for recipient in "${@:5}"; do
		exim store "$1" "$2" "=> $recipient R=mailboxes T=maildir"
	done
	exim store "$1" "$2" Completed
}

# Submitted on the host of the list, without a Message-ID: it makes one of its queue ID, which it does not log. It hands the
# message on in two transactions. The last is of Exim 4.97. A stranger's message bears the Message-ID of the first.
seconds=(1c6E3U 1c6E3V 1c6E3W 1c6E3X 1c6E3Y 1c6E3Z)
for i in 0 1 2 3 4 5; do
	id=${seconds[i]}-000001-0A next=${seconds[i]}-00000
	[ $i -lt 5 ] || id=${seconds[i]}-00000000001-0A00
	exim lists 10:00:0$i $id "<= b$i@x U=b$i P=local S=500"
	exim_handed 10:00:0$i $id ${next}2-0B m1@y m2@y m3@y
	exim_handed 10:00:0$i $id ${next}3-0B m4@y m5@y
	exim lists 10:00:0$i $id Completed
	exim_stored 10:00:0$i ${next}2-0B E$id@lists.x b$i@x m1@y m2@y m3@y
	exim_stored 10:00:0$i ${next}3-0B E$id@lists.x b$i@x m4@y m5@y
done >made.log
exim_stored 10:00:05 1c6E3Z-000004-0C E1c6E3U-000001-0A@lists.x stranger@z m1@y >>made.log
case_of made ' ' <<'EOT'
all@x||b0@x|local|2016-11-14T10:00:00.005Z|5|5|0|0|500
all@x||b1@x|local|2016-11-14T10:00:01.005Z|5|5|0|0|500
all@x||b2@x|local|2016-11-14T10:00:02.005Z|5|5|0|0|500
all@x||b3@x|local|2016-11-14T10:00:03.005Z|5|5|0|0|500
all@x||b4@x|local|2016-11-14T10:00:04.005Z|5|5|0|0|500
all@x||b5@x|local|2016-11-14T10:00:05.038Z|5|5|0|0|500
all@x|alias|5|6|6|30
hours|31
all@x|6|6|30|30
EOT

# To two lists, which share two members: Exim delivers to each once, under the one list, and tells under both that it waits. One
# member of the second is refused.
for i in 0 1 2 3 4 5; do
	id=${seconds[i]}-000001-0A
	exim mx 10:00:0$i $id "<= b$i@x H=pc [192.0.2.1] P=esmtp S=500 id=p$i@x"
	for member in a1 a2 a3; do
		exim mx 10:00:0$i $id "=> $member <all@x> R=users T=maildir"
	done
	exim mx 10:00:0$i $id '** gone@x <half@x>: Unrouteable address'
	for member in h1 h2 h3; do
		exim mx 10:00:0$i $id "=> $member <half@x> R=users T=maildir"
	done
	for member in both1@z both2@z; do
		exim mx 10:00:0$i $id "== $member <all@x> R=hosts T=remote_smtp defer (-44) H=mx.z [192.0.2.9]: SMTP error from remote mail server after RCPT TO:<$member>: 451 4.7.1 Greylisted"
	done
	for list in all half; do
		exim mx 10:01:00 $id "== both1@z <$list@x> routing defer (-52): retry time not reached"
		exim mx 10:01:00 $id "== both2@z <$list@x> routing defer (-52): retry time not reached"
	done
	exim mx 10:02:00 $id '=> both1@z <all@x> R=hosts T=remote_smtp H=mx.z [192.0.2.9] C="250 ok"'
	exim mx 10:02:00 $id '-> both2@z <all@x> R=hosts T=remote_smtp H=mx.z [192.0.2.9] C="250 ok"'
	exim mx 10:02:00 $id Completed
done >both.log
case_of both ' ' <<'EOT'
all@x|<p0@x>|b0@x|pc[192.0.2.1]|2016-11-14T10:00:00.005Z|5|5|0|0|500
all@x|<p1@x>|b1@x|pc[192.0.2.1]|2016-11-14T10:00:01.005Z|5|5|0|0|500
all@x|<p2@x>|b2@x|pc[192.0.2.1]|2016-11-14T10:00:02.005Z|5|5|0|0|500
all@x|<p3@x>|b3@x|pc[192.0.2.1]|2016-11-14T10:00:03.005Z|5|5|0|0|500
all@x|<p4@x>|b4@x|pc[192.0.2.1]|2016-11-14T10:00:04.005Z|5|5|0|0|500
all@x|<p5@x>|b5@x|pc[192.0.2.1]|2016-11-14T10:00:05.005Z|5|5|0|0|500
half@x|<p0@x>|b0@x|pc[192.0.2.1]|2016-11-14T10:00:00.005Z|4|3|1|0|500
half@x|<p1@x>|b1@x|pc[192.0.2.1]|2016-11-14T10:00:01.005Z|4|3|1|0|500
half@x|<p2@x>|b2@x|pc[192.0.2.1]|2016-11-14T10:00:02.005Z|4|3|1|0|500
half@x|<p3@x>|b3@x|pc[192.0.2.1]|2016-11-14T10:00:03.005Z|4|3|1|0|500
half@x|<p4@x>|b4@x|pc[192.0.2.1]|2016-11-14T10:00:04.005Z|4|3|1|0|500
half@x|<p5@x>|b5@x|pc[192.0.2.1]|2016-11-14T10:00:05.005Z|4|3|1|0|500
all@x|alias|5|6|6|30
half@x|alias|4|6|6|18
hours|48
all@x|6|6|30|30
half@x|6|6|18|18
EOT
expect "both: nobody is missing" "0|0|0" "$(query both.db "SELECT sum(unaccounted), sum(pending),
	(SELECT sum(unfinished) FROM coverage WHERE incident_id IS NULL) FROM incidents")"
expect "both: put off" "12" "$(query both.db 'SELECT deferred FROM hours WHERE host IS NULL')"
# Nobody else waits while a third one does, for hours.
{
	grep -v "${seconds[5]}.*Completed" both.log
	exim mx 10:02:00 ${seconds[5]}-000001-0A '== slow@z <all@x> routing defer (-52): retry time not reached'
	for hour in 11 12 13; do
		exim mx $hour:00:00 1c6F0$hour-000001-0A "<= q@x H=pc [192.0.2.1] P=esmtp S=500 id=q$hour@x"
	done
} >waits.log
dated waits.log
take_in waits.db waits.log
expect "waits: who waits, and nobody is missing" "all@x 1 0 half@x 0 0 1c6E3Z-000001-0A 1" "$(query waits.db "SELECT list || ' ' || pending
	|| ' ' || unaccounted FROM incidents ORDER BY list; SELECT DISTINCT queue_id || ' ' || recipients_pending FROM queued" | tr '\n' ' ' | sed 's/ $//')"

finish
