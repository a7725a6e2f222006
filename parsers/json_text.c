/* SPDX-License-Identifier: Apache-2.0
 *
 * Decodes JSON strings (RFC 8259, 7). What it is given has passed a tokenizer,
 * but nothing here relies on that: an escape that is none stays as it stands,
 * and no byte beyond the slice is looked at. The result is never longer than
 * what it was made from.
 */
#include "parsers/json_text.h"

#include <stdint.h>

#define REPLACEMENT 0xfffdu

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The four digits after "\u" at `at`, which is the backslash; -1 where there are none. */
static int32_t unit_at(struct slice raw, size_t at)
{
	int32_t unit = 0;
	size_t i;

	if (at + 6 > raw.length || raw.bytes[at] != '\\' || raw.bytes[at + 1] != 'u')
		return -1;
	for (i = at + 2; i < at + 6; i++) {
		int digit = hex_digit(raw.bytes[i]);

		if (digit < 0)
			return -1;
		unit = unit * 16 + digit;
	}
	return unit;
}

static char *put_utf8(char *out, uint32_t point)
{
	if (point < 0x80) {
		*out++ = (char)point;
	} else if (point < 0x800) {
		*out++ = (char)(0xc0 | point >> 6);
		*out++ = (char)(0x80 | (point & 0x3f));
	} else if (point < 0x10000) {
		*out++ = (char)(0xe0 | point >> 12);
		*out++ = (char)(0x80 | (point >> 6 & 0x3f));
		*out++ = (char)(0x80 | (point & 0x3f));
	} else {
		*out++ = (char)(0xf0 | point >> 18);
		*out++ = (char)(0x80 | (point >> 12 & 0x3f));
		*out++ = (char)(0x80 | (point >> 6 & 0x3f));
		*out++ = (char)(0x80 | (point & 0x3f));
	}
	return out;
}

/* "\uNNNN", or two of them that are a pair of surrogates: the bytes read, 0 where it is none. */
static size_t decode_unit(struct slice raw, size_t at, char **out)
{
	int32_t high = unit_at(raw, at);
	int32_t low;

	if (high < 0)
		return 0;
	if (high < 0xd800 || high > 0xdfff) {
		*out = put_utf8(*out, (uint32_t)high);
		return 6;
	}
	low = high < 0xdc00 ? unit_at(raw, at + 6) : -1;
	if (low < 0xdc00 || low > 0xdfff) {
		*out = put_utf8(*out, REPLACEMENT);
		return 6;
	}
	*out = put_utf8(*out, 0x10000 + (((uint32_t)high - 0xd800) << 10) + ((uint32_t)low - 0xdc00));
	return 12;
}

static char plain_escape(char c)
{
	switch (c) {
	case 'b': return '\b';
	case 'f': return '\f';
	case 'n': return '\n';
	case 'r': return '\r';
	case 't': return '\t';
	case '"':
	case '\\':
	case '/': return c;
	default: return '\0';
	}
}

size_t json_text_escape(struct slice raw, size_t at)
{
	if (unit_at(raw, at) >= 0)
		return 6;
	return at + 1 < raw.length && plain_escape(raw.bytes[at + 1]) ? 2 : 0;
}

struct slice json_text_decode(struct slice raw, struct arena *arena)
{
	char *begin, *out;
	size_t i = 0;

	if (raw.length == 0 || !memchr(raw.bytes, '\\', raw.length))
		return raw;
	begin = out = arena_take(arena, raw.length);
	while (i < raw.length) {
		const char *escape = memchr(raw.bytes + i, '\\', raw.length - i);
		size_t run = escape ? (size_t)(escape - (raw.bytes + i)) : raw.length - i;
		size_t taken;

		memcpy(out, raw.bytes + i, run);
		out += run;
		i += run;
		if (i == raw.length)
			break;
		if ((taken = decode_unit(raw, i, &out)) > 0) {
			i += taken;
		} else if (i + 1 < raw.length && plain_escape(raw.bytes[i + 1])) {
			*out++ = plain_escape(raw.bytes[i + 1]);
			i += 2;
		} else {
			*out++ = raw.bytes[i++];
		}
	}
	return (struct slice){begin, (size_t)(out - begin)};
}

struct slice json_text_of_bytes(struct slice array, struct arena *arena)
{
	char *begin, *out;
	unsigned number = 0;
	unsigned digits = 0;
	size_t i;

	if (array.length < 2 || array.bytes[0] != '[' || array.bytes[array.length - 1] != ']')
		return SLICE_NONE;
	begin = out = arena_take(arena, array.length);
	for (i = 1; i < array.length; i++) {
		char c = array.bytes[i];

		if (c >= '0' && c <= '9') {
			number = number * 10 + (unsigned)(c - '0');
			if (++digits > 3 || number > 255)
				return SLICE_NONE;
		} else if (c == ',' || c == ']') {
			if (digits > 0)
				*out++ = (char)number;
			else if (c == ',' || out != begin)
				return SLICE_NONE;
			number = digits = 0;
		} else if (c != ' ' && c != '\t' && c != '\n' && c != '\r') {
			return SLICE_NONE;
		}
	}
	return (struct slice){begin, (size_t)(out - begin)};
}
