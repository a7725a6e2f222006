/* SPDX-License-Identifier: Apache-2.0
 *
 * Coverage per host, see coverage.h. What waits in queue files at hand for its
 * beginning counts as orphaned, what waits for its end as unfinished, as of now;
 * all queue files are looked at once, however many incidents ask.
 */
#include "daemon/correlate/coverage.h"

#include "daemon/base/memory.h"
#include "daemon/correlate/done.h"
#include "daemon/correlate/doubled.h"
#include "daemon/correlate/file.h"
#include "daemon/correlate/hop.h"

struct waiting_hour {
	int64_t hour;
	int64_t orphans, unfinished;
};

struct waiting_host {
	struct waiting_hour *hours; /* in no order */
	uint32_t count, capacity;
};

struct coverage_waiting {
	struct waiting_host *hosts; /* by number */
	uint32_t host_count;
};

static void coverage_add_hour(struct coverage_row *row, const struct host_hour *hour)
{
	if (hour->first_at != TIME_NONE && (row->first_at == TIME_NONE || hour->first_at < row->first_at))
		row->first_at = hour->first_at;
	if (hour->last_at != TIME_NONE && (row->last_at == TIME_NONE || hour->last_at > row->last_at))
		row->last_at = hour->last_at;
	row->lines += hour->lines;
	row->unparsed += hour->unparsed;
	row->repeated += hour->repeated;
	row->lost += hour->lost;
	row->orphans += hour->orphans + hour->spilled_orphans;
	row->unfinished += hour->unfinished + hour->spilled_unfinished;
	row->ambiguous += hour->ambiguous;
	row->late += hour->late;
}

struct gap {
	int64_t silent_from; /* no line since; TIME_NONE: nothing is known yet */
	int64_t longest;
};

static void gap_until(struct gap *gap, int64_t minute)
{
	if (gap->silent_from != TIME_NONE && minute - gap->silent_from > gap->longest)
		gap->longest = minute - gap->silent_from;
}

static void gap_over_hour(struct gap *gap, const struct host_hour *hour)
{
	for (int minute = 0; minute < 60; minute++) {
		int64_t at = hour->hour + minute * MINUTE;

		if (!(hour->minutes >> minute & 1))
			continue;
		gap_until(gap, at);
		gap->silent_from = at + MINUTE;
	}
	/* One that older ones were summed up in: of the minutes of these nothing is known. */
	if (hour->last_at != TIME_NONE && hour->last_at >= hour->hour + HOUR)
		gap->silent_from = time_floor(hour->last_at, MINUTE) + MINUTE;
}

/* A line of the host was read that is older than this. */
static bool spoke_before(const struct host *host, int64_t time)
{
	for (uint32_t i = 0; i < host->hour_count && host->hours[i].hour < time; i++)
		if (host->hours[i].first_at != TIME_NONE)
			return true;
	return false;
}

/* The longest run of minutes without a line, over hours that follow each other or not; with `ends` also that before the first
 * line in them, if it was not the host's first at all, and that after the last, as far as the log's clock has come. */
static int64_t coverage_gap(const struct state *state, const struct host *host, int64_t from, int64_t until, bool ends)
{
	struct gap gap = {.silent_from = TIME_NONE};
	bool any = false;

	if (ends && spoke_before(host, time_floor(from, HOUR)))
		gap.silent_from = time_floor(from, HOUR);
	for (uint32_t i = 0; i < host->hour_count; i++) {
		const struct host_hour *hour = &host->hours[i];

		if (hour->hour <= from - HOUR || hour->hour > until)
			continue;
		any = any || hour->minutes;
		gap_over_hour(&gap, hour);
	}
	if (ends) {
		int64_t end = time_floor(until, HOUR) + HOUR, now = time_floor(state->log_clock, MINUTE);

		gap_until(&gap, now < end ? now : end);
	}
	return any ? gap.longest / 1000 : -1;
}

static void coverage_gather(const struct file *file, struct mailbox_set *here)
{
	struct recipients_walk walk = recipients_of(file);
	struct ranges done = done_ranges(file);
	struct recipient r;

	for (uint32_t i = 0; i < done.count; i++)
		mailbox_set_add_new(here, done.items[i].first, done.items[i].last - done.items[i].first + 1);
	while (recipients_next(&walk, &r))
		mailbox_set_add(here, r.mailbox);
	ranges_clear(&done);
}

