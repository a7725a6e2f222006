/* SPDX-License-Identifier: Apache-2.0
 *
 * The reader opens a mailstorm database to look, never to touch: also while
 * the daemon writes, and for somebody who may read the files only. All
 * statements of one reader see one state of the database. Statements are known
 * by their names in schema/report.sql and
 * report_tables.sql.
 */
#ifndef MAILSTORM_REPORT_READER_H
#define MAILSTORM_REPORT_READER_H

#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

#include "daemon/base/zone.h"

/* "MSTR": PRAGMA application_id of every mailstorm database. */
#define READER_APPLICATION_ID 0x4D535452

struct reader;

/* NULL and *error ("PATH: what: why", malloc'ed) where there is no such file, it is none of ours, or it is of a newer
 * version than this program. */
struct reader *reader_open(const char *path, char **error);

/* Ends the reading. False and *error where what was read cannot be relied on: the database was read without
 * locks, since nobody had it open, and then somebody opened it. */
bool reader_close(struct reader **reader, char **error);

/* Gives every statement from now on that has the parameter (":since") this text, which stays the caller's; NULL: none
 * again. Of a few parameters at a time. */
void reader_set(struct reader *reader, const char *parameter, const char *text);

/* From now on the SQL function in_zone() writes times as when_iso() does; NULL (so it begins): it leaves them alone. */
void reader_set_zone(struct reader *reader, const struct zone *zone);

/* Lets statements call an SQL function; with: what sqlite3_user_data() gives it. */
void reader_set_function(struct reader *reader, const char *name, int arguments,
                         void (*function)(sqlite3_context *, int, sqlite3_value **), void *with);

/* The named statement, :id bound where it has one (id 0: to NULL). The caller finalizes it. NULL: reader_error(). The
 * name must be there. */
sqlite3_stmt *reader_prepare(struct reader *reader, const char *name, int64_t id);

/* True where there is a further row; false at the end, and in trouble: then reader_error() tells. */
bool reader_row(struct reader *reader, sqlite3_stmt *statement);

/* When the files were last written, milliseconds since 1970. */
int64_t reader_written(const struct reader *reader);

/* "PATH: what: why" of the first trouble, or NULL. Owned by the reader. */
const char *reader_error(const struct reader *reader);

/* The first column of the named statement's first row; 0 in trouble or without one. */
int64_t reader_number(struct reader *reader, const char *name, int64_t id);

#endif
