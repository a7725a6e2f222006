/* SPDX-License-Identifier: Apache-2.0
 *
 * Expansion, see expansion.h. A group's members are named under it, in the file
 * that was expanded; what ends them need not tell the group again. An address
 * that stood for others is a mailbox only if it ended itself (mail that is
 * forwarded and kept).
 */
#include "daemon/correlate/expansion.h"

#include <string.h>

#include "daemon/base/ascii.h"
#include "daemon/correlate/address.h"
#include "daemon/correlate/book.h"
#include "daemon/correlate/file.h"
#include "daemon/correlate/file_recipients.h"
#include "daemon/correlate/handover.h"
#include "daemon/correlate/host.h"
#include "daemon/correlate/list.h"
#include "daemon/correlate/message.h"
#include "daemon/correlate/message_parts.h"
#include "daemon/correlate/relay.h"

#define VIAS_LOOKED_AT 64
#define SERVER_MAX 256
#define COPIES_LOOKED_AT 4096

bool expansion_numbers(const struct event *event)
{
	return slice_is(event->program, "exchange") || slice_is(event->program, "m365");
}

static uint32_t expansion_address(struct state *state, struct slice address)
{
	char buffer[ADDRESS_MAX];

	return texts_hold(state->addresses, address_fold(state->settings, address, true, buffer));
}

static void expansion_end_one(struct state *state, uint32_t file, uint32_t recipient, int64_t time)
{
	struct file *f = &state->files[file];
	struct recipient *r = &f->recipients[recipient];

	if (r->outcome != RECIPIENT_OPEN)
		return;
	unbook_recipient(state, file, recipient);
	r->outcome = RECIPIENT_REQUEUED;
	r->ended_at = time;
	f->ended++;
	f->dirty = true;
	if (f->message)
		book_recipient(state, file, recipient);
}

/* A mailbox may stand in a file under several original recipients. The number of the one under the i-th that the message
 * knows, 0: under none; TABLE_NONE: it is not there. */
static uint32_t expansion_standing(const struct state *state, struct file *file, uint32_t mailbox, uint32_t i)
{
	const struct message *message = &state->messages[file->message];
	uint32_t number;

	return file_has_at_hand(file, mailbox, i ? message->vias[i - 1].via : 0, &number) ? number : TABLE_NONE;
}

static uint32_t expansion_standings(const struct state *state, const struct file *file)
{
	uint32_t count = file->message ? state->messages[file->message].via_count : 0;

	return 1 + (count < VIAS_LOOKED_AT ? count : VIAS_LOOKED_AT);
}

/* It was tried after that: a copy stays with it. */
static bool expansion_tried(const struct recipient *r, int64_t time)
{
	return r->outcome == RECIPIENT_OPEN && r->deferred_at != TIME_NONE && r->deferred_at > time;
}

/* What is open of the address in this file goes on as something else. */
static void expansion_end(struct state *state, uint32_t file, uint32_t address, int64_t time)
{
	struct file *f = &state->files[file];
	const struct message *message = &state->messages[f->message];
	bool indexed = message->post && message->via_count <= VIAS_LOOKED_AT; /* a post's are all known */

	for (uint32_t i = 0; indexed && i < expansion_standings(state, f); i++) {
		uint32_t number = expansion_standing(state, f, address, i);

		if (number != TABLE_NONE && !expansion_tried(&f->recipients[number], time))
			expansion_end_one(state, file, number, time);
	}
	for (uint32_t i = 0; !indexed && i < f->recipient_count; i++)
		if (f->recipients[i].mailbox == address && !expansion_tried(&f->recipients[i], time))
			expansion_end_one(state, file, i, time);
}

