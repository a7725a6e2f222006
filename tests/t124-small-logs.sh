#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Figures beside the deliveries, of small logs made line by line: every one is
# known. What waited for days, and what hours say of it; recipients without an
# end; what an administrator deleted; hosts that fall silent; other mail that is
# delayed for longer than the storm lasts; a list that is closed in the second
# of the last deliveries.
set -euo pipefail
. "$TOP_SRCDIR/tests/run.sh"

# log HOST DAY-AND-TIME PROGRAM TEXT...: a line.
log() {
	printf 'Nov %s %s postfix/%s[42]: %s\n' "$2" "$1" "$3" "${*:4}"
}

# accepted HOST TIME ID MESSAGE-ID SENDER NRCPT: a queue file begins.
accepted() {
	log "$1" "$2" smtpd "$3: client=pc[192.0.2.1]"
	log "$1" "$2" cleanup "$3: message-id=<$4>"
	log "$1" "$2" qmgr "$3: from=<$5>, size=500, nrcpt=$6 (queue active)"
}

# told HOST TIME ID RECIPIENT DELAY RESULT...: an attempt.
told() {
	log "$1" "$2" lmtp "$3: to=<$4>, relay=$1[private/dovecot-lmtp], delay=$5, delays=0/0/0/$5, dsn=2.0.0, status=${*:6}"
}

removed() {
	log "$1" "$2" qmgr "$3: removed"
}

# mail HOST TIME ID [DELAY]: one to one mailbox, delivered at once.
mail() {
	accepted "$1" "$2" "$3" "$3@y" s@y 1
	told "$1" "$2" "$3" z@y "${4:-0.5}" 'sent (250 2.0.0 Saved)'
	removed "$1" "$2" "$3"
}

# post HOST TIME ID SENDER NRCPT MAILBOX...: one to the list la@x, delivered to these mailboxes at once.
post() {
	local mailbox

	accepted "$1" "$2" "$3" "$3@x" "$4" "$5"
	log "$1" "$2" cleanup "$3: info: header Subject: Re: T from pc[192.0.2.1]; from=<$4> to=<la@x> proto=ESMTP helo=<pc>"
	for mailbox in "${@:6}"; do
		told "$1" "$2" "$3" "$mailbox@x>, orig_to=<la@x" 0.2 "sent (250 2.0.0 <$mailbox@x> Saved)"
	done
}

make_configuration conf 'storm {' 'min_recipients = 3' 'min_replies = 2' 'min_posters = 2' '}'
configuration=conf

# Mail that was deferred is sent 61 hours later, when its hour is no longer at hand: that stays as it was. What is told
# only then is added, of the host that had a row and of one that had none.
{
	for i in 1 2 3 4; do
		mail mx "14 08:0$i:00" 0030910000$i
	done
	accepted mx '14 08:10:00' 00309100010 late@x boss@x 1
	told mx '14 08:10:01' 00309100010 m1@x 1 'deferred (no)'
} >hours-1.log
{
	mail mx '15 07:00:00' 00309100021
	mail mx '16 06:00:00' 00309100022
	mail mx '16 20:00:00' 00309100023
} >hours-2.log
{
	told mx '16 21:00:00' 00309100010 m1@x 219000 'sent (250 2.0.0 Saved)'
	removed mx '16 21:00:00' 00309100010
	log mx '16 21:01:00' smtpd 'NOQUEUE: reject: RCPT from pc[192.0.2.1]: 550 5.1.1 <no@x>: Recipient address rejected: User unknown; from=<s@y> to=<no@x> proto=ESMTP helo=<pc>'
} >hours-3.log
mail mx2 '14 08:20:00' 00309100030 >hours-4.log
{
	mail mx2 '14 08:21:00' 00309100031 3
	mail mx2 '14 08:22:00' 00309100032 3
} >hours-5.log
cat hours-?.log >hours.log
dated hours*.log
take_in hours.db hours.log
for part in 1 2 3 4 5; do
	take_in hours-parts.db hours-$part.log
