/* SPDX-License-Identifier: Apache-2.0
 *
 * The end of a delivery transaction: what became of each recipient, as it was
 * planned. It is printed by the format, and told to the truth from what was
 * planned, not from the lines. All lines of one transaction have one time.
 */
#include <assert.h>

#include "format.h"

#define ENDINGS_MOST 2000 /* a chunk is 1000 at most, and who is on both lists is there twice */

struct batch {
	struct world *world;
	struct agent *agent;
	struct pairs counts[ENDINGS];
	uint64_t printed[ENDINGS];
	uint32_t count;
	struct ending endings[ENDINGS_MOST];
};

static enum ending_kind ending_of(const struct batch *batch, uint32_t member)
{
	const struct queue_file *file = batch->agent->file;
	unsigned retries;

	if (batch->agent->path == PATH_UNREACHABLE)
		return ENDING_DEFERRED;
	if (batch->agent->path == PATH_RELAY || batch->agent->path == PATH_FILTER)
		return ENDING_SENT;
	switch (plan_fate(batch->world->plan, file->mail->salt, member, &retries)) {
	case FATE_BOUNCED: return ENDING_BOUNCED;
	case FATE_NEVER: return ENDING_DEFERRED;
	case FATE_LATER: return file->round < retries ? ENDING_DEFERRED : ENDING_SENT;
	case FATE_SENT: break;
	}
	return ENDING_SENT;
}

static void end_member(struct batch *batch, uint32_t member)
{
	struct world *world = batch->world;
	struct queue_file *file = batch->agent->file;
	const struct post *post = file->mail->post;
	bool last_hop = batch->agent->path == PATH_MAILBOX || batch->agent->path == PATH_FOREIGN;
	enum ending_kind kind = ending_of(batch, member);
	struct pairs lists;
	uint64_t recipients;

	if (kind == ENDING_BOUNCED)
		file->bounced_now = true;
	if (last_hop && kind != ENDING_DEFERRED && world->sink->lost > 0 && !world->sink->lose_any &&
	    random_chance(random_next(&world->random), world->sink->lost)) {
		file_hide(file, member);
		world->truth->lost_lines++;
		return;
	}
	lists = post ? world_lists(world, member) : (struct pairs){{1}, 1};
	recipients = file->paired ? lists.all : 1;
	for (unsigned list = 0; list < 2; list++) {
		if (file->paired ? lists.of[list] : list == 0)
			batch->endings[batch->count++] = (struct ending){member, (uint8_t)kind, (uint8_t)list};
		batch->counts[kind].of[list] += lists.of[list];
	}
	batch->counts[kind].all += file->expanded ? lists.all : 1;
	batch->printed[kind] += recipients;
	if (kind == ENDING_DEFERRED) {
		truth_member_flag(world->truth, post, member, MEMBER_DEFERRED);
		file_retry(file, member);
		return;
	}
	file->open -= recipients;
	if (kind == ENDING_BOUNCED)
		truth_member_flag(world->truth, post, member, MEMBER_BOUNCED);
	else if (last_hop)
		truth_member_delivered(world->truth, post, member);
}

static void book(struct batch *batch)
{
	struct world *world = batch->world;
	const struct agent *agent = batch->agent;
	const struct queue_file *file = agent->file;
	struct post *post = file->mail->post;
	const struct group *group = agent->chunk.group;
	int64_t told = world_told(world);
	int64_t before = world->format->since_arrival || !post ? 0 : file->told_at - post->posted_at;
	int64_t whole = before + agent->timing.shown;

	if (file->round == 0 && !(post && file->deferred_before))
		truth_deferred(world->truth, post, group, file->host, batch->counts[ENDING_DEFERRED]);
	truth_bounced(world->truth, post, group, file->host, told, batch->counts[ENDING_BOUNCED]);
	if (agent->path == PATH_MAILBOX || agent->path == PATH_FOREIGN)
		truth_delivered(world->truth, post, group, file->host, told, agent->timing.shown, whole,
		                batch->counts[ENDING_SENT], agent->path == PATH_FOREIGN);
	else if (post && post->in_incident)
		world->truth->hand_overs += batch->printed[ENDING_SENT];
}

/* The file's one address, which is no member's. */
static void end_target(struct batch *batch)
{
	struct world *world = batch->world;
	struct agent *agent = batch->agent;
	struct queue_file *file = agent->file;
	struct post *post = file->mail->post;

	batch->endings[0] = (struct ending){NOBODY, ENDING_SENT, 0};
	world->format->tried(world, agent, batch->endings, 1);
	file->open--;
	if (post && post->in_incident)
		world->truth->maybe_hand_overs++;
	if (post) {
		if (file->target == TARGET_MANAGER)
			manager_submit(world, file);
	} else if (agent->path == PATH_FOREIGN) {
		truth_delivered(world->truth, NULL, NULL, file->host, world_told(world), agent->timing.shown, 0,
		                (struct pairs){{1}, 1}, true);
	} else if (agent->path == PATH_MAILBOX) {
		truth_delivered_maybe(world->truth, file->host, world_told(world), agent->timing.shown);
	}
}

void transaction_end(struct world *world, struct agent *agent)
{
	const struct post *post = agent->file->mail->post;
	struct batch batch;

	batch.world = world;
	batch.agent = agent;
	batch.count = 0;
	for (int kind = 0; kind < ENDINGS; kind++) {
		batch.counts[kind] = (struct pairs){{0}, 0};
		batch.printed[kind] = 0;
	}
	if (!agent->chunk.group) {
		end_target(&batch);
		return;
	}
	for (uint32_t i = 0; i < agent->chunk.count; i++) {
		uint32_t member = agent->chunk.list ? agent->chunk.list[i] : agent->chunk.first + i;

		if (member != agent->file->excluded)
			end_member(&batch, member);
	}
	assert(batch.count <= ENDINGS_MOST);
	world->format->tried(world, agent, batch.endings, batch.count);
	if (post && post->in_incident)
		world->truth->attempts += batch.count;
	book(&batch);
}

char *format_member(const struct world *world, uint32_t member, char *p)
{
	return plan_address(world->plan, &world->plan->groups[plan_group_of(world->plan, member)], member, p);
}

char *format_address(const struct world *world, const struct agent *agent, const struct ending *ending, char *p)
{
	if (ending->member == NOBODY)
		return text_put(p, agent->file->to);
	return plan_address(world->plan, agent->chunk.group, ending->member, p);
}
