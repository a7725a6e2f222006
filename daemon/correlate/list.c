/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists by address, see list.h.
 */
#include "daemon/correlate/list.h"

#include "daemon/base/hash.h"
#include "daemon/base/memory.h"
#include "daemon/correlate/refusal.h"
#include "daemon/correlate/thread.h"

static uint64_t list_hash_of(const void *owner, uint32_t number)
{
	return hash_number(((const struct state *)owner)->lists[number].address);
}

uint32_t list_find(const struct state *state, uint32_t address)
{
	uint32_t at = 0, number;

	while (address && (number = table_next(&state->by_list, hash_number(address), &at)) != TABLE_NONE)
		if (state->lists[number].address == address)
			return number;
	return 0;
}

void list_enchain(struct state *state, uint32_t number)
{
	table_add(&state->by_list, hash_number(state->lists[number].address), number, list_hash_of, state);
	if (state->lists[number].kind != LIST_RECIPIENT_SET)
		mailbox_set_add(&state->list_addresses, state->lists[number].address);
}

/* The better evidence counts: what the log calls a group is one, though a hop before it may show it as an alias. */
static unsigned list_rank(enum list_kind kind)
{
	return kind == LIST_GROUP ? 0 : 1 + (unsigned)kind;
}

/* A free number only for a set: a list with an address of its own is told to posts by its being a new one. */
static uint32_t list_room(struct state *state, enum list_kind kind)
{
	if (kind == LIST_RECIPIENT_SET && state->free_list_count)
		return state->free_lists[--state->free_list_count];
	MEMORY_GROW(state->lists, state->list_count, state->list_capacity);
	state->lists[state->list_count] = (struct list){0};
	return state->list_count++;
}

void list_forget(struct state *state, uint32_t number)
{
	struct list *list = &state->lists[number];

	assert(list->kind == LIST_RECIPIENT_SET && !list->post_count);
	table_remove(&state->by_list, list_hash_of(state, number), number);
	texts_unpin(state->addresses, list->address);
	texts_drop(state->addresses, list->address);
	free(list->posts);
	free(list->refusals);
	threads_free(&list->threads);
	mailbox_set_clear(&list->members);
	*list = (struct list){.dirty = true, .purge = true};
	MEMORY_GROW(state->free_lists, state->free_list_count, state->free_list_capacity);
	state->free_lists[state->free_list_count++] = number;
}

uint32_t list_of(struct state *state, uint32_t address, enum list_kind kind)
{
	uint32_t number = list_find(state, address);

	if (number) {
		if (list_rank(kind) < list_rank(state->lists[number].kind)) {
			state->lists[number].kind = kind;
			state->lists[number].changed = state->lists[number].dirty = true;
		}
		return number;
	}
	number = list_room(state, kind);
	state->lists[number] = (struct list){.purge = state->lists[number].purge,
	                                     .address = texts_hold_again(state->addresses, address),
	                                     .kind = kind,
	                                     .closed_at = TIME_NONE,
	                                     .first_at = TIME_NONE,
	                                     .last_at = TIME_NONE,
	                                     .judged_at = TIME_NONE,
	                                     .live = true,
	                                     .dirty = true,
	                                     .changed = true};
	texts_pin(state->addresses, address);
	list_enchain(state, number);
	refusal_claim(state, number);
	return number;
}
