/* SPDX-License-Identifier: Apache-2.0
 *
 * Notes for "mailstorm status", see health.h. How long lines wait is told by a
 * mark for each partition: where it ended at some moment. As long as the mark
 * is not reached, something that was there then is unread; when it is, a new one is set.
 */
#include "daemon/health.h"

#include "daemon/base/memory.h"
#include "daemon/correlate/state.h"

#define PUT_EVERY (5 * SECOND)
#define MINUTES 60

struct mark {
	int64_t end, inode;
	int64_t wall; /* TIME_NONE: none */
};

struct minute {
	int64_t minute; /* since 1970 */
	int64_t lines, unparsed;
};

struct health {
	bool live;
	int64_t started;
	int64_t put;        /* when it was tried last; TIME_NONE before */
	struct mark *marks; /* by partition */
	uint32_t mark_count, mark_capacity;
	struct minute recent[MINUTES];
};

struct health *health_new(bool live, int64_t now)
{
	struct health *health = memory_zeroed(1, sizeof(*health));

	health->live = live;
	health->started = now;
	health->put = TIME_NONE;
	return health;
}

void health_free(struct health **health)
{
	if (!*health)
		return;
	free((*health)->marks);
	free(*health);
	*health = NULL;
}

void health_lines(struct health *health, enum line_result result, uint32_t lines, int64_t now)
{
	struct minute *minute = &health->recent[now / MINUTE % MINUTES];

	if (result != LINE_EVENT && result != LINE_UNPARSED)
		return;
	if (minute->minute != now / MINUTE)
		*minute = (struct minute){.minute = now / MINUTE};
	minute->lines += lines;
	minute->unparsed += result == LINE_UNPARSED ? lines : 0;
}

bool health_due(const struct health *health, int64_t now)
{
	return health->live && (health->put == TIME_NONE || now - health->put >= PUT_EVERY || now < health->put);
}

/* Since when something waits, TIME_NONE: nothing does. */
static int64_t mark_move(struct mark *mark, const struct source_partition *partition,
                         const struct store_position *position, int64_t now)
{
	bool reached = mark->wall == TIME_NONE || (mark->inode == position->inode ? position->next_offset >= mark->end
	                                                                          : mark->inode != partition->inode);

	if (partition->size < 0)
		return TIME_NONE;
	if (reached)
		*mark = (struct mark){partition->size, partition->inode, now};
	if (position->inode == partition->inode && position->next_offset >= partition->size)
		return TIME_NONE;
	return mark->wall;
}

static bool put_sources(struct health *health, struct store *store, const struct source *source,
                        const struct store_position *positions, uint32_t count, int64_t now)
{
	for (uint32_t i = 0; i < count; i++) {
		const struct source_partition *partition = source_partition(source, i);
		bool same = partition->inode == positions[i].inode;

		if (i == health->mark_count) {
			MEMORY_GROW(health->marks, health->mark_count, health->mark_capacity);
			health->marks[health->mark_count++] = (struct mark){.wall = TIME_NONE};
		}
		if (!store_put_health_source(store, &positions[i], same ? partition->size : -1,
		                             mark_move(&health->marks[i], partition, &positions[i], now)))
			return false;
	}
	return true;
}

bool health_put(struct health *health, struct store *store, const struct state *state, const struct source *source,
                const struct store_position *positions, uint32_t count, bool final, int64_t now)
{
	struct store_health put = {.live = health->live,
	                           .started_wall = health->started,
	                           .checkpoint_wall = now,
	                           .stopped_wall = final ? now : TIME_NONE,
	                           .log_at = state->log_clock,
	                           .trouble = source_trouble(source)};

	if (!final && health->put != TIME_NONE && now - health->put < PUT_EVERY && now >= health->put)
		return true;
	health->put = now;
	for (int i = 0; i < MINUTES; i++)
		if (health->recent[i].minute > now / MINUTE - MINUTES) {
			put.recent_lines += health->recent[i].lines;
			put.recent_unparsed += health->recent[i].unparsed;
		}
	return store_put_health(store, &put) && put_sources(health, store, source, positions, count, now) &&
	       store_put_health_hosts(store, state);
}
