-- SPDX-License-Identifier: Apache-2.0
--
-- The statements of mailstorm(1), by name. They read the views only, so what
-- the program tells can be had from the sqlite3 shell too (but for "affected"
-- while a storm goes on, which the state tells). NAME.csv gives a view's columns
-- as they are, NAME.json one JSON object a row, and what else there is serves
-- the text. :id is the incident, :since and :until bound a time; where one of
-- them stands beside "IS NULL", it may be left out. in_zone() is the program's:
-- it writes a time as its reader wants it. Each statement ends before the next name.

-- A first look, which meets whatever is wrong with the file.
-- name: look
SELECT count(*) FROM sqlite_schema;

-- name: application-id
PRAGMA application_id;

-- name: user-version
PRAGMA user_version;

-- name: begin
BEGIN;

-- Whether addresses stand in two parts, as since version 9; in either case temp.addresses has them.
-- name: has-hashes
SELECT count(*) FROM sqlite_schema WHERE name = 'address_hash';

-- name: addresses.make
CREATE TEMP VIEW addresses AS
SELECT a.id, a.local || coalesce('@' || d.domain, '') AS address
FROM main.address_text AS a LEFT JOIN main.address_domain AS d ON d.id = a.domain;

-- name: addresses.make-before
CREATE TEMP VIEW addresses AS SELECT id, address FROM main.address;

-- name: incident-exists
SELECT count(*) FROM incidents WHERE id = :id;

-- name: incidents.text
SELECT
  id, state, opened_at, list, subject, posts, posters, mailboxes, deliveries, amplification,
  peak_per_minute, bystander_p95_ms, list_closed_at, pending
FROM incidents
WHERE (:since IS NULL OR coalesce(closed_at, as_of_at) >= :since) AND (:until IS NULL OR opened_at < :until)
ORDER BY opened_at, list, root_message_id, id;

-- name: incidents.csv
SELECT * FROM incidents
WHERE (:id IS NULL OR id = :id)
  AND (:since IS NULL OR coalesce(closed_at, as_of_at) >= :since) AND (:until IS NULL OR opened_at < :until)
ORDER BY opened_at, list, root_message_id, id;

-- name: incidents.json
SELECT json_object(
  'id', id, 'state', state, 'list', list, 'subject', subject,
  'root_message_id', root_message_id, 'first_poster', first_poster,
  'opened_at', in_zone(opened_at), 'detected_at', in_zone(detected_at), 'peaked_at', in_zone(peaked_at),
  'list_closed_at', in_zone(list_closed_at), 'last_post_at', in_zone(last_post_at),
  'last_delivery_at', in_zone(last_delivery_at), 'closed_at', in_zone(closed_at),
  'posts', posts, 'replies', replies, 'auto_replies', auto_replies, 'posters', posters,
  'rejected_posts', rejected_posts, 'members', members,
  'deliveries', deliveries, 'reply_deliveries', reply_deliveries,
  'avoidable_deliveries', avoidable_deliveries,
  'mailboxes', mailboxes, 'external_mailboxes', external_mailboxes,
  'copies_mean', copies_mean, 'copies_median', copies_median,
  'copies_p95', copies_p95, 'copies_max', copies_max,
  'amplification', amplification, 'bytes_delivered', bytes_delivered,
  'peak_per_minute', peak_per_minute,
  'deferred_mailboxes', deferred_mailboxes, 'bounced_mailboxes', bounced_mailboxes,
  'expired_mailboxes', expired_mailboxes, 'pending', pending, 'unaccounted', unaccounted,
  'delay_p50_ms', delay_p50_ms, 'delay_p95_ms', delay_p95_ms,
  'delay_p99_ms', delay_p99_ms, 'delay_max_ms', delay_max_ms,
  'bystander_p95_ms', bystander_p95_ms,
  'baseline_p95_ms', baseline_p95_ms, 'baseline_method', baseline_method,
  'thread_method', thread_method, 'lines_lost', lines_lost, 'coverage_pct', coverage_pct,
  'settings', CASE WHEN json_valid(settings) THEN json(settings) ELSE settings END,
  'as_of_at', in_zone(as_of_at), 'detected_wall_at', in_zone(detected_wall_at))