/* Recipients of the file that a hop before it named twice, as far as its own hop did not; each ended twice. */
static int64_t coverage_doubled(const struct state *state, const struct file *file)
{
	const struct message *message = &state->messages[file->message];
	unsigned *depth = memory_zeroed(message->hop_count, sizeof(*depth));
	bool *hops = memory_zeroed(message->hop_count, sizeof(*hops));
	struct mailbox_set here = {0};
	int64_t doubled = 0, own;

	hop_depths(state, message, depth);
	coverage_gather(file, &here);
	hops[file->hop] = true;
	own = doubled_by(message, hops, &here);
	hops[file->hop] = false;
	for (uint32_t i = 0; i < message->hop_count; i++) {
		int64_t more;

		if (depth[i] >= depth[file->hop])
			continue;
		hops[i] = true;
		more = doubled_by(message, hops, &here) - own;
		hops[i] = false;
		doubled = more > doubled ? more : doubled;
	}
	mailbox_set_clear(&here);
	free(hops);
	free(depth);
	return doubled;
}

void coverage_of_file(const struct state *state, const struct file *file, int64_t *orphans, int64_t *unfinished)
{
	int64_t due = file_due(file) > done_named(file) ? file_due(file) : done_named(file);

	*orphans = *unfinished = 0;
	if (!file_named(file)) {
		*orphans = file->lines;
		return;
	}
	if (!file_owes(file) || due <= (int64_t)file->ended)
		return;
	*unfinished = due - (int64_t)file->ended;
	if (file->removed && state->messages[file->message].bucket_count > 1) {
		int64_t doubled = coverage_doubled(state, file);

		*unfinished -= doubled < *unfinished ? doubled : *unfinished;
	}
}

/* The host's sum of that hour; most files are of the latest. */
static struct waiting_hour *waiting_of(struct waiting_host *host, int64_t hour)
{
	for (uint32_t i = host->count; i-- > 0;)
		if (host->hours[i].hour == hour)
			return &host->hours[i];
	MEMORY_GROW(host->hours, host->count, host->capacity);
	host->hours[host->count] = (struct waiting_hour){.hour = hour};
	return &host->hours[host->count++];
}

struct coverage_waiting *coverage_waiting_new(const struct state *state)
{
	struct coverage_waiting *waiting = memory_zeroed(1, sizeof(*waiting));

	waiting->host_count = state->host_count;
	waiting->hosts = memory_zeroed(state->host_count, sizeof(*waiting->hosts));
	for (uint32_t i = 1; i < state->file_count; i++) {
		const struct file *file = &state->files[i];
		struct waiting_hour *sum;
		int64_t orphans, unfinished;

		if (!file->live)
			continue;
		coverage_of_file(state, file, &orphans, &unfinished);
		if (!orphans && !unfinished)
			continue;
		sum = waiting_of(&waiting->hosts[file->host], time_floor(file->accepted, HOUR));
		sum->orphans += orphans;
		sum->unfinished += unfinished;
	}
	return waiting;
}

void coverage_waiting_free(struct coverage_waiting **at)
{
	struct coverage_waiting *waiting = *at;

	if (!waiting)
		return;
	for (uint32_t i = 0; i < waiting->host_count; i++)
		free(waiting->hosts[i].hours);
	free(waiting->hosts);
	free(waiting);
	*at = NULL;
}

static void coverage_add_waiting(struct coverage_row *row, const struct waiting_host *host, int64_t from, int64_t until)
{
	for (uint32_t i = 0; i < host->count; i++) {
		const struct waiting_hour *sum = &host->hours[i];

		if (sum->hour <= from - HOUR || sum->hour > until)
			continue;
		row->orphans += sum->orphans;
		row->unfinished += sum->unfinished;
	}
}

struct coverage_row *coverage_make(const struct state *state, const struct coverage_waiting *waiting, int64_t from,
                                   int64_t until)
{
	struct coverage_row *rows = memory_zeroed(state->host_count, sizeof(*rows));
	bool all = from == INT64_MIN;

	if (from < INT64_MIN + HOUR)
		from = INT64_MIN + HOUR;
	for (uint32_t i = 1; i < state->host_count; i++) {
		rows[i].first_at = rows[i].last_at = TIME_NONE;
		for (uint32_t k = 0; k < state->hosts[i].hour_count; k++)
			if (state->hosts[i].hours[k].hour > from - HOUR && state->hosts[i].hours[k].hour <= until)
				coverage_add_hour(&rows[i], &state->hosts[i].hours[k]);
		rows[i].gap_ms = coverage_gap(state, &state->hosts[i], from, until, !all);
		coverage_add_waiting(&rows[i], &waiting->hosts[i], from, until);
	}
	return rows;
}
