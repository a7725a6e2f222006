/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of threads: which posts of a list answer each other, by references, by
 * subject, by the list alone, and where a thread ends.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <time.h>

#include "posts_by_hand.h"
#include "tests/suite.h"

/* Threads as text: "references:0,2 subject:1", by the posts' places in the list. */
static char *told(int64_t gap)
{
	struct threads threads = threads_of(state, &state->lists[list], gap);
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	for (uint32_t i = 0; i < threads.count; i++) {
		fprintf(stream, "%s%s:", i ? " " : "", thread_method_name(threads.items[i].method));
		for (uint32_t k = 0; k < threads.items[i].count; k++)
			fprintf(stream, "%s%u", k ? "," : "", threads.items[i].posts[k] - state->lists[list].posts[0]);
	}
	fclose(stream);
	threads_free(&threads);
	ck_assert_uint_eq(threads.count, 0);
	return text;
}

static void check_threads(const char *expected)
{
	char *text = told(DAY);

	ck_assert_str_eq(text, expected);
	free(text);
}

static void append_all(const struct by_hand *posts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		append(posts[i]);
}

#define CHECK_THREADS(posts, expected) \
	do { \
		append_all((posts), sizeof(posts) / sizeof(*(posts))); \
		check_threads(expected); \
	} while (0)

START_TEST(a_list_without_posts_has_no_threads)
{
	char *text = told(DAY);

	ck_assert_str_eq(text, "");
	free(text);
}
END_TEST

START_TEST(posts_that_name_each_other_are_one_thread)
{
	static const struct by_hand posts[] = {{0, "<a>", {NULL}, "lunch", "x"},
	                                       {1, "<b>", {"<a>"}, "lunch", "y"},
	                                       {2, "<c>", {"<a>", "<b>"}, "somethingelse", "z"},
	                                       {3, "<d>", {"<c>"}, NULL, "z"},
	                                       {4, "<e>", {NULL}, "tea", "z"}};

	CHECK_THREADS(posts, "references:0,1,2,3 subject:4");
}
END_TEST

START_TEST(a_name_that_nobody_knows_ties_those_that_share_it)
{
	static const struct by_hand posts[] = {{0, "<a>", {"<gone>"}, "one", "x"},
	                                       {1, "<b>", {"<gone>"}, "two", "y"},
	                                       {2, "<c>", {"<other>"}, "three", "z"}};

	CHECK_THREADS(posts, "references:0,1 subject:2");
}
END_TEST

START_TEST(an_answer_may_be_read_before_what_it_answers)
{
	static const struct by_hand posts[] = {{0, "<b>", {"<a>"}, "lunch", "y"}, {1, "<a>", {NULL}, "dinner", "x"}};

	CHECK_THREADS(posts, "references:0,1");
}
END_TEST

START_TEST(cycles_and_names_of_oneself_are_harmless)
{
	static const struct by_hand posts[] = {{0, "<a>", {"<a>"}, "one", "x"},
	                                       {1, "<b>", {"<c>"}, "two", "y"},
	                                       {2, "<c>", {"<d>", "<d>"}, "three", "z"},
	                                       {3, "<d>", {"<b>", "<d>"}, "four", "z"}};

	CHECK_THREADS(posts, "subject:0 references:1,2,3");
}
END_TEST

START_TEST(a_post_that_names_two_threads_makes_them_one)
{
	static const struct by_hand posts[] = {{0, "<a>", {NULL}, "one", "x"},
	                                       {1, "<b>", {NULL}, "two", "x"},
	                                       {2, "<a1>", {"<a>"}, "three", "x"},
	                                       {3, "<b1>", {"<b>"}, "four", "x"},
	                                       {4, "<c>", {"<b1>", "<a1>"}, "five", "x"}};

	CHECK_THREADS(posts, "references:0,1,2,3,4");
}
END_TEST

START_TEST(a_post_that_names_none_joins_by_its_subject)
{
	static const struct by_hand posts[] = {{0, "<a>", {NULL}, "lunch", "x"},
	                                       {1, "<b>", {NULL}, "tea", "y"},
	                                       {2, "<c>", {NULL}, "lunch", "z"},
	                                       {3, "<d>", {"<gone>"}, "lunch", "z"},
	                                       {4, "<e>", {"<b>"}, "lunch", "z"}};

	/* The last names a known post: its subject does not tie it. */
	CHECK_THREADS(posts, "subject:0,2,3 references:1,4");
}
END_TEST

