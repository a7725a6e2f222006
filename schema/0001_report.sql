-- SPDX-License-Identifier: Apache-2.0
--
-- Version 1, first part: what the daemon has worked out, one table behind each
-- view of views.sql. Times are microseconds since 1970 UTC, delays
-- milliseconds, an unknown is NULL. The daemon replaces rows whole.

-- One row: one incident, its figures as of the last checkpoint.
CREATE TABLE incident (
  id INTEGER PRIMARY KEY,
  state TEXT NOT NULL CHECK (state IN ('open', 'subsiding', 'closed')),
  list TEXT NOT NULL,
  thread_id INTEGER NOT NULL,
  subject TEXT,
  root_message_id TEXT,
  first_poster TEXT,
  opened_at INTEGER NOT NULL,
  detected_at INTEGER NOT NULL,
  peaked_at INTEGER,
  list_closed_at INTEGER,
  last_post_at INTEGER NOT NULL,
  last_delivery_at INTEGER,
  closed_at INTEGER,
  posts INTEGER NOT NULL,
  replies INTEGER NOT NULL,
  auto_replies INTEGER NOT NULL,
  posters INTEGER,
  rejected_posts INTEGER NOT NULL,
  members INTEGER NOT NULL,
  deliveries INTEGER NOT NULL,
  reply_deliveries INTEGER NOT NULL,
  avoidable_deliveries INTEGER NOT NULL,
  mailboxes INTEGER NOT NULL,
  external_mailboxes INTEGER,
  copies_mean REAL,
  copies_median INTEGER,
  copies_p95 INTEGER,
  copies_max INTEGER,
  amplification REAL,
  bytes_delivered INTEGER,
  peak_per_minute INTEGER,
  deferred_mailboxes INTEGER NOT NULL,
  bounced_mailboxes INTEGER NOT NULL,
  expired_mailboxes INTEGER NOT NULL,
  pending INTEGER NOT NULL,
  unaccounted INTEGER NOT NULL,
  delay_p50_ms INTEGER,
  delay_p95_ms INTEGER,
  delay_p99_ms INTEGER,
  delay_max_ms INTEGER,
  bystander_p95_ms INTEGER,
  baseline_p95_ms INTEGER,
  baseline_method TEXT CHECK (baseline_method IN ('weekday-hour', 'hour-before')),
  thread_method TEXT NOT NULL CHECK (thread_method IN ('references', 'subject', 'list-gap')),
  lines_lost INTEGER NOT NULL,
  coverage_pct REAL,
  settings TEXT NOT NULL,
  as_of_at INTEGER NOT NULL,
  detected_wall_at INTEGER
) STRICT;

-- One row: one event of an incident's timeline; ordinal keeps the order of events of one instant.
CREATE TABLE incident_timeline (
  incident_id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  event TEXT NOT NULL,
  detail TEXT,
  PRIMARY KEY (incident_id, at, ordinal)
) STRICT, WITHOUT ROWID;

-- One row: the n-th post of an incident and what had come of all up to it.
CREATE TABLE incident_amplification (
  incident_id INTEGER NOT NULL,
  n INTEGER NOT NULL,
  at INTEGER NOT NULL,
  message_id TEXT,
  sender TEXT,
  recipients_due INTEGER NOT NULL,
  delivered INTEGER NOT NULL,
  cumulative_delivered INTEGER NOT NULL,
  cumulative_due INTEGER NOT NULL,
  PRIMARY KEY (incident_id, n)
) STRICT, WITHOUT ROWID;

-- One row: one sender of an incident; each post with the null sender has a row of its own (ordinal).
CREATE TABLE incident_poster (
  incident_id INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  sender TEXT,
  login TEXT,
  posts INTEGER NOT NULL,
  automatic INTEGER NOT NULL,
  deliveries INTEGER NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  PRIMARY KEY (incident_id, ordinal)
) STRICT, WITHOUT ROWID;

-- One row: one mailbox that an incident reached or failed to reach. mailbox is address.id.
CREATE TABLE incident_affected (
  incident_id INTEGER NOT NULL,
  mailbox INTEGER NOT NULL,
  copies INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  first_post_at INTEGER,
  last_post_at INTEGER,
  PRIMARY KEY (incident_id, mailbox)
) STRICT, WITHOUT ROWID;

-- One row: one domain of an incident's mailboxes.
CREATE TABLE incident_domain (
  incident_id INTEGER NOT NULL,
  domain TEXT NOT NULL,
  scope TEXT CHECK (scope IN ('local', 'external')),
  mailboxes INTEGER NOT NULL,
  deliveries INTEGER NOT NULL,
  deferred INTEGER NOT NULL,
  bounced INTEGER NOT NULL,
  PRIMARY KEY (incident_id, domain)
) STRICT, WITHOUT ROWID;

-- One row: one minute of an incident, from the first post's to the last event's; minutes of no event included.
CREATE TABLE incident_minute (
  incident_id INTEGER NOT NULL,
  minute_at INTEGER NOT NULL,
  posts INTEGER NOT NULL,
  auto_replies INTEGER NOT NULL,
  rejected INTEGER NOT NULL,
  deliveries INTEGER NOT NULL,
  deferred INTEGER NOT NULL,
  bounced INTEGER NOT NULL,
  pending INTEGER NOT NULL,
  oldest_pending_ms INTEGER,
  delay_p50_ms INTEGER,
  delay_p95_ms INTEGER,
  bystander_deliveries INTEGER NOT NULL,
  bystander_p50_ms INTEGER,
  bystander_p95_ms INTEGER,
  PRIMARY KEY (incident_id, minute_at)
) STRICT, WITHOUT ROWID;

