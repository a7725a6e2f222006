/* SPDX-License-Identifier: Apache-2.0
 *
 * Which queue files are one message, see message.h.
 */
#include "daemon/correlate/message.h"

#include "daemon/base/hash.h"
#include "daemon/base/memory.h"
#include "daemon/correlate/book.h"
#include "daemon/correlate/file.h"
#include "daemon/correlate/hop.h"
#include "daemon/correlate/via.h"

#define SENDERS_LOOKED_AT 16
#define SET_FROM 50 /* recipients that make a recipient set */

static uint64_t message_hash_of(const void *owner, uint32_t number)
{
	return hash_number(((const struct state *)owner)->messages[number].id);
}

static uint32_t message_chain(const struct state *state, uint32_t id)
{
	uint32_t at = 0, number;

	while (id && (number = table_next(&state->by_message_id, hash_number(id), &at)) != TABLE_NONE)
		if (state->messages[number].id == id)
			return number;
	return 0;
}

void message_enchain(struct state *state, uint32_t number)
{
	struct message *message = &state->messages[number];
	uint32_t head = message_chain(state, message->id);

	message->next = head;
	if (head)
		table_replace(&state->by_message_id, hash_number(message->id), head, number);
	else if (message->id)
		table_add(&state->by_message_id, hash_number(message->id), number, message_hash_of, state);
}

static void message_unchain(struct state *state, uint32_t number)
{
	struct message *message = &state->messages[number];
	uint32_t head = message_chain(state, message->id);

	if (!message->id)
		return;
	if (head == number) {
		if (message->next)
			table_replace(&state->by_message_id, hash_number(message->id), number, message->next);
		else
			table_remove(&state->by_message_id, hash_number(message->id), number);
		return;
	}
	while (state->messages[head].next != number)
		head = state->messages[head].next;
	state->messages[head].next = message->next;
}

static uint32_t message_new(struct state *state, uint32_t id)
{
	uint32_t number;

	if (state->free_message_count) {
		number = state->free_messages[--state->free_message_count];
	} else {
		MEMORY_GROW(state->messages, state->message_count, state->message_capacity);
		number = state->message_count++;
		state->messages[number] = (struct message){0};
	}
	state->messages[number] = (struct message){
		.id = texts_hold_again(state->texts, id), .live = true, .dirty = true,
		.purge = state->messages[number].purge, .stored = state->messages[number].stored, .first_accepted = TIME_NONE, .last_accepted = TIME_NONE,
		.posted_at = TIME_NONE, .subject_at = TIME_NONE, .size = -1,
	};
	message_enchain(state, number);
	return number;
}

static void message_free_bucket(struct state *state, struct bucket *bucket)
{
	for (uint32_t i = 0; i < bucket->set_count; i++)
		mailbox_set_clear(&bucket->sets[i].set);
	free(bucket->sets);
	cells_clear(&bucket->cells);
	texts_drop(state->addresses, bucket->via);
	texts_drop(state->addresses, bucket->sender_list);
	texts_drop(state->addresses, bucket->header_list);
}

static void message_drop_root(struct state *state, struct message *message)
{
	texts_drop(state->texts, message->sender);
	texts_drop(state->texts, message->client);
	texts_drop(state->texts, message->login);
	texts_drop(state->texts, message->subject);
	texts_drop(state->addresses, message->root_list);
	for (uint32_t i = 0; i < message->reference_count; i++)
		texts_drop(state->texts, message->references[i]);
	free(message->references);
	message->references = NULL;
	message->reference_count = 0;
	message->sender = message->client = message->login = message->subject = message->root_list = 0;
}

void message_forget(struct state *state, uint32_t number)
{
	struct message *message = &state->messages[number];
	bool stored = message->stored, purge = message->purge || message->stored;

	message_unchain(state, number);
	for (uint32_t i = 0; i < message->bucket_count; i++)
		message_free_bucket(state, &message->buckets[i]);
	free(message->buckets);
	free(message->hops);
	free(message->file_list);
	free(message->posts);
	via_clear(state, message);
	message_drop_root(state, message);
	texts_drop(state->texts, message->id);
	texts_drop(state->addresses, message->manager_list);
	*message = (struct message){.stored = stored, .purge = purge, .dirty = true};
	MEMORY_GROW(state->free_messages, state->free_message_count, state->free_message_capacity);
	state->free_messages[state->free_message_count++] = number;
}

