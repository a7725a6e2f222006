/* SPDX-License-Identifier: Apache-2.0
 *
 * Unloading, see unload.h. Posts stay as heads, without sets, for the 28 days
 * that a list's norm looks back on, and so that one told again is known; of more
 * than settings allow the oldest go earlier. Those of a thread that goes on stay
 * whole, of old ones no more than a share of that. An incident that goes on since
 * its list is never quiet ends with its storm once that is as old. A recipient set
 * goes with its last post: none can join it.
 */
#include "daemon/correlate/unload.h"

#include "daemon/base/memory.h"
#include "daemon/base/order.h"
#include "daemon/correlate/figures.h"
#include "daemon/correlate/list.h"
#include "daemon/correlate/message.h"
#include "daemon/correlate/post.h"
#include "daemon/correlate/storm.h"

#define UNLOAD_LEAST (6 * HOUR) /* of log time, from one unloading to the next */
#define KEEP_HEADS (30 * DAY)
#define KEEP_WHOLE 10 /* of the past posts that settings allow one in so many may be whole, by weight */

/* How much past posts may weigh that are whole. */
static int64_t most_whole(const struct state *state)
{
	return state->settings->limits.past_posts / KEEP_WHOLE;
}

static int64_t unload_gap(const struct state *state, uint32_t list)
{
	const struct list_settings *own;

	return settings_of_list(state->settings, texts_get(state->addresses, state->lists[list].address), &own)
	        ->thread_gap;
}

/* Since when posts may be of a thread that goes on: by list, and in all. */
struct over {
	int64_t *since; /* by list: it was not quiet for its thread_gap since then; INT64_MAX: it is now */
	int64_t whole;  /* from this time on posts are kept with their sets while their thread goes on */
};

/* A post that is kept for its thread alone. */
struct kept {
	int64_t at;
	int64_t weight;
};

static int64_t over_since(const struct state *state, uint32_t number)
{
	const struct list *list = &state->lists[number];
	int64_t gap, since;

	if (!list->live || !list->post_count)
		return INT64_MAX;
	gap = unload_gap(state, number);
	since = state->posts[list->posts[list->post_count - 1]].posted_at;
	if (since < state->log_clock - gap - HOUR)
		return INT64_MAX;
	for (uint32_t i = list->post_count; i-- > 0 && since - state->posts[list->posts[i]].posted_at < gap;)
		since = state->posts[list->posts[i]].posted_at;
	return since;
}

/* Older than what waits for its thread's end anyway. */
static bool over_is_old(const struct state *state, const struct post *post)
{
	return post->posted_at < state->log_clock - unload_gap(state, post->list) - HOUR;
}

/* A unit are 4 kB, and as much for each 16,384 mailboxes: they are in two sets, a bit each. */
int64_t unload_weight(const struct state *state, const struct message *message)
{
	const struct post *post = &state->posts[message->post_count ? message->posts[0] : 0];

	/* It may be a post, which is judged before it is written. */
	if (!message->post_count)
		return message->changed &&
		       message->last_accepted < state->log_clock - state->settings->storm.thread_gap - HOUR;
	return over_is_old(state, post) ? 1 + post->due / 16384 : 0;
}

bool unload_waits(const struct state *state)
{
	if (state->last_unload > TIME_NONE / 2)
		return state->log_clock > state->last_unload + UNLOAD_LEAST;
	return state->past_weight > most_whole(state) * 2;
}

static int kept_compare(const void *a, const void *b)
{
	return order_int64(&((const struct kept *)b)->at, &((const struct kept *)a)->at);
}

/* The latest that weigh no more than settings allow are at hand from this time on. */
static int64_t over_whole(const struct state *state)
{
	int64_t mailboxes = state->settings->retention.mailboxes, most = most_whole(state);
	int64_t whole = state->log_clock - (mailboxes < KEEP_HEADS ? mailboxes : KEEP_HEADS);
	struct kept *kept = memory_zeroed(state->message_count, sizeof(*kept));
	uint32_t count = 0;

	for (uint32_t i = 1; i < state->message_count; i++) {
		const struct message *message = &state->messages[i];
		int64_t weight = message->live && message->post_count ? unload_weight(state, message) : 0;

		if (weight)
			kept[count++] = (struct kept){state->posts[message->posts[0]].posted_at, weight};
	}
	qsort(kept, count, sizeof(*kept), kept_compare);
	for (uint32_t i = 0; i < count && kept[i].at >= whole; i++) {
		most -= kept[i].weight;
		if (most < 0)
			whole = kept[i].at + 1;
	}
	free(kept);
	return whole;
}

