# SPDX-License-Identifier: Apache-2.0
#
# For tests of small logs that are made line by line, every figure known: a
# case is read in several orders, all within the join window. Source it behind
# run.sh.

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

# affected_as_viewed DATABASE: mailstorm affected, which reads the stored state, says what the view does.
affected_as_viewed() {
	local incident

	for incident in $(query "$1" "SELECT id FROM incidents"); do
		"$mailstorm" --db "$1" affected "$incident" --format csv | tr -d '\r' | sed 1d
	done | sort >"$1.affected"
	sqlite3 -readonly -csv "$1" "SELECT * FROM affected" | tr -d '\r' | sort | diff - "$1.affected" >"$1.differs" ||
		{ fail "$1: mailstorm affected is not the view" && lines 12 <"$1.differs"; }
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
		affected_as_viewed "$1$way.db"
	done
}

ways=("" -1 -2 -3 -4)
make_configuration conf 'storm {' 'min_recipients = 3' 'min_replies = 2' 'min_posters = 2' '}'
configuration=conf
