-- SPDX-License-Identifier: Apache-2.0
--
-- A hand-made database for the tests of mailstorm(1): a whole storm whose
-- figures agree with each other (1), one that goes on and whose texts are
-- hostile (2), one of which nearly nothing is known (3). Runs in the sqlite3 shell
-- after schema/0001_report.sql and schema/views.sql.
--
-- Storm 1: 1,200 mailboxes, 14 posts, 16,800 pairs: 16,660 delivered (1,190 a
-- post), 28 bounced (2 mailboxes), 14 expired (1 mailbox), 98 unaccounted. Times are
-- given as seconds after 2016-11-14 08:00:00 UTC = 1479110400.
PRAGMA application_id = 1297306706;
PRAGMA user_version = 1;

INSERT INTO incident VALUES (
  1, 'closed', 'all-staff@trust.example', 1, 'Test - please ignore', '<1@croydon.example>',
  'alice@croydon.example',
  (1479110400 + 1751) * 1000000 + 123456, (1479110400 + 2225) * 1000000 + 999999, (1479110400 + 2100) * 1000000,
  (1479110400 + 3190) * 1000000, (1479110400 + 3075) * 1000000, (1479110400 + 3297) * 1000000,
  (1479110400 + 17951) * 1000000,
  14, 13, 2, 8, 53, 1200,
  16660, 15470, 9520, 1197, 40,
  16660.0 / 1197, 14, 14, 14, 1190.0,
  16660 * 4210, 700,
  61, 2, 1, 0, 98,
  48000, 329000, 402000, 487123,
  10920000, 4200, 'weekday-hour',
  'references', 0, 100.0 * (16800 - 98) / 16800,
  '{"min_recipients":1000,"min_replies":10,"min_posters":3,"min_pairs":25000,"window":3600}',
  (1479110400 + 36000) * 1000000, NULL);

-- Posts in these minutes after 08:29; 700 deliveries a minute while there is something to deliver.
CREATE TEMP TABLE post_minute (n INTEGER PRIMARY KEY, minute INTEGER, sender TEXT, automatic INTEGER);
INSERT INTO post_minute VALUES
  (1, 0, 'alice@croydon.example', 0), (2, 3, 'bob@leeds.example', 0), (3, 5, 'carol@hull.example', 0),
  (4, 6, 'bob@leeds.example', 0), (5, 7, 'dave@bath.example', 0), (6, 7, 'carol@hull.example', 0),
  (7, 8, '', 1), (8, 10, '', 1), (9, 12, 'bob@leeds.example', 0), (10, 13, 'erin@york.example', 0),
  (11, 15, 'mallory@trust.example', 0), (12, 16, 'carol@hull.example', 0), (13, 20, 'dave@bath.example', 0),
  (14, 22, 'bob@leeds.example', 0);

INSERT INTO post
SELECT n, 1, 1, 'all-staff@trust.example', '<' || n || '@' || iif(sender = '', 'away.example',
    substr(sender, instr(sender, '@') + 1)) || '>',
  sender, 'mail.example[192.0.2.1]', NULL, iif(n = 1, 'Test - please ignore', 'Re: Test - please ignore'),
  (1479110400 + 1740 + minute * 60 + 11 + n % 2) * 1000000, automatic, 1200, 1190, 4, 2, 1, 0, 4210
FROM temp.post_minute;

INSERT INTO incident_amplification
SELECT 1, n, posted_at, message_id, p.sender, 1200, 1190, n * 1190, n * 1200
FROM temp.post_minute AS m JOIN post AS p ON p.id = m.n;

