/* SPDX-License-Identifier: Apache-2.0
 *
 * Which queue files are one message, and which of them is the first hop. See
 * message.h.
 */
#include "daemon/correlate/message.h"

#include <strings.h>

#include "daemon/base/memory.h"
#include "daemon/correlate/book.h"
#include "daemon/correlate/done.h"
#include "daemon/correlate/file.h"
#include "daemon/correlate/hop.h"
#include "daemon/correlate/host.h"
#include "daemon/correlate/message_id.h"
#include "daemon/correlate/message_parts.h"
#include "daemon/correlate/notice_set.h"
#include "daemon/correlate/post.h"
#include "daemon/correlate/spill.h"

#define FILES_LOOKED_AT 16

/* --- what ties a file to a message --- */

static bool message_same_sender(const struct state *state, const struct message *message, const struct file *file)
{
	bool known = message->sender != 0;

	if (!file->sender)
		return true;
	if (file->sender == message->sender && !(message->files + message->spilled == 1 && file->message))
		return true;
	for (uint32_t i = 0; i < message->files && i < FILES_LOOKED_AT; i++) {
		const struct file *other = &state->files[message->file_list[i]];

		if (other != file && other->sender == file->sender)
			return true;
		known = known || (other != file && other->sender);
	}
	return !known;
}

/* A sender of the message: that of its first hop, or of another file while that is not told; or 0. */
static uint32_t message_sender(const struct state *state, const struct message *message)
{
	uint32_t sender = message->sender;

	for (uint32_t i = 0; !sender && i < message->files && i < FILES_LOOKED_AT; i++)
		sender = state->files[message->file_list[i]].sender;
	return sender;
}

/* The file was accepted so long before the message's others at most, or so long after them. */
static bool message_near(const struct message *message, const struct file *file, int64_t before, int64_t after)
{
	return file->accepted >= message->first_accepted - before && file->accepted <= message->last_accepted + after;
}

/* A list manager sends on what it took in from where it runs: on the host itself. */
static bool message_of_manager(const struct state *state, const struct message *message, const struct file *file)
{
	return message->manager_list && hop_within(state, file) &&
	       message_near(message, file, state->settings->input.join_window, state->settings->storm.thread_gap);
}

/* The first labels of two hosts' names are the same; what follows, only one log may tell. */
static bool message_same_host(struct slice a, struct slice b)
{
	struct slice one = host_label(a), other = host_label(b);

	return one.length > 0 && one.length == other.length && strncasecmp(one.bytes, other.bytes, one.length) == 0;
}

/* It was in the queue at that time or later, as far as told. */
static bool message_queued_since(const struct file *file, int64_t time)
{
	if (file->removed_at != TIME_NONE)
		return file->removed_at >= time;
	return file->last_line >= time || (int64_t)file->ended < done_named(file);
}

/* The message was in a host's queue just before, and the host is the client: it was told of no acceptance and will send again;
 * or it is the file's own host, whose content filter gave it back when it got to it. */
static bool message_of_queue(const struct state *state, const struct message *message, const struct file *file)
{
	struct slice client = texts_get(state->texts, file->client);
	int64_t since = file->accepted - state->settings->input.join_window;
	bool within = hop_within(state, file);

	for (uint32_t i = 0; file->client && i < message->files && i < FILES_IN_QUEUE; i++) {
		const struct file *other = &state->files[message->file_list[i]];

		if (other->accepted <= file->accepted && message_queued_since(other, since) &&
		    (other->host == file->host
		             ? within
		             : message_same_host(texts_get(state->texts, state->hosts[other->host].name), client)))
			return true;
	}
	return false;
}

/* Its first hop has the list's own envelope sender, or nobody's as far as is known, and a later one has that. */
static bool message_of_list(const struct state *state, const struct message *message)
{
	bool found = message->root_list != 0;

	for (uint32_t i = 0; !found && !message->sender && i < message->files && i < FILES_LOOKED_AT; i++)
		found = state->files[message->file_list[i]].sender_list != 0;
	return found;
}

static bool message_ties(const struct state *state, const struct message *message, const struct file *file)
{
	int64_t window = state->settings->input.join_window;
	int64_t gap = state->settings->storm.thread_gap;

	if (message->first_accepted == TIME_NONE || file->told_late)
		return true;
	/* The list's own envelope sender, before or after the hop that took it in. */
	if ((file->sender_list || message_of_list(state, message)) && message_near(message, file, gap, gap))
		return true;
	return message_of_manager(state, message, file) ||
	       (message_same_sender(state, message, file) &&
	        (message_near(message, file, window, window) || message_of_queue(state, message, file)));
}

/* All files of another message under the same Message-ID are what the list manager made of this one. */
static bool message_managed_into(const struct state *state, const struct message *message, const struct message *other)
{
	bool all = message->manager_list && other->files > 0 && !other->spilled;

	for (uint32_t i = 0; all && i < other->files; i++)
		all = message_of_manager(state, message, &state->files[other->file_list[i]]);
	return all;
}