done
hours() {
	query "$1" "SELECT * FROM hours ORDER BY hour_at, host"
}
# The percentiles of all hosts stay; those of one are of the larger part.
hours hours.db | sed '/T08:00:00.000Z||7/ s/|500|2999|2999|/|500|500|500|/' >hours.whole
hours hours-parts.db | diff hours.whole - >hours.differs || { fail "hours of what waited for days" && cat hours.differs; }
expect "an hour that was forgotten" '7|1' \
	"$(query hours-parts.db "SELECT deliveries, deferred FROM hours WHERE host IS NULL AND hour_at LIKE '2016-11-14T08%'")"

# unfinished DATABASE: recipients without an end, by host.
unfinished() {
	query "$1" "SELECT host, unfinished FROM coverage WHERE incident_id IS NULL ORDER BY host" | tr '\n' ' '
}

# To the list and to its author: the next hop is given that mailbox twice, and counts it twice; its lines look alike. Where
# one of another mailbox is missing, that counts.
# handed ID RECIPIENT [LIST]: to the next hop.
handed() {
	log lists '14 10:00:00' smtp "1$1: to=<$2>,${3:+ orig_to=<$3>,} relay=store[192.0.2.10]:25, delay=0.2, delays=0/0/0/0.2, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4$1)"
}
for i in 1 2; do
	accepted lists '14 10:00:00' 1930910000$i "two$i@x" b@y 5
	for m in m0 m1 m2 m3; do
		handed 930910000$i $m@x la@x
	done
	handed 930910000$i m0@x
	removed lists '14 10:00:00' 1930910000$i
	accepted store '14 10:00:01' 4930910000$i "two$i@x" b@y 5
	for m in m0 m1 m2 m0 m3; do
		[ "$i $m" = '2 m2' ] || told store '14 10:00:01' 4930910000$i $m@x 0.2 "sent (250 2.0.0 <$m@x> Saved)"
	done
	removed store '14 10:00:01' 4930910000$i
done >twice.log
grep 9309100001 twice.log >twice-whole.log
cat twice.log twice.log >twice-again.log
# The queue files are forgotten by then.
{
	cat twice.log
	mail lists '14 11:00:00' 19309100011
	mail store '14 11:00:00' 49309100012
} >twice-past.log
tac twice.log >twice-backwards.log
dated twice*.log
for log in twice twice-again twice-backwards twice-past; do
	take_in $log.db $log.log
	expect "$log: without an end" "lists|0 store|1 " "$(unfinished $log.db)"
done
take_in twice-whole.db twice-whole.log
expect "twice-whole: without an end" "lists|0 store|0 " "$(unfinished twice-whole.db)"

# Questions whether an address is good (reject_unverified_recipient, sendmail -bv) are no mail, of which an end is due.
{
	log mx '14 10:00:00' cleanup '1930910002: message-id=<q@x>'
	log mx '14 10:00:00' qmgr '1930910002: from=<double-bounce@x>, size=245, nrcpt=1 (queue active)'
	told mx '14 10:00:00' 1930910002 m0@x 0.2 'deliverable (250 2.1.5 Ok)'
	removed mx '14 10:00:00' 1930910002
	accepted mx '14 10:01:00' 1930910003 v@x root@x 2
	told mx '14 10:01:00' 1930910003 m0@x 0.2 'deliverable (250 2.1.5 Ok)'
	told mx '14 10:01:00' 1930910003 m1@x 0.2 'undeliverable (550 5.1.1 Unknown)'
	removed mx '14 10:01:00' 1930910003
} >probes.log
tac probes.log >probes-backwards.log
for log in probes probes-backwards; do
	dated $log.log
	take_in $log.db $log.log
	expect "$log: without an end" "mx|0 " "$(unfinished $log.db)"
done

