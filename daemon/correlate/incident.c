/* SPDX-License-Identifier: Apache-2.0
 *
 * From lists that changed to threads and incidents, see incident.h.
 */
#include "daemon/correlate/incident.h"

#include "daemon/base/memory.h"
#include "daemon/correlate/host.h"
#include "daemon/correlate/notification.h"
#include "daemon/correlate/post.h"
#include "daemon/correlate/refusal.h"
#include "daemon/correlate/relay_settle.h"
#include "daemon/correlate/storm.h"

int64_t list_closed_at(const struct state *state, const struct list *list)
{
	int64_t last = list->last_at;

	if (list->post_count && state->posts[list->posts[list->post_count - 1]].posted_at > last)
		last = state->posts[list->posts[list->post_count - 1]].posted_at;
	for (uint32_t i = 0; i < list->refusal_count; i++)
		if (list->refusals[i].at > last)
			return list->refusals[i].at;
	return TIME_NONE;
}

uint32_t list_latest_incident(const struct state *state, uint32_t list)
{
	uint32_t latest = 0;

	for (uint32_t i = 1; i < state->incident_count; i++)
		if (state->incidents[i].live && state->incidents[i].list == list &&
		    (!latest || state->incidents[i].opened_at > state->incidents[latest].opened_at))
			latest = i;
	return latest;
}

/* How many of an incident's posts stand in the thread. */
static uint32_t incident_overlap(const struct state *state, const struct incident *incident,
                                 const struct thread *thread)
{
	uint32_t common = 0;

	for (uint32_t i = 0; i < thread->count; i++)
		common += state->posts[thread->posts[i]].incident == incident->id;
	return common;
}

/* The incident of the list that the thread was, or 0. */
static uint32_t incident_of_thread(const struct state *state, uint32_t list, const struct thread *thread,
                                   const bool *taken)
{
	uint32_t best = 0, most = 0;

	for (uint32_t i = 1; i < state->incident_count; i++) {
		uint32_t common;

		if (!state->incidents[i].live || state->incidents[i].list != list || taken[i] ||
		    state->incidents[i].frozen)
			continue;
		common = incident_overlap(state, &state->incidents[i], thread);
		if (common > most) {
			most = common;
			best = i;
		}
	}
	return best;
}

static uint32_t incident_new(struct state *state, uint32_t list, const struct storm_settings *settings)
{
	MEMORY_GROW(state->incidents, state->incident_count, state->incident_capacity);
	state->incidents[state->incident_count] =
		(struct incident){.list = list, .settings = *settings, .live = true, .detected_wall_at = state->wall};
	return state->incident_count++;
}

/* The posts are those that it had, and their figures are what they were. */
static bool incident_unchanged(const struct state *state, const struct incident *incident, const uint32_t *posts,
                               uint32_t count)
{
	if (incident->post_count != count)
		return false;
	for (uint32_t i = 0; i < count; i++)
		if (incident->posts[i] != posts[i] || state->posts[posts[i]].dirty)
			return false;
	return true;
}

static void incident_take(struct state *state, uint32_t number, const struct thread *thread, struct verdict verdict)
{
	struct incident *incident = &state->incidents[number];
	const uint32_t *posts = thread->posts + verdict.begin;
	uint32_t count = thread->count - verdict.begin;

	incident->norm = verdict.norm;
	if (incident_unchanged(state, incident, posts, count) &&
	    incident->detected_at == state->posts[thread->posts[verdict.crossing]].posted_at &&
	    incident->method == (int)thread->method)
		return;
	free(incident->posts);
	incident->post_count = count;
	incident->posts = memory_zeroed(count, sizeof(*incident->posts));
	memcpy(incident->posts, posts, count * sizeof(*posts));
	incident->thread = state->posts[thread->posts[0]].thread;
	incident->opened_at = state->posts[incident->posts[0]].posted_at;
	incident->detected_at = state->posts[thread->posts[verdict.crossing]].posted_at;
	incident->method = (int)thread->method;
	incident->dirty = true;
}

static void incident_withdraw(struct incident *incident)
{
	free(incident->posts);
	incident->posts = NULL;
	incident->post_count = 0;
	incident->live = false;
	incident->dirty = true;
}

/* Posts know their incident once all threads of the list were judged. */
static void list_tell_posts(struct state *state, uint32_t number)
{
	const struct list *list = &state->lists[number];

	for (uint32_t i = 0; i < list->post_count; i++)
		state->posts[list->posts[i]].incident_next = 0;
	for (uint32_t i = 1; i < state->incident_count; i++) {
		const struct incident *incident = &state->incidents[i];

		for (uint32_t k = 0; incident->live && incident->list == number && k < incident->post_count; k++)
			state->posts[incident->posts[k]].incident_next = incident->id;
	}
	for (uint32_t i = 0; i < list->post_count; i++) {
		struct post *post = &state->posts[list->posts[i]];

		post->dirty = post->dirty || post->incident != post->incident_next;
		post->incident = post->incident_next;
	}
}

static int incident_order(const void *a, const void *b, void *with)
{
	const struct state *state = with;
	const struct incident *x = &state->incidents[*(const uint32_t *)a],
			      *y = &state->incidents[*(const uint32_t *)b];

	if (x->detected_at != y->detected_at)
		return x->detected_at < y->detected_at ? -1 : 1;
	if (x->opened_at != y->opened_at)
		return x->opened_at < y->opened_at ? -1 : 1;
	return post_compare(state, x->posts[0], y->posts[0]);
}

