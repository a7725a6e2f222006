/* SPDX-License-Identifier: Apache-2.0
 *
 * How far the database is, and whether a person should look: sources, hosts,
 * lines that were lost or not understood, and the verdict that a monitor takes
 * from the exit status: whether a storm would be seen. Silence is measured in
 * log time; how long ago the daemon wrote is held against the clock.
 */
#include "daemon/report/report.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/report/prose.h"
#include "daemon/report/when.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct facts {
	char newest[WHEN_SIZE]; /* "" where nothing was read */
	char written[WHEN_SIZE];
	char now[WHEN_SIZE];
	char oldest[WHEN_SIZE];     /* what is pending; "": nothing */
	char checkpoint[WHEN_SIZE]; /* "": none was told */
	bool blind;
	int64_t written_ms;
	int64_t open, subsiding, pending, open_id;
	char *open_list; /* malloc'ed, or NULL */
	int64_t sources, lines, ignored, unparsed, lost, hosts, silence;
	char *quietest_host; /* malloc'ed, or NULL */
};

/* The named column of a row. */
static int column_of(sqlite3_stmt *row, const char *name)
{
	int column = sqlite3_column_count(row) - 1;

	while (column > 0 && strcmp(sqlite3_column_name(row, column), name) != 0)
		column--;
	return column;
}

static int64_t number_of(sqlite3_stmt *row, const char *name)
{
	return sqlite3_column_int64(row, column_of(row, name));
}

/* malloc'ed; NULL where unknown. */
static char *text_of(sqlite3_stmt *row, const char *name)
{
	const char *text = (const char *)sqlite3_column_text(row, column_of(row, name));

	return text ? memory_string(text, strlen(text)) : NULL;
}

/* "" where unknown. */
static void time_of(sqlite3_stmt *row, const char *name, char time[WHEN_SIZE])
{
	const char *text = (const char *)sqlite3_column_text(row, column_of(row, name));

	snprintf(time, WHEN_SIZE, "%.24s", text ? text : "");
}

/* Also leaves the parameters :newest, :written and :now with the reader, which are the facts'. */
static void read_times(struct reader *reader, struct facts *facts, const struct report_request *request)
{
	sqlite3_stmt *row = reader_prepare(reader, "newest", 0);

	if (row && reader_row(reader, row) && sqlite3_column_text(row, 0))
		snprintf(facts->newest, WHEN_SIZE, "%.24s", (const char *)sqlite3_column_text(row, 0));
	sqlite3_finalize(row);
	facts->written_ms = reader_written(reader);
	when_view(facts->written, facts->written_ms);
	reader_set(reader, ":newest", facts->newest[0] ? facts->newest : NULL);
	reader_set(reader, ":written", facts->written);
	reader_set(reader, ":now", when_view(facts->now, request->now));
}

static void read_facts(struct reader *reader, struct facts *facts, const struct report_request *request)
{
	sqlite3_stmt *row;

	read_times(reader, facts, request);
	row = reader_prepare(reader, "status.facts", 0);
	if (row && reader_row(reader, row)) {
		facts->open = number_of(row, "incidents_open");
		facts->subsiding = number_of(row, "incidents_subsiding");
		facts->pending = number_of(row, "pending");
		facts->open_id = number_of(row, "open_id");
		facts->open_list = text_of(row, "open_list");
		facts->sources = number_of(row, "sources");
		facts->lines = number_of(row, "lines");
		facts->ignored = number_of(row, "ignored");
		facts->unparsed = number_of(row, "unparsed");
		facts->lost = number_of(row, "lost");
		facts->hosts = number_of(row, "hosts");
		facts->silence = number_of(row, "silence_ms");
		facts->quietest_host = text_of(row, "quietest_host");
		time_of(row, "oldest_pending_at", facts->oldest);
		time_of(row, "checkpoint_at", facts->checkpoint);
	}
	sqlite3_finalize(row);
	reader_set(reader, ":oldest", facts->oldest[0] ? facts->oldest : NULL);
	row = reader_prepare(reader, "blind", 0);
	facts->blind = row && reader_row(reader, row);
	sqlite3_finalize(row);
}

