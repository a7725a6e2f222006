/* SPDX-License-Identifier: Apache-2.0
 *
 * One incident: the story, then the figures, the ledger and the short tables,
 * each figure with its definition beside it. Which tables there are, in which
 * order, is decided here, for text and JSON alike.
 */
#include "daemon/report/report.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/report/grid.h"
#include "daemon/report/prose.h"
#include "daemon/report/story.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* How the statement show.figures calls a value's kind. */
static enum printer_cell cell_of(const char *kind)
{
	static const struct {
		const char *kind;
		enum printer_cell cell;
	} cells[] = {{"count", PRINTER_COUNT},
	             {"real", PRINTER_REAL},
	             {"ms", PRINTER_DURATION},
	             {"time", PRINTER_TIME}};

	for (size_t i = 0; i < COUNT(cells); i++) {
		if (kind && strcmp(kind, cells[i].kind) == 0)
			return cells[i].cell;
	}
	return PRINTER_TEXT;
}

/* The kind of a value changes from row to row, so this is no part for the printer. */
static void show_figures(struct reader *reader, struct printer *printer, int64_t id)
{
	static const struct grid_column columns[] = {{"FIGURE", GRID_WORD, 0},
	                                             {"VALUE", GRID_FIGURE, 0},
	                                             {"WHAT IT IS", GRID_PROSE, 0}};
	sqlite3_stmt *rows = reader_prepare(reader, "show.figures", id);
	struct grid *grid;

	if (!rows)
		return;
	grid = grid_new(printer_out(printer), columns, COUNT(columns), printer_width(printer), printer_target(printer));
	while (reader_row(reader, rows)) {
		char *figure = printer_text_cell(printer, rows, 0, PRINTER_WORD);
		enum printer_cell cell = cell_of((const char *)sqlite3_column_text(rows, 1));
		bool known = sqlite3_column_type(rows, 2) != SQLITE_NULL;
		char *value = printer_text_cell(printer, rows, 2, cell);
		char *definition = printer_text_cell(printer, rows, 3, PRINTER_PROSE);

		grid_add(grid, (const char *const[]){figure, known ? value : "unknown", definition});
		free(figure);
		free(value);
		free(definition);
	}
	grid_end(&grid);
	sqlite3_finalize(rows);
}

static const struct printer_column ledger_columns[] = {
	{"LEDGER", PRINTER_WORD, 0},
	{"COUNT", PRINTER_COUNT, 0},
	{"WHAT IT COUNTS", PRINTER_PROSE, 0},
};

static const struct printer_column poster_columns[] = {
	{"SENDER", PRINTER_SENDER, 0},   {"LOGIN", PRINTER_TEXT, 4},       {"POSTS", PRINTER_COUNT, 0},
	{"AUTOMATIC", PRINTER_COUNT, 3}, {"DELIVERIES", PRINTER_COUNT, 0}, {"FIRST POST", PRINTER_TIME, 1},
	{"LAST POST", PRINTER_TIME, 2},
};

static const struct printer_column domain_columns[] = {
	{"DOMAIN", PRINTER_TEXT, 0},      {"SCOPE", PRINTER_WORD, 1},     {"MAILBOXES", PRINTER_COUNT, 0},
	{"DELIVERIES", PRINTER_COUNT, 0}, {"DEFERRED", PRINTER_COUNT, 2}, {"BOUNCED", PRINTER_COUNT, 3},
};

static const struct printer_column queued_columns[] = {
	{"HOST", PRINTER_TEXT, 0},     {"INSTANCE", PRINTER_TEXT, 2}, {"QUEUE ID", PRINTER_WORD, 0},
	{"SENDER", PRINTER_SENDER, 3}, {"PENDING", PRINTER_COUNT, 0}, {"OLDEST", PRINTER_TIME, 1},
};

