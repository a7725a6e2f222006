#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What is configured holds for a whole run: the database's place, names and zones of
# hosts, lists that are ignored or have thresholds of their own, local domains,
# extensions. Faults are told with file and line, and with the exit status that the
# manual names. The progress bar is for terminals.
set -euo pipefail
. "$TOP_SRCDIR/tests/run.sh"

make_storm storm --members 300 --posts 12 --posters 6 --duration 30m --hops 2 --external 10 --warmup 10m --tail 10m \
	--min-recipients 200 --min-replies 8 --background 0.1
# run_with NAME LINE...: reads the storm under this configuration into NAME.db.
run_with() {
	make_configuration "$1.conf" "${@:2}"
	configuration=$1.conf take_in "$1.db" "${log:-storm.log}"
}
# status_of COMMAND...: its exit status; what it says is in said and out.
status_of() {
	local status=0

	"$@" >out 2>said </dev/null || status=$?
	echo "$status"
}
daemon() { "$mailstormd" --rules "$rules" "$@"; }
incidents() { query "$1" "SELECT count(*) FROM incidents"; }
thresholds=('min_recipients = 200' 'min_replies = 8')

### The file alone says where the database is.
printf 'store { path = "%s/placed.db" }\n' "$PWD" >placed.conf
expect "status with a path only" 0 "$(status_of daemon -c placed.conf --file storm.log)"
expect "posts where the path says" 12 "$(query placed.db "SELECT count(*) FROM posts")"
expect "incidents below the usual thresholds" 0 "$(incidents placed.db)"
expect "what is printed" "" "$(cat out said)"
rm placed.db*
expect "status with --db too" 0 "$(status_of daemon -c placed.conf --db elsewhere.db --file storm.log)"
[ ! -e placed.db ] && [ -e elsewhere.db ] || fail "--db does not overrule store.path"

### Relays that are configured after their mail was read are as if they had been before.
grep ' lists1 ' storm.log >hop.log
dated hop.log
for run in none before none after; do
	make_configuration relays.conf
	[ $run = none ] || make_configuration relays.conf "input { relays = {\"mailbox*\"} }"
	database=$([ $run = before ] && echo before.db || echo after.db)
	expect "status, relays: $run" 0 "$(status_of daemon -c relays.conf --db $database --follow hop.log --until-end)"
	[ $run != none ] || dump $database
	[ $run != none ] || mv $database.dump none.dump
done
equal before.db after.db || :
! cmp -s none.dump after.db.dump || fail "relays that are ours change nothing"

### Thresholds, of all lists and of one.
run_with all "storm {" "${thresholds[@]}" "}"
true_to all.db storm.truth || :
expect "incidents with thresholds" 1 "$(incidents all.db)"
run_with own 'list "Everyone@Example.org" {' "${thresholds[@]}" "}"
equal all.db own.db || :
run_with others 'list "staff@example.org" {' "${thresholds[@]}" "}"
expect "incidents with another list's thresholds" 0 "$(incidents others.db)"
run_with higher "storm {" "${thresholds[@]}" "}" 'list "everyone@example.org" { min_replies = 12 }'
expect "incidents where the list asks for more" 0 "$(incidents higher.db)"
expect "settings of the incident" '8|3600' "$(query own.db \
	"SELECT json_extract(settings, '\$.min_replies'), json_extract(settings, '\$.window') FROM incidents")"
run_with ignored "storm {" "${thresholds[@]}" "}" 'list "everyone@example.org" { ignore = yes }'
expect "incidents of an ignored list" 0 "$(incidents ignored.db)"
expect "posts of an ignored list" 12 "$(query ignored.db "SELECT count(*) FROM posts WHERE list = 'everyone@example.org'")"

### Local domains.
local=$(sed -n '/^# local_domains: /{ s///; s/ /", "/g; p }' storm.truth)
run_with local "storm {" "${thresholds[@]}" "}" "mailbox { local_domains = {\"$local\"} }"
expect "external mailboxes where nothing is configured" NULL \
	"$(query all.db "SELECT ifnull(external_mailboxes, 'NULL') FROM incidents")"
outside=$(query local.db "SELECT sum(mailboxes) FROM domains WHERE scope = 'external'")
expect "external mailboxes" "$outside" "$(query local.db "SELECT external_mailboxes FROM incidents")"
[ "$outside" -gt 0 ] || fail "no external mailboxes"
expect "domains of the wrong scope" 0 "$(query local.db "SELECT count(*) FROM domains
	WHERE (scope = 'local') <> (domain IN ('${local//\", \"/\', \'}'))")"

### Hosts that are named or keep time differently.
sed 's/ mailbox1 / MX-A.example.org /; s/ mailbox2 / mx-b /' storm.log >renamed.log
dated renamed.log
log=renamed.log run_with renamed "storm {" "${thresholds[@]}" "}" 'host "mx-a.*" { name = mailbox1 }' \
	'host "mx-?" { name = mailbox2 }'
equal all.db renamed.db sources || :
log=renamed.log run_with unnamed "storm {" "${thresholds[@]}" "}"
expect "hosts as logged" "MX-A.example.org,lists1,mx-b" "$(query unnamed.db \
	"SELECT group_concat(host) FROM (SELECT host FROM coverage WHERE incident_id IS NULL ORDER BY host)")"
# The first host writes the time of New York, five hours less than that of Greenwich.
awk '$4 == "lists1" { split($3, t, ":"); $3 = sprintf("%02d:%s:%s", t[1] - 5, t[2], t[3]) } { print }' storm.log >zones.log
dated zones.log
log=zones.log run_with zones "storm {" "${thresholds[@]}" "}" 'host "lists*" { timezone = America/New_York }'
equal all.db zones.db sources || :
log=zones.log run_with nozones "storm {" "${thresholds[@]}" "}"
dump nozones.db sources
cmp -s all.db.dump nozones.db.dump && fail "the zone of a host makes no difference"

