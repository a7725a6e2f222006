/* SPDX-License-Identifier: Apache-2.0
 *
 * Buckets of a message: the facts that belong together whatever list they will
 * be counted under, and their sets.
 */
#ifndef MAILSTORM_CORRELATE_BUCKET_H
#define MAILSTORM_CORRELATE_BUCKET_H

#include "daemon/correlate/state.h"

/* The message's bucket with the same lists as this one, made where it is new. */
uint32_t bucket_number(struct state *state, struct message *message, const struct bucket *like);

/* A set of a bucket; NULL where it has none and `make` is false. */
struct mailbox_set *bucket_set(struct bucket *bucket, enum bucket_set kind, uint32_t key, bool make);

/* Fetches ahead, in steps, what is read where the set is asked for the mailbox, or given it: each step reads what the one
 * before has fetched. Only one that stands where it was found last is. */
#define BUCKET_FETCHES (2 + MAILBOX_SET_FETCHES)
void buckets_fetch(const struct message *message, enum bucket_set kind, uint32_t key, uint32_t mailbox, unsigned step);

/* Whether a set of it has the mailbox; one teller more, true where the set did not have it; one less, true where it was the
 * last. */
static inline bool bucket_has(struct bucket *bucket, enum bucket_set kind, uint32_t key, uint32_t mailbox)
{
	const struct mailbox_set *set = bucket_set(bucket, kind, key, false);

	return set && mailbox_set_has(set, mailbox);
}

static inline bool bucket_add(struct bucket *bucket, enum bucket_set kind, uint32_t key, uint32_t mailbox)
{
	return mailbox_set_add(bucket_set(bucket, kind, key, true), mailbox);
}

static inline bool bucket_take(struct bucket *bucket, enum bucket_set kind, uint32_t key, uint32_t mailbox)
{
	return mailbox_set_remove(bucket_set(bucket, kind, key, true), mailbox);
}

/* Adds the mailboxes of all its sets of a kind. */
void bucket_unite(const struct bucket *bucket, enum bucket_set kind, struct mailbox_set *to);

/* Their pairs may be the same ones: the original recipient is not told on every hop. */
bool buckets_related(const struct bucket *a, const struct bucket *b);

/* A recipient has this very address: one of the bucket's, one of the message's. */
bool bucket_names(const struct bucket *bucket, uint32_t address);
bool buckets_name(const struct message *message, uint32_t address);

/* A set of this bucket, or of one that is related to it, has the mailbox. */
bool bucket_pair_in(struct message *message, const struct bucket *of, enum bucket_set kind, uint32_t mailbox);

#endif