static bool is_unwritten(const struct facts *facts, const struct report_request *request)
{
	return request->silence > 0 && request->now - facts->written_ms > request->silence;
}

static bool is_silent(const struct facts *facts, const struct report_request *request)
{
	return request->silence > 0 && facts->hosts > 0 && facts->silence > request->silence;
}

static void say_storms(struct prose *prose, const struct facts *facts)
{
	if (facts->open > 0)
		prose_say(prose, "%s open: incident %lld on %s%s.",
		          prose_many(prose, facts->open, "mail storm is", "mail storms are"), (long long)facts->open_id,
		          facts->open_list ? prose_text(prose, facts->open_list) : "an unknown list",
		          facts->open > 1 ? " is the latest" : "");
	else
		prose_say(prose, "No mail storm is going on.");
	if (facts->subsiding > 0)
		prose_say(prose, " %s subsiding.", prose_many(prose, facts->subsiding, "incident is", "incidents are"));
	if (facts->pending > 0)
		prose_say(prose, " %s still queued%s%s.", prose_many(prose, facts->pending, "copy is", "copies are"),
		          facts->oldest[0] ? ", the oldest since " : "",
		          facts->oldest[0] ? prose_time(prose, facts->oldest) : "");
	prose_end(prose);
}

/* One reason why a storm might not be seen. */
static void say_reason(struct prose *prose, sqlite3_stmt *row)
{
	char *reason = text_of(row, "reason"), *name = text_of(row, "name");
	const char *safe = name ? prose_text(prose, name) : "(unknown)";
	const char *time = prose_duration(prose, number_of(row, "ms"));
	int64_t part = number_of(row, "part"), count = number_of(row, "count");

	if (strcmp(reason, "stopped") == 0)
		prose_say(prose, " mailstormd was stopped %s ago.", time);
	else if (strcmp(reason, "no-checkpoint") == 0)
		prose_say(prose, " The last checkpoint is %s old: does mailstormd run?", time);
	else if (strcmp(reason, "trouble") == 0)
		prose_say(prose, " It cannot read: %s.", safe);
	else if (strcmp(reason, "lag") == 0)
		prose_say(prose, " %s of %s, partition %lld, %s unread, the oldest for %s or longer.",
		          prose_count(prose, count), safe, (long long)number_of(row, "partition"),
		          count == 1 ? "is" : "are", time);
	else if (strcmp(reason, "silent") == 0)
		prose_say(prose, " Host %s is silent for %s: of %s stretches half as long it was heard in %s before.",
		          safe, time, prose_count(prose, count), prose_count(prose, part));
	else
		prose_say(prose, " Of the lines of mail programs%s, %s was not understood.",
		          strcmp(safe, "hour") == 0 ? " that were read in the last hour" : "",
		          prose_share(prose, part, count));
	free(reason);
	free(name);
}

static void say_blind(struct reader *reader, struct prose *prose)
{
	sqlite3_stmt *row = reader_prepare(reader, "blind", 0);

	prose_say(prose, "A storm might not be seen:");
	while (row && reader_row(reader, row))
		say_reason(prose, row);
	sqlite3_finalize(row);
	prose_end(prose);
}

static void say_reading(struct prose *prose, const struct facts *facts, const struct report_request *request)
{
	int64_t ours = facts->lines - facts->ignored;

	const char *written = facts->checkpoint[0] ? facts->checkpoint : facts->written;
	const char *what = facts->checkpoint[0] ? "the last checkpoint was at" : "the database was written last at";

	if (facts->newest[0])
		prose_say(prose, "The newest log line is of %s; %s %s", prose_time(prose, facts->newest), what,
		          prose_time(prose, written));
	else
		prose_say(prose, "No log line was read yet; %s %s", what, prose_time(prose, written));
	if (is_unwritten(facts, request))
		prose_say(prose, ", %s ago: does mailstormd run?",
		          prose_duration(prose, request->now - facts->written_ms));
	else
		prose_say(prose, ".");
	if (is_silent(facts, request))
		prose_say(prose, " Host %s is silent for %s.",
		          facts->quietest_host ? prose_text(prose, facts->quietest_host) : "(unknown)",
		          prose_duration(prose, facts->silence));
	if (facts->unparsed > 0 && ours > 0)
		prose_say(prose, " Of %s, %s (%s) %s not understood: see the view unparsed.",
		          prose_many(prose, ours, "line of mail programs", "lines of mail programs"),
		          prose_count(prose, facts->unparsed), prose_share(prose, facts->unparsed, ours),
		          facts->unparsed == 1 ? "was" : "were");
	if (facts->lost > 0)
		prose_say(prose, " At least %s lost before they could be read.",
		          prose_many(prose, facts->lost, "line was", "lines were"));
	prose_end(prose);
}

