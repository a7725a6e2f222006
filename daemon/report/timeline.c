/* SPDX-License-Identifier: Apache-2.0
 *
 * The timeline for a terminal: an incident's minutes as bars of what was
 * delivered and what waited, and its events below the minute they fell in.
 * How minutes are put together so that they fit is bars.c's to decide.
 */
#include "daemon/report/report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/report/bars.h"
#include "daemon/report/prose.h"
#include "daemon/report/when.h"
#include "daemon/report/words.h"

#define ROWS_MOST 60
#define BAR_LEAST 6
#define BAR_MOST 40
#define LABEL_WIDTH 7 /* "08:29" and a gap */

struct event {
	int64_t second;
	char *text; /* "08:29:11  first-post  detail", safe */
};

struct timeline {
	FILE *out;
	int width;
	enum safe_target target;
	const struct printer *printer;
	const struct zone *zone;
	struct bars_minute *minutes;
	size_t minute_count;
	size_t minute_capacity;
	struct event *events;
	size_t event_count;
	size_t event_capacity;
	size_t next_event; /* not written yet */
	int64_t day;       /* that was written last, days since 1970 */
	int64_t offset;    /* and its offset from UTC */
	int bar_width;
	int delivered_width; /* of the figures */
	int pending_width;
};

static int64_t floor_division(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static void load_minutes(struct timeline *timeline, struct reader *reader, int64_t id)
{
	sqlite3_stmt *rows = reader_prepare(reader, "timeline.minutes", id);

	while (rows && reader_row(reader, rows)) {
		MEMORY_GROW(timeline->minutes, timeline->minute_count, timeline->minute_capacity);
		timeline->minutes[timeline->minute_count++] = (struct bars_minute){
			.second = sqlite3_column_int64(rows, 0),
			.deliveries = sqlite3_column_int64(rows, 1),
			.pending = sqlite3_column_int64(rows, 2),
			.marked = sqlite3_column_int64(rows, 3) > 0 || sqlite3_column_int64(rows, 4) > 0,
		};
	}
	sqlite3_finalize(rows);
}

static void load_events(struct timeline *timeline, struct reader *reader, int64_t id)
{
	sqlite3_stmt *rows = reader_prepare(reader, "timeline.events", id);

	while (rows && reader_row(reader, rows)) {
		char *at = printer_text_cell(timeline->printer, rows, 1, PRINTER_TIME);
		char *event = printer_text_cell(timeline->printer, rows, 2, PRINTER_WORD);
		bool detailed = sqlite3_column_type(rows, 3) != SQLITE_NULL;
		char *detail = printer_text_cell(timeline->printer, rows, 3, PRINTER_TEXT);
		size_t size = strlen(at) + strlen(event) + strlen(detail) + 32;
		char *text = memory_zeroed(size, 1);

		snprintf(text, size, "%.8s  %-*s  %s", strlen(at) > 11 ? at + 11 : at, detailed ? 18 : 0, event,
		         detailed ? detail : "");
		MEMORY_GROW(timeline->events, timeline->event_count, timeline->event_capacity);
		timeline->events[timeline->event_count++] = (struct event){sqlite3_column_int64(rows, 0), text};
		free(at);
		free(event);
		free(detail);
	}
	sqlite3_finalize(rows);
}

/* Marks the minutes that events fell in: both are in order. */
static void mark_minutes(struct timeline *timeline)
{
	size_t minute = 0;

	for (size_t i = 0; i < timeline->event_count; i++) {
		while (minute < timeline->minute_count &&
		       timeline->minutes[minute].second + 60 <= timeline->events[i].second)
			minute++;
		if (minute < timeline->minute_count && timeline->minutes[minute].second <= timeline->events[i].second)
			timeline->minutes[minute].marked = true;
	}
}

/* The day, and in a zone which time it is: again where the clock was changed. */
static void put_day(struct timeline *timeline, int64_t second)
{
	int64_t clock = when_clock(second, timeline->zone);
	int64_t day = floor_division(clock, 86400);
	char date[WHEN_SIZE];

	if (day == timeline->day && clock - second == timeline->offset)
		return;
	timeline->day = day;
	timeline->offset = clock - second;
	fprintf(timeline->out, "%.10s", when_view(date, clock * 1000));
	if (timeline->zone)
		fprintf(timeline->out, " %s", zone_name(timeline->zone, second));
	putc('\n', timeline->out);
}

/* Writes the events before that second. */
static void put_events(struct timeline *timeline, int64_t before)
{
	for (; timeline->next_event < timeline->event_count; timeline->next_event++) {
		const struct event *event = &timeline->events[timeline->next_event];
		const char *text = event->text;
		size_t length = strlen(text), next;
		int indent = LABEL_WIDTH;

		if (event->second >= before)
			return;
		put_day(timeline, event->second);
		while (length > 0 && text[length - 1] == ' ')
			length--;
		for (; length > 0; text += next, length -= next, indent = LABEL_WIDTH + 10) {
			size_t line = safe_line(text, length, timeline->width - indent, &next);

			fprintf(timeline->out, "%*s%.*s\n", indent, "", (int)line, text);
		}
	}
}

static void put_bar(const struct timeline *timeline, int64_t value, int64_t most, int figure_width)
{
	static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
	int parts = bars_length(value, most, timeline->bar_width * 8);
	int cells = parts / 8, rest = parts % 8;
	char words[WORDS_SIZE];

	if (timeline->target == SAFE_ASCII) {
		cells += rest > 0;
		rest = 0;
	}
	for (int i = 0; i < cells; i++)
		fputs(timeline->target == SAFE_ASCII ? "#" : "█", timeline->out);
	fputs(eighths[rest], timeline->out);
	fprintf(timeline->out, "%*s", timeline->bar_width - cells - (rest > 0), "");
	fprintf(timeline->out, " %*s", figure_width, words_count(words, value));
}

static void put_row(const struct timeline *timeline, const struct bars_row *row, const struct bars *bars)
{
	int64_t minute = floor_division(when_clock(row->from, timeline->zone), 60);
	int64_t clock = minute - floor_division(minute, 1440) * 1440;
	char duration[WORDS_SIZE], deliveries[WORDS_SIZE], pending[WORDS_SIZE];

	fprintf(timeline->out, "%02d:%02d  ", (int)(clock / 60), (int)(clock % 60));
	if (row->folded) {
		fprintf(timeline->out, "%s %s: %s delivered, backlog at most %s\n",
		        timeline->target == SAFE_ASCII ? ":" : "⋮",
		        words_duration(duration, (row->to - row->from) * 1000),
		        words_count(deliveries, row->deliveries), words_count(pending, row->pending));
		return;
	}
	put_bar(timeline, row->deliveries, bars->most_deliveries, timeline->delivered_width);
	fputs("  ", timeline->out);
	put_bar(timeline, row->pending, bars->most_pending, timeline->pending_width);
	putc('\n', timeline->out);
}

static int max_of(int a, int b)
{
	return a > b ? a : b;
}

/* Shares the terminal's width out, and writes the headings over it. */
static void put_headings(struct timeline *timeline, const struct bars *bars)
{
	char words[WORDS_SIZE], delivered[WORDS_SIZE];
	int left;

	if (bars->step == 1)
		snprintf(delivered, sizeof(delivered), "DELIVERED A MINUTE");
	else
		snprintf(delivered, sizeof(delivered), "DELIVERED IN %s", words_duration(words, bars->step * 60000));
	timeline->delivered_width = (int)strlen(words_count(words, bars->most_deliveries));
	timeline->pending_width = (int)strlen(words_count(words, bars->most_pending));
	left = timeline->width - LABEL_WIDTH - timeline->delivered_width - timeline->pending_width - 4;
	timeline->bar_width = left / 2 > BAR_MOST ? BAR_MOST : max_of(left / 2, BAR_LEAST);
	fprintf(timeline->out, "%-*s%-*s  %s\n", LABEL_WIDTH, "TIME",
	        max_of(timeline->bar_width + 1 + timeline->delivered_width, (int)strlen(delivered)), delivered,
	        bars->step == 1 ? "BACKLOG" : "BACKLOG AT MOST");
}

static void put_title(struct timeline *timeline, struct reader *reader, int64_t id)
{
	struct prose *prose = prose_new(timeline->out, timeline->width, timeline->target, timeline->zone);
	sqlite3_stmt *title = reader_prepare(reader, "timeline.title", id);

	if (title && reader_row(reader, title)) {
		const char *state = prose_text(prose, (const char *)sqlite3_column_text(title, 0));
		const char *list = prose_text(prose, (const char *)sqlite3_column_text(title, 1));
		const char *subject = prose_text(prose, (const char *)sqlite3_column_text(title, 2));

		prose_say(prose, "Incident %" PRId64 " (%s): mail storm on %s", id, state ? state : "unknown",
		          list ? list : "an unknown list");
		if (subject)
			prose_say(prose, ", \"%s\"", subject);
		prose_say(prose, "%s", timeline->zone ? "." : ". All times are UTC.");
		prose_end(prose);
	}
	sqlite3_finalize(title);
	prose_free(&prose);
}

static void put_timeline(struct timeline *timeline)
{
	struct bars bars;

	mark_minutes(timeline);
	bars_make(&bars, timeline->minutes, timeline->minute_count, ROWS_MOST, BAR_MOST * 8);
	if (bars.count > 0)
		put_headings(timeline, &bars);
	for (size_t i = 0; i < bars.count; i++) {
		put_events(timeline, bars.rows[i].from);
		put_day(timeline, bars.rows[i].from);
		put_row(timeline, &bars.rows[i], &bars);
		put_events(timeline, bars.rows[i].to);
	}
	put_events(timeline, INT64_MAX);
	bars_clear(&bars);
}

static void timeline_text(struct reader *reader, struct printer *printer, int64_t id)
{
	struct timeline timeline = {.out = printer_out(printer),
	                            .width = printer_width(printer),
	                            .target = printer_target(printer),
	                            .printer = printer,
	                            .zone = printer_zone(printer),
	                            .day = INT64_MIN};

	put_title(&timeline, reader, id);
	load_minutes(&timeline, reader, id);
	load_events(&timeline, reader, id);
	if (!reader_error(reader))
		put_timeline(&timeline);
	if (timeline.minute_count == 0 && timeline.event_count == 0)
		fputs("The database holds no events of it.\n", timeline.out);
	for (size_t i = 0; i < timeline.event_count; i++)
		free(timeline.events[i].text);
	free(timeline.events);
	free(timeline.minutes);
}

enum report_result report_timeline(struct reader *reader, struct printer *printer, const struct report_request *request)
{
	enum report_result result = report_check_incident(reader, request);
	int64_t id = request->id;

	if (result != REPORT_OK)
		return result;
	if (printer_is_text(printer)) {
		timeline_text(reader, printer, id);
	} else if (strcmp(printer_name(printer), "json") == 0) {
		printer_open(printer);
		printer_part(printer, reader, "incident", true, "incidents.json", id, NULL, 0);
		printer_part(printer, reader, "timeline", false, "timeline.json", id, NULL, 0);
		printer_part(printer, reader, "minutes", false, "minutes.json", id, NULL, 0);
		printer_close(printer);
	} else {
		printer_table(printer, reader, "timeline", id, NULL, 0);
	}
	return reader_error(reader) ? REPORT_DATABASE : REPORT_OK;
}