void expansion_done(struct state *state, uint32_t file, uint32_t mailbox, int64_t time)
{
	bool ended = false, moved = false;
	int64_t last = TIME_NONE; /* that it moved */

	for (uint32_t i = 0; i < expansion_standings(state, &state->files[file]); i++) {
		uint32_t number = expansion_standing(state, &state->files[file], mailbox, i);
		const struct recipient *r = number != TABLE_NONE ? &state->files[file].recipients[number] : NULL;

		if (!r || r->outcome == RECIPIENT_OPEN)
			continue;
		if (r->outcome != RECIPIENT_REQUEUED) {
			ended = true;
			continue;
		}
		last = !moved || r->ended_at > last ? r->ended_at : last;
		moved = true;
	}
	for (uint32_t i = 0; (ended || moved) && i < expansion_standings(state, &state->files[file]); i++) {
		uint32_t number = expansion_standing(state, &state->files[file], mailbox, i);

		if (number != TABLE_NONE && (ended || !expansion_tried(&state->files[file].recipients[number], last)))
			expansion_end_one(state, file, number, time);
	}
}

/* A row told what became of it. */
static bool expansion_told(const struct recipient *r)
{
	return r->outcome == RECIPIENT_OPEN ? r->deferred_at != TIME_NONE : r->outcome != RECIPIENT_REQUEUED;
}

/* What became of a recipient is told of its mailbox under no original recipient, in its place. */
static void expansion_loosen(struct state *state, uint32_t file, uint32_t number)
{
	struct recipient *r = &state->files[file].recipients[number];
	struct recipient told;

	unbook_recipient(state, file, number);
	told = (struct recipient){.mailbox = texts_hold_again(state->addresses, r->mailbox),
	                          .relay = r->relay,
	                          .delay_ms = r->delay_ms,
	                          .ended_at = r->ended_at,
	                          .deferred_at = r->deferred_at,
	                          .attempts = r->attempts,
	                          .repeats = r->repeats,
	                          .outcome = r->outcome,
	                          .manager = r->manager,
	                          .late = r->late,
	                          .late_defer = r->late_defer,
	                          .untimed = r->untimed};
	if (r->outcome != RECIPIENT_OPEN) {
		r->outcome = RECIPIENT_REQUEUED;
		state->files[file].ended++;
	}
	r->deferred_at = TIME_NONE;
	r->attempts = r->repeats = 0;
	r->manager = false;
	if (state->files[file].message)
		book_recipient(state, file, number);
	file_recipient_add(state, file, &told);
	if (state->files[file].message)
		message_recipient(state, file, state->files[file].recipient_count - 1);
}

/* The mailbox is named under another group by now, and the row that told of it named none: it holds under each of them. */
static void expansion_share(struct state *state, uint32_t file, uint32_t mailbox, uint32_t via)
{
	uint32_t number;

	if (expansion_standing(state, &state->files[file], mailbox, 0) != TABLE_NONE)
		return;
	for (uint32_t i = 1; i < expansion_standings(state, &state->files[file]); i++) {
		number = expansion_standing(state, &state->files[file], mailbox, i);
		if (number == TABLE_NONE || state->files[file].recipients[number].via == via)
			continue;
		if (expansion_told(&state->files[file].recipients[number])) {
			expansion_loosen(state, file, number);
			return;
		}
	}
}

/* The mailbox went on in a copy that was made of this file. */
static bool expansion_moved(const struct state *state, const struct message *message, const struct file *file,
                            uint32_t mailbox)
{
	for (uint32_t i = 0; i < message->files; i++) {
		struct file *copy = &state->files[message->file_list[i]];

		if (copy == file || copy->origin_id != file->queue_id || copy->host != file->host)
			continue;
		for (uint32_t k = 0; k < expansion_standings(state, copy); k++)
			if (expansion_standing(state, copy, mailbox, k) != TABLE_NONE)
				return true;
	}
	return false;
}

/* Names a recipient in a file; both holds are taken over. It stays as it is where the file has it. */
static void expansion_put(struct state *state, uint32_t file, uint32_t mailbox, uint32_t via, bool group, int64_t time)
{
	uint32_t before = state->files[file].recipient_count;
	struct recipient *r = file_recipient(state, file, mailbox, via);
	uint32_t number = (uint32_t)(r - state->files[file].recipients);

	if (number < before)
		return;
	r->expanded = via != 0;
	r->grouped = via && group;
	if (state->files[file].message)
		message_recipient(state, file, number);
	if (via)
		expansion_share(state, file, mailbox, via);
	expansion_done(state, file, mailbox, time);
	if (state->files[file].message &&
	    expansion_moved(state, &state->messages[state->files[file].message], &state->files[file], mailbox))
		expansion_end_one(state, file, number, time);
}

