/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening, migrating and committing, see store.h. The writer's lock is an
 * open-file-description lock on one byte far behind the database's end, where
 * SQLite's own locks do not reach; it goes with the process.
 */
#include "daemon/store/store.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/memory.h"
#include "daemon/store/statement.h"
#include "daemon/store/wal.h"
#include "schema/schema.h"

#define LOCK_AT (INT64_C(1) << 61)

static void store_error_of(char **error, const char *path, const char *what, const char *why)
{
	if (asprintf(error, "%s: %s: %s", path, what, why) < 0)
		abort();
}

/* The file: made where it is new, for its owner to write and its group to read whatever the umask is. SQLite gives the
 * files beside it the same mode. */
static int store_file(const char *path)
{
	int descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (descriptor < 0 && errno == EEXIST)
		return open(path, O_RDWR | O_CLOEXEC);
	if (descriptor >= 0 && fchmod(descriptor, 0640) != 0) {
		close(descriptor);
		return -1;
	}
	return descriptor;
}

/* Opens the file and takes the lock. */
static int store_lock(const char *path, char **error)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = LOCK_AT, .l_len = 1};
	int descriptor = store_file(path);

	if (descriptor < 0) {
		store_error_of(error, path, "cannot be opened", strerror(errno));
		return -1;
	}
	if (fcntl(descriptor, F_OFD_SETLK, &lock) != 0) {
		store_error_of(error, path, "cannot be written",
		               errno == EAGAIN || errno == EACCES ? "another mailstormd is writing it"
		                                                  : strerror(errno));
		close(descriptor);
		return -1;
	}
	return descriptor;
}

static bool store_run(struct store *store, const char *sql, const char *what)
{
	return sqlite3_exec(store->database, sql, NULL, NULL, NULL) == SQLITE_OK || store_fail(store, what);
}

static bool store_pragma(struct store *store, const char *sql, int64_t *value)
{
	sqlite3_stmt *statement;
	int result;

	if (sqlite3_prepare_v2(store->database, sql, -1, &statement, NULL) != SQLITE_OK)
		return store_fail(store, "cannot be read");
	result = sqlite3_step(statement);
	*value = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return result == SQLITE_ROW || store_fail(store, "cannot be read");
}

static bool store_refuse(struct store *store, const char *why)
{
	free(store->error);
	store_error_of(&store->error, store->path, "cannot be used", why);
	return false;
}

/* One step in a transaction of its own. */
static bool store_step(struct store *store, const struct schema_file *file, int64_t version)
{
	char end[64];

	snprintf(end, sizeof(end), "PRAGMA user_version = %lld; COMMIT", (long long)version);
	if (store_run(store, "BEGIN IMMEDIATE", file->name) && store_run(store, file->text, file->name) &&
	    store_run(store, end, file->name))
		return true;
	sqlite3_exec(store->database, "ROLLBACK", NULL, NULL, NULL);
	return false;
}

static bool store_views(struct store *store)
{
	for (const struct schema_file *file = schema_files; file->name; file++)
		if (strcmp(file->name, "views.sql") == 0)
			return store_run(store, "BEGIN IMMEDIATE", "views") && store_run(store, file->text, "views") &&
			       store_run(store, "COMMIT", "views");
	return true;
}

static bool store_migrate(struct store *store)
{
	int64_t application, version, tables, newest = 0;
	char mark[64];

	if (!store_pragma(store, "PRAGMA application_id", &application) ||
	    !store_pragma(store, "PRAGMA user_version", &version) ||
	    !store_pragma(store, "SELECT count(*) FROM sqlite_schema", &tables))
		return false;
	if (application != STORE_APPLICATION_ID && (application != 0 || version != 0 || tables != 0))
		return store_refuse(store, "it is not a mailstorm database");
	for (const struct schema_file *file = schema_files; file->name; file++)
		if (isdigit((unsigned char)file->name[0]))
			newest = atol(file->name);
	if (version > newest)
		return store_refuse(store, "it was written by a newer version of mailstorm");
	snprintf(mark, sizeof(mark), "PRAGMA application_id = %d", STORE_APPLICATION_ID);
	/* Space is given back bit by bit: must be set before the first table. */
	if (version == 0 && !store_run(store, "PRAGMA auto_vacuum = INCREMENTAL", "cannot be made"))
		return false;
	if (!store_run(store, "PRAGMA journal_mode = WAL", "cannot be written") ||
	    !store_run(store, "PRAGMA synchronous = NORMAL", "cannot be written") ||
	    !store_run(store, "PRAGMA secure_delete = ON", "cannot be written") ||
	    !store_run(store, "PRAGMA temp_store = MEMORY", "cannot be written") ||
	    !store_run(store, "PRAGMA cache_size = -65536", "cannot be read") ||
	    !store_run(store, "PRAGMA journal_size_limit = 16777216", "cannot be written") ||
	    !store_run(store, mark, "cannot be written"))
		return false;
	for (const struct schema_file *file = schema_files; file->name; file++)
		if (isdigit((unsigned char)file->name[0]) && atol(file->name) > version &&
		    !store_step(store, file, atol(file->name)))
			return false;
	return store_views(store);
}

