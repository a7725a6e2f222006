/* SPDX-License-Identifier: Apache-2.0
 *
 * Cuts the head of a syslog line apart, by the bytes it meets and from left to
 * right. RFC 3164 describes what was seen in the wild, and the wild has gone
 * on since: relays that leave out the host, loggers that add the facility, tags
 * with colons, brackets and slashes in them. A line without a time stamp is
 * not guessed at; the caller counts it. Keeps nothing.
 */
#include "parsers/syslog.h"

#include "daemon/base/ascii.h"

#define HOST_MAX 255
#define TAG_MAX 200
#define LABEL_MAX 80
#define HEADS_MOST 2
#define TAG_CUT 32 /* RSYSLOG_TraditionalForwardFormat and other relays forward %syslogtag:1:32% */

static inline size_t find(struct slice s, char c)
{
	const char *p = s.length ? memchr(s.bytes, c, s.length) : NULL;

	return p ? (size_t)(p - s.bytes) : s.length;
}

static inline struct slice skip_blanks(struct slice s)
{
	size_t i = 0;

	while (i < s.length && (s.bytes[i] == ' ' || s.bytes[i] == '\t'))
		i++;
	return slice_from(s, i);
}

struct slice syslog_trim(struct slice line)
{
	if (line.length >= 3 && memcmp(line.bytes, "\xef\xbb\xbf", 3) == 0)
		line = slice_from(line, 3);
	while (line.length && line.bytes[0] == '\0')
		line = slice_from(line, 1);
	while (line.length) {
		char c = line.bytes[line.length - 1];

		if (c != ' ' && c != '\t' && c != '\r' && c != '\n' && c != '\0')
			break;
		line.length--;
	}
	return line;
}

bool syslog_likely(struct slice line)
{
	const char *p = line.bytes;

	if (line.length < 15)
		return false;
	if (p[0] == '<')
		return ascii_is_digit(p[1]);
	if (ascii_is_digit(p[0]))
		return ascii_is_digit(p[1]) && ascii_is_digit(p[2]) && ascii_is_digit(p[3]) &&
		       (p[4] == '-' || p[4] == ' ' || (ascii_is_digit(p[4]) && (p[10] == '.' || p[10] == ' ')));
	return p[0] >= 'A' && p[0] <= 'W' && p[3] == ' ' && (p[4] == ' ' || ascii_is_digit(p[4]) || p[7] == ' ');
}

/* A pid in brackets at the end of a token: where the bracket opens, else the length. The closing one may be cut. */
static size_t find_pid(struct slice token)
{
	size_t end = token.length;
	size_t i;

	if (end && token.bytes[end - 1] == ']')
		end--;
	for (i = end; i > 0 && ascii_is_digit(token.bytes[i - 1]); i--)
		;
	if (i < 2 || token.bytes[i - 1] != '[' || i == end)
		return token.length;
	return i - 1;
}

/* What programs are named by where no colon ends the name. */
static bool is_tag(struct slice token)
{
	size_t i;

	for (i = 0; i < token.length; i++) {
		char c = token.bytes[i];

		if (!(ascii_is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		      memchr("_./+@-[]()", c, 10)))
			return false;
	}
	return token.length > 0;
}

/* Where "prog[123]:" ends in a token that goes on after it: the colon, else 0. */
static size_t find_inner_colon(struct slice token)
{
	size_t i;

	for (i = 1; i < token.length; i++)
		if (token.bytes[i] == ':' && token.bytes[i - 1] == ']' && find_pid(slice_first(token, i)) < i)
			return i;
	i = find(token, ':');
	return i < token.length && is_tag(slice_first(token, i)) ? i : 0;
}

/* Where the text goes on right behind "prog[123]", as rsyslog's %syslogtag%%msg% writes what came by RFC 5424: there the
 * tag ends, else 0. */
static size_t find_glued(struct slice token)
{
	size_t end = find(token, ']') + 1;

	return end < token.length && token.bytes[end] != ':' && is_tag(slice_first(token, end)) &&
	                       find_pid(slice_first(token, end)) < end
	               ? end
	               : 0;
}

static void take_tag(struct syslog_line *out, struct slice text, size_t tag_length, size_t skipped)
{
	out->tag = slice_first(text, tag_length);
	out->tag_sure = true;
	out->text = skip_blanks(slice_from(text, skipped));
}

/* "2016-11-14T08:", as a row of a table begins that was put behind the host's name. */
static bool is_stamp(struct slice text)
{
	return text.length > 14 && ascii_is_digit(text.bytes[0]) && text.bytes[4] == '-' && text.bytes[7] == '-' &&
	       text.bytes[10] == 'T' && text.bytes[13] == ':';
}

