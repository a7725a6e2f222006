/* SPDX-License-Identifier: Apache-2.0
 *
 * What is still queued of an incident: how much on which host and instance,
 * then the queue files. Or the bare queue IDs of one host, for postsuper(1):
 * a queue ID means something on its own host only, so of several hosts one
 * must be chosen, and nothing but a queue ID ever gets into that output.
 */
#include "daemon/report/report.h"

#include <inttypes.h>
#include <stdlib.h>

#include "daemon/report/prose.h"
#include "daemon/report/queue_now.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct totals {
	int64_t pending, files, hosts;
	const char *host; /* where there is one; the prose's */
};

static bool read_totals(struct reader *reader, struct prose *prose, int64_t id, struct totals *totals)
{
	sqlite3_stmt *row = reader_prepare(reader, "queued.totals", id);
	bool read = row && reader_row(reader, row);

	*totals = (struct totals){0};
	if (read) {
		totals->pending = sqlite3_column_int64(row, 0);
		totals->files = sqlite3_column_int64(row, 1);
		totals->hosts = sqlite3_column_int64(row, 2);
		totals->host = prose_text(prose, (const char *)sqlite3_column_text(row, 3));
	}
	sqlite3_finalize(row);
	return read;
}

static void say_totals(struct prose *prose, const struct report_request *request, const struct totals *totals)
{
	const char *host = prose_text(prose, request->host);

	if (totals->files == 0) {
		prose_say(prose, "Nothing of incident %" PRId64 " is queued%s%s.", request->id, host ? " on " : "",
		          host ? host : " any more");
		prose_end(prose);
		return;
	}
	prose_say(prose, "%s of incident %" PRId64 " %s still queued, in %s on ",
	          prose_many(prose, totals->pending, "copy", "copies"), request->id,
	          totals->pending == 1 ? "is" : "are", prose_many(prose, totals->files, "queue file", "queue files"));
	if (totals->hosts == 1)
		prose_say(prose, "%s.", totals->host);
	else
		prose_say(prose, "%s.", prose_many(prose, totals->hosts, "host", "hosts"));
	prose_end(prose);
}

static void say_how(struct prose *prose, FILE *out, int64_t id)
{
	fprintf(out, "To hold what is queued on the host NAME:\n");
	fprintf(out, "    mailstorm queued %" PRId64 " --ids --host NAME | ssh NAME postsuper -h -\n", id);
	prose_say(
		prose,
		"Look at what is on hold before anything is deleted: queue IDs are used again, and a deletion cannot be"
		" undone; see mailstorm(1).");
	prose_end(prose);
}

static void queued_text(struct reader *reader, struct printer *printer, const struct report_request *request)
{
	static const struct printer_column hosts[] = {
		{"HOST", PRINTER_TEXT, 0},     {"INSTANCE", PRINTER_TEXT, 0}, {"QUEUE FILES", PRINTER_COUNT, 0},
		{"PENDING", PRINTER_COUNT, 0}, {"OLDEST", PRINTER_TIME, 1},
	};
	static const struct printer_column files[] = {
		{"HOST", PRINTER_TEXT, 0},       {"INSTANCE", PRINTER_TEXT, 2}, {"QUEUE ID", PRINTER_WORD, 0},
		{"PENDING", PRINTER_COUNT, 0},   {"OLDEST", PRINTER_TIME, 1},   {"SENDER", PRINTER_SENDER, 3},
		{"MESSAGE-ID", PRINTER_TEXT, 4},
	};
	struct prose *prose =
		prose_new(printer_out(printer), printer_width(printer), printer_target(printer), printer_zone(printer));
	struct totals totals;

	if (read_totals(reader, prose, request->id, &totals)) {
		say_totals(prose, request, &totals);
		if (totals.files > 0) {
			printer_part(printer, reader, NULL, false, "queued.hosts", request->id, hosts, COUNT(hosts));
			putc('\n', printer_out(printer));
			printer_part(printer, reader, NULL, false, "queued.text", request->id, files, COUNT(files));
			putc('\n', printer_out(printer));
			say_how(prose, printer_out(printer), request->id);
		}
	}
	prose_free(&prose);
}

static void put_ids(struct reader *reader, struct printer *printer, int64_t id)
{
	sqlite3_stmt *rows = reader_prepare(reader, "queue-ids.csv", id);

	while (rows && reader_row(reader, rows))
		fprintf(printer_out(printer), "%s\n", (const char *)sqlite3_column_text(rows, 0));
	sqlite3_finalize(rows);
}

/* The host that is asked for, or the only one; malloc'ed. NULL: one must be chosen. */
static char *choose_host(struct reader *reader, const struct report_request *request)
{
	sqlite3_stmt *row = reader_prepare(reader, "queued.totals", request->id);
	char *host = NULL;

	if (row && reader_row(reader, row) && (request->host || sqlite3_column_int64(row, 2) <= 1)) {
		const char *name = request->host ? request->host : (const char *)sqlite3_column_text(row, 3);

		host = sqlite3_mprintf("%s", name ? name : "");
	}
	sqlite3_finalize(row);
	return host;
}

enum report_result report_queued(struct reader *reader, struct printer *printer, const struct report_request *request)
{
	enum report_result result = report_check_incident(reader, request);
	bool foreign = false;
	char *host;

	if (result != REPORT_OK)
		return result;
	queue_now_load(reader, request->id, &foreign);
	if (foreign)
		fputs("mailstorm: queued: the database is of another version's mailstormd, or damaged: if the storm goes on,"
		      " this may be some minutes old\n",
		      stderr);
	reader_set(reader, ":host", request->host);
	if (request->ids) {
		host = choose_host(reader, request);
		if (!host)
			return reader_error(reader) ? REPORT_DATABASE : REPORT_NO_HOST;
		reader_set(reader, ":host", host);
		if (printer_is_text(printer))
			put_ids(reader, printer, request->id);
		else
			printer_table(printer, reader, "queue-ids", request->id, NULL, 0);
		reader_set(reader, ":host", NULL);
		sqlite3_free(host);
	} else if (printer_is_text(printer)) {
		queued_text(reader, printer, request);
	} else {
		printer_table(printer, reader, "queued", request->id, NULL, 0);
	}
	return reader_error(reader) ? REPORT_DATABASE : REPORT_OK;
}
