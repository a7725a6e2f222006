/* SPDX-License-Identifier: Apache-2.0
 *
 * Events become facts of queue files, see take.h. A fact told twice changes
 * nothing; of two that differ the earlier line's holds.
 */
#include "daemon/correlate/take.h"

#include "daemon/base/hash.h"
#include "daemon/base/memory.h"
#include "daemon/correlate/address.h"
#include "daemon/correlate/book.h"
#include "daemon/correlate/done.h"
#include "daemon/correlate/expansion.h"
#include "daemon/correlate/file.h"
#include "daemon/correlate/handover.h"
#include "daemon/correlate/header.h"
#include "daemon/correlate/message.h"
#include "daemon/correlate/message_id.h"
#include "daemon/correlate/notice_set.h"
#include "daemon/correlate/notification.h"
#include "daemon/correlate/refusal.h"
#include "daemon/correlate/spill.h"
#include "daemon/correlate/take_recipient.h"
#include "daemon/correlate/transaction.h"

/* The first line of a file is an earlier one now: so is its acceptance, unless its queue ID tells that. */
static bool take_date(struct state *state, uint32_t file)
{
	struct file *f = &state->files[file];
	int64_t before = f->accepted;
	bool booked = f->message != 0;
	bool root = booked && message_root_is(&state->messages[f->message], f);

	if (f->dated_from == f->first_line || !file_date(state, file))
		return false;
	if (booked) {
		int64_t accepted = f->accepted;

		f->accepted = before;
		unbook_file(state, file);
		f->accepted = accepted;
		book_file(state, file);
		if (root)
			message_root(state, state->files[file].message);
	}
	return booked;
}

static void take_least(struct state *state, uint32_t file, struct host_line line, const struct event *event)
{
	struct file *f = &state->files[file];
	int64_t least = file_least(event->resolution, line.time, event->delay);
	bool moves = file_least_moves(f, least);

	f->accepted_least = least > f->accepted_least ? least : f->accepted_least;
	if (!moves)
		return;
	f->dated_from = TIME_NONE;
	if (take_date(state, file))
		message_place(state, file);
}

/* Exchange tells the time since the message came to the organisation; that is when its way began, whatever the hop. */
static void take_arrival(struct state *state, uint32_t file, struct host_line line, const struct event *event)
{
	struct file *f = &state->files[file];

	if (!f->numbered || event->delay < 0 || event->outcome != OUTCOME_SENT ||
	    line.time - event->delay >= f->first_line)
		return;
	f->first_line = line.time - event->delay;
	if (take_date(state, file))
		message_place(state, file);
}

static uint32_t take_address(struct state *state, struct slice address)
{
	char buffer[ADDRESS_MAX];

	return texts_hold(state->addresses, address_fold(state->settings, address, false, buffer));
}

static void take_text(struct state *state, uint32_t *field, struct slice text)
{
	if (!*field && slice_given(text))
		*field = texts_hold(state->texts, text);
}

/* Programs of one instance may log under further names (postfix/relay): that which sorts first. */
static void take_instance(struct state *state, struct file *f, struct slice instance)
{
	if (slice_given(instance) && f->instance && slice_compare(instance, texts_get(state->texts, f->instance)) < 0) {
		texts_drop(state->texts, f->instance);
		f->instance = 0;
	}
	take_text(state, &f->instance, instance);
	texts_set_known(state->texts, f->instance, true);
}

/* The client of the earliest acceptance; of two of one instant the one that sorts first. */
static void take_client(struct state *state, struct file *f, int64_t time, struct slice client)
{
	if (!slice_given(client))
		return;
	if (f->client && (time > f->accepted_line ||
	                  (time == f->accepted_line && slice_compare(client, texts_get(state->texts, f->client)) >= 0)))
		return;
	texts_drop(state->texts, f->client);
	f->client = texts_hold(state->texts, client);
}

