/* SPDX-License-Identifier: Apache-2.0
 *
 * Posts and their figures, see post.h.
 */
#include "daemon/correlate/post.h"

#include "daemon/base/hash.h"
#include "daemon/base/memory.h"
#include "daemon/correlate/address.h"
#include "daemon/correlate/expansion.h"
#include "daemon/correlate/filter.h"
#include "daemon/correlate/list.h"
#include "daemon/correlate/manager.h"
#include "daemon/correlate/message.h"
#include "daemon/correlate/notification.h"
#include "daemon/correlate/recipient_set.h"
#include "daemon/correlate/refusal.h"
#include "daemon/correlate/subject.h"
#include "daemon/correlate/whole.h"

#define LISTS_PER_MESSAGE 16

int post_compare(const struct state *state, uint32_t a, uint32_t b)
{
	const struct post *x = &state->posts[a], *y = &state->posts[b];
	int order;

	if (x->posted_at != y->posted_at)
		return x->posted_at < y->posted_at ? -1 : 1;
	order = texts_compare(state->texts, x->message_id, y->message_id);
	return order ? order : x->id < y->id ? -1 : x->id > y->id;
}

static void list_take_out(struct list *list, uint32_t post)
{
	for (uint32_t i = 0; i < list->post_count; i++)
		if (list->posts[i] == post) {
			memmove(&list->posts[i], &list->posts[i + 1],
			        (list->post_count - i - 1) * sizeof(*list->posts));
			list->post_count--;
			break;
		}
	list->changed = list->dirty = true;
}

static void list_put_in(struct state *state, struct list *list, uint32_t post)
{
	uint32_t at = list->post_count;

	MEMORY_GROW(list->posts, list->post_count, list->post_capacity);
	while (at > 0 && post_compare(state, list->posts[at - 1], post) > 0)
		at--;
	memmove(&list->posts[at + 1], &list->posts[at], (list->post_count - at) * sizeof(*list->posts));
	list->posts[at] = post;
	list->post_count++;
	list->changed = list->dirty = true;
}

static uint64_t post_id_hash_of(const void *owner, uint32_t number)
{
	return hash_number(((const struct state *)owner)->posts[number].enlisted_id);
}

/* Keeps the table of Message-IDs in step with a post's. */
static void post_name(struct state *state, uint32_t number, uint32_t message_id)
{
	struct post *post = &state->posts[number];

	if (post->enlisted_id == message_id)
		return;
	if (post->enlisted_id)
		table_remove(&state->by_post_id, hash_number(post->enlisted_id), number);
	post->enlisted_id = message_id;
	if (message_id)
		table_add(&state->by_post_id, hash_number(message_id), number, post_id_hash_of, state);
}

bool post_known(const struct state *state, uint32_t message_id)
{
	uint32_t at = 0, number;

	while (message_id && (number = table_next(&state->by_post_id, hash_number(message_id), &at)) != TABLE_NONE)
		if (state->posts[number].enlisted_id == message_id && !state->posts[number].message)
			return true;
	return false;
}

void post_enlist(struct state *state, uint32_t post)
{
	post_name(state, post, state->posts[post].message_id);
	list_put_in(state, &state->lists[state->posts[post].list], post);
}

static void post_drop_texts(struct state *state, struct post *post)
{
	texts_drop(state->texts, post->message_id);
	texts_drop(state->texts, post->sender);
	texts_drop(state->texts, post->client);
	texts_drop(state->texts, post->login);
	texts_drop(state->texts, post->subject);
	texts_drop(state->texts, post->normal_subject);
	for (uint32_t i = 0; i < post->reference_count; i++)
		texts_drop(state->texts, post->references[i]);
	free(post->references);
	post->references = NULL;
	post->reference_count = 0;
	post->message_id = post->sender = post->client = post->login = post->subject = post->normal_subject = 0;
}

void post_forget(struct state *state, uint32_t number)
{
	struct post *post = &state->posts[number];

	list_take_out(&state->lists[post->list], number);
	post_name(state, number, 0);
	post_drop_texts(state, post);
	*post = (struct post){.id = post->id, .dirty = true};
	/* The number is used again only after the store has deleted the row. */
}

