/* SPDX-License-Identifier: Apache-2.0
 *
 * Cells let go of relays that are ours, see relay_settle.h. Hours stay, by
 * which a host that delivered nothing is still known to have been at work.
 */
#include "daemon/correlate/relay_settle.h"

static bool settles_key(struct cell_key *key, void *with)
{
	const struct state *state = with;

	if (state->relays[key->unless].ours)
		key->unless = 0;
	return key->kind == CELL_HOUR || !state->relays[key->relay].ours;
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

void relays_settle(struct state *state)
{
	if (!state->relays_unsettled)
		return;
	state->relays_unsettled = false;
	settles_cells(state, &state->all);
	for (uint32_t i = 1; i < state->message_count; i++)
		for (uint32_t k = 0; k < state->messages[i].bucket_count; k++)
			if (settles_cells(state, &state->messages[i].buckets[k].cells))
				state->messages[i].dirty = true;
	for (uint32_t i = 1; i < state->relay_count; i++)
		state->relays[i].settled = state->relays[i].ours;
}
