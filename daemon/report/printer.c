/* SPDX-License-Identifier: Apache-2.0
 *
 * The part of printers that is the same for all kinds: which kinds there are,
 * and the loop over a statement's rows. Trouble of the database is the
 * reader's to tell; trouble of the output shows in the stream (ferror).
 */
#define _GNU_SOURCE
#include "daemon/report/printer.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/report/printer_kind.h"

struct printer *printer_new(const char *name, FILE *out, int width, enum safe_target target, const struct zone *zone)
{
	static const struct printer_kind *const kinds[] = {&printer_kind_text, &printer_kind_json, &printer_kind_csv};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i]->name, name) == 0) {
			struct printer *printer = memory_zeroed(1, sizeof(*printer));

			printer->kind = kinds[i];
			printer->out = out;
			printer->width = width;
			printer->target = target;
			printer->zone = zone;
			return printer;
		}
	}
	return NULL;
}

void printer_free(struct printer **printer)
{
	free(*printer);
	*printer = NULL;
}

const char *printer_name(const struct printer *printer)
{
	return printer->kind->name;
}

bool printer_is_text(const struct printer *printer)
{
	return printer->kind == &printer_kind_text;
}

FILE *printer_out(const struct printer *printer)
{
	return printer->out;
}

int printer_width(const struct printer *printer)
{
	return printer->width;
}

enum safe_target printer_target(const struct printer *printer)
{
	return printer->target;
}

const struct zone *printer_zone(const struct printer *printer)
{
	return printer->zone;
}

void printer_open(struct printer *printer)
{
	printer->whole = true;
	printer->parts = 0;
	printer->kind->open(printer);
}

void printer_close(struct printer *printer)
{
	printer->kind->close(printer);
	printer->whole = false;
}

int64_t printer_part(struct printer *printer, struct reader *reader, const char *member, bool single,
                     const char *statement, int64_t id, const struct printer_column *columns, size_t count)
{
	sqlite3_stmt *rows = reader_prepare(reader, statement, id);

	if (!rows)
		return -1;
	printer->member = member;
	printer->single = single;
	printer->columns = columns;
	printer->count = count;
	printer->rows = 0;
	printer->kind->begin(printer, rows);
	for (; reader_row(reader, rows); printer->rows++)
		printer->kind->row(printer, rows);
	printer->kind->end(printer);
	printer->parts++;
	sqlite3_finalize(rows);
	return reader_error(reader) ? -1 : (int64_t)printer->rows;
}

int64_t printer_table(struct printer *printer, struct reader *reader, const char *name, int64_t id,
                      const struct printer_column *columns, size_t count)
{
	char *statement = NULL;
	int64_t rows;

	if (asprintf(&statement, "%s.%s", name, printer->kind->name) < 0)
		abort();
	rows = printer_part(printer, reader, NULL, false, statement, id, columns, count);
	free(statement);
	return rows;
}
