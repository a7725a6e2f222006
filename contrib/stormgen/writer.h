/* SPDX-License-Identifier: Apache-2.0
 *
 * The wrapping of a line: time stamp, host, program and pid, as syslog or as
 * the JSON of a shipper has them. The body is composed in place by the caller.
 */
#ifndef STORMGEN_WRITER_H
#define STORMGEN_WRITER_H

#include "plan.h"
#include "sink.h"

enum program {
	PROGRAM_SMTPD,
	PROGRAM_CLEANUP,
	PROGRAM_QMGR,
	PROGRAM_SMTP,
	PROGRAM_LMTP,
	PROGRAM_LOCAL,
	PROGRAM_PIPE,
	PROGRAM_BOUNCE,
	PROGRAM_EXIM,
	PROGRAM_SENDMAIL,
	PROGRAM_COUNT
};

struct writer {
	const struct plan *plan;
	struct sink *sink;
	char *body;     /* where the line's body begins, within sink->at */
	int64_t second; /* that the texts below are of */
	char stamp[32]; /* RFC 3164, or ISO without fraction */
	size_t stamp_length;
	char zone[8];
	int64_t zone_until;   /* the zone's offset was asked for up to here */
	int64_t zone_offset;  /* seconds */
	uint64_t file_offset; /* filebeat's log.offset */
	const char *tail;     /* what stands behind a body */
	bool rows;            /* a body is a row of a table: with its own time, no host, no program */
};

void writer_start(struct writer *writer, const struct plan *plan, struct sink *sink);

/* Begins a line at sink->at; returns where the body goes. The body must stay below SINK_ROOM / 2. */
char *writer_begin(struct writer *writer, uint32_t host, enum program program, uint32_t pid, int64_t time);

/* The body ends at p: the line is done. lost: do not write it, it is taken out. */
void writer_end(struct writer *writer, uint32_t host, int64_t time, char *p);

/* Composes a line that heads a table at sink->at; returns its end. */
char *writer_header(const struct writer *writer, const char *text);

/* The start of a line, kept so that many lines may begin with it; all are of one host, program, pid and time. */
struct writer_head {
	uint32_t host;
	int64_t time;
	size_t length, body;
	char bytes[1200];
};

/* Keeps what was composed so far, sink->at to p, p within the body. */
void writer_keep(const struct writer *writer, uint32_t host, int64_t time, const char *p, struct writer_head *head);

/* Begins a line with a kept head; returns where to go on. */
static inline char *writer_again(struct writer *writer, const struct writer_head *head)
{
	writer->body = writer->sink->at + head->body;
	return text_bytes(writer->sink->at, head->bytes, head->length);
}

#endif
