-- SPDX-License-Identifier: Apache-2.0
--
-- Version 2, second part: the correlator's state, written in the same
-- transaction as the offsets of the lines it comes from, so that a restart
-- continues where the last commit stood. Nobody but the daemon reads these.

-- One row: one text (queue ID, Message-ID, sender, ...) that a state object names by number.
CREATE TABLE state_text (
  id INTEGER PRIMARY KEY,
  text TEXT NOT NULL
) STRICT;

-- One row: one object of the correlator (host, relay, queue file, message, link, list, post, incident), by its kind
-- and its place in memory.
CREATE TABLE state_object (
  kind INTEGER NOT NULL,
  id INTEGER NOT NULL,
  data BLOB NOT NULL,
  PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

-- One row: 65,536 mailboxes of one set of one message, as a Roaring bitmap. level k: those that k + 1 queue files told of.
CREATE TABLE state_set (
  message INTEGER NOT NULL,
  bucket INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  key INTEGER NOT NULL,
  level INTEGER NOT NULL,
  chunk INTEGER NOT NULL,
  data BLOB NOT NULL,
  PRIMARY KEY (message, bucket, kind, key, level, chunk)
) STRICT, WITHOUT ROWID;

-- One row: counts and delays of a message (0: all mail) in a minute, an hour, or since an arrival.
CREATE TABLE state_cell (
  message INTEGER NOT NULL,
  bucket INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  at INTEGER NOT NULL,
  host INTEGER NOT NULL,
  relay INTEGER NOT NULL,
  unless INTEGER NOT NULL,
  data BLOB NOT NULL,
  PRIMARY KEY (message, bucket, kind, at, host, relay, unless)
) STRICT, WITHOUT ROWID;

-- One row: one number that the state needs to go on.
CREATE TABLE state_number (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
