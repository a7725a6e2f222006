/* SPDX-License-Identifier: Apache-2.0
 *
 * The recipients of a queue file, found by mailbox and original recipient.
 * Those that are alike are in bundles (bundle.h), and those that ended long ago
 * elsewhere (done.h). Queue files of servers that number them have neither.
 */
#ifndef MAILSTORM_CORRELATE_FILE_RECIPIENTS_H
#define MAILSTORM_CORRELATE_FILE_RECIPIENTS_H

#include "daemon/correlate/state.h"

/* The recipient is one of those at hand, at *number. */
bool file_has_at_hand(struct file *file, uint32_t mailbox, uint32_t via, uint32_t *number);

/* The file has the recipient, at *number of those at hand; where it is not among these, its bundles are spread. */
bool file_has(struct state *state, uint32_t file, uint32_t mailbox, uint32_t via, uint32_t *number);

/* The mailbox may be one of the file's recipients; false: it surely is not, as the sets of its message tell, which takes no
 * look at the recipients. */
bool file_may_have(const struct state *state, uint32_t file, uint32_t mailbox);

/* So many sets tell that, until something is booked: each into looks[], empty ones aside. -1: none do, or more than `most`. */
int file_named_sets(const struct state *state, uint32_t file, struct mailbox_look *looks, int most);

/* The recipient of a file by (mailbox, via), made where it is new. Valid until the next call.
 * Takes over one hold of each address. */
struct recipient *file_recipient(struct state *state, uint32_t file, uint32_t mailbox, uint32_t via);

/* One more, which the file has not. Takes over its holds. */
void file_recipient_add(struct state *state, uint32_t file, const struct recipient *recipient);

/* The file goes on with the first so many of its recipients at hand, after the others' place was taken by such as stay;
 * what the rest held is the caller's to drop. And gives back room that is no longer needed. */
void file_let_go(struct state *state, uint32_t file, uint32_t kept);
void file_shrink(struct file *file);

/* Recipients were loaded, or changed their places or originals: what was known of where they stand is forgotten. */
void file_unindex(struct state *state, uint32_t file);

/* The file has a recipient of this mailbox, at hand or in a bundle. */
static inline void file_reach(struct file *file, uint32_t mailbox)
{
	file->largest = mailbox > file->largest ? mailbox : file->largest;
}

/* The recipient, as it is booked, names a mailbox; or one whose mail was forwarded to others, who are of the list that it is
 * of. */
bool recipient_names(const struct recipient *r);

/* The recipient counts for the file's `named`. */
bool recipient_is_named(const struct recipient *r);

#endif
