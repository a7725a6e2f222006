/* SPDX-License-Identifier: Apache-2.0
 *
 * A log made at random: queue files of a post on a few hosts, told of in
 * stretches as delivery agents tell of transactions, and all that may come
 * between; with the keys of its events, for both ways to take them.
 */
#ifndef MAILSTORM_TESTS_TRANSACTIONS_MADE_H
#define MAILSTORM_TESTS_TRANSACTIONS_MADE_H

#include <stdio.h>

#include "daemon/correlate/keys.h"
#include "parsers/arena.h"

#define NOON (INT64_C(1479124800) * SECOND)
#define SEEDS 200
#define EVENTS 400
#define PARTS 2
#define MEMBERS 150

/* Queue files that are told of at a time. The last is made by local(8) of the list's address; in some logs that of the
 * third host is one of Exchange. */
#define FILES 7
#define BOX2_FILE 5
#define LOCAL_FILE 6

/* What is done after an event. */
enum { THEN_SETTLE_RELAYS = 1, THEN_AGE = 2, THEN_SETTLE = 4, THEN_STORE = 8, THEN_COMPARE = 16, THEN_ALL = 31 };

/* What one partition told: the keys stand side by side as its events do. Both ways have keys of their own. */
enum { SHORT_WAY, LONG_WAY, WAYS };

struct part {
	struct event events[EVENTS];
	struct keys keys[WAYS][EVENTS];
	uint32_t count;
};

/* The order in which the parts' events are taken, and lines of which no event was made. */
struct turn {
	uint32_t part, event;
	unsigned then;
	struct slice line; /* of this host; not given: it is an event */
	int64_t time;
};

struct queue_file {
	struct slice host, id;
	int64_t accepted;
};

enum delays { DELAY_SINCE, DELAY_SHORT, DELAY_MIXED, DELAY_NONE, DELAY_LONG, DELAYS };

/* Lines of one delivery. */
struct stretch {
	unsigned file;
	struct slice original, relay, next, program, instance;
	int32_t resolution;
	enum delays delays;
	bool manager;
	bool calm;      /* nothing odd happens on the way */
	int64_t behind; /* about the join window: some lines are late, some are not */
	int step;
};

static struct {
	uint64_t dice;
	int64_t now;
	int32_t resolution;
	bool long_ids, exchange;
	unsigned ids;
	struct queue_file files[FILES];
	struct stretch stretch;
	unsigned member;      /* told next */
	struct slice last[2]; /* recipients told last */
	int64_t told_at;
	struct part parts[PARTS];
	struct turn turns[EVENTS];
	unsigned count, part;
	struct arena texts;
} made;

static const char *const hosts[] = {"list.x", "box1.x", "box2.x"};
static const unsigned host_of_file[FILES] = {0, 0, 0, 1, 1, 2, 0}, message_of_file[FILES] = {1, 1, 2, 1, 2, 1, 1};

/* Below `sides`. */
static unsigned dice(unsigned sides)
{
	made.dice ^= made.dice << 13;
	made.dice ^= made.dice >> 7;
	made.dice ^= made.dice << 17;
	return (unsigned)(made.dice >> 33) % sides;
}

static bool once_in(unsigned times)
{
	return dice(times) == 0;
}

static struct slice named(const char *before, unsigned number, const char *after)
{
	char *bytes = arena_take(&made.texts, 40);

	snprintf(bytes, 40, "%s%u%s", before, number, after);
	return slice_of(bytes);
}

static unsigned then_some(void)
{
	unsigned then = 0;

	for (unsigned one = 1; one < THEN_ALL; one *= 2)
		then |= once_in(3) ? one : 0;
	return then;
}

static bool room(void)
{
	return made.count < EVENTS;
}

static void tell(unsigned file, int64_t time, struct event event)
{
	struct part *part = &made.parts[made.part];

	if (!room())
		return;
	if (made.exchange && file == BOX2_FILE)
		event.program = SLICE("exchange");
	event.time = event.resolution == SECOND ? time_floor(time, SECOND) : time;
	event.host = made.files[file].host;
	event.queue_id = made.files[file].id;
	event.size = event.kind == EVENT_QUEUED ? 1000 : -1;
	event.recipients = event.kind == EVENT_QUEUED ? event.recipients : -1;
	made.turns[made.count++] = (struct turn){.part = made.part,
	                                         .event = part->count,
	                                         .then = once_in(70) ? then_some() : 0,
	                                         .line = SLICE_NONE};
	part->events[part->count++] = event;
}