FROM incidents
WHERE (:id IS NULL OR id = :id)
  AND (:since IS NULL OR coalesce(closed_at, as_of_at) >= :since) AND (:until IS NULL OR opened_at < :until)
ORDER BY opened_at, list, root_message_id, id;

-- name: timeline.csv
SELECT * FROM timeline
WHERE incident_id = :id AND (:since IS NULL OR at >= :since) AND (:until IS NULL OR at < :until);

-- name: timeline.json
SELECT json_object('incident_id', incident_id, 'at', in_zone(at), 'event', event, 'detail', detail)
FROM timeline
WHERE incident_id = :id AND (:since IS NULL OR at >= :since) AND (:until IS NULL OR at < :until);

-- name: timeline.title
SELECT state, list, subject FROM incidents WHERE id = :id;

-- name: timeline.events
SELECT CAST(strftime('%s', at) AS INTEGER) AS second, at, event, detail
FROM timeline
WHERE incident_id = :id AND (:since IS NULL OR at >= :since) AND (:until IS NULL OR at < :until);

-- name: timeline.minutes
SELECT CAST(strftime('%s', minute_at) AS INTEGER) AS second, deliveries, pending, posts, rejected
FROM minutes
WHERE incident_id = :id AND (:since IS NULL OR minute_at >= :since) AND (:until IS NULL OR minute_at < :until)
ORDER BY minute_at;

-- name: minutes.json
SELECT json_object(
  'incident_id', incident_id, 'minute_at', in_zone(minute_at),
  'posts', posts, 'auto_replies', auto_replies, 'rejected', rejected,
  'deliveries', deliveries, 'deferred', deferred, 'bounced', bounced,
  'pending', pending, 'oldest_pending_ms', oldest_pending_ms,
  'delay_p50_ms', delay_p50_ms, 'delay_p95_ms', delay_p95_ms,
  'bystander_deliveries', bystander_deliveries,
  'bystander_p50_ms', bystander_p50_ms, 'bystander_p95_ms', bystander_p95_ms)
FROM minutes
WHERE incident_id = :id AND (:since IS NULL OR minute_at >= :since) AND (:until IS NULL OR minute_at < :until)
ORDER BY minute_at;

-- name: amplification.json
SELECT json_object(
  'incident_id', incident_id, 'n', n, 'at', in_zone(at), 'message_id', message_id, 'sender', sender,
  'recipients_due', recipients_due, 'delivered', delivered,
  'cumulative_delivered', cumulative_delivered, 'cumulative_due', cumulative_due)
FROM amplification
WHERE incident_id = :id
ORDER BY n;

-- name: posters.json
SELECT json_object(
  'incident_id', incident_id, 'sender', sender, 'login', login, 'posts', posts,
  'automatic', automatic, 'deliveries', deliveries, 'first_at', in_zone(first_at), 'last_at', in_zone(last_at))
FROM posters
WHERE incident_id = :id;

-- name: domains.json
SELECT json_object(
  'incident_id', incident_id, 'domain', domain, 'scope', scope, 'mailboxes', mailboxes,
  'deliveries', deliveries, 'deferred', deferred, 'bounced', bounced)
FROM domains
WHERE incident_id = :id
ORDER BY domain;

-- name: queued.json
SELECT json_object(
  'incident_id', incident_id, 'host', host, 'instance', instance, 'queue_id', queue_id,
  'message_id', message_id, 'sender', sender, 'recipients_pending', recipients_pending,
  'oldest_at', in_zone(oldest_at))
FROM queued
WHERE incident_id = :id AND (:host IS NULL OR host = :host)
ORDER BY host, instance, oldest_at, queue_id;

-- name: ledger.json
SELECT json_object('incident_id', incident_id, 'line', line, 'count', count, 'definition', definition)
FROM ledger
WHERE incident_id = :id;

