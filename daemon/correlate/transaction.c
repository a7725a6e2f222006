/* SPDX-License-Identifier: Apache-2.0
 *
 * Transactions told line after line, see transaction.h. What a line would be
 * asked in take.c and take_recipient.c has one answer for all lines of a
 * transaction: it is asked when that is opened. The rest is asked of each
 * line, and whatever is not plain goes the long way.
 */
#include "daemon/correlate/transaction.h"

#include "daemon/correlate/address.h"
#include "daemon/correlate/book.h"
#include "daemon/correlate/bucket.h"
#include "daemon/correlate/done.h"
#include "daemon/correlate/file.h"
#include "daemon/correlate/file_recipients.h"
#include "daemon/correlate/handover.h"
#include "daemon/correlate/take_recipient.h"
#include "daemon/correlate/via.h"

/* The line is the open transaction's next. */
static bool transaction_goes_on(const struct transaction *open, struct host_line line, const struct keys *keys)
{
	return open->file && keys->same_transaction && keys == open->last + 1 && line.host == open->host &&
	       !line.late && line.time >= open->time && line.time < open->until;
}

/* What may be one of those that wait goes the long way, which books them first. Two mailboxes may have one mark; numbers
 * that follow each other have not. */
static bool transaction_marked(const struct state *state, uint32_t mailbox)
{
	uint32_t mark = mailbox % TRANSACTION_MARKS;

	return state->marks[mark / 64] >> mark % 64 & 1;
}

static void transaction_mark(struct state *state, uint32_t mailbox)
{
	uint32_t mark = mailbox % TRANSACTION_MARKS;

	state->marks[mark / 64] ^= UINT64_C(1) << mark % 64;
}

/* As file_may_have(). */
static bool transaction_may_have(const struct state *state, struct transaction *open, uint32_t mailbox)
{
	if (open->named_count < 0)
		return file_may_have(state, open->file, mailbox);
	for (int i = 0; i < open->named_count; i++)
		if (mailbox_look(&open->named[i], mailbox))
			return true;
	return false;
}

static bool transaction_done(const struct state *state, struct transaction *open, uint32_t mailbox)
{
	return open->done.set ? mailbox_look(&open->done, mailbox)
	                      : done_has(&state->files[open->file], mailbox, open->via);
}

/* Nothing is known of the recipient, and its address stands for itself. */
static bool transaction_new(struct state *state, struct transaction *open, uint32_t mailbox)
{
	bool behind = mailbox > state->files[open->file].largest;
	uint32_t number;

	if (mailbox == open->via || mailbox == open->lists[0] || mailbox == open->lists[1] ||
	    transaction_marked(state, mailbox) || transaction_done(state, open, mailbox) ||
	    (mailbox_look(&open->vias, mailbox) &&
	     via_counts(&state->messages[state->files[open->file].message], mailbox)))
		return false;
	/* Larger than all others of the file; else the sets tell mostly. */
	if (!behind && !transaction_may_have(state, open, mailbox))
		return true;
	open->unnamed = false;
	return behind || !file_has(state, open->file, mailbox, open->via, &number);
}

/* One more that waits: its address is held for it. */
static void transaction_add(struct state *state, uint32_t mailbox, int64_t time, const struct keys *keys)
{
	struct transaction *open = &state->transaction;

	if (!open->waiting)
		open->from = time;
	state->waiting[open->waiting++] =
		(struct bundled){.mailbox = mailbox,
	                         .behind = (uint32_t)(time - open->from),
	                         .delay_ms = take_delay_ms(&state->files[open->file], keys->delay, time)};
	transaction_mark(state, mailbox);
	open->mailbox = mailbox;
	open->time = time;
	open->last = keys;
}

/* Books what waits. */
static void transaction_book(struct state *state, const struct transaction *of)
{
	struct bundle like = {.time = of->from, .via = of->via, .relay = of->relay, .count = of->waiting};

	if (!of->waiting)
		return;
	for (uint32_t i = 0; i < of->waiting; i++)
		transaction_mark(state, state->waiting[i].mailbox);
	book_alike(state, of->file, &like, state->waiting, of->unnamed);
	book_missing(state, of->file);
	state->files[of->file].dirty = true;
}

/* What is known of none that wait, of whom there are none. */
static void transaction_look(const struct state *state, struct transaction *open)
{
	open->waiting = 0;
	open->unnamed = true;
	open->named_count = file_named_sets(state, open->file, open->named, TRANSACTION_SETS);
}

/* What the booking will read: a step for each line. */
static void transaction_fetch(const struct state *state, const struct transaction *open)
{
	const struct message *message = &state->messages[state->files[open->file].message];
	unsigned step = open->waiting - 1;

	if (step >= BUCKET_FETCHES)
		return;
	buckets_fetch(message, SET_DELIVERED, 0, open->mailbox, step);
	buckets_fetch(message, SET_HANDED, 0, open->mailbox, step);
	if (open->relay)
		buckets_fetch(message, SET_HANDED, open->relay, open->mailbox, step);
}

