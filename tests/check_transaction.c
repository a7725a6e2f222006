/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of transactions: logs made at random are taken twice, as they are and
 * with no line said to go on with a transaction; whatever is known of them
 * must be the same, byte for byte as it is stored. And a few by hand, with all that comes of them.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/memory.h"
#include "daemon/correlate/age.h"
#include "daemon/correlate/bucket.h"
#include "daemon/correlate/done.h"
#include "daemon/correlate/file.h"
#include "daemon/correlate/file_recipients.h"
#include "daemon/correlate/incident.h"
#include "daemon/correlate/relay_settle.h"
#include "daemon/correlate/take.h"
#include "daemon/correlate/take_recipient.h"
#include "daemon/correlate/transaction.h"
#include "daemon/store/store.h"
#include "tests/state_account.h"
#include "tests/suite.h"
#include "tests/transactions_made.h"

/* --- both ways, and what they came by --- */

static struct settings *settings;
static struct state *sides[WAYS];
static struct account accounts[WAYS];

/* Attempts; those that began a transaction; lines that said to go on with the open one, why they did not; and of those that
 * did. */
static struct {
	unsigned attempts, begun, asked, short_way, elsewhere;
	unsigned late, back, minute, dated, itself, done, again, manager, surely_new;
	unsigned booked_alone, told_again, conditions, behind_gaps, most;
	unsigned bundled, repeats, deferred_then_sent, handed_settled, second_hops, two_lists;
} tally;

/* The recipients of a file in the order they were told, at hand or not; static. */
static const struct recipient *all_of(const struct file *file)
{
	static struct recipient *all;
	struct recipients_walk walk = recipients_of(file);

	all = memory_resized(all, (size_t)file->recipient_count + file->bundled, sizeof(*all));
	for (uint32_t i = 0; recipients_next(&walk, &all[i]);)
		i++;
	return all;
}

static uint32_t count_of(const struct file *file)
{
	return file->recipient_count + file->bundled;
}

/* One of the first so many recipients is this one. */
static bool knows(const struct recipient *all, uint32_t mailbox, uint32_t via, uint32_t first)
{
	for (uint32_t i = 0; i < first; i++)
		if (all[i].mailbox == mailbox && all[i].via == via)
			return true;
	return false;
}

static void tally_asked(const struct state *state, struct host_line line, const struct keys *keys)
{
	const struct transaction *open = &state->transaction;
	const struct file *file = &state->files[open->file];
	uint32_t mailbox = texts_find(state->addresses, keys->mailbox.text);
	int64_t least = file_least(open->resolution, line.time, keys->delay);

	if (!open->file || !keys->same_transaction)
		return;
	tally.elsewhere += keys != open->last + 1;
	if (keys != open->last + 1)
		return;
	tally.asked++;
	tally.late += line.late;
	tally.back += !line.late && line.time < open->time;
	tally.minute += line.time >= open->until;
	tally.dated += least > file->accepted_least && !file->id_time && file->accepted < least;
	tally.itself += mailbox && mailbox == open->via;
	tally.done += mailbox && done_has(file, mailbox, open->via);
	tally.surely_new += open->waiting > 1 && !file_may_have(state, open->file, mailbox);
	tally.again += mailbox && knows(all_of(file), mailbox, open->via, count_of(file));
	tally.manager += take_configured_manager(state, keys->mailbox.text, texts_get(state->addresses, open->via));
}

/* Of those that waited as the event came: they are the last of the first so many. */
static void tally_booked(const struct state *state, const struct transaction *was, uint32_t end)
{
	const struct file *file = &state->files[was->file];
	const struct recipient *all = all_of(file);

	if (!was->waiting || state->transaction.waiting || count_of(file) < end)
		return;
	tally.most = was->waiting > tally.most ? was->waiting : tally.most;
	for (uint32_t i = end - was->waiting; i < end; i++) {
		const struct recipient *r = &all[i];

		tally.booked_alone += r->told_again || r->unless || !r->counted_end;
		tally.told_again += r->told_again;
		tally.conditions += r->unless != 0;
		tally.behind_gaps += i > end - was->waiting && r->mailbox != r[-1].mailbox + 1;
	}
}

