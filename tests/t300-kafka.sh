#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Whole runs over a real Kafka broker: a storm whose lines take turns over the
# partitions is read as from a file and as it happened; so it is with partitions
# and topics that come later, and told twice. Positions, properties and group
# offsets are right. Kills are a matter of t340-crash.sh.
set -euo pipefail
. "$(dirname "$0")/kafka.sh"
kafka_begin

options=(--members 1500 --posts 40 --posters 12 --hops 2 --deferred 5 --bounced 1 --close-after 30 --external 10
	--background 1 --subjects references --duration 1h)
incident='warning: incident 1: a storm on list everyone@example.org$'

say 'lines that take turns over four partitions'
storm storm "${options[@]}"
lines=$(wc -l <storm.log)
"$kafka" topic broker storm 4
storm_to storm 4 none "${options[@]}"
touch -d 2016-11-30T12:00:00Z storm.log
files file.db storm.log
true_to file.db storm.truth
daemon kafka.db --topic storm --until-end
true_to kafka.db storm.truth
same_dump file.db kafka.db sources
quiet_but kafka.db "$incident"
said kafka.db 'incident 1: a storm'
expect kafka.db 'SELECT source, topic, partition, next_offset, lines, unparsed FROM sources ORDER BY partition' "$(
	for partition in 0 1 2 3; do
		echo "kafka|storm|$partition|$(((lines + 3 - partition) / 4))|$(((lines + 3 - partition) / 4))|0"
	done
)"
expect kafka.db 'SELECT sum(lines), sum(lost), sum(late) FROM coverage WHERE incident_id IS NULL' "$lines|0|0"

say 'nothing new: nothing is read again'
daemon kafka.db --topic storm --until-end
same_dump file.db kafka.db sources
expect kafka.db 'SELECT sum(lines) FROM sources' "$lines"

say 'offsets of the group, for lag monitors'
"$kafka" tool broker org.apache.kafka.tools.consumer.group.ConsumerGroupCommand --describe --group mailstorm \
	>group.out 2>group.err || fail "$(cat group.err)"
awk '$1 == "mailstorm" && $2 == "storm" { print $3, $4, $5, $6 }' group.out | sort >group.got
for partition in 0 1 2 3; do
	echo "$partition $(((lines + 3 - partition) / 4)) $(((lines + 3 - partition) / 4)) 0"
done >group.expected
diff group.expected group.got || fail 'the committed offsets are others'

say 'two topics, by name and by pattern; other topics are left alone'
mkdir hosts
"$stormgen" "${options[@]}" --envelope iso --output-dir hosts --truth hosts.truth 2>/dev/null
files hosts.db hosts/*.log
true_to hosts.db hosts.truth
"$kafka" topic broker mail-lists 1
"$kafka" topic broker mail-stores 2
"$kafka" topic broker other 1
produce mail-lists 0 -z lz4 <hosts/lists1.log
produce mail-stores 0 -z lz4 <hosts/mailbox1.log
produce mail-stores 1 -z gzip <hosts/mailbox2.log
echo 'Nov 14 08:29:00 lists1 postfix/smtp[1]: nobody should read this' | produce other 0
daemon names.db --topic mail-lists --topic mail-stores --until-end
daemon pattern.db --topic '^mail' --until-end
for database in names.db pattern.db; do
	same_dump hosts.db "$database" sources
	expect "$database" 'SELECT topic, partition, next_offset FROM sources ORDER BY topic, partition' \
		"mail-lists|0|$(wc -l <hosts/lists1.log)
mail-stores|0|$(wc -l <hosts/mailbox1.log)
mail-stores|1|$(wc -l <hosts/mailbox2.log)"
done

say 'a partition that came between two runs, and a topic and a partition that come during one'
"$kafka" topic broker late-lists 1
produce late-lists 0 <hosts/lists1.log
daemon late.db --topic '^late' --until-end
"$kafka" add-partitions broker late-lists 2
produce late-lists 1 <hosts/mailbox1.log
start_daemon late.db --topic '^late' -X topic.metadata.refresh.interval.ms=300
within 15 is late.db "SELECT next_offset FROM sources WHERE partition = 1" "$(wc -l <hosts/mailbox1.log)" ||
	fail 'the partition that came between two runs is not read'
half=$(($(wc -l <hosts/mailbox2.log) / 2))
"$kafka" topic broker late-stores 1
head -n "$half" hosts/mailbox2.log | produce late-stores 0
"$kafka" add-partitions broker late-stores 2
tail -n "+$((half + 1))" hosts/mailbox2.log | produce late-stores 1
within 15 is late.db "SELECT sum(next_offset) FROM sources" "$lines" || fail 'what came during the run is not read'
end_daemon TERM 0
expect late.db "SELECT group_concat(topic || '/' || partition) FROM (SELECT * FROM sources ORDER BY topic, partition)" \
	late-lists/0,late-lists/1,late-stores/0,late-stores/1
daemon late.db --topic '^late' --until-end
same_dump hosts.db late.db sources as-of

say 'the whole topic told twice: between two runs, and within one'
storm_to storm 4 none "${options[@]}"
daemon kafka.db --topic storm --until-end
daemon twice.db --topic storm --until-end
twice=$(without_line_counts storm.truth)
for database in kafka.db twice.db; do
	expect "$database" 'SELECT sum(lines) FROM sources' $((2 * lines))
	true_to "$database" "$twice"
	same_dump file.db "$database" sources lines
done

say 'properties'
daemon property.db --topic other --until-end -X fetch.wait.max.ms=20 -X client.id=somebody
brokers=127.0.0.1:1 daemon property.db --topic storm --until-end -X "bootstrap.servers=$brokers"
expect property.db "SELECT count(*) FROM sources WHERE next_offset > 0" 5
refused() {
	local status=0

	rm -f refused.db.err
	daemon refused.db --topic storm --until-end -X "$1" || status=$?
	[ "$status" = 1 ] || fail "-X $1: status $status"
	said refused.db "$2"
}
refused no.such.property=1 'Kafka property no.such.property=1: No such configuration property'
refused fetch.wait.max.ms=soon 'Kafka property fetch.wait.max.ms=soon: '
refused fetch.wait.max.ms 'not name=value'
[ ! -e refused.db ] || fail 'a refused property made a database'
say end
