/* SPDX-License-Identifier: Apache-2.0
 *
 * Original recipients of a message, see via.h.
 */
#include "daemon/correlate/via.h"

#include "daemon/base/hash.h"
#include "daemon/base/memory.h"

static uint64_t via_hash_of(const void *owner, uint32_t number)
{
	return hash_number(((const struct message *)owner)->vias[number].via);
}

static struct via_seen *via_find(const struct message *message, uint32_t via)
{
	uint32_t at = 0, number;

	if (message->via_count == 1)
		return message->vias[0].via == via ? &message->vias[0] : NULL;
	while ((number = table_next(&message->by_via, hash_number(via), &at)) != TABLE_NONE)
		if (message->vias[number].via == via)
			return &message->vias[number];
	return NULL;
}

bool via_counts(const struct message *message, uint32_t via)
{
	const struct via_seen *seen = via ? via_find(message, via) : NULL;

	return seen && seen->count == TABLE_NONE;
}

uint32_t via_mailbox(const struct message *message, uint32_t via)
{
	const struct via_seen *seen = via_find(message, via);

	return seen && seen->count != TABLE_NONE ? seen->mailbox : 0;
}

bool via_name(struct state *state, struct message *message, uint32_t via, uint32_t mailbox)
{
	struct via_seen *seen = via_find(message, via);

	if (!seen) {
		MEMORY_GROW(message->vias, message->via_count, message->via_capacity);
		message->vias[message->via_count] = (struct via_seen){.via = texts_hold_again(state->addresses, via),
		                                                      .mailbox = mailbox,
		                                                      .count = 1};
		table_add(&message->by_via, hash_number(via), message->via_count, via_hash_of, message);
		message->via_count++;
		mailbox_set_add(&message->via_set, via);
		return false;
	}
	if (seen->count == TABLE_NONE || seen->mailbox == mailbox)
		return false;
	seen->count = TABLE_NONE;
	message->lists++;
	return true;
}

bool via_replace(struct message *message, uint32_t via, bool group)
{
	struct via_seen *seen = via_find(message, via);

	if (!seen)
		return false;
	seen->replaced = true;
	if (!group || seen->count == TABLE_NONE)
		return false;
	seen->count = TABLE_NONE;
	message->lists++;
	return true;
}

void via_adopt(struct state *state, struct message *to, const struct message *from)
{
	for (uint32_t i = 0; i < from->via_count; i++) {
		struct via_seen *seen;

		via_name(state, to, from->vias[i].via, from->vias[i].mailbox);
		seen = via_find(to, from->vias[i].via);
		seen->replaced = seen->replaced || from->vias[i].replaced;
		if (from->vias[i].count != TABLE_NONE)
			continue;
		to->lists += seen->count != TABLE_NONE;
		seen->count = TABLE_NONE;
	}
}

bool via_index(struct state *state, struct message *message)
{
	for (uint32_t i = 0; i < message->via_count; i++) {
		uint32_t via = message->vias[i].via;

		if (!texts_has(state->addresses, via))
			return false;
		texts_hold_again(state->addresses, via);
		message->lists += message->vias[i].count == TABLE_NONE;
		table_add(&message->by_via, hash_number(via), i, via_hash_of, message);
		mailbox_set_add(&message->via_set, via);
	}
	return true;
}

void via_clear(struct state *state, struct message *message)
{
	for (uint32_t i = 0; i < message->via_count; i++)
		texts_drop(state->addresses, message->vias[i].via);
	free(message->vias);
	table_clear(&message->by_via);
	mailbox_set_clear(&message->via_set);
	message->vias = NULL;
	message->via_count = message->via_capacity = message->lists = 0;
}
