/* SPDX-License-Identifier: Apache-2.0
 *
 * What becomes of a message to the list's own address: expanded by cleanup(8)
 * in place; taken by a list manager that submits it again, 500 recipients or
 * one at a time; or expanded by local(8), which delivers to its own mailboxes
 * and forwards the rest in one new queue file (forward.c).
 */
#include <stdlib.h>

#include "world.h"

#define MANAGER_CHUNK 500 /* Mailman's SMTP_MAX_RCPTS */

struct runner {
	struct task task; /* first */
	struct mail *mail;
	uint32_t host, next;
};

struct walker {
	struct task task; /* first */
	struct queue_file *file;
	char child[32];
	uint32_t next, end, pid;
	int64_t begun;
};

void list_prepare(struct world *world, struct queue_file *file)
{
	const struct options *o = world->plan->options;

	switch ((enum shape)o->shape) {
	case SHAPE_VIRTUAL:
		file_set_range(world, file, 0, world->plan->members);
		file->expanded = file->expansion = true;
		if (world->plan->second)
			file_set_paired(world, file);
		break;
	case SHAPE_RECIPIENT_SET:
		file_set_range(world, file, file->mail->post->first, file->mail->post->count);
		file->excluded = file->mail->post->author;
		file->expansion = true;
		break;
	case SHAPE_ALIAS: file_set_target(file, TARGET_LOCAL_ALIAS, o->list); break;
	case SHAPE_MAILMAN:
	case SHAPE_VERP: file_set_target(file, TARGET_MANAGER, o->list); break;
	}
}

static void runner_drop(struct task *task)
{
	struct runner *runner = (struct runner *)(void *)task;

	if (--runner->mail->files == 0)
		free(runner->mail);
	free(runner);
}

static void submit_next(struct world *world, struct task *task)
{
	struct runner *runner = (struct runner *)(void *)task;
	const struct plan *plan = world->plan;
	bool verp = plan->options->shape == SHAPE_VERP;
	uint32_t left = plan->members - runner->next, count = verp ? 1 : MANAGER_CHUNK;
	struct queue_file *file;

	if (left == 0) {
		world->storm_work--;
		runner_drop(task);
		return;
	}
	if (count > left)
		count = left;
	file = file_new(world, runner->mail, runner->host, world->now);
	file->size = runner->mail->size + 900;
	file->sender = verp ? SENDER_VERP : SENDER_BOUNCES;
	file->expansion = true;
	file->headers = file->tagged = !verp;
	file->client = CLIENT_LOCAL;
	file_set_range(world, file, runner->next, count);
	runner->next += count;
	world_schedule(world, task,
	               world->now + count * plan->hosts[runner->host].pair_time + world_about(world, 3000));
}

void manager_submit(struct world *world, struct queue_file *from)
{
	struct runner *runner = calloc(1, sizeof(*runner));

	if (!runner)
		abort();
	runner->mail = from->mail;
	runner->mail->files++;
	runner->host = from->host;
	runner->task.run = submit_next;
	runner->task.drop = runner_drop;
	world->storm_work++;
	world_schedule(world, &runner->task, world->now + world_about(world, 900000));
}

static void walker_drop(struct task *task)
{
	struct walker *walker = (struct walker *)(void *)task;

	if (--walker->file->agents == 0)
		walker->file->task.drop(&walker->file->task);
	free(walker);
}

static void walker_line(struct world *world, struct walker *walker, const char *address, const char *dsn,
                        const char *status, const char *text, struct timing *timing)
{
	struct queue_file *file = walker->file;
	struct writer_head head;
	char *p;

	*timing = (struct timing){.begun = walker->begun, .transfer = world->now - walker->begun};
	lines_to(world, file, PROGRAM_LOCAL, walker->pid, &head);
	p = text_put(writer_again(&world->writer, &head), address);
	p = lines_delivery(file, p, file->expanded ? world->plan->list : NULL, "local", 0, timing, dsn, status);
	p = text_put(p, text);
	*p++ = ')';
	writer_end(&world->writer, file->host, world->now, p);
}

