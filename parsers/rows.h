/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines that are rows of a table: a tracking log's, a message trace's, as CSV
 * or as JSON. Which they are, and what was told about them before, see envelope.h.
 */
#ifndef MAILSTORM_PARSERS_ROWS_H
#define MAILSTORM_PARSERS_ROWS_H

#include "envelope.h"
#include "parsers/trace.h"
#include "parsers/tracking.h"

struct rows; /* one a thread */

/* settings: NULL for the defaults; not kept. */
struct rows *rows_new(const struct settings *settings);
void rows_free(struct rows **rows);
void rows_use(struct rows *rows, struct envelope_source *source);

/* Before the first rows_open() of a line; raw: as it came. */
void rows_begin(struct rows *rows, struct slice raw);

/* No order of columns was told or configured by which a line could be a row that does not begin as rows do. */
bool rows_idle(const struct rows *rows);

/* See envelope_again(), envelope_flush(). */
bool rows_again(struct rows *rows, struct slice *line);
bool rows_flush(struct rows *rows, struct arena *arena);

/* What the line told of those after it; false where nothing. */
bool rows_told(const struct rows *rows, struct envelope_told *told);

enum rows_result {
	ROWS_ROW,
	ROWS_NOTHING, /* a header, or a part of a document or row that does not end in it */
	ROWS_AGAIN,   /* lines that were held back are no row: rows_again() */
	ROWS_OTHER,   /* no such line */
	ROWS_BAD      /* *reason */
};

/* Reads a line that is not empty; the first row of several. header: it was no line of another kind, so it may be a bare
 * header. */
enum rows_result rows_open(struct rows *rows, struct slice line, uint64_t file, bool header, struct arena *arena,
                           struct tracking_row *out, const char **reason);

/* The next row of the line, else false. */
bool rows_more(struct rows *rows, struct arena *arena, struct tracking_row *out);

#endif
