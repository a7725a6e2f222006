/* SPDX-License-Identifier: Apache-2.0
 *
 * The notifications (non-delivery and delay reports) that a message caused,
 * each counted once however often its line is read.
 */
#ifndef MAILSTORM_CORRELATE_NOTICE_SET_H
#define MAILSTORM_CORRELATE_NOTICE_SET_H

#include "daemon/correlate/state.h"

void notice_add(struct message *message, uint64_t hash);
void notice_index(struct message *message);
void notice_clear(struct message *message);

#endif