static struct over over_made(const struct state *state)
{
	struct over over = {memory_zeroed(state->list_count, sizeof(*over.since)), over_whole(state)};

	for (uint32_t i = 1; i < state->list_count; i++)
		over.since[i] = over_since(state, i);
	return over;
}

/* No further post can belong to its thread, or it is too old to wait for one. */
static bool over_for(const struct state *state, const struct over *over, const struct post *post)
{
	return over_is_old(state, post) && (post->posted_at < over->since[post->list] || post->posted_at < over->whole);
}

/* Of a list that is never quiet, and tells no thread: how many of its posts were the storm, and those of the thread_gap after
 * it. Of one that does not end those that no queue holds any more. */
static uint32_t incident_lasted(const struct state *state, const struct over *over, const struct incident *incident)
{
	int64_t held = state->log_clock - state->settings->input.queue_lifetime - HOUR;
	uint32_t count = 0, storm;

	if (incident->method != THREAD_LIST_GAP || incident->opened_at >= over->whole)
		return 0;
	storm = storm_lasts(state, incident);
	while (count < storm && state->posts[incident->posts[count]].posted_at < held &&
	       over_is_old(state, &state->posts[incident->posts[count]]))
		count++;
	return count;
}

/* It ends with so many of its posts; what came after them is judged anew. */
static void incident_cut(struct state *state, struct incident *incident, uint32_t count)
{
	struct list *list = &state->lists[incident->list];
	int64_t last = state->posts[incident->posts[count - 1]].posted_at;

	for (uint32_t i = count; i < incident->post_count; i++) {
		state->posts[incident->posts[i]].incident = 0;
		state->posts[incident->posts[i]].dirty = true;
	}
	incident->post_count = count;
	incident->frozen = incident->cut = incident->dirty = true;
	list->judged_at = list->judged_at < last ? list->judged_at : last;
	list->changed = list->dirty = true;
}

/* Closed, and its thread is over; or it began so long ago that its thread would not end in memory. */
static void unload_incident(struct state *state, const struct over *over, struct incident *incident)
{
	uint32_t lasted;

	if (!incident->live || incident->frozen || incident->dirty)
		return;
	if (incident->state == INCIDENT_CLOSED &&
	    over_for(state, over, &state->posts[incident->posts[incident->post_count - 1]])) {
		incident->frozen = incident->dirty = true;
		return;
	}
	lasted = incident_lasted(state, over, incident);
	if (lasted > 0 && lasted < incident->post_count)
		incident_cut(state, incident, lasted);
}

static bool unload_needed(const struct state *state, const struct over *over, const struct post *post)
{
	for (uint32_t i = 1; post->incident && i < state->incident_count; i++)
		if (state->incidents[i].id == post->incident)
			return state->incidents[i].live && (!state->incidents[i].frozen || state->incidents[i].cut);
	return !over_for(state, over, post);
}

/* It was none after all: held by a list manager, or sent on under another Message-ID. */
static bool unload_no_post(const struct state *state, const struct message *message)
{
	return message->post_count == 0 &&
	       message->last_accepted < state->log_clock - state->settings->storm.thread_gap - HOUR;
}

static void unload_message(struct state *state, const struct over *over, uint32_t number)
{
	struct message *message = &state->messages[number];

	if (!message->live || !message->post || message->files || message->spilled || message->changed)
		return;
	if (message->post_count == 0 && !unload_no_post(state, message))
		return;
	for (uint32_t i = 0; i < message->post_count; i++)
		if (unload_needed(state, over, &state->posts[message->posts[i]]))
			return;
	for (uint32_t i = 0; i < message->post_count; i++) {
		state->posts[message->posts[i]].message = 0;
		state->posts[message->posts[i]].dirty = true;
	}
	message_forget(state, number);
}

/* Of the list's first posts so many that none is of an incident of which another stays. */
static uint32_t unload_whole(const struct state *state, const struct list *list, uint32_t count)
{
	for (uint32_t i = 1; count && i < state->incident_count; i++) {
		const struct incident *incident = &state->incidents[i];
		const uint32_t *posts = incident->posts, last = list->posts[count - 1];

		if (!incident->live || !incident->post_count || &state->lists[incident->list] != list ||
		    post_compare(state, posts[0], last) > 0 ||
		    (incident->frozen && post_compare(state, posts[incident->post_count - 1], last) <= 0))
			continue;
		while (count && post_compare(state, list->posts[count - 1], posts[0]) >= 0)
			count--;
		i = 0; /* this may be in the midst of another */
	}
	return count;
}

