/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of what a thread by the list alone needs beside the thresholds: more
 * posters, and more than what is usual on the list.
 */
#include <time.h>

#include "storm_by_hand.h"
#include "tests/suite.h"

/* A post that only the list ties to others. */
static struct post *bare_post_by(double minute, const char *by, int64_t due)
{
	struct post *post = append((struct by_hand){minute, NULL, {NULL}, NULL, by});

	post->due = due;
	return post;
}

START_TEST(without_a_thread_to_reply_to_the_list_alone_needs_five_posters)
{
	bare_post_by(0, "root@x", 1000);
	for (int i = 1; i <= 30; i++)
		bare_post_by(i, sender(i % 4), 1000);
	check_quiet();
	bare_post_by(31, sender(4), 1000);
	check_storm_at(31, 0);
}
END_TEST

/* Nobody knows where it began: it begins with the window. */
START_TEST(a_thread_by_the_list_alone_begins_with_the_window_that_crossed)
{
	bare_post_by(0, "root@x", 1000);
	bare_post_by(100, "a@x", 1000);
	bare_post_by(200, "b@x", 1000);
	for (int i = 0; i < 10; i++)
		bare_post_by(300 + i, sender(i), 1000);
	check_storm_at(12, 3);
}
END_TEST

START_TEST(more_posters_than_five_are_asked_where_configured)
{
	limits.min_posters = 7;
	bare_post_by(0, "root@x", 1000);
	for (int i = 0; i < 12; i++)
		bare_post_by(1 + i, sender(i % 6), 1000);
	check_quiet();
	bare_post_by(20, sender(6), 1000);
	check_storm_at(13, 0);
}
END_TEST

/* `count` posts within an hour, some days ago, parted from today by quiet. */
static void past_hour(double days_ago, int count)
{
	for (int i = 0; i < count; i++)
		bare_post_by(-days_ago * 1440 + i, sender(i), 1000);
}

static void busy_hour(int count)
{
	for (int i = 0; i < count; i++)
		bare_post_by(i, sender(i), 1000);
}

START_TEST(a_list_with_a_history_is_held_against_its_norm)
{
	past_hour(10, 3);
	past_hour(4, 6); /* the busiest: 18 replies are three times as many */
	past_hour(2, 5);
	busy_hour(18); /* the first is none */
	check_quiet();
	bare_post_by(18, sender(18), 1000);
	check_storm_at(18, 0);
}
END_TEST

START_TEST(less_than_three_days_are_no_history)
{
	past_hour(2.99, 6);
	busy_hour(11);
	check_storm_at(10, 0);
	tear_down();
	set_up_limits();
	past_hour(3, 6);
	busy_hour(18);
	check_quiet();
}
END_TEST

START_TEST(what_is_older_than_28_days_is_no_norm)
{
	past_hour(30, 50);
	past_hour(4, 1);
	busy_hour(11);
	check_storm_at(10, 0);
}
END_TEST

START_TEST(incidents_and_automatic_posts_are_no_norm)
{
	past_hour(10, 40);
	for (uint32_t i = 1; i < state->post_count; i++)
		state->posts[i].unusual = true;
	for (int i = 0; i < 50; i++)
		bare_post_by(-5 * 1440 + i, sender(i), 1000)->automatic = true;
	past_hour(4, 2);
	busy_hour(11);
	check_storm_at(10, 0);
}
END_TEST

START_TEST(posts_that_are_no_longer_at_hand_are_history_too)
{
	state->lists[list].first_at = NOON - 10 * DAY;
	past_hour(2, 6);
	busy_hour(18);
	check_quiet();
	bare_post_by(18, sender(18), 1000);
	check_storm_at(18, 0);
}
END_TEST

START_TEST(the_norm_holds_for_cost_too)
{
	past_hour(4, 4);
	for (int i = 0; i < 12; i++)
		bare_post_by(i, sender(i), 100000);
	check_quiet();
	bare_post_by(12, sender(0), 100000);
	check_storm_at(12, 0);
}
END_TEST

START_TEST(a_thread_that_is_known_is_not_held_against_the_norm)
{
	past_hour(4, 40);
	for (int i = 0; i < 11; i++)
		post_by(i, sender(i), 1000);
	check_storm_at(10, 0);
}
END_TEST

/* The busy mornings of the same thread are what its afternoon is held against. */
START_TEST(the_norm_is_that_of_the_time_before_the_window)
{
	past_hour(4, 3);
	for (int i = 0; i < 8; i++)
		bare_post_by(i, sender(i), 1000); /* eight: no storm, and the norm of what follows */
	for (int i = 0; i < 23; i++)
		bare_post_by(300 + i, sender(i), 1000);
	check_quiet();
	bare_post_by(324, sender(0), 1000);
	check_storm_at(31, 8);
}
END_TEST

/* Judges the last thread, which is an incident, and leaves that out. */
static void leave_out(void)
{
	struct threads threads = threads_of(state, &state->lists[list], limits.thread_gap);
	const struct thread *thread = &threads.items[threads.count - 1];
	struct verdict verdict = storm_judge(state, &state->lists[list], thread, &limits);
	struct incident incident = {.list = list,
	                            .settings = limits,
	                            .posts = thread->posts + verdict.begin,
	                            .post_count = thread->count - verdict.begin,
	                            .method = (int)thread->method,
	                            .norm = verdict.norm,
	                            .detected_at = state->posts[thread->posts[verdict.crossing]].posted_at};

	ck_assert(verdict.storm);
	storm_leave_out(state, &incident);
	threads_free(&threads);
}

