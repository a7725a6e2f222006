/* SPDX-License-Identifier: Apache-2.0
 *
 * Text for people: a grid of cells written as words.h has them. An unknown is
 * a "-". A part's rows only: headings and sentences are the report's.
 */
#define _GNU_SOURCE
#include "daemon/report/printer_kind.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/report/grid.h"
#include "daemon/report/when.h"
#include "daemon/report/words.h"

char *printer_text_cell(const struct printer *printer, sqlite3_stmt *statement, int column, enum printer_cell cell)
{
	enum safe_target target = printer->target;
	const char *bytes = (const char *)sqlite3_column_text(statement, column);
	size_t length = (size_t)sqlite3_column_bytes(statement, column);
	char words[WORDS_SIZE], time[WHEN_SIZE];
	const char *text = words;

	if (!bytes)
		return memory_string("-", 1);
	switch (cell) {
	case PRINTER_COUNT: words_count(words, sqlite3_column_int64(statement, column)); break;
	case PRINTER_REAL: words_real(words, sqlite3_column_double(statement, column)); break;
	case PRINTER_DURATION: words_duration(words, sqlite3_column_int64(statement, column)); break;
	case PRINTER_TIME: text = when_words(time, bytes, printer->zone); break;
	case PRINTER_SENDER:
		if (length > 0)
			return safe_text(bytes, length, target);
		text = "<>";
		break;
	case PRINTER_TEXT:
	case PRINTER_NAME:
	case PRINTER_WORD:
	case PRINTER_PROSE: return safe_text(bytes, length, target);
	}
	return memory_string(text, strlen(text));
}

/* The heading of a time says which, unless each cell does. malloc'ed. */
static char *heading_of(const struct printer *printer, const struct printer_column *column)
{
	bool utc = column->cell == PRINTER_TIME && !printer->zone;
	char *heading = NULL;

	if (asprintf(&heading, "%s%s", column->heading, utc ? " (UTC)" : "") < 0)
		abort();
	return heading;
}

static void text_begin(struct printer *printer, sqlite3_stmt *statement)
{
	(void)statement;
	printer->grid_columns = memory_zeroed(printer->count, sizeof(*printer->grid_columns));
	printer->headings = memory_zeroed(printer->count, sizeof(*printer->headings));
	for (size_t i = 0; i < printer->count; i++) {
		enum printer_cell cell = printer->columns[i].cell;
		struct grid_column *column = &printer->grid_columns[i];

		column->heading = printer->headings[i] = heading_of(printer, &printer->columns[i]);
		column->spare = printer->columns[i].spare;
		column->kind = cell == PRINTER_PROSE                            ? GRID_PROSE
		               : cell == PRINTER_NAME                           ? GRID_NAME
		               : cell == PRINTER_TEXT || cell == PRINTER_SENDER ? GRID_TEXT
		               : cell == PRINTER_WORD || cell == PRINTER_TIME   ? GRID_WORD
		                                                                : GRID_FIGURE;
	}
	printer->grid = grid_new(printer->out, printer->grid_columns, printer->count, printer->width, printer->target);
}

static void text_row(struct printer *printer, sqlite3_stmt *statement)
{
	char **cells = memory_zeroed(printer->count, sizeof(*cells));

	for (size_t i = 0; i < printer->count; i++)
		cells[i] = printer_text_cell(printer, statement, (int)i, printer->columns[i].cell);
	grid_add(printer->grid, (const char *const *)cells);
	for (size_t i = 0; i < printer->count; i++)
		free(cells[i]);
	free(cells);
}

static void text_end(struct printer *printer)
{
	grid_end(&printer->grid);
	for (size_t i = 0; i < printer->count; i++)
		free(printer->headings[i]);
	free(printer->headings);
	free(printer->grid_columns);
	printer->grid_columns = NULL;
	printer->headings = NULL;
}

static void text_nothing(struct printer *printer)
{
	(void)printer;
}

const struct printer_kind printer_kind_text = {"text", text_nothing, text_begin, text_row, text_end, text_nothing};
