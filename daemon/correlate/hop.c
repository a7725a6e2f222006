/* SPDX-License-Identifier: Apache-2.0
 *
 * Hops of a message, see hop.h.
 */
#include "daemon/correlate/hop.h"

#include "daemon/base/memory.h"

#define LEVELS 8

bool hop_loopback(struct slice client)
{
	for (size_t i = 0; i < client.length; i++)
		if (client.bytes[i] == '[')
			return slice_starts(slice_from(client, i + 1), "127.") ||
			       slice_starts(slice_from(client, i + 1), "::1]");
	return false;
}

static bool hop_is_local(const struct state *state, const struct file *file)
{
	return slice_is(texts_get(state->texts, file->client), "local");
}

bool hop_within(const struct state *state, const struct file *file)
{
	return hop_is_local(state, file) || hop_loopback(texts_get(state->texts, file->client));
}

static uint32_t hop_find(struct message *message, uint32_t host, uint8_t way, uint8_t level)
{
	for (uint32_t i = 0; i < message->hop_count; i++)
		if (message->hops[i].host == host && message->hops[i].way == way && message->hops[i].level == level)
			return i;
	/* Ordinary mail has one or two. */
	MEMORY_GROW_FROM(message->hops, message->hop_count, message->hop_capacity, 2);
	message->hops[message->hop_count] = (struct hop){.host = host, .way = way, .level = level};
	return message->hop_count++;
}

static void hop_note_from(struct hop *hop, uint32_t from)
{
	for (size_t i = 0; i < sizeof(hop->from) / sizeof(*hop->from); i++) {
		if (hop->from[i] == from + 1)
			return;
		if (!hop->from[i]) {
			hop->from[i] = from + 1;
			return;
		}
	}
}

static enum hop_way hop_way(const struct state *state, const struct file *file, const struct file *parent)
{
	if (parent && parent->host == file->host && file->origin_id && hop_is_local(state, file))
		return HOP_REQUEUED;
	if (hop_loopback(texts_get(state->texts, file->client)) ||
	    (file->parented && !file->client && (!parent || parent->host == file->host)) ||
	    (parent && parent->host == file->host))
		return HOP_REINJECTED;
	return hop_is_local(state, file) ? HOP_SUBMITTED : HOP_TAKEN_IN;
}

uint32_t hop_of(struct state *state, uint32_t number, uint32_t file)
{
	struct message *message = &state->messages[number];
	const struct file *f = &state->files[file];
	const struct file *parent =
		f->parent && state->files[f->parent].message == number ? &state->files[f->parent] : NULL;
	uint8_t way = hop_way(state, f, parent);
	uint8_t level = 0;
	uint32_t hop;

	if (parent && parent->host == f->host && message->hops[parent->hop].way == way) {
		level = message->hops[parent->hop].level + 1;
		if (level >= LEVELS)
			level = LEVELS - 1;
	}
	hop = hop_find(message, f->host, way, level);
	if (parent && parent->hop != hop)
		hop_note_from(&message->hops[hop], parent->hop);
	return hop;
}

uint32_t hop_adopt(struct state *state, uint32_t number, const struct hop *like)
{
	return hop_find(&state->messages[number], like->host, like->way, like->level);
}

/* The message was given to a filter of this host, or to another relay of its own that is ours. */
static bool hop_filters(const struct state *state, const struct message *message, uint32_t host)
{
	for (uint32_t i = 0; i < message->bucket_count; i++)
		for (uint32_t k = 0; k < message->buckets[i].set_count; k++) {
			const struct keyed_set *set = &message->buckets[i].sets[k];

			if (set->kind == SET_HANDED && state->relays[set->key].host == host &&
			    state->relays[set->key].ours)
				return true;
		}
	return false;
}

/* Recipients were told of at the hop, as far as is known by now. A queue file may have been placed there before its client was
 * read. */
static bool hop_counts(const struct message *message, uint32_t hop)
{
	for (int k = 0; k < MISSING_KINDS; k++)
		if (message->hops[hop].missing[k])
			return true;
	for (uint32_t i = 0; i < message->bucket_count; i++)
		for (uint32_t k = 0; k < message->buckets[i].set_count; k++) {
			const struct keyed_set *set = &message->buckets[i].sets[k];

			if (set->kind == SET_NAMED && set->key == hop && mailbox_set_count(&set->set))
				return true;
		}
	return false;
}

/* It stands behind the hop by which the host took the message in from outside. */
static bool hop_behind(const struct state *state, const struct message *message, const struct hop *hop)
{
	return hop->way == HOP_REINJECTED || (hop->way == HOP_SUBMITTED && hop_filters(state, message, hop->host));
}

/* One round: each hop is one deeper than those that handed over to it, a re-injection deeper than the hop that took
 * the message in from outside. */
static void hop_relax(const struct state *state, const struct message *message, unsigned *depth)
{
	for (uint32_t i = 0; i < message->hop_count; i++) {
		const struct hop *hop = &message->hops[i];

		for (size_t k = 0; k < sizeof(hop->from) / sizeof(*hop->from) && hop->from[k]; k++)
			if (depth[i] < depth[hop->from[k] - 1] + 1)
				depth[i] = depth[hop->from[k] - 1] + 1;
		for (uint32_t k = 0; hop->way != HOP_TAKEN_IN && k < message->hop_count; k++)
			if (message->hops[k].host == hop->host && message->hops[k].way == HOP_TAKEN_IN &&
			    depth[i] < depth[k] + 1 + hop->level && hop_behind(state, message, hop) &&
			    hop_counts(message, k))
				depth[i] = depth[k] + 1 + hop->level;
	}
}

void hop_depths(const struct state *state, const struct message *message, unsigned *depth)
{
	for (uint32_t i = 0; i < message->hop_count; i++)
		depth[i] = message->hops[i].level;
	for (int round = 0; round < LEVELS; round++)
		hop_relax(state, message, depth);
}
