#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# mailstorm(1) and databases that are none, not ours, too new, damaged, in use,
# or only readable: it says what is wrong in one line, and never writes.
set -euo pipefail
. "$(dirname "$0")/report.sh"

cd "$work"
make_database storm.db "$data/storm.sql"
storm() { "$mailstorm" --db "$@"; }
is_help="(see mailstorm --help)"

# Wrong use: 1.
fails_with 1 "mailstorm: no command $is_help" "$mailstorm"
fails_with 1 "mailstorm: incidence: not a command $is_help" storm storm.db incidence
fails_with 1 "mailstorm: show: needs the number of an incident (see mailstorm incidents)" storm storm.db show
for id in x 1x 0 '' 1.0 99999999999999999999 ' 1' +1; do
	fails_with 1 "mailstorm: show: $id: not the number of an incident" storm storm.db show "$id"
done
fails_with 1 "mailstorm: show: -1: not the number of an incident" storm storm.db show -- -1
fails_with 1 "mailstorm: show: 2: too many arguments" storm storm.db show 1 2
fails_with 1 "mailstorm: incidents: 1: too many arguments" storm storm.db incidents 1
fails_with 1 "mailstorm: --format: xml: not text, json or csv" storm storm.db --format xml incidents
fails_with 1 "mailstorm: --color: not an option $is_help" storm storm.db --color incidents
fails_with 1 "mailstorm: -v: not an option $is_help" storm storm.db -vh incidents
fails_with 1 "mailstorm: --db: needs a value $is_help" storm storm.db incidents --db
for option in --db --since --until --tz --format --mailbox --key-file --host --max-silence; do
	fails_with 1 "mailstorm: $option: the value is empty $is_help" storm storm.db "$option=" incidents
done
fails_with 1 'mailstorm: \x1b[2J: not a command '"$is_help" storm storm.db $'\e[2J'

for command in "posts 1 --ids" "incidents --mailbox x" "show 1 --since 2h" "affected 1 --until 2h" "status --host mx1"; do
	option=$(echo "$command" | grep -o -- '--[a-z]*')
	# shellcheck disable=SC2086
	fails_with 1 "mailstorm: ${command%% *}: $option: not an option of this command $is_help" storm storm.db $command
done
fails_with 1 "mailstorm: --tz: time zone Europe/Croydon: No such file or directory" \
	storm storm.db --tz Europe/Croydon incidents
fails_with 1 "mailstorm: --tz: time zone ../passwd: not a name of the tz database" storm storm.db --tz ../passwd incidents
for bound in yesterday 2016-11-31 2016-11-14T25:00 2 -1h; do
	fails_with 1 "mailstorm: --since: $bound: neither a time (2016-11-14, 2016-11-14T08:29) nor a duration (2h, 1d12h)" \
		storm storm.db incidents "--since=$bound"
done
for silence in 5 1.5h 0s; do
	fails_with 1 "mailstorm: --max-silence: $silence: not a duration (90s, 15m, 2h, 1d)" \
		storm storm.db status "--max-silence=$silence"
done
for bounds in "2h 2d" "2h 2h" "2016-11-15 2016-11-14" "2016-11-14T08:29Z 2016-11-14T09:29+01:00"; do
	fails_with 1 "mailstorm: --since: ${bounds% *}: not before --until: ${bounds#* }" \
		storm storm.db incidents --since "${bounds% *}" --until "${bounds#* }"
done
# Of a database in which nothing is yet, all is within a duration before the newest event.
make_database nothing.db <(echo "PRAGMA application_id = 1297306706; PRAGMA user_version = 1;")
for command in incidents lists hours; do
	storm nothing.db $command --since 2d --until 2h >bounded 2>&1 || fail "$command of nothing: status $?"
	storm nothing.db $command | diff - bounded || fail "$command of nothing is something"
done

# No such incident: 3.
for format in text json csv; do
	for command in posts affected queued ledger; do
		fails_with 3 "mailstorm: storm.db: $command: there is no incident 9" storm storm.db $command 9 --format $format
	done
	fails_with 3 "mailstorm: storm.db: affected: there is no incident 9" storm storm.db affected 9 --mailbox x
	fails_with 3 "mailstorm: storm.db: show: there is no incident 9" storm storm.db show 9 --format $format
	fails_with 3 "mailstorm: storm.db: timeline: there is no incident 9" storm storm.db timeline 9 --format $format
done

# Files that are none, or not ours: 2.
fails_with 2 "mailstorm: missing.db: cannot be opened: No such file or directory" storm missing.db incidents
fails_with 2 "mailstorm: :memory:: cannot be opened: No such file or directory" storm :memory: incidents
fails_with 2 "mailstorm: .: cannot be opened: it is not a file" storm . incidents
mkfifo pipe
fails_with 2 "mailstorm: pipe: cannot be opened: it is not a file" storm pipe incidents
: >empty
fails_with 2 "mailstorm: empty: not a mailstorm database: the file is empty" storm empty incidents
echo hello >text
fails_with 2 "mailstorm: text: not a mailstorm database: it is no SQLite file" storm text incidents
sqlite3 foreign.db "CREATE TABLE incidents (id)"
fails_with 2 "mailstorm: foreign.db: not a mailstorm database: its application id is 0x00000000, not 0x4d535452" \
	storm foreign.db incidents
