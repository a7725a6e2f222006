-- SPDX-License-Identifier: Apache-2.0
--
-- Version 9: what there is for each mailbox of a storm, in fewer bytes: the
-- domains of addresses and the times of posts stand once, and in place of an
-- index of addresses there are two bytes for each.

-- It is made anew, as all views are.
DROP VIEW IF EXISTS affected;

-- One row: one domain that addresses have.
CREATE TABLE address_domain (
  id INTEGER PRIMARY KEY,
  domain TEXT NOT NULL UNIQUE
) STRICT;

-- One row: one address that a set or a queue file names by number: what stands before its last @, and the domain's id.
-- domain NULL: it has no @, and stands as a whole in local.
CREATE TABLE address_text (
  id INTEGER PRIMARY KEY,
  local TEXT NOT NULL,
  domain INTEGER
) STRICT;

-- One row: what an address is that stands as a keyed hash, see version 7.
CREATE TABLE address_sealed (
  id INTEGER PRIMARY KEY,
  sealed BLOB NOT NULL
) STRICT;

-- One row: 4,096 numbers of addresses, the first of them block * 4096. hashes: two bytes each, the lower first, of the
-- hash of the address as it is stored, so that one is found by its text. sum: the checksum of hashes, address_sum: of
-- the addresses, in place of one in each row. No row: they were written by an earlier version, and are trusted.
CREATE TABLE address_hash (
  block INTEGER PRIMARY KEY,
  hashes BLOB NOT NULL,
  sum INTEGER NOT NULL,
  address_sum INTEGER NOT NULL
) STRICT;

-- What rtrim() leaves of an address ends with its last @.
INSERT INTO address_domain (domain)
SELECT DISTINCT substr(address, length(rtrim(address, replace(address, '@', ''))) + 1)
FROM address
WHERE instr(address, '@');

INSERT INTO address_text (id, local, domain)
SELECT a.id, substr(a.head, 1, length(a.head) - 1), d.id
FROM (SELECT id, address, rtrim(address, replace(address, '@', '')) AS head FROM address WHERE instr(address, '@')) AS a
  JOIN address_domain AS d ON d.domain = substr(a.address, length(a.head) + 1)
UNION ALL
SELECT id, address, NULL FROM address WHERE NOT instr(address, '@')
ORDER BY 1;

INSERT INTO address_sealed SELECT id, sealed FROM address WHERE sealed IS NOT NULL;

DROP TABLE address;

-- One row: when a post was accepted that rows of incident_affected name by its number, written together with them.
CREATE TABLE incident_affected_post (
  incident_id INTEGER NOT NULL,
  number INTEGER NOT NULL,
  posted_at INTEGER NOT NULL,
  PRIMARY KEY (incident_id, number)
) STRICT, WITHOUT ROWID;

INSERT INTO incident_affected_post
SELECT incident_id, row_number() OVER (PARTITION BY incident_id ORDER BY at), at
FROM (
  SELECT incident_id, first_post_at AS at FROM incident_affected WHERE first_post_at IS NOT NULL
  UNION
  SELECT incident_id, last_post_at FROM incident_affected WHERE last_post_at IS NOT NULL);

-- As it was, but first_post and last_post are numbers of incident_affected_post, NULL where nothing was delivered.
ALTER TABLE incident_affected RENAME TO incident_affected_before;
CREATE TABLE incident_affected (
  incident_id INTEGER NOT NULL,
  mailbox INTEGER NOT NULL,
  copies INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  first_post INTEGER,
  last_post INTEGER,
  PRIMARY KEY (incident_id, mailbox)
) STRICT, WITHOUT ROWID;
INSERT INTO incident_affected
SELECT a.incident_id, a.mailbox, a.copies, a.failed, f.number, l.number
FROM incident_affected_before AS a
  LEFT JOIN incident_affected_post AS f ON f.incident_id = a.incident_id AND f.posted_at = a.first_post_at
  LEFT JOIN incident_affected_post AS l ON l.incident_id = a.incident_id AND l.posted_at = a.last_post_at;
DROP TABLE incident_affected_before;
