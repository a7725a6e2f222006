/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of recipient sets: which messages share one, also when its first post
 * has left memory.
 */
#include <stdio.h>

#include "daemon/correlate/bucket.h"
#include "daemon/correlate/recipient_set.h"
#include "posts_by_hand.h"
#include "tests/suite.h"

/* A message to the mailboxes `from` to `until`. */
static uint32_t message_to(double minute, const char *id, int from, int until)
{
	struct message message = {.live = true,
	                          .posted_at = NOON + (int64_t)(minute * (double)MINUTE),
	                          .buckets = memory_zeroed(1, sizeof(struct bucket)),
	                          .bucket_count = 1};

	message.id = texts_hold(state->texts, slice_of(id));
	for (int i = from; i < until; i++) {
		char text[32];

		snprintf(text, sizeof(text), "m%d@example.org", i);
		bucket_add(&message.buckets[0], SET_NAMED, 0, texts_hold(state->addresses, slice_of(text)));
	}
	MEMORY_GROW(state->messages, state->message_count, state->message_capacity);
	state->messages[state->message_count] = message;
	return state->message_count++;
}

/* The list that a message is assigned to among all, as it will be counted. */
static uint32_t assigned(uint32_t number)
{
	uint32_t messages[10], lists[10], count = 0, found = 0;

	for (uint32_t i = 1; i < state->message_count; i++)
		if (state->messages[i].live)
			messages[count++] = i;
	recipient_sets_assign(state, messages, lists, count);
	for (uint32_t i = 0; i < count; i++)
		found = messages[i] == number ? lists[i] : found;
	return found;
}

/* The message is counted as a post of the list it is assigned to. */
static void counted(uint32_t number)
{
	struct message *message = &state->messages[number];

	list = assigned(number);
	append((struct by_hand){(double)(message->posted_at - NOON) / (double)MINUTE, NULL, {NULL}, NULL, NULL})
		->message = number;
	message->posts = memory_zeroed(1, sizeof(uint32_t));
	message->posts[message->post_count++] = state->post_count - 1;
}

START_TEST(four_of_five_mailboxes_make_it_the_same)
{
	uint32_t first = message_to(0, "<1@x>", 0, 100), second = message_to(1, "<2@x>", 20, 100),
		 third = message_to(2, "<3@x>", 21, 100), fourth = message_to(3, "<4@x>", 40, 120);

	ck_assert_uint_ne(assigned(first), 0);
	ck_assert_uint_eq(assigned(second), assigned(first));
	ck_assert_uint_ne(assigned(third), assigned(first));
	ck_assert_uint_ne(assigned(fourth), assigned(first));
}
END_TEST

START_TEST(what_was_assigned_stays_so_when_the_first_has_left_memory)
{
	uint32_t first = message_to(0, "<1@x>", 0, 100), second = message_to(1, "<2@x>", 20, 100), third, set;

	counted(first);
	set = list;
	counted(second);
	ck_assert_uint_eq(list, set);
	/* Only its head is at hand, then nothing. */
	state->messages[first].live = false;
	state->posts[1].message = 0;
	ck_assert_uint_eq(assigned(second), set);
	state->lists[set].posts[0] = state->lists[set].posts[1];
	state->lists[set].post_count = 1;
	state->lists[set].all_posts = 1;
	ck_assert_uint_eq(assigned(second), set);
	third = message_to(2, "<3@x>", 25, 105);
	ck_assert_uint_eq(assigned(third), set);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("recipient_set");
	TCase *tests = tcase_create("recipient_set");

	suite_add_tcase(suite, tests);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, four_of_five_mailboxes_make_it_the_same);
	tcase_add_test(tests, what_was_assigned_stays_so_when_the_first_has_left_memory);
	return suite_run(suite);
}
