/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of cells: bookings by time that can be taken back exactly, and whose
 * resolution of arrival times depends on what was told, never on the order.
 */
#include <check.h>
#include <stdlib.h>

#include "daemon/base/hash.h"
#include "daemon/correlate/cells.h"
#include "tests/suite.h"

#define MINUTE_US INT64_C(60000000)
#define MANY 6000

static struct cell_key minute_key(int64_t at)
{
	return (struct cell_key){.at = at, .kind = CELL_MINUTE};
}

static struct cell_key arrival_key(int64_t at, uint32_t relay)
{
	return (struct cell_key){.at = at, .relay = relay, .kind = CELL_ARRIVAL};
}

static int cell_compare(const void *a, const void *b)
{
	const struct cell_key *x = &(*(const struct cell *const *)a)->key, *y = &(*(const struct cell *const *)b)->key;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->host != y->host)
		return x->host < y->host ? -1 : 1;
	if (x->relay != y->relay)
		return x->relay < y->relay ? -1 : 1;
	return x->unless < y->unless ? -1 : x->unless > y->unless;
}

/* The cells that hold anything, in order; *count of them. */
static const struct cell **in_order(const struct cells *cells, uint32_t *count)
{
	const struct cell **order = calloc(cells->count + 1, sizeof(*order));

	*count = 0;
	for (uint32_t i = 0; i < cells->count; i++) {
		const struct cell *cell = &cells->items[i];

		if (cell->delays.total || cell->deferred || cell->bounced || cell->rejected || cell->ended)
			order[(*count)++] = cell;
	}
	qsort(order, *count, sizeof(*order), cell_compare);
	return order;
}

static void check_same_cell(const struct cell *a, const struct cell *b)
{
	ck_assert_int_eq(cell_compare(&a, &b), 0);
	ck_assert_uint_eq(a->delays.total, b->delays.total);
	ck_assert_uint_eq(a->delays.used, b->delays.used);
	for (uint32_t i = 0; i < a->delays.used; i++) {
		ck_assert_uint_eq(a->delays.buckets[i].bucket, b->delays.buckets[i].bucket);
		ck_assert_uint_eq(a->delays.buckets[i].count, b->delays.buckets[i].count);
	}
	ck_assert_int_eq(a->deferred, b->deferred);
	ck_assert_int_eq(a->bounced, b->bounced);
	ck_assert_int_eq(a->rejected, b->rejected);
	ck_assert_int_eq(a->ended, b->ended);
	ck_assert_int_eq(a->last_at, b->last_at);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(a->over[i], b->over[i]);
}

static void check_same(const struct cells *a, const struct cells *b)
{
	uint32_t count_a, count_b;
	const struct cell **x = in_order(a, &count_a), **y = in_order(b, &count_b);

	ck_assert_uint_eq(a->arrival_shift, b->arrival_shift);
	ck_assert_uint_eq(count_a, count_b);
	for (uint32_t i = 0; i < count_a; i++)
		check_same_cell(x[i], y[i]);
	free(x);
	free(y);
}

struct booking {
	struct cell_key key;
	int64_t time;
	int64_t delay_ms;
};

/* Bookings of all kinds; arrival times are spread over `span` microseconds. */
static struct booking *bookings(int64_t span)
{
	struct booking *made = calloc(MANY, sizeof(*made));
	uint64_t dice = 11;

	for (int i = 0; i < MANY; i++) {
		int64_t at = INT64_C(1479111000000000) + (int64_t)((dice = hash_number(dice + 1)) % (uint64_t)span);
		uint32_t relay = dice >> 60 ? 0 : 3;

		made[i].delay_ms = (int64_t)(dice >> 20) % (200 * 60000);
		made[i].time = at + made[i].delay_ms * 1000;
		made[i].key = i % 5 ? arrival_key(at, relay) : minute_key(made[i].time / MINUTE_US * MINUTE_US);
	}
	return made;
}

