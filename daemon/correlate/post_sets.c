/* SPDX-License-Identifier: Apache-2.0
 *
 * Sets of posts, see post_sets.h.
 */
#include "daemon/correlate/post_sets.h"

#include <limits.h>

#include "daemon/base/memory.h"
#include "daemon/correlate/bucket.h"
#include "daemon/correlate/doubled.h"
#include "daemon/correlate/expansion.h"
#include "daemon/correlate/hop.h"
#include "daemon/correlate/manager.h"
#include "daemon/correlate/recipient_set.h"

#define DEPTHS 24

static uint32_t bucket_address(const struct bucket *bucket, enum list_evidence by)
{
	return by == BY_VIA      ? (bucket->lists[0] ? bucket->lists[0] : bucket->via)
	       : by == BY_SENDER ? bucket->sender_list
	       : by == BY_HEADER ? bucket->header_list
	                         : 0;
}

bool post_bucket_names(const struct bucket *bucket, enum list_evidence by, uint32_t address)
{
	if (!address)
		return false;
	for (int i = 0; by == BY_VIA && i < BUCKET_ALSO; i++)
		if ((bucket->lists[i + 1] ? bucket->lists[i + 1] : bucket->also[i]) == address)
			return true;
	return bucket_address(bucket, by) == address;
}

/* Mailboxes (lists are none) that the message names under an address, or all where by says so. */
static uint64_t post_count_named(const struct state *state, const struct message *message, enum list_evidence by,
                                 uint32_t address)
{
	struct mailbox_set named = {0};
	uint64_t count;

	for (uint32_t i = 0; i < message->bucket_count; i++)
		if (by >= BY_MANAGER || post_bucket_names(&message->buckets[i], by, address))
			bucket_unite(&message->buckets[i], SET_NAMED, &named);
	mailbox_set_subtract(&named, &state->list_addresses);
	count = mailbox_set_count(&named);
	if (address && mailbox_set_has(&named, address))
		count--;
	mailbox_set_clear(&named);
	return count;
}

/* Adds an address with its size where it is a list, sorted: largest first, then by name. */
static void lists_add(const struct state *state, uint32_t *addresses, uint64_t *sizes, unsigned room, unsigned *count,
                      uint32_t address, uint64_t size)
{
	unsigned at = *count;

	for (unsigned i = 0; i < *count; i++)
		if (addresses[i] == address)
			return;
	while (at > 0 && (sizes[at - 1] < size ||
	                  (sizes[at - 1] == size && texts_compare(state->addresses, address, addresses[at - 1]) < 0)))
		at--;
	if (at >= room)
		return;
	if (*count == room)
		--*count;
	memmove(&addresses[at + 1], &addresses[at], (*count - at) * sizeof(*addresses));
	memmove(&sizes[at + 1], &sizes[at], (*count - at) * sizeof(*sizes));
	addresses[at] = address;
	sizes[at] = size;
	++*count;
}

enum list_evidence post_lists(const struct state *state, const struct message *message, uint32_t *addresses,
                              unsigned room, unsigned *count)
{
	uint64_t sizes[64];

	assert(room <= 63);
	*count = 0;
	for (enum list_evidence by = BY_VIA; by <= BY_HEADER; by++) {
		for (uint32_t i = 0; i < message->bucket_count; i++) {
			uint32_t address = bucket_address(&message->buckets[i], by);

			/* Lists of a shared bucket have buckets of their own. */
			if (by == BY_VIA && message->buckets[i].also[0])
				continue;
			if (by == BY_SENDER && address && address == message->root_list &&
			    (manager_is_person(state, message) || manager_is_forged(state, message)))
				continue;
			uint64_t size = address ? post_count_named(state, message, by, address) : 0;

			if (size >= 2)
				lists_add(state, addresses, sizes, room, count, address, size);
		}
		if (*count)
			return by;
	}
	if (message->manager_list && post_count_named(state, message, BY_MANAGER, message->manager_list) >= 2) {
		addresses[(*count)++] = message->manager_list;
		return BY_MANAGER;
	}
	return post_count_named(state, message, BY_RECIPIENTS, 0) >= RECIPIENT_SET_FROM ? BY_RECIPIENTS : BY_NOTHING;
}

/* What is the list's of a set: buckets that name it; of the others what those name too, and for the largest list what
 * no list names. */
struct part {
	const struct state *state;
	const struct message *message;
	enum list_evidence by;
	uint32_t address;
	bool first, only;
	struct mailbox_set own;   /* named through the list */
	struct mailbox_set other; /* named through another list of the message */
};

static bool part_whole(const struct part *part, const struct bucket *bucket)
{
	return part->only || post_bucket_names(bucket, part->by, part->address);
}

static void part_unite(const struct part *part, const struct bucket *bucket, const struct mailbox_set *set,
                       struct mailbox_set *to)
{
	struct mailbox_set some = {0}, rest = {0};

