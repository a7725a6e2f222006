-- SPDX-License-Identifier: Apache-2.0
--
-- The daemon's statements, by name. Each ends before the next name. sum is the
-- checksum of the values before it: a row is read as it was written, in the same order.

-- The pages of what is loaded.
-- name: state-check
SELECT c.quick_check
FROM json_each('["state_text", "state_object", "state_set", "state_cell", "state_number", "address_domain", "address_text",
    "address_sealed", "address_hash", "source"]') AS t,
  pragma_quick_check(t.value) AS c;

-- name: state-number-put
INSERT OR REPLACE INTO state_number (name, value, sum) VALUES (?, ?, ?);

-- name: state-number-all
SELECT name, value, sum FROM state_number;

-- name: privacy-get
SELECT addresses, key_check FROM privacy;

-- name: privacy-put
INSERT OR REPLACE INTO privacy (one, addresses, key_check, key_file) VALUES (1, ?, ?, ?);

-- name: text-put
INSERT OR REPLACE INTO state_text (id, text, sealed, sum) VALUES (?, ?, ?, ?);

-- name: text-delete
DELETE FROM state_text WHERE id = ?;

-- name: text-all
SELECT id, text, sealed, sum FROM state_text ORDER BY id;

-- name: address-domain-put
INSERT OR IGNORE INTO address_domain (domain) VALUES (?);

-- name: address-put
INSERT OR REPLACE INTO address_text (id, local, domain)
VALUES (?1, ?2, (SELECT id FROM address_domain WHERE domain = ?3));

-- name: address-sealed-put
INSERT OR REPLACE INTO address_sealed (id, sealed) VALUES (?, ?);

-- name: address-delete
DELETE FROM address_text WHERE id = ?;

-- name: address-sealed-delete
DELETE FROM address_sealed WHERE id = ?;

-- name: address-all
SELECT a.id, a.local, d.domain, s.sealed
FROM address_text AS a
  LEFT JOIN address_domain AS d ON d.id = a.domain
  LEFT JOIN address_sealed AS s ON s.id = a.id
ORDER BY a.id;

-- name: address-domain-expire
DELETE FROM address_domain WHERE id NOT IN (SELECT domain FROM address_text WHERE domain IS NOT NULL);

-- name: address-hash-put
INSERT OR REPLACE INTO address_hash (block, hashes, sum, address_sum) VALUES (?, ?, ?, ?);

-- name: address-hash-last
SELECT max(block) FROM address_hash;

-- name: address-hash-all
SELECT block, hashes, sum, address_sum FROM address_hash;

-- name: object-put
INSERT OR REPLACE INTO state_object (kind, id, data, sum) VALUES (?, ?, ?, ?);

-- name: object-delete
DELETE FROM state_object WHERE kind = ? AND id = ?;

-- name: object-all
SELECT kind, id, data, sum FROM state_object WHERE kind = ? ORDER BY id;

-- name: set-put
INSERT OR REPLACE INTO state_set (message, bucket, kind, key, level, chunk, data, sum)
VALUES (?, ?, ?, ?, ?, ?, ?, ?);

-- name: set-delete
DELETE FROM state_set WHERE message = ? AND bucket = ? AND kind = ? AND key = ? AND level = ? AND chunk = ?;

-- name: set-delete-message
DELETE FROM state_set WHERE message = ?;

-- name: set-delete-list
DELETE FROM state_set WHERE message = 0 AND bucket = ?;

-- name: set-all
SELECT message, bucket, kind, key, level, chunk, data, sum FROM state_set
ORDER BY message, bucket, kind, key, level, chunk;

-- name: cell-put
INSERT OR REPLACE INTO state_cell (message, bucket, kind, at, host, relay, unless, data, sum)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: cell-delete
DELETE FROM state_cell
WHERE message = ? AND bucket = ? AND kind = ? AND at = ? AND host = ? AND relay = ? AND unless = ?;

-- name: cell-delete-message
DELETE FROM state_cell WHERE message = ?;

