-- SPDX-License-Identifier: Apache-2.0
--
-- Further statements of mailstorm(1), as report.sql explains them: those of
-- the commands that show one table each.

-- The latest event that the database knows of, for bounds that are told as durations.
-- name: newest
SELECT max(at) FROM (
  SELECT max(last_at) AS at FROM coverage WHERE incident_id IS NULL
  UNION ALL SELECT max(as_of_at) FROM incidents);

-- name: posts.text
SELECT posted_at, sender, subject, automatic, recipients, delivered, deferred, bounced, expired, pending, bytes,
  message_id
FROM posts
WHERE incident_id = :id AND (:since IS NULL OR posted_at >= :since) AND (:until IS NULL OR posted_at < :until)
ORDER BY posted_at, message_id, id;

-- name: posts.csv
SELECT * FROM posts
WHERE incident_id = :id AND (:since IS NULL OR posted_at >= :since) AND (:until IS NULL OR posted_at < :until)
ORDER BY posted_at, message_id, id;

-- name: posts.json
SELECT json_object(
  'id', id, 'incident_id', incident_id, 'thread_id', thread_id, 'list', list, 'message_id', message_id,
  'sender', sender, 'client', client, 'login', login, 'subject', subject, 'posted_at', in_zone(posted_at),
  'automatic', automatic, 'recipients', recipients, 'delivered', delivered, 'deferred', deferred,
  'bounced', bounced, 'expired', expired, 'pending', pending, 'bytes', bytes)
FROM posts
WHERE incident_id = :id AND (:since IS NULL OR posted_at >= :since) AND (:until IS NULL OR posted_at < :until)
ORDER BY posted_at, message_id, id;

-- Messages that are in a mailbox, or may get into one.
-- name: message-ids.csv
SELECT message_id FROM posts
WHERE incident_id = :id AND delivered + pending > 0 AND message_id <> ''
  AND (:since IS NULL OR posted_at >= :since) AND (:until IS NULL OR posted_at < :until)
GROUP BY message_id
ORDER BY min(posted_at), message_id;

-- name: message-ids.json
SELECT json_quote(message_id) FROM posts
WHERE incident_id = :id AND delivered + pending > 0 AND message_id <> ''
  AND (:since IS NULL OR posted_at >= :since) AND (:until IS NULL OR posted_at < :until)
GROUP BY message_id
ORDER BY min(posted_at), message_id;

-- The same where they are stored as hashes; opened() is the program's, which has the key.
-- name: message-ids-opened.csv
SELECT opened(t.sealed) AS message_id
FROM (SELECT message_id, min(posted_at) AS posted_at FROM posts
      WHERE incident_id = :id AND delivered + pending > 0 AND message_id <> ''
        AND (:since IS NULL OR posted_at >= :since) AND (:until IS NULL OR posted_at < :until)
      GROUP BY message_id) AS p
  JOIN state_text AS t ON t.text = p.message_id AND t.sealed IS NOT NULL
ORDER BY p.posted_at, 1;

-- name: message-ids-opened.json
SELECT json_quote(opened(t.sealed))
FROM (SELECT message_id, min(posted_at) AS posted_at FROM posts
      WHERE incident_id = :id AND delivered + pending > 0 AND message_id <> ''
        AND (:since IS NULL OR posted_at >= :since) AND (:until IS NULL OR posted_at < :until)
      GROUP BY message_id) AS p
  JOIN state_text AS t ON t.text = p.message_id AND t.sealed IS NOT NULL
ORDER BY p.posted_at, 1;

-- Those of which nothing but the hash is left.
-- name: message-ids-opened.forgotten
SELECT count(DISTINCT message_id) FROM posts
WHERE incident_id = :id AND delivered + pending > 0 AND message_id <> ''
  AND (:since IS NULL OR posted_at >= :since) AND (:until IS NULL OR posted_at < :until)
  AND message_id NOT IN (SELECT text FROM state_text WHERE sealed IS NOT NULL);

-- Such messages that have no name to find them by.
-- name: message-ids.nameless
SELECT count(*) FROM posts
WHERE incident_id = :id AND delivered + pending > 0 AND coalesce(message_id, '') = ''
  AND (:since IS NULL OR posted_at >= :since) AND (:until IS NULL OR posted_at < :until);

-- Where the figures of an incident's mailboxes are final: the view has them.
-- name: affected.text
SELECT mailbox, copies, failed, first_post_at, last_post_at FROM affected WHERE incident_id = :id;

