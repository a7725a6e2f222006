/* SPDX-License-Identifier: Apache-2.0
 *
 * Booking of recipients, see book.h.
 */
#include "daemon/correlate/book.h"

#include "daemon/base/memory.h"
#include "daemon/correlate/book_parts.h"
#include "daemon/correlate/bucket.h"
#include "daemon/correlate/deferral.h"
#include "daemon/correlate/done.h"
#include "daemon/correlate/file.h"
#include "daemon/correlate/file_recipients.h"

/* The first relay that a bucket's pair was handed to. Where that was one, it mostly is that of the pair before. */
static uint32_t bucket_relay(struct bucket *bucket, const struct mailbox_set *any, uint32_t mailbox, uint32_t guess)
{
	if (guess && bucket_has(bucket, SET_HANDED, guess, mailbox) && mailbox_set_has_once(any, mailbox))
		return guess;
	for (uint32_t s = 0; s < bucket->set_count; s++)
		if (bucket->sets[s].kind == SET_HANDED && bucket->sets[s].key &&
		    mailbox_set_has(&bucket->sets[s].set, mailbox))
			return bucket->sets[s].key;
	return 0;
}

/* A relay that the pair was handed to, or 0; 0 also where all such relays are settled, since then none is a condition.
 * Key 0 of SET_HANDED holds the pairs of any relay. */
static uint32_t pair_relay(struct message *message, const struct bucket *of, struct hop *hop, uint32_t mailbox)
{
	uint32_t relay = 0;

	for (uint32_t i = 0; i < message->bucket_count && !relay; i++) {
		struct bucket *bucket = &message->buckets[i];
		const struct mailbox_set *any =
			bucket->handed_settled ? NULL : bucket_set(bucket, SET_HANDED, 0, false);

		if (any && buckets_related(of, bucket) && mailbox_set_has(any, mailbox))
			relay = bucket_relay(bucket, any, mailbox, hop->relay);
	}
	hop->relay = relay ? relay : hop->relay;
	return relay;
}

/* The condition that a delivery's cells name. */
static uint32_t book_unless(const struct state *state, const struct recipient *r)
{
	return state->relays[r->unless].settled ? 0 : r->unless;
}

void book_deliveries(struct state *state, struct bucket *bucket, const struct file *file, const struct recipient *like,
                     const struct delivery *deliveries, uint32_t count, int by)
{
	struct cell_key minute = {.at = time_floor(like->ended_at, MINUTE),
	                          .relay = like->relay,
	                          .unless = book_unless(state, like),
	                          .kind = CELL_MINUTE};
	struct cell_key hour = {.at = time_floor(like->ended_at, HOUR),
	                        .host = file->host,
	                        .relay = like->relay,
	                        .unless = minute.unless,
	                        .kind = CELL_HOUR};

	if (state->relays[like->relay].settled) {
		cells_get(&state->all, hour);
		return;
	}
	cells_deliver(&state->all, minute, deliveries, count, by);
	cells_deliver(&state->all, hour, deliveries, count, by);
	if (bucket)
		cells_deliver(&bucket->cells, minute, deliveries, count, by);
}

static void book_delivery(struct state *state, struct bucket *bucket, const struct file *file,
                          const struct recipient *r, int by)
{
	book_deliveries(state, bucket, file, r, &(struct delivery){r->ended_at, r->delay_ms}, 1, by);
}

enum count_kind { COUNT_DEFERRED, COUNT_BOUNCED, COUNT_ENDED };

static void book_count(struct state *state, struct bucket *bucket, uint32_t host, int64_t time, enum count_kind kind,
                       int64_t by)
{
	struct cell_key minute = {.at = time_floor(time, MINUTE), .kind = CELL_MINUTE};
	struct cell_key hour = {.at = time_floor(time, HOUR), .host = host, .kind = CELL_HOUR};

	for (int i = 0; i < (bucket ? 3 : 2); i++) {
		struct cell *cell = cells_get(i == 2 ? &bucket->cells : &state->all, i == 1 ? hour : minute);

		*(kind == COUNT_BOUNCED    ? &cell->bounced
		  : kind == COUNT_DEFERRED ? &cell->deferred
		                           : &cell->ended) += by;
		if (kind != COUNT_DEFERRED && by > 0 && time > cell->last_at)
			cell->last_at = time;
	}
}

