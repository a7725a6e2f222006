/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as JSON: an object is read, or refused with a reason. Any bytes as
 * a string's inside or as an array of numbers: decoding them never makes more
 * bytes than there were.
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
	arena_free(&arena);
	return 0;
}
