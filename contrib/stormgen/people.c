/* SPDX-License-Identifier: Apache-2.0
 *
 * People: those who write to the list as the plan says, and all others, who
 * write to one or a few of the members at random and at their own rate, from
 * before the storm until some time after it.
 */
#include <math.h>
#include <stdlib.h>

#include "format.h"

#define HEARTBEAT (10 * MINUTE) /* ordinary mail while only old retries are left */
#define OLD (12 * HOUR)

struct people {
	struct task task;   /* first */
	uint32_t next;      /* post, rejection */
	int64_t stop, over; /* -1: not known yet */
};

static void people_drop(struct task *task)
{
	free(task);
}

static void write_post(struct world *world, struct post *post)
{
	const struct plan *plan = world->plan;
	struct mail *mail = mail_new(world, post);
	struct queue_file *file;
	bool recipients = plan->options->shape == SHAPE_RECIPIENT_SET;

	mail->size = post->size;
	mail->author = post->author;
	*text_put(mail->message_id, post->message_id) = '\0';
	*text_put(mail->client, post->client) = '\0';
	if (!post->null_sender) {
		*plan_address(plan, &plan->groups[plan_group_of(plan, post->author)], post->author, mail->sender) =
			'\0';
		*plan_login(post->author, mail->login) = '\0';
	}
	file = file_new(world, mail, post->host, post->accepted_at);
	file->entry = file->headers = true;
	file->client = mail->client;
	if (plan->options->hops == 3 && plan->options->filter == FILTER_BEFORE && !recipients)
		file_set_target(file, TARGET_BEFORE_FILTER, plan->options->list);
	else
		list_prepare(world, file);
	world->storm_work--; /* was held for this post */
}

static void write_posts(struct world *world, struct task *task)
{
	struct people *people = (struct people *)(void *)task;
	const struct plan *plan = world->plan;

	write_post(world, &plan->posts[people->next++]);
	if (people->next < plan->post_count)
		world_schedule(world, task, plan->posts[people->next].accepted_at);
	else
		free(people);
}

static void try_posts(struct world *world, struct task *task)
{
	struct people *people = (struct people *)(void *)task;
	const struct plan *plan = world->plan;
	const struct rejection *rejection = &plan->rejections[people->next++];

	world->format->rejected(world, rejection);
	if (plan_names_list(plan))
		truth_rejected(world->truth, rejection->host, world_told(world), world->format->bounces_refused);
	else
		truth_rejected_other(world->truth, rejection->host);
	world->storm_work--;
	if (people->next < plan->rejection_count)
		world_schedule(world, task, plan->rejections[people->next].at);
	else
		free(people);
}

/* Who writes, and from where. Returns the host that takes it. */
static uint32_t choose_sender(struct world *world, struct mail *mail)
{
	const struct plan *plan = world->plan;
	uint64_t senders = (uint64_t)plan->options->background_senders, *random = &world->random;
	const struct group *group;
	char *p;

	if (senders == 0 && random_below(random, 10) < 3) {
		p = text_put(mail->sender, "sender");
		p = text_number(p, random_below(random, 5000));
		*text_put(p, "@stranger.example") = '\0';
		*text_put(mail->client, "mx.stranger.example[198.51.100.7]") = '\0';
		return (uint32_t)random_below(random, plan->list_hosts);
	}
	if (senders == 0 || senders > plan->local_members)
		senders = plan->local_members;
	mail->author = (uint32_t)random_below(random, senders);
	group = &plan->groups[plan_group_of(plan, mail->author)];
	*plan_address(plan, group, mail->author, mail->sender) = '\0';
	*plan_login(mail->author, mail->login) = '\0';
	p = text_put(mail->client, "pc");
	p = text_number(p, mail->author % 60000);
	*p++ = '.';
	p = text_put(p, plan->list_domain);
	p = text_put(p, "[10.9.");
	p = text_number(p, mail->author % 60000 / 250);
	*p++ = '.';
	p = text_number(p, mail->author % 250 + 1);
	*text_put(p, "]") = '\0';
	return group->host == NOBODY ? (uint32_t)random_below(random, plan->list_hosts) : group->host;
}

static void choose_recipients(struct world *world, struct queue_file *file)
{
	const struct plan *plan = world->plan;
	uint32_t bound = file->mail->author == NOBODY ? plan->local_members : plan->members;
	uint32_t wanted = random_below(&world->random, 5) ? 1 : 2 + (uint32_t)random_below(&world->random, 2);
	uint32_t *list = malloc(wanted * sizeof(*list)), first;

	if (!list)
		abort();
	first = (uint32_t)random_below(&world->random, bound);
	for (uint32_t i = 0; i < wanted; i++)
		list[i] = first + i;
	while (wanted > 1 && first + wanted > bound)
		wanted--;
	file_set_list(file, list, wanted);
}

