-- SPDX-License-Identifier: Apache-2.0
--
-- The views: the store's public face. Their names, columns, order and meaning
-- are an interface and stay; the tables behind them do not. The daemon drops
-- and makes them anew whenever it opens the database, so a change here needs
-- no migration. More columns go to the end of a view.
--
-- Tables hold times as microseconds since 1970 UTC, views show them as
-- YYYY-MM-DDTHH:MM:SS.sssZ, cut (never rounded) to the millisecond: the
-- division is one of integers, and the correction makes it round down before
-- 1970 too. An unknown is NULL.

-- One row: one incident.
DROP VIEW IF EXISTS incidents;
CREATE VIEW incidents AS
SELECT
  id, state, list, subject, root_message_id, first_poster,
  strftime('%Y-%m-%dT%H:%M:%fZ', (opened_at / 1000 - (opened_at % 1000 < 0)) / 1000.0,
    'unixepoch') AS opened_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', (detected_at / 1000 - (detected_at % 1000 < 0)) / 1000.0,
    'unixepoch') AS detected_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', (peaked_at / 1000 - (peaked_at % 1000 < 0)) / 1000.0,
    'unixepoch') AS peaked_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', (list_closed_at / 1000 - (list_closed_at % 1000 < 0)) / 1000.0,
    'unixepoch') AS list_closed_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', (last_post_at / 1000 - (last_post_at % 1000 < 0)) / 1000.0,
    'unixepoch') AS last_post_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', (last_delivery_at / 1000 - (last_delivery_at % 1000 < 0)) / 1000.0,
    'unixepoch') AS last_delivery_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', (closed_at / 1000 - (closed_at % 1000 < 0)) / 1000.0,
    'unixepoch') AS closed_at,
  posts, replies, auto_replies, posters, rejected_posts, members,
  deliveries, reply_deliveries, avoidable_deliveries, mailboxes, external_mailboxes,
  copies_mean, copies_median, copies_p95, copies_max, amplification,
  bytes_delivered, peak_per_minute,
  deferred_mailboxes, bounced_mailboxes, expired_mailboxes, pending, unaccounted,
  delay_p50_ms, delay_p95_ms, delay_p99_ms, delay_max_ms,
  bystander_p95_ms, baseline_p95_ms, baseline_method,
  thread_method, lines_lost, coverage_pct, settings,
  strftime('%Y-%m-%dT%H:%M:%fZ', (as_of_at / 1000 - (as_of_at % 1000 < 0)) / 1000.0,
    'unixepoch') AS as_of_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', (detected_wall_at / 1000 - (detected_wall_at % 1000 < 0)) / 1000.0,
    'unixepoch') AS detected_wall_at
FROM incident;

-- One row: one event of an incident, in order.
DROP VIEW IF EXISTS timeline;
CREATE VIEW timeline AS
SELECT
  incident_id,
  strftime('%Y-%m-%dT%H:%M:%fZ', (at / 1000 - (at % 1000 < 0)) / 1000.0,
    'unixepoch') AS at,
  event, detail
FROM incident_timeline AS t
ORDER BY t.incident_id, t.at, t.ordinal;

-- One row: the n-th post of an incident, and what all posts up to it had come to.
DROP VIEW IF EXISTS amplification;
CREATE VIEW amplification AS
SELECT
  incident_id, n,
  strftime('%Y-%m-%dT%H:%M:%fZ', (at / 1000 - (at % 1000 < 0)) / 1000.0,
    'unixepoch') AS at,
  message_id, sender, recipients_due, delivered, cumulative_delivered, cumulative_due
FROM incident_amplification;

-- One row: one post, in an incident or not.
DROP VIEW IF EXISTS posts;
CREATE VIEW posts AS
SELECT
  id, incident_id, thread_id, list, message_id, sender, client, login, subject,
  strftime('%Y-%m-%dT%H:%M:%fZ', (posted_at / 1000 - (posted_at % 1000 < 0)) / 1000.0,
    'unixepoch') AS posted_at,
  automatic, recipients, delivered, deferred, bounced, expired, pending, bytes
FROM post;

-- One row: one sender of an incident; each post with the null sender is one of its own.
DROP VIEW IF EXISTS posters;
CREATE VIEW posters AS
SELECT
  incident_id, sender, login, posts, automatic, deliveries,
  strftime('%Y-%m-%dT%H:%M:%fZ', (first_at / 1000 - (first_at % 1000 < 0)) / 1000.0,
    'unixepoch') AS first_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', (last_at / 1000 - (last_at % 1000 < 0)) / 1000.0,
    'unixepoch') AS last_at
FROM incident_poster AS p
ORDER BY p.incident_id, p.ordinal;

