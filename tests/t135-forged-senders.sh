#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A stranger who writes with a list's own envelope sender, to some of its
# members, posts nothing to the list: neither while it storms, nor once the list
# was closed, which his mail would open again. Whatever is read first.
set -euo pipefail
. "$TOP_SRCDIR/tests/run.sh"

# forged TIME ID SENDER RECIPIENT...: the lines of a mail from outside.
forged() {
	local at=$1 id=$2 sender=$3

	shift 3
	printf 'Nov 14 %s mx9 postfix/smtpd[42]: %s: client=evil.example[203.0.113.5]\n' "$at" "$id"
	printf 'Nov 14 %s mx9 postfix/cleanup[42]: %s: message-id=<%s@evil.example>\n' "$at" "$id" "$id"
	printf 'Nov 14 %s mx9 postfix/qmgr[42]: %s: from=<%s>, size=4096, nrcpt=%d (queue active)\n' "$at" "$id" "$sender" $#
	for recipient; do
		printf 'Nov 14 %s mx9 postfix/local[42]: %s: to=<%s>, relay=local, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (delivered to mailbox)\n' \
			"$at" "$id" "$recipient"
	done
	printf 'Nov 14 %s mx9 postfix/qmgr[42]: %s: removed\n' "$at" "$id"
}

# facts DATABASE: what the incident and its posts are. Other mail has become more.
facts() {
	query "$1" "SELECT state, list, list_closed_at, last_post_at, posts, replies, posters, rejected_posts, members, deliveries,
		mailboxes, bounced_mailboxes, pending, unaccounted, delay_p95_ms FROM incidents"
	query "$1" "SELECT list, message_id, sender, recipients, delivered FROM posts ORDER BY posted_at, message_id"
	query "$1" "SELECT list, kind, members, posters, posts, closed_at FROM lists ORDER BY list"
}

make_storm storm --members 300 --posts 18 --posters 8 --duration 70m --hops 1 --shape virtual --close-after 15 \
	--min-recipients 200 --min-pairs 3000 --background 0.2 --warmup 10m --tail 20m
make_configuration conf 'storm {' 'min_recipients = 200' 'min_pairs = 3000' '}'
configuration=conf
take_in storm.db storm.log
expect "closed lists" 1 "$(query storm.db 'SELECT count(*) FROM incidents WHERE list_closed_at IS NOT NULL')"
members=$(query storm.db "SELECT mailbox FROM affected ORDER BY mailbox LIMIT 3" | tr '\n' ' ')
{
	number=0
	for at in 08:25:00 08:50:00 09:45:00; do
		for sender in everyone-bounces everyone-request owner-everyone everyone-owner; do
			number=$((number + 1))
			# shellcheck disable=SC2086
			forged "$at" "0FFFFA6259$number" "$sender@example.org" $members
		done
	done
} >forged.log
dated forged.log
facts storm.db >expected
[ "$(wc -l <expected)" -gt 16 ] || fail "there are few facts"
take_in together.db storm.log forged.log
take_in after.db storm.log
take_in after.db forged.log
take_in before.db forged.log
take_in before.db storm.log
for database in together after before; do
	facts "$database.db" | diff expected - >differs || { fail "$database.db is not as without the forged mail" && lines 12 <differs; }
done
finish
