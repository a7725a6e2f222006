/* SPDX-License-Identifier: Apache-2.0
 *
 * What mailstorm(1) tells: one function a command. Each reads with the reader
 * and writes with the printer, and returns how it went. The bounds of --since
 * and --until are parameters that the reader holds.
 */
#ifndef MAILSTORM_REPORT_REPORT_H
#define MAILSTORM_REPORT_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/report/printer.h"
#include "daemon/report/reader.h"

enum report_result {
	REPORT_OK,
	REPORT_DATABASE,    /* reader_error() tells */
	REPORT_NO_INCIDENT, /* there is no incident of this number */
	REPORT_NO_HOST,     /* a host must be chosen, and was not */
	REPORT_NO_KEY,      /* addresses are keyed hashes, and the key is not at hand; *trouble tells why */
	REPORT_OPEN,        /* status: an incident is open */
	REPORT_SILENT       /* status: a storm might not be seen, or nothing is heard for longer than was asked for */
};

struct report_request {
	int64_t id;           /* of an incident; 0: none asked for */
	bool message_ids;     /* posts: Message-IDs only */
	bool ids;             /* queued: queue IDs only */
	const char *mailbox;  /* affected: this one; NULL: all */
	const char *key_file; /* posts, affected: of what is stored as hashes; NULL: where the daemon has it */
	char **trouble;       /* gets malloc'ed text that tells of REPORT_NO_KEY, or stays NULL */
	const char *host;     /* queued, hours: this one; NULL: all */
	int64_t silence;      /* status: milliseconds that are too long; 0: none are */
	int64_t now;          /* milliseconds since 1970 */
};

/* All incidents, one a line, in the order of their beginning. */
enum report_result report_incidents(struct reader *, struct printer *, const struct report_request *);

/* One incident: in plain sentences, then its figures with their definitions. JSON has every table of it but posts and
 * mailboxes; CSV its row of the view incidents. */
enum report_result report_show(struct reader *, struct printer *, const struct report_request *);

/* One incident's events, among bars of its minutes. JSON has the events and the minutes; CSV the events. */
enum report_result report_timeline(struct reader *, struct printer *, const struct report_request *);

/* One incident's posts; with message_ids, the Message-IDs of those that reached a mailbox or may yet, one a line. */
enum report_result report_posts(struct reader *, struct printer *, const struct report_request *);

/* The mailboxes that one incident reached or failed to reach, as of the last checkpoint; or one mailbox, and what
 * became of each post for it. */
enum report_result report_affected(struct reader *, struct printer *, const struct report_request *);

/* What is still queued of one incident, by host and instance; with ids, one host's queue IDs, one a line. */
enum report_result report_queued(struct reader *, struct printer *, const struct report_request *);

/* How every pair of one incident ended. */
enum report_result report_ledger(struct reader *, struct printer *, const struct report_request *);

/* All lists, the busiest first. */
enum report_result report_lists(struct reader *, struct printer *, const struct report_request *);

/* All mail by the hour. Text has one host, or the sum of all; JSON and CSV have all. */
enum report_result report_hours(struct reader *, struct printer *, const struct report_request *);

/* Sources, hosts, and whether all is well: REPORT_OK, REPORT_OPEN or REPORT_SILENT. */
enum report_result report_status(struct reader *, struct printer *, const struct report_request *);

/* REPORT_OK where the request's incident is there. */
enum report_result report_check_incident(struct reader *reader, const struct report_request *request);

#endif
