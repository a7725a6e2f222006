/* SPDX-License-Identifier: Apache-2.0
 *
 * Exim delivers a message to an address once, whatever lists it is on; but what is
 * put off it tells under each of them. Once it tells how that ended, under one,
 * there is nothing more to come under the others.
 */
#ifndef MAILSTORM_CORRELATE_TWIN_H
#define MAILSTORM_CORRELATE_TWIN_H

#include "daemon/correlate/state.h"

/* Recipients of the file may be told under several lists, and delivered to under one. */
bool twins_may_be(const struct state *state, uint32_t file);

/* Those of the file that wait under one list, and ended under another, name no mailbox under the first any more: their bookings
 * are taken back, and not made anew. */
void twins_withdraw(struct state *state, uint32_t file);

#endif