-- ready: what can be delivered in that minute. The mailbox that never answers keeps a pair of each post pending
-- until 12:29.
INSERT INTO incident_minute
WITH RECURSIVE minute (at, ready) AS (
  SELECT 0, 1190
  UNION ALL
  SELECT at + 1, ready - min(700, ready)
    + 1190 * (SELECT count(*) FROM temp.post_minute AS m WHERE m.minute = at + 1)
  FROM minute
  WHERE at < 240
), counted AS (
  SELECT at, min(700, ready) AS delivered, ready - min(700, ready) AS left,
    (SELECT count(*) FROM temp.post_minute AS m WHERE m.minute = at) AS posts,
    (SELECT count(*) FROM temp.post_minute AS m WHERE m.minute = at AND m.automatic) AS automatic,
    (SELECT count(*) FROM temp.post_minute AS m WHERE m.minute <= at) AS stuck
  FROM minute
)
SELECT 1, (1479110400 + 1740 + at * 60) * 1000000, posts, automatic,
  iif(at BETWEEN 26 AND 30, 10, iif(at = 31, 3, 0)), delivered, posts * 4, posts * 2,
  iif(at = 240, 0, left + stuck), iif(at = 240, NULL, at * 60000),
  iif(delivered > 0, 48000, NULL), iif(delivered > 0, 329000, NULL), 90, 3000, iif(delivered > 0, 10920000, 4100)
FROM counted;

INSERT INTO incident_timeline VALUES
  (1, (1479110400 + 1751) * 1000000 + 123456, 1, 'first-post', 'alice@croydon.example: Test - please ignore'),
  (1, (1479110400 + 1931) * 1000000, 1, 'first-reply', 'bob@leeds.example'),
  (1, (1479110400 + 2100) * 1000000, 1, 'peak-minute', '700 deliveries'),
  (1, (1479110400 + 2160) * 1000000, 1, 'bystanders-delayed', NULL),
  (1, (1479110400 + 2225) * 1000000 + 999999, 1, 'auto-replies-begin', NULL),
  (1, (1479110400 + 2225) * 1000000 + 999999, 2, 'threshold', '3 senders have committed 7,200 pairs'),
  (1, (1479110400 + 3075) * 1000000, 1, 'last-post', 'bob@leeds.example'),
  (1, (1479110400 + 3190) * 1000000, 1, 'list-closed', '550 5.1.1 unknown user'),
  (1, (1479110400 + 3297) * 1000000, 1, 'last-delivery', NULL),
  (1, (1479110400 + 3420) * 1000000, 1, 'bystanders-normal', NULL),
  (1, (1479110400 + 4875) * 1000000, 1, 'subsiding', NULL),
  (1, (1479110400 + 16151) * 1000000, 1, 'queue-dry', NULL),
  (1, (1479110400 + 17951) * 1000000, 1, 'closed', NULL);

INSERT INTO incident_poster
SELECT 1, row_number() OVER (ORDER BY min(n)), sender, NULL, count(*), sum(automatic), 1190 * count(*),
  min(posted_at), max(posted_at)
FROM (SELECT m.*, p.posted_at FROM temp.post_minute AS m JOIN post AS p ON p.id = m.n)
GROUP BY sender, iif(sender = '', n, 0);

INSERT INTO incident_domain VALUES
  (1, 'trust.example', 'local', 1157, 16102, 21, 28),
  (1, 'partner.example', 'external', 40, 558, 40, 0);

INSERT INTO incident_ledger VALUES
  (1, 1, 'posts_accepted', 14), (1, 2, 'pairs_due', 16800), (1, 3, 'delivered', 16660), (1, 4, 'bounced', 28),
  (1, 5, 'expired', 14), (1, 6, 'discarded', 0), (1, 7, 'removed_by_admin', 0), (1, 8, 'pending', 0),
  (1, 9, 'unaccounted', 98), (1, 10, 'handed_outside', 558), (1, 11, 'hand_overs', 16800),
  (1, 12, 'attempts', 33871), (1, 13, 'repeats', 12), (1, 14, 'auto_replies', 2), (1, 15, 'notifications', 42),
  (1, 16, 'rejected_posts', 53), (1, 17, 'delivered_after_close', 1050);

INSERT INTO address_domain VALUES (1, 'trust.example');
INSERT INTO address_text (id, local, domain) VALUES (1, 'pat', 1), (2, 'sam', 1), (3, 'gone', 1);
-- Hashes that are none: every number of the row is looked at.
INSERT INTO address_hash VALUES (0, x'0000', 0, 0);
INSERT INTO incident_affected VALUES
  (1, 1, 14, 0, 1, 2), (1, 2, 13, 0, 1, 2), (1, 3, 0, 14, NULL, NULL), (1, 4, 1, 0, NULL, NULL);
