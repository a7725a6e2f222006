#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# crash.sh [KILLS [SEED]]: kills mailstormd with SIGKILL, KILLS times (20), at
# random points of replays of a storm from a real Kafka, and starts it again; the
# dump of each replay is that of an uninterrupted run, byte for byte, all of it.
# Half of the kills come after a random time, with the daemon live or not: at its
# start, while it loads, reads or writes. The other half come at a random call
# that it makes of its database's disk, most of these within a checkpoint.
# Between them come SIGTERMs, power cuts at such a call, which lose what no sync
# covered, and kills after which the database's log is lost: an older state, or a
# damaged file that is refused. The points come from SEED, which is printed.
#
# Makes its files in the current folder, which should be empty. TOP_BUILDDIR
# names the build (.). The full run is 1000 kills and takes some minutes.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export TOP_SRCDIR=${TOP_SRCDIR:-$(dirname "$here")} TOP_BUILDDIR=${TOP_BUILDDIR:-.}
. "$here/kafka.sh"

kills=${1:-20}
seed=${2:-$((SECONDS + $(date +%s) % 30000))}
RANDOM=$seed
faulty=$TOP_BUILDDIR/tests/faulty_mailstormd
slowly=(-X fetch.message.max.bytes=20000 -X queued.max.messages.kbytes=64)
most=12   # ends of one replay, then it is let go to its end
slowest=5 # seconds that a live run may take: then its time goes on by the wall clock
declare -A ends=([kill]=0 [call]=0 [term]=0 [cut]=0 [lost]=0) hit=([start]=0 [reading]=0 [end]=0 [half]=0)

# draw LIMIT: a number from 0 on, below it (up to 2^30), into `drawn`. (In a command substitution RANDOM forgets its seed.)
draw() {
	drawn=$(((RANDOM * 32768 + RANDOM) % $1))
}

# Whether a transaction stands in the WAL without its end.
half_written() {
	python3 - "$1" <<-'END'
		import struct, sys
		wal = open(sys.argv[1] + "-wal", "rb").read()
		at, last = 32, 1
		while at + 4120 <= len(wal) and wal[at + 8:at + 16] == wal[16:24]:
		    last = struct.unpack(">I", wal[at + 4:at + 8])[0]
		    at += 4120
		sys.exit(last != 0)
	END
}

# make_topic: a storm with some lines that nobody understands, line by line over four partitions; "storm.log" too.
make_topic() {
	storm plain --members 400 --posts 18 --posters 8 --hops 2 --deferred 5 --bounced 1 --expired 1 --close-after 14 \
		--external 10 --background 0.1 --auto-replies 3 --subjects references --duration 70m --lifetime 2h --tail 20m \
		--min-recipients 300 --min-pairs 4000
	awk '{ print } NR % 3000 == 0 { print substr($0, 1, 15), $4, "postfix/smtp[1]: nobody understands line", NR }' plain.log >storm.log
	"$kafka" topic broker storm 4
	for partition in 0 1 2 3; do
		awk -v partition=$partition 'NR % 4 == partition' storm.log | produce storm $partition
	done
	lines=$(wc -l <storm.log)
}

# progress DATABASE: how many records were taken in; -1: there is no database yet.
progress() {
	local sum

	sum=$(sql "$1" 'SELECT ifnull(sum(next_offset), 0) FROM sources')
	echo "${sum:--1}"
}

# end_by_time SIGNAL: a run that gets it after a random time. False: it ended before.
end_by_time() {
	local begun=$EPOCHREALTIME live=(--until-end) until status=0

	[ $((RANDOM % 2)) = 0 ] || live=()
	draw "$span"
	[ "$1" = KILL ] && until=$drawn || until=$((span / 4 + drawn))
	start_daemon crash.db --topic storm "${slowly[@]}" "${live[@]}"
	sleep "$(printf '%d.%06d' $((until / 1000000)) $((until % 1000000)))"
	kill -s "$1" "$daemon" 2>/dev/null || true
	wait "$daemon" 2>/dev/null || status=$?
	if [ ${#live[@]} = 0 ] && [ $((${EPOCHREALTIME/./} - ${begun/./})) -gt $((slowest * 1000000)) ]; then
		say "the machine was too slow for a live run; this replay is begun anew"
		void=1
	fi
	case $1:$status in
	KILL:137) return 0 ;;
	TERM:0) [ "$(progress crash.db)" -lt "$lines" ] || [ ${#live[@]} = 0 ] ;;
	KILL:0) return 1 ;;
	*) fail "$1 after $until us: status $status: $(cat crash.db.err)" ;;
	esac
}

