/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what syslog daemons and the journal write of their own: repetitions
 * and losses. Each text is taken from the source that writes it, named beside
 * it. Only what the daemon itself tags as its own is believed to be a loss. A
 * notice of another shape is an ordinary message. Keeps nothing.
 */
#include "parsers/note.h"

#include "daemon/base/ascii.h"

#define NOTICE_MAX 1024 /* no notice of these daemons is longer */

/* A number at the beginning of *text, which moves on behind it. */
static bool take_number(struct slice *text, uint64_t *number)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < text->length && ascii_is_digit(text->bytes[i]); i++) {
		if (n > UINT64_MAX / 10 - 1)
			return false;
		n = n * 10 + (uint64_t)(text->bytes[i] - '0');
	}
	*number = n;
	*text = slice_from(*text, i);
	return i > 0;
}

static bool take_words(struct slice *text, const char *words)
{
	if (!slice_starts(*text, words))
		return false;
	*text = slice_from(*text, strlen(words));
	return true;
}

/* Where `words` begin in a notice's text; its length where they do not. */
static size_t find_words(struct slice text, const char *words)
{
	size_t length = strlen(words);
	size_t i;

	for (i = 0; i + length <= text.length; i++)
		if (memcmp(text.bytes + i, words, length) == 0)
			return i;
	return text.length;
}

/* The number that ends right before `at`. */
static bool number_before(struct slice text, size_t at, uint64_t *number)
{
	size_t begin = at;
	struct slice digits;

	while (begin > 0 && ascii_is_digit(text.bytes[begin - 1]))
		begin--;
	digits = slice_first(slice_from(text, begin), at - begin);
	return take_number(&digits, number) && digits.length == 0;
}

/* " time" or " times", then `end` or nothing */
static bool take_times(struct slice *text)
{
	return take_words(text, " times") || take_words(text, " time");
}

/* "last message repeated N times": BSD's and Solaris's syslogd; rsyslog before version 5 (action.c), then with the
 * program's own tag. macOS puts it between dashes. */
static bool read_last_repeated(struct slice text, uint64_t *count)
{
	take_words(&text, "--- ");
	if (!take_words(&text, "last message repeated ") || !take_number(&text, count) || !take_times(&text))
		return false;
	return text.length == 0 || slice_is(text, " ---") || slice_is(text, ".");
}

/* "Last message 'THE FIRST 20 BYTES' repeated N times, suppressed by syslog-ng on HOST": syslog-ng, lib/logwriter.c,
 * log_writer_emit_suppress_summary(). It carries the program of the message. */
static bool read_suppressed(struct slice text, uint64_t *count)
{
	static const char end[] = " times, suppressed by syslog-ng on ";
	size_t at;

	if (!slice_starts(text, "Last message '"))
		return false;
	text = slice_first(text, NOTICE_MAX);
	at = find_words(text, end);
	return at < text.length && number_before(text, at, count);
}

/* " message repeated N times: [BODY]" with at most 800 bytes of BODY: rsyslog, runtime/ratelimit.c,
 * ratelimitGenRepMsg(). N counts the messages that this line stands for; the first was written before. */
static bool read_unfolded(struct slice text, struct slice *body, uint64_t *count)
{
	if (!take_words(&text, "message repeated ") || !take_number(&text, count) || !take_times(&text) ||
	    !take_words(&text, ": ["))
		return false;
	while (text.length && text.bytes[0] == ' ')
		text = slice_from(text, 1);
	if (text.length && text.bytes[text.length - 1] == ']') /* else the line was cut */
		text.length--;
	*body = text;
	return *count > 0;
}

/* rsyslog:
 *   "NAME: N messages lost due to rate-limiting [(B allowed within S seconds)]" and
 *   "NAME from <APP>: begin to drop messages due to rate-limiting", NAME imjournal, imuxsock[...] and others:
 *       runtime/ratelimit.c, tellLostCnt(), withinRatelimit()
 *   "imuxsock lost N messages from pid P due to rate-limiting" and
 *   "imuxsock begins to drop messages from pid P due to rate-limiting": plugins/imuxsock/imuxsock.c of versions 5 and 6
 * An action that is suspended loses nothing yet. */
static bool read_rsyslog(struct slice text, uint64_t *count)
{
	static const char lost[] = " messages lost due to rate-limiting";
	size_t at = find_words(text, lost);

	if (at < text.length)
		return number_before(text, at, count);
	if (find_words(text, "due to rate-limiting") == text.length)
		return false;
	*count = 0;
	if (take_words(&text, "imuxsock lost "))
		return take_number(&text, count) && take_words(&text, " messages from pid ");
	return find_words(text, ": begin to drop messages due to ") < text.length ||
	       slice_starts(text, "imuxsock begins to drop messages ");
}

/* systemd, src/journal/:
 *   "Suppressed N messages from UNIT"      journald-manager.c (journald-server.c before version 258)
 *   "Missed N kernel messages"             journald-kmsg.c
 *   "Forwarding to syslog missed N messages."  journald-syslog.c: what a syslog daemon behind the journal never got */
static bool read_journald(struct slice text, uint64_t *count)
{
	if (take_words(&text, "Suppressed "))
		return take_number(&text, count) && slice_starts(text, " messages from ");
	if (take_words(&text, "Missed "))
		return take_number(&text, count) && slice_is(text, " kernel messages");
	if (take_words(&text, "Forwarding to syslog missed "))
		return take_number(&text, count) && slice_starts(text, " messages");
	return false;
}

/* syslog-ng, lib/logthrdest/logthrdestdrv.c, _process_result_drop() and _process_result_error(): a batch is given
 * up, its size is the value of batch_size. The dropped= of its "Log statistics" counts from its start on: no news. */
static bool read_syslog_ng(struct slice text, uint64_t *count)
{
	static const char size[] = " batch_size='";

	if (!slice_starts(text, "Message(s) dropped while sending message to destination;") &&
	    !slice_starts(text, "Multiple failures while sending message(s) to destination, message(s) dropped;"))
		return false;
	text = slice_from(text, find_words(text, size));
	return take_words(&text, size) && take_number(&text, count);
}

static bool read_lost(struct slice program, struct slice text, uint64_t *count)
{
	text = slice_first(text, NOTICE_MAX);
	if (slice_starts(program, "rsyslog")) /* "rsyslogd", "rsyslogd-2177", "rsyslogd0"; its unit, rsyslog.service */
		return read_rsyslog(text, count);
	if (slice_is(program, "systemd-journald") || slice_is(program, "systemd-journal") ||
	    slice_is(program, "journal"))
		return read_journald(text, count);
	if (slice_is(program, "syslog-ng"))
		return read_syslog_ng(text, count);
	return false;
}

enum note_kind note_read(struct slice program, struct slice text, struct slice *body, uint64_t *count)
{
	char first = text.length ? text.bytes[0] : '\0';

	if (first == 'm' && read_unfolded(text, body, count))
		return NOTE_UNFOLDED;
	if (((first == 'l' || first == '-') && read_last_repeated(text, count)) ||
	    (first == 'L' && read_suppressed(text, count)))
		return NOTE_REPEATED;
	if (program.length >= 7 && (program.bytes[0] == 'r' || program.bytes[0] == 's' || program.bytes[0] == 'j') &&
	    read_lost(program, text, count))
		return NOTE_LOST;
	return NOTE_NONE;
}
