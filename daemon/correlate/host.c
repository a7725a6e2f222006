/* SPDX-License-Identifier: Apache-2.0
 *
 * Clocks and coverage of hosts, see host.h.
 */
#include "daemon/correlate/host.h"

#include "daemon/base/hash.h"
#include "daemon/base/memory.h"

#define AHEAD_LINES 100
#define HOURS_KEPT (24 * 35)
#define BEHIND_MAX (2 * HOUR) /* a host further behind is waited for no longer */

static uint64_t host_hash_of(const void *owner, uint32_t number)
{
	const struct state *state = owner;

	return hash_number(state->hosts[number].name);
}

uint32_t host_of(struct state *state, struct slice name)
{
	struct text_key key = text_key(name);

	return host_of_key(state, &key);
}

uint32_t host_of_key(struct state *state, const struct text_key *name)
{
	uint32_t text, at = 0, number;
	uint64_t hash;

	if (state->host_last && texts_is(state->texts, state->hosts[state->host_last].name, name))
		return state->host_last;
	text = texts_hold_key(state->texts, name);
	hash = hash_number(text);
	while ((number = table_next(&state->by_host, hash, &at)) != TABLE_NONE)
		if (state->hosts[number].name == text) {
			texts_drop(state->texts, text);
			return state->host_last = number;
		}
	MEMORY_GROW(state->hosts, state->host_count, state->host_capacity);
	texts_set_known(state->texts, text, true);
	state->hosts[state->host_count] = (struct host){.name = text, .clock = TIME_NONE, .dirty = true};
	table_add(&state->by_host, hash, state->host_count, host_hash_of, state);
	return state->host_count++;
}

uint32_t host_guess(const struct state *state, uint64_t hash)
{
	uint32_t text = texts_guess(state->texts, hash);

	return text ? table_guess(&state->by_host, hash_number(text)) : 0;
}

struct slice host_label(struct slice name)
{
	size_t length = 0;

	while (length < name.length && name.bytes[length] != '.' && name.bytes[length] != '[' &&
	       name.bytes[length] != ':')
		length++;
	return (struct slice){name.bytes, length};
}

bool host_enchain(struct state *state, uint32_t host)
{
	table_add(&state->by_host, hash_number(state->hosts[host].name), host, host_hash_of, state);
	return true;
}

/* In the hour that is told twice the order of the host's lines says which it is; it cannot be one that is
 * still to come. */
static int64_t host_reading(const struct state *state, const struct host *host, int64_t time, int64_t other)
{
	int64_t first = time < other ? time : other;
	int64_t second = time < other ? other : time;
	int64_t window = state->settings->input.join_window;

	if (first == second || host->clock == TIME_NONE || second > state->wall + window)
		return first;
	return first >= host->clock - window ? first : second;
}

/* Whether a time that is not beyond the wall clock may move the host's: a day ahead only when many lines
 * in a row agree, within a day, that it is so late. */
static bool host_believes(struct host *host, int64_t time)
{
	if (host->clock == TIME_NONE || time <= host->clock + DAY) {
		host->ahead_since = 0;
		return true;
	}
	if (host->ahead_since && (time > host->ahead_time + DAY || time < host->ahead_time - DAY))
		host->ahead_since = 0;
	if (!host->ahead_since || time > host->ahead_time)
		host->ahead_time = time;
	host->ahead_since++;
	host->dirty = true;
	if (host->ahead_since < AHEAD_LINES)
		return false;
	host->ahead_since = 0;
	return true;
}

/* Moves the clocks of the host and the log on to a time; they never go beyond the wall clock. */
static void host_move(struct state *state, struct host *host, int64_t time)
{
	if (time > state->wall)
		time = state->wall;
	if (host->clock == TIME_NONE || time > host->clock) {
		host->clock = time;
		host->dirty = true;
	}
	if (host->clock > state->log_clock)
		state->log_clock = host->clock;
}

