#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Which queue files are one message where the Message-ID alone does not tell:
# several senders under one, copies that come back under another's sender, a list
# manager that sends from its own account, an acceptance that was broken off, a
# queue file that was requeued, a filter that hands it in again, mail to which only
# a later hop gives a Message-ID. All but two are also read in other orders.
set -euo pipefail
. "$TOP_SRCDIR/tests/run.sh"
. "$TOP_SRCDIR/tests/cases.sh"

# Four people, one Message-ID: four posts.
for i in 1 2 3 4; do
	accepted mx "10:0$i:00" "186A0A1B2C$i" 'pc[192.0.2.1]' one@x "b$i@x" 3
	stored mx "10:0$i:00" "186A0A1B2C$i" all@x m0@x m1@x m2@x
done >senders.log
case_of senders <<'EOT'
all@x|<one@x>|b1@x|pc[192.0.2.1]|2016-11-14T10:01:00.100Z|3|3|0|0|500
all@x|<one@x>|b2@x|pc[192.0.2.1]|2016-11-14T10:02:00.100Z|3|3|0|0|500
all@x|<one@x>|b3@x|pc[192.0.2.1]|2016-11-14T10:03:00.100Z|3|3|0|0|500
all@x|<one@x>|b4@x|pc[192.0.2.1]|2016-11-14T10:04:00.100Z|3|3|0|0|500
all@x|alias|3|4|4|12
hours|12
all@x|4|4|12|12|200
EOT

# A post, and copies of it that other sites forwarded back, each under a sender of its own (SRS): those are no post's.
{
	accepted mx 10:00:00 186A0A1B2C0 'pc[192.0.2.1]' one@x b1@x 3
	stored mx 10:00:00 186A0A1B2C0 all@x m0@x m1@x m2@x
	for i in 1 2 3; do
		accepted mx "10:00:0$i" "186A0A1B2C$i" "mx[192.0.2.$i]" one@x "SRS0=ab$i=T0=x=b1@fwd$i.example" 1
		stored mx "10:00:0$i" "186A0A1B2C$i" - "f$i@x"
	done
} >forwarded.log
case_of forwarded <<'EOT'
all@x|<one@x>|b1@x|pc[192.0.2.1]|2016-11-14T10:00:00.100Z|3|3|0|0|500
all@x|alias|3|1|1|3
hours|6
EOT

# A list manager that sends under a sender of its own, not the list's; each post in one queue file, or in two.
for files in 1 2; do
	for i in 1 2 3 4 5; do
		accepted mx "10:0$i:00" "186A0A1B2C$i" 'pc[192.0.2.1]' "a$i@x" "b$i@x" 1
		sent mx "10:0$i:00" "186A0A1B2C$i" all@x - pipe mailman 'delivered via mailman service'
		log mx "10:0$i:00" qmgr "186A0A1B2C$i: removed"
		for ((k = 0; k < files; k++)); do
			accepted mx "10:0$i:02" "286A0A1B${k}C$i" pickup "a$i@x" owner@x $((4 / files))
			if [ "$files" -eq 1 ]; then
				stored mx "10:0$i:02" "286A0A1B${k}C$i" - m0@x m1@x m2@x m3@x
			else
				stored mx "10:0$i:02" "286A0A1B${k}C$i" - "m$k@x" "m$((k + 2))@x"
			fi
		done
	done >"manager$files.log"
	case_of "manager$files" <<'EOT'
all@x|<a1@x>|b1@x|pc[192.0.2.1]|2016-11-14T10:01:00.100Z|4|4|0|0|500
all@x|<a2@x>|b2@x|pc[192.0.2.1]|2016-11-14T10:02:00.100Z|4|4|0|0|500
all@x|<a3@x>|b3@x|pc[192.0.2.1]|2016-11-14T10:03:00.100Z|4|4|0|0|500
all@x|<a4@x>|b4@x|pc[192.0.2.1]|2016-11-14T10:04:00.100Z|4|4|0|0|500
all@x|<a5@x>|b5@x|pc[192.0.2.1]|2016-11-14T10:05:00.100Z|4|4|0|0|500
all@x|manager|4|5|5|20
hours|20
all@x|5|5|20|20|2263
EOT
done