void post_drop_head(struct state *state, uint32_t number)
{
	struct post *post = &state->posts[number];

	post_name(state, number, 0);
	post_drop_texts(state, post);
	*post = (struct post){.id = post->id, .dirty = true, .kept_row = true};
}

static uint32_t post_new(struct state *state, uint32_t message, uint32_t list)
{
	uint32_t number;

	if (state->free_post_count) {
		number = state->free_posts[--state->free_post_count];
	} else {
		MEMORY_GROW(state->posts, state->post_count, state->post_capacity);
		number = state->post_count++;
	}
	state->posts[number] =
		(struct post){.id = state->next_post++, .message = message, .list = list, .live = true, .fresh = true};
	return number;
}

static void post_subject(struct state *state, struct post *post, uint32_t raw)
{
	struct slice text = texts_get(state->texts, raw);
	bool automatic = false;
	char *shown, *normal;

	if (!raw)
		return;
	shown = subject_shown(text, texts_get(state->addresses, state->lists[post->list].address));
	normal = subject_normal(text, &automatic);
	post->subject = texts_hold(state->texts, slice_of(shown));
	if (*normal)
		post->normal_subject = texts_hold(state->texts, slice_of(normal));
	post->automatic = post->automatic || automatic;
	free(shown);
	free(normal);
}

/* The list's own sender is nobody's; nor is one of a shape that is a list manager's alone. */
static bool post_hides_sender(const struct state *state, const struct post *post, const struct message *message)
{
	return message->root_list && (message->root_list == state->lists[post->list].address ||
	                              !address_may_be_a_persons(texts_get(state->texts, message->sender)));
}

/* What the post is, apart from its figures. */
static void post_describe(struct state *state, struct post *post, const struct message *message)
{
	struct slice sender = texts_get(state->texts, message->sender);

	post_drop_texts(state, post);
	post->posted_at = message->posted_at;
	post->message_id = texts_hold_again(state->texts, message->id);
	post->sender = post_hides_sender(state, post, message) ? 0 : texts_hold_again(state->texts, message->sender);
	post->sender_known = post->sender != 0;
	post->null_sender = post->sender_known && sender.length == 0;
	post->client = texts_hold_again(state->texts, message->client);
	post->login = texts_hold_again(state->texts, message->login);
	post->size = message->size;
	post->automatic = message->automatic || (post->null_sender && !message->notification);
	post_subject(state, post, message->subject);
	post->reference_count = message->reference_count;
	post->references = memory_zeroed(message->reference_count, sizeof(uint32_t));
	for (uint32_t i = 0; i < message->reference_count; i++)
		post->references[i] = texts_hold_again(state->texts, message->references[i]);
}

static int64_t at_most(int64_t value, int64_t limit)
{
	return value < limit ? value : limit > 0 ? limit : 0;
}

static void post_count_up(struct post *post, const struct post_sets *sets)
{
	int64_t left;

	post->due = sets->due;
	post->delivered = (int64_t)mailbox_set_count(&sets->delivered);
	post->handed_outside = (int64_t)mailbox_set_count(&sets->outside);
	post->deferred = (int64_t)mailbox_set_count(&sets->deferred);
	post->bounced = (int64_t)mailbox_set_count(&sets->bounced);
	post->expired = (int64_t)mailbox_set_count(&sets->expired);
	post->discarded = (int64_t)mailbox_set_count(&sets->discarded);
	post->direct = (int64_t)mailbox_set_count(&sets->direct);
	left = post->due - post->delivered - post->bounced - post->expired - post->discarded;
	post->admin = at_most((int64_t)mailbox_set_count(&sets->admin) + sets->missing[MISSING_ADMIN], left);
	left -= post->admin;
	post->pending = at_most((int64_t)mailbox_set_count(&sets->open) + sets->missing[MISSING_OPEN], left);
	post->unaccounted = left - post->pending;
}

static enum list_kind kind_of(enum list_evidence by)
{
	return by == BY_VIA ? LIST_ALIAS : by == BY_RECIPIENTS ? LIST_RECIPIENT_SET : LIST_MANAGER;
}

