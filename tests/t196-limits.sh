#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A limit on pending messages changes nothing but memory: storms read with room
# for a handful of queue files give the same database, byte for byte of its
# dump, as those read without a limit; also where the daemon is killed on the
# way. What is queued is told whether it is in memory or not. Posts that are over
# leave memory while files are read, however soon these are.
set -euo pipefail
. "$TOP_SRCDIR/tests/run.sh"

usual="--members 300 --posts 18 --posters 8 --duration 70m --min-recipients 200 --min-pairs 3000 --deferred 5 --bounced 1
	--expired 1 --external 10 --auto-replies 3 --background 0.5 --lifetime 2h --warmup 10m --tail 20m"
thresholds=('storm {' 'min_recipients = 200' 'min_pairs = 3000' '}')

# limited NUMBER OPTION...: a storm in a folder of its own, with that many queue files in memory and with all of them.
limited() {
	local number=$1

	shift
	# shellcheck disable=SC2086
	make_storm storm $usual "$@" || return 0
	make_configuration all "${thresholds[@]}"
	make_configuration few "${thresholds[@]}" "limits { pending_messages = $number }" 'store { checkpoint = 10ms }'
	configuration=all take_in all.db storm.log
	configuration=few take_in few.db storm.log
	expect "incidents" 1 "$(query all.db "SELECT count(*) FROM incidents")"
	expect "spilled without a limit" 1 "$(query all.db "SELECT value FROM state_number WHERE name = 'next_spilled'")"
	expect "spilled with a limit of $number" 1 \
		"$(query few.db "SELECT value > 1000 FROM state_number WHERE name = 'next_spilled'")"
	expect "files in memory" 1 "$(query few.db "SELECT count(*) <= $number FROM state_object WHERE kind = 3")"
	equal all.db few.db || echo "  ... with $number, of a storm with $*"
}

# Two at once.
number=0
while read -r few options; do
	number=$((number + 1))
	mkdir "storm$number"
	# shellcheck disable=SC2086
	(cd "storm$number" && limited "$few" $options) >"storm$number.out" 2>&1 ||
		echo "FAILED: the test itself" >>"storm$number.out" &
	[ "$(jobs -rp | wc -l)" -lt 2 ] || wait -n || :
done <<-END
	10 --hops 2 --shape alias --close-after 15
	10 --hops 3 --filter before --queue-ids short
	30 --hops 2 --shape mailman --disorder 30s --duplicates 20
	100 --hops 2 --shape verp --disorder 30s
	10 --hops 2 --shape recipient-set
	10 --hops 2 --disorder 30s --queue-ids short
	20 --hosts 3 --mailbox-hosts 4 --hops 2 --chunk 7 --until 60m --deferred 20
END
wait
for out in storm*.out; do
	if [ -s "$out" ]; then
		fail "$out"
		cat "$out"
	fi
done
expect "storms" 7 "$number"

### What is queued, of the storm that goes on.
rows() {
	"$mailstorm" --db "$1" queued 1 --format csv | tr -d '\r' | sort
}
rows storm7/all.db >queued
[ "$(wc -l <queued)" -gt 100 ] || fail "only $(wc -l <queued) are queued"
expect "spilled ones that are owed" 1 "$(query storm7/few.db "SELECT count(*) > 50 FROM state_spilled WHERE pending > 0")"
rows storm7/few.db | diff queued - >differs || { fail "queued: told otherwise"; lines 10 <differs; }

### Killed on the way, with the state of the last commit partly in memory.
mkdir live
make_configuration conf "${thresholds[@]}" 'limits { pending_messages = 15 }' 'store { checkpoint = 10ms }'
follow=("$mailstormd" -c conf --rules "$rules" --db killed.db --follow live/followed.log)
log=storm2/storm.log
part=$(($(wc -l <"$log") / 20 + 1))
RANDOM=190
for run in $(seq 20); do
	awk -v from=$(((run - 1) * part)) -v to=$((run * part)) "NR > from && NR <= to" "$log" >>live/followed.log
	dated live/followed.log
	"${follow[@]}" 2>live.said &
	nap 150
	kill -KILL $! 2>/dev/null || fail "run $run was over"
	wait $! 2>/dev/null || :
	grep -v 'a storm on list' live.said && fail "run $run says this"
done
"${follow[@]}" --until-end || fail "the last run ends with $?"
expect "spilled" 1 "$(query killed.db "SELECT count(*) > 20 FROM state_spilled")"
equal storm2/all.db killed.db sources || :

### A row that cannot be read ends the daemon, and leaves the database as it was.
sqlite3 killed.db "UPDATE state_spilled SET data = x'00'"
cat "$log" >>live/followed.log
dated live/followed.log
status=0
"${follow[@]}" --until-end 2>said || status=$?
[ "$status" -ne 0 ] || fail "with broken rows it ends well"
expect "lines after that" "$(wc -l <"$log")" "$(query killed.db "SELECT sum(lines) FROM sources")"

### 25 days of posts to a list of ten, half an hour apart, by a pipe that stays open until the first half was written.
posts() {
	awk -v from="$1" -v until="$2" 'function line(n, second, program, text) {
		printf "%s.000000+00:00 lists postfix/%s[7]: %X: %s\n",
			strftime("%Y-%m-%dT%H:%M:%S", 1478000000 + n * 1800 + second, 1), program, 268435456 + n * 16, text
	}
	BEGIN {
		for (n = from; n < until; n++) {
			line(n, 0, "smtpd", "client=client.example.org[192.0.2.7]")
			line(n, 0, "cleanup", "message-id=<" n "@example.org>")
			line(n, 0, "qmgr", "from=<s" n % 7 "@example.org>, size=1234, nrcpt=10 (queue active)")
			for (k = 0; k < 10; k++)
				line(n, 1, "smtp", "to=<m" k "@example.org>, orig_to=<all@example.org>, relay=store[192.0.2.9]:25, " \
					"delay=1, delays=0.1/0/0/0.9, dsn=2.0.0, status=sent (250 ok)")
			line(n, 1, "qmgr", "removed")
		}
	}'
}
past_posts() {
	[ "$(query past.db 'SELECT count(*) > 500 FROM posts')" = 1 ]
}
make_configuration past 'storm { min_recipients = 5 }' 'limits { past_posts = 1000 }'
mkfifo posts.pipe
"$mailstormd" -c past --rules "$rules" --db past.db --file - <posts.pipe 2>past.said &
exec 3>posts.pipe
posts 0 600 >&3
await "posts of a file that is not at its end" past_posts
posts 600 1200 >&3
exec 3>&-
wait $! || fail "of 25 days it ends with $?"
expect "posts, recipients, delivered" "1200|12000|12000" \
	"$(query past.db 'SELECT count(*), sum(recipients), sum(delivered) FROM posts')"
expect "few posts with their sets" 1 "$(query past.db 'SELECT count(*) < 900 FROM state_object WHERE kind = 4')"
finish
