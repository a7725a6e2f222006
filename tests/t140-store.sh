#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The database: who may write and who may read it, what is refused in which words,
# and that neither a stop nor a kill at any moment changes what it says in the end.
# Parts that need root are left out, and told, where it is run by somebody else.
set -euo pipefail
. "$TOP_SRCDIR/tests/run.sh"

# A little storm, that takes long enough to be interrupted.
make_storm storm --members 400 --posts 20 --posters 8 --duration 70m --hops 2 --min-recipients 300 --min-pairs 4000 \
	--deferred 5 --bounced 1 --external 10 --auto-replies 3 --background 0.2 --lifetime 2h --tail 20m
make_configuration conf 'storm {' 'min_recipients = 300' 'min_pairs = 4000' '}' 'store { checkpoint = 10ms }'
configuration=conf
take_in whole.db storm.log
true_to whole.db storm.truth || :
daemon() { "$mailstormd" -c conf --rules "$rules" "$@"; }
# start OPTION...: the daemon in the background, $started, what it says in live.said.
started=
trap '[ -z "$started" ] || kill -KILL "$started" 2>/dev/null || :; rm -rf "${shared:-}"' EXIT
start() {
	"$mailstormd" -c conf --rules "$rules" "$@" 2>live.said &
	started=$!
}
# stop: asks it to end. Its status is in $status.
stop() {
	status=0
	kill -TERM "$started" || :
	wait "$started" || status=$?
	started=
}

# refused DATABASE STATUS WORDS: with these words, that name the database, and without a change to it.
refused() {
	local status=0 before after

	before=$({ cat "$1" 2>/dev/null || :; } | cksum)
	daemon --db "$1" --file storm.log >said 2>&1 || status=$?
	after=$({ cat "$1" 2>/dev/null || :; } | cksum)
	expect "status of $1" "$2" "$status"
	grep -qF "error: $1: $3" said || fail "$1: not refused with \"$3\": $(cat said)"
	expect "what is in $1" "$before" "$after"
}

### Who may write.
stat -c '%a' whole.db >modes
expect "mode" 640 "$(cat modes)"
for file in whole.db-wal whole.db-shm; do
	if [ -e $file ]; then
		expect "mode of $file" 640 "$(stat -c '%a' $file)"
	else
		fail "there is no $file"
	fi
done
(umask 000 && take_in open.db storm.log)
expect "mode under umask 000" 640 "$(stat -c '%a' open.db)"

cp storm.log growing.log
start --db busy.db --follow growing.log
await "a first writer" query busy.db "SELECT count(*) FROM posts"
status=0
daemon --db busy.db --file storm.log 2>said || status=$?
expect "status of a second writer" 2 "$status"
expect "words for a second writer" "mailstormd: error: busy.db: cannot be written: another mailstormd is writing it" "$(cat said)"
kill -0 "$started" || fail "the first writer is gone"
stop
expect "status of the first writer" 0 "$status"

### What is refused.
sqlite3 whole.db ".backup newer.db"
sqlite3 newer.db "PRAGMA user_version = 9999"
refused newer.db 2 "cannot be used: it was written by a newer version of mailstorm"
sqlite3 foreign.db "CREATE TABLE guests (name TEXT); INSERT INTO guests VALUES ('anna')"
refused foreign.db 2 "cannot be used: it is not a mailstorm database"
sqlite3 other.db "PRAGMA application_id = 252006673; CREATE TABLE guests (name TEXT)"
refused other.db 2 "cannot be used: it is not a mailstorm database"
head -c 20000 storm.log >text.db
refused text.db 2 "cannot be read: file is not a database"
refused missing/storm.db 2 "cannot be opened: No such file or directory"
mkdir directory.db
refused directory.db 2 "cannot be opened: Is a directory"
for database in newer.db foreign.db text.db missing/storm.db; do
	status=0
	"$mailstorm" --db $database incidents >out 2>said || status=$?
	expect "mailstorm's status with $database" 2 "$status"
	grep -qF "$database" said || fail "mailstorm with $database says: $(cat said)"
	[ ! -s out ] || fail "mailstorm with $database prints $(cat out)"
done

