/* SPDX-License-Identifier: Apache-2.0
 *
 * Booking of many recipients that are alike, see book.h. All that nothing is
 * known of go into cells together, and those whose numbers follow each other,
 * which is most where a list is expanded in one order, into sets. Where anything
 * is known of one of these already each is booked by itself.
 */
#include "daemon/correlate/book.h"
#include "daemon/correlate/book_parts.h"
#include "daemon/correlate/bucket.h"

#define TOGETHER 256

/* Deliveries of recipients that are alike in all but these, still to go into cells. */
struct together {
	const struct recipient *like;
	uint32_t count;
	struct delivery deliveries[TOGETHER];
};

/* Some recipients of a file, numbers that follow each other. */
struct alike {
	struct recipient *first;
	uint32_t count;
};

static struct alike alike_from(struct recipient *first, uint32_t count)
{
	struct alike alike = {first, 1};

	while (alike.count < count && first[alike.count].mailbox == first[0].mailbox + alike.count)
		alike.count++;
	return alike;
}

static bool alike_in(struct bucket *bucket, enum bucket_set kind, uint32_t key, const struct alike *alike)
{
	const struct mailbox_set *set = bucket_set(bucket, kind, key, false);

	return set && mailbox_set_has_any(set, alike->first->mailbox, alike->count);
}

/* None was named at the file's hop, or delivered, or handed over under a condition that counts. */
static bool alike_new(struct message *message, struct bucket *bucket, const struct file *file,
                      const struct alike *alike)
{
	/* Key 0 of SET_HANDED holds those of any relay. */
	if (alike_in(bucket, SET_NAMED, file->hop, alike) ||
	    (alike->first->relay && alike_in(bucket, SET_HANDED, 0, alike)))
		return false;
	for (uint32_t i = 0; i < message->bucket_count; i++) {
		struct bucket *other = &message->buckets[i];

		if (buckets_related(bucket, other) &&
		    (alike_in(other, SET_DELIVERED, 0, alike) ||
		     (!other->handed_settled && alike_in(other, SET_HANDED, 0, alike))))
			return false;
	}
	return true;
}

static void alike_add(struct bucket *bucket, enum bucket_set kind, uint32_t key, const struct alike *alike)
{
	mailbox_set_add_new(bucket_set(bucket, kind, key, true), alike->first->mailbox, alike->count);
}

static void book_cells(struct state *state, struct bucket *bucket, struct file *file, struct together *together)
{
	if (!together->count)
		return;
	book_arrivals(state, bucket, file, together->like, together->deliveries, together->count, 1);
	book_deliveries(state, bucket, file, together->like, together->deliveries, together->count, 1);
	together->count = 0;
}

static void book_together(struct state *state, struct bucket *bucket, struct file *file, const struct alike *alike,
                          uint32_t number, struct together *together)
{
	uint32_t relay = alike->first->relay;

	for (uint32_t i = 0; i < alike->count; i++) {
		struct recipient *r = &alike->first[i];

		texts_pin(state->addresses, r->mailbox);
		r->bucket = number + 1;
		r->booked = r->booked_end = r->counted_end = true;
		if (together->count == TOGETHER)
			book_cells(state, bucket, file, together);
		together->like = r;
		together->deliveries[together->count++] = (struct delivery){r->ended_at, r->delay_ms};
	}
	bucket->attempts += alike->count;
	file->fresh += alike->count;
	file->named += alike->count;
	alike_add(bucket, SET_NAMED, file->hop, alike);
	alike_add(bucket, relay ? SET_HANDED : SET_DELIVERED, relay, alike);
	if (relay) {
		alike_add(bucket, SET_HANDED, 0, alike);
		bucket->handed_settled = bucket->handed_settled && state->relays[relay].settled;
	}
}

void book_alike(struct state *state, uint32_t number, uint32_t from)
{
	struct file *file = &state->files[number];
	struct message *message = &state->messages[file->message];
	uint32_t at = book_bucket(state, message, file, &file->recipients[from]);
	struct together together;

	together.count = 0;

	while (from < file->recipient_count) {
		struct alike alike = alike_from(&file->recipients[from], file->recipient_count - from);

		if (alike_new(message, &message->buckets[at], file, &alike))
			book_together(state, &message->buckets[at], file, &alike, at, &together);
		else
			for (uint32_t i = 0; i < alike.count; i++)
				book_recipient(state, number, from + i);
		from += alike.count;
	}
	book_cells(state, &message->buckets[at], file, &together);
	message->changed = message->dirty = true;
}
