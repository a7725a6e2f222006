/* SPDX-License-Identifier: Apache-2.0
 *
 * Exchange's message tracking log and Microsoft 365's message trace, as CSV: a
 * line is a row, or a header that says which columns the rows after it have.
 */
#ifndef MAILSTORM_PARSERS_TRACKING_H
#define MAILSTORM_PARSERS_TRACKING_H

#include <stdio.h>

#include "parsers/arena.h"
#include "parsers/columns.h"
#include "parsers/timestamp.h"

/* The orders of columns that were told in one source, by file and number of columns. */
struct tracking;

struct tracking *tracking_new(void);
void tracking_free(struct tracking **tracking);

/* What a row says. Slices point into the line, into fixed text or into the arena. */
struct tracking_row {
	struct timestamp stamp; /* local time where it names no zone */
	bool numbered;          /* the time was told as a number instead: */
	int64_t time;           /* microseconds since 1970 */
	int32_t resolution;
	struct slice host;    /* of the server that wrote it; not given where the row does not tell */
	struct slice program; /* "exchange", "m365" */
	struct row row;
};

enum tracking_result {
	TRACKING_ROW,
	TRACKING_HEADER, /* says which columns follow: noted, if there is a source to note it in */
	TRACKING_REMARK, /* "#Software", "#Date", ...: says nothing */
	TRACKING_OTHER,  /* no line of such a log */
	TRACKING_BAD     /* one that cannot be read; *reason says why */
};

/* Reads a line; *out is set where it is a row. layouts: the orders of rows without a header. tracking: of its source, or
 * NULL. file: hash of the file's name where a wrapper tells it, else 0: headers are kept apart by it. header: the line may
 * be a header without '#' before it (Microsoft 365). */
enum tracking_result tracking_read(const struct layouts *layouts, struct tracking *tracking, uint64_t file,
                                   struct slice line, bool header, struct arena *arena, struct tracking_row *out,
                                   const char **reason);

/* What stands between the cells of a row of this file that goes on in the next line. */
char tracking_comma(const struct tracking *tracking, uint64_t file);

/* No order was told yet. */
bool tracking_empty(const struct tracking *tracking);

/* Writes the orders that were told, a line each: "columns FILE NAME,NAME,...", the oldest first. */
void tracking_save(const struct tracking *tracking, FILE *out);
/* Reads one such line. False where it is none. */
bool tracking_restore(struct tracking *tracking, struct slice line);

/* A server stands with its domain in some columns and without in others: its first label, folded, is its name. Made in the
 * arena. */
struct slice tracking_server(struct slice name, struct arena *arena);

/* The server that wrote the row; not given where it does not tell. */
struct slice tracking_host(const struct row *row, struct arena *arena);

/* The row's text for the rules. time: of the row, for its latency. */
struct slice tracking_row_text(const struct tracking_row *row, int64_t time, struct arena *arena);

#endif
