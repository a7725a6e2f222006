/* SPDX-License-Identifier: Apache-2.0
 *
 * An incident by the minute, and what it did to everybody else's mail: all
 * mail of a minute less that of the incident's posts. See figures.h.
 */
#include "daemon/base/memory.h"
#include "daemon/correlate/figures.h"
#include "daemon/correlate/post.h"
#include "daemon/correlate/relay.h"

#define MINUTES_MAX (60 * 24 * 31)

/* The minutes of an incident while they are made. */
struct making {
	const struct state *state;
	struct figures *figures;
	struct histogram *delays;    /* per minute: the incident's own */
	struct histogram *bystander; /* per minute: all mail less that */
	int64_t *ended;              /* of the post at work: pairs ended per minute */
	int64_t first, last;
};

static int64_t making_minute(const struct making *making, int64_t at)
{
	return at < making->first || at > making->last ? -1 : (at - making->first) / MINUTE;
}

static void minutes_take_cell(const struct cells *cells, const struct cell *cell, void *with)
{
	struct making *making = with;
	int64_t minute = making_minute(making, cell->key.at);
	struct minute_row *row;

	(void)cells;
	if (cell->key.kind != CELL_MINUTE || minute < 0)
		return;
	row = &making->figures->minutes[minute];
	row->deferred += cell->deferred;
	row->bounced += cell->bounced;
	making->ended[minute] += cell->bounced + cell->ended;
	if (!relay_counts(making->state, cell->key.relay, cell->key.unless))
		return;
	row->deliveries += (int64_t)cell->delays.total;
	making->ended[minute] += (int64_t)cell->delays.total;
	histogram_merge(&making->delays[minute], &cell->delays, 1);
	histogram_merge(&making->bystander[minute], &cell->delays, -1);
}

/* Pairs of one post that were due and had not ended by each minute's end. */
static void minutes_pending(struct making *making, const struct post *post)
{
	int64_t left = post->due;

	for (uint32_t i = 0; i < making->figures->minute_count; i++) {
		struct minute_row *row = &making->figures->minutes[i];
		int64_t end = row->minute_at + MINUTE;

		left -= making->ended[i];
		making->ended[i] = 0;
		if (post->posted_at >= end || left <= 0)
			continue;
		row->pending += left;
		if (row->oldest_pending_ms < (end - post->posted_at) / 1000)
			row->oldest_pending_ms = (end - post->posted_at) / 1000;
	}
}

/* All mail of so many minutes from `first` on. */
static void minutes_all_mail(const struct state *state, int64_t first, uint32_t count, struct histogram *mail)
{
	for (uint32_t i = 0; i < state->all.count; i++) {
		const struct cell *cell = &state->all.items[i];

		if (cell->key.kind == CELL_MINUTE && cell->key.at >= first && cell->key.at < first + count * MINUTE &&
		    relay_counts(state, cell->key.relay, cell->key.unless))
			histogram_merge(&mail[(cell->key.at - first) / MINUTE], &cell->delays, 1);
	}
}

static void minutes_rejected(struct making *making, const struct list *list)
{
	for (uint32_t i = 0; i < list->refusal_count; i++) {
		int64_t minute = making_minute(making, time_floor(list->refusals[i].at, MINUTE));

		if (list->refusals[i].at >= making->figures->list_closed_at && minute >= 0)
			making->figures->minutes[minute].rejected++;
	}
}

static void minutes_of_posts(struct making *making, const struct incident *incident)
{
	for (uint32_t i = 0; i < incident->post_count; i++) {
		const struct post *post = &making->state->posts[incident->posts[i]];
		int64_t minute = making_minute(making, time_floor(post->posted_at, MINUTE));

		if (minute >= 0) {
			making->figures->minutes[minute].posts++;
			making->figures->minutes[minute].auto_replies += i > 0 && post->automatic;
		}
		post_cells(making->state, post, minutes_take_cell, making);
		minutes_pending(making, post);
	}
}

static void minutes_finish(struct making *making)
{
	struct figures *figures = making->figures;
	struct histogram all = {0};

	figures->peaked_at = TIME_NONE;
	figures->peak_per_minute = -1;
	for (uint32_t i = 0; i < figures->minute_count; i++) {
		struct minute_row *row = &figures->minutes[i];

		row->delay_p50_ms = histogram_percentile(&making->delays[i], 50);
		row->delay_p95_ms = histogram_percentile(&making->delays[i], 95);
		row->bystander_deliveries = (int64_t)making->bystander[i].total;
		row->bystander_p50_ms = histogram_percentile(&making->bystander[i], 50);
		row->bystander_p95_ms = histogram_percentile(&making->bystander[i], 95);
		histogram_merge(&all, &making->bystander[i], 1);
		if (row->deliveries > 0 && row->deliveries > figures->peak_per_minute) {
			figures->peak_per_minute = row->deliveries;
			figures->peaked_at = row->minute_at;
		}
		histogram_clear(&making->delays[i]);
		histogram_clear(&making->bystander[i]);
	}
	figures->bystander_p95_ms = histogram_percentile(&all, 95);
	histogram_clear(&all);
}

