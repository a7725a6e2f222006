/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists that are told without their domain, see whole.h. Which list it is shows
 * only once some post to that was told with it.
 */
#include "daemon/correlate/whole.h"

#include "daemon/base/memory.h"
#include "daemon/correlate/address.h"
#include "daemon/correlate/bucket.h"
#include "daemon/correlate/recipient_set.h"

/* Adds whom the message names under the address. */
static void whole_named(const struct message *message, uint32_t list, struct mailbox_set *named)
{
	for (uint32_t i = 0; i < message->bucket_count; i++)
		if (message->buckets[i].via == list)
			bucket_unite(&message->buckets[i], SET_NAMED, named);
}

static bool whole_alike(const struct message *message, uint32_t list, const struct mailbox_set *members)
{
	struct mailbox_set named = {0};
	bool alike;

	whole_named(message, list, &named);
	alike = recipient_sets_alike(&named, members);
	mailbox_set_clear(&named);
	return alike;
}

static bool whole_may_be(const struct state *state, const struct list *whole, uint32_t bare)
{
	/* Of stored lists not all have their address at hand. */
	return whole->kind != LIST_RECIPIENT_SET && texts_has(state->addresses, whole->address) &&
	       address_completes(texts_get(state->addresses, whole->address), texts_get(state->addresses, bare));
}

uint32_t whole_of(const struct state *state, const struct message *message, uint32_t list)
{
	uint32_t found = list;

	if (!list || !address_is_bare(texts_get(state->addresses, list)))
		return list;
	for (uint32_t i = 1; i < state->list_count; i++) {
		const struct list *whole = &state->lists[i];

		if (whole_may_be(state, whole, list) && whole_alike(message, list, &whole->members) &&
		    (found == list || texts_compare(state->addresses, whole->address, found) < 0))
			found = whole->address;
	}
	return found;
}

/* Lists whose members, or that themselves, came since lists were settled last. */
struct whole_changed {
	uint32_t *lists;
	uint32_t count;
};

static struct whole_changed whole_changed_of(const struct state *state)
{
	struct whole_changed changed = {memory_zeroed(state->list_count, sizeof(*changed.lists)), 0};

	for (uint32_t i = 1; i < state->list_count; i++)
		if (state->lists[i].live && state->lists[i].changed && state->lists[i].kind != LIST_RECIPIENT_SET)
			changed.lists[changed.count++] = i;
	return changed;
}

/* Some of them it may be. What is told anew of its own posts they are judged by themselves. */
static bool whole_is_sought(const struct state *state, const struct list *bare, const struct whole_changed *changed)
{
	if (!bare->post_count || bare->kind == LIST_RECIPIENT_SET ||
	    !address_is_bare(texts_get(state->addresses, bare->address)))
		return false;
	for (uint32_t i = 0; i < changed->count; i++)
		if (whole_may_be(state, &state->lists[changed->lists[i]], bare->address))
			return true;
	return false;
}

static void whole_leave(uint32_t mailbox, void *with)
{
	mailbox_set_remove(with, mailbox);
}

/* Its posts that are another list's; of its members stay those that others were sent to. */
static bool whole_mark(struct state *state, struct list *bare)
{
	struct mailbox_set left = {0}, stay = {0};
	bool marked = false;

	for (uint32_t i = 0; i < bare->post_count; i++) {
		struct message *message = &state->messages[state->posts[bare->posts[i]].message];
		bool other = message->live && whole_of(state, message, bare->address) != bare->address;

		message->changed = message->changed || other;
		marked = marked || other;
		whole_named(message, bare->address, other ? &left : &stay);
	}
	mailbox_set_subtract(&left, &stay);
	mailbox_set_each(&left, whole_leave, &bare->members);
	mailbox_set_clear(&left);
	mailbox_set_clear(&stay);
	return marked;
}

bool wholes_mark(struct state *state)
{
	struct whole_changed changed = whole_changed_of(state);
	bool marked = false;

	for (uint32_t i = 1; changed.count && i < state->list_count; i++)
		if (whole_is_sought(state, &state->lists[i], &changed))
			marked = whole_mark(state, &state->lists[i]) || marked;
	free(changed.lists);
	return marked;
}
