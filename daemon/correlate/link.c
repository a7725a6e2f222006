/* SPDX-License-Identifier: Apache-2.0
 *
 * Hand-over links, see link.h.
 */
#include "daemon/correlate/link.h"

#include "daemon/base/hash.h"
#include "daemon/base/memory.h"
#include "daemon/correlate/message_id.h"
#include "daemon/correlate/relay.h"

#define LINKS_KEPT 500000
#define LINK_DEPTH 32 /* hops of one message */
#define LINK_RELAYS (sizeof(((struct link *)0)->relays) / sizeof(uint32_t))

static uint64_t link_hash_of(const void *owner, uint32_t number)
{
	return ((const struct state *)owner)->links[number].key;
}

/* Of a message that has no Message-ID. */
static const struct slice none = {"<>", 2};

uint64_t link_key_of(const struct state *state, struct slice message_id, struct slice queue_id)
{
	uint64_t hash;

	if (!slice_given(message_id))
		return 0;
	if (message_id_is_none(message_id))
		message_id = none;
	hash = hash_bytes(queue_id.bytes, queue_id.length, hash_bytes(message_id.bytes, message_id.length, 1));
	return state->privacy ? privacy_number(state->privacy, hash) : hash;
}

static uint64_t link_key(const struct state *state, const struct file *file, struct slice queue_id)
{
	return link_key_of(state, texts_get(state->texts, file->message_id ? file->message_id : file->resent_id),
	                   queue_id);
}

struct link *link_find(const struct state *state, uint64_t key)
{
	uint32_t at = 0, number;

	while ((number = table_next(&state->by_link, key, &at)) != TABLE_NONE)
		if (state->links[number].key == key)
			return &state->links[number];
	return NULL;
}

/* A queue file handed over to another, or to itself. Another server may answer with whatever ID it likes, and finds
 * those of the hops before it in the message. */
static bool link_is_above(const struct state *state, uint64_t key, uint64_t below)
{
	for (int depth = 0; below && depth < LINK_DEPTH; depth++) {
		const struct link *link = link_find(state, below);

		if (below == key)
			return true;
		below = link ? link->above : 0;
	}
	return false;
}

static struct link *link_get(struct state *state, uint64_t key, int64_t time)
{
	struct link *found = link_find(state, key);
	uint32_t number;

	if (found)
		return found;
	if (state->free_link_count) {
		number = state->free_links[--state->free_link_count];
	} else {
		MEMORY_GROW(state->links, state->link_count, state->link_capacity);
		number = state->link_count++;
	}
	state->links[number] = (struct link){.key = key, .at = time, .live = true};
	table_add(&state->by_link, key, number, link_hash_of, state);
	return &state->links[number];
}

static void link_settle(struct state *state, const struct link *link)
{
	if (!link->file_read || !link->parent_read)
		return;
	for (size_t i = 0; i < LINK_RELAYS; i++)
		relay_is_ours(state, link->relays[i]);
}

/* The file is there still, under that number: it has the queue ID that was told, or, where a server was told by name, is one of
 * the same message there. */
static bool link_live_file(const struct state *state, const struct link *link, const struct file *by)
{
	const struct file *file = &state->files[link->file];
	struct slice queue_id = texts_get(state->texts, file->queue_id);

	return link->file && file->live &&
	       (link_key(state, file, queue_id) == link->key || link_key_of(state, none, queue_id) == link->key ||
	        (file->numbered && file->message_id == by->message_id && file->host != by->host));
}

/* The message of the other end, where it still is under this Message-ID. */
static uint32_t link_message(const struct state *state, const struct link *link, const struct file *file)
{
	const struct message *message = &state->messages[link->message];

	return link->message && message->live && message->id && message->id == file->message_id ? link->message : 0;
}

