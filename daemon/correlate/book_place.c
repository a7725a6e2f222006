/* SPDX-License-Identifier: Apache-2.0
 *
 * Under which lists a recipient is booked, see book.h and book_parts.h.
 */
#include "daemon/correlate/book.h"
#include "daemon/correlate/book_parts.h"
#include "daemon/correlate/bucket.h"
#include "daemon/correlate/via.h"

/* The lists that a recipient is booked under: the one it names itself, or, where this hop tells none and the message has
 * several, those that it, or the address that it stands for, is named under on another. */
static void book_lists(struct message *message, const struct recipient *r, uint32_t *lists)
{
	int count = 0;

	memset(lists, 0, (BUCKET_ALSO + 1) * sizeof(*lists));
	if (via_counts(message, r->via)) {
		lists[0] = r->via;
		return;
	}
	for (uint32_t i = 0; message->lists > 1 && i < message->bucket_count && count <= BUCKET_ALSO; i++) {
		struct bucket *bucket = &message->buckets[i];
		bool named = false;

		for (uint32_t k = 0; bucket->via && !bucket->also[0] && k < bucket->set_count && !named; k++)
			named = bucket->sets[k].kind == SET_NAMED &&
			        (mailbox_set_has(&bucket->sets[k].set, r->mailbox) ||
			         (r->via && mailbox_set_has(&bucket->sets[k].set, r->via)));
		for (int k = 0; named && k < count; k++)
			named = lists[k] != bucket->via;
		if (named)
			lists[count++] = bucket->via;
	}
	/* In one order, whichever was named first. */
	for (int i = 1; i < count; i++)
		for (int k = i; k > 0 && lists[k] < lists[k - 1]; k--) {
			uint32_t swap = lists[k];

			lists[k] = lists[k - 1];
			lists[k - 1] = swap;
		}
}

bool book_is_list(const struct message *message, uint32_t mailbox)
{
	if (via_counts(message, mailbox))
		return true;
	for (uint32_t i = 0; i < message->bucket_count; i++)
		if (message->buckets[i].sender_list == mailbox || message->buckets[i].header_list == mailbox)
			return true;
	return false;
}

bool book_itself(const struct message *message, const struct recipient *r)
{
	return book_is_list(message, r->mailbox) ||
	       (r->passed && r->via && mailbox_set_has(&message->via_set, r->mailbox));
}

uint32_t book_bucket(struct state *state, struct message *message, const struct file *file, const struct recipient *r)
{
	struct bucket like = {.sender_list = file->sender_list, .header_list = file->header_list};
	uint32_t lists[BUCKET_ALSO + 1];

	book_lists(message, r, lists);
	like.via = lists[0];
	memcpy(like.also, lists + 1, sizeof(like.also));
	return bucket_number(state, message, &like);
}

bool book_stands(struct state *state, uint32_t number, uint32_t recipient)
{
	const struct file *file = &state->files[number];
	const struct recipient *r = &file->recipients[recipient];
	struct message *message = &state->messages[file->message];
	uint32_t lists[BUCKET_ALSO + 1];
	const struct bucket *bucket;

	if (!r->bucket)
		return true;
	if (r->itself != book_itself(message, r))
		return false;
	bucket = &message->buckets[r->bucket - 1];
	book_lists(message, r, lists);
	return bucket->via == lists[0] && memcmp(bucket->also, lists + 1, sizeof(bucket->also)) == 0;
}
