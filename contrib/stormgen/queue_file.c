/* SPDX-License-Identifier: Apache-2.0
 *
 * A queue file from acceptance to "removed", as qmgr(8) and cleanup(8) treat
 * it: accepted, identified, active, its recipients tried, a notification about
 * those that bounced, then another round for what was deferred, or the end.
 */
#include <assert.h>
#include <stdlib.h>

#include "format.h"

static void file_run(struct world *world, struct task *task);

static void file_free(struct queue_file *file)
{
	if (--file->mail->files == 0)
		free(file->mail);
	free(file->cursors);
	free(file->list);
	free(file->later);
	free(file->hidden);
	free(file->to);
	free(file);
}

static void file_drop(struct task *task)
{
	struct queue_file *file = (struct queue_file *)(void *)task;

	if (file->waiting)
		file->waiting->drop(file->waiting);
	file_free(file);
}

struct mail *mail_new(struct world *world, struct post *post)
{
	struct mail *mail = calloc(1, sizeof(*mail));

	if (!mail)
		abort();
	mail->post = post;
	mail->salt = post ? post->number + 1 : random_next(&world->random);
	mail->author = NOBODY;
	return mail;
}

struct queue_file *file_new(struct world *world, struct mail *mail, uint32_t host_number, int64_t time)
{
	struct queue_file *file = calloc(1, sizeof(*file));
	struct host *host = &world->plan->hosts[host_number];
	char *end;

	if (!file)
		abort();
	file->mail = mail;
	mail->files++;
	file->host = host_number;
	file->size = mail->size;
	file->excluded = NOBODY;
	file->client = "";
	file->accepted_at = time;
	host->inode += 1 + time % 3;
	assert(host->inode < (uint64_t)1 << 32);
	end = world->format->id(world, file, host->inode, file->id);
	file->id_length = (uint8_t)(end - file->id);
	file->task.run = file_run;
	file->task.drop = file_drop;
	if (mail->post)
		world->storm_work++;
	world_schedule(world, &file->task, time + 400);
	return file;
}

void file_set_range(struct world *world, struct queue_file *file, uint32_t first, uint32_t count)
{
	const struct plan *plan = world->plan;

	file->first = first;
	file->count = count;
	file->group_first = plan_group_of(plan, first);
	file->group_count = plan_group_of(plan, first + count - 1) - file->group_first + 1;
	if (file->group_count == 1) {
		file->cursor = first;
		return;
	}
	file->cursors = calloc(file->group_count, sizeof(*file->cursors));
	if (!file->cursors)
		abort();
	for (uint32_t i = 0; i < file->group_count; i++)
		file->cursors[i] = i == 0 ? first : plan->groups[file->group_first + i].first;
}

void file_set_list(struct queue_file *file, uint32_t *list, uint32_t count)
{
	file->list = list;
	file->list_count = file->count = count;
}

void file_set_target(struct queue_file *file, enum target target, const char *to)
{
	file->target = (uint8_t)target;
	file->to = strdup(to);
	if (!file->to)
		abort();
}

char *file_sender(const struct world *world, const struct queue_file *file, char *p)
{
	const char *list = world->plan->options->list;
	size_t local = (size_t)(world->plan->list_domain - list) - 1;

	if (file->sender == SENDER_OWN)
		return text_put(p, file->mail->sender);
	if (file->sender == SENDER_OWNER && world->plan->options->owner_person)
		return text_put(text_put(p, "list.master@"), world->plan->list_domain);
	if (file->sender == SENDER_OWNER)
		return text_put(text_put(p, "owner-"), list);
	p = text_bytes(p, list, local);
	p = text_put(p, "-bounces");
	if (file->sender == SENDER_VERP) {
		const struct group *group = &world->plan->groups[plan_group_of(world->plan, file->first)];

		*p++ = '+';
		p = plan_login(file->first, p);
		*p++ = '=';
		p = text_put(p, world->plan->domains[group->domain].name);
	}
	*p++ = '@';
	return text_put(p, world->plan->list_domain);
}

uint32_t file_recipients(const struct queue_file *file)
{
	if (file->target != TARGET_MEMBERS)
		return 1;
	return file->count + file->doubled -
	       (file->excluded >= file->first && file->excluded < file->first + file->count);
}

