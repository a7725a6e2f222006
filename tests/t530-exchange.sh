#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Storms on Exchange and in Microsoft 365's traces, as exchange/storm.py writes them: every
# figure that its plan tells is the report's, whatever the version, the order of the files
# and of the lines, the wrapper around them, and rows that were cut on their way.
set -u
. "$(dirname "$0")/run.sh"
. "$tests/exchange/told.sh"
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }
make_configuration small.conf 'storm { min_recipients = 30' 'min_replies = 5 }'
configuration=small.conf

# storm KIND: the logs, in the folder KIND.
storm() {
	python3 "$tests/exchange/storm.py" "$1" "$1" || fail "storm.py $1"
	dated "$1"/*
}

for kind in plain plain2007 plain2010 plain2013 plainother nested unnamed resubmitted waits deleted ends extended summary wide value results array; do
	storm "$kind"
	logs=$(find "$kind" -type f ! -name truth | sort)
	take_in "$kind.db" $logs && told "$kind.db" "$kind"
done

# Exchange, a Postfix gateway, a site with Exim.
storm gateway
mkdir -p exim && mv gateway/mainlog exim/mainlog
take_in gateway.db gateway/MBX1.LOG gateway/gw.log exim/mainlog && told gateway.db gateway

# The order of the files, and of lines within the window, changes nothing.
rows() {
	tr -d '\r' <"$1" | sed 's/^\xef\xbb\xbf//' | grep -v '^#'
}

for kind in plain nested unnamed waits deleted ends; do
	logs=$(find "$kind" -name '*.LOG' | sort -r)
	take_in "$kind.other.db" $logs && equal "$kind.db" "$kind.other.db" sources
	for log in $logs; do rows "$log"; done >rows
	python3 - rows >"$kind.shuffled" <<-'PYTHON'
		import datetime, random, sys
		random.seed(7)
		def key(row):
		    when = datetime.datetime.strptime(row[:23], "%Y-%m-%dT%H:%M:%S.%f")
		    return when.timestamp() + 120 * random.random()
		sys.stdout.writelines(sorted(open(sys.argv[1]), key=key))
	PYTHON
	dated "$kind.shuffled"
	take_in "$kind.shuffled.db" "$kind.shuffled" && equal "$kind.db" "$kind.shuffled.db" sources lines as-of
done

# No header at all, and an order that no version has: the configuration tells it.
columns=$(sed -n 's/^#Fields: //p' plainother/MBX1.LOG | tr -d '\r')
make_configuration columns.conf 'storm { min_recipients = 30' 'min_replies = 5 }' "input { columns = '$columns' }"
mkdir bare
for server in MBX1 MBX2; do rows "plainother/$server.LOG" >"bare/$server.LOG"; done
dated bare/*
configuration=columns.conf
take_in bare.db bare/MBX1.LOG bare/MBX2.LOG && told bare.db plainother
configuration=small.conf

# Wrapped by Filebeat, headers and all.
python3 - nested/MBX1.LOG nested/MBX2.LOG >wrapped <<'PYTHON'
import json, sys
rows = []
for path in sys.argv[1:]:
    for line in open(path, encoding="utf-8-sig"):
        rows.append(json.dumps({"@timestamp": "2016-11-14T10:00:00Z", "host": {"name": path[7:11]},
                                "log": {"file": {"path": "C:\\" + path}}, "message": line.rstrip("\r\n")}))
print("\n".join(rows))
PYTHON
dated wrapped
take_in wrapped.db wrapped && told wrapped.db nested && equal nested.db wrapped.db sources lines as-of

# A row that was cut on its way, and its quote not closed, takes no other row with it, were it the last but three.
mkdir cut
cp plain/MBX1.LOG cut
awk -v last="$(wc -l <plain/MBX2.LOG)" 'NR == 100 || NR == last - 3 {
	print "2016-11-14T08:31:00.000Z,,,,MBX2,,,SMTP,RECEIVE,7,<cut@example.org>,,person01@example.org,,1,1,,,\"cut" } 1' \
	plain/MBX2.LOG >cut/MBX2.LOG
dated cut/*
take_in cut.db cut/MBX1.LOG cut/MBX2.LOG && equal plain.db cut.db sources lines as-of
expect 'cut rows' 2 "$(query cut.db 'SELECT sum(unparsed) FROM sources')"
expect 'lines of a cut file' "$(cat cut/* | wc -l)" "$(query cut.db 'SELECT sum(lines) FROM sources')"

finish