static void tally_end(const struct state *state)
{
	for (uint32_t i = 1; i < state->file_count; i++) {
		tally.bundled += state->files[i].bundled;
		for (uint32_t k = 0; k < state->files[i].recipient_count; k++) {
			const struct recipient *r = &state->files[i].recipients[k];

			tally.deferred_then_sent += r->outcome == RECIPIENT_SENT && r->deferred_at != TIME_NONE;
			tally.repeats += r->repeats;
		}
	}
	for (uint32_t i = 1; i < state->message_count; i++) {
		const struct message *message = &state->messages[i];

		tally.two_lists += message->lists > 1;
		for (uint32_t k = 0; k < message->bucket_count; k++)
			tally.handed_settled += message->buckets[k].handed_settled && message->buckets[k].set_count &&
			                        bucket_set(&message->buckets[k], SET_HANDED, 0, false) != NULL;
	}
	for (uint32_t i = 1; i < state->link_count; i++)
		tally.second_hops += state->links[i].file_read && state->links[i].parent_read;
}

/* What the sets tell of a file's recipients is what looking at them tells; none is there twice. */
static void check_files(const struct state *state)
{
	for (uint32_t i = 1; i < state->file_count; i++) {
		const struct file *file = &state->files[i];
		const struct recipient *all = all_of(file);
		uint32_t named = 0;

		for (uint32_t k = 0; k < count_of(file); k++) {
			const struct recipient *r = &all[k];

			named += recipient_is_named(r);
			/* Each assertion is written down: there are millions. */
			if (!file_may_have(state, i, r->mailbox) || r->mailbox > file->largest ||
			    knows(all, r->mailbox, r->via, k))
				ck_abort_msg("file %u, recipient %u", i, k);
		}
		if (file->named + file->bundled != named)
			ck_abort_msg("file %u: %u named, not %u", i, file->named, named);
	}
}

static void take_way(int way, const struct part *part, uint32_t at)
{
	struct state *state = sides[way];
	const struct event *event = &part->events[at];
	struct host_line line = host_take_line(state, host_of(state, event->host), event->time, event->time);
	struct transaction was = state->transaction;
	uint32_t end = count_of(&state->files[was.file]) + was.waiting;

	if (way == SHORT_WAY)
		tally_asked(state, line, &part->keys[way][at]);
	take_event(state, line, &part->events[part->keys[way][at].event], &part->keys[way][at]);
	if (at % 16 == 0)
		check_files(state);
	if (way == LONG_WAY) {
		ck_assert_uint_eq(state->transaction.waiting, 0);
		return;
	}
	tally.attempts += event->kind == EVENT_ATTEMPT;
	if (state->transaction.waiting == 1 && state->transaction.last == &part->keys[way][at] &&
	    (!was.file || &part->keys[way][at] != was.last + 1))
		tally.begun++;
	else
		tally.short_way += was.file && state->transaction.waiting == was.waiting + 1;
	tally_booked(state, &was, end);
}

static void take_turn(const struct turn *turn)
{
	for (int way = 0; way < WAYS; way++)
		if (slice_given(turn->line))
			host_take_line(sides[way], host_of(sides[way], turn->line), turn->time, turn->time);
		else
			take_way(way, &made.parts[turn->part], turn->event);
}

static void compare(const char *when)
{
	for (int way = 0; way < WAYS; way++)
		account_state(&accounts[way], sides[way]);
	ck_same_account(&accounts[SHORT_WAY], &accounts[LONG_WAY], when);
}

static void do_then(unsigned then, const char *when)
{
	if (then)
		transaction_close(sides[SHORT_WAY]);
	for (int way = 0; way < WAYS; way++) {
		if (then & THEN_SETTLE_RELAYS)
			relays_settle(sides[way]);
		if (then & THEN_AGE)
			age_state(sides[way]);
		if (then & THEN_SETTLE)
			settle(sides[way]);
		check_files(sides[way]);
	}
	if (then & THEN_COMPARE)
		compare(when);
	for (int way = 0; way < WAYS && then & THEN_STORE; way++)
		store_written(sides[way]);
}