-- One row: one mailbox that an incident reached or failed to reach.
DROP VIEW IF EXISTS affected;
CREATE VIEW affected AS
SELECT
  a.incident_id, m.local || coalesce('@' || d.domain, '') AS mailbox, a.copies, a.failed,
  strftime('%Y-%m-%dT%H:%M:%fZ', (f.posted_at / 1000 - (f.posted_at % 1000 < 0)) / 1000.0,
    'unixepoch') AS first_post_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', (l.posted_at / 1000 - (l.posted_at % 1000 < 0)) / 1000.0,
    'unixepoch') AS last_post_at
FROM incident_affected AS a
  LEFT JOIN address_text AS m ON m.id = a.mailbox
  LEFT JOIN address_domain AS d ON d.id = m.domain
  LEFT JOIN incident_affected_post AS f ON f.incident_id = a.incident_id AND f.number = a.first_post
  LEFT JOIN incident_affected_post AS l ON l.incident_id = a.incident_id AND l.number = a.last_post;

-- One row: one domain of an incident's mailboxes. domain NULL: those that the logs name by the local part alone.
DROP VIEW IF EXISTS domains;
CREATE VIEW domains AS
SELECT incident_id, nullif(domain, '') AS domain, scope, mailboxes, deliveries, deferred, bounced
FROM incident_domain;

-- One row: one minute of an incident.
DROP VIEW IF EXISTS minutes;
CREATE VIEW minutes AS
SELECT
  incident_id,
  strftime('%Y-%m-%dT%H:%M:%fZ', (minute_at / 1000 - (minute_at % 1000 < 0)) / 1000.0,
    'unixepoch') AS minute_at,
  posts, auto_replies, rejected, deliveries, deferred, bounced, pending, oldest_pending_ms,
  delay_p50_ms, delay_p95_ms, bystander_deliveries, bystander_p50_ms, bystander_p95_ms
FROM incident_minute;

-- One row: one hour of all mail on one host; host NULL: on all hosts.
DROP VIEW IF EXISTS hours;
CREATE VIEW hours AS
SELECT
  strftime('%Y-%m-%dT%H:%M:%fZ', (hour_at / 1000 - (hour_at % 1000 < 0)) / 1000.0,
    'unixepoch') AS hour_at,
  nullif(host, '') AS host,
  deliveries, deferred, bounced, rejected,
  delay_p50_ms, delay_p95_ms, delay_p99_ms, over_5m, over_1h, over_3h
FROM hour;

-- One row: one thread of a list.
DROP VIEW IF EXISTS threads;
CREATE VIEW threads AS
SELECT
  id, list, subject, root_message_id,
  strftime('%Y-%m-%dT%H:%M:%fZ', (first_at / 1000 - (first_at % 1000 < 0)) / 1000.0,
    'unixepoch') AS first_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', (last_at / 1000 - (last_at % 1000 < 0)) / 1000.0,
    'unixepoch') AS last_at,
  posts, deliveries, incident_id
FROM thread;

-- One row: one list.
DROP VIEW IF EXISTS lists;
CREATE VIEW lists AS
SELECT
  address AS list, kind, members, posters, posts, deliveries,
  strftime('%Y-%m-%dT%H:%M:%fZ', (first_at / 1000 - (first_at % 1000 < 0)) / 1000.0,
    'unixepoch') AS first_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', (last_at / 1000 - (last_at % 1000 < 0)) / 1000.0,
    'unixepoch') AS last_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', (closed_at / 1000 - (closed_at % 1000 < 0)) / 1000.0,
    'unixepoch') AS closed_at
FROM list;

-- One row: one queue file that still owes an incident's mailboxes something.
DROP VIEW IF EXISTS queued;
CREATE VIEW queued AS
SELECT
  incident_id, host, instance, queue_id, message_id, sender, recipients_pending,
  strftime('%Y-%m-%dT%H:%M:%fZ', (oldest_at / 1000 - (oldest_at % 1000 < 0)) / 1000.0,
    'unixepoch') AS oldest_at
FROM incident_queued;