/* --- what ties a file to a message --- */

static bool message_same_sender(const struct state *state, const struct message *message, const struct file *file)
{
	if (!file->sender || !message->sender)
		return true;
	if (file->sender == message->sender && !(message->files == 1 && file->message))
		return true;
	for (uint32_t i = 0; i < message->files && i < SENDERS_LOOKED_AT; i++) {
		const struct file *other = &state->files[message->file_list[i]];

		if (other != file && other->sender == file->sender)
			return true;
	}
	return false;
}

static bool message_ties(const struct state *state, const struct message *message, const struct file *file)
{
	int64_t window = state->settings->input.join_window;
	int64_t gap = state->settings->storm.thread_gap;

	if (message->first_accepted == TIME_NONE || file->told_late)
		return true;
	/* The list's own envelope sender, before or after the hop that took it in. */
	if (file->sender_list && file->accepted >= message->first_accepted - gap &&
	    file->accepted <= message->last_accepted + gap)
		return true;
	if (message->root_list && file->accepted >= message->first_accepted - gap &&
	    file->accepted <= message->last_accepted + gap)
		return true;
	return file->accepted >= message->first_accepted - window && file->accepted <= message->last_accepted + window &&
	       message_same_sender(state, message, file);
}

static void message_widen(struct message *message, int64_t accepted)
{
	if (message->first_accepted == TIME_NONE || accepted < message->first_accepted)
		message->first_accepted = accepted;
	if (message->last_accepted == TIME_NONE || accepted > message->last_accepted)
		message->last_accepted = accepted;
}

/* --- the first hop --- */

static bool message_better_root(const struct message *message, const struct file *file)
{
	if (message->posted_at == TIME_NONE || message->root_parented != file->parented)
		return message->posted_at == TIME_NONE || message->root_parented;
	return file->accepted <= message->posted_at;
}

static void message_consider(struct state *state, struct message *message, const struct file *file)
{
	if (message_better_root(message, file)) {
		uint32_t old[5] = {message->sender, message->client, message->login, 0, message->root_list};

		message->posted_at = file->accepted;
		message->root_parented = file->parented;
		message->sender = texts_hold_again(state->texts, file->sender);
		message->client = texts_hold_again(state->texts, file->client);
		message->login = texts_hold_again(state->texts, file->login);
		message->root_list = texts_hold_again(state->addresses, file->sender_list);
		message->size = file->size;
		for (int i = 0; i < 3; i++)
			texts_drop(state->texts, old[i]);
		texts_drop(state->addresses, old[4]);
	}
	if (file->subject && (message->subject_at == TIME_NONE || file->accepted <= message->subject_at)) {
		texts_hold_again(state->texts, file->subject);
		texts_drop(state->texts, message->subject);
		message->subject = file->subject;
		message->subject_at = file->accepted;
	}
	for (uint32_t i = 0; i < file->reference_count; i++) {
		bool known = false;

		for (uint32_t k = 0; k < message->reference_count; k++)
			known = known || message->references[k] == file->references[i];
		if (known)
			continue;
		message->references = memory_resized(message->references, message->reference_count + 1, sizeof(uint32_t));
		message->references[message->reference_count++] = texts_hold_again(state->texts, file->references[i]);
	}
	message->automatic = message->automatic || file->automatic;
	message->notification = message->notification || file->notification;
	message->changed = message->dirty = true;
}

/* The first hop left or proved to be a later one: only what files at hand say is left to go by. */
void message_root(struct state *state, uint32_t number)
{
	struct message *message = &state->messages[number];

	if (message->files == 0)
		return;
	message_drop_root(state, message);
	message->posted_at = message->subject_at = TIME_NONE;
	message->root_parented = false;
	message->size = -1;
	for (uint32_t i = 0; i < message->files; i++)
		message_consider(state, message, &state->files[message->file_list[i]]);
}

