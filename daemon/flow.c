/* SPDX-License-Identifier: Apache-2.0
 *
 * The order in which partitions are taken in, see flow.h. Only the owner of
 * the state calls this; worker threads see single works.
 */
#include "daemon/flow.h"

#include "daemon/base/memory.h"

/* Batches of a partition that may be in memory: a few, and more where partitions are few, so that parsing goes on while
 * the owner ages or writes. */
#define DEPTH_LEAST 4
#define DEPTH_MOST 16
#define DEPTH_ALL 32

struct flow {
	struct work *queue[DEPTH_MOST];
	unsigned first, count;
	enum source_state state; /* of the last read */
	int64_t last_time;       /* of the last line taken; INT64_MIN before */
	int64_t latest;          /* of the lines taken; INT64_MIN before */
	int64_t next_offset, inode;
	bool positioned;
	bool flushed;                   /* its end was told to the worker */
	struct envelope_source *source; /* as of the lines given to the worker, who uses it */
	struct envelope_source *taken;  /* as of the lines taken */
	bool told;                      /* `taken` is not what was stored */
};

struct flows {
	struct source *source;
	struct workers *workers;
	int64_t max_skew;
	struct flow *items;
	uint32_t count, capacity;
	struct work *spare[DEPTH_ALL];
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
	for (uint32_t i = 0; i < flows->count; i++) {
		for (unsigned k = 0; k < flows->items[i].count; k++)
			work_free(&flows->items[i].queue[(flows->items[i].first + k) % DEPTH_MOST]);
		envelope_source_free(&flows->items[i].source);
		envelope_source_free(&flows->items[i].taken);
	}
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
		flows->items[flows->count++] = (struct flow){.state = SOURCE_BUSY,
		                                             .last_time = INT64_MIN,
		                                             .latest = INT64_MIN,
		                                             .source = envelope_source_new(),
		                                             .taken = envelope_source_new()};
	}
}

/* The path of a file; the topic lives as long as the source. */
static struct slice flow_origin(const struct flows *flows, uint32_t partition)
{
	const struct source_partition *from = source_partition(flows->source, partition);

	return strcmp(from->source, "kafka") == 0 || strcmp(from->source, "stdin") == 0 ? SLICE_NONE
	                                                                                : slice_of(from->topic);
}

static unsigned flows_depth(const struct flows *flows)
{
	unsigned share = flows->count ? DEPTH_ALL / flows->count : DEPTH_MOST;

	return share < DEPTH_LEAST ? DEPTH_LEAST : share > DEPTH_MOST ? DEPTH_MOST : share;
}

static void flows_spare(struct flows *flows, struct work *work)
{
	if (flows->spare_count < DEPTH_ALL)
		flows->spare[flows->spare_count++] = work;
	else
		work_free(&work);
}

/* What the workers have cleared; `all`: and what was taken in since, which would stay where nothing comes to be parsed. */
static void flows_recover(struct flows *flows, bool all)
{
	struct work *work = workers_spare(flows->workers, all);

	while (work) {
		struct work *after = work->after;

		flows_spare(flows, work);
		work = after;
	}
}

static struct work *flows_work(struct flows *flows)
{
	if (!flows->spare_count)
		flows_recover(flows, false);
	return flows->spare_count ? flows->spare[--flows->spare_count] : work_new();
}

/* Filled from the partition: to be parsed, then taken behind those before it. */
static void flow_give(struct flows *flows, uint32_t partition, struct work *work)
{
	struct flow *flow = &flows->items[partition];

	work->batch->partition = partition;
	work->source = flow->source;
	work->origin = flow_origin(flows, partition);
	flow->queue[(flow->first + flow->count++) % DEPTH_MOST] = work;
	workers_give(flows->workers, work);
}

/* A file at its end: what a row's cell was waiting for will not come. */
static bool flow_flush(struct flows *flows, uint32_t partition)
{
	struct flow *flow = &flows->items[partition];
	const struct source_partition *from = source_partition(flows->source, partition);
	struct work *work;

	if (flow->state != SOURCE_END || flow->flushed || flow->count >= flows_depth(flows) ||
	    (strcmp(from->source, "file") != 0 && strcmp(from->source, "stdin") != 0))
		return false;
	work = flows_work(flows);
	work->flush = flow->flushed = true;
	work->batch->next_offset = from->next_offset;
	batch_append(work->batch, (struct record){.bytes = SLICE(""), .offset = from->next_offset});
	flow_give(flows, partition, work);
	return true;
}

static bool flow_fill(struct flows *flows, uint32_t partition)
{
	struct flow *flow = &flows->items[partition];
	bool came = false;

	while (flow->count < flows_depth(flows) && flow->state != SOURCE_END && flow->state != SOURCE_ERROR) {
		struct work *work = flows_work(flows);

		flow->state = source_read(flows->source, partition, work->batch);
		if (flow->state != SOURCE_READY) {
			flows_spare(flows, work);
			break;
		}
		flow_give(flows, partition, work);
		came = true;
	}
	return flow_flush(flows, partition) || came;
}