static void one_list(struct settings *of, size_t number, const char *address)
{
	of->lists[number] = (struct list_settings){.address = memory_string(address, strlen(address)),
	                                           .manager = true,
	                                           .storm = of->storm};
}

/* Each second has list managers in its settings, or relays that are ours. */
static void settings_make(unsigned seed)
{
	char *error = NULL;

	settings = settings_load(NULL, &error);
	ck_assert_msg(settings != NULL, "%s", error);
	if (seed % 4 == 2) {
		settings->input.relays.items = memory_zeroed(3, sizeof(char *));
		settings->input.relays.items[settings->input.relays.count++] = memory_string("box*", 4);
		settings->input.relays.items[settings->input.relays.count++] = memory_string("127*", 4);
	}
	if (seed % 4 != 1)
		return;
	settings->lists = memory_zeroed(2, sizeof(*settings->lists));
	settings->list_count = 2;
	one_list(settings, 0, "m77@x");
	one_list(settings, 1, "managed@x");
}

static struct state *state_begin(void)
{
	struct state *state = state_new(settings);

	state->wall = NOON + 100 * DAY;
	return state;
}

static void both_ways(unsigned seed)
{
	char when[80];

	settings_make(seed);
	make(settings, seed);
	for (int way = 0; way < WAYS; way++)
		sides[way] = state_begin();
	for (unsigned i = 0; i < made.count; i++) {
		const struct turn *turn = &made.turns[i];

		snprintf(when, sizeof(when), "seed %u, event %u (%u of part %u)", seed, i, turn->event, turn->part);
		take_turn(turn);
		do_then(i + 1 < made.count ? turn->then : THEN_ALL, when);
	}
	tally_end(sides[SHORT_WAY]);
	for (int way = 0; way < WAYS; way++)
		state_free(&sides[way]);
	settings_free(&settings);
	arena_free(&made.texts);
}

/* Each branch was taken, most many times. */
static void ck_tally(void)
{
	ck_assert_uint_gt(tally.begun, tally.attempts / 50);
	ck_assert_uint_gt(tally.short_way, tally.attempts / 3);
	ck_assert_uint_gt(tally.asked, tally.short_way);
	ck_assert_uint_gt(tally.elsewhere, 20);
	ck_assert_uint_gt(tally.late, 50);
	ck_assert_uint_gt(tally.back, 50);
	ck_assert_uint_gt(tally.minute, 100);
	ck_assert_uint_gt(tally.dated, 50);
	ck_assert_uint_gt(tally.itself, 50);
	ck_assert_uint_gt(tally.done, 10);
	ck_assert_uint_gt(tally.again, 200);
	ck_assert_uint_gt(tally.surely_new, 200);
	ck_assert_uint_lt(tally.surely_new, tally.asked - tally.again);
	ck_assert_uint_gt(tally.manager, 10);
	ck_assert_uint_gt(tally.most, 64);
	ck_assert_uint_gt(tally.booked_alone, 1000);
	ck_assert_uint_gt(tally.told_again, 500);
	ck_assert_uint_gt(tally.conditions, 200);
	ck_assert_uint_gt(tally.behind_gaps, 500);
	ck_assert_uint_gt(tally.bundled, 1000);
	ck_assert_uint_gt(tally.repeats, 1000);
	ck_assert_uint_gt(tally.deferred_then_sent, 20);
	ck_assert_uint_gt(tally.handed_settled, 100);
	ck_assert_uint_gt(tally.second_hops, 100);
	ck_assert_uint_gt(tally.two_lists, 50);
}

START_TEST(what_the_short_way_leaves_is_what_the_long_way_leaves)
{
	memset(&tally, 0, sizeof(tally));
	for (unsigned seed = 0; seed < SEEDS; seed++)
		both_ways(seed);
	for (int way = 0; way < WAYS; way++) {
		codec_free(&accounts[way].codec);
		free(accounts[way].objects);
	}
	ck_tally();
}
END_TEST

/* --- by hand --- */

static struct state *state;
static struct part hand;
static char *words;

static void set_up(void)
{
	settings_make(0);
	state = state_begin();
	memset(&hand, 0, sizeof(hand));
	memset(&made, 0, sizeof(made));
}

