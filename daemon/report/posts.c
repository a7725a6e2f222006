/* SPDX-License-Identifier: Apache-2.0
 *
 * An incident's posts: the table of them, or the bare Message-IDs that a tool
 * which clears mailboxes takes. Of bare ids nothing may be lost in silence:
 * posts that have none are told of beside the output.
 */
#include "daemon/report/report.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/report/key.h"
#include "daemon/report/words.h"

/* One a line, no heading. A control character in one is shown as an escape: such an id finds nothing anywhere. */
static int64_t put_message_ids(struct reader *reader, struct printer *printer, int64_t id, bool opened)
{
	sqlite3_stmt *rows = reader_prepare(reader, opened ? "message-ids-opened.csv" : "message-ids.csv", id);
	int64_t count = 0;

	for (; rows && reader_row(reader, rows); count++) {
		const char *bytes = (const char *)sqlite3_column_text(rows, 0);
		char *safe =
			safe_text(bytes ? bytes : "", (size_t)sqlite3_column_bytes(rows, 0), printer_target(printer));

		fprintf(printer_out(printer), "%s\n", safe);
		free(safe);
	}
	sqlite3_finalize(rows);
	return reader_error(reader) ? -1 : count;
}

/* opened: they are stored as hashes, and the key is at hand. */
static int64_t message_ids(struct reader *reader, struct printer *printer, int64_t id, bool opened)
{
	int64_t forgotten = opened ? reader_number(reader, "message-ids-opened.forgotten", id) : 0;
	int64_t nameless = reader_number(reader, "message-ids.nameless", id);
	char words[WORDS_SIZE];

	if (nameless > 0)
		fprintf(stderr,
		        "mailstorm: posts: %s of incident %lld that may be in mailboxes %s no Message-ID in the logs\n",
		        words_count(words, nameless), (long long)id, nameless == 1 ? "has" : "have");
	if (forgotten > 0)
		fprintf(stderr,
		        "mailstorm: posts: %s of incident %lld: only the hash of the Message-ID is kept by now\n",
		        words_count(words, forgotten), (long long)id);
	if (printer_is_text(printer))
		return put_message_ids(reader, printer, id, opened);
	return printer_table(printer, reader, opened ? "message-ids-opened" : "message-ids", id, NULL, 0);
}

/* Mailboxes are cleared by the Message-IDs themselves: where they are stored as hashes, that takes the key. */
static enum report_result report_message_ids(struct reader *reader, struct printer *printer,
                                             const struct report_request *request)
{
	struct privacy *key = NULL;
	int64_t count;

	if (key_needed(reader)) {
		key = key_load(reader, request->key_file, request->trouble);
		if (!key)
			return reader_error(reader) ? REPORT_DATABASE : REPORT_NO_KEY;
		key_open(reader, key);
	}
	count = message_ids(reader, printer, request->id, key != NULL);
	privacy_free(&key);
	return count < 0 ? REPORT_DATABASE : REPORT_OK;
}

enum report_result report_posts(struct reader *reader, struct printer *printer, const struct report_request *request)
{
	static const struct printer_column columns[] = {
		{"POSTED", PRINTER_TIME, 0},     {"SENDER", PRINTER_SENDER, 0},    {"SUBJECT", PRINTER_TEXT, 6},
		{"AUTOMATIC", PRINTER_COUNT, 9}, {"RECIPIENTS", PRINTER_COUNT, 2}, {"DELIVERED", PRINTER_COUNT, 0},
		{"DEFERRED", PRINTER_COUNT, 5},  {"BOUNCED", PRINTER_COUNT, 4},    {"EXPIRED", PRINTER_COUNT, 8},
		{"PENDING", PRINTER_COUNT, 1},   {"BYTES", PRINTER_COUNT, 7},      {"MESSAGE-ID", PRINTER_TEXT, 3},
	};
	enum report_result result = report_check_incident(reader, request);
	int64_t rows;

	if (result != REPORT_OK)
		return result;
	if (request->message_ids)
		return report_message_ids(reader, printer, request);
	rows = printer_table(printer, reader, "posts", request->id, columns, sizeof(columns) / sizeof(columns[0]));
	return rows < 0 ? REPORT_DATABASE : REPORT_OK;
}