static void book_plain(struct state *state, const struct file *file, struct recipient *r, int by)
{
	r->unless = 0;
	if (by > 0) {
		r->booked_end =
			!r->late && !r->untimed && (r->outcome == RECIPIENT_SENT || r->outcome == RECIPIENT_BOUNCED);
		r->booked_defer = !r->late_defer && r->deferred_at != TIME_NONE;
	}
	if (r->booked_end && r->outcome == RECIPIENT_SENT)
		book_delivery(state, NULL, file, r, by);
	else if (r->booked_end)
		book_count(state, NULL, file->host, r->ended_at, COUNT_BOUNCED, by);
	if (r->booked_defer)
		book_count(state, NULL, file->host, r->deferred_at, COUNT_DEFERRED, by);
}

static struct deferral *deferral_of_related(struct message *message, const struct bucket *of, uint32_t mailbox)
{
	struct deferral *found = NULL;

	for (uint32_t i = 0; !found && i < message->bucket_count; i++)
		if (buckets_related(of, &message->buckets[i]))
			found = deferral_find(message, mailbox, i);
	return found;
}

void book_arrivals(struct state *state, struct bucket *bucket, const struct file *file, const struct recipient *like,
                   const struct delivery *deliveries, uint32_t count, int by)
{
	struct cell_key key = {.at = file->accepted,
	                       .relay = like->relay,
	                       .unless = book_unless(state, like),
	                       .kind = CELL_ARRIVAL};

	if (!state->relays[like->relay].settled)
		cells_deliver(&bucket->cells, key, deliveries, count, by);
}

static void book_arrival(struct state *state, struct bucket *bucket, const struct file *file, const struct recipient *r,
                         int by)
{
	book_arrivals(state, bucket, file, r, &(struct delivery){r->ended_at, r->delay_ms}, 1, by);
}

/* An end of it books sets only. */
static bool book_no_cells(const struct recipient *r)
{
	return r->untimed || r->itself;
}

/* A delivery of a post's pair: at the last hop, or under the relay that it was handed to. */
static void book_sent(struct state *state, struct message *message, struct bucket *bucket, const struct file *file,
                      struct recipient *r)
{
	bool delivered = bucket_pair_in(message, bucket, SET_DELIVERED, r->mailbox);
	bool grew;

	r->unless = pair_relay(message, bucket, &message->hops[file->hop], r->mailbox);
	if (r->unless == r->relay)
		r->unless = 0;
	grew = bucket_add(bucket, r->relay ? SET_HANDED : SET_DELIVERED, r->relay, r->mailbox);
	if (r->relay) {
		bucket_add(bucket, SET_HANDED, 0, r->mailbox);
		bucket->handed_settled = bucket->handed_settled && state->relays[r->relay].settled;
	}
	if (!grew || delivered) {
		r->told_again = !r->relay || !grew;
		bucket->repeats += r->told_again;
		return;
	}
	if (book_no_cells(r))
		return;
	r->counted_end = true;
	book_arrival(state, bucket, file, r, 1);
	r->booked_end = !r->late;
	if (r->booked_end)
		book_delivery(state, bucket, file, r, 1);
}

/* Another copy of the pair is booked, and none counts in cells as long as this one's place is empty: message_share(). */
static void book_vacate(struct message *message, struct bucket *bucket, enum bucket_set kind, uint32_t key,
                        uint32_t mailbox)
{
	if (kind == SET_HANDED ? bucket_has(bucket, kind, key, mailbox)
	                       : bucket_pair_in(message, bucket, kind, mailbox))
		message->unshared = true;
}