static void take_accepted(struct state *state, uint32_t file, int64_t time, const struct event *event)
{
	struct file *f = &state->files[file];
	bool placed = f->message != 0;

	take_client(state, f, time, event->client);
	if (f->accepted_line == TIME_NONE || time < f->accepted_line)
		f->accepted_line = time;
	take_text(state, &f->login, event->login);
	if (slice_given(event->origin_queue_id)) {
		take_text(state, &f->origin_id, event->origin_queue_id);
		f->origin_filter = slice_given(event->client) && !slice_is(event->client, "local");
	}
	message_place(state, file);
	if (placed)
		message_rehop(state, file);
	if (state->files[file].message_id)
		handover_offer_made(state, file, time);
	handover_origin(state, file);
	if (state->requeues_wait)
		handover_requeued(state, file);
	if (state->files[file].numbered)
		expansion_offer(state, file, event->client, time);
}

static void take_identified(struct state *state, uint32_t file, int64_t time, const struct event *event,
                            const struct text_key *message_id)
{
	struct file *f = &state->files[file];
	bool first = !f->message_id;

	if (f->identified_at == TIME_NONE || time < f->identified_at)
		f->identified_at = time;
	if (!f->message_id)
		f->message_id = texts_hold_key(state->texts, message_id);
	take_text(state, &f->resent_id, event->resent_message_id);
	message_place(state, file);
	handover_offer(state, file, time);
	if (state->files[file].numbered && first)
		expansion_copies(state, file);
	handover_claims(state, file);
	handover_origin(state, file);
	handover_clones(state, file);
}

/* The envelope sender, unless it was told before. True where it is new. */
static bool take_sender(struct state *state, uint32_t file, struct slice told)
{
	char buffer[ADDRESS_MAX], list[ADDRESS_MAX];
	struct slice sender = address_fold(state->settings, told, false, buffer);
	uint32_t sender_list;

	if (state->files[file].sender || !slice_given(sender))
		return false;
	sender_list = texts_hold(state->addresses, address_list_of_sender(sender, list));
	if (sender_list) {
		unbook_file(state, file);
		state->files[file].sender_list = sender_list;
	}
	state->files[file].sender = texts_hold(state->texts, sender);
	return true;
}

/* The message of the file, whose sender or size is told by now. */
static void take_placed(struct state *state, uint32_t file)
{
	message_place(state, file);
	for (uint32_t i = 0; state->files[file].message && i < state->files[file].recipient_count; i++)
		if (!state->files[file].recipients[i].booked)
			message_recipient(state, file, i);
}

static void take_queued(struct state *state, uint32_t file, int64_t time, const struct event *event)
{
	struct file *f = &state->files[file];
	bool sized = event->size >= 0 && f->size < 0, told;

	if (f->queued_at == TIME_NONE || time < f->queued_at)
		f->queued_at = time;
	if (sized)
		f->size = event->size;
	if (event->recipients > f->nrcpt && f->nrcpt != FILE_REDIRECTED)
		f->nrcpt = event->recipients;
	told = take_sender(state, file, event->sender);
	if (told)
		take_submitter(state, file, event->program);
	if (told || sized)
		take_placed(state, file);
	if (told)
		handover_offer_made(state, file, time);
	if (told && state->files[file].numbered)
		expansion_copies(state, file);
	book_missing(state, file);
}

/* Who holds a message, as cleanup(8) does, may tell the sender, and no line of the queue manager's may follow. */
static void take_held(struct state *state, uint32_t file, const struct event *event)
{
	state->files[file].held = event->outcome != OUTCOME_RELEASED;
	if (take_sender(state, file, event->sender))
		take_placed(state, file);
}

/* What was taken in was no mail after all: refused as a whole, or only asked whether addresses are good. */
static void take_canceled(struct state *state, uint32_t file)
{
	struct file *f = &state->files[file];

	if (f->canceled)
		return;
	f->removed = f->canceled = f->dirty = true;
	file_look(state, file);
	message_detach(state, file);
}

static void take_attempt(struct state *state, uint32_t file, struct host_line line, const struct event *event,
                         const struct keys *keys)
{
	if (event->outcome == OUTCOME_PROBE) {
		take_canceled(state, file);
		return;
	}
	take_least(state, file, line, event);
	take_arrival(state, file, line, event);
	if (slice_given(event->recipient)) {
		struct named named = take_named(state, file, line, event, keys);

		if (!named.expanded)
			handover_tell(state, file, event->next_queue_id, line.time, named.relay, 0);
		if (transaction_begin(state, file, line, event, keys, &named))
			return;
		take_recipient(state, file, line, event, &named);
	} else if (event->outcome == OUTCOME_EXPIRED) {
		take_expiry(state, file, line);
	}
	book_missing(state, file);
}

