/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of incidents over weeks: what is over is frozen and its posts leave memory, and
 * what comes after is judged as if it were all still at hand.
 */
#include <stdio.h>

#include "daemon/correlate/figures.h"
#include "daemon/correlate/incident.h"
#include "daemon/correlate/refusal.h"
#include "daemon/correlate/storm.h"
#include "daemon/correlate/unload.h"
#include "daemon/store/objects.h"
#include "posts_by_hand.h"
#include "tests/suite.h"

static const char *const senders[] = {"a@x", "b@x", "c@x", "d@x", "e@x", "f@x"};

/* A post of which the head is at hand. */
static struct post *post_at(double day, double minute, const char *subject, int by)
{
	struct post *post = append((struct by_hand){day * 1440 + minute, NULL, {NULL}, subject, senders[by % 6]});

	post->id = state->next_post++;
	post->due = 1000;
	state->lists[list].changed = true;
	return post;
}

/* `count` posts, four minutes apart. */
static void posts_from(double day, double minute, const char *subject, int count)
{
	for (int i = 0; i < count; i++)
		post_at(day, minute + 4 * i, subject, i);
}

static uint32_t incidents(void)
{
	uint32_t live = 0;

	settle(state);
	for (uint32_t i = 1; i < state->incident_count; i++)
		live += state->incidents[i].live;
	return live;
}

/* All incidents are closed and written, and the log's clock is at noon of a day. */
static void written(double day)
{
	settle(state);
	for (uint32_t i = 1; i < state->incident_count; i++) {
		state->incidents[i].state = INCIDENT_CLOSED;
		state->incidents[i].dirty = false;
	}
	state->log_clock = NOON + (int64_t)(day * (double)DAY);
	unload(state);
}

/* By the list alone, of which there are some posts before. */
static void list_of_few_posts(void)
{
	for (int day = -6; day < 0; day++)
		posts_from(day, 0, NULL, 2);
}

START_TEST(a_storm_that_is_frozen_is_no_norm)
{
	list_of_few_posts();
	posts_from(0, 0, NULL, 12);
	written(3);
	ck_assert(state->incidents[1].frozen);
	posts_from(4, 0, NULL, 12);
	ck_assert_uint_eq(incidents(), 2);
	ck_assert_uint_eq(state->incidents[2].post_count, 12);
}
END_TEST

/* Other posts, so that the list is never quiet for a day. */
static void posts_between(double from, double until)
{
	for (double day = from; day < until; day += 0.5)
		post_at(day, 0, "other", 0);
}

START_TEST(while_other_posts_keep_its_thread_from_ending_a_storm_goes_on)
{
	posts_from(0, 0, "x", 12);
	posts_between(0.5, 2.1);
	written(2.1);
	ck_assert(!state->incidents[1].frozen);
	posts_from(2.2, 0, "x", 5);
	ck_assert_uint_eq(incidents(), 1);
	ck_assert_uint_eq(state->incidents[1].post_count, 17);
	written(3.2);
	ck_assert(!state->incidents[1].frozen);
	written(3.5);
	ck_assert(state->incidents[1].frozen);
}
END_TEST

START_TEST(a_storm_that_had_no_post_for_thirty_days_is_over_though_its_thread_goes_on)
{
	posts_from(0, 0, "x", 12);
	posts_between(0.5, 30);
	written(29.9);
	ck_assert(!state->incidents[1].frozen);
	written(30.2);
	ck_assert(state->incidents[1].frozen);
}
END_TEST

START_TEST(what_comes_after_a_frozen_storm_in_its_thread_is_judged_alone)
{
	posts_from(0, 0, "x", 12);
	ck_assert_uint_eq(incidents(), 1);
	state->incidents[1].frozen = true;
	posts_from(0.5, 0, "x", 10);
	ck_assert_uint_eq(incidents(), 1);
	posts_from(0.5, 40, "x", 2);
	ck_assert_uint_eq(incidents(), 2);
	ck_assert_uint_eq(state->incidents[1].post_count, 12);
	ck_assert_uint_eq(state->incidents[2].post_count, 12);
	ck_assert_int_eq(state->incidents[2].thread, state->incidents[1].thread);
}
END_TEST

