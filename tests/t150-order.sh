#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Order does not matter: the same lines, read in another order or told again,
# give the same database, byte for byte of its dump. In the orders, lines of one
# host stay within the join window of each other, as design and manual ask;
# lines told again may change what counts log lines, and nothing else.
set -euo pipefail
. "$TOP_SRCDIR/tests/run.sh"

command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }
storm="--members 300 --posts 18 --posters 8 --duration 70m --min-recipients 200 --min-pairs 3000 --deferred 5 --bounced 1
	--expired 1 --external 10 --auto-replies 3 --background 0.5 --lifetime 2h --warmup 10m --tail 20m"

# reorder HOW SEED <LOG >OTHER: lines of the storm, written at another time than their own.
reorder() {
	python3 -c '
import calendar, random, sys, time
how, chance = sys.argv[1], random.Random(int(sys.argv[2]))
lines = sys.stdin.buffer.readlines()
def at(line):
    return calendar.timegm(time.strptime("2016 " + line[:15].decode(), "%Y %b %d %H:%M:%S"))
def hosts(line):
    return line.split()[3]
if how == "shuffled":
    keys = [at(line) + chance.uniform(0, 60) for line in lines]
elif how == "backwards":
    keys = [(at(line) // 60, -number) for number, line in enumerate(lines)]
elif how == "behind":
    slow = sorted({hosts(line) for line in lines})[int(sys.argv[3])]
    keys = [at(line) + (3600 if hosts(line) == slow else 0) for line in lines]
elif how == "idlast":
    keys = [at(line) + (240 if b"message-id=" in line else 0) for line in lines]
elif how == "clock":
    # Ten lines in a row of one host and one second, an eleventh before them.
    first = {}
    for number, line in enumerate(lines):
        first.setdefault((hosts(line), line[:15]), []).append(number)
    runs = [numbers for numbers in first.values() if len(numbers) > 10]
    for number in chance.choice(runs)[1:11]:
        lines[number] = b"2038-01-19T03:14:07+00:00" + lines[number][15:]
    keys = list(range(len(lines)))
elif how == "byhost":
    keys = [hosts(line) for line in lines]
elif how == "lasthostfirst":
    names = sorted({hosts(line) for line in lines}, reverse=True)
    keys = [names.index(hosts(line)) for line in lines]
elif how == "again":
    lines = [line for line in lines for _ in range(chance.randint(1, 3))]
    keys = [at(line) + chance.uniform(0, 60) for line in lines]
order = sorted(range(len(lines)), key=lambda number: (keys[number], number))
sys.stdout.buffer.writelines(lines[number] for number in order)
' "$@"
}

# same ORDER WITHOUT FILE...: the files, read into ORDER.db, say the same as the storm in order.
same() {
	local what=$1 without=$2

	shift 2
	dated "$@"
	take_in "$what.db" "$@" || return 0
	# shellcheck disable=SC2086
	equal ordered.db "$what.db" $without || echo "  ... $what, of a storm with $options"
}

# orders OPTION...: every order of one storm, in a folder of its own.
orders() {
	options=$*
	# shellcheck disable=SC2086
	make_storm ordered $storm "$@" || return 0
	make_configuration conf 'storm {' 'min_recipients = 200' 'min_pairs = 3000' '}'
	take_in ordered.db ordered.log
	expect "incidents" 1 "$(query ordered.db "SELECT count(*) FROM incidents")"
	for host in $(awk '{ print $4 }' ordered.log | sort -u); do
		awk -v host="$host" '$4 == host' ordered.log >"$host.host"
	done
	reorder shuffled 1 <ordered.log >shuffled.log
	reorder shuffled 2 <ordered.log >shuffled2.log
	reorder backwards 1 <ordered.log >backwards.log
	reorder again 3 <ordered.log >again.log
	reorder idlast 1 <ordered.log >idlast.log
	reorder clock "$number" <ordered.log >clock.log
	reorder behind 1 0 <ordered.log >behind0.log
	reorder behind 1 1 <ordered.log >behind1.log
	reorder byhost 1 <ordered.log >byhost.log
	reorder lasthostfirst 1 <ordered.log >lasthostfirst.log
	for order in shuffled shuffled2 backwards idlast behind0 behind1 byhost lasthostfirst; do
		same "$order" sources "$order.log"
	done
	same merged sources ./*.host
	# shellcheck disable=SC2012
	same merged-backwards sources $(ls -r ./*.host)
	same again "sources lines" again.log
	same clock "sources lines" clock.log
	expect "lines whose time cannot be true" "10 10" "$(grep -c ^2038 clock.log) $(query clock.db \
		"SELECT sum(late) FROM coverage WHERE incident_id IS NULL")"
	cp ordered.log copy.log
	same twice "sources lines" ordered.log copy.log
	same mixed "sources lines" ordered.log shuffled.log
	take_in once-more.db ordered.log
	same once-more "sources lines" ordered.log
	# One host's file after the other, each read by a run of its own; the second hop first.
	for host in $(ls -r ./*.host); do
		dated "$host"
		take_in apart.db "$host"
	done
	equal ordered.db apart.db "sources" || echo "  ... apart, of a storm with $options"
}

# Two at once.
number=0
while read -r options; do
	number=$((number + 1))
	mkdir "storm$number"
	# shellcheck disable=SC2086
	(cd "storm$number" && configuration=conf && orders $options) >"storm$number.out" 2>&1 ||
		echo "FAILED: the test itself" >>"storm$number.out" &
	[ "$(jobs -rp | wc -l)" -lt 2 ] || wait -n || :
done <<-END
	--hops 2 --shape alias --close-after 15
	--hops 3 --queue-ids short --close-after 15
	--hops 2 --shape mailman --close-after 15
	--hops 2 --shape verp
	--hops 2 --shape recipient-set
END
wait
for out in storm*.out; do
	if [ -s "$out" ]; then
		fail "$out"
		cat "$out"
	fi
done
expect "storms" 5 "$number"
finish