static void tell_nothing(unsigned file)
{
	if (room())
		made.turns[made.count++] = (struct turn){.line = made.files[file].host, .time = made.now};
}

static void tell_of(unsigned file, struct event event)
{
	event.resolution = made.resolution;
	event.program = SLICE("postfix");
	tell(file, made.now, event);
	made.now += dice(50000);
}

/* Queue IDs of Postfix: short ones hold the microsecond, long ones the time. */
static struct slice long_id(int64_t time)
{
	static const char digits[] = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";
	int64_t seconds = time / SECOND, microseconds = time % SECOND;
	char *bytes = arena_take(&made.texts, 40);

	for (int i = 5; i >= 0; i--, seconds /= 52)
		bytes[i] = digits[seconds % 52];
	for (int i = 9; i >= 6; i--, microseconds /= 52)
		bytes[i] = digits[microseconds % 52];
	snprintf(bytes + 10, 30, "z%u", made.ids++);
	return slice_of(bytes);
}

static struct slice short_id(int64_t time)
{
	unsigned microsecond = once_in(2) ? dice(1000000) : (unsigned)(time % SECOND);
	char *bytes = arena_take(&made.texts, 40);

	snprintf(bytes, 40, "%05X%04X", microsecond, 0xA000 + made.ids++);
	return slice_of(bytes);
}

static void identify(unsigned number)
{
	tell_of(number,
	        (struct event){.kind = EVENT_IDENTIFIED, .message_id = named("<", message_of_file[number], "@x>")});
}

static void queue(unsigned number)
{
	struct event event = {.kind = EVENT_QUEUED, .sender = SLICE("s@x"), .recipients = dice(120)};

	if (once_in(9))
		event.sender = SLICE("list-bounces@x");
	tell_of(number, event);
}

/* local(8) made the last file of the list's address. */
static void expand(void)
{
	tell_of(0, (struct event){.kind = EVENT_ATTEMPT,
	                          .outcome = OUTCOME_HANDED,
	                          .recipient = SLICE("list@x"),
	                          .next_queue_id = made.files[LOCAL_FILE].id,
	                          .delay = SECOND});
}

/* A queue file begins, under an ID of its own or once more under the one that it had. */
static void begin(unsigned number)
{
	static const char *const clients[] =
		{"c[192.0.2.1]",      "c[192.0.2.1]",      "d[192.0.2.7]", "list.x[192.0.2.9]",
	         "list.x[192.0.2.9]", "list.x[192.0.2.9]", "local"};
	struct queue_file *file = &made.files[number];

	file->host = slice_of(hosts[host_of_file[number]]);
	file->accepted = made.now;
	if (!slice_given(file->id) || once_in(2))
		file->id = made.long_ids ? long_id(made.now) : short_id(made.now);
	tell_of(number, (struct event){.kind = EVENT_ACCEPTED, .client = slice_of(clients[number])});
	if (!once_in(12))
		identify(number);
	if (!once_in(12))
		queue(number);
	if (number == LOCAL_FILE && once_in(2))
		expand();
	made.now += dice(once_in(2) ? 300000 : 3 * SECOND);
}

static void end(unsigned number)
{
	static const enum event_outcome outcomes[] = {OUTCOME_NONE, OUTCOME_NONE, OUTCOME_NONE,     OUTCOME_NONE,
	                                              OUTCOME_NONE, OUTCOME_NONE, OUTCOME_CANCELED, OUTCOME_ADMIN};

	tell_of(number, (struct event){.kind = EVENT_REMOVED, .outcome = outcomes[dice(8)]});
}

/* What else is told of a queue file now and then. */
static void tell_else(unsigned number)
{
	switch (dice(5)) {
	case 0: identify(number); break;
	case 1: queue(number); break;
	case 2: tell_of(number, (struct event){.kind = EVENT_HELD, .outcome = OUTCOME_RELEASED}); break;
	case 3: tell_of(number, (struct event){.kind = EVENT_ATTEMPT, .outcome = OUTCOME_EXPIRED, .delay = -1}); break;
	default: expand();
	}
}

static struct slice next_of(unsigned file)
{
	return once_in(4) ? SLICE_NONE : made.files[file].id;
}