-- name: coverage.json
SELECT json_object(
  'incident_id', incident_id, 'host', host, 'first_at', in_zone(first_at), 'last_at', in_zone(last_at),
  'lines', lines, 'unparsed', unparsed, 'repeated', repeated, 'lost', lost,
  'orphans', orphans, 'unfinished', unfinished, 'ambiguous', ambiguous, 'late', late,
  'gap_ms_max', gap_ms_max)
FROM coverage
WHERE incident_id = :id
ORDER BY host;

-- What the plain sentences of "show" are made of. A poster with one post, the
-- first, replied to nothing.
-- name: show.facts
SELECT
  i.*,
  i.posters - EXISTS (
    SELECT 1 FROM posters AS p
    WHERE p.incident_id = i.id AND p.sender IS i.first_poster AND p.posts = 1) AS repliers,
  (strftime('%s', i.detected_at) - strftime('%s', i.opened_at)) * 1000
    + substr(i.detected_at, 21, 3) - substr(i.opened_at, 21, 3) AS detected_after_ms,
  (SELECT min(at) FROM timeline WHERE incident_id = i.id AND event = 'queue-dry') AS queue_dry_at,
  (SELECT min(at) FROM timeline WHERE incident_id = i.id AND event = 'bystanders-delayed') AS delayed_at,
  (SELECT count(*) FROM timeline WHERE incident_id = i.id AND event = 'bystanders-delayed') AS delayed_times,
  (SELECT max(at) FROM timeline WHERE incident_id = i.id AND event = 'bystanders-normal'
   AND at > (SELECT max(at) FROM timeline WHERE incident_id = i.id AND event = 'bystanders-delayed')) AS normal_at,
  (SELECT kind FROM lists WHERE list = i.list) AS list_kind,
  (SELECT count FROM ledger WHERE incident_id = i.id AND line = 'pairs_due') AS pairs_due,
  (SELECT count FROM ledger WHERE incident_id = i.id AND line = 'bounced') AS bounced,
  (SELECT count FROM ledger WHERE incident_id = i.id AND line = 'expired') AS expired,
  (SELECT count FROM ledger WHERE incident_id = i.id AND line = 'discarded') AS discarded,
  (SELECT count FROM ledger WHERE incident_id = i.id AND line = 'removed_by_admin') AS removed_by_admin,
  (SELECT count FROM ledger WHERE incident_id = i.id AND line = 'handed_outside') AS handed_outside,
  (SELECT count FROM ledger WHERE incident_id = i.id AND line = 'notifications') AS notifications,
  (SELECT count FROM ledger WHERE incident_id = i.id AND line = 'delivered_after_close')
    AS delivered_after_close,
  q.files AS queued_files, q.hosts AS queued_hosts, q.oldest_at AS queued_oldest_at,
  c.hosts AS log_hosts, c.lines AS log_lines, c.unparsed AS log_unparsed, c.orphans AS log_orphans,
  c.unfinished AS log_unfinished, c.ambiguous AS log_ambiguous, c.late AS log_late,
  (SELECT host FROM coverage
   WHERE incident_id = i.id AND gap_ms_max > 0
   ORDER BY gap_ms_max DESC, host LIMIT 1) AS gap_host,
  c.gap_ms_max AS gap_ms,
  (SELECT group_concat(key || ' ' || CASE WHEN key IN ('window', 'quiet_after', 'thread_gap')
     THEN CASE WHEN value % 3600 = 0 AND value > 3600 THEN (value / 3600) || 'h'
               WHEN value % 60 = 0 THEN (value / 60) || 'm' ELSE value || 's' END
     ELSE value END, ', ')
   FROM json_each(CASE WHEN json_valid(i.settings) THEN i.settings ELSE '{}' END)) AS thresholds
