/* SPDX-License-Identifier: Apache-2.0
 *
 * The time in a Postfix queue ID (mail_queue.h): a long ID holds seconds and
 * microseconds in base 52, a short one the microseconds alone, in hexadecimal.
 */
#ifndef MAILSTORM_CORRELATE_QUEUE_ID_H
#define MAILSTORM_CORRELATE_QUEUE_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "slice.h"

/* Long form: the whole time, microseconds since 1970 UTC. False where it is none. */
bool queue_id_time(struct slice id, int64_t *time);

/* Short form: the microsecond within its second, 0 to 999999; -1 where it is none. */
int32_t queue_id_microsecond(struct slice id);

#endif
