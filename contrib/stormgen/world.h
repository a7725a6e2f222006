/* SPDX-License-Identifier: Apache-2.0
 *
 * The simulated mail servers. Everything that will do something is a task in
 * one queue ordered by time: a queue file on its way from acceptance to
 * removal (queue_file.c), a delivery agent with its transaction (agent.c), the
 * list manager that submits again (manager.c), people who write (people.c).
 * When a task runs it is its time now; it may print lines of now, book what
 * happened, and ask to be called later. Memory is what is in the queues.
 */
#ifndef STORMGEN_WORLD_H
#define STORMGEN_WORLD_H

#include "plan.h"
#include "truth.h"
#include "writer.h"

struct world;

struct task {
	void (*run)(struct world *world, struct task *task);
	void (*drop)(struct task *task); /* frees it, where the world ends before it ran */
};

/* When it is to run. */
struct turn {
	int64_t time;
	uint64_t number; /* among tasks of one time, first come first served */
	struct task *task;
};

/* A message, whatever queue files it is in. */
struct mail {
	struct post *post; /* NULL: ordinary mail */
	uint32_t files;    /* that refer to it */
	uint32_t size;
	uint64_t salt;   /* for fates */
	uint32_t author; /* member, or NOBODY: a stranger */
	char message_id[160];
	char sender[96];    /* "" : null sender */
	char client[128];   /* "" : made here */
	char login[48];     /* "" : none */
	char about[160];    /* Message-ID of what it is a notification about; "" : none */
	int64_t arrived_at; /* told: where the first line about it was written; 0: not yet */
};

enum sender_kind { SENDER_OWN, SENDER_BOUNCES, SENDER_VERP, SENDER_OWNER };

/* What a queue file with one address that is no member's is for. */
enum target {
	TARGET_MEMBERS,
	TARGET_MANAGER,
	TARGET_LOCAL_ALIAS,
	TARGET_BEFORE_FILTER,
	TARGET_BOUNCES,
	TARGET_FOREIGN
};

enum file_step {
	FILE_ACCEPT,
	FILE_IDENTIFY,
	FILE_ACTIVATE,
	FILE_DELIVER, /* agents are at work */
	FILE_SETTLE,  /* all recipients were tried */
	FILE_NOTIFY,  /* the notification about it has been queued */
	FILE_NOTIFY_EXPIRED
};

struct queue_file {
	struct task task;                   /* first */
	struct queue_file *previous, *next; /* of those with a post */
	struct mail *mail;
	uint32_t host;
	uint32_t size;
	uint8_t step, sender, target;
	bool expanded;        /* orig_to=LIST */
	bool paired;          /* who is named under both lists has two recipients here */
	bool filtered;        /* has been through the filter, or needs none */
	bool headers;         /* header_checks log its subject */
	bool tagged;          /* the list manager's tag is in the subject */
	bool deferred_before; /* all its members were deferred at the hop before */
	bool bounced_now;     /* in this round */
	bool entry;           /* the first hop of a post */
	bool origin_expired;  /* of a notification: what it is about was given up */
	bool expansion;       /* its recipients are named here for the first time */
	struct task *waiting; /* runs once this file is in the queue: it was told "queued as" */
	uint8_t id_length;
	uint64_t number, forks;             /* Exchange: its internal id; that of the first of its copies, 0: none */
	char id[28], origin[28], child[28]; /* origin: queue ID before the filter; child: of the notification */
	const char *client;                 /* "" : none is logged */
	char *to;                           /* targets but TARGET_MEMBERS */
	int64_t accepted_at, told_at, active_at;
	int64_t turn; /* --in-turn: when its next transaction may begin */
	/* members: a range, or a list */
	uint32_t first, count, excluded, doubled; /* doubled: how many are named under both lists */
	uint32_t group_first, group_count, group_turn;
	uint32_t *cursors, cursor;
	uint32_t *list, list_count, list_next;       /* of this round */
	uint32_t *later, later_count, later_room;    /* for the next round */
	uint32_t *hidden, hidden_count, hidden_room; /* deferred before, and the line about their end was taken out */
	uint32_t agents;
	uint32_t round;
	uint64_t open, lost; /* recipients without an end; ends whose lines were taken out */
};

struct chunk {
	const struct group *group;
	const uint32_t *list; /* NULL: a range */
	uint32_t first, count;
};

struct format;

struct world {
	const struct format *format;
	struct plan *plan;
	struct truth *truth;
	struct sink *sink;
	struct writer writer;
	int64_t now;
	int64_t end; /* nothing happens from here on */
	uint64_t random;
	struct turn *heap;
	uint64_t heap_count, heap_room, task_number;
	struct queue_file *files; /* with a post, for what is still queued */
	uint64_t storm_work;      /* posts to come, submissions, and files that have not been tried in full */
};

