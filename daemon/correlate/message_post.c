/* SPDX-License-Identifier: Apache-2.0
 *
 * When a message is, or may be, a post: an original recipient or a list's own
 * sender stands for two mailboxes, a list manager took it in, or its recipients
 * are many. What was booked as ordinary mail then moves into sets. See message.h.
 */
#include "daemon/base/memory.h"
#include "daemon/base/order.h"
#include "daemon/correlate/book.h"
#include "daemon/correlate/bucket.h"
#include "daemon/correlate/message.h"
#include "daemon/correlate/message_parts.h"
#include "daemon/correlate/recipient_set.h"
#include "daemon/correlate/spill.h"
#include "daemon/correlate/twin.h"
#include "daemon/correlate/via.h"

/* Distinct mailboxes of the files at hand that have what `like` has; stops at `enough`. */
static uint32_t message_mailboxes(const struct state *state, const struct message *message, uint32_t via,
                                  uint32_t sender_list, uint32_t header_list, uint32_t enough)
{
	uint32_t *seen = NULL, count = 0, capacity = 0, distinct = 0;

	for (uint32_t i = 0; i < message->files; i++) {
		const struct file *file = &state->files[message->file_list[i]];

		if ((sender_list && file->sender_list != sender_list) ||
		    (header_list && file->header_list != header_list))
			continue;
		for (uint32_t k = 0; k < file->recipient_count; k++) {
			if (file->recipients[k].manager || (via && file->recipients[k].via != via))
				continue;
			MEMORY_GROW(seen, count, capacity);
			seen[count++] = file->recipients[k].mailbox;
		}
	}
	if (count)
		qsort(seen, count, sizeof(*seen), order_uint32);
	for (uint32_t i = 0; i < count && distinct < enough; i++)
		distinct += i == 0 || seen[i] != seen[i - 1];
	free(seen);
	return distinct;
}

/* Recipients of the files at hand, told or not: a cheap bound. */
static bool message_may_be_set(const struct state *state, const struct message *message)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < message->files && count < RECIPIENT_SET_FROM; i++)
		count += state->files[message->file_list[i]].recipient_count;
	return count >= RECIPIENT_SET_FROM;
}

static bool message_is_post(const struct state *state, const struct message *message, const struct file *file,
                            const struct recipient *r)
{
	if (r->manager)
		return true;
	if (r->via && r->via != r->mailbox && message_mailboxes(state, message, r->via, 0, 0, 2) >= 2)
		return true;
	if (file->sender_list && message_mailboxes(state, message, 0, file->sender_list, 0, 2) >= 2)
		return true;
	if (file->header_list && message_mailboxes(state, message, 0, 0, file->header_list, 2) >= 2)
		return true;
	return message_may_be_set(state, message) &&
	       message_mailboxes(state, message, 0, 0, 0, RECIPIENT_SET_FROM) >= RECIPIENT_SET_FROM;
}

/* Names the original recipient of one more; where that makes it a list's, those booked before are booked again: under it, and
 * those of its own address before figures are made. */
static void message_name_via(struct state *state, struct message *message, const struct file *of,
                             const struct recipient *r)
{
	uint32_t via = r->via;
	bool listed;

	if (!via || via == r->mailbox)
		return;
	/* Who forwards what a list sends him, as book_itself() has it. */
	message->unshared = message->unshared || (of->expanded && via != of->expanded);
	listed = via_name(state, message, via, r->mailbox);
	if (r->expanded)
		listed = via_replace(message, via, r->grouped) || listed;
	if (!listed)
		return;
	message->unshared = message->unshared || buckets_name(message, via);
	spill_recall_post(state, (uint32_t)(message - state->messages));
	/* None of these is in a bundle: those are of originals that are lists already. */
	for (uint32_t i = 0; i < message->files; i++) {
		const struct file *file = &state->files[message->file_list[i]];

		for (uint32_t k = 0; k < file->recipient_count; k++)
			if (file->recipients[k].via == via && file->recipients[k].booked) {
				unbook_recipient(state, message->file_list[i], k);
				book_recipient(state, message->file_list[i], k);
			}
	}
}