# MailScanner takes what is held, and writes queue files of its own, of which neither an acceptance nor a Message-ID is told.
for i in 1 2 3 4 5; do
	log mx "10:0$i:00" smtpd "186A0A1B2C$i: client=pc[192.0.2.1]"
	log mx "10:0$i:00" cleanup "186A0A1B2C$i: hold: header Received: from pc (pc [192.0.2.1])??by mx (Postfix) with ESMTP id" \
		"186A0A1B2C$i??for <all@x> from pc[192.0.2.1]; from=<b$i@x> to=<all@x> proto=ESMTP helo=<pc>"
	log mx "10:0$i:00" cleanup "186A0A1B2C$i: info: header Subject: Re: T from pc[192.0.2.1]; from=<b$i@x> to=<all@x>" \
		'proto=ESMTP helo=<pc>'
	log mx "10:0$i:00" cleanup "186A0A1B2C$i: message-id=<a$i@x>"
	printf 'Nov 14 10:0%d:%s mx MailScanner[30654]: %s\n' "$i" 02 'New Batch: Scanning 1 messages, 500 bytes' \
		"$i" 20 "Requeue: 186A0A1B2C$i.AE4DF to 9E02D66$i" "$i" 20 'Uninfected: Delivered 1 messages'
	log mx "10:0$i:20" qmgr "9E02D66$i: from=<b$i@x>, size=500, nrcpt=3 (queue active)"
	for recipient in m0@x m1@x m2@x; do
		log mx "10:0$i:20" lmtp "9E02D66$i: to=<$recipient>, orig_to=<all@x>, relay=mx[private/dovecot-lmtp], delay=20," \
			"delays=20/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 <$recipient> Saved)"
	done
	log mx "10:0$i:20" qmgr "9E02D66$i: removed"
done >mailscanner.log
case_of mailscanner <<'EOT'
all@x|<a1@x>|b1@x|pc[192.0.2.1]|2016-11-14T10:01:00.100Z|3|3|0|0|500
all@x|<a2@x>|b2@x|pc[192.0.2.1]|2016-11-14T10:02:00.100Z|3|3|0|0|500
all@x|<a3@x>|b3@x|pc[192.0.2.1]|2016-11-14T10:03:00.100Z|3|3|0|0|500
all@x|<a4@x>|b4@x|pc[192.0.2.1]|2016-11-14T10:04:00.100Z|3|3|0|0|500
all@x|<a5@x>|b5@x|pc[192.0.2.1]|2016-11-14T10:05:00.100Z|3|3|0|0|500
all@x|alias|3|5|5|15
hours|15
all@x|5|5|15|15|20031
EOT

# Those that it took are over, though no line says so.
{
	cat mailscanner.log
	accepted mx 11:30:00 586A0A1B2C9 'pc[192.0.2.1]' z@x b1@x 1
	stored mx 11:30:00 586A0A1B2C9 - m0@x
} >mailscanner-later.log
dated mailscanner-later.log
take_in mailscanner-later.db mailscanner-later.log
expect "queue files kept when MailScanner's are over" 1 "$(query mailscanner-later.db \
	"SELECT count(*) FROM state_object WHERE kind = 3")"

# What was deferred is requeued (postsuper -r): a queue file of another name, whose delays count from the first one's
# arrival. (31 s, to 1 %.)
for i in 1 2 3 4 5; do
	accepted mx "10:0$i:00" "186A0A1B2C$i" 'pc[192.0.2.1]' "a$i@x" "b$i@x" 3
	for recipient in m0@x m1@x; do
		sent mx "10:0$i:00" "186A0A1B2C$i" "$recipient" all@x lmtp 'mx[private/dovecot-lmtp]' "250 2.0.0 <$recipient> Saved"
	done
	log mx "10:0$i:00" lmtp "186A0A1B2C$i: to=<m2@x>, orig_to=<all@x>, relay=none, delay=0.1, delays=0/0/0/0.1, dsn=4.3.0," \
		'status=deferred (mail transport unavailable)'
	log mx "10:0$i:30" postsuper "186A0A1B2C$i: requeued"
	log mx "10:0$i:30" pickup "286A0A1B2C$i: uid=0 from=<b$i@x> orig_id=186A0A1B2C$i"
	log mx "10:0$i:30" cleanup "286A0A1B2C$i: message-id=<a$i@x>"
	log mx "10:0$i:30" qmgr "286A0A1B2C$i: from=<b$i@x>, size=500, nrcpt=1 (queue active)"
	log mx "10:0$i:31" lmtp "286A0A1B2C$i: to=<m2@x>, orig_to=<all@x>, relay=mx[private/dovecot-lmtp], delay=31," \
		'delays=31/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 <m2@x> Saved)'
	log mx "10:0$i:31" qmgr "286A0A1B2C$i: removed"
