#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Forty days of several lists as a daemon that runs for good sees them: it forgets
# what is over, and must come to the incidents that one reading of all lines comes
# to. Storms in waves days apart, on lists that are never quiet, in threads that
# are old, without a subject to tell a thread, by their recipients alone; and what
# is none must not become one when all that it was held against is gone. Lists are
# closed, or go on, long after their storm.
set -euo pipefail
. "$TOP_SRCDIR/tests/run.sh"

make_configuration conf 'storm { min_recipients = 6 min_replies = 10 min_posters = 3 min_pairs = 1000000 }' \
	'store { checkpoint = 10ms }'
configuration=conf

# Minutes after 1 October, list, mailboxes (0: it is refused), subject (-: none is logged).
plan() {
	awk '
function posts(day, minute, list, subject, count, every, i) {
	for (i = 0; i < count; i++)
		printf "%d %s %d %s\n", day * 1440 + minute + i * every, list, list == "-" ? 60 : 8, subject
}
function refused(day, minute, list, count, every, i) {
	for (i = 0; i < count; i++)
		printf "%d %s 0 -\n", day * 1440 + minute + i * every, list
}
BEGIN {
	for (day = 0; day < 40; day++) {
		posts(day, 690, "norm@x", "-", 2, 400) # a lively hour, and one that is less than three times as lively
		posts(day, 540, "again@x", "-", 1, 0)
		posts(day, 300, "waves@x", "other", 2, 660)
		posts(day, 360, "old@x", "other", 2, 660)
	}
	posts(8, 900, "norm@x", "-", 8, 4)
	posts(15, 900, "norm@x", "-", 14, 4)
	posts(4, 600, "again@x", "-", 12, 3)
	posts(4, 680, "again@x", "-", 12, 3)
	posts(8, 600, "again@x", "-", 14, 3)
	posts(2, 480, "waves@x", "Test", 12, 3)
	posts(4, 720, "waves@x", "Test", 15, 3)
	posts(5, 480, "old@x", "Plans", 1, 0)
	posts(7, 480, "old@x", "Plans", 12, 3)
	posts(1, 480, "once@x", "Hello", 41, 3)
	posts(9, 600, "-", "Lunch", 1, 0)
	posts(9, 1200, "-", "Lunch", 1, 0)
	posts(10, 990, "-", "Lunch", 12, 5)
	for (i = split("closed@x reopened@x again-closed@x storms@x", lists, " "); i > 0; i--)
		posts(3, 600, lists[i], "Test", 15, 3)
	refused(6, 600, "closed@x", 4, 7)
	refused(37, 600, "closed@x", 2, 7)
	refused(3, 650, "reopened@x", 9, 7)
	posts(12, 600, "reopened@x", "Hello", 2, 60)
	refused(3, 650, "again-closed@x", 5, 7)
	posts(6, 600, "again-closed@x", "Hello", 2, 60)
	refused(38, 600, "again-closed@x", 2, 7)
	refused(5, 600, "storms@x", 3, 7)
	posts(9, 600, "storms@x", "Test", 16, 3)
	refused(11, 600, "storms@x", 2, 7)
}' | sort -n
}

# The lines of a plan on its standard input.
log() {
	awk '
function line(program, text) {
	print strftime("%Y-%m-%dT%H:%M:%S.000+00:00", 1475280000 + $1 * 60 + late, 1) " mx postfix/" program "[42]: " text
}
{
	if ($3 == 0) {
		line("smtpd", "NOQUEUE: reject: RCPT from pc[192.0.2.7]: 550 5.1.1 <" $2 ">: Recipient address rejected: User unknown" \
			" in virtual alias table; from=<p@x> to=<" $2 "> proto=ESMTP helo=<pc>")
		next
	}
	id = sprintf("%05X%06X", $1 % 100000, NR)
	sender = $4 == "Plans" && first++ == 0 ? "boss@x" : "p" NR % 7 "@x"
	late = 0
	line("smtpd", id ": client=pc[192.0.2.1]")
	if ($4 != "-")
		line("cleanup", id ": info: header Subject: " $4 " from pc[192.0.2.1]; from=<" sender "> to=<x@x> proto=ESMTP helo=<pc>")
	line("cleanup", id ": message-id=<q" NR "@x>")
	line("qmgr", id ": from=<" sender ">, size=1000, nrcpt=" $3 " (queue active)")
	late = 1
	for (i = 0; i < $3; i++)
		line("lmtp", id ": to=<m" i (sender == "boss@x" ? "b" : "") "@x>, " ($2 == "-" ? "" : "orig_to=<" $2 ">, ") \
			"relay=mx[private/lmtp], delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Saved)")
	line("qmgr", id ": removed")
}'
}