INSERT INTO incident_affected_post VALUES
  (1, 1, (1479110400 + 1751) * 1000000 + 123456), (1, 2, (1479110400 + 3075) * 1000000);

INSERT INTO coverage_host VALUES
  (0, 'mx1', 1478476800000000, 1479146400000000, 900000, 17, 0, 0, 5, 2, 0, 0, 660000),
  (1, 'mx1', (1479110400 + 2) * 1000000, (1479110400 + 17999) * 1000000, 44310, 0, 0, 0, 0, 0, 0, 0, 60000),
  (1, 'store1', (1479110400 + 1) * 1000000, (1479110400 + 17998) * 1000000, 40120, 3, 1, 0, 98, 1, 0, 4, 180000);

-- Storm 2: char(27) begins terminal sequences, char(8238) is the right-to-left override, char(155) a control
-- sequence of one character, char(8203) has no width, char(769) goes onto the character before it.
INSERT INTO incident VALUES (
  2, 'open', 'everyone@' || char(27) || '[2Jtrust.example', 2,
  '=HYPERLINK("http://x.example","y")' || char(27) || '[31m<script>alert(1)</script>' || char(8238) || 'gpj.exe'
    || char(155) || 'A' || char(8203) || char(10) || 'two' || char(9) || 'e' || char(769, 769, 769, 769, 769, 769)
    || ' 収件人全員 😀',
  '<' || char(13) || '2@evil.example>', '+cmd|''/C calc''!A0@evil.example',
  (1479110400 + 86400) * 1000000, (1479110400 + 86400 + 60) * 1000000, NULL,
  NULL, (1479110400 + 86400 + 300) * 1000000, (1479110400 + 86400 + 360) * 1000000,
  NULL,
  11, 10, 0, NULL, 0, 850000,
  7000000, 6150000, 5900000, 850000, NULL,
  7000000.0 / 850000, 8, 9, 11, 7000000.0 / 11,
  7000000 * 65536, 1166667,
  0, 0, 0, 2350000, 0,
  90000, 10800000, 10920000, 11000000,
  NULL, NULL, NULL,
  'subject', 1200, 100.0, '{"min_replies":10,"bell":"' || char(7) || '"',
  (1479110400 + 86400 + 400) * 1000000, (1479110400 + 86400 + 61) * 1000000);

INSERT INTO incident_timeline VALUES
  (2, (1479110400 + 86400) * 1000000, 1, 'first-post', char(27) || ']0;owned' || char(7) || 'x'),
  (2, (1479110400 + 86400 + 60) * 1000000, 1, 'threshold', NULL);
INSERT INTO incident_minute
SELECT 2, (1479110400 + 86400 + value * 60) * 1000000, 2 - value % 2, 0, 0, iif(value < 6, 1166667, -2), 0, 0,
  1000000 * value, NULL, NULL, NULL, 0, NULL, NULL
FROM json_each('[0,1,2,3,4,5,6]');
INSERT INTO incident_poster VALUES
  (2, 1, '+cmd|''/C calc''!A0@evil.example', '@SUM(1)', 10, 0, 6999999, (1479110400 + 86400) * 1000000,
   (1479110400 + 86400 + 300) * 1000000),
  (2, 2, NULL, NULL, 1, 0, 1, (1479110400 + 86401) * 1000000, (1479110400 + 86401) * 1000000);
INSERT INTO incident_domain VALUES (2, 'trust.example' || char(8206), NULL, 850000, 7000000, 0, 0);
INSERT INTO incident_queued
SELECT 2, 'mx' || (value % 2), 'postfix-out', '4AB' || value, '<2@evil.example>', char(27) || 'c' || value,
  value * 1000, (1479110400 + 86400 + value) * 1000000
FROM json_each('[1,2,3,4,5,6,7,8,9,10,11,12]');
INSERT INTO incident_queued VALUES (2, 'mx3', NULL, 'C0FFEE', NULL, '', 1, 0);
INSERT INTO incident_ledger VALUES
  (2, 1, 'posts_accepted', 11), (2, 2, 'pairs_due', 9350000), (2, 3, 'delivered', 7000000),
  (2, 8, 'pending', 2350000), (2, 9, 'unaccounted', 0), (2, 10, 'an unheard-of line', 1);
