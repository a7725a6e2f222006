/* SPDX-License-Identifier: Apache-2.0
 *
 * The time in a Postfix queue ID (mail_queue.h): a long ID holds seconds and
 * microseconds in base 52, a short one the microseconds alone, in hexadecimal.
 * And in one of Exim.
 */
#ifndef MAILSTORM_CORRELATE_QUEUE_ID_H
#define MAILSTORM_CORRELATE_QUEUE_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "slice.h"

/* Long form: the whole time, microseconds since 1970 UTC. False where it is none. */
bool queue_id_time(struct slice id, int64_t *time);

/* Of Exim's shape, 1dJ08B-0003oP-5i or, from 4.97 on, 10HmaX-000000005vi-0000. */
bool queue_id_is_exims(struct slice id);

/* Short form: the microsecond within its second, 0 to 999999; -1 where it is none. */
int32_t queue_id_microsecond(struct slice id);

#endif
