/* SPDX-License-Identifier: Apache-2.0
 *
 * Who received what of an incident as of the last checkpoint. The rows of the
 * view "affected" are made now and then only while a storm goes on; the sets
 * that they are made of are written with every checkpoint, and read here: by
 * the same rules as the daemon's (post_sets.h). Sets are kept only while the
 * incident's list is busy; afterwards the view is final.
 */
#ifndef MAILSTORM_REPORT_CURRENT_H
#define MAILSTORM_REPORT_CURRENT_H

#include "daemon/report/reader.h"

struct current;

/* Reads the sets of all mailboxes, or (mailbox > 0) what they say of one. From then on statements may call copies_now(M),
 * failed_now(M), first_post_now(M), last_post_now(M) for a mailbox number, and outcome_now(P) for the number of a post
 * (of one mailbox only; NULL where the post was not for it). NULL where the sets are not kept any more, where
 * reader_error() tells, and (*foreign) where another version wrote them otherwise. Free it after the last
 * statement. */
struct current *current_load(struct reader *reader, int64_t incident, uint32_t mailbox, bool *foreign);
void current_free(struct current **current);

/* Posts of the incident that are on their way to the one mailbox. */
int64_t current_pending(const struct current *current);

#endif
