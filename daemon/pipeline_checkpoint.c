/* SPDX-License-Identifier: Apache-2.0
 *
 * Checkpoints, see pipeline.h. One writes what changed and how far each
 * partition was taken in, in one transaction; it fails as a whole, and is
 * tried again.
 */
#include <unistd.h>

#include "daemon/correlate/age.h"
#include "daemon/correlate/incident.h"
#include "daemon/correlate/refusal.h"
#include "daemon/correlate/spill.h"
#include "daemon/correlate/unload.h"
#include "daemon/pipeline_parts.h"
#include "daemon/store/retain.h"

#define SETTLE_EVERY (SECOND / 4)

/* A replay waits longer for its checkpoints than a live run: nobody needs to know now what was over before it began. Of one
 * that is read from its beginning again if it breaks off, they keep nothing either. */
struct waiting {
	int64_t first; /* times store.checkpoint, for the first one into a new database */
	int64_t cost;  /* times what the last one took, at least */
};

static const struct waiting waiting_live = {1, 0}, waiting_replay = {10, 20}, waiting_files = {600, 100};

/* What the lines taken told of those that will be read after a restart. */
static bool pipeline_told(struct pipeline *pipeline, uint32_t partition)
{
	size_t length;
	char *told = pipeline->options->resume ? flows_told(pipeline->flows, partition, &length) : NULL;
	bool written = !told || store_put_told(pipeline->store, &pipeline->positions[partition], told, length);

	free(told);
	return written;
}

static bool pipeline_put_health(struct pipeline *pipeline, bool final)
{
	return health_put(pipeline->health, pipeline->store, pipeline->state, pipeline->options->source,
	                  pipeline->positions, pipeline->position_count, final, wall_now());
}

static bool pipeline_write(struct pipeline *pipeline, bool final)
{
	struct store *store = pipeline->store;

	if (!store_begin(store))
		return false;
	for (uint32_t i = 0; i < pipeline->position_count; i++) {
		flows_position(pipeline->flows, i, &pipeline->positions[i].next_offset, &pipeline->positions[i].inode);
		if (!store_put_position(store, &pipeline->positions[i]) || !pipeline_told(pipeline, i))
			return false;
	}
	if (!samples_put(pipeline->samples, store, pipeline->positions))
		return false;
	return store_put_figures(store, pipeline->state, final) && store_put_state(store, pipeline->state) &&
	       store_retain(store, pipeline->state) && pipeline_put_health(pipeline, final) && store_commit(store);
}

static void pipeline_committed(struct pipeline *pipeline)
{
	store_written(pipeline->state);
	flows_kept(pipeline->flows);
	store_retained(pipeline->store, pipeline->state);
	store_tidy(pipeline->store, pipeline->state, false);
	age_cells(pipeline->state);
	/* What was read last stays at hand for who looks at it now, but no longer than mailboxes are kept. */
	if (!pipeline->ending ||
	    unload_overdue(pipeline->state, pipeline->state->log_clock - pipeline->settings->retention.mailboxes))
		unload(pipeline->state);
	samples_clear(pipeline->samples);
	for (uint32_t i = 0; i < pipeline->position_count; i++)
		source_committed(pipeline->options->source, i, pipeline->positions[i].next_offset);
	pipeline->dirty = false;
	if (pipeline->quiet)
		notice_write(pipeline->options->notice, NOTICE_INFO, "the database can be written again");
	pipeline->quiet = false;
}

/* New incidents are told once. */
static void pipeline_announce(struct pipeline *pipeline)
{
	for (uint32_t i = 1; i < pipeline->state->incident_count; i++) {
		const struct incident *incident = &pipeline->state->incidents[i];
		const struct list *list = &pipeline->state->lists[incident->list];
		struct slice name = texts_get(pipeline->state->addresses, list->address);
		struct privacy_text form = {0};

		if (!incident->live || incident->id <= pipeline->announced)
			continue;
		pipeline->announced = (uint32_t)incident->id;
		notice_write(pipeline->options->notice, NOTICE_WARNING, "incident %lld: a storm on list %s",
		             (long long)incident->id,
		             pipeline->options->privacy ? privacy_list(pipeline->options->privacy, name, &form).bytes
		                                        : name.bytes);
		free(form.bytes);
	}
}