static void write_ordinary(struct world *world)
{
	struct mail *mail = mail_new(world, NULL);
	struct queue_file *file;
	uint32_t host;
	char *p;

	mail->size = 900 + (uint32_t)random_below(&world->random, 60000);
	host = choose_sender(world, mail);
	p = text_put(mail->message_id, "<");
	p = text_number(p, (uint64_t)(world->now / SECOND));
	*p++ = '.';
	p = text_number(p, mail->salt);
	*text_put(p, "@mail.example>") = '\0';
	file = file_new(world, mail, host, world->now);
	file->headers = host < world->plan->list_hosts;
	file->client = mail->client;
	choose_recipients(world, file);
}

/* Until the storm is over, or all that is left of it are old retries, people write at their rate; then, so that the log
 * does not end before it, now and then. */
static void write_on(struct world *world, struct task *task)
{
	struct people *people = (struct people *)(void *)task;
	const struct options *o = world->plan->options;
	int64_t wait = (int64_t)(-log(1 - random_unit(&world->random)) * 1e6 / o->background) + 1;

	if (people->stop < 0 && world->storm_work == 0 && world->now >= o->start + (o->posts > 0 ? 0 : o->duration) &&
	    (!world->files || world->now >= o->start + o->duration + OLD))
		people->stop = world->now + (o->posts > 0 ? o->tail : 0);
	if (people->over < 0 && people->stop >= 0 && !world->files)
		people->over = world->now + o->tail;
	if (people->over >= 0 && world->now >= people->over && world->now >= people->stop) {
		free(people);
		return;
	}
	write_ordinary(world);
	if (people->stop >= 0 && world->now > people->stop && wait < HEARTBEAT)
		wait = HEARTBEAT;
	world_schedule(world, task, world->now + wait);
}

/* A server elsewhere returns what was never sent from here. */
static void write_bounce(struct world *world)
{
	const struct plan *plan = world->plan;
	uint32_t host = (uint32_t)random_below(&world->random, plan->list_hosts), *list;
	struct mail *mail;
	struct queue_file *file;
	char *p;

	if (random_below(&world->random, 3) == 0) {
		world->format->refused_bounce(world, host, random_below(&world->random, 1000000000));
		truth_rejected_other(world->truth, host);
		return;
	}
	mail = mail_new(world, NULL);
	mail->size = 2500 + (uint32_t)random_below(&world->random, 9000);
	*text_put(mail->client, "mx.stranger.example[198.51.100.7]") = '\0';
	p = text_put(mail->message_id, "<");
	p = text_number(p, mail->salt);
	*text_put(p, "@mx.stranger.example>") = '\0';
	file = file_new(world, mail, host, world->now);
	file->headers = true;
	file->client = mail->client;
	list = malloc(sizeof(*list));
	if (!list)
		abort();
	*list = (uint32_t)random_below(&world->random, plan->local_members < 40 ? plan->local_members : 40);
	file_set_list(file, list, 1);
}

static void write_bounces(struct world *world, struct task *task)
{
	struct people *people = (struct people *)(void *)task;
	const struct options *o = world->plan->options;

	if (world->now >= o->start + o->duration) {
		free(people);
		return;
	}
	write_bounce(world);
	world_schedule(world, task,
	               world->now + 1 + (int64_t)(-log(1 - random_unit(&world->random)) * 1e6 / o->backscatter));
}

static void start(struct world *world, void (*run)(struct world *, struct task *), int64_t time)
{
	struct people *people = calloc(1, sizeof(*people));

	if (!people)
		abort();
	people->task.run = run;
	people->task.drop = people_drop;
	people->stop = people->over = -1;
	world_schedule(world, &people->task, time);
}

void people_start(struct world *world)
{
	const struct plan *plan = world->plan;

	world->storm_work = plan->post_count + plan->rejection_count;
	if (plan->options->background > 0)
		start(world, write_on, plan->options->start - plan->options->warmup);
	if (plan->options->backscatter > 0)
		start(world, write_bounces, plan->options->start);
	if (plan->post_count > 0)
		start(world, write_posts, plan->posts[0].accepted_at);
	if (plan->rejection_count > 0)
		start(world, try_posts, plan->rejections[0].at);
}
