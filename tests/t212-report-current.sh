#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# "mailstorm affected" and "mailstorm queued" in the middle of a storm: they tell
# what the last checkpoint knew, also where the rows of the views are old; for
# one mailbox what became of each post, too. A state that they cannot read is
# said, and the view told instead.
set -euo pipefail
. "$(dirname "$0")/report.sh"

stormgen=${TOP_BUILDDIR:-$here/..}/contrib/stormgen/stormgen
mailstormd=${TOP_BUILDDIR:-$here/..}/mailstormd
[ -x "$stormgen" ] && [ -x "$mailstormd" ] || { echo "skipped: stormgen or mailstormd is not built" && exit 77; }
cd "$work"

# run NAME OPTION...: a storm's database
run() {
	"$stormgen" --seed 3 --members 1200 --posts 20 --posters 10 --deferred 8 --bounced 1 --expired 1 --envelope iso "${@:2}" \
		--output log 2>err || { cat err; fail "stormgen: $?"; }
	printf 'mailbox {\n\tlocal_domains = { "north.example.org" }\n}\n' >conf
	mkdir rules && cp "$here/../parsers/postfix.rules" rules
	"$mailstormd" -c conf --rules rules --db "$1.db" --file log 2>err || { cat err; fail "mailstormd: $?"; }
	rm -r log rules
}
rows() { "$mailstorm" --db "$1" affected 1 --format csv "${@:2}" | tr -d '\r' | sed 1d | sort; }
view() { sqlite3 -csv "$1" "SELECT * FROM affected WHERE incident_id = 1" | tr -d '\r' | sort; }

run middle --until 80m
run cross --shape alias --hosts 2 --hops 2 --external 10
run after --shape recipient-set
for name in middle cross after; do
	rows $name.db >rows
	view $name.db >view
	diff -u view rows || fail "$name: other than the view"
	[ "$(wc -l <rows)" -gt 1000 ] || fail "$name: $(wc -l <rows) rows"

	# The rows are old: half of them gone, the others wrong. Nothing changes.
	sqlite3 $name.db "DELETE FROM incident_affected WHERE mailbox % 2; UPDATE incident_affected SET copies = 1000"
	rows $name.db | diff -u view - || fail "$name: takes the old rows"

	# One mailbox is one of these rows, and its posts are as many as it says.
	for mailbox in $(sed -n '2p;300p;700p;$p' view | cut -d, -f 2); do
		rows $name.db --mailbox "$mailbox" | diff -u <(grep -F ",$mailbox," view) - ||
			fail "$name: $mailbox"
		"$mailstorm" --db $name.db affected 1 --mailbox "$mailbox" --format json >json
		sqlite3 :memory: "SELECT count(*) FROM
			(SELECT json_extract(CAST(readfile('json') AS TEXT), '\$.affected') AS row, sum(outcome GLOB 'delivered' OR outcome GLOB 'handed*') AS got,
				sum(outcome IN ('bounced', 'expired')) AS failed
			FROM (SELECT json_extract(value, '\$.outcome') AS outcome
				FROM json_each(CAST(readfile('json') AS TEXT), '\$.posts')))
			WHERE json_extract(row, '\$.copies') = got AND json_extract(row, '\$.failed') = failed" | grep -qx 1 ||
			{ cat json && fail "$name: $mailbox: its posts are not as many as its row says"; }
	done
done

# Queue files likewise, as long as there are some.
queued() { "$mailstorm" --db "$1" queued 1 --format csv | tr -d '\r' | sed 1d; }
queued_view() { sqlite3 -csv "$1" "SELECT * FROM queued WHERE incident_id = 1 ORDER BY host, instance, oldest_at, queue_id"; }
queued_view middle.db | tr -d '\r' >view
[ -s view ] || fail "nothing is queued in the middle of the storm"
queued middle.db | diff -u view - || fail "queued: other than the view"
host=$(cut -d, -f 2 view | sort | uniq -c | sort -n | tail -1 | sed 's/.* //')
"$mailstorm" --db middle.db queued 1 --ids --host "$host" | sort |
	diff -u <(grep -F "1,$host," view | cut -d, -f 4 | sort -u) - || fail "queued --ids: other than the view"
sqlite3 middle.db "DELETE FROM incident_queued WHERE rowid % 2; UPDATE incident_queued SET queue_id = 'OLD' || rowid"
queued middle.db | diff -u view - || fail "queued: takes the old rows"
queued after.db | diff -u /dev/null - || fail "queued: something is queued after the storm"

# Pending ones are told.
pending=$(sqlite3 middle.db "SELECT pending FROM incidents")
[ "$pending" -gt 0 ] || fail "nothing is pending in the middle of the storm"
waiting=0
for mailbox in $(rows middle.db | sort -t, -k 3n | cut -d, -f 2 | sed 100q); do
	COLUMNS=200 "$mailstorm" --db middle.db affected 1 --mailbox "$mailbox" >text
	grep -q 'still queued for it' text && waiting=1 && break
done
[ $waiting = 1 ] || fail "no mailbox of those with the fewest copies waits for anything"

# A state of another version: the view.
cp middle.db broken.db
sqlite3 broken.db "UPDATE state_object SET data = x'ffffff' WHERE kind = 3"
queued broken.db 2>err | diff -u <(queued_view broken.db | tr -d '\r') - || fail "queued: a broken state: not the view"
grep -q "^mailstorm: queued: the database is of another version's mailstormd, or damaged" err ||
	fail "queued: a broken state: not said: $(cat err)"
for broken in "UPDATE state_object SET data = x'ffffff' WHERE kind = 4" "UPDATE state_set SET data = x'00'" \
	"DELETE FROM state_object WHERE kind = 6" "UPDATE state_set SET bucket = 99"; do
	cp after.db broken.db
	sqlite3 broken.db "$broken"
	rows broken.db 2>err >rows || fail "$broken: $?"
	view broken.db | diff -u - rows || fail "$broken: not the view"
	grep -q "^mailstorm: affected: the database is of another version's mailstormd, or damaged" err ||
		fail "$broken: not said: $(cat err)"
done
finish