/* Every page. Where the log is gone, and was being written back when it went, pages may be of two states. */
static bool store_check(struct store *store)
{
	sqlite3_stmt *statement = NULL;
	bool good;

	if (sqlite3_prepare_v2(store->database, "PRAGMA quick_check(1)", -1, &statement, NULL) != SQLITE_OK ||
	    sqlite3_step(statement) != SQLITE_ROW)
		good = store_fail(store, "cannot be read");
	else
		good = strcmp((const char *)sqlite3_column_text(statement, 0), "ok") == 0 ||
		       store_damaged(store, (const char *)sqlite3_column_text(statement, 0));
	sqlite3_finalize(statement);
	return good;
}

struct store *store_open(const char *path, char **error)
{
	struct store *store;
	bool whole = !wal_missing(path);
	int lock = store_lock(path, error), persist = 1;

	if (lock < 0)
		return NULL;
	store = memory_zeroed(1, sizeof(*store));
	store->path = memory_string(path, strlen(path));
	store->lock = lock;
	store->retention = (struct retention){.round = INT64_MIN / 2, .step = SIZE_MAX, .wipe = true};
	if (sqlite3_open_v2(path, &store->database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
		store_fail(store, "cannot be opened");
	} else {
		sqlite3_busy_timeout(store->database, STORE_PATIENCE);
		wal_tend(store);
		/* The WAL files stay when the daemon is down, so that who may only read them still can. */
		sqlite3_file_control(store->database, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
		if (store_migrate(store) && (whole || store_check(store)))
			return store;
	}
	*error = memory_string(store->error, strlen(store->error));
	store_close(&store);
	return NULL;
}

void store_close(struct store **at)
{
	struct store *store = *at;

	if (!store)
		return;
	for (struct statement *statement = store->statements; statement->name; statement++)
		sqlite3_finalize(statement->prepared);
	sqlite3_close(store->database);
	close(store->lock);
	codec_free(&store->codec);
	free(store->address_sums.items);
	free(store->note);
	free(store->form.bytes);
	free(store->sealed.bytes);
	free(store->path);
	free(store->error);
	free(store);
	*at = NULL;
}

const char *store_error(const struct store *store)
{
	return store->error ? store->error : "no error";
}

char *store_note(struct store *store)
{
	char *note = store->note;

	store->note = NULL;
	return note;
}

/* How the database has addresses; false in trouble. *known: false where it is new. */
static bool store_privacy(struct store *store, bool *known, bool *hashed, bool *same)
{
	sqlite3_stmt *statement = statement_get(store, "privacy-get");
	int result;

	if (!statement)
		return false;
	result = sqlite3_step(statement);
	*known = result == SQLITE_ROW;
	if (*known) {
		struct slice how = slice_of((const char *)sqlite3_column_text(statement, 0));
		struct slice check = slice_of((const char *)sqlite3_column_text(statement, 1));

		*hashed = slice_is(how, "keyed-hash");
		*same = *hashed && store->privacy && slice_is(check, privacy_check(store->privacy));
	}
	sqlite3_reset(statement);
	return *known || result == SQLITE_DONE || store_fail(store, "privacy-get");
}

bool store_use(struct store *store, const struct privacy *privacy, const char *key_file)
{
	bool known, hashed = false, same = false;

	store->privacy = privacy;
	if (!store_privacy(store, &known, &hashed, &same))
		return false;
	if (!known)
		return statement_run(store, "privacy-put", "sss", privacy ? "keyed-hash" : "plain",
		                     privacy ? privacy_check(privacy) : NULL, privacy ? key_file : NULL);
	if (hashed && !privacy)
		return store_refuse(store, "its addresses are keyed hashes, and privacy.addresses is plain");
	if (!hashed && privacy)
		return store_refuse(store, "its addresses are plain, and privacy.addresses is keyed-hash: what is"
		                           " written stays as it is, so begin a new database");
	if (hashed && !same)
		return store_refuse(store, "its addresses are keyed hashes of another key than privacy.key_file has");
	return !hashed || statement_run(store, "privacy-put", "sss", "keyed-hash", privacy_check(privacy), key_file);
}

bool store_begin(struct store *store)
{
	store_rollback(store); /* of store_read(): it wrote nothing */
	return store_run(store, "BEGIN IMMEDIATE", "cannot be written");
}

/* One transaction for all that is looked up until the next checkpoint: each costs locks of the file. */
bool store_read(struct store *store)
{
	return !sqlite3_get_autocommit(store->database) || store_run(store, "BEGIN", "cannot be read");
}

bool store_commit(struct store *store)
{
	return store_run(store, "COMMIT", "cannot be committed");
}

void store_rollback(struct store *store)
{
	for (struct statement *statement = store->statements; statement->name; statement++)
		sqlite3_reset(statement->prepared);
	if (!sqlite3_get_autocommit(store->database))
		sqlite3_exec(store->database, "ROLLBACK", NULL, NULL, NULL);
}

static void bind_partition(sqlite3_stmt *statement, const struct store_position *position)
{
	sqlite3_bind_text(statement, 1, position->source, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 2, position->topic, -1, SQLITE_STATIC);
	sqlite3_bind_int(statement, 3, position->partition);
}

static int64_t store_time(sqlite3_stmt *row, int column)
{
	return sqlite3_column_type(row, column) == SQLITE_NULL ? INT64_MIN : sqlite3_column_int64(row, column);
}

void store_sync(struct store *store)
{
	sqlite3_wal_checkpoint_v2(store->database, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

bool store_position(struct store *store, struct store_position *position, bool *found)
{
	sqlite3_stmt *statement = statement_get(store, "source-get");
	int result;

	if (!statement)
		return false;
	bind_partition(statement, position);
	result = sqlite3_step(statement);
	*found = result == SQLITE_ROW;
	if (*found) {
		int64_t *fields[] = {&position->next_offset, &position->inode,    &position->lines, &position->events,
		                     &position->ignored,     &position->unparsed, &position->gap};

		for (int i = 0; i < 7; i++)
			*fields[i] = sqlite3_column_int64(statement, 3 + i);
		position->first_at = store_time(statement, 10);
		position->last_at = store_time(statement, 11);
		if (!statement_sound(statement)) {
			sqlite3_reset(statement);
			return store_damaged(store, "source");
		}
	}
	sqlite3_reset(statement);
	return *found || result == SQLITE_DONE || store_fail(store, "source-get");
}

bool store_told(struct store *store, const struct store_position *position, char **told, size_t *length)
{
	sqlite3_stmt *statement = statement_get(store, "source-told-get");
	int result;

	*told = NULL;
	if (!statement)
		return false;
	bind_partition(statement, position);
	result = sqlite3_step(statement);
	if (result == SQLITE_ROW) {
		struct slice opened = statement_opened(store, statement, 0);

		/* What cannot be opened is damaged, which its reader tells. */
		*length = opened.length;
		*told = memory_string(slice_given(opened) ? opened.bytes : "", opened.length);
	}
	sqlite3_reset(statement);
	return *told || result == SQLITE_DONE || store_fail(store, "source-told-get");
}

bool store_put_told(struct store *store, const struct store_position *p, const char *told, size_t length)
{
	if (!length)
		return statement_run(store, "source-told-delete", "ssi", p->source, p->topic, (int64_t)p->partition);
	return statement_run(store, "source-told-put", "ssix", p->source, p->topic, (int64_t)p->partition,
	                     (struct slice){told, length});
}

bool store_put_position(struct store *store, const struct store_position *p)
{
	return statement_run(store, "source-put", "ssiiiiiiiimmk", p->source, p->topic, (int64_t)p->partition,
	                     p->next_offset, p->inode, p->lines, p->events, p->ignored, p->unparsed, p->gap,
	                     p->first_at, p->last_at);
}

bool store_put_unparsed(struct store *store, const struct store_position *p, int64_t offset, int64_t at, int64_t taken,
                        struct slice program, const char *reason, struct slice line)
{
	return statement_run(store, "unparsed-put", "ssiimtstm", p->source, p->topic, (int64_t)p->partition, offset, at,
	                     program, reason, slice_first(line, 4096), taken);
}
