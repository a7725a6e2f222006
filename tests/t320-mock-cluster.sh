#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The way of contrib/demo, which needs no Java: a storm through the mock cluster
# of librdkafka that contrib/demo-broker runs, read in one go and in pieces with
# kill -9 between them; figures are those of what happened. And demo-broker ends
# with the one who started it.
set -euo pipefail
. "$(dirname "$0")/kafka.sh"
needs sqlite3
trap clean_up EXIT
RANDOM=29

options=(--members 6000 --posts 25 --posters 8 --hops 2 --deferred 5 --bounced 1 --close-after 20 --external 10
	--subjects references --duration 1h)
configure
storm storm "${options[@]}"
lines=$(wc -l <storm.log)

"$TOP_BUILDDIR/contrib/demo-broker" --brokers 2 brokers mail:4 other </dev/null &
broker=$!
started+=("$broker")
within 20 test -s brokers || fail 'demo-broker did not start'
brokers=$(cat brokers)
[ "$(tr ',' '\n' <<<"$brokers" | grep -c -x '127\.0\.0\.1:[0-9]*')" = 2 ] || fail "not two servers: $brokers"
storm_to mail 4 none "${options[@]}"

daemon mock.db --topic mail --until-end
true_to mock.db storm.truth
expect mock.db 'SELECT count(*), sum(next_offset), sum(lines), sum(unparsed) FROM sources' "4|$lines|$lines|0"

said_to_be() {
	[ "$(sql pieces.db 'SELECT sum(next_offset) FROM sources')" != "$before" ]
}
for _ in 1 2 3; do
	before=$(sql pieces.db 'SELECT sum(next_offset) FROM sources')
	start_daemon pieces.db --topic mail --until-end -X fetch.message.max.bytes=20000 -X queued.max.messages.kbytes=64
	[ "$before" != "$lines" ] || fail 'all was read before it could be interrupted three times'
	within 10 said_to_be || fail 'nothing is read'
	sleep "0.0$((RANDOM % 100))"
	kill -KILL "$daemon" 2>/dev/null || true
	wait "$daemon" 2>/dev/null || true
done
daemon pieces.db --topic '^ma' --until-end
same_dump mock.db pieces.db
expect pieces.db 'SELECT sum(lines) FROM sources' "$lines"

kill -TERM "$broker"
within 10 ! alive "$broker" || fail 'demo-broker did not end after SIGTERM'
wait "$broker" || fail "demo-broker: status $?"
[ ! -e brokers ] || fail 'demo-broker left its file'

(
	"$TOP_BUILDDIR/contrib/demo-broker" orphan mail </dev/null &
	echo $! >orphan.pid
	within 20 test -s orphan
) || fail 'demo-broker did not start again'
started+=("$(cat orphan.pid)")
within 10 ! alive "$(cat orphan.pid)" || fail 'demo-broker outlives the one who started it'
