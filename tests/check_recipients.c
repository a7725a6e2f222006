/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of a queue file's recipients: each is found by mailbox and original
 * recipient, in whatever order they were told and whichever went.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/memory.h"
#include "daemon/correlate/file_recipients.h"
#include "tests/suite.h"

#define MAILBOXES 700
#define FILE_NUMBER 1

static struct settings *settings;
static struct state *state;
static uint32_t mailboxes[MAILBOXES], vias[2];

static uint32_t address(const char *kind, unsigned number)
{
	char text[64];

	snprintf(text, sizeof(text), "%s%u@example.org", kind, number);
	return texts_hold(state->addresses, slice_of(text));
}

static void set_up(void)
{
	char *error = NULL;

	settings = settings_load(NULL, &error);
	ck_assert_msg(settings != NULL, "%s", error);
	state = state_new(settings);
	MEMORY_GROW(state->files, state->file_count, state->file_capacity);
	state->files[FILE_NUMBER] = (struct file){.live = true};
	state->file_count = FILE_NUMBER + 1;
	for (unsigned i = 0; i < MAILBOXES; i++)
		mailboxes[i] = address("m", i);
	vias[0] = 0;
	vias[1] = address("list", 0);
}

static void tear_down(void)
{
	state_free(&state);
	settings_free(&settings);
}

/* The recipient's number, made where it is new. */
static uint32_t told(unsigned mailbox, unsigned via)
{
	const struct recipient *r =
		file_recipient(state, FILE_NUMBER, texts_hold_again(state->addresses, mailboxes[mailbox]),
	                       texts_hold_again(state->addresses, vias[via]));

	ck_assert_uint_eq(r->mailbox, mailboxes[mailbox]);
	ck_assert_uint_eq(r->via, vias[via]);
	return (uint32_t)(r - state->files[FILE_NUMBER].recipients);
}

/* Those of `there`, a bit for each original recipient, are found, and no others. */
static void ck_there(const uint8_t *there)
{
	struct file *file = &state->files[FILE_NUMBER];
	uint32_t count = 0;

	for (unsigned i = 0; i < MAILBOXES; i++)
		for (unsigned via = 0; via < 2; via++) {
			bool is = there[i] >> via & 1;
			uint32_t number;

			ck_assert_msg(file_has(state, FILE_NUMBER, mailboxes[i], vias[via], &number) == is,
			              "m%u, original %u: %d", i, via, is);
			if (!is)
				continue;
			ck_assert_uint_eq(file->recipients[number].mailbox, mailboxes[i]);
			ck_assert_uint_eq(file->recipients[number].via, vias[via]);
			count++;
		}
	ck_assert_uint_eq(file->recipient_count, count);
}

/* Lets go of each for which the test says so, as done.c does. */
static void let_go(uint8_t *there, unsigned every, unsigned of)
{
	struct file *file = &state->files[FILE_NUMBER];
	uint32_t kept = 0;

	for (uint32_t i = 0; i < file->recipient_count; i++) {
		struct recipient r = file->recipients[i];

		if (i % of >= every) {
			file->recipients[kept++] = r;
			continue;
		}
		for (unsigned k = 0; k < MAILBOXES; k++)
			if (mailboxes[k] == r.mailbox)
				there[k] &= (uint8_t) ~(1u << (r.via != 0));
		texts_drop(state->addresses, r.mailbox);
		texts_drop(state->addresses, r.via);
	}
	file_let_go(state, FILE_NUMBER, kept);
}

enum order { ASCENDING, DESCENDING, RUNS, SCATTERED, ALMOST, ORDERS };

static unsigned place(enum order order, unsigned i)
{
	switch (order) {
	case DESCENDING: return MAILBOXES - 1 - i;
	case RUNS: return (i + MAILBOXES / 3) % MAILBOXES;
	case SCATTERED: return i * 387 % MAILBOXES;
	case ALMOST: return i == MAILBOXES - 1 ? 0 : i + 1;
	default: return i;
	}
}

START_TEST(every_recipient_is_found_in_whatever_order_they_come)
{
	uint8_t there[MAILBOXES] = {0};

	for (unsigned i = 0; i < MAILBOXES; i++) {
		unsigned mailbox = place((enum order)_i, i);

		/* Some are named twice at once, some under two original recipients, some not. */
		for (unsigned via = 0; via < 2; via++) {
			if (mailbox % 3 == 2 || (mailbox % 3 == 1 && via))
				continue;
			ck_assert_uint_eq(told(mailbox, via), state->files[FILE_NUMBER].recipient_count - 1);
			ck_assert_uint_eq(told(mailbox, via), state->files[FILE_NUMBER].recipient_count - 1);
			there[mailbox] |= (uint8_t)(1u << via);
		}
		if (i < 40 || i % 100 == 0)
			ck_there(there);
	}
	ck_there(there);
}
END_TEST

START_TEST(recipients_go_and_others_come_and_all_are_found)
{
	uint8_t there[MAILBOXES] = {0};

	for (unsigned round = 0; round < 7; round++) {
		for (unsigned i = round * 100; i < round * 100 + 100; i++) {
			unsigned mailbox = place((enum order)_i, i);

			told(mailbox, round % 2);
			there[mailbox] |= (uint8_t)(1u << round % 2);
		}
		ck_there(there);
		let_go(there, round % 3 + 1, 4);
		ck_there(there);
	}
	let_go(there, 1, 1);
	ck_assert_uint_eq(state->files[FILE_NUMBER].recipient_count, 0);
	ck_there(there);
	told(5, 0);
	told(3, 0);
	there[5] = there[3] = 1;
	ck_there(there);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("recipients");
	TCase *tests = tcase_create("recipients");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_loop_test(tests, every_recipient_is_found_in_whatever_order_they_come, 0, ORDERS);
	tcase_add_loop_test(tests, recipients_go_and_others_come_and_all_are_found, 0, ORDERS);
	suite_add_tcase(suite, tests);
	return suite_run(suite);
}
