/* SPDX-License-Identifier: Apache-2.0
 *
 * Loads as much of the correlator's state as an incident's sets need, see
 * held.h. Of one mailbox only its chunk is read, and what is named, where that
 * decides to which list it counts. Numbers are checked before they are
 * followed: bytes that are not what they should be are refused.
 */
#include "daemon/report/held.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/correlate/book.h"
#include "daemon/correlate/bucket.h"
#include "daemon/correlate/expansion.h"
#include "daemon/correlate/via.h"

void held_bind(sqlite3_stmt *statement, const char *name, int64_t value)
{
	int parameter = sqlite3_bind_parameter_index(statement, name);

	if (parameter > 0)
		sqlite3_bind_int64(statement, parameter, value);
}

/* The state is none that this program can read: another version's, or damaged. */
static bool refuse(struct held *held)
{
	held->foreign = true;
	return false;
}

#define ROOM(array, count, capacity, number) \
	while ((count) <= (number)) { \
		MEMORY_GROW((array), (count), (capacity)); \
		memset(&(array)[(count)++], 0, sizeof(*(array))); \
	}

static void take_relay(struct state *state, uint32_t number, struct codec *codec)
{
	ROOM(state->relays, state->relay_count, state->relay_capacity, number);
	object_relay(codec, &state->relays[number]);
}

static void take_list(struct state *state, uint32_t number, struct codec *codec)
{
	ROOM(state->lists, state->list_count, state->list_capacity, number);
	object_list(codec, &state->lists[number]);
	if (!codec->failed && state->lists[number].address)
		mailbox_set_add(&state->list_addresses, state->lists[number].address);
}

static void take_post(struct state *state, uint32_t number, struct codec *codec)
{
	(void)number;
	MEMORY_GROW(state->posts, state->post_count, state->post_capacity);
	state->posts[state->post_count] = (struct post){0};
	object_post(codec, &state->posts[state->post_count]);
	if (state->posts[state->post_count].incident == state->next_incident)
		state->post_count++;
	else
		free(state->posts[state->post_count].references);
}

static void take_incident(struct state *state, uint32_t number, struct codec *codec)
{
	ROOM(state->incidents, state->incident_count, state->incident_capacity, number);
	object_incident(codec, &state->incidents[number]);
}

static void take_message(struct state *state, uint32_t number, struct codec *codec)
{
	(void)number;
	MEMORY_GROW(state->messages, state->message_count, state->message_capacity);
	state->messages[state->message_count] = (struct message){.live = true};
	object_message_head(codec, &state->messages[state->message_count++]);
	codec_skip(codec);
}

bool held_objects(struct held *held, enum object_kind kind, uint32_t number, held_take *take)
{
	sqlite3_stmt *rows = reader_prepare(held->reader, number ? "state-object" : "state-objects", 0);
	bool found = number == 0, good = true;

	if (!rows)
		return false;
	held_bind(rows, ":kind", (int64_t)kind);
	held_bind(rows, ":number", number);
	while (good && reader_row(held->reader, rows)) {
		int64_t id = sqlite3_column_int64(rows, 0);
		struct codec codec;

		found = true;
		good = id > 0 && id < INT32_MAX;
		if (!good)
			break;
		codec_begin_read(&codec, sqlite3_column_blob(rows, 1), (size_t)sqlite3_column_bytes(rows, 1));
		take(held->state, (uint32_t)id, &codec);
		good = codec_end(&codec);
	}
	sqlite3_finalize(rows);
	if (!good)
		return refuse(held);
	return found && !reader_error(held->reader);
}

/* Lists are told apart by size, then by name. */
static bool load_address(struct held *held, uint32_t number)
{
	struct texts *addresses = held->state->addresses;
	sqlite3_stmt *rows;
	bool good = false;

	if (number == 0 || texts_has(addresses, number))
		return true;
	rows = reader_prepare(held->reader, "state-address", 0);
	if (!rows)
		return false;
	held_bind(rows, ":number", number);
	if (reader_row(held->reader, rows)) {
		const char *bytes = (const char *)sqlite3_column_text(rows, 0);

		good = texts_restore(addresses, number,
		                     (struct slice){bytes ? bytes : "", (size_t)sqlite3_column_bytes(rows, 0)});
	}
	sqlite3_finalize(rows);
	return good || refuse(held);
}