/* Other mail may become normal again when the incident is over: for as long as its thread goes on, and as minutes are over. */
static void minutes_after(const struct making *making, const struct incident *incident)
{
	struct figures *figures = making->figures;
	int64_t now = time_floor(making->state->log_clock, MINUTE) - MINUTE;
	int64_t end = time_floor(figures->last_post_at + incident->settings.thread_gap, MINUTE);
	struct histogram *mail;
	bool slow = false;

	end = now < end ? now : end;
	for (uint32_t i = 0; i < figures->minute_count; i++)
		slow = slow || figures_slow(figures, figures->minutes[i].bystander_p95_ms);
	if (!slow || end <= making->last)
		return;
	figures->after_count = (uint32_t)((end - making->last) / MINUTE);
	figures->after_p95_ms = memory_zeroed(figures->after_count, sizeof(*figures->after_p95_ms));
	mail = memory_zeroed(figures->after_count, sizeof(*mail));
	minutes_all_mail(making->state, making->last + MINUTE, figures->after_count, mail);
	for (uint32_t i = 0; i < figures->after_count; i++) {
		figures->after_p95_ms[i] = histogram_percentile(&mail[i], 95);
		histogram_clear(&mail[i]);
	}
	free(mail);
}

static int64_t minutes_last(const struct figures *figures)
{
	int64_t last = figures->last_post_at;

	return figures->last_end_at > last ? figures->last_end_at : last;
}

void figures_minutes(const struct state *state, const struct incident *incident, struct figures *figures)
{
	const struct list *list = &state->lists[incident->list];
	struct making making = {.state = state, .figures = figures, .first = time_floor(incident->opened_at, MINUTE)};
	int64_t last = minutes_last(figures), over = figures->last_post_at + incident->settings.thread_gap;

	/* What is refused once its thread is over makes it no longer: by then its posts may have left memory. */
	for (uint32_t i = 0; figures->list_closed_at != TIME_NONE && i < list->refusal_count; i++)
		if (list->refusals[i].at >= figures->list_closed_at && list->refusals[i].at <= over &&
		    list->refusals[i].at > last)
			last = list->refusals[i].at;
	making.last = time_floor(last, MINUTE);
	if ((making.last - making.first) / MINUTE >= MINUTES_MAX)
		making.last = making.first + (MINUTES_MAX - 1) * MINUTE;
	figures->minute_count = (uint32_t)((making.last - making.first) / MINUTE) + 1;
	figures->minutes = memory_zeroed(figures->minute_count, sizeof(*figures->minutes));
	making.delays = memory_zeroed(figures->minute_count, sizeof(*making.delays));
	making.bystander = memory_zeroed(figures->minute_count, sizeof(*making.bystander));
	making.ended = memory_zeroed(figures->minute_count, sizeof(*making.ended));
	for (uint32_t i = 0; i < figures->minute_count; i++) {
		figures->minutes[i].minute_at = making.first + i * MINUTE;
		figures->minutes[i].oldest_pending_ms = -1;
	}
	minutes_all_mail(state, making.first, figures->minute_count, making.bystander);
	minutes_of_posts(&making, incident);
	if (figures->list_closed_at != TIME_NONE)
		minutes_rejected(&making, list);
	minutes_finish(&making);
	minutes_after(&making, incident);
	free(making.delays);
	free(making.bystander);
	free(making.ended);
}

static int64_t baseline_of_hours(const struct state *state, int64_t hour)
{
	int64_t found[4];
	int count = 0;

	for (int week = 1; week <= 4; week++)
		for (uint32_t i = 0; i < state->past_hour_count; i++) {
			if (state->past_hours[i].hour != hour - week * 7 * DAY || state->past_hours[i].p95_ms < 0)
				continue;
			int at = count++;

			for (; at > 0 && found[at - 1] > state->past_hours[i].p95_ms; at--)
				found[at] = found[at - 1];
			found[at] = state->past_hours[i].p95_ms;
		}
	return count ? found[(count - 1) / 2] : -1;
}

/* Of one hour, as the store has it; -1 where it does not, or had no delivery. */
static int64_t baseline_of_hour(const struct state *state, int64_t hour)
{
	for (uint32_t i = 0; i < state->past_hour_count; i++)
		if (state->past_hours[i].hour == hour)
			return state->past_hours[i].p95_ms;
	return -1;
}

int64_t figures_baseline(const struct state *state, const struct incident *incident, bool *by_hour)
{
	int64_t hour = time_floor(incident->opened_at, HOUR);
	int64_t until = time_floor(incident->opened_at, MINUTE), p95 = baseline_of_hours(state, hour);
	struct histogram before = {0};

	*by_hour = p95 >= 0;
	if (*by_hour)
		return p95;
	for (uint32_t i = 0; i < state->all.count; i++) {
		const struct cell *cell = &state->all.items[i];

		if (cell->key.kind == CELL_MINUTE && cell->key.at >= until - HOUR && cell->key.at < until &&
		    relay_counts(state, cell->key.relay, cell->key.unless))
			histogram_merge(&before, &cell->delays, 1);
	}
	p95 = histogram_percentile(&before, 95);
	histogram_clear(&before);
	/* A thread of days before it became an incident: minutes are gone, what there is of the hour before is the whole one. */
	if (until - HOUR < state->cells_before)
		p95 = baseline_of_hour(state, hour - HOUR);
	return p95;
}
