#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Headers are known on after a restart in the middle of a file: a storm on Exchange whose
# columns only its header lines tell, followed and over Kafka, stopped and killed again and
# again, gives what one reading gives. So does a message trace that is laid out over lines,
# where a restart cuts a row in two.
set -u
. "$(dirname "$0")/run.sh"
for tool in python3 kcat; do
	command -v "$tool" >/dev/null || { echo "skipped: no $tool"; exit 77; }
done
make_configuration small.conf 'storm { min_recipients = 30' 'min_replies = 5 }' 'store { checkpoint = 10ms }'
configuration=small.conf
started=()
trap 'kill -KILL "${started[@]}" 2>/dev/null' EXIT

for kind in plainother array; do
	python3 "$tests/exchange/storm.py" "$kind" "$kind" || fail "storm.py $kind"
	dated "$kind"/*
done
take_in whole.db plainother/MBX1.LOG plainother/MBX2.LOG
take_in trace.db array/trace.json
expect 'deliveries' 780 "$(query whole.db 'SELECT deliveries FROM incidents')"
expect 'deliveries' 780 "$(query trace.db 'SELECT deliveries FROM incidents')"

# within SECONDS COMMAND...
within() {
	local end=$((SECONDS + $1))

	while ! "${@:2}"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.05
	done
}

# run DATABASE OPTION...: beside the test, as process $daemon.
run() {
	"$mailstormd" -c small.conf --rules "$rules" --db "$1" "${@:2}" </dev/null 2>>"$1.said" &
	daemon=$!
	started+=("$daemon")
}

# to_end DATABASE OPTION...: reads what is there.
to_end() {
	run "$@" --until-end
	wait "$daemon" || fail "mailstormd ${*:2}: $(tail -n 3 "$1.said")"
}

# taken DATABASE LINES: so many lines are committed.
taken() {
	[ "$(sqlite3 -readonly "$1" 'SELECT sum(lines) FROM sources' 2>/dev/null)" = "$2" ]
}

# Followed: in five parts, each read by a daemon that is killed once it has committed it.
mkdir growing
for part in 1 2 3 4 5; do
	count=0
	for server in MBX1 MBX2; do
		lines=$(wc -l <"plainother/$server.LOG")
		head -n $((lines * part / 5)) "plainother/$server.LOG" >growing/part
		cat growing/part >"growing/$server.LOG"
		count=$((count + lines * part / 5))
	done
	run growing.db --follow growing/MBX1.LOG --follow growing/MBX2.LOG
	within 60 taken growing.db "$count" || fail "part $part is not read: $(tail -n 3 growing.db.said)"
	kill -KILL "$daemon" && wait "$daemon" 2>/dev/null
done
to_end growing.db --follow growing/MBX1.LOG --follow growing/MBX2.LOG
equal whole.db growing.db sources lines as-of

# Kafka, likewise: wrapped, the files one after the other in one partition; and the trace, a line a record.
"$TOP_BUILDDIR/contrib/demo-broker" --brokers 1 brokers exchange:1 traces:1 </dev/null &
started+=("$!")
within 20 test -s brokers || fail 'demo-broker did not start'
brokers=$(cat brokers)
python3 - plainother/MBX1.LOG plainother/MBX2.LOG >wrapped <<'PYTHON'
import json, sys
for path in sys.argv[1:]:
    for line in open(path, encoding="utf-8-sig"):
        print(json.dumps({"host": {"name": path[11:15]}, "log": {"file": {"path": path}}, "message": line.rstrip("\r\n")}))
PYTHON

# in_parts DATABASE TOPIC FILE
in_parts() {
	local lines from=0 to part

	lines=$(wc -l <"$3")
	for part in 1 2 3 4 5; do
		to=$((lines * part / 5))
		sed -n "$((from + 1)),${to}p" "$3" | kcat -q -b "$brokers" -t "$2" -p 0 -P || fail kcat
		run "$1" --brokers "$brokers" --topic "$2"
		within 60 taken "$1" "$to" || fail "$2: part $part is not read: $(tail -n 3 "$1.said")"
		kill -KILL "$daemon" && wait "$daemon" 2>/dev/null
		from=$to
	done
	to_end "$1" --brokers "$brokers" --topic "$2"
}

in_parts topic.db exchange wrapped
equal whole.db topic.db sources lines as-of
in_parts traced.db traces array/trace.json
equal trace.db traced.db sources lines as-of
for database in growing.db topic.db traced.db; do
	expect "$database: unparsed lines" 0 "$(query "$database" 'SELECT sum(unparsed) FROM sources')"
done

finish
