/* SPDX-License-Identifier: Apache-2.0
 *
 * CSV as RFC 4180 has it: a header line, CRLF, quotes where needed. An unknown
 * is an empty field, an empty text a quoted one. A text that a spreadsheet
 * would take for a formula gets an apostrophe before it; numbers stay
 * numbers. Times (columns that are named so) are in the printer's zone. The
 * text is UTF-8 and safe to print.
 */
#include "daemon/report/printer_kind.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/report/when.h"

/* Beginnings that some spreadsheet calculates: with the full-width forms that East Asian versions accept. */
static bool is_formula(const char *text)
{
	static const char *const beginnings[] =
		{"=", "+", "-", "@", "\t", "\r", "\n", "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"};

	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++) {
		if (strncmp(text, beginnings[i], strlen(beginnings[i])) == 0)
			return true;
	}
	return false;
}

static void put_field(FILE *out, const char *bytes, size_t length)
{
	char *safe = safe_text(bytes, length, SAFE_FILE);
	size_t end = strlen(safe);
	bool formula = is_formula(safe) || (length > 0 && bytes[0] == '\r');
	bool quoted = formula || end == 0 || strpbrk(safe, ",;\"\n\t") || safe[0] == ' ' || safe[end - 1] == ' ';

	if (quoted)
		putc('"', out);
	if (formula)
		putc('\'', out);
	for (const char *at = safe; *at; at++) {
		if (*at == '"')
			putc('"', out);
		putc(*at, out);
	}
	if (quoted)
		putc('"', out);
	free(safe);
}

static void csv_begin(struct printer *printer, sqlite3_stmt *statement)
{
	for (int i = 0; i < sqlite3_column_count(statement); i++)
		fprintf(printer->out, "%s%s", i ? "," : "", sqlite3_column_name(statement, i));
	fputs("\r\n", printer->out);
}

static void put_time(const struct printer *printer, const char *iso)
{
	char text[WHEN_SIZE];
	const char *time = when_iso(text, iso, printer->zone);

	put_field(printer->out, time, strlen(time));
}

/* "at", "opened_at" */
static bool is_time(const char *column)
{
	size_t length = strlen(column);

	return strcmp(column, "at") == 0 || (length > 3 && strcmp(column + length - 3, "_at") == 0);
}

static void csv_row(struct printer *printer, sqlite3_stmt *statement)
{
	for (int i = 0; i < sqlite3_column_count(statement); i++) {
		int type = sqlite3_column_type(statement, i);
		const char *bytes = (const char *)sqlite3_column_text(statement, i);

		if (i > 0)
			putc(',', printer->out);
		if (bytes && (type == SQLITE_INTEGER || type == SQLITE_FLOAT))
			fputs(bytes, printer->out);
		else if (bytes && printer->zone && is_time(sqlite3_column_name(statement, i)))
			put_time(printer, bytes);
		else if (bytes)
			put_field(printer->out, bytes, (size_t)sqlite3_column_bytes(statement, i));
	}
	fputs("\r\n", printer->out);
}

static void csv_nothing(struct printer *printer)
{
	(void)printer;
}

const struct printer_kind printer_kind_csv = {"csv", csv_nothing, csv_begin, csv_row, csv_nothing, csv_nothing};