-- name: affected.csv
SELECT * FROM affected WHERE incident_id = :id;

-- name: affected.json
SELECT json_object(
  'incident_id', incident_id, 'mailbox', mailbox, 'copies', copies, 'failed', failed,
  'first_post_at', in_zone(first_post_at), 'last_post_at', in_zone(last_post_at))
FROM affected
WHERE incident_id = :id;

-- The same while it goes on: the program's functions tell of each mailbox what the state holds.
-- name: affected-now.text
SELECT address, copies_now(id), failed_now(id), first_post_now(id), last_post_now(id)
FROM temp.addresses
WHERE copies_now(id) + failed_now(id) > 0
ORDER BY id;

-- name: affected-now.csv
SELECT :id AS incident_id, address AS mailbox, copies_now(id) AS copies, failed_now(id) AS failed,
  first_post_now(id) AS first_post_at, last_post_now(id) AS last_post_at
FROM temp.addresses
WHERE copies_now(id) + failed_now(id) > 0
ORDER BY addresses.id;

-- name: affected-now.json
SELECT json_object(
  'incident_id', :id, 'mailbox', address, 'copies', copies_now(id), 'failed', failed_now(id),
  'first_post_at', in_zone(first_post_now(id)), 'last_post_at', in_zone(last_post_now(id)))
FROM temp.addresses
WHERE copies_now(id) + failed_now(id) > 0
ORDER BY id;

-- Whether retention took the mailboxes that it had.
-- name: affected-forgotten
SELECT count(*) FROM incidents
WHERE id = :id AND state = 'closed' AND mailboxes > 0 AND NOT EXISTS (SELECT 1 FROM incident_affected WHERE incident_id = :id);

-- How the database has addresses; one from before this was asked has no table of it.
-- name: has-privacy
SELECT count(*) FROM sqlite_schema WHERE name = 'privacy';

-- name: is-hashed
SELECT count(*) FROM privacy WHERE addresses = 'keyed-hash';

-- name: privacy
SELECT key_check, key_file FROM privacy;

-- The number of a mailbox: the hashes, then one of the numbers that may be it; or, before version 9, by an index.
-- name: mailbox-hashes
SELECT block, hashes, sum FROM address_hash ORDER BY block;

-- name: mailbox-of-number
SELECT id FROM temp.addresses WHERE id BETWEEN :first AND :last AND address = :mailbox;

-- name: mailbox-number
SELECT id FROM temp.addresses WHERE address = :mailbox;

-- One mailbox, :number: final, or as of now. The view cannot be asked by number, and by address only slowly.
-- name: affected-one.csv
SELECT a.incident_id, :mailbox AS mailbox, a.copies, a.failed,
  strftime('%Y-%m-%dT%H:%M:%fZ', (f.posted_at / 1000 - (f.posted_at % 1000 < 0)) / 1000.0, 'unixepoch') AS first_post_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', (l.posted_at / 1000 - (l.posted_at % 1000 < 0)) / 1000.0, 'unixepoch') AS last_post_at
FROM incident_affected AS a
  LEFT JOIN incident_affected_post AS f ON f.incident_id = a.incident_id AND f.number = a.first_post
  LEFT JOIN incident_affected_post AS l ON l.incident_id = a.incident_id AND l.number = a.last_post
WHERE a.incident_id = :id AND a.mailbox = CAST(:number AS INTEGER);

-- name: affected-one.json
SELECT json_object(
  'incident_id', a.incident_id, 'mailbox', :mailbox, 'copies', a.copies, 'failed', a.failed,
  'first_post_at',
  in_zone(strftime('%Y-%m-%dT%H:%M:%fZ', (f.posted_at / 1000 - (f.posted_at % 1000 < 0)) / 1000.0, 'unixepoch')),
  'last_post_at',
  in_zone(strftime('%Y-%m-%dT%H:%M:%fZ', (l.posted_at / 1000 - (l.posted_at % 1000 < 0)) / 1000.0, 'unixepoch')))
FROM incident_affected AS a
  LEFT JOIN incident_affected_post AS f ON f.incident_id = a.incident_id AND f.number = a.first_post
  LEFT JOIN incident_affected_post AS l ON l.incident_id = a.incident_id AND l.number = a.last_post
WHERE a.incident_id = :id AND a.mailbox = CAST(:number AS INTEGER);