# What a check redirects goes to one in place of all, whom the queue manager counts all the same; a line of it that is lost is
# missed. The last is told that it was redirected before it had a queue file, which no line ties to it.
# redirected ID: one to three, delivered to another.
redirected() {
	accepted mx '14 10:00:00' "$1" "$1@x" b@y 3
	log mx '14 10:00:00' "${@:2}" 'from pc[192.0.2.1]; from=<b@y> to=<la@x> proto=ESMTP helo=<pc>: boss@x'
	told mx '14 10:00:01' "$1" 'boss@x>, orig_to=<la@x' 0.2 'sent (250 2.0.0 Saved)'
	log mx '14 10:00:02' qmgr "$1: from=<b@y>, size=500, nrcpt=3 (queue active)"
	removed mx '14 10:00:02' "$1"
}
{
	redirected 193091000A cleanup '193091000A: redirect: header Subject: x'
	redirected 193091000B cleanup '193091000B: redirect: body x'
	redirected 193091000C smtpd '193091000C: redirect: DATA from pc[192.0.2.1]: <b@y>: Sender address triggers REDIRECT boss@x'
	redirected 193091000D cleanup '193091000D: redirect: header Subject: x' | grep -v boss@x.*orig_to
	redirected 193091000E smtpd 'NOQUEUE: redirect: RCPT from pc[192.0.2.1]: <b@y>: Sender address triggers REDIRECT boss@x'
} >redirected.log
tac redirected.log >redirected-backwards.log
{
	cat redirected.log
	mail mx '14 11:00:00' 19309100011
} >redirected-past.log
for log in redirected redirected-backwards redirected-past; do
	dated $log.log
	take_in $log.db $log.log
	expect "$log: without an end" "mx|3 " "$(unfinished $log.db)"
	expect "$log: incidents, deliveries" "0 4" "$(query $log.db "SELECT (SELECT count(*) FROM incidents) || ' ' || deliveries
		FROM hours WHERE host IS NULL AND hour_at LIKE '%T10%'")"
done

# A queue file that an administrator deletes before all its recipients were tried: these end then, though no line names them.
{
	for i in 0 1; do
		post mx "14 10:0$i:00" 193091000$i p$i@x 4 m0 m1 m2 m3
		removed mx "14 10:0$i:00" 193091000$i
	done
	post mx '14 10:02:00' 1930910002 p2@x 5 m0 m1
	log mx '14 10:04:30' postsuper '1930910002: removed'
} >deleted.log
tac deleted.log >deleted-backwards.log
mail mx '14 12:00:00' 1930910009 >deleted-end.log
for log in deleted deleted-backwards; do
	cat deleted-end.log >>$log.log
	dated $log.log
	take_in $log.db $log.log
done
query deleted.db "SELECT substr(minute_at, 12, 5), pending FROM minutes ORDER BY minute_at" | tr '\n' ' ' >deleted.minutes
expect "pending, of what was deleted" "10:00|0 10:01|0 10:02|3 10:03|3 10:04|0 " "$(cat deleted.minutes)"
expect "the end of what was deleted" "queue-dry|10:04:30 closed|10:34:30 " "$(query deleted.db "SELECT event, substr(at, 12, 8)
	FROM timeline WHERE event IN ('queue-dry', 'closed') ORDER BY at" | tr '\n' ' ')"
expect "what was deleted" "3|0|0" "$(query deleted.db "SELECT count, (SELECT pending + unaccounted FROM incidents),
	(SELECT sum(unfinished) FROM coverage WHERE incident_id IS NULL) FROM ledger WHERE line = 'removed_by_admin'")"
equal deleted.db deleted-backwards.db sources

# One host falls silent while the storm goes on; another had no line before its first.
# silences DATABASE: in the hours of the incident.
silences() {
	query "$1" "SELECT host, gap_ms_max / 60000 FROM coverage WHERE incident_id = 1 ORDER BY host" | tr '\n' ' '
}
{
	for i in 00 01 40; do
		post mx "14 10:$i:00" 19309100$i p$i@x 4 m0 m1 m2 m3
		removed mx "14 10:$i:00" 19309100$i
	done
	mail mx2 '14 09:50:00' 1930910090
	mail mx2 '14 10:06:00' 1930910091
	mail mx3 '14 10:20:00' 1930910092
	for i in {10..11}:{00..59}; do
		log mx "14 $i:30" anvil 'statistics: max cache size 1 at Nov 14 10:00:00'
	done
} | sort -sk3,3 >silent.log
grep -v ' 10:5[1-9]:\| 11:' silent.log >silent-yet.log
dated silent*.log
take_in silent.db silent.log
expect "silences" "mx|0 mx2|53 mx3|39 " "$(silences silent.db)"
take_in silent-yet.db silent-yet.log
expect "silences until now" "mx|0 mx2|43 mx3|29 " "$(silences silent-yet.db)"