void expansion_name(struct state *state, uint32_t file, struct host_line line, const struct event *event)
{
	uint32_t mailbox, via;

	if (!slice_given(event->recipient))
		return;
	mailbox = expansion_address(state, event->recipient);
	via = slice_given(event->original_recipient) ? expansion_address(state, event->original_recipient) : 0;
	if (via == mailbox) {
		texts_drop(state->addresses, via);
		via = 0;
	}
	if (via) {
		expansion_end(state, file, via, line.time);
		if (event->manager)
			list_of(state, via, LIST_GROUP);
	}
	/* Rows of another hop may name a member directly that this one has under its group. */
	expansion_put(state, file, mailbox, via ? via : expansion_via(state, file, mailbox), event->manager, line.time);
	book_missing(state, file);
}

/* It is of the message of which it was kept, whenever that was. (What Postfix requeues is another file, which tells this one.) */
static void expansion_again(struct state *state, uint32_t file)
{
	if (!state->files[file].numbered || state->files[file].told_late)
		return;
	state->files[file].told_late = state->files[file].dirty = true;
	message_place(state, file);
}

void expansion_move(struct state *state, uint32_t file, struct host_line line, const struct event *event)
{
	uint32_t mailbox, via, origin;
	struct file *f = &state->files[file];

	if (!slice_given(event->recipient)) {
		expansion_again(state, file);
		return;
	}
	if (!f->origin_id && slice_given(event->origin_queue_id)) {
		f->origin_id = texts_hold(state->texts, event->origin_queue_id);
		f->origin_filter = true; /* what is left of the other file stays with it */
	}
	handover_origin(state, file);
	mailbox = expansion_address(state, event->recipient);
	via = expansion_via(state, file, mailbox);
	origin = slice_given(event->origin_queue_id) ? file_find(state, state->files[file].host, event->origin_queue_id)
	                                             : 0;
	if (origin && origin != file)
		expansion_end(state, origin, mailbox, line.time);
	state->copies_wait = state->copies_wait || expansion_copy_waits(state, file);
	expansion_put(state, file, mailbox, via, false, line.time);
}

bool expansion_copy_waits(const struct state *state, uint32_t file)
{
	const struct file *f = &state->files[file];

	return f->numbered && f->origin_id && !f->parent;
}

/* A copy of the file that is not known for one yet, or is of another message; 0: none. */
static uint32_t expansion_copy(const struct state *state, uint32_t file)
{
	const struct file *f = &state->files[file];
	uint32_t left = COPIES_LOOKED_AT;

	for (uint32_t at = message_chain(state, f->message_id); at; at = state->messages[at].next)
		for (uint32_t i = 0; i < state->messages[at].files && left; i++, left--) {
			uint32_t copy = state->messages[at].file_list[i];
			const struct file *c = &state->files[copy];

			if (c->origin_id == f->queue_id && c->host == f->host && copy != file &&
			    (c->parent != file || at != f->message))
				return copy;
		}
	return 0;
}

void expansion_copies(struct state *state, uint32_t file)
{
	uint32_t copy, last = 0;

	while (state->copies_wait && state->files[file].message && (copy = expansion_copy(state, file)) != last) {
		handover_origin(state, copy);
		message_place(state, copy);
		last = copy;
	}
}

uint32_t expansion_via(struct state *state, uint32_t file, uint32_t mailbox)
{
	struct file *f = &state->files[file];
	const struct message *message = &state->messages[f->message];
	uint32_t number, found = 0;

	if (file_has_at_hand(f, mailbox, 0, &number))
		return 0;
	for (uint32_t i = 0; f->message && i < message->via_count && i < VIAS_LOOKED_AT; i++) {
		if (!message->vias[i].replaced || !file_has_at_hand(f, mailbox, message->vias[i].via, &number))
			continue;
		if (found)
			return 0;
		found = message->vias[i].via;
	}
	return texts_hold_again(state->addresses, found);
}

/* --- from server to server --- */