static void tear_down(void)
{
	free(words);
	words = NULL;
	state_free(&state);
	settings_free(&settings);
	arena_free(&made.texts);
}

/* Takes an event whose keys stand at the place of that number. */
static void say_at(uint32_t at, double second, struct event event)
{
	struct keys *keys = &hand.keys[SHORT_WAY][at];
	uint32_t host = host_of(state, SLICE("mx1"));

	event.time = NOON + (int64_t)(second * (double)SECOND);
	event.host = SLICE("mx1");
	event.queue_id = slice_given(event.queue_id) ? event.queue_id : SLICE("3QID");
	event.resolution = 1;
	event.size = -1;
	event.recipients = event.kind == EVENT_QUEUED ? 10 : -1;
	event.program = SLICE("postfix/local");
	*keys = hand.count ? keys_after(settings, &event, 7, &hand.events[hand.count - 1],
	                                &hand.keys[LONG_WAY][hand.count - 1], &made.texts)
	                   : keys_of(settings, &event, 7, &made.texts);
	hand.keys[LONG_WAY][hand.count] = *keys;
	hand.events[hand.count++] = event;
	keys->goes_on = true;
	take_event(state, host_take_line(state, host, event.time, event.time), &event, keys);
}

static void say(double second, struct event event)
{
	say_at(hand.count, second, event);
}

static struct event sent(unsigned member)
{
	return (struct event){.kind = EVENT_ATTEMPT,
	                      .outcome = OUTCOME_SENT,
	                      .recipient = named("m", member, "@x"),
	                      .original_recipient = SLICE("list@x"),
	                      .relay = SLICE("local"),
	                      .delay = (100 + member % 2 * 50) * INT64_C(1000)};
}

/* A post of ten recipients, of whom two were told, so that it is known for one. */
static void post_begins(void)
{
	say(0, (struct event){.kind = EVENT_ACCEPTED, .client = SLICE("c[192.0.2.1]")});
	say(0, (struct event){.kind = EVENT_IDENTIFIED, .message_id = SLICE("<1@x>")});
	say(0, (struct event){.kind = EVENT_QUEUED, .sender = SLICE("s@x")});
	say(10, sent(0));
	say(10, sent(1));
}

static int second_of(int64_t time)
{
	return (int)((time - NOON) / SECOND);
}

static void put_cells(FILE *out, const char *whose, const struct cells *cells)
{
	static const char *const kinds[] = {"minute", "hour", "arrival"};

	for (uint32_t i = 0; i < cells->count; i++) {
		const struct cell *cell = &cells->items[i];

		if (!cell->delays.total)
			continue;
		fprintf(out, "%s %s %d: %llu, the last at %d;", whose, kinds[cell->key.kind], second_of(cell->key.at),
		        (unsigned long long)cell->delays.total, second_of(cell->last_at));
		for (uint32_t k = 0; k < cell->delays.used; k++)
			fprintf(out, " %u of %lld ms", cell->delays.buckets[k].count,
			        (long long)histogram_value_of(cell->delays.buckets[k].bucket));
		for (unsigned k = 0; cell->seconds && k < 60; k++)
			if (cell->seconds[k])
				fprintf(out, " %u in second %u", cell->seconds[k], k);
		fprintf(out, "\n");
	}
}

static void put_one(uint32_t mailbox, void *with)
{
	fprintf(with, " %s", texts_get(state->addresses, mailbox).bytes);
}

static void put_bucket(FILE *out, const struct bucket *bucket)
{
	static const char *const kinds[] = {"named", "delivered", "handed"};

	fprintf(out, "%s: %lld attempts, %lld repeats\n", texts_get(state->addresses, bucket->via).bytes,
	        (long long)bucket->attempts, (long long)bucket->repeats);
	for (uint32_t i = 0; i < bucket->set_count; i++) {
		ck_assert_uint_le(bucket->sets[i].kind, SET_HANDED);
		fprintf(out, "%s:", kinds[bucket->sets[i].kind]);
		mailbox_set_each(&bucket->sets[i].set, put_one, out);
		fprintf(out, "\n");
	}
	put_cells(out, "its", &bucket->cells);
}

