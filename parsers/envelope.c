/* SPDX-License-Identifier: Apache-2.0
 *
 * Opens a line's envelope: decides by its first bytes what it is, lets the
 * scanners beside this file cut it apart, and puts together what they found.
 * What stands in the line itself is believed before what a shipper wrote
 * around it: its time (a shipper tells when it read), its host (a relay's name
 * may stand in the wrapper). A line wrapped once more is opened again, twice
 * at most. What is not understood is told by reason and never guessed.
 */
#include "envelope.h"

#include <assert.h>

#include "daemon/base/hash.h"
#include "daemon/base/memory.h"
#include "parsers/arena.h"
#include "parsers/host_names.h"
#include "parsers/json_wrap.h"
#include "parsers/note.h"
#include "parsers/rows.h"
#include "parsers/syslog.h"
#include "parsers/tag.h"

#define WRAPS_MOST 2
#define TEXT_LOOKED_AT 10 /* by so many bytes of a text it is known to be no more than that */

struct envelope_memory {
	struct arena arena;
};

struct envelope_scratch {
	struct host_names *hosts;
	struct json_wrap *json;
	struct rows *rows;
	struct timestamp_cache times;
	struct arena arena;
	struct slice origin; /* path of the file that lines come from; not given: no file */
	struct envelope_head head;
};

/* What the wrappers around a line say, the inner over the outer. */
struct wrapping {
	unsigned depth;
	uint64_t file;     /* hash of the file's name, with the host's; 0: not told */
	struct slice host; /* not given where none says it; likewise tag */
	struct slice tag;
	bool tag_column;
	bool timed;
	int64_t time, time_other;
	int32_t resolution;
};

struct envelope_scratch *envelope_scratch_new(const struct settings *settings)
{
	struct envelope_scratch *scratch = memory_zeroed(1, sizeof(*scratch));

	scratch->json = json_wrap_new();
	scratch->rows = rows_new(settings);
	scratch->hosts = host_names_new(settings);
	if (!scratch->hosts)
		envelope_scratch_free(&scratch);
	return scratch;
}

void envelope_scratch_free(struct envelope_scratch **scratch)
{
	if (!*scratch)
		return;
	host_names_free(&(*scratch)->hosts);
	json_wrap_free(&(*scratch)->json);
	rows_free(&(*scratch)->rows);
	arena_free(&(*scratch)->arena);
	free(*scratch);
	*scratch = NULL;
}

void envelope_scratch_origin(struct envelope_scratch *scratch, struct slice path)
{
	scratch->origin = path;
}

void envelope_use(struct envelope_scratch *scratch, struct envelope_source *source)
{
	rows_use(scratch->rows, source);
}

bool envelope_again(struct envelope_scratch *scratch, struct slice *line)
{
	return rows_again(scratch->rows, line);
}

bool envelope_flush(struct envelope_scratch *scratch)
{
	return rows_flush(scratch->rows, &scratch->arena);
}

bool envelope_told(const struct envelope_scratch *scratch, struct envelope_told *told)
{
	return rows_told(scratch->rows, told);
}

void envelope_scratch_reset(struct envelope_scratch *scratch)
{
	arena_reset(&scratch->arena);
}

struct envelope_memory *envelope_scratch_take(struct envelope_scratch *scratch)
{
	struct envelope_memory *memory;

	if (!scratch->arena.blocks)
		return NULL;
	memory = memory_zeroed(1, sizeof(*memory));
	memory->arena = scratch->arena;
	scratch->arena.blocks = NULL;
	return memory;
}

void envelope_memory_free(struct envelope_memory **memory)
{
	if (!*memory)
		return;
	arena_free(&(*memory)->arena);
	free(*memory);
	*memory = NULL;
}

static inline struct slice skip_blanks(struct slice s)
{
	while (s.length && (s.bytes[0] == ' ' || s.bytes[0] == '\t'))
		s = slice_from(s, 1);
	return s;
}

