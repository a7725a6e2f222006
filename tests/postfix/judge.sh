#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# judge.sh CONF EXPECTED LOG...: reads the logs with mailstormd and compares
# each expected figure with the database; prints those that differ. Where the
# logs are a topic, the caller makes the database and gives DATABASE=FILE instead.
# 77 if mailstormd or sqlite3 is missing; MAILSTORMD names another than the build's.
set -euo pipefail
kit=$(cd "$(dirname "$0")" && pwd)
mailstormd=${MAILSTORMD:-$(command -v ./mailstormd || command -v mailstormd || :)}
conf=$1
expected=$2
shift 2
[ -s "$expected" ] || { echo "nothing expected" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ -z "${DATABASE:-}" ]; then
	[ -n "$mailstormd" ] || { echo "skipped: no mailstormd" >&2; exit 77; }
	DATABASE=$work/mailstorm.db
	{ cat "$conf"; printf 'store {\n\tpath = "%s"\n}\n' "$DATABASE"; } >"$work/conf"
	rules=${MAILSTORM_RULES_DIRECTORY:-$kit/../../parsers}
	"$mailstormd" -c "$work/conf" --rules "$rules" --file "$@"
fi
command -v sqlite3 >/dev/null || { echo "skipped: no sqlite3" >&2; exit 77; }
sqlite3 -readonly "$DATABASE" <"$kit/figures.sql" >"$work/figures"
awk -F'\t' '
	NR == FNR { got[$1] = $2; next }
	{
		have = ($1 in got) ? got[$1] : "(none)"
		near = $3 != "" && have ~ /^-?[0-9.]+$/ && have - $2 <= $3 && $2 - have <= $3
		if (have != $2 && !near) {
			printf "%s: expected %s%s, got %s\n", $1, $2, $3 == "" ? "" : " +-" $3, have
			wrong++
		}
	}
	END { printf "%d figures, %d wrong\n", FNR, wrong; exit wrong > 0 }
' "$work/figures" "$expected"
