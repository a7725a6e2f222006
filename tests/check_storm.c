/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of thresholds: count and cost within a window, who counts as a poster.
 */
#include "daemon/correlate/bucket.h"
#include "storm_by_hand.h"
#include "tests/suite.h"

START_TEST(a_single_post_is_no_storm)
{
	post_by(0, "a@x", 1200000);
	check_quiet();
}
END_TEST

START_TEST(the_tenth_reply_within_an_hour_is_a_storm)
{
	post_by(0, "root@x", 1000);
	for (int i = 1; i < 10; i++)
		post_by(i, sender(i), 1000);
	check_quiet();
	post_by(59, sender(10), 1000);
	post_by(60, sender(11), 1000);
	check_storm_at(10, 0);
}
END_TEST

/* The window of the last is an hour, its ends included. */
START_TEST(replies_count_within_the_window_alone)
{
	post_by(0, "root@x", 1000);
	for (int i = 0; i < 9; i++)
		post_by(10 + i, sender(i), 1000);
	post_by(70.0001, sender(9), 1000); /* the first reply is out */
	check_quiet();
	post_by(71.5, sender(10), 1000);
	check_quiet();
	tear_down();
	set_up_limits();
	post_by(0, "root@x", 1000);
	for (int i = 0; i < 9; i++)
		post_by(10 + i, sender(i), 1000);
	post_by(70, sender(9), 1000);
	check_storm_at(10, 0);
}
END_TEST

/* However long the thread's first post is past. */
START_TEST(a_storm_may_begin_hours_after_its_first_post)
{
	post_by(0, "root@x", 1000);
	for (int i = 0; i < 10; i++)
		post_by(600 + i, sender(i), 1000);
	check_storm_at(10, 0);
}
END_TEST

START_TEST(the_first_post_is_no_reply)
{
	post_by(0, "root@x", 1000);
	for (int i = 1; i <= 9; i++)
		post_by(i, sender(i), 1000);
	check_quiet();
}
END_TEST

START_TEST(automatic_replies_are_not_counted)
{
	post_by(0, "root@x", 1000);
	for (int i = 1; i <= 500; i++)
		post_by(i * 0.01, sender(i), 1000)->automatic = true;
	check_quiet();
	for (int i = 1; i <= 10; i++)
		post_by(5 + i, sender(i), 1000);
	check_storm_at(510, 0);
}
END_TEST

/* Nor what they cost, nor may one be the post that crosses. */
START_TEST(automatic_replies_cost_nothing)
{
	post_by(0, "root@x", 20000);
	for (int i = 1; i <= 5; i++)
		post_by(i, sender(i), 20000)->automatic = true;
	post_by(6, "a@x", 20000);
	post_by(7, "b@x", 20000);
	post_by(8, "c@x", 20000)->automatic = true;
	check_quiet();
	post_by(9, "c@x", 1);
	check_storm_at(9, 0);
}
END_TEST

START_TEST(a_storm_needs_enough_posters)
{
	post_by(0, "root@x", 1000);
	for (int i = 1; i <= 24; i++)
		post_by(i, i % 2 ? "a@x" : "b@x", 1000);
	check_quiet();
	post_by(25, "c@x", 1000);
	check_storm_at(25, 0);
}
END_TEST

START_TEST(posters_count_within_the_window_alone)
{
	post_by(0, "root@x", 20000);
	post_by(1, "a@x", 20000);
	post_by(2, "b@x", 20000);
	post_by(61.5, "c@x", 20000); /* a is out */
	check_quiet();
	post_by(61.9, "a@x", 20000); /* b is still there */
	check_storm_at(4, 0);
}
END_TEST

/* One who writes, leaves the window and writes again is one. */
START_TEST(a_poster_who_comes_again_is_counted_again_once)
{
	post_by(0, "root@x", 9000);
	post_by(1, "a@x", 9000);
	post_by(2, "a@x", 9000);
	post_by(62.5, "a@x", 9000);
	post_by(63, "a@x", 9000);
	post_by(64, "b@x", 9000);
	check_quiet();
	post_by(65, "c@x", 9000);
	check_storm_at(6, 0);
}
END_TEST

START_TEST(posters_are_not_asked_where_none_is_known)
{
	post_by(0, NULL, 1000);
	for (int i = 1; i <= 10; i++)
		post_by(i, NULL, 1000);
	check_storm_at(10, 0);
}
END_TEST

START_TEST(one_known_sender_among_unknown_ones_is_one_poster)
{
	post_by(0, NULL, 1000);
	for (int i = 1; i <= 20; i++)
		post_by(i, i == 5 ? "a@x" : NULL, 1000);
	/* Of the window that ends with the fourth none is known, and four are too few. */
	check_quiet();
}
END_TEST

/* Each post with the null sender is a poster of its own. */
START_TEST(null_senders_are_posters)
{
	post_by(0, "root@x", 1000);
	for (int i = 1; i <= 10; i++)
		post_by(i, "", 1000);
	check_storm_at(10, 0);
}
END_TEST

