#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Bad input is data: rubbish of every kind between the lines of a storm is counted
# line by line, sampled into unparsed, and harms no figure; the daemon exits with
# 0. Hostile subjects and Message-IDs come out of the database as they went into
# the log. Files that are nothing but rubbish end well too.
set -euo pipefail
. "$TOP_SRCDIR/tests/run.sh"

command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }
views="counts incidents timeline amplification posts posters affected domains minutes threads lists queued ledger"

# What the storm's authors wrote, in the log as well as in the truth; the & is one for sed.
harm='<script>alert(1)<\/script>'"'"'); DROP TABLE post; -- %s%n =1+1 \\" \&amp; \xf0\x9f\x92\xa5'
bad_id="a'\";DROP_TABLE_post;--%s%n..\/..\/<b>,=\\\\1"
make_storm clean --storm small
root=$(sed -n 's/^incidents\t1\troot_message_id\t<\(.*\)@.*/\1/p' clean.truth)
[ -n "$root" ] || fail "no root in the truth"
for kind in log truth; do
	LC_ALL=C sed -e "s/<$root@/<$bad_id@/g" -e "s/\( Subject: .*\)Test from /\1$harm from /" \
		-e "s/^\(.*\tsubject\t.*\)Test$/\1$harm/" clean.$kind >hostile.$kind
done
cmp -s clean.truth hostile.truth && fail "nothing hostile in the truth"

# mix <LOG >MIXED: on standard error, how many lines of it are ignored and how many unparsed.
mix() {
	python3 -c '
import random, sys
chance = random.Random(130)
lines = sys.stdin.buffer.readlines()
def at(line):
    return line[:16]
def noise(n):
    return bytes(chance.choice([b for b in range(256) if b not in (10, 13)]) for _ in range(n))
# Each makes one line that is unparsed, or one that is ignored, out of a line of the storm beside it.
unparsed = [
    lambda line: b"\xff" + noise(chance.randint(1, 300)),
    lambda line: b"\0" * chance.randint(1, 100),
    lambda line: line[:chance.randint(1, 14)],
    lambda line: b"x" * (1 << 20),
    lambda line: b"{\"message\":\"" + line.rstrip()[:40].replace(b"\"", b""),
    lambda line: b"{\"@timestamp\":\"2016-11-14T08:29:00Z\",\"message\":{\"a\":[[[[[[[",
    lambda line: b"[" * 100000,
    lambda line: at(line) + b"lists1 postfix/smtpd[77]: this is no line of Postfix",
    lambda line: at(line) + b"lists1 postfix/smtp[77]: to=<anna",
    lambda line: at(line) + b"lists1 postfix/smtp[77]: \xc3\x28\xa0\xa1 \xed\xa0\x80 \0\0",
    lambda line: at(line) + b"lists1 postfix/qmgr[77]: " + b"A" * (1 << 20),
    lambda line: b"Nov 99 99:99:99 lists1 postfix/qmgr[77]: 3F: removed",
    lambda line: b"<999999>1 - - - - - -",
]
ignored = [
    lambda line: at(line) + b"lists1 sshd[4711]: Failed password for root from 192.0.2.1 port 22 ssh2",
    lambda line: at(line) + b"other9 kernel: \x1b[2J\x1b]0;owned\x07 oops \0",
    lambda line: at(line) + b"lists1 " + b"p" * 5000 + b"[1]: to=<anna@example.org>, status=sent (250 ok)",
    lambda line: b"",
    # The clock of a host jumps for ten lines, and back.
    lambda line: b"2038-01-19T03:14:07+00:00 mailbox1 cron[1]: beyond the wall clock",
]
plan = [make for make in unparsed + ignored for _ in range(10)]
places = sorted(chance.sample(range(20, len(lines)), len(plan)))
chance.shuffle(plan)
chance.shuffle(places)
put = dict(zip(places, plan))
counts = [0, 0]
for number, line in enumerate(lines):
    if number in put:
        sys.stdout.buffer.write(put[number](line) + chance.choice([b"\n", b"\r\n"]))
        counts[put[number] in unparsed] += 1
    sys.stdout.buffer.write(line if chance.random() < 0.8 else line.rstrip(b"\n") + b"\r\n")
print(*counts, file=sys.stderr)
'
}
mix <hostile.log >mixed.log 2>counts
read -r ignored unparsed <counts
dated hostile.log mixed.log
events=$(wc -l <clean.log)