/* How many of the posts of an hour are left out. */
static int left_out(double minute)
{
	int64_t from = NOON + (int64_t)(minute * (double)MINUTE);
	int count = 0;

	for (uint32_t i = 1; i < state->post_count; i++)
		count += state->posts[i].unusual && state->posts[i].posted_at >= from &&
		         state->posts[i].posted_at < from + HOUR;
	return count;
}

static void bare_posts(double minute, int count)
{
	for (int i = 0; i < count; i++)
		bare_post_by(minute + i, sender(i), 1000);
}

START_TEST(an_incident_is_left_out_whole_though_it_was_quiet_for_a_while)
{
	past_hour(4, 3);
	bare_posts(0, 12);
	bare_posts(60, 13);
	bare_posts(600, 14);
	bare_posts(630, 5); /* it dies away */
	leave_out();
	ck_assert_int_eq(left_out(0), 12);
	ck_assert_int_eq(left_out(60), 13);
	ck_assert_int_eq(left_out(600), 19);
	ck_assert_int_eq(left_out(-4 * 1440), 0);
}
END_TEST

/* Nights are shorter than thread_gap. */
START_TEST(ordinary_posts_after_an_incident_are_the_norm)
{
	past_hour(4, 4);
	bare_posts(0, 14);
	bare_posts(70, 11); /* more than enough, but less than three times as many as usual */
	bare_posts(1200, 9);
	leave_out();
	ck_assert_int_eq(left_out(0), 14);
	ck_assert_int_eq(left_out(70), 0);
	ck_assert_int_eq(left_out(1200), 0);
}
END_TEST

/* What is usual there is not known before. */
START_TEST(after_three_days_a_new_lists_first_incident_is_the_norm_too)
{
	bare_posts(0, 12);
	bare_posts(60, 12);
	for (int day = 1; day < 5; day++) {
		bare_posts(day * 1440 - 700, 2);
		bare_posts(day * 1440, 12);
	}
	leave_out();
	ck_assert_int_eq(left_out(60), 12);
	ck_assert_int_eq(left_out(2 * 1440), 12);
	ck_assert_int_eq(left_out(3 * 1440), 0);
	ck_assert_int_eq(left_out(4 * 1440), 0);
}
END_TEST

START_TEST(of_a_known_thread_all_is_left_out)
{
	post_by(0, "root@x", 1000);
	for (int i = 0; i < 12; i++)
		post_by(600 + i, sender(i), 1000);
	post_by(1200, "a@x", 1000);
	leave_out();
	ck_assert_int_eq(left_out(0), 1);
	ck_assert_int_eq(left_out(600), 12);
	ck_assert_int_eq(left_out(1200), 1);
}
END_TEST

/* A busy list, judged anew whenever a post comes: months of it, and a thread that nearly is a storm all the time. */
START_TEST(a_hundred_thousand_posts_are_judged_in_no_time)
{
	struct timespec begin, end;
	struct verdict verdict;

	for (int i = 0; i < 100000; i++) {
		struct post *post = _i ? post_by(i * 0.4, sender(i), 900) : bare_post_by(i * 0.4, sender(i), 1000);

		post->unusual = !_i && i < 9;
	}
	limits.norm_factor = 1.2;
	limits.min_pairs = INT64_MAX;
	for (uint32_t i = 0; !_i && i < 200; i++) /* the list's history, so that it has a norm */
		state->posts[state->lists[list].posts[i]].posted_at -= 4 * DAY;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
	verdict = judged();
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	ck_assert(!verdict.storm);
	ck_assert_int_lt(end.tv_sec - begin.tv_sec, 5);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("storm_norm");
	TCase *tests = tcase_create("storm_norm");

	suite_add_tcase(suite, tests);
	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, set_up_limits, tear_down);
	tcase_add_test(tests, without_a_thread_to_reply_to_the_list_alone_needs_five_posters);
	tcase_add_test(tests, a_thread_by_the_list_alone_begins_with_the_window_that_crossed);
	tcase_add_test(tests, more_posters_than_five_are_asked_where_configured);
	tcase_add_test(tests, a_list_with_a_history_is_held_against_its_norm);
	tcase_add_test(tests, less_than_three_days_are_no_history);
	tcase_add_test(tests, what_is_older_than_28_days_is_no_norm);
	tcase_add_test(tests, incidents_and_automatic_posts_are_no_norm);
	tcase_add_test(tests, posts_that_are_no_longer_at_hand_are_history_too);
	tcase_add_test(tests, the_norm_holds_for_cost_too);
	tcase_add_test(tests, a_thread_that_is_known_is_not_held_against_the_norm);
	tcase_add_test(tests, the_norm_is_that_of_the_time_before_the_window);
	tcase_add_test(tests, an_incident_is_left_out_whole_though_it_was_quiet_for_a_while);
	tcase_add_test(tests, ordinary_posts_after_an_incident_are_the_norm);
	tcase_add_test(tests, after_three_days_a_new_lists_first_incident_is_the_norm_too);
	tcase_add_test(tests, of_a_known_thread_all_is_left_out);
	tcase_add_loop_test(tests, a_hundred_thousand_posts_are_judged_in_no_time, 0, 2);
	return suite_run(suite);
}
