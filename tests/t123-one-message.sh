#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Which queue files are one message where the Message-ID alone does not tell:
# several senders under one, copies that come back under another's sender, a list
# manager that sends from its own account, an acceptance that was broken off, a
# queue file that was requeued, one mail to two lists, a filter that hands it in
# again, mail to which only a later hop gives a Message-ID. Small logs made line by
# line, every figure known; all but two are also read in other orders, which are
# within the join window.
set -euo pipefail
. "$TOP_SRCDIR/tests/run.sh"

# log HOST TIME PROGRAM TEXT...: a line.
log() {
	printf 'Nov 14 %s %s postfix/%s[42]: %s\n' "$2" "$1" "$3" "${*:4}"
}

# accepted HOST TIME ID CLIENT MESSAGE-ID SENDER NRCPT: a queue file begins. Client "pickup": submitted on the host itself.
accepted() {
	if [ "$4" = pickup ]; then
		log "$1" "$2" pickup "$3: uid=33 from=<$6>"
	else
		log "$1" "$2" smtpd "$3: client=$4"
	fi
	log "$1" "$2" cleanup "$3: info: header Subject: Re: T from $4; from=<$6> to=<all@x> proto=ESMTP helo=<pc>"
	log "$1" "$2" cleanup "$3: message-id=<$5>"
	log "$1" "$2" qmgr "$3: from=<$6>, size=500, nrcpt=$7 (queue active)"
}

# sent HOST TIME ID RECIPIENT LIST PROGRAM RELAY REPLY: LIST "-": the recipient was not an alias's.
sent() {
	local original=

	[ "$5" = - ] || original=" orig_to=<$5>,"
	log "$1" "$2" "$6" "$3: to=<$4>,$original relay=$7, delay=0.2, delays=0.1/0/0/0.1, dsn=2.0.0, status=sent ($8)"
}

# handed TIME ID RECIPIENT LIST NEXT-ID: from host lists to host store, which names its queue file.
handed() {
	sent lists "$1" "$2" "$3" "$4" smtp 'store[192.0.2.10]:25' "250 2.0.0 Ok: queued as $5"
}

# stored HOST TIME ID LIST RECIPIENT...: into mailboxes; the queue file is over.
stored() {
	local host=$1 time=$2 id=$3 list=$4 recipient

	for recipient in "${@:5}"; do
		sent "$host" "$time" "$id" "$recipient" "$list" lmtp "$host[private/dovecot-lmtp]" "250 2.0.0 <$recipient> Saved"
	done
	log "$host" "$time" qmgr "$id: removed"
}

# facts DATABASE [" "]: posts, lists, deliveries of all mail; of each incident deliveries, what its minutes say, and the
# longest delay, or nothing in its place.
facts() {
	query "$1" "SELECT list, message_id, sender, client, posted_at, recipients, delivered, bounced, pending, bytes FROM posts
		ORDER BY list, posted_at"
	query "$1" "SELECT list, kind, members, posters, posts, deliveries FROM lists ORDER BY list"
	query "$1" "SELECT 'hours', sum(deliveries) FROM hours WHERE host IS NULL"
	query "$1" "SELECT i.list, i.posts, i.posters, i.deliveries, (SELECT sum(deliveries) FROM minutes WHERE incident_id = i.id)
		${2:-, i.delay_max_ms} FROM incidents AS i ORDER BY i.list"
}

# case_of NAME [" "]: standard input is what facts() must say of the log NAME.log, read in each of $ways.
case_of() {
	local way

	dated "$1.log"
	cat >"$1.expected"
	tac "$1.log" >"$1-1.log"
	for way in 2 3 4; do
		shuf --random-source=<(yes "$way") "$1.log" >"$1-$way.log"
	done
	for way in "${ways[@]}"; do
		dated "$1$way.log"
		take_in "$1$way.db" "$1$way.log"
		facts "$1$way.db" "${2:-}" | diff "$1.expected" - >"$1$way.differs" ||
			{ fail "$1$way is not as expected" && lines 12 <"$1$way.differs"; }
	done
}