make_configuration conf
configuration=conf
take_in hostile.db hostile.log
true_to hostile.db hostile.truth || :
take_in mixed.db mixed.log
# shellcheck disable=SC2086
true_to mixed.db hostile.truth $views || :
expect "lines, events, ignored, unparsed" "$((events + ignored + unparsed))|$events|$ignored|$unparsed" \
	"$(query mixed.db "SELECT lines, events, ignored, unparsed FROM sources")"
expect "unparsed lines of a known host" "$(query mixed.db "SELECT count(*) FROM unparsed WHERE program IS NOT NULL")" \
	"$(query mixed.db "SELECT sum(unparsed) FROM coverage WHERE incident_id IS NULL")"
# A line beyond the wall clock moves no host's clock, so that it alone is late.
expect "late lines" 10 "$(query mixed.db "SELECT sum(late) FROM coverage WHERE incident_id IS NULL")"
expect "subject" "$(sed -n 's/^incidents\t1\tsubject\t//p' hostile.truth)" "$(query mixed.db "SELECT subject FROM incidents")"

# There are some samples of each program and reason, each with its position.
expect "programs and reasons" "JSON is cut off
JSON, but no object
no time stamp
only NUL bytes
qmgr: no rule
smtp: no rule
smtpd: no rule" "$(query mixed.db "SELECT DISTINCT ifnull(program || ': ', '') || reason AS text FROM unparsed ORDER BY text")"
expect "samples too long" 0 "$(query mixed.db "SELECT count(*) FROM unparsed WHERE length(CAST(line AS BLOB)) > 4096")"
query mixed.db "SELECT offset, lower(hex(substr(CAST(line AS BLOB), 1, 30))) FROM unparsed" >samples
[ "$(wc -l <samples)" -ge 50 ] || fail "only $(wc -l <samples) samples"
while IFS='|' read -r offset bytes; do
	expect "what is at $offset" "$bytes" "$(od -An -v -tx1 -j "$offset" -N $((${#bytes} / 2)) mixed.log | tr -d ' \n')"
done <samples

# What mailstorm prints of it steers no terminal.
"$mailstorm" --db mixed.db show 1 >shown || fail "mailstorm show"
if LC_ALL=C grep -q '[[:cntrl:]]' shown; then
	fail "control characters in what mailstorm shows"
fi

# A shipper that names its fields in its own way: what it sends is counted, and told, once.
for i in 1 2 3; do
	printf '{"stamp":"2016-11-14T08:29:0%s Z","node":{"name":"mx1"},"txt":"Nov 14 08:29:0%s mx1 postfix/smtp[7]: x","a@b":0}\n' $i $i
done >fields
{
	cat fields
	sed -n 1,100p clean.log
} >fields.log
dated fields.log
take_in fields.db fields.log
expect "lines with unknown fields" '103|100|0|3|3' "$(query fields.db "SELECT lines, events, ignored, unparsed, (SELECT count(*)
	FROM unparsed WHERE reason = 'JSON without a field that is known for the message') FROM sources")"
expect "what is said of them" "mailstormd: warning: file fields.log/0, offset 0: JSON without a field that is known for the message; \
its fields are: stamp, node.name, txt, ?. Such lines so far, counted as unparsed: 1" "$(grep JSON fields.db.said)"

# Nothing but rubbish: nothing found, and no harm done.
python3 -c '
import random, sys
chance = random.Random(131)
sys.stdout.buffer.write(bytes(chance.getrandbits(8) for _ in range(300000)))' >noise
: >empty
head -c 1000000 /dev/zero >zeros
printf 'no end of line' >endless
printf '\n\n\r\n\n' >blank
gzip -c clean.log >whole.gz
head -c 5000 whole.gz >cut.gz
for rubbish in noise empty zeros endless blank; do
	dated "$rubbish"
	take_in "$rubbish.db" "$rubbish" || continue
	expect "events in $rubbish" 0 "$(query "$rubbish.db" "SELECT ifnull(sum(events), 0) FROM sources")"
done
expect "lines in noise" "$(query noise.db "SELECT lines FROM sources")" \
	"$(query noise.db "SELECT ignored + unparsed FROM sources")"

# What cannot be read is said, and is no crash.
status=0
"$mailstormd" -c conf --rules "$rules" --db cut.db --file cut.gz 2>said || status=$?
case $status in
0 | 2) ;;
*) fail "cut.gz: status $status" ;;
esac
grep -q 'cut.gz' said || fail "cut.gz: not a word about it: $(cat said)"
for path in missing .; do
	status=0
	"$mailstormd" -c conf --rules "$rules" --db missing.db --file "$path" 2>said || status=$?
	case $status in
	1 | 2) ;;
	*) fail "--file $path: status $status" ;;
	esac
	[ -s said ] || fail "--file $path: not a word"
done
finish
