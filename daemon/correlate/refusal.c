/* SPDX-License-Identifier: Apache-2.0
 *
 * Refusals, see refusal.h.
 */
#include "daemon/correlate/refusal.h"

#include "daemon/base/memory.h"
#include "daemon/correlate/address.h"
#include "daemon/correlate/list.h"
#include "daemon/correlate/subject.h"

#define REFUSALS_PER_LIST 100000
#define REFUSALS_MORE 100000 /* of addresses that are no list, and twice what is left of them */

static void refusal_keep(struct list *list, struct refusal refusal)
{
	uint32_t at = list->refusal_count;

	for (uint32_t i = list->refusal_count; i-- > 0 && list->refusals[i].at >= refusal.at;)
		if (list->refusals[i].at == refusal.at && list->refusals[i].hash == refusal.hash)
			return;
	if (list->refusal_count >= REFUSALS_PER_LIST)
		return;
	MEMORY_GROW(list->refusals, list->refusal_count, list->refusal_capacity);
	while (at > 0 && (list->refusals[at - 1].at > refusal.at ||
	                  (list->refusals[at - 1].at == refusal.at && list->refusals[at - 1].hash > refusal.hash)))
		at--;
	memmove(&list->refusals[at + 1], &list->refusals[at], (list->refusal_count - at) * sizeof(*list->refusals));
	list->refusals[at] = refusal;
	list->refusal_count++;
	list->changed = list->dirty = true;
}

void refusal_add(struct state *state, uint32_t address, int64_t at, uint64_t hash)
{
	struct refusal refusal = {at, hash};
	uint32_t list = list_find(state, address);

	if (list) {
		refusal_keep(&state->lists[list], refusal);
		return;
	}
	MEMORY_GROW(state->refusals, state->refusal_count, state->refusal_capacity);
	state->refusals[state->refusal_count++] =
		(struct refusal_seen){texts_hold_again(state->addresses, address), 0, refusal};
}

/* Anybody may write to a legacy address that is made up, under any subject: only the organisation's own people have it from
 * a list of theirs. A sender that is not told is not doubted. */
static bool refusal_own_sender(const struct state *state, struct slice sender, struct slice legacy)
{
	char buffer[ADDRESS_MAX];
	struct slice domain = address_domain(address_fold(state->settings, sender, false, buffer));
	struct slice own = address_domain(legacy);

	if (!slice_given(sender) || slice_equal(domain, own))
		return true;
	for (size_t i = 0; i < state->settings->mailbox.local_domains.count; i++)
		if (slice_is(domain, state->settings->mailbox.local_domains.items[i]))
			return true;
	return domain.length > own.length && domain.bytes[domain.length - own.length - 1] == '.' &&
	       slice_equal(slice_from(domain, domain.length - own.length), own);
}

void refusal_add_legacy(struct state *state, uint32_t address, struct slice sender, struct slice subject, int64_t at,
                        uint64_t hash)
{
	bool automatic;
	char *normal;

	if (!refusal_own_sender(state, sender, texts_get(state->addresses, address)))
		return;
	normal = subject_normal(subject, &automatic);
	MEMORY_GROW(state->refusals, state->refusal_count, state->refusal_capacity);
	state->refusals[state->refusal_count++] =
		(struct refusal_seen){texts_hold_again(state->addresses, address),
	                              *normal ? texts_hold(state->texts, slice_of(normal)) : 0,
	                              {at, hash}};
	free(normal);
}

/* The list of the latest post with that subject, at most a thread's gap before; 0: none. */
static uint32_t refusal_list(const struct state *state, uint32_t subject, int64_t at)
{
	const struct post *latest = NULL;

	for (uint32_t i = 1; i < state->post_count; i++) {
		const struct post *post = &state->posts[i];

		if (post->live && post->normal_subject == subject && post->posted_at <= at &&
		    post->posted_at >= at - state->settings->storm.thread_gap &&
		    (!latest || post->posted_at > latest->posted_at))
			latest = post;
	}
	return latest ? latest->list : 0;
}

void refusal_assign(struct state *state)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < state->refusal_count; i++) {
		struct refusal_seen *seen = &state->refusals[i];
		uint32_t list = seen->subject ? refusal_list(state, seen->subject, seen->refusal.at) : 0;

		if (!list) {
			state->refusals[kept++] = *seen;
			continue;
		}
		refusal_keep(&state->lists[list], seen->refusal);
		texts_drop(state->texts, seen->subject);
		texts_drop(state->addresses, seen->address);
	}
	state->refusal_count = kept;
}

void refusal_claim(struct state *state, uint32_t list)
{
	uint32_t address = state->lists[list].address, kept = 0;

	for (uint32_t i = 0; i < state->refusal_count; i++) {
		if (state->refusals[i].address != address) {
			state->refusals[kept++] = state->refusals[i];
			continue;
		}
		refusal_keep(&state->lists[list], state->refusals[i].refusal);
		texts_drop(state->addresses, address);
	}
	state->refusal_count = kept;
}

static uint64_t refusal_hash_of(const void *owner, uint32_t number)
{
	return ((const struct state *)owner)->told[number].hash;
}

void refusal_index(struct state *state)
{
	table_clear(&state->by_told);
	for (uint32_t i = 0; i < state->told_count; i++)
		table_add(&state->by_told, state->told[i].hash, i, refusal_hash_of, state);
}

static void refusal_drop(struct state *state, const struct refusal_seen *seen)
{
	texts_drop(state->addresses, seen->address);
	texts_drop(state->texts, seen->subject);
}

void refusal_forget(struct state *state, int64_t before)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < state->refusal_count; i++) {
		if (state->refusals[i].refusal.at >= before)
			state->refusals[kept++] = state->refusals[i];
		else
			refusal_drop(state, &state->refusals[i]);
	}
	state->refusal_count = state->refusals_left = kept;
}

bool refusals_wait(const struct state *state)
{
	return state->refusal_count / 2 > state->refusals_left && state->refusal_count > REFUSALS_MORE;
}

void refusal_age(struct state *state, int64_t before)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < state->told_count; i++)
		if (state->told[i].at >= before)
			state->told[kept++] = state->told[i];
	if (kept == state->told_count)
		return;
	state->told_count = kept;
	refusal_index(state);
}

bool refusal_told(struct state *state, uint64_t hash, int64_t at)
{
	uint32_t from = 0, number;

	while ((number = table_next(&state->by_told, hash, &from)) != TABLE_NONE)
		if (state->told[number].hash == hash)
			return true;
	MEMORY_GROW(state->told, state->told_count, state->told_capacity);
	state->told[state->told_count] = (struct refusal){at, hash};
	table_add(&state->by_told, hash, state->told_count, refusal_hash_of, state);
	state->told_count++;
	return false;
}
