/* SPDX-License-Identifier: Apache-2.0
 *
 * The order in which partitions are taken in, see flow.h. Only the owner of
 * the state calls this; worker threads see single works.
 */
#include "daemon/flow.h"

#include "daemon/base/memory.h"

#define DEPTH 4 /* batches of a partition that may be in memory */

struct flow {
	struct work *queue[DEPTH];
	unsigned first, count;
	enum source_state state; /* of the last read */
	int64_t last_time;       /* of the last line taken; INT64_MIN before */
	int64_t next_offset, inode;
	bool positioned;
};

struct flows {
	struct source *source;
	struct workers *workers;
	int64_t max_skew;
	struct flow *items;
	uint32_t count, capacity;
	struct work *spare[DEPTH * 4];
	unsigned spare_count;
};

struct flows *flows_new(struct source *source, struct workers *workers, int64_t max_skew)
{
	struct flows *flows = memory_zeroed(1, sizeof(*flows));

	flows->source = source;
	flows->workers = workers;
	flows->max_skew = max_skew;
	return flows;
}

static struct work *flow_head(const struct flow *flow)
{
	return flow->count ? flow->queue[flow->first] : NULL;
}

void flows_free(struct flows **at)
{
	struct flows *flows = *at;

	if (!flows)
		return;
	for (uint32_t i = 0; i < flows->count; i++)
		for (unsigned k = 0; k < flows->items[i].count; k++)
			work_free(&flows->items[i].queue[(flows->items[i].first + k) % DEPTH]);
	for (unsigned i = 0; i < flows->spare_count; i++)
		work_free(&flows->spare[i]);
	free(flows->items);
	free(flows);
	*at = NULL;
}

void flows_use(struct flows *flows, struct workers *workers)
{
	flows->workers = workers;
}

static void flows_grow(struct flows *flows)
{
	while (flows->count < source_count(flows->source)) {
		MEMORY_GROW(flows->items, flows->count, flows->capacity);
		flows->items[flows->count++] = (struct flow){.state = SOURCE_BUSY, .last_time = INT64_MIN};
	}
}

static bool flow_fill(struct flows *flows, uint32_t partition)
{
	struct flow *flow = &flows->items[partition];
	bool came = false;

	while (flow->count < DEPTH && flow->state != SOURCE_END && flow->state != SOURCE_ERROR) {
		struct work *work = flows->spare_count ? flows->spare[--flows->spare_count] : work_new();

		flow->state = source_read(flows->source, partition, work->batch);
		if (flow->state != SOURCE_READY) {
			flows->spare[flows->spare_count++] = work;
			break;
		}
		work->batch->partition = partition;
		flow->queue[(flow->first + flow->count++) % DEPTH] = work;
		workers_give(flows->workers, work);
		came = true;
	}
	return came;
}

bool flows_fill(struct flows *flows)
{
	bool came = false;

	flows_grow(flows);
	for (uint32_t i = 0; i < flows->count; i++)
		came = flow_fill(flows, i) || came;
	return came || flows_waiting(flows);
}

bool flows_waiting(const struct flows *flows)
{
	for (uint32_t i = 0; i < flows->count; i++)
		if (flows->items[i].count)
			return true;
	return false;
}

/* The time of the next line that has one; lines without go with the line before. */
static int64_t work_time(const struct work *work, int64_t before)
{
	for (uint32_t i = work->next; i < work->line_count; i++)
		if (work->lines[i].timed)
			return work->lines[i].time;
	return before;
}

struct work *flows_next(struct flows *flows, uint32_t *partition, int64_t *until)
{
	struct work *best = NULL;
	int64_t best_time = INT64_MAX, second = INT64_MAX;
	int64_t busy = INT64_MAX;

	for (uint32_t i = 0; i < flows->count; i++) {
		struct flow *flow = &flows->items[i];
		struct work *head = flow_head(flow);
		int64_t time;

		if (!head) {
			/* Lines are known to be there: others may go ahead of it only so far. */
			if (flow->state == SOURCE_BUSY && flow->last_time + flows->max_skew < busy)
				busy = flow->last_time == INT64_MIN ? INT64_MIN : flow->last_time + flows->max_skew;
			continue;
		}
		workers_wait(flows->workers, head);
		time = work_time(head, flow->last_time);
		if (!best || time < best_time) {
			second = best ? best_time : INT64_MAX;
			best = head;
			best_time = time;
			*partition = i;
		} else if (time < second) {
			second = time;
		}
	}
	if (best && best_time > busy)
		return NULL;
	*until = second < busy ? second : busy;
	return best;
}

void flows_finish(struct flows *flows, uint32_t partition)
{
	struct flow *flow = &flows->items[partition];
	struct work *work = flow_head(flow);

	for (uint32_t i = work->line_count; i-- > 0;)
		if (work->lines[i].timed) {
			flow->last_time = work->lines[i].time;
			break;
		}
	flow->next_offset = work->batch->next_offset;
	flow->inode = work->batch->inode;
	flow->positioned = true;
	flow->first = (flow->first + 1) % DEPTH;
	flow->count--;
	work_clear(work);
	if (flows->spare_count < DEPTH * 4 - DEPTH)
		flows->spare[flows->spare_count++] = work;
	else
		work_free(&work);
}

void flows_position(const struct flows *flows, uint32_t partition, int64_t *next_offset, int64_t *inode)
{
	const struct flow *flow = &flows->items[partition];
	const struct work *head = flow_head(flow);

	if (head && head->next > 0 && head->next < head->line_count) {
		*next_offset = head->batch->records[head->lines[head->next].record].offset;
		*inode = head->batch->inode;
	} else if (flow->positioned) {
		*next_offset = flow->next_offset;
		*inode = flow->inode;
	}
}

bool flows_ended(const struct flows *flows, bool *failed)
{
	*failed = false;
	if (!source_finished(flows->source) || flows_waiting(flows) || flows->count < source_count(flows->source))
		return false;
	for (uint32_t i = 0; i < flows->count; i++)
		*failed = *failed || flows->items[i].state == SOURCE_ERROR;
	return true;
}
