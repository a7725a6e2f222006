/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of spilling: which queue files leave memory, what brings them back, and
 * that they are then what they were. The rows are kept in memory, as a store would.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/memory.h"
#include "daemon/correlate/age.h"
#include "daemon/correlate/file.h"
#include "daemon/correlate/incident.h"
#include "daemon/correlate/message.h"
#include "daemon/correlate/spill.h"
#include "daemon/correlate/take.h"
#include "daemon/store/spilled.h"
#include "tests/suite.h"

#define NOON (INT64_C(1479124800) * SECOND)

/* --- a store in memory --- */

static struct spilled rows[1000];
static uint32_t row_count;
static bool broken;

static bool row_has(const struct spilled *row, enum spill_by by, uint64_t key)
{
	return by == SPILL_BY_NAME ? row->name == key : by == SPILL_BY_ID ? row->id == key : row->message == key;
}

static bool memory_units(void *with, enum spill_by by, uint64_t key, spill_unit *each, void *each_with)
{
	(void)with;
	for (uint32_t i = 0; i < row_count; i++)
		if (row_has(&rows[i], by, key))
			each(rows[i].unit, each_with);
	return !broken;
}

static bool memory_due(void *with, uint32_t host, int64_t posts, int64_t others, int64_t most, spill_unit *each,
                       void *each_with)
{
	(void)with;
	(void)most;
	for (uint32_t i = 0; i < row_count; i++)
		if (rows[i].host == host && rows[i].due < (rows[i].message ? posts : others))
			each(rows[i].unit, each_with);
	return !broken;
}

static bool memory_rows(void *with, uint32_t unit, spill_row *each, void *each_with)
{
	(void)with;
	for (uint32_t i = 0; i < row_count; i++)
		if (rows[i].unit == unit)
			each(&rows[i], each_with);
	return !broken;
}

static bool memory_all(void *with, spill_row *each, void *each_with)
{
	(void)with;
	for (uint32_t i = 0; i < row_count; i++)
		each(&rows[i], each_with);
	return !broken;
}

static const struct spill_store memory_store = {.pack = spilled_pack,
                                                .unpack = spilled_unpack,
                                                .units = memory_units,
                                                .due = memory_due,
                                                .rows = memory_rows,
                                                .all = memory_all};

static struct settings *settings;
static struct state *state;
static uint32_t host;

/* What a checkpoint does with the rows. */
static void commit(void)
{
	struct spill *spill = state->spill;

	for (uint32_t g = 0; g < spill->gone_count; g++)
		for (uint32_t i = 0; i < row_count;) {
			if (rows[i].unit != spill->gone[g]) {
				i++;
				continue;
			}
			spilled_clear(&rows[i]);
			rows[i] = rows[--row_count];
		}
	for (uint32_t i = 0; i < spill->item_count; i++)
		if (spill->items[i].bytes) {
			ck_assert_uint_lt(row_count, 1000);
			rows[row_count] = spill->items[i];
			rows[row_count].bytes = memory_string(spill->items[i].bytes, spill->items[i].length);
			rows[row_count].queued = NULL;
			rows[row_count++].links = NULL;
		}
	spill_written(spill);
}

static void set_up(void)
{
	char *error = NULL;

	settings = settings_load(NULL, &error);
	ck_assert_msg(settings != NULL, "%s", error);
	settings->limits.pending_messages = 8;
	state = state_new(settings);
	state->wall = NOON + 100 * DAY;
	host = host_of(state, SLICE("mx1"));
	ck_assert(spill_begin(state->spill, &memory_store));
}

static void tear_down(void)
{
	while (row_count)
		spilled_clear(&rows[--row_count]);
	broken = false;
	state_free(&state);
	settings_free(&settings);
}

/* --- lines --- */

static void tell_on(uint32_t on, int second, struct event event)
{
	struct arena folded = {0};
	struct host_line line;
	struct keys keys;

	event.time = NOON + second * SECOND;
	event.resolution = 1;
	event.size = event.size ? event.size : -1;
	event.recipients = event.recipients ? event.recipients : -1;
	event.delay = SECOND;
	event.program = SLICE("postfix");
	line = host_take_line(state, on, event.time, event.time);
	keys = keys_of(settings, &event, 0, &folded);
	take_event(state, line, &event, &keys);
	arena_free(&folded);
}

