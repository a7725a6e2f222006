/* SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4180, read leniently: what follows a closing quote up to the comma is
 * part of the field, and a quote inside a field that did not begin with one
 * stands for itself. See csv.h.
 */
#include "parsers/csv.h"

/* The length of the quoted field at the beginning of `rest`, its quotes included; 0 where it is not closed. */
static size_t quoted_length(struct slice rest, bool *doubled)
{
	size_t i = 1;

	*doubled = false;
	while (i < rest.length) {
		const char *quote = memchr(rest.bytes + i, '"', rest.length - i);

		if (!quote)
			return 0;
		i = (size_t)(quote - rest.bytes) + 1;
		if (i >= rest.length || rest.bytes[i] != '"')
			return i;
		*doubled = true;
		i++;
	}
	return 0;
}

/* A quoted text, with what follows its closing quote. */
static struct slice unquoted(struct slice quoted, struct slice after, bool doubled, struct arena *arena)
{
	char *made;
	size_t length = 0;

	if (!doubled && after.length == 0)
		return (struct slice){quoted.bytes + 1, quoted.length - 2};
	made = arena_take(arena, quoted.length + after.length);
	for (size_t i = 1; i + 1 < quoted.length; i++) {
		made[length++] = quoted.bytes[i];
		i += quoted.bytes[i] == '"';
	}
	memcpy(made + length, after.bytes, after.length);
	return (struct slice){made, length + after.length};
}

static struct slice upto_comma(struct slice rest, char comma)
{
	const char *end = rest.length ? memchr(rest.bytes, comma, rest.length) : NULL;

	return end ? slice_first(rest, (size_t)(end - rest.bytes)) : rest;
}

size_t csv_split(struct slice line, char comma, struct arena *arena, struct slice *fields, size_t most)
{
	size_t count = 0;

	for (;;) {
		struct slice field, after;
		size_t used;
		bool doubled;

		if (line.length && line.bytes[0] == '"') {
			used = quoted_length(line, &doubled);
			if (!used)
				return 0;
			after = upto_comma(slice_from(line, used), comma);
			field = unquoted(slice_first(line, used), after, doubled, arena);
			used += after.length;
		} else {
			field = upto_comma(line, comma);
			used = field.length;
		}
		if (count < most)
			fields[count] = field;
		count++;
		if (used >= line.length)
			return count;
		line = slice_from(line, used + 1);
	}
}

enum csv_end csv_end(struct slice line, char comma)
{
	bool loose = false, doubled;

	for (;;) {
		struct slice cell;
		size_t used = 0;

		if (line.length && line.bytes[0] == '"') {
			used = quoted_length(line, &doubled);
			if (!used)
				return CSV_OPEN;
		}
		cell = upto_comma(slice_from(line, used), comma);
		loose = loose || (used && cell.length) || (cell.length && memchr(cell.bytes, '"', cell.length));
		used += cell.length;
		if (used >= line.length)
			return loose ? CSV_LOOSE : CSV_WHOLE;
		line = slice_from(line, used + 1);
	}
}
