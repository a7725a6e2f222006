/* SPDX-License-Identifier: Apache-2.0
 *
 * Looks an address up by its hash, see mailbox_number.h and
 * daemon/store/text_rows.h: few numbers have it, and of those each is looked at.
 */
#include "daemon/report/mailbox_number.h"

#include "daemon/report/held.h"
#include "daemon/store/text_rows.h"

/* Which of these numbers is the address's, or 0. */
static int64_t number_among(sqlite3_stmt *look, struct reader *reader, int64_t first, int64_t last)
{
	int64_t number = 0;

	held_bind(look, ":first", first);
	held_bind(look, ":last", last);
	if (reader_row(reader, look))
		number = sqlite3_column_int64(look, 0);
	sqlite3_reset(look);
	return number;
}

/* One row of hashes. Where it is not what was written, all of its numbers are looked at. */
static int64_t number_in_block(sqlite3_stmt *look, struct reader *reader, sqlite3_stmt *row, uint16_t hash)
{
	int64_t block = sqlite3_column_int64(row, 0), first = block * ADDRESS_BLOCK, number = 0;
	const unsigned char *bytes = sqlite3_column_blob(row, 1);
	size_t length = (size_t)sqlite3_column_bytes(row, 1);

	if (!bytes || sqlite3_column_int64(row, 2) != address_hashes_sum(block, bytes, length))
		return number_among(look, reader, first, first + ADDRESS_BLOCK - 1);
	for (size_t i = 0; i + 1 < length && !number; i += 2)
		if ((bytes[i] | bytes[i + 1] << 8) == hash)
			number = number_among(look, reader, first + (int64_t)(i / 2), first + (int64_t)(i / 2));
	return number;
}

static int64_t number_by_hash(struct reader *reader, const char *address)
{
	sqlite3_stmt *rows = reader_prepare(reader, "mailbox-hashes", 0);
	sqlite3_stmt *look = rows ? reader_prepare(reader, "mailbox-of-number", 0) : NULL;
	uint16_t hash = address_hash(slice_of(address));
	int64_t number = 0;

	while (look && !number && reader_row(reader, rows))
		number = number_in_block(look, reader, rows, hash);
	sqlite3_finalize(rows);
	sqlite3_finalize(look);
	return number;
}

uint32_t mailbox_number(struct reader *reader, const char *address)
{
	int64_t number;

	reader_set(reader, ":mailbox", address);
	number = reader_number(reader, "has-hashes", 0) ? number_by_hash(reader, address)
	                                                : reader_number(reader, "mailbox-number", 0);
	return number > 0 && number < INT32_MAX ? (uint32_t)number : 0;
}
