#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# compare.sh DATABASE TRUTH [VIEW ...]: compares a database of mailstormd with
# a truth file of stormgen(1), by the views alone. Prints every difference;
# exits 0 if there is none, 1 if there is one, 2 if it cannot compare. With
# VIEWs only these are compared. A truth without lines is an error; so are
# incidents and posts of the database that the truth does not know.
#
# Values of the truth: text or number: equal (numbers to one in a million);
# NULL; ~N: within 1 % or a millisecond; LOW..HIGH: within.
set -eu

if [ $# -lt 2 ] || [ ! -r "$1" ] || [ ! -r "$2" ]; then
	echo "usage: compare.sh DATABASE TRUTH [VIEW ...]" >&2
	exit 2
fi
database=$1
truth=$2
shift 2

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM

grep -v '^#' "$truth" > "$work/truth" || true
if ! [ -s "$work/truth" ]; then
	echo "compare.sh: $truth: no line of truth in it" >&2
	exit 2
fi
if awk -F '\t' 'NF != 4 || $1 == "" || $2 == "" || $3 == "" { print "line: " $0; bad = 1 } END { exit !bad }' \
	"$work/truth" >&2; then
	echo "compare.sh: $truth: not view, key, column, value" >&2
	exit 2
fi

# rows VIEW KEY FROM COLUMN...: one fact for each row and column. KEY and FROM are SQL; COLUMN may be NAME=SQL.
rows()
{
	view=$1 key=$2 from=$3
	shift 3
	for column; do
		printf "INSERT INTO actual SELECT '%s', %s, '%s', %s FROM %s;\n" \
			"$view" "$key" "${column%%=*}" "${column#*=}" "$from"
	done
}

# The same of a view whose rows belong to an incident: the key begins with the incident's number.
of_incident()
{
	view=$1 key=$2
	shift 2
	rows "$view" "i.n || $key" "$view AS v JOIN incident_number AS i ON i.id = v.incident_id" "$@"
}

facts()
{
	rows counts "'*'" "(SELECT count(*) AS n FROM incidents)" incidents=n
	rows counts "'*'" "(SELECT count(*) AS n FROM posts)" posts=n
	rows incidents i.n "incidents AS v JOIN incident_number AS i ON i.id = v.id" \
		state list=v.list subject root_message_id=v.root_message_id first_poster opened_at=v.opened_at \
		detected_at peaked_at list_closed_at last_post_at last_delivery_at closed_at posts replies \
		auto_replies posters rejected_posts members deliveries reply_deliveries avoidable_deliveries \
		mailboxes external_mailboxes copies_mean copies_median copies_p95 copies_max amplification \
		bytes_delivered peak_per_minute deferred_mailboxes bounced_mailboxes expired_mailboxes pending \
		unaccounted delay_p50_ms delay_p95_ms delay_p99_ms delay_max_ms bystander_p95_ms baseline_p95_ms \
		baseline_method thread_method lines_lost coverage_pct as_of_at
	of_incident timeline "'/' || v.event" "at=CASE WHEN v.event IN ('subsiding', 'closed') \
		THEN max(v.at) ELSE min(v.at) END" | sed 's/;$/ GROUP BY i.n, v.event;/'
	of_incident amplification "'/' || v.n" at message_id sender recipients_due delivered \
		cumulative_delivered cumulative_due
	printf "INSERT INTO actual SELECT view, key, column, (SELECT count(*) FROM incidents AS i
		WHERE i.detected_at >= t.key) FROM truth AS t WHERE view = 'counts' AND column = 'detected_from';\n"
	# A message to two lists is two posts under one Message-ID, and their key names the list.
	rows posts key "(SELECT *, CASE count(*) OVER (PARTITION BY message_id) WHEN 1 THEN message_id \
		ELSE message_id || ' ' || list END AS key FROM posts)" list message_id "in_incident=incident_id IS NOT NULL" sender client login \
		subject posted_at automatic recipients delivered deferred bounced expired pending bytes
	of_incident posters "''" "named=count(nullif(v.sender, ''))" \
		"null_posts=ifnull(sum(v.posts) FILTER (WHERE v.sender = ''), 0)" \
		"null_deliveries=ifnull(sum(v.deliveries) FILTER (WHERE v.sender = ''), 0)" | sed 's/;$/ GROUP BY i.n;/'
	of_incident posters "'/' || nullif(v.sender, '')" login posts automatic deliveries first_at last_at
	of_incident affected "''" "count=count(*)" "sum_copies=sum(v.copies)" "max_copies=max(v.copies)" \
		"sum_failed=sum(v.failed)" "checksum=sum(v.copies * $checksum)" \
		"failed_checksum=sum(v.failed * $checksum)" | sed 's/;$/ GROUP BY i.n;/'
	if grep -q '^affected	[0-9]*/' "$work/truth"; then
		of_incident affected "'/' || v.mailbox" copies failed first_post_at last_post_at
	fi
	of_incident domains "'/' || v.domain" scope mailboxes deliveries deferred bounced
	of_incident minutes "'/' || v.minute_at" posts auto_replies rejected deliveries deferred bounced \
		pending oldest_pending_ms delay_p50_ms delay_p95_ms bystander_deliveries bystander_p50_ms \
		bystander_p95_ms
	rows hours "hour_at || '/' || ifnull(host, '*')" hours deliveries deferred bounced rejected \
		delay_p50_ms delay_p95_ms delay_p99_ms over_5m over_1h over_3h
	rows threads key "(SELECT *, CASE count(*) OVER (PARTITION BY root_message_id) WHEN 1 THEN root_message_id \
		ELSE root_message_id || ' ' || list END AS key FROM threads)" subject first_at last_at posts deliveries
	rows lists key "(SELECT *, CASE kind WHEN 'recipient-set' THEN '#' || row_number() \
		OVER (PARTITION BY kind ORDER BY first_at, list) ELSE list END AS key FROM lists)" \
		kind members posters posts deliveries first_at last_at closed_at
	of_incident queued "'/' || v.host || '/' || v.queue_id" message_id recipients_pending oldest_at
	rows queued i.n "incident_number AS i" \
		"count=(SELECT count(*) FROM queued AS q WHERE q.incident_id = i.id)"
	of_incident ledger "'/' || v.line" count
	rows coverage host "coverage WHERE incident_id IS NULL" lines
}