static void shuffle(struct booking *made, uint64_t dice)
{
	for (int i = MANY - 1; i > 0; i--) {
		int other = (int)((dice = hash_number(dice + 1)) % (uint64_t)(i + 1));
		struct booking kept = made[i];

		made[i] = made[other];
		made[other] = kept;
	}
}

static void book(struct cells *cells, const struct booking *booking, int by)
{
	cells_deliver(cells, booking->key, &(struct delivery){booking->time, booking->delay_ms}, 1, by);
}

/* Few enough arrival times to keep each; many within a second; many within a day; many that are far apart. */
static const int64_t spans[] = {3000, 1000000, INT64_C(86400000000), INT64_C(5000000000000)};
#define SPANS ((int)(sizeof(spans) / sizeof(*spans)))

START_TEST(the_order_of_booking_does_not_matter)
{
	struct booking *made = bookings(spans[_i]);
	struct cells first = {0};

	for (int i = 0; i < MANY; i++)
		book(&first, &made[i], 1);
	ck_assert(first.arrivals <= 4096);
	ck_assert(_i == 0 ? first.arrival_shift == 0 : first.arrival_shift > 0);
	for (uint64_t seed = 1; seed <= 3; seed++) {
		struct cells other = {0};

		shuffle(made, seed);
		for (int i = 0; i < MANY; i++)
			book(&other, &made[i], 1);
		check_same(&first, &other);
		cells_clear(&other);
	}
	cells_clear(&first);
	free(made);
}
END_TEST

START_TEST(parts_that_are_merged_are_the_whole)
{
	static const int parts[][2] = {{0, 0}, {1, MANY}, {MANY / 2, MANY}, {100, 200}};
	struct booking *made = bookings(spans[_i]);
	struct cells whole = {0};

	for (int i = 0; i < MANY; i++)
		book(&whole, &made[i], 1);
	for (int p = 0; p < 8; p++) {
		const int *part = parts[p / 2];
		struct cells some = {0}, rest = {0}, *to = p % 2 ? &some : &rest, *from = p % 2 ? &rest : &some;

		for (int i = 0; i < MANY; i++)
			book(i >= part[0] && i < part[1] ? &some : &rest, &made[i], 1);
		cells_merge(to, from);
		check_same(&whole, to);
		ck_assert_uint_eq(from->count, 0);
		cells_clear(to);
	}
	cells_clear(&whole);
	free(made);
}
END_TEST

START_TEST(what_is_taken_back_leaves_nothing)
{
	struct booking *made = bookings(spans[_i]);
	struct cells cells = {0};
	uint32_t count;

	for (int i = 0; i < MANY; i++)
		book(&cells, &made[i], 1);
	shuffle(made, 9);
	for (int i = 0; i < MANY; i++)
		book(&cells, &made[i], -1);
	free(in_order(&cells, &count));
	ck_assert_uint_eq(count, 0);
	for (uint32_t i = 0; i < cells.count; i++) {
		ck_assert_int_eq(cells.items[i].last_at, INT64_MIN);
		ck_assert_int_eq(cells.items[i].over[0] | cells.items[i].over[1] | cells.items[i].over[2], 0);
	}
	cells_clear(&cells);
	free(made);
}
END_TEST

/* A queue file whose message was mistaken: its own bookings go, those of the others are as if it had never been. */
START_TEST(taking_back_leaves_the_others_as_if_it_had_never_been)
{
	struct booking *made = bookings(3000);
	struct cells cells = {0}, never = {0};

	for (int i = 0; i < MANY; i++)
		book(&cells, &made[i], 1);
	for (int i = 0; i < MANY; i++)
		if (i % 3 == 0)
			book(&cells, &made[i], -1);
		else
			book(&never, &made[i], 1);
	/* but for the latest time of a cell that is still in use */
	for (uint32_t i = 0; i < cells.count; i++)
		cells.items[i].last_at = 0;
	for (uint32_t i = 0; i < never.count; i++)
		never.items[i].last_at = 0;
	check_same(&cells, &never);
	cells_clear(&cells);
	cells_clear(&never);
	free(made);
}
END_TEST

