/* SPDX-License-Identifier: Apache-2.0
 *
 * Prepared statements by name, see statement.h.
 */
#include "daemon/store/statement.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "daemon/base/hash.h"
#include "daemon/base/memory.h"
#include "schema/schema.h"

#define TIME_UNKNOWN INT64_MIN

bool store_fail(struct store *store, const char *what)
{
	free(store->error);
	if (asprintf(&store->error, "%s: %s: %s", store->path, what, sqlite3_errmsg(store->database)) < 0)
		abort();
	return false;
}

bool store_damaged(struct store *store, const char *what)
{
	free(store->error);
	if (asprintf(&store->error, "%s: cannot be read: damaged: %s", store->path, what) < 0)
		abort();
	return false;
}

const char *statement_text(const char *name)
{
	static const char mark[] = "-- name: ";
	size_t length = strlen(name);

	for (const struct schema_file *file = schema_files; file->name; file++) {
		if (strcmp(file->name, "statements.sql") != 0)
			continue;
		for (const char *at = strstr(file->text, mark); at; at = strstr(at, mark)) {
			at += sizeof(mark) - 1;
			if (strcspn(at, "\n") == length && memcmp(at, name, length) == 0)
				return at + length;
		}
	}
	assert(!"the statement has a name");
	return "";
}

sqlite3_stmt *statement_get(struct store *store, const char *name)
{
	struct statement *statement = store->statements;

	/* A literal mostly stands at one place. */
	while (statement->name && statement->name != name)
		statement++;
	if (!statement->name)
		statement = store->statements;
	while (statement->name && statement->name != name && strcmp(statement->name, name) != 0) {
		statement++;
		assert(statement < store->statements + STATEMENTS_MAX);
	}
	if (!statement->name) {
		if (sqlite3_prepare_v3(store->database, statement_text(name), -1, SQLITE_PREPARE_PERSISTENT,
		                       &statement->prepared, NULL) != SQLITE_OK) {
			store_fail(store, name);
			return NULL;
		}
		statement->name = name;
	}
	sqlite3_reset(statement->prepared);
	return statement->prepared;
}

/* A row's checksum over its values in order. NULL, a number and bytes are three things. */
static uint64_t sum_null(uint64_t sum)
{
	return hash_two(sum, 0);
}

static uint64_t sum_number(uint64_t sum, int64_t value)
{
	return hash_two(hash_two(sum, 1), (uint64_t)value);
}

static uint64_t sum_bytes(uint64_t sum, const void *bytes, size_t length)
{
	return hash_bytes(length ? bytes : "", length, hash_two(sum, 2));
}

static uint64_t statement_bind_slice(sqlite3_stmt *statement, int at, struct slice text, uint64_t sum)
{
	if (!slice_given(text)) {
		sqlite3_bind_null(statement, at);
		return sum_null(sum);
	}
	sqlite3_bind_text(statement, at, text.bytes, (int)text.length, SQLITE_STATIC);
	return sum_bytes(sum, text.bytes, text.length);
}

/* What privacy puts in place of a text; SQLite takes a copy. */
static uint64_t statement_bind_form(struct store *store, sqlite3_stmt *statement, int at, struct slice text, char type,
                                    uint64_t sum)
{
	struct slice (*form)(const struct privacy *, struct slice, struct privacy_text *) =
		type == 'a'   ? privacy_login
		: type == 'h' ? privacy_message_id
		: type == 'l' ? privacy_list
			      : privacy_prose;

	if (!store->privacy || !slice_given(text))
		return statement_bind_slice(statement, at, text, sum);
	store->form.length = 0;
	text = form(store->privacy, text, &store->form);
	sqlite3_bind_text(statement, at, text.bytes, (int)text.length, SQLITE_TRANSIENT);
	return sum_bytes(sum, text.bytes, text.length);
}

static uint64_t statement_bind_sealed(struct store *store, sqlite3_stmt *statement, int at, struct slice bytes,
                                      uint64_t sum)
{
	if (!slice_given(bytes)) {
		sqlite3_bind_null(statement, at);
		return sum_null(sum);
	}
	store->sealed.length = 0;
	if (store->privacy)
		bytes = privacy_seal(store->privacy, bytes, &store->sealed);
	sqlite3_bind_blob64(statement, at, bytes.bytes, bytes.length, SQLITE_TRANSIENT);
	return sum_bytes(sum, bytes.bytes, bytes.length);
}