bool flows_fill(struct flows *flows)
{
	bool came = false;

	flows_grow(flows);
	for (uint32_t i = 0; i < flows->count; i++)
		came = flow_fill(flows, i) || came;
	came = came || flows_waiting(flows);
	if (!came)
		flows_recover(flows, true);
	return came;
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

struct choice {
	struct work *work;
	uint32_t partition;
	int64_t time, second; /* of the earliest head, and of the next */
};

static void choice_add(struct choice *choice, struct work *work, uint32_t partition, int64_t time)
{
	if (choice->work && time >= choice->time) {
		choice->second = time < choice->second ? time : choice->second;
		return;
	}
	choice->second = choice->work ? choice->time : INT64_MAX;
	choice->work = work;
	choice->partition = partition;
	choice->time = time;
}

/* Lines that are read and not yet taken go on from where it was: it only has old ones among them. */
static bool flow_returns(struct flows *flows, const struct flow *flow)
{
	int64_t old = flow->latest - flows->max_skew;

	for (unsigned k = 0; k < flow->count; k++) {
		struct work *work = flow->queue[(flow->first + k) % DEPTH_MOST];

		workers_wait(flows->workers, work);
		for (uint32_t i = work->next; work->latest > old && i < work->line_count; i++)
			if (work->lines[i].timed && work->lines[i].time > old)
				return true;
	}
	return false;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Flows whose time went back are behind themselves. Where a topic is told twice they wait until all others came
 * to their end or went back too, and go on together; where there are only old lines among new ones, until the
 * others are ahead. Lines are known to be there of a flow that is busy: others may go ahead of it only so far. */
struct work *flows_next(struct flows *flows, uint32_t *partition, int64_t *until)
{
	struct choice front = {.second = INT64_MAX}, behind = {.second = INT64_MAX};
	int64_t front_limit = INT64_MAX, behind_limit = INT64_MAX; /* what is busy sets them */
	int64_t front_least = INT64_MAX, behind_turn = INT64_MAX;
	const struct choice *best;
	bool front_there = false;
	int64_t limit;

	for (uint32_t i = 0; i < flows->count; i++) {
		struct flow *flow = &flows->items[i];
		struct work *head = flow_head(flow);
		int64_t time = flow->last_time, ahead;

		if (!head && flow->state != SOURCE_BUSY)
			continue;
		if (head) {
			workers_wait(flows->workers, head);
			time = work_time(head, flow->last_time);
		}
		ahead = time == INT64_MIN ? INT64_MIN : time + flows->max_skew;
		if (time != INT64_MIN && ahead < flow->latest) {
			if (flow_returns(flows, flow))
				behind_turn = earlier(behind_turn, flow->latest + flows->max_skew);
			if (head)
				choice_add(&behind, head, i, time);
			else
				behind_limit = earlier(behind_limit, ahead);
			continue;
		}
		front_there = true;
		front_least = earlier(front_least, time);
		if (head)
			choice_add(&front, head, i, time);
		else
			front_limit = earlier(front_limit, ahead);
	}
	best = front_there && front_least <= behind_turn ? &front : &behind;
	limit = best == &front ? earlier(front_limit, behind_turn) : behind_limit;
	if (!best->work || best->time > limit)
		return NULL;
	*partition = best->partition;
	*until = earlier(best->second, limit);
	return best->work;
}

void flows_taken(struct flows *flows, uint32_t partition, int64_t latest)
{
	struct flow *flow = &flows->items[partition];

	flow->latest = latest > flow->latest ? latest : flow->latest;
}

void flows_tell(struct flows *flows, uint32_t partition, const struct envelope_told *told)
{
	envelope_source_take(flows->items[partition].taken, told);
	flows->items[partition].told = true;
}

char *flows_told(const struct flows *flows, uint32_t partition, size_t *length)
{
	/* It may have appeared in this turn. */
	if (partition >= flows->count || !flows->items[partition].told)
		return NULL;
	return envelope_source_save(flows->items[partition].taken, length);
}

void flows_kept(struct flows *flows)
{
	for (uint32_t i = 0; i < flows->count; i++)
		flows->items[i].told = false;
}

bool flows_recall(struct flows *flows, uint32_t partition, struct slice told)
{
	flows_grow(flows);
	return envelope_source_restore(flows->items[partition].source, told) &&
	       envelope_source_restore(flows->items[partition].taken, told);
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
	flow->first = (flow->first + 1) % DEPTH_MOST;
	flow->count--;
	workers_spend(flows->workers, work);
}

void flows_position(const struct flows *flows, uint32_t partition, int64_t *next_offset, int64_t *inode)
{
	const struct flow *flow;
	const struct work *head;

	/* It appeared in this turn, and was not read yet. */
	if (partition >= flows->count)
		return;
	flow = &flows->items[partition];
	head = flow_head(flow);
	if (head && head->next > 0 && head->next < head->line_count) {
		*next_offset = head->batch->records[head->lines[head->next].record].offset;
		*inode = head->batch->inode;
	} else if (flow->positioned) {
		*next_offset = flow->next_offset;
		*inode = flow->inode;
	} else if (*next_offset == 0 && *inode == 0) {
		/* A file that nothing was taken of yet: it may have another name when one goes on. */
		*inode = head ? head->batch->inode : source_partition(flows->source, partition)->inode;
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
