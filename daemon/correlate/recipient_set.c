/* SPDX-License-Identifier: Apache-2.0
 *
 * Recipient sets as lists, see recipient_set.h.
 */
#include "daemon/correlate/recipient_set.h"

#include <stdio.h>

#include "daemon/base/memory.h"
#include "daemon/correlate/list.h"
#include "daemon/correlate/post_sets.h"

#define SHARE_PERCENT 80

static void recipient_set_named(const struct state *state, const struct message *message, struct mailbox_set *named)
{
	for (uint32_t i = 0; i < message->bucket_count; i++)
		for (uint32_t k = 0; k < message->buckets[i].set_count; k++)
			if (message->buckets[i].sets[k].kind == SET_NAMED)
				mailbox_set_unite(named, &message->buckets[i].sets[k].set);
	mailbox_set_subtract(named, &state->list_addresses);
}

static bool recipient_set_complete(const struct message *message)
{
	for (uint32_t i = 0; i < message->hop_count; i++)
		if (message->hops[i].missing[MISSING_OPEN] > 0)
			return false;
	return true;
}

bool recipient_sets_alike(const struct mailbox_set *a, const struct mailbox_set *b)
{
	uint64_t x = mailbox_set_count(a), y = mailbox_set_count(b), larger = x > y ? x : y;

	return mailbox_set_count_common(a, b) * 100 >= larger * SHARE_PERCENT;
}

static uint32_t recipient_set_name(struct state *state, const struct message *message)
{
	char name[1100];
	struct slice id = texts_get(state->texts, message->id);
	uint32_t address, list;

	snprintf(name, sizeof(name), "recipient-set %.*s", (int)(id.length < 1000 ? id.length : 1000),
	         slice_given(id) ? id.bytes : "");
	address = texts_hold(state->addresses, slice_of(name));
	list = list_of(state, address, LIST_RECIPIENT_SET);
	texts_drop(state->addresses, address);
	return list;
}

struct set_so_far {
	struct mailbox_set named; /* of its first post */
	int64_t last_at;
	uint32_t list;
};

static int recipient_set_order(const void *a, const void *b, void *with)
{
	const struct state *state = with;
	const struct message *x = &state->messages[*(const uint32_t *)a], *y = &state->messages[*(const uint32_t *)b];

	if (x->posted_at != y->posted_at)
		return x->posted_at < y->posted_at ? -1 : 1;
	return texts_compare(state->texts, x->id, y->id);
}

/* The list that a message was assigned to, where its first post has left memory, by which others are assigned: it stays
 * there. Else 0. */
static uint32_t recipient_set_settled(const struct state *state, const struct message *message)
{
	uint32_t number = message->post_count ? state->posts[message->posts[0]].list : 0;
	const struct list *list = &state->lists[number];

	if (!number || list->kind != LIST_RECIPIENT_SET)
		return 0;
	return list->all_posts || !state->posts[list->posts[0]].message ? number : 0;
}

/* The first of the sets so far that this message's is the same as; a new one where there is none. */
static uint32_t recipient_set_join(struct state *state, struct set_so_far **sets, uint32_t *count, uint32_t *capacity,
                                   const struct message *message)
{
	struct mailbox_set named = {0};
	uint32_t settled = recipient_set_settled(state, message);

	recipient_set_named(state, message, &named);
	for (uint32_t i = 0; i < *count; i++) {
		struct set_so_far *set = &(*sets)[i];

		if (settled ? set->list != settled
		            : set->last_at < message->posted_at - state->settings->storm.thread_gap ||
		                      !recipient_sets_alike(&set->named, &named))
			continue;
		set->last_at = message->posted_at;
		mailbox_set_clear(&named);
		return set->list;
	}
	MEMORY_GROW(*sets, *count, *capacity);
	(*sets)[*count] =
		(struct set_so_far){named, message->posted_at, settled ? settled : recipient_set_name(state, message)};
	return (*sets)[(*count)++].list;
}

void recipient_sets_assign(struct state *state, uint32_t *messages, uint32_t *lists, uint32_t count)
{
	struct set_so_far *sets = NULL;
	uint32_t set_count = 0, capacity = 0;

	if (count)
		qsort_r(messages, count, sizeof(*messages), recipient_set_order, state);
	for (uint32_t i = 0; i < count; i++) {
		const struct message *message = &state->messages[messages[i]];

		lists[i] = 0;
		if (recipient_set_complete(message) || message->post_count)
			lists[i] = recipient_set_join(state, &sets, &set_count, &capacity, message);
	}
	for (uint32_t i = 0; i < set_count; i++)
		mailbox_set_clear(&sets[i].named);
	free(sets);
}
