/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of texts and addresses, see text_rows.h. An address stands in two parts,
 * its domain's row is shared. Checksums of all addresses are kept at hand, so
 * that the row of their block can be written anew when one of them comes or goes.
 */
#include "daemon/store/text_rows.h"

#include "daemon/base/memory.h"

/* A text as privacy asks: what names people has its form for readers, and is sealed for us. */
static struct slice text_form(struct store *store, const struct texts *texts, uint32_t number, struct slice *sealed)
{
	struct privacy_text *form = &store->form;
	struct slice text = texts_get(texts, number);

	*sealed = SLICE_NONE;
	form->length = 0;
	if (!store->privacy ||
	    (texts_item(texts, number)->known && slice_equal(privacy_prose(store->privacy, text, form), text)))
		return text;
	form->length = 0;
	*sealed = text;
	return privacy_any(store->privacy, text, form);
}

bool put_texts(struct store *store, const struct texts *texts)
{
	for (uint32_t i = 0; i < texts->dirty_count; i++) {
		uint32_t number = texts->dirty[i];
		const struct text *text = texts_item(texts, number);
		struct slice sealed, form;

		if (text->used) {
			form = text_form(store, texts, number, &sealed);
			if (!statement_run(store, "text-put", "itxk", (int64_t)number, form, sealed))
				return false;
		} else if (text->stored && !statement_run(store, "text-delete", "i", (int64_t)number)) {
			return false;
		}
	}
	return true;
}

/* Where the last @ is, or the length. */
static size_t address_split(struct slice address)
{
	const char *at = address.length ? memrchr(address.bytes, '@', address.length) : NULL;

	return at ? (size_t)(at - address.bytes) : address.length;
}

/* The room of a number's checksum. */
static uint32_t *sum_of(struct address_sums *sums, uint32_t number)
{
	if (number >= sums->count) {
		uint32_t blocks = (number > sums->count / 2 * 3 ? number : sums->count / 2 * 3) / ADDRESS_BLOCK + 1;

		sums->items = memory_resized(sums->items, blocks * ADDRESS_BLOCK, sizeof(*sums->items));
		memset(sums->items + sums->count, 0, (blocks * ADDRESS_BLOCK - sums->count) * sizeof(*sums->items));
		sums->count = blocks * ADDRESS_BLOCK;
	}
	return &sums->items[number];
}

/* Its lower half is the hash by which the address is found. */
static uint32_t address_sum(uint32_t number, struct slice form, struct slice sealed)
{
	uint64_t more = hash_bytes(form.bytes, form.length, number + UINT64_C(1));

	if (slice_given(sealed))
		more = hash_bytes(sealed.bytes, sealed.length, more);
	return (uint32_t)(more << 16) | address_hash(form);
}

/* Two bytes each, the lower first. */
static void block_hashes(const struct store *store, uint32_t block, unsigned char bytes[ADDRESS_BLOCK * 2])
{
	const uint32_t *sums = &store->address_sums.items[block * ADDRESS_BLOCK];

	for (size_t i = 0; i < ADDRESS_BLOCK; i++) {
		bytes[2 * i] = (unsigned char)sums[i];
		bytes[2 * i + 1] = (unsigned char)(sums[i] >> 8);
	}
}

/* Over all of the block's addresses; the same on every machine. */
static int64_t block_sum(const struct store *store, uint32_t block)
{
	const uint32_t *sums = &store->address_sums.items[block * ADDRESS_BLOCK];
	uint64_t sum = block;

	for (size_t i = 0; i < ADDRESS_BLOCK; i++)
		sum = hash_two(sum, sums[i]);
	return (int64_t)sum;
}

static bool put_block(struct store *store, uint32_t block)
{
	unsigned char hashes[ADDRESS_BLOCK * 2];

	block_hashes(store, block, hashes);
	return statement_run(store, "address-hash-put", "ibii", (int64_t)block, (const void *)hashes, sizeof(hashes),
	                     address_hashes_sum(block, hashes, sizeof(hashes)), block_sum(store, block));
}