START_TEST(the_third_reply_to_a_million_is_a_storm)
{
	post_by(0, "root@x", 1200000);
	post_by(1, "a@x", 1200000);
	post_by(2, "b@x", 1200000);
	check_quiet();
	post_by(3, "c@x", 1200000);
	check_storm_at(3, 0);
}
END_TEST

START_TEST(cost_is_what_the_replies_commit)
{
	limits.min_replies = 1000;
	post_by(0, "root@x", 1000000); /* not the first post */
	for (int i = 1; i <= 4; i++)
		post_by(i, sender(i), 5000);
	post_by(5, sender(5), 4999);
	check_quiet();
	post_by(6, sender(6), 1);
	check_storm_at(6, 0);
}
END_TEST

START_TEST(what_left_the_window_costs_no_more)
{
	limits.min_replies = 1000;
	post_by(0, "root@x", 10000);
	post_by(1, "a@x", 10000);
	post_by(2, "b@x", 10000);
	post_by(61.1, "c@x", 10000);
	check_quiet();
	post_by(61.2, "d@x", 5000);
	check_storm_at(4, 0);
}
END_TEST

START_TEST(many_replies_to_few_are_no_storm)
{
	post_by(0, "root@x", 999);
	for (int i = 1; i <= 20; i++)
		post_by(i, sender(i), 999);
	check_quiet();
	post_by(21, sender(21), 1000); /* one of them alone reaches enough */
	check_storm_at(21, 0);
}
END_TEST

/* A message that named these mailboxes, through the list's own address. */
static void name_mailboxes(struct post *post, uint32_t from, uint32_t until)
{
	struct message message = {.live = true, .bucket_count = 1, .buckets = memory_zeroed(1, sizeof(struct bucket))};
	struct mailbox_set *named;

	message.buckets[0].via = state->lists[list].address;
	named = bucket_set(&message.buckets[0], SET_NAMED, 0, true);
	for (uint32_t i = from; i < until; i++)
		mailbox_set_add(named, 100 + i);
	MEMORY_GROW(state->messages, state->message_count, state->message_capacity);
	state->messages[state->message_count] = message;
	post->message = state->message_count++;
}

/* A reply-all that drops some and adds others: all of them have the thread. */
START_TEST(recipients_are_the_distinct_mailboxes_of_all_posts)
{
	for (uint32_t i = 0; i <= 10; i++)
		name_mailboxes(post_by(i, sender((int)i), 500), i < 10 ? 0 : 499, i < 10 ? 500 : 999);
	check_quiet();
	name_mailboxes(post_by(11, sender(11), 500), 998, 1000);
	check_storm_at(11, 0);
}
END_TEST

START_TEST(posters_are_distinct_senders_and_each_null_sender)
{
	bool known;
	uint32_t posts[6];

	post_by(0, "a@x", 1);
	post_by(1, NULL, 1);
	post_by(2, "", 1);
	post_by(3, "a@x", 1);
	post_by(4, "", 1);
	post_by(5, "b@x", 1);
	for (uint32_t i = 0; i < 6; i++)
		posts[i] = state->lists[list].posts[i];
	ck_assert_uint_eq(storm_posters(state, posts, 6, &known), 4);
	ck_assert(known);
	ck_assert_uint_eq(storm_posters(state, posts + 1, 1, &known), 0);
	ck_assert(!known);
	ck_assert_uint_eq(storm_posters(state, posts + 2, 1, &known), 1);
	ck_assert(known);
	ck_assert_uint_eq(storm_posters(state, posts, 0, &known), 0);
	ck_assert(!known);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("storm");
	TCase *tests = tcase_create("storm");

	suite_add_tcase(suite, tests);
	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, set_up_limits, tear_down);
	tcase_add_test(tests, a_single_post_is_no_storm);
	tcase_add_test(tests, the_tenth_reply_within_an_hour_is_a_storm);
	tcase_add_test(tests, replies_count_within_the_window_alone);
	tcase_add_test(tests, a_storm_may_begin_hours_after_its_first_post);
	tcase_add_test(tests, the_first_post_is_no_reply);
	tcase_add_test(tests, automatic_replies_are_not_counted);
	tcase_add_test(tests, automatic_replies_cost_nothing);
	tcase_add_test(tests, a_storm_needs_enough_posters);
	tcase_add_test(tests, posters_count_within_the_window_alone);
	tcase_add_test(tests, a_poster_who_comes_again_is_counted_again_once);
	tcase_add_test(tests, posters_are_not_asked_where_none_is_known);
	tcase_add_test(tests, one_known_sender_among_unknown_ones_is_one_poster);
	tcase_add_test(tests, null_senders_are_posters);
	tcase_add_test(tests, the_third_reply_to_a_million_is_a_storm);
	tcase_add_test(tests, cost_is_what_the_replies_commit);
	tcase_add_test(tests, what_left_the_window_costs_no_more);
	tcase_add_test(tests, many_replies_to_few_are_no_storm);
	tcase_add_test(tests, recipients_are_the_distinct_mailboxes_of_all_posts);
	tcase_add_test(tests, posters_are_distinct_senders_and_each_null_sender);
	return suite_run(suite);
}
