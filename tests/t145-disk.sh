#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A followed log and a disk that makes trouble: somebody reads the database in
# one long transaction, the disk is full for a while, the database or its disk
# may only be read, its log is lost. The daemon waits or says what is wrong;
# when all was read, the dump is that of a run without trouble. Parts that need
# root are left out, and told, where it is run by somebody else.
set -euo pipefail
. "$TOP_SRCDIR/tests/run.sh"
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }

make_storm storm --members 400 --posts 20 --posters 8 --duration 70m --hops 2 --min-recipients 300 --min-pairs 4000 \
	--deferred 5 --bounced 1 --external 10 --auto-replies 3 --background 0.2 --lifetime 2h --tail 20m --envelope iso
make_configuration conf 'storm {' 'min_recipients = 300' 'min_pairs = 4000' '}' 'store { checkpoint = 10ms }'
lines=$(wc -l <storm.log)
incident='mailstormd: warning: incident 1: a storm on list everyone@example.org'
started= holder= mounted=
clean_up() {
	[ -z "$started" ] || kill -KILL "$started" 2>/dev/null || :
	[ -z "$holder" ] || kill -KILL "$holder" 2>/dev/null || :
	[ -z "$mounted" ] || umount "$mounted" || :
}
trap clean_up EXIT

daemon() { "$mailstormd" -c conf --rules "$rules" "$@"; }

# start DATABASE: follows live.log; what it says is in DATABASE.said, beside the test.
start() {
	"$mailstormd" -c conf --rules "$rules" --db "$1" --follow live.log 2>>"${1##*/}.said" &
	started=$!
}

# stop: its status is in $status.
stop() {
	status=0
	kill -TERM "$started" || :
	wait "$started" || status=$?
	started=
}

# grow FROM TO: lines of the storm come into live.log.
grow() {
	sed -n "$1,$2p" storm.log >>live.log
}

# finished DATABASE: all was read, and nothing differs from the run without trouble.
finished() {
	daemon --db "$1" --follow live.log --until-end 2>>"${1##*/}.said" || fail "$1: the last run ends with $?"
	equal whole.db "$1" || :
}

cp storm.log live.log
daemon --db whole.db --follow live.log --until-end 2>whole.db.said
expect "incidents" 1 "$(query whole.db 'SELECT count(*) FROM incidents')"

### Somebody reads, and goes on reading: the daemon goes on too, and says why its file grows.
rm live.log
grow 1 1000
start read.db
await "a first checkpoint" query read.db "SELECT 1 / count(*) FROM sources"
mkfifo hold held
python3 -c '
import sqlite3
reader = sqlite3.connect("file:read.db?mode=ro", uri=True, isolation_level=None)
reader.execute("BEGIN")
before = reader.execute("SELECT sum(lines) FROM sources").fetchone()
open("held", "w").close()
open("hold").read()
assert reader.execute("SELECT sum(lines) FROM sources").fetchone() == before, "the reader sees another state"
' &
holder=$!
read -r _ <held || :
at=1000
while [ "$at" -lt $((lines - 1000)) ] && ! grep -q 'has grown' read.db.said; do
	grow $((at + 1)) $((at + 30))
	at=$((at + 30))
	sleep 0.02
done
expect "what is said of the reader" "mailstormd: warning: read.db-wal: has grown to 32 MB: somebody reads the database in one long \
transaction; it grows until that ends" "$(grep -v -F "$incident" read.db.said)"
: >hold
wait "$holder" || fail "the reader: $?"
holder=
grow $((at + 1)) $((at + 100))
await "the log to be short" grep -q 'read.db-wal: is short again' read.db.said
[ "$(stat -c %s read.db-wal)" -lt 30000000 ] || fail "the log is still $(stat -c %s read.db-wal) bytes long"
grow $((at + 101)) "$lines"
stop
expect "status after the reader" 0 "$status"
finished read.db

### The log of the database is lost: it is an older state, and goes on from there.
rm live.log
grow 1 20000
start lost.db
await "half of it" query lost.db "SELECT 1 / (sum(lines) >= 20000) FROM sources"
kill -KILL "$started"
wait "$started" 2>/dev/null || :
started=
rm lost.db-wal lost.db-shm
grow 20001 "$lines"
finished lost.db

# Where pages are of two states, it is said.
cp whole.db torn.db
python3 -c '
import random, sqlite3
pages = [row[0] for row in sqlite3.connect("whole.db").execute("SELECT pageno FROM dbstat WHERE name = ?", ("incident_affected",))]
with open("torn.db", "r+b") as file:
    for page in pages[1:]:
        file.seek((page - 1) * 4096)
        file.write(random.Random(page).randbytes(4096))
'
status=0
daemon --db torn.db --follow live.log --until-end 2>said || status=$?
expect "status with pages of two states" 2 "$status"
grep -q '^mailstormd: error: torn.db: cannot be read: ' said || fail "of pages of two states it says: $(cat said)"

### May only be read.
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	shared=$(mktemp -d /tmp/mailstorm-t145.XXXXXX)
	cp whole.db conf storm.log "$shared"
	chmod 755 "$shared"
	chmod 444 "$shared"/*
	before=$(cksum <"$shared/whole.db")
	status=0
	cp "$mailstormd" "$shared/mailstormd"
	cp -r "$rules" "$shared/rules"
	(cd "$shared" && setpriv --reuid 65534 --regid 65534 --clear-groups ./mailstormd -c conf --rules rules --db whole.db \
		--follow storm.log --until-end) 2>said || status=$?
	expect "status of a read-only file" 2 "$status"
	expect "words for a read-only file" "mailstormd: error: whole.db: cannot be opened: Permission denied" "$(cat said)"
	expect "a read-only file" "$before" "$(cksum <"$shared/whole.db")"
	rm -rf "$shared"
else
	echo "left out without root and setpriv: a read-only file"
fi

### The disk is full.
mkdir small
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=4m tmpfs small 2>/dev/null; then
	mounted=$PWD/small
	rm live.log
	grow 1 5000
	start small/full.db
	await "a first checkpoint" query small/full.db "SELECT 1 / (sum(lines) >= 5000) FROM sources"
	# All that is left, and then lines.
	cat /dev/zero >small/ballast 2>/dev/null || :
	grow 5001 25000
	await "the full disk to be told" grep -q 'error: small/full.db: .*database or disk is full' full.db.said
	kill -0 "$started" || fail "the full disk ended the daemon"
	expect "the database meanwhile" ok "$(query small/full.db "PRAGMA quick_check")"
	grow 25001 30000
	sleep 0.5
	expect "the full disk is told once" 1 "$(grep -c full full.db.said)"
	rm small/ballast
	mount -o remount,size=100m small
	await "all to be written" query small/full.db "SELECT 1 / (sum(lines) >= 30000) FROM sources"
	stop
	expect "status after the full disk" 0 "$status"
	grow 30001 "$lines"
	finished small/full.db
	expect "what is said" "$incident" "$(grep -v 'disk is full' full.db.said)"

	mount -o remount,ro small
	status=0
	daemon --db small/full.db --follow live.log --until-end 2>said || status=$?
	expect "status on a read-only disk" 2 "$status"
	expect "words for a read-only disk" "mailstormd: error: small/full.db: cannot be opened: Read-only file system" "$(cat said)"
else
	echo "left out without root, or without permission to mount: a full disk"
fi
finish
