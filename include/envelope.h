/* SPDX-License-Identifier: Apache-2.0
 *
 * The envelope stage takes the transport wrapping off a line: syslog (RFC 3164,
 * RFC 5424, ISO time stamps), JSON of the common shippers, and says when, on
 * which host and by which program it was written. Lines of tables (CSV of
 * Exchange, message traces) become such lines too. What it keeps between lines is what a source's
 * headers said of the lines after them: struct envelope_source. All slices point into the record's bytes or into the scratch.
 */
#ifndef MAILSTORM_ENVELOPE_H
#define MAILSTORM_ENVELOPE_H

#include <stdbool.h>
#include <stdint.h>

#include "record.h"

struct settings;

struct envelope {
	int64_t time;          /* microseconds since 1970, UTC */
	int64_t time_other;    /* in the hour that daylight saving repeats: `time` is the earlier reading of a local
	                       * time stamp, this the later one; else equal to time */
	int32_t resolution;    /* microseconds that the time stamp resolves: 1000000, 1000, 1 ... */
	struct slice host;     /* as in the line, else as in its wrapper, else the folder of its file; or its configured
	                       * name (host "glob" { name }). Empty where nothing names one */
	struct slice instance; /* Postfix syslog_name: all before the last '/' of the tag; empty if none */
	struct slice program;  /* last component of the tag, no [pid]; empty where nothing names one */
	struct slice level;    /* "warning", "error", "fatal", "panic" where the text began so; else not given.
	                       * It is cut from text */
	struct slice text;     /* the body */
	bool program_cut;      /* the shipper may have lost what followed '/' (bare "postfix"; of "postfix-out/smtp"
	                       * instance "postfix-out" is left), or the whole tag: rules must go by the body's shape */
	uint32_t repeated;     /* times this body was told by "message repeated N times: [ ... ]"; 1 normally;
	                       * 0: the line only says that the line before it was repeated (text empty) */
	uint32_t repeats;      /* with repeated == 0: how many times */
	uint64_t lost;         /* messages that the log pipeline says it lost here (rsyslog, journald, syslog-ng); 0 =
	                       * none, or the note only says that the losing begins (a later one will count it) */
};

enum envelope_result {
	ENVELOPE_OK,
	ENVELOPE_NOTE,    /* a line of the log pipeline itself: repeated/lost are set, there is no body to match */
	ENVELOPE_EMPTY,   /* blank line, or a wrapper whose message is empty: nothing to count but the line */
	ENVELOPE_AGAIN,   /* lines that were held back, this one the last of them, are no row: see envelope_again() */
	ENVELOPE_UNPARSED /* not understood; *reason says why in a few fixed words */
};

struct envelope_scratch; /* one per thread: decoded JSON strings, time zone cache */

/* Loads the time zones that the settings name; the settings (borrowed; NULL: none) must outlive it. NULL where one
 * cannot be loaded, which settings_load() has ruled out unless the tz database was changed since. */
struct envelope_scratch *envelope_scratch_new(const struct settings *settings);
void envelope_scratch_free(struct envelope_scratch **scratch);

/* After ENVELOPE_AGAIN, or envelope_flush(): the next of the lines that were held back, to be opened by itself; it lives as
 * long as what was decoded. False: no more. */
bool envelope_again(struct envelope_scratch *scratch, struct slice *line);

/* Nothing more will come of the source: what it holds back is to be opened line by line. False where it holds nothing. */
bool envelope_flush(struct envelope_scratch *scratch);

/* From now on, lines come from this file (its path, borrowed): it stands for the host of those that name none, such as
 * Exim's own log. Not given: from no file. */
void envelope_scratch_origin(struct envelope_scratch *scratch, struct slice path);

/* What was told in one source about the lines that follow: the columns of a table, a document that is laid out over several
 * lines. One for each partition; its lines must be opened in their order, by one thread at a time. */
