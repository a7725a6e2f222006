/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of recipients that are done: in whatever order they were told, each is
 * known and no other is, and that stays so through the stored form.
 */
#include "daemon/base/hash.h"
#include "done_by_hand.h"

/* And the file has no others; nothing is held but by the test, and the original recipient by the file. */
static void ck_all_done(void)
{
	ck_assert_uint_eq(file()->recipient_count, 0);
	for (unsigned i = 0; i < MAILBOXES; i++)
		if (texts_item(state->addresses, numbers[i])->holders != 1)
			ck_abort_msg("m%u has %u holders", i, texts_item(state->addresses, numbers[i])->holders);
	ck_assert_uint_eq(texts_item(state->addresses, via)->holders, file()->done.count > 0 ? 2 : 1);
	ck_done(file());
}

/* What is stored comes back, and is stored again as it was. */
static void ck_stored(void)
{
	struct codec codec = stored(file()), again;
	struct file back;

	ck_assert(restored(codec.bytes, codec.length, &back));
	ck_done(&back);
	again = stored(&back);
	ck_assert_uint_eq(again.length, codec.length);
	ck_assert_mem_eq(again.bytes, codec.bytes, codec.length);
	codec_free(&codec);
	codec_free(&again);
	forget(&back);
}

/* --- tests --- */

START_TEST(in_one_order_they_are_one_range_however_many)
{
	for (int descending = 0; descending < 2; descending++) {
		for (unsigned i = 0; i < MAILBOXES; i++) {
			sent(descending ? MAILBOXES - 1 - i : i);
			if (i % 700 == 699 || i == MAILBOXES - 1)
				age();
		}
		ck_all_done();
		ck_assert_uint_eq(file()->done.ranges.count, 1);
		ck_assert_uint_eq(file()->done.ranges.capacity, 1);
		ck_stored();
		texts_drop(state->addresses, file()->done.via);
		done_free(&file()->done);
		memset(judge, 0, top);
	}
}
END_TEST

START_TEST(of_interleaved_numbers_the_gaps_are_filled)
{
	for (unsigned step = 0; step < 4; step++) {
		for (unsigned i = step; i < 4000; i += 4)
			sent(i);
		age();
		ck_all_done();
		ck_stored();
	}
	ck_assert_uint_eq(file()->done.ranges.count, 1);
}
END_TEST

START_TEST(scattered_ones_become_a_set_beyond_the_border)
{
	for (unsigned i = 0; i < 2 * RANGES_MOST; i += 2)
		sent(i);
	age();
	ck_all_done();
	ck_assert(!file()->done.many);
	ck_assert_uint_eq(file()->done.ranges.count, RANGES_MOST);
	ck_stored();
	sent(2 * RANGES_MOST + 1);
	age();
	ck_all_done();
	ck_assert(file()->done.many);
	ck_stored();
	for (unsigned i = MAILBOXES; i-- > 0;)
		if (!judge[numbers[i]])
			sent(i);
	age();
	ck_all_done();
	ck_stored();
}
END_TEST

START_TEST(a_set_whose_gaps_were_filled_comes_back_as_ranges)
{
	struct codec codec;
	struct file back;

	for (unsigned step = 0; step < 2; step++) {
		for (unsigned i = step; i < MAILBOXES; i += 2)
			sent(i);
		age();
		ck_assert(file()->done.many);
	}
	codec = stored(file());
	ck_assert(restored(codec.bytes, codec.length, &back));
	ck_done(&back);
	ck_assert(!back.done.many);
	ck_assert_uint_eq(back.done.ranges.count, 1);
	codec_free(&codec);
	forget(&back);
}
END_TEST

START_TEST(who_waits_was_told_of_lately_or_is_under_another_original_recipient_stays)
{
	sent(10);
	ended(11, via)->outcome = RECIPIENT_OPEN;
	sent(12);
	ended(13, via)->deferred_at = clock_now + settings->input.join_window;
	ended(14, via)->ended_at = clock_now + settings->input.join_window;
	ended(15, via)->booked = false;
	ended(16, other_via);
	ended(12, other_via);
	ended(17, via)->outcome = RECIPIENT_REQUEUED;
	sent(18);
	age();
	ck_done(file());
	ck_assert_uint_eq(file()->recipient_count, 7);
	for (unsigned i = 0; i < 7; i++) {
		static const unsigned stay[] = {11, 13, 14, 15, 16, 12, 17};

		ck_assert_uint_eq(file()->recipients[i].mailbox, numbers[stay[i]]);
		ck_assert_uint_eq(file()->recipients[i].via, i == 4 || i == 5 ? other_via : via);
	}
	/* Not looked at again before a quarter of the window is over, by whole minutes. */
	file()->recipients[0].outcome = RECIPIENT_SENT;
	done_age(state, FILE_NUMBER, clock_now + settings->input.join_window / 4 - 1);
	ck_done(file());
	done_age(state, FILE_NUMBER, clock_now + settings->input.join_window / 4 + MINUTE);
	judge[numbers[11]] = judge[numbers[13]] = judge[numbers[14]] = true;
	ck_done(file());
	ck_assert_uint_eq(file()->recipient_count, 4);
}
END_TEST

/* The next of some random numbers. */
static uint32_t any(uint64_t *random, uint32_t below)
{
	*random = hash_number(*random + 1);
	return (uint32_t)((*random >> 20) % below);
}

/* A run, up or down, or some from anywhere. */
static void sent_at_random(uint64_t *random)
{
	uint32_t how = any(random, 3), at = any(random, MAILBOXES), count = 1 + any(random, 600);

	for (uint32_t i = 0; i < count; i++) {
		uint32_t next = how == 0 ? at + i : how == 1 ? at - i : any(random, MAILBOXES);

		if (next < MAILBOXES && !judge[numbers[next]])
			sent(next);
	}
}

START_TEST(random_ones_are_known_and_no_others)
{
	uint64_t random = (uint64_t)_i + 1;

	for (unsigned round = 0; round < 25; round++) {
		for (unsigned i = 0; i <= any(&random, 3); i++)
			sent_at_random(&random);
		age();
		ck_all_done();
		if (any(&random, 4) == 0) {
			struct codec codec = stored(file());
			struct file back;

			ck_assert(restored(codec.bytes, codec.length, &back));
			done_free(&file()->done);
			file()->done = back.done;
			back.done = (struct done){0};
			ck_all_done();
			codec_free(&codec);
			forget(&back);
			clock_now += settings->input.join_window;
		}
	}
	ck_stored();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("done");
	TCase *tests = tcase_create("done");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, in_one_order_they_are_one_range_however_many);
	tcase_add_test(tests, of_interleaved_numbers_the_gaps_are_filled);
	tcase_add_test(tests, scattered_ones_become_a_set_beyond_the_border);
	tcase_add_test(tests, a_set_whose_gaps_were_filled_comes_back_as_ranges);
	tcase_add_test(tests, who_waits_was_told_of_lately_or_is_under_another_original_recipient_stays);
	tcase_add_loop_test(tests, random_ones_are_known_and_no_others, 0, 8);
	suite_add_tcase(suite, tests);
	return suite_run(suite);
}