static void tell(int second, struct event event)
{
	tell_on(host, second, event);
}

static const char *named(const char *before, int number, const char *after)
{
	static char texts[8][40];
	static int next;
	char *text = texts[next++ % 8];

	snprintf(text, 40, "%s%d%s", before, number, after);
	return text;
}

#define ID(number) slice_of(named("3QID", 1000 + number, ""))

/* A queue file with one recipient, that is deferred. */
static void begin(int second, int number)
{
	tell(second, (struct event){.kind = EVENT_ACCEPTED, .queue_id = ID(number), .client = SLICE("c[192.0.2.1]")});
	tell(second, (struct event){.kind = EVENT_IDENTIFIED,
	                            .queue_id = ID(number),
	                            .message_id = slice_of(named("<", number, "@x>"))});
	tell(second, (struct event){.kind = EVENT_QUEUED,
	                            .queue_id = ID(number),
	                            .sender = slice_of(named("s", number, "@x")),
	                            .size = 7,
	                            .recipients = 1});
	tell(second, (struct event){.kind = EVENT_ATTEMPT,
	                            .outcome = OUTCOME_DEFERRED,
	                            .queue_id = ID(number),
	                            .recipient = slice_of(named("m", number, "@x"))});
}

static void removed(int second, int number)
{
	tell(second, (struct event){.kind = EVENT_REMOVED, .queue_id = ID(number)});
}

/* What a file is, in words. */
static const char *told(int number)
{
	static char text[400];
	uint32_t at = file_find(state, host, ID(number));
	const struct file *file = &state->files[at];
	const struct message *message = &state->messages[file->message];
	const struct recipient *r = file->recipients;

	if (!at)
		return "none";
	snprintf(text, sizeof(text), "%s %s %s size %lld nrcpt %lld, %u: %s at %lld; message %s from %s, files %u",
	         texts_get(state->texts, file->queue_id).bytes, texts_get(state->texts, file->message_id).bytes,
	         texts_get(state->texts, file->sender).bytes, (long long)file->size, (long long)file->nrcpt,
	         file->recipient_count, texts_get(state->addresses, r->mailbox).bytes,
	         (long long)((r->deferred_at - NOON) / SECOND), texts_get(state->texts, message->id).bytes,
	         texts_get(state->texts, message->sender).bytes, message->files);
	return text;
}

START_TEST(below_the_limit_nothing_leaves)
{
	for (int i = 0; i < 8; i++)
		begin(i, i);
	spill_over(state);
	ck_assert_uint_eq(state->live_files, 8);
	ck_assert_int_eq(state->spill->count, 0);
}
END_TEST

START_TEST(of_what_was_told_within_the_join_window_the_oldest_leave_until_an_eighth_less_than_the_limit_stays)
{
	for (int i = 0; i < 12; i++)
		begin(i, i);
	removed(20, 0);
	spill_over(state);
	ck_assert_uint_eq(state->live_files, 7);
	ck_assert_int_eq(state->spill->count, 5);
	ck_assert_uint_eq(state->spill->item_count, 5);
	for (int i = 1; i < 6; i++)
		ck_assert_uint_eq(file_find(state, host, ID(i)), 0);
	ck_assert_uint_ne(file_find(state, host, ID(0)), 0);
	ck_assert_uint_ne(file_find(state, host, ID(6)), 0);
}
END_TEST

/* Minutes after noon at which files 0 to 13 begin; at 180 they are in three classes. */
static const int begun[] = {10, 40, 59, 61, 100, 140, 150, 160, 170, 174, 176, 178, 179, 180};

/* _i: how many leave: first 0 to 2, which missed their turn, in this order; then from 9 down to 3, which are quiet, the
 * latest first; then from 10 on. */
START_TEST(what_missed_its_turn_leaves_first_then_what_is_quiet_the_latest_before)
{
	static const int order[] = {0, 1, 2, 9, 8, 7, 6, 5, 4, 3, 10, 11};
	int count = (int)(sizeof(begun) / sizeof(begun[0])), limit = count - _i;

	/* Beyond the limit, and an eighth of that, leave. */
	settings->limits.pending_messages = limit;
	for (int i = 0; i < count; i++)
		begin(60 * begun[i], i);
	spill_over(state);
	ck_assert_int_eq(state->spill->count, _i + limit / 8);
	for (int i = 0; i < _i + limit / 8; i++)
		ck_assert_msg(!file_find(state, host, ID(order[i])), "%d stayed", order[i]);
	ck_assert_uint_eq(state->live_files, (uint32_t)(limit - limit / 8));
}
END_TEST

