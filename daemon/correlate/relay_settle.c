/* SPDX-License-Identifier: Apache-2.0
 *
 * Cells let go of relays that are ours, see relay_settle.h. Hours stay, by
 * which a host that delivered nothing is still known to have been at work.
 */
#include "daemon/correlate/relay_settle.h"

static bool settles_key(struct cell_key *key, void *with)
{
	const struct state *state = with;

	if (state->relays[key->unless].settled)
		key->unless = 0;
	return key->kind == CELL_HOUR || !state->relays[key->relay].settled;
}

static bool settles_cells(struct state *state, struct cells *cells)
{
	for (uint32_t i = 0; i < cells->count; i++) {
		struct cell_key key = cells->items[i].key;

		if (!settles_key(&key, state) || key.unless != cells->items[i].key.unless) {
			cells_rekey(cells, settles_key, state);
			return true;
		}
	}
	return false;
}

static void settles_handed(const struct state *state, struct bucket *bucket)
{
	bucket->handed_settled = true;
	for (uint32_t i = 0; i < bucket->set_count; i++)
		if (bucket->sets[i].kind == SET_HANDED && bucket->sets[i].key &&
		    !state->relays[bucket->sets[i].key].settled)
			bucket->handed_settled = false;
}

static void settles_message(struct state *state, struct message *message)
{
	for (uint32_t i = 0; i < message->bucket_count; i++) {
		if (settles_cells(state, &message->buckets[i].cells))
			message->dirty = true;
		settles_handed(state, &message->buckets[i]);
	}
}

void relays_settle(struct state *state)
{
	if (!state->relays_unsettled)
		return;
	state->relays_unsettled = false;
	for (uint32_t i = 1; i < state->relay_count; i++)
		state->relays[i].settled = state->relays[i].ours;
	settles_cells(state, &state->all);
	for (uint32_t i = 1; i < state->message_count; i++)
		settles_message(state, &state->messages[i]);
}
