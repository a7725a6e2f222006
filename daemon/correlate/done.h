/* SPDX-License-Identifier: Apache-2.0
 *
 * Recipients of a queue file that goes on without them: they ended longer ago
 * than the join window, what they booked stays, and of each only its number
 * is kept, so that a line told again is known for one. This is what lets
 * a queue file of a million recipients, or one of a thousand that waits for a
 * single deferred one, stay small.
 */
#ifndef MAILSTORM_CORRELATE_DONE_H
#define MAILSTORM_CORRELATE_DONE_H

#include "daemon/correlate/state.h"

/* Recipients of the file that a line named: those at hand, bundled and done. */
int64_t done_named(const struct file *file);

/* Whether the recipient (mailbox, original recipient) is one of the file's that are done. */
bool done_has(const struct file *file, uint32_t mailbox, uint32_t via);

/* Recipients may be let go of, in time. */
bool done_may_come(const struct state *state, const struct file *file);

/* Before its host's clock is at this time done_age() does nothing. */
int64_t done_look(const struct state *state, const struct file *file);

/* Lets go of the recipients of a post's queue file that ended, and were told of last, before the minute of a time. */
void done_age(struct state *state, uint32_t file, int64_t before);

/* All their numbers, settled, the caller's to clear. And back, of a file that has none (loading); false where they are
 * not settled, or one is 0, which no mailbox has. */
struct ranges done_ranges(const struct file *file);
bool done_restore(struct file *file, const struct ranges *ranges);

/* Gives the memory back. */
void done_free(struct done *done);

#endif
