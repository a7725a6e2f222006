/* SPDX-License-Identifier: Apache-2.0
 *
 * Hand-over links, see link.h.
 */
#include "daemon/correlate/link.h"

#include "daemon/base/hash.h"
#include "daemon/base/memory.h"
#include "daemon/correlate/relay.h"

#define LINK_RELAYS (sizeof(((struct link *)0)->relays) / sizeof(uint32_t))

static uint64_t link_hash_of(const void *owner, uint32_t number)
{
	return ((const struct state *)owner)->links[number].key;
}

/* The name of a queue file under its message: Message-ID and queue ID, case kept. 0 where it has no Message-ID. */
static uint64_t link_key(const struct state *state, const struct file *file, struct slice queue_id)
{
	struct slice id = texts_get(state->texts, file->message_id ? file->message_id : file->resent_id);

	if (!slice_given(id) || id.length == 0)
		return 0;
	return hash_bytes(queue_id.bytes, queue_id.length, hash_bytes(id.bytes, id.length, 1));
}

static struct link *link_get(struct state *state, uint64_t key, int64_t time)
{
	uint32_t at = 0, number;

	while ((number = table_next(&state->by_link, key, &at)) != TABLE_NONE)
		if (state->links[number].key == key)
			return &state->links[number];
	if (state->free_link_count) {
		number = state->free_links[--state->free_link_count];
	} else {
		MEMORY_GROW(state->links, state->link_count, state->link_capacity);
		number = state->link_count++;
		state->links[number] = (struct link){0};
	}
	state->links[number] = (struct link){.key = key, .at = time, .live = true, .stored = state->links[number].stored};
	table_add(&state->by_link, key, number, link_hash_of, state);
	return &state->links[number];
}

static void link_settle(struct state *state, const struct link *link)
{
	if (!link->file || !link->parent)
		return;
	for (size_t i = 0; i < LINK_RELAYS; i++)
		relay_is_ours(state, link->relays[i]);
}

/* A queue file that the link named may have been folded since, and its number used again. */
static uint32_t link_live_file(const struct state *state, const struct link *link)
{
	const struct file *file = &state->files[link->file];

	if (!link->file || !file->live || link_key(state, file, texts_get(state->texts, file->queue_id)) != link->key)
		return 0;
	return link->file;
}

static uint32_t link_live_parent(const struct state *state, const struct link *link, const struct file *child)
{
	const struct file *parent = &state->files[link->parent];

	return link->parent && parent->live && parent->message_id == child->message_id ? link->parent : 0;
}

uint32_t link_claim(struct state *state, uint32_t file, struct slice next, uint32_t relay, uint32_t expanded,
                    int64_t time)
{
	uint64_t key = link_key(state, &state->files[file], next);
	struct link *link;

	if (!key)
		return 0;
	link = link_get(state, key, time);
	if (link->file == file && link_live_file(state, link) == file)
		return 0;
	link->at = time > link->at ? time : link->at;
	link->dirty = true;
	link->parent = file;
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
	return link_live_file(state, link);
}

uint32_t link_offer(struct state *state, uint32_t file, int64_t time, bool *parented, uint32_t *expanded)
{
	const struct file *f = &state->files[file];
	uint64_t key = link_key(state, f, texts_get(state->texts, f->queue_id));
	struct link *link;

	*parented = false;
	*expanded = 0;
	if (!key)
		return 0;
	link = link_get(state, key, time);
	if (link->parent == file)
		return 0;
	link->file = file;
	link->dirty = true;
	link_settle(state, link);
	*parented = link->parent != 0;
	*expanded = link->expanded;
	return link_live_parent(state, link, f);
}

bool link_enchain(struct state *state, uint32_t link)
{
	if (state->links[link].file >= state->file_count || state->links[link].parent >= state->file_count)
		return false;
	table_add(&state->by_link, state->links[link].key, link, link_hash_of, state);
	return true;
}

void link_age(struct state *state, int64_t before)
{
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