-- The same of databases from before version 9, where the view is quick by address.
-- name: affected-one-before.csv
SELECT * FROM affected WHERE incident_id = :id AND mailbox = :mailbox;

-- name: affected-one-before.json
SELECT json_object(
  'incident_id', incident_id, 'mailbox', mailbox, 'copies', copies, 'failed', failed,
  'first_post_at', in_zone(first_post_at), 'last_post_at', in_zone(last_post_at))
FROM affected
WHERE incident_id = :id AND mailbox = :mailbox;

-- name: affected-one-now.csv
SELECT :id AS incident_id, address AS mailbox, copies_now(id) AS copies, failed_now(id) AS failed,
  first_post_now(id) AS first_post_at, last_post_now(id) AS last_post_at
FROM temp.addresses
WHERE id = :number AND copies_now(id) + failed_now(id) > 0;

-- name: affected-one-now.json
SELECT json_object(
  'incident_id', :id, 'mailbox', address, 'copies', copies_now(id), 'failed', failed_now(id),
  'first_post_at', in_zone(first_post_now(id)), 'last_post_at', in_zone(last_post_now(id)))
FROM temp.addresses
WHERE id = :number AND copies_now(id) + failed_now(id) > 0;

-- What became of each post for it; the program tells.
-- name: outcomes.count
SELECT count(*) FROM posts WHERE incident_id = :id AND outcome_now(id) IS NOT NULL;

-- name: outcomes.text
SELECT posted_at, outcome_now(id), sender, subject, message_id
FROM posts
WHERE incident_id = :id AND outcome_now(id) IS NOT NULL
ORDER BY posted_at, message_id, id;

-- name: outcomes.json
SELECT json_object(
  'posted_at', in_zone(posted_at), 'outcome', outcome_now(id), 'sender', sender, 'subject', subject,
  'message_id', message_id)
FROM posts
WHERE incident_id = :id AND outcome_now(id) IS NOT NULL
ORDER BY posted_at, message_id, id;

-- What the state holds, see daemon/store/objects.h: objects of a kind, one of them, the sets of a message (all
-- chunks, or one chunk of them and all of what is named), an address. Where the next chunk stands, and one chunk: of
-- very many sets only one chunk each is looked up.
-- name: state-objects
SELECT id, data FROM state_object WHERE kind = :kind ORDER BY id;

-- name: state-object
SELECT id, data FROM state_object WHERE kind = :kind AND id = :number;

-- name: state-sets
SELECT bucket, kind, key, data
FROM state_set
WHERE message = :message AND level = 0 AND (:chunk IS NULL OR chunk = :chunk OR kind = 0);

-- name: state-set-next
SELECT bucket, kind, key, level, chunk
FROM state_set
WHERE message = :message AND (bucket, kind, key, level, chunk) >= (:bucket, :kind, :key, :level, :chunk)
ORDER BY bucket, kind, key, level, chunk
LIMIT 1;

-- name: state-set-chunk
SELECT data
FROM state_set
WHERE message = :message AND bucket = :bucket AND kind = :kind AND key = :key AND level = 0 AND chunk = :chunk;

-- name: addresses
SELECT max(id) FROM temp.addresses;

-- name: state-address
SELECT address FROM temp.addresses WHERE id = :number;

-- What is queued as of now, in the place of the view: a table of the connection's own.
-- name: queue-now.make
CREATE TEMP TABLE queued (
  incident_id INTEGER, host TEXT, instance TEXT, queue_id TEXT, message_id TEXT, sender TEXT,
  recipients_pending INTEGER, oldest_at TEXT);

-- name: queue-now.put
INSERT INTO temp.queued VALUES (
  :id,
  (SELECT text FROM state_text WHERE id = :host_text),
  (SELECT text FROM state_text WHERE id = :instance),
  (SELECT text FROM state_text WHERE id = :queue_id),
  (SELECT text FROM state_text WHERE id = :message),
  (SELECT text FROM state_text WHERE id = :sender),
  :pending, :oldest);

-- Those that the daemon has put out of memory, of one post.
-- name: queue-now.has-spilled
SELECT count(*) FROM sqlite_schema WHERE name = 'state_spilled';

-- name: queue-now.make-hosts
CREATE TEMP TABLE queue_host (number INTEGER PRIMARY KEY, name TEXT);

-- name: queue-now.put-host
INSERT INTO temp.queue_host SELECT :number, text FROM state_text WHERE id = :text;