/* Acceptances that are dated anew line by line: each time is told, taken back and told again elsewhere. */
START_TEST(arrival_times_that_were_taken_back_cost_no_resolution)
{
	struct cells cells = {0};

	for (int64_t i = 0; i < 50000; i++) {
		cells_deliver(&cells, arrival_key(1000 * i, 0), &(struct delivery){1000 * i, 5}, 1, 1);
		cells_deliver(&cells, arrival_key(1000 * i, 0), &(struct delivery){1000 * i, 5}, 1, -1);
	}
	cells_deliver(&cells, arrival_key(7, 0), &(struct delivery){8, 5}, 1, 1);
	ck_assert_uint_eq(cells.arrival_shift, 0);
	ck_assert_uint_le(cells.count, 4097);
	cells_clear(&cells);
}
END_TEST

START_TEST(an_arrival_cell_stands_for_a_time_within_half_its_width)
{
	struct cells cells = {0};

	cells_deliver(&cells, arrival_key(1234567, 0), &(struct delivery){0, 1}, 1, 1);
	ck_assert_int_eq(cells_arrival_time(&cells, &cells.items[0]), 1234567);
	for (int64_t i = 0; i < 100000; i++)
		cells_deliver(&cells, arrival_key(i * 1000, 0), &(struct delivery){i, 1}, 1, 1);
	ck_assert_uint_gt(cells.arrival_shift, 10);
	for (int64_t i = 0; i < 100000; i += 777) {
		int64_t width = INT64_C(1) << cells.arrival_shift;
		int64_t off = cells_arrival_time(&cells, cells_get(&cells, arrival_key(i * 1000, 0))) - i * 1000;

		ck_assert_int_le(off < 0 ? -off : off, width / 2);
	}
	cells_clear(&cells);
}
END_TEST

/* Distinct arrival times at a resolution, each with its relay and condition. */
static uint32_t distinct(const struct cell_key *told, uint32_t count, unsigned shift)
{
	struct cells one = {0};
	uint32_t found;

	for (uint32_t i = 0; i < count; i++) {
		struct cell_key key = told[i];

		key.at >>= shift;
		key.kind = CELL_MINUTE; /* of which there may be any number */
		cells_get(&one, key);
	}
	found = one.count;
	cells_clear(&one);
	return found;
}

/* Some close together, some years apart, before and after 1970. */
START_TEST(arrival_times_are_as_exact_as_few_enough_cells_allow)
{
	static struct cell_key told[3 * MANY];
	struct cells cells = {0};
	uint64_t dice = (uint64_t)_i;

	for (uint32_t i = 0; i < 3 * MANY; i++) {
		int64_t away;

		dice = hash_number(dice + 1);
		away = (int64_t)(dice >> 8) % (INT64_C(1) << (8 + dice % 5 * (unsigned)(1 + _i) % 40));
		told[i] = arrival_key(dice & 128 ? away : -away, (uint32_t)(dice >> 60) % 3);
		told[i].unless = (uint32_t)(dice >> 56) % 2;
		cells_deliver(&cells, told[i], &(struct delivery){0, 1}, 1, 1);
	}
	ck_assert_uint_gt(cells.arrival_shift, 0);
	ck_assert_uint_eq(cells.count, distinct(told, 3 * MANY, cells.arrival_shift));
	ck_assert_uint_le(cells.count, 4096);
	ck_assert_uint_gt(distinct(told, 3 * MANY, cells.arrival_shift - 1), 4096);
	cells_clear(&cells);
}
END_TEST

