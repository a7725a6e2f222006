/* SPDX-License-Identifier: Apache-2.0
 *
 * Microsoft 365's message trace as JSON: the reporting web service's answer,
 * {"value":[{...},...]} or {"d":{"results":[{...},...]}}, what Get-MessageTraceV2 and
 * ConvertTo-Json write, [{...},...], Graph's, or single objects, on one line or on many;
 * and what ConvertTo-Json writes of Get-MessageTrackingLog, lists and all.
 */
#ifndef MAILSTORM_PARSERS_TRACE_H
#define MAILSTORM_PARSERS_TRACE_H

#include "parsers/tracking.h"

/* A document under way over the lines of a source. All zero: none. */
struct trace {
	char *begun; /* what was read of the object that is open */
	size_t length, capacity;
	unsigned depth; /* of what is open */
	unsigned inner; /* objects that are open in the one that `begun` begins */
	bool open;      /* `begun` is an object's beginning */
	bool in_string, escaped;
	unsigned lines; /* since a row was found, or it began; whoever finds one sets it to 0 */
};

/* The line may be of such a document, or go on with one. trace: of the line's source, or NULL. */
bool trace_likely(const struct trace *trace, struct slice line);

/* Takes the line in and calls `found` with each object that ends in it, innermost ones only; they stand in the line or in
 * the arena. False where the line does not go on with the document under way, which is then forgotten. */
bool trace_take(struct trace *trace, struct slice line, struct arena *arena,
                void (*found)(void *with, struct slice object), void *with);

/* Reads one object. False where it is no row of a message trace. */
bool trace_row(struct slice object, struct arena *arena, struct tracking_row *out);

/* Reads one object whose names are a tracking log's columns, as a shipper makes it that took a row apart (NXLog, Logstash). False
 * where it is none. */
bool trace_event(struct slice object, struct arena *arena, struct tracking_row *out);

void trace_clear(struct trace *trace);

/* The document under way, between two lines, as bytes; nothing where there is none. */
void trace_save(const struct trace *trace, FILE *out);
/* The other way round; false where these are no such bytes. */
bool trace_restore(struct trace *trace, struct slice saved);

#endif
