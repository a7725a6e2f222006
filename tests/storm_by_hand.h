/* SPDX-License-Identifier: Apache-2.0
 *
 * Posts made by hand, and the verdict on the last thread that they are.
 */
#ifndef MAILSTORM_TESTS_STORM_BY_HAND_H
#define MAILSTORM_TESTS_STORM_BY_HAND_H

#include "daemon/correlate/storm.h"
#include "posts_by_hand.h"

static struct storm_settings limits;

static void set_up_limits(void)
{
	set_up();
	limits = (struct storm_settings){.min_recipients = 1000,
	                                 .min_replies = 10,
	                                 .min_posters = 3,
	                                 .min_pairs = 25000,
	                                 .window = HOUR,
	                                 .quiet_after = 30 * MINUTE,
	                                 .thread_gap = DAY,
	                                 .norm_factor = 3.0};
}

/* A post of the thread "x". */
static struct post *post_by(double minute, const char *by, int64_t due)
{
	struct post *post = append((struct by_hand){minute, NULL, {NULL}, "x", by});

	post->due = due;
	return post;
}

static const char *sender(int i)
{
	static const char *const senders[] = {"a@x", "b@x", "c@x", "d@x", "e@x", "f@x",
	                                      "g@x", "h@x", "i@x", "j@x", "k@x", "l@x"};

	return senders[i % 12];
}

/* The verdict on the last thread of the list; all its earlier posts are of other threads. */
static struct verdict judged(void)
{
	struct threads threads = threads_of(state, &state->lists[list], limits.thread_gap);
	struct verdict verdict = storm_judge(state, &state->lists[list], &threads.items[threads.count - 1], &limits);

	threads_free(&threads);
	return verdict;
}

static void check_storm_at(uint32_t crossing, uint32_t begin)
{
	struct verdict verdict = judged();

	ck_assert(verdict.storm);
	ck_assert_uint_eq(verdict.crossing, crossing);
	ck_assert_uint_eq(verdict.begin, begin);
}

static void check_quiet(void)
{
	struct verdict verdict = judged();

	ck_assert(!verdict.storm);
	ck_assert_uint_eq(verdict.crossing, 0);
	ck_assert_uint_eq(verdict.begin, 0);
}

#endif