/* Those in which dirty addresses are. */
static bool put_blocks(struct store *store, const struct texts *addresses)
{
	uint32_t blocks = store->address_sums.count / ADDRESS_BLOCK;
	bool *changed = memory_zeroed(blocks, sizeof(*changed)), done = true;

	for (uint32_t i = 0; i < addresses->dirty_count; i++)
		changed[addresses->dirty[i] / ADDRESS_BLOCK] = true;
	for (uint32_t i = 0; i < blocks && done; i++)
		done = !changed[i] || put_block(store, i);
	free(changed);
	return done;
}

static bool put_address(struct store *store, const struct texts *addresses, uint32_t number)
{
	struct slice sealed, form = text_form(store, addresses, number, &sealed);
	size_t at = address_split(form);
	struct slice local = slice_first(form, at), domain = at < form.length ? slice_from(form, at + 1) : SLICE_NONE;

	store->sealed.length = 0;
	if (slice_given(sealed))
		sealed = privacy_seal(store->privacy, sealed, &store->sealed);
	*sum_of(&store->address_sums, number) = address_sum(number, form, sealed);
	if ((slice_given(domain) && !statement_run(store, "address-domain-put", "t", domain)) ||
	    !statement_run(store, "address-put", "itt", (int64_t)number, local, domain))
		return false;
	/* A list that was not known to be one may have been sealed before. */
	if (!slice_given(sealed))
		return !store->privacy || statement_run(store, "address-sealed-delete", "i", (int64_t)number);
	return statement_run(store, "address-sealed-put", "ib", (int64_t)number, (const void *)sealed.bytes,
	                     sealed.length);
}

static bool delete_address(struct store *store, uint32_t number)
{
	return statement_run(store, "address-delete", "i", (int64_t)number) &&
	       (!store->privacy || statement_run(store, "address-sealed-delete", "i", (int64_t)number));
}

bool put_addresses(struct store *store, const struct texts *addresses)
{
	for (uint32_t i = 0; i < addresses->dirty_count; i++) {
		uint32_t number = addresses->dirty[i];
		const struct text *text = texts_item(addresses, number);

		if (text->used) {
			if (!put_address(store, addresses, number))
				return false;
			continue;
		}
		*sum_of(&store->address_sums, number) = 0;
		if (text->stored && !delete_address(store, number))
			return false;
	}
	return put_blocks(store, addresses);
}

/* What stands in a row, or, of what names people, what is sealed beside it; not given where it cannot be opened. */
static struct slice load_opened(struct store *store, sqlite3_stmt *row, int sealed, struct slice form)
{
	return sqlite3_column_type(row, sealed) == SQLITE_NULL ? form : statement_opened(store, row, sealed);
}

/* One row: the text at its number; `sealed` is the column of what is sealed. */
static bool load_text(struct store *store, struct texts *texts, sqlite3_stmt *row, int sealed, struct slice form)
{
	struct slice text = load_opened(store, row, sealed, form);
	int64_t number = sqlite3_column_int64(row, 0);

	if (number <= 0 || number > INT32_MAX || !slice_given(text) || !texts_restore(texts, (uint32_t)number, text))
		return false;
	texts_item(texts, (uint32_t)number)->known = sqlite3_column_type(row, sealed) == SQLITE_NULL;
	return true;
}

bool load_texts(struct store *store, struct texts *texts)
{
	sqlite3_stmt *row = statement_get(store, "text-all");
	int result;

	if (!row)
		return false;
	while ((result = sqlite3_step(row)) == SQLITE_ROW)
		if (!statement_sound(row) || !load_text(store, texts, row, 2, statement_column(row, 1)))
			return store_damaged(store, "text-all");
	return statement_end(store, row, result, "text-all");
}

/* The address as it stands in its two parts; in *whole, which grows. */
static struct slice load_form(sqlite3_stmt *row, struct privacy_text *whole)
{
	struct slice local = statement_column(row, 1), domain = statement_column(row, 2);