### Extensions: what is behind the + is no mailbox of its own. Every other post goes to these.
awk '/ to=</ && ++n % 2 { sub(/@/, "+lists&") } { print }' storm.log >extended.log
dated extended.log
log=extended.log run_with cut "storm {" "${thresholds[@]}" "}" "mailbox { extension = cut }"
expect "mailboxes with extensions cut" "$(query all.db "SELECT mailboxes, deliveries, members FROM incidents")" \
	"$(query cut.db "SELECT mailboxes, deliveries, members FROM incidents")"
log=extended.log run_with kept "storm {" "${thresholds[@]}" "}"
[ "$(query kept.db "SELECT count(*) FROM affected WHERE mailbox LIKE '%+lists@%'")" -gt 100 ] ||
	fail "extensions are not kept"
expect "extensions in affected where they are cut" 0 "$(query cut.db "SELECT count(*) FROM affected WHERE mailbox LIKE '%+%'")"

### Faults, each with file and line; nothing is read then.
expect "status of a good configuration" 0 "$(status_of daemon -c all.conf --check-config)"
grep -qx 'configuration and rules are good: [1-9][0-9]* samples, 0 failed' out || fail "--check-config says: $(cat out said)"
# fault LINE TEXT WORDS: the text is a configuration with a fault in that line.
fault() {
	printf '%b' "$2" >bad.conf
	for check in --check-config "--db bad.db --file storm.log"; do
		# shellcheck disable=SC2086
		expect "status of $check with $2" 1 "$(status_of daemon -c bad.conf $check)"
		grep -qF "mailstormd: error: bad.conf:$1: $3" said || fail "$2: says $(cat said)"
	done
	[ ! -e bad.db ] || fail "$2: a database was made"
}
fault 2 'storm {\n\tmin_repliers = 4\n}\n' "storm"
fault 2 'storm {\n\tmin_replies = many\n}\n' "storm.min_replies: \"many\" is no"
fault 2 'storm {\n\twindow = 60\n}\n' 'storm.window: "60" is not a duration such as 90s, 5m or 1h30m'
fault 3 '\nstorm {\n\tmin_replies = 0\n}\n' "storm.min_replies"
fault 1 'input { timezone = Europe/Atlantis }\n' "input.timezone"
fault 3 'host "a*" {\n\n\ttimezone = nowhere\n}\n' "host"
fault 1 'mailboxes { extension = cut }\n' ""
expect "status of a configuration that is not there" 1 "$(status_of daemon -c missing.conf --check-config)"
grep -qF missing.conf said || fail "missing.conf: says $(cat said)"
mkdir broken
cp "$rules"/*.rules broken/
echo 'nonsense' >>broken/postfix.rules
expect "status of a broken rule" 1 "$(status_of "$mailstormd" -c all.conf --rules broken --check-config)"
grep -q 'broken/postfix.rules:[0-9]*: ' said || fail "broken rule: says $(cat said)"

### The command line.
for wrong in "--no-such-option" "--file storm.log --follow storm.log" "--db x.db" "x.log" "--db"; do
	# shellcheck disable=SC2086
	expect "status of $wrong" 1 "$(status_of daemon -c all.conf $wrong)"
	[ -s said ] || fail "$wrong: not a word"
done
# An empty value names no file, least of all one to wait for.
for wrong in --db= --rules= --file= --follow= --brokers= --topic= --group=; do
	expect "status of $wrong" 1 "$(status_of timeout 20 "$mailstormd" -c all.conf --rules "$rules" --db empty.db --file storm.log $wrong)"
	expect "$wrong: says" "mailstormd: ${wrong%=}: the value is empty; see mailstormd --help" "$(cat said)"
done
for wrong in "-c" "-X" "--file storm.log"; do
	# shellcheck disable=SC2086
	expect "status of $wrong ''" 1 "$(status_of timeout 20 "$mailstormd" --db empty.db $wrong "")"
	grep -q ': the value is empty; see' said || fail "$wrong '': says $(cat said)"
done
[ ! -e empty.db ] || fail "a database was made all the same"
expect "status of --help" 0 "$(status_of daemon --help)"
expect "status of --version" 0 "$(status_of daemon --version)"
expect "mailstorm without a command" 1 "$(status_of "$mailstorm" --db all.db)"
expect "mailstorm with an incident that is not there" 3 "$(status_of "$mailstorm" --db all.db show 99)"
expect "mailstorm without a database" 2 "$(status_of "$mailstorm" --db none.db incidents)"

### The progress bar: on a terminal, and only there.
command -v script >/dev/null || { echo "left out without script(1): the progress bar"; finish; }
run="$mailstormd -c all.conf --rules $rules --db"
script -qec "$run bar1.db --file storm.log storm.log2" bar1 >/dev/null </dev/null || :
cp storm.log storm2.log
dated storm2.log
script -qec "$run bar2.db --file storm.log storm2.log" bar2 >/dev/null </dev/null || fail "on a terminal: status $?"
grep -q '[0-9] %  [0-9]* lines' bar2 || fail "no progress on a terminal: $(tail -c 300 bar2)"
script -qec "$run bar3.db --file storm.log storm2.log 2>bar3.said" bar3 >/dev/null </dev/null || fail "not on a terminal: status $?"
if grep -q '[0-9] %' bar3 bar3.said; then
	fail "progress where there is no terminal"
fi
finish