static const struct printer_column source_columns[] = {
	{"SOURCE", PRINTER_WORD, 0},     {"TOPIC", PRINTER_TEXT, 0},     {"PARTITION", PRINTER_COUNT, 3},
	{"OFFSET", PRINTER_COUNT, 3},    {"UNREAD", PRINTER_COUNT, 0},   {"FOR", PRINTER_DURATION, 0},
	{"LINES", PRINTER_COUNT, 0},     {"IGNORED", PRINTER_COUNT, 5},  {"UNPARSED", PRINTER_COUNT, 4},
	{"UNPARSED %", PRINTER_REAL, 2}, {"LAST LINE", PRINTER_TIME, 0},
};

static const struct printer_column host_columns[] = {
	{"HOST", PRINTER_TEXT, 0},  {"LAST LINE", PRINTER_TIME, 0}, {"SILENT FOR", PRINTER_DURATION, 0},
	{"NORM", PRINTER_WORD, 1},  {"LINES", PRINTER_COUNT, 1},    {"UNPARSED", PRINTER_COUNT, 2},
	{"LOST", PRINTER_COUNT, 0}, {"LATE", PRINTER_COUNT, 4},     {"LONGEST GAP", PRINTER_DURATION, 3},
};

static void status_text(struct reader *reader, struct printer *printer, struct prose *prose, const struct facts *facts,
                        const struct report_request *request)
{
	say_storms(prose, facts);
	if (facts->blind)
		say_blind(reader, prose);
	say_reading(prose, facts, request);
	if (facts->sources > 0)
		printer_part(printer, reader, NULL, false, "sources.text", 0, source_columns, COUNT(source_columns));
	if (facts->hosts > 0) {
		if (facts->sources > 0)
			putc('\n', printer_out(printer));
		printer_part(printer, reader, NULL, false, "status-hosts.text", 0, host_columns, COUNT(host_columns));
	}
}

static void status_json(struct reader *reader, struct printer *printer)
{
	printer_open(printer);
	printer_part(printer, reader, "status", true, "status.json", 0, NULL, 0);
	printer_part(printer, reader, "blind", false, "blind", 0, NULL, 0);
	printer_part(printer, reader, "sources", false, "sources.json", 0, NULL, 0);
	printer_part(printer, reader, "hosts", false, "status-hosts.json", 0, NULL, 0);
	printer_close(printer);
}

enum report_result report_status(struct reader *reader, struct printer *printer, const struct report_request *request)
{
	struct prose *prose =
		prose_new(printer_out(printer), printer_width(printer), printer_target(printer), printer_zone(printer));
	struct facts facts = {.open = 0};
	enum report_result result = REPORT_OK;

	read_facts(reader, &facts, request);
	if (facts.blind || is_unwritten(&facts, request) || is_silent(&facts, request))
		result = REPORT_SILENT;
	if (facts.open > 0)
		result = REPORT_OPEN;
	if (!reader_error(reader)) {
		if (printer_is_text(printer))
			status_text(reader, printer, prose, &facts, request);
		else if (strcmp(printer_name(printer), "json") == 0)
			status_json(reader, printer);
		else
			printer_table(printer, reader, "sources", 0, NULL, 0);
	}
	reader_set(reader, ":newest", NULL);
	reader_set(reader, ":written", NULL);
	reader_set(reader, ":now", NULL);
	reader_set(reader, ":oldest", NULL);
	prose_free(&prose);
	free(facts.open_list);
	free(facts.quietest_host);
	return reader_error(reader) ? REPORT_DATABASE : result;
}
