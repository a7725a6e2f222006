#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Texts made to do harm, the whole way: markup, SQL, formulas, escape sequences, marks that turn the
# direction of text, 100 kB of "Re: ", bytes that are no UTF-8. They are stored as they were
# written, and harmless in all that mailstorm(1) prints, whatever the command and format.
set -euo pipefail
. "$TOP_SRCDIR/tests/run.sh"
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }
make_configuration small.conf 'storm { min_recipients = 30' 'min_replies = 2' 'min_posters = 2 }'
configuration=small.conf

python3 "$tests/hostile/texts.py" log >hostile.log
dated hostile.log
take_in hostile.db hostile.log
expect "lines, unparsed" "$(wc -l <hostile.log)|0" "$(query hostile.db "SELECT lines, unparsed FROM sources")"
expect "incidents" 1 "$(query hostile.db "SELECT count(*) FROM incidents")"
expect "mailboxes" 45 "$(query hostile.db "SELECT mailboxes FROM incidents")"
python3 "$tests/hostile/texts.py" subjects >subjects.json
expect "subjects that are not as they were written" "" "$(query hostile.db "
	SELECT json_array(value ->> 0, substr(value ->> 1, 1, 80), substr(subject, 1, 80), length(subject))
	FROM json_each(CAST(readfile('subjects.json') AS TEXT)) LEFT JOIN posts ON message_id = value ->> 0
	WHERE subject IS NOT value ->> 1")"
expect "posts" "$(query hostile.db "SELECT json_array_length(CAST(readfile('subjects.json') AS TEXT))")" \
	"$(query hostile.db "SELECT count(*) FROM posts")"

# harmless FORMAT ARGUMENT...
harmless() {
	local status=0 why

	"$mailstorm" --db hostile.db --format "$@" >out 2>err || status=$?
	case "$status $2" in
	"0 "* | "4 status" | "5 status") ;;
	*) fail "${*:2}: status $status: $(cat err)" ;;
	esac
	[ -s out ] || fail "${*:2}, $1: prints nothing"
	why=$(python3 "$tests/hostile/texts.py" check "$1" <out) || fail "${*:2}, $1: cannot be checked"
	[ -z "$why" ] || fail "${*:2}, $1: $why"
	why=$(python3 "$tests/hostile/texts.py" check text <err) || :
	[ -z "$why" ] || fail "${*:2}, $1: complaints: $why"
}

commands=$("$mailstorm" --help | sed -n '/^Commands:/,/^$/ s/^  \([a-z]*\) .*/\1/p')
[ "$(wc -w <<<"$commands")" -ge 10 ] || fail "mailstorm --help names too few commands: $commands"
for format in text json csv; do
	for command in $commands; do
		case $command in
		incidents | lists | hours | status) harmless "$format" "$command" ;;
		queued) "$mailstorm" --db hostile.db --format "$format" queued 1 >out || fail "queued" ;;
		*) harmless "$format" "$command" 1 ;;
		esac
	done
	harmless "$format" affected 1 --mailbox "=1+1@example.org"
	harmless "$format" affected 1 --mailbox $'\e[31m@example.org'
done

# For other programs: each Message-ID a line of its own, as it is.
"$mailstorm" --db hostile.db posts 1 --message-ids >ids
query hostile.db "SELECT value ->> 0 FROM json_each(CAST(readfile('subjects.json') AS TEXT))" | diff - ids ||
	fail "Message-IDs are not as they were written"
finish
