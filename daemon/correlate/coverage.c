/* SPDX-License-Identifier: Apache-2.0
 *
 * Coverage per host, see coverage.h. What waits in queue files at hand for its
 * beginning counts as orphaned, what waits for its end as unfinished, as of now.
 */
#include "daemon/correlate/coverage.h"

#include "daemon/base/memory.h"
#include "daemon/correlate/done.h"
#include "daemon/correlate/file.h"

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

/* The longest run of minutes without a line, over hours that follow each other or not. */
static int64_t coverage_gap(const struct host *host, int64_t from, int64_t until)
{
	int64_t last = TIME_NONE, longest = 0;

	for (uint32_t i = 0; i < host->hour_count; i++) {
		const struct host_hour *hour = &host->hours[i];

		if (hour->hour <= from - HOUR || hour->hour > until)
			continue;
		for (int minute = 0; minute < 60; minute++) {
			int64_t at = hour->hour + minute * MINUTE;

			if (!(hour->minutes >> minute & 1))
				continue;
			if (last != TIME_NONE && at - last - MINUTE > longest)
				longest = at - last - MINUTE;
			last = at;
		}
	}
	return last == TIME_NONE ? -1 : longest / 1000;
}

void coverage_of_file(const struct file *file, int64_t *orphans, int64_t *unfinished)
{
	int64_t due = file->nrcpt > done_named(file) ? file->nrcpt : done_named(file);

	*orphans = *unfinished = 0;
	if (!file_named(file))
		*orphans = file->lines;
	else if (file_owes(file) && due > (int64_t)file->ended)
		*unfinished = due - (int64_t)file->ended;
}

static void coverage_files(const struct state *state, struct coverage_row *rows, int64_t from, int64_t until)
{
	for (uint32_t i = 1; i < state->file_count; i++) {
		const struct file *file = &state->files[i];
		int64_t hour = file->accepted - ((file->accepted % HOUR) + HOUR) % HOUR, orphans, unfinished;

		if (!file->live || hour <= from - HOUR || hour > until)
			continue;
		coverage_of_file(file, &orphans, &unfinished);
		rows[file->host].orphans += orphans;
		rows[file->host].unfinished += unfinished;
	}
}

struct coverage_row *coverage_make(const struct state *state, int64_t from, int64_t until)
{
	struct coverage_row *rows = memory_zeroed(state->host_count, sizeof(*rows));

	if (from < INT64_MIN + HOUR)
		from = INT64_MIN + HOUR;
	for (uint32_t i = 1; i < state->host_count; i++) {
		rows[i].first_at = rows[i].last_at = TIME_NONE;
		for (uint32_t k = 0; k < state->hosts[i].hour_count; k++)
			if (state->hosts[i].hours[k].hour > from - HOUR && state->hosts[i].hours[k].hour <= until)
				coverage_add_hour(&rows[i], &state->hosts[i].hours[k]);
		rows[i].gap_ms = coverage_gap(&state->hosts[i], from, until);
	}
	coverage_files(state, rows, from, until);
	return rows;
}
