/* SPDX-License-Identifier: Apache-2.0
 *
 * The store's inside: its connection and its prepared statements, known by
 * their names in schema/statements.sql, prepared when first used.
 */
#ifndef MAILSTORM_STORE_STATEMENT_H
#define MAILSTORM_STORE_STATEMENT_H

#include <sqlite3.h>

#include "daemon/base/privacy.h"
#include "daemon/correlate/spill.h"
#include "daemon/store/codec.h"
#include "daemon/store/store.h"

struct statement {
	const char *name;
	sqlite3_stmt *prepared;
};

#define STATEMENTS_MAX 128
#define STORE_PATIENCE 10000 /* milliseconds to wait for others */

/* Retention, see retain.c. */
struct retention {
	int64_t round;  /* the log's clock when the last round began */
	size_t step;    /* of the round that is under way; past the last: none is */
	size_t next;    /* the step once this transaction is committed */
	int64_t period; /* of lists' members */
	int turn;       /* this transaction made the members of this period those before (1), or forgot all (2) */
	bool wipe;      /* the WAL may have bytes of what was taken out */
};

/* Checksums of addresses by number, see text_rows.c. */
struct address_sums {
	uint32_t *items;
	uint32_t count; /* whole blocks */
};

struct store {
	char *path;
	int lock; /* descriptor that holds the writer's lock */
	sqlite3 *database;
	char *error;
	struct statement statements[STATEMENTS_MAX];
	char *note;                    /* for the operator; NULL: none */
	bool wal_long;                 /* that was told */
	int wal_retry;                 /* pages of the log at which readers are waited for again */
	struct codec codec;            /* for writing */
	const struct privacy *privacy; /* addresses are written under it; NULL: plain */
	struct privacy_text form;      /* for writing */
	struct privacy_text sealed;    /* for writing, and for reading */
	struct address_sums address_sums;
	struct retention retention;
	struct spill_store spill;
};

/* Sets the error text "PATH: what: why" from the connection; returns false. */
bool store_fail(struct store *store, const char *what);
/* Likewise, of rows that are not what was written; what is wrong. */
bool store_damaged(struct store *store, const char *what);

/* Before rows are looked up, many times, between checkpoints. False in trouble. */
bool store_read(struct store *store);

/* The SQL under a name in schema/statements.sql; never NULL. */
const char *statement_text(const char *name);

/* The named statement, reset; NULL in trouble. name is a literal. */
sqlite3_stmt *statement_get(struct store *store, const char *name);

/* Runs a statement without rows. types, a letter per parameter:
 *   i int64_t; m int64_t, NULL where TIME_NONE; n int64_t, NULL where negative; d double, NULL where negative;
 *   t struct slice, NULL where not given; s const char *, NULL where NULL; b const void *, size_t;
 *   k no argument: the checksum of the values before, 32 bits.
 * Slices that name people, written as privacy asks: a an address or login; h a Message-ID; l a list; p a text with
 * addresses in it; x bytes that only we read: sealed. */
bool statement_run(struct store *store, const char *name, const char *types, ...);

/* Whether a row's last column is the checksum of the others, or NULL, which an earlier version left. */
bool statement_sound(sqlite3_stmt *row);

/* After the last row, or what came in place of it: resets the statement. False in trouble. */
bool statement_end(struct store *store, sqlite3_stmt *statement, int result, const char *name);

/* The text of a column, until the next step; not given where it is NULL. */
struct slice statement_column(sqlite3_stmt *row, int column);

/* What was written as x: the bytes of a column, until the next; not given where they are none of this key's. */
struct slice statement_opened(struct store *store, sqlite3_stmt *row, int column);

#endif