/* Lines of one delivery follow each other: the second looks for nothing, unless something left since. */
START_TEST(what_leaves_between_two_lines_of_one_delivery_comes_back)
{
	struct event attempt = {.kind = EVENT_ATTEMPT,
	                        .outcome = OUTCOME_SENT,
	                        .queue_id = SLICE("3QID1000"),
	                        .recipient = SLICE("m0@x"),
	                        .next_queue_id = SLICE("3NEXT")};

	for (int i = 0; i < 12; i++)
		begin(i, i);
	spill_over(state);
	commit();
	ck_assert_uint_eq(file_find(state, host, ID(0)), 0);
	tell(3, attempt);
	ck_assert_uint_ne(file_find(state, host, ID(0)), 0);
	tell(3, attempt);
	/* It is still the oldest, and leaves between two of its lines. */
	settings->limits.pending_messages = 7;
	spill_over(state);
	commit();
	ck_assert_uint_eq(file_find(state, host, ID(0)), 0);
	tell(3, attempt);
	ck_assert_uint_ne(file_find(state, host, ID(0)), 0);
	ck_assert_uint_eq(state->files[file_find(state, host, ID(0))].recipient_count, 1);
	ck_assert_uint_eq(state->files[file_find(state, host, ID(0))].recipients[0].attempts, 4);
}
END_TEST

/* _i: after a checkpoint, or before. */
START_TEST(a_line_brings_a_file_back_as_it_was)
{
	char before[400];
	uint32_t addresses, texts;

	for (int i = 0; i < 12; i++)
		begin(i, i);
	snprintf(before, sizeof(before), "%s", told(2));
	ck_assert_str_eq(before, "3QID1002 <2@x> s2@x size 7 nrcpt 1, 1: m2@x at 2; message <2@x> from s2@x, files 1");
	addresses = table_count(&state->addresses->by_hash);
	texts = table_count(&state->texts->by_hash);
	spill_over(state);
	ck_assert_uint_lt(table_count(&state->addresses->by_hash), addresses);
	ck_assert_uint_lt(table_count(&state->texts->by_hash), texts);
	if (_i)
		commit();
	for (int i = 0; i < 12; i++)
		tell(30, (struct event){.kind = EVENT_HELD, .queue_id = ID(i)});
	ck_assert_str_eq(told(2), before);
	ck_assert_int_eq(state->spill->count, 0);
	ck_assert_uint_eq(state->live_files, 12);
	ck_assert_uint_eq(table_count(&state->addresses->by_hash), addresses);
	ck_assert_uint_eq(table_count(&state->texts->by_hash), texts);
	commit();
	ck_assert_uint_eq(row_count, 0);
}
END_TEST

START_TEST(another_queue_file_of_a_message_brings_it_back_whole)
{
	uint32_t next = host_of(state, SLICE("mx2")), at;

	begin(1, 1);
	tell(1, (struct event){.kind = EVENT_ATTEMPT,
	                       .outcome = OUTCOME_SENT,
	                       .queue_id = ID(1),
	                       .recipient = SLICE("m1@x"),
	                       .relay = SLICE("mx2.x[192.0.2.2]:25"),
	                       .next_queue_id = SLICE("NEXT1")});
	for (int i = 2; i < 14; i++)
		begin(i, i);
	spill_over(state);
	commit();
	ck_assert_uint_eq(file_find(state, host, ID(1)), 0);
	tell_on(next, 20,
	        (struct event){.kind = EVENT_ACCEPTED, .queue_id = SLICE("NEXT1"), .client = SLICE("mx1[192.0.2.1]")});
	ck_assert_uint_eq(file_find(state, host, ID(1)), 0);
	tell_on(next, 20,
	        (struct event){.kind = EVENT_IDENTIFIED, .queue_id = SLICE("NEXT1"), .message_id = SLICE("<1@x>")});
	at = file_find(state, host, ID(1));
	ck_assert_uint_ne(at, 0);
	ck_assert_uint_eq(state->messages[state->files[at].message].files, 2);
	ck_assert_uint_eq(state->files[file_find(state, next, SLICE("NEXT1"))].parent, at);
	ck_assert(state->relays[state->files[at].recipients[0].relay].ours);
	/* Both go, and come back together. */
	for (int i = 20; i < 40; i++)
		begin(i + 10, i);
	spill_over(state);
	commit();
	ck_assert_uint_eq(file_find(state, host, ID(1)), 0);
	ck_assert_uint_eq(file_find(state, next, SLICE("NEXT1")), 0);
	removed(60, 1);
	at = file_find(state, host, ID(1));
	ck_assert_uint_eq(state->files[file_find(state, next, SLICE("NEXT1"))].parent, at);
	ck_assert_uint_eq(state->messages[state->files[at].message].files, 2);
}
END_TEST