# What a list that tells no thread has, which is never quiet for a day: a post every 170 minutes, and four storms.
busy() {
	awk '
function posts(minute, count, every, i) {
	for (i = 0; i < count; i++)
		print minute + i * every, "busy@x", 8, "-"
}
BEGIN {
	posts(0, 40 * 1440 / 170, 170)
	posts(5 * 1440 + 601, 14, 3)
	posts(6 * 1440 + 481, 13, 4)
	posts(9 * 1440 + 611, 15, 3)
	posts(38 * 1440 + 601, 16, 3)
}' | sort -n
}

# What is told of incidents and their posts. (Of a thread, nothing is told anew of posts that have left memory.)
told() {
	dump "$1" sources as-of
	grep -E '^(incidents|timeline|amplification|minutes|posts|posters|affected|domains|ledger)	' "$1.dump" |
		sed 's/	thread_id=[^	]*//' | sort >"$1.told"
	[ -s "$1.told" ] || fail "$1: nothing is told"
}

plan | log >all.log
take_in whole.db all.log
expect "incidents" "\
again-closed@x 15 8
again@x 25 8
again@x 15 8
closed@x 15 8
old@x 13 16
once@x 41 8
recipient-set 14 60
reopened@x 15 8
storms@x 15 8
storms@x 16 8
waves@x 27 8" "$(query whole.db "SELECT substr(list || ' <', 1, instr(list || ' <', ' <') - 1), posts, mailboxes
	FROM incidents ORDER BY list, opened_at" | tr '|' ' ')"

expect "when lists were closed, and how many posts were refused then" "\
again-closed@x 2016-11-08 2
closed@x 2016-10-07 6
reopened@x - 0
storms@x - 0
storms@x 2016-10-12 2" "$(query whole.db "SELECT list, ifnull(substr(list_closed_at, 1, 10), '-'), rejected_posts FROM incidents
	WHERE list GLOB '*closed@x' OR list IN ('reopened@x', 'storms@x') ORDER BY list, opened_at" | tr '|' ' ')"

# An incident of such a list, whose thread does not end, is over after a month: 14 posts of its storm, 13 of its next morning,
# and of others one in both, 7 between, and 8 in the day after them. Then what came since is judged anew, and so on.
busy | log >busy.log
sed '/^2016-11-06/,$ d' busy.log >busy-1.log
sed -n '/^2016-11-06/,$ p' busy.log >busy-2.log
for part in 1 2; do
	take_in busy.db busy-$part.log
	query busy.db "SELECT substr(opened_at, 6, 11), substr(last_post_at, 6, 11), posts, mailboxes, deliveries,
		(SELECT sum(deliveries) FROM minutes WHERE incident_id = i.id), state FROM incidents AS i ORDER BY opened_at"
done >busy
diff - busy >busy.differs <<'EOT' || { fail "a list that is never quiet" && cat busy.differs; }
10-06T10:00|10-08T07:39|44|8|352|352|closed
10-10T10:10|11-05T21:19|240|8|1920|1920|open
10-06T10:00|10-08T07:39|44|8|352|352|closed
10-10T10:10|10-11T09:19|24|8|192|192|closed
11-08T10:00|11-09T21:39|29|8|232|232|open
EOT

### Twelve hours at a time, then four days; once in the midst of what a storm was a month before.
: >fed.log
"$mailstormd" -c conf --rules "$rules" --db fed.db --follow fed.log 2>fed.said &
daemon=$!
trap 'kill -KILL "$daemon" 2>/dev/null || :' EXIT
caught_up() {
	[ "$(query fed.db 'SELECT next_offset FROM source')" = "$(stat -c %s fed.log)" ]
}
awk '{
	hour = (substr($1, 6, 2) - 10) * 31 * 24 + (substr($1, 9, 2) - 1) * 24 + substr($1, 12, 2)
	part = hour < 11 * 24 ? int(hour / 12) : 100 + int((hour + 14) / 96) # one ends at 10:00 on day 31
	if (NR == 1 || part != last) {
		if (file)
			close(file)
		file = sprintf("part.%04d", ++parts)
	}
	last = part
	print >file
}' all.log
for part in part.*; do
	cat "$part" >>fed.log
	await "$part" caught_up
done
kill -TERM "$daemon"
wait "$daemon" || fail "the daemon's status: $?"
trap - EXIT
told whole.db
told fed.db
diff whole.db.told fed.db.told >differs || { fail "a daemon comes to something else"; lines 12 <differs; }
finish
