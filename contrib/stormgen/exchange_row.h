/* SPDX-License-Identifier: Apache-2.0
 *
 * One row of Exchange's message tracking log, in the order of columns that its
 * version has. What is NULL or 0 is an empty column.
 */
#ifndef STORMGEN_EXCHANGE_ROW_H
#define STORMGEN_EXCHANGE_ROW_H

#include "format.h"

struct exchange_row {
	const char *source, *event;
	uint64_t id;
	bool as_client;    /* the server that writes it is the client of what is done */
	const char *other; /* HOST[ADDRESS] (and :PORT) of the other side; NULL: the server itself */
	const char *context, *connector, *related, *reference, *info, *custom;
	const char *message_id; /* NULL: the mail's */
	const char *sender, *return_path;
	const char *subject;
	uint32_t size;
	bool bare; /* nothing of the message is known: no id, recipients, size */
	/* Recipients: `to`, then members. */
	const char *to;
	const struct ending *endings; /* or a list, or a range; without `excluded` */
	const uint32_t *list;
	uint32_t first, count, excluded;
	const char *status; /* of each recipient; once for all where it is `single` */
	bool single;
};

/* Writes it as the host's, at world->now. */
void exchange_row(struct world *world, const struct exchange_row *row, uint32_t host);

/* The version that a host runs. */
enum exchange_version exchange_version(const struct plan *plan, uint32_t host);

/* The lines that stand before the rows of a file. */
void exchange_header(struct world *world);

#endif