START_TEST(a_message_id_alone_brings_its_message_back)
{
	uint32_t other = host_of(state, SLICE("mx2"));

	for (int i = 1; i < 14; i++)
		begin(i, i);
	spill_over(state);
	commit();
	ck_assert_uint_eq(file_find(state, host, ID(1)), 0);
	tell_on(other, 20,
	        (struct event){.kind = EVENT_ACCEPTED, .queue_id = SLICE("OTHER"), .client = SLICE("c[192.0.2.1]")});
	tell_on(other, 20,
	        (struct event){.kind = EVENT_IDENTIFIED, .queue_id = SLICE("OTHER"), .message_id = SLICE("<1@x>")});
	ck_assert_str_eq(told(1), "3QID1001 <1@x> s1@x size 7 nrcpt 1, 1: m1@x at 1; message <1@x> from s1@x, files 2");
}
END_TEST

/* A post: the members of a list, in one queue file. */
static void post(int second, int number)
{
	tell(second, (struct event){.kind = EVENT_ACCEPTED, .queue_id = ID(number), .client = SLICE("c[192.0.2.1]")});
	tell(second, (struct event){.kind = EVENT_IDENTIFIED,
	                            .queue_id = ID(number),
	                            .message_id = slice_of(named("<", number, "@x>"))});
	tell(second,
	     (struct event){.kind = EVENT_QUEUED, .queue_id = ID(number), .sender = SLICE("s@x"), .recipients = 3});
	for (int i = 0; i < 3; i++)
		tell(second, (struct event){.kind = EVENT_ATTEMPT,
		                            .outcome = i ? OUTCOME_DEFERRED : OUTCOME_SENT,
		                            .queue_id = ID(number),
		                            .recipient = slice_of(named("m", i, "@x")),
		                            .original_recipient = SLICE("list@x")});
}

START_TEST(a_file_of_a_post_leaves_its_message_and_its_figures)
{
	uint32_t message;

	post(1, 1);
	message = state->files[file_find(state, host, ID(1))].message;
	ck_assert(state->messages[message].post);
	for (int i = 2; i < 14; i++)
		begin(i, i);
	spill_over(state);
	ck_assert_uint_eq(file_find(state, host, ID(1)), 0);
	ck_assert_uint_eq(state->messages[message].files, 0);
	ck_assert_uint_eq(state->messages[message].spilled, 1);
	ck_assert_int_eq(state->spill->items[0].pending, 2);
	ck_assert_str_eq(state->spill->items[0].queued->queue_id, "3QID1001");
	commit();
	settle(state);
	ck_assert_int_eq(state->posts[state->messages[message].posts[0]].pending, 2);
	ck_assert_int_eq(state->posts[state->messages[message].posts[0]].delivered, 1);
	tell(20, (struct event){.kind = EVENT_ATTEMPT,
	                        .outcome = OUTCOME_SENT,
	                        .queue_id = ID(1),
	                        .recipient = SLICE("m1@x"),
	                        .original_recipient = SLICE("list@x")});
	settle(state);
	ck_assert_uint_eq(state->messages[message].spilled, 0);
	ck_assert_int_eq(state->posts[state->messages[message].posts[0]].pending, 1);
	ck_assert_int_eq(state->posts[state->messages[message].posts[0]].delivered, 2);
}
END_TEST

