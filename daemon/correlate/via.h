/* SPDX-License-Identifier: Apache-2.0
 *
 * Original recipients of one message: one that stands for two mailboxes or
 * more is a list's address, one that stands for a single mailbox is an alias.
 * Which one it is shows only at the second mailbox.
 */
#ifndef MAILSTORM_CORRELATE_VIA_H
#define MAILSTORM_CORRELATE_VIA_H

#include "daemon/correlate/state.h"

/* The original recipient stands for several mailboxes of this message. */
bool via_counts(const struct message *message, uint32_t via);

/* The mailbox of this message that the original recipient alone stands for, or 0. */
uint32_t via_mailbox(const struct message *message, uint32_t via);

/* One more recipient is named under it. True where it just became a list's: those booked before must be booked again. */
bool via_name(struct state *state, struct message *message, uint32_t via, uint32_t mailbox);

/* The log says itself that the original recipient became others; group: that it is a list. True as above. */
bool via_replace(struct message *message, uint32_t via, bool group);

/* The lists' addresses that `from` knows are known to `to`. */
void via_adopt(struct state *state, struct message *to, const struct message *from);

/* Builds the index of a loaded message; false where an address is not there. */
bool via_index(struct state *state, struct message *message);

void via_clear(struct state *state, struct message *message);

#endif
