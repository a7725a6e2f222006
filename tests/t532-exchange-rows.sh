#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What Exchange's servers tell in few rows, or in odd ones: small logs made row by
# row, every figure known: several messages under one number; groups in groups, and
# with members in common; mail that is sent on; what is sent again; copies with
# a sender of their own; refusals. Within the join window the order of the rows
# changes nothing.
set -euo pipefail
. "$TOP_SRCDIR/tests/run.sh"

fields=date-time,server-hostname,client-hostname,source,event-id,internal-message-id,message-id,network-message-id
fields+=,recipient-address,recipient-status,related-recipient-address,reference,message-subject,sender-address,return-path
fields+=,source-context,custom-data

# row TIME HOST SOURCE EVENT ID MESSAGE-ID RECIPIENTS [WHAT=VALUE...]: WHAT is another column's name in a word, see below. The
# sender is named after the message, if nothing else is said.
row() {
	local server=$2 client='' status='' group='' reference='' subject='RE: Test' sender=$6@x.org path='' context='' custom=''
	local what

	for what in "${@:8}"; do
		local "$what"
	done
	printf '2016-11-14T%s.000Z,%s,%s,%s,%s,%s,<%s@x.org>,n-%s,%s,"%s",%s,%s,%s,%s,%s,"%s",%s\r\n' "$1" "$server" "$client" \
		"$3" "$4" "$5" "$6" "$6" "$7" "$status" "$group" "$reference" "$subject" "$sender" "${path:-$sender}" "$context" "$custom"
}

# expanded TIME HOST ID MESSAGE-ID GROUP MEMBERS [WHAT=VALUE...]
expanded() {
	row "$1" "$2" ROUTING EXPAND "$3" "$4" "$6" "group=$5" \
		'status=250 2.1.5 RESOLVER.GRP.Expanded; distribution list expanded' "${@:7}"
}

# delivered TIME HOST ID MESSAGE-ID MEMBERS [WHAT=VALUE...]: a row each, a second after the message came.
delivered() {
	local who

	for who in ${5//;/ }; do
		row "$1" "$2" STOREDRIVER DELIVER "$3" "$4" "$who" custom=S:E2ELatency=1 "${@:6}"
	done
}

# facts DATABASE: posts; of the incident posts, posters, members, deliveries, mailboxes, what is pending and unaccounted for, and
# the longest delay; deliveries of all mail; of each host the lines that were not understood.
facts() {
	query "$1" "SELECT list, message_id, sender, substr(posted_at, 12, 8), recipients, delivered, bounced, pending FROM posts
		ORDER BY list, posted_at"
	query "$1" "SELECT list, posts, replies, posters, members, deliveries, mailboxes, pending, unaccounted, delay_max_ms / 100
		FROM incidents ORDER BY list"
	query "$1" "SELECT 'hours', sum(deliveries), sum(bounced) FROM hours WHERE host IS NULL"
	query "$1" "SELECT host, unparsed FROM coverage WHERE incident_id IS NULL ORDER BY host"
}

# judged NAME [alone] <EXPECTED: NAME.log. Unless it is alone, also backwards and in other orders.
judged() {
	local log logs=$1 seed

	cat >"$1.expected"
	for seed in ${2:-backwards 1 2 3 4}; do
		case $seed in
		alone) continue ;;
		backwards) tac "$1.log" ;;
		*) shuf --random-source=<(yes "$seed") "$1.log" ;;
		esac >"$1-$seed.log"
		logs+=" $1-$seed"
	done
	for log in $logs; do
		sed -i "1 i #Fields: $fields" "$log.log"
		dated "$log.log"
		take_in "$log.db" "$log.log"
		facts "$log.db" | diff "$1.expected" - >"$log.differs" || { fail "$log" && cat "$log.differs"; }
	done
}

make_configuration conf 'storm {' 'min_recipients = 3' 'min_replies = 2' 'min_posters = 2' '}'
configuration=conf
all=all@x.org
members='m0@x.org;m1@x.org;m2@x.org'