static void unbook_sent(struct state *state, struct message *message, struct bucket *bucket, const struct file *file,
                        struct recipient *r)
{
	bucket_take(bucket, r->relay ? SET_HANDED : SET_DELIVERED, r->relay, r->mailbox);
	if (r->relay)
		bucket_take(bucket, SET_HANDED, 0, r->mailbox);
	bucket->repeats -= r->told_again;
	r->told_again = false;
	if (!r->counted_end)
		return;
	book_arrival(state, bucket, file, r, -1);
	if (r->booked_end)
		book_delivery(state, bucket, file, r, -1);
	r->counted_end = false;
	book_vacate(message, bucket, r->relay ? SET_HANDED : SET_DELIVERED, r->relay, r->mailbox);
}

/* The set that an end other than by delivery goes into; -1 where none. */
static int book_end_set(const struct file *file, const struct recipient *r)
{
	switch (r->outcome) {
	case RECIPIENT_BOUNCED: return SET_BOUNCED;
	case RECIPIENT_EXPIRED: return SET_EXPIRED;
	case RECIPIENT_DISCARDED: return SET_DISCARDED;
	case RECIPIENT_ADMIN: return SET_ADMIN;
	case RECIPIENT_OPEN: return file->removed_by_admin ? SET_ADMIN : -1;
	default: return -1;
	}
}

static void deferral_take_back(struct state *state, struct message *message, const struct deferral *deferral)
{
	book_count(state, &message->buckets[deferral->bucket], deferral->host, deferral->at, COUNT_DEFERRED, -1);
}

/* The pair is booked at its earliest deferral: a later one changes nothing, an earlier one takes its place. */
static void book_deferral(struct state *state, struct message *message, struct bucket *bucket, const struct file *file,
                          struct recipient *r)
{
	bool known = bucket_pair_in(message, bucket, SET_DEFERRED, r->mailbox);
	struct deferral *first = known ? deferral_of_related(message, bucket, r->mailbox) : NULL;

	bucket_add(bucket, SET_DEFERRED, 0, r->mailbox);
	if (r->late_defer || r->itself || (known && (!first || first->at <= r->deferred_at)))
		return;
	if (first) {
		deferral_take_back(state, message, first);
		deferral_drop(message, first);
	}
	r->booked_defer = true;
	deferral_keep(message, r->mailbox, (uint32_t)(bucket - message->buckets), r->deferred_at, file->host);
	book_count(state, bucket, file->host, r->deferred_at, COUNT_DEFERRED, 1);
}

void book_adopt_deferrals(struct state *state, struct message *to, const struct message *from, const uint32_t *numbers)
{
	for (uint32_t i = 0; i < from->deferral_count; i++) {
		struct deferral one = from->deferrals[i], *first;

		one.bucket = numbers[one.bucket];
		first = deferral_of_related(to, &to->buckets[one.bucket], one.mailbox);
		if (first && first->at <= one.at) {
			deferral_take_back(state, to, &one);
			continue;
		}
		if (first) {
			deferral_take_back(state, to, first);
			deferral_drop(to, first);
		}
		deferral_keep(to, one.mailbox, one.bucket, one.at, one.host);
	}
}

static void unbook_deferral(struct state *state, struct message *message, struct bucket *bucket,
                            const struct file *file, struct recipient *r)
{
	struct deferral *first;

	bucket_take(bucket, SET_DEFERRED, 0, r->mailbox);
	if (bucket_pair_in(message, bucket, SET_DEFERRED, r->mailbox))
		return;
	first = deferral_of_related(message, bucket, r->mailbox);
	if (!first) {
		/* Too old to be remembered: then it stands where this recipient put it. */
		if (r->booked_defer)
			book_count(state, bucket, file->host, r->deferred_at, COUNT_DEFERRED, -1);
		return;
	}
	deferral_take_back(state, message, first);
	deferral_drop(message, first);
}

static int64_t book_end_time(const struct file *file, const struct recipient *r)
{
	return r->outcome == RECIPIENT_OPEN ? file->removed_at : r->ended_at;
}