-- One row: one line of an incident's ledger, in order, with what it counts.
DROP VIEW IF EXISTS ledger;
CREATE VIEW ledger AS
SELECT
  incident_id, line, count,
  CASE line
    WHEN 'posts_accepted' THEN
      'Posts of the incident that were accepted, each counted once whatever hops and copies it took.'
    WHEN 'pairs_due' THEN
      'Pairs of a post and a mailbox that it was due to: for each post the mailboxes named at any hop, or the'
      || ' recipients that one hop counted where that is more. It is the sum of the seven lines below it.'
    WHEN 'delivered' THEN
      'Pairs delivered at the last hop that the logs show, each counted once however many lines tell of it.'
    WHEN 'bounced' THEN
      'Pairs that were refused for good and never delivered.'
    WHEN 'expired' THEN
      'Pairs that were given up because they had stayed in a queue too long.'
    WHEN 'discarded' THEN
      'Pairs that a rule of the mail system threw away without delivery.'
    WHEN 'removed_by_admin' THEN
      'Pairs that were undelivered in a queue file when an administrator deleted it.'
    WHEN 'pending' THEN
      'Pairs that are still in a queue, on hold or waiting for another attempt.'
    WHEN 'unaccounted' THEN
      'Pairs that were due and of whose end the logs tell nothing.'
    WHEN 'handed_outside' THEN
      'Those of the delivered pairs that went to a host whose logs are not read; their end is not known.'
    WHEN 'hand_overs' THEN
      'Log lines by which one host handed a recipient on to another whose logs are read; no deliveries.'
    WHEN 'attempts' THEN
      'Log lines about one recipient of a post, whatever they say of it.'
    WHEN 'repeats' THEN
      'Log lines that tell of a pair that was delivered already: told again, or truly a second copy.'
    WHEN 'auto_replies' THEN
      'Those of the accepted posts that were sent automatically, such as absence notes.'
    WHEN 'notifications' THEN
      'Non-delivery and delay reports that the posts caused.'
    WHEN 'rejected_posts' THEN
      'Posts that were refused because the list was closed.'
    WHEN 'delivered_after_close' THEN
      'Those of the delivered pairs that were delivered after the list was closed.'
  END AS definition
FROM incident_ledger AS l
ORDER BY l.incident_id, l.ordinal;

-- One row: what the logs of one host cover in the hours of an incident; incident_id NULL: in all.
DROP VIEW IF EXISTS coverage;
CREATE VIEW coverage AS
SELECT
  nullif(incident_id, 0) AS incident_id, host,
  strftime('%Y-%m-%dT%H:%M:%fZ', (first_at / 1000 - (first_at % 1000 < 0)) / 1000.0,
    'unixepoch') AS first_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', (last_at / 1000 - (last_at % 1000 < 0)) / 1000.0,
    'unixepoch') AS last_at,
  lines, unparsed, repeated, lost, orphans, unfinished, ambiguous, late, gap_ms_max
FROM coverage_host;

-- One row: one partition of a source. end_offset, unread, unread_since_wall_at: as it was looked at last.
DROP VIEW IF EXISTS sources;
CREATE VIEW sources AS
SELECT
  source, topic, partition, next_offset, lines, events, ignored, unparsed,
  strftime('%Y-%m-%dT%H:%M:%fZ', (first_at / 1000 - (first_at % 1000 < 0)) / 1000.0,
    'unixepoch') AS first_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', (last_at / 1000 - (last_at % 1000 < 0)) / 1000.0,
    'unixepoch') AS last_at,
  end_offset, max(end_offset - next_offset, 0) AS unread,
  strftime('%Y-%m-%dT%H:%M:%fZ', (unread_since_wall_at / 1000 - (unread_since_wall_at % 1000 < 0)) / 1000.0,
    'unixepoch') AS unread_since_wall_at
FROM source LEFT JOIN health_source USING (source, topic, partition);

-- One row: one host, and its silence beside its norm, in log time.
DROP VIEW IF EXISTS hosts;
CREATE VIEW hosts AS
SELECT
  host,
  strftime('%Y-%m-%dT%H:%M:%fZ', (clock_at / 1000 - (clock_at % 1000 < 0)) / 1000.0,
    'unixepoch') AS clock_at,
  silence_ms, silent, norm, norm_spoke, norm_of
FROM health_host;

-- One row: the run of the daemon that wrote last.
DROP VIEW IF EXISTS health;
CREATE VIEW health AS
SELECT
  live,
  strftime('%Y-%m-%dT%H:%M:%fZ', (started_wall_at / 1000 - (started_wall_at % 1000 < 0)) / 1000.0,
    'unixepoch') AS started_wall_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', (checkpoint_wall_at / 1000 - (checkpoint_wall_at % 1000 < 0)) / 1000.0,
    'unixepoch') AS checkpoint_wall_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', (stopped_wall_at / 1000 - (stopped_wall_at % 1000 < 0)) / 1000.0,
    'unixepoch') AS stopped_wall_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', (log_at / 1000 - (log_at % 1000 < 0)) / 1000.0,
    'unixepoch') AS log_at,
  recent_lines, recent_unparsed, trouble
FROM health_run;

-- One row: one sampled line that no rule understood.
DROP VIEW IF EXISTS unparsed;
CREATE VIEW unparsed AS
SELECT
  source, topic, partition, offset,
  strftime('%Y-%m-%dT%H:%M:%fZ', (at / 1000 - (at % 1000 < 0)) / 1000.0,
    'unixepoch') AS at,
  program, reason, line
FROM unparsed_line;