/* True where the message's buckets name more than one address, so that sizes decide what is whose. */
static bool names_several(const struct message *message)
{
	uint32_t seen = message->manager_list;

	for (uint32_t i = 0; i < message->bucket_count; i++) {
		const uint32_t named[] = {message->buckets[i].via, message->buckets[i].sender_list,
		                          message->buckets[i].header_list};

		for (size_t k = 0; k < sizeof(named) / sizeof(named[0]); k++) {
			if (named[k] && seen && named[k] != seen)
				return true;
			seen = named[k] ? named[k] : seen;
		}
	}
	return false;
}

/* Where a chunk of a set of a message stands. */
struct place {
	int64_t bucket, kind, key, level, chunk;
};

/* The set that a chunk belongs to; NULL: there is none such. */
static struct mailbox_set *set_at(const struct held *held, struct message *message, const struct place *at)
{
	bool good = at->bucket >= 0 && at->bucket < message->bucket_count && at->kind >= 0 && at->kind <= SET_OPEN &&
	            at->key >= 0 && at->key < (at->kind == SET_HANDED ? held->state->relay_count : UINT32_MAX);

	return good ? bucket_set(&message->buckets[at->bucket], (enum bucket_set)at->kind, (uint32_t)at->key, true)
	            : NULL;
}

/* One chunk, from a column. */
static bool take_chunk(struct held *held, struct mailbox_set *set, sqlite3_stmt *row, int column)
{
	return (set && mailbox_set_restore(set, 0, sqlite3_column_blob(row, column),
	                                   (size_t)sqlite3_column_bytes(row, column))) ||
	       refuse(held);
}

static bool load_all_sets(struct held *held, struct message *message, uint32_t number, uint32_t mailbox)
{
	sqlite3_stmt *rows = reader_prepare(held->reader, "state-sets", 0);
	bool good = true;

	if (!rows)
		return false;
	held_bind(rows, ":message", number);
	if (mailbox)
		held_bind(rows, ":chunk", mailbox >> 16);
	while (good && reader_row(held->reader, rows)) {
		struct place at = {.bucket = sqlite3_column_int64(rows, 0),
		                   .kind = sqlite3_column_int64(rows, 1),
		                   .key = sqlite3_column_int64(rows, 2)};

		good = take_chunk(held, set_at(held, message, &at), rows, 3);
	}
	sqlite3_finalize(rows);
	return good && !reader_error(held->reader);
}

static void bind_place(sqlite3_stmt *statement, const struct place *at)
{
	held_bind(statement, ":bucket", at->bucket);
	held_bind(statement, ":kind", at->kind);
	held_bind(statement, ":key", at->key);
	held_bind(statement, ":level", at->level);
	held_bind(statement, ":chunk", at->chunk);
}

/* The first place from `at` on. False where there is none. */
static bool next_place(struct held *held, sqlite3_stmt *next, const struct place *at, struct place *found)
{
	bool there;

	bind_place(next, at);
	there = reader_row(held->reader, next);
	*found = (struct place){sqlite3_column_int64(next, 0), sqlite3_column_int64(next, 1),
	                        sqlite3_column_int64(next, 2), sqlite3_column_int64(next, 3),
	                        sqlite3_column_int64(next, 4)};
	sqlite3_reset(next);
	return there;
}

/* The mailbox, where the chunk has it; the others of the chunk are nothing to it. */
static bool load_one(struct held *held, struct message *message, sqlite3_stmt *one, const struct place *at,
                     uint32_t mailbox)
{
	struct mailbox_set *set = set_at(held, message, at), chunk = {0};
	bool good;

	if (!set)
		return refuse(held);
	bind_place(one, at);
	good = !reader_row(held->reader, one) || take_chunk(held, &chunk, one, 0);
	sqlite3_reset(one);
	if (good && mailbox_set_has(&chunk, mailbox))
		mailbox_set_add(set, mailbox);
	mailbox_set_clear(&chunk);
	return good;
}

