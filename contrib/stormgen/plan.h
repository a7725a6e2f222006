/* SPDX-License-Identifier: Apache-2.0
 *
 * What shall happen, before anything does: the hosts, the members and where
 * their mailboxes are, the posts with author and time, the fate of every
 * delivery, and by the thresholds the storm that all this makes. Made from
 * the options alone, and read only afterwards but for the posts' outcomes.
 */
#ifndef STORMGEN_PLAN_H
#define STORMGEN_PLAN_H

#include "options.h"
#include "text.h"

#define NOBODY UINT32_MAX

struct host {
	char name[32]; /* as it stands in the lines */
	char fqdn[96];
	char address[24];
	char client[128];  /* FQDN[ADDRESS] */
	uint64_t inode;    /* of the next queue file */
	int64_t next_slot; /* when the next transaction may begin */
	int64_t pair_time; /* one delivery, microseconds */
};

struct domain {
	char name[96];
	size_t length;
	bool external;
};

/* Members that live in one place: numbers first to below end. */
struct group {
	uint32_t first, end;
	uint32_t host; /* their mailbox server; NOBODY: outside, or wherever the list server delivers */
	uint32_t domain;
	bool external;
	char relay[160]; /* HOST[ADDRESS]:25 of the next hop */
	size_t relay_length;
};

struct post {
	uint32_t number; /* in the order of posting, from 0 */
	uint32_t parent; /* the post it answers, NOBODY */
	uint32_t author; /* a member, also where the sender is null */
	uint32_t host;   /* list server */
	uint32_t size;
	uint32_t due;          /* mailboxes */
	uint32_t first, count; /* members that are named; in a recipient set all but the author */
	uint32_t topic;        /* what it is about */
	uint32_t thread;       /* as far as the logged headers tell */
	bool automatic;        /* as far as the lines can tell */
	bool out_of_office;    /* it is one, whatever the lines tell */
	bool null_sender;
	bool in_incident;
	bool unusual;        /* says nothing of how busy the list usually is */
	int64_t accepted_at; /* in the world */
	int64_t posted_at;   /* as queue ID and first line tell it */
	char message_id[160];
	char client[128];
	/* outcomes, kept by truth.c */
	uint64_t delivered, deferred, bounced, expired, unaccounted;
	uint64_t told_due; /* so far: less than due only where the log ends before the list manager is done */
};

/* A number of deliveries (say): pairs of the list, and of the other list; and of all mail, which counts a copy that is
 * told of once, without an original recipient, once. */
struct pairs {
	uint64_t of[2], all;
};

struct rejection {
	int64_t at;
	uint32_t author;
	uint32_t host;
};

struct plan {
	const struct options *options;
	struct host *hosts; /* list servers first */
	uint32_t list_hosts, host_count;
	struct domain *domains;
	uint32_t domain_count;
	struct group *groups;
	uint32_t group_count;
	uint32_t members, local_members; /* members: all that any post names */
	uint32_t *posters;
	uint32_t poster_count;
	struct post *posts;
	uint32_t post_count;
	struct rejection *rejections;
	uint32_t rejection_count;
	const char *list, *list_domain; /* domain: within options->list */
	uint32_t list_first, list_end;  /* the members of the list */
	struct plan *second;            /* the other list, where each post goes to two: all but that is shared */
	int64_t resolution;             /* of the lines' time stamps */
	bool has_fates;                 /* some delivery does not succeed at once */
	/* the incident, by detect.c */
	bool incident;                     /* one: more than one is not told in full */
	uint32_t incidents, detected_late; /* late: when the list had three days of history */
	uint32_t thread_count;
	uint32_t incident_first; /* number of its first post */
	int64_t opened_at, detected_at;
};

enum fate_kind { FATE_SENT, FATE_LATER, FATE_BOUNCED, FATE_NEVER };

struct plan *plan_new(const struct options *options);
void plan_free(struct plan **plan);

/* The time stamp of a line that is written at `time`. */
static inline int64_t plan_line_time(const struct plan *plan, int64_t time)
{
	return time - time % plan->resolution;
}

/* The acceptance that queue ID and first line tell together. */
int64_t plan_told_acceptance(const struct plan *plan, int64_t accepted_at, int64_t first_line_at);

/* What becomes of a message for a member. salt tells messages apart. *retries: how often it fails before (LATER). */
enum fate_kind plan_fate(const struct plan *plan, uint64_t salt, uint32_t member, unsigned *retries);

/* Index of the group that a member is in. */
uint32_t plan_group_of(const struct plan *plan, uint32_t member);

/* A member's address as the logs write it (some have capitals), and folded. No NUL. */
char *plan_address(const struct plan *plan, const struct group *group, uint32_t member, char *p);
char *plan_address_folded(const struct plan *plan, const struct group *group, uint32_t member, char *p);

/* Do they not tell when anything but the posts happened? */
bool plan_untimed(const struct plan *plan);

/* Do the lines name the list? */
bool plan_names_list(const struct plan *plan);

/* Local part only: the login. */
char *plan_login(uint32_t member, char *p);

/* The (decoded) subject of a post, and as its header has it. NUL-terminated. */
void plan_subject(const struct plan *plan, const struct post *post, char *p);

/* How many of the members from first on are on the list; 0 where there is no such list. */
uint32_t plan_on_list(const struct plan *plan, uint32_t first, uint32_t count);

/* pace.c: when posts are sent, after the start; ascending, malloc'ed. */
int64_t *plan_times(const struct plan *plan, uint32_t count);

/* detect.c: sets incident, incidents, incident_first, opened_at, detected_at and the posts' thread and in_incident. */
void plan_detect(struct plan *plan);

#endif