done >requeued.log
case_of requeued <<'EOT'
all@x|<a1@x>|b1@x|pc[192.0.2.1]|2016-11-14T10:01:00.100Z|3|3|0|0|500
all@x|<a2@x>|b2@x|pc[192.0.2.1]|2016-11-14T10:02:00.100Z|3|3|0|0|500
all@x|<a3@x>|b3@x|pc[192.0.2.1]|2016-11-14T10:03:00.100Z|3|3|0|0|500
all@x|<a4@x>|b4@x|pc[192.0.2.1]|2016-11-14T10:04:00.100Z|3|3|0|0|500
all@x|<a5@x>|b5@x|pc[192.0.2.1]|2016-11-14T10:05:00.100Z|3|3|0|0|500
all@x|alias|3|5|5|15
hours|15
all@x|5|5|15|15|31039
EOT

# Of the first one only a header is still told, and by its queue ID when it came.
while read -r i first next; do
	log mx "10:0$i:00" cleanup "$first: info: header Subject: Re: T from pc[192.0.2.1]; from=<b$i@x> to=<all@x> proto=ESMTP helo=<pc>"
	log mx "10:0$i:30" pickup "$next: uid=0 from=<b$i@x> orig_id=$first"
	log mx "10:0$i:30" cleanup "$next: message-id=<a$i@x>"
	log mx "10:0$i:30" qmgr "$next: from=<b$i@x>, size=500, nrcpt=3 (queue active)"
	stored mx "10:0$i:31" "$next" all@x m0@x m1@x m2@x
done <<EOT >requeued-header.log
1 3tHQyN0000z1FG 3tHQyy0000z1FG
2 3tHQzX0000z1FG 3tHR060000z1FG
EOT
case_of requeued-header ' ' <<'EOT'
all@x|<a1@x>|b1@x|local|2016-11-14T10:01:00.000Z|3|3|0|0|500
all@x|<a2@x>|b2@x|local|2016-11-14T10:02:00.000Z|3|3|0|0|500
all@x|alias|3|2|2|6
hours|6
EOT

# Some were not tried before it was requeued, and are not yet since: they are due, and pending.
for i in 1 2 3; do
	accepted mx "10:0$i:00" "186A0A1B2C$i" 'pc[192.0.2.1]' "a$i@x" "b$i@x" 5
	for recipient in m0@x m1@x; do
		sent mx "10:0$i:00" "186A0A1B2C$i" "$recipient" all@x lmtp 'mx[private/dovecot-lmtp]' "250 2.0.0 <$recipient> Saved"
	done
	for id in 186A0A1B2C$i 286A0A1B2C$i; do
		if [ "$id" = "286A0A1B2C$i" ]; then
			log mx "10:0$i:30" postsuper "186A0A1B2C$i: requeued"
			log mx "10:0$i:30" pickup "$id: uid=0 from=<b$i@x> orig_id=186A0A1B2C$i"
			log mx "10:0$i:30" cleanup "$id: message-id=<a$i@x>"
			log mx "10:0$i:30" qmgr "$id: from=<b$i@x>, size=500, nrcpt=3 (queue active)"
		fi
		log mx "10:0$i:30" lmtp "$id: to=<m2@x>, orig_to=<all@x>, relay=none, delay=30, delays=30/0/0/0, dsn=4.3.0," \
			'status=deferred (mail transport unavailable)'
	done
done >untried.log
case_of untried ' ' <<'EOT'
all@x|<a1@x>|b1@x|pc[192.0.2.1]|2016-11-14T10:01:00.100Z|5|2|0|3|500
all@x|<a2@x>|b2@x|pc[192.0.2.1]|2016-11-14T10:02:00.100Z|5|2|0|3|500
all@x|<a3@x>|b3@x|pc[192.0.2.1]|2016-11-14T10:03:00.100Z|5|2|0|3|500
all@x|alias|3|3|3|6
hours|6
all@x|3|3|6|6
EOT

