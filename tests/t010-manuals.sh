#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The manuals say what the programs do: every setting with type, default and
# bounds in mailstormd.conf(5) and in the sample file, every option of --help in
# its page, nothing in a page that is not there, and no complaint of mandoc's.
set -uo pipefail

settings=$TOP_BUILDDIR/tests/check_settings
page=$TOP_SRCDIR/daemon/mailstormd.conf.5
sample=$TOP_SRCDIR/contrib/mailstormd.conf
[ -x "$settings" ] || { echo 'skipped: the unit tests are not built' && exit 77; }
failed=0

# same WHAT EXPECTED-FILE ACTUAL-FILE
same() {
	diff -u "$2" "$3" || { echo "not as expected: $1" && failed=1; }
}

"$settings" describe >rows || { echo 'the table of settings cannot be printed' && exit 1; }
[ "$(wc -l <rows)" -ge 20 ] || { echo 'the table of settings is short' && exit 1; }

# Section, key, type and what stands after "Default:" up to the next comma or full stop, of each item. Keys that are listed one below the other share the text.
page_items() {
	awk '
	function flush(  i, found) {
		found = "nothing"
		if (match(text, /Default: /)) {
			found = substr(text, RSTART + RLENGTH)
			sub(/ ?[,.] .*/, "", found)
		}
		for (i = 1; i <= count; i++)
			print items[i] "\t" found
		count = 0
		text = ""
	}
	/^\.Ss / { flush(); section = $2; next }
	/^\.Sh / { flush(); section = ""; next }
	/^\.El/ { flush(); next }
	/^\.It Cm / && section != "" && /No =/ {
		if (text != "")
			flush()
		type = $0
		sub(/.* No = (Ar |Cm )/, "", type)
		gsub(/ /, "", type)
		items[++count] = section "\t" $3 "\t" type
		next
	}
	count {
		sub(/^\.[A-Z][a-z] /, "")
		text = text $0 " "
	}
	END { flush() }' "$1"
}