cp storm.db new.db
sqlite3 new.db "PRAGMA user_version = 9999"
version=$(ls "$schema" | sed -n 's/^0*\([1-9][0-9]*\)_.*/\1/p' | sort -n | tail -1)
fails_with 2 \
	"mailstorm: new.db: too new for this program: its schema has version 9999, and $version is the latest known here" \
	storm new.db incidents
cp storm.db unborn.db
sqlite3 unborn.db "PRAGMA user_version = 0"
fails_with 2 "mailstorm: unborn.db: not a mailstorm database yet: it has no schema" storm unborn.db incidents
cp storm.db lacking.db
sqlite3 lacking.db "DROP VIEW incidents"
fails_with 2 "mailstorm: lacking.db: cannot be read: incident-exists: no such table: incidents" storm lacking.db show 1
head -c 5000 storm.db >cut.db
fails_with 2 "mailstorm: cut.db: cannot be read: database disk image is malformed" storm cut.db incidents
if [ -e /dev/full ]; then
	status=0
	storm storm.db incidents >/dev/full 2>err || status=$?
	[ "$status $(cat err)" = "2 mailstorm: standard output: cannot be written: No space left on device" ] ||
		fail "full: $status $(cat err)"
fi

# A path has no meaning of its own.
for path in 'file:storm.db?mode=rwc' 'a%20b#c.db' '-x.db' $'new\nline.db'; do
	cp storm.db "./$path"
	storm "$path" incidents >/dev/null || fail "path $path"
done

# In use: what is committed is read, what is not is not; and the files are only readable for the user who reads.
share=$work/share
mkdir "$share"
cp storm.db "$share/wal.db"
cp "$mailstorm" "$work/mailstorm"
chmod 755 "$work" "$share" "$work/mailstorm"
reader=()
if [ "$(id -u)" = 0 ]; then
	command -v setpriv >/dev/null || { echo "no setpriv: not tested as another user"; finish; }
	reader=(setpriv --reuid=65534 --regid=65534 --clear-groups)
fi
count() { "${reader[@]}" "$work/mailstorm" --db "$share/wal.db" --format json incidents | grep -c '^{'; }
mkfifo commands
sqlite3 -bail "$share/wal.db" <commands >answers &
writer=$!
exec 9>commands
say() { # waits until the shell has done it
	echo "$1" >&9
	echo ".print done $((++said))" >&9
	for _ in $(seq 100); do
		grep -qx "done $said" answers && return
		sleep 0.1
	done
	fail "no answer to: $1"
}
said=0
say "PRAGMA journal_mode = wal; PRAGMA wal_autocheckpoint = 0;"
say ".filectrl persist_wal 1"
say "DELETE FROM incident WHERE id = 3;"
say "BEGIN IMMEDIATE; DELETE FROM incident;"
chmod a-w "$share" "$share"/*
[ "$(count)" = 2 ] || fail "in use: $(count) incidents, not 2"
say "COMMIT;"
[ "$(count || true)" = 0 ] || fail "in use: what was committed is not read"
exec 9>&-
wait "$writer"

# Not in use: the WAL files persist, and are read.
ls "$share"/wal.db-wal "$share"/wal.db-shm >/dev/null || fail "the WAL files are gone"
[ "$(count || true)" = 0 ] || fail "at rest: what the WAL holds is not read"

# They were removed: nothing is lost where they were empty, so the file alone is read; no file is made.
chmod u+w "$share" "$share"/*
sqlite3 "$share/wal.db" "PRAGMA wal_checkpoint(truncate)" >/dev/null
rm -f "$share"/wal.db-*
cp storm.db "$share/wal.db"
sqlite3 "$share/wal.db" "PRAGMA journal_mode = wal" >/dev/null
rm -f "$share"/wal.db-*
chmod a-w "$share" "$share"/*
[ "$(count)" = 3 ] || fail "alone: not read"
[ "$(ls "$share")" = wal.db ] || fail "alone: files were made: $(ls "$share")"

# A WAL without its index cannot be read without writing: said, not guessed.
if [ ${#reader[@]} -gt 0 ]; then
	chmod u+w "$share"
	head -c 40000 /dev/zero >"$share/wal.db-wal"
	chmod 755 "$share"
	fails_with 2 "mailstorm: $share/wal.db: cannot be read: $share/wal.db-shm: No such file or directory" \
		"${reader[@]}" "$work/mailstorm" --db "$share/wal.db" incidents
	chmod 600 "$share/wal.db"
	fails_with 2 "mailstorm: $share/wal.db: cannot be opened: Permission denied" \
		"${reader[@]}" "$work/mailstorm" --db "$share/wal.db" incidents
fi
chmod u+w "$share"
finish
