/* SPDX-License-Identifier: Apache-2.0
 *
 * Plain sentences for the terminal. A paragraph is said piece by piece and
 * broken into lines when it ends. The helpers that put a value into words
 * return texts that live until the paragraph ends, so that a sentence can be
 * one call; values from the database go through them, never in by themselves.
 */
#ifndef MAILSTORM_REPORT_PROSE_H
#define MAILSTORM_REPORT_PROSE_H

#include <stdint.h>
#include <stdio.h>

#include "daemon/base/zone.h"
#include "daemon/report/safe.h"

struct prose;

/* zone: that of times, NULL for UTC; stays the caller's. */
struct prose *prose_new(FILE *out, int width, enum safe_target target, const struct zone *zone);
void prose_free(struct prose **prose);

/* Adds to the paragraph. */
void prose_say(struct prose *prose, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Writes the paragraph and an empty line; nothing where nothing was said. The helpers' texts end here. */
void prose_end(struct prose *prose);

/* A stranger's text, made safe; NULL stays NULL. */
const char *prose_text(struct prose *prose, const char *text);

const char *prose_count(struct prose *prose, int64_t count);

/* "1 reply", "80 replies". */
const char *prose_many(struct prose *prose, int64_t count, const char *one, const char *many);

const char *prose_real(struct prose *prose, double value);
const char *prose_share(struct prose *prose, int64_t part, int64_t whole);
const char *prose_bytes(struct prose *prose, int64_t bytes);
const char *prose_duration(struct prose *prose, int64_t milliseconds);

/* "2016-11-14 08:29:11 UTC", or in the zone, not broken between lines; of an unknown time "an unknown time". */
const char *prose_time(struct prose *prose, const char *iso);

#endif
