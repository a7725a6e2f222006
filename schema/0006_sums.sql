-- SPDX-License-Identifier: Apache-2.0
--
-- Version 6: rows from which the state is loaded carry a checksum of all their other values, so that bytes that a disk
-- changed are told, not counted. NULL: the row was written by an earlier version, and is trusted.

ALTER TABLE state_text ADD COLUMN sum INTEGER;
ALTER TABLE state_object ADD COLUMN sum INTEGER;
ALTER TABLE state_set ADD COLUMN sum INTEGER;
ALTER TABLE state_cell ADD COLUMN sum INTEGER;
ALTER TABLE state_number ADD COLUMN sum INTEGER;
ALTER TABLE address ADD COLUMN sum INTEGER;
ALTER TABLE source ADD COLUMN sum INTEGER;
