/* SPDX-License-Identifier: Apache-2.0
 *
 * From source to store, see pipeline.h. Owns the state, the flows of all
 * partitions and the store.
 */
#include "daemon/pipeline.h"

#include <stdio.h>

#include "daemon/base/memory.h"
#include "daemon/correlate/age.h"
#include "daemon/correlate/host.h"
#include "daemon/correlate/relay.h"
#include "daemon/correlate/relay_settle.h"
#include "daemon/correlate/spill.h"
#include "daemon/correlate/take.h"
#include "daemon/correlate/transaction.h"
#include "daemon/pipeline_parts.h"

#define SLACK SECOND /* partitions are taken in turns of this much log time */
#define UNREAD_EVERY HOUR
#define IDLE_AFTER (5 * SECOND) /* live and silent for so long: the log's clock goes on with the wall's */

/* The columns that headers told before the place where a partition is read on. */
static bool pipeline_recall(struct pipeline *pipeline, uint32_t number, const struct store_position *position)
{
	char *told;
	size_t length;
	bool recalled;

	if (!store_told(pipeline->store, position, &told, &length))
		return false;
	recalled = !told || flows_recall(pipeline->flows, number, (struct slice){told, length});
	free(told);
	if (!recalled)
		notice_write(pipeline->options->notice, NOTICE_WARNING,
		             "%s %s/%d: what headers told is damaged: columns are told by their number",
		             position->source, position->topic, position->partition);
	return true;
}

/* The partitions that appeared: where the store left them. False where it cannot tell: none may then be read. */
static bool pipeline_positions(struct pipeline *pipeline)
{
	while (pipeline->position_count < source_count(pipeline->options->source)) {
		uint32_t number = pipeline->position_count;
		const struct source_partition *partition = source_partition(pipeline->options->source, number);
		struct store_position position = {.source = partition->source,
		                                  .topic = partition->topic,
		                                  .partition = partition->partition,
		                                  .first_at = TIME_NONE,
		                                  .last_at = TIME_NONE,
		                                  .next_offset = partition->next_offset,
		                                  .inode = partition->inode};

		bool found = false;

		if (pipeline->options->resume && !store_position(pipeline->store, &position, &found))
			return false;
		if (found && !pipeline_recall(pipeline, number, &position))
			return false;
		if (found)
			source_seek(pipeline->options->source, number, position.next_offset, position.inode);
		pipeline->fresh = pipeline->fresh || (pipeline->options->resume && !found);
		MEMORY_GROW(pipeline->positions, pipeline->position_count, pipeline->position_capacity);
		pipeline->positions[pipeline->position_count++] = position;
	}
	return true;
}

static void pipeline_gap(struct pipeline *pipeline, uint32_t partition, int64_t gap)
{
	struct store_position *position = &pipeline->positions[partition];
	char name[512];
	uint32_t host;

	position->gap += gap;
	notice_write(pipeline->options->notice, NOTICE_WARNING,
	             "%s %s/%d: a gap of %lld before offset %lld: lines are lost", position->source, position->topic,
	             position->partition, (long long)gap, (long long)position->next_offset + gap);
	snprintf(name, sizeof(name), "%s/%d", position->topic, position->partition);
	host = host_of(pipeline->state, slice_of(name));
	host_hour_of(pipeline->state, host, position->last_at != TIME_NONE ? position->last_at : pipeline->state->wall)
		->lost += gap;
	pipeline->state->hosts[host].dirty = true;
}

/* Whose shipper names its fields in its own way loses all of it: that is told, once an hour of those that come. */
static void pipeline_unread(struct pipeline *pipeline, uint32_t partition, const struct work *work,
                            const struct line *line)
{
	const struct store_position *position = &pipeline->positions[partition];
	char *names;

	pipeline->unread++;
	if (pipeline->unread_wall && pipeline->state->wall - pipeline->unread_wall < UNREAD_EVERY)
		return;
	names = envelope_names(line->text);
	notice_write(pipeline->options->notice, NOTICE_WARNING,
	             "%s %s/%d, offset %lld: %s; its fields are: %s. Such lines so far, counted as unparsed: %lld",
	             position->source, position->topic, position->partition,
	             (long long)work->batch->records[line->record].offset, line->reason, names[0] ? names : "?",
	             (long long)pipeline->unread);
	free(names);
	pipeline->unread_wall = pipeline->state->wall;
}

