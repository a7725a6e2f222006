/* SPDX-License-Identifier: Apache-2.0
 *
 * What follows from hand-overs, see handover.h.
 */
#include "daemon/correlate/handover.h"

#include "daemon/base/hash.h"
#include "daemon/base/memory.h"
#include "daemon/correlate/address.h"
#include "daemon/correlate/book.h"
#include "daemon/correlate/file.h"
#include "daemon/correlate/file_recipients.h"
#include "daemon/correlate/link.h"
#include "daemon/correlate/message.h"
#include "daemon/correlate/message_id.h"

/* Told as it was written, without the domain, it is that very address. */
static bool handover_written(const struct state *state, uint32_t via, uint32_t expanded)
{
	return via && address_completes(texts_get(state->addresses, expanded), texts_get(state->addresses, via));
}

/* local(8) made `file` by expanding an address: recipients without an original one have that. */
static void handover_expanded(struct state *state, uint32_t file, uint32_t expanded)
{
	struct file *f = &state->files[file];

	if (!expanded || f->expanded)
		return;
	f->expanded = texts_hold_again(state->addresses, expanded);
	f->dirty = true;
	unbook_file(state, file);
	for (uint32_t i = 0; i < f->recipient_count; i++) {
		struct recipient *r = &f->recipients[i];

		if (r->mailbox == expanded || (r->via && !handover_written(state, r->via, expanded)))
			continue;
		texts_drop(state->addresses, r->via);
		r->via = texts_hold_again(state->addresses, expanded);
	}
	file_unindex(state, file);
	for (uint32_t i = 0; state->files[file].message && i < state->files[file].recipient_count; i++)
		message_recipient(state, file, i);
	book_missing(state, file);
}

/* What was forwarded goes on in a queue file that was read: the address itself is no mailbox. */
static void handover_passed(struct state *state, uint32_t file, uint32_t expanded)
{
	for (uint32_t i = 0; file && i < state->files[file].recipient_count; i++) {
		struct recipient *r = &state->files[file].recipients[i];

		if (r->outcome != RECIPIENT_HANDED || r->passed || (r->via ? r->via : r->mailbox) != expanded)
			continue;
		unbook_recipient(state, file, i);
		r->passed = state->files[file].dirty = true;
		if (state->files[file].message)
			book_recipient(state, file, i);
	}
}

/* The parent has no Message-ID, and the child one that some Exim made, of neither's queue ID: whoever wrote it chose it so. Or
 * the parent made it; but until the child's sender is known, it is of one message with whoever has the same. */
static bool handover_is_doubtful(const struct state *state, const struct file *child, const struct file *parent)
{
	struct slice id = texts_get(state->texts, child->message_id);

	return message_id_is_none(texts_get(state->texts, parent->message_id)) && message_id_is_exims(id) &&
	       !message_id_is_made(id, texts_get(state->texts, child->queue_id)) &&
	       (!child->sender || !message_id_is_made(id, texts_get(state->texts, parent->queue_id)));
}

/* Both ends of a hand-over were read: the files are one message, on two hops. */
static void handover_settle(struct state *state, uint32_t child, uint32_t parent, struct link_end other)
{
	uint32_t own = child ? child : parent;

	if (child && parent && handover_is_doubtful(state, &state->files[child], &state->files[parent]))
		return;
	if (child) {
		message_follow(state, child, parent);
		message_parent(state, child, parent);
		handover_expanded(state, child, other.expanded);
		if (other.expanded)
			handover_passed(state, parent, other.expanded);
	}
	/* The other end is folded: its message is what is left of it. */
	if (!(child && parent) && other.message)
		message_tie(state, own, other.message);
}

void handover_offer_as(struct state *state, uint32_t file, struct slice name, int64_t time)
{
	struct link_end parent = link_offer(state, file, name, time);

	if (parent.read)
		handover_settle(state, file, parent.file, parent);
}

/* It has no Message-ID, or made that itself. */
static bool handover_is_unnamed(const struct state *state, const struct file *file)
{
	struct slice id = texts_get(state->texts, file->message_id);

	return file->message_id &&
	       (message_id_is_none(id) || message_id_is_made(id, texts_get(state->texts, file->queue_id)));
}

void handover_offer_made(struct state *state, uint32_t file, int64_t time)
{
	const struct file *f = &state->files[file];
	struct slice id = texts_get(state->texts, f->message_id);
	struct link_end parent;

	if (!f->client || slice_is(texts_get(state->texts, f->client), "local") ||
	    (!message_id_is_made(id, texts_get(state->texts, f->queue_id)) && !message_id_is_exims(id)))
		return;
	parent = link_offer_unnamed(state, file, time);
	if (parent.read)
		handover_settle(state, file, parent.file, parent);
}

void handover_offer(struct state *state, uint32_t file, int64_t time)
{
	handover_offer_made(state, file, time);
	handover_offer_as(state, file, texts_get(state->texts, state->files[file].queue_id), time);
}

static void handover_claim(struct state *state, uint32_t file, struct slice next, uint32_t relay, uint32_t expanded,
                           int64_t time)
{
	struct link_end child = link_claim(state, file, next, relay, expanded, time);

	if (child.read)
		handover_settle(state, child.file, file, child);
}

void handover_claims(struct state *state, uint32_t file)
{
	for (uint32_t i = 0; i < state->files[file].claim_count; i++) {
		struct claim claim = state->files[file].claims[i];

		handover_claim(state, file, texts_get(state->texts, claim.queue_id), claim.relay, claim.expanded,
		               claim.at);
	}
}