/* What is open in a file is booked by whether the file is still there. */
static void take_end(struct state *state, uint32_t file, struct host_line line, const struct event *event)
{
	struct file *f = &state->files[file];
	bool admin = event->outcome == OUTCOME_ADMIN;
	bool canceled = event->outcome == OUTCOME_CANCELED || event->outcome == OUTCOME_DISCARDED;
	bool earlier = f->removed_at == TIME_NONE || line.time < f->removed_at;

	if (f->removed && !earlier && (!admin || f->removed_by_admin) && (!canceled || f->canceled))
		return;
	/* What an administrator removed is booked at that time. */
	for (uint32_t i = 0; i < f->recipient_count; i++)
		if (f->recipients[i].outcome == RECIPIENT_OPEN)
			unbook_recipient(state, file, i);
	unbook_missing(state, file);
	f->removed_at = earlier ? line.time : f->removed_at;
	if (canceled) {
		f->removed = f->canceled = true;
		message_detach(state, file);
		return;
	}
	f->removed = true;
	f->removed_by_admin = f->removed_by_admin || admin;
	for (uint32_t i = 0; f->message && i < f->recipient_count; i++)
		if (!f->recipients[i].booked)
			book_recipient(state, file, i);
	book_missing(state, file);
}

/* What a notification is known by: its queue ID, with the host's name, not its number, so that it is the same in every
 * database; Exchange tells its Message-ID, which is the same on every host. */
static uint64_t take_notice_hash(const struct state *state, const struct file *f, struct slice id)
{
	struct slice name = f->numbered ? SLICE("") : texts_get(state->texts, state->hosts[f->host].name);

	return hash_bytes(id.bytes, id.length, hash_bytes(name.bytes, name.length, 0));
}

static void take_notification(struct state *state, uint32_t file)
{
	if (!file || state->files[file].notification)
		return;
	state->files[file].notification = state->files[file].dirty = true;
	message_place(state, file);
}

static void take_spawned(struct state *state, uint32_t file, int64_t time, const struct event *event)
{
	struct file *f = &state->files[file];
	uint64_t hash = take_notice_hash(state, f, event->next_queue_id);
	uint32_t child = file_find(state, f->host, event->next_queue_id);

	/* Told in the notification's own lines: about another message. */
	if (slice_given(event->message_id)) {
		take_notification(state, file);
		if (event->notification)
			notification_told(state, event->message_id, hash, time);
		return;
	}
	take_notification(state, child);
	if (!event->notification)
		return;
	for (uint32_t i = 0; i < f->notice_count; i++)
		if (f->notices[i] == hash)
			return;
	f->notices = memory_resized(f->notices, f->notice_count + 1, sizeof(*f->notices));
	f->notices[f->notice_count++] = hash;
	if (f->message)
		notice_add(&state->messages[f->message], hash);
}

/* A refusal, at SMTP time: of a recipient, or of the whole message once it had a queue file. */
static void take_rejected(struct state *state, struct host_line line, const struct event *event)
{
	uint64_t hash = hash_bytes(event->reason.bytes, event->reason.length, (uint64_t)line.time);
	char buffer[ADDRESS_MAX];
	struct slice sender = address_fold(state->settings, event->sender, false, buffer);
	uint32_t address = take_address(state, event->recipient);

	hash = hash_two(hash_two(hash, line.host), hash_bytes(sender.bytes, sender.length, address));
	hash = hash_two(hash, hash_bytes(event->client.bytes, event->client.length, 0));
	hash = state->privacy ? privacy_number(state->privacy, hash) : hash;
	if (!line.late && !refusal_told(state, hash, line.time)) {
		struct cell_key minute = {.at = time_floor(line.time, MINUTE), .kind = CELL_MINUTE};
		struct cell_key hour = {.at = time_floor(line.time, HOUR), .host = line.host, .kind = CELL_HOUR};

		cells_get(&state->all, minute)->rejected++;
		cells_get(&state->all, hour)->rejected++;
	}
	if (event->permanent && address)
		refusal_add(state, address, line.time, hash);
	texts_drop(state->addresses, address);
	if (slice_given(event->queue_id) && slice_is(event->program, "cleanup")) {
		uint32_t file = file_find(state, line.host, event->queue_id);

		if (file && done_named(&state->files[file]) == 0)
			take_canceled(state, file);
	}
}

