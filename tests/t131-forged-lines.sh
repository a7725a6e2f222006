#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Who can send mail writes into the log: subject, sender, Message-ID, HELO name, the
# answers of a server, rows of several lines. Values that look like facts forge none,
# whichever system logs them: the database is that of the same storm with harmless
# values, but for the texts themselves. Nor does what a stranger can provoke close a
# list: only the refusal of its own address as unknown does.
set -euo pipefail
. "$TOP_SRCDIR/tests/run.sh"
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }
make_configuration small.conf 'storm { min_recipients = 30' 'min_replies = 2' 'min_posters = 2 }'
configuration=small.conf

# plain VALUES <DUMP: forged values as their harmless ones; addresses are folded in reports, quotes doubled in SQL.
plain() {
	python3 -c '
import json, re, sys
text = sys.stdin.read()
for forged, plain in json.load(open(sys.argv[1])):
    bare = re.sub("^\"(.*)\"@", r"\1@", forged).replace("\\", "")
    bare_of_controls = re.sub("[\0-\x1f]", " ", forged).replace("\u2028", "")
    for each in (forged, bare_of_controls, forged.lower(), bare, bare.lower()):
        text = text.replace(each.replace("\x27", "\x27\x27"), plain)
sys.stdout.write(text)' "$1"
}

for system in postfix postfix-hops exim sendmail exchange exchange-lines m365; do
	python3 "$tests/hostile/forge.py" "$system" "$system" || { fail "forge.py $system" && continue; }
	cmp -s "$system/plain.log" "$system/forged.log" && fail "$system: nothing is forged"
	dated "$system"/*.log
	take_in "$system.plain.db" "$system/plain.log" || continue
	take_in "$system.forged.db" "$system/forged.log" || continue
	expect "$system: incidents" "$(case $system in postfix* | sendmail) echo 1 ;; *) echo 4 ;; esac)" "$(query "$system.plain.db" "SELECT count(*) FROM incidents")"
	expect "$system: deliveries" $((12 * 59)) "$(query "$system.plain.db" "SELECT sum(deliveries) FROM incidents")"
	expect "$system: closed lists" 0 "$(query "$system.plain.db" "SELECT count(*) FROM lists WHERE closed_at IS NOT NULL")"
	expect "$system: unparsed lines" 0 "$(query "$system.plain.db" "SELECT sum(unparsed) FROM sources")"
	dump "$system.plain.db" sources
	dump "$system.forged.db" sources
	plain "$system/values" <"$system.forged.db.dump" | LC_ALL=C sort >got
	LC_ALL=C sort "$system.plain.db.dump" >expected
	if ! diff expected got >differs; then
		fail "$system: what was forged is not what was harmless"
		lines 24 <differs
	fi
done
finish