	if (part_whole(part, bucket)) {
		mailbox_set_unite(to, set);
		return;
	}
	if (bucket_address(bucket, part->by))
		return;
	mailbox_set_copy(&some, set);
	mailbox_set_intersect(&some, &part->own);
	mailbox_set_unite(to, &some);
	if (part->first) {
		mailbox_set_copy(&rest, set);
		mailbox_set_subtract(&rest, &part->other);
		mailbox_set_unite(to, &rest);
	}
	mailbox_set_clear(&some);
	mailbox_set_clear(&rest);
}

static void part_collect(const struct part *part, enum bucket_set kind, struct mailbox_set *to)
{
	for (uint32_t i = 0; i < part->message->bucket_count; i++) {
		const struct bucket *bucket = &part->message->buckets[i];

		for (uint32_t k = 0; k < bucket->set_count; k++)
			if (bucket->sets[k].kind == kind)
				part_unite(part, bucket, &bucket->sets[k].set, to);
	}
	mailbox_set_subtract(to, &part->state->list_addresses);
}

/* Deliveries: at the last hop, and what went to relays that are not ours. */
static void part_delivered(const struct part *part, struct post_sets *sets)
{
	part_collect(part, SET_DELIVERED, &sets->delivered);
	for (uint32_t i = 0; i < part->message->bucket_count; i++) {
		const struct bucket *bucket = &part->message->buckets[i];

		for (uint32_t k = 0; k < bucket->set_count; k++) {
			const struct keyed_set *set = &bucket->sets[k];

			if (set->kind != SET_HANDED || !set->key)
				continue;
			if (!part->state->relays[set->key].ours)
				part_unite(part, bucket, &set->set,
				           part->state->relays[set->key].program ? &sets->delivered : &sets->outside);
			else if (part_whole(part, bucket))
				sets->hand_overs += (int64_t)mailbox_set_tellers(&set->set);
		}
	}
	/* Of a program, too: a list manager of any name. */
	mailbox_set_subtract(&sets->delivered, &part->state->list_addresses);
	mailbox_set_subtract(&sets->outside, &part->state->list_addresses);
	mailbox_set_subtract(&sets->outside, &sets->delivered);
	mailbox_set_unite(&sets->delivered, &sets->outside);
}

/* So many recipients at depth d are not missing, but named already. */
static int64_t part_doubled(const struct part *part, const unsigned *depth, unsigned d)
{
	bool *hops = memory_zeroed(part->message->hop_count, sizeof(*hops));
	struct mailbox_set here = {0};
	int64_t doubled;

	for (uint32_t i = 0; i < part->message->hop_count; i++)
		hops[i] = depth[i] < d;
	for (uint32_t i = 0; i < part->message->bucket_count; i++)
		for (uint32_t k = 0; k < part->message->buckets[i].set_count; k++)
			if (part->message->buckets[i].sets[k].kind == SET_NAMED &&
			    depth[part->message->buckets[i].sets[k].key] == d)
				mailbox_set_unite(&here, &part->message->buckets[i].sets[k].set);
	doubled = doubled_by(part->message, hops, &here);
	mailbox_set_clear(&here);
	free(hops);
	return doubled;
}

/* How deep the first hop is that named any: one that the message was taken for having come by at first named none. */
static unsigned part_first(const struct part *part, const unsigned *depth)
{
	unsigned first = UINT_MAX;

	for (uint32_t i = 0; i < part->message->bucket_count; i++)
		for (uint32_t k = 0; k < part->message->buckets[i].set_count; k++) {
			const struct keyed_set *set = &part->message->buckets[i].sets[k];

			if (set->kind == SET_NAMED && depth[set->key] < first && mailbox_set_count(&set->set))
				first = depth[set->key];
		}
	return first;
}

/* The set is of those that a hop behind the first named. */
static bool set_is_behind(const struct keyed_set *set, const unsigned *depth, unsigned first)
{
	return set->kind == SET_NAMED && depth[set->key] > first;
}

/* The set is of those that were handed to a relay of ours. */
static bool set_is_handed(const struct part *part, const struct keyed_set *set)
{
	return set->kind == SET_HANDED && set->key && part->state->relays[set->key].ours;
}

/* A hop behind named one of these. */
static bool part_meets_behind(const struct part *part, const unsigned *depth, unsigned first,
                              const struct mailbox_set *handed)
{
	for (uint32_t i = 0; i < part->message->bucket_count; i++)
		for (uint32_t k = 0; k < part->message->buckets[i].set_count; k++)
			if (set_is_behind(&part->message->buckets[i].sets[k], depth, first) &&
			    mailbox_set_meets(handed, &part->message->buckets[i].sets[k].set))
				return true;
	return false;
}

