/* SPDX-License-Identifier: Apache-2.0
 *
 * Prepared statements by name, see statement.h.
 */
#include "daemon/store/statement.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

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

	while (statement->name && strcmp(statement->name, name) != 0) {
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

static void statement_bind_slice(sqlite3_stmt *statement, int at, struct slice text)
{
	if (slice_given(text))
		sqlite3_bind_text(statement, at, text.bytes, (int)text.length, SQLITE_STATIC);
	else
		sqlite3_bind_null(statement, at);
}

static void statement_bind_number(sqlite3_stmt *statement, int at, int64_t value, bool given)
{
	if (given)
		sqlite3_bind_int64(statement, at, value);
	else
		sqlite3_bind_null(statement, at);
}

static void statement_bind(sqlite3_stmt *statement, const char *types, va_list values)
{
	for (int i = 1; *types; types++, i++) {
		int64_t number;
		double real;
		const void *bytes;

		switch (*types) {
		case 'i': sqlite3_bind_int64(statement, i, va_arg(values, int64_t)); break;
		case 'm':
			number = va_arg(values, int64_t);
			statement_bind_number(statement, i, number, number != TIME_UNKNOWN);
			break;
		case 'n':
			number = va_arg(values, int64_t);
			statement_bind_number(statement, i, number, number >= 0);
			break;
		case 'd':
			real = va_arg(values, double);
			if (real < 0)
				sqlite3_bind_null(statement, i);
			else
				sqlite3_bind_double(statement, i, real);
			break;
		case 't': statement_bind_slice(statement, i, va_arg(values, struct slice)); break;
		case 's': statement_bind_slice(statement, i, slice_of(va_arg(values, const char *))); break;
		case 'b':
			bytes = va_arg(values, const void *);
			sqlite3_bind_blob64(statement, i, bytes, va_arg(values, size_t), SQLITE_STATIC);
			break;
		default: assert(!"a known type letter");
		}
	}
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
	statement_bind(statement, types, values);
	va_end(values);
	result = sqlite3_step(statement);
	sqlite3_reset(statement);
	return result == SQLITE_DONE || store_fail(store, name);
}