static void put_file(FILE *out, const struct file *file)
{
	const struct texts *addresses = state->addresses;
	const struct recipient *r = all_of(file);

	fprintf(out, "file: %u lines, the last at %d, %u ended, %u fresh, %lld missing\n", file->lines,
	        second_of(file->last_line), file->ended, file->fresh, (long long)file->booked_missing);
	for (uint32_t i = 0; i < count_of(file); i++, r++)
		fprintf(out, "%s by %s at %d, %u ms%s%s\n", texts_get(addresses, r->mailbox).bytes,
		        texts_get(addresses, r->via).bytes, second_of(r->ended_at), r->delay_ms,
		        r->booked && r->booked_end ? ", booked" : "", r->counted_end ? ", counted" : "");
}

/* All that is known of the post, in words. */
static const char *told(void)
{
	const struct file *file = &state->files[file_find(state, host_of(state, SLICE("mx1")), SLICE("3QID"))];
	const struct message *message = &state->messages[file->message];
	size_t size;
	FILE *out;

	free(words);
	out = open_memstream(&words, &size);
	fprintf(out, "%u wait\n", state->transaction.waiting);
	put_file(out, file);
	for (uint32_t i = 0; i < message->bucket_count; i++)
		if (message->buckets[i].attempts)
			put_bucket(out, &message->buckets[i]);
	put_cells(out, "all", &state->all);
	fclose(out);
	return words;
}

static void ck_told(const char *expected)
{
	ck_assert_str_eq(told(), expected);
}

/* Of the post that began, after recipients 2 and 3, and so many lines. */
static const char *two_more(unsigned lines)
{
	static char text[1000];

	snprintf(text, sizeof(text),
	         "0 wait\n"
	         "file: %u lines, the last at 11, 4 ended, 4 fresh, 6 missing\n"
	         "m0@x by list@x at 10, 100 ms, booked, counted\n"
	         "m1@x by list@x at 10, 150 ms, booked, counted\n"
	         "m2@x by list@x at 11, 100 ms, booked, counted\n"
	         "m3@x by list@x at 11, 150 ms, booked, counted\n"
	         "list@x: 4 attempts, 0 repeats\n"
	         "named: m0@x m1@x m2@x m3@x\n"
	         "delivered: m0@x m1@x m2@x m3@x\n"
	         "its arrival 0: 4, the last at 11; 2 of 100 ms 2 of 150 ms\n"
	         "its minute 0: 4, the last at 11; 2 of 100 ms 2 of 150 ms 2 in second 10 2 in second 11\n"
	         "all minute 0: 4, the last at 11; 2 of 100 ms 2 of 150 ms\n"
	         "all hour 0: 4, the last at 11; 2 of 100 ms 2 of 150 ms\n",
	         lines);
	return text;
}

static uint32_t holders(const char *address)
{
	return texts_item(state->addresses, texts_find(state->addresses, slice_of(address)))->holders;
}

