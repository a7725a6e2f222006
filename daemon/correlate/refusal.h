/* SPDX-License-Identifier: Apache-2.0
 *
 * Refusals for good of a recipient's address: they close a list. Kept with the
 * list, or, while the address is no list, for a while in case it becomes one.
 */
#ifndef MAILSTORM_CORRELATE_REFUSAL_H
#define MAILSTORM_CORRELATE_REFUSAL_H

#include "daemon/correlate/state.h"

void refusal_add(struct state *state, uint32_t address, int64_t at, uint64_t hash);
/* The same of a post to an address that an organisation knew a list by (X.500: IMCEAEX-_O=...): its subject tells which, and
 * its sender (not given: not told) that it is one of the organisation. */
void refusal_add_legacy(struct state *state, uint32_t address, struct slice sender, struct slice subject, int64_t at,
                        uint64_t hash);
/* Gives those to the lists in which their subjects were the latest; posts must be settled. */
void refusal_assign(struct state *state);
/* Gives a new list what was refused of its address. */
void refusal_claim(struct state *state, uint32_t list);
/* Forgets refusals of addresses that are no list; only after lists were settled, which may claim them. */
void refusal_forget(struct state *state, int64_t before);
/* So many came since some were forgotten last that it is time to settle lists. */
bool refusals_wait(const struct state *state);
/* Forgets rejects that cannot be told again. */
void refusal_age(struct state *state, int64_t before);

/* Builds the index of loaded rejects. */
void refusal_index(struct state *state);

/* The same reject was read before (host, time and text): true. Remembers it otherwise. */
bool refusal_told(struct state *state, uint64_t hash, int64_t at);

#endif
