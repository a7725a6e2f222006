/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of the stored form of recipients that are done: what earlier versions
 * stored comes back, and bytes that none of them wrote are refused.
 */
#include "done_by_hand.h"

/* The place in the stored form of a file that has none where their count, 0, stands. */
static size_t place_of_done(const struct codec *none)
{
	struct file with = *file();
	struct ranges one = {0};
	struct codec codec;
	size_t at = 0;

	with.done = (struct done){.via = via};
	ranges_add(&one, 1);
	ck_assert(done_restore(&with, &one));
	codec = stored(&with);
	while (codec.bytes[at] == none->bytes[at])
		at++;
	ck_assert_int_eq(none->bytes[at], 0);
	codec_free(&codec);
	done_free(&with.done);
	ranges_clear(&one);
	return at;
}

/* A stored form with these values in the place of the recipients that are done. */
static struct codec made(const uint64_t *values, uint32_t count)
{
	struct file without = *file();
	struct codec none, codec = {0}, part = {0};
	size_t at, behind;

	without.done = (struct done){.via = via};
	none = stored(&without);
	at = place_of_done(&none);
	behind = none.length - at - 1;
	for (uint32_t i = 0; i < count; i++)
		codec_u64(&part, &(uint64_t){values[i]});
	codec.length = at + part.length + behind;
	codec.bytes = memory_zeroed(codec.length, 1);
	memcpy(codec.bytes, none.bytes, at);
	memcpy(codec.bytes + at, part.bytes, part.length);
	memcpy(codec.bytes + at + part.length, none.bytes + at + 1, behind);
	codec_free(&none);
	codec_free(&part);
	return codec;
}

/* Values of a stored form, and what comes of it; no ranges: it is refused. */
struct form {
	uint64_t values[8];
	uint32_t count;
	struct range ranges[2];
	uint32_t range_count;
};

static void ck_form(const struct form *form)
{
	struct codec codec = made(form->values, form->count);
	struct file back;
	bool good = restored(codec.bytes, codec.length, &back);

	ck_assert_msg(good == (form->range_count > 0), "%u values from %llu on: %d", form->count,
	              (unsigned long long)form->values[0], good);
	if (good) {
		struct range items[2] = {form->ranges[0], form->ranges[1]};
		struct ranges expected = {items, form->range_count, form->range_count}, ranges = done_ranges(&back);

		ck_same(&ranges, &expected);
		ck_assert_uint_eq(back.done.count, ranges_numbers(&expected));
		ck_assert_uint_eq(back.done.via, via);
		ranges_clear(&ranges);
	}
	codec_free(&codec);
	forget(&back);
}

