/* SPDX-License-Identifier: Apache-2.0
 *
 * Bundles: recipients of a queue file that are alike. Of a storm's deliveries
 * nearly all are; a recipient of its own takes four times the memory. They are
 * booked, and whoever changes one of them, or looks at one alone, spreads the
 * bundles of the file before: then all its recipients are at hand, in the order
 * in which they were told.
 */
#ifndef MAILSTORM_CORRELATE_BUNDLE_H
#define MAILSTORM_CORRELATE_BUNDLE_H

#include "daemon/correlate/recipient.h"

struct state;
struct file;

#define BUNDLE_MOST 256 /* recipients */

/* One of a bundle. Its address is not held: it is pinned, as are all that sets of messages name. */
struct bundled {
	uint32_t mailbox; /* addresses */
	uint32_t behind;  /* it was delivered so many microseconds after the bundle's time */
	uint32_t delay_ms;
};

/* Recipients of a post that one mail transaction delivered, within one minute and not told late; of each nothing else is
 * known, nothing was when it was told, and it is named in its message's sets. */
struct bundle {
	struct bundle *next; /* told later */
	int64_t time;        /* of the delivery told first, no later than the others' */
	uint32_t via;        /* addresses: the original recipient of all, or 0; held once */
	uint32_t relay;      /* relays, or 0 */
	uint32_t bucket;     /* booked in bucket number - 1 of the file's message */
	uint32_t before;     /* so many of the recipients at hand were told before it */
	uint32_t count;
	struct bundled items[];
};

/* A bundle of these for the file, told after all others and booked in `bucket`: `like` says what else they share. Takes over
 * a hold of each mailbox, and none of `via`. */
void bundle_add(struct state *state, uint32_t file, const struct bundle *like, uint32_t bucket,
                const struct bundled *items);

/* One of the bundle, as a recipient at hand would be. */
struct recipient bundle_recipient(const struct bundle *bundle, const struct bundled *item);

/* All recipients of the file are at hand. */
void bundles_spread(struct state *state, uint32_t file);

/* Takes the bundle that `at` leads to out of the file, and frees it. */
void bundle_drop(struct state *state, struct file *file, struct bundle **at);

/* Those of the file, which is forgotten. */
void bundles_free(struct bundle *bundles);

/* All recipients of a file in the order they were told, at hand or not. */
struct recipients_walk {
	const struct file *file;
	const struct bundle *bundle; /* the next one, */
	uint32_t in;                 /* ... and so many of it were told of, */
	uint32_t at;                 /* ... as of those at hand */
};

struct recipients_walk recipients_of(const struct file *file);

/* The next one; false behind the last. */
bool recipients_next(struct recipients_walk *walk, struct recipient *recipient);

#endif