static void pipeline_timed(struct pipeline *pipeline, struct store_position *position, const struct work *work,
                           const struct line *line)
{
	struct state *state = pipeline->state;
	struct host_line at = host_take_line(state, host_of_key(state, &line->host), line->time, line->time_other);
	uint32_t more = 0;

	state->hosts[at.host].dirty = true;
	if (position->first_at == TIME_NONE || at.time < position->first_at)
		position->first_at = at.time;
	if (position->last_at == TIME_NONE || at.time > position->last_at)
		position->last_at = at.time;
	if (line->repeated > 1 || line->lost || line->result == LINE_UNPARSED) {
		struct host_hour *hour = host_hour_of(state, at.host, at.time);

		hour->repeated += line->repeated > 1 ? line->repeated - 1 : 0;
		hour->lost += (int64_t)line->lost;
		hour->unparsed += line->result == LINE_UNPARSED;
	}
	for (uint32_t i = 0; line->result == LINE_EVENT && i < line->key_count; i++) {
		const struct keys *keys = &work->keys[line->key + i];

		if (i > 0)
			keys_fetch(state, work->keys, line->key + i, work->key_count);
		if (i > 0 && line->lines > 1)
			at = host_take_next(state, at, line->time, line->time_other, &more);
		take_event(state, at, &work->events[keys->event], keys);
	}
	host_take_more(state, at, more);
}

static void pipeline_line(struct pipeline *pipeline, uint32_t partition, const struct work *work,
                          const struct line *line)
{
	struct store_position *position = &pipeline->positions[partition];

	/* Counted, and as ignored, when it was held back. */
	if (line->again)
		position->ignored--;
	else
		health_lines(pipeline->health, line->result, line->lines, pipeline->state->wall);
	position->lines += line->again ? 0 : line->lines;
	position->events += line->result == LINE_EVENT ? line->lines : 0;
	position->ignored += line->result == LINE_IGNORED || line->result == LINE_NOTE || line->result == LINE_EMPTY;
	position->unparsed += line->result == LINE_UNPARSED;
	if (line->timed)
		pipeline_timed(pipeline, position, work, line);
	if (line->told)
		flows_tell(pipeline->flows, partition, &work->tolds[line->told - 1]);
	if (line->result == LINE_UNPARSED && line->reason == envelope_no_message)
		pipeline_unread(pipeline, partition, work, line);
	if (line->result == LINE_UNPARSED)
		samples_add(pipeline->samples, partition, work, line,
		            pipeline->state->log_clock > INT64_MIN / 2 ? pipeline->state->log_clock
		                                                       : pipeline->state->wall);
	spill_over(pipeline->state);
	pipeline->lines += line->lines;
}

/* One that is further ahead of another would make the other's lines late. */
static int64_t pipeline_skew(const struct settings *settings)
{
	int64_t half = settings->input.join_window / 2;

	return settings->input.max_skew < half ? settings->input.max_skew : half;
}

/* A line that flows_next() must judge anew: it is too late for this turn, or its time goes back. */
static bool pipeline_stops(const struct pipeline *pipeline, const struct line *line, int64_t until, int64_t latest)
{
	return line->timed && ((until < INT64_MAX - SLACK && line->time > until + SLACK) ||
	                       (latest != INT64_MIN && line->time < latest - pipeline_skew(pipeline->settings)));
}

