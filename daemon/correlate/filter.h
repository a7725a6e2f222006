/* SPDX-License-Identifier: Apache-2.0
 *
 * Content filters of a host that do not tell the next queue file: a pipe(8)
 * transport whose program gives the message to sendmail(1) again (FILTER_README,
 * "simple content filter"), or an SMTP proxy whose reply names none. To the log
 * such a relay looks like a mailbox, until the host itself is seen to take in again what it
 * was given: then it is ours, see relay.h.
 */
#ifndef MAILSTORM_CORRELATE_FILTER_H
#define MAILSTORM_CORRELATE_FILTER_H

#include "daemon/correlate/state.h"

/* Looks for filters in what was read of messages whose queue files are at hand. A relay is one where a queue file was given to
 * it, and a later one of the same message and sender, submitted on the host itself, was delivered to the same mailbox by
 * other means. */
void filters_look(struct state *state);

#endif
