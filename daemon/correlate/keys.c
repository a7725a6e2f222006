/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys of events, see keys.h.
 */
#include "daemon/correlate/keys.h"

#include "daemon/correlate/address.h"
#include "daemon/correlate/file.h"
#include "daemon/correlate/host.h"

/* Events ahead. */
#define FETCH_TABLES 21
#define FETCH_TEXTS 18
#define FETCH_FOLLOW 16
#define FETCH_PLACE 15
#define FETCH_FILE 12
#define FETCH_MESSAGE 10 /* and further, an event for each step */
#define FOLLOW_AHEAD 8   /* numbers */

static struct text_key keys_address(const struct settings *settings, struct slice address, bool mailbox,
                                    struct arena *arena)
{
	char buffer[ADDRESS_MAX];
	struct slice folded = address_fold(settings, address, mailbox, buffer);

	if (!slice_given(address))
		return (struct text_key){0};
	if (folded.bytes != address.bytes && !slice_equal(folded, address)) {
		char *copy = arena_take(arena, folded.length + 1);

		memcpy(copy, folded.bytes, folded.length);
		address = (struct slice){copy, folded.length};
	}
	return text_key(address);
}

struct keys keys_of(const struct settings *settings, const struct event *event, uint64_t host, struct arena *arena)
{
	struct names *names = arena_take(arena, sizeof(*names));

	*names = (struct names){.queue_id = text_key(event->queue_id),
	                        .message_id = text_key(event->message_id),
	                        .via = keys_address(settings, event->original_recipient, false, arena),
	                        .host = host};
	return (struct keys){.mailbox = keys_address(settings, event->recipient, true, arena),
	                     .names = names,
	                     .delay = event->delay};
}

static bool keys_same(struct slice a, struct slice b)
{
	return slice_given(a) == slice_given(b) && slice_equal(a, b);
}

bool keys_may_go_on(const struct event *event)
{
	return event->kind == EVENT_ATTEMPT && event->outcome == OUTCOME_SENT && slice_given(event->queue_id) &&
	       slice_given(event->recipient) && !slice_given(event->message_id) &&
	       !slice_given(event->resent_message_id) && !event->manager;
}

static bool keys_same_transaction(const struct event *a, const struct event *b)
{
	return keys_may_go_on(a) && b->kind == EVENT_ATTEMPT && b->outcome == OUTCOME_SENT && !b->manager &&
	       a->resolution == b->resolution && keys_same(a->host, b->host) && keys_same(a->queue_id, b->queue_id) &&
	       keys_same(a->relay, b->relay) && keys_same(a->next_queue_id, b->next_queue_id) &&
	       keys_same(a->original_recipient, b->original_recipient) && keys_same(a->program, b->program) &&
	       keys_same(a->instance, b->instance) && keys_same(a->sender, b->sender);
}

struct keys keys_of_next(const struct settings *settings, struct slice recipient, struct keys *before,
                         struct arena *arena)
{
	before->goes_on = true;
	return (struct keys){.mailbox = keys_address(settings, recipient, true, arena),
	                     .names = before->names,
	                     .delay = before->delay,
	                     .event = before->event,
	                     .same_transaction = true};
}

struct keys keys_after(const struct settings *settings, const struct event *event, uint64_t host,
                       const struct event *event_before, struct keys *before, struct arena *arena)
{
	struct keys keys;

	if (!keys_same_transaction(event, event_before))
		return keys_of(settings, event, host, arena);
	keys = keys_of_next(settings, event->recipient, before, arena);
	keys.delay = event->delay;
	return keys;
}

/* Mostly a list's mailboxes follow each other as they did in its first post, and so do their numbers: what one is taken for
 * tells the next, and stands behind it. */
static bool keys_follow(const struct state *state, const struct keys *before, struct keys *keys)
{
	uint32_t next = before->mailbox_guess + 1;

	if (!keys->same_transaction || next == 1 || next >= state->addresses->count ||
	    texts_item(state->addresses, next)->hash != keys->mailbox.hash)
		return false;
	keys->mailbox_guess = next;
	if (next + FOLLOW_AHEAD < state->addresses->count)
		texts_fetch(state->addresses, next + FOLLOW_AHEAD);
	return true;
}

static void keys_fetch_tables(const struct state *state, const struct keys *before, struct keys *keys)
{
	if (!keys->same_transaction) {
		texts_fetch_hash(state->texts, keys->names->queue_id.hash);
		if (keys->names->message_id.text.length)
			texts_fetch_hash(state->texts, keys->names->message_id.hash);
	}
	if (!keys_follow(state, before, keys))
		texts_fetch_hash(state->addresses, keys->mailbox.hash);
}

/* Each step reads what the one before has fetched. */
static void keys_fetch_texts(const struct state *state, struct keys *keys)
{
	if (!keys->mailbox_guess) {
		keys->mailbox_guess = texts_guess(state->addresses, keys->mailbox.hash);
		texts_fetch(state->addresses, keys->mailbox_guess);
	}
	if (keys->same_transaction)
		return;
	keys->names->queue_id_guess = texts_guess(state->texts, keys->names->queue_id.hash);
	texts_fetch(state->texts, keys->names->queue_id_guess);
	if (keys->names->message_id.text.length)
		texts_fetch(state->texts, texts_guess(state->texts, keys->names->message_id.hash));
}

static void keys_fetch_place(const struct state *state, struct keys *keys)
{
	if (slice_given(keys->mailbox.text)) {
		__builtin_prefetch(keys->mailbox.text.bytes);
		__builtin_prefetch(keys->mailbox.text.bytes + keys->mailbox.text.length);
	}
	if (keys->same_transaction)
		return;
	keys->names->host_guess = host_guess(state, keys->names->host);
	file_fetch_place(state, keys->names->host_guess, keys->names->queue_id_guess);
}

static void keys_fetch_file(const struct state *state, struct keys *keys)
{
	keys->names->file_guess = file_guess(state, keys->names->host_guess, keys->names->queue_id_guess);
	file_fetch(state, keys->names->file_guess);
}

void keys_fetch(const struct state *state, struct keys *keys, uint32_t at, uint32_t count)
{
	if (at + FETCH_TABLES < count)
		keys_fetch_tables(state, &keys[at + FETCH_TABLES - 1], &keys[at + FETCH_TABLES]);
	if (at + FETCH_TEXTS < count)
		keys_fetch_texts(state, &keys[at + FETCH_TEXTS]);
	/* Those behind one that had to be looked for may follow it. */
	for (uint32_t i = at + FETCH_FOLLOW + 1; i <= at + FETCH_TABLES && i < count && !keys[i].mailbox_guess; i++)
		if (!keys_follow(state, &keys[i - 1], &keys[i]))
			break;
	if (at + FETCH_PLACE < count)
		keys_fetch_place(state, &keys[at + FETCH_PLACE]);
	if (at + FETCH_FILE < count && !keys[at + FETCH_FILE].same_transaction)
		keys_fetch_file(state, &keys[at + FETCH_FILE]);
	for (unsigned step = 0; step < FILE_FETCHES; step++) {
		uint32_t further = at + FETCH_MESSAGE - step;

		if (further < count && !keys[further].same_transaction)
			file_fetch_more(state, keys[further].names->file_guess, keys[further].mailbox_guess, step);
	}
}
