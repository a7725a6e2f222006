/* SPDX-License-Identifier: Apache-2.0
 *
 * What Exchange tells of recipients before they end: those that a message came
 * with, members of groups, addresses that became others, recipients that went
 * into a copy of the message. And what follows: who is a mailbox, which group
 * is the list, and when a queue file owes nothing more.
 */
#ifndef MAILSTORM_CORRELATE_EXPANSION_H
#define MAILSTORM_CORRELATE_EXPANSION_H

#include "daemon/correlate/host.h"
#include "daemon/correlate/post_sets.h"
#include "daemon/correlate/state.h"
#include "event.h"

/* The lines of this program tell whole messages again and again, number their queue files by themselves, and never say
 * that one is gone. */
bool expansion_numbers(const struct event *event);

/* EVENT_EXPANDED: the recipient is the file's, by way of the original recipient if given. */
void expansion_name(struct state *state, uint32_t file, struct host_line line, const struct event *event);

/* EVENT_REQUEUED with a recipient: it goes on in this file, no longer in the one it was taken from. Without, of a
 * server that numbers its files: this one was kept since the message came, and is sent again. */
void expansion_move(struct state *state, uint32_t file, struct host_line line, const struct event *event);

/* The file has a Message-ID or a sender now: copies that were made of it, and read before, are of its message, whoever is their
 * sender. A group may have its own, for reports. */
void expansion_copies(struct state *state, uint32_t file);

/* The file is a copy, and of which one was not read yet. */
bool expansion_copy_waits(const struct state *state, uint32_t file);

/* The original recipient under which the file, or its message, has named the mailbox (held once more); 0: none, or several. */
uint32_t expansion_via(struct state *state, uint32_t file, uint32_t mailbox);

/* Where the mailbox ended in this file, it is no longer open in it under any other original recipient. */
void expansion_done(struct state *state, uint32_t file, uint32_t mailbox, int64_t time);

/* The file was sent on to a server by name: the files of its message that came there from this one's are the next hop. */
void expansion_tell(struct state *state, uint32_t file, struct slice relay, uint32_t number, int64_t time);
/* ... the other end of that. A message may come to a server more than once. */
void expansion_offer(struct state *state, uint32_t file, struct slice client, int64_t time);

/* The address ended at some hop of the message, or only stood for others. */
bool expansion_ended(const struct state *state, const struct message *message, uint32_t address);

/* All its recipients ended, here or, as far as is known, elsewhere. */
bool expansion_over(const struct state *state, uint32_t file);

/* Works out each bucket's list: the outermost group that stands for its original recipient; or the list whose manager
 * sent to that (Majordomo: staff@ to staff-outgoing@). */
void expansion_roots(const struct state *state, struct message *message);

/* Takes addresses that only stood for others, on this hop or a later one, out of sets that are not ends. `stood` gets
 * them. */
void expansion_strip(const struct message *message, struct post_sets *sets, struct mailbox_set *stood);

#endif
