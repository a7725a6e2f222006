/* SPDX-License-Identifier: Apache-2.0
 *
 * Booking: what one recipient of one queue file says goes into the sets and
 * cells of its message, or, for mail that is no post, into the cells of all
 * mail. Every booking can be taken back exactly; whoever changes a fact of a
 * recipient takes its booking back before and books it again after.
 */
#ifndef MAILSTORM_CORRELATE_BOOK_H
#define MAILSTORM_CORRELATE_BOOK_H

#include "daemon/correlate/state.h"

void book_recipient(struct state *state, uint32_t file, uint32_t recipient);
void unbook_recipient(struct state *state, uint32_t file, uint32_t recipient);

/* Books BUNDLE_MOST recipients at most that the file did not have, and that share what `like` says but for the bucket, as
 * bundle.h tells; none is a list manager. They become a bundle, or recipients at hand where something is known of one. Takes
 * over a hold of each mailbox. unnamed: no queue file of this one's hop had named one of them, as the caller looked up. */
void book_alike(struct state *state, uint32_t file, const struct bundle *like, const struct bundled *items,
                bool unnamed);

/* What was told of a recipient of the file that is done (done.h) goes into the sets, for good. */
void book_done(struct state *state, uint32_t file, const struct recipient *told);

/* What `from` remembers of deferrals, whose counts are in `to` by now, is remembered there; of a pair that both booked, the
 * later one is taken back. numbers[i]: the bucket of `to` that bucket i of `from` went into. */
void book_adopt_deferrals(struct state *state, struct message *to, const struct message *from, const uint32_t *numbers);

/* The recipient's end is booked, and counts in no cells, since another copy of the pair does. */
bool book_is_copy(const struct file *file, const struct recipient *recipient);

/* The mailbox is a list's own address: an original recipient of the message that stands for several, or the list by whose own
 * sender or header it goes on. What it is given, by a program that is not known for a list manager, is no delivery. */
bool book_is_list(const struct message *message, uint32_t mailbox);

/* So is the recipient; or it is of a list, and was forwarded to others, who are of it then. */
bool book_itself(const struct message *message, const struct recipient *recipient);

/* The recipient is booked as it would be booked now: in that bucket, as a mailbox or as a list's own address. */
bool book_stands(struct state *state, uint32_t file, uint32_t recipient);

/* One more line about the recipient was read; `again`: it told a delivery that was known. */
void book_attempt(struct state *state, uint32_t file, uint32_t recipient, bool again);

/* The recipients that nrcpt counts and no line named, at the file's hop: call after any change of the file. Where an
 * administrator removed it they ended then, in cells too: taken back before the time of that changes. */
void book_missing(struct state *state, uint32_t file);
void unbook_missing(struct state *state, uint32_t file);

/* All of a file, where it has a message. */
void book_file(struct state *state, uint32_t file);
void unbook_file(struct state *state, uint32_t file);

#endif