/* Two messages that a file is tied to are one; not where its own sender is yet unknown and theirs are two. */
static bool message_joins(const struct state *state, const struct message *a, const struct message *b,
                          const struct file *by)
{
	uint32_t one = message_sender(state, a), other = message_sender(state, b);

	return by->sender || !one || !other || one == other || a->root_list || b->root_list;
}

void message_widen(struct message *message, int64_t accepted)
{
	if (message->first_accepted == TIME_NONE || accepted < message->first_accepted)
		message->first_accepted = accepted;
	if (message->last_accepted == TIME_NONE || accepted > message->last_accepted)
		message->last_accepted = accepted;
}

/* --- the first hop --- */

/* How unlikely it is the first hop: 3 where it may have been broken off; 2 where it was handed over, or only deliveries were
 * told of it; 1 where those tell that it came before this hop took it in; else 0. */
static uint8_t message_rank(const struct file *file)
{
	if (!file_queued(file))
		return 3;
	if (file->parented || (file->numbered && file->queued_at == TIME_NONE))
		return 2;
	return file->numbered && file->first_line < file->accepted_line;
}

/* Of two files of one instant the client that sorts first, so that the order of reading decides nothing. */
static bool message_client_first(const struct state *state, uint32_t client, uint32_t than)
{
	return client && (!than || texts_compare(state->texts, client, than) < 0);
}

static bool message_better_root(const struct state *state, const struct message *message, const struct file *file)
{
	if (message->posted_at == TIME_NONE || message->root_rank != message_rank(file))
		return message->posted_at == TIME_NONE || message->root_rank > message_rank(file);
	if (file->accepted == message->posted_at && file->client != message->client)
		return message_client_first(state, file->client, message->client);
	return file->accepted <= message->posted_at;
}

/* The file goes on from that one, which was requeued. */
static bool message_requeued_from(const struct state *state, const struct file *file, const struct file *origin)
{
	return file_requeues(file) && file->parent && &state->files[file->parent] == origin;
}

/* A first hop that the queue manager told nothing of has the size of what goes on from it. */
static int64_t message_size(const struct state *state, const struct message *message, const struct file *root)
{
	int64_t size = root->size;

	for (uint32_t i = 0; size < 0 && root->requeued && i < message->files && i < FILES_LOOKED_AT; i++)
		if (message_requeued_from(state, &state->files[message->file_list[i]], root))
			size = state->files[message->file_list[i]].size;
	return size;
}

/* What the message has of its first hop is the file's, or was not told when it was taken from it. */
static bool message_root_has(uint32_t root, uint32_t file)
{
	return !root || root == file;
}

bool message_root_is(const struct message *message, const struct file *file)
{
	return message->posted_at == file->accepted && message_root_has(message->sender, file->sender) &&
	       message_root_has(message->client, file->client) && message_root_has(message->login, file->login) &&
	       message_root_has(message->root_list, file->sender_list);
}

static void message_consider(struct state *state, struct message *message, const struct file *file)
{
	if (message_better_root(state, message, file)) {
		uint32_t old[5] = {message->sender, message->client, message->login, 0, message->root_list};

		message->posted_at = file->accepted;
		message->root_rank = message_rank(file);
		message->sender = texts_hold_again(state->texts, file->sender);
		message->client = texts_hold_again(state->texts, file->client);
		message->login = texts_hold_again(state->texts, file->login);
		message->root_list = texts_hold_again(state->addresses, file->sender_list);
		message->size = message_size(state, message, file);
		for (int i = 0; i < 3; i++)
			texts_drop(state->texts, old[i]);
		texts_drop(state->addresses, old[4]);
	}
	if (message->size < 0 && message_root_is(message, &state->files[file->parent]) &&
	    message_requeued_from(state, file, &state->files[file->parent]))
		message->size = file->size;
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
		message->references =
			memory_resized(message->references, message->reference_count + 1, sizeof(uint32_t));
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

	spill_recall_post(state, number);

	if (message->files == 0)
		return;
	message_drop_root(state, message);
	message->posted_at = message->subject_at = TIME_NONE;
	message->root_rank = 0;
	message->size = -1;
	for (uint32_t i = 0; i < message->files; i++)
		message_consider(state, message, &state->files[message->file_list[i]]);
}

/* --- attaching and detaching --- */

void message_attach(struct state *state, uint32_t number, uint32_t file)
{
	struct message *message = &state->messages[number];
	struct file *f = &state->files[file];

	assert(!f->message);
	MEMORY_GROW(message->file_list, message->files, message->file_capacity);
	f->slot = message->files;
	message->file_list[message->files++] = file;
	f->message = number;
	f->hop = hop_of(state, number, file);
	f->dirty = true;
	message_widen(message, f->accepted);
	message_consider(state, message, f);
	for (uint32_t i = 0; i < f->notice_count; i++)
		notice_add(message, f->notices[i]);
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
	bool root = message_root_is(message, f);

	if (!number)
		return;
	unbook_file(state, file);
	message_unlist(state, message, file);
	f->message = 0;
	f->hop = 0;
	f->dirty = true;
	message->changed = message->dirty = true;
	if (message->files == 0 && !message->post)
		message_forget(state, number);
	else if (root)
		message_root(state, number);
}

