/* SPDX-License-Identifier: Apache-2.0
 *
 * The head of a syslog line: time stamp, host, tag. What the head says is cut
 * apart here, not judged: see tag.h for the tag and note.h for the text.
 */
#ifndef MAILSTORM_PARSERS_SYSLOG_H
#define MAILSTORM_PARSERS_SYSLOG_H

#include <stdbool.h>

#include "parsers/timestamp.h"
#include "slice.h"

struct syslog_line {
	struct timestamp stamp;
	struct slice host; /* not given where the line has none */
	struct slice tag;  /* program as tagged, its [pid] with it, the colon not; not given where there is none */
	bool tag_sure;     /* the tag ended as tags do, in a colon or a [pid], or had a column of its own */
	bool tag_column;   /* it is no part of the text: a column of its own (RFC 5424), whose writer may have cut it
	                     * at a '/', or told by the line's form (Exim's main log) */
	bool tag_short;    /* a relay seems to have cut it after 32 bytes */
	struct slice text; /* the rest, without blanks before it */
};

/* Blanks, line ends and NUL bytes at the end, and a BOM and NUL bytes at the beginning, are no part of a line. */
struct slice syslog_trim(struct slice line);

/* True where the line may begin as a syslog line does: cheap, and wrong now and then. */
bool syslog_likely(struct slice line);

/* Cuts a trimmed line apart: RFC 3164, RFC 5424, and ISO stamps before HOST TAG: TEXT, with <PRI> or without; also
 * lines of Exim's main log; of a line that a container's log put another stamp or a name before, what is behind that.
 * NULL, else a few fixed words that say why it is no such line. */
const char *syslog_scan(struct slice line, struct syslog_line *out);

/* Cuts "TAG: TEXT" apart, for what carries time and host elsewhere: fills the tag's members and text. */
void syslog_scan_tag(struct slice text, struct syslog_line *out);

#endif
