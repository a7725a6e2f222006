#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Storms that really happened, made by stormgen at a fraction of their size and
# read as a file with the thresholds that the truth's head names: every figure
# must be that of the truth, and what is no storm must open no incident. Needs
# nothing but the built programs.
set -euo pipefail
export TZ=UTC LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
stormgen=${STORMGEN:-${TOP_BUILDDIR:-$here/..}/contrib/stormgen/stormgen}
mailstormd=${MAILSTORMD:-mailstormd}
for program in "$stormgen" "$mailstormd"; do
	command -v "$program" >/dev/null || {
		echo "$program: not there"
		exit 99
	}
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

fault() {
	echo "$*"
	failed=1
}

# agrees: reads what was made and compares; what is wrong is left in $work/diff
agrees() {
	sed -n 's/^#conf //p' "$work/truth" >"$work/conf"
	# A time stamp without a year is of the last year that the file's own time allows.
	touch -d "$(sed -n 's/^# last line: //p' "$work/truth")" "$work/log"
	rm -f "$work"/db*
	"$mailstormd" -c "$work/conf" --rules "${MAILSTORM_RULES_DIRECTORY:-$here/../parsers}" --db "$work/db" \
		--file "$work/log" >"$work/diff" 2>&1 &&
		"$here/truth/compare.sh" "$work/db" "$work/truth" >"$work/diff" 2>&1
}

# preset NAME INCIDENTS OPTION...: so many incidents, and every figure as it was
preset() {
	local name=$1 incidents=$2
	shift 2
	"$stormgen" --storm "$name" --output "$work/log" --truth "$work/truth" "$@" 2>"$work/said" || {
		fault "$name $*: $(cat "$work/said")"
		return
	}
	grep -q "^counts	\*	incidents	$incidents\$" "$work/truth" ||
		fault "$name $*: not planned as $incidents incidents: $(grep '^counts' "$work/truth")"
	agrees || fault "$name $*: $(tail -n 1 "$work/diff")
$(head -n 12 "$work/diff")"
}

preset nhs16 1 --scale 6000
preset nhs16-official 1 --scale 3000
preset dhs07 1 --scale 50
preset bedlam97 1 --scale 200
preset cisco13 1 --scale 200
preset nyu12 1 --scale 300
preset cc-storm 1
preset cross-post 2 --scale 10
preset cross-post 2 --scale 10 --hops 1 --external 20
preset cross-post 2 --scale 10 --orcpt no

# As other systems would have logged them.
preset nhs16 1 --scale 6000 --format exchange --nested 30
preset cisco13 1 --scale 200 --format m365
preset nhs16 1 --scale 6000 --format exim --envelope iso
preset nhs16 1 --scale 6000 --format sendmail --envelope iso
preset nhs16 1 --scale 6000 --format m365
preset busy-list 0 --scale 100 --format exchange --exchange 2010
preset spam-run 0 --format exchange

preset newsletter 0 --scale 20
preset bulk-sender 0 --scale 5
preset busy-list 0 --scale 100
preset busy-list 0 --scale 100 --subjects subject
# Without subjects it is one storm, on the first day, and never again.
preset busy-list 1 --scale 100 --subjects none
preset busy-list 1 --scale 100 --subjects none --pace workdays --posts 1500
preset robot-loop 0 --scale 20
preset spam-run 0
preset backscatter 0 --scale 10

# Each says where its figures come from, and what cannot be is refused.
for name in $("$stormgen" --help | sed -n '/^Presets/,$ s/^  \([a-z0-9-]*\) .*/\1/p'); do
	"$stormgen" --help --storm "$name" | grep -Eq '^(Published: |Made up)' || fault "--help --storm $name: no sources"
done
refused() {
	"$stormgen" --output /dev/null "$@" >"$work/said" 2>&1 && fault "$*: not refused"
	[ "$(wc -l <"$work/said")" -eq 1 ] || fault "$*: $(cat "$work/said")"
}
refused --shape recipient-set --close-after 5
refused --storm cc-storm --scale 20
refused --storm cross-post --close-after 5
refused --storm nothing-such
refused --format exchange --shape mailman
refused --format exchange --envelope iso
refused --format exim --hops 3
refused --format exim --hops 2 --envelope native
refused --format sendmail --members 30
refused --format sendmail --lost 2
refused --format m365 --trace array --utf-16
refused --format m365 --until 10m
exit "$failed"
