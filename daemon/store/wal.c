/* SPDX-License-Identifier: Apache-2.0
 *
 * When the log is written back, see wal.h. It is written back after so many
 * pages, as SQLite would by itself, and waits for nobody. Where the log has grown
 * long all the same, readers are waited for, for a moment; where that does not
 * help, one of them stays, and the operator is told, once, and when it is over.
 */
#include "daemon/store/wal.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "daemon/base/memory.h"

#define WRITE_BACK 1000 /* pages: SQLite's own */
#define LONG (32 * 256) /* pages of 4 kB */
#define PATIENCE 200    /* milliseconds for readers to leave, each time */

static void wal_note(struct store *store, int pages)
{
	bool is_long = pages > LONG;

	if (is_long == store->wal_long)
		return;
	store->wal_long = is_long;
	store->wal_retry = is_long ? store->wal_retry : 0;
	free(store->note);
	if (asprintf(
		    &store->note,
		    is_long ? "%s-wal: has grown to %d MB: somebody reads the database in one long transaction; it grows until "
			      "that ends"
			    : "%s-wal: is short again (it was over %d MB)",
		    store->path, is_long ? pages / 256 : LONG / 256) < 0)
		abort();
}

static int wal_committed(void *with, sqlite3 *database, const char *name, int pages)
{
	struct store *store = with;

	if (pages >= WRITE_BACK)
		sqlite3_wal_checkpoint_v2(database, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	if (pages > LONG && pages >= store->wal_retry) {
		sqlite3_busy_timeout(database, PATIENCE);
		if (sqlite3_wal_checkpoint_v2(database, name, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) == SQLITE_OK)
			pages = 0;
		sqlite3_busy_timeout(database, STORE_PATIENCE);
		store->wal_retry = pages + LONG / 4;
	}
	wal_note(store, pages);
	return SQLITE_OK;
}

void wal_tend(struct store *store)
{
	sqlite3_wal_hook(store->database, wal_committed, store);
}

bool wal_missing(const char *path)
{
	struct stat database, log;
	char *name;
	bool missing;

	if (asprintf(&name, "%s-wal", path) < 0)
		abort();
	missing = stat(path, &database) == 0 && database.st_size > 0 && stat(name, &log) != 0;
	free(name);
	return missing;
}
