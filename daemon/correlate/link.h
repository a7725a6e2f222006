/* SPDX-License-Identifier: Apache-2.0
 *
 * Hand-over links: "queued as X" of one queue file names another, on whatever
 * host, under the same Message-ID. A link is known by both names; which end is
 * read first does not matter. Once both are, the relay is ours and the queue files are tied.
 */
#ifndef MAILSTORM_CORRELATE_LINK_H
#define MAILSTORM_CORRELATE_LINK_H

#include "daemon/correlate/state.h"

/* The queue file handed over to `next`, through relay (0: on the same host); expanded: the address that it stands for
 * there, where local(8) said so, else 0. Returns the file that it is, if it has been
 * read, else 0. Nothing happens for a file without Message-ID: call again when it has one. */
uint32_t link_claim(struct state *state, uint32_t file, struct slice next, uint32_t relay, uint32_t expanded,
                    int64_t time);

/* The file is known by Message-ID and queue ID. *parented: somebody said that it handed this file over. Returns that
 * file if it is still at hand, else 0. *expanded: the address that this file is an expansion of, not held, or 0. */
uint32_t link_offer(struct state *state, uint32_t file, int64_t time, bool *parented, uint32_t *expanded);

/* Puts a loaded link into the table. */
bool link_enchain(struct state *state, uint32_t link);

/* Forgets links older than `before`. */
void link_age(struct state *state, int64_t before);

#endif