/* Old hours are summed up in the first, so that coverage in all stays whole and the list short. */
static void host_sum_up(struct host *host)
{
	struct host_hour *sum, *old;

	if (host->hour_count <= HOURS_KEPT)
		return;
	sum = &host->hours[0];
	old = &host->hours[1];
	sum->last_at = old->last_at > sum->last_at ? old->last_at : sum->last_at;
	sum->first_at = sum->first_at == TIME_NONE ? old->first_at : sum->first_at;
	sum->lines += old->lines;
	sum->unparsed += old->unparsed;
	sum->repeated += old->repeated;
	sum->lost += old->lost;
	sum->orphans += old->orphans;
	sum->unfinished += old->unfinished;
	sum->ambiguous += old->ambiguous;
	sum->late += old->late;
	sum->spilled_orphans += old->spilled_orphans;
	sum->spilled_unfinished += old->spilled_unfinished;
	memmove(old, old + 1, (host->hour_count - 2) * sizeof(*old));
	host->hour_count--;
}

struct host_hour *host_hour_of(struct state *state, uint32_t number, int64_t time)
{
	struct host *host = &state->hosts[number];
	int64_t hour = time_floor(time, HOUR);
	uint32_t at = host->hour_count;

	host->dirty = true;
	while (at > 0 && host->hours[at - 1].hour > hour)
		at--;
	if (at > 0 && host->hours[at - 1].hour == hour)
		return &host->hours[at - 1];
	if (at == host->hour_count) {
		host_sum_up(host);
		at = host->hour_count;
	}
	MEMORY_GROW(host->hours, host->hour_count, host->hour_capacity);
	memmove(&host->hours[at + 1], &host->hours[at], (host->hour_count - at) * sizeof(*host->hours));
	host->hour_count++;
	host->hours[at] = (struct host_hour){.hour = hour, .first_at = TIME_NONE, .last_at = TIME_NONE};
	return &host->hours[at];
}

/* A time that cannot be true: the line came about when the host's latest did. Where a hundred in a row are so, or none
 * came before, nobody knows when. */
static void host_take_impossible(struct state *state, struct host *host, struct host_line *line)
{
	int64_t time = line->time;

	line->late = true;
	if (host->clock == TIME_NONE) {
		line->time = state->wall;
		return;
	}
	if (host->ahead_since && (time > host->ahead_time + DAY || time < host->ahead_time - DAY))
		host->ahead_since = 0;
	host->ahead_time = time;
	if (host->ahead_since < AHEAD_LINES) {
		host->ahead_since++;
		line->late = false;
	}
	line->time = host->clock;
	host->dirty = true;
}

struct host_line host_take_line(struct state *state, uint32_t number, int64_t time, int64_t time_other)
{
	struct host *host = &state->hosts[number];
	struct host_line line = {.host = number, .time = host_reading(state, host, time, time_other)};
	bool impossible = line.time > state->wall + state->settings->input.join_window;
	struct host_hour *hour;

	if (impossible) {
		host_take_impossible(state, host, &line);
	} else {
		line.late = host->clock != TIME_NONE && line.time < host->clock - state->settings->input.join_window;
		line.settled = host_believes(host, line.time);
		if (line.settled)
			host_move(state, host, line.time);
	}
	hour = host_hour_of(state, number, line.time);
	hour->lines++;
	hour->late += line.late || impossible;
	hour->minutes |= UINT64_C(1) << (line.time - hour->hour) / MINUTE;
	if (hour->first_at == TIME_NONE || line.time < hour->first_at)
		hour->first_at = line.time;
	if (hour->last_at == TIME_NONE || line.time > hour->last_at)
		hour->last_at = line.time;
	return line;
}

struct host_line host_take_next(struct state *state, struct host_line before, int64_t time, int64_t time_other,
                                uint32_t *more)
{
	*more += before.settled;
	return before.settled ? before : host_take_line(state, before.host, time, time_other);
}

void host_take_more(struct state *state, struct host_line line, uint32_t more)
{
	struct host_hour *hour;

	if (!more)
		return;
	assert(line.settled);
	hour = host_hour_of(state, line.host, line.time);
	hour->lines += more;
	hour->late += line.late ? more : 0;
}

int64_t host_slowest_clock(const struct state *state)
{
	int64_t slowest = state->log_clock;

	for (uint32_t i = 1; i < state->host_count; i++) {
		int64_t clock = state->hosts[i].clock;

		if (clock != TIME_NONE && clock >= state->log_clock - BEHIND_MAX && clock < slowest)
			slowest = clock;
	}
	return slowest;
}
