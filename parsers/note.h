/* SPDX-License-Identifier: Apache-2.0
 *
 * What a line says about the log itself: that a message was repeated, that
 * messages were lost on the way here.
 */
#ifndef MAILSTORM_PARSERS_NOTE_H
#define MAILSTORM_PARSERS_NOTE_H

#include <stdbool.h>
#include <stdint.h>

#include "slice.h"

enum note_kind {
	NOTE_NONE,     /* a message like any other */
	NOTE_UNFOLDED, /* "message repeated N times: [ BODY]": *body is the message, *count is N */
	NOTE_REPEATED, /* the line before it came *count times more */
	NOTE_LOST      /* *count messages are lost; 0: the losing begins here, and another line will say how many */
};

/* program: as tag_split() gives it. text: the message, without blanks before it. */
enum note_kind note_read(struct slice program, struct slice text, struct slice *body, uint64_t *count);

#endif
