#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The dump by which other tests compare databases leaves out nothing but what it
# says: each view of the interface, each column of it, each row, however many
# are alike. Views are exchanged for such as hold their own columns' names.
set -euo pipefail
. "$(dirname "$0")/report.sh"
here=$(dirname "$0")
database=$work/dump.db
make_database "$database" "$schema/views.sql"

# named VIEW: its columns, each with its own name for a value; what is told by number is of incident 1, thread 1.
named() {
	sed -n "s/^$1: //p" "$data/views.ref" | tr -d ' ' | tr ',' '\n' | awk -v view="$1" -v text="$2" '
		{
			value = $1 == "id" || $1 == "incident_id" || $1 == "thread_id" ? 1 : "'\''" view "." $1 text "'\''"
			printf("%s%s AS \"%s\"", (NR > 1 ? ", " : ""), value, $1)
		}'
}
views=$(cut -d : -f 1 "$data/views.ref")
for view in $views; do
	echo "DROP VIEW $view; CREATE VIEW $view AS SELECT $(named "$view" '') UNION ALL SELECT $(named "$view" '');"
done | sqlite3 -bail "$database"
# An incident's and a thread's number has one row.
sqlite3 -bail "$database" "DROP VIEW incidents; CREATE VIEW incidents AS SELECT $(named incidents '')"
expect=$work/expected

# whole: what the dump should have of these views, made from the interface.
whole() {
	awk -F ': ' -v incident="'incidents.opened_at incidents.list incidents.root_message_id'" \
		-v thread="'threads.first_at threads.list threads.root_message_id'" '
		{
			# How the daemon is, and what it saw of the ends of its sources, is no result.
			if ($1 == "health" || $1 == "hosts")
				next
			rows = ""
			count = split($2, columns, ", ")
			for (i = 1; i <= count; i++) {
				name = columns[i]
				value = name == "incident_id" ? incident : name == "thread_id" ? thread : "'\''" $1 "." name "'\''"
				if (name == "id" || name ~ /_wall_at$/ || name == "end_offset" || name == "unread")
					continue
				if ($1 == "incidents")
					print "incidents\t" incident "\t" name "=" value
				else
					rows = rows "\t" name "=" value
			}
			if ($1 != "incidents")
				print $1 rows "\n" $1 rows
		}' "$data/views.ref" | LC_ALL=C sort
}
whole >"$expect"
sh "$here/dump.sh" "$database" | LC_ALL=C sort | diff "$expect" - || fail 'the dump has not all, or more'
[ "$(wc -l <"$expect")" -gt 70 ] || fail 'there are few columns'

# without WORD PATTERN...: WORD leaves out just what fits, and what stands behind a tab and fits.
without() {
	sed -E "$2" "$expect" | LC_ALL=C sort >"$expect.$1"
	sh "$here/dump.sh" "$database" "$1" | LC_ALL=C sort | diff "$expect.$1" - || fail "$1 leaves out something else"
	! cmp -s "$expect" "$expect.$1" || fail "$1 leaves out nothing"
}
without sources '/^(sources|unparsed)\t/d'
without as-of '/\tas_of_at=/d'
without lines '/^coverage\t/s/\t(lines|unparsed|repeated|lost|orphans|ambiguous|late)=[^\t]*//g'

# Of the ledger it leaves out lines, by their names.
sqlite3 -bail "$database" "DROP VIEW ledger; CREATE VIEW ledger AS SELECT 1 AS incident_id, value AS line, 5 AS count,
	'' AS definition FROM json_each('[\"attempts\",\"delivered\",\"repeats\",\"hand_overs\",\"pending\"]')"
sh "$here/dump.sh" "$database" lines | sed -n 's/^ledger.*\tline=\([^\t]*\).*/\1/p' |
	diff <(printf '%s\n' "'delivered'" "'pending'") - || fail 'other lines of the ledger are left out'

# NULL, a number and a text that look alike are three values, and a text may have lines.
sqlite3 -bail "$database" "DROP VIEW lists; CREATE VIEW lists AS SELECT NULL AS a UNION ALL SELECT 1 UNION ALL SELECT '1'
	UNION ALL SELECT 'NULL' UNION ALL SELECT '' UNION ALL SELECT 'x' || char(10) || 'y'"
sh "$here/dump.sh" "$database" | sed -n 's/^lists\t//p' | LC_ALL=C sort |
	diff <(printf '%s\n' "a=''" "a='1'" "a='NULL'" "a='x'||char(10)||'y'" a=1 a=NULL) - || fail 'values are taken for others'

sh "$here/dump.sh" "$work/none.db" >"$work/out" 2>&1 && fail 'a database that is not there has a dump'
head -c 5000 /dev/urandom >"$work/text.db"
sh "$here/dump.sh" "$work/text.db" >"$work/out" 2>&1 && fail 'a file that is no database has a dump'
finish
