/* SPDX-License-Identifier: Apache-2.0
 *
 * The key of a database, see key.h. Which key it is, the database tells by a
 * check that tells nothing of the key.
 */
#include "daemon/report/key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool key_needed(struct reader *reader)
{
	return reader_number(reader, "has-privacy", 0) > 0 && reader_number(reader, "is-hashed", 0) > 0;
}

struct privacy *key_load(struct reader *reader, const char *path, char **why)
{
	sqlite3_stmt *row = reader_prepare(reader, "privacy", 0);
	struct privacy *key = NULL;
	const char *check = NULL;

	if (row && reader_row(reader, row)) {
		check = (const char *)sqlite3_column_text(row, 0);
		path = path ? path : (const char *)sqlite3_column_text(row, 1);
	}
	if (path)
		key = privacy_load(path, why);
	if (key && (!check || strcmp(check, privacy_check(key)) != 0)) {
		privacy_free(&key);
		if (asprintf(why, "%s: it is not the key of this database", path) < 0)
			abort();
	}
	sqlite3_finalize(row);
	return key;
}

static void opened(sqlite3_context *context, int count, sqlite3_value **values)
{
	const struct privacy *key = sqlite3_user_data(context);
	struct slice sealed = {sqlite3_value_blob(values[0]), (size_t)sqlite3_value_bytes(values[0])};
	struct privacy_text text = {0};
	struct slice plain = slice_given(sealed) ? privacy_open(key, sealed, &text) : SLICE_NONE;

	(void)count;
	if (slice_given(plain))
		sqlite3_result_text(context, plain.bytes, (int)plain.length, SQLITE_TRANSIENT);
	free(text.bytes);
}

void key_open(struct reader *reader, struct privacy *key)
{
	reader_set_function(reader, "opened", 1, opened, key);
}
