/* SPDX-License-Identifier: Apache-2.0
 *
 * The number of an address in the database, by which the tables name it.
 */
#ifndef MAILSTORM_REPORT_MAILBOX_NUMBER_H
#define MAILSTORM_REPORT_MAILBOX_NUMBER_H

#include "daemon/report/reader.h"

/* Of an address as it is stored; 0 where the database does not know it, or reader_error() tells. */
uint32_t mailbox_number(struct reader *reader, const char *address);

#endif
