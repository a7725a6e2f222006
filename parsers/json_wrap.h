/* SPDX-License-Identifier: Apache-2.0
 *
 * A log line that a shipper wrapped in JSON: what it says of the message, by
 * the names that rsyslog, Filebeat, Fluent Bit, fluentd, Vector, Logstash,
 * syslog-ng, GELF and the journal use.
 */
#ifndef MAILSTORM_PARSERS_JSON_WRAP_H
#define MAILSTORM_PARSERS_JSON_WRAP_H

#include <stdbool.h>

#include "parsers/arena.h"
#include "parsers/timestamp.h"
#include "slice.h"

struct json_wrap; /* room for tokens; one a thread */

struct json_time {
	bool given;
	bool number; /* `time` and `resolution` say it; else `stamp` does */
	struct timestamp stamp;
	int64_t time; /* microseconds since 1970 */
	int32_t resolution;
};

struct json_line {
	struct slice message; /* the whole line or its body; not given where there is none */
	struct slice host;    /* not given where there is none; likewise tag */
	struct slice tag;
	struct slice file; /* the file's name where the shipper tells it */
	bool tag_column;   /* the tag is of a kind that its writer may have cut at a '/' */
	struct json_time time;
};

struct json_wrap *json_wrap_new(void);
void json_wrap_free(struct json_wrap **wrap);

/* Reads one object. Texts with escapes are decoded in the arena, others point into `line`. NULL, else a few fixed words
 * that say why it is none; where that is envelope_no_message, all but the message was read. */
const char *json_wrap_read(struct json_wrap *wrap, struct arena *arena, struct slice line, struct json_line *out);

/* See envelope_names(). */
char *json_wrap_names(struct json_wrap *wrap, struct slice line);

#endif
