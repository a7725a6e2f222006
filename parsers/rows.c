/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of tables, see rows.h. Owns the rows of a line that were found and not
 * yet asked for, and notes what the line told of its source (rows_source.c).
 */
#include "parsers/rows.h"

#include "daemon/base/memory.h"
#include "parsers/csv.h"
#include "parsers/rows_source.h"
#include "settings.h"

struct rows {
	struct envelope_source *source; /* borrowed; NULL: none */
	struct layouts layouts;
	struct slice *found; /* objects of a document, in the line or in the arena */
	uint32_t count, capacity, next;
	struct envelope_told told;
	struct slice raw;   /* the line as it came */
	struct slice again; /* lines that were held back, to be opened one by one, in the arena */
	bool alone;         /* ... one of them is being opened: it is not held back */
};

struct rows *rows_new(const struct settings *settings)
{
	struct rows *rows = memory_zeroed(1, sizeof(*rows));

	layouts_make(&rows->layouts, settings ? settings->input.columns.items : NULL,
	             settings ? settings->input.columns.count : 0,
	             settings ? settings->input.date_order : DATE_ORDER_UNKNOWN);
	return rows;
}

void rows_free(struct rows **rows)
{
	if (!*rows)
		return;
	free((*rows)->found);
	layouts_clear(&(*rows)->layouts);
	free(*rows);
	*rows = NULL;
}

void rows_use(struct rows *rows, struct envelope_source *source)
{
	rows->source = source;
	rows->count = rows->next = 0;
}

void rows_begin(struct rows *rows, struct slice raw)
{
	rows->told = (struct envelope_told){.text = SLICE_NONE, .raw = SLICE_NONE};
	rows->raw = raw;
}

bool rows_idle(const struct rows *rows)
{
	return rows->layouts.count == 0 && (!rows->source || tracking_empty(rows->source->tracking));
}

bool rows_again(struct rows *rows, struct slice *line)
{
	const char *end = rows->again.length ? memchr(rows->again.bytes, '\n', rows->again.length) : NULL;

	rows->alone = end != NULL;
	if (!end)
		return false;
	*line = slice_first(rows->again, (size_t)(end - rows->again.bytes));
	rows->again = slice_from(rows->again, line->length + 1);
	return true;
}

/* What a file's held lines are goes to those that are opened again. */
static void rows_release(struct rows *rows, uint64_t file, struct arena *arena)
{
	const struct unended *held = unended_find(&rows->source->held, file);
	char *lines = arena_take(arena, rows->again.length + held->raw_length);

	if (rows->again.length)
		memcpy(lines, rows->again.bytes, rows->again.length);
	memcpy(lines + rows->again.length, held->raw, held->raw_length);
	rows->again = (struct slice){lines, rows->again.length + held->raw_length};
	unended_drop(&rows->source->held, file);
	rows->told.released = true;
	rows->told.held_of = file;
}

/* ... and the line at hand. */
static void rows_append(struct rows *rows, struct arena *arena)
{
	char *lines = arena_take(arena, rows->again.length + rows->raw.length + 1);

	memcpy(lines, rows->again.bytes, rows->again.length);
	memcpy(lines + rows->again.length, rows->raw.bytes, rows->raw.length);
	lines[rows->again.length + rows->raw.length] = '\n';
	rows->again = (struct slice){lines, rows->again.length + rows->raw.length + 1};
}

bool rows_flush(struct rows *rows, struct arena *arena)
{
	while (rows->source && rows->source->held.count)
		rows_release(rows, rows->source->held.items[0].file, arena);
	return rows->again.length > 0;
}

bool rows_told(const struct rows *rows, struct envelope_told *told)
{
	*told = rows->told;
	return told->cut || told->released || slice_given(told->text);
}

static void rows_found(void *with, struct slice object)
{
	struct rows *rows = with;

	MEMORY_GROW(rows->found, rows->count, rows->capacity);
	rows->found[rows->count++] = object;
}

bool rows_more(struct rows *rows, struct arena *arena, struct tracking_row *out)
{
	while (rows->next < rows->count) {
		struct slice object = rows->found[rows->next++];

		if (trace_row(object, arena, out) || trace_event(object, arena, out))
			return true;
	}
	return false;
}

