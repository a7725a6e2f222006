#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What PowerShell exports, as exchange/export.py writes it: a tracking log, whose times are
# local ones, and a message trace, in the formats of several regions, with every separator
# and encoding. The figures are those of the plan. What cannot be read is told: lists that
# nobody joined, and dates whose day may be their month.
set -u
. "$(dirname "$0")/run.sh"
. "$tests/exchange/told.sh"
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }
small=('storm { min_recipients = 30' 'min_replies = 5 }')
make_configuration small.conf "${small[@]}"
configuration=small.conf
off=1000 # times are in whole seconds

# exported WHAT WORDS FILE...: into WHAT.WORDS.csv
exported() {
	python3 "$tests/exchange/export.py" "$@" >"$1.$2.csv" || fail "export.py $*"
	dated "$1.$2.csv"
}

for kind in plain nested ends array; do
	python3 "$tests/exchange/storm.py" "$kind" "$kind" || fail "storm.py $kind"
done
for words in us,type us-narrow de,semicolon gb,tab se,bom jp,blank hu,comma us,bom,utf-16-le us,bom,utf-16-be; do
	exported tracking $words plain/*.LOG
	take_in "$words.db" "tracking.$words.csv" && told "$words.db" plain
done
for kind in nested ends; do
	exported tracking de $kind/*.LOG
	take_in $kind.db tracking.de.csv && told $kind.db $kind
done
for words in us gb,tab de,semicolon us,bom,utf-16-be; do
	exported trace $words array/trace.json
	take_in "trace.$words.db" "trace.$words.csv" && told "trace.$words.db" array
done

# JSON has the lists, and whole times. On one line it may have so many rows as a line is long.
exported json lines plain/*.LOG
take_in lines.db json.lines.csv && off=0 told lines.db plain
grep -h -e '^#Fields' -e 'post[01]@' plain/*.LOG >two.LOG
exported json compressed two.LOG
dated two.LOG
take_in two.db two.LOG
take_in compressed.db json.compressed.csv
expect 'on one line' "$(query two.db 'SELECT list, recipients, delivered, pending FROM posts')" \
	"$(query compressed.db 'SELECT list, recipients, delivered, pending FROM posts')"
expect 'posts on one line' 2 "$(query compressed.db 'SELECT count(*) FROM posts')"

# Without the reference nothing tells of which message a copy was made, but that it is the same one.
exported tracking us,references plain/*.LOG
take_in references.db tracking.us,references.csv
expect 'without references' '13|60|780|0|0' \
	"$(query references.db 'SELECT posts, members, deliveries, pending, unaccounted FROM incidents')"

# Local times are those of the configured zone; a trace's are UTC.
make_configuration() {
	printf '%s\n' "${@:2}" >"$1"
}
make_configuration berlin.conf 'input { timezone = "Europe/Berlin" }' "${small[@]}"
configuration=berlin.conf
take_in berlin.db tracking.us,type.csv
take_in trace.berlin.db trace.us.csv
expect 'a local time' 2016-11-14T07:29:00.000Z "$(query berlin.db 'SELECT opened_at FROM incidents')"
expect 'a time of a trace' 2016-11-14T08:29:00.000Z "$(query trace.berlin.db 'SELECT opened_at FROM incidents')"

# On the fourth of November nobody knows which it is, but who exported it.
for order in none day-first month-first; do
	sed 's|"11/14/2016|"11/4/2016|' tracking.us,type.csv >either.csv
	dated either.csv
	make_configuration $order.conf "input { timezone = \"UTC\" $([ $order = none ] || echo "date_order = $order") }" "${small[@]}"
	configuration=$order.conf
	take_in $order.db either.csv
done
rows=$(($(wc -l <either.csv) - 2))
expect 'of no known order' "$rows|0|a date whose day may be its month: see input.date_order" "$(query none.db \
	'SELECT (SELECT sum(unparsed) FROM sources), (SELECT count(*) FROM posts), min(reason) FROM unparsed')"
expect 'day first' 2016-04-11T08:29:00.000Z "$(query day-first.db 'SELECT opened_at FROM incidents')"
expect 'month first' 2016-11-04T08:29:00.000Z "$(query month-first.db 'SELECT opened_at FROM incidents')"

# Lists that nobody joined.
configuration=small.conf
exported tracking us,lost plain/*.LOG
take_in lost.db tracking.us,lost.csv
expect 'lists that are lost' "0|an export without its recipients: they are a list, which must be joined (-join ';')" \
	"$(query lost.db 'SELECT (SELECT count(*) FROM posts), max(reason) FROM unparsed')"
expect 'rows of lists that are lost' "$(grep -c 'False.*System.String\[\]' tracking.us,lost.csv)" "$(query lost.db \
	'SELECT sum(unparsed) FROM sources')"

finish
