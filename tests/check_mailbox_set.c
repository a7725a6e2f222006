/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of mailbox sets: members and their tellers, algebra, the chunks that
 * the store writes and which of them changed. A plain array of counts is the judge.
 */
#include <check.h>
#include <stdlib.h>

#include "daemon/base/hash.h"
#include "daemon/base/mailbox_set.h"
#include "tests/mailbox_set_dirty.h"
#include "tests/suite.h"

#define TELLERS_MAX (1 << (MAILBOX_SET_LEVELS - 1))

static void fill(struct mailbox_set *set, const uint32_t *mailboxes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		mailbox_set_add(set, mailboxes[i]);
}

struct members {
	uint32_t numbers[64];
	unsigned count;
};

static void gather(uint32_t mailbox, void *with)
{
	struct members *members = with;

	ck_assert_uint_lt(members->count, 64);
	members->numbers[members->count++] = mailbox;
}

static void check_members(const struct mailbox_set *set, const uint32_t *expected, unsigned count)
{
	struct members members = {.count = 0};

	mailbox_set_each(set, gather, &members);
	ck_assert_uint_eq(members.count, count);
	ck_assert_uint_eq(mailbox_set_count(set), count);
	for (unsigned i = 0; i < count; i++) {
		ck_assert_uint_eq(members.numbers[i], expected[i]);
		ck_assert(mailbox_set_has(set, expected[i]));
	}
}

#define CHECK_MEMBERS(set, ...) \
	do { \
		static const uint32_t expected_[] = {__VA_ARGS__}; \
		check_members((set), expected_, sizeof(expected_) / sizeof(*expected_)); \
	} while (0)

START_TEST(a_zeroed_set_is_empty)
{
	struct mailbox_set set = {0}, other = {0};
	size_t size = 1;

	check_members(&set, NULL, 0);
	ck_assert(!mailbox_set_has(&set, 0));
	ck_assert(!mailbox_set_remove(&set, 0));
	ck_assert_uint_eq(set.dirty_count, 0);
	ck_assert_ptr_null(mailbox_set_chunk(&set, 0, 0, &size));
	ck_assert_uint_eq(size, 0);
	mailbox_set_merge(&set, &other);
	mailbox_set_unite(&set, &other);
	mailbox_set_subtract(&set, &other);
	mailbox_set_intersect(&set, &other);
	ck_assert_uint_eq(mailbox_set_count_common(&set, &other), 0);
	check_members(&set, NULL, 0);
	mailbox_set_clear(&set);
}
END_TEST

START_TEST(members_are_told_ascending_and_the_largest_number_is_one)
{
	struct mailbox_set set = {0};

	ck_assert(mailbox_set_add(&set, UINT32_MAX));
	ck_assert(mailbox_set_add(&set, 70000));
	ck_assert(mailbox_set_add(&set, 1));
	ck_assert(!mailbox_set_add(&set, 70000));
	CHECK_MEMBERS(&set, 1, 70000, UINT32_MAX);
	mailbox_set_clear(&set);
	check_members(&set, NULL, 0);
}
END_TEST

START_TEST(a_member_leaves_with_its_last_teller)
{
	for (int tellers = 1; tellers <= TELLERS_MAX; tellers++) {
		struct mailbox_set set = {0};

		for (int i = 0; i < tellers; i++)
			ck_assert(mailbox_set_add(&set, 9) == (i == 0));
		for (int i = tellers; i > 1; i--) {
			ck_assert(!mailbox_set_remove(&set, 9));
			ck_assert(mailbox_set_has(&set, 9));
		}
		ck_assert(mailbox_set_remove(&set, 9));
		ck_assert(!mailbox_set_has(&set, 9));
		ck_assert(!mailbox_set_remove(&set, 9));
		mailbox_set_clear(&set);
	}
}
END_TEST

START_TEST(tellers_beyond_the_largest_count_are_not_counted)
{
	struct mailbox_set set = {0};

	for (int i = 0; i < TELLERS_MAX + 50; i++)
		mailbox_set_add(&set, 9);
	for (int i = 1; i < TELLERS_MAX; i++)
		ck_assert(!mailbox_set_remove(&set, 9));
	ck_assert(mailbox_set_remove(&set, 9));
	mailbox_set_clear(&set);
}
END_TEST

/* Tellers come and go at random; two sets become one. */
static void random_tellers(struct mailbox_set *set, unsigned *counts, uint64_t seed, uint32_t base, uint32_t span)
{
	for (int i = 0; i < 3000; i++) {
		uint32_t at = (uint32_t)((seed = hash_number(seed + 1)) % span) + base;

		if ((seed >> 40) % 3) {
			ck_assert(mailbox_set_add(set, at * 3000) == (counts[at]++ == 0));
		} else {
			ck_assert(mailbox_set_remove(set, at * 3000) == (counts[at] == 1));
			counts[at] -= counts[at] > 0;
		}
	}
}