static void book_post(struct state *state, uint32_t number, struct recipient *r)
{
	struct file *file = &state->files[number];
	struct message *message = &state->messages[file->message];
	uint32_t at = book_bucket(state, message, file, r);
	struct bucket *bucket = &message->buckets[at];
	int set = book_end_set(file, r);

	r->bucket = at + 1;
	r->itself = book_itself(message, r);
	texts_pin(state->addresses, r->mailbox);
	if (recipient_names(r) && bucket_add(bucket, SET_NAMED, file->hop, r->mailbox)) {
		file->fresh++;
		message->unshared = message->unshared || message->lists > 1;
	}
	bucket->hand_overs += r->outcome == RECIPIENT_HANDED;
	bucket->attempts += r->attempts;
	bucket->repeats += r->repeats;
	if (r->outcome == RECIPIENT_SENT && !r->manager)
		book_sent(state, message, bucket, file, r);
	if (set >= 0) {
		bool known = bucket_pair_in(message, bucket, (enum bucket_set)set, r->mailbox);

		bucket_add(bucket, (enum bucket_set)set, 0, r->mailbox);
		r->booked_end = !known && !r->late && !book_no_cells(r);
		if (r->booked_end)
			book_count(state, bucket, file->host, book_end_time(file, r),
			           set == SET_BOUNCED ? COUNT_BOUNCED : COUNT_ENDED, 1);
	}
	if (r->deferred_at != TIME_NONE && !r->manager)
		book_deferral(state, message, bucket, file, r);
	r->booked_open = r->outcome == RECIPIENT_OPEN && !file->removed && !file->lapsed && !file->requeued;
	if (r->booked_open)
		bucket_add(bucket, SET_OPEN, 0, r->mailbox);
}

static void unbook_post(struct state *state, uint32_t number, struct recipient *r)
{
	struct file *file = &state->files[number];
	struct message *message = &state->messages[file->message];
	struct bucket *bucket = &message->buckets[r->bucket - 1];
	int set = book_end_set(file, r);

	if (recipient_names(r))
		file->fresh -= bucket_take(bucket, SET_NAMED, file->hop, r->mailbox) && file->fresh > 0;
	bucket->hand_overs -= r->outcome == RECIPIENT_HANDED;
	bucket->attempts -= r->attempts;
	bucket->repeats -= r->repeats;
	if (r->outcome == RECIPIENT_SENT && !r->manager)
		unbook_sent(state, message, bucket, file, r);
	if (set >= 0) {
		bucket_take(bucket, (enum bucket_set)set, 0, r->mailbox);
		if (r->booked_end) {
			book_count(state, bucket, file->host, book_end_time(file, r),
			           set == SET_BOUNCED ? COUNT_BOUNCED : COUNT_ENDED, -1);
			book_vacate(message, bucket, (enum bucket_set)set, 0, r->mailbox);
		}
	}
	if (r->deferred_at != TIME_NONE && !r->manager)
		unbook_deferral(state, message, bucket, file, r);
	if (r->booked_open)
		bucket_take(bucket, SET_OPEN, 0, r->mailbox);
}

bool book_is_copy(const struct file *file, const struct recipient *r)
{
	if (!r->bucket || r->manager || book_no_cells(r))
		return false;
	if (r->outcome == RECIPIENT_SENT)
		return !r->counted_end;
	return book_end_set(file, r) >= 0 && !r->booked_end && !r->late;
}

void book_attempt(struct state *state, uint32_t number, uint32_t recipient, bool again)
{
	struct recipient *r = &state->files[number].recipients[recipient];
	struct message *message = &state->messages[state->files[number].message];

	if (r->attempts == UINT16_MAX)
		return;
	r->attempts++;
	r->repeats += again;
	if (!r->bucket)
		return;
	message->buckets[r->bucket - 1].attempts++;
	message->buckets[r->bucket - 1].repeats += again;
	message->changed = message->dirty = true;
}