# The service that submits counts its files for itself, as does the one that delivers: what one has under a number the other
# has too, of another message. And what a server refused at once has no number but 0.
{
	for i in 0 1 2 3; do
		row "10:00:0$i" mbx STOREDRIVER RECEIVE $((i + 7)) p$i $all status=To
		row "10:00:0$i" mbx STOREDRIVER SUBMIT $((i + 7)) p$i $all
		row "10:00:0$i" mbx SMTP RECEIVE 5000$i p$i $all
		expanded "10:00:0$i" mbx 5000$i p$i $all "$members"
		delivered "10:00:0$i" mbx $(((i + 1) % 4 + 7)) p$i m0@x.org custom=S:E2ELatency=0
	done
	for i in 0 1 2 3; do
		delivered 10:00:05 mbx $(((i + 1) % 4 + 7)) p$i 'm1@x.org;m2@x.org' "custom=S:E2ELatency=$((5 - i))"
	done
	for i in 0 1; do
		row 10:00:06 mbx SMTP FAIL 0 spam$i info@x.org 'status=550 5.7.1 Message rejected as spam by Content Filtering.'
	done
} >numbers.log
judged numbers <<'END'
all@x.org|<p0@x.org>|p0@x.org|10:00:00|3|3|0|0
all@x.org|<p1@x.org>|p1@x.org|10:00:01|3|3|0|0
all@x.org|<p2@x.org>|p2@x.org|10:00:02|3|3|0|0
all@x.org|<p3@x.org>|p3@x.org|10:00:03|3|3|0|0
all@x.org|4|3|4|3|12|3|0|0|50
hours|12|2
mbx|0
END

# A group in the group holds who is in that anyway, and the group itself; another one nobody; and a member has the mail sent on
# to another member. None of these is a mailbox that waits.
for i in 0 1 2 3; do
	row "10:0$i:00" mbx SMTP RECEIVE 10$i p$i $all
	expanded "10:0$i:00" mbx 10$i p$i $all "$members;inner@x.org;nobody@x.org;away@x.org"
	row "10:0$i:00" mbx ROUTING DUPLICATEEXPAND 10$i p$i "m1@x.org;m2@x.org;$all" group=inner@x.org
	expanded "10:0$i:00" mbx 10$i p$i nobody@x.org ''
	row "10:0$i:00" mbx ROUTING DUPLICATEREDIRECT 10$i p$i m0@x.org group=away@x.org
	row "10:0$i:01" mbx ROUTING TRANSFER 20$i p$i "$members" reference=10$i context=Resolver
	delivered "10:0$i:01" mbx 20$i p$i "$members"
done >again.log
judged again <<'END'
all@x.org|<p0@x.org>|p0@x.org|10:00:00|3|3|0|0
all@x.org|<p1@x.org>|p1@x.org|10:01:00|3|3|0|0
all@x.org|<p2@x.org>|p2@x.org|10:02:00|3|3|0|0
all@x.org|<p3@x.org>|p3@x.org|10:03:00|3|3|0|0
all@x.org|4|3|4|3|12|3|0|0|10
hours|12|0
mbx|0
END

# Two groups have members in common, who get one copy, and are named under the second in a row of its own or as the others. Each
# has its post, and what became of those members is told of both.
common() {
	local i

	for i in 0 1 2; do
		row "10:0$i:00" mbx SMTP RECEIVE 10$i p$i "$all;dept@x.org"
		expanded "10:0$i:00" mbx 10$i p$i $all "$members;m5@x.org"
		"$@" "10:0$i:00" 10$i p$i
		row "10:0$i:01" mbx STOREDRIVER DEFER 10$i p$i m5@x.org 'status=432 4.3.2 STOREDRV.Deliver; recipient thread limit exceeded'
		row "10:0$i:01" mbx STOREDRIVER FAIL 10$i p$i m5@x.org 'status=554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceeded'
		delivered "10:0$i:01" mbx 10$i p$i "$members;m3@x.org;m4@x.org"
	done
}
named_apart() {
	row "$1" mbx ROUTING DUPLICATEEXPAND "$2" "$3" 'm2@x.org;m5@x.org' group=dept@x.org
	expanded "$1" mbx "$2" "$3" dept@x.org 'm3@x.org;m4@x.org'
}
named_together() {
	expanded "$1" mbx "$2" "$3" dept@x.org 'm2@x.org;m3@x.org;m4@x.org;m5@x.org'
}
for how in apart together; do
	common named_$how >$how.log
	judged $how <<-'END'
		all@x.org|<p0@x.org>|p0@x.org|10:00:00|4|3|1|0
		all@x.org|<p1@x.org>|p1@x.org|10:01:00|4|3|1|0
		all@x.org|<p2@x.org>|p2@x.org|10:02:00|4|3|1|0
		dept@x.org|<p0@x.org>|p0@x.org|10:00:00|4|3|1|0
		dept@x.org|<p1@x.org>|p1@x.org|10:01:00|4|3|1|0
		dept@x.org|<p2@x.org>|p2@x.org|10:02:00|4|3|1|0
		all@x.org|3|2|3|4|9|3|0|0|10
		dept@x.org|3|2|3|4|9|3|0|0|10
		hours|15|3
		mbx|0
	END
	expect "$how: deferred" '3|3' "$(query $how.db 'SELECT sum(deferred), (SELECT sum(deferred) FROM hours WHERE host IS NULL)
		FROM posts WHERE list = '"'dept@x.org'")"