# Other mail becomes slow in the storm, and normal again when it is over, or has been closed for long.
# slow UNTIL: other mail, in minutes from 09:00.
slow() {
	local i

	for i in 0 1 7; do
		post mx "14 10:0$i:00" 193091000$i p$i@x 4 m0 m1 m2 m3
		removed mx "14 10:0$i:00" 193091000$i
	done
	for ((i = 0; i < 180; i++)); do
		mail mx "14 $(printf '%02d:%02d:30' $((9 + i / 60)) $((i % 60)))" "$(printf '19309101%03d' $i)" \
			$((i > 64 && i < $1 ? 100 : 1))
	done
}
for end in 72 150 177; do
	slow $end | sort -sk3,3 >slow.log
	dated slow.log
	rm -f slow.db*
	take_in slow.db slow.log
	query slow.db "SELECT event, substr(at, 12, 5) FROM timeline
		WHERE event IN ('bystanders-delayed', 'bystanders-normal', 'closed') ORDER BY at" | tr '\n' ' '
	query slow.db "SELECT count(*) FROM minutes"
done >slow
diff - slow >slow.differs <<'EOT' || { fail "other mail, slow for long" && cat slow.differs; }
bystanders-delayed|10:05 bystanders-normal|10:12 closed|10:37 8
bystanders-delayed|10:05 closed|10:37 bystanders-normal|11:30 8
bystanders-delayed|10:05 closed|10:37 8
EOT

# The list is closed 0.3 s before the last post is delivered; or 0.2 s after.
for closed in 400 900; do
	{
		for i in 0 1 2; do
			post mx "14 10:0$i:00" 193091000$i p$i@x 4 m0 m1 m2 m3
			removed mx "14 10:0$i:01" 193091000$i
		done
		log mx '14 10:02:00' smtpd 'NOQUEUE: reject: RCPT from pc[192.0.2.7]: 550 5.1.1 <la@x>: Recipient address rejected: User unknown in local recipient table; from=<r@x> to=<la@x> proto=ESMTP helo=<pc>'
	} | sed -E "/reject:/ s/ mx /.$closed&/; /lmtp/ s/ mx /.700&/; /[.].* mx /! s/ mx /.200&/
		s/^Nov 14 ([0-9:.]+) /2016-11-14T\\1+00:00 /" >closed.log
	dated closed.log
	rm -f closed.db*
	take_in closed.db closed.log
	query closed.db "SELECT count, deliveries FROM ledger, incidents WHERE line = 'delivered_after_close'"
done >closed
expect "delivered after the close in its second, and before it" "4|12 0|12 " "$(tr '\n' ' ' <closed)"

# What is queued is told with its instance, whichever of the names that this logs under is read first.
for i in 0 1 2; do
	post mx "14 10:0$i:00" 193091000$i p$i@x 3 m0 m1
	log mx "14 10:0$i:01" relay/smtp "193091000$i: to=<m2@y>, orig_to=<la@x>, relay=none, delay=1, delays=0/0/1/0, dsn=4.4.1," \
		'status=deferred (connect to y[192.0.2.9]:25: Connection timed out)'
done >instances.log
tac instances.log >instances-backwards.log
for log in instances instances-backwards; do
	dated $log.log
	take_in $log.db $log.log
	expect "$log: queued" "mx|postfix|1930910000 mx|postfix|1930910001 mx|postfix|1930910002 " \
		"$(query $log.db "SELECT host, instance, queue_id FROM queued ORDER BY queue_id" | tr '\n' ' ')"
done

finish
