/* SPDX-License-Identifier: Apache-2.0
 *
 * Indexes of a loaded state, see index.h. Every number is checked before it is
 * followed: a damaged store must not crash the daemon.
 */
#include "daemon/correlate/index.h"

#include "daemon/base/memory.h"
#include "daemon/correlate/deferral.h"
#include "daemon/correlate/expansion.h"
#include "daemon/correlate/file.h"
#include "daemon/correlate/file_recipients.h"
#include "daemon/correlate/handover.h"
#include "daemon/correlate/host.h"
#include "daemon/correlate/link.h"
#include "daemon/correlate/list.h"
#include "daemon/correlate/message.h"
#include "daemon/correlate/notice_set.h"
#include "daemon/correlate/post.h"
#include "daemon/correlate/refusal.h"
#include "daemon/correlate/relay.h"
#include "daemon/correlate/via.h"

static bool held(struct texts *texts, uint32_t number)
{
	if (!number)
		return true;
	if (!texts_has(texts, number))
		return false;
	texts_hold_again(texts, number);
	return true;
}

static bool held_all(struct texts *texts, const uint32_t *numbers, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (!numbers[i] || !held(texts, numbers[i]))
			return false;
	return true;
}

static bool index_file(struct state *state, uint32_t number)
{
	struct file *file = &state->files[number];
	uint32_t *texts[] = {&file->queue_id, &file->instance, &file->message_id, &file->resent_id, &file->sender,
	                     &file->client,   &file->login,    &file->subject,    &file->origin_id};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (!held(state->texts, *texts[i]))
			return false;
	if (!file->queue_id || file->host >= state->host_count || !file->host ||
	    file->message >= state->message_count || !held(state->addresses, file->sender_list) ||
	    !held(state->addresses, file->header_list) || !held(state->addresses, file->expanded) ||
	    !held(state->addresses, file->done.via) || !held_all(state->texts, file->references, file->reference_count))
		return false;
	for (uint32_t i = 0; i < file->claim_count; i++)
		if (!held(state->texts, file->claims[i].queue_id) ||
		    !held(state->addresses, file->claims[i].expanded) || file->claims[i].relay >= state->relay_count)
			return false;
	for (uint32_t i = 0; i < file->recipient_count; i++) {
		const struct recipient *r = &file->recipients[i];
		uint32_t buckets = file->message ? state->messages[file->message].bucket_count : 0;

		if (!r->mailbox || !held(state->addresses, r->mailbox) || !held(state->addresses, r->via) ||
		    r->relay >= state->relay_count || r->unless >= state->relay_count || r->bucket > buckets)
			return false;
	}
	if (file->message && file->hop >= state->messages[file->message].hop_count)
		return false;
	/* A parent that was folded before the state was stored. */
	file->parent = file->parent < state->file_count ? file->parent : 0;
	file_enchain(state, number);
	state->clones_wait = state->clones_wait || handover_clone_waits(state, number);
	state->requeues_wait = state->requeues_wait || file_requeues(file);
	state->copies_wait = state->copies_wait || expansion_copy_waits(state, number);
	file_unindex(state, number);
	state->live_files++;
	return true;
}

static bool held_also(struct state *state, const struct bucket *bucket)
{
	for (int i = 0; i < BUCKET_ALSO; i++)
		if (!held(state->addresses, bucket->also[i]))
			return false;
	return true;
}

static bool index_message(struct state *state, uint32_t number)
{
	struct message *message = &state->messages[number];

	if (!held(state->texts, message->id) || !held(state->texts, message->sender) ||
	    !held(state->texts, message->client) || !held(state->texts, message->login) ||
	    !held(state->texts, message->subject) || !held(state->addresses, message->root_list) ||
	    !held(state->addresses, message->manager_list) ||
	    !held_all(state->texts, message->references, message->reference_count))
		return false;
	for (uint32_t i = 0; i < message->bucket_count; i++)
		if (!held(state->addresses, message->buckets[i].via) || !held_also(state, &message->buckets[i]) ||
		    !held(state->addresses, message->buckets[i].sender_list) ||
		    !held(state->addresses, message->buckets[i].header_list))
			return false;
	for (uint32_t i = 0; i < message->hop_count; i++)
		for (size_t k = 0; k < sizeof(message->hops[i].from) / sizeof(uint32_t); k++)
			if (message->hops[i].from[k] > message->hop_count)
				return false;
	for (uint32_t i = 0; i < message->deferral_count; i++)
		if (message->deferrals[i].bucket >= message->bucket_count)
			return false;
	for (uint32_t i = 0; i < message->post_count; i++)
		if (message->posts[i] >= state->post_count)
			return false;
	notice_index(message);
	deferral_index(message);
	message_enchain(state, number);
	return via_index(state, message);
}

static void index_pin(uint32_t mailbox, void *with)
{
	struct texts *addresses = with;

	if (texts_has(addresses, mailbox))
		texts_pin(addresses, mailbox);
}

