/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of tables, see rows.h. Owns the rows of a line that were found and not
 * yet asked for, and notes what the line told of its source (rows_source.c).
 */
#include "parsers/rows.h"

#include "daemon/base/memory.h"
#include "parsers/rows_source.h"

struct rows {
	struct envelope_source *source; /* borrowed; NULL: none */
	struct layout known[LAYOUTS_KNOWN];
	struct slice *found; /* objects of a document, in the line or in the arena */
	uint32_t count, capacity, next;
	struct envelope_told told;
};

struct rows *rows_new(void)
{
	struct rows *rows = memory_zeroed(1, sizeof(*rows));

	layouts_known(rows->known);
	return rows;
}

void rows_free(struct rows **rows)
{
	if (!*rows)
		return;
	free((*rows)->found);
	free(*rows);
	*rows = NULL;
}

void rows_use(struct rows *rows, struct envelope_source *source)
{
	rows->source = source;
	rows->count = rows->next = 0;
}

void rows_begin(struct rows *rows)
{
	rows->told = (struct envelope_told){.text = SLICE_NONE};
}

bool rows_told(const struct rows *rows, struct envelope_told *told)
{
	*told = rows->told;
	return told->cut || slice_given(told->text);
}

static void rows_found(void *with, struct slice object)
{
	struct rows *rows = with;

	MEMORY_GROW(rows->found, rows->count, rows->capacity);
	rows->found[rows->count++] = object;
}

bool rows_more(struct rows *rows, struct arena *arena, struct tracking_row *out)
{
	while (rows->next < rows->count)
		if (trace_row(rows->found[rows->next++], arena, out))
			return true;
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

	switch (tracking_read(rows->known, tracking, file, line, header, arena, out, reason)) {
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

enum rows_result rows_open(struct rows *rows, struct slice line, uint64_t file, bool header, struct arena *arena,
                           struct tracking_row *out, const char **reason)
{
	struct trace *trace = rows->source ? &rows->source->trace : NULL;
	enum rows_result result = ROWS_OTHER;

	rows->count = rows->next = 0;
	if (trace_likely(trace, line)) {
		struct trace alone = {0};

		result = rows_document(rows, trace ? trace : &alone, line, arena, out);
		trace_clear(&alone);
	}
	if (result != ROWS_OTHER || line.bytes[0] == '{')
		return result;
	return rows_table(rows, line, file, header, arena, out, reason);
}
