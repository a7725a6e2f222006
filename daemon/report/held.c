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
	ROOM(state->messages, state->message_count, state->message_capacity, number);
	object_message(codec, &state->messages[number]);
	state->messages[number].live = true;
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

	if (number == 0 || (number < addresses->count && addresses->items[number].bytes))
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

static bool load_sets(struct held *held, uint32_t number, uint32_t mailbox)
{
	struct message *message = &held->state->messages[number];
	sqlite3_stmt *rows = reader_prepare(held->reader, "state-sets", 0);
	bool good = true;

	if (!rows)
		return false;
	held_bind(rows, ":message", number);
	if (mailbox)
		held_bind(rows, ":chunk", mailbox >> 16);
	held_bind(rows, ":named", names_several(message));
	while (good && reader_row(held->reader, rows)) {
		int64_t bucket = sqlite3_column_int64(rows, 0), kind = sqlite3_column_int64(rows, 1);
		int64_t key = sqlite3_column_int64(rows, 2);

		good = bucket >= 0 && bucket < message->bucket_count && kind >= 0 && kind <= SET_OPEN && key >= 0 &&
		       key < (kind == SET_HANDED ? held->state->relay_count : UINT32_MAX) &&
		       mailbox_set_restore(bucket_set(&message->buckets[bucket], (enum bucket_set)kind, (uint32_t)key,
		                                      true),
		                           0, sqlite3_column_blob(rows, 3), (size_t)sqlite3_column_bytes(rows, 3));
	}
	sqlite3_finalize(rows);
	if (!good)
		return refuse(held);
	return !reader_error(held->reader);
}

static bool load_message(struct held *held, uint32_t number, uint32_t mailbox)
{
	struct state *state = held->state;

	if (number < state->message_count && state->messages[number].live)
		return true;
	if (!held_objects(held, OBJECT_MESSAGE, number, take_message))
		return refuse(held);
	for (uint32_t i = 0; i < state->messages[number].bucket_count; i++) {
		const struct bucket *bucket = &state->messages[number].buckets[i];

		if (!load_address(held, bucket->via) || !load_address(held, bucket->sender_list) ||
		    !load_address(held, bucket->header_list))
			return false;
	}
	return load_sets(held, number, mailbox);
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

bool held_load_sets(struct held *held, uint32_t mailbox)
{
	struct state *state = held->state;

	if (!held_objects(held, OBJECT_RELAY, 0, take_relay) || !held_objects(held, OBJECT_LIST, 0, take_list))
		return false;
	for (uint32_t i = 1; i < state->post_count; i++) {
		if (state->posts[i].list >= state->list_count)
			return refuse(held);
		if (!load_address(held, state->lists[state->posts[i].list].address) ||
		    !load_message(held, state->posts[i].message, mailbox))
			return false;
	}
	return true;
}

struct held held_new(struct reader *reader)
{
	return (struct held){.reader = reader, .state = state_new(NULL)};
}

void held_clear(struct held *held)
{
	state_free(&held->state);
}