bool post_sets_of(const struct state *state, const struct post *post, struct post_sets *sets)
{
	uint32_t addresses[LISTS_PER_MESSAGE];
	unsigned count;
	const struct message *message = &state->messages[post->message];
	enum list_evidence by;
	uint32_t address = state->lists[post->list].address;

	if (!post->message)
		return false;
	by = post_lists(state, message, addresses, LISTS_PER_MESSAGE, &count);
	post_sets_make(state, message, by, address, count == 0 || addresses[0] == address, count <= 1, sets);
	return true;
}

void post_cells(const struct state *state, const struct post *post,
                void (*each)(const struct cells *cells, const struct cell *cell, void *with), void *with)
{
	uint32_t addresses[LISTS_PER_MESSAGE], address = state->lists[post->list].address;
	const struct message *message = &state->messages[post->message];
	unsigned count;
	enum list_evidence by;

	if (!post->message)
		return;
	by = post_lists(state, message, addresses, LISTS_PER_MESSAGE, &count);
	for (uint32_t i = 0; i < message->bucket_count; i++) {
		const struct bucket *bucket = &message->buckets[i];
		bool named = false;

		for (unsigned k = 0; k < count; k++)
			named = named || post_bucket_names(bucket, by, addresses[k]);
		if (count > 1 && !post_bucket_names(bucket, by, address) && (named || addresses[0] != address))
			continue;
		for (uint32_t k = 0; k < bucket->cells.count; k++)
			each(&bucket->cells, &bucket->cells.items[k], with);
	}
}

/* The post of a message in a list, made where it is new. */
static uint32_t message_post(struct state *state, uint32_t number, uint32_t list)
{
	struct message *message = &state->messages[number];
	uint32_t post;

	for (uint32_t i = 0; i < message->post_count; i++)
		if (state->posts[message->posts[i]].list == list)
			return message->posts[i];
	post = post_new(state, number, list);
	message->posts = memory_resized(message->posts, message->post_count + 1, sizeof(uint32_t));
	message->posts[message->post_count++] = post;
	message->dirty = true;
	return post;
}

static void message_drop_posts(struct state *state, struct message *message, const uint32_t *lists, unsigned count)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < message->post_count; i++) {
		bool wanted = false;

		for (unsigned k = 0; k < count; k++)
			wanted = wanted || state->posts[message->posts[i]].list == lists[k];
		if (wanted)
			message->posts[kept++] = message->posts[i];
		else
			post_forget(state, message->posts[i]);
	}
	message->dirty = message->dirty || kept != message->post_count;
	message->post_count = kept;
}

/* Makes the message's posts those of the lists given, largest first, with their figures. */
static void message_count(struct state *state, uint32_t number, enum list_evidence by, const uint32_t *lists,
                          unsigned count)
{
	message_drop_posts(state, &state->messages[number], lists, count);
	for (unsigned i = 0; i < count; i++) {
		uint32_t at = message_post(state, number, lists[i]);
		struct post *post = &state->posts[at];
		struct post_sets sets;

		if (!post->fresh)
			list_take_out(&state->lists[lists[i]], at);
		post->fresh = false;
		post_describe(state, post, &state->messages[number]);
		post_name(state, at, post->message_id);
		post_sets_make(state, &state->messages[number], by, state->lists[lists[i]].address, i == 0, count == 1,
		               &sets);
		post_count_up(post, &sets);
		mailbox_set_subtract(&sets.named, &sets.direct);
		mailbox_set_join(&state->lists[lists[i]].members, &sets.named);
		post_sets_clear(&sets);
		post->dirty = true;
		list_put_in(state, &state->lists[lists[i]], at);
	}
}

/* False where only its recipients make it a post: those are judged together. */
static bool message_settle(struct state *state, uint32_t number)
{
	uint32_t addresses[LISTS_PER_MESSAGE], lists[LISTS_PER_MESSAGE];
	unsigned count;
	enum list_evidence by;

	expansion_roots(state, &state->messages[number]);
	by = post_lists(state, &state->messages[number], addresses, LISTS_PER_MESSAGE, &count);
	if (by != BY_VIA && by != BY_NOTHING &&
	    manager_wrote(state, &state->messages[number], count ? addresses[0] : 0)) {
		by = BY_NOTHING;
		count = 0;
	}
	state->messages[number].recipient_set = by == BY_RECIPIENTS;
	if (by == BY_RECIPIENTS)
		return false;
	state->messages[number].changed = false;
	for (unsigned i = 0; i < count; i++)
		lists[i] = list_of(state, addresses[i],
		                   addresses[i] == state->messages[number].manager_list ? LIST_MANAGER : kind_of(by));
	message_count(state, number, by, lists, count);
	return true;
}