/* Likewise a byte order mark, which the first line of a file may have. */
static inline struct slice skip_mark(struct slice s)
{
	return slice_starts(s, "\xef\xbb\xbf") ? skip_blanks(slice_from(s, 3)) : s;
}

/* Solaris's syslogd(8) puts "[ID nnn facility.severity] " before each message. */
static struct slice skip_message_id(struct slice text)
{
	const char *end;

	if (!slice_starts(text, "[ID "))
		return text;
	end = memchr(text.bytes, ']', text.length < 48 ? text.length : 48);
	return end ? skip_blanks(slice_from(text, (size_t)(end - text.bytes) + 1)) : text;
}

/* Postfix writes the level before messages that are not informational (src/util/msg_logger.c). */
static void cut_level(struct envelope *out)
{
	static const struct slice levels[] = {{"warning: ", 9}, {"error: ", 7}, {"fatal: ", 7}, {"panic: ", 7}};
	size_t i;

	if (out->text.length == 0 || !memchr("wefp", out->text.bytes[0], 4))
		return;
	for (i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		size_t length = levels[i].length;

		if (out->text.length < length || memcmp(out->text.bytes, levels[i].bytes, length) != 0)
			continue;
		out->level = slice_first(levels[i], length - 2);
		out->text = slice_from(out->text, length);
		return;
	}
}

/* Program and text. */
static enum envelope_result take_message(struct envelope *out, struct slice tag, bool tag_column, bool tag_short,
                                         struct slice text)
{
	struct tag split = tag_split(tag, tag_column);
	struct slice body;
	uint64_t count = 0;

	out->instance = split.instance;
	out->program = slice_given(split.program) ? split.program : SLICE("");
	out->program_cut = split.cut || tag_short;
	out->level = SLICE_NONE;
	out->repeated = 1;
	out->repeats = 0;
	out->lost = 0;
	out->text = skip_message_id(skip_blanks(text));
	switch (note_read(out->program, out->text, &body, &count)) {
	case NOTE_UNFOLDED:
		out->text = body;
		out->repeated = count < UINT32_MAX ? (uint32_t)count : UINT32_MAX;
		break;
	case NOTE_REPEATED:
		out->repeated = 0;
		out->repeats = count < UINT32_MAX ? (uint32_t)count : UINT32_MAX;
		out->text = SLICE("");
		return ENVELOPE_NOTE;
	case NOTE_LOST:
		out->lost = count;
		out->text = SLICE("");
		return ENVELOPE_NOTE;
	case NOTE_NONE: break;
	}
	cut_level(out);
	return ENVELOPE_OK;
}

/* "/var/log/exim4/mainlog.1": rotated files of one folder are one host's */
static struct slice folder_of(struct slice path)
{
	const char *slash = path.length ? memrchr(path.bytes, '/', path.length) : NULL;

	return slash ? slice_first(path, (size_t)(slash - path.bytes)) : SLICE("");
}

static const struct zone *take_host(struct envelope_scratch *scratch, struct slice host, struct envelope *out)
{
	const struct host_name *known = host_names_find(scratch->hosts, host.length ? host : scratch->origin);

	if (!host.length && slice_given(scratch->origin))
		host = folder_of(scratch->origin);
	out->host = slice_given(known->name) ? known->name : slice_given(host) ? host : SLICE("");
	return known->zone;
}

/* Cuts `rest` apart where it is a line of its own, with a tag to prove it. */
static bool scan_inner(struct slice rest, struct syslog_line *inner)
{
	return syslog_likely(rest) && !syslog_scan(rest, inner) && inner->tag_sure;
}

/* A line that a relay or a file reader put a head of its own before: "STAMP relay tag: STAMP host tag[pid]: ...", or
 * without the tag, so that the inner stamp was taken for one. */