FROM incidents AS i,
  (SELECT count(*) AS files, count(DISTINCT host) AS hosts, min(oldest_at) AS oldest_at
   FROM queued WHERE incident_id = :id) AS q,
  (SELECT count(*) AS hosts, sum(lines) AS lines, sum(unparsed) AS unparsed, sum(orphans) AS orphans,
          sum(unfinished) AS unfinished, sum(ambiguous) AS ambiguous, sum(late) AS late,
          max(gap_ms_max) AS gap_ms_max
   FROM coverage WHERE incident_id = :id) AS c
WHERE i.id = :id;

-- Columns: figure, kind (how to write it), value, definition.
-- name: show.figures
WITH i AS (SELECT * FROM incidents WHERE id = :id)
SELECT 'opened_at' AS figure, 'time' AS kind, opened_at AS value,
  'When the first hop accepted the thread''s first post.' AS definition FROM i
UNION ALL SELECT 'detected_at', 'time', detected_at,
  'The time of the post with which the thread crossed the thresholds.' FROM i
UNION ALL SELECT 'peaked_at', 'time', peaked_at,
  'The minute with the most deliveries.' FROM i
UNION ALL SELECT 'list_closed_at', 'time', list_closed_at,
  'The first refusal of the list''s own address after which no post to it was accepted.' FROM i
UNION ALL SELECT 'last_post_at', 'time', last_post_at,
  'When the last post was accepted.' FROM i
UNION ALL SELECT 'last_delivery_at', 'time', last_delivery_at,
  'The latest delivery so far.' FROM i
UNION ALL SELECT 'closed_at', 'time', closed_at,
  'When it was over: nothing pending, and neither posts nor deliveries for a while (quiet_after).' FROM i
UNION ALL SELECT 'as_of_at', 'time', as_of_at,
  'The latest time in the logs when these figures were made.' FROM i
UNION ALL SELECT 'posts', 'count', posts,
  'Accepted posts of the thread.' FROM i
UNION ALL SELECT 'replies', 'count', replies,
  'Those of the posts that are not the thread''s first.' FROM i
UNION ALL SELECT 'auto_replies', 'count', auto_replies,
  'Those of the replies that were sent automatically.' FROM i
UNION ALL SELECT 'posters', 'count', posters,
  'Distinct senders of the posts, each null sender''s post one of its own; unknown if a sender is.' FROM i
UNION ALL SELECT 'rejected_posts', 'count', rejected_posts,
  'Posts that were refused because the list was closed.' FROM i
UNION ALL SELECT 'members', 'count', members,
  'Mailboxes that were due a post through the list.' FROM i
UNION ALL SELECT 'deliveries', 'count', deliveries,
  'Pairs of a post and a mailbox that were delivered at the last hop that the logs show, each once.' FROM i
UNION ALL SELECT 'reply_deliveries', 'count', reply_deliveries,
  'Those of the deliveries that were of replies.' FROM i
UNION ALL SELECT 'avoidable_deliveries', 'count', avoidable_deliveries,
  'Those of posts accepted after detected_at: what closing the list at detection would have saved.' FROM i
UNION ALL SELECT 'mailboxes', 'count', mailboxes,
  'Distinct mailboxes among the deliveries.' FROM i
UNION ALL SELECT 'external_mailboxes', 'count', external_mailboxes,
  'Those of the mailboxes in none of the local_domains; unknown where none is configured.' FROM i
UNION ALL SELECT 'copies_mean', 'real', copies_mean,
  'Deliveries per mailbox reached.' FROM i
UNION ALL SELECT 'copies_median', 'count', copies_median,
  'Half of the mailboxes reached got at most this many posts.' FROM i
UNION ALL SELECT 'copies_p95', 'count', copies_p95,
  '95 % of the mailboxes reached got at most this many posts.' FROM i
UNION ALL SELECT 'copies_max', 'count', copies_max,
  'The most posts that one mailbox got.' FROM i
UNION ALL SELECT 'amplification', 'real', amplification,
  'Deliveries per post.' FROM i
UNION ALL SELECT 'bytes_delivered', 'count', bytes_delivered,
  'Bytes: the size of each post times its deliveries, added up.' FROM i