bool transaction_take(struct state *state, struct host_line line, const struct keys *keys)
{
	struct transaction *open = &state->transaction;
	struct file *file = &state->files[open->file];
	uint32_t mailbox;
	int64_t least;

	if (!transaction_goes_on(open, line, keys))
		return false;
	if (open->waiting == BUNDLE_MOST) {
		transaction_book(state, open);
		transaction_look(state, open);
	}
	least = file_least(open->resolution, line.time, keys->delay);
	if (file_least_moves(file, least) ||
	    take_configured_manager(state, keys->mailbox.text, texts_get(state->addresses, open->via)))
		return false;
	mailbox = take_mailbox(state, keys, open->relay, open->host);
	if (!transaction_new(state, open, mailbox)) {
		texts_drop(state->addresses, mailbox);
		return false;
	}
	transaction_add(state, mailbox, line.time, keys);
	transaction_fetch(state, open);
	file->accepted_least = least > file->accepted_least ? least : file->accepted_least;
	file->last_line = line.time > file->last_line ? line.time : file->last_line;
	file->lines++;
	return true;
}

/* No list's own address is to be looked for among its recipients but of those that the file itself tells. */
static bool transaction_lists_told(const struct message *message, const struct file *file)
{
	for (uint32_t i = 0; i < message->bucket_count; i++) {
		const struct bucket *bucket = &message->buckets[i];

		if ((bucket->sender_list && bucket->sender_list != file->sender_list) ||
		    (bucket->header_list && bucket->header_list != file->header_list))
			return false;
	}
	return true;
}

/* Lines about this file, and about such recipients, mean the same whoever the next one is. */
static bool transaction_plain(const struct state *state, uint32_t number, uint32_t via, const struct keys *keys)
{
	const struct file *file = &state->files[number];
	const struct message *message = &state->messages[file->message];
	bool named = slice_given(keys->names->via.text) && texts_is(state->addresses, via, &keys->names->via) &&
	             !address_is_bare(keys->names->via.text);

	return file->message && message->post && (file->message_id || file->resent_id) && file_alone(state, number) &&
	       file->removed_at == TIME_NONE && !file->numbered && file_queued(file) &&
	       (via_counts(message, via) || (!via && message->lists <= 1)) && transaction_lists_told(message, file) &&
	       (named || (!slice_given(keys->names->via.text) && via == file->expanded));
}

/* Of deliveries only. */
static bool transaction_may_open(struct host_line line, const struct event *event, const struct keys *keys)
{
	return keys->goes_on && event->outcome == OUTCOME_SENT && !event->manager && !line.late && !take_untimed(event);
}

static struct transaction transaction_of(const struct state *state, uint32_t number, struct host_line line,
                                         const struct event *event, const struct keys *keys, const struct named *named)
{
	struct file *file = &state->files[number];
	int64_t until = time_floor(line.time, MINUTE) + MINUTE, handed = handover_until(state, event->next_queue_id);
	struct transaction open = {.file = number,
	                           .host = line.host,
	                           .relay = named->relay,
	                           .via = named->via,
	                           .lists = {file->sender_list, file->header_list},
	                           .vias.set = &state->messages[file->message].via_set,
	                           .done.set = file->done.via == named->via ? file->done.many : NULL,
	                           .resolution = event->resolution,
	                           .time = line.time,
	                           .until = handed < until ? handed : until,
	                           .last = keys};

	transaction_look(state, &open);
	return open;
}

bool transaction_begin(struct state *state, uint32_t number, struct host_line line, const struct event *event,
                       const struct keys *keys, const struct named *named)
{
	struct transaction open;

	if (!transaction_may_open(line, event, keys) || !transaction_plain(state, number, named->via, keys) ||
	    take_configured_manager(state, keys->mailbox.text, texts_get(state->addresses, named->via)))
		return false;
	open = transaction_of(state, number, line, event, keys, named);
	if (!transaction_new(state, &open, named->mailbox))
		return false;
	state->transaction = open;
	transaction_add(state, named->mailbox, line.time, keys);
	return true;
}

void transaction_open(struct state *state, uint32_t number, struct host_line line, const struct event *event,
                      const struct keys *keys)
{
	const struct file *file = &state->files[number];
	struct named named = {0};
	const struct recipient *r;

	if (!transaction_may_open(line, event, keys) || !file->recipient_count)
		return;
	r = &file->recipients[file->recipient_count - 1];
	/* Told of once: by this line. */
	if (r->attempts != 1 || r->manager || !texts_is(state->addresses, r->mailbox, &keys->mailbox) ||
	    !transaction_plain(state, number, r->via, keys))
		return;
	named.via = texts_hold_again(state->addresses, r->via);
	named.relay = r->relay;
	state->transaction = transaction_of(state, number, line, event, keys, &named);
}

void transaction_close(struct state *state)
{
	struct transaction open;

	if (!state->transaction.file)
		return;
	open = state->transaction;
	state->transaction = (struct transaction){0};
	transaction_book(state, &open);
	texts_drop(state->addresses, open.via);
}
