/* SPDX-License-Identifier: Apache-2.0
 *
 * The recipients of a queue file, found by mailbox and original recipient.
 * Those that ended long ago are elsewhere, see done.h.
 */
#ifndef MAILSTORM_CORRELATE_FILE_RECIPIENTS_H
#define MAILSTORM_CORRELATE_FILE_RECIPIENTS_H

#include "daemon/correlate/state.h"

/* The file has the recipient, at *number. */
bool file_has(struct file *file, uint32_t mailbox, uint32_t via, uint32_t *number);

/* Each of its recipients is behind the one before it, by mailbox and original recipient. */
bool file_ascends(struct file *file);

/* The mailbox may be one of the file's recipients, the last `waiting` of them aside; false: it surely is not, as the sets of
 * its message tell, which takes no look at the recipients. */
bool file_may_have(const struct state *state, uint32_t file, uint32_t mailbox, uint32_t waiting);

/* So many sets tell that, until something is booked: each into looks[], empty ones aside. -1: none do, or more than `most`. */
int file_named_sets(const struct state *state, uint32_t file, struct mailbox_look *looks, int most);

/* The recipient of a file by (mailbox, via), made where it is new. Valid until the next call.
 * Takes over one hold of each address. */
struct recipient *file_recipient(struct state *state, uint32_t file, uint32_t mailbox, uint32_t via);

/* One more, which the file has not. Takes over its holds. */
void file_recipient_add(struct state *state, uint32_t file, const struct recipient *recipient);

/* The file goes on with its first so many recipients, after the others' place was taken by such as stay; what the rest held
 * is the caller's to drop. And gives back room that is no longer needed. */
void file_let_go(struct state *state, uint32_t file, uint32_t kept);
void file_shrink(struct file *file);

/* Recipients were loaded, or changed their places or originals: what was known of where they stand is forgotten. */
void file_unindex(struct state *state, uint32_t file);

/* The recipient counts for the file's `named`. */
bool recipient_is_named(const struct recipient *r);

#endif