-- name: cell-delete-kind
DELETE FROM state_cell WHERE message = ? AND bucket = ? AND kind = ?;

-- name: cell-delete-before
DELETE FROM state_cell WHERE message = 0 AND bucket = 0 AND kind = ? AND at < ?;

-- name: cell-all
SELECT message, bucket, kind, at, host, relay, unless, data, sum FROM state_cell
ORDER BY message, bucket, kind, at, host, relay, unless;

-- name: spilled-put
INSERT OR REPLACE INTO state_spilled
  (unit, file, name, id, host, message, due, accepted, orphans, unfinished, pending, instance, queue_id, message_id,
   sender, data)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: spilled-delete
DELETE FROM state_spilled WHERE unit = ?;

-- name: spilled-by-name
SELECT unit FROM state_spilled WHERE name = ?;

-- name: spilled-by-id
SELECT unit FROM state_spilled WHERE id = ? AND id <> 0;

-- name: spilled-by-post
SELECT unit FROM state_spilled WHERE message = ? AND message <> 0;

-- name: spilled-due
SELECT unit FROM state_spilled WHERE host = ?1 AND (message <> 0) = ?2 AND due < ?3 ORDER BY due LIMIT ?4;

-- name: spilled-unit
SELECT unit, file, name, id, host, message, due, accepted, orphans, unfinished, data FROM state_spilled WHERE unit = ?
ORDER BY file;

-- name: spilled-all
SELECT unit, file, name, id, host, message, due, accepted, orphans, unfinished FROM state_spilled;

-- name: source-put
INSERT OR REPLACE INTO source
  (source, topic, partition, next_offset, inode, lines, events, ignored, unparsed, gap, first_at, last_at, sum)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: source-get
SELECT source, topic, partition, next_offset, inode, lines, events, ignored, unparsed, gap, first_at, last_at, sum
FROM source WHERE source = ? AND topic = ? AND partition = ?;

-- name: source-told-get
SELECT told FROM source_told WHERE source = ? AND topic = ? AND partition = ?;

-- name: source-told-put
INSERT OR REPLACE INTO source_told (source, topic, partition, told) VALUES (?, ?, ?, ?);

-- name: source-told-delete
DELETE FROM source_told WHERE source = ? AND topic = ? AND partition = ?;

-- A sample: a few of each program and reason.
-- name: unparsed-put
INSERT OR IGNORE INTO unparsed_line (source, topic, partition, offset, at, program, reason, line, taken_at)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9
WHERE (SELECT count(*) FROM unparsed_line WHERE program IS ?6 AND reason = ?7) < 20
  AND (SELECT count(*) FROM unparsed_line) < 1000;

-- name: post-put
INSERT OR REPLACE INTO post
  (id, incident_id, thread_id, list, message_id, sender, client, login, subject, posted_at, automatic, recipients,
   delivered, deferred, bounced, expired, pending, bytes)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: post-delete
DELETE FROM post WHERE id = ?;

-- name: thread-delete-list
DELETE FROM thread WHERE list = ? AND last_at >= ?;

-- name: thread-put
INSERT OR REPLACE INTO thread (id, list, subject, root_message_id, first_at, last_at, posts, deliveries, incident_id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);

