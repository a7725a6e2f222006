/* SPDX-License-Identifier: Apache-2.0
 *
 * The store's inside: rows of one incident, and of coverage.
 */
#ifndef MAILSTORM_STORE_PUT_INCIDENT_H
#define MAILSTORM_STORE_PUT_INCIDENT_H

#include "daemon/correlate/coverage.h"
#include "daemon/correlate/state.h"
#include "daemon/store/statement.h"

/* Writes the incident's rows where its figures may have changed; deletes them where it was withdrawn. final: also the
 * figures that take long. */
bool put_incident(struct store *store, struct state *state, const struct coverage_waiting *waiting,
                  struct incident *incident, bool final);

/* All rows of it. */
bool delete_incident(struct store *store, int64_t incident);

bool put_coverage(struct store *store, const struct state *state, const struct coverage_waiting *waiting,
                  int64_t incident, int64_t from, int64_t until);

#endif