#define FIT(array, count, capacity) ((array) = memory_resized((array), (count), sizeof(*(array))), (capacity) = (count))

/* Without queue files at hand it hardly grows any more: the room that was made for that is given back. */
static void message_fit(struct message *message)
{
	FIT(message->file_list, 0, message->file_capacity);
	FIT(message->hops, message->hop_count, message->hop_capacity);
	FIT(message->buckets, message->bucket_count, message->bucket_capacity);
	for (uint32_t i = 0; i < message->bucket_count; i++) {
		struct bucket *bucket = &message->buckets[i];

		FIT(bucket->sets, bucket->set_count, bucket->set_capacity);
		FIT(bucket->cells.items, bucket->cells.count, bucket->cells.capacity);
	}
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
	else if (state->messages[number].files == 0)
		message_fit(&state->messages[number]);
}

static uint32_t message_id_of(const struct state *state, const struct file *file)
{
	uint32_t id = file->message_id ? file->message_id : file->resent_id;
	const struct message *message = &state->messages[file->message];

	/* With others in a message that has none: it made one on the way, see message_follow(). */
	if (file->message && !message->id && message->files > 1)
		return 0;
	return id && !message_id_is_none(texts_get(state->texts, id)) ? id : 0;
}

/* The file handed over to another one of the message. */
static bool message_of_child(const struct state *state, const struct message *message, uint32_t file)
{
	for (uint32_t i = 0; i < message->files && i < FILES_LOOKED_AT; i++)
		if (state->files[message->file_list[i]].parent == file)
			return true;
	return false;
}

/* The message that a file is in no longer is its own: another Message-ID, or another's sender. */
static bool message_left(const struct state *state, uint32_t number, uint32_t id)
{
	const struct file *file = &state->files[number];
	const struct message *message = &state->messages[file->message];
	bool alone = message->files == 1 && !message->post;

	return message->id != id || (!alone && !file->parent && !message_ties(state, message, file) &&
	                             !message_of_child(state, message, number));
}

static uint32_t message_of_parent(const struct state *state, const struct file *file, uint32_t id)
{
	const struct file *parent = &state->files[file->parent];

	if (!file->parent || !parent->message || state->messages[parent->message].id != id)
		return 0;
	return id || (file->message_id && file->message_id == parent->message_id) ? parent->message : 0;
}

/* Whether the file told whose message it is, which others are put to already. */
static bool message_place_once(struct state *state, uint32_t file)
{
	struct file *f = &state->files[file];
	uint32_t id = message_id_of(state, f), target, next, sender;

	if (!file_named(f) || f->canceled || (f->message && message_left(state, file, id)))
		message_detach(state, file);
	f = &state->files[file]; /* what is merged or taken out may bring spilled files back */
	if (!file_named(f) || f->canceled)
		return false;
	target = message_of_parent(state, f, id);
	if (!target)
		target = f->message;
	for (uint32_t at = message_chain(state, id); at; at = next) {
		next = state->messages[at].next;
		if (at == target || (at != f->message && !message_ties(state, &state->messages[at], f)))
			continue;
		if (target && !message_joins(state, &state->messages[target], &state->messages[at], f))
			continue;
		if (target)
			message_merge(state, target, at);
		else
			target = at;
		f = &state->files[file];
	}
	/* Without a Message-ID the hand-over alone ties them. */
	if (!id && f->message && f->message != target)
		message_merge(state, target, f->message);
	/* Told again, of a post whose sets have left memory: nothing new. */
	if (!target && f->told_late && post_known(state, id))
		return false;
	if (!target)
		target = message_new(state, id);
	sender = state->messages[target].sender;
	/* The message that it was put to, of another's, is not the one that it was handed over from. */
	if (f->message && f->message != target)
		message_detach(state, file);
	if (state->files[file].message != target)
		message_attach(state, target, file);
	f = &state->files[file];
	message_widen(&state->messages[target], f->accepted);
	if (message_rank(f) > state->messages[target].root_rank && message_root_is(&state->messages[target], f))
		message_root(state, target);
	else
		message_consider(state, &state->messages[target], f);
	return !sender && state->messages[target].sender && state->messages[target].files > 1;
}

/* Whose message it is shows only now: files that were put to it before may be another's. */
static void message_sort(struct state *state, uint32_t number)
{
	for (uint32_t i = state->messages[number].files; i-- > 0 && i < state->messages[number].files;)
		message_place_once(state, state->messages[number].file_list[i]);
}

/* A list manager has the message, as its recipients tell by now: what it made of it may have been read before. */
static void message_gather(struct state *state, uint32_t number)
{
	uint32_t next;

	state->messages[number].ungathered = false;
	for (uint32_t at = message_chain(state, state->messages[number].id); at; at = next) {
		next = state->messages[at].next;
		if (at != number && message_managed_into(state, &state->messages[number], &state->messages[at]))
			message_merge(state, number, at);
	}
}

void message_place(struct state *state, uint32_t file)
{
	bool named = message_place_once(state, file);
	uint32_t number = state->files[file].message;

	if (state->messages[number].id && state->messages[number].ungathered)
		message_gather(state, number);
	if (named)
		message_sort(state, number);
}