# What an item must say, from the table.
table_items() {
	awk -F '\t' -v OFS='\t' '
	$4 == "-" { $4 = "none" }
	$4 ~ /^storm\./ { $4 = "what storm says"; $5 = "-" }
	$4 ~ /^input\./ { $4 = "that of " $4 }
	$2 == "path" { sub(/.*\/lib\//, "/var/lib/", $4) }
	{ print $1, $2, $3, $4 ($5 == "-" ? "" : "; " $5) }' rows
}

table_items | sort >expected
page_items "$page" | sort >got
same 'mailstormd.conf(5) and the table of settings' expected got

for section in $(cut -f 1 rows | sort -u); do
	grep -q "^\.Ss $section\b" "$page" || { echo "no .Ss $section in mailstormd.conf(5)" && failed=1; }
done

# The sample as installed says nothing; with every line that is a setting put in force it still loads.
"$settings" load "$sample" || { echo 'the sample does not load' && failed=1; }
sed -E 's/^(\t?)#([a-z_]+ = |[a-z]+ ".*" \{|\})/\1\2/' "$sample" >all.conf
"$settings" load all.conf || { echo 'the sample does not load with all its settings in force' && failed=1; }
if sed 's/#.*//' "$sample" | grep -q =; then
	echo 'the sample sets something' && failed=1
fi

# The files that the manual shows are files that load.
awk '/^\.Bd -literal/ { open = 1; next }
     /^\.Ed/ { open = 0; if (text ~ /^[a-z]+ .*\{\n/) print text > ("example." ++count); text = "" }
     open { gsub(/\\e/, "\\"); text = text $0 "\n" }' "$page"
[ -s example.3 ] || { echo 'there are fewer than three examples in mailstormd.conf(5)' && failed=1; }
for example in example.*; do
	"$settings" load "$example" || { echo "an example of mailstormd.conf(5) does not load" && failed=1; }
done

# Section, key and value of each; where the table has a default, the value is it.
sample_items() {
	awk -v OFS='\t' '
	/^[a-z]+ .*\{/ { section = $1 }
	/^\t[a-z_]+ = / { key = $1; sub(/^\t[a-z_]+ = /, ""); gsub(/"/, ""); print section, key, $0 }' "$1"
}
awk -F '\t' -v OFS='\t' '
NR == FNR { if ($4 ~ /^storm\./) $4 = storm[$2]; if ($1 == "storm") storm[$2] = $4
            if ($2 == "path") sub(/.*\/lib\//, "/var/lib/", $4); value[$1, $2] = $4; next }
{ print $1, $2, value[$1, $2] ~ /^(-|the system.s|as logged|input\..*)$/ ? $3 : value[$1, $2] }' \
	rows <(sample_items all.conf) >expected
sample_items all.conf >got
same 'values of the sample' expected got
cut -f 1,2 rows | sort >expected
sample_items all.conf | cut -f 1,2 | sort >got
same 'keys of the sample' expected got

# options_of_help PROGRAM and options_of_page PAGE: one a line, with their dashes.
options_of_help() {
	"$1" --help | grep -oE -- '(^|[^A-Za-z0-9-])--?[A-Za-z][A-Za-z-]*' | grep -oE -- '--?[A-Za-z].*' | sort -u
}
options_of_page() {
	sed -nE 's/\\-/-/g; /^\.It Fl /p' "$1" | grep -oE 'Fl [A-Za-z-]+' | sed 's/^Fl /-/' | sort -u
}
for program in mailstormd:8 mailstorm:1; do
	name=${program%:*}
	if ! "$TOP_BUILDDIR/$name" --help >/dev/null; then
		echo "$name --help fails" && failed=1
		continue
	fi
	options_of_help "$TOP_BUILDDIR/$name" >expected
	options_of_page "$TOP_SRCDIR/daemon/$name.${program#*:}" >got
	[ -s expected ] || { echo "$name --help names no option" && failed=1; }
	same "options of $name" expected got
done

# Commands of mailstorm: in --help two spaces, then the name.
"$TOP_BUILDDIR/mailstorm" --help | sed -nE 's/^  ([a-z]+)( .*)?$/\1/p' | sort -u >expected
sed -nE 's/^\.It Cm ([a-z]+)( Ar .*)?$/\1/p' "$TOP_SRCDIR/daemon/mailstorm.1" | sort -u >got
[ -s expected ] || { echo 'mailstorm --help names no command' && failed=1; }
same 'commands of mailstorm' expected got

# Views and their columns: in the page .Ss VIEW, then .It Va COLUMN , COLUMN.
if command -v sqlite3 >/dev/null; then
	cat "$TOP_SRCDIR"/schema/[0-9]*.sql "$TOP_SRCDIR/schema/views.sql" | sqlite3 -bail views.db
	sqlite3 -separator ' ' views.db "SELECT v.name, c.name FROM sqlite_schema AS v, pragma_table_info(v.name) AS c
		WHERE v.type = 'view' ORDER BY v.name, c.cid" >expected
	awk '/^\.Sh / { view = ""; inside = /VIEWS/ }
	     /^\.Ss / && inside { view = $2 }
	     /^\.It Va / && view { for (i = 3; i <= NF; i++) if ($i != ",") print view, $i }' \
		"$TOP_SRCDIR/daemon/mailstorm.1" | sort -s -k 1,1 >got
	[ "$(wc -l <expected)" -ge 100 ] || { echo 'the views cannot be asked for their columns' && failed=1; }
	same 'views of mailstorm(1) and their columns' expected got
fi

# A quotation goes on to the end of its line, so that what follows on it is within it.
grep -nE '(^[.]|[[:blank:]])Dq .* Dq ' "$TOP_SRCDIR"/*/*.[1-8] "$TOP_SRCDIR"/contrib/stormgen/*.1 >quoted
[ ! -s quoted ] || { echo 'a quotation within a quotation' && cat quoted && failed=1; }

# That a page we refer to is not installed here is no fault of ours.
if command -v mandoc >/dev/null; then
	for file in "$TOP_SRCDIR"/daemon/*.[1-8]; do
		mandoc -T lint "$file" 2>&1 | grep -vE 'outdated mandoc.db|referenced manual not found'
	done >lint
	[ ! -s lint ] || { cat lint && failed=1; }
fi
exit $failed
