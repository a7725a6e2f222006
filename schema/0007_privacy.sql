-- SPDX-License-Identifier: Apache-2.0
--
-- Version 7: addresses as keyed hashes, and what retention needs.

-- One row: how the database has addresses, for good. key_check tells whether a key is the one; key_file is where the
-- daemon had it from. Databases from before have them plain; a new one gets its row when it is first used.
CREATE TABLE privacy (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  addresses TEXT NOT NULL CHECK (addresses IN ('plain', 'keyed-hash')),
  key_check TEXT,
  key_file TEXT
) STRICT;
INSERT INTO privacy SELECT 1, 'plain', NULL, NULL WHERE EXISTS (SELECT 1 FROM source);

-- Where addresses are keyed hashes: the text itself, which only the key opens. NULL: it stands beside as it is.
ALTER TABLE address ADD COLUMN sealed BLOB;
ALTER TABLE state_text ADD COLUMN sealed BLOB;

-- When the line was sampled, by the clock of the log.
ALTER TABLE unparsed_line ADD COLUMN taken_at INTEGER;