/* Takes lines of one work, up to a time, whole records. */
static void pipeline_take(struct pipeline *pipeline, struct work *work, uint32_t partition, int64_t until)
{
	bool boundary = work->next > 0, taken = false;
	int64_t latest = INT64_MIN;

	if (work->next == 0 && work->batch->gap > 0)
		pipeline_gap(pipeline, partition, work->batch->gap);
	while (work->next < work->line_count) {
		const struct line *line = &work->lines[work->next];

		if (boundary && taken && pipeline_stops(pipeline, line, until, latest))
			break;
		keys_fetch(pipeline->state, work->keys, line->key, work->key_count);
		pipeline_line(pipeline, partition, work, line);
		latest = line->timed && line->time > latest ? line->time : latest;
		work->next++;
		boundary = line->last;
		taken = true;
	}
	transaction_close(pipeline->state);
	flows_taken(pipeline->flows, partition, latest);
	if (work->next == work->line_count)
		flows_finish(pipeline->flows, partition);
}

static void pipeline_notices(struct pipeline *pipeline)
{
	const char *text;
	char *note = store_note(pipeline->store);

	if (note)
		notice_write(pipeline->options->notice, NOTICE_WARNING, "%s", note);
	free(note);
	while ((text = source_notice(pipeline->options->source)))
		notice_write(pipeline->options->notice, NOTICE_WARNING, "%s", text);
}

static void pipeline_progress(const struct pipeline *pipeline, bool end)
{
	int64_t read = 0, total = 0;

	if (!pipeline->options->progress)
		return;
	for (uint32_t i = 0; i < source_count(pipeline->options->source); i++) {
		const struct source_partition *partition = source_partition(pipeline->options->source, i);

		read += partition->read_bytes;
		total += partition->total_bytes > 0 ? partition->total_bytes : 0;
	}
	if (end)
		fprintf(stderr, "\r\033[K");
	else if (total > 0)
		fprintf(stderr, "\r%3d %%  %lld lines\033[K", (int)(read * 100 / total), (long long)pipeline->lines);
}

/* Live and silent: time goes on all the same, so that incidents subside and close. Not while we cannot hear. */
static void pipeline_idle(struct pipeline *pipeline)
{
	int64_t silent = pipeline->state->wall - pipeline->line_wall;
	int64_t clock = pipeline->line_clock + silent;

	if (!pipeline->options->live || !pipeline->lines || silent < IDLE_AFTER ||
	    source_trouble(pipeline->options->source))
		return;
	if (clock > pipeline->state->wall)
		clock = pipeline->state->wall;
	if (clock <= pipeline->state->log_clock)
		return;
	pipeline->dirty = pipeline->dirty || clock / MINUTE != pipeline->state->log_clock / MINUTE;
	pipeline->state->log_clock = clock;
	age_state(pipeline->state);
}

/* Everything read is taken in; then settings and rules are exchanged between two batches. */
static void pipeline_reload(struct pipeline *pipeline)
{
	const struct pipeline_options *options = pipeline->options;
	const struct settings *settings;
	const struct rules *rules;

	if (!options->reload || !*options->reload || flows_waiting(pipeline->flows))
		return;
	*options->reload = 0;
	service_tell(options->service, "RELOADING=1");
	if (!options->load(options->load_with, &settings, &rules)) {
		service_tell(options->service, "READY=1");
		return;
	}
	if (settings->privacy.addresses != pipeline->settings->privacy.addresses ||
	    !slice_equal(slice_of(settings->privacy.key_file), slice_of(pipeline->settings->privacy.key_file)))
		notice_write(options->notice, NOTICE_WARNING, "privacy: stays as it was; restart with a new database");
	workers_free(&pipeline->workers);
	pipeline->settings = pipeline->state->settings = settings;
	pipeline->state->file_look_count = 0; /* the join window may be another */
	relays_judge(pipeline->state);
	pipeline->workers = workers_new(1, rules, settings);
	flows_use(pipeline->flows, pipeline->workers);
	for (uint32_t i = 1; i < pipeline->state->list_count; i++)
		pipeline->state->lists[i].changed = pipeline->state->lists[i].live;
	pipeline->dirty = true;
	notice_write(options->notice, NOTICE_INFO, "configuration and rules loaded again");
	service_tell(options->service, "READY=1");
}

