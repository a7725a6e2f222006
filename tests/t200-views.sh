#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The views: names, columns and order are those of the interface; times are
# ISO 8601, cut to the millisecond; unknowns are NULL; the ledger has its order
# and a definition for each line; making the views again changes nothing.
set -euo pipefail
. "$(dirname "$0")/report.sh"

database=$work/views.db
make_database "$database" "$schema/views.sql" "$data/storm.sql"

sqlite3 "$database" "
	SELECT v.name || ': ' || group_concat(c.name, ', ')
	FROM (SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY rowid) AS v, pragma_table_info(v.name) AS c
	GROUP BY v.name ORDER BY v.name" | same views.ref

# Times around every border: microseconds cut, never rounded; before 1970; no time; the ends of four-digit years.
sqlite3 "$database" "
	DELETE FROM incident_timeline;
	INSERT INTO incident_timeline (incident_id, at, ordinal, event) VALUES
	(1, 0, 1, ''), (1, 999, 1, ''), (1, 1000, 1, ''), (1, 999999, 1, ''), (1, -1, 1, ''), (1, -1000, 1, ''),
	(1, -1001, 1, ''), (1, -1000000, 1, ''), (1, 1479112151999999, 1, ''), (1, 1479112151999499, 1, ''),
	(1, 951782399999999, 1, ''), (1, 951782400000000, 1, ''), (1, -62167219200000000, 1, ''),
	(1, 253402300799999999, 1, '');
	SELECT t.at || ' ' || v.at FROM
	(SELECT row_number() OVER () AS n, at FROM timeline) AS v JOIN
	(SELECT row_number() OVER (ORDER BY incident_id, at, ordinal) AS n, at FROM incident_timeline) AS t USING (n)" |
	same times.ref

# Each millisecond of some seconds: its first, middle and last microsecond.
milliseconds=$(sqlite3 "$database" "
	DELETE FROM incident_timeline;
	WITH RECURSIVE ms (value) AS (SELECT 0 UNION ALL SELECT value + 1 FROM ms WHERE value < 999)
	INSERT INTO incident_timeline (incident_id, at, ordinal, event)
	SELECT 1, at.value * 1000000 + ms.value * 1000 + us.value, 1, printf('%03d', ms.value)
	FROM json_each('[-86400,0,59,951782399,1479112151,4102444799]') AS at, ms, json_each('[0,500,999]') AS us;
	SELECT count(*), sum(substr(at, 21) = event || 'Z' AND at GLOB '????-??-??T??:??:??.???Z') FROM timeline")
[ "$milliseconds" = "18000|18000" ] || fail "milliseconds: $milliseconds"

# Unknowns.
sqlite3 -nullvalue NULL "$database" "
	SELECT 'hour', host FROM hours WHERE hour_at < '2016-11-14T09';
	SELECT 'coverage', incident_id, host FROM coverage WHERE host NOT GLOB '*' || char(27) || '*';
	SELECT 'affected', mailbox, copies, first_post_at FROM affected;
	SELECT 'incident', subject, closed_at, posters, amplification FROM incidents WHERE id = 3" | same unknowns.ref

# Every line of the ledger is defined, and in the order of the interface.
defined=$(sqlite3 "$database" "SELECT count(*), count(definition), count(DISTINCT definition)
	FROM ledger WHERE incident_id = 1")
[ "$defined" = "17|17|17" ] || fail "a line of the ledger has no definition of its own"
sqlite3 "$database" "SELECT line FROM ledger WHERE incident_id = 1" | same ledger-order.ref
finish
