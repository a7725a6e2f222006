/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a line: its envelope is opened, or the line is refused with a
 * reason, within its own bytes. What is opened keeps what envelope.h promises,
 * and is the same when it is opened again.
 */
#define _GNU_SOURCE
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "envelope.h"
#include "settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static struct host_settings hosts[] = {{"mx[12]*", "one", "Europe/Berlin"}, {"*.com", NULL, "Australia/Lord_Howe"}};
static const struct settings settings = {.input.timezone = "America/St_Johns", .hosts = hosts, .host_count = 2};

/* Reads every byte, for the address sanitizer. */
static void check_readable(struct slice s)
{
	size_t i, letters = 0;

	for (i = 0; i < s.length; i++)
		letters += s.bytes[i] != '\0';
	assert(letters <= s.length);
}

static void check_promises(const struct envelope *e, enum envelope_result result)
{
	int32_t unit = e->resolution;

	while (unit > 1 && unit % 10 == 0)
		unit /= 10;
	assert(unit == 1 && e->resolution <= 1000000);
	assert(e->host.bytes && e->instance.bytes && e->program.bytes && e->text.bytes);
	assert(!memchr(e->program.bytes, '/', e->program.length));
	assert(e->time_other >= e->time && e->time_other - e->time <= INT64_C(86400000000));
	assert(!slice_given(e->level) || slice_is(e->level, "warning") || slice_is(e->level, "error") ||
	       slice_is(e->level, "fatal") || slice_is(e->level, "panic"));
	if (result == ENVELOPE_OK)
		assert(e->repeated > 0 && e->repeats == 0 && e->lost == 0);
	else
		assert(e->text.length == 0);
	check_readable(e->host);
	check_readable(e->instance);
	check_readable(e->program);
	check_readable(e->text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct envelope_scratch *scratch;
	struct envelope_memory *memory;
	struct envelope first, second;
	const char *reason = NULL;
	enum envelope_result result;
	int64_t hint = size % 3 == 0 ? 0 : INT64_C(1479168000000000) + (int64_t)size * 86400000000 * 11;

	if (!scratch)
		scratch = envelope_scratch_new(&settings);
	assert(scratch);
	result = envelope_open(scratch, (struct slice){(const char *)bytes, size}, hint, &first, &reason);
	assert((result == ENVELOPE_UNPARSED) == (reason != NULL));
	if (result == ENVELOPE_OK || result == ENVELOPE_NOTE) {
		memory = envelope_scratch_take(scratch);
		assert(envelope_open(scratch, (struct slice){(const char *)bytes, size}, hint, &second, &reason) ==
		       result);
		check_promises(&first, result);
		assert(first.time == second.time && first.time_other == second.time_other);
		assert(slice_equal(first.text, second.text) && slice_equal(first.host, second.host) &&
		       slice_equal(first.program, second.program));
		envelope_memory_free(&memory);
	}
	envelope_scratch_reset(scratch);
	return 0;
}