START_TEST(a_closed_storm_is_written_again_only_where_it_changed)
{
	posts_from(0, 0, "x", 12);
	written(0.1);
	for (uint32_t i = 1; i < state->post_count; i++)
		state->posts[i].dirty = false;
	post_at(0.2, 0, "other", 0);
	settle(state);
	ck_assert(!state->incidents[1].dirty);
	post_at(0.3, 0, "x", 0);
	settle(state);
	ck_assert(state->incidents[1].dirty);
	written(0.4);
	for (uint32_t i = 1; i < state->post_count; i++)
		state->posts[i].dirty = false;
	state->posts[3].dirty = state->lists[list].changed = true;
	settle(state);
	ck_assert(state->incidents[1].dirty);
}
END_TEST

/* The hour that it was held against has left memory, and it must not become a storm weeks later. */
START_TEST(what_was_no_storm_stays_none_when_its_norm_is_gone)
{
	posts_from(0, 0, NULL, 2);
	posts_from(5, 0, NULL, 8);
	posts_from(12, 0, NULL, 12);
	posts_from(34, 0, NULL, 2);
	ck_assert_uint_eq(incidents(), 0);
	written(36);
	ck_assert_uint_eq(state->lists[list].post_count, 14);
	ck_assert_uint_eq(incidents(), 0);
	posts_from(36, 0, NULL, 2);
	ck_assert_uint_eq(incidents(), 0);
}
END_TEST

/* What it looks back on is all at hand, whatever has left memory before that. */
START_TEST(what_came_last_is_judged_when_older_posts_are_gone)
{
	posts_from(0, 0, NULL, 2);
	posts_from(5, 0, NULL, 4);
	posts_from(36, 0, NULL, 9);
	written(36.1);
	ck_assert_uint_eq(state->lists[list].post_count, 9);
	ck_assert_uint_eq(incidents(), 0);
	posts_from(36, 40, NULL, 3);
	ck_assert_uint_eq(incidents(), 1);
	ck_assert_uint_eq(state->incidents[1].post_count, 12);
}
END_TEST

START_TEST(a_storm_that_goes_on_stays_one_when_its_norm_is_gone)
{
	int64_t detected_at;

	posts_from(0, 0, NULL, 2);
	post_at(9.5, 0, NULL, 0);
	posts_from(10, 0, NULL, 10);
	for (int day = 0; day < 35; day++)
		post_at(10.9 + day * 0.9, 0, NULL, 0);
	ck_assert_uint_eq(incidents(), 1);
	detected_at = state->incidents[1].detected_at;
	written(40);
	ck_assert_uint_eq(state->lists[list].post_count, 45);
	ck_assert_uint_eq(incidents(), 1);
	ck_assert_uint_eq(state->incidents[1].post_count, 45);
	ck_assert_int_eq(state->incidents[1].detected_at, detected_at);
	ck_assert(state->posts[state->incidents[1].posts[0]].unusual);
	ck_assert(!state->posts[state->incidents[1].posts[44]].unusual);
}
END_TEST

/* Posts that only the list ties, so that it is never quiet for a day. */
static void bare_posts_between(double from, double until)
{
	for (double day = from; day < until; day += 0.5)
		post_at(day, 0, NULL, 0);
}

START_TEST(a_storm_whose_list_is_never_quiet_is_over_after_thirty_days)
{
	list_of_few_posts();
	posts_from(0, 0, NULL, 12);
	bare_posts_between(0.5, 4.125);
	posts_from(4.125, 0, NULL, 13);
	bare_posts_between(4.5, 30.25);
	written(29.75);
	ck_assert(!state->incidents[1].frozen);
	ck_assert_uint_eq(incidents(), 1);
	ck_assert_uint_eq(state->incidents[1].post_count, 12 + 8 + 13 + 52);
	written(30.25);
	ck_assert(state->incidents[1].frozen);
	ck_assert(state->incidents[1].cut); /* to be written */
	ck_assert_uint_eq(incidents(), 2);
	ck_assert_uint_eq(state->incidents[1].post_count, 12 + 2); /* and those of the day after */
	ck_assert_uint_eq(state->incidents[2].post_count, 13 + 52);
	ck_assert_int_eq(state->incidents[2].opened_at, NOON + 4 * DAY + 3 * HOUR);
	bare_posts_between(30.5, 34.5);
	written(34.5);
	ck_assert(state->incidents[2].frozen);
	ck_assert_uint_eq(incidents(), 2);
	ck_assert_uint_eq(state->incidents[2].post_count, 13 + 2);
}
END_TEST

