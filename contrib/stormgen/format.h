/* SPDX-License-Identifier: Apache-2.0
 *
 * What a mail system logs of what happens: one table of functions for each
 * system. They print at world->now and change nothing but what they note in
 * the file for their own later lines. A function that is NULL prints nothing.
 */
#ifndef STORMGEN_FORMAT_H
#define STORMGEN_FORMAT_H

#include "agent.h"

enum ending_kind { ENDING_SENT, ENDING_DEFERRED, ENDING_BOUNCED, ENDINGS };

/* One recipient of a transaction: member NOBODY is the file's own `to`; list: as a member of the first or second. */
struct ending {
	uint32_t member;
	uint8_t kind, list;
};

struct format {
	void (*begun)(struct world *world); /* before anything else */
	/* The queue ID of a file that is accepted then; `number` is the host's running one. */
	char *(*id)(const struct world *world, struct queue_file *file, uint64_t number, char *p);
	/* The Message-ID of the notification that is sent about a file in this round. */
	char *(*notification_id)(const struct world *world, const struct queue_file *about,
	                         const struct queue_file *notification, char *p);
	/* The file was accepted. False: nothing is logged of that. */
	bool (*accepted)(struct world *world, struct queue_file *file);
	void (*identified)(struct world *world, struct queue_file *file);
	void (*active)(struct world *world, struct queue_file *file); /* in every round */
	/* A transaction has ended so; sets agent->timing.shown, the delay that the lines tell. */
	void (*tried)(struct world *world, struct agent *agent, const struct ending *endings, uint32_t count);
	/* Those in file->later and file->hidden are given up. */
	void (*expired)(struct world *world, struct queue_file *file);
	void (*notified)(struct world *world, struct queue_file *file);
	void (*removed)(struct world *world, struct queue_file *file);
	void (*rejected)(struct world *world, const struct rejection *rejection);
	/* Mail of a stranger, with the null sender, to somebody who is none of ours, is refused. */
	void (*refused_bounce)(struct world *world, uint32_t host, uint64_t number);
	void (*ended)(struct world *world); /* after all else */
	bool bounces_refused;               /* what is refused was taken before */
	bool names_expired;                 /* each that is given up has a line of its own */
	bool at_once;                       /* accepted() has told all, and when it happened nobody knows */
	bool since_arrival; /* delays are since the message first came, not since this hop's acceptance */
};

extern const struct format format_postfix, format_exchange, format_exim, format_sendmail, format_m365;

/* A member's address, put at p. */
char *format_member(const struct world *world, uint32_t member, char *p);

/* The address of an ending, put at p. */
char *format_address(const struct world *world, const struct agent *agent, const struct ending *ending, char *p);

#endif