START_TEST(recipients_of_a_transaction_wait_and_are_booked_together)
{
	post_begins();
	for (unsigned i = 0; i < 5; i++)
		say(11 + i / 2, sent(2 + i));
	ck_told("5 wait\n"
	        "file: 10 lines, the last at 13, 2 ended, 2 fresh, 8 missing\n"
	        "m0@x by list@x at 10, 100 ms, booked, counted\n"
	        "m1@x by list@x at 10, 150 ms, booked, counted\n"
	        "list@x: 2 attempts, 0 repeats\n"
	        "named: m0@x m1@x\n"
	        "delivered: m0@x m1@x\n"
	        "its arrival 0: 2, the last at 10; 1 of 100 ms 1 of 150 ms\n"
	        "its minute 0: 2, the last at 10; 1 of 100 ms 1 of 150 ms 2 in second 10\n"
	        "all minute 0: 2, the last at 10; 1 of 100 ms 1 of 150 ms\n"
	        "all hour 0: 2, the last at 10; 1 of 100 ms 1 of 150 ms\n");
	transaction_close(state);
	ck_told("0 wait\n"
	        "file: 10 lines, the last at 13, 7 ended, 7 fresh, 3 missing\n"
	        "m0@x by list@x at 10, 100 ms, booked, counted\n"
	        "m1@x by list@x at 10, 150 ms, booked, counted\n"
	        "m2@x by list@x at 11, 100 ms, booked, counted\n"
	        "m3@x by list@x at 11, 150 ms, booked, counted\n"
	        "m4@x by list@x at 12, 100 ms, booked, counted\n"
	        "m5@x by list@x at 12, 150 ms, booked, counted\n"
	        "m6@x by list@x at 13, 100 ms, booked, counted\n"
	        "list@x: 7 attempts, 0 repeats\n"
	        "named: m0@x m1@x m2@x m3@x m4@x m5@x m6@x\n"
	        "delivered: m0@x m1@x m2@x m3@x m4@x m5@x m6@x\n"
	        "its arrival 0: 7, the last at 13; 4 of 100 ms 3 of 150 ms\n"
	        "its minute 0: 7, the last at 13; 4 of 100 ms 3 of 150 ms"
	        " 2 in second 10 2 in second 11 2 in second 12 1 in second 13\n"
	        "all minute 0: 7, the last at 13; 4 of 100 ms 3 of 150 ms\n"
	        "all hour 0: 7, the last at 13; 4 of 100 ms 3 of 150 ms\n");
	/* The message and its bucket hold the list too, and the bundle for all of its recipients, which it does not hold. */
	ck_assert_uint_eq(holders("list@x"), 5);
	for (unsigned i = 0; i < 7; i++)
		ck_assert_uint_eq(holders(named("m", i, "@x").bytes), i < 2);
}
END_TEST

START_TEST(a_long_transaction_is_booked_in_parts)
{
	const struct file *file;
	const struct recipient *all;
	struct bucket *bucket;

	post_begins();
	for (unsigned i = 2; i < BUNDLE_MOST + 46; i++)
		say(11, sent(i));
	ck_assert_uint_eq(state->transaction.waiting, 44);
	/* One of the first part, which goes the long way. */
	say(11, sent(5));
	file = &state->files[file_find(state, host_of(state, SLICE("mx1")), SLICE("3QID"))];
	ck_assert_uint_eq(count_of(file), BUNDLE_MOST + 46);
	ck_assert_uint_eq(file->ended, BUNDLE_MOST + 46);
	ck_assert_uint_eq(file->lines, BUNDLE_MOST + 50);
	all = all_of(file);
	for (unsigned i = 0; i < BUNDLE_MOST + 46; i++) {
		ck_assert_str_eq(texts_get(state->addresses, all[i].mailbox).bytes, named("m", i, "@x").bytes);
		ck_assert(all[i].booked && all[i].counted_end);
		ck_assert_uint_eq(all[i].attempts, i == 5 ? 2 : 1);
		ck_assert_uint_eq(all[i].delay_ms, i % 2 ? 150 : 100);
	}
	bucket = &state->messages[file->message].buckets[all[7].bucket - 1];
	ck_assert_int_eq(bucket->attempts, BUNDLE_MOST + 47);
	ck_assert_int_eq(bucket->repeats, 1);
	ck_assert_uint_eq(mailbox_set_count(bucket_set(bucket, SET_DELIVERED, 0, false)), BUNDLE_MOST + 46);
}
END_TEST

/* Recipients 0 and 1 become such as ended long ago, as ranges or as a set. */
static void let_go(bool as_set)
{
	uint32_t number = file_find(state, host_of(state, SLICE("mx1")), SLICE("3QID"));
	struct file *file = &state->files[number];

	file->done.via = texts_hold_again(state->addresses, file->recipients[0].via);
	file->done.many = as_set ? memory_zeroed(1, sizeof(*file->done.many)) : NULL;
	file->done.count = 2;
	for (int i = 0; i < 2; i++) {
		uint32_t mailbox = file->recipients[i].mailbox;

		if (as_set)
			mailbox_set_add(file->done.many, mailbox);
		else
			ranges_add(&file->done.ranges, mailbox);
		texts_drop(state->addresses, mailbox);
		texts_drop(state->addresses, file->done.via);
	}
	ranges_settle(&file->done.ranges);
	file_let_go(state, number, 0);
}