/* False where the store cannot be written: told once, tried again at the next. */
static bool pipeline_checkpoint(struct pipeline *pipeline, bool final)
{
	int64_t begun = wall_now();
	bool written;

	settle(pipeline->state);
	spill_over(pipeline->state);
	if (pipeline->state->spill->failed)
		return false;
	written = pipeline_write(pipeline, final);
	pipeline->settle_wall = pipeline->checkpoint_wall = wall_now();
	pipeline->checkpoint_cost = pipeline->checkpoint_wall - begun;
	if (written) {
		pipeline_committed(pipeline);
		pipeline_announce(pipeline);
		return true;
	}
	store_rollback(pipeline->store);
	if (!pipeline->quiet)
		notice_write(pipeline->options->notice, NOTICE_ERROR, "%s", store_error(pipeline->store));
	pipeline->quiet = true;
	return false;
}

/* Nothing was read: only that the daemon lives is written. What cannot be is told at the next checkpoint. */
static void pipeline_beat(struct pipeline *pipeline)
{
	if (!store_begin(pipeline->store) || !pipeline_put_health(pipeline, false) || !store_commit(pipeline->store))
		store_rollback(pipeline->store);
}

static int64_t pipeline_waits(const struct pipeline *pipeline)
{
	const struct pipeline_options *options = pipeline->options;
	struct waiting waiting = options->live ? waiting_live : options->resume ? waiting_replay : waiting_files;
	int64_t every = pipeline->settings->store.checkpoint * (pipeline->first ? waiting.first : 1);

	return every > waiting.cost * pipeline->checkpoint_cost ? every : waiting.cost * pipeline->checkpoint_cost;
}

/* Memory waits for a checkpoint. */
static bool pipeline_overdue(const struct pipeline *pipeline)
{
	return spill_waits(pipeline->state) || unload_waits(pipeline->state);
}

void pipeline_due(struct pipeline *pipeline, bool idle)
{
	int64_t now = wall_now(), every = pipeline_waits(pipeline);
	bool fresh = pipeline->fresh;

	/* A replay that waits for its own parsing is not idle. */
	idle = idle && (pipeline->options->live || now - pipeline->line_wall >= SECOND);
	pipeline->state->wall = now;
	/* That it was begun is known at once: a followed file may be rotated before the first checkpoint. */
	pipeline->fresh = false;
	if (fresh) {
		if (pipeline_checkpoint(pipeline, false))
			store_sync(pipeline->store);
		else
			pipeline->dirty = true;
		return;
	}
	if (!pipeline->dirty && !store_retains(pipeline->store, pipeline->state)) {
		if (health_due(pipeline->health, now))
			pipeline_beat(pipeline);
		return;
	}
	if (now - pipeline->checkpoint_wall >= (idle ? every / 4 : every) ||
	    (pipeline_overdue(pipeline) && now - pipeline->checkpoint_wall >= pipeline->settings->store.checkpoint)) {
		pipeline->first = !pipeline_checkpoint(pipeline, false) && pipeline->first;
		return;
	}
	if (pipeline->options->live ? now - pipeline->settle_wall < SETTLE_EVERY : !refusals_wait(pipeline->state))
		return;
	pipeline->settle_wall = now;
	if (settle(pipeline->state) && pipeline->options->live)
		pipeline_checkpoint(pipeline, false);
}

/* What retention is due is done before the end, in small transactions all the same; what fails is left to the next run.
 * The last checkpoint writes what the ones before changed in memory. */
static void pipeline_retain(struct pipeline *pipeline)
{
	bool more;

	do
		more = store_retains(pipeline->store, pipeline->state);
	while (pipeline_checkpoint(pipeline, false) && more);
	store_tidy(pipeline->store, pipeline->state, true);
}

/* The last checkpoint must not be lost to a passing trouble. */
bool pipeline_last(struct pipeline *pipeline)
{
	pipeline->ending = true;
	for (int i = 0; i < 10; i++) {
		pipeline->state->wall = wall_now();
		if (pipeline_checkpoint(pipeline, true)) {
			pipeline_retain(pipeline);
			return true;
		}
		sleep(1);
	}
	return false;
}
