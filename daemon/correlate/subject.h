/* SPDX-License-Identifier: Apache-2.0
 *
 * Subjects: as their author wrote them (RFC 2047 decoded, unfolded, without a
 * list manager's tag), and normalised, for telling which posts answer each other.
 */
#ifndef MAILSTORM_CORRELATE_SUBJECT_H
#define MAILSTORM_CORRELATE_SUBJECT_H

#include <stdbool.h>

#include "slice.h"

/* Decodes a logged header value to UTF-8: encoded words of RFC 2047, folds that Postfix logs as '?'. What
 * cannot be decoded stays as it is, control characters become spaces, bytes that are no UTF-8 U+FFFD.
 * malloc'ed, NUL-terminated; at most 4 bytes per byte of input. */
char *subject_decode(struct slice raw);

/* The decoded subject without the tag that a list manager puts in front: "[list] " or "[list 12] " with
 * the list's own name. malloc'ed. */
char *subject_shown(struct slice raw, struct slice list);

/* It begins with the list's tag or a reply prefix, as posts do and what a list manager writes itself does not. */
bool subject_of_post(struct slice raw, struct slice list);

/* For comparing: decoded, without reply, forward and automatic-reply prefixes, tags of whatever name,
 * white space and '?', folded; of a long one the beginning, since the log cuts a header the earlier the
 * more prefixes it has. malloc'ed. An empty result says nothing. *automatic: a prefix of an automatic
 * reply stood in front; one behind a reply prefix is of somebody who answered one. */
char *subject_normal(struct slice raw, bool *automatic);

#endif