START_TEST(a_storm_that_does_not_end_is_told_in_parts)
{
	list_of_few_posts();
	for (int day = 0; day < 31; day++)
		posts_from(day, 0, NULL, 12);
	written(30.25);
	ck_assert(state->incidents[1].frozen);
	ck_assert_uint_eq(incidents(), 2);
	ck_assert_uint_eq(state->incidents[1].post_count, 25 * 12); /* the others may be in a queue yet */
	ck_assert_uint_eq(state->incidents[2].post_count, 6 * 12);
}
END_TEST

START_TEST(posts_of_a_storm_leave_memory_together)
{
	posts_from(0, 0, "x", 41);
	posts_from(3, 0, "other", 2);
	written(30.05);
	ck_assert(state->incidents[1].frozen);
	ck_assert_uint_eq(state->lists[list].post_count, 43);
	ck_assert_uint_eq(incidents(), 1);
	ck_assert_uint_eq(state->incidents[1].post_count, 41);
	written(30.2);
	ck_assert_uint_eq(state->lists[list].post_count, 2);
	ck_assert_uint_eq(incidents(), 1);
	ck_assert_uint_eq(state->incidents[1].post_count, 0);
}
END_TEST

/* A post of which the sets are at hand. */
static void whole_post_at(double day, const char *subject, int by, int64_t due)
{
	struct post *post = post_at(day, 0, subject, by);

	post->due = due;
	post->message = state->message_count;
	MEMORY_GROW(state->messages, state->message_count, state->message_capacity);
	state->messages[state->message_count++] = (struct message){.live = true,
	                                                           .post = true,
	                                                           .posts = memory_zeroed(1, sizeof(uint32_t)),
	                                                           .post_count = 1,
	                                                           .posted_at = post->posted_at};
	state->messages[post->message].posts[0] = (uint32_t)(post - state->posts);
}

/* How many of the posts are whole, which are the last of them. */
static uint32_t whole(void)
{
	uint32_t first = state->post_count;

	while (first > 1 && state->posts[first - 1].message)
		first--;
	for (uint32_t i = 1; i < first; i++)
		ck_assert_uint_eq(state->posts[i].message, 0);
	return state->post_count - first;
}

START_TEST(posts_stay_whole_while_their_thread_may_become_a_storm)
{
	for (int i = 0; i < 10; i++)
		whole_post_at(i * 0.9, "x", i, 1000);
	written(9);
	ck_assert_uint_eq(whole(), 10);
	written(9.2); /* 26 hours after the last */
	ck_assert_uint_eq(whole(), 0);
	for (int i = 0; i < 40; i++)
		whole_post_at(10 + i * 0.9, "x", i, 1000);
	written(45.2);
	ck_assert_uint_eq(whole(), 34);
}
END_TEST

START_TEST(no_more_posts_stay_whole_than_a_share_of_those_that_are_past)
{
	settings->limits.past_posts = 80;
	for (int i = 0; i < 20; i++)
		whole_post_at(i * 0.9, "x", i, 1000);
	written(17.2);
	ck_assert_uint_eq(whole(), 10); /* eight, and those of the last 25 hours */
	settings->limits.past_posts = 70;
	for (uint32_t i = 1; i < state->post_count; i++)
		state->posts[i].due = 40000; /* each is three */
	written(17.3);
	ck_assert_uint_eq(whole(), 3); /* two, and the last */
}
END_TEST

START_TEST(mailboxes_are_not_kept_for_threads_longer_than_at_all)
{
	settings->retention.mailboxes = 3 * DAY;
	for (int i = 0; i < 20; i++)
		whole_post_at(i * 0.9, "x", i, 1000);
	written(17.2);
	ck_assert_uint_eq(whole(), 4);
}
END_TEST

/* Minutes of all mail are kept for two days, hours for longer. */
START_TEST(the_baseline_of_an_old_thread_is_that_of_the_whole_hour_before)
{
	const struct incident incident = {.opened_at = NOON + 10 * MINUTE};
	struct past_hour hours[] = {{NOON - 2 * HOUR, 400}, {NOON - HOUR, 300}, {NOON, 70000}};
	bool by_hour;

	state->past_hours = memory_zeroed(3, sizeof(*hours));
	memcpy(state->past_hours, hours, sizeof(hours));
	state->past_hour_count = 3;
	ck_assert_int_eq(figures_baseline(state, &incident, &by_hour), -1);
	state->cells_before = NOON + DAY;
	ck_assert_int_eq(figures_baseline(state, &incident, &by_hour), 300);
	ck_assert(!by_hour);
}
END_TEST