/* What syslogd(8) itself writes has no tag. */
static bool is_untagged(struct slice text)
{
	return is_stamp(text) || slice_starts(text, "last message repeated ") ||
	       slice_starts(text, "--- last message repeated ");
}

void syslog_scan_tag(struct slice text, struct syslog_line *out)
{
	struct slice token;
	size_t colon, glued;
	bool ended;

	out->tag = SLICE_NONE;
	out->tag_sure = out->tag_column = out->tag_short = false;
	out->text = text = skip_blanks(text);
	token = slice_first(text, find(slice_first(text, TAG_MAX), ' '));
	if (token.length == 0 || token.length >= TAG_MAX || is_untagged(text))
		return;
	ended = token.length > 1 && token.bytes[token.length - 1] == ':';
	glued = ended && token.bytes[token.length - 2] == ']' ? 0 : find_glued(token);
	if (glued > 0) {
		take_tag(out, text, glued, glued);
	} else if (ended) {
		take_tag(out, text, token.length - 1, token.length);
	} else if ((colon = find_inner_colon(token)) > 0) {
		take_tag(out, text, colon, colon + 1);
	} else if (is_tag(token)) {
		take_tag(out, text, token.length, token.length);
		out->tag_sure = find_pid(token) < token.length;
		out->tag_short = token.length == TAG_CUT && !out->tag_sure;
	}
}

/* "mail:info" or "mail.info", which AIX's and BusyBox's syslogd write before the tag */
static bool is_facility(struct slice token)
{
	static const char *const severities[] = {"emerg", "alert",   "crit",   "err",  "error",
	                                         "warn",  "warning", "notice", "info", "debug"};
	size_t facility = find(slice_first(token, find(token, ':')), '.');
	struct slice severity = slice_from(token, facility + 1);
	size_t i;

	for (i = 0; facility > 0 && severity.length && i < sizeof(severities) / sizeof(severities[0]); i++)
		if (slice_is(severity, severities[i]))
			return true;
	return false;
}

/* The token is a tag, so the host before it is missing: "postfix/smtp[1]:" - but "2001:db8::" is a host. */
static bool host_missing(struct slice token)
{
	size_t n = token.length;

	if (n < 2)
		return false;
	if (token.bytes[n - 1] == ':')
		return token.bytes[n - 2] != ':';
	return token.bytes[n - 1] == ']' && token.bytes[0] != '[' && find_pid(token) < n;
}

