#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Values as large as a line may hold: Message-IDs of 300 kB, ten thousand References, thousands of
# recipients in one line. The figures are those of the same storms with values of usual
# size; of a Message-ID 1,024 bytes are kept, which still tell it from others.
set -euo pipefail
. "$TOP_SRCDIR/tests/run.sh"
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }
make_configuration small.conf 'storm { min_replies = 2' 'min_posters = 2 }'
configuration=small.conf

for kind in plain large; do
	python3 "$tests/hostile/large.py" $kind >$kind.log
	dated $kind.log
	take_in $kind.db $kind.log
	expect "$kind: unparsed" 0 "$(query $kind.db "SELECT sum(unparsed) FROM sources")"
	# Message-IDs as they begin.
	"$tests/dump.sh" $kind.db sources lines | sed 's/\(<[0-9]\)\.[^>]*>/\1>/g; s/\.\.\.[0-9a-f]\{16\}//g' >$kind.dump
done
expect "incidents" 2 "$(query plain.db "SELECT count(*) FROM incidents")"
expect "deliveries" $((3 * 4 * 6000)) "$(query plain.db "SELECT sum(delivered) FROM posts")"
diff plain.dump large.dump >differs || { fail "large values are not what usual ones are" && lines 12 <differs | cut -c 1-400; }
expect "Message-IDs" "12|1024|1024" "$(query large.db "SELECT count(DISTINCT message_id), min(length(message_id)), max(length(message_id)) FROM posts")"
finish
