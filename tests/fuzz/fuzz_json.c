/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as JSON: an object is read, or refused with a reason, whatever was
 * read before it. Any bytes as a string's inside or as an array of numbers:
 * decoding them never makes more bytes than there were.
 */
#define _GNU_SOURCE
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "parsers/arena.h"
#include "parsers/json_text.h"
#include "parsers/json_wrap.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Reads every byte, for the address sanitizer. */
static void check_text(struct slice text, struct slice raw)
{
	size_t i, letters = 0;

	assert(text.length <= raw.length);
	for (i = 0; i < text.length; i++)
		letters += text.bytes[i] != '\0';
	assert(letters <= text.length);
}

static void check_same(struct slice a, struct slice b)
{
	assert(slice_given(a) == slice_given(b) && slice_equal(a, b));
}

/* A line behind another: what stands before and behind the first line feed, or twice the same. */
static void check_after(struct slice raw, struct arena *arena)
{
	const char *end = raw.length ? memchr(raw.bytes, '\n', raw.length) : NULL;
	struct json_wrap *warm = json_wrap_new(), *cold = json_wrap_new();
	struct slice first = end ? slice_first(raw, (size_t)(end - raw.bytes)) : raw;
	struct slice second = end ? slice_from(raw, first.length + 1) : raw;
	struct json_line one, other;
	const char *why, *alone;

	json_wrap_read(warm, arena, first, &one);
	why = json_wrap_read(warm, arena, second, &one);
	alone = json_wrap_read(cold, arena, second, &other);
	assert(why == alone);
	if (!why) {
		check_same(one.message, other.message);
		check_same(one.host, other.host);
		check_same(one.tag, other.tag);
		check_same(one.file, other.file);
		assert(one.tag_column == other.tag_column && one.time.given == other.time.given);
	}
	json_wrap_free(&warm);
	json_wrap_free(&cold);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct json_wrap *wrap;
	struct slice raw = {(const char *)bytes, size};
	struct arena arena = {NULL};
	struct json_line line;

	if (!wrap)
		wrap = json_wrap_new();
	check_text(json_text_decode(raw, &arena), raw);
	check_text(json_text_of_bytes(raw, &arena), raw);
	if (!json_wrap_read(wrap, &arena, raw, &line)) {
		assert(!slice_given(line.message) || line.message.length > 0);
		check_text(line.message, raw);
		check_text(line.host, raw);
		check_text(line.tag, raw);
	}
	check_after(raw, &arena);
	arena_free(&arena);
	return 0;
}
