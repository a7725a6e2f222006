/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages: queue files tied by Message-ID, on all hops. Which queue files are
 * one message is decided here: by hand-over links, by a list's own sender, by
 * the same sender within the join window; and when a message may be a post.
 */
#ifndef MAILSTORM_CORRELATE_MESSAGE_H
#define MAILSTORM_CORRELATE_MESSAGE_H

#include "daemon/correlate/state.h"

/* Call after any change of what ties a file: Message-ID, sender, acceptance, a link. Puts the file into the message it
 * belongs to, merges messages that it ties together, books it there. */
void message_place(struct state *state, uint32_t file);

/* Takes the file out of its message, with all that it booked. */
void message_detach(struct state *state, uint32_t file);

/* The message that `file` was handed over in by `parent` has no Message-ID, and it made one, or has one that was made since:
 * its message is that one. */
void message_follow(struct state *state, uint32_t file, uint32_t parent);

/* `file` was handed over by `parent` (0: by one that is no longer at hand): places it, and its hop, anew. */
void message_parent(struct state *state, uint32_t file, uint32_t parent);

/* What tells the file's hop, its client or what handed it over, was told after it was placed: its hop is another, and those of
 * what it handed over to. */
void message_rehop(struct state *state, uint32_t file);

/* The file's message and this one, of the same Message-ID, are one. */
void message_tie(struct state *state, uint32_t file, uint32_t message);

/* A recipient was added to a file, not yet booked: decides whether the message is a post now, books what that
 * changes, and the recipient. */
void message_recipient(struct state *state, uint32_t file, uint32_t recipient);

/* Books again what is booked under other lists than what is known by now says, and copies of pairs of which none counts:
 * before figures are made, and before a file is folded. Cheap where there are none. */
void message_share(struct state *state, uint32_t message);

/* The file is settled: its bookings stay, it no longer belongs to the message. */
void message_fold(struct state *state, uint32_t file);

/* Gives a message back. */
void message_forget(struct state *state, uint32_t message);
/* Takes over a message that had left memory, without its files: its number. */
uint32_t message_put_back(struct state *state, const struct message *message);
/* Puts a loaded message into the table. */
void message_enchain(struct state *state, uint32_t message);

/* The facts of the first hop, from the files at hand. */
void message_root(struct state *state, uint32_t message);
/* The first hop's facts are this file's. Another of the same instant may be the first hop, which is no longer at hand. */
bool message_root_is(const struct message *message, const struct file *file);

/* A list manager took the message under this address: it is a post to it, once members are named. */
void message_managed(struct state *state, uint32_t file, uint32_t address);

#endif