# Three hops, and lines of the last two are lost, where it began among them: which hop is behind which tells that these count
# the same three, and which is which shows whatever is read first.
for i in 1 2 3; do
	accepted lists "10:0$i:00" "186A0A1B2C$i" 'pc[192.0.2.1]' "a$i@x" "b$i@x" 3
	for k in 0 1 2; do
		sent lists "10:0$i:00" "186A0A1B2C$i" "m$k@x" all@x smtp 'mx[192.0.2.9]:25' "250 2.0.0 Ok: queued as 286A0A1B2C$i"
	done
	log lists "10:0$i:00" qmgr "186A0A1B2C$i: removed"
	log mx "10:0$i:01" cleanup "286A0A1B2C$i: message-id=<a$i@x>"
	sent mx "10:0$i:01" "286A0A1B2C$i" m2@x - smtp 'store[192.0.2.10]:25' "250 2.0.0 Ok: queued as 386A0A1B2C$i"
	log store "10:0$i:02" cleanup "386A0A1B2C$i: message-id=<a$i@x>"
	log store "10:0$i:02" qmgr "386A0A1B2C$i: from=<b$i@x>, size=700, nrcpt=3 (queue active)"
done >lost.log
case_of lost <<'EOT'
all@x|<a1@x>|b1@x|pc[192.0.2.1]|2016-11-14T10:01:00.100Z|3|0|0|3|500
all@x|<a2@x>|b2@x|pc[192.0.2.1]|2016-11-14T10:02:00.100Z|3|0|0|3|500
all@x|<a3@x>|b3@x|pc[192.0.2.1]|2016-11-14T10:03:00.100Z|3|0|0|3|500
all@x|alias|3|3|3|0
hours|0
all@x|3|3|0|0|
EOT

# Of a list manager's host only one copy is still told of, not to whom it went: that is one more than the next hop tells of.
for i in 1 2 3; do
	for k in 0 1; do
		log store "10:0$i:01" cleanup "${k}86A0A1B2C$i: message-id=<a$i@x>"
		log store "10:0$i:01" qmgr "${k}86A0A1B2C$i: from=<all+bounces-6-m$k=x@x>, size=600, nrcpt=1 (queue active)"
		stored store "10:0$i:01" "${k}86A0A1B2C$i" - m$k@x
	done
	log lists "10:0$i:03" smtpd "286A0A1B2C$i: client=localhost[127.0.0.1]"
	log lists "10:0$i:03" cleanup "286A0A1B2C$i: message-id=<a$i@x>"
	log lists "10:0$i:03" qmgr "286A0A1B2C$i: from=<all+bounces-6-m2=x@x>, size=600, nrcpt=1 (queue active)"
done >lost-copies.log
case_of lost-copies ' ' <<'EOT'
all@x|<a1@x>|||2016-11-14T10:01:01.034Z|3|2|0|1|600
all@x|<a2@x>|||2016-11-14T10:02:01.034Z|3|2|0|1|600
all@x|<a3@x>|||2016-11-14T10:03:01.034Z|3|2|0|1|600
all@x|manager|2||3|6
hours|6
all@x|3||6|6
EOT

# A list manager sends a copy to each member, and of some the sender is lost; also at the next hop, whose clock is behind.
for i in 1 2 3; do
	log lists "10:0$i:00" cleanup "186A0A1B2C$i: message-id=<a$i@x>"
	log lists "10:0$i:00" qmgr "186A0A1B2C$i: from=<b$i@x>, size=500, nrcpt=1 (queue active)"
	stored lists "10:0$i:00" "186A0A1B2C$i" - all@x
	for k in 0 1 2; do
		log lists "10:0$i:03" cleanup "$((k + 2))86A0A1B2C$i: message-id=<a$i@x>"
		log lists "10:0$i:03" cleanup "$((k + 2))86A0A1B2C$i: info: header List-Id: <all.x> from localhost[127.0.0.1];" \
			"from=<all+bounces-6-m$k=x@x> to=<m$k@x> proto=ESMTP helo=<lists>"
	done
	log lists "10:0$i:03" qmgr "386A0A1B2C$i: from=<all+bounces-6-m1=x@x>, size=600, nrcpt=1 (queue active)"
	stored lists "10:0$i:03" "286A0A1B2C$i" - m0@x
	stored lists "10:0$i:03" "386A0A1B2C$i" - m1@x
	handed "10:0$i:03" "486A0A1B2C$i" m2@x - "586A0A1B2C$i"
	log store "10:0$i:01" cleanup "586A0A1B2C$i: message-id=<a$i@x>"
	stored store "10:0$i:01" "586A0A1B2C$i" - m2@x
