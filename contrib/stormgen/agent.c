/* SPDX-License-Identifier: Apache-2.0
 *
 * A delivery agent takes recipients of one place from a queue file, makes one
 * transaction and takes the next. Where the next hop logs too, its queue file
 * is made here, and the agent waits until that is in the queue.
 */
#include "agent.h"

#include <assert.h>
#include <stdlib.h>

#define AGENTS 20 /* default_destination_concurrency_limit */

static void agent_drop(struct task *task)
{
	struct agent *agent = (struct agent *)(void *)task;

	if (--agent->file->agents == 0)
		agent->file->task.drop(&agent->file->task);
	free(agent);
}

static enum path path_of(struct world *world, const struct agent *agent)
{
	const struct queue_file *file = agent->file;
	const struct options *o = world->plan->options;
	const struct group *group = agent->chunk.group;
	bool list_host = file->host < world->plan->list_hosts;

	if (!group && file->target == TARGET_BEFORE_FILTER)
		return PATH_FILTER;
	if (!group && file->target == TARGET_FOREIGN)
		return PATH_FOREIGN;
	if (!group)
		return list_host ? PATH_MAILBOX : PATH_RELAY;
	if (o->hops == 3 && list_host && !file->filtered)
		return PATH_FILTER;
	if (group->external)
		return PATH_FOREIGN;
	if (group->host == NOBODY || group->host == file->host)
		return PATH_MAILBOX;
	if (file->round == 0 && o->deferred > 0 && random_chance(random_next(&world->random), o->deferred / 400))
		return PATH_UNREACHABLE;
	return PATH_RELAY;
}

static void transaction_done(struct world *world, struct task *task);

/* The next hop accepts: its queue file, made of this one's chunk. */
static void hand_over(struct world *world, struct task *task)
{
	struct agent *agent = (struct agent *)(void *)task;
	const struct queue_file *file = agent->file;
	const struct chunk *chunk = &agent->chunk;
	uint32_t host = agent->path == PATH_FILTER ? file->host : agent->relay_host;
	struct queue_file *next = file_new(world, file->mail, host, world->now + 100);

	next->size = file->size + 380;
	next->sender = file->sender;
	next->excluded = file->excluded;
	next->deferred_before = file->deferred_before || file->round > 0;
	next->waiting = &agent->task;
	agent->task.run = transaction_done;
	memcpy(agent->child, next->id, sizeof(next->id));
	next->filtered = true;
	if (agent->path == PATH_FILTER) {
		memcpy(next->origin, file->id, sizeof(next->origin));
		next->client = CLIENT_LOCAL;
	} else {
		next->client = world->plan->hosts[file->host].client;
	}
	if (!chunk->group && file->target == TARGET_BEFORE_FILTER) {
		list_prepare(world, next);
	} else if (!chunk->group) {
		file_set_target(next, (enum target)file->target, file->to);
	} else if (chunk->list) {
		uint32_t *list = malloc(chunk->count * sizeof(*list));

		if (!list)
			abort();
		memcpy(list, chunk->list, chunk->count * sizeof(*list));
		file_set_list(next, list, chunk->count);
	} else {
		file_set_range(world, next, chunk->first, chunk->count);
	}
	if (file->paired && (agent->path == PATH_FILTER || world->plan->options->orcpt))
		file_set_paired(world, next);
	if (next->sender == SENDER_VERP && chunk->list)
		next->first = chunk->list[0];
}

static void agent_next(struct world *world, struct agent *agent);

static void transaction_done(struct world *world, struct task *task)
{
	struct agent *agent = (struct agent *)(void *)task;

	agent->timing.transfer = world->now - agent->timing.begun - agent->timing.setup;
	transaction_end(world, agent);
	agent_next(world, agent);
}

static int64_t next_slot(struct world *world, struct queue_file *file, uint32_t pairs)
{
	int64_t begin = file->turn > world->now ? file->turn : world->now;

	if (!world->plan->options->in_turn)
		return world_slot(world, file->host, pairs);
	file->turn = begin + world->plan->hosts[file->host].pair_time * pairs;
	return begin;
}

/* Plans the transaction for the chunk that was taken. */
static void plan_transaction(struct world *world, struct agent *agent)
{
	struct timing *timing = &agent->timing;
	uint32_t count = agent->chunk.count;
	int64_t transfer;

	agent->path = path_of(world, agent);
	timing->begun = next_slot(world, agent->file, count) + world_about(world, 8000);
	timing->setup = 0;
	agent->uses = agent->path != PATH_MAILBOX && random_below(&world->random, 3) == 0 ? agent->uses + 1 : 1;
	if (agent->path == PATH_UNREACHABLE)
		timing->setup = 30 * SECOND;
	else if (agent->uses < 2 && agent->chunk.group)
		timing->setup = world_about(world, agent->path == PATH_FOREIGN ? 120000 : 6000);
	agent->task.run = transaction_done;
	switch (agent->path) {
	case PATH_RELAY:
	case PATH_FILTER:
		transfer = world_about(world, agent->path == PATH_FILTER ? 400000 : 30000);
		agent->relay_host = agent->chunk.group ? agent->chunk.group->host : 0;
		agent->task.run = hand_over;
		break;
	case PATH_UNREACHABLE: transfer = 0; break;
	default: transfer = world_about(world, agent->path == PATH_FOREIGN ? 500000 : 25000) + count * INT64_C(400);
	}
	world_schedule(world, &agent->task, timing->begun + timing->setup + transfer);
}

static void agent_next(struct world *world, struct agent *agent)
{
	struct queue_file *file = agent->file;

	if (agent->chunk.group && file_take(world, file, &agent->chunk)) {
		plan_transaction(world, agent);
		return;
	}
	free(agent);
	file_agent_done(world, file);
}

static void new_agent(struct world *world, struct queue_file *file, const struct chunk *chunk)
{
	struct agent *agent = calloc(1, sizeof(*agent));

	if (!agent)
		abort();
	agent->file = file;
	agent->chunk = *chunk;
	agent->pid = 30000 + (uint32_t)random_below(&world->random, 9000);
	agent->task.drop = agent_drop;
	file->agents++;
	plan_transaction(world, agent);
}

void agent_start(struct world *world, struct queue_file *file)
{
	struct chunk chunk = {.count = 1};

	if (file->target == TARGET_LOCAL_ALIAS) {
		alias_expand(world, file);
		return;
	}
	if (file->target != TARGET_MEMBERS) {
		new_agent(world, file, &chunk);
		return;
	}
	while (file->agents < AGENTS && file_take(world, file, &chunk))
		new_agent(world, file, &chunk);
	assert(file->agents > 0);
}
