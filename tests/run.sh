# SPDX-License-Identifier: Apache-2.0
#
# What the tests of whole runs share: a storm is generated, mailstormd reads it,
# and the database is compared with the storm's truth or with another database.
# Sourced by scripts that run-test.sh runs, in an empty folder. A failure is told
# with the difference, and the script goes on; finish() gives the exit status.
# Skipped (77) without the sqlite3 shell.
: "${TOP_SRCDIR:?is not set: run this with make check, or tests/run-test.sh}"
tests=$TOP_SRCDIR/tests
mailstormd=${MAILSTORMD:-$TOP_BUILDDIR/mailstormd}
mailstorm=${MAILSTORM:-$TOP_BUILDDIR/mailstorm}
stormgen=${STORMGEN:-$TOP_BUILDDIR/contrib/stormgen/stormgen}
rules=${MAILSTORM_RULES_DIRECTORY:-$TOP_SRCDIR/parsers}
export TZ=UTC LC_ALL=C.UTF-8
command -v sqlite3 >/dev/null || { echo "skipped: no sqlite3 shell"; exit 77; }

# Also in a subshell, as the end of a pipe is one. Kept apart by process, so that a test may run some at once.
fail() {
	echo "FAILED: $*"
	: >>failed
}

finish() {
	[ ! -e failed ] || exit 1
	exit 0
}

# lines LIMIT: standard input, no more of it than that.
lines() {
	awk -v limit="$1" 'NR <= limit; END { if (NR > limit) print "... and " NR - limit " lines more" }'
}

# make_storm NAME OPTION...: NAME.log and NAME.truth. Storms are of November 2016; where a time stamp
# has no year, the log's own time tells it.
make_storm() {
	if ! "$stormgen" "${@:2}" --output "$1.log" --truth "$1.truth" 2>"$1.said"; then
		fail "stormgen ${*:2}"
		cat "$1.said"
		return 1
	fi
	dated "$1.log"
}

# dated FILE...: last changed when the storm was long over.
dated() {
	touch -d 2016-11-30T12:00:00Z "$@"
}

# make_configuration FILE [LINE...]: what all tests have in common, and these lines.
make_configuration() {
	printf '%s\n' 'input { timezone = "UTC" }' "${@:2}" >"$1"
}

# take_in DATABASE LOG...: reads logs into a database, under $configuration if that is set. The daemon's status.
take_in() {
	local status=0

	"$mailstormd" -c "${configuration:-/dev/null}" --rules "$rules" --db "$1" --file "${@:2}" 2>"$1.said" || status=$?
	if [ "$status" -ne 0 ]; then
		fail "mailstormd --file ${*:2}: status $status"
		lines 10 <"$1.said"
	fi
	return "$status"
}

# true_to DATABASE TRUTH [VIEW...]: every figure equals the truth.
true_to() {
	local status=0

	sh "$tests/truth/compare.sh" "$@" >"$1.compared" 2>&1 || status=$?
	if [ "$status" -ne 0 ]; then
		fail "$1 is not what $2 says"
		lines 12 <"$1.compared"
	fi
	return "$status"
}

# dump DATABASE [WITHOUT...]: into DATABASE.dump; see dump.sh.
dump() {
	sh "$tests/dump.sh" "$@" >"$1.dump" || fail "$1 cannot be dumped"
}

# equal DATABASE OTHER [WITHOUT...]: the dumps are the same, byte for byte.
equal() {
	dump "$1" "${@:3}"
	dump "$2" "${@:3}"
	[ -s "$1.dump" ] || fail "$1: the dump is empty"
	if ! diff "$1.dump" "$2.dump" >"$2.differs"; then
		fail "$2 is not what $1 is"
		lines 12 <"$2.differs"
		return 1
	fi
}

# query DATABASE SQL
query() {
	sqlite3 -readonly -cmd '.timeout 10000' "$1" "$2"
}

# All addresses that a database has numbers for: a query for one of its own.
addresses="SELECT a.local || coalesce('@' || d.domain, '') AS address
	FROM address_text AS a LEFT JOIN address_domain AS d ON d.id = a.domain"

# expect WHAT EXPECTED GOT
expect() {
	[ "$2" = "$3" ] || fail "$1: expected $2, got $3"
}

# draw LIMIT: a number from 0 on, below it, into `drawn`. (In a command substitution RANDOM forgets its seed.)
draw() {
	drawn=$((RANDOM % $1))
}

# nap LIMIT: for a random time, below so many milliseconds (1,000 at most).
nap() {
	draw "$1"
	sleep "0.$(printf %03d "$drawn")"
}

# await WHAT COMMAND...: until the command succeeds, a minute at most.
await() {
	local tries=1200

	until "${@:2}" >/dev/null 2>&1; do
		[ $((tries -= 1)) -gt 0 ] || { fail "$1: waited in vain" && return; }
		sleep 0.05
	done
}