/* Bytes of an object without what was added to it since. */
static struct codec stored_before(void (*object)(struct codec *codec, void *object), void *of, int64_t added)
{
	struct codec codec = {0}, tail = {0};

	codec_begin_write(&codec);
	object(&codec, of);
	codec_begin_write(&tail);
	codec_i64(&tail, &added);
	codec.length -= tail.length;
	codec_free(&tail);
	return codec;
}

static void as_list(struct codec *codec, void *object)
{
	object_list(codec, object);
}

static void as_incident(struct codec *codec, void *object)
{
	object_incident(codec, object);
}

/* Of addresses that are no list, a second apart. */
static void refused(int from, int until)
{
	char name[32];

	for (int i = from; i < until; i++) {
		uint32_t address;

		snprintf(name, sizeof(name), "no%d@x", i);
		address = texts_hold(state->addresses, slice_of(name));
		refusal_add(state, address, NOON + i * SECOND, (uint64_t)i);
		texts_drop(state->addresses, address);
	}
}

START_TEST(many_refusals_wait_until_lists_are_settled)
{
	refused(0, 100000);
	ck_assert(!refusals_wait(state));
	refused(100000, 100002);
	ck_assert(refusals_wait(state));
	refusal_forget(state, NOON + 2 * SECOND);
	ck_assert_uint_eq(state->refusal_count, 100000);
	/* Those that could not go yet are not waited for again. */
	refused(100002, 200002);
	ck_assert(!refusals_wait(state));
	refused(200002, 200004);
	ck_assert(refusals_wait(state));
	refusal_forget(state, NOON + 200004 * SECOND);
	ck_assert_uint_eq(state->refusal_count, 0);
	ck_assert(!refusals_wait(state));
}
END_TEST

START_TEST(what_earlier_versions_stored_is_read)
{
	struct list made = {.address = 1, .last_at = NOON, .judged_at = NOON + DAY}, read = {0};
	struct incident storm = {.id = 7, .live = true, .norm = 5}, again = {0};
	struct codec list_bytes = stored_before(as_list, &made, made.judged_at),
		     incident_bytes = stored_before(as_incident, &storm, storm.norm), codec;

	codec_begin_read(&codec, list_bytes.bytes, list_bytes.length);
	object_list(&codec, &read);
	ck_assert(codec_end(&codec));
	ck_assert_int_eq(read.judged_at, NOON + STORM_LOOKS_BACK);
	codec_begin_read(&codec, incident_bytes.bytes, incident_bytes.length);
	object_incident(&codec, &again);
	ck_assert(codec_end(&codec));
	ck_assert_int_eq(again.norm, NORM_NONE);
	free(read.refusals);
	free(again.posts);
	codec_free(&list_bytes);
	codec_free(&incident_bytes);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("incident");
	TCase *tests = tcase_create("incident");

	suite_add_tcase(suite, tests);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, a_storm_that_is_frozen_is_no_norm);
	tcase_add_test(tests, while_other_posts_keep_its_thread_from_ending_a_storm_goes_on);
	tcase_add_test(tests, a_storm_that_had_no_post_for_thirty_days_is_over_though_its_thread_goes_on);
	tcase_add_test(tests, what_comes_after_a_frozen_storm_in_its_thread_is_judged_alone);
	tcase_add_test(tests, a_closed_storm_is_written_again_only_where_it_changed);
	tcase_add_test(tests, what_was_no_storm_stays_none_when_its_norm_is_gone);
	tcase_add_test(tests, what_came_last_is_judged_when_older_posts_are_gone);
	tcase_add_test(tests, a_storm_that_goes_on_stays_one_when_its_norm_is_gone);
	tcase_add_test(tests, a_storm_whose_list_is_never_quiet_is_over_after_thirty_days);
	tcase_add_test(tests, a_storm_that_does_not_end_is_told_in_parts);
	tcase_add_test(tests, posts_of_a_storm_leave_memory_together);
	tcase_add_test(tests, posts_stay_whole_while_their_thread_may_become_a_storm);
	tcase_add_test(tests, no_more_posts_stay_whole_than_a_share_of_those_that_are_past);
	tcase_add_test(tests, mailboxes_are_not_kept_for_threads_longer_than_at_all);
	tcase_add_test(tests, the_baseline_of_an_old_thread_is_that_of_the_whole_hour_before);
	tcase_add_test(tests, many_refusals_wait_until_lists_are_settled);
	tcase_add_test(tests, what_earlier_versions_stored_is_read);
	return suite_run(suite);
}
