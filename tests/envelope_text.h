/* SPDX-License-Identifier: Apache-2.0
 *
 * For the tests of the envelope stage: a line's whole result in one text, so
 * that a test compares everything and its failure shows everything. What has
 * its usual value is left out.
 */
#ifndef MAILSTORM_TESTS_ENVELOPE_TEXT_H
#define MAILSTORM_TESTS_ENVELOPE_TEXT_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "envelope.h"
#include "settings.h"

#define HINT INT64_C(1479168000000000) /* 2016-11-15 00:00:00 UTC */

struct envelope_case {
	const char *line, *expected;
};

/* "1479112141.000000 mx1 postfix/smtp[ cut][ warning][ x3][ or 1479112141.000000][ every 1000]: TEXT"; notes, reasons
 * and nothing as words. Host and program that are not known are "?". malloc'ed. */
static inline char *envelope_text(struct envelope_scratch *scratch, struct slice line, int64_t hint)
{
	struct envelope e;
	const char *reason = "NO REASON";
	enum envelope_result result;
	char *text = NULL;
	size_t size;
	FILE *out;

	memset(&e, 0xa5, sizeof(e));
	result = envelope_open(scratch, line, hint, &e, &reason);
	if (result == ENVELOPE_EMPTY)
		return strdup("nothing");
	if (result == ENVELOPE_UNPARSED)
		return strdup(reason);
	if (result == ENVELOPE_AGAIN)
		return strdup("again");
	out = open_memstream(&text, &size);
	fprintf(out, "%lld.%06lld %.*s %.*s%s%.*s", (long long)(e.time / 1000000), (long long)(e.time % 1000000),
	        e.host.length ? (int)e.host.length : 1, e.host.length ? e.host.bytes : "?", (int)e.instance.length,
	        e.instance.bytes, e.instance.length ? "/" : "", e.program.length ? (int)e.program.length : 1,
	        e.program.length ? e.program.bytes : "?");
	if (e.program_cut)
		fprintf(out, " cut");
	if (slice_given(e.level))
		fprintf(out, " %.*s", (int)e.level.length, e.level.bytes);
	if (e.time_other != e.time)
		fprintf(out, " or %lld.%06lld", (long long)(e.time_other / 1000000),
		        (long long)(e.time_other % 1000000));
	if (e.resolution != 1000000)
		fprintf(out, " every %d", e.resolution);
	if (e.repeated != 1)
		fprintf(out, " x%u", e.repeated);
	if (result == ENVELOPE_NOTE)
		fprintf(out, " note: %u repeats, %llu lost", e.repeats, (unsigned long long)e.lost);
	else if (e.repeats || e.lost)
		fprintf(out, " BUT %u repeats, %llu lost", e.repeats, (unsigned long long)e.lost);
	if (result == ENVELOPE_OK || e.text.length)
		fprintf(out, ": %.*s", (int)e.text.length, e.text.bytes);
	fclose(out);
	return text;
}

static inline void check_case(struct envelope_scratch *scratch, struct slice line, int64_t hint, const char *expected)
{
	char *copy = memcpy(malloc(line.length + 1), line.length ? line.bytes : "", line.length);
	char *given;

	copy = realloc(copy, line.length ? line.length : 1); /* exactly, for the address sanitizer */
	given = envelope_text(scratch, (struct slice){copy, line.length}, hint);
	ck_assert_msg(strcmp(given, expected) == 0, "%.*s\n is       %s\n expected %s", (int)line.length, line.bytes,
	              given, expected);
	free(given);
	free(copy);
}

static inline void check_cases(const struct settings *settings, const struct envelope_case *cases, size_t count)
{
	struct envelope_scratch *scratch = envelope_scratch_new(settings);
	size_t i;

	ck_assert_ptr_nonnull(scratch);
	for (i = 0; i < count; i++)
		check_case(scratch, slice_of(cases[i].line), HINT, cases[i].expected);
	envelope_scratch_free(&scratch);
	ck_assert_ptr_null(scratch);
}

static const struct settings in_utc = {.input.timezone = "UTC"};

#define CHECK_CASES(cases) check_cases(&in_utc, cases, sizeof(cases) / sizeof((cases)[0]))

#endif