/* In the middle of a transaction, and as the first of one. */
START_TEST(one_that_ended_long_ago_is_told_again)
{
	post_begins();
	let_go(_i);
	say(11, sent(2));
	say(11, sent(0));
	say(12, sent(1));
	say(12, sent(3));
	transaction_close(state);
	ck_told("0 wait\n"
	        "file: 9 lines, the last at 12, 4 ended, 4 fresh, 6 missing\n"
	        "m2@x by list@x at 11, 100 ms, booked, counted\n"
	        "m3@x by list@x at 12, 150 ms, booked, counted\n"
	        "list@x: 6 attempts, 2 repeats\n"
	        "named: m0@x m1@x m2@x m3@x\n"
	        "delivered: m0@x m1@x m2@x m3@x\n"
	        "its arrival 0: 4, the last at 12; 2 of 100 ms 2 of 150 ms\n"
	        "its minute 0: 4, the last at 12; 2 of 100 ms 2 of 150 ms 2 in second 10 1 in second 11 1 in second 12\n"
	        "all minute 0: 4, the last at 12; 2 of 100 ms 2 of 150 ms\n"
	        "all hour 0: 4, the last at 12; 2 of 100 ms 2 of 150 ms\n");
}
END_TEST

/* Of this queue file, and of another one. */
START_TEST(what_waits_is_booked_when_another_event_comes)
{
	post_begins();
	say(11, sent(2));
	say(11, sent(3));
	ck_assert_uint_eq(state->transaction.waiting, 2);
	say(11, (struct event){.kind = EVENT_HELD, .queue_id = _i ? SLICE("OTHER") : SLICE("3QID")});
	ck_assert_uint_eq(state->transaction.file, 0);
	ck_told(_i ? two_more(7) : two_more(8));
}
END_TEST

START_TEST(a_line_of_the_next_minute_opens_another_transaction)
{
	post_begins();
	say(58, sent(2));
	say(59.9, sent(3));
	ck_assert_uint_eq(state->transaction.waiting, 2);
	say(60, sent(4));
	ck_assert_uint_eq(state->transaction.waiting, 1);
	ck_assert_uint_ne(state->transaction.file, 0);
	say(61, sent(5));
	ck_assert_uint_eq(state->transaction.waiting, 2);
	transaction_close(state);
	ck_told("0 wait\n"
	        "file: 9 lines, the last at 61, 6 ended, 6 fresh, 4 missing\n"
	        "m0@x by list@x at 10, 100 ms, booked, counted\n"
	        "m1@x by list@x at 10, 150 ms, booked, counted\n"
	        "m2@x by list@x at 58, 100 ms, booked, counted\n"
	        "m3@x by list@x at 59, 150 ms, booked, counted\n"
	        "m4@x by list@x at 60, 100 ms, booked, counted\n"
	        "m5@x by list@x at 61, 150 ms, booked, counted\n"
	        "list@x: 6 attempts, 0 repeats\n"
	        "named: m0@x m1@x m2@x m3@x m4@x m5@x\n"
	        "delivered: m0@x m1@x m2@x m3@x m4@x m5@x\n"
	        "its arrival 0: 6, the last at 61; 3 of 100 ms 3 of 150 ms\n"
	        "its minute 0: 4, the last at 59; 2 of 100 ms 2 of 150 ms"
	        " 2 in second 10 1 in second 58 1 in second 59\n"
	        "its minute 60: 2, the last at 61; 1 of 100 ms 1 of 150 ms 1 in second 0 1 in second 1\n"
	        "all minute 0: 4, the last at 59; 2 of 100 ms 2 of 150 ms\n"
	        "all hour 0: 6, the last at 61; 3 of 100 ms 3 of 150 ms\n"
	        "all minute 60: 2, the last at 61; 1 of 100 ms 1 of 150 ms\n");
}
END_TEST