struct link_end link_claim(struct state *state, uint32_t file, struct slice next, uint32_t relay, uint32_t expanded,
                           int64_t time)
{
	const struct file *f = &state->files[file];
	uint64_t key = link_key(state, f, next);
	uint64_t own = link_key(state, f, texts_get(state->texts, f->queue_id));
	struct link_end end = {0};
	struct link *link;

	if (!key || link_is_above(state, key, own))
		return end;
	link = link_get(state, key, time);
	if (link->file == file && link_live_file(state, link, f))
		return end;
	if (!link->above)
		link->above = own;
	end = (struct link_end){.read = link->file_read,
	                        .expanded = expanded,
	                        .file = link_live_file(state, link, f) ? link->file : 0,
	                        .message = link_message(state, link, &state->files[file])};
	link->at = time > link->at ? time : link->at;
	link->dirty = true;
	link->parent = file;
	link->parent_unit = 0;
	link->parent_read = true;
	link->message = state->files[file].message;
	if (!link->expanded)
		link->expanded = texts_hold_again(state->addresses, expanded);
	for (size_t i = 0; relay && i < LINK_RELAYS; i++) {
		if (link->relays[i] == relay)
			break;
		if (!link->relays[i]) {
			link->relays[i] = relay;
			break;
		}
	}
	link_settle(state, link);
	return end;
}

/* unnamed: who handed it over has no Message-ID, else this file's. */
static struct link_end link_offer_key(struct state *state, uint32_t file, uint64_t key, bool unnamed, int64_t time)
{
	const struct file *f = &state->files[file];
	const struct file *parent;
	struct link_end end = {0};
	struct link *link;

	if (!key)
		return end;
	link = link_get(state, key, time);
	parent = &state->files[link->parent];
	end = (struct link_end){.read = link->parent_read,
	                        .expanded = link->expanded,
	                        .message = link_message(state, link, f)};
	/* The number of a folded parent may be this very file's now. */
	if (link->parent && link->parent != file && parent->live &&
	    (unnamed ? parent->message_id && message_id_is_none(texts_get(state->texts, parent->message_id))
	             : parent->message_id == f->message_id))
		end.file = link->parent;
	link->file = file;
	link->file_unit = 0;
	link->file_read = true;
	link->message = f->message ? f->message : link->message;
	link->dirty = true;
	link_settle(state, link);
	return end;
}

struct link_end link_offer(struct state *state, uint32_t file, struct slice name, int64_t time)
{
	const struct file *f = &state->files[file];

	return link_offer_key(state, file, link_key(state, f, name), false, time);
}

struct link_end link_offer_unnamed(struct state *state, uint32_t file, int64_t time)
{
	struct slice queue_id = texts_get(state->texts, state->files[file].queue_id);

	return link_offer_key(state, file, link_key_of(state, none, queue_id), true, time);
}

/* No message has that id. */
static const struct slice waiting = {"before", 6};

void link_wait(struct state *state, uint32_t file, struct slice before, int64_t time)
{
	struct link *link = link_get(state, link_key_of(state, waiting, before), time);

	link->file = file;
	link->file_unit = 0;
	link->dirty = true;
}

uint32_t link_waiting(const struct state *state, struct slice queue_id)
{
	const struct link *link = link_find(state, link_key_of(state, waiting, queue_id));
	const struct file *file = link ? &state->files[link->file] : NULL;

	return link && link->file && file->live && slice_equal(texts_get(state->texts, file->origin_id), queue_id)
	               ? link->file
	               : 0;
}

bool link_enchain(struct state *state, uint32_t link)
{
	struct link *l = &state->links[link];

	/* Ends that were folded before the state was stored. */
	l->file = l->file < state->file_count ? l->file : 0;
	l->parent = l->parent < state->file_count ? l->parent : 0;
	l->message = l->message < state->message_count ? l->message : 0;
	for (size_t i = 0; i < LINK_RELAYS; i++)
		if (l->relays[i] >= state->relay_count)
			return false;
	table_add(&state->by_link, state->links[link].key, link, link_hash_of, state);
	return true;
}

void link_age(struct state *state, int64_t before, int64_t at_most_before)
{
	uint32_t live = state->link_count - state->free_link_count;

	/* Few are kept longer: lines of a host may come much later than its peers'. */
	if (live < LINKS_KEPT)
		before = at_most_before;
	for (uint32_t i = 1; i < state->link_count; i++) {
		struct link *link = &state->links[i];

		if (!link->live || link->at >= before)
			continue;
		table_remove(&state->by_link, link->key, i);
		texts_drop(state->addresses, link->expanded);
		link->expanded = 0;
		link->live = false;
		link->dirty = true;
		MEMORY_GROW(state->free_links, state->free_link_count, state->free_link_capacity);
		state->free_links[state->free_link_count++] = i;
	}
}