START_TEST(merged_sets_have_the_tellers_of_both)
{
	static const uint32_t bases[] = {0, 50, 100}; /* the same members, some, none */
	unsigned counts[250] = {0};
	struct mailbox_set a = {0}, b = {0};
	uint64_t members = 0;

	random_tellers(&a, counts, 1, 0, 100);
	{
		unsigned others[250] = {0};

		random_tellers(&b, others, 2, bases[_i], 100);
		for (int i = 0; i < 250; i++)
			counts[i] += others[i];
	}
	mailbox_set_merge(&a, &b);
	check_members(&b, NULL, 0);
	for (uint32_t i = 0; i < 250; i++) {
		members += counts[i] > 0;
		ck_assert(mailbox_set_has(&a, i * 3000) == (counts[i] > 0));
	}
	ck_assert_uint_eq(mailbox_set_count(&a), members);
	for (uint32_t i = 0; i < 250; i++)
		for (; counts[i]; counts[i]--)
			ck_assert(mailbox_set_remove(&a, i * 3000) == (counts[i] == 1));
	ck_assert_uint_eq(mailbox_set_count(&a), 0);
	mailbox_set_clear(&a);
}
END_TEST

START_TEST(algebra_is_that_of_sets)
{
	static const uint32_t first[] = {1, 2, 3, 100000}, second[] = {2, 100000, 200000};
	struct mailbox_set a = {0}, b = {0}, c = {0}, none = {0};

	fill(&a, first, 4);
	fill(&b, second, 3);
	ck_assert_uint_eq(mailbox_set_count_common(&a, &b), 2);
	mailbox_set_copy(&c, &a);
	mailbox_set_unite(&c, &b);
	CHECK_MEMBERS(&c, 1, 2, 3, 100000, 200000);
	mailbox_set_copy(&c, &a);
	mailbox_set_subtract(&c, &b);
	CHECK_MEMBERS(&c, 1, 3);
	mailbox_set_copy(&c, &a);
	mailbox_set_intersect(&c, &b);
	CHECK_MEMBERS(&c, 2, 100000);
	mailbox_set_intersect(&c, &none);
	check_members(&c, NULL, 0);
	mailbox_set_copy(&c, &a);
	mailbox_set_subtract(&c, &none);
	mailbox_set_unite(&c, &none);
	CHECK_MEMBERS(&c, 1, 2, 3, 100000);
	mailbox_set_copy(&c, &none);
	check_members(&c, NULL, 0);
	/* The sources are as they were. */
	CHECK_MEMBERS(&a, 1, 2, 3, 100000);
	CHECK_MEMBERS(&b, 2, 100000, 200000);
	mailbox_set_clear(&a);
	mailbox_set_clear(&b);
	mailbox_set_clear(&c);
}
END_TEST

START_TEST(what_changed_is_marked_by_chunk)
{
	static const uint16_t chunks[] = {0, 1, 0x8000, 0xffff};
	struct mailbox_set set = {0}, other = {0};

	mailbox_set_add(&set, 5);
	mailbox_set_add(&set, 65535);
	check_dirty(&set, chunks, 1);
	mailbox_set_add(&set, 65536);
	check_dirty(&set, chunks, 2);
	set.dirty_count = 0;
	ck_assert(!mailbox_set_remove(&set, 6));
	ck_assert(!mailbox_set_remove(&set, 0x80000000));
	check_dirty(&set, chunks, 0);
	mailbox_set_remove(&set, 5);
	check_dirty(&set, chunks, 1);
	/* Chunks that a merge brings; the sets share no member, so it goes by chunks. */
	mailbox_set_add(&other, 131071);
	mailbox_set_add(&other, 0x80000001);
	mailbox_set_add(&other, UINT32_MAX);
	mailbox_set_add(&other, UINT32_MAX - 1);
	mailbox_set_merge(&set, &other);
	check_dirty(&set, chunks, 4);
	ck_assert_uint_eq(other.dirty_count, 0);
	mailbox_set_clear(&set);
}
END_TEST

/* _i: as they came, or as the store has them: a level that is empty has no row. */
START_TEST(tellers_are_counted)
{
	static const uint32_t told[] = {1, 3, 6, 6};
	struct mailbox_set set = {0}, back = {0};

	for (uint32_t mailbox = 0; mailbox < sizeof(told) / sizeof(*told); mailbox++)
		for (uint32_t i = 0; i < told[mailbox]; i++)
			mailbox_set_add(&set, mailbox);
	mailbox_set_remove(&set, 0);
	for (unsigned level = 0; level < MAILBOX_SET_LEVELS; level++) {
		size_t size;
		char *bytes = mailbox_set_chunk(&set, level, 0, &size);

		ck_assert(!bytes || mailbox_set_restore(&back, level, bytes, size));
		free(bytes);
	}
	ck_assert_uint_eq(mailbox_set_tellers(_i ? &back : &set), 3 + 6 + 6);
	mailbox_set_clear(&set);
	mailbox_set_clear(&back);
}
END_TEST

