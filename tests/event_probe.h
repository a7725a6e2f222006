/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tests of repeated lines share: an event of a line that was parsed
 * behind others is, in every field, the event that the line gives alone.
 */
#ifndef MAILSTORM_TESTS_EVENT_PROBE_H
#define MAILSTORM_TESTS_EVENT_PROBE_H

#include <check.h>

#include "event.h"

static inline void ck_same(const char *what, struct slice a, struct slice b, const char *line)
{
	ck_assert_msg(slice_given(a) == slice_given(b) && slice_equal(a, b),
	              "%s: '%.*s' behind others, '%.*s' alone: %s", what, (int)a.length, a.bytes ? a.bytes : "",
	              (int)b.length, b.bytes ? b.bytes : "", line);
}

static inline void ck_number(const char *what, int64_t a, int64_t b, const char *line)
{
	ck_assert_msg(a == b, "%s: %lld behind others, %lld alone: %s", what, (long long)a, (long long)b, line);
}

static inline void ck_event(const struct event *a, const struct event *b, const char *line)
{
	ck_number("kind", a->kind, b->kind, line);
	ck_number("outcome", a->outcome, b->outcome, line);
	ck_number("manager", a->manager, b->manager, line);
	ck_number("permanent", a->permanent, b->permanent, line);
	ck_number("notification", a->notification, b->notification, line);
	ck_number("automatic", a->automatic, b->automatic, line);
	ck_number("time", a->time, b->time, line);
	ck_number("time_other", a->time_other, b->time_other, line);
	ck_number("resolution", a->resolution, b->resolution, line);
	ck_number("repeated", a->repeated, b->repeated, line);
	ck_same("host", a->host, b->host, line);
	ck_same("instance", a->instance, b->instance, line);
	ck_same("program", a->program, b->program, line);
#define X(member, meaning) ck_same(#member, a->member, b->member, line);
	EVENT_TEXTS(X)
#undef X
#define X(member, meaning) ck_number(#member, a->member, b->member, line);
	EVENT_NUMBERS(X)
#undef X
}

#endif
