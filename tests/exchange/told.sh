# SPDX-License-Identifier: Apache-2.0
#
# Compares a database with the truth that storm.py wrote. Sourced after run.sh.

# told DATABASE FOLDER [KIND]: the one incident is what the plan says, of a list of that kind. Delays are kept to 1 %; $off
# milliseconds more where the log tells no more.
told() {
	local column value got

	expect "$1: incidents" 1 "$(query "$1" 'SELECT count(*) FROM incidents')"
	expect "$1: unparsed lines" 0 "$(query "$1" 'SELECT sum(unparsed) FROM sources')"
	expect "$1: kind of list" "${3:-group}" "$(query "$1" 'SELECT kind FROM lists WHERE posts > 0')"
	while IFS='|' read -r column value; do
		got=$(query "$1" "SELECT $column FROM incidents")
		case $column in
		delay_max_ms)
			[ "$got" -ge $((value - ${off:-0})) ] && [ "$got" -le $((value + value / 100 + 1 + ${off:-0})) ] ||
				fail "$1: $column: expected $value, got $got"
			;;
		*) expect "$1: $column" "$value" "$got" ;;
		esac
	done <"$2/truth"
}
