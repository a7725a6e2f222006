/* SPDX-License-Identifier: Apache-2.0
 *
 * A queue file whose recipients end and are let go of, made by hand in a state,
 * and its stored form. A plain array of those that are done is the judge.
 */
#ifndef MAILSTORM_TESTS_DONE_BY_HAND_H
#define MAILSTORM_TESTS_DONE_BY_HAND_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/memory.h"
#include "daemon/correlate/done.h"
#include "daemon/correlate/file_recipients.h"
#include "daemon/store/objects.h"
#include "tests/suite.h"

#define MAILBOXES 6000
#define FILE_NUMBER 1
#define RANGES_MOST 1024 /* more of them are a set */

static struct settings *settings;
static struct state *state;
static uint32_t numbers[MAILBOXES], top; /* of mailboxes, ascending; and what is above all of them */
static uint32_t via, other_via;
static bool *judge; /* by number: done */
static int64_t clock_now;

static struct file *file(void)
{
	return &state->files[FILE_NUMBER];
}

static uint32_t address(const char *kind, unsigned number)
{
	char text[64];

	snprintf(text, sizeof(text), "%s%u@example.org", kind, number);
	return texts_hold(state->addresses, slice_of(text));
}

static void set_up(void)
{
	char *error = NULL;

	settings = settings_load(NULL, &error);
	ck_assert_msg(settings != NULL, "%s", error);
	state = state_new(settings);
	MEMORY_GROW(state->messages, state->message_count, state->message_capacity);
	state->messages[1] = (struct message){.live = true, .post = true};
	state->message_count = 2;
	MEMORY_GROW(state->files, state->file_count, state->file_capacity);
	state->files[FILE_NUMBER] = (struct file){.live = true, .message = 1};
	state->file_count = FILE_NUMBER + 1;
	via = address("list", 0);
	other_via = address("list", 1);
	for (unsigned i = 0; i < MAILBOXES; i++) {
		numbers[i] = address("m", i);
		if (i > 0 && numbers[i] != numbers[i - 1] + 1)
			ck_abort_msg("m%u is number %u", i, numbers[i]);
	}
	top = numbers[MAILBOXES - 1] + 3;
	judge = memory_zeroed(top, sizeof(*judge));
	clock_now = DAY;
}

static void tear_down(void)
{
	free(judge);
	state_free(&state);
	settings_free(&settings);
}

/* --- recipients that end, and are let go of --- */

static struct recipient *ended(unsigned mailbox, uint32_t under)
{
	struct recipient *r = file_recipient(state, FILE_NUMBER, texts_hold_again(state->addresses, numbers[mailbox]),
	                                     texts_hold_again(state->addresses, under));

	r->outcome = RECIPIENT_SENT;
	r->ended_at = clock_now;
	r->booked = true;
	r->bucket = 1;
	return r;
}

static void sent(unsigned mailbox)
{
	ended(mailbox, via);
	judge[numbers[mailbox]] = true;
}

/* So much later that all that ended before is done. */
static void age(void)
{
	clock_now += settings->input.join_window;
	done_age(state, FILE_NUMBER, clock_now);
}

/* The ranges that the judge has, settled. */
static struct ranges judged(void)
{
	struct ranges ranges = {0};

	for (uint32_t i = 0; i < top; i++)
		if (judge[i])
			ranges_add(&ranges, i);
	ck_assert(ranges_settled(&ranges));
	return ranges;
}

static void ck_same(const struct ranges *ranges, const struct ranges *expected)
{
	ck_assert_uint_eq(ranges->count, expected->count);
	for (uint32_t i = 0; i < expected->count; i++) {
		ck_assert_uint_eq(ranges->items[i].first, expected->items[i].first);
		ck_assert_uint_eq(ranges->items[i].last, expected->items[i].last);
	}
}

/* Everything that the file says of them; it may still have a set though its gaps were filled. */
static void ck_done(const struct file *of)
{
	struct ranges expected = judged(), ranges = done_ranges(of);
	uint32_t count = 0;

	for (uint32_t i = 0; i < top; i++) {
		if (done_has(of, i, via) != judge[i] || done_has(of, i, other_via) || done_has(of, i, 0))
			ck_abort_msg("number %u: %d", i, judge[i]);
		count += judge[i];
	}
	ck_assert_uint_eq(of->done.count, count);
	ck_same(&ranges, &expected);
	ck_assert(of->done.many || expected.count <= RANGES_MOST);
	ck_assert(!of->done.many || of->done.ranges.items == NULL);
	ranges_clear(&expected);
	ranges_clear(&ranges);
}

/* --- the stored form --- */

static struct codec stored(struct file *of)
{
	struct codec codec = {0};

	object_file(&codec, of);
	return codec;
}

static void forget(struct file *of)
{
	free(of->references);
	free(of->claims);
	free(of->notices);
	free(of->recipients);
	done_free(&of->done);
}

static bool restored(const char *bytes, size_t length, struct file *to)
{
	struct codec codec;

	*to = (struct file){.live = true};
	codec_begin_read(&codec, bytes, length);
	object_file(&codec, to);
	return codec_end(&codec);
}

#endif
