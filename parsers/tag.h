/* SPDX-License-Identifier: Apache-2.0
 *
 * The tag of a log line: which program of which instance wrote it.
 */
#ifndef MAILSTORM_PARSERS_TAG_H
#define MAILSTORM_PARSERS_TAG_H

#include <stdbool.h>

#include "slice.h"

struct tag {
	struct slice instance; /* all before the last '/', or what a unit's name has behind '@'; empty if none */
	struct slice program;  /* the last component, no [pid], no ".service"; not given if lost */
	bool cut;              /* what followed a '/' may be lost; of "postfix" alone it always may */
};

/* tag: as the line has it, with or without [pid] and colon; not given or empty: nothing is known, so the program may
 * be lost. may_be_cut: it came by a way that may cut tags at '/': rsyslog's APP-NAME and %programname% do (its parser's
 * runtime/msg.c), unless parser.permitSlashInProgramName is on. */
struct tag tag_split(struct slice tag, bool may_be_cut);

/* True where a pid in brackets ends the tag: no message begins so. */
bool tag_numbered(struct slice tag);

#endif