START_TEST(what_time_ends_comes_back_for_that)
{
	for (int i = 0; i < 12; i++)
		begin(i, i);
	removed(3, 3);
	spill_over(state);
	commit();
	ck_assert_int_eq(state->spill->count, 5);
	/* Past the join window what was removed is folded; what is pending stays where it is. */
	begin(400, 50);
	age_state(state);
	ck_assert_int_eq(state->spill->count, 4);
	ck_assert_uint_eq(file_find(state, host, ID(3)), 0);
	commit();
	ck_assert_uint_eq(row_count, 4);
	/* Past the lifetime of the queue nothing is waited for any more. */
	for (int day = 1; day <= 7; day++)
		begin(day * 86000, 100 + day);
	age_state(state);
	ck_assert_int_eq(state->spill->count, 0);
	for (int i = 0; i < 12; i++)
		ck_assert_uint_eq(file_find(state, host, ID(i)), 0);
	ck_assert_uint_eq(state->live_files, 7);
	commit();
	ck_assert_uint_eq(row_count, 0);
}
END_TEST

START_TEST(rows_of_an_earlier_run_are_found)
{
	struct spill *earlier = state->spill;

	for (int i = 0; i < 12; i++)
		begin(i, i);
	spill_over(state);
	commit();
	state->spill = spill_new();
	state->spill->next_unit = earlier->next_unit;
	for (uint32_t i = 0; i < row_count; i++)
		spill_loaded(state, &rows[i]);
	ck_assert(spill_begin(state->spill, &memory_store));
	ck_assert_int_eq(state->spill->count, earlier->count);
	spill_free(&earlier);
	removed(20, 1);
	ck_assert_str_eq(told(1), "3QID1001 <1@x> s1@x size 7 nrcpt 1, 1: m1@x at 1; message <1@x> from s1@x, files 1");
}
END_TEST

START_TEST(a_row_that_cannot_be_read_is_told)
{
	for (int i = 0; i < 12; i++)
		begin(i, i);
	spill_over(state);
	commit();
	if (_i)
		broken = true;
	else
		for (uint32_t i = 0; i < row_count; i++)
			rows[i].length -= 3;
	removed(20, 1);
	ck_assert(state->spill->failed);
}
END_TEST

START_TEST(many_are_told_apart)
{
	for (int i = 0; i < 900; i++) {
		begin(i / 10, i);
		spill_over(state);
		if (i % 100 == 0)
			commit();
	}
	commit();
	ck_assert_int_eq(state->spill->count + state->live_files, 900);
	ck_assert_uint_le(state->live_files, 8);
	for (int i = 0; i < 900; i++)
		removed(100, i);
	ck_assert_int_eq(state->spill->count, 0);
	ck_assert_uint_eq(state->live_files, 900);
	for (int i = 0; i < 900; i++)
		ck_assert(state->files[file_find(state, host, ID(i))].nrcpt == 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("spill");
	TCase *cases = tcase_create("spill");

	tcase_add_checked_fixture(cases, set_up, tear_down);
	tcase_add_test(cases, below_the_limit_nothing_leaves);
	tcase_add_test(
		cases,
		of_what_was_told_within_the_join_window_the_oldest_leave_until_an_eighth_less_than_the_limit_stays);
	tcase_add_loop_test(cases, what_missed_its_turn_leaves_first_then_what_is_quiet_the_latest_before, 1, 11);
	tcase_add_test(cases, what_leaves_between_two_lines_of_one_delivery_comes_back);
	tcase_add_loop_test(cases, a_line_brings_a_file_back_as_it_was, 0, 2);
	tcase_add_test(cases, another_queue_file_of_a_message_brings_it_back_whole);
	tcase_add_test(cases, a_message_id_alone_brings_its_message_back);
	tcase_add_test(cases, a_file_of_a_post_leaves_its_message_and_its_figures);
	tcase_add_test(cases, what_time_ends_comes_back_for_that);
	tcase_add_test(cases, rows_of_an_earlier_run_are_found);
	tcase_add_loop_test(cases, a_row_that_cannot_be_read_is_told, 0, 2);
	tcase_add_test(cases, many_are_told_apart);
	suite_add_tcase(suite, cases);
	return suite_run(suite);
}
