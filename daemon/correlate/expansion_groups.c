/* SPDX-License-Identifier: Apache-2.0
 *
 * Groups in groups, see expansion.h: which one is the list, and who only stood
 * for others. A group in a group stands under the outer one: that is worked out
 * from the sets, so the rows may come in any order.
 */
#include "daemon/correlate/address.h"
#include "daemon/correlate/bucket.h"
#include "daemon/correlate/expansion.h"
#include "daemon/correlate/whole.h"

static bool via_replaced(const struct message *message, uint32_t via)
{
	for (uint32_t i = 0; i < message->via_count; i++)
		if (message->vias[i].via == via)
			return message->vias[i].replaced;
	return false;
}

/* The group, the first by name, that the address is a member of; 0: none. */
static uint32_t group_around(const struct state *state, const struct message *message, uint32_t address)
{
	uint32_t found = 0;

	for (uint32_t i = 0; i < message->bucket_count; i++) {
		const struct bucket *bucket = &message->buckets[i];

		if (bucket->via && bucket->via != address &&
		    (!found || texts_compare(state->addresses, bucket->via, found) < 0) &&
		    bucket_names(bucket, address))
			found = bucket->via;
	}
	return found;
}

static bool named_directly(const struct message *message, uint32_t address)
{
	for (uint32_t i = 0; i < message->bucket_count; i++)
		if (!message->buckets[i].via && bucket_names(&message->buckets[i], address))
			return true;
	return false;
}

/* Groups may hold each other: the first by name of those that the message was sent to itself, else of all. */
static uint32_t group_of_circle(const struct state *state, const struct message *message, uint32_t from)
{
	uint32_t best = from, at = from;
	bool sent = false;

	for (uint32_t i = 0; i < message->bucket_count; i++) {
		bool direct = named_directly(message, at);

		if ((direct && !sent) || (direct == sent && texts_compare(state->addresses, at, best) < 0))
			best = at;
		sent = sent || direct;
		at = group_around(state, message, at);
		if (at == from)
			break;
	}
	return best;
}

/* A group that nothing names came from one that the message was sent to, whose row does not name groups in it: the first
 * by name of those. */
static uint32_t group_unnamed(const struct state *state, const struct message *message, uint32_t group)
{
	uint32_t found = 0;

	if (!via_replaced(message, group) || named_directly(message, group))
		return group;
	for (uint32_t i = 0; i < message->bucket_count; i++) {
		uint32_t via = message->buckets[i].via;

		if (via && via_replaced(message, via) && named_directly(message, via) &&
		    (!found || texts_compare(state->addresses, via, found) < 0))
			found = via;
	}
	return found ? found : group;
}

/* The outermost group around a group, on whatever hop: a list may be a member of a list elsewhere. */
static uint32_t group_outermost(const struct state *state, const struct message *message, uint32_t group)
{
	uint32_t next, steps = 0;

	if (!group)
		return group;
	while ((next = group_around(state, message, group))) {
		if (steps++ == message->bucket_count)
			return group_of_circle(state, message, group);
		group = next;
	}
	return group_unnamed(state, message, group);
}

/* The list manager that took the message in under one address sent it to another that begins so, of the same domain. */
static bool managed_under(const struct state *state, const struct message *message, uint32_t list)
{
	struct slice managed = texts_get(state->addresses, message->manager_list);
	struct slice sent = texts_get(state->addresses, list);
	size_t local = managed.length - address_domain(managed).length - 1;

	return list && list != message->manager_list && local < managed.length && sent.length > managed.length + 1 &&
	       slice_equal(slice_first(sent, local), slice_first(managed, local)) && sent.bytes[local] == '-' &&
	       slice_equal(address_domain(sent), address_domain(managed));
}

static uint32_t list_outermost(const struct state *state, const struct message *message, uint32_t list)
{
	uint32_t outermost = whole_of(state, message, group_outermost(state, message, list));

	return message->manager_list && managed_under(state, message, outermost) ? message->manager_list : outermost;
}

void expansion_roots(const struct state *state, struct message *message)
{
	for (uint32_t i = 0; i < message->bucket_count; i++) {
		struct bucket *bucket = &message->buckets[i];

		bucket->lists[0] = list_outermost(state, message, bucket->via);
		for (int k = 0; k < BUCKET_ALSO; k++)
			bucket->lists[k + 1] = list_outermost(state, message, bucket->also[k]);
	}
}

/* Those of them that ended. */
static void strip_ended(struct mailbox_set *stood, const struct post_sets *sets)
{
	mailbox_set_subtract(stood, &sets->delivered);
	mailbox_set_subtract(stood, &sets->bounced);
	mailbox_set_subtract(stood, &sets->expired);
	mailbox_set_subtract(stood, &sets->discarded);
	mailbox_set_subtract(stood, &sets->admin);
}

/* Lists are no mailboxes, also those in the list that the post is counted under; `lists` gets those that were named. */
static void strip_lists(const struct message *message, struct post_sets *sets, struct mailbox_set *lists)
{
	struct mailbox_set *all[] = {&sets->named,   &sets->direct,  &sets->delivered, &sets->outside, &sets->deferred,
	                             &sets->bounced, &sets->expired, &sets->discarded, &sets->admin,   &sets->open};

	for (uint32_t i = 0; message->lists && i < message->via_count; i++) {
		uint32_t via = message->vias[i].via;

		if (message->vias[i].count != TABLE_NONE)
			continue;
		if (mailbox_set_has(&sets->named, via))
			mailbox_set_add(lists, via);
		for (size_t k = 0; k < sizeof(all) / sizeof(*all); k++)
			if (mailbox_set_has(all[k], via))
				mailbox_set_remove(all[k], via);
	}
}

/* So are those that stood for one mailbox, unless they ended themselves. */
static void strip_stood(const struct message *message, struct post_sets *sets, struct mailbox_set *stood)
{
	struct mailbox_set replaced = {0};

	mailbox_set_copy(stood, &sets->named);
	mailbox_set_intersect(stood, &message->via_set);
	if (!mailbox_set_count(stood))
		return;
	strip_ended(stood, sets);
	/* A local copy of what is forwarded may still be waiting; unless the log says itself what becomes of the address. */
	mailbox_set_subtract(stood, &sets->open);
	for (uint32_t i = 0; i < message->via_count; i++)
		if (message->vias[i].replaced && mailbox_set_has(&sets->open, message->vias[i].via))
			mailbox_set_add(&replaced, message->vias[i].via);
	strip_ended(&replaced, sets);
	mailbox_set_subtract(&replaced, &sets->deferred); /* the mailbox itself was tried */
	mailbox_set_unite(stood, &replaced);
	mailbox_set_subtract(&sets->named, stood);
	mailbox_set_subtract(&sets->direct, stood);
	mailbox_set_subtract(&sets->open, stood);
	mailbox_set_subtract(&sets->deferred, stood);
	mailbox_set_clear(&replaced);
}

void expansion_strip(const struct message *message, struct post_sets *sets, struct mailbox_set *stood)
{
	struct mailbox_set lists = {0};

	strip_lists(message, sets, &lists);
	strip_stood(message, sets, stood);
	mailbox_set_unite(stood, &lists);
	mailbox_set_clear(&lists);
}
