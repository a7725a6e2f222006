/* SPDX-License-Identifier: Apache-2.0
 *
 * Two messages that prove to be one, and queue files whose place on the way
 * proves to be another. See message.h.
 */
#include "daemon/base/memory.h"
#include "daemon/correlate/book.h"
#include "daemon/correlate/bucket.h"
#include "daemon/correlate/deferral.h"
#include "daemon/correlate/hop.h"
#include "daemon/correlate/message.h"
#include "daemon/correlate/message_id.h"
#include "daemon/correlate/message_parts.h"
#include "daemon/correlate/notice_set.h"
#include "daemon/correlate/spill.h"
#include "daemon/correlate/via.h"

/* The earlier first hop of two is that of both. */
static void message_adopt_root(struct state *state, struct message *to, struct message *from)
{
	struct message kept = *to;

	if (from->first_accepted != TIME_NONE) {
		message_widen(to, from->first_accepted);
		message_widen(to, from->last_accepted);
	}
	if (from->posted_at == TIME_NONE || (to->posted_at != TIME_NONE && to->root_rank < from->root_rank) ||
	    (to->posted_at != TIME_NONE && to->root_rank == from->root_rank && to->posted_at <= from->posted_at))
		return;
#define SWAP(field) (to->field = from->field, from->field = kept.field)
	SWAP(posted_at);
	SWAP(root_rank);
	SWAP(sender);
	SWAP(client);
	SWAP(login);
	SWAP(root_list);
	SWAP(size);
	if (from->subject) {
		SWAP(subject);
		SWAP(subject_at);
	}
#undef SWAP
	for (uint32_t i = 0; i < from->reference_count; i++) {
		to->references = memory_resized(to->references, to->reference_count + 1, sizeof(uint32_t));
		to->references[to->reference_count++] = texts_hold_again(state->texts, from->references[i]);
	}
}

/* What folded files left in `from` goes to `to`. */
static void message_adopt(struct state *state, uint32_t to, uint32_t from)
{
	struct message *t = &state->messages[to], *f = &state->messages[from];
	uint32_t *numbers = memory_zeroed(f->bucket_count, sizeof(*numbers));

	if (f->post && !t->post)
		message_becomes_post(state, to);
	for (uint32_t i = 0; i < f->bucket_count; i++) {
		struct bucket *source = &f->buckets[i], *target;

		numbers[i] = bucket_number(state, t, source);
		target = &t->buckets[numbers[i]];
		for (uint32_t k = 0; k < source->set_count; k++) {
			struct keyed_set *set = &source->sets[k];
			uint32_t key = set->kind == SET_NAMED ? hop_adopt(state, to, &f->hops[set->key]) : set->key;

			mailbox_set_merge(bucket_set(target, set->kind, key, true), &set->set);
		}
		cells_merge(&target->cells, &source->cells);
		target->handed_settled = target->handed_settled && source->handed_settled;
		target->attempts += source->attempts;
		target->repeats += source->repeats;
		target->hand_overs += source->hand_overs;
	}
	for (uint32_t i = 0; i < f->hop_count; i++) {
		uint32_t hop = hop_adopt(state, to, &f->hops[i]);

		for (int k = 0; k < MISSING_KINDS; k++)
			t->hops[hop].missing[k] += f->hops[i].missing[k];
	}
	book_adopt_deferrals(state, t, f, numbers);
	free(numbers);
	via_adopt(state, t, f);
	for (uint32_t i = 0; i < f->notice_count; i++)
		notice_add(t, f->notices[i]);
	t->automatic = t->automatic || f->automatic;
	t->notification = t->notification || f->notification;
	if (f->manager_list && !t->manager_list)
		t->manager_list = texts_hold_again(state->addresses, f->manager_list);
	t->ungathered = t->ungathered || f->ungathered;
	message_adopt_root(state, t, f);
	t->changed = t->dirty = true;
}

/* All that `from` has goes to `to`. */
void message_merge(struct state *state, uint32_t to, uint32_t from)
{
	spill_recall_post(state, from);
	while (state->messages[from].live && state->messages[from].files) {
		uint32_t file = state->messages[from].file_list[state->messages[from].files - 1];

		message_detach(state, file);
		message_attach(state, to, file);
	}
	if (!state->messages[from].live)
		return;
	message_adopt(state, to, from);
	message_forget(state, from);
}

/* Its Message-ID was made after the parent had handed the message over, by the file itself; or the parent's was made so; or the
 * parent made it, and did not log it. */
static bool message_named_since(const struct state *state, const struct file *file, const struct file *parent)
{
	struct slice id = texts_get(state->texts, file->message_id);

	if (parent->message_id == file->message_id)
		return true;
	if (!message_id_is_none(texts_get(state->texts, parent->message_id)))
		return false;
	return message_id_is_made(id, texts_get(state->texts, parent->queue_id)) ||
	       (message_id_is_made(id, texts_get(state->texts, file->queue_id)) &&
	        (!file->sender || !parent->sender || file->sender == parent->sender));
}

void message_follow(struct state *state, uint32_t file, uint32_t parent)
{
	const struct file *f = &state->files[file], *p = &state->files[parent];

	if (!file || !parent || !f->message || !f->message_id || !p->message || !p->message_id ||
	    f->message == p->message || state->messages[p->message].id || !state->messages[f->message].id)
		return;
	if (message_named_since(state, f, p))
		message_merge(state, p->message, f->message);
}

/* Steps on the way: a file may be said to have been handed over by what it handed over itself. */
#define HOPS_FOLLOWED 8

static void message_rehop_from(struct state *state, uint32_t file, int steps)
{
	uint32_t number = state->files[file].message;
	uint32_t hop = number ? hop_of(state, number, file) : 0;

	if (!number || hop == state->files[file].hop)
		return;
	unbook_file(state, file);
	state->files[file].hop = hop;
	book_file(state, file);
	for (uint32_t i = 0; steps > 0 && i < state->messages[number].files && i < FILES_IN_QUEUE; i++) {
		uint32_t next = state->messages[number].file_list[i];

		if (state->files[next].parent == file)
			message_rehop_from(state, next, steps - 1);
	}
}

void message_rehop(struct state *state, uint32_t file)
{
	message_rehop_from(state, file, HOPS_FOLLOWED);
}

void message_parent(struct state *state, uint32_t file, uint32_t parent)
{
	struct file *f = &state->files[file];

	if (f->parented && (f->parent == parent || !parent))
		return;
	f->parented = true;
	f->parent = parent != file ? parent : 0;
	f->dirty = true;
	message_place(state, file);
	message_rehop(state, file);
}

void message_tie(struct state *state, uint32_t file, uint32_t message)
{
	uint32_t own = state->files[file].message;

	if (!own || own == message || !state->messages[message].live ||
	    state->messages[own].id != state->messages[message].id)
		return;
	message_merge(state, message, own);
}
