/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages by Message-ID: making, finding, giving back. See message.h.
 */
#include "daemon/base/hash.h"
#include "daemon/base/memory.h"
#include "daemon/correlate/deferral.h"
#include "daemon/correlate/message.h"
#include "daemon/correlate/message_parts.h"
#include "daemon/correlate/notice_set.h"
#include "daemon/correlate/post.h"
#include "daemon/correlate/via.h"

static uint64_t message_hash_of(const void *owner, uint32_t number)
{
	return hash_number(((const struct state *)owner)->messages[number].id);
}

uint32_t message_chain(const struct state *state, uint32_t id)
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

static uint32_t message_room(struct state *state)
{
	if (state->free_message_count)
		return state->free_messages[--state->free_message_count];
	MEMORY_GROW(state->messages, state->message_count, state->message_capacity);
	state->messages[state->message_count] = (struct message){0};
	return state->message_count++;
}

uint32_t message_put_back(struct state *state, const struct message *message)
{
	uint32_t number = message_room(state);
	bool purge = state->messages[number].purge, stored = state->messages[number].stored;

	state->messages[number] = *message;
	state->messages[number].purge = purge;
	state->messages[number].stored = stored;
	state->messages[number].live = state->messages[number].dirty = true;
	message_enchain(state, number);
	return number;
}

uint32_t message_new(struct state *state, uint32_t id)
{
	uint32_t number = message_room(state);

	state->messages[number] = (struct message){
		.id = texts_hold_again(state->texts, id),
		.live = true,
		.dirty = true,
		.purge = state->messages[number].purge,
		.stored = state->messages[number].stored,
		.first_accepted = TIME_NONE,
		.last_accepted = TIME_NONE,
		.posted_at = TIME_NONE,
		.subject_at = TIME_NONE,
		.size = -1,
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
	for (int i = 0; i < BUCKET_ALSO; i++)
		texts_drop(state->addresses, bucket->also[i]);
	texts_drop(state->addresses, bucket->sender_list);
	texts_drop(state->addresses, bucket->header_list);
}

void message_drop_root(struct state *state, struct message *message)
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
	/* What it was counted as goes with it; heads that stay no longer name it. */
	for (uint32_t i = 0; i < message->post_count; i++)
		if (state->posts[message->posts[i]].message == number)
			post_forget(state, message->posts[i]);
	for (uint32_t i = 0; i < message->bucket_count; i++)
		message_free_bucket(state, &message->buckets[i]);
	free(message->buckets);
	free(message->hops);
	free(message->file_list);
	free(message->posts);
	notice_clear(message);
	deferral_clear(message);
	via_clear(state, message);
	message_drop_root(state, message);
	texts_drop(state->texts, message->id);
	texts_drop(state->addresses, message->manager_list);
	*message = (struct message){.stored = stored, .purge = purge, .dirty = true};
	MEMORY_GROW(state->free_messages, state->free_message_count, state->free_message_capacity);
	state->free_messages[state->free_message_count++] = number;
}
