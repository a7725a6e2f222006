/* SPDX-License-Identifier: Apache-2.0
 *
 * Mailboxes that a hop names twice, see doubled.h.
 */
#include "daemon/correlate/doubled.h"

/* With the originals that stand for one of them each: a hop may give mailboxes other names. */
static void doubled_names(const struct message *message, const struct mailbox_set *mailboxes, struct mailbox_set *names)
{
	mailbox_set_copy(names, mailboxes);
	for (uint32_t i = 0; i < message->via_count; i++)
		if (message->vias[i].count != TABLE_NONE && mailbox_set_has(mailboxes, message->vias[i].mailbox) &&
		    !mailbox_set_has(names, message->vias[i].via))
			mailbox_set_add(names, message->vias[i].via);
}

/* Those of the bucket. In a message to several lists who is named directly is in the bucket of his list, too: told twice. */
static int64_t doubled_in(const struct message *message, const struct bucket *bucket, const bool *hops,
                          const struct mailbox_set *names, struct mailbox_set *named)
{
	int64_t again = 0;

	for (uint32_t i = 0; i < bucket->set_count; i++) {
		const struct keyed_set *set = &bucket->sets[i];

		if (set->kind != SET_NAMED || !hops[set->key])
			continue;
		mailbox_set_unite(named, &set->set);
		again += message->lists > 1 ? (int64_t)mailbox_set_count_again(&set->set, names) : 0;
	}
	mailbox_set_intersect(named, names);
	return again;
}

int64_t doubled_by(const struct message *message, const bool *hops, const struct mailbox_set *mailboxes)
{
	struct mailbox_set names = {0}, before = {0};
	int64_t doubled = 0;

	doubled_names(message, mailboxes, &names);
	for (uint32_t i = 0; i < message->bucket_count; i++) {
		struct mailbox_set named = {0};

		doubled += doubled_in(message, &message->buckets[i], hops, &names, &named);
		doubled += (int64_t)mailbox_set_count_common(&named, &before);
		mailbox_set_unite(&before, &named);
		mailbox_set_clear(&named);
	}
	mailbox_set_clear(&names);
	mailbox_set_clear(&before);
	return doubled;
}
