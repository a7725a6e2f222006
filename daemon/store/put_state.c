/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes what changed of the state since the last commit: objects whose mark
 * is set, chunks of sets, cells. Marks come off only after the commit.
 */
#include "daemon/base/memory.h"
#include "daemon/store/objects.h"
#include "daemon/store/spilled.h"
#include "daemon/store/statement.h"
#include "daemon/store/text_rows.h"

static bool put_object(struct store *store, enum object_kind kind, uint32_t id)
{
	return statement_run(store, "object-put", "iibk", (int64_t)kind, (int64_t)id, (const void *)store->codec.bytes,
	                     store->codec.length);
}

static bool delete_object(struct store *store, enum object_kind kind, uint32_t id)
{
	return statement_run(store, "object-delete", "ii", (int64_t)kind, (int64_t)id);
}

/* Objects of one array: written where live and dirty, deleted where gone. */
#define PUT_ALL(array, count, kind, object, alive) \
	for (uint32_t i = 1; i < (count); i++) { \
		if (!(array)[i].dirty) \
			continue; \
		if (alive) { \
			codec_begin_write(&store->codec); \
			object(&store->codec, &(array)[i]); \
			if (!put_object(store, (kind), i)) \
				return false; \
		} else if (!delete_object(store, (kind), i)) { \
			return false; \
		} \
	}

static bool put_cells(struct store *store, struct cells *cells, uint32_t message, uint32_t bucket)
{
	if (cells->renumbered &&
	    !statement_run(store, "cell-delete-kind", "iii", (int64_t)message, (int64_t)bucket, (int64_t)CELL_ARRIVAL))
		return false;
	for (uint32_t i = 0; i < cells->gone_count; i++) {
		struct cell_key key = cells->gone[i];

		if (!statement_run(store, "cell-delete", "iiiiiii", (int64_t)message, (int64_t)bucket,
		                   (int64_t)key.kind, key.at, (int64_t)key.host, (int64_t)key.relay,
		                   (int64_t)key.unless))
			return false;
	}
	for (uint32_t i = 0; i < cells->count; i++) {
		struct cell *cell = &cells->items[i];

		if (!cell->dirty && !(cells->renumbered && cell->key.kind == CELL_ARRIVAL))
			continue;
		codec_begin_write(&store->codec);
		object_cell(&store->codec, cell);
		if (!statement_run(store, "cell-put", "iiiiiiibk", (int64_t)message, (int64_t)bucket,
		                   (int64_t)cell->key.kind, cell->key.at, (int64_t)cell->key.host,
		                   (int64_t)cell->key.relay, (int64_t)cell->key.unless,
		                   (const void *)store->codec.bytes, store->codec.length))
			return false;
	}
	return true;
}

static bool put_set(struct store *store, const struct keyed_set *set, uint32_t message, uint32_t bucket)
{
	for (uint32_t i = 0; i < set->set.dirty_count; i++)
		for (unsigned level = 0; level < MAILBOX_SET_LEVELS; level++) {
			uint16_t chunk = set->set.dirty[i];
			size_t size;
			char *bytes = mailbox_set_chunk(&set->set, level, chunk, &size);
			bool done;

			if (bytes)
				done = statement_run(store, "set-put", "iiiiiibk", (int64_t)message, (int64_t)bucket,
				                     (int64_t)set->kind, (int64_t)set->key, (int64_t)level,
				                     (int64_t)chunk, (const void *)bytes, size);
			else
				done = (level > 0 && !set->set.again) ||
				       statement_run(store, "set-delete", "iiiiii", (int64_t)message, (int64_t)bucket,
				                     (int64_t)set->kind, (int64_t)set->key, (int64_t)level,
				                     (int64_t)chunk);
			free(bytes);
			if (!done)
				return false;
		}
	return true;
}

/* A list's members stand in the set table under message 0, the list's number in place of the bucket's. */
static bool put_members(struct store *store, const struct list *list, uint32_t number)
{
	struct keyed_set members = {.kind = SET_MEMBERS, .set = list->members};

	return put_set(store, &members, 0, number);
}

static bool put_message(struct store *store, struct message *message, uint32_t number)
{
	if (message->purge && (!statement_run(store, "set-delete-message", "i", (int64_t)number) ||
	                       !statement_run(store, "cell-delete-message", "i", (int64_t)number) ||
	                       !delete_object(store, OBJECT_MESSAGE, number)))
		return false;
	if (!message->live)
		return true;
	codec_begin_write(&store->codec);
	object_message(&store->codec, message);
	if (!put_object(store, OBJECT_MESSAGE, number))
		return false;
	for (uint32_t b = 0; b < message->bucket_count; b++) {
		struct bucket *bucket = &message->buckets[b];

		for (uint32_t s = 0; s < bucket->set_count; s++)
			if (!put_set(store, &bucket->sets[s], number, b))
				return false;
		if (!put_cells(store, &bucket->cells, number, b))
			return false;
	}
	return true;
}