-- name: queue-now.spilled
INSERT INTO temp.queued
SELECT
  :id, h.name, s.instance, s.queue_id, s.message_id, s.sender, s.pending,
  strftime('%Y-%m-%dT%H:%M:%fZ', (s.accepted / 1000 - (s.accepted % 1000 < 0)) / 1000.0, 'unixepoch')
FROM state_spilled AS s LEFT JOIN temp.queue_host AS h ON h.number = s.host
WHERE s.message = :message AND s.message <> 0 AND s.pending > 0;

-- name: queued.text
SELECT host, instance, queue_id, recipients_pending, oldest_at, sender, message_id
FROM queued
WHERE incident_id = :id AND (:host IS NULL OR host = :host)
ORDER BY host, instance, oldest_at, queue_id;

-- name: queued.csv
SELECT * FROM queued
WHERE incident_id = :id AND (:host IS NULL OR host = :host)
ORDER BY host, instance, oldest_at, queue_id;

-- name: queued.hosts
SELECT host, instance, count(*), sum(recipients_pending), min(oldest_at)
FROM queued
WHERE incident_id = :id AND (:host IS NULL OR host = :host)
GROUP BY host, instance
ORDER BY host, instance;

-- name: queued.totals
SELECT sum(recipients_pending), count(*), count(DISTINCT host), group_concat(DISTINCT host)
FROM queued
WHERE incident_id = :id AND (:host IS NULL OR host = :host);

-- Queue IDs of one host, as postsuper(1) reads them: nothing else that the logs may hold.
-- name: queue-ids.csv
SELECT DISTINCT queue_id
FROM queued
WHERE incident_id = :id AND host = :host AND queue_id <> '' AND queue_id <> 'ALL'
  AND queue_id NOT GLOB '*[^0-9A-Za-z]*'
ORDER BY queue_id;

-- name: queue-ids.json
SELECT DISTINCT json_quote(queue_id)
FROM queued
WHERE incident_id = :id AND host = :host AND queue_id <> '' AND queue_id <> 'ALL'
  AND queue_id NOT GLOB '*[^0-9A-Za-z]*'
ORDER BY queue_id;

-- name: ledger.text
SELECT line, count, definition FROM ledger WHERE incident_id = :id;

-- name: ledger.csv
SELECT * FROM ledger WHERE incident_id = :id;

-- name: lists.text
SELECT list, kind, members, posters, posts, deliveries, first_at, last_at, closed_at
FROM lists
WHERE (:since IS NULL OR last_at >= :since) AND (:until IS NULL OR first_at < :until)
ORDER BY deliveries DESC, list;

-- name: lists.csv
SELECT * FROM lists
WHERE (:since IS NULL OR last_at >= :since) AND (:until IS NULL OR first_at < :until)
ORDER BY deliveries DESC, list;

-- name: lists.json
SELECT json_object(
  'list', list, 'kind', kind, 'members', members, 'posters', posters, 'posts', posts, 'deliveries', deliveries,
  'first_at', in_zone(first_at), 'last_at', in_zone(last_at), 'closed_at', in_zone(closed_at))
FROM lists
WHERE (:since IS NULL OR last_at >= :since) AND (:until IS NULL OR first_at < :until)
ORDER BY deliveries DESC, list;

-- An hour belongs to the time if any of it does.
-- name: hours.text
SELECT hour_at, deliveries, deferred, bounced, rejected, delay_p50_ms, delay_p95_ms, delay_p99_ms, over_5m, over_1h,
  over_3h
FROM hours
WHERE host IS :host
  AND (:since IS NULL OR hour_at > strftime('%Y-%m-%dT%H:%M:%fZ', :since, '-1 hour'))
  AND (:until IS NULL OR hour_at < :until)
ORDER BY hour_at;

-- name: hours.csv
SELECT * FROM hours
WHERE (:host IS NULL OR host = :host)
  AND (:since IS NULL OR hour_at > strftime('%Y-%m-%dT%H:%M:%fZ', :since, '-1 hour'))
  AND (:until IS NULL OR hour_at < :until)
ORDER BY hour_at, host;

-- name: hours.json
SELECT json_object(
  'hour_at', in_zone(hour_at), 'host', host, 'deliveries', deliveries, 'deferred', deferred, 'bounced', bounced,
  'rejected', rejected, 'delay_p50_ms', delay_p50_ms, 'delay_p95_ms', delay_p95_ms, 'delay_p99_ms', delay_p99_ms,
  'over_5m', over_5m, 'over_1h', over_1h, 'over_3h', over_3h)