UNION ALL SELECT 'peak_per_minute', 'count', peak_per_minute,
  'Deliveries in the busiest minute.' FROM i
UNION ALL SELECT 'deferred_mailboxes', 'count', deferred_mailboxes,
  'Mailboxes for which a post was deferred at least once, delivered later or not.' FROM i
UNION ALL SELECT 'bounced_mailboxes', 'count', bounced_mailboxes,
  'Mailboxes for which a post bounced.' FROM i
UNION ALL SELECT 'expired_mailboxes', 'count', expired_mailboxes,
  'Mailboxes for which a post was given up after too long in a queue.' FROM i
UNION ALL SELECT 'pending', 'count', pending,
  'Pairs that are still in a queue.' FROM i
UNION ALL SELECT 'unaccounted', 'count', unaccounted,
  'Pairs that were due and of whose end the logs tell nothing.' FROM i
UNION ALL SELECT 'delay_p50_ms', 'ms', delay_p50_ms,
  'Half of the deliveries took at most this long, from the first hop''s acceptance of the post on.' FROM i
UNION ALL SELECT 'delay_p95_ms', 'ms', delay_p95_ms,
  '95 % of the deliveries took at most this long.' FROM i
UNION ALL SELECT 'delay_p99_ms', 'ms', delay_p99_ms,
  '99 % of the deliveries took at most this long.' FROM i
UNION ALL SELECT 'delay_max_ms', 'ms', delay_max_ms,
  'The longest that a delivery took.' FROM i
UNION ALL SELECT 'bystander_p95_ms', 'ms', bystander_p95_ms,
  '95 % of all other mail of that time was delivered within this delay, as its log lines give it.' FROM i
UNION ALL SELECT 'baseline_p95_ms', 'ms', baseline_p95_ms,
  'The same of a usual time: ' || CASE baseline_method
    WHEN 'weekday-hour' THEN 'the median of the same weekday and hour over the last four weeks.'
    WHEN 'hour-before' THEN 'the hour before opened_at, for want of four weeks of history.'
    ELSE 'unknown where the database has none.' END FROM i
UNION ALL SELECT 'lines_lost', 'count', lines_lost,
  'Log lines that were lost before they could be read, as far as the logs or jumps in offsets tell.' FROM i
UNION ALL SELECT 'coverage_pct', 'real', coverage_pct,
  '100 x (pairs_due - unaccounted) / pairs_due.' FROM i;

-- The tables that follow the figures: some are cut, and NAME.all tells how many rows there are.
-- name: show.ledger.all
SELECT count(*) FROM ledger WHERE incident_id = :id;

-- name: show.ledger
SELECT line, count, definition FROM ledger WHERE incident_id = :id;

-- name: show.posters.all
SELECT count(*) FROM posters WHERE incident_id = :id;

-- name: show.posters
SELECT sender, login, posts, automatic, deliveries, first_at, last_at
FROM posters
WHERE incident_id = :id
ORDER BY posts DESC, deliveries DESC, first_at, sender
LIMIT 10;

-- name: show.domains.all
SELECT count(*) FROM domains WHERE incident_id = :id;

-- name: show.domains
SELECT domain, scope, mailboxes, deliveries, deferred, bounced
FROM domains
WHERE incident_id = :id
ORDER BY deliveries DESC, mailboxes DESC, domain
LIMIT 10;

-- name: show.queued.all
SELECT count(*) FROM queued WHERE incident_id = :id;

-- name: show.queued
SELECT host, instance, queue_id, sender, recipients_pending, oldest_at
FROM queued
WHERE incident_id = :id
ORDER BY recipients_pending DESC, oldest_at, host, queue_id
LIMIT 10;

-- name: show.coverage.all
SELECT count(*) FROM coverage WHERE incident_id = :id;

-- name: show.coverage
SELECT host, first_at, last_at, lines, unparsed, repeated, lost, orphans, unfinished, ambiguous, late,
  gap_ms_max
FROM coverage
WHERE incident_id = :id
ORDER BY lost DESC, gap_ms_max DESC, host
LIMIT 20;
