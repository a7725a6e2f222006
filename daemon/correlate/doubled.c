/* SPDX-License-Identifier: Apache-2.0
 *
 * Mailboxes that a hop names twice, see doubled.h. It is asked for queue file
 * after queue file, so what is gone through is the mailboxes asked for, not all
 * that the message has.
 */
#include "daemon/correlate/doubled.h"

#include "daemon/correlate/via.h"

/* Whom the hops named in the bucket, of `names`, or of all where that is NULL; and who was told of twice in it: in a message
 * to several lists who is named directly is in the bucket of his list, too. */
static void doubled_in(const struct message *message, const struct bucket *bucket, const bool *hops,
                       const struct mailbox_set *names, struct mailbox_set *named, struct mailbox_set *again)
{
	for (uint32_t i = 0; i < bucket->set_count; i++) {
		const struct keyed_set *set = &bucket->sets[i];
		struct mailbox_set these = {0};

		if (set->kind != SET_NAMED || !hops[set->key])
			continue;
		mailbox_set_copy(&these, names ? names : &set->set);
		mailbox_set_intersect(&these, &set->set);
		mailbox_set_unite(named, &these);
		mailbox_set_clear(&these);
		if (message->lists > 1)
			mailbox_set_unite_again(again, &set->set);
	}
}

/* How many times more than once; *twice gets those that were, where it is wanted. */
static int64_t doubled_count(const struct message *message, const bool *hops, const struct mailbox_set *names,
                             struct mailbox_set *twice)
{
	struct mailbox_set before = {0};
	int64_t doubled = 0;

	for (uint32_t i = 0; i < message->bucket_count; i++) {
		struct mailbox_set named = {0}, again = {0};

		doubled_in(message, &message->buckets[i], hops, names, &named, &again);
		mailbox_set_intersect(&again, &named);
		doubled += (int64_t)(mailbox_set_count(&again) + mailbox_set_count_common(&named, &before));
		if (twice) {
			mailbox_set_unite(twice, &again);
			mailbox_set_copy(&again, &named);
			mailbox_set_intersect(&again, &before);
			mailbox_set_unite(twice, &again);
		}
		mailbox_set_unite(&before, &named);
		mailbox_set_clear(&again);
		mailbox_set_clear(&named);
	}
	mailbox_set_clear(&before);
	return doubled;
}

struct renamed {
	const struct message *message;
	const struct mailbox_set *mailboxes;
	struct mailbox_set *names;
};

static void renamed_add(uint32_t via, void *with)
{
	const struct renamed *renamed = with;
	uint32_t mailbox = via_mailbox(renamed->message, via);

	if (mailbox && mailbox_set_has(renamed->mailboxes, mailbox))
		mailbox_set_add(renamed->names, via);
}

int64_t doubled_by(const struct message *message, const bool *hops, const struct mailbox_set *mailboxes)
{
	struct mailbox_set names = {0}, twice = {0};
	struct renamed renamed = {message, mailboxes, &names};
	int64_t doubled;

	mailbox_set_copy(&names, mailboxes);
	/* A hop may give mailboxes other names: then an original stands for one alone. Of these only who is doubled matters. */
	if (message->via_count > message->lists) {
		doubled_count(message, hops, NULL, &twice);
		mailbox_set_intersect(&twice, &message->via_set);
		mailbox_set_each(&twice, renamed_add, &renamed);
	}
	doubled = doubled_count(message, hops, &names, NULL);
	mailbox_set_clear(&twice);
	mailbox_set_clear(&names);
	return doubled;
}