done >lost-senders.log
case_of lost-senders ' ' <<'EOT'
all@x|<a1@x>|b1@x||2016-11-14T10:01:00.100Z|3|3|0|0|500
all@x|<a2@x>|b2@x||2016-11-14T10:02:00.100Z|3|3|0|0|500
all@x|<a3@x>|b3@x||2016-11-14T10:03:00.100Z|3|3|0|0|500
all@x|manager|3|3|3|9
hours|9
EOT

# What the queue manager told of the first queue file is lost: its size is not that of the rest of one behind a filter.
{
	log mx 10:01:00 smtpd '186A0A1B2C1: client=pc[192.0.2.1]'
	log mx 10:01:00 cleanup '186A0A1B2C1: message-id=<a1@x>'
	for k in 0 1 2; do
		sent mx 10:01:00 186A0A1B2C1 m$k@x all@x smtp '127.0.0.1[127.0.0.1]:10024' \
			'250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 286A0A1B2C1'
	done
	log mx 10:01:00 qmgr '186A0A1B2C1: removed'
	log mx 10:01:01 smtpd '286A0A1B2C1: client=localhost[127.0.0.1]'
	log mx 10:01:01 cleanup '286A0A1B2C1: message-id=<a1@x>'
	log mx 10:01:01 qmgr '286A0A1B2C1: from=<b1@x>, size=600, nrcpt=3 (queue active)'
	log mx 10:01:30 postsuper '286A0A1B2C1: requeued'
	log mx 10:01:30 pickup '386A0A1B2C1: uid=0 from=<b1@x> orig_id=286A0A1B2C1'
	log mx 10:01:30 cleanup '386A0A1B2C1: message-id=<a1@x>'
	log mx 10:01:30 qmgr '386A0A1B2C1: from=<b1@x>, size=700, nrcpt=3 (queue active)'
	stored mx 10:01:31 386A0A1B2C1 - m0@x m1@x m2@x
} >lost-size.log
case_of lost-size ' ' <<'EOT'
all@x|<a1@x>||pc[192.0.2.1]|2016-11-14T10:01:00.100Z|3|3|0|0|
all@x|alias|3||1|3
hours|3
EOT

# The connection broke off after the Message-ID, and the client came again: the first queue file was never accepted.
{
	log mx 10:00:00 smtpd '186A0A1B2C1: client=pc[192.0.2.7]'
	log mx 10:00:00 cleanup '186A0A1B2C1: message-id=<one@x>'
	log mx 10:00:00 smtpd 'lost connection after DATA (157 bytes) from pc[192.0.2.7]'
	accepted mx 10:00:16 186A0A1B2C2 'pc[192.0.2.1]' one@x b1@x 3
	stored mx 10:00:16 186A0A1B2C2 all@x m0@x m1@x m2@x
} >broken.log
case_of broken <<'EOT'
all@x|<one@x>|b1@x|pc[192.0.2.1]|2016-11-14T10:00:16.100Z|3|3|0|0|500
all@x|alias|3|1|1|3
hours|3
EOT

# A content filter that hands the message in again on its host and tells no next queue file: pipe(8) to sendmail(1), or an
# SMTP proxy; the list expanded before it or behind it. One member is unknown. Mail to a person alone goes the same way.
# Also where the settings say what it is, without which one that speaks LMTP is taken for mailboxes.
make_configuration named-conf 'storm {' 'min_recipients = 3' 'min_replies = 2' 'min_posters = 2' '}' \
	'input { relays = {"filter", "127.0.0.1:10024"} }'