-- One row: one queue file that still owes an incident's mailboxes something.
CREATE TABLE incident_queued (
  incident_id INTEGER NOT NULL,
  host TEXT NOT NULL,
  instance TEXT,
  queue_id TEXT NOT NULL,
  message_id TEXT,
  sender TEXT,
  recipients_pending INTEGER NOT NULL,
  oldest_at INTEGER,
  PRIMARY KEY (incident_id, host, queue_id, oldest_at)
) STRICT;

-- One row: one line of an incident's ledger, ordinal from 1 in the order of the interface.
CREATE TABLE incident_ledger (
  incident_id INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  line TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (incident_id, ordinal)
) STRICT, WITHOUT ROWID;

-- One row: coverage of one host, in the hours of an incident (incident_id 0: in all).
CREATE TABLE coverage_host (
  incident_id INTEGER NOT NULL,
  host TEXT NOT NULL,
  first_at INTEGER,
  last_at INTEGER,
  lines INTEGER NOT NULL,
  unparsed INTEGER NOT NULL,
  repeated INTEGER NOT NULL,
  lost INTEGER NOT NULL,
  orphans INTEGER NOT NULL,
  unfinished INTEGER NOT NULL,
  ambiguous INTEGER NOT NULL,
  late INTEGER NOT NULL,
  gap_ms_max INTEGER,
  PRIMARY KEY (incident_id, host)
) STRICT, WITHOUT ROWID;

-- One row: one hour of all mail; host '' stands for all hosts.
CREATE TABLE hour (
  hour_at INTEGER NOT NULL,
  host TEXT NOT NULL,
  deliveries INTEGER NOT NULL,
  deferred INTEGER NOT NULL,
  bounced INTEGER NOT NULL,
  rejected INTEGER NOT NULL,
  delay_p50_ms INTEGER,
  delay_p95_ms INTEGER,
  delay_p99_ms INTEGER,
  over_5m INTEGER NOT NULL,
  over_1h INTEGER NOT NULL,
  over_3h INTEGER NOT NULL,
  PRIMARY KEY (hour_at, host)
) STRICT, WITHOUT ROWID;

-- One row: one post with its figures. id is the post's; list is list.address.
CREATE TABLE post (
  id INTEGER PRIMARY KEY,
  incident_id INTEGER,
  thread_id INTEGER,
  list TEXT NOT NULL,
  message_id TEXT,
  sender TEXT,
  client TEXT,
  login TEXT,
  subject TEXT,
  posted_at INTEGER NOT NULL,
  automatic INTEGER NOT NULL,
  recipients INTEGER NOT NULL,
  delivered INTEGER NOT NULL,
  deferred INTEGER NOT NULL,
  bounced INTEGER NOT NULL,
  expired INTEGER NOT NULL,
  pending INTEGER NOT NULL,
  bytes INTEGER
) STRICT;
CREATE INDEX post_by_time ON post (posted_at);
CREATE INDEX post_by_incident ON post (incident_id, posted_at) WHERE incident_id IS NOT NULL;

-- One row: one thread of one list.
CREATE TABLE thread (
  id INTEGER PRIMARY KEY,
  list TEXT NOT NULL,
  subject TEXT,
  root_message_id TEXT,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  posts INTEGER NOT NULL,
  deliveries INTEGER NOT NULL,
  incident_id INTEGER
) STRICT;

-- One row: one list.
CREATE TABLE list (
  address TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('alias', 'group', 'manager', 'recipient-set')),
  members INTEGER NOT NULL,
  posters INTEGER,
  posts INTEGER NOT NULL,
  deliveries INTEGER NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  closed_at INTEGER
) STRICT, WITHOUT ROWID;

-- One row: one address that a set or a queue file names by number.
CREATE TABLE address (
  id INTEGER PRIMARY KEY,
  address TEXT NOT NULL
) STRICT;

-- One row: one partition of a source and how far it was taken in; written in the transaction of the facts read.
-- inode: followed files, 0 otherwise.
CREATE TABLE source (
  source TEXT NOT NULL,
  topic TEXT NOT NULL,
  partition INTEGER NOT NULL,
  next_offset INTEGER NOT NULL,
  inode INTEGER NOT NULL DEFAULT 0,
  lines INTEGER NOT NULL,
  events INTEGER NOT NULL,
  ignored INTEGER NOT NULL,
  unparsed INTEGER NOT NULL,
  gap INTEGER NOT NULL DEFAULT 0,
  first_at INTEGER,
  last_at INTEGER,
  PRIMARY KEY (source, topic, partition)
) STRICT, WITHOUT ROWID;

-- One row: one sampled line that no rule understood.
CREATE TABLE unparsed_line (
  source TEXT NOT NULL,
  topic TEXT NOT NULL,
  partition INTEGER NOT NULL,
  offset INTEGER NOT NULL,
  at INTEGER,
  program TEXT,
  reason TEXT NOT NULL,
  line TEXT NOT NULL,
  PRIMARY KEY (source, topic, partition, offset)
) STRICT, WITHOUT ROWID;
