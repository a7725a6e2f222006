#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# dump.sh DATABASE [WITHOUT...]: prints every view of a database of mailstormd so
# that two databases say the same if, and only if, their dumps are the same, byte
# for byte. The numbers of incidents, threads and posts are left out, or replaced
# by what they stand for; so are times of the wall clock, and the daemon's health. dump.sql reads the
# columns from the database, so a column that is added to a view is in the dump.
# WITHOUT leaves out what two readings need not have in common:
#
#   sources   the views sources and unparsed: where lines came from, as it differs
#             between a file and a topic
#   lines     what counts log lines, which differ where lines were told again:
#             lines, unparsed, repeated, lost, orphans, ambiguous and late of
#             coverage; attempts, repeats and hand_overs of the ledger
#   as-of     as_of_at: in a live run without new lines the time of the log goes on
#
# Exits 2 if the database cannot be read.
set -eu
if [ $# -lt 1 ]; then
	echo "usage: dump.sh DATABASE [sources] [lines] [as-of]" >&2
	exit 2
fi
database=$1
shift
without="''"
for word; do
	case $word in
	sources | lines | as-of) without="$without, '$word'" ;;
	*) echo "dump.sh: $word: not sources, lines or as-of" >&2 && exit 2 ;;
	esac
done
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# First a statement for each view, then what they select. Rows of a view that has an order of its own keep it.
sed "s/WITHOUT/$without/" "$here/dump.sql" | sqlite3 -readonly -bail -noheader "$database" >"$work/statements.sql" || exit 2
{
	echo "BEGIN;"
	cat "$work/statements.sql"
} | sqlite3 -readonly -bail -noheader -list -separator '	' "$database" >"$work/rows" || exit 2
LC_ALL=C sort "$work/rows" | cut -f 2-