/* --- whether it is a post --- */

static int message_compare_numbers(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Distinct mailboxes of the files at hand that have what `like` has; stops at `enough`. */
static uint32_t message_mailboxes(const struct state *state, const struct message *message, uint32_t via,
                                  uint32_t sender_list, uint32_t header_list, uint32_t enough)
{
	uint32_t *seen = NULL, count = 0, capacity = 0, distinct = 0;

	for (uint32_t i = 0; i < message->files; i++) {
		const struct file *file = &state->files[message->file_list[i]];

		if ((sender_list && file->sender_list != sender_list) || (header_list && file->header_list != header_list))
			continue;
		for (uint32_t k = 0; k < file->recipient_count; k++) {
			if (file->recipients[k].manager || (via && file->recipients[k].via != via))
				continue;
			MEMORY_GROW(seen, count, capacity);
			seen[count++] = file->recipients[k].mailbox;
		}
	}
	if (count)
		qsort(seen, count, sizeof(*seen), message_compare_numbers);
	for (uint32_t i = 0; i < count && distinct < enough; i++)
		distinct += i == 0 || seen[i] != seen[i - 1];
	free(seen);
	return distinct;
}

/* Recipients of the files at hand, told or not: a cheap bound. */
static bool message_may_be_set(const struct state *state, const struct message *message)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < message->files && count < SET_FROM; i++)
		count += state->files[message->file_list[i]].recipient_count;
	return count >= SET_FROM;
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
	return message_may_be_set(state, message) && message_mailboxes(state, message, 0, 0, 0, SET_FROM) >= SET_FROM;
}

/* Names the original recipient of one more; where that makes it a list's, those booked before are booked again. */
static void message_name_via(struct state *state, struct message *message, uint32_t via, uint32_t mailbox)
{
	if (!via || via == mailbox || !via_name(state, message, via, mailbox))
		return;
	for (uint32_t i = 0; i < message->files; i++) {
		const struct file *file = &state->files[message->file_list[i]];

		for (uint32_t k = 0; k < file->recipient_count; k++)
			if (file->recipients[k].via == via && file->recipients[k].booked) {
				unbook_recipient(state, message->file_list[i], k);
				book_recipient(state, message->file_list[i], k);
			}
	}
}

/* It is, or may be, a post: what was booked as ordinary mail moves into sets. */
static void message_becomes_post(struct state *state, uint32_t number)
{
	struct message *message = &state->messages[number];

	for (uint32_t i = 0; i < message->files; i++)
		for (uint32_t k = 0; k < state->files[message->file_list[i]].recipient_count; k++)
			unbook_recipient(state, message->file_list[i], k);
	message->post = true;
	for (uint32_t i = 0; i < message->files; i++)
		for (uint32_t k = 0; k < state->files[message->file_list[i]].recipient_count; k++) {
			const struct recipient *r = &state->files[message->file_list[i]].recipients[k];

			message_name_via(state, message, r->via, r->mailbox);
			book_recipient(state, message->file_list[i], k);
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
			message_name_via(state, message, r->via, r->mailbox);
		if (!r->booked)
			book_recipient(state, file, recipient);
	}
	if (r->manager)
		message_managed(state, file, r->mailbox);
}

void message_managed(struct state *state, uint32_t file, uint32_t address)
{
	struct message *message = &state->messages[state->files[file].message];

	if (message->manager_list)
		return;
	message->manager_list = texts_hold_again(state->addresses, address);
	message->changed = message->dirty = true;
}

/* --- attaching and detaching --- */

