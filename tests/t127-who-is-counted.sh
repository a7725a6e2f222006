#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Who is a mailbox of a list where the log does not say so outright, and is counted
# once: who forwards or keeps a copy, who is on two lists or written to beside one,
# whom the next hop names otherwise; and who is none: files and programs, authors,
# the list's own address.
set -euo pipefail
. "$TOP_SRCDIR/tests/run.sh"
. "$TOP_SRCDIR/tests/cases.sh"

# A list manager that is a script of the site's own: no program tells it, its sender does, and what it is given itself is no
# delivery, by local(8) or by a service of pipe(8).
for way in local pipe; do
	for i in 1 2 3 4 5; do
		accepted mx "10:0$i:00" "186A0A1B2C$i" 'pc[192.0.2.1]' "a$i@x" "b$i@x" 1
		if [ $way = local ]; then
			sent mx "10:0$i:00" "186A0A1B2C$i" all@x - local local 'delivered to command: /usr/local/bin/spread'
		else
			sent mx "10:0$i:00" "186A0A1B2C$i" all@x - pipe spread 'delivered via spread service'
		fi
		log mx "10:0$i:00" qmgr "186A0A1B2C$i: removed"
		for k in 0 1; do
			accepted mx "10:0$i:02" "286A0A1B${k}C$i" pickup "a$i@x" all-bounces@x 2
			stored mx "10:0$i:02" "286A0A1B${k}C$i" - "m$k@x" "m$((k + 2))@x"
		done
	done >script-$way.log
	case_of script-$way <<'EOT'
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

# Who writes on the host itself, or to a server that does not mind, leaves out the domain, and so does the log: it is the same
# list. local(8) tells that itself; where cleanup(8) expands it, the members do. Another site has others under that name.
# written ID TIME CLIENT SENDER TO HOW
written() {
	accepted mx "$2" "186A0A1B2C$1" "$3" "a$1@x" "$4" $([ "$6" = local ] && echo 1 || echo 4)
	if [ "$6" = local ]; then
		sent mx "$2" "186A0A1B2C$1" all@x "$([ "$5" = all ] && echo all || echo -)" local local "forwarded as 286A0A1B2C$1"
		log mx "$2" qmgr "186A0A1B2C$1: removed"
		log mx "$2" cleanup "286A0A1B2C$1: message-id=<a$1@x>"
		log mx "$2" qmgr "286A0A1B2C$1: from=<$4>, size=600, nrcpt=4 (queue active)"
		stored mx "$2" "286A0A1B2C$1" "$5" m0@x m1@x m2@x m3@x
	else
		stored mx "$2" "186A0A1B2C$1" "$5" m0@x m1@x m2@x m3@x
	fi
}
for how in local virtual; do
	{
		written 1 10:01:00 pickup b1@x all $how
		written 2 10:02:00 pickup b2@z all $how
		written 3 10:03:00 'pc[192.0.2.1]' b3@x all@x $how
		written 4 10:04:00 'pc[192.0.2.1]' b4@x all $how
		for i in 1 2; do
			accepted other "10:0$i:00" "186A0A1B2C$i" pickup "o$i@z" "o$i@z" 3
			stored other "10:0$i:00" "186A0A1B2C$i" all n0@z n1@z n2@z
		done
	} >bare-$how.log
	case_of bare-$how " " <<'EOT'
all|<o1@z>|o1@z|local|2016-11-14T10:01:00.100Z|3|3|0|0|500
all|<o2@z>|o2@z|local|2016-11-14T10:02:00.100Z|3|3|0|0|500
all@x|<a1@x>|b1@x|local|2016-11-14T10:01:00.100Z|4|4|0|0|500
all@x|<a2@x>|b2@z|local|2016-11-14T10:02:00.100Z|4|4|0|0|500
all@x|<a3@x>|b3@x|pc[192.0.2.1]|2016-11-14T10:03:00.100Z|4|4|0|0|500
all@x|<a4@x>|b4@x|pc[192.0.2.1]|2016-11-14T10:04:00.100Z|4|4|0|0|500
all|alias|3|2|2|6
all@x|alias|4|4|4|16
hours|22
all@x|4|4|16|16
EOT
done

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
finish