done

# Members have their mail sent on and keep a copy: that of one is delivered, the mailbox of another is full, that of a third busy to
# the end.
for i in 0 1 2; do
	row "10:0$i:00" mbx SMTP RECEIVE 10$i p$i $all
	expanded "10:0$i:00" mbx 10$i p$i $all "$members;m3@x.org;m4@x.org"
	row "10:0$i:00" mbx ROUTING REDIRECT 10$i p$i m0@x.org group=m4@x.org
	row "10:0$i:01" mbx STOREDRIVER DEFER 10$i p$i m4@x.org 'status=432 4.3.2 STOREDRV.Deliver; recipient thread limit exceeded'
	row "10:0$i:00" mbx ROUTING REDIRECT 10$i p$i else2@x.org group=m2@x.org
	row "10:0$i:00" mbx ROUTING REDIRECT 10$i p$i else3@x.org group=m3@x.org
	delivered "10:0$i:01" mbx 10$i p$i "$members;else2@x.org;else3@x.org"
	row "10:0$i:01" mbx STOREDRIVER FAIL 10$i p$i m3@x.org 'status=554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceeded'
done >kept.log
judged kept <<'END'
all@x.org|<p0@x.org>|p0@x.org|10:00:00|7|5|1|1
all@x.org|<p1@x.org>|p1@x.org|10:01:00|7|5|1|1
all@x.org|<p2@x.org>|p2@x.org|10:02:00|7|5|1|1
all@x.org|3|2|3|7|15|5|3|0|10
hours|15|3
mbx|0
END

# One who does so is in two groups, and busy to the end: the rows may come in any order.
for i in 0 1 2; do
	row "10:0$i:01" mbx STOREDRIVER DEFER 10$i p$i m3@x.org 'status=432 4.3.2 STOREDRV.Deliver; recipient thread limit exceeded'
	row "10:0$i:00" mbx SMTP RECEIVE 10$i p$i "$all;dept@x.org"
	expanded "10:0$i:00" mbx 10$i p$i $all "$members;m3@x.org"
	row "10:0$i:00" mbx ROUTING REDIRECT 10$i p$i else3@x.org group=m3@x.org
	expanded "10:0$i:00" mbx 10$i p$i dept@x.org 'm3@x.org;m4@x.org;m5@x.org'
	delivered "10:0$i:01" mbx 10$i p$i "$members;m4@x.org;m5@x.org;else3@x.org"
done >both.log
judged both <<'END'
all@x.org|<p0@x.org>|p0@x.org|10:00:00|5|4|0|1
all@x.org|<p1@x.org>|p1@x.org|10:01:00|5|4|0|1
all@x.org|<p2@x.org>|p2@x.org|10:02:00|5|4|0|1
dept@x.org|<p0@x.org>|p0@x.org|10:00:00|4|3|0|1
dept@x.org|<p1@x.org>|p1@x.org|10:01:00|4|3|0|1
dept@x.org|<p2@x.org>|p2@x.org|10:02:00|4|3|0|1
all@x.org|3|2|3|5|12|4|3|0|10
dept@x.org|3|2|3|4|9|3|3|0|10
hours|18|0
mbx|0
END