struct envelope_source;
struct envelope_source *envelope_source_new(void);
void envelope_source_free(struct envelope_source **source);

/* What one line told, for a source's second copy: that of whoever is behind the thread that opens the lines. */
struct envelope_told {
	bool cut;      /* a document ended early */
	bool document; /* the line is of one over several lines; else it is a header */
	bool row;      /* ... and a row ended in it */
	bool held;     /* ... or it is held back: a cell goes on in the next line */
	bool released; /* what was held back before, of the file held_of, is not any more */
	uint64_t held_of;
	uint64_t file;     /* hash of the file's name, 0: not told */
	struct slice raw;  /* the line as it came, where it is held back */
	struct slice text; /* the line in its wrapper; not given: it told nothing */
};

/* Takes a line in that was opened under another copy. */
void envelope_source_take(struct envelope_source *source, const struct envelope_told *told);

/* The source as bytes to be stored, and back: into a new one; false where they are not what they should be. The caller
 * frees what is saved; *length 0: nothing is told. */
char *envelope_source_save(const struct envelope_source *source, size_t *length);
bool envelope_source_restore(struct envelope_source *source, struct slice saved);

/* The lines that are opened from now on are of this source (borrowed). NULL, as at first: of none, each stands for itself. */
void envelope_use(struct envelope_scratch *scratch, struct envelope_source *source);

/* line: one line (no newline) of a record. timestamp: the record's, for the year: the latest that puts the line not
 * more than a day after it; a wrapper's own time goes before it. 0: not known, the year is then 1970 (1972 for
 * February 29).
 * Slices of *out stay valid until the scratch is reset or the record is released. reason: static string, set for
 * ENVELOPE_UNPARSED. *out is filled for ENVELOPE_OK and ENVELOPE_NOTE only. */
enum envelope_result envelope_open(struct envelope_scratch *scratch, struct slice line, int64_t timestamp,
                                   struct envelope *out, const char **reason);

/* The reason of a line of JSON in which no field is known to hold the message: its shipper names them in its own way. */
extern const char envelope_no_message[];

/* The names of the fields in an object of JSON, or in the one that is its message, those in objects within it behind a dot,
 * for people: "host, log.level, txt". Some of them where there are many; "?" for what is no plain word and may be somebody's
 * address. "" where it is no object. malloc'ed. */
char *envelope_names(struct slice line);

/* What in a line tells its envelope. */
struct envelope_head {
	size_t length; /* so many of its first bytes, of the text's some; 0: more than those, or not only the line */
	size_t text;   /* where the text begins */
	bool hinted;   /* ... and the record's time stamp, for the year */
};

/* After ENVELOPE_OK of envelope_open(), where no line was held back or told anything since: any line that begins with these
 * bytes, and ends in a byte that is no blank, has the same envelope, but for what follows in its text. */
struct envelope_head envelope_head(const struct envelope_scratch *scratch);

/* After envelope_open(): what the line told of those after it. False where nothing. */
bool envelope_told(const struct envelope_scratch *scratch, struct envelope_told *told);

/* After ENVELOPE_OK, of envelope_open() or of this: a line may hold several rows, this opens the next. ENVELOPE_EMPTY: there
 * is no more. */
enum envelope_result envelope_more(struct envelope_scratch *scratch, struct envelope *out, const char **reason);

/* Gives back the memory of decoded strings; call between batches. The caller keeps events of a batch valid by
 * not resetting before they are used: each batch in work has its own scratch memory, see
 * envelope_scratch_take(). */
void envelope_scratch_reset(struct envelope_scratch *scratch);

/* Detaches the memory that decoded strings of the lines since the last reset live in; the caller frees it
 * with envelope_memory_free() when the batch is done. NULL where nothing was decoded. */
struct envelope_memory;
struct envelope_memory *envelope_scratch_take(struct envelope_scratch *scratch);
void envelope_memory_free(struct envelope_memory **memory);

#endif
