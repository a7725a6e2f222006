/* SPDX-License-Identifier: Apache-2.0
 *
 * What becomes of a line, told in words: for whoever writes a rule file.
 */
#ifndef MAILSTORM_EXPLAIN_H
#define MAILSTORM_EXPLAIN_H

#include <stdbool.h>
#include <stdio.h>

#include "rules.h"
#include "settings.h"

/* Reads lines from `in` to its end and prints for each: its envelope, or why it has none; the rule that took it and the
 * event's fields, or why none did. All lines are taken for one source, in their order. now: microseconds since 1970, for
 * time stamps without a year. False where `in` or `out` fails (errno). */
bool explain_run(FILE *in, FILE *out, const struct rules *rules, const struct settings *settings, int64_t now);

#endif
