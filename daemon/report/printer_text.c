/* SPDX-License-Identifier: Apache-2.0
 *
 * Text for people: a grid of cells written as words.h has them. An unknown is
 * a "-". A part's rows only: headings and sentences are the report's.
 */
#include "daemon/report/printer_kind.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/report/grid.h"
#include "daemon/report/words.h"

char *printer_text_cell(sqlite3_stmt *statement, int column, enum printer_cell cell, enum safe_target target)
{
	const char *bytes = (const char *)sqlite3_column_text(statement, column);
	size_t length = (size_t)sqlite3_column_bytes(statement, column);
	char words[WORDS_SIZE];
	const char *text = words;

	if (!bytes)
		return memory_string("-", 1);
	switch (cell) {
	case PRINTER_COUNT: words_count(words, sqlite3_column_int64(statement, column)); break;
	case PRINTER_REAL: words_real(words, sqlite3_column_double(statement, column)); break;
	case PRINTER_DURATION: words_duration(words, sqlite3_column_int64(statement, column)); break;
	case PRINTER_TIME: words_time(words, bytes); break;
	case PRINTER_SENDER:
		if (length > 0)
			return safe_text(bytes, length, target);
		text = "<>";
		break;
	case PRINTER_TEXT:
	case PRINTER_WORD:
	case PRINTER_PROSE: return safe_text(bytes, length, target);
	}
	return memory_string(text, strlen(text));
}

static void text_begin(struct printer *printer, sqlite3_stmt *statement)
{
	(void)statement;
	printer->grid_columns = memory_zeroed(printer->count, sizeof(*printer->grid_columns));
	for (size_t i = 0; i < printer->count; i++) {
		enum printer_cell cell = printer->columns[i].cell;
		struct grid_column *column = &printer->grid_columns[i];

		column->heading = printer->columns[i].heading;
		column->spare = printer->columns[i].spare;
		column->kind = cell == PRINTER_PROSE                            ? GRID_PROSE
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
		cells[i] = printer_text_cell(statement, (int)i, printer->columns[i].cell, printer->target);
	grid_add(printer->grid, (const char *const *)cells);
	for (size_t i = 0; i < printer->count; i++)
		free(cells[i]);
	free(cells);
}

static void text_end(struct printer *printer)
{
	grid_end(&printer->grid);
	free(printer->grid_columns);
	printer->grid_columns = NULL;
}

static void text_nothing(struct printer *printer)
{
	(void)printer;
}

const struct printer_kind printer_kind_text = {"text", text_nothing, text_begin, text_row, text_end, text_nothing};