/* What a message goes on in need not tell its Message-ID, as Sendmail's clones do not: it is that of the file before. */
static bool handover_waits(const struct file *file)
{
	return file->live && file_requeues(file) && !file->message_id && !file->resent_id;
}

static void handover_inherit(struct state *state, uint32_t file, uint32_t origin)
{
	struct file *f = &state->files[file];

	f->message_id = texts_hold_again(state->texts, state->files[origin].message_id);
	f->resent_id = texts_hold_again(state->texts, state->files[origin].resent_id);
	f->dirty = true;
	file_look(state, file);
	/* Its delays count from when the message came, as that file's do. */
	if (!f->id_time && f->accepted == f->first_line && state->files[origin].accepted < f->first_line) {
		f->first_line = state->files[origin].accepted;
		file_date(state, file);
	}
	message_place(state, file);
	handover_offer(state, file, f->accepted);
	handover_claims(state, file);
}

void handover_requeued(struct state *state, uint32_t origin)
{
	struct slice id = texts_get(state->texts, state->files[origin].queue_id);
	bool may = state->requeues_wait || handover_is_unnamed(state, &state->files[origin]);
	uint32_t waiting = may ? link_waiting(state, id) : 0;

	if (waiting && waiting != origin)
		handover_origin(state, waiting);
}

void handover_clones(struct state *state, uint32_t origin)
{
	struct slice id = texts_get(state->texts, state->files[origin].queue_id);

	handover_requeued(state, origin);
	for (uint32_t i = 1; state->clones_wait && i < state->file_count; i++) {
		const struct file *f = &state->files[i];

		if (handover_waits(f) && f->host == state->files[origin].host &&
		    slice_equal(texts_get(state->texts, f->origin_id), id))
			handover_origin(state, i);
	}
}

bool handover_clone_waits(const struct state *state, uint32_t file)
{
	return handover_waits(&state->files[file]);
}

/* What goes on from a requeued file keeps that one's time of arrival, in its delays too (cleanup(8) takes it over). */
static void handover_date(struct state *state, uint32_t file, int64_t accepted)
{
	if (state->files[file].accepted <= accepted)
		return;
	unbook_file(state, file);
	state->files[file].accepted = accepted;
	state->files[file].dirty = true;
	book_file(state, file);
	message_place(state, file);
}

/* What this file takes from the one that it goes on from (0: none at hand) was not all read yet, and no line will tie them
 * once it is. */
static bool handover_awaits(const struct state *state, const struct file *file, uint32_t origin)
{
	bool named = origin && state->files[origin].message_id;

	if (file_requeues(file))
		return !named || state->files[origin].accepted_line == TIME_NONE;
	return !named && file->origin_filter && handover_is_unnamed(state, file);
}

void handover_origin(struct state *state, uint32_t file)
{
	struct file *f = &state->files[file];
	uint32_t origin = f->origin_id ? file_find(state, f->host, texts_get(state->texts, f->origin_id)) : 0;

	if (handover_waits(f)) {
		if (origin && origin != file && (state->files[origin].message_id || state->files[origin].resent_id)) {
			handover_inherit(state, file, origin);
			handover_clones(state, file);
			f = &state->files[file];
		} else {
			state->clones_wait = true;
		}
	}
	if (handover_awaits(state, f, origin)) {
		link_wait(state, file, texts_get(state->texts, f->origin_id), f->first_line);
		state->requeues_wait = state->requeues_wait || file_requeues(f);
	}
	if (!origin || origin == file)
		return;
	/* postsuper -r: what is left of the old queue file goes on in the new one. */
	if (!state->files[origin].requeued && !f->origin_filter) {
		unbook_file(state, origin);
		state->files[origin].requeued = state->files[origin].dirty = true;
		book_file(state, origin);
		file_look(state, origin);
		/* It was accepted to the end: file_queued(). */
		if (state->files[origin].message)
			message_place(state, origin);
	}
	message_follow(state, file, origin);
	message_parent(state, file, origin);
	if (!state->files[file].origin_filter)
		handover_date(state, file, state->files[origin].accepted);
}

/* Lines of one delivery tell the same hand-over, of one recipient each. */
static bool handover_told(struct state *state, uint32_t file, uint64_t next, uint32_t relay, int64_t time)
{
	struct told *told = &state->hand_overs[next % TOLD];
	uint32_t message = state->files[file].message;
	bool again = told->file == file && told->next == next && told->relay == relay && told->message == message &&
	             time >= told->at && time < told->at + MINUTE;

	if (!again)
		*told = (struct told){next, time, file, message, relay};
	return again;
}

int64_t handover_until(const struct state *state, struct slice next)
{
	const struct told *told = &state->hand_overs[hash_bytes(next.bytes, next.length, 0) % TOLD];

	return slice_given(next) && next.length > 0 ? told->at + MINUTE : INT64_MAX;
}

void handover_tell(struct state *state, uint32_t file, struct slice next, int64_t time, uint32_t relay,
                   uint32_t expanded)
{
	struct file *f = &state->files[file];

	if (!slice_given(next) || next.length == 0)
		return;
	if (!f->message_id && !f->resent_id) {
		MEMORY_GROW(f->claims, f->claim_count, f->claim_capacity);
		f->claims[f->claim_count++] = (struct claim){texts_hold(state->texts, next), relay,
		                                             texts_hold_again(state->addresses, expanded), time};
		return;
	}
	if (expanded || !handover_told(state, file, hash_bytes(next.bytes, next.length, 0), relay, time))
		handover_claim(state, file, next, relay, expanded, time);
}
