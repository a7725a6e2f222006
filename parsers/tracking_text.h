/* SPDX-License-Identifier: Apache-2.0
 *
 * The text that rules see of a row of a tracking log or a message trace, which
 * is the same whatever the order of the file's columns:
 *
 *   EVENT SOURCE id="..." message-id="..." ... recipient="..." status="..." recipient="..." ...
 *
 * The order of the names is that of mailstorm-rules(5); a value that is empty is
 * left out; in a value '"' and '\' have a '\' before them, control bytes are
 * blanks. The recipients stand last, each with its status where it has one of its own.
 */
#ifndef MAILSTORM_PARSERS_TRACKING_TEXT_H
#define MAILSTORM_PARSERS_TRACKING_TEXT_H

#include "parsers/columns.h"

/* Where `event`, the row's first word, has no value: a message trace ("TRACE"). latency: seconds, or not given. Made in the
 * arena. */
struct slice tracking_text(const struct row *row, struct slice latency, struct arena *arena);

#endif