static void open_inner(struct syslog_line *line)
{
	unsigned depth;

	for (depth = 0; depth < WRAPS_MOST; depth++) {
		struct slice rest = line->text;
		struct syslog_line inner;

		if (slice_given(line->tag) && !line->tag_column)
			rest = (struct slice){line->tag.bytes,
			                      (size_t)(line->text.bytes + line->text.length - line->tag.bytes)};
		if (!scan_inner(rest, &inner) && !scan_inner(line->text, &inner))
			return;
		if (!slice_given(inner.host))
			inner.host = line->host;
		*line = inner;
	}
}

/* A row of a table, which says all itself. */
static enum envelope_result take_row(struct envelope_scratch *scratch, const struct tracking_row *row,
                                     struct slice host_around, struct envelope *out, const char **reason)
{
	struct slice host = row->host;
	const struct zone *zone;

	if (!slice_given(host) && slice_given(host_around))
		host = tracking_server(host_around, &scratch->arena);
	zone = take_host(scratch, host, out);
	out->time = out->time_other = row->time;
	out->resolution = row->resolution;
	if (!row->numbered) {
		if (!timestamp_resolve(&scratch->times, &row->stamp, zone, 0, &out->time, &out->time_other)) {
			*reason = "no such date";
			return ENVELOPE_UNPARSED;
		}
		out->resolution = row->stamp.resolution;
	}
	out->instance = SLICE("");
	out->program = row->program;
	out->level = SLICE_NONE;
	out->program_cut = false;
	out->repeated = 1;
	out->repeats = 0;
	out->lost = 0;
	out->text = tracking_row_text(row, out->time, &scratch->arena);
	return ENVELOPE_OK;
}

/* False where the line is no row of a table, nor a header of one. */
static bool open_rows(struct envelope_scratch *scratch, struct slice text, bool header, const struct wrapping *around,
                      struct envelope *out, enum envelope_result *result, const char **reason)
{
	struct tracking_row row; /* most lines are none: it is large, and set only where one is */

	switch (rows_open(scratch->rows, text, around->file, header, &scratch->arena, &row, reason)) {
	case ROWS_ROW: *result = take_row(scratch, &row, around->host, out, reason); return true;
	case ROWS_NOTHING: *result = ENVELOPE_EMPTY; return true;
	case ROWS_BAD: *result = ENVELOPE_UNPARSED; return true;
	case ROWS_AGAIN: *result = ENVELOPE_AGAIN; return true;
	case ROWS_OTHER: break;
	}
	return false;
}

/* Of texts that begin so, note_read() and skip_message_id() may look at more than their first bytes. */
static bool may_be_note(const struct envelope *out)
{
	return out->repeated != 1 || memchr("mlL-[", out->text.bytes[0], 5) ||
	       (out->program.length >= 7 && memchr("rsj", out->program.bytes[0], 3));
}

/* Told by its first bytes: the line is no row, note or wrapper, holds no other, and its tag ends before its text. */
static struct envelope_head head_of(const struct envelope_scratch *scratch, struct slice whole, struct slice tag,
                                    const struct syslog_line *line, const struct envelope *out)
{
	struct envelope_head head = {.hinted = line->stamp.year == 0};
	struct slice behind = {tag.bytes, (size_t)(whole.bytes + whole.length - tag.bytes)};

	if (!slice_given(tag) || line->tag.bytes != tag.bytes || out->text.length < TEXT_LOOKED_AT ||
	    may_be_note(out) || syslog_likely(out->text) || (!line->tag_column && syslog_likely(behind)) ||
	    !rows_idle(scratch->rows))
		return head;
	head.text = (size_t)(out->text.bytes - whole.bytes);
	head.length = head.text + TEXT_LOOKED_AT;
	return head;
}

struct envelope_head envelope_head(const struct envelope_scratch *scratch)
{
	return scratch->head;
}

enum envelope_result envelope_more(struct envelope_scratch *scratch, struct envelope *out, const char **reason)
{
	struct tracking_row row; /* of most lines there are none: it is large */

	if (!rows_more(scratch->rows, &scratch->arena, &row))
		return ENVELOPE_EMPTY;
	return take_row(scratch, &row, SLICE_NONE, out, reason);
}

