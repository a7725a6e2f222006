# SPDX-License-Identifier: Apache-2.0
#
# What contrib/bench measures with: single runs of commands are timed and kept as
# lines of a file, and rows of a table are made from them: medians, the least
# and the most, ratios, and whether a target was met. Sourced; the caller sets
# $work, the folder of runs.tsv and of what commands say, and $stage.
#
# A line of runs-TIME.tsv: stage, contender, lines read, seconds, seconds of
# processor, peak RSS in kB.

runs=${work:?}/runs-$(date -u +%Y%m%dT%H%M%S).tsv
targets_met=0 targets_missed=0

die() {
	echo "bench: $*" >&2
	exit 1
}

# note TEXT...: a line of remarks below a table.
note() {
	printf '  %s\n' "$*"
}

# heading TEXT...: and the head of a table.
heading() {
	printf '\n== %s\n%-36s %10s %21s %12s %8s %8s\n' "$*" '' median 'min .. max' lines/s 'CPU s' 'RSS MB'
}

# ran CONTENDER LINES FROM TO: keeps a run, of which $work/time has the rest.
ran() {
	tail -n 1 "$work/time" | awk -v OFS='\t' -v stage="$stage" -v name="$1" -v lines="$2" -v from="$3" -v to="$4" \
		'{ print stage, name, lines, to - from, $1 + $2, $3 }' >>"$runs"
}

# timed CONTENDER LINES COMMAND...: one run, its output to /dev/null or $output; what it complains of is in $work/err. A
# failure ends all, but for the status $allowed.
timed() {
	local name=$1 lines=$2 from to status=0

	shift 2
	from=$EPOCHREALTIME
	/usr/bin/time -q -o "$work/time" -f '%U %S %M' "$@" </dev/null >"${output:-/dev/null}" 2>"$work/err" || status=$?
	to=$EPOCHREALTIME
	[ "$status" -eq 0 ] || [ "$status" = "${allowed:-0}" ] || die "$name: status $status: $* $(tail -n 3 "$work/err")"
	ran "$name" "$lines" "$from" "$to"
}

# figure CONTENDER COLUMN: median, least and most of a column of its runs in this stage.
figure() {
	awk -F '\t' -v stage="$stage" -v name="$1" -v column="$2" '$1 == stage && $2 == name { print $column }' "$runs" |
		sort -g | awk '{ v[NR] = $1 } END { if (NR) print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2, v[1], v[NR] }'
}

median() {
	figure "$@" | cut -d ' ' -f 1
}

# row CONTENDER: a row of the table; none where it did not run.
row() {
	[ -n "$(median "$1" 4)" ] || return 0
	printf '%s %s %s %s\n' "$(figure "$1" 4)" "$(median "$1" 3)" "$(median "$1" 5)" "$(median "$1" 6)" |
		awk -v name="$1" '{ printf "%-36s %8.3f s %8.3f .. %8.3f %12d %8.2f %8.1f\n", name, $1, $2, $3,
			$4 / $1, $5, $6 / 1024 }'
}

# target WHAT VALUE UNIT "at most"|"at least"|under|over LIMIT: whether it is met.
target() {
	local verdict

	[ -n "$2" ] || die "$stage: $1: nothing was measured"
	verdict=$(awk -v value="$2" -v kind="$4" -v limit="$5" 'BEGIN {
		good["at most"] = value <= limit; good["at least"] = value >= limit; good["under"] = value < limit
		good["over"] = value > limit
		print (good[kind] ? "met" : "NOT MET") }')
	if [ "$verdict" = met ]; then targets_met=$((targets_met + 1)); else targets_missed=$((targets_missed + 1)); fi
	printf '  %-46s %10.2f %-12s target: %s %s: %s\n' "$1" "$2" "$3" "$4" "$5" "$verdict"
}

# ratio WHAT CONTENDER OTHER "at most"|... LIMIT: of the medians of their seconds; that of processor time is a remark.
ratio() {
	[ -n "$(median "$2" 4)" ] && [ -n "$(median "$3" 4)" ] || return 0
	target "$1" "$(quotient "$(median "$2" 4)" "$(median "$3" 4)")" times "$4" "$5"
	[ "$(median "$3" 5)" = 0 ] ||
		printf '  %-46s %10.2f times\n' '    by processor time' "$(quotient "$(median "$2" 5)" "$(median "$3" 5)")"
}

# quotient A B: of nothing there is none.
quotient() {
	awk -v a="$1" -v b="$2" 'BEGIN { if (!b) exit 1; print a / b }' || die "$stage: nothing was measured: $1 / $2"
}

# machine: in words.
machine() {
	printf 'Machine: %d processors (%s), %d GB of memory, %s, %s\n' "$(nproc)" \
		"$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1)" \
		"$(awk '/^MemTotal/ { print $2 / 1048576 + 0.5 }' /proc/meminfo | cut -d . -f 1)" "$(uname -sr)" \
		"$(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' /etc/os-release)"
}

# load WHEN: what else works on the machine makes all figures worse, and ratios less so.
load() {
	printf 'Load average at the %s: %s (%s)\n' "$1" "$(cut -d ' ' -f 1-3 /proc/loadavg)" "$(date -u '+%Y-%m-%d %H:%M:%S UTC')"
}
