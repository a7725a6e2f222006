/* SPDX-License-Identifier: Apache-2.0
 *
 * What is known of a source's next lines, see envelope.h; and how that is
 * stored: a line "columns FILE NAME,NAME,..." for each header, rows that are
 * held back (unended.h), then, where a document is under way, "document DEPTH LINES LENGTH", a newline and what was
 * read of the object that is open (no LENGTH: none is). FILE is a hash of the
 * file's name, which may be stored: XXH3 stays as it is.
 */
#include "parsers/rows_source.h"

#include <stdio.h>

#include "daemon/base/memory.h"

struct envelope_source *envelope_source_new(void)
{
	struct envelope_source *source = memory_zeroed(1, sizeof(*source));

	source->tracking = tracking_new();
	return source;
}

void envelope_source_free(struct envelope_source **source)
{
	if (!*source)
		return;
	tracking_free(&(*source)->tracking);
	trace_clear(&(*source)->trace);
	unended_clear(&(*source)->held);
	free(*source);
	*source = NULL;
}

static void nothing_found(void *with, struct slice object)
{
	(void)with;
	(void)object;
}

void envelope_source_take(struct envelope_source *source, const struct envelope_told *told)
{
	struct arena arena = {0};
	struct tracking_row row;
	const char *reason;

	if (told->cut)
		trace_clear(&source->trace);
	if (told->released)
		unended_drop(&source->held, told->held_of);
	if (!slice_given(told->text))
		return;
	if (told->held) {
		unended_add(&source->held, told->file, told->raw, told->text);
		return;
	}
	if (told->document) {
		trace_take(&source->trace, told->text, &arena, nothing_found, NULL);
		source->trace.lines = told->row ? 0 : source->trace.lines;
	} else {
		tracking_read(NULL, source->tracking, told->file, told->text, true, &arena, &row, &reason);
	}
	arena_free(&arena);
}

char *envelope_source_save(const struct envelope_source *source, size_t *length)
{
	char *bytes = NULL;
	FILE *out = open_memstream(&bytes, length);

	if (!out)
		abort();
	tracking_save(source->tracking, out);
	unended_save(&source->held, out);
	trace_save(&source->trace, out);
	if (fclose(out) != 0)
		abort();
	return bytes;
}

bool envelope_source_restore(struct envelope_source *source, struct slice saved)
{
	while (saved.length && slice_starts(saved, "columns ")) {
		const char *end = memchr(saved.bytes, '\n', saved.length);

		if (!end || !tracking_restore(source->tracking, slice_first(saved, (size_t)(end - saved.bytes))))
			return false;
		saved = slice_from(saved, (size_t)(end - saved.bytes) + 1);
	}
	while (saved.length && slice_starts(saved, "held "))
		if (!unended_restore(&source->held, &saved))
			return false;
	return !saved.length || trace_restore(&source->trace, saved);
}