# An hour later a server takes up what it kept of two posts in the shadow of another, or in its safety net: it expands the group
# anew, and its mailboxes have the message. Of a third one, the other server had got no further than taking it in.
post() {
	row "10:0$1:00" mbx1 SMTP RECEIVE 10$1 p$1 $all
	row "10:0$1:00" mbx2 SMTP HARECEIVE 30$1 p$1 $all
	if [ "$1" -ne 3 ]; then
		expanded "10:0$1:00" mbx1 10$1 p$1 $all "$members"
		delivered "10:0$1:01" mbx1 10$1 p$1 "$members"
	fi
}
{
	for i in 0 1 2 3; do
		post $i
	done
	for i in 1 2 3; do
		row "11:0$i:00" mbx2 REDUNDANCY RESUBMIT 30$i p$i $all
		expanded "11:0$i:00" mbx2 30$i p$i $all "$members"
		row "11:0$i:00" mbx2 ROUTING TRANSFER 40$i p$i "$members" reference=30$i context=Resolver
	done
	row 11:01:01 mbx2 STOREDRIVER DUPLICATEDELIVER 401 p1 "$members"
	delivered 11:02:01 mbx2 402 p2 "$members" custom=S:E2ELatency=3601
	delivered 11:03:01 mbx2 403 p3 "$members" custom=S:E2ELatency=3601
} >shadow.log
judged shadow alone <<'END'
all@x.org|<p0@x.org>|p0@x.org|10:00:00|3|3|0|0
all@x.org|<p1@x.org>|p1@x.org|10:01:00|3|3|0|0
all@x.org|<p2@x.org>|p2@x.org|10:02:00|3|3|0|0
all@x.org|<p3@x.org>|p3@x.org|10:03:00|3|3|0|0
all@x.org|4|3|4|3|12|3|0|0|35962
hours|12|0
mbx1|0
mbx2|0
END

# Reports on mail to a group are for nobody, or for its manager: copies for its members have the null sender, or the manager. They
# are of the post all the same, and nobody else's, also those that another server delivers.
for i in 0 1 2; do
	row "10:0$i:00" mbx1 SMTP RECEIVE 10$i p$i $all
	expanded "10:0$i:00" mbx1 10$i p$i $all "$members;inner@x.org"
	row "10:0$i:00" mbx1 ROUTING TRANSFER 20$i p$i "$members" reference=10$i context=Resolver path='<>'
	row "10:0$i:00" mbx1 ROUTING TRANSFER 30$i p$i inner@x.org reference=10$i context=Resolver path=boss@x.org
	expanded "10:0$i:00" mbx1 30$i p$i inner@x.org 'm3@x.org;m4@x.org' path=boss@x.org
	row "10:0$i:00" mbx2 SMTP SEND 20$i p$i m2@x.org client=mbx1 context=';250 2.6.0 Queued mail for delivery;' path='<>'
	row "10:0$i:01" mbx2 SMTP RECEIVE 50$i p$i m2@x.org client=mbx1 path='<>'
	delivered "10:0$i:01" mbx1 20$i p$i 'm0@x.org;m1@x.org' path='<>'
	delivered "10:0$i:01" mbx2 50$i p$i m2@x.org path='<>'
	delivered "10:0$i:01" mbx1 30$i p$i 'm3@x.org;m4@x.org' path=boss@x.org
done >reports.log
judged reports <<'END'
all@x.org|<p0@x.org>|p0@x.org|10:00:00|5|5|0|0
all@x.org|<p1@x.org>|p1@x.org|10:01:00|5|5|0|0
all@x.org|<p2@x.org>|p2@x.org|10:02:00|5|5|0|0
all@x.org|3|2|3|5|15|5|0|0|10
hours|15|0
mbx1|0
mbx2|0
END

