/* SPDX-License-Identifier: Apache-2.0
 *
 * The store's inside: rows of texts and of addresses, and the hashes by which
 * mailstorm(1) finds an address.
 */
#ifndef MAILSTORM_STORE_TEXT_ROWS_H
#define MAILSTORM_STORE_TEXT_ROWS_H

#include "daemon/base/texts.h"
#include "daemon/store/statement.h"

/* Addresses in a row of address_hash. */
#define ADDRESS_BLOCK 4096

/* What stands there of an address as it is stored. */
static inline uint16_t address_hash(struct slice stored)
{
	return (uint16_t)hash_bytes(stored.bytes, stored.length, 0);
}

/* Of the bytes of such a row. */
static inline int64_t address_hashes_sum(int64_t block, const void *hashes, size_t length)
{
	return (int32_t)hash_bytes(hashes, length, (uint64_t)block);
}

/* Write what changed since the last commit. */
bool put_texts(struct store *store, const struct texts *texts);
bool put_addresses(struct store *store, const struct texts *addresses);

/* Fill the empty. */
bool load_texts(struct store *store, struct texts *texts);
bool load_addresses(struct store *store, struct texts *addresses);

#endif
