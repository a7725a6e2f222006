/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes the tables behind the views: posts, threads, lists, hours and
 * coverage that changed. Incidents have a file of their own.
 */
#include "daemon/base/memory.h"
#include "daemon/base/order.h"
#include "daemon/correlate/coverage.h"
#include "daemon/correlate/relay.h"
#include "daemon/correlate/storm.h"
#include "daemon/store/put_incident.h"
#include "daemon/store/spilled.h"
#include "daemon/store/statement.h"

static bool put_post(struct store *store, const struct state *state, const struct post *post)
{
	if (!post->live)
		return !post->id || post->kept_row || statement_run(store, "post-delete", "i", post->id);
	return statement_run(store, "post-put", "inilhapapiiiiiiiin", post->id, post->incident ? post->incident : -1,
	                     post->thread, texts_get(state->addresses, state->lists[post->list].address),
	                     texts_get(state->texts, post->message_id), texts_get(state->texts, post->sender),
	                     texts_get(state->texts, post->client), texts_get(state->texts, post->login),
	                     texts_get(state->texts, post->subject), post->posted_at, (int64_t)post->automatic,
	                     post->due, post->delivered, post->deferred, post->bounced, post->expired, post->pending,
	                     post->size);
}

static bool put_threads(struct store *store, const struct state *state, const struct list *list)
{
	struct slice address = texts_get(state->addresses, list->address);

	/* Threads whose posts have left memory keep their rows. */
	if (!list->post_count)
		return list->all_posts || statement_run(store, "thread-delete-list", "li", address, INT64_MIN);
	if (!statement_run(store, "thread-delete-list", "li", address, state->posts[list->posts[0]].posted_at))
		return false;
	for (uint32_t i = 0; i < list->threads.count; i++) {
		const struct thread *thread = &list->threads.items[i];
		const struct post *root = &state->posts[thread->posts[0]];
		int64_t deliveries = 0, incident = -1;

		for (uint32_t k = 0; k < thread->count; k++) {
			deliveries += state->posts[thread->posts[k]].delivered;
			if (state->posts[thread->posts[k]].incident)
				incident = state->posts[thread->posts[k]].incident;
		}
		if (!statement_run(store, "thread-put", "ilphiiiin", root->id, address,
		                   texts_get(state->texts, root->subject), texts_get(state->texts, root->message_id),
		                   root->posted_at, state->posts[thread->posts[thread->count - 1]].posted_at,
		                   (int64_t)thread->count, deliveries, incident))
			return false;
	}
	return true;
}

static const char *list_kind_name(enum list_kind kind)
{
	static const char *const names[] = {"alias", "group", "manager", "recipient-set"};

	return names[kind];
}

static int64_t list_members(const struct list *list)
{
	struct mailbox_set all = {0};
	int64_t members;

	mailbox_set_unite(&all, &list->members);
	mailbox_set_unite(&all, &list->members_before);
	members = (int64_t)mailbox_set_count(&all);
	mailbox_set_clear(&all);
	return members;
}

static bool put_list(struct store *store, const struct state *state, const struct list *list)
{
	int64_t deliveries = list->all_deliveries, posters, first = list->first_at, last = list->last_at;
	bool known;

	if (!list->post_count && !list->all_posts)
		return statement_run(store, "list-delete", "l", texts_get(state->addresses, list->address));
	for (uint32_t i = 0; i < list->post_count; i++)
		deliveries += state->posts[list->posts[i]].delivered;
	if (list->post_count) {
		first = first == TIME_NONE ? state->posts[list->posts[0]].posted_at : first;
		last = state->posts[list->posts[list->post_count - 1]].posted_at;
	}
	if (last < state->log_clock - state->settings->retention.posts)
		return statement_run(store, "list-delete", "l", texts_get(state->addresses, list->address));
	posters = storm_posters(state, list->posts, list->post_count, &known);
	return statement_run(store, "list-put", "lsiniiiimi", texts_get(state->addresses, list->address),
	                     list_kind_name(list->kind), list_members(list), known ? posters : -1,
	                     list->all_posts + (int64_t)list->post_count, deliveries, first, last, list->closed_at,
	                     (int64_t)(list->all_posts > 0));
}

/* One hour's figures, of one host or all; or what was booked, and taken back, since the hour was forgotten: that may be
 * less than none. */
struct hour_sum {
	struct histogram delays;
	int64_t deliveries, deferred, bounced, rejected, over[3];
};

static void hour_add(const struct state *state, struct hour_sum *sum, const struct cell *cell)
{
	sum->deferred += cell->deferred;
	sum->bounced += cell->bounced;
	sum->rejected += cell->rejected;
	if (!relay_counts(state, cell->key.relay, cell->key.unless))
		return;
	sum->deliveries += (int64_t)cell->delays.total - cell->lacking;
	histogram_merge(&sum->delays, &cell->delays, 1);
	for (int i = 0; i < 3; i++)
		sum->over[i] += cell->over[i];
}