/* Those of other parts of the log stand elsewhere; they may say that they go on with what came before them there. */
START_TEST(keys_that_stand_elsewhere_do_not_go_on_with_it)
{
	post_begins();
	say(11, sent(2));
	ck_assert_uint_eq(state->transaction.waiting, 1);
	say_at(hand.count + 1, 11, sent(3));
	ck_assert_uint_eq(state->transaction.waiting, 1);
	transaction_close(state);
	ck_told(two_more(7));
	say_at(hand.count + 1, 11, sent(4));
	ck_assert_uint_eq(state->transaction.waiting, 1);
	say_at(hand.count + 1, 11, sent(5));
	ck_assert_uint_eq(state->transaction.waiting, 2);
}
END_TEST

/* Recipient 2 is delivered, then told of once more in a line that names a relay; recipient 3 went there. */
START_TEST(the_relay_is_that_of_the_lines_themselves)
{
	struct event event = sent(3), again = sent(2);
	const struct file *file;

	post_begins();
	say(11, sent(2));
	event.relay = again.relay = SLICE("mx.elsewhere[198.51.100.1]:25");
	say(11, again);
	say(11, event);
	transaction_close(state);
	file = &state->files[file_find(state, host_of(state, SLICE("mx1")), SLICE("3QID"))];
	ck_assert_uint_eq(count_of(file), 4);
	ck_assert_uint_eq(all_of(file)[2].relay, 0);
	ck_assert_uint_ne(all_of(file)[3].relay, 0);
}
END_TEST

/* A link is as old as the last line of its hand-over, give or take a minute from the one before. */
START_TEST(a_hand_over_that_takes_longer_than_a_minute_is_told_again)
{
	static const int seconds[] = {30, 31, 60, 61, 89, 91, 92};
	struct event event;

	post_begins();
	for (unsigned i = 0; i < 7; i++) {
		event = sent(2 + i);
		event.relay = SLICE("mx.elsewhere[198.51.100.1]:25");
		event.next_queue_id = SLICE("NEXT");
		say(seconds[i], event);
	}
	transaction_close(state);
	/* Link 1 is that of the file itself. */
	ck_assert_uint_eq(state->link_count, 3);
	ck_assert_int_eq(second_of(state->links[2].at), 91);
}
END_TEST

/* A line older than the second acceptance is of the first file, the next one is not, though its keys say the same. */
START_TEST(lines_of_a_queue_id_that_is_used_again_go_each_to_its_own_file)
{
	const struct file *newer, *older;

	post_begins();
	say(20, (struct event){.kind = EVENT_ACCEPTED, .client = SLICE("c[192.0.2.1]")});
	say(19, sent(2));
	say(20.5, sent(3));
	transaction_close(state);
	newer = &state->files[file_find(state, host_of(state, SLICE("mx1")), SLICE("3QID"))];
	older = &state->files[newer->next_incarnation];
	ck_assert_uint_eq(count_of(older), 3);
	ck_assert_uint_eq(count_of(newer), 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("transaction");
	TCase *tests = tcase_create("transaction"), *by_hand = tcase_create("by hand");

	suite_add_tcase(suite, tests);
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, what_the_short_way_leaves_is_what_the_long_way_leaves);
	suite_add_tcase(suite, by_hand);
	tcase_add_checked_fixture(by_hand, set_up, tear_down);
	tcase_add_test(by_hand, recipients_of_a_transaction_wait_and_are_booked_together);
	tcase_add_test(by_hand, a_long_transaction_is_booked_in_parts);
	tcase_add_loop_test(by_hand, one_that_ended_long_ago_is_told_again, 0, 2);
	tcase_add_loop_test(by_hand, what_waits_is_booked_when_another_event_comes, 0, 2);
	tcase_add_test(by_hand, a_line_of_the_next_minute_opens_another_transaction);
	tcase_add_test(by_hand, keys_that_stand_elsewhere_do_not_go_on_with_it);
	tcase_add_test(by_hand, lines_of_a_queue_id_that_is_used_again_go_each_to_its_own_file);
	tcase_add_test(by_hand, the_relay_is_that_of_the_lines_themselves);
	tcase_add_test(by_hand, a_hand_over_that_takes_longer_than_a_minute_is_told_again);
	return suite_run(suite);
}