/* Adds "@" and the first label of a host's name, folded: no queue ID looks so. */
static struct slice expansion_server(struct slice before, struct slice host, char *buffer)
{
	struct slice label = host_label(host);
	size_t length = before.length;

	if (length)
		memmove(buffer, before.bytes, length);
	buffer[length++] = '@';
	for (size_t i = 0; i < label.length && length < before.length + SERVER_MAX; i++)
		buffer[length++] = ascii_lower(label.bytes[i]);
	return (struct slice){buffer, length};
}

static struct slice expansion_own(const struct state *state, uint32_t file, struct slice before, char *buffer)
{
	return expansion_server(before, texts_get(state->texts, state->hosts[state->files[file].host].name), buffer);
}

void expansion_tell(struct state *state, uint32_t file, struct slice relay, uint32_t number, int64_t time)
{
	char next[SERVER_MAX], way[2 * SERVER_MAX];
	struct slice server = expansion_server(SLICE(""), relay, next);
	struct slice own = expansion_own(state, file, SLICE(""), way);

	if (!number || server.length < 2)
		return;
	/* From one service of a server to another of it. */
	if (slice_equal(server, own))
		relay_is_ours(state, number);
	else
		handover_tell(state, file, expansion_server(own, relay, way), time, number, 0);
}

void expansion_offer(struct state *state, uint32_t file, struct slice client, int64_t time)
{
	char from[SERVER_MAX], way[2 * SERVER_MAX];

	if (slice_given(client))
		handover_offer_as(state, file,
		                  expansion_own(state, file, expansion_server(SLICE(""), client, from), way), time);
}

/* --- when it is over --- */

/* An end: not that it was named, waits, or went to a server of ours, whose rows tell how it ended. */
static bool set_is_end(const struct state *state, const struct keyed_set *set)
{
	if (set->kind == SET_HANDED)
		return set->key && !state->relays[set->key].ours;
	return set->kind != SET_NAMED && set->kind != SET_OPEN && set->kind != SET_DEFERRED;
}

static bool sets_have(const struct state *state, const struct bucket *bucket, uint32_t mailbox)
{
	for (uint32_t i = 0; i < bucket->set_count; i++)
		if (set_is_end(state, &bucket->sets[i]) && mailbox_set_has(&bucket->sets[i].set, mailbox))
			return true;
	return false;
}

static bool recipient_ended(const struct state *state, const struct recipient *r)
{
	switch (r->outcome) {
	case RECIPIENT_OPEN:
	case RECIPIENT_HANDED:
	case RECIPIENT_REQUEUED: return false;
	case RECIPIENT_SENT: return !r->relay || !state->relays[r->relay].ours;
	default: return true;
	}
}

static bool files_have(const struct state *state, const struct message *message, uint32_t mailbox)
{
	for (uint32_t i = 0; i < message->files; i++) {
		const struct file *file = &state->files[message->file_list[i]];

		for (uint32_t k = 0; k < file->recipient_count; k++) {
			const struct recipient *r = &file->recipients[k];

			if ((r->mailbox == mailbox && recipient_ended(state, r)) || (r->via == mailbox && r->expanded))
				return true;
		}
	}
	return false;
}

bool expansion_ended(const struct state *state, const struct message *message, uint32_t address)
{
	if (mailbox_set_has(&state->list_addresses, address))
		return true;
	for (uint32_t i = 0; i < message->via_count; i++)
		if (message->vias[i].replaced && message->vias[i].via == address)
			return true;
	for (uint32_t i = 0; message->post && i < message->bucket_count; i++)
		if (sets_have(state, &message->buckets[i], address))
			return true;
	return !message->post && files_have(state, message, address);
}

bool expansion_over(const struct state *state, uint32_t number)
{
	const struct file *file = &state->files[number];

	if (file->held || (file->nrcpt > (int64_t)file->recipient_count && file->recipient_count))
		return false;
	for (uint32_t i = 0; i < file->recipient_count; i++) {
		const struct recipient *r = &file->recipients[i];

		if (r->outcome == RECIPIENT_OPEN &&
		    (!file->message || !expansion_ended(state, &state->messages[file->message], r->mailbox)))
			return false;
	}
	return true;
}
