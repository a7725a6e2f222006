/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of first deferrals of pairs, where two messages prove to be one: a pair
 * is booked once, at the earlier of its deferrals, whichever message had it.
 */
#include <check.h>
#include <stdlib.h>

#include "daemon/base/memory.h"
#include "daemon/correlate/book.h"
#include "daemon/correlate/cells.h"
#include "daemon/correlate/deferral.h"
#include "tests/suite.h"

#define NOON (INT64_C(1479124800) * SECOND)

static struct settings *settings;
static struct state *state;
static struct message to, from;

/* A message with one bucket. */
static struct message message_with_bucket(void)
{
	struct message message = {.bucket_count = 1, .bucket_capacity = 1};

	message.buckets = memory_zeroed(1, sizeof(*message.buckets));
	return message;
}

static void set_up(void)
{
	char *error = NULL;

	settings = settings_load(NULL, &error);
	ck_assert_msg(settings != NULL, "%s", error);
	state = state_new(settings);
	to = message_with_bucket();
	from = message_with_bucket();
}

static void message_done(struct message *message)
{
	cells_clear(&message->buckets[0].cells);
	free(message->buckets);
	deferral_clear(message);
}

static void tear_down(void)
{
	message_done(&to);
	message_done(&from);
	state_free(&state);
	settings_free(&settings);
}

static int64_t *booked(struct cells *cells, int minute)
{
	return &cells_get(cells, (struct cell_key){.at = NOON + minute * MINUTE, .kind = CELL_MINUTE})->deferred;
}

/* A mailbox was deferred then, in this message; its cells are the merged message's already. */
static void deferred(struct message *message, uint32_t mailbox, int minute)
{
	deferral_keep(message, mailbox, 0, NOON + minute * MINUTE, 0);
	++*booked(&to.buckets[0].cells, minute);
	++*booked(&state->all, minute);
}

static void met(void)
{
	const uint32_t numbers[] = {0};

	book_adopt_deferrals(state, &to, &from, numbers);
}

static void check_booked(int minute, int64_t count)
{
	ck_assert_int_eq(*booked(&to.buckets[0].cells, minute), count);
	ck_assert_int_eq(*booked(&state->all, minute), count);
}

START_TEST(what_one_message_knew_stays)
{
	deferred(&to, 7, 1);
	deferred(&from, 8, 1);
	met();
	check_booked(1, 2);
	ck_assert_uint_eq(to.deferral_count, 2);
}
END_TEST

START_TEST(the_later_deferral_of_a_pair_is_taken_back)
{
	deferred(&to, 7, 1);
	deferred(&from, 7, 3);
	met();
	check_booked(1, 1);
	check_booked(3, 0);
	ck_assert_int_eq(deferral_find(&to, 7, 0)->at, NOON + MINUTE);
}
END_TEST

START_TEST(whichever_message_had_it)
{
	deferred(&to, 7, 3);
	deferred(&from, 7, 1);
	met();
	check_booked(1, 1);
	check_booked(3, 0);
	ck_assert_uint_eq(to.deferral_count, 1);
	ck_assert_int_eq(deferral_find(&to, 7, 0)->at, NOON + MINUTE);
}
END_TEST

START_TEST(at_the_same_moment_it_is_one_too)
{
	deferred(&to, 7, 2);
	deferred(&from, 7, 2);
	met();
	check_booked(2, 1);
	ck_assert_uint_eq(to.deferral_count, 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("deferral");
	TCase *tests = tcase_create("deferral");

	suite_add_tcase(suite, tests);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, what_one_message_knew_stays);
	tcase_add_test(tests, the_later_deferral_of_a_pair_is_taken_back);
	tcase_add_test(tests, whichever_message_had_it);
	tcase_add_test(tests, at_the_same_moment_it_is_one_too);
	return suite_run(suite);
}
