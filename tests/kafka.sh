# SPDX-License-Identifier: Apache-2.0
#
# What the tests of whole runs over Kafka share: a broker, storms with their
# truth, the daemon, and comparisons. Sourced, in the scratch folder that
# run-test.sh gives. Skips (77) without Java, kcat, sqlite3 or Kafka's jars.
# Ends what it started, by process, whatever way the test ends.

top=${TOP_SRCDIR:?}
kafka=$top/contrib/kafka/kafka
stormgen=${TOP_BUILDDIR:?}/contrib/stormgen/stormgen
mailstormd=$TOP_BUILDDIR/mailstormd
rules=${MAILSTORM_RULES_DIRECTORY:-$top/parsers}
started=()
export TZ=UTC LC_ALL=C.UTF-8

needs() {
	local tool

	for tool; do
		command -v "$tool" >/dev/null || { echo "skipped: no $tool" && exit 77; }
	done
}

fail() {
	echo "FAILED: $*"
	exit 1
}

say() {
	printf '%3d s: %s\n' "$SECONDS" "$*"
}

clean_up() {
	local pid

	for pid in "${started[@]}"; do
		kill -KILL "$pid" 2>/dev/null || true
	done
	[ ! -e broker/pid ] || "$kafka" kill broker || true
}

# Starts the broker; its address is $brokers.
kafka_begin() {
	needs java kcat sqlite3
	"$kafka" fetch || { echo "skipped: no Kafka to be had" && exit 77; }
	trap clean_up EXIT
	"$kafka" start broker
	brokers=127.0.0.1:$(cat broker/port)
	configure
}

# configure [LINE...]: the daemon's configuration, "conf": what the tests need, and LINEs. Frequent checkpoints give
# kill -9 more to hit, and slow machines nothing to wait for.
configure() {
	printf '%s\n' 'input { timezone = "UTC" }' 'store { checkpoint = 10ms }' "$@" >conf
}

# storm NAME OPTION...: makes NAME.log and NAME.truth.
storm() {
	"$stormgen" "${@:2}" --output "$1.log" --truth "$1.truth" 2>stormgen.err || fail "stormgen: $(cat stormgen.err)"
	[ -s "$1.log" ] || fail "stormgen: no lines"
}

# produce TOPIC PARTITION OPTION... <lines: one record a line, with kcat. Acknowledged before it returns.
produce() {
	kcat -q -b "$brokers" -t "$1" -p "$2" "${@:3}" -P || fail "kcat: cannot produce to $1"
}

# storm_to TOPIC PARTITIONS KEY OPTION...: the storm as stormgen produces it.
storm_to() {
	"$stormgen" "${@:4}" --kafka "$brokers" --topic "$1" --partitions "$2" --key "$3" 2>stormgen.err ||
		fail "stormgen: $(cat stormgen.err)"
}

# files DATABASE FILE...: the daemon reads logs from files.
files() {
	"$mailstormd" -c conf --rules "$rules" --db "$1" --file "${@:2}" 2>"$1.err" || fail "--file: $(cat "$1.err")"
}

# daemon DATABASE OPTION...: what it says is in DATABASE.err.
daemon() {
	"$mailstormd" -c conf --rules "$rules" --db "$1" --brokers "$brokers" "${@:2}" 2>>"$1.err"
}

# start_daemon DATABASE OPTION...: beside the test, as process $daemon.
start_daemon() {
	"$mailstormd" -c conf --rules "$rules" --db "$1" --brokers "$brokers" "${@:2}" </dev/null 2>>"$1.err" &
	daemon=$!
	started+=("$daemon")
}

# end_daemon SIGNAL STATUS: within ten seconds.
end_daemon() {
	local status=0

	kill -s "$1" "$daemon" || fail "the daemon ended by itself: $(tail -n 3 ./*.err)"
	within 10 ! alive "$daemon" || fail "the daemon did not end after SIG$1"
	wait "$daemon" || status=$?
	[ "$status" = "$2" ] || fail "the daemon ended with status $status after SIG$1, not $2"
}

alive() {
	[ -e "/proc/$1" ] && [ "$(sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2>/dev/null)" != Z ]
}

# within SECONDS [!] COMMAND...: true as soon as COMMAND is (or is not), looking ten times a second.
within() {
	local end=$((SECONDS + $1)) not=

	shift
	[ "$1" = '!' ] && not=1 && shift
	while :; do
		if "$@"; then [ -n "$not" ] || return 0; else [ -z "$not" ] || return 0; fi
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.1
	done
}

# sql DATABASE STATEMENT: nothing where the database is not there yet.
sql() {
	sqlite3 -readonly -cmd '.timeout 5000' "$1" "$2" 2>/dev/null || true
}

# is DATABASE STATEMENT RESULT
is() {
	[ "$(sql "$1" "$2")" = "$3" ]
}

# expect DATABASE STATEMENT RESULT
expect() {
	local got

	got=$(sqlite3 -readonly -cmd '.timeout 5000' "$1" "$2") || fail "$1: cannot be asked"
	[ "$got" = "$3" ] || fail "$1: $2: got '$got', not '$3'"
}

# true_to DATABASE TRUTH [VIEW...]: every figure, or those of the views.
true_to() {
	"$top/tests/truth/compare.sh" "$@" >compare.out || {
		head -n 20 compare.out
		tail -n 1 compare.out
		fail "$1 is not what happened"
	}
}

# without_line_counts TRUTH: the truth but for what counts lines, where lines are told more than once.
without_line_counts() {
	grep -v -P '^ledger\t[0-9]+/(attempts|repeats|hand_overs)\t|^coverage\t[^\t]*\tlines\t' "$1" >"$1.again"
	echo "$1.again"
}

# same_dump DATABASE OTHER [WITHOUT...]: they say the same, byte for byte; see dump.sh.
same_dump() {
	local database

	for database in "$1" "$2"; do
		sh "$top/tests/dump.sh" "$database" "${@:3}" >"$database.dump" || fail "$database cannot be dumped"
	done
	[ "$(wc -l <"$1.dump")" -gt 500 ] || fail "the dump of $1 has no figures"
	cmp -s "$1.dump" "$2.dump" && return
	diff "$1.dump" "$2.dump" | head -n 10
	fail "$1 and $2 differ"
}

# said DATABASE TEXT [TIMES]: the daemon wrote it, so often (1).
said() {
	local times

	times=$(grep -c -F -- "$2" "$1.err" || true)
	[ "$times" = "${3:-1}" ] || {
		cat "$1.err"
		fail "'$2' was said $times times, not ${3:-1}"
	}
}

# quiet_but DATABASE PATTERN: besides what fits, the daemon wrote nothing.
quiet_but() {
	! grep -v -E -- "$2" "$1.err" || fail "$1: the daemon said something else"
}
