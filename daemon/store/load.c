/* SPDX-License-Identifier: Apache-2.0
 *
 * Fills an empty state from the store: every object comes back at its number,
 * then the indexes are built. Bytes that are not what they should be end the loading with an error.
 */
#include "daemon/base/memory.h"
#include "daemon/correlate/age.h"
#include "daemon/correlate/book.h"
#include "daemon/correlate/bucket.h"
#include "daemon/correlate/cells.h"
#include "daemon/correlate/file.h"
#include "daemon/correlate/host.h"
#include "daemon/correlate/index.h"
#include "daemon/correlate/list.h"
#include "daemon/correlate/message.h"
#include "daemon/correlate/post.h"
#include "daemon/store/objects.h"
#include "daemon/store/spilled.h"
#include "daemon/store/statement.h"
#include "daemon/store/text_rows.h"

/* Room for the object of a number in an array, zeroed. */
#define LOAD_ROOM(array, count, capacity, number) \
	while ((count) <= (number)) { \
		MEMORY_GROW((array), (count), (capacity)); \
		memset(&(array)[(count)++], 0, sizeof(*(array))); \
	}

static void load_one(struct state *state, enum object_kind kind, uint32_t number, struct codec *codec)
{
	switch (kind) {
	case OBJECT_HOST:
		LOAD_ROOM(state->hosts, state->host_count, state->host_capacity, number);
		object_host(codec, &state->hosts[number]);
		break;
	case OBJECT_RELAY:
		LOAD_ROOM(state->relays, state->relay_count, state->relay_capacity, number);
		object_relay(codec, &state->relays[number]);
		break;
	case OBJECT_FILE:
		LOAD_ROOM(state->files, state->file_count, state->file_capacity, number);
		object_file(codec, &state->files[number]);
		state->files[number].live = true;
		break;
	case OBJECT_MESSAGE:
		LOAD_ROOM(state->messages, state->message_count, state->message_capacity, number);
		object_message(codec, &state->messages[number]);
		state->messages[number].live = state->messages[number].stored = true;
		break;
	case OBJECT_LINK:
		LOAD_ROOM(state->links, state->link_count, state->link_capacity, number);
		object_link(codec, &state->links[number]);
		state->links[number].live = true;
		break;
	case OBJECT_LIST:
		LOAD_ROOM(state->lists, state->list_count, state->list_capacity, number);
		object_list(codec, &state->lists[number]);
		state->lists[number].live = state->lists[number].changed = true;
		break;
	case OBJECT_POST:
		LOAD_ROOM(state->posts, state->post_count, state->post_capacity, number);
		object_post(codec, &state->posts[number]);
		state->posts[number].live = true;
		break;
	case OBJECT_INCIDENT:
		LOAD_ROOM(state->incidents, state->incident_count, state->incident_capacity, number);
		object_incident(codec, &state->incidents[number]);
		state->incidents[number].delayed = true;
		break;
	case OBJECT_REFUSAL: object_refusals(codec, state); break;
	case OBJECT_NOTIFICATION: object_notifications(codec, state); break;
	}
}

static bool load_objects(struct store *store, struct state *state, enum object_kind kind)
{
	sqlite3_stmt *statement = statement_get(store, "object-all");
	int result;

	if (!statement)
		return false;
	sqlite3_bind_int(statement, 1, (int)kind);
	while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
		int64_t number = sqlite3_column_int64(statement, 1);
		struct codec codec;

		codec_begin_read(&codec, sqlite3_column_blob(statement, 2), (size_t)sqlite3_column_bytes(statement, 2));
		if (!statement_sound(statement) || number <= 0 || number > INT32_MAX)
			return store_damaged(store, "object");
		load_one(state, kind, (uint32_t)number, &codec);
		if (!codec_end(&codec))
			return store_damaged(store, "object");
	}
	return statement_end(store, statement, result, "object-all");
}

static struct bucket *load_bucket(struct state *state, int64_t message, int64_t bucket)
{
	if (message <= 0 || message >= state->message_count || bucket < 0 ||
	    bucket >= state->messages[message].bucket_count)
		return NULL;
	return &state->messages[message].buckets[bucket];
}

/* The set that a row is of: a message's, or a list's members. */
static struct mailbox_set *load_set(struct state *state, sqlite3_stmt *row)
{
	int64_t message = sqlite3_column_int64(row, 0), bucket = sqlite3_column_int64(row, 1), kind;
	struct bucket *found;

	if (message == 0) {
		if (bucket <= 0 || bucket >= state->list_count)
			return NULL;
		return sqlite3_column_int64(row, 3) ? &state->lists[bucket].members_before
		                                    : &state->lists[bucket].members;
	}
	found = load_bucket(state, message, bucket);
	kind = sqlite3_column_int64(row, 2);
	return found && kind >= 0 && kind < SET_MEMBERS
	               ? bucket_set(found, (enum bucket_set)kind, (uint32_t)sqlite3_column_int64(row, 3), true)
	               : NULL;
}

