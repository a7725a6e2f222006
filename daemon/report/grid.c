/* SPDX-License-Identifier: Apache-2.0
 *
 * Decides the widths of columns. Keeps the first thousand rows to see what
 * they need, then writes rows as they come, so that a table of millions of
 * rows takes no memory.
 */
#include "daemon/report/grid.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "daemon/base/memory.h"

#define SAMPLE_ROWS 1000
#define GAP 2
#define TEXT_LEAST 14
#define NAME_LEAST 36
#define PROSE_LEAST 30

struct grid {
	FILE *out;
	const struct grid_column *columns;
	size_t count;
	int width;
	enum safe_target target;
	int *widths;  /* what each column needs, then what it gets; -1: left out */
	char **cells; /* of the rows that are kept, row by row */
	size_t rows;
	bool begun;
};

struct grid *grid_new(FILE *out, const struct grid_column *columns, size_t count, int width, enum safe_target target)
{
	struct grid *grid = memory_zeroed(1, sizeof(*grid));

	assert(count > 0);
	grid->out = out;
	grid->columns = columns;
	grid->count = count;
	grid->width = width;
	grid->target = target;
	grid->widths = memory_zeroed(count, sizeof(*grid->widths));
	grid->cells = memory_zeroed(count * SAMPLE_ROWS, sizeof(*grid->cells));
	for (size_t i = 0; i < count; i++)
		grid->widths[i] = (int)strlen(columns[i].heading);
	return grid;
}

/* The least that the column can do with. */
static int least(const struct grid *grid, size_t i)
{
	int floor = grid->columns[i].kind == GRID_TEXT    ? TEXT_LEAST
	            : grid->columns[i].kind == GRID_NAME  ? NAME_LEAST
	            : grid->columns[i].kind == GRID_PROSE ? PROSE_LEAST
	                                                  : grid->widths[i];
	int heading = (int)strlen(grid->columns[i].heading);

	if (floor < heading)
		floor = heading;
	return floor < grid->widths[i] ? floor : grid->widths[i];
}

/* Columns that all of them take, as they are or (at_least) at their narrowest. */
static int total(const struct grid *grid, bool at_least)
{
	int sum = -GAP;

	for (size_t i = 0; i < grid->count; i++) {
		if (grid->widths[i] >= 0)
			sum += GAP + (at_least ? least(grid, i) : grid->widths[i]);
	}
	return sum;
}

/* Leaves out the column that can be spared most; false where none can. */
static bool leave_out(struct grid *grid)
{
	size_t chosen = grid->count;

	for (size_t i = 0; i < grid->count; i++) {
		int spare = grid->widths[i] < 0 ? 0 : grid->columns[i].spare;

		if (spare > 0 && (chosen == grid->count || spare >= grid->columns[chosen].spare))
			chosen = i;
	}
	if (chosen < grid->count)
		grid->widths[chosen] = -1;
	return chosen < grid->count;
}

/* Makes the widest column that can be narrower one narrower; false where none can. */
static bool narrow(struct grid *grid)
{
	size_t chosen = grid->count;

	for (size_t i = 0; i < grid->count; i++) {
		if (grid->widths[i] > 0 && grid->widths[i] > least(grid, i) &&
		    (chosen == grid->count || grid->widths[i] > grid->widths[chosen]))
			chosen = i;
	}
	if (chosen < grid->count)
		grid->widths[chosen]--;
	return chosen < grid->count;
}

static bool is_cut(enum grid_kind kind)
{
	return kind == GRID_TEXT || kind == GRID_NAME;
}

static void lay_out(struct grid *grid)
{
	int most = grid->width > PROSE_LEAST ? grid->width : PROSE_LEAST; /* a start for narrow() that is not far off */

	for (size_t i = 0; i < grid->count; i++) {
		bool cuttable = is_cut(grid->columns[i].kind) || grid->columns[i].kind == GRID_PROSE;

		if (cuttable && grid->widths[i] > most)
			grid->widths[i] = most;
	}
	while (total(grid, true) > grid->width && leave_out(grid))
		;
	while (total(grid, false) > grid->width && narrow(grid))
		;
}

/* Writes the rest of a text in further lines under its first. */
static void put_further_lines(const struct grid *grid, const char *text, size_t length, int indent, int columns)
{
	for (size_t next; length > 0; text += next, length -= next) {
		size_t line = safe_line(text, length, columns, &next);

		fprintf(grid->out, "%*s%.*s\n", indent, "", (int)line, text);
	}
}

static void put_row(const struct grid *grid, const char *const *cells)
{
	int indent = 0, owed = 0; /* spaces are written only before something */

	for (size_t i = 0; i < grid->count; i++) {
		enum grid_kind kind = grid->columns[i].kind;
		int columns = grid->widths[i];
		int width = safe_width(cells[i], strlen(cells[i]));

		if (columns < 0)
			continue;
		if (kind == GRID_PROSE) {
			size_t next, line = safe_line(cells[i], strlen(cells[i]), columns, &next);

			fprintf(grid->out, "%*s%.*s\n", owed, "", (int)line, cells[i]);
			put_further_lines(grid, cells[i] + next, strlen(cells[i]) - next, indent, columns);
			return;
		}
		if (width > columns && !is_cut(kind))
			columns = width;
		if (kind == GRID_FIGURE)
			owed += columns > width ? columns - width : 0;
		fprintf(grid->out, "%*s", width > 0 ? owed : 0, "");
		safe_put(grid->out, cells[i], width < columns ? width : columns, false, grid->target);
		owed = (width > 0 ? 0 : owed) + GAP + (kind == GRID_FIGURE || width > columns ? 0 : columns - width);
		indent += columns + GAP;
	}
	putc('\n', grid->out);
}

static void begin(struct grid *grid)
{
	const char **headings = memory_zeroed(grid->count, sizeof(*headings));

	lay_out(grid);
	for (size_t i = 0; i < grid->count; i++)
		headings[i] = grid->columns[i].heading;
	put_row(grid, headings);
	for (size_t row = 0; row < grid->rows; row++)
		put_row(grid, (const char *const *)grid->cells + row * grid->count);
	free(headings);
	grid->begun = true;
}

void grid_add(struct grid *grid, const char *const *cells)
{
	if (grid->begun) {
		put_row(grid, cells);
		return;
	}
	for (size_t i = 0; i < grid->count; i++) {
		size_t length = strlen(cells[i]);
		int width = safe_width(cells[i], length);

		if (width > grid->widths[i])
			grid->widths[i] = width;
		grid->cells[grid->rows * grid->count + i] = memory_string(cells[i], length);
	}
	if (++grid->rows == SAMPLE_ROWS)
		begin(grid);
}

void grid_end(struct grid **grid)
{
	if (!*grid)
		return;
	if (!(*grid)->begun)
		begin(*grid);
	for (size_t i = 0; i < (*grid)->rows * (*grid)->count; i++)
		free((*grid)->cells[i]);
	free((*grid)->cells);
	free((*grid)->widths);
	free(*grid);
	*grid = NULL;
}