/* One of these would be booked otherwise by now. Those that name their list stand, and each counts. */
static bool message_judge_bundle(const struct message *message, const struct bundle *bundle)
{
	bool moved = message->lists > 1 && !via_counts(message, bundle->via);

	for (uint32_t i = 0; !moved && i < bundle->count; i++)
		moved = book_is_list(message, bundle->items[i].mailbox);
	return moved;
}

/* In a message to several lists: recipients of hops that tell none are booked under the lists that their mailbox is named
 * under by now. What was taken for another copy of a pair may be a pair of another list, or the copy that counted is gone.
 * In any: an address that is a list's by now books no cells. */
static void message_judge_file(struct state *state, uint32_t file)
{
	struct file *f = &state->files[file];
	const struct message *message = &state->messages[f->message];

	for (const struct bundle *bundle = f->bundles; bundle; bundle = bundle->next)
		if (message_judge_bundle(message, bundle)) {
			bundles_spread(state, file);
			break;
		}
	for (uint32_t k = 0; k < f->recipient_count; k++)
		f->recipients[k].misplaced = book_is_copy(f, &f->recipients[k]) || !book_stands(state, file, k);
}

static void message_take_back(struct state *state, uint32_t file)
{
	for (uint32_t k = 0; k < state->files[file].recipient_count; k++)
		if (state->files[file].recipients[k].misplaced)
			unbook_recipient(state, file, k);
}

static void message_book_again(struct state *state, uint32_t file, bool named)
{
	const struct file *f = &state->files[file];

	for (uint32_t k = 0; k < f->recipient_count; k++)
		if (!f->recipients[k].booked && via_counts(&state->messages[f->message], f->recipients[k].via) == named)
			book_recipient(state, file, k);
}

/* All are judged by what is booked, and all taken back before one is booked again, since a pair of which another copy is
 * booked is not new; those that name their list before the others, which go by them. */
void message_share(struct state *state, uint32_t number)
{
	const struct message *message = &state->messages[number];

	if (!message->unshared)
		return;
	spill_recall_post(state, number);
	message = &state->messages[number];
	for (uint32_t i = 0; i < message->files; i++) {
		twins_withdraw(state, message->file_list[i]);
		message_judge_file(state, message->file_list[i]);
	}
	for (uint32_t i = 0; i < message->files; i++)
		message_take_back(state, message->file_list[i]);
	for (int named = 1; named >= 0; named--)
		for (uint32_t i = 0; i < message->files; i++)
			message_book_again(state, message->file_list[i], named);
	state->messages[number].unshared = false;
}

/* It is, or may be, a post: what was booked as ordinary mail moves into sets. */
void message_becomes_post(struct state *state, uint32_t number)
{
	struct message *message = &state->messages[number];

	for (uint32_t i = 0; i < message->files; i++) {
		for (uint32_t k = 0; k < state->files[message->file_list[i]].recipient_count; k++)
			unbook_recipient(state, message->file_list[i], k);
		unbook_missing(state, message->file_list[i]);
	}
	message->post = true;
	for (uint32_t i = 0; i < message->files; i++) {
		for (uint32_t k = 0; k < state->files[message->file_list[i]].recipient_count; k++) {
			const struct file *file = &state->files[message->file_list[i]];

			message_name_via(state, message, file, &file->recipients[k]);
			book_recipient(state, message->file_list[i], k);
		}
		book_missing(state, message->file_list[i]);
	}
}

void message_recipient(struct state *state, uint32_t file, uint32_t recipient)
{
	struct file *f = &state->files[file];
	struct message *message = &state->messages[f->message];
	const struct recipient *r = &f->recipients[recipient];

	if (!f->message || f->canceled)
		return;
	if (!message->post && message_is_post(state, message, f, r)) {
		message_becomes_post(state, f->message);
	} else {
		if (message->post)
			message_name_via(state, message, f, r);
		if (!r->booked)
			book_recipient(state, file, recipient);
	}
	if (r->manager)
		message_managed(state, file, r->via ? r->via : r->mailbox);
}

void message_managed(struct state *state, uint32_t file, uint32_t address)
{
	struct message *message = &state->messages[state->files[file].message];

	if (message->manager_list)
		return;
	message->manager_list = texts_hold_again(state->addresses, address);
	message->ungathered = true;
	message->changed = message->dirty = true;
}
