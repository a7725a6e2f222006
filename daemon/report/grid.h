/* SPDX-License-Identifier: Apache-2.0
 *
 * A grid is a table on a terminal: columns as wide as what stands in them, as
 * far as the terminal's width allows. Where it does not, texts are cut and
 * the columns that can be spared are left out; figures are never cut. All text
 * handed in is safe (safe.h).
 */
#ifndef MAILSTORM_REPORT_GRID_H
#define MAILSTORM_REPORT_GRID_H

#include <stddef.h>
#include <stdio.h>

#include "daemon/report/safe.h"

enum grid_kind {
	GRID_WORD,   /* to the left, never cut */
	GRID_TEXT,   /* to the left, cut where it must be */
	GRID_NAME,   /* the same, but other columns go before it is cut to less than a usual address */
	GRID_FIGURE, /* to the right, never cut */
	GRID_PROSE   /* the last column: goes on in further lines */
};

struct grid_column {
	const char *heading;
	enum grid_kind kind;
	int spare; /* 0: always shown; else the largest is left out first where the terminal is narrow */
};

struct grid;

/* Rows go to `out`: from the thousandth on at once, in the widths that those before it needed. The columns stay the
 * caller's, and there while the grid is. */
struct grid *grid_new(FILE *out, const struct grid_column *columns, size_t count, int width, enum safe_target target);

/* Adds a row: a text for each column, copied. */
void grid_add(struct grid *grid, const char *const *cells);

/* Writes what is not written yet (the headings also where there was no row), and frees. Clears *grid. */
void grid_end(struct grid **grid);

#endif
