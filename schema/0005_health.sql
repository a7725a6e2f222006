-- SPDX-License-Identifier: Apache-2.0
--
-- Version 5: how the daemon is, as of its last checkpoint, for "mailstorm
-- status". Beside the facts: nothing is worked out from these.

-- One row: the run that wrote last. live: it waited for more lines. *_wall_at: by the clock on the wall.
-- recent_*: lines read in the hour before the checkpoint, those of programs that a rule file claims.
CREATE TABLE health_run (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  live INTEGER NOT NULL,
  started_wall_at INTEGER NOT NULL,
  checkpoint_wall_at INTEGER NOT NULL,
  stopped_wall_at INTEGER,
  log_at INTEGER,
  recent_lines INTEGER NOT NULL,
  recent_unparsed INTEGER NOT NULL,
  trouble TEXT
) STRICT;

-- One row: one partition of a source, where it ended when it was looked at last. unread_since_wall_at: what has not been
-- read was there then; NULL: nothing that was there a checkpoint ago is unread.
CREATE TABLE health_source (
  source TEXT NOT NULL,
  topic TEXT NOT NULL,
  partition INTEGER NOT NULL,
  end_offset INTEGER,
  unread_since_wall_at INTEGER,
  PRIMARY KEY (source, topic, partition)
) STRICT, WITHOUT ROWID;

-- One row: one host and how long it is silent, beside its norm: how many stretches as long as half the silence had a
-- line of it, of how many.
CREATE TABLE health_host (
  host TEXT PRIMARY KEY,
  clock_at INTEGER NOT NULL,
  silence_ms INTEGER NOT NULL,
  silent INTEGER NOT NULL,
  norm TEXT CHECK (norm IN ('weekday-hour', 'day-before')),
  norm_spoke INTEGER,
  norm_of INTEGER
) STRICT, WITHOUT ROWID;
