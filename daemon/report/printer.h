/* SPDX-License-Identifier: Apache-2.0
 *
 * One interface for text, JSON and CSV. A printer writes results of named
 * statements: one table, or several parts of one whole. What a cell looks
 * like is the printer's business: a report says only what it is.
 */
#ifndef MAILSTORM_REPORT_PRINTER_H
#define MAILSTORM_REPORT_PRINTER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "daemon/base/zone.h"
#include "daemon/report/reader.h"
#include "daemon/report/safe.h"

/* What a column of a statement for text is. */
enum printer_cell {
	PRINTER_TEXT,     /* somebody's text: cut where it must be */
	PRINTER_NAME,     /* an address: other columns go first */
	PRINTER_SENDER,   /* the same; the empty one is the null sender */
	PRINTER_WORD,     /* a short text of ours or of the mail system */
	PRINTER_COUNT,    /* 1,234,567 */
	PRINTER_REAL,     /* 79.2 */
	PRINTER_TIME,     /* 2016-11-14 08:29:11, its heading says "(UTC)"; with a zone 2016-11-14 09:29:11 CET */
	PRINTER_DURATION, /* milliseconds: 2m09s */
	PRINTER_PROSE     /* the last one: a sentence */
};

struct printer_column {
	const char *heading;
	enum printer_cell cell;
	int spare; /* see grid_column */
};

struct printer;

/* The printer that has this name ("text", "json", "csv"); NULL where none has. Writes to `out`, which stays the
 * caller's, for a terminal of `width` columns; target tells what that can show (text only). zone: that of times, NULL
 * for UTC as the views have it; stays the caller's. */
struct printer *printer_new(const char *name, FILE *out, int width, enum safe_target target, const struct zone *zone);
void printer_free(struct printer **printer);

const char *printer_name(const struct printer *printer);
bool printer_is_text(const struct printer *printer);
FILE *printer_out(const struct printer *printer);
int printer_width(const struct printer *printer);
enum safe_target printer_target(const struct printer *printer);
const struct zone *printer_zone(const struct printer *printer);

/* A whole of several parts begins, and ends. A result of one table needs neither. */
void printer_open(struct printer *printer);
void printer_close(struct printer *printer);

/* Writes the rows of a statement. member: its name within the whole, NULL for one table. single: it has one row and
 * is that thing, not a list of things. columns: those of the statement that the text shows, from its
 * first on; JSON and CSV take all there are. Returns the number of rows; -1: reader_error(). */
int64_t printer_part(struct printer *printer, struct reader *reader, const char *member, bool single,
                     const char *statement, int64_t id, const struct printer_column *columns, size_t count);

/* Writes the rows of the statement NAME.text, NAME.json or NAME.csv, as printer_part() does. */
int64_t printer_table(struct printer *printer, struct reader *reader, const char *name, int64_t id,
                      const struct printer_column *columns, size_t count);

/* One value as text has it: unknown is "-". malloc'ed, safe. */
char *printer_text_cell(const struct printer *printer, sqlite3_stmt *statement, int column, enum printer_cell cell);

#endif