INSERT INTO coverage_host VALUES
  (2, 'mx' || char(27) || 'c', NULL, NULL, 0, 0, 0, 1200, 0, 0, 0, 0, NULL);

-- Storm 3: what may be unknown is.
INSERT INTO incident VALUES (
  3, 'subsiding', 'list@quiet.example', 3, NULL, NULL, NULL,
  -1, 0, NULL, NULL, 59999999, NULL, NULL,
  0, 0, 0, NULL, 0, 0, 0, 0, 0, 0, NULL,
  NULL, NULL, NULL, NULL, NULL, NULL, NULL,
  0, 0, 0, 0, 1,
  NULL, NULL, NULL, NULL, NULL, NULL, NULL,
  'list-gap', 0, NULL, '{}', 60000000, NULL);

INSERT INTO hour VALUES
  (1479110400000000, '', 5000, 0, 1, 2, 900, 4200, 9000, 3, 2, 1),
  (1479110400000000, 'mx1', 5000, 0, 1, 2, NULL, NULL, NULL, 3, 2, 1);
DROP TABLE temp.post_minute;

-- Beside the storms: lists, and where lines came from.
INSERT INTO list VALUES
  ('all-staff@trust.example', 'alias', 1200, 9, 14, 16660, (1479110400 + 1751) * 1000000,
   (1479110400 + 3075) * 1000000, (1479110400 + 3190) * 1000000),
  ('tea' || char(27) || '[2J@trust.example', 'manager', 12, NULL, 3, 36, (1479110400 - 86400) * 1000000,
   1479110400 * 1000000, NULL);
INSERT INTO source
  (source, topic, partition, next_offset, inode, lines, events, ignored, unparsed, gap, first_at, last_at)
VALUES
  ('file', '/var/log/' || char(27) || '[31mmail.log', 0, 12345678, 0, 100000, 99000, 900, 100, 0,
   1478476800000000, 1479146400000000),
  ('kafka', 'mail-logs', 0, 4000, 0, 4000, 4000, 0, 0, 0, 1479110400000000, 1479197200000000),
  ('kafka', 'mail-logs', 1, 0, 0, 0, 0, 0, 0, 0, NULL, NULL);
INSERT INTO post VALUES
  (100, 2, 2, 'everyone@' || char(27) || '[2Jtrust.example', '<' || char(13) || '2@evil.example>',
   '+cmd|''/C calc''!A0@evil.example', NULL, '@SUM(1)', '=1+1' || char(27) || '[31m' || char(8238) || 'x',
   (1479110400 + 86400) * 1000000, 0, 850000, 640000, 0, 0, 0, 210000, 65536),
  (101, 2, 2, 'everyone@' || char(27) || '[2Jtrust.example', NULL, '', NULL, NULL, NULL,
   (1479110400 + 86460) * 1000000, 1, 850000, 0, 0, 0, 0, 850000, NULL),
  (102, 2, 2, 'everyone@' || char(27) || '[2Jtrust.example', '<refused@evil.example>', NULL, NULL, NULL, '',
   (1479110400 + 86470) * 1000000, 0, 850000, 0, 0, 850000, 0, 0, 1);
INSERT INTO hour VALUES
  ((1479110400 + 3600) * 1000000, '', 61000, 900, 40, 53, 900, 10920000, 11000000, 9000, 4000, 3),
  ((1479110400 + 3600) * 1000000, 'mx' || char(27) || 'c', 61000, 900, 40, 53, 900, 10920000, 11000000, 9000, 4000, 3);
INSERT INTO incident_queued VALUES
  (2, 'mx3', NULL, 'ALL', NULL, 'x@trust.example', 1, 60000000), (2, 'mx3', NULL, '-d', NULL, NULL, 1, 61000000),
  (2, 'mx3', NULL, '3' || char(10) || '4', NULL, NULL, 1, 62000000);