START_TEST(times_before_1970_are_times)
{
	struct cells cells = {0}, other = {0};

	for (int64_t i = -6000; i < 0; i++)
		cells_deliver(i % 2 ? &cells : &other, arrival_key(i * 1000, 0), &(struct delivery){i, 1}, 1, 1);
	cells_merge(&cells, &other);
	ck_assert_uint_eq(cells.arrival_shift, 11);
	for (int64_t i = -6000; i < 0; i++) {
		int64_t off = cells_arrival_time(&cells, cells_get(&cells, arrival_key(i * 1000, 0))) - i * 1000;

		ck_assert_int_le(off < 0 ? -off : off, 1024);
	}
	cells_clear(&cells);
}
END_TEST

START_TEST(each_part_of_a_key_makes_a_cell_of_its_own)
{
	static const struct cell_key keys[] = {{0, 0, 0, 0, CELL_MINUTE}, {60, 0, 0, 0, CELL_MINUTE},
	                                       {0, 1, 0, 0, CELL_MINUTE}, {0, 0, 1, 0, CELL_MINUTE},
	                                       {0, 0, 0, 1, CELL_MINUTE}, {0, 0, 0, 0, CELL_HOUR},
	                                       {0, 0, 0, 0, CELL_ARRIVAL}};
	struct cells cells = {0};

	for (int i = 0; i < 7; i++)
		cells_get(&cells, keys[i])->bounced = i + 1;
	ck_assert_uint_eq(cells.count, 7);
	for (int i = 6; i >= 0; i--)
		ck_assert_int_eq(cells_get(&cells, keys[i])->bounced, i + 1);
	ck_assert_uint_eq(cells.count, 7);
	cells_clear(&cells);
}
END_TEST

START_TEST(long_delays_are_counted_beside_the_histogram)
{
	static const int64_t minutes[] = {1, 5, 6, 60, 61, 180, 181};
	struct cells cells = {0};

	for (int i = 0; i < 7; i++)
		cells_deliver(&cells, minute_key(0), &(struct delivery){i, minutes[i] * 60000}, 1, 1);
	ck_assert_int_eq(cells.items[0].over[0], 5);
	ck_assert_int_eq(cells.items[0].over[1], 3);
	ck_assert_int_eq(cells.items[0].over[2], 1);
	ck_assert_int_eq(cells.items[0].last_at, 6);
	cells_clear(&cells);
}
END_TEST

START_TEST(the_latest_time_goes_only_with_the_last_booking)
{
	struct cells cells = {0};

	cells_deliver(&cells, minute_key(0), &(struct delivery){20, 1}, 1, 1);
	cells_deliver(&cells, minute_key(0), &(struct delivery){10, 1}, 1, 1);
	cells_deliver(&cells, minute_key(0), &(struct delivery){10, 1}, 1, -1);
	ck_assert_int_eq(cells.items[0].last_at, 20);
	cells_get(&cells, minute_key(0))->bounced = 1;
	cells_deliver(&cells, minute_key(0), &(struct delivery){20, 1}, 1, -1);
	ck_assert_int_eq(cells.items[0].last_at, 20);
	cells.items[0].bounced = 0;
	cells_deliver(&cells, minute_key(0), &(struct delivery){20, 1}, 1, 1);
	cells_deliver(&cells, minute_key(0), &(struct delivery){20, 1}, 1, -1);
	ck_assert_int_eq(cells.items[0].last_at, INT64_MIN);
	cells_clear(&cells);
}
END_TEST

START_TEST(what_is_touched_is_marked_for_the_store)
{
	struct cells cells = {0};

	cells_deliver(&cells, minute_key(0), &(struct delivery){1, 1}, 1, 1);
	cells_get(&cells, minute_key(60));
	ck_assert(cells.items[0].dirty && cells.items[1].dirty);
	cells.items[0].dirty = cells.items[1].dirty = false;
	cells_deliver(&cells, minute_key(0), &(struct delivery){1, 1}, 1, -1);
	ck_assert(cells.items[0].dirty && !cells.items[1].dirty);
	ck_assert(!cells.renumbered);
	cells.items[0].dirty = false;
	cells_restore(&cells, minute_key(120));
	ck_assert(!cells.items[2].dirty);
	cells_clear(&cells);
}
END_TEST

