/* SPDX-License-Identifier: Apache-2.0
 *
 * Booking of many recipients that are alike, see book.h: where nothing is known
 * of any they go into sets and cells together, and become a bundle. Else they are
 * recipients of their own, and each that is known is booked by itself.
 */
#include "daemon/correlate/book.h"
#include "daemon/correlate/book_parts.h"
#include "daemon/correlate/bucket.h"
#include "daemon/correlate/file_recipients.h"

/* The recipients, in the order they were told. */
struct alike {
	const struct bundle *like;
	uint32_t bucket;
	const struct bundled *items;
	uint32_t mailboxes[BUNDLE_MOST];
	bool known[BUNDLE_MOST];
	bool any_known;
};

/* What of them is new. */
struct fresh {
	uint32_t count;
	uint32_t mailboxes[BUNDLE_MOST];
	struct delivery deliveries[BUNDLE_MOST];
};

static void alike_seek(struct alike *alike, struct bucket *bucket, enum bucket_set kind, uint32_t key)
{
	const struct mailbox_set *set = bucket_set(bucket, kind, key, false);

	if (set)
		mailbox_set_find(set, alike->mailboxes, alike->like->count, alike->known);
}

/* Known is who was named at the file's hop, or delivered, or handed over under a condition that counts. */
static void alike_judge(struct message *message, struct bucket *bucket, const struct file *file, struct alike *alike,
                        bool unnamed)
{
	for (uint32_t i = 0; i < alike->like->count; i++) {
		alike->mailboxes[i] = alike->items[i].mailbox;
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
		if (!other->handed_settled || (other == bucket && alike->like->relay))
			alike_seek(alike, other, SET_HANDED, 0);
	}
	alike->any_known = memchr(alike->known, true, alike->like->count) != NULL;
}

static void fresh_gather(struct fresh *fresh, const struct alike *alike)
{
	fresh->count = 0;
	for (uint32_t i = 0; i < alike->like->count; i++) {
		const struct bundled *item = &alike->items[i];

		if (alike->known[i])
			continue;
		fresh->mailboxes[fresh->count] = item->mailbox;
		fresh->deliveries[fresh->count++] = (struct delivery){alike->like->time + item->behind, item->delay_ms};
	}
}

static void fresh_add(struct bucket *bucket, enum bucket_set kind, uint32_t key, const struct fresh *fresh)
{
	mailbox_set_add_many(bucket_set(bucket, kind, key, true), fresh->mailboxes, fresh->count);
}

/* They are booked as the recipient would be. */
static void book_together(struct state *state, struct bucket *bucket, struct file *file, const struct recipient *like,
                          const struct fresh *fresh)
{
	uint32_t relay = like->relay;

	if (!fresh->count)
		return;
	bucket->attempts += fresh->count;
	file->fresh += fresh->count;
	fresh_add(bucket, SET_NAMED, file->hop, fresh);
	fresh_add(bucket, relay ? SET_HANDED : SET_DELIVERED, relay, fresh);
	if (relay) {
		fresh_add(bucket, SET_HANDED, 0, fresh);
		bucket->handed_settled = bucket->handed_settled && state->relays[relay].settled;
	}
	book_arrivals(state, bucket, file, like, fresh->deliveries, fresh->count, 1);
	book_deliveries(state, bucket, file, like, fresh->deliveries, fresh->count, 1);
}

/* Recipients of their own; those that are known are not booked yet. The number of the first. */
static uint32_t alike_to_hand(struct state *state, uint32_t number, const struct alike *alike)
{
	struct file *file = &state->files[number];
	uint32_t first = file->recipient_count;

	for (uint32_t i = 0; i < alike->like->count; i++) {
		struct recipient r = bundle_recipient(alike->like, &alike->items[i]);

		r.bucket = alike->bucket;
		if (alike->known[i])
			r.bucket = r.booked = r.booked_end = r.counted_end = 0;
		else
			texts_pin(state->addresses, r.mailbox);
		texts_hold_again(state->addresses, r.via);
		file_recipient_add(state, number, &r);
		file->named += !alike->known[i];
	}
	return first;
}

void book_alike(struct state *state, uint32_t number, const struct bundle *like, const struct bundled *items,
                bool unnamed)
{
	struct file *file = &state->files[number];
	struct message *message = &state->messages[file->message];
	struct recipient first = bundle_recipient(like, &items[0]);
	uint32_t at = book_bucket(state, message, file, &first), to;
	struct alike alike; /* large: not cleared */
	struct fresh fresh;

	alike.like = like;
	alike.bucket = at + 1;
	alike.items = items;
	alike_judge(message, &message->buckets[at], file, &alike, unnamed);
	fresh_gather(&fresh, &alike);
	file->ended += like->count;
	message->changed = message->dirty = true;
	message->unshared = message->unshared || (fresh.count && message->lists > 1);
	if (!alike.any_known) {
		book_together(state, &message->buckets[at], file, &first, &fresh);
		bundle_add(state, number, like, alike.bucket, items);
		return;
	}
	to = alike_to_hand(state, number, &alike);
	/* Those after the first know of the relay that it was handed to. */
	if (alike.known[0])
		book_recipient(state, number, to);
	book_together(state, &message->buckets[at], file, &first, &fresh);
	for (uint32_t i = 1; i < like->count; i++)
		if (alike.known[i])
			book_recipient(state, number, to + i);
}
