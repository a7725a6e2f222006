#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# mailstorm(1) on databases made by hand: every command in every format, at 80
# and 200 columns, compared with references; hostile texts reach neither the
# terminal nor a spreadsheet's formulas; JSON is JSON and has the views' columns.
set -euo pipefail
. "$(dirname "$0")/report.sh"

make_database "$work/storm.db" "$data/storm.sql"
touch -d 2016-11-15T09:00:00Z "$work/storm.db"
make_database "$work/daylight.db" "$data/daylight.sql"
touch -d 2016-10-30T09:00:00Z "$work/daylight.db"
make_database "$work/empty.db" <(echo "PRAGMA application_id = 1297306706; PRAGMA user_version = 1;")
storm() { "$mailstorm" --db "$work/storm.db" "$@"; }
empty() { "$mailstorm" --db "$work/empty.db" "$@"; }
berlin() { "$mailstorm" --db "$work/daylight.db" --tz Europe/Berlin "$@"; }

# ends STATUS COMMAND...: hands its output on, and ends so.
ends() {
	local status=0
	"${@:2}" || status=$?
	[ "$status" = "$1" ] || fail "${*:2}: status $status, not $1"
}
touch -d 2016-11-15T09:00:00Z "$work/empty.db"

for columns in 80 200; do
	export COLUMNS=$columns
	storm incidents | same "incidents-$columns.txt"
	storm show 1 | same "show-1-$columns.txt"
	storm show 2 | same "show-2-$columns.txt"
	storm timeline 1 | same "timeline-1-$columns.txt"
	storm timeline 2 | same "timeline-2-$columns.txt"
	for id in 1 2; do
		storm posts $id | same "posts-$id-$columns.txt"
		storm affected $id | same "affected-$id-$columns.txt"
		storm queued $id | same "queued-$id-$columns.txt"
		storm ledger $id | same "ledger-$id-$columns.txt"
	done
	storm affected 1 --mailbox pat@trust.example | same "mailbox-$columns.txt"
	storm lists | same "lists-$columns.txt"
	storm hours | same "hours-$columns.txt"
	ends 4 storm status | same "status-$columns.txt"
done
export COLUMNS=80
storm show 3 | same show-3-80.txt
storm timeline 3 | same timeline-3-80.txt
empty incidents | same empty-80.txt
for command in lists hours status; do
	empty $command | same "empty-$command.txt"
	empty $command --format json | same "empty-$command.json"
	empty $command --format csv | same "empty-$command.csv"
done
LC_ALL=C storm incidents | same incidents-ascii.txt
LC_ALL=C storm timeline 1 | same timeline-1-ascii.txt
COLUMNS=1 storm incidents | same incidents-40.txt

storm --format json incidents | same incidents.json
storm --format json show 2 | same show-2.json
storm --format json timeline 2 | same timeline-2.json
storm --format csv incidents | same incidents.csv
storm show --format=csv 2 | same show-2.csv
storm timeline 1 --format csv | same timeline-1.csv
empty --format json incidents | same empty.json
empty --format csv incidents | same empty.csv

for command in "posts 2" "affected 1" "queued 2" "ledger 2" lists hours "hours --host mx1" "affected 1 --mailbox gone@trust.example" \
	"affected 1 --mailbox nobody@trust.example" "posts 2 --message-ids" "queued 2 --ids --host mx3"; do
	name=$(echo "$command" | tr -s ' @.-' '----')
	for format in json csv; do
		# shellcheck disable=SC2086
		storm $command --format $format | same "$name.$format"
	done
done
ends 4 storm status --format json | same status.json
ends 4 storm status --format csv | same status.csv

# For other programs: one a line, and only what they may take.
storm posts 1 --message-ids | same message-ids-1.txt
storm posts 2 --message-ids 2>"$work/err" | same message-ids-2.txt
[ "$(cat "$work/err")" = \
	"mailstorm: posts: 1 of incident 2 that may be in mailboxes has no Message-ID in the logs" ] ||
	fail "message-ids: $(cat "$work/err")"
storm queued 2 --ids --host mx3 | same queue-ids-mx3.txt
storm queued 2 --ids --host mx9 | same nothing.txt
storm queued 1 --ids | same nothing.txt
storm queued 2 --host mx9 | same queued-mx9.txt
fails_with 1 "mailstorm: queued: --ids: several hosts have some of it queued, and a queue ID means something on its own \
host only: choose one with --host (see mailstorm queued 2)" storm queued 2 --ids

# The help desk's question, however the address is written; of one that is unknown too.
for mailbox in pat@trust.example Pat@Trust.Example PAT@TRUST.EXAMPLE; do
	storm affected 1 --mailbox $mailbox | same mailbox-80.txt
done
storm affected 1 --mailbox gone@trust.example | same mailbox-failed.txt
storm affected 2 --mailbox pat@trust.example | same mailbox-other.txt
storm affected 1 --mailbox $'\e[2J@x.example' | same mailbox-hostile.txt

# Local time across the change of the clock: the hour that came twice is told apart, in every format.
berlin incidents | same berlin-incidents.txt
berlin show 1 | same berlin-show.txt
berlin timeline 1 | same berlin-timeline.txt
berlin posts 1 | same berlin-posts.txt
berlin hours | same berlin-hours.txt
berlin status | same berlin-status.txt
berlin affected 1 | same berlin-affected.txt
for command in incidents "timeline 1" "posts 1" hours status "affected 1"; do
	for format in json csv; do
		# shellcheck disable=SC2086
		berlin $command --format $format | same "berlin-${command%% *}.$format"
	done