/* With an owner- alias local(8) forgets the original recipient (alias.c), without one it stands in orig_to. */
static void deliver_local(struct world *world, struct walker *walker, uint32_t member)
{
	struct queue_file *file = walker->file;
	struct post *post = file->mail->post;
	const struct group *group = &world->plan->groups[plan_group_of(world->plan, member)];
	struct timing timing;
	unsigned retries;
	bool bounced = plan_fate(world->plan, file->mail->salt, member, &retries) == FATE_BOUNCED;
	char address[160], text[200] = "delivered to mailbox", *p;

	*plan_address(world->plan, group, member, address) = '\0';
	if (bounced) {
		p = text_put(text, "unknown user: \"");
		p = plan_login(member, p);
		*text_put(p, "\"") = '\0';
		file->bounced_now = true;
	}
	if (world->sink->lost > 0 && !world->sink->lose_any &&
	    random_chance(random_next(&world->random), world->sink->lost)) {
		world->truth->lost_lines++;
		return; /* nothing else ever names him */
	}
	post->told_due++;
	file->expanded = !world->plan->options->owner_alias;
	walker_line(world, walker, address, bounced ? "5.1.1" : "2.0.0", bounced ? "bounced" : "sent", text, &timing);
	file->expanded = false;
	world->truth->attempts += post->in_incident;
	if (bounced) {
		truth_member_flag(world->truth, post, member, MEMBER_BOUNCED);
		truth_bounced(world->truth, post, group, file->host, world_told(world), (struct pairs){{1}, 1});
		return;
	}
	truth_member_delivered(world->truth, post, member);
	truth_delivered(world->truth, post, group, file->host, world_told(world), timing.shown,
	                file->told_at - post->posted_at + timing.shown, (struct pairs){{1}, 1}, false);
}

static void walker_end(struct world *world, struct task *task)
{
	struct walker *walker = (struct walker *)(void *)task;
	struct queue_file *file = walker->file;
	struct timing timing;
	char text[64];

	if (walker->child[0] != '\0') {
		*text_put(text_put(text, "forwarded as "), walker->child) = '\0';
		walker_line(world, walker, file->to, "2.0.0", "sent", text, &timing);
		if (file->mail->post->in_incident)
			world->truth->maybe_hand_overs++;
	}
	file->open = 0;
	free(walker);
	file_agent_done(world, file);
}

static void forward_rest(struct world *world, struct walker *walker)
{
	struct queue_file *file = walker->file, *next = file_new(world, file->mail, file->host, world->now);
	bool owner = world->plan->options->owner_alias;

	next->size = file->size + 250;
	next->sender = owner ? SENDER_OWNER : SENDER_OWN;
	next->expanded = !owner;
	next->expansion = next->filtered = true;
	next->waiting = &walker->task;
	file_set_range(world, next, walker->next, world->plan->members - walker->next);
	memcpy(walker->child, next->id, sizeof(next->id));
	walker->task.run = walker_end;
}

static void walk(struct world *world, struct task *task)
{
	struct walker *walker = (struct walker *)(void *)task;
	const struct plan *plan = world->plan;

	if (walker->next < walker->end) {
		deliver_local(world, walker, walker->next++);
		world_schedule(world, task, world->now + plan->hosts[walker->file->host].pair_time);
	} else if (walker->next < plan->members) {
		forward_rest(world, walker);
	} else {
		walker_end(world, task);
	}
}

void alias_expand(struct world *world, struct queue_file *file)
{
	struct walker *walker = calloc(1, sizeof(*walker));

	if (!walker)
		abort();
	walker->file = file;
	walker->end = world->plan->options->hops == 1 ? world->plan->local_members : 0;
	walker->pid = 30000 + (uint32_t)random_below(&world->random, 9000);
	walker->begun = world->now + world_about(world, 4000);
	walker->task.run = walk;
	walker->task.drop = walker_drop;
	file->agents = 1;
	world_schedule(world, &walker->task, walker->begun + world_about(world, 4000));
}
