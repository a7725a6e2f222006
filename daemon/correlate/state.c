/* SPDX-License-Identifier: Apache-2.0
 *
 * Making and freeing the state, see state.h.
 */
#include "daemon/correlate/state.h"

#include "daemon/base/memory.h"
#include "daemon/correlate/deferral.h"
#include "daemon/correlate/done.h"
#include "daemon/correlate/notice_set.h"
#include "daemon/correlate/spill.h"
#include "daemon/correlate/thread.h"

struct state *state_new(const struct settings *settings)
{
	struct state *state = memory_zeroed(1, sizeof(*state));

	state->settings = settings;
	state->spill = spill_new();
	state->texts = texts_new(true);
	state->addresses = texts_new(true);
	state->log_clock = state->last_fold = state->last_unload = state->cells_before = INT64_MIN / 2;
	state->next_post = state->next_incident = 1;
	/* Number 0 of every array is "none". */
#define NONE(array) \
	MEMORY_GROW(state->array##s, state->array##_count, state->array##_capacity); \
	memset(&state->array##s[state->array##_count++], 0, sizeof(*state->array##s))
	NONE(host);
	NONE(relay);
	NONE(file);
	NONE(message);
	NONE(link);
	NONE(list);
	NONE(post);
	NONE(incident);
#undef NONE
	return state;
}

static void state_free_message(struct message *message)
{
	for (uint32_t i = 0; i < message->bucket_count; i++) {
		for (uint32_t k = 0; k < message->buckets[i].set_count; k++)
			mailbox_set_clear(&message->buckets[i].sets[k].set);
		free(message->buckets[i].sets);
		cells_clear(&message->buckets[i].cells);
	}
	free(message->buckets);
	free(message->hops);
	free(message->vias);
	table_clear(&message->by_via);
	mailbox_set_clear(&message->via_set);
	free(message->file_list);
	free(message->references);
	free(message->posts);
	notice_clear(message);
	deferral_clear(message);
}

static void state_free_file(struct file *file)
{
	free(file->recipients);
	bundles_free(file->bundles);
	table_clear(&file->by_recipient);
	done_free(&file->done);
	free(file->references);
	free(file->notices);
	free(file->claims);
}

void state_free(struct state **at)
{
	struct state *state = *at;

	if (!state)
		return;
	for (uint32_t i = 0; i < state->host_count; i++)
		free(state->hosts[i].hours);
	for (uint32_t i = 0; i < state->file_count; i++)
		state_free_file(&state->files[i]);
	for (uint32_t i = 0; i < state->message_count; i++)
		state_free_message(&state->messages[i]);
	for (uint32_t i = 0; i < state->list_count; i++) {
		free(state->lists[i].posts);
		free(state->lists[i].refusals);
		threads_free(&state->lists[i].threads);
		mailbox_set_clear(&state->lists[i].members);
		mailbox_set_clear(&state->lists[i].members_before);
	}
	for (uint32_t i = 0; i < state->post_count; i++)
		free(state->posts[i].references);
	for (uint32_t i = 0; i < state->incident_count; i++)
		free(state->incidents[i].posts);
	table_clear(&state->by_host);
	table_clear(&state->by_relay);
	table_clear(&state->by_queue_id);
	table_clear(&state->by_message_id);
	table_clear(&state->by_link);
	table_clear(&state->by_list);
	table_clear(&state->by_told);
	table_clear(&state->by_post_id);
	free(state->hosts);
	free(state->relays);
	free(state->free_relays);
	free(state->files);
	free(state->free_files);
	free(state->file_looks);
	free(state->messages);
	free(state->free_messages);
	free(state->links);
	free(state->free_links);
	free(state->lists);
	free(state->free_lists);
	free(state->posts);
	free(state->free_posts);
	free(state->refusals);
	free(state->told);
	free(state->notifications);
	free(state->past_hours);
	free(state->incidents);
	mailbox_set_clear(&state->list_addresses);
	cells_clear(&state->all);
	spill_free(&state->spill);
	texts_free(&state->texts);
	texts_free(&state->addresses);
	free(state);
	*at = NULL;
}
