/* SPDX-License-Identifier: Apache-2.0
 *
 * Logged headers of a queue file: subject, references, List-Id, and whether it was sent automatically.
 */
#ifndef MAILSTORM_CORRELATE_HEADER_H
#define MAILSTORM_CORRELATE_HEADER_H

#include "daemon/correlate/state.h"
#include "event.h"

void header_take(struct state *state, uint32_t file, const struct event *event);

#endif
