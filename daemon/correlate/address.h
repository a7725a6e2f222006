/* SPDX-License-Identifier: Apache-2.0
 *
 * Addresses as they are counted: domain folded (RFC 5321 2.3.5, IDNA A-labels),
 * the local part folded and its extension cut as configured. And the list that an
 * envelope sender belongs to, by the shapes that list managers document.
 */
#ifndef MAILSTORM_CORRELATE_ADDRESS_H
#define MAILSTORM_CORRELATE_ADDRESS_H

#include "settings.h"
#include "slice.h"

#define ADDRESS_MAX 1024

/* The folded address: this one where it is so already, else written into buffer (ADDRESS_MAX bytes; longer ones are cut).
 * Without the quotes of a quoted local part, which not every hop logs. A mailbox gets its local part folded and
 * its extension cut as configured; senders and lists (mailbox false) are always folded and keep theirs. */
struct slice address_fold(const struct settings *settings, struct slice address, bool mailbox, char *buffer);

/* The list whose own sender this folded address is: owner-LIST@d, owner-LIST*user**dom@d, LIST-bounces@d,
 * LIST-bounces+user=dom@d, LIST-request@d, LIST-owner@d, LIST-admin@d, LIST+bounces-N-user=dom@d,
 * LIST-return-N-user=dom@d, bounce+user==a==dom==LIST@d, bounce+LIST--user==dom@d, LIST+bncB...@d; SRS and
 * BATV are taken off first. Not given where it is none. Written into buffer (ADDRESS_MAX). */
struct slice address_list_of_sender(struct slice sender, char *buffer);

/* False where that shape is a list manager's alone. People have owner-x@, x-request@, x-owner@, x-admin@ too. */
bool address_may_be_a_persons(struct slice sender);

/* mlmmj sends digests from it: LIST+bounces-digest-user=dom@d. They are no posts. */
bool address_sends_digests(struct slice sender);

/* The list of a List-Id header value, `Name <list.example.org>` (RFC 2919) -> list@example.org; not given
 * where there is none, or where it was cut. Written into buffer (ADDRESS_MAX). */
struct slice address_list_of_header(struct slice value, char *buffer);

/* What stands after the last @; the whole where there is none. */
struct slice address_domain(struct slice address);

/* It has no domain, as an original recipient that was written so; and whether `whole` is that with its domain. */
bool address_is_bare(struct slice address);
bool address_completes(struct slice whole, struct slice bare);

#endif
