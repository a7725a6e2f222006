-- SPDX-License-Identifier: Apache-2.0
--
-- Version 3: the help desk's question, one mailbox by its address.

CREATE INDEX address_by_text ON address (address);
