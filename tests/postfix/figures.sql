-- SPDX-License-Identifier: Apache-2.0
--
-- The figures of a database, one a line (KEY <TAB> VALUE), in the keys of
-- expect.py. Times are seconds after the incident's first post, so that a log
-- without years says the same in any year.
.mode tabs
.nullvalue NULL

CREATE TEMP VIEW moments AS
SELECT id, list, julianday(opened_at) AS opened FROM incidents;

SELECT 'incident ' || list || ' ' || figure.key, figure.value
FROM incidents, json_each(json_object(
	'state', state, 'subject', subject, 'root_message_id', root_message_id, 'first_poster', first_poster,
	'posts', posts, 'replies', replies, 'auto_replies', auto_replies, 'posters', posters,
	'rejected_posts', rejected_posts, 'members', members, 'deliveries', deliveries,
	'reply_deliveries', reply_deliveries, 'avoidable_deliveries', avoidable_deliveries,
	'mailboxes', mailboxes, 'external_mailboxes', external_mailboxes, 'copies_mean', copies_mean,
	'copies_median', copies_median, 'copies_p95', copies_p95, 'copies_max', copies_max,
	'amplification', amplification, 'peak_per_minute', peak_per_minute,
	'deferred_mailboxes', deferred_mailboxes, 'bounced_mailboxes', bounced_mailboxes,
	'expired_mailboxes', expired_mailboxes, 'pending', pending, 'unaccounted', unaccounted,
	'delay_p50_ms', delay_p50_ms, 'delay_p95_ms', delay_p95_ms, 'delay_p99_ms', delay_p99_ms,
	'delay_max_ms', delay_max_ms, 'thread_method', thread_method,
	'coverage_pct', coverage_pct)) AS figure;

SELECT 'incident ' || list || ' ' || figure.key,
	round((julianday(figure.value) - julianday(opened_at)) * 86400, 3)
FROM incidents, json_each(json_object(
	'detected_at', detected_at, 'list_closed_at', list_closed_at, 'last_post_at', last_post_at,
	'last_delivery_at', last_delivery_at, 'closed_at', closed_at)) AS figure;

SELECT 'timeline ' || list || ' ' || event, round((julianday(at) - opened) * 86400, 3)
FROM timeline JOIN moments ON moments.id = timeline.incident_id;

SELECT 'ledger ' || moments.list || ' ' || ledger.line, ledger.count
FROM ledger JOIN moments ON moments.id = ledger.incident_id;

SELECT 'amplification ' || moments.list || ' ' || n || ' ' || figure.key, figure.value
FROM amplification JOIN moments ON moments.id = incident_id, json_each(json_object(
	'message_id', message_id, 'recipients_due', recipients_due, 'delivered', delivered,
	'cumulative_delivered', cumulative_delivered, 'cumulative_due', cumulative_due)) AS figure;

SELECT 'post ' || posts.list || ' ' || message_id || ' ' || figure.key, figure.value
FROM posts, json_each(json_object(
	'subject', subject, 'sender', sender, 'automatic', automatic, 'delivered', delivered,
	'deferred', deferred, 'bounced', bounced, 'expired', expired, 'pending', pending)) AS figure;

SELECT 'post ' || posts.list || ' ' || message_id || ' posted_at',
	round((julianday(posted_at) - opened) * 86400, 3)
FROM posts JOIN moments ON moments.id = incident_id;

SELECT 'poster ' || moments.list || ' ' || sender || ' ' || figure.key, figure.value
FROM posters JOIN moments ON moments.id = incident_id, json_each(json_object(
	'posts', posts, 'automatic', automatic, 'deliveries', deliveries)) AS figure;

SELECT 'domain ' || moments.list || ' ' || domain || ' ' || figure.key, figure.value
FROM domains JOIN moments ON moments.id = incident_id, json_each(json_object(
	'scope', scope, 'mailboxes', mailboxes, 'deliveries', deliveries, 'deferred', deferred,
	'bounced', bounced)) AS figure;

SELECT 'affected ' || moments.list || ' ' || mailbox || ' ' || figure.key, figure.value
FROM affected JOIN moments ON moments.id = incident_id, json_each(json_object(
	'copies', copies, 'failed', failed)) AS figure;

SELECT 'minutes ' || moments.list || ' ' || figure.key, figure.value
FROM moments JOIN (
	SELECT incident_id, sum(posts) AS posts, sum(rejected) AS rejected, sum(deliveries) AS deliveries
	FROM minutes GROUP BY incident_id) AS sums ON sums.incident_id = moments.id,
	json_each(json_object('posts', posts, 'rejected', rejected, 'deliveries', deliveries)) AS figure;

SELECT 'list ' || list || ' ' || figure.key, figure.value
FROM lists, json_each(json_object(
	'kind', kind, 'members', members, 'posts', posts, 'deliveries', deliveries)) AS figure;

SELECT 'queued ' || moments.list || ' ' || message_id || ' ' || figure.key, figure.value
FROM queued JOIN moments ON moments.id = incident_id, json_each(json_object(
	'queue_id', queue_id, 'recipients_pending', recipients_pending)) AS figure;

SELECT 'incidents', count(*) FROM incidents;
SELECT 'unparsed', coalesce(sum(unparsed), 0) FROM sources;
SELECT 'lost', coalesce(sum(lost), 0) FROM coverage WHERE incident_id IS NULL;
SELECT 'orphans', coalesce(sum(orphans), 0) FROM coverage WHERE incident_id IS NULL;
