/* SPDX-License-Identifier: Apache-2.0
 *
 * Hand-over links: "queued as X" of one queue file names another, on whatever
 * host, under the same Message-ID. A link is known by both names; which end is
 * read first does not matter. Once both are, the relay is ours and the queue files are tied.
 */
#ifndef MAILSTORM_CORRELATE_LINK_H
#define MAILSTORM_CORRELATE_LINK_H

#include "daemon/correlate/state.h"

/* The other end of a link. */
struct link_end {
	bool read;         /* it has been read */
	uint32_t file;     /* its queue file, if that is still at hand, else 0 */
	uint32_t message;  /* else its message, if that is */
	uint32_t expanded; /* the address that the file handed over is an expansion of, not held, or 0 */
};

/* The queue file handed over to `next`, through relay (0: on the same host); expanded: the address that it stands for
 * there, where local(8) said so, else 0. Returns the file that was handed over. Nothing happens for a file without
 * Message-ID: call again when it has one; nor where `next` names the file itself or one that it came from. */
struct link_end link_claim(struct state *state, uint32_t file, struct slice next, uint32_t relay, uint32_t expanded,
                           int64_t time);

/* The file is known by Message-ID and queue ID. Returns the file that handed it over. */
struct link_end link_offer(struct state *state, uint32_t file, struct slice name, int64_t time);

/* The file is known by its queue ID alone: it was handed over without Message-ID, so far as it can tell, and made its own.
 * Returns the file that handed it over, which has none. */
struct link_end link_offer_unnamed(struct state *state, uint32_t file, int64_t time);

/* The file names the queue ID that it had before, of which no Message-ID, or no beginning, was read yet: it waits for that, as
 * none will tie them. And the file that waits for this one so, or 0. */
void link_wait(struct state *state, uint32_t file, struct slice before, int64_t time);
uint32_t link_waiting(const struct state *state, struct slice queue_id);

/* The key of a link: Message-ID and queue ID, case kept. 0 where there is no Message-ID. */
uint64_t link_key_of(const struct state *state, struct slice message_id, struct slice queue_id);
/* The link of a key, or NULL. */
struct link *link_find(const struct state *state, uint64_t key);

/* Puts a loaded link into the table. */
bool link_enchain(struct state *state, uint32_t link);

/* Forgets links older than `before`, or, while there are few, only those older than at_most_before. */
void link_age(struct state *state, int64_t before, int64_t at_most_before);

#endif