void file_set_paired(const struct world *world, struct queue_file *file)
{
	const struct plan *first = world->plan, *second = first->second;

	file->paired = true;
	file->doubled = 0;
	if (!file->list)
		file->doubled = plan_on_list(first, file->first, file->count) +
		                plan_on_list(second, file->first, file->count) - file->count;
	for (uint32_t i = 0; file->list && i < file->list_count; i++)
		file->doubled += plan_on_list(first, file->list[i], 1) && plan_on_list(second, file->list[i], 1);
}

static bool take_range(struct world *world, struct queue_file *file, struct chunk *chunk)
{
	uint32_t limit = (uint32_t)world->plan->options->chunk, last = file->first + file->count;

	for (uint32_t tries = 0; tries < file->group_count; tries++) {
		uint32_t turn = file->group_turn++ % file->group_count;
		const struct group *group = &world->plan->groups[file->group_first + turn];
		uint32_t *cursor = file->group_count == 1 ? &file->cursor : &file->cursors[turn];
		uint32_t end = group->end < last ? group->end : last;

		if (*cursor == file->excluded)
			++*cursor;
		if (*cursor >= end)
			continue;
		chunk->group = group;
		chunk->list = NULL;
		chunk->first = *cursor;
		chunk->count = end - *cursor < limit ? end - *cursor : limit;
		*cursor += chunk->count;
		return true;
	}
	return false;
}

bool file_take(struct world *world, struct queue_file *file, struct chunk *chunk)
{
	uint32_t limit = (uint32_t)world->plan->options->chunk, from = file->list_next;

	if (!file->list)
		return file->round == 0 && take_range(world, file, chunk);
	if (from >= file->list_count)
		return false;
	chunk->group = &world->plan->groups[plan_group_of(world->plan, file->list[from])];
	chunk->list = file->list + from;
	while (file->list_next < file->list_count && file->list_next - from < limit &&
	       file->list[file->list_next] < chunk->group->end)
		file->list_next++;
	chunk->first = 0;
	chunk->count = file->list_next - from;
	return true;
}

static void append(uint32_t **array, uint32_t *count, uint32_t *room, uint32_t member)
{
	if (*count == *room) {
		*room = 2 * *room + 8;
		*array = realloc(*array, *room * sizeof(**array));
		if (!*array)
			abort();
	}
	(*array)[(*count)++] = member;
}

void file_retry(struct queue_file *file, uint32_t member)
{
	append(&file->later, &file->later_count, &file->later_room, member);
}

void file_hide(struct queue_file *file, uint32_t member)
{
	file->lost++;
	if (file->round > 0)
		append(&file->hidden, &file->hidden_count, &file->hidden_room, member);
}

void file_agent_done(struct world *world, struct queue_file *file)
{
	assert(file->agents > 0);
	if (--file->agents > 0)
		return;
	file->step = FILE_SETTLE;
	world_schedule(world, &file->task, world->now + 300);
}

static void link_file(struct world *world, struct queue_file *file)
{
	if (!file->mail->post)
		return;
	file->next = world->files;
	if (file->next)
		file->next->previous = file;
	world->files = file;
}

static void remove_file(struct world *world, struct queue_file *file)
{
	struct post *post = file->mail->post;

	if (world->format->removed)
		world->format->removed(world, file);
	if (post) {
		post->unaccounted += file->lost;
		if (file->previous)
			file->previous->next = file->next;
		else
			world->files = file->next;
		if (file->next)
			file->next->previous = file->previous;
		if (file->round == 0)
			world->storm_work--;
	}
	file_free(file);
}