START_TEST(chunks_written_and_restored_are_the_same_set)
{
	struct mailbox_set set = {0}, back = {0};
	uint64_t dice = 3;

	for (int i = 0; i < 30000; i++)
		mailbox_set_add(&set, (uint32_t)((dice = hash_number(dice + 1)) % 300000));
	for (uint32_t i = 0; i < 70000; i++)
		mailbox_set_add(&set, 400000 + i); /* runs */
	mailbox_set_add(&set, UINT32_MAX);
	for (uint32_t k = 0; k < set.dirty_count; k++)
		for (unsigned level = 0; level < MAILBOX_SET_LEVELS; level++) {
			size_t size;
			char *bytes = mailbox_set_chunk(&set, level, set.dirty[k], &size);

			if (!bytes)
				continue;
			ck_assert_uint_le(size, 8192 + 32);
			ck_assert(mailbox_set_restore(&back, level, bytes, size));
			free(bytes);
		}
	ck_assert_uint_eq(back.dirty_count, 0);
	ck_assert_uint_eq(mailbox_set_count(&back), mailbox_set_count(&set));
	ck_assert_uint_eq(mailbox_set_count_common(&back, &set), mailbox_set_count(&set));
	/* Tellers too: taking all back again empties it. */
	for (dice = 3; mailbox_set_count(&back) > 70001;)
		mailbox_set_remove(&back, (uint32_t)((dice = hash_number(dice + 1)) % 300000));
	ck_assert_uint_eq(mailbox_set_count(&back), 70001);
	mailbox_set_clear(&set);
	mailbox_set_clear(&back);
}
END_TEST

START_TEST(an_empty_chunk_has_no_bytes)
{
	struct mailbox_set set = {0};
	size_t size;

	mailbox_set_add(&set, 65536);
	ck_assert_ptr_null(mailbox_set_chunk(&set, 0, 0, &size));
	ck_assert_uint_eq(size, 0);
	ck_assert_ptr_null(mailbox_set_chunk(&set, 1, 1, &size));
	mailbox_set_remove(&set, 65536);
	ck_assert_ptr_null(mailbox_set_chunk(&set, 0, 1, &size));
	mailbox_set_clear(&set);
}
END_TEST

START_TEST(bytes_that_are_no_bitmap_are_refused)
{
	struct mailbox_set set = {0};
	size_t size;
	char *bytes;

	for (uint32_t i = 0; i < 3000; i++)
		mailbox_set_add(&set, i * 2);
	bytes = mailbox_set_chunk(&set, 0, 0, &size);
	ck_assert(!mailbox_set_restore(&set, 0, "no bitmap", 9));
	ck_assert(!mailbox_set_restore(&set, 0, "", 0));
	ck_assert(!mailbox_set_restore(&set, MAILBOX_SET_LEVELS, bytes, size));
	for (size_t cut = 0; cut < size; cut += 1 + cut / 2) {
		char *part = malloc(cut + 1); /* so that a byte read too far is seen */

		memcpy(part, bytes, cut);
		part = realloc(part, cut ? cut : 1);
		ck_assert(!mailbox_set_restore(&set, 0, part, cut));
		free(part);
	}
	ck_assert_uint_eq(mailbox_set_count(&set), 3000);
	free(bytes);
	mailbox_set_clear(&set);
}
END_TEST

START_TEST(a_settled_set_is_the_same_and_takes_more)
{
	struct mailbox_set set = {0};

	for (uint32_t i = 0; i < 100000; i++)
		mailbox_set_add(&set, i);
	ck_assert_uint_eq(mailbox_set_count(&set), 100000);
	ck_assert(mailbox_set_add(&set, 100000));
	ck_assert(!mailbox_set_add(&set, 99999));
	ck_assert(!mailbox_set_remove(&set, 99999));
	ck_assert(mailbox_set_remove(&set, 99999));
	ck_assert_uint_eq(mailbox_set_count(&set), 100000);
	mailbox_set_clear(&set);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("mailbox_set");
	TCase *tests = tcase_create("mailbox_set");

	suite_add_tcase(suite, tests);
	tcase_add_test(tests, a_zeroed_set_is_empty);
	tcase_add_test(tests, members_are_told_ascending_and_the_largest_number_is_one);
	tcase_add_test(tests, a_member_leaves_with_its_last_teller);
	tcase_add_test(tests, tellers_beyond_the_largest_count_are_not_counted);
	tcase_add_loop_test(tests, merged_sets_have_the_tellers_of_both, 0, 3);
	tcase_add_test(tests, algebra_is_that_of_sets);
	tcase_add_test(tests, what_changed_is_marked_by_chunk);
	tcase_add_loop_test(tests, tellers_are_counted, 0, 2);
	tcase_add_test(tests, chunks_written_and_restored_are_the_same_set);
	tcase_add_test(tests, an_empty_chunk_has_no_bytes);
	tcase_add_test(tests, bytes_that_are_no_bitmap_are_refused);
	tcase_add_test(tests, a_settled_set_is_the_same_and_takes_more);
	return suite_run(suite);
}