# Another server expands the group: the message goes there, and what is for mailboxes of the first comes back to it. From which
# server it came tells, where a version does not tell under which number it went on.
# sent TIME FROM TO ID NEXT-ID MESSAGE-ID RECIPIENTS [WHAT=VALUE...]
sent() {
	row "$1" "$3" SMTP SEND "$4" "$6" "$7" client="$2" context="$(reply "$5" "$3")" "${@:8}"
	row "$1" "$3" SMTP RECEIVE "$5" "$6" "$7" client="$2" "${@:8}"
}
reply_with() {
	echo "250 2.6.0 [InternalId=$1, Hostname=$2.x.org] Queued mail for delivery"
}
reply_without() {
	echo '250 2.6.0 Queued mail for delivery'
}
for how in with without; do
	reply() {
		reply_$how "$@"
	}
	for i in 0 1 2; do
		row "10:0$i:00" mbx1 SMTP RECEIVE 10$i p$i $all client=pc
		sent "10:0$i:00" mbx1 mbx2 10$i 20$i p$i $all
		expanded "10:0$i:01" mbx2 20$i p$i $all "$members;m3@x.org"
		row "10:0$i:01" mbx2 ROUTING TRANSFER 21$i p$i "$members;m3@x.org" reference=20$i path='<>'
		sent "10:0$i:01" mbx2 mbx1 21$i 11$i p$i 'm2@x.org;m3@x.org' path='<>'
		delivered "10:0$i:02" mbx2 21$i p$i 'm0@x.org;m1@x.org' path='<>' custom=S:E2ELatency=2
		delivered "10:0$i:02" mbx1 11$i p$i 'm2@x.org;m3@x.org' path='<>' custom=S:E2ELatency=2
	done >elsewhere-$how.log
	judged elsewhere-$how <<-'END'
		all@x.org|<p0@x.org>|p0@x.org|10:00:00|4|4|0|0
		all@x.org|<p1@x.org>|p1@x.org|10:01:00|4|4|0|0
		all@x.org|<p2@x.org>|p2@x.org|10:02:00|4|4|0|0
		all@x.org|3|2|3|4|12|4|0|0|20
		hours|12|0
		mbx1|0
		mbx2|0
	END
done

# Refusals after the last post: of spam, of a sender, of who is not logged in, which the group never takes mail from. None closes
# the list; that it is gone does, and that nobody may write to it.
# refused TIME SOURCE STATUS
refused() {
	row "$1" mbx SMTP RECEIVE "${1//:/}" "no${1//:/}" $all sender=mallory@example.com
	row "$1" mbx "$2" FAIL "${1//:/}" "no${1//:/}" $all sender=mallory@example.com "status=[{LED=$3};{MSG=};{FQDN=};{IP=};{LRT=}]"
}
{
	cat again.log
	refused 10:40:00 SMTP '550 5.7.1 Message rejected as spam by Content Filtering.'
	refused 10:41:00 SMTP '550 5.7.1 Sender ID (PRA) Not Permitted'
	refused 10:42:00 SMTP '550 5.1.8 Access denied, bad outbound sender'
	refused 10:43:00 ROUTING '550 5.7.1 RESOLVER.RST.AuthRequired; authentication required'
	refused 10:44:00 ROUTING '550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required'
	refused 10:45:00 ROUTING '550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient'
} >open.log
dated open.log
take_in open.db open.log
expect 'refusals that close nothing' '|0' "$(query open.db 'SELECT list_closed_at, rejected_posts FROM incidents')"
for why in 'RESOLVER.RST.NotAuthorized; not authorized' 'TRANSPORT.RULES.RejectMessage; the message was rejected by organization policy' \
	'RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup'; do
	case $why in
	*ADR*) code='550 5.1.10' ;;
	*) code='550 5.7.1' ;;
	esac
	{ cat open.log && refused 10:50:00 ROUTING "$code $why"; } >closed.log
	dated closed.log
	rm -f closed.db*
	take_in closed.db closed.log
	expect "refused: $why" '2016-11-14T10:50:00.000Z|1' "$(query closed.db 'SELECT list_closed_at, rejected_posts FROM incidents')"
done

# An administrator takes out of the queues what waits there: with a report, and without. It did not bounce.
for i in 0 1 2; do
	row "10:0$i:00" mbx SMTP RECEIVE 10$i p$i $all
	expanded "10:0$i:00" mbx 10$i p$i $all "$members;m3@x.org;m4@x.org"
	delivered "10:0$i:01" mbx 10$i p$i "$members"
	row "10:0$i:01" mbx STOREDRIVER DEFER 10$i p$i m3@x.org 'status=432 4.3.2 STOREDRV.Deliver; recipient thread limit exceeded'
	row 10:04:00 mbx ADMIN FAIL 10$i p$i m3@x.org 'status=550 4.3.2 QUEUE.Admin; message deleted by administrative action'
	row 10:04:00 mbx ADMIN DROP 10$i p$i m4@x.org