### Who may read: a group member without write permission, with the daemon up and down.
# as_member COMMAND...: nobody's user, of the database's group.
as_member() { setpriv --reuid 65534 --regid 65534 --groups 12 --no-new-privs "$@"; }
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	shared=$(mktemp -d /tmp/mailstorm-t140.XXXXXX)
	chgrp 12 "$shared"
	chmod 2750 "$shared"
	cp "$mailstorm" "$shared/mailstorm"
	chmod 755 "$shared/mailstorm"
	(cd "$shared" && cp "$OLDPWD/conf" "$OLDPWD/storm.log" . && dated storm.log && take_in storm.db storm.log)
	# may_read WHEN
	may_read() {
		expect "what the group's sqlite3 reads, daemon $1" 1 \
			"$(as_member sqlite3 -cmd '.timeout 10000' "$shared/storm.db" "SELECT count(*) FROM incidents" 2>&1)"
		expect "what the group's mailstorm reads, daemon $1" 2 \
			"$(as_member "$shared/mailstorm" --db "$shared/storm.db" --format csv incidents 2>&1 | wc -l)"
		if as_member sqlite3 "$shared/storm.db" "DELETE FROM incident" 2>/dev/null; then
			fail "the group may write, daemon $1"
		fi
		if setpriv --reuid 65534 --regid 65534 --clear-groups sqlite3 "$shared/storm.db" .schema 2>/dev/null; then
			fail "everybody may read, daemon $1"
		fi
	}
	may_read down
	start --db "$shared/storm.db" --follow "$shared/storm.log"
	await "the daemon" query "$shared/storm.db" "SELECT 1 / count(*) FROM sources WHERE source <> 'file'"
	may_read up
	stop
	expect "status of the daemon that is read beside" 0 "$status"
	may_read "down again"

	# Not even a database is made where one may not write.
	mkdir -m 755 readonly
	status=0
	setpriv --reuid 65534 --clear-groups "$mailstormd" -c conf --rules "$rules" --db "$PWD/readonly/storm.db" \
		--file storm.log >said 2>&1 || status=$?
	expect "status in a directory without permission" 2 "$status"
	grep -qF "readonly/storm.db: cannot be opened: Permission denied" said || fail "without permission: $(cat said)"
else
	echo "left out without root and setpriv: reading as another user"
fi

### A stop commits: what standard input gave so far is there.
mkfifo pipe
"$mailstormd" -c conf --rules "$rules" --db stopped.db --file - <pipe 2>live.said &
started=$!
exec 3>pipe
head -n 20000 storm.log >&3
await "20,000 lines" query stopped.db "SELECT 1 / (sum(lines) >= 20000) FROM sources"
head -n 20100 storm.log | tail -n 100 >&3
sleep 0.2
stop
exec 3>&-
expect "status after SIGTERM" 0 "$status"
expect "lines after SIGTERM" 20100 "$(query stopped.db "SELECT sum(lines) FROM sources")"

### A kill at any moment, and a restart: as if nothing had happened.
mkdir live
cp storm.log live/followed.log
dated live/followed.log
daemon --db never-killed.db --follow live/followed.log --until-end
expect "incidents followed" 1 "$(query never-killed.db "SELECT count(*) FROM incidents")"
true_to never-killed.db storm.truth || :
# The log grows by a part before each run, so that there is always something to be interrupted in.
part=$(($(wc -l <storm.log) / 20 + 1))
rm live/followed.log
RANDOM=140
kills=0
for run in $(seq 20); do
	awk -v from=$(((run - 1) * part)) -v to=$((run * part)) "NR > from && NR <= to" storm.log >>live/followed.log
	dated live/followed.log
	start --db killed.db --follow live/followed.log
	nap 70
	kill -KILL "$started" 2>/dev/null && kills=$((kills + 1))
	wait "$started" 2>/dev/null || :
	started=
	grep -v 'a storm on list' live.said && fail "run $run says this"
	if [ -s killed.db ]; then
		expect "integrity after kill $run" ok "$(sqlite3 killed.db "PRAGMA integrity_check" 2>&1 | head -n 1)"
	fi
done
[ "$kills" = 20 ] || fail "only $kills kills"
daemon --db killed.db --follow live/followed.log --until-end || fail "the last run ends with $?"
equal never-killed.db killed.db || :