/* Of each set the chunk that may have the mailbox: from set to set, past their other chunks. */
static bool load_chunks(struct held *held, struct message *message, uint32_t number, uint32_t mailbox)
{
	sqlite3_stmt *next = reader_prepare(held->reader, "state-set-next", 0);
	sqlite3_stmt *one = next ? reader_prepare(held->reader, "state-set-chunk", 0) : NULL;
	struct place at = {0}, found;
	bool good = one;

	if (good) {
		held_bind(next, ":message", number);
		held_bind(one, ":message", number);
	}
	while (good && next_place(held, next, &at, &found)) {
		at = (struct place){found.bucket, found.kind, found.key, 0, mailbox >> 16};
		good = load_one(held, message, one, &at, mailbox);
		at.level = INT64_MAX;
	}
	sqlite3_finalize(next);
	sqlite3_finalize(one);
	return good && !reader_error(held->reader);
}

/* All sets of the message that the store has under this number, or what decides about one mailbox. */
static bool load_sets(struct held *held, struct message *message, uint32_t number, uint32_t mailbox)
{
	if (mailbox && !names_several(message))
		return load_chunks(held, message, number, mailbox);
	return load_all_sets(held, message, number, mailbox);
}

/* What its original recipients stand for tells its lists apart, and who is no mailbox. */
static bool load_vias(struct held *held, struct message *message)
{
	for (uint32_t i = 0; i < message->via_count; i++)
		if (!load_address(held, message->vias[i].via))
			return false;
	return !message->via_count || via_index(held->state, message) || refuse(held);
}

/* The message that the store has under this number, the last of those at hand from now on. */
static bool load_message(struct held *held, uint32_t number, uint32_t mailbox)
{
	struct state *state = held->state;
	struct message *message;

	if (!held_objects(held, OBJECT_MESSAGE, number, take_message))
		return refuse(held);
	message = &state->messages[state->message_count - 1];
	for (uint32_t i = 0; i < message->bucket_count; i++) {
		const struct bucket *bucket = &message->buckets[i];

		if (!load_address(held, bucket->via) || !load_address(held, bucket->sender_list) ||
		    !load_address(held, bucket->header_list))
			return false;
	}
	if (!load_address(held, message->manager_list) || !load_vias(held, message) ||
	    !load_sets(held, message, number, mailbox))
		return false;
	/* Whether a list's own sender was a person's is decided: the post's list tells. */
	message->root_list = 0;
	expansion_roots(state, message);
	return true;
}

bool held_load_posts(struct held *held, int64_t incident)
{
	struct state *state = held->state;
	bool kept = false;

	state->next_incident = incident; /* for take_post() */
	if (!held_objects(held, OBJECT_INCIDENT, 0, take_incident))
		return false;
	for (uint32_t i = 1; i < state->incident_count; i++)
		kept = kept ||
		       (state->incidents[i].id == incident && state->incidents[i].live && !state->incidents[i].frozen);
	if (!kept || !held_objects(held, OBJECT_POST, 0, take_post))
		return false;
	for (uint32_t i = 1; i < state->post_count; i++) {
		if (!state->posts[i].message)
			return false;
	}
	return state->post_count > 1;
}

/* A post's list and message. stored: the numbers that the posts' messages have in the store. */
static bool load_post(struct held *held, uint32_t number, const uint32_t *stored, uint32_t mailbox)
{
	struct state *state = held->state;
	struct post *post = &state->posts[number];

	if (post->list >= state->list_count)
		return refuse(held);
	if (!load_address(held, state->lists[post->list].address))
		return false;
	/* A message may be posts to several lists. */
	for (uint32_t i = 1; i < number; i++)
		if (stored[i] == stored[number]) {
			post->message = state->posts[i].message;
			return true;
		}
	post->message = state->message_count;
	return load_message(held, stored[number], mailbox);
}

bool held_load_sets(struct held *held, uint32_t mailbox)
{
	struct state *state = held->state;
	uint32_t *stored;
	bool loaded = true;

	if (!held_objects(held, OBJECT_RELAY, 0, take_relay) || !held_objects(held, OBJECT_LIST, 0, take_list))
		return false;
	stored = memory_zeroed(state->post_count, sizeof(*stored));
	for (uint32_t i = 1; i < state->post_count; i++)
		stored[i] = state->posts[i].message;
	for (uint32_t i = 1; loaded && i < state->post_count; i++)
		loaded = load_post(held, i, stored, mailbox);
	free(stored);
	return loaded;
}

struct held held_new(struct reader *reader)
{
	return (struct held){.reader = reader, .state = state_new(NULL)};
}

void held_clear(struct held *held)
{
	state_free(&held->state);
}
