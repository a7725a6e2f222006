/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of incidents. It decides only which columns a terminal shows, and
 * which of them a narrow one does without.
 */
#include "daemon/report/report.h"

enum report_result report_incidents(struct reader *reader, struct printer *printer,
                                    const struct report_request *request)
{
	static const struct printer_column columns[] = {
		{"ID", PRINTER_WORD, 0},           {"STATE", PRINTER_WORD, 0},      {"OPENED", PRINTER_TIME, 0},
		{"LIST", PRINTER_TEXT, 0},         {"SUBJECT", PRINTER_TEXT, 6},    {"POSTS", PRINTER_COUNT, 2},
		{"SENDERS", PRINTER_COUNT, 7},     {"MAILBOXES", PRINTER_COUNT, 5}, {"DELIVERIES", PRINTER_COUNT, 0},
		{"PER POST", PRINTER_REAL, 9},     {"PEAK/MIN", PRINTER_COUNT, 8},  {"OTHERS P95", PRINTER_DURATION, 4},
		{"LIST CLOSED", PRINTER_TIME, 10}, {"PENDING", PRINTER_COUNT, 1},
	};
	int64_t rows = printer_table(printer, reader, "incidents", 0, columns, sizeof(columns) / sizeof(columns[0]));

	(void)request;
	if (rows == 0 && printer_is_text(printer))
		fputs("No incidents.\n", printer_out(printer));
	return rows < 0 ? REPORT_DATABASE : REPORT_OK;
}
