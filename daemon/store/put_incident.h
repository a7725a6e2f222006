/* SPDX-License-Identifier: Apache-2.0
 *
 * The store's inside: rows of one incident, and of coverage.
 */
#ifndef MAILSTORM_STORE_PUT_INCIDENT_H
#define MAILSTORM_STORE_PUT_INCIDENT_H

#include "daemon/correlate/state.h"
#include "daemon/store/statement.h"

/* Writes the incident's rows where its figures may have changed; deletes them where it was withdrawn. final: also the
 * figures that take long. */
bool put_incident(struct store *store, struct state *state, struct incident *incident, bool final);

bool put_coverage(struct store *store, const struct state *state, int64_t incident, int64_t from, int64_t until);

#endif
