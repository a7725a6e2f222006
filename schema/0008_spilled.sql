-- SPDX-License-Identifier: Apache-2.0
--
-- Version 8: pending queue files that were put out of memory. Nobody but the
-- daemon reads these, and what tells what is queued.

-- One row: one queue file, with what it takes to bring it back. unit: what comes back together. name, id: hashes of
-- host and queue ID, and of the Message-ID. message: the post in memory that it is of, or 0. due: when its host's clock
-- brings it back. orphans, unfinished: what coverage counts it as, accepted at that time. pending: recipients that it
-- owes of the post, and then the texts that tell it.
CREATE TABLE state_spilled (
  unit INTEGER NOT NULL,
  file INTEGER NOT NULL,
  name INTEGER NOT NULL,
  id INTEGER NOT NULL,
  host INTEGER NOT NULL,
  message INTEGER NOT NULL,
  due INTEGER NOT NULL,
  accepted INTEGER NOT NULL,
  orphans INTEGER NOT NULL,
  unfinished INTEGER NOT NULL,
  pending INTEGER NOT NULL,
  instance TEXT,
  queue_id TEXT,
  message_id TEXT,
  sender TEXT,
  data BLOB NOT NULL,
  PRIMARY KEY (unit, file)
) STRICT, WITHOUT ROWID;

CREATE INDEX state_spilled_by_name ON state_spilled (name);
CREATE INDEX state_spilled_by_id ON state_spilled (id) WHERE id <> 0;
CREATE INDEX state_spilled_by_message ON state_spilled (message) WHERE message <> 0;
CREATE INDEX state_spilled_by_due ON state_spilled (host, message <> 0, due);

-- A list's threads are written anew where it changed; there may be very many lists.
CREATE INDEX thread_by_list ON thread (list, last_at);