static void message_attach(struct state *state, uint32_t number, uint32_t file)
{
	struct message *message = &state->messages[number];
	struct file *f = &state->files[file];

	assert(!f->message);
	MEMORY_GROW(message->file_list, message->files, message->file_capacity);
	f->slot = message->files;
	message->file_list[message->files++] = file;
	f->message = number;
	f->hop = hop_of(state, number, file);
	message_widen(message, f->accepted);
	message_consider(state, message, f);
	message->notifications += f->notice_count;
	for (uint32_t i = 0; i < state->files[file].recipient_count; i++)
		message_recipient(state, file, i);
	book_missing(state, file);
}

static void message_unlist(struct state *state, struct message *message, uint32_t file)
{
	uint32_t last = message->file_list[message->files - 1];

	assert(message->file_list[state->files[file].slot] == file);
	message->file_list[state->files[file].slot] = last;
	state->files[last].slot = state->files[file].slot;
	message->files--;
}

void message_detach(struct state *state, uint32_t file)
{
	struct file *f = &state->files[file];
	uint32_t number = f->message;
	struct message *message = &state->messages[number];

	if (!number)
		return;
	unbook_file(state, file);
	message_unlist(state, message, file);
	message->notifications -= f->notice_count;
	f->message = 0;
	f->hop = 0;
	message->changed = message->dirty = true;
	if (message->files == 0 && !message->post)
		message_forget(state, number);
	else if (message->posted_at == f->accepted)
		message_root(state, number);
}

void message_fold(struct state *state, uint32_t file)
{
	uint32_t number = state->files[file].message;

	if (!number)
		return;
	message_unlist(state, &state->messages[number], file);
	state->files[file].message = 0;
	state->messages[number].dirty = true;
	if (state->messages[number].files == 0 && !state->messages[number].post)
		message_forget(state, number);
}

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
static void message_merge(struct state *state, uint32_t to, uint32_t from)
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

static uint32_t message_id_of(const struct state *state, const struct file *file)
{
	uint32_t id = file->message_id ? file->message_id : file->resent_id;

	return id && texts_get(state->texts, id).length ? id : 0;
}

/* The message that a file is in no longer is its own: another Message-ID, or another's sender. */
static bool message_left(const struct state *state, const struct file *file, uint32_t id)
{
	const struct message *message = &state->messages[file->message];
	bool alone = message->files == 1 && !message->post;

	return message->id != id || (!alone && !file->parent && !message_ties(state, message, file));
}

static uint32_t message_of_parent(const struct state *state, const struct file *file, uint32_t id)
{
	uint32_t message = file->parent ? state->files[file->parent].message : 0;

	return message && state->messages[message].id == id ? message : 0;
}

void message_place(struct state *state, uint32_t file)
{
	struct file *f = &state->files[file];
	uint32_t id = message_id_of(state, f), target, next;

	if (!file_named(f) || f->canceled || (f->message && message_left(state, f, id)))
		message_detach(state, file);
	if (!file_named(f) || f->canceled)
		return;
	target = message_of_parent(state, f, id);
	if (!target)
		target = f->message;
	for (uint32_t at = message_chain(state, id); at; at = next) {
		next = state->messages[at].next;
		if (at == target || (at != f->message && !message_ties(state, &state->messages[at], f)))
			continue;
		if (target)
			message_merge(state, target, at);
		else
			target = at;
	}
	if (!target)
		target = message_new(state, id);
	if (f->message != target)
		message_attach(state, target, file);
	message_widen(&state->messages[target], f->accepted);
	if (f->parented && !state->messages[target].root_parented && state->messages[target].posted_at == f->accepted)
		message_root(state, target);
	else
		message_consider(state, &state->messages[target], f);
}

void message_parent(struct state *state, uint32_t file, uint32_t parent)
{
	struct file *f = &state->files[file];
	uint32_t hop;

	if (f->parented && (f->parent == parent || !parent))
		return;
	f->parented = true;
	f->parent = parent != file ? parent : 0;
	f->dirty = true;
	message_place(state, file);
	if (!f->message)
		return;
	hop = hop_of(state, f->message, file);
	if (hop == f->hop)
		return;
	unbook_file(state, file);
	state->files[file].hop = hop;
	book_file(state, file);
}
