#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# mailstorm(1) on databases made by hand: every command in every format, at 80
# and 200 columns, compared with references; hostile texts reach neither the
# terminal nor a spreadsheet's formulas; JSON is JSON and has the views' columns.
set -euo pipefail
. "$(dirname "$0")/report.sh"

make_database "$work/storm.db" "$data/storm.sql"
make_database "$work/empty.db" <(echo "PRAGMA application_id = 1297306706; PRAGMA user_version = 1;")
storm() { "$mailstorm" --db "$work/storm.db" "$@"; }
empty() { "$mailstorm" --db "$work/empty.db" "$@"; }

for columns in 80 200; do
	export COLUMNS=$columns
	storm incidents | same "incidents-$columns.txt"
	storm show 1 | same "show-1-$columns.txt"
	storm show 2 | same "show-2-$columns.txt"
	storm timeline 1 | same "timeline-1-$columns.txt"
	storm timeline 2 | same "timeline-2-$columns.txt"
done
export COLUMNS=80
storm show 3 | same show-3-80.txt
storm timeline 3 | same timeline-3-80.txt
empty incidents | same empty-80.txt
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

# Nothing that steers a terminal comes out: no controls but newline (in CSV also CR before it, and TAB), no marks that
# change the direction of text, no bytes that are no UTF-8. An ASCII terminal gets ASCII.
for arguments in "incidents" "show 2" "timeline 2" "--format json incidents" "--format json show 2" \
	"--format csv incidents"; do
	# shellcheck disable=SC2086
	storm $arguments | sed 's/\r$//' >"$work/out"
	! LC_ALL=C.UTF-8 grep -nP '[\x00-\x08\x0b-\x1f\x7f-\x{9f}\x{200b}\x{200e}\x{200f}\x{202a}-\x{202e}]' "$work/out" ||
		fail "$arguments: prints what steers a terminal"
	iconv -f UTF-8 -t UTF-8 "$work/out" >/dev/null || fail "$arguments: is no UTF-8"
	# shellcheck disable=SC2086
	! LC_ALL=C storm ${arguments//--format*/incidents} | LC_ALL=C grep -nP '[^\n\x20-\x7e]' ||
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
storm show 1 --format json >"$work/out"
for member in incident:incidents timeline amplification minutes posters domains ledger coverage; do
	got=$(sqlite3 "$work/storm.db" "SELECT group_concat(key) FROM json_each(CAST(readfile('$work/out') AS TEXT),
		'\$.${member%:*}$([ "$member" = incident:incidents ] || echo '[0]')')")
	expected=$(sqlite3 "$work/storm.db" "SELECT group_concat(name) FROM pragma_table_info('${member#*:}')")
	[ "$got" = "$expected" ] || fail "show: JSON's $member has $got, the view $expected"
done
finish
