/* SPDX-License-Identifier: Apache-2.0
 *
 * Two messages that prove to be one. See message.h.
 */
#include "daemon/base/memory.h"
#include "daemon/correlate/book.h"
#include "daemon/correlate/deferral.h"
#include "daemon/correlate/hop.h"
#include "daemon/correlate/message.h"
#include "daemon/correlate/message_parts.h"
#include "daemon/correlate/via.h"

/* The earlier first hop of two is that of both. */
static void message_adopt_root(struct state *state, struct message *to, struct message *from)
{
	struct message kept = *to;

	if (from->first_accepted != TIME_NONE) {
		message_widen(to, from->first_accepted);
		message_widen(to, from->last_accepted);
	}
	if (from->posted_at == TIME_NONE || (to->posted_at != TIME_NONE && !to->root_parented && from->root_parented) ||
	    (to->posted_at != TIME_NONE && to->root_parented == from->root_parented && to->posted_at <= from->posted_at))
		return;
#define SWAP(field) (to->field = from->field, from->field = kept.field)
	SWAP(posted_at);
	SWAP(root_parented);
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

	if (f->post && !t->post)
		message_becomes_post(state, to);
	for (uint32_t i = 0; i < f->bucket_count; i++) {
		struct bucket *source = &f->buckets[i], *target = NULL;

		for (uint32_t k = 0; k < t->bucket_count && !target; k++)
			if (t->buckets[k].via == source->via && t->buckets[k].sender_list == source->sender_list &&
			    t->buckets[k].header_list == source->header_list)
				target = &t->buckets[k];
		if (!target) {
			MEMORY_GROW(t->buckets, t->bucket_count, t->bucket_capacity);
			target = &t->buckets[t->bucket_count++];
			*target = (struct bucket){.via = texts_hold_again(state->addresses, source->via),
			                          .sender_list = texts_hold_again(state->addresses, source->sender_list),
			                          .header_list = texts_hold_again(state->addresses, source->header_list),
			                          .cells.by_second = true};
		}
		for (uint32_t k = 0; k < source->set_count; k++) {
			struct keyed_set *set = &source->sets[k];
			uint32_t key = set->kind == SET_NAMED ? hop_adopt(state, to, &f->hops[set->key]) : set->key;

			mailbox_set_merge(bucket_set(target, set->kind, key, true), &set->set);
		}
		cells_merge(&target->cells, &source->cells);
		target->attempts += source->attempts;
		target->repeats += source->repeats;
		target->hand_overs += source->hand_overs;
	}
	for (uint32_t i = 0; i < f->hop_count; i++) {
		uint32_t hop = hop_adopt(state, to, &f->hops[i]);

		for (int k = 0; k < MISSING_KINDS; k++)
			t->hops[hop].missing[k] += f->hops[i].missing[k];
	}
	deferral_adopt(t, f);
	via_adopt(state, t, f);
	t->notifications += f->notifications;
	t->automatic = t->automatic || f->automatic;
	t->notification = t->notification || f->notification;
	if (f->manager_list && !t->manager_list)
		t->manager_list = texts_hold_again(state->addresses, f->manager_list);
	message_adopt_root(state, t, f);
	t->changed = t->dirty = true;
}

/* All that `from` has goes to `to`. */
void message_merge(struct state *state, uint32_t to, uint32_t from)
{
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