static bool load_sets(struct store *store, struct state *state)
{
	sqlite3_stmt *statement = statement_get(store, "set-all");
	int result;

	if (!statement)
		return false;
	while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
		struct mailbox_set *set = statement_sound(statement) ? load_set(state, statement) : NULL;

		if (!set)
			return store_damaged(store, "set");
		if (!mailbox_set_restore(set, (unsigned)sqlite3_column_int(statement, 4),
		                         sqlite3_column_blob(statement, 6), (size_t)sqlite3_column_bytes(statement, 6)))
			return store_damaged(store, "set");
	}
	return statement_end(store, statement, result, "set-all");
}

static bool load_cells(struct store *store, struct state *state)
{
	sqlite3_stmt *statement = statement_get(store, "cell-all");
	int result;

	if (!statement)
		return false;
	while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
		int64_t message = sqlite3_column_int64(statement, 0);
		struct bucket *bucket =
			message ? load_bucket(state, message, sqlite3_column_int64(statement, 1)) : NULL;
		struct cell_key key = {.kind = (uint32_t)sqlite3_column_int(statement, 2),
		                       .at = sqlite3_column_int64(statement, 3),
		                       .host = (uint32_t)sqlite3_column_int64(statement, 4),
		                       .relay = (uint32_t)sqlite3_column_int64(statement, 5),
		                       .unless = (uint32_t)sqlite3_column_int64(statement, 6)};
		struct codec codec;

		if (!statement_sound(statement) || (message && !bucket))
			return store_damaged(store, "cell");
		codec_begin_read(&codec, sqlite3_column_blob(statement, 7), (size_t)sqlite3_column_bytes(statement, 7));
		object_cell(&codec, cells_restore(bucket ? &bucket->cells : &state->all, key));
		if (!codec_end(&codec))
			return store_damaged(store, "cell");
	}
	return statement_end(store, statement, result, "cell-all");
}

static bool load_numbers(struct store *store, struct state *state)
{
	sqlite3_stmt *statement = statement_get(store, "state-number-all");
	int result;

	if (!statement)
		return false;
	while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
		struct slice name = statement_column(statement, 0);
		int64_t value = sqlite3_column_int64(statement, 1);

		if (!statement_sound(statement))
			return store_damaged(store, "number");
		if (slice_is(name, "log_clock"))
			state->log_clock = value;
		else if (slice_is(name, "last_fold"))
			state->last_fold = value;
		else if (slice_is(name, "cells_before"))
			state->cells_before = value;
		else if (slice_is(name, "next_post"))
			state->next_post = value;
		else if (slice_is(name, "next_incident"))
			state->next_incident = value;
		else if (slice_is(name, "members_period"))
			state->members_period = value;
		else if (slice_is(name, "next_spilled"))
			state->spill->next_unit = (uint32_t)value;
	}
	return statement_end(store, statement, result, "state-number-all");
}

static bool load_past_hours(struct store *store, struct state *state)
{
	sqlite3_stmt *statement = statement_get(store, "hour-past");
	int result;

	if (!statement)
		return false;
	sqlite3_bind_int64(statement, 1, state->log_clock - 29 * DAY);
	while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
		MEMORY_GROW(state->past_hours, state->past_hour_count, state->past_hour_capacity);
		state->past_hours[state->past_hour_count++] =
			(struct past_hour){sqlite3_column_int64(statement, 0),
		                           sqlite3_column_type(statement, 1) == SQLITE_NULL
		                                   ? -1
		                                   : sqlite3_column_int64(statement, 1)};
	}
	return statement_end(store, statement, result, "hour-past");
}

/* Mailboxes that reports name by number keep it, also where no set at hand has them. */
static bool load_pins(struct store *store, struct state *state)
{
	sqlite3_stmt *statement = statement_get(store, "affected-mailboxes");
	int result;

	if (!statement)
		return false;
	while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
		int64_t mailbox = sqlite3_column_int64(statement, 0);

		if (mailbox > 0 && mailbox <= UINT32_MAX && texts_has(state->addresses, (uint32_t)mailbox))
			texts_pin(state->addresses, (uint32_t)mailbox);
	}
	return statement_end(store, statement, result, "affected-mailboxes");
}

/* The tables' pages, as SQLite judges them: rows must not vanish with a page's header. The table's name comes first. */
static bool load_check(struct store *store)
{
	sqlite3_stmt *statement = statement_get(store, "state-check");
	int result;
	bool good = true;

	if (!statement)
		return false;
	while (good && (result = sqlite3_step(statement)) == SQLITE_ROW)
		good = slice_is(statement_column(statement, 0), "ok") ||
		       store_damaged(store, statement_column(statement, 0).bytes);
	if (!good) {
		sqlite3_reset(statement);
		return false;
	}
	return statement_end(store, statement, result, "state-check");
}

bool store_load(struct store *store, struct state *state)
{
	if (!load_check(store) || !load_texts(store, state->texts) || !load_addresses(store, state->addresses) ||
	    !load_pins(store, state))
		return false;
	for (enum object_kind kind = OBJECT_HOST; kind <= OBJECT_NOTIFICATION; kind++)
		if (!load_objects(store, state, kind))
			return false;
	if (!load_numbers(store, state) || !load_sets(store, state) || !load_cells(store, state) ||
	    !load_past_hours(store, state))
		return false;
	if (!state_index(state))
		return store_damaged(store, "numbers of objects");
	/* Where an earlier version did not say what it had forgotten. */
	age_cells(state);
	return load_spilled(store, state) || store_damaged(store, "spilled queue files");
}
