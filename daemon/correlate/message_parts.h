/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the message module share among themselves: message_table.c,
 * message_post.c, message_merge.c and message.c.
 */
#ifndef MAILSTORM_CORRELATE_MESSAGE_PARTS_H
#define MAILSTORM_CORRELATE_MESSAGE_PARTS_H

#include "daemon/correlate/state.h"

#define FILES_IN_QUEUE 1024 /* of a message so many are looked at that may still be in a queue */

/* The first message under a Message-ID, or 0; the others follow by `next`. */
uint32_t message_chain(const struct state *state, uint32_t id);
uint32_t message_new(struct state *state, uint32_t id);
/* Forgets what is known of the first hop. */
void message_drop_root(struct state *state, struct message *message);
/* The span of its acceptances takes in one more. */
void message_widen(struct message *message, int64_t accepted);
/* Puts a file that has no message into this one, and books it. */
void message_attach(struct state *state, uint32_t message, uint32_t file);
/* It is, or may be, a post from now on. */
void message_becomes_post(struct state *state, uint32_t message);
/* All that `from` has goes to `to`. */
void message_merge(struct state *state, uint32_t to, uint32_t from);

#endif