/* Some were handed to relays of ours, and no hop behind named any of them. */
static bool part_unmet(const struct part *part, const unsigned *depth, unsigned first)
{
	bool handed = false;

	for (uint32_t i = 0; i < part->message->bucket_count; i++)
		for (uint32_t k = 0; k < part->message->buckets[i].set_count; k++) {
			const struct keyed_set *set = &part->message->buckets[i].sets[k];

			if (!set_is_handed(part, set))
				continue;
			if (part_meets_behind(part, depth, first, &set->set))
				return false;
			handed = true;
		}
	return handed;
}

/* Those of them that no end is known of, and that do not only stand for others. */
static void sets_without_end(const struct post_sets *sets, const struct mailbox_set *stood, struct mailbox_set *some)
{
	const struct mailbox_set *ends[] = {stood,          &sets->delivered, &sets->bounced,
	                                    &sets->expired, &sets->discarded, &sets->admin,
	                                    &sets->open};

	mailbox_set_intersect(some, &sets->named);
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		mailbox_set_subtract(some, ends[i]);
}

/* So many were named under two names: no hop behind named any of those that it was handed, but others, and no line says whom
 * these stand for (smtp_generic_maps; Sendmail's aliases). What a hop only adds is no such name, nor are lines that were lost.
 * Of a set of recipients, where each of the first names has a second, they are taken out of those named; else nobody knows which,
 * or the list is told by them. */
static int64_t part_renamed(const struct part *part, const unsigned *depth, const struct mailbox_set *stood,
                            struct post_sets *sets)
{
	const struct message *message = part->message;
	struct mailbox_set handed = {0}, behind = {0}, before = {0};
	unsigned first = part->only && message->hop_count > 1 ? part_first(part, depth) : UINT_MAX;
	int64_t lost, others;

	if (first == UINT_MAX || !part_unmet(part, depth, first))
		return 0;
	for (uint32_t i = 0; i < message->bucket_count; i++)
		for (uint32_t k = 0; k < message->buckets[i].set_count; k++) {
			const struct keyed_set *set = &message->buckets[i].sets[k];

			if (set_is_handed(part, set))
				mailbox_set_unite(&handed, &set->set);
			if (set->kind == SET_NAMED)
				mailbox_set_unite(set_is_behind(set, depth, first) ? &behind : &before, &set->set);
		}
	sets_without_end(sets, stood, &handed);
	mailbox_set_intersect(&behind, &sets->named);
	mailbox_set_subtract(&behind, &before);
	for (uint32_t i = 0; i < message->via_count; i++)
		if (mailbox_set_has(&behind, message->vias[i].mailbox))
			mailbox_set_remove(&behind, message->vias[i].mailbox);
	lost = (int64_t)mailbox_set_count(&handed);
	others = (int64_t)mailbox_set_count(&behind);
	if (part->by == BY_RECIPIENTS && lost <= others) {
		mailbox_set_subtract(&sets->named, &handed);
		lost = 0;
	}
	mailbox_set_clear(&handed);
	mailbox_set_clear(&behind);
	mailbox_set_clear(&before);
	return others < lost ? others : lost;
}

/* What was requeued counts those only that had not ended before: these are due, too. */
static void part_ended_before(const struct part *part, const unsigned *depth, unsigned d, const struct post_sets *sets,
                              struct mailbox_set *to)
{
	const struct mailbox_set *ends[] = {&sets->delivered, &sets->bounced, &sets->expired, &sets->discarded};
	bool requeued = false;

	for (uint32_t i = 0; i < part->message->hop_count; i++)
		requeued = requeued || (part->message->hops[i].way == HOP_REQUEUED && depth[i] == d);
	for (size_t i = 0; requeued && i < sizeof(ends) / sizeof(*ends); i++)
		mailbox_set_unite(to, ends[i]);
}

