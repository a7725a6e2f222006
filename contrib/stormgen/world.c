/* SPDX-License-Identifier: Apache-2.0
 *
 * The event queue: a heap of tasks by time. It runs until nothing is
 * left to do, or to the end that was set; tasks that are left then are simply
 * forgotten, what they had in mind does not happen.
 */
#include <stdlib.h>

#include "format.h"

#define CHILDREN 4 /* of each in the heap: their times stand side by side */

static bool sooner(const struct turn *a, const struct turn *b)
{
	return a->time != b->time ? a->time < b->time : a->number < b->number;
}

void world_schedule(struct world *world, struct task *task, int64_t time)
{
	struct turn turn = {time > world->now ? time : world->now, world->task_number++, task};
	uint64_t at = world->heap_count++;

	if (world->heap_count > world->heap_room) {
		world->heap_room = 2 * world->heap_room + 1024;
		world->heap = realloc(world->heap, world->heap_room * sizeof(*world->heap));
		if (!world->heap)
			abort();
	}
	while (at > 0 && sooner(&turn, &world->heap[(at - 1) / CHILDREN])) {
		world->heap[at] = world->heap[(at - 1) / CHILDREN];
		at = (at - 1) / CHILDREN;
	}
	world->heap[at] = turn;
}

/* The soonest of the children that begin at `child`. */
static uint64_t soonest(const struct world *world, uint64_t child)
{
	uint64_t end = child + CHILDREN < world->heap_count ? child + CHILDREN : world->heap_count, best = child;

	while (++child < end)
		if (sooner(&world->heap[child], &world->heap[best]))
			best = child;
	return best;
}

static struct turn next_turn(struct world *world)
{
	struct turn first = world->heap[0], last = world->heap[--world->heap_count];
	uint64_t at = 0, child;

	while ((child = CHILDREN * at + 1) < world->heap_count) {
		child = soonest(world, child);
		if (!sooner(&world->heap[child], &last))
			break;
		world->heap[at] = world->heap[child];
		at = child;
	}
	world->heap[at] = last;
	/* What comes after it will be in no cache. */
	__builtin_prefetch(world->heap[0].task);
	return first;
}

static const struct format *const formats[] = {
	[FORMAT_POSTFIX] = &format_postfix, [FORMAT_EXCHANGE] = &format_exchange, [FORMAT_M365] = &format_m365,
	[FORMAT_EXIM] = &format_exim,       [FORMAT_SENDMAIL] = &format_sendmail,
};

struct world *world_new(struct plan *plan, struct truth *truth, struct sink *sink)
{
	struct world *world = calloc(1, sizeof(*world));

	if (!world)
		abort();
	world->plan = plan;
	world->truth = truth;
	world->sink = sink;
	world->random = random_mix((uint64_t)plan->options->seed * 3 + 1);
	world->end = plan->options->until > 0 ? plan->options->start + plan->options->until : INT64_MAX;
	world->format = formats[plan->options->format];
	writer_start(&world->writer, plan, sink);
	if (world->format->begun)
		world->format->begun(world);
	people_start(world);
	return world;
}

void world_run(struct world *world)
{
	while (world->heap_count > 0 && world->heap[0].time < world->end) {
		struct turn turn = next_turn(world);

		world->now = turn.time;
		if (world_told(world) >= world->truth->minute_end)
			truth_clock(world->truth, world_told(world));
		turn.task->run(world, turn.task);
	}
	if (world->format->ended)
		world->format->ended(world);
	truth_end(world->truth);
}

int64_t world_about(struct world *world, int64_t usual)
{
	double u = random_unit(&world->random);

	return 50 + (int64_t)((double)usual * (0.3 + 0.9 * u + 3 * u * u * u * u * u * u));
}

int64_t world_slot(struct world *world, uint32_t number, uint32_t pairs)
{
	struct host *host = &world->plan->hosts[number];
	int64_t begin = host->next_slot > world->now ? host->next_slot : world->now;

	host->next_slot = begin + host->pair_time * pairs;
	return begin;
}

struct queued_row *world_queued(const struct world *world, uint64_t *count)
{
	struct queued_row *rows;
	uint64_t room = 0;

	for (const struct queue_file *file = world->files; file; file = file->next)
		room++;
	rows = calloc(room ? room : 1, sizeof(*rows));
	if (!rows)
		abort();
	*count = 0;
	for (const struct queue_file *file = world->files; file; file = file->next) {
		if (!file->mail->post->in_incident || file->target != TARGET_MEMBERS || file->open == 0)
			continue;
		rows[(*count)++] =
			(struct queued_row){file->host, file->id, file->mail->post, file->open, file->told_at};
	}
	return rows;
}

void world_free(struct world **world)
{
	struct world *w = *world;

	if (!w)
		return;
	for (uint64_t i = 0; i < w->heap_count; i++)
		w->heap[i].task->drop(w->heap[i].task);
	free(w->heap);
	free(w);
	*world = NULL;
}