static bool put_hour(struct store *store, const char *how, int64_t hour, struct slice host, struct hour_sum *sum)
{
	bool done = statement_run(store, how, "ipiiiinnniii", hour, host, sum->deliveries, sum->deferred, sum->bounced,
	                          sum->rejected, histogram_percentile(&sum->delays, 50),
	                          histogram_percentile(&sum->delays, 95), histogram_percentile(&sum->delays, 99),
	                          sum->over[0], sum->over[1], sum->over[2]);

	histogram_clear(&sum->delays);
	return done;
}

/* As the hour's row has it, which keeps its percentiles once the hour is forgotten. */
static void past_hour_set(struct state *state, int64_t hour, bool forgotten, int64_t p95)
{
	for (uint32_t i = state->past_hour_count; i-- > 0;)
		if (state->past_hours[i].hour == hour) {
			if (!forgotten || state->past_hours[i].p95_ms < 0)
				state->past_hours[i].p95_ms = p95;
			return;
		}
	MEMORY_GROW(state->past_hours, state->past_hour_count, state->past_hour_capacity);
	state->past_hours[state->past_hour_count++] = (struct past_hour){hour, p95};
}

static bool put_hour_of_hosts(struct store *store, struct state *state, int64_t hour)
{
	struct hour_sum *sums = memory_zeroed(state->host_count, sizeof(*sums));
	bool *seen = memory_zeroed(state->host_count, sizeof(*seen)), done = true;
	bool forgotten = hour < state->cells_before;
	const char *how = forgotten ? "hour-add" : "hour-put";

	for (uint32_t i = 0; i < state->all.count; i++) {
		const struct cell *cell = &state->all.items[i];

		if (cell->key.kind != CELL_HOUR || cell->key.at != hour)
			continue;
		hour_add(state, &sums[cell->key.host], cell);
		hour_add(state, &sums[0], cell);
		seen[cell->key.host] = true;
	}
	past_hour_set(state, hour, forgotten, histogram_percentile(&sums[0].delays, 95));
	done = put_hour(store, how, hour, SLICE(""), &sums[0]);
	for (uint32_t i = 1; i < state->host_count; i++)
		if (seen[i])
			done = put_hour(store, how, hour, texts_get(state->texts, state->hosts[i].name), &sums[i]) &&
			       done;
	free(sums);
	free(seen);
	return done;
}

static bool put_hours(struct store *store, struct state *state)
{
	int64_t *hours = NULL;
	uint32_t count = 0, capacity = 0;
	bool done = true;

	for (uint32_t i = 0; i < state->all.count; i++) {
		const struct cell *cell = &state->all.items[i];

		if (cell->key.kind != CELL_HOUR || (!cell->dirty && !state->hours_changed))
			continue;
		MEMORY_GROW(hours, count, capacity);
		hours[count++] = cell->key.at;
	}
	if (count)
		qsort(hours, count, sizeof(*hours), order_int64);
	for (uint32_t i = 0; i < count; i++)
		if (i == 0 || hours[i] != hours[i - 1])
			done = put_hour_of_hosts(store, state, hours[i]) && done;
	free(hours);
	return done;
}

bool put_coverage(struct store *store, const struct state *state, const struct coverage_waiting *waiting,
                  int64_t incident, int64_t from, int64_t until)
{
	struct coverage_row *rows = coverage_make(state, waiting, from, until);

	for (uint32_t i = 1; i < state->host_count; i++) {
		const struct coverage_row *r = &rows[i];

		if (!r->lines && !r->lost)
			continue;
		if (!statement_run(store, "coverage-put", "ipmmiiiiiiiin", incident,
		                   texts_get(state->texts, state->hosts[i].name), r->first_at, r->last_at, r->lines,
		                   r->unparsed, r->repeated, r->lost, r->orphans, r->unfinished, r->ambiguous, r->late,
		                   r->gap_ms)) {
			free(rows);
			return false;
		}
	}
	free(rows);
	return true;
}

/* Coverage of all, and the incidents. */
static bool put_incidents(struct store *store, struct state *state, bool final)
{
	struct coverage_waiting *waiting = coverage_waiting_new(state);
	bool done = put_coverage(store, state, waiting, 0, INT64_MIN, INT64_MAX);

	for (uint32_t i = 1; done && i < state->incident_count; i++)
		done = put_incident(store, state, waiting, &state->incidents[i], final);
	coverage_waiting_free(&waiting);
	return done;
}

bool store_put_figures(struct store *store, struct state *state, bool final)
{
	/* First, since what is queued is told from them too. */
	if (!put_spilled(store, state))
		return false;
	for (uint32_t i = 1; i < state->post_count; i++)
		if (state->posts[i].dirty && !put_post(store, state, &state->posts[i]))
			return false;
	for (uint32_t i = 1; i < state->list_count; i++)
		if (state->lists[i].live && state->lists[i].dirty &&
		    (!put_threads(store, state, &state->lists[i]) || !put_list(store, state, &state->lists[i])))
			return false;
	return put_hours(store, state) && put_incidents(store, state, final) &&
	       statement_run(store, "as-of", "i", state->log_clock);
}
