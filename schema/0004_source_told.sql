-- SPDX-License-Identifier: Apache-2.0
--
-- Version 4: headers of tables are known on after a restart.

-- One row: what the lines of a partition that were taken in told of the next ones: the columns of tables, a line each
-- ("columns", a hash of the file's name or 0, names), and what was read of a JSON document that is not complete.
CREATE TABLE source_told (
  source TEXT NOT NULL,
  topic TEXT NOT NULL,
  partition INTEGER NOT NULL,
  told BLOB NOT NULL,
  PRIMARY KEY (source, topic, partition)
) STRICT, WITHOUT ROWID;