/* New ones get their numbers in the order of detection. */
static bool incidents_number(struct state *state)
{
	uint32_t *fresh = NULL, count = 0, capacity = 0;

	for (uint32_t i = 1; i < state->incident_count; i++)
		if (state->incidents[i].live && !state->incidents[i].id) {
			MEMORY_GROW(fresh, count, capacity);
			fresh[count++] = i;
		}
	if (count)
		qsort_r(fresh, count, sizeof(*fresh), incident_order, state);
	for (uint32_t i = 0; i < count; i++)
		state->incidents[fresh[i]].id = state->next_incident++;
	free(fresh);
	return count > 0;
}

/* What of a thread is to be judged: its posts after those of incidents that are frozen, which are left out of the norm. */
static struct thread list_not_frozen(struct state *state, uint32_t number, const struct thread *thread)
{
	uint32_t from = 0;

	for (uint32_t i = 1; i < state->incident_count; i++) {
		const struct incident *incident = &state->incidents[i];
		uint32_t until = thread->count;

		if (!incident->live || !incident->frozen || !incident->post_count || incident->list != number)
			continue;
		while (until > 0 && state->posts[thread->posts[until - 1]].incident != incident->id)
			until--;
		if (until)
			storm_leave_out(state, incident);
		from = until > from ? until : from;
	}
	return (struct thread){thread->posts + from, thread->count - from, thread->method};
}

/* What is remembered of an incident whose norm has left memory: it stands as long as its first post is of the thread. */
static struct verdict incident_verdict(const struct state *state, const struct incident *incident,
                                       const struct thread *thread)
{
	struct verdict verdict = {.norm = incident->norm};

	if (thread->method != THREAD_LIST_GAP ||
	    !storm_is_settled(&state->lists[incident->list], incident->opened_at, incident->detected_at))
		return verdict;
	for (uint32_t i = 0; i < thread->count && !verdict.storm; i++) {
		if (thread->posts[i] == incident->posts[0])
			verdict.begin = i;
		verdict.crossing = i;
		verdict.storm = thread->posts[verdict.begin] == incident->posts[0] &&
		                state->posts[thread->posts[i]].posted_at >= incident->detected_at;
	}
	return verdict;
}

/* `closing`: when the list was closed may have changed, which its incidents may tell of. */
static bool list_judge(struct state *state, uint32_t number, bool closing)
{
	const struct list_settings *own;
	struct list *list = &state->lists[number];
	const struct storm_settings *settings =
		settings_of_list(state->settings, texts_get(state->addresses, list->address), &own);
	bool *taken = memory_zeroed(state->incident_count + list->threads.count, sizeof(*taken)), withdrawn = false;

	for (uint32_t i = 0; i < list->post_count; i++)
		state->posts[list->posts[i]].unusual = false;
	/* In the order of time: each thread's norm knows what became of those before it. */
	for (uint32_t i = 0; i < list->threads.count; i++) {
		struct thread thread = list_not_frozen(state, number, &list->threads.items[i]);
		uint32_t incident = incident_of_thread(state, number, &thread, taken);
		struct verdict verdict = {0};

		if (incident)
			verdict = incident_verdict(state, &state->incidents[incident], &thread);
		if (!verdict.storm && (!own || !own->ignore))
			verdict = storm_judge(state, list, &thread,
			                      incident ? &state->incidents[incident].settings : settings);
		if (!verdict.storm)
			continue;
		if (!incident)
			incident = incident_new(state, number, settings);
		taken[incident] = true;
		incident_take(state, incident, &thread, verdict);
		storm_leave_out(state, &state->incidents[incident]);
	}
	for (uint32_t i = 1; i < state->incident_count; i++)
		if (state->incidents[i].live && state->incidents[i].list == number && !taken[i] &&
		    !state->incidents[i].frozen) {
			incident_withdraw(&state->incidents[i]);
			withdrawn = true;
		}
	free(taken);
	for (uint32_t i = 1; closing && i < state->incident_count; i++)
		if (state->incidents[i].list == number)
			state->incidents[i].dirty = true;
	return withdrawn;
}

static void list_settle(struct state *state, uint32_t number)
{
	struct list *list = &state->lists[number];
	const struct list_settings *own;

	threads_free(&list->threads);
	list->threads = threads_of(state, list,
	                           settings_of_list(state->settings, texts_get(state->addresses, list->address), &own)
	                                   ->thread_gap);
	for (uint32_t i = 0; i < list->threads.count; i++)
		for (uint32_t k = 0; k < list->threads.items[i].count; k++) {
			struct post *post = &state->posts[list->threads.items[i].posts[k]];
			int64_t thread = state->posts[list->threads.items[i].posts[0]].id;

			post->dirty = post->dirty || post->thread != thread;
			post->thread = thread;
		}
	list->closed_at = list_closed_at(state, list);
	texts_set_known(state->addresses, list->address,
	                list->kind != LIST_RECIPIENT_SET && (list->post_count || list->all_posts));
	list->dirty = true;
}

bool settle(struct state *state)
{
	bool news = false, closed;

	relays_settle(state);
	posts_settle(state);
	for (uint32_t i = 1; i < state->list_count; i++) {
		if (!state->lists[i].changed)
			continue;
		closed = state->lists[i].closed_at != TIME_NONE;
		list_settle(state, i);
		closed = closed || state->lists[i].closed_at != TIME_NONE;
		news = list_judge(state, i, closed) || news;
	}
	news = incidents_number(state) || news;
	refusal_forget(state, host_slowest_clock(state) - 2 * state->settings->input.join_window);
	notification_forget(state, host_slowest_clock(state) - 2 * state->settings->input.join_window);
	for (uint32_t i = 1; i < state->list_count; i++)
		if (state->lists[i].changed) {
			list_tell_posts(state, i);
			state->lists[i].changed = false;
		}
	return news;
}