ways=("" -1 -2 -3 -4)
make_configuration conf 'storm {' 'min_recipients = 3' 'min_replies = 2' 'min_posters = 2' '}'
configuration=conf

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

# A list manager that is a script of the site's own: no program tells it, its sender does, and what it is given itself is no
# delivery.
for i in 1 2 3 4 5; do
	accepted mx "10:0$i:00" "186A0A1B2C$i" 'pc[192.0.2.1]' "a$i@x" "b$i@x" 1
	sent mx "10:0$i:00" "186A0A1B2C$i" all@x - local local 'delivered to command: /usr/local/bin/spread'
	log mx "10:0$i:00" qmgr "186A0A1B2C$i: removed"
	for k in 0 1; do
		accepted mx "10:0$i:02" "286A0A1B${k}C$i" pickup "a$i@x" all-bounces@x 2
		stored mx "10:0$i:02" "286A0A1B${k}C$i" - "m$k@x" "m$((k + 2))@x"
	done
done >script.log
case_of script <<'EOT'
all@x|<a1@x>|b1@x|pc[192.0.2.1]|2016-11-14T10:01:00.100Z|4|4|0|0|500
all@x|<a2@x>|b2@x|pc[192.0.2.1]|2016-11-14T10:02:00.100Z|4|4|0|0|500
all@x|<a3@x>|b3@x|pc[192.0.2.1]|2016-11-14T10:03:00.100Z|4|4|0|0|500
all@x|<a4@x>|b4@x|pc[192.0.2.1]|2016-11-14T10:04:00.100Z|4|4|0|0|500
all@x|<a5@x>|b5@x|pc[192.0.2.1]|2016-11-14T10:05:00.100Z|4|4|0|0|500
all@x|manager|4|5|5|20
hours|20
all@x|5|5|20|20|2263
EOT

# A member forwards what he gets, and keeps a copy: local(8) tells both of him. The list has an owner.
for i in 1 2 3; do
	accepted mx "10:0$i:00" "186A0A1B2C$i" 'pc[192.0.2.1]' "a$i@x" "b$i@x" 1
	sent mx "10:0$i:00" "186A0A1B2C$i" all@x - local local "forwarded as 286A0A1B2C$i"
	log mx "10:0$i:00" qmgr "186A0A1B2C$i: removed"
	log mx "10:0$i:00" cleanup "286A0A1B2C$i: message-id=<a$i@x>"
	log mx "10:0$i:00" qmgr "286A0A1B2C$i: from=<owner-all@x>, size=600, nrcpt=3 (queue active)"
	for recipient in m0@x m1@x m2@x; do
		sent mx "10:0$i:00" "286A0A1B2C$i" "$recipient" - local local 'delivered to maildir'
	done
	sent mx "10:0$i:00" "286A0A1B2C$i" m1@x - local local "forwarded as 386A0A1B2C$i"
	log mx "10:0$i:00" qmgr "286A0A1B2C$i: removed"
	log mx "10:0$i:00" cleanup "386A0A1B2C$i: message-id=<a$i@x>"
	log mx "10:0$i:00" qmgr "386A0A1B2C$i: from=<owner-all@x>, size=700, nrcpt=1 (queue active)"
	sent mx "10:0$i:00" "386A0A1B2C$i" f1@y m1@x smtp 'mx.y[192.0.2.9]:25' '250 2.0.0 Ok: queued as 1234567890'
	log mx "10:0$i:00" qmgr "386A0A1B2C$i: removed"
