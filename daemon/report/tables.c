/* SPDX-License-Identifier: Apache-2.0
 *
 * The commands that show one table each and nothing else: which columns a
 * terminal shows, which of them a narrow one does without, and what is said
 * where there is no row. Here too: whether an incident is there.
 */
#include "daemon/report/report.h"

#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum report_result report_check_incident(struct reader *reader, const struct report_request *request)
{
	if (reader_number(reader, "incident-exists", request->id) > 0)
		return REPORT_OK;
	return reader_error(reader) ? REPORT_DATABASE : REPORT_NO_INCIDENT;
}

/* nothing: what text says where there is no row. */
static enum report_result put_table(struct reader *reader, struct printer *printer, const char *name, int64_t id,
                                    const struct printer_column *columns, size_t count, const char *nothing)
{
	int64_t rows = printer_table(printer, reader, name, id, columns, count);

	if (rows == 0 && printer_is_text(printer))
		fprintf(printer_out(printer), "%s\n", nothing);
	return rows < 0 ? REPORT_DATABASE : REPORT_OK;
}

enum report_result report_ledger(struct reader *reader, struct printer *printer, const struct report_request *request)
{
	static const struct printer_column columns[] = {
		{"LEDGER", PRINTER_WORD, 0},
		{"COUNT", PRINTER_COUNT, 0},
		{"WHAT IT COUNTS", PRINTER_PROSE, 0},
	};
	enum report_result result = report_check_incident(reader, request);

	if (result != REPORT_OK)
		return result;
	return put_table(reader, printer, "ledger", request->id, columns, COUNT(columns),
	                 "The database holds no ledger of it.");
}

enum report_result report_lists(struct reader *reader, struct printer *printer, const struct report_request *request)
{
	static const struct printer_column columns[] = {
		{"LIST", PRINTER_TEXT, 0},       {"KIND", PRINTER_WORD, 3},      {"MEMBERS", PRINTER_COUNT, 0},
		{"POSTERS", PRINTER_COUNT, 4},   {"POSTS", PRINTER_COUNT, 0},    {"DELIVERIES", PRINTER_COUNT, 0},
		{"FIRST POST", PRINTER_TIME, 5}, {"LAST POST", PRINTER_TIME, 1}, {"CLOSED", PRINTER_TIME, 2},
	};

	(void)request;
	return put_table(reader, printer, "lists", 0, columns, COUNT(columns), "No lists.");
}

enum report_result report_hours(struct reader *reader, struct printer *printer, const struct report_request *request)
{
	static const struct printer_column columns[] = {
		{"HOUR", PRINTER_TIME, 0},     {"DELIVERIES", PRINTER_COUNT, 0}, {"DEFERRED", PRINTER_COUNT, 3},
		{"BOUNCED", PRINTER_COUNT, 4}, {"REJECTED", PRINTER_COUNT, 5},   {"P50", PRINTER_DURATION, 6},
		{"P95", PRINTER_DURATION, 0},  {"P99", PRINTER_DURATION, 7},     {"OVER 5M", PRINTER_COUNT, 1},
		{"OVER 1H", PRINTER_COUNT, 2}, {"OVER 3H", PRINTER_COUNT, 2},
	};

	reader_set(reader, ":host", request->host);
	return put_table(reader, printer, "hours", 0, columns, COUNT(columns), "No mail.");
}