/* A document of which nothing is under way, and in which no row was found, may be any JSON. */
static enum rows_result rows_document(struct rows *rows, struct trace *trace, struct slice line, struct arena *arena,
                                      struct tracking_row *out)
{
	bool went_on = trace->depth > 0, row;

	if (!trace_take(trace, line, arena, rows_found, rows)) {
		rows->told.cut = true;
		return ROWS_OTHER;
	}
	row = rows_more(rows, arena, out);
	if (row)
		trace->lines = 0;
	if (went_on || trace->depth) {
		rows->told.document = true;
		rows->told.row = row;
		rows->told.text = line;
	}
	return row ? ROWS_ROW : went_on || trace->depth ? ROWS_NOTHING : ROWS_OTHER;
}

/* A row of a table, or a header of one, which is noted. */
static enum rows_result rows_table(struct rows *rows, struct slice line, uint64_t file, bool header,
                                   struct arena *arena, struct tracking_row *out, const char **reason)
{
	struct tracking *tracking = rows->source ? rows->source->tracking : NULL;

	switch (tracking_read(&rows->layouts, tracking, file, line, header, arena, out, reason)) {
	case TRACKING_ROW: return ROWS_ROW;
	case TRACKING_HEADER:
		rows->told.file = file;
		rows->told.text = line;
		return ROWS_NOTHING;
	case TRACKING_REMARK: return ROWS_NOTHING;
	case TRACKING_OTHER: return ROWS_OTHER;
	case TRACKING_BAD: break;
	}
	return ROWS_BAD;
}

/* The line is held back. False where there is no room. */
static bool rows_hold(struct rows *rows, struct slice line, uint64_t file)
{
	if (!unended_add(&rows->source->held, file, rows->raw, line))
		return false;
	rows->told.held = true;
	rows->told.file = file;
	rows->told.raw = rows->raw;
	rows->told.text = line;
	return true;
}

/* A row of this file goes on: the line may end it, or it proves to have been cut on its way. */
static enum rows_result rows_go_on(struct rows *rows, struct slice line, uint64_t file, struct arena *arena,
                                   struct tracking_row *out, const char **reason)
{
	const struct unended *held = unended_find(&rows->source->held, file);
	size_t length = held->row_length + 1 + line.length;
	char *joined = arena_take(arena, length);
	enum csv_end end;

	memcpy(joined, held->row, held->row_length);
	joined[held->row_length] = '\n';
	memcpy(joined + held->row_length + 1, line.bytes, line.length);
	end = csv_end((struct slice){joined, length}, tracking_comma(rows->source->tracking, file));
	if (end == CSV_OPEN && rows_hold(rows, line, file))
		return ROWS_NOTHING;
	if (end == CSV_WHOLE &&
	    rows_table(rows, (struct slice){joined, length}, file, false, arena, out, reason) == ROWS_ROW) {
		unended_drop(&rows->source->held, file);
		rows->told.released = true;
		rows->told.held_of = file;
		return ROWS_ROW;
	}
	rows_release(rows, file, arena);
	rows_append(rows, arena);
	return ROWS_AGAIN;
}

enum rows_result rows_open(struct rows *rows, struct slice line, uint64_t file, bool header, struct arena *arena,
                           struct tracking_row *out, const char **reason)
{
	struct trace *trace = rows->source ? &rows->source->trace : NULL;
	enum rows_result result = ROWS_OTHER;

	rows->count = rows->next = 0;
	if (rows->source && !rows->alone && unended_find(&rows->source->held, file))
		return rows_go_on(rows, line, file, arena, out, reason);
	if (trace_likely(trace, line)) {
		struct trace alone = {0};

		result = rows_document(rows, trace ? trace : &alone, line, arena, out);
		trace_clear(&alone);
	}
	if (result != ROWS_OTHER || line.bytes[0] == '{')
		return result;
	result = rows_table(rows, line, file, header, arena, out, reason);
	if (result == ROWS_BAD && rows->source && !rows->alone && line.bytes[0] != '#' &&
	    csv_end(line, tracking_comma(rows->source->tracking, file)) == CSV_OPEN && rows_hold(rows, line, file))
		return ROWS_NOTHING;
	return result;
}
