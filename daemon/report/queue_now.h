/* SPDX-License-Identifier: Apache-2.0
 *
 * What is queued of an incident as of the last checkpoint. The rows of the
 * view "queued" may be a minute older while a large storm goes on, and a queue
 * ID that is a minute old may be another message's.
 */
#ifndef MAILSTORM_REPORT_QUEUE_NOW_H
#define MAILSTORM_REPORT_QUEUE_NOW_H

#include "daemon/report/reader.h"

/* Puts a temporary table in the place of the view "queued", for this incident and all statements to come. False where
 * the view stays: the state is not held any more, reader_error() tells, or (*foreign) it cannot be read. */
bool queue_now_load(struct reader *reader, int64_t incident, bool *foreign);

#endif