/* world.c */
struct world *world_new(struct plan *plan, struct truth *truth, struct sink *sink);
void world_free(struct world **world);
void world_run(struct world *world);
void world_schedule(struct world *world, struct task *task, int64_t time);

/* The files that still owe something; *count of them, malloc'ed. Ids point into the world. */
struct queued_row *world_queued(const struct world *world, uint64_t *count);

/* Some time, most often near `usual`, at times three times that. */
int64_t world_about(struct world *world, int64_t usual);

/* When the host can begin a transaction of `pairs`; reserves it. */
int64_t world_slot(struct world *world, uint32_t host, uint32_t pairs);

static inline int64_t world_told(const struct world *world)
{
	return plan_line_time(world->plan, world->now);
}

/* On which lists a member is, each 0 or 1; where there is one, on it. */
static inline struct pairs world_lists(const struct world *world, uint32_t member)
{
	const struct plan *plan = world->plan, *second = plan->second;

	if (!second)
		return (struct pairs){{1, 0}, 1};
	if (member < second->list_first || member >= plan->list_end)
		return (struct pairs){{member < second->list_first, member >= plan->list_end}, 1};
	return (struct pairs){{1, 1}, 2};
}

/* people.c: posts, rejections, ordinary mail. */
void people_start(struct world *world);

/* queue_file.c. The file is accepted at `time`; recipients and the rest are set by the caller before it runs.
 * Takes part in the mail; the last file's end frees it. */
struct queue_file *file_new(struct world *world, struct mail *mail, uint32_t host, int64_t time);
struct mail *mail_new(struct world *world, struct post *post);
void file_set_range(struct world *world, struct queue_file *file, uint32_t first, uint32_t count);
/* Takes over the malloc'ed list, which is in ascending order. */
void file_set_list(struct queue_file *file, uint32_t *list, uint32_t count);
void file_set_target(struct queue_file *file, enum target target, const char *to);
#define CLIENT_LOCAL "localhost[127.0.0.1]"
/* The envelope sender as it is logged, put at p. */
char *file_sender(const struct world *world, const struct queue_file *file, char *p);
/* Its members have a recipient for each list that they are on; call once they are set. */
void file_set_paired(const struct world *world, struct queue_file *file);
/* How many recipients it was accepted for. */
uint32_t file_recipients(const struct queue_file *file);
/* Next recipients to be tried together; false where all are under way. */
bool file_take(struct world *world, struct queue_file *file, struct chunk *chunk);
void file_retry(struct queue_file *file, uint32_t member);
/* The line about a member's end is taken out of the log. */
void file_hide(struct queue_file *file, uint32_t member);
/* An agent found no more to do. */
void file_agent_done(struct world *world, struct queue_file *file);

/* agent.c: as many agents as it takes. */
void agent_start(struct world *world, struct queue_file *file);
/* notify.c: queues a non-delivery notification about the file; file->child is its ID. False: to nobody. */
bool notify_start(struct world *world, struct queue_file *about);
/* Queues one with this Message-ID about a message that was refused. */
void notify_refused(struct world *world, const struct rejection *rejection, const char *about, const char *message_id);

/* manager.c: what a list server does with a message to the list. */
void list_prepare(struct world *world, struct queue_file *file);
void manager_submit(struct world *world, struct queue_file *from);
/* local(8) walks through the alias; calls file_agent_done() at its end. */
void alias_expand(struct world *world, struct queue_file *file);

/* lines.c: bodies of Postfix */
void lines_client(struct world *world, const struct queue_file *file);
void lines_headers(struct world *world, const struct queue_file *file);
void lines_identify(struct world *world, const struct queue_file *file);
void lines_active(struct world *world, struct queue_file *file);
void lines_expired(struct world *world, struct queue_file *file);
void lines_notification(struct world *world, struct queue_file *file);
void lines_removed(struct world *world, struct queue_file *file);
void lines_rejection(struct world *world, const struct rejection *rejection);
/* Mail of a stranger, with the null sender, to somebody who is none of ours. */
void lines_refused_bounce(struct world *world, uint32_t host, uint64_t number);

struct timing {
	int64_t begun, setup, transfer; /* handed to the agent at; connection; the rest */
	int64_t shown;                  /* out: delay as the line shows it */
};

/* From ">" up to what follows the status, put at p. list: the original recipient, or NULL. conn_use below 2 is not
 * printed. */
char *lines_delivery(const struct queue_file *file, char *p, const char *list, const char *relay, unsigned conn_use,
                     struct timing *timing, const char *dsn, const char *status);

/* Program and pid of the line, "ID: to=<", kept for many lines. */
void lines_to(struct world *world, const struct queue_file *file, enum program program, uint32_t pid,
              struct writer_head *head);

#endif