done >kept-copy.log
case_of kept-copy <<'EOT'
all@x|<a1@x>|b1@x|pc[192.0.2.1]|2016-11-14T10:01:00.100Z|4|4|0|0|500
all@x|<a2@x>|b2@x|pc[192.0.2.1]|2016-11-14T10:02:00.100Z|4|4|0|0|500
all@x|<a3@x>|b3@x|pc[192.0.2.1]|2016-11-14T10:03:00.100Z|4|4|0|0|500
all@x|alias|4|3|3|12
hours|12
all@x|3|3|12|12|330
EOT

# Members forward what the list sends them, one to one address, one to two: these get it from the list, which has an owner.
for i in 1 2 3; do
	accepted mx "10:0$i:00" "186A0A1B2C$i" 'pc[192.0.2.1]' "a$i@x" "b$i@x" 1
	sent mx "10:0$i:00" "186A0A1B2C$i" all@x - local local "forwarded as 186B0A1B2C$i"
	log mx "10:0$i:00" qmgr "186A0A1B2C$i: removed"
	log mx "10:0$i:00" cleanup "186B0A1B2C$i: message-id=<a$i@x>"
	log mx "10:0$i:00" qmgr "186B0A1B2C$i: from=<owner-all@x>, size=600, nrcpt=3 (queue active)"
	sent mx "10:0$i:00" "186B0A1B2C$i" m0@x - local local 'delivered to maildir'
	sent mx "10:0$i:00" "186B0A1B2C$i" m1@x - local local "forwarded as 186C0A1B2C$i"
	sent mx "10:0$i:00" "186B0A1B2C$i" m2@x - local local "forwarded as 186D0A1B2C$i"
	log mx "10:0$i:00" qmgr "186B0A1B2C$i: removed"
	for forwarded in C:m1@x:f1@y D:m2@x:f2@y,f3@y; do
		IFS=: read -r id member to <<<"$forwarded"
		id=186${id}0A1B2C$i
		log mx "10:0$i:00" cleanup "$id: message-id=<a$i@x>"
		log mx "10:0$i:00" qmgr "$id: from=<owner-all@x>, size=700, nrcpt=$(tr , '\n' <<<"$to" | wc -l) (queue active)"
		for recipient in ${to//,/ }; do
			sent mx "10:0$i:00" "$id" "$recipient" "$member" smtp 'mx.y[192.0.2.9]:25' '250 2.0.0 Ok'
		done
		log mx "10:0$i:00" qmgr "$id: removed"
	done
done >forwards.log
case_of forwards ' ' <<'EOT'
all@x|<a1@x>|b1@x|pc[192.0.2.1]|2016-11-14T10:01:00.100Z|4|4|0|0|500
all@x|<a2@x>|b2@x|pc[192.0.2.1]|2016-11-14T10:02:00.100Z|4|4|0|0|500
all@x|<a3@x>|b3@x|pc[192.0.2.1]|2016-11-14T10:03:00.100Z|4|4|0|0|500
all@x|alias|4|3|3|12
hours|12
all@x|3|3|12|12
EOT

# What was deferred is requeued (postsuper -r): a queue file of another name, whose delays count from the first one's
# arrival. (31 s, to 1 %.) Not known where that one's lines are read last.
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
ways=("")
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
ways=("" -1 -2 -3 -4)

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

# To a member and to two lists, whose member he is: he gets it twice, as a pair of one list. Five people do so.
for i in 1 2 3 4 5; do
	accepted mx "10:0$i:00" "186A0A1B2C$i" 'pc[192.0.2.1]' "a$i@x" "b$i@x" 8
	sent mx "10:0$i:00" "186A0A1B2C$i" m0@x - lmtp 'mx[private/dovecot-lmtp]' '250 2.0.0 <m0@x> Saved'
	for k in 3 4 5 6; do
		sent mx "10:0$i:00" "186A0A1B2C$i" "m$k@x" lb@x lmtp 'mx[private/dovecot-lmtp]' "250 2.0.0 <m$k@x> Saved"
	done
	stored mx "10:0$i:00" "186A0A1B2C$i" la@x m0@x m1@x m2@x
done >lists.log
case_of lists <<'EOT'
la@x|<a1@x>|b1@x|pc[192.0.2.1]|2016-11-14T10:01:00.100Z|3|3|0|0|500
la@x|<a2@x>|b2@x|pc[192.0.2.1]|2016-11-14T10:02:00.100Z|3|3|0|0|500
la@x|<a3@x>|b3@x|pc[192.0.2.1]|2016-11-14T10:03:00.100Z|3|3|0|0|500
la@x|<a4@x>|b4@x|pc[192.0.2.1]|2016-11-14T10:04:00.100Z|3|3|0|0|500
la@x|<a5@x>|b5@x|pc[192.0.2.1]|2016-11-14T10:05:00.100Z|3|3|0|0|500
lb@x|<a1@x>|b1@x|pc[192.0.2.1]|2016-11-14T10:01:00.100Z|4|4|0|0|500
lb@x|<a2@x>|b2@x|pc[192.0.2.1]|2016-11-14T10:02:00.100Z|4|4|0|0|500
lb@x|<a3@x>|b3@x|pc[192.0.2.1]|2016-11-14T10:03:00.100Z|4|4|0|0|500
lb@x|<a4@x>|b4@x|pc[192.0.2.1]|2016-11-14T10:04:00.100Z|4|4|0|0|500
lb@x|<a5@x>|b5@x|pc[192.0.2.1]|2016-11-14T10:05:00.100Z|4|4|0|0|500
la@x|alias|3|5|5|15
lb@x|alias|4|5|5|20
hours|35
la@x|5|5|15|15|200
lb@x|5|5|20|20|200
EOT

# To two lists that share members, in two mails, as the next hop gets them: that one does not say which copy is
# whose, and the copy that is read first is the one whose delay is booked.
for i in 1 2 3 4 5; do
	for k in 1 2; do
		list=l$k@x to=(m0@x m1@x m2@x)
		[ "$k" -eq 1 ] || to+=(m3@x)
		accepted lists "10:0$i:0$k" "186A0A${k}B2C$i" 'pc[192.0.2.1]' "a$i@x" "b$i@x" "${#to[@]}"
		for recipient in "${to[@]}"; do
			handed "10:0$i:0$k" "186A0A${k}B2C$i" "$recipient" "$list" "493E0A${k}B2C$i"
		done
		log lists "10:0$i:0$k" qmgr "186A0A${k}B2C$i: removed"
		accepted store "10:0$i:0$k" "493E0A${k}B2C$i" 'lists[192.0.2.9]' "a$i@x" "b$i@x" "${#to[@]}"
		stored store "10:0$i:0$k" "493E0A${k}B2C$i" - "${to[@]}"
	done
done >shared.log
case_of shared ' ' <<'EOT'
l1@x|<a1@x>|b1@x|pc[192.0.2.1]|2016-11-14T10:01:01.100Z|3|3|0|0|500
l1@x|<a2@x>|b2@x|pc[192.0.2.1]|2016-11-14T10:02:01.100Z|3|3|0|0|500
l1@x|<a3@x>|b3@x|pc[192.0.2.1]|2016-11-14T10:03:01.100Z|3|3|0|0|500
l1@x|<a4@x>|b4@x|pc[192.0.2.1]|2016-11-14T10:04:01.100Z|3|3|0|0|500
l1@x|<a5@x>|b5@x|pc[192.0.2.1]|2016-11-14T10:05:01.100Z|3|3|0|0|500
l2@x|<a1@x>|b1@x|pc[192.0.2.1]|2016-11-14T10:01:01.100Z|4|4|0|0|500
l2@x|<a2@x>|b2@x|pc[192.0.2.1]|2016-11-14T10:02:01.100Z|4|4|0|0|500
l2@x|<a3@x>|b3@x|pc[192.0.2.1]|2016-11-14T10:03:01.100Z|4|4|0|0|500
l2@x|<a4@x>|b4@x|pc[192.0.2.1]|2016-11-14T10:04:01.100Z|4|4|0|0|500
l2@x|<a5@x>|b5@x|pc[192.0.2.1]|2016-11-14T10:05:01.100Z|4|4|0|0|500
l1@x|alias|3|5|5|15
l2@x|alias|4|5|5|20
hours|20
l1@x|5|5|15|15
l2@x|5|5|20|20
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

# Mailboxes by pipe(8) are no filter, though a list manager that keeps the sender sends to one again who was written to.
for i in 1 2 3; do
	accepted mx "10:0$i:00" "186A0A1B2C$i" 'pc[192.0.2.1]' "a$i@x" "b$i@x" 2
	sent mx "10:0$i:00" "186A0A1B2C$i" all@x - pipe mailman 'delivered via mailman service'
	sent mx "10:0$i:00" "186A0A1B2C$i" m0@x - pipe dovecot 'delivered via dovecot service'
	log mx "10:0$i:00" qmgr "186A0A1B2C$i: removed"
	accepted mx "10:0$i:01" "286A0A1B2C$i" 'localhost[127.0.0.1]' "a$i@x" "b$i@x" 3
	for recipient in m0@x m1@x m2@x; do
		sent mx "10:0$i:01" "286A0A1B2C$i" "$recipient" - pipe dovecot 'delivered via dovecot service'
	done
	log mx "10:0$i:01" qmgr "286A0A1B2C$i: removed"
done >mailboxes.log
case_of mailboxes <<'EOT'
all@x|<a1@x>|b1@x|pc[192.0.2.1]|2016-11-14T10:01:00.100Z|3|3|0|0|500
all@x|<a2@x>|b2@x|pc[192.0.2.1]|2016-11-14T10:02:00.100Z|3|3|0|0|500
all@x|<a3@x>|b3@x|pc[192.0.2.1]|2016-11-14T10:03:00.100Z|3|3|0|0|500
all@x|manager|3|3|3|9
hours|9
all@x|3|3|9|9|1267
EOT

# Members and the list itself write to it, the next hop gives each mailbox another name. Who writes is not taken for a list.
for i in 1 2 3; do
	sender=m$i@x
	[ "$i" -gt 1 ] || sender=all@x
	accepted lists "10:0$i:00" "186A0A1B2C$i" 'pc[192.0.2.1]' "a$i@x" "$sender" 4
	for recipient in m1@x m2@x m3@x m4@x; do
		handed "10:0$i:00" "186A0A1B2C$i" "$recipient" all@x "493E0A1B2C$i"
	done
	log lists "10:0$i:00" qmgr "186A0A1B2C$i: removed"
	accepted store "10:0$i:01" "493E0A1B2C$i" 'lists[192.0.2.9]' "a$i@x" "$sender" 4
	for recipient in m1 m2 m3 m4; do
		stored store "10:0$i:01" "493E0A1B2C$i" "$recipient@x" "$recipient@inside"
	done
done >members.log
case_of members <<'EOT'
all@x|<a1@x>|all@x|pc[192.0.2.1]|2016-11-14T10:01:00.100Z|4|4|0|0|500
all@x|<a2@x>|m2@x|pc[192.0.2.1]|2016-11-14T10:02:00.100Z|4|4|0|0|500
all@x|<a3@x>|m3@x|pc[192.0.2.1]|2016-11-14T10:03:00.100Z|4|4|0|0|500
all@x|alias|4|3|3|12
hours|12
all@x|3|3|12|12|1403
EOT

# An alias names a file and a program, too: what these are given is given to the list's own address, and is no delivery.
for i in 1 2 3; do
	accepted mx "10:0$i:00" "186A0A1B2C$i" 'pc[192.0.2.1]' "a$i@x" "b$i@x" 4
	sent mx "10:0$i:00" "186A0A1B2C$i" all@x - local local 'delivered to file: /var/mail/all'
	stored mx "10:0$i:00" "186A0A1B2C$i" all@x m0@x m1@x m2@x
	log mx "10:0$i:01" local "186A0A1B2C$i: to=<all@x>, relay=local, delay=1, delays=0.1/0/0/0.9, dsn=5.3.0," \
		'status=bounced (Command died with status 1: "/usr/bin/archive")'
done >archive.log
case_of archive <<'EOT'
all@x|<a1@x>|b1@x|pc[192.0.2.1]|2016-11-14T10:01:00.100Z|3|3|0|0|500
all@x|<a2@x>|b2@x|pc[192.0.2.1]|2016-11-14T10:02:00.100Z|3|3|0|0|500
all@x|<a3@x>|b3@x|pc[192.0.2.1]|2016-11-14T10:03:00.100Z|3|3|0|0|500
all@x|alias|3|3|3|9
hours|9
all@x|3|3|9|9|200
EOT

# To two lists, and the next hop gives each mailbox another name.
for i in 1 2 3; do
	accepted lists "10:0$i:00" "186A0A1B2C$i" 'pc[192.0.2.1]' "a$i@x" "b$i@x" 6
	for k in 1 2 3 4 5 6; do
		handed "10:0$i:00" "186A0A1B2C$i" "m$k@x" "l$((k % 2))@x" "493E0A1B2C$i"
	done
	log lists "10:0$i:00" qmgr "186A0A1B2C$i: removed"
	accepted store "10:0$i:01" "493E0A1B2C$i" 'lists[192.0.2.9]' "a$i@x" "b$i@x" 6
	for k in 1 2 3 4 5 6; do
		stored store "10:0$i:01" "493E0A1B2C$i" "m$k@x" "m$k@inside"
	done
done >renamed.log
case_of renamed <<'EOT'
l0@x|<a1@x>|b1@x|pc[192.0.2.1]|2016-11-14T10:01:00.100Z|3|3|0|0|500
l0@x|<a2@x>|b2@x|pc[192.0.2.1]|2016-11-14T10:02:00.100Z|3|3|0|0|500
l0@x|<a3@x>|b3@x|pc[192.0.2.1]|2016-11-14T10:03:00.100Z|3|3|0|0|500
l1@x|<a1@x>|b1@x|pc[192.0.2.1]|2016-11-14T10:01:00.100Z|3|3|0|0|500
l1@x|<a2@x>|b2@x|pc[192.0.2.1]|2016-11-14T10:02:00.100Z|3|3|0|0|500
l1@x|<a3@x>|b3@x|pc[192.0.2.1]|2016-11-14T10:03:00.100Z|3|3|0|0|500
l0@x|alias|3|3|3|9
l1@x|alias|3|3|3|9
hours|18
l0@x|3|3|9|9|1403
l1@x|3|3|9|9|1403
EOT

# The first host hands on under other names (smtp_generic_maps), and no line tells whom they stand for; or all but one, where
# the next host lost a line.
for kind in whole lost; do
	for i in 1 2 3; do
		accepted lists "10:0$i:00" "186A0A1B2C$i" 'pc[192.0.2.1]' "a$i@x" "b$i@x" 4
		for k in 1 2 3 4; do
			handed "10:0$i:00" "186A0A1B2C$i" "m$k@x" all@x "493E0A1B2C$i"
		done
		log lists "10:0$i:00" qmgr "186A0A1B2C$i: removed"
		accepted store "10:0$i:01" "493E0A1B2C$i" 'lists[192.0.2.9]' "a$i@x" "b$i@y" 4
		stored store "10:0$i:01" "493E0A1B2C$i" - m1@y m2@y m3@y m4@y
	done >"generic-$kind.log"
	[ "$kind" = whole ] || sed -i '/493E0A1B2C3: to=<m4@y>/d' "generic-$kind.log"
	[ "$kind" = whole ] && delivered=4 all=12 || { delivered=3 all=11; }
	case_of "generic-$kind" <<EOT
all@x|<a1@x>|b1@x|pc[192.0.2.1]|2016-11-14T10:01:00.100Z|4|4|0|0|500
all@x|<a2@x>|b2@x|pc[192.0.2.1]|2016-11-14T10:02:00.100Z|4|4|0|0|500
all@x|<a3@x>|b3@x|pc[192.0.2.1]|2016-11-14T10:03:00.100Z|4|$delivered|0|0|500
all@x|alias|4|3|3|$all
hours|$all
all@x|3|3|$all|$all|1403
EOT
done

# To a member, and to one list or two: the next hop gets him twice, and its two lines about him look like one told again. Also
# where it gives each mailbox another name.
for kind in one two other; do
	for i in 1 2 3; do
		accepted lists "10:0$i:00" "186A0A1B2C$i" 'pc[192.0.2.1]' "a$i@x" "b$i@x" 6
		for k in 0 1 2 3 4; do
			list=la@x
			[ "$kind$k" != two3 ] && [ "$kind$k" != two4 ] || list=lb@x
			handed "10:0$i:00" "186A0A1B2C$i" "m$k@x" "$list" "493E0A1B2C$i"
		done
		handed "10:0$i:00" "186A0A1B2C$i" m0@x - "493E0A1B2C$i"
		log lists "10:0$i:00" qmgr "186A0A1B2C$i: removed"
		accepted store "10:0$i:01" "493E0A1B2C$i" 'lists[192.0.2.9]' "a$i@x" "b$i@x" 6
		for k in 0 1 2 3 4 0; do
			if [ "$kind" = other ]; then
				stored store "10:0$i:01" "493E0A1B2C$i" "m$k@x" "m$k@inside"
			else
				stored store "10:0$i:01" "493E0A1B2C$i" - "m$k@x"
			fi
		done
	done >"direct-$kind.log"
	if [ "$kind" = two ]; then
		case_of direct-two ' ' <<'EOT'
la@x|<a1@x>|b1@x|pc[192.0.2.1]|2016-11-14T10:01:00.100Z|3|3|0|0|500
la@x|<a2@x>|b2@x|pc[192.0.2.1]|2016-11-14T10:02:00.100Z|3|3|0|0|500
la@x|<a3@x>|b3@x|pc[192.0.2.1]|2016-11-14T10:03:00.100Z|3|3|0|0|500
lb@x|<a1@x>|b1@x|pc[192.0.2.1]|2016-11-14T10:01:00.100Z|2|2|0|0|500
lb@x|<a2@x>|b2@x|pc[192.0.2.1]|2016-11-14T10:02:00.100Z|2|2|0|0|500
lb@x|<a3@x>|b3@x|pc[192.0.2.1]|2016-11-14T10:03:00.100Z|2|2|0|0|500
la@x|alias|3|3|3|9
lb@x|alias|2|3|3|6
hours|15
la@x|3|3|9|9
EOT
	else
		case_of "direct-$kind" ' ' <<'EOT'
la@x|<a1@x>|b1@x|pc[192.0.2.1]|2016-11-14T10:01:00.100Z|5|5|0|0|500
la@x|<a2@x>|b2@x|pc[192.0.2.1]|2016-11-14T10:02:00.100Z|5|5|0|0|500
la@x|<a3@x>|b3@x|pc[192.0.2.1]|2016-11-14T10:03:00.100Z|5|5|0|0|500
la@x|alias|5|3|3|15
hours|15
la@x|3|3|15|15
EOT
	fi
	for way in "${ways[@]}"; do
		expect "recipients of direct-$kind$way without an end" "0|0" "$(query "direct-$kind$way.db" \
			"SELECT sum(unaccounted), (SELECT sum(unfinished) FROM coverage WHERE incident_id IS NULL) FROM incidents")"
	done
done

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