/* A row before which its shipper put cells of its own, with tabs between them, as Snare and Kiwi do. False where there is none. */
static bool open_cells(struct envelope_scratch *scratch, struct slice text, const struct wrapping *around,
                       struct envelope *out, enum envelope_result *result, const char **reason)
{
	const char *tab;

	while (text.length && (tab = memchr(text.bytes, '\t', text.length))) {
		text = slice_from(text, (size_t)(tab - text.bytes) + 1);
		if (text.length > 4 && text.bytes[0] >= '0' && text.bytes[0] <= '9' && text.bytes[4] == '-')
			return open_rows(scratch, text, false, around, out, result, reason);
	}
	return false;
}

static enum envelope_result open_syslog(struct envelope_scratch *scratch, struct syslog_line *line, int64_t hint,
                                        const struct wrapping *around, struct envelope *out, const char **reason)
{
	const struct zone *zone;
	struct wrapping row_around = *around;
	enum envelope_result result;

	open_inner(line);
	if (slice_given(line->host))
		row_around.host = line->host;
	line->text = skip_blanks(line->text);
	if (line->text.length && line->text.bytes[0] >= '0' && line->text.bytes[0] <= '9' &&
	    open_rows(scratch, line->text, false, &row_around, out, &result, reason))
		return result;
	if (!line->tag_sure && open_cells(scratch, line->text, &row_around, out, &result, reason))
		return result;
	zone = take_host(scratch, slice_given(line->host) ? line->host : around->host, out);
	if (!timestamp_resolve(&scratch->times, &line->stamp, zone, around->timed ? around->time : hint, &out->time,
	                       &out->time_other)) {
		*reason = "no such date";
		return ENVELOPE_UNPARSED;
	}
	out->resolution = line->stamp.resolution;
	if (!slice_given(line->tag) && slice_given(around->tag))
		return take_message(out, around->tag, around->tag_column, false, line->text);
	return take_message(out, line->tag, line->tag_column, line->tag_short, line->text);
}

/* A message whose time, host and program stand in the wrapper. */
static enum envelope_result open_body(struct envelope_scratch *scratch, struct slice text,
                                      const struct wrapping *around, struct envelope *out, const char **reason)
{
	struct syslog_line line;

	if (!around->timed) {
		*reason = "no time stamp";
		return ENVELOPE_UNPARSED;
	}
	take_host(scratch, around->host, out);
	out->time = around->time;
	out->time_other = around->time_other;
	out->resolution = around->resolution;
	syslog_scan_tag(text, &line); /* a template may have put the tag before the message */
	if (line.tag_sure &&
	    (tag_numbered(line.tag) || (!slice_given(around->tag) && memchr(line.tag.bytes, '/', line.tag.length))))
		return take_message(out, line.tag, false, false, line.text);
	return take_message(out, around->tag, around->tag_column, false, text);
}

static void wrap_time(struct envelope_scratch *scratch, const struct json_time *time, int64_t hint,
                      struct wrapping *around)
{
	struct envelope ignored;
	int64_t first, second;

	if (!time->given)
		return;
	if (time->number) {
		around->time = around->time_other = time->time;
		around->resolution = time->resolution;
		around->timed = true;
		return;
	}
	if (!timestamp_resolve(&scratch->times, &time->stamp, take_host(scratch, around->host, &ignored), hint, &first,
	                       &second))
		return;
	around->time = first;
	around->time_other = second;
	around->resolution = time->stamp.resolution;
	around->timed = true;
}

/* A wrapper without a message: it may be a row that the shipper took apart. why: else what is wrong with it, or NULL. */
static enum envelope_result open_fields(struct envelope_scratch *scratch, struct slice json, const char *why,
                                        const struct wrapping *around, struct envelope *out, const char **reason)
{
	struct tracking_row row;

	if (trace_event(json, &scratch->arena, &row))
		return take_row(scratch, &row, around->host, out, reason);
	if (!why)
		return ENVELOPE_EMPTY;
	*reason = why;
	return ENVELOPE_UNPARSED;
}

