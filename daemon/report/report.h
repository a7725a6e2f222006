/* SPDX-License-Identifier: Apache-2.0
 *
 * What mailstorm(1) tells: one function a command. Each reads with the reader
 * and writes with the printer, and returns how it went.
 */
#ifndef MAILSTORM_REPORT_REPORT_H
#define MAILSTORM_REPORT_REPORT_H

#include <stdint.h>

#include "daemon/report/printer.h"
#include "daemon/report/reader.h"

enum report_result {
	REPORT_OK,
	REPORT_DATABASE,   /* reader_error() tells */
	REPORT_NO_INCIDENT /* there is no incident of this number */
};

/* All incidents, one a line, in the order of their beginning. id is not used. */
enum report_result report_incidents(struct reader *reader, struct printer *printer, int64_t id);

/* One incident: in plain sentences, then its figures with their definitions. JSON has every table of it but the
 * mailboxes; CSV its row of the view incidents. */
enum report_result report_show(struct reader *reader, struct printer *printer, int64_t id);

/* One incident's events, among bars of its minutes. JSON has the events and the minutes; CSV the events. */
enum report_result report_timeline(struct reader *reader, struct printer *printer, int64_t id);

#endif
