#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Storms that really happened, and what is no storm, as t170-presets.sh reads
# them from files, here from a real Kafka: four partitions, lines of one host
# spread over all of them. Every figure must be that of the truth.
set -euo pipefail
. "$(dirname "$0")/kafka.sh"
kafka_begin

# preset INCIDENTS NAME OPTION...
preset() {
	local topic=preset-$2 said

	rm -f db db-* db.err
	"$stormgen" --storm "$2" "${@:3}" --kafka "$brokers" --topic "$topic" --partitions 4 --key none --truth truth \
		2>stormgen.err || fail "stormgen: $(cat stormgen.err)"
	sed -n 's/^#conf //p' truth >conf
	daemon db --topic "$topic" --until-end || fail "$2: $(tail -n 3 db.err)"
	said=$("$top/tests/truth/compare.sh" db truth) || {
		head -n 12 <<<"$said"
		fail "$2: $(tail -n 1 <<<"$said")"
	}
	expect db 'SELECT count(*) FROM incidents' "$1"
	say "$2: $(tail -n 1 <<<"$said")"
}

preset 1 nhs16 --scale 6000
preset 1 nhs16-official --scale 3000
preset 1 dhs07 --scale 50
preset 1 bedlam97 --scale 200
preset 1 cisco13 --scale 200
preset 1 nyu12 --scale 300
preset 1 cc-storm
preset 2 cross-post --scale 10
preset 0 newsletter --scale 20
preset 0 bulk-sender --scale 5
preset 0 busy-list --scale 100
preset 0 robot-loop --scale 20
preset 0 spam-run
preset 0 backscatter --scale 10