static bool is_host(struct slice token)
{
	size_t i;

	for (i = 0; i < token.length; i++) {
		unsigned char c = (unsigned char)token.bytes[i];

		if (!(ascii_is_digit((char)c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80 ||
		      memchr(".-_:[]/@%+~#*", c, 13)))
			return false;
	}
	return token.length > 0 && token.length <= HOST_MAX;
}

/* "1dJ08B-0003oP-5i" or, from Exim 4.97 on, "10HmaX-000000005vi-0000": what Exim's own main log has after the stamp */
static bool is_exim_id(struct slice token)
{
	size_t second = token.length == 23 ? 18 : 13;
	size_t i;

	if ((token.length != 16 && token.length != 23) || token.bytes[6] != '-' || token.bytes[second] != '-')
		return false;
	for (i = 0; i < token.length; i++) {
		char c = token.bytes[i];

		if (i != 6 && i != second && !ascii_is_digit(c) && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z'))
			return false;
	}
	return true;
}

/* What Exim's main log has after the stamp where no message is named; "[123] " is its process, with log_selector +pid. */
static bool is_exim_text(struct slice text)
{
	static const char *const begins[] = {"H=",
	                                     "U=",
	                                     "Start queue run:",
	                                     "End queue run:",
	                                     "exim ",
	                                     "SMTP ",
	                                     "no host name ",
	                                     "no MAIL in ",
	                                     "TLS error ",
	                                     "unexpected ",
	                                     "rejected ",
	                                     "unqualified ",
	                                     "refused connection ",
	                                     "temporarily refused ",
	                                     "Warning: "};
	size_t digits = 1;

	if (text.length && text.bytes[0] == '[') {
		while (digits < text.length && ascii_is_digit(text.bytes[digits]))
			digits++;
		return digits > 1 && digits + 1 < text.length && text.bytes[digits] == ']' &&
		       text.bytes[digits + 1] == ' ';
	}
	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
		if (slice_starts(text, begins[i]))
			return true;
	return false;
}

static void take_exim(struct syslog_line *out, struct slice text)
{
	take_tag(out, text, 0, 0);
	out->tag = SLICE("exim");
	out->tag_column = true;
	out->tag_short = false;
}

/* "Message forwarded from HOST: ", which AIX's syslogd writes after the relay's name */
static struct slice skip_forwarded(struct slice rest, struct syslog_line *out)
{
	static const char words[] = "Message forwarded from ";
	size_t colon;

	if (!slice_starts(rest, words))
		return rest;
	rest = slice_from(rest, sizeof(words) - 1);
	colon = find(slice_first(rest, HOST_MAX), ':');
	if (colon + 1 >= rest.length || !is_host(slice_first(rest, colon)))
		return rest;
	out->host = slice_first(rest, colon);
	return skip_blanks(slice_from(rest, colon + 1));
}

/* "<mail.info> ", which FreeBSD's syslogd -v writes before the host */
static struct slice skip_priority_words(struct slice rest)
{
	size_t end = find(slice_first(rest, 24), '>');

	return end < 24 && end + 1 < rest.length && rest.bytes[end + 1] == ' ' ? skip_blanks(slice_from(rest, end + 1))
	                                                                       : rest;
}

/* HOST TAG: TEXT. exim: the stamp is in the form that Exim's main log has. */
static const char *scan_host_and_tag(struct slice rest, bool exim, struct syslog_line *out)
{
	struct slice token;

	out->host = SLICE_NONE;
	if (rest.length && rest.bytes[0] == '<')
		rest = skip_priority_words(rest);
	token = slice_first(rest, find(slice_first(rest, HOST_MAX + 1), ' '));
	if (token.length == 0)
		return "line ends after the time stamp";
	if (is_exim_id(token)) {
		take_exim(out, rest);
		return NULL;
	}
	if (exim && is_exim_text(rest)) {
		take_exim(out, rest);
		out->tag_sure = false;
		return NULL;
	}
	if (!host_missing(token) && !is_untagged(rest)) {
		if (!is_host(token))
			return "no host name after the time stamp";
		out->host = token;
		rest = skip_blanks(slice_from(rest, token.length));
		if (rest.length == 0)
			return "line ends after the host name";
		if (rest.bytes[0] == 'M')
			rest = skip_forwarded(rest, out);
		token = slice_first(rest, find(slice_first(rest, 24), ' '));
		if (token.length < rest.length && token.length < 24 && is_facility(token))
			rest = skip_blanks(slice_from(rest, token.length));
	}
	syslog_scan_tag(rest, out);
	return NULL;
}

/* The next column of RFC 5424, not given where it is "-"; false where the line ends in it. */
static bool take_column(struct slice *rest, struct slice *column)
{
	size_t length = find(*rest, ' ');

	*column = slice_is(slice_first(*rest, length), "-") ? SLICE_NONE : slice_first(*rest, length);
	if (length == 0 || length == rest->length)
		return false;
	*rest = slice_from(*rest, length + 1);
	return true;
}

/* "-" or [id name="value" ...][...]: the bytes it takes, 0 where it is cut or none. RFC 5424 6.3: in a value \ " and ]
 * are escaped by \ */
static size_t structured_length(struct slice s)
{
	bool quoted = false;
	size_t i = 0;

	if (s.length && s.bytes[0] == '-')
		return 1;
	while (i < s.length && s.bytes[i] == '[') {
		for (i++; i < s.length && (quoted || s.bytes[i] != ']'); i++) {
			if (quoted && s.bytes[i] == '\\')
				i++;
			else if (s.bytes[i] == '"')
				quoted = !quoted;
		}
		if (i >= s.length)
			return 0;
		i++;
	}
	return i;
}

/* TIME HOST APP-NAME PROCID MSGID SD [MSG] */
static const char *scan_rfc5424(struct slice rest, struct syslog_line *out)
{
	size_t length = timestamp_scan(rest, &out->stamp);
	struct slice app, ignored;

	if (length == 0)
		return "no time stamp";
	rest = slice_from(rest, length);
	if (rest.length == 0 || rest.bytes[0] != ' ')
		return "line ends after the time stamp";
	rest = slice_from(rest, 1);
	if (!take_column(&rest, &out->host) || !take_column(&rest, &app) || !take_column(&rest, &ignored) ||
	    !take_column(&rest, &ignored))
		return "line ends within its columns";
	if (slice_given(out->host) && !is_host(out->host))
		return "no host name after the time stamp";
	length = structured_length(rest);
	if (length == 0)
		return "structured data is cut off";
	rest = skip_blanks(slice_from(rest, length));
	if (slice_starts(rest, "\xef\xbb\xbf"))
		rest = skip_blanks(slice_from(rest, 3));
	if (!slice_given(app)) {
		syslog_scan_tag(rest, out);
		if (out->tag_sure)
			return NULL;
	}
	out->tag = app;
	out->tag_sure = slice_given(app);
	out->tag_column = true;
	out->tag_short = false;
	out->text = rest;
	return NULL;
}

/* "<22>": its length, 0 where there is none; RFC 6587 counts octets before it: "123 <22>" */
static size_t priority_length(struct slice line)
{
	size_t i = 0;
	size_t begin;

	if (ascii_is_digit(line.bytes[0])) {
		while (i < line.length && i < 7 && ascii_is_digit(line.bytes[i]))
			i++;
		if (i >= line.length || line.bytes[i++] != ' ')
			return 0;
	}
	if (i >= line.length || line.bytes[i++] != '<')
		return 0;
	for (begin = i; i < line.length && i - begin < 3 && ascii_is_digit(line.bytes[i]); i++)
		;
	return i > begin && i < line.length && line.bytes[i] == '>' ? i + 1 : 0;
}

/* Where a line begins behind what else is put before it: "postfix-1  | " by docker compose, "[pod/mail-0/postfix] " by
 * kubectl logs --prefix, "@" and 24 hexadecimal digits by multilog and s6-log. */
static struct slice skip_label(struct slice line)
{
	size_t bar = find(slice_first(line, LABEL_MAX), '|'), name = find(slice_first(line, LABEL_MAX), ' ');
	struct slice blanks = slice_from(slice_first(line, bar), name);

	if (slice_starts(line, "[pod/"))
		return name > 0 && name < line.length && line.bytes[name - 1] == ']' ? slice_from(line, name + 1)
		                                                                     : line;
	if (name == 25 && name < line.length && line.bytes[0] == '@' &&
	    strspn(line.bytes + 1, "0123456789abcdef") == 24)
		return slice_from(line, name + 1);
	if (name == 0 || blanks.length == 0 || skip_blanks(blanks).length > 0 || bar + 1 >= line.length ||
	    line.bytes[bar] != '|')
		return line;
	return skip_blanks(slice_from(line, bar + 1));
}

static bool begins_with_head(struct slice line)
{
	struct timestamp ignored;

	return syslog_likely(line) &&
	       (line.bytes[0] == '<' ? priority_length(line) > 0 : timestamp_scan(line, &ignored) > 0);
}

/* Behind "stdout F ", which a container's runtime writes between its stamp and what the container wrote */
static struct slice skip_stream(struct slice line)
{
	if (!slice_starts(line, "stdout ") && !slice_starts(line, "stderr "))
		return line;
	return line.length > 9 && (line.bytes[7] == 'F' || line.bytes[7] == 'P') && line.bytes[8] == ' '
	               ? skip_blanks(slice_from(line, 9))
	               : line;
}

/* A stamp that tells no year has that of the one before it, or the next to it about New Year. */
static void take_year(struct timestamp *stamp, const struct timestamp *outer)
{
	if (stamp->year == 0 && outer->year != 0)
		stamp->year = outer->year + (outer->month == 12 && stamp->month == 1) -
		              (outer->month == 1 && stamp->month == 12);
}

/* depth: so many heads are before it */
static const char *scan_line(struct slice line, unsigned depth, struct syslog_line *out)
{
	struct timestamp outer;
	struct slice inner;
	const char *why;
	size_t length;
	bool exim;

	if (line.length == 0)
		return "empty line";
	if (line.bytes[0] == '<' || ascii_is_digit(line.bytes[0]))
		line = skip_blanks(slice_from(line, priority_length(line)));
	if (slice_starts(line, "1 "))
		return scan_rfc5424(slice_from(line, 2), out);
	length = timestamp_scan(line, &out->stamp);
	if (length == 0) {
		struct slice rest = depth == 0 ? skip_label(line) : line;

		return rest.length < line.length ? scan_line(rest, 1, out) : "no time stamp";
	}
	exim = length >= 19 && line.bytes[4] == '-' && line.bytes[10] == ' ';
	line = slice_from(line, length);
	if (line.length && line.bytes[0] == ':') /* as routers write it */
		line = slice_from(line, 1);
	line = skip_blanks(line);
	inner = skip_stream(line);
	if (depth < HEADS_MOST && begins_with_head(inner)) { /* docker logs -t, kubectl logs --timestamps */
		outer = out->stamp;
		why = scan_line(inner, depth + 1, out);
		if (!why)
			take_year(&out->stamp, &outer);
		return why;
	}
	if (inner.length < line.length) {
		out->host = SLICE_NONE;
		syslog_scan_tag(inner, out);
		return NULL;
	}
	return scan_host_and_tag(line, exim, out);
}

const char *syslog_scan(struct slice line, struct syslog_line *out)
{
	return scan_line(line, 0, out);
}