	if (!slice_given(domain))
		return local;
	whole->length = 0;
	privacy_text_add(whole, local);
	privacy_text_add(whole, SLICE("@"));
	privacy_text_add(whole, domain);
	return (struct slice){whole->bytes, whole->length};
}

/* The numbers that addresses may have, before their checksums are known: a damaged one must not ask for memory. */
static bool load_last(struct store *store, int64_t *last)
{
	sqlite3_stmt *row = statement_get(store, "address-hash-last");
	int result = row ? sqlite3_step(row) : SQLITE_ERROR;

	*last = INT32_MAX;
	if (result == SQLITE_ROW && sqlite3_column_type(row, 0) != SQLITE_NULL)
		*last = sqlite3_column_int64(row, 0) * ADDRESS_BLOCK + ADDRESS_BLOCK - 1;
	return row && statement_end(store, row, result == SQLITE_ROW ? SQLITE_DONE : result, "address-hash-last");
}

static bool load_address(struct store *store, struct texts *addresses, sqlite3_stmt *row, int64_t last)
{
	struct slice form = load_form(row, &store->form), sealed = {sqlite3_column_blob(row, 3), 0};
	int64_t number = sqlite3_column_int64(row, 0);

	sealed.length = (size_t)sqlite3_column_bytes(row, 3);
	if (number > last || !load_text(store, addresses, row, 3, form))
		return false;
	*sum_of(&store->address_sums, (uint32_t)number) = address_sum((uint32_t)number, form, sealed);
	return true;
}

/* Whether a row is of the addresses that were loaded. */
static bool block_sound(struct store *store, sqlite3_stmt *row)
{
	int64_t block = sqlite3_column_int64(row, 0);
	const void *written = sqlite3_column_blob(row, 1);
	unsigned char hashes[ADDRESS_BLOCK * 2];

	if (block < 0 || block > INT32_MAX / ADDRESS_BLOCK || sqlite3_column_bytes(row, 1) != sizeof(hashes) ||
	    sqlite3_column_int64(row, 2) != address_hashes_sum(block, written, sizeof(hashes)))
		return false;
	/* All of them may be gone. */
	sum_of(&store->address_sums, (uint32_t)block * ADDRESS_BLOCK);
	block_hashes(store, (uint32_t)block, hashes);
	return memcmp(written, hashes, sizeof(hashes)) == 0 &&
	       sqlite3_column_int64(row, 3) == block_sum(store, (uint32_t)block);
}

/* Checks the addresses that were loaded. Those of a block that has no row are written, and it gets one. */
static bool load_blocks(struct store *store, struct texts *addresses)
{
	sqlite3_stmt *row = statement_get(store, "address-hash-all");
	bool *there = memory_zeroed(addresses->count / ADDRESS_BLOCK + 1, sizeof(*there)), sound = true;
	int result = SQLITE_DONE;

	while (row && sound && (result = sqlite3_step(row)) == SQLITE_ROW) {
		int64_t block = sqlite3_column_int64(row, 0);

		sound = block_sound(store, row);
		if (sound && block <= addresses->count / ADDRESS_BLOCK)
			there[block] = true;
	}
	for (uint32_t i = 1; row && sound && i < addresses->count; i++)
		if (texts_has(addresses, i) && !there[i / ADDRESS_BLOCK])
			texts_write(addresses, i);
	free(there);
	if (!sound)
		return store_damaged(store, "address-hash-all");
	return row && statement_end(store, row, result, "address-hash-all");
}

bool load_addresses(struct store *store, struct texts *addresses)
{
	sqlite3_stmt *row = statement_get(store, "address-all");
	int64_t last;
	int result;

	if (!row || !load_last(store, &last))
		return false;
	while ((result = sqlite3_step(row)) == SQLITE_ROW)
		if (!load_address(store, addresses, row, last))
			return store_damaged(store, "address-all");
	return statement_end(store, row, result, "address-all") && load_blocks(store, addresses);
}
