/* SPDX-License-Identifier: Apache-2.0
 *
 * Figures of an incident, see figures.h: sums over posts, unions of sets,
 * delays end to end, and the state.
 */
#include "daemon/correlate/figures.h"

#include "daemon/base/memory.h"
#include "daemon/correlate/address.h"
#include "daemon/correlate/host.h"
#include "daemon/correlate/incident.h"
#include "daemon/correlate/post.h"
#include "daemon/correlate/relay.h"
#include "daemon/correlate/storm.h"

int64_t figures_now(const struct state *state)
{
	return state->log_clock;
}

static const struct post *figures_post(const struct state *state, const struct incident *incident, uint32_t i)
{
	return &state->posts[incident->posts[i]];
}

static void figures_sum(const struct state *state, const struct incident *incident, struct figures *figures)
{
	struct ledger *ledger = &figures->ledger;
	bool known;

	figures->bytes_delivered = -1;
	for (uint32_t i = 0; i < incident->post_count; i++) {
		const struct post *post = figures_post(state, incident, i);

		ledger->posts_accepted++;
		ledger->pairs_due += post->due;
		ledger->delivered += post->delivered;
		ledger->bounced += post->bounced;
		ledger->expired += post->expired;
		ledger->discarded += post->discarded;
		ledger->removed_by_admin += post->admin;
		ledger->pending += post->pending;
		ledger->unaccounted += post->unaccounted;
		ledger->handed_outside += post->handed_outside;
		ledger->auto_replies += i > 0 && post->automatic;
		if (post->message)
			ledger->notifications += state->messages[post->message].notice_count;
		figures->reply_deliveries += i > 0 ? post->delivered : 0;
		figures->avoidable_deliveries += post->posted_at > incident->detected_at ? post->delivered : 0;
		if (post->size >= 0)
			figures->bytes_delivered = (figures->bytes_delivered < 0 ? 0 : figures->bytes_delivered) +
			                           post->size * post->delivered;
		figures->last_post_at = post->posted_at;
	}
	figures->posts = ledger->posts_accepted;
	figures->replies = figures->posts - 1;
	figures->auto_replies = ledger->auto_replies;
	figures->deliveries = ledger->delivered;
	figures->pending = ledger->pending;
	figures->unaccounted = ledger->unaccounted;
	figures->posters = storm_posters(state, incident->posts, incident->post_count, &known);
	if (!known)
		figures->posters = -1;
}

/* Unions over the posts, and what lines told of each. */
static void figures_unite(const struct state *state, const struct incident *incident, struct figures *figures)
{
	struct mailbox_set reached = {0}, deferred = {0}, bounced = {0}, expired = {0}, members = {0};

	for (uint32_t i = 0; i < incident->post_count; i++) {
		struct post_sets sets;

		if (!post_sets_of(state, figures_post(state, incident, i), &sets))
			continue;
		mailbox_set_unite(&reached, &sets.delivered);
		mailbox_set_unite(&deferred, &sets.deferred);
		mailbox_set_unite(&bounced, &sets.bounced);
		mailbox_set_unite(&expired, &sets.expired);
		mailbox_set_subtract(&sets.named, &sets.direct);
		mailbox_set_unite(&members, &sets.named);
		figures->ledger.hand_overs += sets.hand_overs;
		figures->ledger.attempts += sets.attempts;
		figures->ledger.repeats += sets.repeats;
		post_sets_clear(&sets);
	}
	figures->mailboxes = (int64_t)mailbox_set_count(&reached);
	figures->deferred_mailboxes = (int64_t)mailbox_set_count(&deferred);
	figures->bounced_mailboxes = (int64_t)mailbox_set_count(&bounced);
	figures->expired_mailboxes = (int64_t)mailbox_set_count(&expired);
	figures->members = (int64_t)mailbox_set_count(&members);
	mailbox_set_clear(&reached);
	mailbox_set_clear(&deferred);
	mailbox_set_clear(&bounced);
	mailbox_set_clear(&expired);
	mailbox_set_clear(&members);
}

struct delays {
	const struct state *state;
	const struct post *post;
	struct figures *figures;
	struct histogram total;
};

/* All that is counted in a second was delivered after a time: of the second of that itself this is known where the cell's
 * last delivery is in it. */
static bool second_is_after(const struct cell *cell, int64_t second, int64_t time)
{
	return second > time || (cell->last_at > time && cell->last_at < second + SECOND);
}

/* Deliveries told after the list was closed. */
static void figures_after_close(const struct delays *delays, const struct cell *cell)
{
	int64_t closed = delays->figures->list_closed_at;

	if (closed == TIME_NONE || !relay_counts(delays->state, cell->key.relay, cell->key.unless))
		return;
	for (int i = 0; cell->seconds && i < 60; i++)
		if (second_is_after(cell, cell->key.at + i * SECOND, closed))
			delays->figures->ledger.delivered_after_close += cell->seconds[i];
}

static void figures_delay(const struct cells *cells, const struct cell *cell, void *with)
{
	struct delays *delays = with;
	struct figures *figures = delays->figures;

	if (cell->key.kind == CELL_MINUTE)
		figures_after_close(delays, cell);
	if (cell->key.kind == CELL_MINUTE && cell->last_at > figures->last_end_at && (cell->bounced || cell->ended))
		figures->last_end_at = cell->last_at;
	if (cell->key.kind != CELL_ARRIVAL || !cell->delays.total ||
	    !relay_counts(delays->state, cell->key.relay, cell->key.unless))
		return;
	if (cell->last_at > figures->last_delivery_at)
		figures->last_delivery_at = cell->last_at;
	histogram_merge_shifted(&delays->total, &cell->delays,
	                        (cells_arrival_time(cells, cell) - delays->post->posted_at + 500) / 1000);
}

