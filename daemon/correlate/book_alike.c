/* SPDX-License-Identifier: Apache-2.0
 *
 * Booking of many recipients that are alike, see book.h: those of whom nothing
 * is known go into sets and cells together, each other one is booked by itself.
 */
#include "daemon/correlate/book.h"
#include "daemon/correlate/book_parts.h"
#include "daemon/correlate/bucket.h"

#define TOGETHER 256

/* Some recipients of a file, one after the other. */
struct alike {
	struct recipient *first;
	uint32_t count;
	uint32_t mailboxes[TOGETHER];
	bool known[TOGETHER];
};

/* What of them is new. */
struct fresh {
	uint32_t count;
	uint32_t mailboxes[TOGETHER];
	struct delivery deliveries[TOGETHER];
};

static void alike_seek(struct alike *alike, struct bucket *bucket, enum bucket_set kind, uint32_t key)
{
	const struct mailbox_set *set = bucket_set(bucket, kind, key, false);

	if (set)
		mailbox_set_find(set, alike->mailboxes, alike->count, alike->known);
}

/* Known is who was named at the file's hop, or delivered, or handed over under a condition that counts. */
static void alike_judge(struct message *message, struct bucket *bucket, const struct file *file, struct alike *alike,
                        bool unnamed)
{
	for (uint32_t i = 0; i < alike->count; i++) {
		alike->mailboxes[i] = alike->first[i].mailbox;
		alike->known[i] = false;
	}
	if (!unnamed)
		alike_seek(alike, bucket, SET_NAMED, file->hop);
	for (uint32_t i = 0; i < message->bucket_count; i++) {
		struct bucket *other = &message->buckets[i];

		if (!buckets_related(bucket, other))
			continue;
		alike_seek(alike, other, SET_DELIVERED, 0);
		/* Key 0 of SET_HANDED holds those of any relay. */
		if (!other->handed_settled || (other == bucket && alike->first->relay))
			alike_seek(alike, other, SET_HANDED, 0);
	}
}

static void fresh_add(struct bucket *bucket, enum bucket_set kind, uint32_t key, const struct fresh *fresh)
{
	mailbox_set_add_many(bucket_set(bucket, kind, key, true), fresh->mailboxes, fresh->count);
}

static void book_together(struct state *state, struct bucket *bucket, struct file *file, const struct recipient *like,
                          const struct fresh *fresh)
{
	uint32_t relay = like->relay;

	bucket->attempts += fresh->count;
	file->fresh += fresh->count;
	file->named += fresh->count;
	fresh_add(bucket, SET_NAMED, file->hop, fresh);
	fresh_add(bucket, relay ? SET_HANDED : SET_DELIVERED, relay, fresh);
	if (relay) {
		fresh_add(bucket, SET_HANDED, 0, fresh);
		bucket->handed_settled = bucket->handed_settled && state->relays[relay].settled;
	}
	book_arrivals(state, bucket, file, like, fresh->deliveries, fresh->count, 1);
	book_deliveries(state, bucket, file, like, fresh->deliveries, fresh->count, 1);
}

static void book_fresh(struct state *state, struct message *message, uint32_t at, struct file *file,
                       const struct alike *alike)
{
	const struct recipient *like = NULL;
	struct fresh fresh;

	fresh.count = 0;
	for (uint32_t i = 0; i < alike->count; i++) {
		struct recipient *r = &alike->first[i];

		if (alike->known[i])
			continue;
		like = r;
		texts_pin(state->addresses, r->mailbox);
		r->bucket = at + 1;
		r->booked = r->booked_end = r->counted_end = true;
		fresh.mailboxes[fresh.count] = r->mailbox;
		fresh.deliveries[fresh.count++] = (struct delivery){r->ended_at, r->delay_ms};
	}
	if (like)
		book_together(state, &message->buckets[at], file, like, &fresh);
}

void book_alike(struct state *state, uint32_t number, uint32_t from, bool unnamed)
{
	struct file *file = &state->files[number];
	struct message *message = &state->messages[file->message];
	uint32_t at = book_bucket(state, message, file, &file->recipients[from]);
	uint32_t first = from;
	struct alike alike;

	for (; from < file->recipient_count; from += alike.count) {
		alike.first = &file->recipients[from];
		alike.count = file->recipient_count - from;
		alike.count = alike.count < TOGETHER ? alike.count : TOGETHER;
		alike_judge(message, &message->buckets[at], file, &alike, unnamed);
		/* Those after the first know of the relay that it was handed to. */
		if (from == first && alike.known[0])
			book_recipient(state, number, first);
		book_fresh(state, message, at, file, &alike);
		for (uint32_t i = from == first; i < alike.count; i++)
			if (alike.known[i])
				book_recipient(state, number, from + i);
	}
	message->changed = message->dirty = true;
}