/* One turn: read what there is room for, take one stretch in. False where nothing is there to do. */
static bool pipeline_turn(struct pipeline *pipeline)
{
	bool reloading = pipeline->options->reload && *pipeline->options->reload;
	uint32_t partition;
	struct work *work;
	int64_t until;

	pipeline->lost = !pipeline_positions(pipeline);
	if (!pipeline->lost && !reloading)
		flows_fill(pipeline->flows);
	if (pipeline->lost || !pipeline_positions(pipeline)) {
		pipeline->lost = true;
		return false;
	}
	work = flows_next(pipeline->flows, &partition, &until);
	if (!work)
		return false;
	pipeline_take(pipeline, work, partition, until);
	pipeline->dirty = true;
	pipeline->line_wall = pipeline->state->wall;
	pipeline->line_clock = pipeline->state->log_clock;
	age_state(pipeline->state);
	return true;
}

static bool pipeline_loop(struct pipeline *pipeline)
{
	bool failed = false;
	int64_t shown = 0;

	service_tell(pipeline->options->service, "READY=1\nSTATUS=reading");
	while (!*pipeline->options->stop && !flows_ended(pipeline->flows, &failed)) {
		bool busy = pipeline_turn(pipeline);

		pipeline->lost = pipeline->lost || pipeline->state->spill->failed;
		if (pipeline->lost) {
			notice_write(pipeline->options->notice, NOTICE_ERROR, "%s", store_error(pipeline->store));
			return false;
		}
		if (!busy) {
			source_wait(pipeline->options->source, 100);
			pipeline->state->wall = wall_now();
			pipeline_idle(pipeline);
		}
		pipeline_notices(pipeline);
		service_alive(pipeline->options->service, wall_now());
		pipeline_due(pipeline, !busy);
		pipeline_reload(pipeline);
		if (pipeline->state->wall - shown > SECOND / 4) {
			shown = pipeline->state->wall;
			pipeline_progress(pipeline, false);
		}
	}
	service_tell(pipeline->options->service, "STOPPING=1\nSTATUS=writing the last checkpoint");
	pipeline_progress(pipeline, true);
	pipeline_notices(pipeline);
	if (failed)
		notice_write(pipeline->options->notice, NOTICE_ERROR, "%s", source_error(pipeline->options->source));
	return !failed;
}

static void pipeline_free(struct pipeline *pipeline)
{
	/* The worker may still be parsing what the flows hold. */
	workers_free(&pipeline->workers);
	flows_free(&pipeline->flows);
	samples_free(&pipeline->samples);
	health_free(&pipeline->health);
	free(pipeline->positions);
	state_free(&pipeline->state);
	store_close(&pipeline->store);
}

bool pipeline_run(const struct pipeline_options *options)
{
	struct pipeline pipeline = {.options = options, .settings = options->settings};
	char *error = NULL;
	bool done = false;

	pipeline.store = store_open(options->database, &error);
	if (!pipeline.store) {
		notice_write(options->notice, NOTICE_ERROR, "%s", error);
		free(error);
		return false;
	}
	pipeline.state = state_new(options->settings);
	pipeline.state->privacy = options->privacy;
	pipeline.state->wall = pipeline.checkpoint_wall = pipeline.settle_wall = pipeline.line_wall = wall_now();
	pipeline.samples = samples_new(options->privacy);
	pipeline.health = health_new(options->live, pipeline.state->wall);
	if (!store_use(pipeline.store, options->privacy, options->settings->privacy.key_file) ||
	    !store_load(pipeline.store, pipeline.state)) {
		notice_write(options->notice, NOTICE_ERROR, "%s", store_error(pipeline.store));
	} else {
		pipeline.announced = (uint32_t)(pipeline.state->next_incident - 1);
		pipeline.first = pipeline.state->log_clock <= INT64_MIN / 2;
		relays_judge(pipeline.state);
		relays_settle(pipeline.state);
		pipeline.workers = workers_new(1, options->rules, options->settings);
		pipeline.flows = flows_new(options->source, pipeline.workers, pipeline_skew(options->settings));
		done = pipeline_loop(&pipeline);
		/* What could not be read is not written over: the next start goes on from the last checkpoint. */
		done = !pipeline.state->spill->failed && pipeline_last(&pipeline) && done;
	}
	pipeline_free(&pipeline);
	return done;
}
