/* SPDX-License-Identifier: Apache-2.0
 *
 * Opens the database read-only and finds statements by name. A database in WAL
 * mode that nobody has open, in a folder that the user cannot write, cannot
 * be opened by SQLite's own means: then, and only where no WAL file is there,
 * it is read as immutable, and looked after at the end. The first error is
 * kept; after it every call fails with that error.
 */
#define _GNU_SOURCE
#include "daemon/report/reader.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/memory.h"
#include "daemon/report/when.h"
#include "schema/schema.h"

#define BUSY_MILLISECONDS 5000
#define PARAMETERS_MOST 8

struct parameter {
	const char *name;
	const char *text;
};

struct reader {
	char *path;
	sqlite3 *database;
	bool immutable;
	struct parameter parameters[PARAMETERS_MOST];
	const struct zone *zone;
	char *error;
};

/* Keeps the first error only: what follows it is its consequence. */
__attribute__((format(printf, 2, 3))) static void fail(struct reader *reader, const char *format, ...)
{
	char *text = NULL;
	va_list arguments;

	if (reader->error)
		return;
	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		abort();
	va_end(arguments);
	if (asprintf(&reader->error, "%s: %s", reader->path, text) < 0)
		abort();
	free(text);
}

/* errno of trying to read the file beside the database; 0 where it can be read. */
static int beside(const struct reader *reader, const char *suffix)
{
	char *path = NULL;
	int result;

	if (asprintf(&path, "%s%s", reader->path, suffix) < 0)
		abort();
	result = faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) == 0 ? 0 : errno;
	free(path);
	return result;
}

