# SPDX-License-Identifier: Apache-2.0
#
# What the tests of views and of mailstorm(1) share: databases made by hand in
# the sqlite3 shell, and outputs compared with references. Sourced. Needs the
# sqlite3 shell, else the test is skipped (77). MAILSTORM_REFERENCES=save on a test
# writes its references anew: look at the difference before keeping them.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
data=$here/data/report
schema=$here/../schema
mailstorm=${MAILSTORM:-${TOP_BUILDDIR:-$here/..}/mailstorm}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TZ=UTC LC_ALL=C.UTF-8 COLUMNS=80
command -v sqlite3 >/dev/null || { echo "skipped: no sqlite3 shell"; exit 77; }

# make_database PATH [FILE.sql...]: an empty database, and what the files put into it.
make_database() {
	cat "$schema"/[0-9]*.sql "$schema/views.sql" "${@:2}" | sqlite3 -bail "$1"
}

# Also in a subshell, as the end of a pipe is one.
fail() {
	echo "FAILED: $*"
	: >"$work/failed"
}

finish() {
	[ ! -e "$work/failed" ] || exit 1
	exit 0
}

# same REFERENCE: standard input is what the reference file holds.
same() {
	cat >"$work/got"
	if [ "${MAILSTORM_REFERENCES:-}" = save ]; then
		cp "$work/got" "$data/$1"
	fi
	diff -u --label "$1 (expected)" --label "$1 (got)" "$data/$1" "$work/got" || fail "$1"
}

# fails_with STATUS TEXT COMMAND...: ends so, prints nothing, and complains in just these words.
fails_with() {
	local status=0
	"${@:3}" >"$work/out" 2>"$work/err" || status=$?
	[ "$status" = "$1" ] || fail "${*:3}: status $status, not $1"
	[ ! -s "$work/out" ] || fail "${*:3}: printed something"
	diff -u <(printf '%s\n' "$2") "$work/err" || fail "${*:3}: other words"
}