/* Arrival cells change their keys: all are written anew. Others keep theirs, and are not written again. */
START_TEST(coarser_arrival_times_are_said_to_the_store)
{
	struct cells cells = {0};

	cells_deliver(&cells, minute_key(0), &(struct delivery){1, 1}, 1, 1);
	cells.items[0].dirty = false;
	for (int64_t i = 0; i < 5000; i++)
		cells_deliver(&cells, arrival_key(i, 0), &(struct delivery){1, 1}, 1, 1);
	ck_assert(cells.renumbered);
	ck_assert_uint_eq(cells.arrival_shift, 1);
	ck_assert_uint_eq(cells.arrivals, 2500);
	ck_assert(!cells.items[0].dirty);
	ck_assert_uint_eq(cells.count, 2501);
	cells_clear(&cells);
}
END_TEST

START_TEST(restored_cells_are_booked_on_as_before)
{
	struct booking *made = bookings(spans[2]);
	struct cells whole = {0}, half = {0}, back = {0};

	for (int i = 0; i < MANY; i++) {
		book(&whole, &made[i], 1);
		if (i < MANY / 2)
			book(&half, &made[i], 1);
	}
	back.arrival_shift = half.arrival_shift;
	for (uint32_t i = 0; i < half.count; i++) {
		struct cell *cell = cells_restore(&back, half.items[i].key);
		struct cell_key key = cell->key;

		*cell = half.items[i];
		cell->key = key;
		half.items[i].delays = (struct histogram){0};
	}
	for (int i = MANY / 2; i < MANY; i++)
		book(&back, &made[i], 1);
	check_same(&whole, &back);
	cells_clear(&whole);
	cells_clear(&half);
	cells_clear(&back);
	free(made);
}
END_TEST

/* Of relay 1 none stays apart. */
static bool relay_1_is_none(struct cell_key *key, void *with)
{
	(void)with;
	key->relay = key->relay == 1 ? 0 : key->relay;
	return true;
}

static bool nothing_stays(struct cell_key *key, void *with)
{
	(void)key;
	(void)with;
	return false;
}

START_TEST(the_store_is_told_of_the_rows_that_it_has)
{
	struct cell_key one = {.at = MINUTE_US, .relay = 1, .kind = CELL_MINUTE}, none = minute_key(MINUTE_US);
	struct cells cells = {0};

	cells_get(&cells, one)->rejected = 1;
	cells_rekey(&cells, relay_1_is_none, NULL);
	ck_assert_uint_eq(cells.gone_count, 0);
	ck_assert(!cells.items[0].stored);
	cells_clear(&cells);

	/* The one without a row is there first; both become the other's row. */
	cells_get(&cells, one)->rejected = 1;
	cells_restore(&cells, none)->rejected = 2;
	cells_rekey(&cells, relay_1_is_none, NULL);
	ck_assert_uint_eq(cells.count, 1);
	ck_assert_int_eq(cells.items[0].rejected, 3);
	ck_assert(cells.items[0].stored && cells.items[0].dirty);
	ck_assert_uint_eq(cells.gone_count, 0);
	cells_rekey(&cells, nothing_stays, NULL);
	ck_assert_uint_eq(cells.count, 0);
	ck_assert_uint_eq(cells.gone_count, 1);
	ck_assert_uint_eq(cells.gone[0].relay, 0);
	ck_assert_int_eq(cells.gone[0].at, MINUTE_US);
	cells_clear(&cells);

	cells_restore(&cells, one)->rejected = 1;
	cells_rekey(&cells, relay_1_is_none, NULL);
	ck_assert_uint_eq(cells.gone_count, 1);
	ck_assert_uint_eq(cells.gone[0].relay, 1);
	ck_assert(!cells.items[0].stored);
	cells_clear(&cells);
}
END_TEST