# end_by_call kill|cut: a run that ends at a random call. False: it ended before.
end_by_call() {
	local status=0 plan

	draw "$calls"
	plan="$1 $((1 + drawn)) $RANDOM"
	FAULTY_END=$plan mailstormd=$faulty start_daemon crash.db --topic storm --until-end "${slowly[@]}"
	wait "$daemon" 2>/dev/null || status=$?
	case $status in
	137) return 0 ;;
	0) return 1 ;;
	*) fail "$plan: status $status: $(cat crash.db.err)" ;;
	esac
}

# Of the log only what was written back is left. Pages of two states, where it was being written back, must be refused.
lose_log() {
	local status=0

	rm -f crash.db-wal crash.db-shm
	[ -s crash.db ] && [ "$(sqlite3 crash.db 'PRAGMA quick_check' 2>&1)" != ok ] || return 0
	daemon crash.db --topic storm --until-end || status=$?
	# The first page may be the one that is damaged: then the views cannot be made.
	[ "$status" = 2 ] &&
		grep -Eq 'error: crash.db: (cannot be read: |views: database disk image is malformed)' crash.db.err ||
		fail "a damaged database: status $status: $(cat crash.db.err)"
	void=1
}

# one_end KIND: true where the run was ended.
one_end() {
	case $1 in
	kill) end_by_time KILL ;;
	call) end_by_call kill ;;
	term) end_by_time TERM ;;
	cut) end_by_call cut ;;
	lost) end_by_time KILL && lose_log ;;
	esac
}

# judge KIND: what the end hit, and that the database is sound.
judge() {
	local after

	# First of all: who looks into the database mends it.
	[ ! -s crash.db-wal ] || ! half_written crash.db || hit[half]=$((hit[half] + 1))
	after=$(progress crash.db)
	ends[$1]=$((ends[$1] + 1))
	if [ "$after" -ge "$lines" ]; then
		hit[end]=$((hit[end] + 1))
	elif [ "$after" -gt "$before" ]; then
		hit[reading]=$((hit[reading] + 1))
	else
		hit[start]=$((hit[start] + 1))
	fi
	# What is not synced may be lost with the power, or with the log; nothing in any other way.
	[ "$1" = cut ] || [ "$1" = lost ] || [ "$after" -ge "$before" ] || fail "$1: went back from $before to $after"
	[ "$after" -lt 0 ] || expect crash.db 'PRAGMA quick_check' ok
}

# replay: ends a new database's runs until one comes to its end by itself, and compares.
replay() {
	local count=0 kind before

	rm -f crash.db*
	while [ "$count" -lt "$most" ] && [ $((ends[kill] + ends[call])) -lt "$kills" ]; do
		kind=${kinds[$((turn++ % ${#kinds[@]}))]}
		before=$(progress crash.db)
		one_end $kind || break
		if [ -n "$void" ]; then
			void=
			rm -f crash.db*
			continue
		fi
		judge $kind
		count=$((count + 1))
	done
	daemon crash.db --topic storm --until-end
	replays=$((replays + 1))
	same_dump whole.db crash.db
	quiet_but crash.db "$incident"
}

needs python3
kafka_begin
configure 'storm {' 'min_recipients = 300' 'min_pairs = 4000' '}'
make_topic
incident='warning: incident 1: a storm on list everyone@example.org$'
begun=$EPOCHREALTIME
daemon whole.db --topic storm --until-end "${slowly[@]}"
span=$((${EPOCHREALTIME/./} - ${begun/./}))
FAULTY_COUNT=calls "$faulty" -c conf --rules "$rules" --db calls.db --brokers "$brokers" --topic storm --until-end \
	"${slowly[@]}" 2>calls.db.err || fail "$(cat calls.db.err)"
calls=$(cat calls)
same_dump whole.db calls.db
expect whole.db 'SELECT count(*) FROM incidents' 1
expect whole.db 'SELECT sum(lines), sum(unparsed) FROM sources' "$lines|$(grep -c nobody.understands storm.log)"
say "seed $seed: $lines lines, a run of $((span / 1000)) ms and $calls calls of the disk"
# A run that goes on has less to do, and the points should lie close.
span=$((span * 2 / 3))
calls=$((calls / 3))

kinds=(kill call kill call term kill call lost kill call cut)
turn=0 replays=0 void=
while [ $((ends[kill] + ends[call])) -lt "$kills" ]; do
	replay
	[ $((replays % 20)) != 0 ] || say "$replays replays, $((ends[kill] + ends[call])) kills"
done
say "$((ends[kill] + ends[call])) kills (${ends[kill]} after a time, ${ends[call]} at a call of the disk)," \
	"${ends[term]} SIGTERMs, ${ends[cut]} power cuts, ${ends[lost]} lost logs; ${hit[start]} before the first checkpoint of a run," \
	"${hit[reading]} after one, ${hit[end]} when all was read; ${hit[half]} left a half-written transaction; $replays replays, all with the same dump"
[ "${hit[reading]}" -gt 0 ] && [ "${hit[start]}" -gt 0 ] || fail 'the points told nothing'