static enum envelope_result open_json(struct envelope_scratch *scratch, struct slice json, int64_t hint,
                                      struct wrapping *around, struct envelope *out, const char **reason)
{
	struct json_line line;
	struct syslog_line syslog;
	struct slice text;
	enum envelope_result result;
	const char *why = json_wrap_read(scratch->json, &scratch->arena, json, &line);

	if (why && why != envelope_no_message) {
		*reason = why;
		return ENVELOPE_UNPARSED;
	}
	if (slice_given(line.host))
		around->host = line.host;
	if (slice_given(line.tag)) {
		around->tag = line.tag;
		around->tag_column = line.tag_column;
	}
	wrap_time(scratch, &line.time, hint, around);
	text = skip_mark(skip_blanks(syslog_trim(line.message)));
	if (text.length == 0)
		return open_fields(scratch, json, why, around, out, reason);
	/* A host's lines are of one file where no name is told. */
	around->file = hash_bytes(around->host.bytes, around->host.length, 1);
	if (slice_given(line.file))
		around->file = hash_bytes(line.file.bytes, line.file.length, around->file);
	if (open_rows(scratch, text, false, around, out, &result, reason))
		return result;
	if (text.bytes[0] == '{' && !slice_given(around->tag)) { /* else a program's own business */
		if (++around->depth < WRAPS_MOST)
			return open_json(scratch, text, hint, around, out, reason);
		*reason = "JSON is nested too deeply";
		return ENVELOPE_UNPARSED;
	}
	if (syslog_likely(text) && !syslog_scan(text, &syslog) && (syslog.tag_sure || !slice_given(around->tag)))
		return open_syslog(scratch, &syslog, hint, around, out, reason);
	if (!slice_given(around->tag) && open_rows(scratch, text, true, around, out, &result, reason))
		return result;
	return open_body(scratch, text, around, out, reason);
}

char *envelope_names(struct slice line)
{
	struct json_wrap *json = json_wrap_new();
	struct arena arena = {0};
	struct json_line read;
	char *names;

	line = skip_blanks(syslog_trim(line));
	if (!json_wrap_read(json, &arena, line, &read) && slice_starts(read.message, "{"))
		line = read.message;
	names = json_wrap_names(json, line);
	arena_free(&arena);
	json_wrap_free(&json);
	return names;
}

enum envelope_result envelope_open(struct envelope_scratch *scratch, struct slice line, int64_t timestamp,
                                   struct envelope *out, const char **reason)
{
	struct wrapping around = {.host = SLICE_NONE, .tag = SLICE_NONE};
	struct syslog_line syslog;
	struct slice text = skip_blanks(syslog_trim(line)), tag;
	enum envelope_result result;
	const char *why;

	assert(scratch);
	scratch->head = (struct envelope_head){0};
	rows_begin(scratch->rows, line);
	text = skip_mark(text);
	if (text.length == 0) {
		if (line.length == 0 || !memchr(line.bytes, '\0', line.length))
			return ENVELOPE_EMPTY;
		*reason = "only NUL bytes";
		return ENVELOPE_UNPARSED;
	}
	if (open_rows(scratch, text, false, &around, out, &result, reason))
		return result;
	if (text.bytes[0] == '{')
		return open_json(scratch, text, timestamp, &around, out, reason);
	if (slice_starts(text, "-- ")) /* "-- Reboot --", which journalctl writes between lines */
		return ENVELOPE_EMPTY;
	why = syslog_scan(text, &syslog);
	if (why) {
		if (open_rows(scratch, text, true, &around, out, &result, reason) ||
		    open_cells(scratch, text, &around, out, &result, reason))
			return result;
		*reason = text.bytes[0] == '[' ? "JSON, but no object" : why;
		return ENVELOPE_UNPARSED;
	}
	tag = syslog.tag;
	result = open_syslog(scratch, &syslog, timestamp, &around, out, reason);
	if (result == ENVELOPE_OK)
		scratch->head = head_of(scratch, line, tag, &syslog, out);
	return result;
}