/* A mailer that sends no references, and others that answer it with: all of it is one thread. */
START_TEST(an_answer_without_references_brings_its_own_answers)
{
	static const struct by_hand posts[] = {{0, "<a>", {NULL}, "lunch", "x"},
	                                       {1, "<b>", {NULL}, "lunch", "y"},
	                                       {2, "<c>", {"<b>"}, "changed", "z"},
	                                       {3, "<d>", {"<b>", "<c>"}, "again", "z"}};

	CHECK_THREADS(posts, "references:0,1,2,3");
}
END_TEST

/* The first post's Message-ID was not logged, or was made anew by a list manager. */
START_TEST(answers_to_an_unknown_id_join_their_subject)
{
	static const struct by_hand posts[] = {{0, NULL, {NULL}, "lunch", "x"},
	                                       {1, "<b>", {"<a>"}, "lunch", "y"},
	                                       {2, "<c>", {"<a>"}, "lunch", "z"},
	                                       {3, "<d>", {"<a>"}, "renamed", "z"}};

	CHECK_THREADS(posts, "references:0,1,2,3");
}
END_TEST

START_TEST(empty_message_ids_tie_nothing)
{
	static const struct by_hand posts[] = {{0, "", {NULL}, "one", "x"},
	                                       {1, "", {NULL}, "two", "y"},
	                                       {2, "<>", {NULL}, "three", "z"},
	                                       {3, "<>", {"<>"}, "four", "z"}};

	CHECK_THREADS(posts, "subject:0 subject:1 subject:2 subject:3");
}
END_TEST

START_TEST(the_same_message_id_again_is_of_the_same_thread)
{
	static const struct by_hand posts[] = {{0, "<a>", {NULL}, "one", "x"}, {30, "<a>", {NULL}, "two", "y"}};

	CHECK_THREADS(posts, "references:0,1");
}
END_TEST

START_TEST(without_headers_the_list_alone_is_the_thread)
{
	static const struct by_hand posts[] = {{0, "<a>", {NULL}, NULL, "x"},
	                                       {1, "<b>", {NULL}, NULL, "y"},
	                                       {2, "<c>", {NULL}, NULL, "z"}};

	CHECK_THREADS(posts, "list-gap:0,1,2");
}
END_TEST

START_TEST(a_single_post_without_a_subject_is_a_thread)
{
	static const struct by_hand posts[] = {{0, "<a>", {NULL}, NULL, "x"}};

	CHECK_THREADS(posts, "list-gap:0");
}
END_TEST

START_TEST(a_post_without_subject_joins_the_one_before_it)
{
	static const struct by_hand posts[] = {{0, "<a>", {NULL}, "lunch", "x"},
	                                       {1, "<b>", {NULL}, "tea", "y"},
	                                       {2, "<c>", {NULL}, NULL, "z"}};

	CHECK_THREADS(posts, "subject:0 list-gap:1,2");
}
END_TEST

/* Whoever logs references and no subjects knows better than the list alone. */
START_TEST(a_post_that_others_name_does_not_join_by_the_list_alone)
{
	static const struct by_hand posts[] = {{0, "<a>", {NULL}, NULL, "x"},
	                                       {1, "<a1>", {"<a>"}, NULL, "y"},
	                                       {2, "<b>", {NULL}, NULL, "z"},
	                                       {3, "<b1>", {"<b>"}, NULL, "z"}};

	CHECK_THREADS(posts, "references:0,1 references:2,3");
}
END_TEST

START_TEST(the_method_is_that_of_most_and_the_weaker_of_two)
{
	static const struct by_hand posts[] = {{0, "<a>", {NULL}, "lunch", "x"},
	                                       {1, "<b>", {"<a>"}, "lunch", "y"},
	                                       {2, "<c>", {NULL}, "lunch", "z"}, /* one by each: subject */
	                                       {3, "<d>", {NULL}, "tea", "z"},
	                                       {4, "<e>", {"<d>"}, "tea", "z"},
	                                       {5, "<f>", {"<d>"}, "tea", "z"},
	                                       {6, "<g>", {NULL}, "tea", "z"}}; /* two of three: references */

	CHECK_THREADS(posts, "subject:0,1,2 references:3,4,5,6");
}
END_TEST