/* Mailboxes in sets keep their numbers; files come back to their messages. */
static void index_content(struct state *state)
{
	for (uint32_t i = 1; i < state->message_count; i++)
		for (uint32_t b = 0; b < state->messages[i].bucket_count; b++)
			for (uint32_t s = 0; s < state->messages[i].buckets[b].set_count; s++)
				if (state->messages[i].buckets[b].sets[s].kind == SET_NAMED)
					mailbox_set_each(&state->messages[i].buckets[b].sets[s].set, index_pin,
					                 state->addresses);
	for (uint32_t i = 1; i < state->list_count; i++) {
		mailbox_set_each(&state->lists[i].members, index_pin, state->addresses);
		mailbox_set_each(&state->lists[i].members_before, index_pin, state->addresses);
	}
	for (uint32_t i = 1; i < state->file_count; i++) {
		struct file *file = &state->files[i];
		struct message *message = &state->messages[file->message];

		if (!file->live || !file->message)
			continue;
		MEMORY_GROW(message->file_list, message->files, message->file_capacity);
		file->slot = message->files;
		message->file_list[message->files++] = i;
	}
}

static bool index_post(struct state *state, uint32_t number)
{
	struct post *post = &state->posts[number];

	if (post->list >= state->list_count || !state->lists[post->list].live ||
	    post->message >= state->message_count || !held(state->texts, post->message_id) ||
	    !held(state->texts, post->sender) || !held(state->texts, post->client) ||
	    !held(state->texts, post->login) || !held(state->texts, post->subject) ||
	    !held(state->texts, post->normal_subject) ||
	    !held_all(state->texts, post->references, post->reference_count))
		return false;
	post_enlist(state, number);
	return true;
}

static bool index_incident(struct state *state, const struct incident *incident)
{
	if (!incident->live)
		return true;
	if (incident->list >= state->list_count)
		return false;
	for (uint32_t i = 0; i < incident->post_count; i++)
		if (incident->posts[i] >= state->post_count || !state->posts[incident->posts[i]].live)
			return false;
	return true;
}

#define FREE_NUMBERS(array, one) \
	for (uint32_t i = state->array##_count - 1; i > 0; i--) \
		if (!state->array##s[i].live) { \
			MEMORY_GROW(state->free_##array##s, state->free_##array##_count, \
			            state->free_##array##_capacity); \
			state->free_##array##s[state->free_##array##_count++] = i; \
		}

bool state_index(struct state *state)
{
	for (uint32_t i = 1; i < state->host_count; i++)
		if (!held(state->texts, state->hosts[i].name) || !host_enchain(state, i))
			return false;
	for (uint32_t i = 1; i < state->relay_count; i++)
		if (state->relays[i].name && (!held(state->texts, state->relays[i].name) || !relay_enchain(state, i)))
			return false;
	state->lists_settled = state->list_count;
	for (uint32_t i = 1; i < state->list_count; i++) {
		if (!state->lists[i].live)
			continue;
		if (!state->lists[i].address || !held(state->addresses, state->lists[i].address))
			return false;
		texts_pin(state->addresses, state->lists[i].address);
		list_enchain(state, i);
	}
	for (uint32_t i = 1; i < state->message_count; i++)
		if (state->messages[i].live && !index_message(state, i))
			return false;
	for (uint32_t i = 1; i < state->file_count; i++)
		if (state->files[i].live && !index_file(state, i))
			return false;
	for (uint32_t i = 1; i < state->link_count; i++)
		if (state->links[i].live &&
		    (!held(state->addresses, state->links[i].expanded) || !link_enchain(state, i)))
			return false;
	for (uint32_t i = 1; i < state->post_count; i++)
		if (state->posts[i].live && !index_post(state, i))
			return false;
	for (uint32_t i = 1; i < state->incident_count; i++)
		if (!index_incident(state, &state->incidents[i]))
			return false;
	for (uint32_t i = 0; i < state->refusal_count; i++)
		if (!held(state->addresses, state->refusals[i].address) ||
		    !held(state->texts, state->refusals[i].subject))
			return false;
	for (uint32_t i = 0; i < state->notification_count; i++)
		if (!held(state->texts, state->notifications[i].about))
			return false;
	for (uint32_t i = 1; i < state->message_count; i++)
		state->messages[i].changed = state->messages[i].unshared =
			state->messages[i].live && state->messages[i].post;
	refusal_index(state);
	index_content(state);
	texts_restored(state->texts);
	texts_restored(state->addresses);
	for (uint32_t i = state->relay_count - 1; i > 0; i--)
		if (!state->relays[i].name) {
			MEMORY_GROW(state->free_relays, state->free_relay_count, state->free_relay_capacity);
			state->free_relays[state->free_relay_count++] = i;
		}
	FREE_NUMBERS(list, list);
	FREE_NUMBERS(file, file);
	FREE_NUMBERS(message, message);
	FREE_NUMBERS(link, link);
	FREE_NUMBERS(post, post);
	return true;
}
