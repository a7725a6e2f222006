/* SPDX-License-Identifier: Apache-2.0
 *
 * Builds what is not stored of a loaded state: indexes, holders of texts,
 * lists of files and posts, free numbers.
 */
#ifndef MAILSTORM_CORRELATE_INDEX_H
#define MAILSTORM_CORRELATE_INDEX_H

#include "daemon/correlate/state.h"

/* False where objects name others that are not there. */
bool state_index(struct state *state);

#endif