for kind in pipe proxy behind named lmtp; do
	configuration=conf
	[ "$kind" != named ] && [ "$kind" != lmtp ] || configuration=named-conf
	program=pipe relay=filter reply='delivered via filter service' client=pickup
	[ "$kind" != proxy ] || program=smtp relay='127.0.0.1[127.0.0.1]:10024' reply='250 2.0.0 Ok' client='localhost[127.0.0.1]'
	[ "$kind" != lmtp ] || program=lmtp relay='127.0.0.1[127.0.0.1]:10024' reply='250 2.6.0 Ok' client='localhost[127.0.0.1]'
	for i in 1 2 3; do
		first=186A0A1B2C$i then=286A0A1B2C$i behind=-
		if [ "$kind" = behind ]; then
			behind=all@x
			accepted mx "10:0$i:00" "$first" 'pc[192.0.2.1]' "a$i@x" "b$i@x" 1
			sent mx "10:0$i:00" "$first" all@x - "$program" "$relay" "$reply"
		else
			accepted mx "10:0$i:00" "$first" 'pc[192.0.2.1]' "a$i@x" "b$i@x" 3
			for recipient in m0@x m1@x m2@x; do
				sent mx "10:0$i:00" "$first" "$recipient" all@x "$program" "$relay" "$reply"
			done
		fi
		log mx "10:0$i:00" qmgr "$first: removed"
		accepted mx "10:0$i:01" "$then" "$client" "a$i@x" "b$i@x" 3
		original=
		[ "$behind" = - ] || original=" orig_to=<$behind>,"
		log mx "10:0$i:01" lmtp "$then: to=<m2@x>,$original relay=mx[private/dovecot-lmtp], delay=0.1, delays=0/0/0/0.1, dsn=5.1.1," \
			'status=bounced (host mx[private/dovecot-lmtp] said: 550 5.1.1 <m2@x> No such user (in reply to RCPT TO command))'
		stored mx "10:0$i:01" "$then" "$behind" m0@x m1@x
		accepted mx "10:0$i:10" "386A0A1B2C$i" 'pc[192.0.2.1]' "p$i@x" "b$i@x" 1
		sent mx "10:0$i:10" "386A0A1B2C$i" m0@x - "$program" "$relay" "$reply"
		log mx "10:0$i:10" qmgr "386A0A1B2C$i: removed"
		accepted mx "10:0$i:11" "486A0A1B2C$i" "$client" "p$i@x" "b$i@x" 1
		stored mx "10:0$i:11" "486A0A1B2C$i" - m0@x
	done >"$kind.log"
	case_of "$kind" <<'EOT'
all@x|<a1@x>|b1@x|pc[192.0.2.1]|2016-11-14T10:01:00.100Z|3|2|1|0|500
all@x|<a2@x>|b2@x|pc[192.0.2.1]|2016-11-14T10:02:00.100Z|3|2|1|0|500
all@x|<a3@x>|b3@x|pc[192.0.2.1]|2016-11-14T10:03:00.100Z|3|2|1|0|500
all@x|alias|3|3|3|6
hours|9
all@x|3|3|6|6|1267
EOT
done

configuration=conf

