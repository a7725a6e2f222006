# SPDX-License-Identifier: Apache-2.0
#
# Counts a stormgen log (rfc3164) by means of its own, and compares with the
# truth file read before it: deliveries, bounces and deferrals of every post,
# the incident's deliveries of every minute, hand-overs, attempts,
# notifications, lines of every host. It knows neither plan nor parser: a final
# delivery is a "sent" whose "queued as" names no queue file of these logs.
# awk -f count.awk TRUTH LOG LOG (the log twice: first for the message ids).
# Exits 1 on any difference. Not for logs with lines told again or of two years.

BEGIN { FS = "\t" }

FNR == 1 { pass++; if (pass == 2) FS = " " }

pass == 1 {
	if ($0 ~ /^#/)
		next
	truth[$1, $2, $3] = $4
	facts++
	if ($1 == "posts" && $3 == "in_incident")
		incident[$2] = $4
	if ($1 == "lists")
		list = $2
	if ($1 == "minutes" && $3 == "deliveries")
		minute_total[substr($2, 14, 5)] += $4
	next
}

# The first line of the second file was split by tabs.
FNR == 1 { $0 = $0 }

{ id = substr($6, 1, length($6) - 1); at = $4 SUBSEP id }

pass == 2 {
	host_lines[$4]++
	if ($7 ~ /^message-id=/) {
		message[at] = substr($7, 12)
		host_of[id] = $4
	}
	next
}

function delivered_elsewhere(next_id)
{
	return (next_id in host_of) && message[host_of[next_id], next_id] == message[at]
}

/: sender non-delivery notification: / && incident[message[at]] { notifications++ }

$7 ~ /^to=</ && (message[at] in incident) {
	post = message[at]
	match($0, /to=<[^>]*>/)
	to = tolower(substr($0, RSTART + 4, RLENGTH - 5))
	if (to == list)
		next
	attempts += incident[post]
	if ($0 ~ /, status=deferred \(/ && !((post, to) in was_deferred)) {
		was_deferred[post, to] = 1
		deferred[post]++
	}
	if ($0 ~ /, status=bounced \(/)
		bounced[post]++
	if ($0 !~ /, status=sent \(/)
		next
	next_id = $NF
	sub(/\)$/, "", next_id)
	if ($0 ~ /(queued|forwarded) as [0-9A-Za-z]+\)$/ && delivered_elsewhere(next_id)) {
		hand_overs += incident[post]
		next
	}
	if ((post, to) in was_delivered)
		differ("delivered twice: " post " " to, 1, 2)
	was_delivered[post, to] = 1
	delivered[post]++
	if (incident[post])
		in_minute[substr($3, 1, 5)]++
}

function differ(what, expected, got)
{
	print what ": truth " expected ", lines " got
	bad++
}

function check(view, key, column, got,    want, ends)
{
	if (!((view, key, column) in truth))
		return
	want = truth[view, key, column]
	compared++
	if (split(want, ends, /\.\./) == 2 ? got < ends[1] + 0 || got > ends[2] + 0 : want != got + 0)
		differ(view " " key " " column, want, got + 0)
}

END {
	for (post in incident) {
		check("posts", post, "delivered", delivered[post])
		check("posts", post, "bounced", bounced[post])
		check("posts", post, "deferred", deferred[post])
		if (incident[post])
			total += delivered[post]
	}
	for (host in host_lines)
		check("coverage", host, "lines", host_lines[host])
	for (minute in in_minute)
		if (!(minute in minute_total))
			differ("minute " minute, 0, in_minute[minute])
	for (minute in minute_total)
		if (minute_total[minute] != in_minute[minute] + 0)
			differ("minute " minute, minute_total[minute], in_minute[minute] + 0)
	if (("incidents", 1, "deliveries") in truth) {
		check("incidents", 1, "deliveries", total)
		check("affected", 1, "sum_copies", total)
		check("ledger", "1/delivered", "count", total)
		check("ledger", "1/attempts", "count", attempts)
		check("ledger", "1/hand_overs", "count", hand_overs)
		check("ledger", "1/notifications", "count", notifications)
	}
	print compared + 0 " figures compared, " bad + 0 " differences"
	exit !(facts > 0 && compared > 0 && bad == 0)
}