START_TEST(a_thread_ends_where_the_list_was_quiet)
{
	static const struct by_hand posts[] = {{0, "<a>", {NULL}, "lunch", "x"},
	                                       {59, "<b>", {"<a>"}, "lunch", "y"},
	                                       {118.999, "<c>", {"<a>"}, "lunch", "z"},
	                                       {178.999, "<d>", {"<a>"}, "lunch", "z"}, /* a whole hour */
	                                       {179, "<e>", {"<d>"}, "lunch", "z"}};
	char *text;

	append_all(posts, 5);
	text = told(HOUR);
	ck_assert_str_eq(text, "references:0,1,2 references:3,4");
	free(text);
	check_threads("references:0,1,2,3,4");
}
END_TEST

/* Not the thread itself: a later answer to a thread of this morning is of it as long as the list is in use. */
START_TEST(a_thread_goes_on_while_others_write)
{
	static const struct by_hand posts[] = {{0, "<a>", {NULL}, "lunch", "x"},
	                                       {50, "<b>", {NULL}, "tea", "y"},
	                                       {100, "<c>", {NULL}, "lunch", "z"}};
	char *text;

	append_all(posts, 3);
	text = told(HOUR);
	ck_assert_str_eq(text, "subject:0,2 subject:1");
	free(text);
}
END_TEST

/* Months of a busy list, each post a thread of its own; and one enormous thread. */
START_TEST(a_hundred_thousand_posts_take_no_time)
{
	struct timespec begin, end;
	struct threads threads;
	char id[32], subject[32];

	for (int i = 0; i < 50000; i++) {
		snprintf(id, sizeof(id), "<%d>", i);
		snprintf(subject, sizeof(subject), "subject%d", i);
		append((struct by_hand){i, id, {NULL}, subject, "x"});
	}
	for (int i = 0; i < 50000; i++) {
		snprintf(id, sizeof(id), "<x%d>", i);
		append((struct by_hand){50000 + i, id, {"<0>"}, "x", "x"});
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
	threads = threads_of(state, &state->lists[list], DAY);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	ck_assert_uint_eq(threads.count, 50000);
	ck_assert_uint_eq(threads.items[0].count, 50001);
	for (uint32_t i = 1; i < threads.count; i++) {
		ck_assert_uint_eq(threads.items[i].count, 1);
		ck_assert_uint_eq(threads.items[i].posts[0], state->lists[list].posts[i]);
	}
	threads_free(&threads);
	ck_assert_int_lt(end.tv_sec - begin.tv_sec, 5);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("thread");
	TCase *tests = tcase_create("thread");

	suite_add_tcase(suite, tests);
	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, a_list_without_posts_has_no_threads);
	tcase_add_test(tests, posts_that_name_each_other_are_one_thread);
	tcase_add_test(tests, a_name_that_nobody_knows_ties_those_that_share_it);
	tcase_add_test(tests, an_answer_may_be_read_before_what_it_answers);
	tcase_add_test(tests, cycles_and_names_of_oneself_are_harmless);
	tcase_add_test(tests, a_post_that_names_two_threads_makes_them_one);
	tcase_add_test(tests, a_post_that_names_none_joins_by_its_subject);
	tcase_add_test(tests, an_answer_without_references_brings_its_own_answers);
	tcase_add_test(tests, answers_to_an_unknown_id_join_their_subject);
	tcase_add_test(tests, empty_message_ids_tie_nothing);
	tcase_add_test(tests, the_same_message_id_again_is_of_the_same_thread);
	tcase_add_test(tests, without_headers_the_list_alone_is_the_thread);
	tcase_add_test(tests, a_single_post_without_a_subject_is_a_thread);
	tcase_add_test(tests, a_post_without_subject_joins_the_one_before_it);
	tcase_add_test(tests, a_post_that_others_name_does_not_join_by_the_list_alone);
	tcase_add_test(tests, the_method_is_that_of_most_and_the_weaker_of_two);
	tcase_add_test(tests, a_thread_ends_where_the_list_was_quiet);
	tcase_add_test(tests, a_thread_goes_on_while_others_write);
	tcase_add_test(tests, a_hundred_thousand_posts_take_no_time);
	return suite_run(suite);
}