static const struct printer_column coverage_columns[] = {
	{"HOST", PRINTER_TEXT, 0},       {"FIRST LINE", PRINTER_TIME, 8}, {"LAST LINE", PRINTER_TIME, 9},
	{"LINES", PRINTER_COUNT, 0},     {"UNPARSED", PRINTER_COUNT, 2},  {"REPEATED", PRINTER_COUNT, 7},
	{"LOST", PRINTER_COUNT, 0},      {"ORPHANS", PRINTER_COUNT, 3},   {"UNFINISHED", PRINTER_COUNT, 4},
	{"AMBIGUOUS", PRINTER_COUNT, 6}, {"LATE", PRINTER_COUNT, 5},      {"LONGEST GAP", PRINTER_DURATION, 0},
};

/* The tables of the text. */
static const struct {
	const char *statement;
	const char *all; /* the statement that tells how many rows there are; NULL: all are shown, also where none is */
	const char *many; /* what the rows are */
	const struct printer_column *columns;
	size_t count;
} tables[] = {
	{"show.ledger", "show.ledger.all", "lines", ledger_columns, COUNT(ledger_columns)},
	{"show.posters", "show.posters.all", "senders", poster_columns, COUNT(poster_columns)},
	{"show.domains", "show.domains.all", "domains", domain_columns, COUNT(domain_columns)},
	{"show.queued", "show.queued.all", "queue files", queued_columns, COUNT(queued_columns)},
	{"show.coverage", "show.coverage.all", "hosts", coverage_columns, COUNT(coverage_columns)},
};

/* The statement's name.json, and what it is called within the whole. */
static const struct {
	const char *member;
	const char *statement;
	bool single;
} members[] = {
	{"incident", "incidents.json", true},
	{"timeline", "timeline.json", false},
	{"amplification", "amplification.json", false},
	{"minutes", "minutes.json", false},
	{"posters", "posters.json", false},
	{"domains", "domains.json", false},
	{"queued", "queued.json", false},
	{"ledger", "ledger.json", false},
	{"coverage", "coverage.json", false},
};

static void show_story(struct reader *reader, struct printer *printer, int64_t id)
{
	struct prose *prose =
		prose_new(printer_out(printer), printer_width(printer), printer_target(printer), printer_zone(printer));
	sqlite3_stmt *facts = reader_prepare(reader, "show.facts", id);

	if (facts && reader_row(reader, facts)) {
		const char *list = prose_text(prose, (const char *)sqlite3_column_text(facts, 2));
		const char *state = prose_text(prose, (const char *)sqlite3_column_text(facts, 1));

		prose_say(prose, "Incident %lld (%s): mail storm on %s", (long long)id, state ? state : "unknown",
		          list ? list : "an unknown list");
		prose_end(prose);
		story_tell(prose, facts);
	}
	sqlite3_finalize(facts);
	prose_free(&prose);
}

static void show_text(struct reader *reader, struct printer *printer, int64_t id)
{
	FILE *out = printer_out(printer);

	show_story(reader, printer, id);
	show_figures(reader, printer, id);
	for (size_t i = 0; i < COUNT(tables); i++) {
		int64_t all = reader_number(reader, tables[i].all, id);
		int64_t rows;

		if (all == 0)
			continue;
		putc('\n', out);
		rows = printer_part(printer, reader, NULL, false, tables[i].statement, id, tables[i].columns,
		                    tables[i].count);
		if (rows >= 0 && all > rows)
			fprintf(out, "... and %lld more %s.\n", (long long)(all - rows), tables[i].many);
	}
}

enum report_result report_show(struct reader *reader, struct printer *printer, const struct report_request *request)
{
	enum report_result result = report_check_incident(reader, request);
	int64_t id = request->id;

	if (result != REPORT_OK)
		return result;
	if (printer_is_text(printer)) {
		show_text(reader, printer, id);
	} else if (strcmp(printer_name(printer), "json") == 0) {
		printer_open(printer);
		for (size_t i = 0; i < COUNT(members); i++)
			printer_part(printer, reader, members[i].member, members[i].single, members[i].statement, id,
			             NULL, 0);
		printer_close(printer);
	} else {
		printer_table(printer, reader, "incidents", id, NULL, 0);
	}
	return reader_error(reader) ? REPORT_DATABASE : REPORT_OK;
}
