#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A followed log that is rotated, compressed and truncated, while mailstormd reads
# it and while it is killed, loses its power, or is down: when all was read, the dump is that of one
# reading of all lines. What really is gone is told, and counted as a gap. The
# points of kills come from a seed (CRASH_SEED), which is printed.
set -euo pipefail
. "$TOP_SRCDIR/tests/run.sh"

make_storm storm --members 400 --posts 20 --posters 8 --duration 70m --hops 2 --min-recipients 300 --min-pairs 4000 \
	--deferred 5 --bounced 1 --external 10 --auto-replies 3 --background 0.2 --lifetime 2h --tail 20m --envelope iso
make_configuration conf 'storm {' 'min_recipients = 300' 'min_pairs = 4000' '}' 'store { checkpoint = 10ms }'
configuration=conf
take_in whole.db storm.log
lines=$(wc -l <storm.log)
seed=${CRASH_SEED:-$(($(date +%s) % 30000))}
RANDOM=$seed
echo "seed $seed"
started=
trap '[ -z "$started" ] || kill -KILL "$started" 2>/dev/null || :' EXIT

start() {
	"${program:-$mailstormd}" -c conf --rules "$rules" --db "$database" --follow logs/mail.log 2>>"$database.said" &
	started=$!
}

# end SIGNAL STATUS...
end() {
	local status=0

	kill -s "$1" "$started" 2>/dev/null || :
	wait "$started" 2>/dev/null || status=$?
	started=
	[[ " ${*:2} " == *" $status "* ]] || fail "status after SIG$1: expected ${*:2}, got $status"
}

# Everything written so far was read, and is in the database.
caught_up() {
	[ "$(query "$database" 'SELECT inode || " " || next_offset FROM source')" = "$(stat -c '%i %s' logs/mail.log)" ]
}

# grow LINES: so many more of the storm, the last not always whole yet.
at=0 torn=
grow() {
	{
		printf '%s' "$torn"
		[ "$1" = 0 ] || sed -n "$((at + 1)),$((at + $1))p" storm.log
	} >part
	torn=
	at=$((at + $1 < lines ? at + $1 : lines))
	if [ $((RANDOM % 3)) = 0 ] && [ "$at" -lt "$lines" ]; then
		torn=$(sed -n "$((at + 1))p" storm.log)
		printf '%s' "${torn:0:40}" >>part
		torn=${torn:40}$'\n'
		at=$((at + 1))
	fi
	cat part >>logs/mail.log
}

# The rest of a line that was begun goes where its beginning is.
mend() {
	[ -z "$torn" ] || printf '%s' "$torn" >>logs/mail.log
	torn=
}

# rotate: as logrotate does; the file is missing for a moment, or longer.
rotate() {
	local n

	mend
	for n in $(seq 30 -1 1); do
		[ ! -e "logs/mail.log.$n" ] || mv "logs/mail.log.$n" "logs/mail.log.$((n + 1))"
		[ ! -e "logs/mail.log.$n.gz" ] || mv "logs/mail.log.$n.gz" "logs/mail.log.$((n + 1)).gz"
	done
	mv logs/mail.log logs/mail.log.1
	[ $((RANDOM % 2)) = 0 ] || sleep 0.05
	: >logs/mail.log
}

# begin DATABASE: a new log.
begin() {
	database=$1
	rm -rf logs
	mkdir logs
	: >logs/mail.log
	at=0 torn=
	# A daemon that was there knows the file from then on, though it was empty.
	start
	await "the file to be known" caught_up
	end KILL 137
}

# finish_reading: to the end, and all is there.
finish_reading() {
	grow "$lines"
	"$mailstormd" -c conf --rules "$rules" --db "$database" --follow logs/mail.log --until-end 2>>"$database.said" ||
		fail "$database: the last run ends with $?"
	equal whole.db "$database" sources || :
	expect "lines of $database" "$lines" "$(query "$database" 'SELECT sum(lines) FROM sources')"
}

### Rotated at any time, with kills at any time, and all of it compressed that was read.
begin rotated.db
rotations=0
for run in $(seq 20); do
	grow $((lines / 32))
	draw 3
	for turn in $(seq "$drawn"); do
		rotate
		rotations=$((rotations + 1))
		grow $((lines / 100 * (RANDOM % 2)))
	done
	# Of the runs that are not to end in good order, some end by a power cut, if they come so far.
	if [ $((run % 3)) = 0 ] && [ $((run % 5)) != 0 ]; then
		export FAULTY_END="cut $((30 + RANDOM % 300)) $RANDOM"
		program=$TOP_BUILDDIR/tests/faulty_mailstormd start
		cut=1
	else
		cut=
		start
	fi
	nap 120
	if [ $((RANDOM % 2)) = 0 ]; then
		grow $((lines / 200))
		rotate
		rotations=$((rotations + 1))
		nap 100
	fi
	if [ $((run % 5)) = 0 ]; then
		# A new log without a line is not begun before it has one.
		[ "$at" -lt "$lines" ] || fail "the storm is over before run $run is"
		grow 10
		mend
		await "all that was written" caught_up
		find logs -name 'mail.log.*[0-9]' -exec gzip -q {} +
		end TERM 0
	elif [ -n "$cut" ]; then
		# A kill would come into what the cut does. It ends by the cut at its last call.
		# A machine that is very busy ends it before it listens.
		end TERM 137 0 143
	else
		end KILL 137
	fi
done 2>killed
grep -v ' Killed  ' killed || :
finish_reading
[ "$rotations" -ge 10 ] || fail "only $rotations rotations"
expect "what is said" '' "$(grep -v 'a storm on list' rotated.db.said | grep -v 'No such file or directory; waiting for it')"

### Copied and truncated while it is read: what came before was read, nothing is lost.
begin truncated.db
for run in $(seq 5); do
	grow $((lines / 12))
	mend
	start
	await "what came before the truncation" caught_up
	cp logs/mail.log logs/mail.log.1
	: >logs/mail.log
	grow $((lines / 12))
	mend
	await "what came after it" caught_up
	end KILL 137
done
finish_reading
expect "truncations that are told" 5 "$(grep -c 'logs/mail.log: was truncated; read from its beginning' truncated.db.said)"

### Truncated, or rotated and compressed, with unread lines, while nobody looks: they are gone, and that is said.
# gone NAME WORDS COMMAND...
gone() {
	begin "$1.db"
	grow $((lines / 2))
	mend
	start
	await "a half" caught_up
	end KILL 137
	read=$at
	grow 1000
	mend
	from=$at
	"${@:3}"
	grow "$lines"
	"$mailstormd" -c conf --rules "$rules" --db "$database" --follow logs/mail.log --until-end 2>>"$1.db.said" ||
		fail "$1: the last run ends with $?"
	expect "what is said of lines that are gone" 1 "$(grep -c -F "$2" "$1.db.said")"
	expect "lines read where some are gone" $((lines - from + read)) "$(query "$database" 'SELECT sum(lines) FROM sources')"
	expect "a gap where lines are gone" 'logs/mail.log/0|1' \
		"$(query "$database" 'SELECT host, lost FROM coverage WHERE incident_id IS NULL AND lost > 0')"
	expect "the incident's lost lines" 1 "$(query "$database" 'SELECT lines_lost FROM incidents')"
}
truncate_it() {
	: >logs/mail.log
}
compress_it() {
	rotate
	gzip -q logs/mail.log.1
}
gone cut 'logs/mail.log: was written anew since it was read to byte' truncate_it
gone packed 'is gone; its successor is read from its beginning, lines may be missing before it' compress_it
finish
