#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Queue files that stay long: most of their recipients ended, some wait for a
# retry. What ended is let go of one by one, so lines told again half an hour
# later meet files that no longer hold the recipient; they may change nothing
# but what counts lines. The same after a stop in the middle.
set -euo pipefail
. "$TOP_SRCDIR/tests/run.sh"

command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }

# again <LOG >OTHER: each line, and once more when the log is 25 minutes further on.
again() {
	python3 -c '
import calendar, sys, time
lines = sys.stdin.buffer.readlines()
at = [calendar.timegm(time.strptime("2016 " + line[:15].decode(), "%Y %b %d %H:%M:%S")) for line in lines]
order = sorted([(at[i], 0, i) for i in range(len(lines))] + [(at[i] + 1500, 1, i) for i in range(len(lines))])
sys.stdout.buffer.writelines(lines[i] for _, _, i in order)
'
}

make_configuration conf 'storm {' 'min_recipients = 200' 'min_pairs = 3000' '}'
configuration=conf
while read -r name options; do
	# shellcheck disable=SC2086
	make_storm "$name" --members 400 --posts 12 --posters 8 --duration 50m --min-recipients 200 --min-pairs 3000 \
		--deferred 25 --bounced 2 --expired 2 --lifetime 3h --warmup 10m --tail 20m --background 0.5 $options
	again <"$name.log" >"$name-again.log"
	dated "$name-again.log"
	take_in "$name.db" "$name.log"
	true_to "$name.db" "$name.truth" || echo "  ... $name"
	take_in "$name-again.db" "$name-again.log"
	equal "$name.db" "$name-again.db" sources lines || echo "  ... $name"
	# In two halves, the second read by a process that has the files from the database.
	total=$(wc -l <"$name-again.log")
	head -n $((total / 2)) "$name-again.log" >half.log
	tail -n +$((total / 2 + 1)) "$name-again.log" >rest.log
	dated half.log rest.log
	take_in "$name-halves.db" half.log
	take_in "$name-halves.db" rest.log
	equal "$name.db" "$name-halves.db" sources lines || echo "  ... $name, in halves"
	rm -f "$name"*.db*
done <<-END
	virtual --shape virtual --hops 1
	two-hops --shape virtual --hops 2 --external 10
	alias --shape alias --hops 2 --owner-alias
	mailman --shape mailman --hops 2
	recipient-set --shape recipient-set --hops 2
	two-lists --shape virtual --hops 2 --second-list zz-staff@example.org
	lost --shape virtual --hops 2 --lost 3
END
finish
