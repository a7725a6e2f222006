/* SPDX-License-Identifier: Apache-2.0
 *
 * Finding and making buckets and their sets, see bucket.h.
 */
#include "daemon/correlate/bucket.h"

#include "daemon/base/memory.h"

#define BUCKETS_FETCHED 2 /* of a message; few have more */

/* The place of (kind, key) in a bucket's sorted sets. */
static uint32_t bucket_place(const struct bucket *bucket, enum bucket_set kind, uint32_t key)
{
	uint64_t wanted = (uint64_t)kind << 32 | key;
	uint32_t low = 0, high = bucket->set_count;

	while (low < high) {
		uint32_t middle = (low + high) / 2;
		uint64_t here = (uint64_t)bucket->sets[middle].kind << 32 | bucket->sets[middle].key;

		if (here < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool bucket_set_is(const struct bucket *bucket, uint32_t at, enum bucket_set kind, uint32_t key)
{
	return at < bucket->set_count && bucket->sets[at].kind == kind && bucket->sets[at].key == key;
}

struct mailbox_set *bucket_set(struct bucket *bucket, enum bucket_set kind, uint32_t key, bool make)
{
	uint16_t *looked = &bucket->looked[kind][key % BUCKET_LOOKED];
	uint32_t at;

	if (bucket_set_is(bucket, *looked, kind, key))
		return &bucket->sets[*looked].set;
	at = bucket_place(bucket, kind, key);
	*looked = (uint16_t)at;
	if (bucket_set_is(bucket, at, kind, key))
		return &bucket->sets[at].set;
	if (!make)
		return NULL;
	MEMORY_GROW(bucket->sets, bucket->set_count, bucket->set_capacity);
	memmove(&bucket->sets[at + 1], &bucket->sets[at], (bucket->set_count - at) * sizeof(*bucket->sets));
	bucket->sets[at] = (struct keyed_set){.kind = (uint8_t)kind, .key = key};
	bucket->set_count++;
	return &bucket->sets[at].set;
}

static void bucket_fetch(const struct bucket *bucket, enum bucket_set kind, uint32_t key, uint32_t mailbox,
                         unsigned step)
{
	uint32_t at;

	if (step == 0) {
		__builtin_prefetch(&bucket->sets);
		__builtin_prefetch(&bucket->looked[kind][key % BUCKET_LOOKED]);
		return;
	}
	at = bucket->looked[kind][key % BUCKET_LOOKED];
	if (step == 1 && at < bucket->set_count)
		memory_fetch(&bucket->sets[at], sizeof(*bucket->sets));
	else if (step > 1 && bucket_set_is(bucket, at, kind, key))
		mailbox_set_fetch(&bucket->sets[at].set, mailbox, step - 2);
}

void buckets_fetch(const struct message *message, enum bucket_set kind, uint32_t key, uint32_t mailbox, unsigned step)
{
	for (uint32_t i = 0; i < message->bucket_count && i < BUCKETS_FETCHED; i++)
		bucket_fetch(&message->buckets[i], kind, key, mailbox, step);
}

void bucket_unite(const struct bucket *bucket, enum bucket_set kind, struct mailbox_set *to)
{
	for (uint32_t i = 0; i < bucket->set_count; i++)
		if (bucket->sets[i].kind == kind)
			mailbox_set_unite(to, &bucket->sets[i].set);
}

bool bucket_names(const struct bucket *bucket, uint32_t address)
{
	for (uint32_t i = 0; i < bucket->set_count && bucket->sets[i].kind == SET_NAMED; i++)
		if (mailbox_set_has(&bucket->sets[i].set, address))
			return true;
	return false;
}

bool buckets_name(const struct message *message, uint32_t address)
{
	for (uint32_t i = 0; address && i < message->bucket_count; i++)
		if (bucket_names(&message->buckets[i], address))
			return true;
	return false;
}

uint32_t bucket_number(struct state *state, struct message *message, const struct bucket *like)
{
	struct bucket *bucket;

	for (uint32_t i = 0; i < message->bucket_count; i++) {
		bucket = &message->buckets[i];
		if (bucket->via == like->via && memcmp(bucket->also, like->also, sizeof(bucket->also)) == 0 &&
		    bucket->sender_list == like->sender_list && bucket->header_list == like->header_list)
			return i;
	}
	MEMORY_GROW(message->buckets, message->bucket_count, message->bucket_capacity);
	bucket = &message->buckets[message->bucket_count];
	*bucket = (struct bucket){
		.via = texts_hold_again(state->addresses, like->via),
		.sender_list = texts_hold_again(state->addresses, like->sender_list),
		.header_list = texts_hold_again(state->addresses, like->header_list),
		.cells.by_second = true,
		.handed_settled = true,
	};
	for (int i = 0; i < BUCKET_ALSO; i++)
		bucket->also[i] = texts_hold_again(state->addresses, like->also[i]);
	/* What was taken for a mailbox is the list itself: book_is_list(). */
	message->unshared = message->unshared || buckets_name(message, like->sender_list) ||
	                    buckets_name(message, like->header_list);
	return message->bucket_count++;
}

static bool bucket_of_list(const struct bucket *bucket, uint32_t list)
{
	for (int i = 0; i < BUCKET_ALSO; i++)
		if (bucket->also[i] == list && list)
			return true;
	return bucket->via == list;
}

bool buckets_related(const struct bucket *a, const struct bucket *b)
{
	if (a == b || !a->via || !b->via || bucket_of_list(a, b->via))
		return true;
	for (int i = 0; i < BUCKET_ALSO; i++)
		if (b->also[i] && bucket_of_list(a, b->also[i]))
			return true;
	return false;
}

bool bucket_pair_in(struct message *message, const struct bucket *of, enum bucket_set kind, uint32_t mailbox)
{
	for (uint32_t i = 0; i < message->bucket_count; i++)
		if (buckets_related(of, &message->buckets[i]) && bucket_has(&message->buckets[i], kind, 0, mailbox))
			return true;
	return false;
}