/* What the operating system and the first bytes say, before SQLite is asked: it tells less. */
static bool is_database_file(struct reader *reader)
{
	static const char magic[16] = "SQLite format 3";
	char bytes[sizeof(magic)];
	struct stat status;
	ssize_t length;
	int file = open(reader->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (file < 0 || fstat(file, &status) < 0) {
		fail(reader, "cannot be opened: %s", strerror(errno));
		if (file >= 0)
			close(file);
		return false;
	}
	length = S_ISREG(status.st_mode) ? read(file, bytes, sizeof(bytes)) : -1;
	if (!S_ISREG(status.st_mode))
		fail(reader, "cannot be opened: it is not a file");
	else if (length < 0)
		fail(reader, "cannot be read: %s", strerror(errno));
	else if (length == 0)
		fail(reader, "not a mailstorm database: the file is empty");
	else if ((size_t)length < sizeof(bytes) || memcmp(bytes, magic, sizeof(magic)) != 0)
		fail(reader, "not a mailstorm database: it is no SQLite file");
	close(file);
	return !reader->error;
}

/* The path as a URI, so that no path has a meaning of its own. malloc'ed. */
static char *uri_of(const char *path, bool immutable)
{
	char *uri = memory_zeroed(strlen(path) + 8, 3);
	char *at = uri + sprintf(uri, "file:%s", path[0] == '/' ? "" : "./");

	for (; *path; path++) {
		if (isascii((unsigned char)*path) && (isalnum((unsigned char)*path) || strchr("/._-", *path)))
			*at++ = *path;
		else
			at += sprintf(at, "%%%02x", (unsigned char)*path);
	}
	strcpy(at, immutable ? "?immutable=1" : "");
	return uri;
}

/* What follows the line "-- name: NAME" in a text; NULL where it has no such line. */
static const char *find_statement(const char *text, const char *name)
{
	static const char mark[] = "-- name: ";

	while ((text = strstr(text, mark)) != NULL) {
		size_t length = strcspn(text += sizeof(mark) - 1, "\n");

		if (length == strlen(name) && memcmp(text, name, length) == 0)
			return text + length;
	}
	return NULL;
}

/* The SQL of that name in report.sql or report_tables.sql. Never NULL. */
static const char *statement_text(const char *name)
{
	for (const struct schema_file *file = schema_files; file->name; file++) {
		const char *text = NULL;

		if (strncmp(file->name, "report", strlen("report")) == 0)
			text = find_statement(file->text, name);
		if (text)
			return text;
	}
	assert(!"a statement is missing from schema/report*.sql");
	abort();
}

/* SQLite's result of opening and of a first look into the file. */
static int try_open(struct reader *reader)
{
	char *uri = uri_of(reader->path, reader->immutable);
	int result = sqlite3_open_v2(uri, &reader->database, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
	sqlite3_stmt *look = NULL;

	free(uri);
	if (result != SQLITE_OK)
		return result;
	sqlite3_busy_timeout(reader->database, BUSY_MILLISECONDS);
	sqlite3_db_config(reader->database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(reader->database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	result = sqlite3_prepare_v2(reader->database, statement_text("look"), -1, &look, NULL);
	if (result == SQLITE_OK && sqlite3_step(look) != SQLITE_ROW)
		result = sqlite3_errcode(reader->database);
	sqlite3_finalize(look);
	return result;
}

/* True where SQLite wanted to make the WAL's files, and could not. */
static bool lacks_files(int result)
{
	return result == SQLITE_CANTOPEN || result == SQLITE_READONLY;
}

static bool open_database(struct reader *reader)
{
	int result = try_open(reader);
	int wal = beside(reader, "-wal");
	int shm = beside(reader, "-shm");

	if (lacks_files(result) && wal == ENOENT) {
		sqlite3_close(reader->database);
		reader->database = NULL;
		reader->immutable = true;
		result = try_open(reader);
	}
	if (result == SQLITE_OK)
		return true;
	if (lacks_files(result) && (wal || shm))
		fail(reader, "cannot be read: %s%s: %s", reader->path, wal ? "-wal" : "-shm",
		     strerror(wal ? wal : shm));
	else
		fail(reader, "cannot be read: %s",
		     reader->database ? sqlite3_errmsg(reader->database) : sqlite3_errstr(result));
	return false;
}

/* The version that this program's own schema files lead to. */
static int64_t known_version(void)
{
	int64_t version = 0;

	for (const struct schema_file *file = schema_files; file->name; file++) {
		if (isdigit((unsigned char)file->name[0]) && atol(file->name) > version)
			version = atol(file->name);
	}
	return version;
}

static bool is_ours(struct reader *reader)
{
	int64_t application = reader_number(reader, "application-id", 0);
	int64_t version = reader_number(reader, "user-version", 0);
	int64_t known = known_version();

	if (reader->error)
		return false;
	if (application != READER_APPLICATION_ID)
		fail(reader, "not a mailstorm database: its application id is 0x%08x, not 0x%08x",
		     (unsigned)application, (unsigned)READER_APPLICATION_ID);
	else if (version < 1)
		fail(reader, "not a mailstorm database yet: it has no schema");
	else if (version > known)
		fail(reader, "too new for this program: its schema has version %lld, and %lld is the latest known here",
		     (long long)version, (long long)known);
	return !reader->error;
}

/* in_zone(time) */
static void in_zone(sqlite3_context *context, int count, sqlite3_value **values)
{
	const struct reader *reader = sqlite3_user_data(context);
	char text[WHEN_SIZE];

	(void)count;
	if (!reader->zone || sqlite3_value_type(values[0]) != SQLITE_TEXT)
		sqlite3_result_value(context, values[0]);
	else
		sqlite3_result_text(context, when_iso(text, (const char *)sqlite3_value_text(values[0]), reader->zone),
		                    -1, SQLITE_TRANSIENT);
}

struct reader *reader_open(const char *path, char **error)
{
	struct reader *reader = memory_zeroed(1, sizeof(*reader));

	reader->path = memory_string(path, strlen(path));
	if (is_database_file(reader) && open_database(reader)) {
		reader_set_function(reader, "in_zone", 1, in_zone, reader);
		reader_number(reader, "begin", 0);
		if (is_ours(reader))
			reader_number(reader,
			              reader_number(reader, "has-hashes", 0) ? "addresses.make"
			                                                     : "addresses.make-before",
			              0);
	}
	if (!reader->error)
		return reader;
	*error = reader->error;
	reader->error = NULL;
	sqlite3_close(reader->database);
	free(reader->path);
	free(reader);
	return NULL;
}

bool reader_close(struct reader **reader, char **error)
{
	bool trusted = true;

	if (!*reader)
		return true;
	if ((*reader)->immutable && beside(*reader, "-wal") != ENOENT) {
		fail(*reader, "cannot be relied on: it came into use while it was read; try again");
		trusted = false;
		*error = (*reader)->error;
		(*reader)->error = NULL;
	}
	if (sqlite3_close((*reader)->database) != SQLITE_OK)
		assert(!"a statement was left open");
	free((*reader)->error);
	free((*reader)->path);
	free(*reader);
	*reader = NULL;
	return trusted;
}

void reader_set(struct reader *reader, const char *parameter, const char *text)
{
	size_t at = 0;

	while (at < PARAMETERS_MOST && reader->parameters[at].name &&
	       strcmp(reader->parameters[at].name, parameter) != 0)
		at++;
	assert(at < PARAMETERS_MOST);
	reader->parameters[at] = (struct parameter){parameter, text};
}

void reader_set_zone(struct reader *reader, const struct zone *zone)
{
	reader->zone = zone;
}

void reader_set_function(struct reader *reader, const char *name, int arguments,
                         void (*function)(sqlite3_context *, int, sqlite3_value **), void *with)
{
	if (sqlite3_create_function(reader->database, name, arguments, SQLITE_UTF8, with, function, NULL, NULL) !=
	    SQLITE_OK)
		fail(reader, "cannot be read: %s: %s", name, sqlite3_errmsg(reader->database));
}

int64_t reader_written(const struct reader *reader)
{
	static const char *const suffixes[] = {"", "-wal"};
	int64_t latest = 0;

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		struct stat status;
		char *path = NULL;

		if (asprintf(&path, "%s%s", reader->path, suffixes[i]) < 0)
			abort();
		if (stat(path, &status) == 0 && (i == 0 || status.st_size > 0)) {
			int64_t written = status.st_mtim.tv_sec * INT64_C(1000) + status.st_mtim.tv_nsec / 1000000;

			latest = written > latest ? written : latest;
		}
		free(path);
	}
	return latest;
}

sqlite3_stmt *reader_prepare(struct reader *reader, const char *name, int64_t id)
{
	sqlite3_stmt *statement = NULL;
	int parameter;

	if (reader->error)
		return NULL;
	/* the first statement of the text is prepared, what follows is left alone */
	if (sqlite3_prepare_v2(reader->database, statement_text(name), -1, &statement, NULL) != SQLITE_OK) {
		fail(reader, "cannot be read: %s: %s", name, sqlite3_errmsg(reader->database));
		return NULL;
	}
	parameter = sqlite3_bind_parameter_index(statement, ":id");
	if (parameter > 0 && id != 0)
		sqlite3_bind_int64(statement, parameter, id);
	for (size_t i = 0; i < PARAMETERS_MOST && reader->parameters[i].name; i++) {
		parameter = sqlite3_bind_parameter_index(statement, reader->parameters[i].name);
		if (parameter > 0)
			sqlite3_bind_text(statement, parameter, reader->parameters[i].text, -1, SQLITE_STATIC);
	}
	return statement;
}

bool reader_row(struct reader *reader, sqlite3_stmt *statement)
{
	int result = reader->error ? SQLITE_ERROR : sqlite3_step(statement);

	if (result != SQLITE_ROW && result != SQLITE_DONE)
		fail(reader, "cannot be read: %s", sqlite3_errmsg(reader->database));
	return result == SQLITE_ROW;
}

const char *reader_error(const struct reader *reader)
{
	return reader->error;
}

int64_t reader_number(struct reader *reader, const char *name, int64_t id)
{
	sqlite3_stmt *statement = reader_prepare(reader, name, id);
	int64_t number = 0;

	if (statement && reader_row(reader, statement))
		number = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return number;
}