FROM hours
WHERE (:host IS NULL OR host = :host)
  AND (:since IS NULL OR hour_at > strftime('%Y-%m-%dT%H:%M:%fZ', :since, '-1 hour'))
  AND (:until IS NULL OR hour_at < :until)
ORDER BY hour_at, host;

-- Columns: as they are named. :newest is the latest event, :written when the files were written last.
-- name: status.facts
SELECT
  i.open AS incidents_open, i.subsiding AS incidents_subsiding, coalesce(i.pending, 0) AS pending,
  (SELECT id FROM incidents WHERE state = 'open' ORDER BY opened_at DESC LIMIT 1) AS open_id,
  (SELECT list FROM incidents WHERE state = 'open' ORDER BY opened_at DESC LIMIT 1) AS open_list,
  s.count AS sources, coalesce(s.lines, 0) AS lines, coalesce(s.ignored, 0) AS ignored,
  coalesce(s.unparsed, 0) AS unparsed, coalesce(c.lost, 0) AS lost, c.hosts, c.quietest_host,
  (SELECT checkpoint_wall_at FROM health) AS checkpoint_at,
  (SELECT min(strftime('%Y-%m-%dT%H:%M:%fZ', strftime('%s', m.minute_at) + 60 - m.oldest_pending_ms / 1000.0, 'unixepoch'))
   FROM incidents AS i JOIN minutes AS m ON m.incident_id = i.id
   WHERE i.pending > 0
     AND m.minute_at = (SELECT max(minute_at) FROM minutes WHERE incident_id = i.id)) AS oldest_pending_at,
  (strftime('%s', :newest) - strftime('%s', c.quietest_at)) * 1000
    + substr(:newest, 21, 3) - substr(c.quietest_at, 21, 3) AS silence_ms
FROM
  (SELECT total(state = 'open') AS open, total(state = 'subsiding') AS subsiding, sum(pending) AS pending
   FROM incidents) AS i,
  (SELECT count(*) AS count, sum(lines) AS lines, sum(ignored) AS ignored, sum(unparsed) AS unparsed
   FROM sources) AS s,
  (SELECT count(*) AS hosts, sum(lost) AS lost, min(last_at) AS quietest_at, host AS quietest_host
   FROM coverage WHERE incident_id IS NULL) AS c;

-- Why a storm might not be seen, one row a reason, as of :now. Of a run that reads to an end only what it read counts.
-- ms: how long; count: lines, or stretches of the norm, part of them.
-- name: blind
WITH
run AS (
  SELECT *,
    (strftime('%s', :now) - strftime('%s', checkpoint_wall_at)) * 1000
      + substr(:now, 21, 3) - substr(checkpoint_wall_at, 21, 3) AS age_ms
  FROM health WHERE live),
current AS (SELECT * FROM run WHERE stopped_wall_at IS NULL AND age_ms <= 60000),
blind AS (
  SELECT 1 AS rank, 'stopped' AS reason, NULL AS name, NULL AS partition, NULL AS part, NULL AS count,
    (strftime('%s', :now) - strftime('%s', stopped_wall_at)) * 1000
      + substr(:now, 21, 3) - substr(stopped_wall_at, 21, 3) AS ms
  FROM run WHERE stopped_wall_at IS NOT NULL
  UNION ALL
  SELECT 2, 'no-checkpoint', NULL, NULL, NULL, NULL, age_ms
  FROM run WHERE stopped_wall_at IS NULL AND age_ms > 60000
  UNION ALL
  SELECT 3, 'trouble', trouble, NULL, NULL, NULL, NULL
  FROM current WHERE trouble IS NOT NULL
  UNION ALL
  SELECT 4, 'lag', topic, partition, NULL, unread, lag_ms
  FROM (
    SELECT s.*,
      (strftime('%s', c.checkpoint_wall_at) - strftime('%s', s.unread_since_wall_at)) * 1000
        + substr(c.checkpoint_wall_at, 21, 3) - substr(s.unread_since_wall_at, 21, 3) AS lag_ms
    FROM sources AS s JOIN current AS c)
  WHERE lag_ms > 60000
  UNION ALL
  SELECT 5, 'silent', host, NULL, norm_spoke, norm_of, silence_ms
  FROM hosts JOIN current
  WHERE silent
  UNION ALL
  SELECT 6, 'unparsed', 'all', NULL, unparsed, ours, NULL
  FROM (SELECT sum(unparsed) AS unparsed, sum(lines - ignored) AS ours FROM sources)
  WHERE 100 * unparsed > ours
  UNION ALL
  SELECT 7, 'unparsed', 'hour', NULL, recent_unparsed, recent_lines, NULL
  FROM current WHERE 100 * recent_unparsed > recent_lines
  ORDER BY rank, name, partition)