static void unload_incidents_of(struct state *state, const struct list *list)
{
	for (uint32_t i = 1; i < state->incident_count; i++) {
		struct incident *incident = &state->incidents[i];

		if (!incident->post_count || &state->lists[incident->list] != list ||
		    state->posts[incident->posts[0]].live)
			continue;
		free(incident->posts);
		incident->posts = NULL;
		incident->post_count = 0;
		incident->dirty = true;
	}
}

/* Heads that nobody looks back on: their numbers are summed up in the list, their rows stay. What they were judged to be
 * stands, and so does what other posts were held to be while these were at hand. */
static void unload_heads(struct state *state, struct list *list, int64_t before)
{
	uint32_t gone = 0;

	while (gone < list->post_count && !state->posts[list->posts[gone]].message &&
	       state->posts[list->posts[gone]].posted_at < before)
		gone++;
	gone = unload_whole(state, list, gone);
	if (!gone)
		return;
	list->judged_at = state->posts[list->posts[list->post_count - 1]].posted_at;
	for (uint32_t i = 0; i < gone; i++) {
		const struct post *post = &state->posts[list->posts[i]];

		list->all_posts++;
		list->all_deliveries += post->delivered;
		list->first_at = list->first_at == TIME_NONE ? post->posted_at : list->first_at;
		list->last_at = post->posted_at;
		post_drop_head(state, list->posts[i]);
	}
	unload_incidents_of(state, list);
	memmove(list->posts, list->posts + gone, (list->post_count - gone) * sizeof(*list->posts));
	list->post_count -= gone;
	list->changed = list->dirty = true;
}

bool unload_overdue(const struct state *state, int64_t before)
{
	for (uint32_t i = 1; i < state->incident_count; i++)
		if (state->incidents[i].live && !state->incidents[i].frozen && state->incidents[i].opened_at < before)
			return true;
	for (uint32_t i = 1; i < state->message_count; i++)
		if (state->messages[i].live && state->messages[i].last_accepted < before)
			return true;
	for (uint32_t i = 1; i < state->list_count; i++)
		if (state->lists[i].post_count &&
		    state->posts[state->lists[i].posts[0]].posted_at < state->log_clock - KEEP_HEADS)
			return true;
	return false;
}

static bool unload_has_incident(const struct state *state, uint32_t list)
{
	for (uint32_t i = 1; i < state->incident_count; i++)
		if (state->incidents[i].live && state->incidents[i].list == list)
			return true;
	return false;
}

/* A recipient set of which nothing is at hand but heads: its rows in the store stay as they are. */
static void unload_set(struct state *state, uint32_t number)
{
	struct list *list = &state->lists[number];

	if (!list->live || list->kind != LIST_RECIPIENT_SET || list->changed || list->dirty)
		return;
	for (uint32_t i = 0; i < list->post_count; i++)
		if (state->posts[list->posts[i]].message)
			return;
	if (unload_has_incident(state, number))
		return;
	for (uint32_t i = 0; i < list->post_count; i++)
		post_drop_head(state, list->posts[i]);
	list->post_count = 0;
	list_forget(state, number);
}

/* Heads of posts before this time go. */
static int64_t unload_before(const struct state *state)
{
	int64_t most = state->settings->limits.past_posts, before = state->log_clock - KEEP_HEADS;
	int64_t *times = memory_zeroed(state->post_count, sizeof(*times)), count = 0;

	for (uint32_t i = 1; i < state->post_count; i++)
		if (state->posts[i].live && !state->posts[i].message)
			times[count++] = state->posts[i].posted_at;
	if (count > most) {
		qsort(times, (size_t)count, sizeof(*times), order_int64);
		before = times[count - most] > before ? times[count - most] : before;
	}
	free(times);
	return before;
}

void unload(struct state *state)
{
	struct over over;
	int64_t before;

	if (state->log_clock < state->last_unload + HOUR)
		return;
	state->last_unload = state->log_clock;
	over = over_made(state);
	for (uint32_t i = 1; i < state->incident_count; i++)
		unload_incident(state, &over, &state->incidents[i]);
	for (uint32_t i = 1; i < state->message_count; i++)
		unload_message(state, &over, i);
	before = unload_before(state);
	for (uint32_t i = 1; i < state->list_count; i++) {
		unload_set(state, i);
		if (!state->lists[i].changed) /* else they may be of something yet */
			unload_heads(state, &state->lists[i], before);
	}
	free(over.since);
}