done
"$mailstorm" --db "$work/daylight.db" posts 1 | same berlin-posts-utc.txt
TZ=Europe/Berlin "$mailstorm" --db "$work/daylight.db" --tz local posts 1 | same berlin-posts.txt
"$mailstorm" --db "$work/daylight.db" --tz UTC posts 1 | sed -n 2p | grep -q ' UTC ' || fail "--tz UTC does not say so"

# Bounds: whole days of the zone, the hour that came twice, and what is before the newest event.
times() { berlin "$@" --format csv | sed 1d | cut -d, -f 10; }
times posts 1 --since 2016-10-30T02:59 --until 2016-10-30T02:00 | same bounds-twice.txt
times posts 1 --since 2016-10-30T02:00+01:00 --until 2016-10-30T02:05+01:00 | same bounds-offset.txt
times posts 1 --since 84m | same bounds-duration.txt
times posts 1 --since 2016-10-31 | same nothing.txt
berlin hours --since 2016-10-30 --until 2016-10-30 | same bounds-day.txt
berlin hours --since 2016-10-30T02:30+02:00 --until 2016-10-30T02:30+01:00 | same bounds-hours.txt
berlin incidents --until 2016-10-29 | same bounds-before.txt
berlin incidents --since 2016-10-30T02:41 --until 2016-10-30 | wc -l | grep -qx 2 || fail "incidents: its last minute"
berlin timeline 1 --since 2016-10-30T02:00+01:00 --until 2016-10-30T02:05+01:00 | same bounds-timeline.txt

# A monitor's exit status: a storm before silence, silence only where it is asked for.
empty status >/dev/null || fail "status: empty: $?"
ends 5 empty status --max-silence 1d >"$work/out"
grep -q 'does mailstormd run?' "$work/out" || fail "status: says nothing of a daemon that does not write"
COLUMNS=200 ends 4 storm status --max-silence 1h >"$work/out"
grep -q 'Host mx1 is silent for 14h06m' "$work/out" || fail "status: mx1 is not silent"
touch "$work/daylight.db"
berlin status --max-silence 1h >/dev/null || fail "status: one host is not silent: $?"

# Nothing that steers a terminal comes out: no controls but newline (in CSV also CR before it, and TAB), no marks that
# change the direction of text, no bytes that are no UTF-8. An ASCII terminal gets ASCII.
hostile=("incidents" "show 2" "timeline 2" "posts 2" "posts 2 --message-ids" "affected 1" "queued 2" "ledger 2" "lists"
	"hours" "status" "status --max-silence 1s")
for arguments in "${hostile[@]}" "${hostile[@]/#/--format json }" "${hostile[@]/#/--format csv }"; do
	# shellcheck disable=SC2086
	{ storm $arguments 2>/dev/null || [ $? = 4 ]; } | sed 's/\r$//' >"$work/out"
	! LC_ALL=C.UTF-8 grep -nP '[\x00-\x08\x0b-\x1f\x7f-\x{9f}\x{200b}\x{200e}\x{200f}\x{202a}-\x{202e}]' "$work/out" ||
		fail "$arguments: prints what steers a terminal"
	iconv -f UTF-8 -t UTF-8 "$work/out" >/dev/null || fail "$arguments: is no UTF-8"
	# shellcheck disable=SC2086
	! LC_ALL=C storm ${arguments//--format*/incidents} 2>/dev/null | LC_ALL=C grep -nP '[^\n\x20-\x7e]' ||
		fail "$arguments: not ASCII"
done

# JSON holds what the database holds, column by column.
is_json() { sqlite3 "$work/storm.db" "SELECT json_valid(CAST(readfile('$work/out') AS TEXT))"; }
for id in 1 2 3; do
	storm show $id --format json >"$work/out"
	[ "$(is_json)" = 1 ] || fail "show $id: is no JSON"
	sqlite3 "$work/storm.db" "SELECT count(*) FROM incidents AS i, json_each(CAST(readfile('$work/out') AS TEXT)) AS j
		WHERE i.id = $id AND j.key = 'incident' AND json_extract(j.value, '\$.subject') IS i.subject
		AND json_extract(j.value, '\$.root_message_id') IS i.root_message_id" | grep -qx 1 ||
		fail "show $id: JSON says other than the view"
	storm timeline $id --format json >"$work/out"
	[ "$(is_json)" = 1 ] || fail "timeline $id: is no JSON"
done
for command in "posts 2" "affected 1" "queued 2" "ledger 2" lists hours incidents; do
	# shellcheck disable=SC2086
	storm $command --format json >"$work/out"
	[ "$(is_json)" = 1 ] || fail "$command: is no JSON"
	got=$(sqlite3 "$work/storm.db" "SELECT group_concat(key) FROM json_each(CAST(readfile('$work/out') AS TEXT), '\$[0]')")
	expected=$(sqlite3 "$work/storm.db" "SELECT group_concat(name) FROM pragma_table_info('${command%% *}')")
	[ "$got" = "$expected" ] || fail "$command: JSON has $got, the view $expected"
	# shellcheck disable=SC2086
	got=$(storm $command --format csv | sed -n '1s/\r$//p')
	[ "$got" = "$expected" ] || fail "$command: CSV has $got, the view $expected"
done
{ storm status --format json || true; } >"$work/out"
[ "$(is_json)" = 1 ] || fail "status: is no JSON"
storm show 1 --format json >"$work/out"
for member in incident:incidents timeline amplification minutes posters domains ledger coverage; do
	got=$(sqlite3 "$work/storm.db" "SELECT group_concat(key) FROM json_each(CAST(readfile('$work/out') AS TEXT),
		'\$.${member%:*}$([ "$member" = incident:incidents ] || echo '[0]')')")
	expected=$(sqlite3 "$work/storm.db" "SELECT group_concat(name) FROM pragma_table_info('${member#*:}')")
	[ "$got" = "$expected" ] || fail "show: JSON's $member has $got, the view $expected"
done
finish