/* Named at any hop, or what nrcpt counts at one hop where that is more. */
static void part_due(const struct part *part, const struct mailbox_set *stood, struct post_sets *sets)
{
	const struct message *message = part->message;
	unsigned *depth = memory_zeroed(message->hop_count, sizeof(*depth));
	struct mailbox_set at[DEPTHS] = {{.dirty = NULL}};
	int64_t missing[DEPTHS] = {0}, closed[DEPTHS] = {0};

	hop_depths(part->state, message, depth);
	for (uint32_t i = 0; i < message->hop_count; i++) {
		unsigned d = depth[i] < DEPTHS ? depth[i] : DEPTHS - 1;

		for (int k = 0; part->first && k < MISSING_KINDS; k++) {
			missing[d] += message->hops[i].missing[k];
			closed[d] += k == MISSING_CLOSED ? message->hops[i].missing[k] : 0;
			sets->missing[k] += message->hops[i].missing[k];
		}
	}
	sets->due = -part_renamed(part, depth, stood, sets);
	sets->due += (int64_t)mailbox_set_count(&sets->named);
	for (unsigned d = 0; d < DEPTHS; d++) {
		int64_t due;

		if (d > 0 && closed[d] > 0) {
			int64_t doubled = part_doubled(part, depth, d);

			doubled = doubled < closed[d] ? doubled : closed[d];
			missing[d] -= doubled;
			sets->missing[MISSING_CLOSED] -= doubled;
		}
		if (!missing[d])
			continue;
		part_ended_before(part, depth, d, sets, &at[d]);
		for (uint32_t i = 0; i < message->bucket_count; i++)
			for (uint32_t k = 0; k < message->buckets[i].set_count; k++) {
				const struct keyed_set *set = &message->buckets[i].sets[k];

				if (set->kind == SET_NAMED && depth[set->key] == d)
					part_unite(part, &message->buckets[i], &set->set, &at[d]);
			}
		mailbox_set_subtract(&at[d], &part->state->list_addresses);
		mailbox_set_subtract(&at[d], stood);
		due = (int64_t)mailbox_set_count(&at[d]) + missing[d];
		if (due > sets->due)
			sets->due = due;
		mailbox_set_clear(&at[d]);
	}
	free(depth);
}

/* Of what was said of a pair the best holds: delivered, bounced, expired, discarded, removed, open. */
static void sets_rank(struct post_sets *sets)
{
	struct mailbox_set *order[] = {&sets->bounced, &sets->expired, &sets->discarded, &sets->admin, &sets->open};
	struct mailbox_set ended = {0};

	mailbox_set_copy(&ended, &sets->delivered);
	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
		mailbox_set_subtract(order[i], &ended);
		mailbox_set_unite(&ended, order[i]);
	}
	mailbox_set_clear(&ended);
}

/* Whose alias is named through the list is a member, too. */
static void part_aliases(const struct part *part, struct mailbox_set *direct)
{
	struct mailbox_set named = {0};

	mailbox_set_copy(&named, &part->message->via_set);
	mailbox_set_intersect(&named, &part->own);
	for (uint32_t i = 0; mailbox_set_count(&named) && i < part->message->via_count; i++) {
		const struct via_seen *via = &part->message->vias[i];

		if (via->count != TABLE_NONE && mailbox_set_has(direct, via->mailbox) &&
		    mailbox_set_has(&named, via->via))
			mailbox_set_remove(direct, via->mailbox);
	}
	mailbox_set_clear(&named);
}

void post_sets_make(const struct state *state, const struct message *message, enum list_evidence by, uint32_t address,
                    bool first, bool only, struct post_sets *sets)
{
	struct mailbox_set stood = {0};
	struct part part =
		{.state = state, .message = message, .by = by, .address = address, .first = first, .only = only};

	*sets = (struct post_sets){0};
	for (uint32_t i = 0; i < message->bucket_count; i++) {
		const struct bucket *bucket = &message->buckets[i];
		bool names = by >= BY_MANAGER || post_bucket_names(bucket, by, address);

		if (names || bucket_address(bucket, by))
			bucket_unite(bucket, SET_NAMED, names ? &part.own : &part.other);
		if (part_whole(&part, bucket) || (first && !bucket_address(bucket, by))) {
			sets->attempts += bucket->attempts;
			sets->repeats += bucket->repeats;
			sets->hand_overs += bucket->hand_overs;
		}
	}
	part_collect(&part, SET_NAMED, &sets->named);
	mailbox_set_copy(&sets->direct, &sets->named);
	mailbox_set_subtract(&sets->direct, &part.own);
	part_aliases(&part, &sets->direct);
	part_delivered(&part, sets);
	part_collect(&part, SET_DEFERRED, &sets->deferred);
	part_collect(&part, SET_BOUNCED, &sets->bounced);
	part_collect(&part, SET_EXPIRED, &sets->expired);
	part_collect(&part, SET_DISCARDED, &sets->discarded);
	part_collect(&part, SET_ADMIN, &sets->admin);
	part_collect(&part, SET_OPEN, &sets->open);
	sets_rank(sets);
	expansion_strip(message, sets, &stood);
	part_due(&part, &stood, sets);
	mailbox_set_clear(&stood);
	mailbox_set_clear(&part.own);
	mailbox_set_clear(&part.other);
}

void post_sets_clear(struct post_sets *sets)
{
	mailbox_set_clear(&sets->named);
	mailbox_set_clear(&sets->direct);
	mailbox_set_clear(&sets->delivered);
	mailbox_set_clear(&sets->outside);
	mailbox_set_clear(&sets->deferred);
	mailbox_set_clear(&sets->bounced);
	mailbox_set_clear(&sets->expired);
	mailbox_set_clear(&sets->discarded);
	mailbox_set_clear(&sets->admin);
	mailbox_set_clear(&sets->open);
}