static void activate(struct world *world, struct queue_file *file)
{
	file->active_at = world->now;
	if (world->format->active)
		world->format->active(world, file);
	if (world->plan->options->in_turn)
		file->turn = world_slot(world, file->host, file->list ? file->list_count : file_recipients(file));
	file->bounced_now = false;
	file->step = FILE_DELIVER;
	if (file->round == 0) {
		file->open = file_recipients(file);
		link_file(world, file);
		if (file->expansion && file->mail->post)
			truth_named(world->truth, file->mail->post, file->open);
		if (file->waiting)
			world_schedule(world, file->waiting, world->now + 300);
		file->waiting = NULL;
	}
	agent_start(world, file);
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void next_round(struct world *world, struct queue_file *file)
{
	int64_t age = world->now - file->accepted_at, wait = age;

	wait = wait > 4000 * SECOND ? 4000 * SECOND : wait < 300 * SECOND ? 300 * SECOND : wait;
	wait += (int64_t)random_below(&world->random, 300 * SECOND);
	if (file->round++ == 0 && file->mail->post)
		world->storm_work--;
	free(file->list);
	qsort(file->later, file->later_count, sizeof(*file->later), by_number);
	file->list = file->later;
	file->list_count = file->later_count;
	file->list_next = 0;
	file->later = NULL;
	file->later_count = file->later_room = 0;
	file->step = FILE_ACTIVATE;
	world_schedule(world, &file->task, world->now + wait);
}

static void expire_members(struct world *world, struct queue_file *file, const uint32_t *members, uint32_t count)
{
	struct pairs pairs = {{0}, 0};

	for (uint32_t i = 0; i < count; i++) {
		struct pairs own = world_lists(world, members[i]);

		truth_member_flag(world->truth, file->mail->post, members[i], MEMBER_EXPIRED);
		pairs.of[0] += own.of[0];
		pairs.of[1] += own.of[1];
		file->open -= file->paired ? own.all : 1;
	}
	truth_expired(world->truth, file->mail->post, world_told(world), pairs);
}

/* All that is left is returned to the sender. As far as the log tells this holds, too, for those that were deferred
 * and of whose end there is no line. */
static void expire(struct world *world, struct queue_file *file)
{
	if (world->format->expired)
		world->format->expired(world, file);
	expire_members(world, file, file->later, file->later_count);
	if (!world->format->names_expired) {
		expire_members(world, file, file->hidden, file->hidden_count);
		file->lost -= file->hidden_count;
	}
	file->later_count = file->hidden_count = 0;
}

static void finish(struct world *world, struct queue_file *file)
{
	if (file->later_count == 0) {
		remove_file(world, file);
		return;
	}
	if (world->now < file->accepted_at + world->plan->options->lifetime) {
		next_round(world, file);
		return;
	}
	expire(world, file);
	file->step = FILE_NOTIFY_EXPIRED;
	if (!notify_start(world, file))
		remove_file(world, file);
}

/* Nothing more is told of the file. */
static void tell_at_once(struct world *world, struct queue_file *file)
{
	world->format->accepted(world, file);
	if (file->mail->post)
		world->storm_work--;
	file_free(file);
}

static void file_run(struct world *world, struct task *task)
{
	struct queue_file *file = (struct queue_file *)(void *)task;

	if (file->step <= FILE_IDENTIFY && file->told_at == 0)
		file->told_at = plan_told_acceptance(world->plan, file->accepted_at, world->now);
	switch ((enum file_step)file->step) {
	case FILE_ACCEPT:
		if (file->entry)
			truth_posted(world->truth, file->mail->post);
		if (file->mail->arrived_at == 0)
			file->mail->arrived_at = world_told(world);
		file->step = FILE_IDENTIFY;
		if (world->format->at_once) {
			tell_at_once(world, file);
			break;
		}
		if (world->format->accepted(world, file)) {
			world_schedule(world, task, world->now + world_about(world, 3000));
			break;
		}
		/* fall through */
	case FILE_IDENTIFY:
		if (world->format->identified)
			world->format->identified(world, file);
		file->step = FILE_ACTIVATE;
		world_schedule(world, task, world->now + world_about(world, 2000));
		break;
	case FILE_ACTIVATE: activate(world, file); break;
	case FILE_SETTLE:
		file->step = FILE_NOTIFY;
		if (file->bounced_now && notify_start(world, file))
			break;
		finish(world, file);
		break;
	case FILE_NOTIFY:
	case FILE_NOTIFY_EXPIRED:
		if (world->format->notified)
			world->format->notified(world, file);
		truth_notified(world->truth, file->mail->post);
		if (file->step == FILE_NOTIFY)
			finish(world, file);
		else
			remove_file(world, file);
		break;
	case FILE_DELIVER: assert(!"a file under delivery has no task");
	}
}