/* All recipient sets, since an earlier one may have come up that later ones belong to. */
static void recipient_sets_settle(struct state *state)
{
	uint32_t *messages = NULL, *lists, count = 0, capacity = 0;

	for (uint32_t i = 1; i < state->message_count; i++)
		if (state->messages[i].live && state->messages[i].recipient_set) {
			MEMORY_GROW(messages, count, capacity);
			messages[count++] = i;
		}
	lists = memory_zeroed(count, sizeof(*lists));
	recipient_sets_assign(state, messages, lists, count);
	for (uint32_t i = 0; i < count; i++) {
		struct message *message = &state->messages[messages[i]];
		bool same = message->post_count == 1 && state->posts[message->posts[0]].list == lists[i];

		if (message->changed || !same)
			message_count(state, messages[i], BY_RECIPIENTS, &lists[i], lists[i] != 0);
		state->messages[messages[i]].changed = false;
	}
	free(messages);
	free(lists);
}

/* A new list's address may stand as a mailbox in messages that did not change themselves. */
static void posts_mark_lists(struct state *state, uint32_t from)
{
	struct mailbox_set addresses = {0};

	for (uint32_t i = from; i < state->list_count; i++)
		mailbox_set_add(&addresses, state->lists[i].address);
	for (uint32_t i = 1; i < state->message_count; i++) {
		struct message *message = &state->messages[i];

		for (uint32_t k = 0; message->post && !message->changed && k < message->bucket_count; k++)
			for (uint32_t s = 0; s < message->buckets[k].set_count; s++)
				if (message->buckets[k].sets[s].kind == SET_NAMED &&
				    mailbox_set_meets(&message->buckets[k].sets[s].set, &addresses))
					message->changed = true;
	}
	mailbox_set_clear(&addresses);
}

/* By what posts a list has by now, some that seemed so were none. */
static bool posts_mark_managers(struct state *state)
{
	bool marked = false;

	for (uint32_t i = 1; i < state->list_count; i++)
		if (state->lists[i].live && state->lists[i].changed)
			marked = manager_mark(state, i) || marked;
	return marked;
}

/* What seemed to be a list manager's post, but is of a recipient set, its sender being among those of one; or is
 * nobody's, its sender being made up. */
static bool posts_mark_persons(struct state *state)
{
	bool marked = false;

	for (uint32_t i = 1; i < state->message_count; i++) {
		struct message *message = &state->messages[i];

		if (!message->live || message->post_count != 1 || !message->root_list ||
		    state->lists[state->posts[message->posts[0]].list].address != message->root_list ||
		    (!manager_is_person(state, message) && !manager_is_forged(state, message)))
			continue;
		message->changed = marked = true;
	}
	return marked;
}

/* True where there are recipient sets, which are judged together. */
static bool posts_settle_lists(struct state *state)
{
	uint32_t known = state->lists_settled;
	bool sets = false, marked;

	for (int round = 0; round < 3; round++) {
		for (uint32_t i = 1; i < state->message_count; i++)
			if (state->messages[i].live && state->messages[i].post && state->messages[i].changed) {
				message_share(state, i);
				sets = !message_settle(state, i) || sets;
			}
		marked = posts_mark_managers(state);
		marked = wholes_mark(state) || marked;
		if (known == state->list_count && !marked)
			break;
		posts_mark_lists(state, known);
		known = state->list_count;
	}
	state->lists_settled = known;
	return sets;
}

void posts_settle(struct state *state)
{
	filters_look(state);
	for (uint32_t i = 1; state->relays_changed && i < state->message_count; i++)
		state->messages[i].changed = state->messages[i].changed || state->messages[i].post;
	state->relays_changed = false;
	notification_assign(state);
	for (int round = 0; round < 3; round++) {
		if (posts_settle_lists(state))
			recipient_sets_settle(state);
		if (!posts_mark_persons(state))
			break;
	}
	refusal_assign(state);
}