# A filter that gets to the message after twenty minutes, of which the settings say nothing; and hours later its sender sends
# it anew, which is another post.
for i in 1 2 3 4; do
	hour=10 id=a$i
	[ "$i" -lt 4 ] || { hour=13 && id=a1; }
	sender=b${id#a}@x
	accepted mx "$hour:0$i:00" "186A0A1B2C$i" 'pc[192.0.2.1]' "$id@x" "$sender" 3
	for recipient in m0@x m1@x m2@x; do
		log mx "$hour:2$i:00" pipe "186A0A1B2C$i: to=<$recipient>, orig_to=<all@x>, relay=filter, delay=1200," \
			'delays=1199/0/0/1, dsn=2.0.0, status=sent (delivered via filter service)'
	done
	log mx "$hour:2$i:00" qmgr "186A0A1B2C$i: removed"
	accepted mx "$hour:2$i:00" "286A0A1B2C$i" pickup "$id@x" "$sender" 3
	stored mx "$hour:2$i:00" "286A0A1B2C$i" - m0@x m1@x m2@x
done >backlog.log
ways=("")
case_of backlog <<'EOT'
all@x|<a1@x>|b1@x|pc[192.0.2.1]|2016-11-14T10:01:00.100Z|3|3|0|0|500
all@x|<a2@x>|b2@x|pc[192.0.2.1]|2016-11-14T10:02:00.100Z|3|3|0|0|500
all@x|<a3@x>|b3@x|pc[192.0.2.1]|2016-11-14T10:03:00.100Z|3|3|0|0|500
all@x|<a1@x>|b1@x|pc[192.0.2.1]|2016-11-14T13:04:00.100Z|3|3|0|0|500
all@x|alias|3|3|4|12
hours|12
all@x|4|3|12|12|1200127
EOT
ways=("" -1 -2 -3 -4)

# Posts without a Message-ID, to which the next hop gives one, a transaction another; a further hop has it from there. Or the
# host itself does when its content filter gives them back. Who only looks like it, another's mail that made its own too, is apart.
for i in 1 2 3; do
	accepted lists "10:0$i:00" "186A0A1B2C$i" 'pc[192.0.2.1]' '' "b$i@x" 4
	for k in 2 3; do
		accepted store "10:0$i:00" "${k}86A0A1B2C$i" 'lists[192.0.2.9]' "201611141000$i$k.${k}86A0A1B2C$i@store" "b$i@x" 2
		for m in 0 1; do
			handed "10:0$i:00" "186A0A1B2C$i" "m$k$m@x" all@x "${k}86A0A1B2C$i"
		done
	done
	stored store "10:0$i:00" "286A0A1B2C$i" - m20@x m21@x
	accepted box "10:0$i:00" "486A0A1B2C$i" 'store[192.0.2.10]' "201611141000${i}3.386A0A1B2C$i@store" "b$i@x" 2
	for m in 0 1; do
		sent store "10:0$i:00" "386A0A1B2C$i" "m3$m@x" - smtp 'box[192.0.2.11]:25' "250 2.0.0 Ok: queued as 486A0A1B2C$i"
	done
	stored box "10:0$i:00" "486A0A1B2C$i" - m30@x m31@x
	log lists "10:0$i:00" qmgr "186A0A1B2C$i: removed"
	log store "10:0$i:00" qmgr "386A0A1B2C$i: removed"
	accepted store "10:0$i:00" "586A0A1B2C$i" 'lists[192.0.2.9]' "201611141000${i}0.586A0A1B2C$i@store" "b$i@x" 1
	stored store "10:0$i:00" "586A0A1B2C$i" - m9@x
done >unnamed.log
for i in 1 2 3; do
	accepted mx "10:0$i:00" "186A0A1B2C$i" 'pc[192.0.2.1]' '' "b$i@x" 3
	for m in 0 1 2; do
		sent mx "10:0$i:00" "186A0A1B2C$i" "m$m@x" all@x smtp '127.0.0.1[127.0.0.1]:10024' '250 2.0.0 Ok'
	done
	log mx "10:0$i:00" qmgr "186A0A1B2C$i: removed"
	accepted mx "10:0$i:00" "286A0A1B2C$i" 'localhost[127.0.0.1]' "201611141000$i$i.286A0A1B2C$i@mx" "b$i@x" 3 |
		sed "s/: client=localhost.*/&, orig_queue_id=186A0A1B2C$i, orig_client=pc[192.0.2.1]/"
	stored mx "10:0$i:00" "286A0A1B2C$i" - m0@x m1@x m2@x
done >unnamed-filter.log
case_of unnamed <<'EOT'
all@x||b1@x|pc[192.0.2.1]|2016-11-14T10:01:00.100Z|4|4|0|0|500
all@x||b2@x|pc[192.0.2.1]|2016-11-14T10:02:00.100Z|4|4|0|0|500
all@x||b3@x|pc[192.0.2.1]|2016-11-14T10:03:00.100Z|4|4|0|0|500
all@x|alias|4|3|3|12
hours|15
all@x|3|3|12|12|396
EOT
case_of unnamed-filter <<'EOT'
all@x||b1@x|pc[192.0.2.1]|2016-11-14T10:01:00.100Z|3|3|0|0|500
all@x||b2@x|pc[192.0.2.1]|2016-11-14T10:02:00.100Z|3|3|0|0|500
all@x||b3@x|pc[192.0.2.1]|2016-11-14T10:03:00.100Z|3|3|0|0|500
all@x|alias|3|3|3|9
hours|9
all@x|3|3|9|9|266
EOT

# A host that sends for an hour in vain, and then is not told that it was heard: what was taken is sent once more.
for i in 1 2 3; do
	accepted lists "10:0$i:00" "186A0A1B2C$i" 'pc[192.0.2.1]' "a$i@x" "b$i@x" 3
	for recipient in m0@x m1@x m2@x; do
		log lists "10:0$i:01" smtp "186A0A1B2C$i: to=<$recipient>, orig_to=<all@x>, relay=none, delay=1, delays=0/0/1/0," \
			'dsn=4.4.1, status=deferred (connect to store[192.0.2.10]:25: Connection timed out)'
	done
	accepted store "11:0$i:00" "493E0A1B2C$i" 'lists[192.0.2.9]' "a$i@x" "b$i@x" 3
	stored store "11:0$i:00" "493E0A1B2C$i" - m0@x m1@x m2@x
	for recipient in m0@x m1@x m2@x; do
		log lists "11:0$i:02" smtp "186A0A1B2C$i: to=<$recipient>, orig_to=<all@x>, relay=store[192.0.2.10]:25, delay=3602," \
			'delays=3600/0/1/1, dsn=4.4.2, status=deferred (conversation with store[192.0.2.10] timed out while' \
			'sending end of data -- message may be sent more than once)'
		log lists "11:2$i:00" smtp "186A0A1B2C$i: to=<$recipient>, orig_to=<all@x>, relay=store[192.0.2.10]:25, delay=4800," \
			"delays=4800/0/0.1/0.1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 593E0A1B2C$i)"
	done
	log lists "11:2$i:00" qmgr "186A0A1B2C$i: removed"
	accepted store "11:2$i:00" "593E0A1B2C$i" 'lists[192.0.2.9]' "a$i@x" "b$i@x" 3
	stored store "11:2$i:00" "593E0A1B2C$i" - m0@x m1@x m2@x
done | sort -sk3,3 >in-vain.log
ways=("")
case_of in-vain <<'EOT'
all@x|<a1@x>|b1@x|pc[192.0.2.1]|2016-11-14T10:01:00.100Z|3|3|0|0|500
all@x|<a2@x>|b2@x|pc[192.0.2.1]|2016-11-14T10:02:00.100Z|3|3|0|0|500
all@x|<a3@x>|b3@x|pc[192.0.2.1]|2016-11-14T10:03:00.100Z|3|3|0|0|500
all@x|alias|3|3|3|9
hours|9
all@x|3|3|9|9|3596287
EOT

# A filter before the queue: what comes through it comes from its client, and who sends a message anew while it waits in the
# queue yet writes another post.
for i in 1 2; do
	accepted mx "10:$((i * 20)):00" "186A0A1B2C$i" 'pc[192.0.2.1]' one@x b1@x 3 |
		sed 's/: client=/: client=localhost[127.0.0.1], orig_client=/'
	log mx "10:$((i * 20)):01" lmtp "186A0A1B2C$i: to=<m2@x>, orig_to=<all@x>, relay=mx[private/dovecot-lmtp], delay=1," \
		'delays=0/0/0/1, dsn=4.2.2, status=deferred (full)'
	sent mx "10:$((i * 20)):00" "186A0A1B2C$i" m0@x all@x lmtp 'mx[private/dovecot-lmtp]' '250 2.0.0 <m0@x> Saved'
	sent mx "10:$((i * 20)):00" "186A0A1B2C$i" m1@x all@x lmtp 'mx[private/dovecot-lmtp]' '250 2.0.0 <m1@x> Saved'
	log mx 11:00:00 lmtp "186A0A1B2C$i: to=<m2@x>, orig_to=<all@x>, relay=mx[private/dovecot-lmtp], delay=$((3600 - i * 1200))," \
		'delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 <m2@x> Saved)'
	log mx 11:00:00 qmgr "186A0A1B2C$i: removed"
done | sort -sk3,3 >resent.log
case_of resent <<'EOT'
all@x|<one@x>|b1@x|pc[192.0.2.1]|2016-11-14T10:20:00.100Z|3|3|0|0|500
all@x|<one@x>|b1@x|pc[192.0.2.1]|2016-11-14T10:40:00.100Z|3|3|0|0|500
all@x|alias|3|1|2|6
hours|6
EOT
finish