/* Where a delivery goes: nowhere else, to a host that is read, to one that is not, to an LMTP server, back to this host. */
static void choose_relay(struct stretch *stretch)
{
	unsigned to = stretch->file < 3 || stretch->file == LOCAL_FILE || once_in(4) ? dice(8) : 2 * dice(2);

	stretch->relay = stretch->next = SLICE_NONE;
	stretch->program = SLICE("postfix/smtp");
	if (to < 2) {
		stretch->relay = SLICE("local");
		stretch->program = SLICE("postfix/local");
	} else if (to == 2) {
		stretch->relay = SLICE("127.0.0.1[127.0.0.1]:24");
		stretch->program = SLICE("lmtp");
	} else if (to == 3) {
		stretch->relay = SLICE("mx.elsewhere[198.51.100.1]:25");
	} else if (to == 4) {
		stretch->relay = SLICE("box2.x[192.0.2.3]:25");
		stretch->next = next_of(BOX2_FILE);
	} else if (to < 7) {
		stretch->relay = SLICE("box1.x[192.0.2.2]:25");
		stretch->next = next_of(stretch->file == 2 ? 4 : 3);
	} else {
		stretch->relay = SLICE("127.0.0.1[127.0.0.1]:10025");
		stretch->next = next_of(LOCAL_FILE);
	}
}

static void choose_original(struct stretch *stretch)
{
	static const char *const originals[] = {NULL,     NULL,      "list@x", "list@x",
	                                        "list@x", "staff@x", "s@x",    "managed@x"};

	stretch->original = slice_of(originals[dice(once_in(4) ? 8 : 6)]);
}

static void choose_step(struct stretch *stretch)
{
	stretch->step = !once_in(6) ? 1 : once_in(2) ? -1 : (int)dice(MEMBERS);
	if (!once_in(3))
		made.member = dice(MEMBERS);
}

static void choose(struct stretch *stretch)
{
	stretch->file = dice(FILES);
	choose_original(stretch);
	choose_relay(stretch);
	choose_step(stretch);
	stretch->resolution = once_in(16) ? 1 : made.resolution;
	stretch->delays = once_in(2) ? (enum delays)dice(DELAYS) : DELAY_SINCE;
	stretch->instance = once_in(8) ? SLICE("postfix-out") : SLICE_NONE;
	stretch->manager = once_in(60);
	stretch->calm = !once_in(3);
	stretch->behind = once_in(16) ? 5 * MINUTE + 200000 : 0;
}

/* All as before, but for one thing. */
static void choose_one(struct stretch *stretch)
{
	switch (dice(11)) {
	case 0: choose_original(stretch); break;
	case 1: choose_relay(stretch); break;
	case 2: choose_step(stretch); break;
	case 3: stretch->resolution = stretch->resolution == 1 ? SECOND : 1; break;
	case 4: stretch->delays = (enum delays)dice(DELAYS); break;
	case 5: stretch->instance = SLICE("postfix-out"); break;
	case 6: stretch->file = dice(FILES); break;
	case 7: stretch->next = next_of(3); break;
	case 8: stretch->program = once_in(3) ? SLICE("m365") : SLICE("lmtp"); break;
	case 9: stretch->manager = !stretch->manager; break;
	default: stretch->calm = !stretch->calm;
	}
}

static int64_t delay(const struct stretch *stretch)
{
	enum delays delays = stretch->delays;

	if (delays == DELAY_MIXED)
		delays = once_in(3) ? DELAY_SHORT : DELAY_SINCE;
	switch (delays) {
	case DELAY_SHORT: return dice(2200) * INT64_C(1000);
	case DELAY_NONE: return -1;
	case DELAY_LONG: return 4 * MINUTE + dice(240) * MINUTE;
	default: return made.now - made.files[stretch->file].accepted + dice(100000);
	}
}

static enum event_outcome outcome(const struct stretch *stretch)
{
	static const enum event_outcome others[] = {OUTCOME_DEFERRED, OUTCOME_DEFERRED, OUTCOME_DEFERRED,
	                                            OUTCOME_BOUNCED,  OUTCOME_EXPIRED,  OUTCOME_DISCARDED};

	return !stretch->calm && once_in(25) ? others[dice(6)] : OUTCOME_SENT;
}

static struct slice recipient(const struct stretch *stretch)
{
	if (slice_given(stretch->original) && once_in(80))
		return stretch->original;
	if (stretch->file == LOCAL_FILE && once_in(12))
		return SLICE("list@x");
	if (!stretch->calm && once_in(25))
		return named("M", (made.member + MEMBERS - dice(once_in(2) ? 8 : MEMBERS)) % MEMBERS, "@x");
	return named("m", made.member, "@x");
}

static int64_t time_of_line(const struct stretch *stretch)
{
	if (stretch->calm || stretch->behind)
		return made.now - stretch->behind;
	return once_in(40) ? made.now - SECOND : once_in(60) ? made.now - 7 * MINUTE : made.now;
}