static void figures_delays(const struct state *state, const struct incident *incident, struct figures *figures)
{
	struct delays delays = {.state = state, .figures = figures};

	figures->last_delivery_at = figures->last_end_at = TIME_NONE;
	for (uint32_t i = 0; i < incident->post_count; i++) {
		delays.post = figures_post(state, incident, i);
		post_cells(state, delays.post, figures_delay, &delays);
	}
	if (figures->last_delivery_at > figures->last_end_at)
		figures->last_end_at = figures->last_delivery_at;
	figures->delay_p50_ms = histogram_percentile(&delays.total, 50);
	figures->delay_p95_ms = histogram_percentile(&delays.total, 95);
	figures->delay_p99_ms = histogram_percentile(&delays.total, 99);
	figures->delay_max_ms = histogram_percentile(&delays.total, 100);
	histogram_clear(&delays.total);
}

void figures_closing(const struct state *state, const struct incident *incident, struct figures *figures)
{
	const struct list *list = &state->lists[incident->list];
	bool latest = list_latest_incident(state, incident->list) == (uint32_t)(incident - state->incidents);

	figures->list_closed_at = latest ? list->closed_at : TIME_NONE;
	for (uint32_t i = 0; figures->list_closed_at != TIME_NONE && i < list->refusal_count; i++)
		figures->rejected_posts += list->refusals[i].at >= figures->list_closed_at;
	figures->ledger.rejected_posts = figures->rejected_posts;
}

static void figures_state(const struct state *state, const struct incident *incident, struct figures *figures)
{
	int64_t now = figures_now(state), quiet = incident->settings.quiet_after;
	int64_t last = figures->last_post_at;

	if (figures->last_end_at > last)
		last = figures->last_end_at;
	figures->closed_at = figures->subsiding_at = TIME_NONE;
	if (figures->last_post_at + quiet <= now) {
		figures->state = INCIDENT_SUBSIDING;
		figures->subsiding_at = figures->last_post_at + quiet;
		if (figures->pending == 0 && last + quiet <= now) {
			figures->state = INCIDENT_CLOSED;
			figures->closed_at = last + quiet;
		}
	}
}

/* Lines that the pipeline lost in the whole hours that the incident touches. */
static void figures_lost(const struct state *state, const struct incident *incident, struct figures *figures)
{
	int64_t from = incident->opened_at - HOUR,
		until = figures->last_end_at > figures->last_post_at ? figures->last_end_at : figures->last_post_at;

	for (uint32_t i = 1; i < state->host_count; i++)
		for (uint32_t k = 0; k < state->hosts[i].hour_count; k++)
			if (state->hosts[i].hours[k].hour > from && state->hosts[i].hours[k].hour <= until)
				figures->lines_lost += state->hosts[i].hours[k].lost;
}

static void figures_poster(struct figures *figures, uint32_t *capacity, const struct post *post, bool automatic)
{
	struct poster_row *row = NULL;

	for (uint32_t i = 0; i < figures->poster_count && !row && !post->null_sender; i++)
		if (figures->posters_rows[i].sender == post->sender)
			row = &figures->posters_rows[i];
	if (!row) {
		MEMORY_GROW(figures->posters_rows, figures->poster_count, *capacity);
		row = &figures->posters_rows[figures->poster_count++];
		*row = (struct poster_row){.sender = post->sender, .first_at = post->posted_at};
	}
	row->posts++;
	row->automatic += automatic;
	row->deliveries += post->delivered;
	row->last_at = post->posted_at;
	if (!row->login)
		row->login = post->login;
}

struct figures *figures_make(const struct state *state, const struct incident *incident, bool heavy)
{
	struct figures *figures = memory_zeroed(1, sizeof(*figures));
	uint32_t capacity = 0;

	figures->external_mailboxes = -1;
	figures->copies_mean = figures->copies_median = figures->copies_p95 = figures->copies_max = -1;
	figures_sum(state, incident, figures);
	figures_unite(state, incident, figures);
	figures_closing(state, incident, figures);
	figures_delays(state, incident, figures);
	figures_state(state, incident, figures);
	figures_lost(state, incident, figures);
	for (uint32_t i = 0; i < incident->post_count; i++)
		figures_poster(figures, &capacity, figures_post(state, incident, i),
		               figures_post(state, incident, i)->automatic);
	figures->baseline_p95_ms = figures_baseline(state, incident, &figures->baseline_by_hour);
	figures_minutes(state, incident, figures);
	figures->heavy = heavy;
	if (heavy) {
		figures_mailboxes(state, incident, figures);
		figures_queued(state, incident, figures);
	}
	figures_timeline(state, incident, figures);
	return figures;
}

void figures_free(struct figures **at)
{
	struct figures *figures = *at;

	if (!figures)
		return;
	for (uint32_t i = 0; i < figures->timeline_count; i++)
		free(figures->timeline[i].detail);
	free(figures->timeline);
	free(figures->minutes);
	free(figures->after_p95_ms);
	free(figures->posters_rows);
	free(figures->domains);
	free(figures->affected);
	free(figures->queued);
	free(figures);
	*at = NULL;
}
