/* SPDX-License-Identifier: Apache-2.0
 *
 * Samples of lines that no rule understood, from where they were read until
 * the checkpoint that writes them. So many of one checkpoint and no more; the
 * counts are exact all the same. Owned by the pipeline.
 */
#ifndef MAILSTORM_SAMPLES_H
#define MAILSTORM_SAMPLES_H

#include "daemon/base/privacy.h"
#include "daemon/store/store.h"
#include "daemon/work.h"

struct samples;

/* privacy is borrowed; NULL: lines are kept as they came. */
struct samples *samples_new(const struct privacy *privacy);
void samples_free(struct samples **samples);

/* A line of a work of this partition, where there is room. taken: the log's clock. */
void samples_add(struct samples *samples, uint32_t partition, const struct work *work, const struct line *line,
                 int64_t taken);

/* Writes them, positions by partition. False in trouble, which the store tells; they are then still there. */
bool samples_put(const struct samples *samples, struct store *store, const struct store_position *positions);

/* After a commit: room for others. */
void samples_clear(struct samples *samples);

#endif