START_TEST(forgetting_takes_the_old_cells_of_one_kind)
{
	struct cells cells = {0};

	for (int64_t i = 0; i < 10; i++) {
		cells_deliver(&cells, minute_key(i), &(struct delivery){i, 1}, 1, 1);
		cells_deliver(&cells, (struct cell_key){.at = i, .kind = CELL_HOUR}, &(struct delivery){i, 1}, 1, 1);
		cells_deliver(&cells, arrival_key(i, 0), &(struct delivery){i, 1}, 1, 1);
	}
	cells_forget(&cells, CELL_MINUTE, 6);
	ck_assert_uint_eq(cells.count, 24);
	ck_assert_uint_eq(cells.arrivals, 10);
	for (int64_t i = 0; i < 10; i++) {
		ck_assert_uint_eq(cells_get(&cells, (struct cell_key){.at = i, .kind = CELL_HOUR})->delays.total, 1);
		ck_assert_uint_eq(cells_get(&cells, minute_key(i))->delays.total, i >= 6);
	}
	cells_clear(&cells);
}
END_TEST

/* So that it can be added to what stands written. */
START_TEST(a_cell_made_anew_has_what_was_booked_since_and_taken_back)
{
	struct cells cells = {0}, more = {0};

	cells_deliver(&cells, minute_key(1), &(struct delivery){1, 400000}, 1, 1);
	cells_deliver(&cells, minute_key(2), &(struct delivery){2, 1}, 1, 1);
	cells_forget(&cells, CELL_MINUTE, 2);
	ck_assert_uint_eq(cells.count, 1);
	ck_assert_int_eq(cells.items[0].lacking, 0);
	cells_deliver(&cells, minute_key(1), &(struct delivery){1, 400000}, 1, -1);
	ck_assert_int_eq(cells.items[1].lacking, 1);
	ck_assert_int_eq(cells.items[1].over[0], -1);
	cells_deliver(&more, minute_key(1), &(struct delivery){1, 1}, 1, 1);
	cells_deliver(&more, minute_key(1), &(struct delivery){1, 2}, 1, -1);
	cells_merge(&cells, &more);
	ck_assert_uint_eq(cells.items[1].delays.total, 1);
	ck_assert_int_eq(cells.items[1].lacking, 2);
	cells_clear(&cells);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cells");
	TCase *tests = tcase_create("cells");

	suite_add_tcase(suite, tests);
	tcase_set_timeout(tests, 60);
	tcase_add_loop_test(tests, the_order_of_booking_does_not_matter, 0, SPANS);
	tcase_add_loop_test(tests, parts_that_are_merged_are_the_whole, 0, SPANS);
	tcase_add_loop_test(tests, what_is_taken_back_leaves_nothing, 0, SPANS);
	tcase_add_test(tests, taking_back_leaves_the_others_as_if_it_had_never_been);
	tcase_add_test(tests, arrival_times_that_were_taken_back_cost_no_resolution);
	tcase_add_test(tests, an_arrival_cell_stands_for_a_time_within_half_its_width);
	tcase_add_loop_test(tests, arrival_times_are_as_exact_as_few_enough_cells_allow, 0, 8);
	tcase_add_test(tests, times_before_1970_are_times);
	tcase_add_test(tests, each_part_of_a_key_makes_a_cell_of_its_own);
	tcase_add_test(tests, long_delays_are_counted_beside_the_histogram);
	tcase_add_test(tests, the_latest_time_goes_only_with_the_last_booking);
	tcase_add_test(tests, what_is_touched_is_marked_for_the_store);
	tcase_add_test(tests, coarser_arrival_times_are_said_to_the_store);
	tcase_add_test(tests, restored_cells_are_booked_on_as_before);
	tcase_add_test(tests, the_store_is_told_of_the_rows_that_it_has);
	tcase_add_test(tests, forgetting_takes_the_old_cells_of_one_kind);
	tcase_add_test(tests, a_cell_made_anew_has_what_was_booked_since_and_taken_back);
	return suite_run(suite);
}
