/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists that are told without their domain. Who writes to a list on its own
 * host, or to a server that does not mind, may leave it out, and Postfix tells the
 * original recipient as it was written. What the host takes for its domain no
 * line says.
 */
#ifndef MAILSTORM_CORRELATE_WHOLE_H
#define MAILSTORM_CORRELATE_WHOLE_H

#include "daemon/correlate/state.h"

/* The list that this original recipient of the message is: the first by name whose address is that with a domain, and whose
 * members the message names under it, nearly. The address itself where there is none, or it has a domain. */
uint32_t whole_of(const struct state *state, const struct message *message, uint32_t list);

/* Marks messages that were counted under such an address, and are of a list as above by now: true where there are some. */
bool wholes_mark(struct state *state);

#endif
