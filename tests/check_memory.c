/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of memory: blocks keep what they hold while they grow, become large ones
 * and small again; fresh ones are 0.
 */
#include "daemon/base/memory.h"

#include <signal.h>

#include "tests/suite.h"

static void fill(uint32_t *numbers, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		numbers[i] = (uint32_t)i * 2654435761u;
}

static void ck_filled(const uint32_t *numbers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (numbers[i] != (uint32_t)i * 2654435761u)
			ck_abort_msg("number %zu of %zu", i, count);
}

START_TEST(a_block_keeps_what_it_holds)
{
	static const size_t sizes[] = {
		1,
		1000,
		MEMORY_LARGE - 4,
		MEMORY_LARGE,
		MEMORY_LARGE + 4,
		3 * MEMORY_LARGE - 4,
		9 * MEMORY_LARGE,
		2 * MEMORY_LARGE,
		MEMORY_LARGE,
		MEMORY_LARGE - 4,
		400,
		5 * MEMORY_LARGE,
	};
	uint32_t *numbers = NULL;
	size_t count = 0;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		size_t wanted = sizes[i] / sizeof(*numbers);

		numbers = memory_resized(numbers, wanted, sizeof(*numbers));
		ck_filled(numbers, count < wanted ? count : wanted);
		fill(numbers, 0, wanted);
		count = wanted;
	}
	ck_filled(numbers, count);
	free(numbers);
}
END_TEST

START_TEST(a_large_block_begins_a_large_page)
{
	char *grown = memory_resized(memory_zeroed(1, MEMORY_LARGE / 2), 1, MEMORY_LARGE);
	char *zeroed = memory_zeroed(MEMORY_LARGE, 1);

	ck_assert_uint_eq((uintptr_t)grown % (2u << 20), 0);
	ck_assert_uint_eq((uintptr_t)zeroed % (2u << 20), 0);
	free(grown);
	free(zeroed);
}
END_TEST

/* Of memory that was used before, too. */
START_TEST(a_fresh_block_is_zero)
{
	static const size_t sizes[] = {0, 1, 100, MEMORY_LARGE - 1, MEMORY_LARGE, 3 * MEMORY_LARGE};

	for (int round = 0; round < 3; round++)
		for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
			char *bytes = memory_zeroed(sizes[i], 1);

			for (size_t k = 0; k < sizes[i]; k++)
				if (bytes[k])
					ck_abort_msg("byte %zu of %zu", k, sizes[i]);
			memset(bytes, 0xff, sizes[i]);
			free(bytes);
		}
}
END_TEST

START_TEST(more_than_there_can_be_is_the_end)
{
	if (_i == 0)
		memory_zeroed(SIZE_MAX / 2, 3);
	else
		memory_resized(NULL, SIZE_MAX / 2, 3);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("memory");
	TCase *tests = tcase_create("memory");

	tcase_add_test(tests, a_block_keeps_what_it_holds);
	tcase_add_test(tests, a_large_block_begins_a_large_page);
	tcase_add_test(tests, a_fresh_block_is_zero);
	tcase_add_loop_test_raise_signal(tests, more_than_there_can_be_is_the_end, SIGABRT, 0, 2);
	suite_add_tcase(suite, tests);
	return suite_run(suite);
}
