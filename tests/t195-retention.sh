#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Retention: what is older than the settings say goes, by the time of the log, and
# nothing else: every figure of an incident stays when its mailboxes go. What is
# gone is searched for in the bytes of the files, which must shrink. A kill at any
# moment changes nothing.
set -euo pipefail
. "$TOP_SRCDIR/tests/run.sh"
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }

make_configuration conf 'storm { min_recipients = 300 min_pairs = 4000 }' 'store { checkpoint = 10ms }'
configuration=conf
# A jump of the clock by more than a day is believed after a hundred lines.
# later DAY: makes DAY.log
later() {
	seq 0 139 | awk -v day="$1" '{
		printf "%sT08:%02d:%02d+00:00 lists1 postfix/smtpd[1]: connect from mx.example.org[192.0.2.1]\n", day, $1 / 60, $1 % 60
	}' >"$1.log"
}
# figures DATABASE: all that must stay when mailboxes go.
figures() {
	local view

	for view in timeline amplification posts posters domains minutes hours ledger lists threads; do
		echo "$view"
		query "$1" "SELECT * FROM $view ORDER BY 1, 2, 3"
	done
	query "$1" "SELECT * FROM coverage WHERE incident_id IS NOT NULL"
	query "$1" "SELECT * FROM incidents" | sed "s/|$2|[^|]*$//"
}
# as_of DATABASE
as_of() { query "$1" "SELECT as_of_at FROM incidents"; }
size() { stat -c %s "$1"; }
# gone WORDS-FILE DATABASE: none of them is in the bytes of its files.
gone() {
	[ "$(wc -l <"$1")" -gt 5 ] || fail "$1: too few words to search for"
	python3 "$tests/privacy.py" search "$1" "$2" "$2-wal" >found
	[ ! -s found ] || { fail "$2: what is gone is in the bytes"; lines 5 <found; }
}

make_storm storm --members 3000 --posts 20 --posters 8 --duration 70m --min-recipients 300 --min-pairs 4000 --hops 2 \
	--deferred 5 --bounced 1 --external 10 --auto-replies 3 --background 0.5 --lifetime 6h
sed -i '1i 2016-11-14T08:28:59+00:00 lists1 postfix/smtpd[1]: nobody knows sample7@example.org' storm.log
dated storm.log
for day in 2016-11-15 2016-11-20 2016-11-23 2016-12-13 2016-12-16 2018-11-12 2018-11-16; do
	later $day
done
take_in full.db storm.log 2016-11-15.log
expect "state" closed "$(query full.db "SELECT state FROM incidents")"
figures full.db "$(as_of full.db)" >figures
query full.db "SELECT * FROM affected" >affected
# Posters stay with their posts. What stands before the @, which the tables have by itself; not what is in a name that stays.
query full.db "SELECT sender FROM posts UNION SELECT login || ' ' FROM posts" | sed 's/[@ ].*//' | sort -u >posters
query full.db "SELECT mailbox FROM affected UNION $addresses
	EXCEPT SELECT sender FROM posts EXCEPT SELECT list FROM lists" | sed 's/@.*//' | sort -u >mailboxes
query full.db "SELECT list FROM lists" | cat posters - | awk 'NR == FNR { stays = stays " " $0; next } !index(stays, $0)' - mailboxes >words
[ "$(wc -l <words)" -gt 1000 ] || fail "too few mailboxes to search for: $(wc -l <words)"
# stays DATABASE: all figures as they were.
stays() {
	figures "$1" "$(as_of "$1")" | diff figures - >differs || { fail "$1: figures changed"; lines 8 <differs; }
}

### Samples: a week.
take_in full.db 2016-11-20.log
expect "samples after six days" 1 "$(query full.db "SELECT count(*) FROM unparsed WHERE line LIKE '%sample7%'")"
take_in full.db 2016-11-23.log
expect "samples after nine days" 0 "$(query full.db "SELECT count(*) FROM unparsed")"
expect "lines without a rule" 1 "$(query full.db "SELECT sum(unparsed) FROM sources")"
python3 "$tests/privacy.py" search <(echo sample7) full.db full.db-wal >found
[ ! -s found ] || fail "the sample is in the bytes: $(cat found)"
stays full.db

### Mailboxes: thirty days from the end of the incident on.
take_in full.db 2016-12-13.log
query full.db "SELECT * FROM affected" | diff -q affected - >/dev/null || fail "mailboxes went too early"
cp full.db early.db
before=$(size full.db)
take_in full.db 2016-12-16.log
expect "mailboxes" 0 "$(query full.db "SELECT count(*) FROM affected")"
expect "addresses but the list's" 0 "$(query full.db "SELECT count(*) FROM ($addresses) WHERE address NOT IN (SELECT list FROM lists)")"
expect "domains that no address has" 0 "$(query full.db "SELECT count(*) FROM address_domain
	WHERE id NOT IN (SELECT domain FROM address_text WHERE domain IS NOT NULL)")"
expect "free pages" 0 "$(query full.db "PRAGMA freelist_count")"
[ $((before - $(size full.db))) -gt 100000 ] || fail "no space was given back: $before bytes, then $(size full.db)"
gone words full.db
stays full.db
"$mailstorm" --db full.db affected 1 >said
"$mailstorm" --db full.db affected 1 --mailbox "$(head -n 1 words)@example.org" >>said
expect "what is told" 2 "$(grep -c 'Which mailboxes it reached is no longer kept' said)"

### A kill in the midst of it changes nothing. The log is followed, so that a checkpoint is a transaction of its own.
for i in 1 2 3 4 5 6 7 8; do
	cp early.db killed.db
	rm -f killed.db-wal killed.db-shm
	for k in 1 2 3; do
		"$mailstormd" -c conf --rules "$rules" --db killed.db --follow 2016-12-16.log 2>/dev/null &
		daemon=$!
		sleep "0.$((i * k * 13 % 80 + 10))"
		kill -KILL $daemon
		wait $daemon 2>/dev/null || :
		expect "integrity" ok "$(sqlite3 killed.db 'PRAGMA integrity_check')"
	done
	"$mailstormd" -c conf --rules "$rules" --db killed.db --follow 2016-12-16.log --until-end 2>/dev/null || fail "after a kill"
	equal full.db killed.db sources lines
	gone words killed.db
done

### The rest: two years.
take_in full.db 2018-11-12.log
stays full.db
take_in full.db 2018-11-16.log
for view in incidents timeline amplification posts posters affected domains minutes hours threads lists ledger queued; do
	expect "$view after two years" 0 "$(query full.db "SELECT count(*) FROM $view")"
done
expect "coverage of incidents" 0 "$(query full.db "SELECT count(*) FROM coverage WHERE incident_id IS NOT NULL")"
gone posters full.db
gone words full.db

### What is set, holds.
make_configuration short.conf 'storm { min_recipients = 300 min_pairs = 4000 }' 'retention { mailboxes = 2d unparsed = 1h }'
configuration=short.conf take_in short.db storm.log 2016-11-15.log
expect "mailboxes after a day" "$(wc -l <affected)" "$(query short.db "SELECT count(*) FROM affected")"
expect "samples after a day" 0 "$(query short.db "SELECT count(*) FROM unparsed")"
configuration=short.conf take_in short.db 2016-11-20.log
expect "mailboxes after six days" 0 "$(query short.db "SELECT count(*) FROM affected")"
finish
