/* SPDX-License-Identifier: Apache-2.0
 *
 * What the two halves of the pipeline share: taking lines in (pipeline.c) and
 * writing what they came to (pipeline_checkpoint.c). Only for these.
 */
#ifndef MAILSTORM_DAEMON_PIPELINE_PARTS_H
#define MAILSTORM_DAEMON_PIPELINE_PARTS_H

#include <time.h>

#include "daemon/correlate/state.h"
#include "daemon/flow.h"
#include "daemon/health.h"
#include "daemon/pipeline.h"
#include "daemon/samples.h"
#include "daemon/store/store.h"

struct pipeline {
	const struct pipeline_options *options;
	const struct settings *settings;
	struct state *state;
	struct store *store;
	struct workers *workers;
	struct flows *flows;
	struct health *health;
	struct store_position *positions;
	uint32_t position_count, position_capacity;
	struct samples *samples;
	bool dirty; /* lines were taken since the last checkpoint */
	int64_t checkpoint_wall, settle_wall;
	int64_t checkpoint_cost; /* how long the last one took */
	int64_t line_wall;       /* when the last line was taken in, and the log's clock then */
	int64_t line_clock;
	bool fresh;  /* a partition is new to the store, and not in it yet */
	bool first;  /* the run is its database's first, and has written no checkpoint but for where it begins */
	bool quiet;  /* the store's trouble was told */
	bool ending; /* nothing more is read */
	bool lost;   /* the store cannot tell where a partition was left */
	int64_t lines;
	int64_t unread;      /* of them, in JSON without a known message, */
	int64_t unread_wall; /* ... when that was told last; 0: never */
	uint32_t announced;
};

/* Microseconds since 1970. */
static inline int64_t wall_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * SECOND + now.tv_nsec / 1000;
}

/* A checkpoint, or what else is due by now; idle: there was nothing to read. */
void pipeline_due(struct pipeline *pipeline, bool idle);

/* The last checkpoint, and what retention is due. False where the database cannot be written. */
bool pipeline_last(struct pipeline *pipeline);

#endif