static uint64_t statement_bind_number(sqlite3_stmt *statement, int at, int64_t value, bool given, uint64_t sum)
{
	if (!given) {
		sqlite3_bind_null(statement, at);
		return sum_null(sum);
	}
	sqlite3_bind_int64(statement, at, value);
	return sum_number(sum, value);
}

/* No checksum is over these. */
static void statement_bind_real(sqlite3_stmt *statement, int at, double value)
{
	if (value < 0)
		sqlite3_bind_null(statement, at);
	else
		sqlite3_bind_double(statement, at, value);
}

static uint64_t statement_bind_blob(sqlite3_stmt *statement, int at, const void *bytes, size_t length, uint64_t sum)
{
	if (!bytes) {
		sqlite3_bind_null(statement, at);
		return sum_null(sum);
	}
	sqlite3_bind_blob64(statement, at, bytes, length, SQLITE_STATIC);
	return sum_bytes(sum, bytes, length);
}

static void statement_bind(struct store *store, sqlite3_stmt *statement, const char *types, va_list values)
{
	uint64_t sum = 0;

	for (int i = 1; *types; types++, i++) {
		int64_t number;
		const void *bytes;

		switch (*types) {
		case 'i': sum = statement_bind_number(statement, i, va_arg(values, int64_t), true, sum); break;
		case 'm':
			number = va_arg(values, int64_t);
			sum = statement_bind_number(statement, i, number, number != TIME_UNKNOWN, sum);
			break;
		case 'n':
			number = va_arg(values, int64_t);
			sum = statement_bind_number(statement, i, number, number >= 0, sum);
			break;
		case 'd': statement_bind_real(statement, i, va_arg(values, double)); break;
		case 't': sum = statement_bind_slice(statement, i, va_arg(values, struct slice), sum); break;
		case 'a':
		case 'h':
		case 'l':
		case 'p':
			sum = statement_bind_form(store, statement, i, va_arg(values, struct slice), *types, sum);
			break;
		case 'x': sum = statement_bind_sealed(store, statement, i, va_arg(values, struct slice), sum); break;
		case 's': sum = statement_bind_slice(statement, i, slice_of(va_arg(values, const char *)), sum); break;
		case 'b':
			bytes = va_arg(values, const void *);
			sum = statement_bind_blob(statement, i, bytes, va_arg(values, size_t), sum);
			break;
		case 'k': sqlite3_bind_int64(statement, i, (int32_t)sum); break;
		default: assert(!"a known type letter");
		}
	}
}

bool statement_sound(sqlite3_stmt *row)
{
	int last = sqlite3_column_count(row) - 1;
	int64_t written = sqlite3_column_int64(row, last);
	uint64_t sum = 0;

	if (sqlite3_column_type(row, last) == SQLITE_NULL)
		return true;
	for (int i = 0; i < last; i++)
		switch (sqlite3_column_type(row, i)) {
		case SQLITE_NULL: sum = sum_null(sum); break;
		case SQLITE_INTEGER: sum = sum_number(sum, sqlite3_column_int64(row, i)); break;
		default: sum = sum_bytes(sum, sqlite3_column_blob(row, i), (size_t)sqlite3_column_bytes(row, i)); break;
		}
	/* Before version 9 it had 64 bits. */
	return written == (int32_t)sum || written == (int64_t)sum;
}

bool statement_end(struct store *store, sqlite3_stmt *statement, int result, const char *name)
{
	sqlite3_reset(statement);
	return result == SQLITE_DONE || store_fail(store, name);
}

struct slice statement_column(sqlite3_stmt *row, int column)
{
	return (struct slice){(const char *)sqlite3_column_text(row, column),
	                      (size_t)sqlite3_column_bytes(row, column)};
}

struct slice statement_opened(struct store *store, sqlite3_stmt *row, int column)
{
	const void *bytes = sqlite3_column_blob(row, column);
	struct slice sealed = {bytes ? bytes : "", (size_t)sqlite3_column_bytes(row, column)};

	store->sealed.length = 0;
	return store->privacy ? privacy_open(store->privacy, sealed, &store->sealed) : sealed;
}

bool statement_run(struct store *store, const char *name, const char *types, ...)
{
	sqlite3_stmt *statement = statement_get(store, name);
	va_list values;
	int result;

	if (!statement)
		return false;
	assert(sqlite3_bind_parameter_count(statement) == (int)strlen(types));
	va_start(values, types);
	statement_bind(store, statement, types, values);
	va_end(values);
	result = sqlite3_step(statement);
	sqlite3_reset(statement);
	return result == SQLITE_DONE || store_fail(store, name);
}