void book_recipient(struct state *state, uint32_t number, uint32_t recipient)
{
	struct file *file = &state->files[number];
	struct recipient *r = &file->recipients[recipient];
	struct message *message = &state->messages[file->message];

	assert(!r->booked);
	if (!file->message || file->canceled)
		return;
	r->booked = true;
	r->bucket = 0;
	r->booked_end = r->booked_defer = r->booked_open = r->counted_end = false;
	if (message->post)
		book_post(state, number, r);
	else
		book_plain(state, file, r, 1);
	file->named += recipient_is_named(r);
	message->changed = message->dirty = file->dirty = true;
}

void book_done(struct state *state, uint32_t number, const struct recipient *told)
{
	struct message *message = &state->messages[state->files[number].message];
	struct recipient r = *told;

	if (!state->files[number].message || !message->post)
		return;
	/* A deferral that is told once more makes nothing pending. */
	if (r.outcome == RECIPIENT_OPEN)
		r.outcome = RECIPIENT_REQUEUED;
	r.booked = true;
	book_post(state, number, &r);
	message->changed = message->dirty = true;
}

void unbook_recipient(struct state *state, uint32_t number, uint32_t recipient)
{
	struct file *file = &state->files[number];
	struct recipient *r = &file->recipients[recipient];

	if (!r->booked)
		return;
	file->named -= recipient_is_named(r);
	if (r->bucket)
		unbook_post(state, number, r);
	else
		book_plain(state, file, r, -1);
	r->booked = r->booked_end = r->booked_defer = r->booked_open = r->counted_end = false;
	r->bucket = r->unless = 0;
	r->itself = false;
	state->messages[file->message].changed = state->messages[file->message].dirty = file->dirty = true;
}

/* What an administrator removed ended then, though no line named it; under which list, nobody knows. */
static void book_missing_end(struct state *state, const struct file *file, int64_t by)
{
	struct message *message = &state->messages[file->message];
	struct bucket like = {.sender_list = file->sender_list, .header_list = file->header_list};

	if (message->post && file->booked_missing_kind == MISSING_ADMIN + 1)
		book_count(state, &message->buckets[bucket_number(state, message, &like)], file->host, file->removed_at,
		           COUNT_ENDED, by);
}

void unbook_missing(struct state *state, uint32_t number)
{
	struct file *file = &state->files[number];
	struct message *message = &state->messages[file->message];

	if (!file->booked_missing_kind)
		return;
	book_missing_end(state, file, -file->booked_missing);
	message->hops[file->hop].missing[file->booked_missing_kind - 1] -= file->booked_missing;
	message->changed = message->dirty = file->dirty = true;
	file->booked_missing_kind = 0;
	file->booked_missing = 0;
}

void book_missing(struct state *state, uint32_t number)
{
	struct file *file = &state->files[number];
	int64_t missing = file_due(file) - done_named(file);
	enum missing_kind kind = file->removed_by_admin          ? MISSING_ADMIN
	                         : file->removed || file->lapsed ? MISSING_CLOSED
	                                                         : MISSING_OPEN;

	if (file->requeued || file->canceled || missing < 0 || file_told_again(file))
		missing = 0;
	if (file->booked_missing_kind == kind + 1 && file->booked_missing == missing)
		return;
	unbook_missing(state, number);
	if (!file->message || missing == 0)
		return;
	state->messages[file->message].hops[file->hop].missing[kind] += missing;
	state->messages[file->message].changed = state->messages[file->message].dirty = file->dirty = true;
	file->booked_missing_kind = (uint8_t)(kind + 1);
	file->booked_missing = missing;
	book_missing_end(state, file, missing);
}

void book_file(struct state *state, uint32_t number)
{
	for (uint32_t i = 0; i < state->files[number].recipient_count; i++)
		if (!state->files[number].recipients[i].booked)
			book_recipient(state, number, i);
	book_missing(state, number);
}

void unbook_file(struct state *state, uint32_t number)
{
	bundles_spread(state, number);
	for (uint32_t i = 0; i < state->files[number].recipient_count; i++)
		unbook_recipient(state, number, i);
	unbook_missing(state, number);
}
