/* SPDX-License-Identifier: Apache-2.0
 *
 * Silence and its norm, see silence.h. What is usual is told by stretches half
 * as long as the silence (an hour at most): a host that has lines in 99 of 100
 * of them does not fall silent twice as long by chance. They are taken from the
 * two hours before now of the same weekday, where three of the last four weeks
 * are recorded, so that nights and Sundays are judged by nights and Sundays;
 * else from the 24 hours before its last line, where six fit into what is
 * recorded. Shorter silences than five minutes are never judged; a host that
 * says nothing for a week is taken to be gone.
 */
#include "daemon/correlate/silence.h"

#define SILENCE_LEAST (5 * MINUTE)
#define SILENCE_GONE (7 * DAY)
#define STRETCH_MOST HOUR
#define STRETCHES_LEAST 6
#define REGION (2 * HOUR)
#define WEEKS 4
#define WEEKS_LEAST 3

/* The host's minutes of the hour that begins then: a bit for each that had a line. */
static uint64_t minutes_of(const struct host *host, int64_t hour)
{
	uint32_t low = 0, high = host->hour_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (host->hours[middle].hour < hour)
			low = middle + 1;
		else
			high = middle;
	}
	return low < host->hour_count && host->hours[low].hour == hour ? host->hours[low].minutes : 0;
}

/* It had a line in a minute from `from` (inclusive) to `until`, both of whole minutes. */
static bool spoke(const struct host *host, int64_t from, int64_t until)
{
	for (int64_t hour = time_floor(from, HOUR); hour < until; hour += HOUR) {
		uint64_t minutes = minutes_of(host, hour);

		if (from > hour)
			minutes &= ~UINT64_C(0) << (from - hour) / MINUTE;
		if (until < hour + HOUR)
			minutes &= ~(~UINT64_C(0) << (until - hour) / MINUTE);
		if (minutes)
			return true;
	}
	return false;
}

/* Counts the stretches that end at `until` and before it, down to `from`. */
static void look(const struct host *host, int64_t from, int64_t until, int64_t stretch, struct silence *silence)
{
	for (; until - stretch >= from; until -= stretch) {
		silence->of++;
		silence->spoke += spoke(host, until - stretch, until);
	}
}

static void look_at_weeks(const struct host *host, int64_t now, int64_t stretch, struct silence *silence)
{
	struct silence weeks = *silence;
	int known = 0;

	for (int week = 1; week <= WEEKS; week++) {
		int64_t until = now - week * 7 * DAY;

		if (host->hours[0].hour > until - REGION)
			break;
		look(host, until - REGION, until, stretch, &weeks);
		known++;
	}
	if (known < WEEKS_LEAST)
		return;
	*silence = weeks;
	silence->norm = SILENCE_WEEKDAY_HOUR;
}

static void look_at_day(const struct host *host, int64_t stretch, struct silence *silence)
{
	int64_t until = time_floor(host->clock, MINUTE), from = until - DAY;
	struct silence day = *silence;

	if (host->hours[0].first_at > from)
		from = host->hours[0].first_at;
	look(host, from, until, stretch, &day);
	if (day.of < STRETCHES_LEAST)
		return;
	*silence = day;
	silence->norm = SILENCE_DAY_BEFORE;
}

struct silence silence_of(const struct state *state, uint32_t number)
{
	const struct host *host = &state->hosts[number];
	struct silence silence = {.length = state->log_clock - host->clock};
	int64_t stretch = time_floor(silence.length / 2, MINUTE);

	if (silence.length < SILENCE_LEAST || silence.length > SILENCE_GONE || !host->hour_count)
		return silence;
	if (stretch > STRETCH_MOST)
		stretch = STRETCH_MOST;
	look_at_weeks(host, time_floor(state->log_clock, MINUTE), stretch, &silence);
	if (silence.norm == SILENCE_UNKNOWN && host->hours[0].first_at != TIME_NONE)
		look_at_day(host, stretch, &silence);
	silence.silent = silence.of > 0 && silence.spoke * UINT64_C(100) >= silence.of * UINT64_C(99);
	return silence;
}

const char *silence_norm_name(enum silence_norm norm)
{
	switch (norm) {
	case SILENCE_WEEKDAY_HOUR: return "weekday-hour";
	case SILENCE_DAY_BEFORE: return "day-before";
	case SILENCE_UNKNOWN: break;
	}
	return NULL;
}