START_TEST(numbers_one_by_one_as_versions_before_10_stored_them_come_back)
{
	static const struct form forms[] = {
		{{1, 5}, 2, {{5, 5}}, 1},
		{{3, 5, 1, 3}, 4, {{5, 6}, {9, 9}}, 2},
		{{2, 5, UINT32_MAX - 5}, 3, {{5, 5}, {UINT32_MAX, UINT32_MAX}}, 2},
		/* They do not ascend, leave 32 bits, or are more than there are bytes. */
		{{2, 5, 0}, 3, {{0}}, 0},
		{{2, 5, UINT32_MAX - 4}, 3, {{0}}, 0},
		{{2, 5, UINT32_MAX}, 3, {{0}}, 0},
		{{2, 5, UINT32_MAX + UINT64_C(1)}, 3, {{0}}, 0},
		{{100000, 5, 1, 3}, 4, {{0}}, 0},
		{{UINT32_MAX, 5, 1, 3}, 4, {{0}}, 0},
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		ck_form(&forms[i]);
}
END_TEST

START_TEST(ranges_come_back)
{
	static const struct form forms[] = {
		{{1, 0, 5, 0}, 4, {{5, 5}}, 1},
		{{2, 0, 5, 1, 3, 0}, 6, {{5, 6}, {9, 9}}, 2},
		{{2, 0, 1, UINT32_MAX - 3, 2, 0}, 6, {{1, UINT32_MAX - 2}, {UINT32_MAX, UINT32_MAX}}, 2},
		{{1, 0, 1, UINT32_MAX - 1}, 4, {{1, UINT32_MAX}}, 1},
		/* The first has the number 0; they touch, overlap, or go beyond 32 bits: where they begin, where they end. */
		{{1, 0, 0, 5}, 4, {{0}}, 0},
		{{2, 0, 5, 1, 1, 0}, 6, {{0}}, 0},
		{{2, 0, 5, 1, 0, 3}, 6, {{0}}, 0},
		{{2, 0, 5, 1, UINT32_MAX - 5, 0}, 6, {{0}}, 0},
		{{2, 0, 5, 1, UINT32_MAX, 0}, 6, {{0}}, 0},
		{{1, 0, 5, UINT32_MAX - 4}, 4, {{0}}, 0},
		{{2, 0, 5, 1, 9, UINT32_MAX - 14}, 6, {{0}}, 0},
		{{1, 0, 5, UINT32_MAX + UINT64_C(1)}, 4, {{0}}, 0},
		/* Fewer or more than there are bytes. */
		{{1, 0, 5, 1, 3, 0}, 6, {{0}}, 0},
		{{100000, 0, 5, 1}, 4, {{0}}, 0},
		{{UINT32_MAX, 0, 5, 1}, 4, {{0}}, 0},
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		ck_form(&forms[i]);
}
END_TEST

START_TEST(a_range_takes_two_values_however_long_it_is)
{
	struct codec expected, codec;

	for (unsigned i = 0; i < MAILBOXES; i++)
		if (i != 4000)
			sent(i);
	age();
	expected = made((const uint64_t[]){2, 0, numbers[0], 3999, 2, MAILBOXES - 4002}, 6);
	codec = stored(file());
	ck_assert_uint_eq(codec.length, expected.length);
	ck_assert_mem_eq(codec.bytes, expected.bytes, expected.length);
	codec_free(&codec);
	codec_free(&expected);
}
END_TEST

START_TEST(a_stored_form_that_ends_early_or_was_changed_does_no_harm)
{
	struct codec codec;
	struct file back;

	for (unsigned i = 0; i < 400; i++)
		if (i % 9 < 5 || i > 300)
			sent(i);
	age();
	codec = stored(file());
	for (size_t length = 0; length < codec.length; length++) {
		char *bytes = memory_zeroed(length, 1); /* so that reading on is seen */

		memcpy(bytes, codec.bytes, length);
		ck_assert(!restored(bytes, length, &back));
		forget(&back);
		free(bytes);
	}
	for (size_t bit = 0; bit < 8 * codec.length; bit++) {
		codec.bytes[bit / 8] = (char)(codec.bytes[bit / 8] ^ 1 << bit % 8);
		if (restored(codec.bytes, codec.length, &back)) {
			struct ranges ranges = done_ranges(&back);

			ck_assert(ranges_settled(&ranges));
			ck_assert_uint_eq(back.done.count, ranges_numbers(&ranges));
			ranges_clear(&ranges);
		}
		forget(&back);
		codec.bytes[bit / 8] = (char)(codec.bytes[bit / 8] ^ 1 << bit % 8);
	}
	ck_assert(restored(codec.bytes, codec.length, &back));
	ck_done(&back);
	forget(&back);
	codec_free(&codec);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("done, stored");
	TCase *tests = tcase_create("done, stored");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, numbers_one_by_one_as_versions_before_10_stored_them_come_back);
	tcase_add_test(tests, ranges_come_back);
	tcase_add_test(tests, a_range_takes_two_values_however_long_it_is);
	tcase_add_test(tests, a_stored_form_that_ends_early_or_was_changed_does_no_harm);
	suite_add_tcase(suite, tests);
	return suite_run(suite);
}