SELECT
  json_object('reason', reason, 'name', name, 'partition', partition, 'part', part, 'count', count, 'ms', ms) AS json,
  reason, name, partition, part, count, ms
FROM blind;

-- The facts, and the run of the daemon that wrote last.
-- name: status.json
SELECT json_object(
  'as_of_at', in_zone(:newest), 'written_at', in_zone(:written),
  'live', (SELECT live FROM health), 'started_at', in_zone((SELECT started_wall_at FROM health)),
  'checkpoint_at', in_zone((SELECT checkpoint_wall_at FROM health)),
  'stopped_at', in_zone((SELECT stopped_wall_at FROM health)),
  'recent_lines', (SELECT recent_lines FROM health), 'recent_unparsed', (SELECT recent_unparsed FROM health),
  'trouble', (SELECT trouble FROM health),
  'incidents_open', CAST(total(state = 'open') AS INTEGER),
  'incidents_subsiding', CAST(total(state = 'subsiding') AS INTEGER),
  'pending', coalesce(sum(pending), 0), 'oldest_pending_at', in_zone(:oldest),
  'lines', (SELECT coalesce(sum(lines), 0) FROM sources),
  'ignored', (SELECT coalesce(sum(ignored), 0) FROM sources),
  'unparsed', (SELECT coalesce(sum(unparsed), 0) FROM sources),
  'lost', (SELECT coalesce(sum(lost), 0) FROM coverage WHERE incident_id IS NULL))
FROM incidents;

-- Of what is for us: lines of programs that a rule file claims.
-- name: sources.text
SELECT source, topic, partition, next_offset, unread,
  (strftime('%s', checkpoint_wall_at) - strftime('%s', unread_since_wall_at)) * 1000
    + substr(checkpoint_wall_at, 21, 3) - substr(unread_since_wall_at, 21, 3),
  lines, ignored, unparsed, 100.0 * unparsed / nullif(lines - ignored, 0), last_at
FROM sources LEFT JOIN health
ORDER BY source, topic, partition;

-- name: sources.csv
SELECT * FROM sources ORDER BY source, topic, partition;

-- name: sources.json
SELECT json_object(
  'source', source, 'topic', topic, 'partition', partition, 'next_offset', next_offset, 'lines', lines,
  'events', events, 'ignored', ignored, 'unparsed', unparsed, 'first_at', in_zone(first_at),
  'last_at', in_zone(last_at), 'end_offset', end_offset, 'unread', unread,
  'unread_since_at', in_zone(unread_since_wall_at))
FROM sources
ORDER BY source, topic, partition;

-- The quietest first. Where the daemon told no silence, it is that before the newest line of all.
-- name: status-hosts.text
SELECT host, last_at,
  coalesce(silence_ms,
    (strftime('%s', :newest) - strftime('%s', last_at)) * 1000 + substr(:newest, 21, 3) - substr(last_at, 21, 3)),
  norm_spoke || ' of ' || norm_of, lines, unparsed, lost, late, gap_ms_max
FROM coverage LEFT JOIN hosts USING (host)
WHERE incident_id IS NULL
ORDER BY last_at, host;

-- name: status-hosts.json
SELECT json_object(
  'host', host, 'last_at', in_zone(last_at),
  'silence_ms', coalesce(silence_ms,
    (strftime('%s', :newest) - strftime('%s', last_at)) * 1000 + substr(:newest, 21, 3) - substr(last_at, 21, 3)),
  'lines', lines, 'unparsed', unparsed, 'lost', lost, 'late', late, 'gap_ms_max', gap_ms_max,
  'clock_at', in_zone(clock_at), 'silent', silent, 'norm', norm, 'norm_spoke', norm_spoke, 'norm_of', norm_of)
FROM coverage LEFT JOIN hosts USING (host)
WHERE incident_id IS NULL
ORDER BY last_at, host;
