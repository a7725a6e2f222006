#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A daemon that goes on running while its Kafka does not: no broker at the
# start, a broker killed in the midst of reading, topics that come later or are
# made anew, records deleted while nobody read. Each is told once, what is lost
# is counted, all else is right; and an incident is there seconds after its line.
set -euo pipefail
. "$(dirname "$0")/kafka.sh"
kafka_begin

options=(--members 1500 --posts 30 --posters 12 --hops 2 --deferred 5 --bounced 1 --external 10 --background 1
	--subjects references --duration 1h --envelope iso)
patience=20 # seconds until something must have been seen
storm storm "${options[@]}"
lines=$(wc -l <storm.log)
# The time goes on in a live run, by the wall clock where no lines come: states and coverage may be ahead.
facts=(posts amplification affected domains posters minutes)

read_all() {
	within "$patience" is "$1" 'SELECT sum(next_offset) FROM sources' "$2" ||
		fail "$1: read to $(sql "$1" 'SELECT sum(next_offset) FROM sources'), not to $2"
}

# health DATABASE TEXT: mailstorm status says that a storm might not be seen, since TEXT, and ends with 5.
health() {
	local status=0

	"$TOP_BUILDDIR/mailstorm" --db "$1" status >health.out 2>&1 || status=$?
	[ "$status" = 5 ] && tr '\n' ' ' <health.out | grep -q "might not be seen: $2"
}

say 'no broker at the start'
"$kafka" topic broker storm 3
storm_to storm 3 none "${options[@]}"
"$kafka" stop broker
start_daemon down.db --topic storm
within "$patience" grep -q 'cannot be reached' down.db.err || fail 'nothing was said of the missing broker'
alive "$daemon" || fail 'the daemon ended'
within "$patience" health down.db 'It cannot read: the Kafka brokers cannot be reached' ||
	fail "status says nothing of the missing broker: $(cat health.out)"
"$kafka" restart broker
read_all down.db "$lines"
within "$patience" is down.db 'SELECT count(trouble) FROM health' 0 || fail 'status after the broker came'
within "$patience" is down.db 'SELECT sum(end_offset), sum(unread), count(unread_since_wall_at), count(*) FROM sources' \
	"$lines|0|0|3" || fail "ends of partitions: $(sql down.db 'SELECT topic, partition, next_offset, end_offset FROM sources')"
end_daemon TERM 0
health down.db 'mailstormd was stopped' || fail "status after the stop: $(cat health.out)"
true_to down.db storm.truth "${facts[@]}"
said down.db 'Kafka brokers cannot be reached: '
said down.db 'Kafka brokers can be reached again'
quiet_but down.db 'Kafka brokers can|incident 1: a storm'

say 'a broker killed in the midst, and restarted'
daemon whole.db --topic storm --until-end
true_to whole.db storm.truth
start_daemon killed.db --topic storm -X fetch.message.max.bytes=10000 -X queued.max.messages.kbytes=64
begun() {
	[ "$(sql killed.db 'SELECT sum(next_offset) > 0 FROM sources')" = 1 ]
}
within "$patience" begun || fail 'nothing was read'
"$kafka" kill broker
sleep 1
before=$(sql killed.db 'SELECT sum(next_offset) FROM sources')
[ "$before" -lt "$lines" ] || fail 'all was read before the broker was killed'
say "killed after $before of $lines records"
# What is there and not read is told, and since when.
behind() {
	[ "$(sql killed.db 'SELECT sum(unread) BETWEEN 1 AND sum(end_offset) AND count(unread_since_wall_at) > 0 FROM sources')" = 1 ]
}
within "$patience" behind || fail "nothing is unread: $(sql killed.db 'SELECT * FROM sources')"
"$kafka" restart broker
read_all killed.db "$lines"
within "$patience" is killed.db 'SELECT sum(unread), count(unread_since_wall_at) FROM sources' '0|0' || fail 'still unread'
end_daemon TERM 0
daemon killed.db --topic storm --until-end
cat killed.db.err
same_dump whole.db killed.db as-of
expect killed.db 'SELECT sum(lines) FROM sources' "$lines"
expect killed.db 'SELECT sum(lost) FROM coverage WHERE incident_id IS NULL' 0

say 'a topic that is not there yet'
start_daemon later.db --topic later -X topic.metadata.refresh.interval.ms=300
within "$patience" grep -q 'Kafka topic later: .*; waiting for it' later.db.err || fail 'nothing was said of it'
sleep 1
"$kafka" topic broker later 1
head -n 1000 storm.log | produce later 0
read_all later.db 1000
said later.db '; waiting for it'

say 'an incident is there when its line is'
# Second by second around the moment of the truth.
crossing=$(awk -F '\t' '$1 == "incidents" && $3 == "detected_at" { print substr($4, 1, 19) }' storm.truth)
before=$(awk -v at="$crossing" 'substr($0, 1, 19) >= at { print NR - 1; exit }' storm.log)
after=$(awk -v at="$crossing" 'substr($0, 1, 19) > at && ++seen == 300 { print NR; exit }' storm.log)
sed -n "1001,${before}p" storm.log | produce later 0
read_all later.db "$before"
expect later.db 'SELECT count(*) FROM incidents' 0
sed -n "$((before + 1)),${after}p" storm.log | produce later 0
within 4 is later.db "SELECT state || ' ' || list FROM incidents" 'open everyone@example.org' ||
	fail 'the incident is not there four seconds after its line'
# It is told once it is written.
within "$patience" grep -q 'incident 1: a storm' later.db.err || fail 'nothing was said of the incident'
said later.db 'incident 1: a storm on list everyone@example.org'
read_all later.db "$after"
end_daemon TERM 0

say 'records deleted while nobody read'
middle=$((after + (lines - after) / 2))
tail -n "+$((after + 1))" storm.log | produce later 0
"$kafka" delete-records broker later 0 "$middle"
daemon later.db --topic later --until-end
gap=$((middle - after))
said later.db "kafka later/0: a gap of $gap before offset $middle: lines are lost"
expect later.db 'SELECT next_offset, lines FROM sources' "$lines|$((lines - gap))"
expect later.db "SELECT host, lost FROM coverage WHERE incident_id IS NULL AND lost > 0" "later/0|$gap"
expect later.db 'SELECT lines_lost FROM incidents' "$gap"
daemon later.db --topic later --until-end
said later.db 'a gap of'
expect later.db 'SELECT sum(lost) FROM coverage WHERE incident_id IS NULL' "$gap"

say 'records deleted before the daemon ever came are no gap of its reading'
daemon young.db --topic later --until-end
expect young.db 'SELECT next_offset, lines FROM sources' "$lines|$((lines - middle))"
expect young.db 'SELECT sum(lost) FROM coverage WHERE incident_id IS NULL' 0

say 'a topic made anew while nobody read'
"$kafka" delete-topic broker later
"$kafka" topic broker later 1
head -n 500 storm.log | produce later 0
daemon later.db --topic later --until-end
said later.db 'was made anew'
expect later.db 'SELECT next_offset, lines FROM sources' "500|$((lines - gap + 500))"
say end
