/* SPDX-License-Identifier: Apache-2.0
 *
 * Shapes of JSON objects, see json_shape.h. What is between the values is the
 * same, byte by byte, so that each value begins where one of the known object's
 * does; a string ends at the next quote that is not escaped, anything else where
 * no letter, digit or sign goes on.
 */
#include "parsers/json_shape.h"

#include <ctype.h>
#include <limits.h>

#include "parsers/json_text.h"

bool json_shape_may_be(struct slice text)
{
	return text.length <= INT_MAX && !memchr(text.bytes, '\0', text.length);
}

void json_shape_learn(struct json_shape *shape, struct slice object, const struct json_value *values, unsigned count)
{
	size_t from = 0, room = 0;

	shape->count = 0;
	if (count > JSON_SHAPE_VALUES)
		return;
	for (unsigned i = 0; i <= count; i++) {
		size_t to = i < count ? (size_t)values[i].start : object.length;

		if (to - from > JSON_SHAPE_BYTES - room)
			return;
		memcpy(shape->bytes + room, object.bytes + from, to - from);
		shape->around[i] = (unsigned)(to - from);
		room += to - from;
		if (i == count)
			break;
		shape->values[i] = values[i];
		from = (size_t)values[i].end;
	}
	shape->count = count;
}

/* Where the string ends whose inside begins at `at`; the end of the text where it does not. */
static size_t shape_string_end(struct slice text, size_t at)
{
	for (;;) {
		const char *from = text.bytes + at;
		const char *quote = memchr(from, '"', text.length - at);
		const char *escape = quote ? memchr(from, '\\', (size_t)(quote - from)) : NULL;
		size_t length;

		if (!escape)
			return quote ? (size_t)(quote - text.bytes) : text.length;
		at = (size_t)(escape - text.bytes);
		length = json_text_escape(text, at);
		if (!length)
			return text.length;
		at += length;
	}
}

/* Likewise of a number, true, false, null: of what jsmn takes for one. */
static size_t shape_other_end(struct slice text, size_t at)
{
	if (at == text.length || !memchr("-0123456789tfn", text.bytes[at], 14))
		return text.length;
	while (at < text.length && (isalnum((unsigned char)text.bytes[at]) || memchr("-+.", text.bytes[at], 3)))
		at++;
	return at;
}

bool json_shape_fits(struct json_shape *shape, struct slice text)
{
	const char *around = shape->bytes;
	size_t at = 0;

	if (!shape->count)
		return false;
	for (unsigned i = 0;; i++) {
		size_t length = shape->around[i];

		if (text.length - at < length || memcmp(text.bytes + at, around, length) != 0)
			return false;
		at += length;
		around += length;
		if (i == shape->count)
			return at == text.length;
		shape->values[i].start = (int)at;
		at = shape->values[i].string ? shape_string_end(text, at) : shape_other_end(text, at);
		shape->values[i].end = (int)at;
	}
}
