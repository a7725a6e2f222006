/* SPDX-License-Identifier: Apache-2.0
 *
 * What a delivery agent is at work on: shared by agent.c, which says when
 * things happen, and transaction.c, which prints and books them.
 */
#ifndef STORMGEN_AGENT_H
#define STORMGEN_AGENT_H

#include "world.h"

enum path { PATH_MAILBOX, PATH_FOREIGN, PATH_RELAY, PATH_FILTER, PATH_UNREACHABLE };

struct agent {
	struct task task; /* first */
	struct queue_file *file;
	struct chunk chunk; /* without group: the file's own `to` */
	enum path path;
	struct timing timing;
	uint32_t pid, uses;  /* uses: of the connection */
	uint32_t relay_host; /* PATH_RELAY */
	char child[32];      /* queue ID at the next hop */
};

/* Prints the lines of a finished transaction and books what they say. */
void transaction_end(struct world *world, struct agent *agent);

#endif