-- Members that retention forgot, and posters whose posts have left memory (then the last parameter is 1), were counted
-- before.
-- name: list-put
INSERT INTO list (address, kind, members, posters, posts, deliveries, first_at, last_at, closed_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
ON CONFLICT (address) DO UPDATE SET
  kind = excluded.kind, members = max(members, excluded.members),
  posters = CASE WHEN ?10 THEN coalesce(max(posters, excluded.posters), posters) ELSE excluded.posters END,
  posts = excluded.posts,
  deliveries = excluded.deliveries, first_at = excluded.first_at, last_at = excluded.last_at,
  closed_at = excluded.closed_at;

-- name: list-delete
DELETE FROM list WHERE address = ?;

-- name: hour-put
INSERT OR REPLACE INTO hour
  (hour_at, host, deliveries, deferred, bounced, rejected, delay_p50_ms, delay_p95_ms, delay_p99_ms, over_5m, over_1h,
   over_3h)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- What was booked since for an hour whose delays are no longer at hand: counts are added up; percentiles stay, but are those
-- of the larger part where a host tells its hour only now.
-- name: hour-add
INSERT INTO hour
  (hour_at, host, deliveries, deferred, bounced, rejected, delay_p50_ms, delay_p95_ms, delay_p99_ms, over_5m, over_1h,
   over_3h)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (hour_at, host) DO UPDATE SET
  deliveries = deliveries + excluded.deliveries, deferred = deferred + excluded.deferred,
  bounced = bounced + excluded.bounced, rejected = rejected + excluded.rejected,
  delay_p50_ms = CASE WHEN host <> '' AND excluded.deliveries > deliveries THEN excluded.delay_p50_ms
    ELSE coalesce(delay_p50_ms, excluded.delay_p50_ms) END,
  delay_p95_ms = CASE WHEN host <> '' AND excluded.deliveries > deliveries THEN excluded.delay_p95_ms
    ELSE coalesce(delay_p95_ms, excluded.delay_p95_ms) END,
  delay_p99_ms = CASE WHEN host <> '' AND excluded.deliveries > deliveries THEN excluded.delay_p99_ms
    ELSE coalesce(delay_p99_ms, excluded.delay_p99_ms) END,
  over_5m = over_5m + excluded.over_5m, over_1h = over_1h + excluded.over_1h, over_3h = over_3h + excluded.over_3h;

-- name: hour-past
SELECT hour_at, delay_p95_ms FROM hour WHERE host = '' AND hour_at >= ? ORDER BY hour_at;

-- name: coverage-put
INSERT OR REPLACE INTO coverage_host
  (incident_id, host, first_at, last_at, lines, unparsed, repeated, lost, orphans, unfinished, ambiguous, late,
   gap_ms_max)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: coverage-delete
DELETE FROM coverage_host WHERE incident_id = ?;

-- Figures that take long keep their last values where this time's are unknown (copies and external mailboxes).
-- name: incident-put
INSERT INTO incident
  (id, state, list, thread_id, subject, root_message_id, first_poster, opened_at, detected_at, peaked_at,
   list_closed_at, last_post_at, last_delivery_at, closed_at, posts, replies, auto_replies, posters, rejected_posts,
   members, deliveries, reply_deliveries, avoidable_deliveries, mailboxes, external_mailboxes, copies_mean,
   copies_median, copies_p95, copies_max, amplification, bytes_delivered, peak_per_minute, deferred_mailboxes,
   bounced_mailboxes, expired_mailboxes, pending, unaccounted, delay_p50_ms, delay_p95_ms, delay_p99_ms, delay_max_ms,
   bystander_p95_ms, baseline_p95_ms, baseline_method, thread_method, lines_lost, coverage_pct, settings, as_of_at,
   detected_wall_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
        ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET
  state = excluded.state, list = excluded.list, thread_id = excluded.thread_id, subject = excluded.subject,
  root_message_id = excluded.root_message_id, first_poster = excluded.first_poster, opened_at = excluded.opened_at,
  detected_at = excluded.detected_at, peaked_at = excluded.peaked_at, list_closed_at = excluded.list_closed_at,
  last_post_at = excluded.last_post_at, last_delivery_at = excluded.last_delivery_at, closed_at = excluded.closed_at,
  posts = excluded.posts, replies = excluded.replies, auto_replies = excluded.auto_replies, posters = excluded.posters,
  rejected_posts = excluded.rejected_posts, members = excluded.members, deliveries = excluded.deliveries,
  reply_deliveries = excluded.reply_deliveries, avoidable_deliveries = excluded.avoidable_deliveries,
  mailboxes = excluded.mailboxes, external_mailboxes = coalesce(excluded.external_mailboxes, external_mailboxes),
  copies_mean = coalesce(excluded.copies_mean, copies_mean),
  copies_median = coalesce(excluded.copies_median, copies_median),
  copies_p95 = coalesce(excluded.copies_p95, copies_p95), copies_max = coalesce(excluded.copies_max, copies_max),
  amplification = excluded.amplification, bytes_delivered = excluded.bytes_delivered,
  peak_per_minute = excluded.peak_per_minute, deferred_mailboxes = excluded.deferred_mailboxes,
  bounced_mailboxes = excluded.bounced_mailboxes, expired_mailboxes = excluded.expired_mailboxes,
  pending = excluded.pending, unaccounted = excluded.unaccounted, delay_p50_ms = excluded.delay_p50_ms,
  delay_p95_ms = excluded.delay_p95_ms, delay_p99_ms = excluded.delay_p99_ms, delay_max_ms = excluded.delay_max_ms,
  bystander_p95_ms = excluded.bystander_p95_ms, baseline_p95_ms = excluded.baseline_p95_ms,
  baseline_method = excluded.baseline_method, thread_method = excluded.thread_method,
  lines_lost = excluded.lines_lost, coverage_pct = excluded.coverage_pct, settings = excluded.settings,
  as_of_at = excluded.as_of_at, detected_wall_at = excluded.detected_wall_at;

-- name: incident-delete
DELETE FROM incident WHERE id = ?;

-- The closing of a list whose incident is no longer at hand: what of it changes when the list is closed, or goes on. All its
-- copies had ended before, so those that were delivered after another closing than the one it tells of are none.
-- name: closing-ledger
UPDATE incident_ledger
SET count = CASE line WHEN 'rejected_posts' THEN ?3
                      ELSE count * ((SELECT list_closed_at FROM incident WHERE id = ?1) IS ?2) END
WHERE incident_id = ?1 AND line IN ('rejected_posts', 'delivered_after_close');

-- name: closing-put
UPDATE incident SET list_closed_at = ?2, rejected_posts = ?3 WHERE id = ?1;

-- name: closing-timeline-delete
DELETE FROM incident_timeline WHERE incident_id = ? AND event = 'list-closed';

-- name: closing-minutes-delete
DELETE FROM incident_minute
WHERE incident_id = ?1
  AND minute_at > (SELECT max(at) FROM incident_timeline WHERE incident_id = ?1 AND event IN ('last-post', 'queue-dry'));

-- name: closing-minutes-put
UPDATE incident_minute SET rejected = 0 WHERE incident_id = ? AND rejected <> 0;

-- name: as-of
UPDATE incident SET as_of_at = ?1 WHERE as_of_at <> ?1;

-- name: timeline-delete
DELETE FROM incident_timeline WHERE incident_id = ?;

-- name: timeline-put
INSERT INTO incident_timeline (incident_id, at, ordinal, event, detail) VALUES (?, ?, ?, ?, ?);

-- name: amplification-delete
DELETE FROM incident_amplification WHERE incident_id = ?;

-- name: amplification-put
INSERT INTO incident_amplification
  (incident_id, n, at, message_id, sender, recipients_due, delivered, cumulative_delivered, cumulative_due)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: poster-delete
DELETE FROM incident_poster WHERE incident_id = ?;

-- name: poster-put
INSERT INTO incident_poster (incident_id, ordinal, sender, login, posts, automatic, deliveries, first_at, last_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: minute-delete
DELETE FROM incident_minute WHERE incident_id = ?;

-- name: minute-put
INSERT INTO incident_minute
  (incident_id, minute_at, posts, auto_replies, rejected, deliveries, deferred, bounced, pending, oldest_pending_ms,
   delay_p50_ms, delay_p95_ms, bystander_deliveries, bystander_p50_ms, bystander_p95_ms)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: ledger-put
INSERT OR REPLACE INTO incident_ledger (incident_id, ordinal, line, count) VALUES (?, ?, ?, ?);

-- name: ledger-delete
DELETE FROM incident_ledger WHERE incident_id = ?;

-- name: domain-delete
DELETE FROM incident_domain WHERE incident_id = ?;

-- name: domain-put
INSERT INTO incident_domain (incident_id, domain, scope, mailboxes, deliveries, deferred, bounced)
VALUES (?, ?, ?, ?, ?, ?, ?);

-- name: affected-delete
DELETE FROM incident_affected WHERE incident_id = ?;

-- name: affected-post-delete
DELETE FROM incident_affected_post WHERE incident_id = ?;

-- Their numbers must stay theirs.
-- name: affected-mailboxes
SELECT DISTINCT mailbox FROM incident_affected;

-- name: affected-put
INSERT INTO incident_affected (incident_id, mailbox, copies, failed, first_post, last_post)
VALUES (?, ?, ?, ?, ?, ?);

-- name: affected-post-put
INSERT INTO incident_affected_post (incident_id, number, posted_at) VALUES (?, ?, ?);

-- name: queued-delete
DELETE FROM incident_queued WHERE incident_id = ?;

-- What a post's spilled files owe.
-- name: queued-spilled
SELECT host, instance, queue_id, message_id, sender, pending, accepted FROM state_spilled
WHERE message = ? AND message <> 0 AND pending > 0;

-- name: queued-put
INSERT OR REPLACE INTO incident_queued
  (incident_id, host, instance, queue_id, message_id, sender, recipients_pending, oldest_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?);

-- How the daemon is.
-- name: health-put
INSERT OR REPLACE INTO health_run
  (id, live, started_wall_at, checkpoint_wall_at, stopped_wall_at, log_at, recent_lines, recent_unparsed, trouble)
VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: health-source-put
INSERT OR REPLACE INTO health_source (source, topic, partition, end_offset, unread_since_wall_at)
VALUES (?, ?, ?, ?, ?);

-- name: health-host-put
INSERT OR REPLACE INTO health_host (host, clock_at, silence_ms, silent, norm, norm_spoke, norm_of)
VALUES (?, ?, ?, ?, ?, ?, ?);

-- Retention: what is older than the first number, the second number of rows at most.
-- name: unparsed-expire
DELETE FROM unparsed_line WHERE (source, topic, partition, offset) IN (
  SELECT source, topic, partition, offset FROM unparsed_line WHERE coalesce(taken_at, at, 0) < ?1 LIMIT ?2);

-- name: post-expire
DELETE FROM post WHERE id IN (SELECT id FROM post WHERE posted_at < ?1 ORDER BY posted_at LIMIT ?2);

-- name: thread-expire
DELETE FROM thread WHERE id IN (SELECT id FROM thread WHERE last_at < ?1 LIMIT ?2);

-- name: list-expire
DELETE FROM list WHERE address IN (SELECT address FROM list WHERE last_at < ?1 LIMIT ?2);

-- name: hour-expire
DELETE FROM hour WHERE (hour_at, host) IN (SELECT hour_at, host FROM hour WHERE hour_at < ?1 LIMIT ?2);

-- Mailboxes of an incident that was over before the second number.
-- name: affected-expire
DELETE FROM incident_affected
WHERE incident_id = ?1
  AND mailbox IN (
    SELECT mailbox FROM incident_affected
    WHERE incident_id = ?1
      AND (SELECT max(last_post_at, coalesce(last_delivery_at, last_post_at), coalesce(closed_at, last_post_at))
           FROM incident WHERE id = ?1) < ?2
    LIMIT ?3);

-- name: incident-expire
DELETE FROM incident
WHERE id = ?1
  AND max(last_post_at, coalesce(last_delivery_at, last_post_at), coalesce(closed_at, last_post_at)) < ?2;

-- name: post-leave-incident
UPDATE post SET incident_id = NULL WHERE incident_id = ?;

-- name: thread-leave-incident
UPDATE thread SET incident_id = NULL WHERE incident_id = ?;

-- Lists' members of the half before last; of all; those of the last half become those before
-- (each chunk has a checksum of its own).
-- name: members-forget
DELETE FROM state_set WHERE message = 0 AND kind = ? AND key = 1;

-- name: members-forget-all
DELETE FROM state_set WHERE message = 0 AND kind = ?;

-- name: members-turn
UPDATE state_set SET key = 1, sum = NULL WHERE message = 0 AND kind = ?;
