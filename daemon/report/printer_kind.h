/* SPDX-License-Identifier: Apache-2.0
 *
 * What a kind of printer must do: a few functions, called in the order
 * open, (begin, row..., end)..., close. For the printers' own files only.
 */
#ifndef MAILSTORM_REPORT_PRINTER_KIND_H
#define MAILSTORM_REPORT_PRINTER_KIND_H

#include "daemon/report/printer.h"

struct grid;
struct grid_column;

struct printer_kind {
	const char *name;
	void (*open)(struct printer *printer);
	void (*begin)(struct printer *printer, sqlite3_stmt *statement);
	void (*row)(struct printer *printer, sqlite3_stmt *statement);
	void (*end)(struct printer *printer);
	void (*close)(struct printer *printer);
};

struct printer {
	const struct printer_kind *kind;
	FILE *out;
	int width;
	enum safe_target target;
	const struct zone *zone;

	bool whole;     /* between open and close */
	uint64_t parts; /* of the whole, begun so far */
	/* the part at hand */
	const char *member;
	bool single;
	uint64_t rows;
	const struct printer_column *columns;
	size_t count;
	struct grid *grid;
	struct grid_column *grid_columns;
	char **headings;
};

extern const struct printer_kind printer_kind_text;
extern const struct printer_kind printer_kind_json;
extern const struct printer_kind printer_kind_csv;

#endif