done >removed.log
judged removed <<'END'
all@x.org|<p0@x.org>|p0@x.org|10:00:00|5|3|0|0
all@x.org|<p1@x.org>|p1@x.org|10:01:00|5|3|0|0
all@x.org|<p2@x.org>|p2@x.org|10:02:00|5|3|0|0
all@x.org|3|2|3|5|9|3|0|0|10
hours|9|0
mbx|0
END
expect 'removed' 6 "$(query removed.db "SELECT count FROM ledger WHERE line = 'removed_by_admin'")"

# A part of the mailboxes is in Microsoft 365, whose trace is read as well: the servers have them under a domain of routing, the trace
# under that and their own. They are the same mailboxes, each delivered to once.
for i in 0 1 2; do
	row "10:0$i:00" mbx SMTP RECEIVE 10$i p$i $all
	expanded "10:0$i:00" mbx 10$i p$i $all "$members;r0@x.org;r1@x.org"
	for who in r0 r1; do
		row "10:0$i:00" mbx ROUTING RESOLVE 10$i p$i $who@t.mail.onmicrosoft.com group=$who@x.org
	done
	delivered "10:0$i:01" mbx 10$i p$i "$members"
	row "10:0$i:01" t.mail.protection.outlook.com SMTP SENDEXTERNAL 10$i p$i 'r0@t.mail.onmicrosoft.com;r1@t.mail.onmicrosoft.com' \
		client=mbx "context=250 2.6.0 <p$i@x.org> [InternalId=123, Hostname=am0.prod.outlook.com] Queued mail for delivery" \
		custom=S:E2ELatency=1
	printf '2016-11-14T10:0%d:02.000Z,p%d@x.org,%s,RE: Test,500,<p%d@x.org>,n%d,192.0.2.7,1,,Normal\r\n' $i $i "$(
		printf '"r%d@t.mail.onmicrosoft.com##Receive, Resolve;r%d@x.org##Receive, Deliver;' 0 0 1 1
	)\"" $i $i
done >hybrid.log
make_configuration same.conf 'storm {' 'min_recipients = 3' 'min_replies = 2' 'min_posters = 2' '}' \
	'mailbox { same_domains = {"t.mail.onmicrosoft.com=x.org"} }'
configuration=same.conf
sed -i "1 i #Fields: $fields" hybrid.log
(sed 1q hybrid.log && tail -n +2 hybrid.log | tac) >hybrid-backwards.log
dated hybrid.log hybrid-backwards.log
for log in hybrid hybrid-backwards; do
	take_in $log.db $log.log
	expect $log '3|5|15|5|0|0' "$(query $log.db 'SELECT posts, members, deliveries, mailboxes, pending, unaccounted FROM incidents')"
done
configuration=conf

# In a trace of Microsoft 365 an address that another one replaced has a word of its own, and is no mailbox; what was dropped is no
# delivery; and one that was delivered stays so, whatever was tried before or beside it.
for i in 0 1 2; do
	printf '2016-11-14T10:0%d:00.000Z,p%d@x.org,%s,%sTest,500,<p%d@x.org>,n%d,192.0.2.7,1,,Normal\r\n' $i $i "$(
		printf '"%s##Receive, Expand;old@x.org##Receive, Resolve;new@x.org##Receive, Resolve, Deliver;' $all
		printf 'away@x.org##Receive, Redirect;m0@x.org##Receive, Deliver;m1@x.org##Receive, Defer, Fail, Deliver;'
		printf 'm2@x.org##Receive, Fail;m3@x.org##Receive, Drop"'
	)" "$([ $i -eq 0 ] || echo 'RE: ')" $i $i
done >trace.log
dated trace.log
take_in trace.db trace.log
facts trace.db >trace.facts
diff - trace.facts <<'END' || fail 'a trace'
all@x.org|<p0@x.org>|p0@x.org|10:00:00|5|3|1|0
all@x.org|<p1@x.org>|p1@x.org|10:01:00|5|3|1|0
all@x.org|<p2@x.org>|p2@x.org|10:02:00|5|3|1|0
all@x.org|3|2|3|5|9|3|0|0|
hours||
m365|0
END
expect 'dropped' 3 "$(query trace.db "SELECT count FROM ledger WHERE line = 'discarded'")"

finish
