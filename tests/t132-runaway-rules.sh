#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Patterns cannot run away. A site's own rules backtrack without end, recurse as
# deep as a line is long, and repeat what repeats: each such match is given up, its
# line is counted as unparsed with that reason, lines that the same rules do
# understand are, and the storm beside them has its figures. A pattern that is too large is
# refused with its file and line. Without limits this test would not end.
set -euo pipefail
. "$TOP_SRCDIR/tests/run.sh"
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }

mkdir own
cp "$rules"/*.rules own
# As it stands in mailstorm-rules(5); a pattern that begins with (*NO_JIT) is interpreted.
cat >own/00-site.rules <<'RULES'
parser site
version 1
programs runaway

rule repeats
	event removed
	pattern ^ (?<queue_id>R[0-9]+) :[ ] (?: (?: a+ )+ )+ $
	sample runaway
		R1: aaa
	expect queue_id R1

rule interpreted
	event removed
	pattern (*NO_JIT) ^ (?<queue_id>I[0-9]+) :[ ] (?: (?: a | aa )+ )+ $
	sample runaway
		I1: aaa
	expect queue_id I1

rule recurses
	event removed
	pattern ^ (?<queue_id>D[0-9]+) :[ ] (?<reason> \( (?: [^()] | (?&reason) )* \) ) $
	sample runaway
		D1: (x)
	expect queue_id D1
		reason (x)

rule interpreted-recursion
	event removed
	pattern (*NO_JIT) ^ (?<queue_id>E[0-9]+) :[ ] (?<reason> \( (?: [^()] | (?&reason) )* \) ) $
	sample runaway
		E1: (x)
	expect queue_id E1
		reason (x)

rule looks-back
	event removed
	pattern ^ (?<queue_id>B[0-9]+) :[ ] (.*) (.*) (.*) (.*) (.*) (.*) \2\3\4\5\6x $
	sample runaway
		B1: a b c d e fbcdefx
	expect queue_id B1
RULES

make_storm storm --storm small
python3 - storm.log >runaway.log <<'PYTHON'
import sys
lines = open(sys.argv[1]).readlines()
bad = ["R1: " + "a" * 60 + "!", "I1: " + "a" * 60 + "!", "D1: " + "(" * 500000, "E1: " + "(" * 500000,
       "D2: " + "(" * 300000 + ")" * 300000, "B1: " + "ab" * 2000 + "x!", "R2: " + "a" * 900000 + "!"]
good = ["R3: aaa", "I3: aaaa", "D3: ((x)(y))", "E3: ((x)(y))"]
for number, line in enumerate(lines):
    sys.stdout.write(line)
    if number % (len(lines) // 4) == 1:
        for text in bad + good:
            sys.stdout.write(line[:16] + "site runaway[1]: " + text + "\n")
PYTHON
dated runaway.log
times=$(grep -c "runaway\[1\]: R1: " runaway.log)

make_configuration conf
status=0
timeout 600 "$mailstormd" -c conf --rules own --db runaway.db --file runaway.log 2>said || status=$?
expect "status (124: it ran for ten minutes)" 0 "$status"
[ -s said ] && lines 5 <said
true_to runaway.db storm.truth counts incidents timeline amplification posts posters affected domains minutes threads lists queued ledger || :
expect "lines, unparsed" "$(wc -l <runaway.log)|$((7 * times))" "$(query runaway.db "SELECT sum(lines), sum(unparsed) FROM sources")"
expect "reasons" "match limit" "$(query runaway.db "SELECT DISTINCT reason FROM unparsed")"
expect "programs" "runaway" "$(query runaway.db "SELECT DISTINCT program FROM unparsed")"

# Too large to be compiled: told with file and line, and nothing is read.
mkdir large
cp "$rules"/*.rules large
printf 'parser large\nversion 1\nprograms large\n\nrule large\n\tevent removed\n\tpattern ^ (?<queue_id> (?: (?: x{1,1000} ){1,1000} ){1,1000} )\n\tsample large\n\t\tx\n' >large/large.rules
status=0
"$mailstormd" -c conf --rules large --check-config >said 2>&1 || status=$?
expect "status of a rule that is too large" 1 "$status"
grep -q 'large.rules:7: ' said || fail "a rule that is too large: $(cat said)"
finish