static bool put_numbers(struct store *store, const struct state *state)
{
	return statement_run(store, "state-number-put", "sik", "log_clock", state->log_clock) &&
	       statement_run(store, "state-number-put", "sik", "last_fold", state->last_fold) &&
	       statement_run(store, "state-number-put", "sik", "cells_before", state->cells_before) &&
	       statement_run(store, "state-number-put", "sik", "next_post", state->next_post) &&
	       statement_run(store, "state-number-put", "sik", "next_incident", state->next_incident) &&
	       statement_run(store, "state-number-put", "sik", "next_spilled", (int64_t)state->spill->next_unit) &&
	       statement_run(store, "state-number-put", "sik", "spilled", state->spill->count);
}

bool store_put_state(struct store *store, struct state *state)
{
	if (!put_texts(store, state->texts) || !put_addresses(store, state->addresses))
		return false;
	PUT_ALL(state->hosts, state->host_count, OBJECT_HOST, object_host, true);
	PUT_ALL(state->relays, state->relay_count, OBJECT_RELAY, object_relay, state->relays[i].name);
	PUT_ALL(state->files, state->file_count, OBJECT_FILE, object_file, state->files[i].live);
	PUT_ALL(state->links, state->link_count, OBJECT_LINK, object_link, state->links[i].live);
	PUT_ALL(state->lists, state->list_count, OBJECT_LIST, object_list, state->lists[i].live);
	PUT_ALL(state->posts, state->post_count, OBJECT_POST, object_post, state->posts[i].live);
	PUT_ALL(state->incidents, state->incident_count, OBJECT_INCIDENT, object_incident, true);
	for (uint32_t i = 1; i < state->list_count; i++)
		if ((state->lists[i].purge && !statement_run(store, "set-delete-list", "i", (int64_t)i)) ||
		    !put_members(store, &state->lists[i], i))
			return false;
	for (uint32_t i = 1; i < state->message_count; i++)
		if (state->messages[i].dirty && !put_message(store, &state->messages[i], i))
			return false;
	codec_begin_write(&store->codec);
	object_refusals(&store->codec, state);
	if (!put_object(store, OBJECT_REFUSAL, 1))
		return false;
	codec_begin_write(&store->codec);
	object_notifications(&store->codec, state);
	return put_object(store, OBJECT_NOTIFICATION, 1) && put_cells(store, &state->all, 0, 0) &&
	       statement_run(store, "cell-delete-before", "ii", (int64_t)CELL_MINUTE, state->cells_before) &&
	       statement_run(store, "cell-delete-before", "ii", (int64_t)CELL_HOUR, state->cells_before) &&
	       put_numbers(store, state);
}

static void written_texts(struct texts *texts)
{
	for (uint32_t i = 0; i < texts->dirty_count; i++) {
		struct text *text = texts_item(texts, texts->dirty[i]);

		text->dirty = false;
		text->stored = text->used;
	}
	texts->dirty_count = 0;
}

static void written_cells(struct cells *cells)
{
	for (uint32_t i = 0; i < cells->count; i++) {
		cells->items[i].stored = true;
		cells->items[i].dirty = false;
	}
	cells->renumbered = false;
	free(cells->gone);
	cells->gone = NULL;
	cells->gone_count = cells->gone_capacity = 0;
}

static void written_message(struct message *message)
{
	message->dirty = false;
	message->purge = false;
	message->stored = message->live;
	for (uint32_t b = 0; b < message->bucket_count; b++) {
		for (uint32_t s = 0; s < message->buckets[b].set_count; s++)
			message->buckets[b].sets[s].set.dirty_count = 0;
		written_cells(&message->buckets[b].cells);
	}
}

#define WRITTEN_ALL(array, count) \
	for (uint32_t i = 1; i < (count); i++) \
	(array)[i].dirty = false

/* Numbers of posts that are gone may be used again now that their rows are. */
static void written_posts(struct state *state)
{
	for (uint32_t i = 1; i < state->post_count; i++) {
		struct post *post = &state->posts[i];

		if (post->dirty && !post->live && post->id) {
			post->id = 0;
			MEMORY_GROW(state->free_posts, state->free_post_count, state->free_post_capacity);
			state->free_posts[state->free_post_count++] = i;
		}
		post->dirty = false;
	}
}

void store_written(struct state *state)
{
	written_texts(state->texts);
	written_texts(state->addresses);
	WRITTEN_ALL(state->hosts, state->host_count);
	WRITTEN_ALL(state->relays, state->relay_count);
	WRITTEN_ALL(state->files, state->file_count);
	WRITTEN_ALL(state->links, state->link_count);
	WRITTEN_ALL(state->lists, state->list_count);
	for (uint32_t i = 1; i < state->list_count; i++)
		state->lists[i].members.dirty_count = state->lists[i].purge = 0;
	written_posts(state);
	spill_written(state->spill);
	WRITTEN_ALL(state->incidents, state->incident_count);
	for (uint32_t i = 1; i < state->incident_count; i++)
		state->incidents[i].cut = false;
	for (uint32_t i = 1; i < state->message_count; i++)
		if (state->messages[i].dirty)
			written_message(&state->messages[i]);
	written_cells(&state->all);
	state->hours_changed = false;
}