### A restart when all is done changes nothing.
dump killed.db
mv killed.db.dump before
daemon --db killed.db --follow live/followed.log --until-end || fail "a run for nothing ends with $?"
dump killed.db
diff before killed.db.dump >differs || { fail "a run for nothing changed something"; lines 10 <differs; }
### A database as version 8 left it: addresses whole, with an index, and times in each row of affected.
sqlite3 killed.db ".backup eight.db"
sqlite3 eight.db <<'EOT'
CREATE TABLE address (id INTEGER PRIMARY KEY, address TEXT NOT NULL, sum INTEGER, sealed BLOB) STRICT;
INSERT INTO address SELECT a.id, a.local || coalesce('@' || d.domain, ''), NULL, NULL
FROM address_text AS a LEFT JOIN address_domain AS d ON d.id = a.domain;
CREATE INDEX address_by_text ON address (address);
CREATE TABLE before (incident_id INTEGER NOT NULL, mailbox INTEGER NOT NULL, copies INTEGER NOT NULL, failed INTEGER NOT NULL,
  first_post_at INTEGER, last_post_at INTEGER, PRIMARY KEY (incident_id, mailbox)) STRICT, WITHOUT ROWID;
INSERT INTO before SELECT a.incident_id, a.mailbox, a.copies, a.failed, f.posted_at, l.posted_at
FROM incident_affected AS a
  LEFT JOIN incident_affected_post AS f ON f.incident_id = a.incident_id AND f.number = a.first_post
  LEFT JOIN incident_affected_post AS l ON l.incident_id = a.incident_id AND l.number = a.last_post;
DROP VIEW affected;
DROP TABLE incident_affected; DROP TABLE incident_affected_post;
DROP TABLE address_text; DROP TABLE address_domain; DROP TABLE address_sealed; DROP TABLE address_hash;
ALTER TABLE before RENAME TO incident_affected;
CREATE VIEW affected AS
SELECT
  a.incident_id, m.address AS mailbox, a.copies, a.failed,
  strftime('%Y-%m-%dT%H:%M:%fZ', (a.first_post_at / 1000 - (a.first_post_at % 1000 < 0)) / 1000.0,
    'unixepoch') AS first_post_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', (a.last_post_at / 1000 - (a.last_post_at % 1000 < 0)) / 1000.0,
    'unixepoch') AS last_post_at
FROM incident_affected AS a LEFT JOIN address AS m ON m.id = a.mailbox;
PRAGMA user_version = 8;
EOT
mailbox=$(query eight.db "SELECT mailbox FROM affected LIMIT 1 OFFSET 200")
told() { "$mailstorm" --db "$1" affected 1 --format csv | sort && "$mailstorm" --db "$1" affected 1 --mailbox "$mailbox"; }
told killed.db >told
told eight.db | diff told - >differs || { fail "an older database tells otherwise"; lines 10 <differs; }
sqlite3 eight.db ".backup odd.db"
# An address is cut at its last @, wherever that is.
sqlite3 odd.db "INSERT INTO address (id, address) VALUES (90001, '\"a@b\"@c.example'), (90002, 'nobody'), (90003, 'x@'), (90004, '@'),
	(90005, '@c.example'), (90006, 'a@@c.example'), (90007, 'ü@ä.example'), (90008, '')"
query odd.db "SELECT id, address FROM address ORDER BY id" >odd
sqlite3 odd.db <"$TOP_SRCDIR/schema/0009_compact.sql"
query odd.db "SELECT a.id, a.local || coalesce('@' || d.domain, '') FROM address_text AS a
	LEFT JOIN address_domain AS d ON d.id = a.domain ORDER BY a.id" | diff odd - >differs || { fail "addresses of version 8"; lines 10 <differs; }
expect "domains of odd addresses" 3 "$(query odd.db "SELECT count(*) FROM address_domain WHERE domain IN ('c.example', '', 'ä.example')")"
daemon --db eight.db --follow live/followed.log --until-end || fail "with a database of version 8: $?"
equal killed.db eight.db || :
told eight.db | diff told - >differs || { fail "a database that was version 8 tells otherwise"; lines 10 <differs; }
expect "addresses without a checksum" 0 "$(query eight.db "SELECT count(*) FROM address_text WHERE id / 4096 NOT IN (SELECT block FROM address_hash)")"
daemon --db eight.db --follow live/followed.log --until-end || fail "with a database that was version 8: $?"
finish
