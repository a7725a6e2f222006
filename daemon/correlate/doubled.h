/* SPDX-License-Identifier: Apache-2.0
 *
 * Mailboxes that a hop names twice: under two lists, or also directly. The next
 * hop counts them twice in nrcpt, and its lines about them look alike, as those
 * do that are told again: so many of the recipients that nrcpt counts and no line
 * seems to name were named after all.
 */
#ifndef MAILSTORM_CORRELATE_DOUBLED_H
#define MAILSTORM_CORRELATE_DOUBLED_H

#include "daemon/correlate/state.h"

/* So many of the mailboxes, which a later hop names, were named twice by these hops (hops[number of the hop]), under the
 * address that they have there. One that was named under three lists counts twice. */
int64_t doubled_by(const struct message *message, const bool *hops, const struct mailbox_set *mailboxes);

#endif
