#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# One storm through Exchange, a Postfix gateway and a site with Exim, as
# exchange/mixed.py simulates it: one incident, each pair once, at its last hop, whether
# the logs come as files or in one disordered stream; and where the log of a host is
# missing, what it had to tell is outside or unaccounted, and nothing else changes.
set -u
. "$(dirname "$0")/run.sh"
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }
make_configuration small.conf 'storm { min_recipients = 30' 'min_replies = 5 }'
make_configuration ours.conf 'storm { min_recipients = 30' 'min_replies = 5 }' 'input { relays = {"gw.example.org"} }'
configuration=small.conf

python3 "$tests/exchange/mixed.py" mixed || fail mixed.py
cd mixed || exit 1
cp ../*.conf .
dated ./*.LOG gw.log lab/mainlog stream.log

# judged DATABASE TRUTH
judged() {
	query "$1" "
		SELECT 'incident|' || list || '|' || subject || '|' || posts || '|' || posters || '|' || mailboxes FROM incidents;
		SELECT 'post|' || message_id || '|' || sender || '|' || posted_at || '|' || delivered || '|' || bounced
			FROM posts WHERE incident_id IS NOT NULL;
		SELECT 'mailbox|' || mailbox || '|' || copies FROM affected WHERE copies > 0;
		SELECT 'ledger|' || line || '|' || count FROM ledger WHERE line IN ('delivered', 'handed_outside', 'bounced',
			'unaccounted', 'expired', 'pending');" | LC_ALL=C sort >"$1.got"
	diff "$2.truth" "$1.got" >"$1.differs" || fail "$1 is not $2: $(lines 12 <"$1.differs")"
	expect "$1: unparsed lines" 0 "$(query "$1" 'SELECT sum(unparsed) FROM sources')"
}

take_in all.db MBX1.LOG MBX2.LOG gw.log lab/mainlog && judged all.db all
expect 'lists' "all-staff@example.org|10" "$(query all.db 'SELECT list, posts FROM lists WHERE posts > 0')"
expect 'members' 54 "$(query all.db 'SELECT members FROM incidents')"
expect 'deferred' 1 "$(query all.db 'SELECT deferred_mailboxes FROM incidents')"
take_in stream.db stream.log && judged stream.db all
take_in without-lab.db MBX1.LOG MBX2.LOG gw.log && judged without-lab.db without-lab
take_in without-gw.db MBX1.LOG MBX2.LOG lab/mainlog && judged without-gw.db without-gw
take_in without-mbx2.db MBX1.LOG gw.log lab/mainlog && judged without-mbx2.db without-mbx2
configuration=ours.conf
take_in gw-ours.db MBX1.LOG MBX2.LOG lab/mainlog && judged gw-ours.db gw-ours

finish
