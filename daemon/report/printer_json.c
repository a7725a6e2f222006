/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON: each row of a statement is a JSON text that SQLite made; this file
 * puts brackets around them. On the way out, what is no UTF-8 becomes
 * U+FFFD, and what a terminal or a reader's eye would be misled by is written
 * as an escape, which means the same: such characters stand in strings only.
 */
#include "daemon/report/printer_kind.h"

/* A UTF-16 escape, or two. */
static void put_escape(FILE *out, uint32_t character)
{
	if (character >= 0x10000) {
		fprintf(out, "\\u%04x", (unsigned)(0xd800 + ((character - 0x10000) >> 10)));
		character = 0xdc00 + ((character - 0x10000) & 0x3ff);
	}
	fprintf(out, "\\u%04x", (unsigned)character);
}

static void put_json(FILE *out, const char *json, size_t length)
{
	size_t plain = 0; /* where what is written as it is begins */

	for (size_t at = 0, used; at < length; at += used) {
		uint32_t character = safe_decode(json + at, length - at, &used);

		if (character != UINT32_MAX && !safe_hidden(character))
			continue;
		fwrite(json + plain, 1, at - plain, out);
		put_escape(out, character == UINT32_MAX ? 0xfffd : character);
		plain = at + used;
	}
	fwrite(json + plain, 1, length - plain, out);
}

static void json_open(struct printer *printer)
{
	fputs("{\n", printer->out);
}

static void json_begin(struct printer *printer, sqlite3_stmt *statement)
{
	(void)statement;
	if (printer->parts > 0 && printer->member)
		fputs(",\n", printer->out);
	if (printer->member)
		fprintf(printer->out, "\"%s\": ", printer->member);
	if (!printer->single)
		putc('[', printer->out);
}

static void json_row(struct printer *printer, sqlite3_stmt *statement)
{
	const char *json = (const char *)sqlite3_column_text(statement, 0);

	if (!printer->single)
		fputs(printer->rows == 0 ? "\n" : ",\n", printer->out);
	if (json)
		put_json(printer->out, json, (size_t)sqlite3_column_bytes(statement, 0));
	else
		fputs("null", printer->out);
}

static void json_end(struct printer *printer)
{
	if (printer->single)
		fputs(printer->rows == 0 ? "null" : "", printer->out);
	else
		fputs(printer->rows == 0 ? "]" : "\n]", printer->out);
	if (!printer->whole)
		putc('\n', printer->out);
}

static void json_close(struct printer *printer)
{
	fputs("\n}\n", printer->out);
}

const struct printer_kind printer_kind_json = {"json", json_open, json_begin, json_row, json_end, json_close};