static void take_closed(struct state *state, struct host_line line, const struct event *event)
{
	uint32_t address = take_address(state, event->recipient);

	if (address)
		refusal_add(state, address, line.time, hash_two((uint64_t)line.time, line.host));
	texts_drop(state->addresses, address);
}

static void take_of_file(struct state *state, uint32_t file, struct host_line line, const struct event *event,
                         const struct keys *keys)
{
	switch (event->kind) {
	case EVENT_ACCEPTED: take_accepted(state, file, line.time, event); break;
	case EVENT_IDENTIFIED: take_identified(state, file, line.time, event, &keys->names->message_id); break;
	case EVENT_HEADER: header_take(state, file, event); break;
	case EVENT_EXPANDED: expansion_name(state, file, line, event); break;
	case EVENT_REQUEUED: expansion_move(state, file, line, event); break;
	case EVENT_QUEUED: take_queued(state, file, line.time, event); break;
	case EVENT_ATTEMPT: take_attempt(state, file, line, event, keys); break;
	case EVENT_HELD: take_held(state, file, event); break;
	case EVENT_REMOVED: take_end(state, file, line, event); break;
	case EVENT_SPAWNED: take_spawned(state, file, line.time, event); break;
	default: break;
	}
}

static void take_kept(struct state *state, struct host_line line, const struct event *event, const struct keys *keys)
{
	bool ambiguous;
	uint32_t file, split;

	spill_recall(state, line.host, event);
	if (event->kind == EVENT_REJECTED || event->kind == EVENT_CLOSED) {
		if (event->kind == EVENT_REJECTED)
			take_rejected(state, line, event);
		else
			take_closed(state, line, event);
		return;
	}
	if (!slice_given(event->queue_id) || event->queue_id.length == 0)
		return;
	file = file_of(state, line.host, event, keys, line.time, &ambiguous, &split);
	if (ambiguous)
		host_hour_of(state, line.host, line.time)->ambiguous++;
	if (!file_named(&state->files[file]))
		state->files[file].told_late = line.late;
	take_instance(state, &state->files[file], event->instance);
	if (split) {
		unbook_file(state, split);
		if (file_split(state, split, file, line.time))
			message_place(state, split);
		if (state->files[split].message)
			book_file(state, split);
	}
	if (take_date(state, file))
		message_place(state, file);
	/* Neither its acceptance nor its Message-ID may be told any more. */
	if (state->requeues_wait && state->files[file].lines == 1)
		handover_requeued(state, file);
	take_of_file(state, file, line, event, keys);
	if (event->kind == EVENT_ATTEMPT && !state->transaction.file)
		transaction_open(state, file, line, event, keys);
}

void take_event(struct state *state, struct host_line line, const struct event *event, const struct keys *keys)
{
	char id[MESSAGE_ID_MAX], resent_id[MESSAGE_ID_MAX], queue_id[MESSAGE_ID_MAX];
	struct event kept, own;
	struct keys kept_keys;
	struct names names;

	if (transaction_take(state, line, keys))
		return;
	transaction_close(state);
	if (keys->same_transaction) {
		own = *event;
		own.recipient = keys->mailbox.text;
		own.delay = keys->delay;
		event = &own;
	}
	if (event->message_id.length <= MESSAGE_ID_MAX && event->resent_message_id.length <= MESSAGE_ID_MAX &&
	    event->queue_id.length <= MESSAGE_ID_MAX) {
		take_kept(state, line, event, keys);
		return;
	}
	kept = *event;
	kept.queue_id = message_id_kept(event->queue_id, queue_id); /* Exchange's may be a Message-ID */
	kept.message_id = message_id_kept(event->message_id, id);
	kept.resent_message_id = message_id_kept(event->resent_message_id, resent_id);
	kept_keys = *keys;
	names = *keys->names;
	names.queue_id = text_key(kept.queue_id);
	names.message_id = text_key(kept.message_id);
	kept_keys.names = &names;
	take_kept(state, line, &kept, &kept_keys);
}