# The checksum of an address, as stormgen makes it: its number, its length, its first letter and its domain's.
number="CAST(ltrim(v.mailbox, 'abcdefghijklmnopqrstuvwxyz.') AS INTEGER)"
checksum="(($number * 2654435761 + length(v.mailbox) * 40503 + unicode(v.mailbox) * 31
	+ unicode(substr(v.mailbox, instr(v.mailbox, '@') + 1))) % 1000003)"

chosen="1"
if [ $# -gt 0 ]; then
	chosen="view IN ("
	for view; do
		chosen="$chosen'$view',"
	done
	chosen="${chosen%,})"
fi

{
	cat <<-SQL
	.bail on
	.mode tabs
	PRAGMA temp_store = MEMORY;
	CREATE TEMP TABLE truth (view TEXT, key TEXT, column TEXT, value TEXT);
	.import --schema temp '$work/truth' truth
	DELETE FROM truth WHERE NOT ($chosen);
	CREATE INDEX temp.truth_index ON truth (view, key, column);
	CREATE TEMP TABLE actual (view TEXT, key TEXT, column TEXT, value);
	CREATE TEMP TABLE incident_number AS
	  SELECT id, row_number() OVER (ORDER BY opened_at, list, root_message_id) AS n FROM incidents;
	SQL
	facts
	cat <<-SQL
	CREATE INDEX temp.actual_index ON actual (view, key, column);
	CREATE TEMP TABLE difference (view TEXT, key TEXT, column TEXT, expected TEXT, got TEXT);

	-- What should be there and is not, or is different. An event that did not happen has no row.
	INSERT INTO difference
	  SELECT t.view, t.key, t.column, t.value,
	         CASE WHEN a.view IS NULL THEN 'no such row' ELSE ifnull(a.value, 'NULL') END
	  FROM truth AS t LEFT JOIN actual AS a USING (view, key, column)
	  WHERE NOT CASE
	    WHEN t.value = 'NULL' THEN a.value IS NULL AND (a.view IS NOT NULL OR t.view = 'timeline')
	    WHEN a.value IS NULL THEN 0
	    WHEN t.value GLOB '~[0-9]*'
	      THEN typeof(a.value) IN ('integer', 'real') AND
	           abs(a.value - substr(t.value, 2)) <= 0.01 * substr(t.value, 2) + 1
	    WHEN t.value GLOB '[0-9]*..[0-9]*'
	      THEN typeof(a.value) IN ('integer', 'real') AND a.value >= CAST(t.value AS INTEGER) AND
	           a.value <= CAST(substr(t.value, instr(t.value, '..') + 2) AS INTEGER)
	    WHEN typeof(a.value) IN ('integer', 'real') AND t.value GLOB '[0-9]*'
	      THEN abs(a.value - t.value) <= 0.000001 * t.value
	    ELSE CAST(a.value AS TEXT) = t.value END;

	-- What should not be there.
	INSERT INTO difference
	  SELECT DISTINCT a.view, a.key, '', 'no such row', 'a row'
	  FROM actual AS a
	  WHERE a.view IN ('incidents', 'posts', 'amplification', 'affected', 'domains', 'queued', 'posters', 'lists')
	    AND $chosen AND a.key IS NOT NULL
	    AND NOT EXISTS (SELECT 1 FROM truth AS t WHERE t.view = a.view AND t.key = a.key)
	    AND (a.view IN ('incidents', 'posts')
	      OR EXISTS (SELECT 1 FROM truth AS t WHERE t.view = a.view AND t.key GLOB
	        CASE a.view WHEN 'lists' THEN '*' ELSE '[0-9]*/*' END));

	SELECT view || ' ' || key || ' ' || column || ': expected ' || expected || ', got ' || got
	FROM difference ORDER BY view, key, column;
	SELECT printf('%d facts compared, %d differences', (SELECT count(*) FROM truth), count(*)) FROM difference;
	SQL
} > "$work/sql"

if ! sqlite3 -readonly "$database" < "$work/sql" > "$work/out" 2> "$work/error"; then
	cat "$work/error" >&2
	echo "compare.sh: $database: cannot be compared" >&2
	exit 2
fi
cat "$work/out"
case $(tail -n 1 "$work/out") in
"0 facts"*)
	echo "compare.sh: $truth: nothing in it about the views asked for" >&2
	exit 2
	;;
*", 0 differences")
	exit 0
	;;
esac
exit 1
