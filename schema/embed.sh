#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Writes the SQL files it is given as C, to standard output: a string per file,
# schema_0001_report_sql for 0001_report.sql, and the table of them that
# schema/schema.h declares, in the order given. Fails if a file cannot be read.
set -eu

name_of() {
	basename "$1" | tr -c 'A-Za-z0-9\n' '_'
}

echo '/* Made by schema/embed.sh; do not edit. */'
echo '#include <stddef.h>'
echo '#include "schema/schema.h"'
for file; do
	echo
	printf 'static const char schema_%s[] =\n' "$(name_of "$file")"
	sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/?/\\?/g' -e 's/	/\\t/g' -e 's/^/	"/' -e 's/$/\\n"/' "$file"
	echo '	"";'
done

echo
echo 'const struct schema_file schema_files[] = {'
for file; do
	printf '	{"%s", schema_%s},\n' "$(basename "$file")" "$(name_of "$file")"
done
echo '	{NULL, NULL},'
echo '};'
