/* SPDX-License-Identifier: Apache-2.0
 *
 * Sweeping of relays, see relay_sweep.h. All mail's cells of a relay that goes
 * are added to those without one; what was booked under the condition that it is
 * ours goes with it.
 */
#include "daemon/correlate/relay_sweep.h"

#include "daemon/base/memory.h"
#include "daemon/correlate/relay.h"

#define RELAYS_KEPT 10000 /* so many are never swept */

struct sweep {
	int64_t since;
	struct state *state;
	bool *wanted; /* by relay */
};

static void sweep_file(const struct sweep *sweep, const struct file *file)
{
	for (uint32_t i = 0; i < file->recipient_count; i++)
		sweep->wanted[file->recipients[i].relay] = sweep->wanted[file->recipients[i].unless] = true;
	for (const struct bundle *bundle = file->bundles; bundle; bundle = bundle->next)
		sweep->wanted[bundle->relay] = true;
	for (uint32_t i = 0; i < file->claim_count; i++)
		sweep->wanted[file->claims[i].relay] = true;
}

static void sweep_cells(const struct sweep *sweep, const struct cells *cells, int64_t since)
{
	for (uint32_t i = 0; i < cells->count; i++)
		if (cells->items[i].key.at >= since)
			sweep->wanted[cells->items[i].key.relay] = sweep->wanted[cells->items[i].key.unless] = true;
}

static void sweep_message(const struct sweep *sweep, const struct message *message)
{
	for (uint32_t i = 0; i < message->bucket_count; i++) {
		const struct bucket *bucket = &message->buckets[i];

		for (uint32_t k = 0; k < bucket->set_count; k++)
			if (bucket->sets[k].kind == SET_HANDED)
				sweep->wanted[bucket->sets[k].key] = true;
		sweep_cells(sweep, &bucket->cells, INT64_MIN);
	}
}

static void sweep_link(const struct sweep *sweep, const struct link *link)
{
	for (size_t i = 0; link->live && i < sizeof(link->relays) / sizeof(*link->relays); i++)
		sweep->wanted[link->relays[i]] = true;
}

static void sweep_mark(const struct sweep *sweep)
{
	const struct state *state = sweep->state;

	for (uint32_t i = 1; i < state->relay_count; i++)
		sweep->wanted[i] = !state->relays[i].name || state->relays[i].ours || state->relays[i].spilled;
	for (uint32_t i = 1; i < state->file_count; i++)
		sweep_file(sweep, &state->files[i]);
	for (uint32_t i = 1; i < state->message_count; i++)
		sweep_message(sweep, &state->messages[i]);
	for (uint32_t i = 1; i < state->link_count; i++)
		sweep_link(sweep, &state->links[i]);
	sweep_cells(sweep, &state->all, sweep->since);
	sweep->wanted[0] = true;
}

static bool sweep_key(struct cell_key *key, void *with)
{
	const struct sweep *sweep = with;

	if (!sweep->wanted[key->unless])
		return false;
	if (!sweep->wanted[key->relay])
		key->relay = 0;
	return true;
}

void relay_sweep(struct state *state, int64_t since)
{
	uint32_t live = state->relay_count - state->free_relay_count;
	struct sweep sweep = {.state = state, .since = since};

	if (live <= RELAYS_KEPT || live <= state->relays_left + state->relays_left / 4)
		return;
	sweep.wanted = memory_zeroed(state->relay_count, sizeof(*sweep.wanted));
	sweep_mark(&sweep);
	cells_rekey(&state->all, sweep_key, &sweep);
	for (uint32_t i = 1; i < state->relay_count; i++)
		if (!sweep.wanted[i])
			relay_forget(state, i);
	state->relays_left = state->relay_count - state->free_relay_count;
	free(sweep.wanted);
}