/* The next recipient, and mostly a little time goes by. */
static void go_on(const struct stretch *stretch)
{
	made.member = (made.member + MEMBERS + (unsigned)stretch->step) % MEMBERS;
	if (once_in(2))
		made.now += dice(stretch->calm ? 300000 : 900000);
	if (once_in(60))
		made.now += dice(40) * SECOND;
	if (!stretch->calm && once_in(12))
		made.part = dice(PARTS);
	if (once_in(stretch->behind ? 6 : 40))
		tell_nothing(stretch->file);
}

static void tell_attempt(const struct stretch *stretch, int64_t time, struct slice of)
{
	struct event event = {.kind = EVENT_ATTEMPT,
	                      .recipient = of,
	                      .original_recipient = stretch->original,
	                      .relay = stretch->relay,
	                      .next_queue_id = stretch->next,
	                      .program = stretch->program,
	                      .instance = stretch->instance,
	                      .resolution = stretch->resolution,
	                      .manager = stretch->manager};

	event.outcome = outcome(stretch);
	event.delay = delay(stretch);
	made.last[1] = made.last[0];
	made.last[0] = of;
	made.told_at = time;
	tell(stretch->file, time, event);
}

/* Now and then the first line tells what one of the last two did, but of another relay or the like. */
static void deliver(void)
{
	const struct stretch *stretch = &made.stretch;
	unsigned count = stretch->calm && once_in(4) ? 100 : 1 + dice(30);

	if (once_in(4) && slice_given(made.last[1]))
		tell_attempt(stretch, made.told_at, made.last[dice(2)]);
	for (unsigned i = 0; i < count && room(); i++) {
		int64_t time = time_of_line(stretch);

		tell_attempt(stretch, time, recipient(stretch));
		go_on(stretch);
	}
}

/* So long that recipients are let go of; then the delivery goes on, and some of them are told again. */
static void rest(void)
{
	made.now += 5 * MINUTE + dice(7) * MINUTE;
	tell_of(made.stretch.file, (struct event){.kind = EVENT_HELD, .outcome = OUTCOME_RELEASED});
	made.turns[made.count - 1].then |= THEN_AGE;
	made.stretch.calm = false;
	deliver();
}

/* For the short way as work.c makes them, for the long way each by itself. */
static void make_keys(const struct settings *settings, struct part *part)
{
	for (uint32_t i = 0; i < part->count; i++) {
		const struct event *event = &part->events[i];
		uint64_t host = text_key(event->host).hash;
		struct keys *keys = &part->keys[SHORT_WAY][i];

		part->keys[LONG_WAY][i] = *keys = keys_of(settings, event, host, &made.texts);
		if (i > 0)
			*keys = keys_after(settings, event, host, &part->events[keys[-1].event], keys - 1, &made.texts);
		if (!keys->same_transaction)
			keys->event = i;
		part->keys[LONG_WAY][i].event = i;
	}
}

/* Half of the time the delivery at hand goes on as if nothing had been. */
static void begin_or_end(unsigned number, bool ends, bool begins)
{
	if (ends)
		end(number);
	if (begins)
		begin(number);
	if (once_in(2))
		deliver();
}

/* What ends or begins anew is mostly that whose recipients are told just then, and some are told after. */
static void do_something(void)
{
	unsigned number = once_in(3) ? dice(FILES) : made.stretch.file;

	switch (dice(20)) {
	case 0: begin_or_end(number, true, false); break;
	case 1: begin_or_end(number, false, true); break;
	case 2: begin_or_end(number, true, true); break;
	case 3: tell_else(number); break;
	case 4: rest(); break;
	default:
		if (once_in(2))
			choose(&made.stretch);
		else
			choose_one(&made.stretch);
		deliver();
	}
}

static void make(const struct settings *settings, unsigned seed)
{
	memset(&made, 0, sizeof(made));
	made.dice = hash_number(seed + 1);
	made.now = NOON + dice(60) * SECOND;
	made.resolution = once_in(2) ? (int32_t)SECOND : 1;
	made.long_ids = once_in(2);
	made.exchange = once_in(4);
	for (unsigned i = 0; i < FILES; i++)
		begin(i);
	choose(&made.stretch);
	while (room()) {
		do_something();
		made.now += once_in(200) ? 2 * HOUR : 0;
		made.turns[made.count - 1].then |= once_in(4) ? then_some() : 0;
	}
	for (unsigned i = 0; i < PARTS; i++)
		make_keys(settings, &made.parts[i]);
}

#endif
