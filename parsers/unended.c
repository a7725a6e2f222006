/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines held back, see unended.h. Bounded in lines, bytes and files: whoever writes
 * mail chooses what stands in a cell.
 */
#include "parsers/unended.h"

#include "daemon/base/memory.h"

#define LINES_MOST 64
#define BYTES_MOST ((size_t)64 << 10)
#define FILES_MOST 16

struct unended *unended_find(const struct unended_rows *rows, uint64_t file)
{
	for (uint32_t i = 0; i < rows->count; i++)
		if (rows->items[i].file == file)
			return &rows->items[i];
	return NULL;
}

static void unended_append(char **text, size_t *length, struct slice line)
{
	*text = memory_resized(*text, *length + line.length + 1, 1);
	memcpy(*text + *length, line.bytes, line.length);
	*length += line.length;
}

bool unended_add(struct unended_rows *rows, uint64_t file, struct slice raw, struct slice line)
{
	struct unended *held = unended_find(rows, file);

	if (held ? held->lines == LINES_MOST || held->raw_length + raw.length > BYTES_MOST
	         : rows->count == FILES_MOST || raw.length > BYTES_MOST)
		return false;
	if (!held) {
		MEMORY_GROW(rows->items, rows->count, rows->capacity);
		held = &rows->items[rows->count++];
		*held = (struct unended){.file = file};
	} else {
		unended_append(&held->row, &held->row_length, SLICE("\n"));
	}
	unended_append(&held->raw, &held->raw_length, raw);
	unended_append(&held->raw, &held->raw_length, SLICE("\n"));
	unended_append(&held->row, &held->row_length, line);
	held->lines++;
	return true;
}

void unended_drop(struct unended_rows *rows, uint64_t file)
{
	struct unended *held = unended_find(rows, file);

	if (!held)
		return;
	free(held->raw);
	free(held->row);
	*held = rows->items[--rows->count];
}

void unended_clear(struct unended_rows *rows)
{
	while (rows->count)
		unended_drop(rows, rows->items[0].file);
	free(rows->items);
	*rows = (struct unended_rows){0};
}

void unended_save(const struct unended_rows *rows, FILE *out)
{
	for (uint32_t i = 0; i < rows->count; i++) {
		const struct unended *held = &rows->items[i];

		fprintf(out, "held %016llx %u %zu %zu\n", (unsigned long long)held->file, held->lines, held->raw_length,
		        held->row_length);
		fwrite(held->raw, 1, held->raw_length, out);
		fwrite(held->row, 1, held->row_length, out);
		fputc('\n', out);
	}
}

bool unended_restore(struct unended_rows *rows, struct slice *saved)
{
	const char *end = memchr(saved->bytes, '\n', saved->length);
	char *head = memory_string(saved->bytes, end ? (size_t)(end - saved->bytes) : 0);
	struct slice rest = slice_from(*saved, strlen(head) + 1);
	struct unended held = {0};
	unsigned long long file;
	bool read = sscanf(head, "held %16llx %u %zu %zu", &file, &held.lines, &held.raw_length, &held.row_length) == 4;

	free(head);
	if (!read || !held.lines || held.lines > LINES_MOST || held.raw_length > BYTES_MOST + LINES_MOST ||
	    held.row_length > BYTES_MOST + LINES_MOST || rest.length < held.raw_length + held.row_length + 1 ||
	    unended_find(rows, file))
		return false;
	held.file = file;
	held.raw = memory_string(rest.bytes, held.raw_length);
	held.row = memory_string(rest.bytes + held.raw_length, held.row_length);
	MEMORY_GROW(rows->items, rows->count, rows->capacity);
	rows->items[rows->count++] = held;
	*saved = slice_from(rest, held.raw_length + held.row_length + 1);
	return true;
}
