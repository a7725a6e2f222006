/* SPDX-License-Identifier: Apache-2.0
 *
 * Encoded words, see encoded_word.h. Words of one character set that stand
 * behind each other are decoded as one, since a character may be split between them.
 */
#include "daemon/correlate/encoded_word.h"

#include <errno.h>
#include <iconv.h>
#include <strings.h>

#include "daemon/base/memory.h"

#define CHARSET_MAX 40

struct word {
	struct slice charset;
	struct slice text;
	char encoding; /* 'b' or 'q' */
	size_t length; /* bytes in the header */
};

/* The bytes of words of one character set. */
struct group {
	struct slice charset;
	char *bytes;
	size_t length, capacity;
	size_t end; /* of its last word in the header */
};

/* Names that mailers use for something larger, or that iconv has under another name. */
static const char *const charset_names[][2] = {
	{"gb2312", "GB18030"},
	{"gbk", "GB18030"},
	{"x-gbk", "GB18030"},
	{"ks_c_5601-1987", "UHC"},
	{"euc-kr", "UHC"},
	{"shift_jis", "CP932"},
	{"x-sjis", "CP932"},
	{"iso-8859-1", "CP1252"},
	{"iso-8859-8-i", "ISO-8859-8"},
	{"unicode-1-1-utf-7", "UTF-7"},
};

static bool charset_character(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c && strchr("-_.:+()", c));
}

/* iconv's name of a character set without its language (RFC 2231 `*en`); false where it cannot be one. */
static bool charset_name(struct slice charset, char name[CHARSET_MAX])
{
	size_t length = 0;

	while (length < charset.length && length < CHARSET_MAX - 1 && charset_character(charset.bytes[length])) {
		name[length] = charset.bytes[length];
		length++;
	}
	name[length] = '\0';
	if (length == 0 || (length < charset.length && charset.bytes[length] != '*'))
		return false;
	for (size_t i = 0; i < sizeof(charset_names) / sizeof(*charset_names); i++)
		if (strcasecmp(name, charset_names[i][0]) == 0)
			strcpy(name, charset_names[i][1]);
	return true;
}

/* Converts to UTF-8. A character that is cut at the end is left out; false where the bytes are not of the
 * character set. */
static bool charset_convert(struct slice charset, char *bytes, size_t length, char *to, size_t room, size_t *written)
{
	char name[CHARSET_MAX];
	char *in = bytes, *out = to;
	size_t left = length, space = room;
	iconv_t converter;
	bool done;

	if (!charset_name(charset, name))
		return false;
	converter = iconv_open("UTF-8", name);
	if (converter == (iconv_t)-1)
		return false;
	done = iconv(converter, &in, &left, &out, &space) != (size_t)-1 || errno == EINVAL;
	iconv_close(converter);
	*written = room - space;
	return done;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static size_t decode_q(struct slice from, char *to)
{
	size_t length = 0;

	for (size_t i = 0; i < from.length; i++) {
		if (from.bytes[i] == '=' && i + 2 < from.length && hex_digit(from.bytes[i + 1]) >= 0 &&
		    hex_digit(from.bytes[i + 2]) >= 0) {
			to[length++] = (char)(hex_digit(from.bytes[i + 1]) * 16 + hex_digit(from.bytes[i + 2]));
			i += 2;
		} else {
			to[length++] = from.bytes[i] == '_' ? ' ' : from.bytes[i];
		}
	}
	return length;
}

static size_t decode_b(struct slice from, char *to)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned bits = 0, have = 0;
	size_t length = 0;

	for (size_t i = 0; i < from.length; i++) {
		const char *digit = from.bytes[i] ? strchr(digits, from.bytes[i]) : NULL;

		if (!digit)
			continue;
		bits = (bits << 6 | (unsigned)(digit - digits)) & 0xffffff;
		have += 6;
		if (have >= 8) {
			have -= 8;
			to[length++] = (char)(bits >> have & 255);
		}
	}
	return length;
}

/* Reads one word; one that the header's end cuts in its text counts, without what is cut. */
static bool word_read(struct slice raw, struct word *word)
{
	size_t at = 2, end;

	if (!slice_starts(raw, "=?"))
		return false;
	while (at < raw.length && raw.bytes[at] != '?' && raw.bytes[at] > ' ')
		at++;
	if (at + 2 >= raw.length || raw.bytes[at] != '?' || raw.bytes[at + 2] != '?')
		return false;
	word->charset = slice_first(slice_from(raw, 2), at - 2);
	word->encoding = (char)(raw.bytes[at + 1] | 32);
	if (word->encoding != 'b' && word->encoding != 'q')
		return false;
	at += 3;
	for (end = at; end < raw.length && raw.bytes[end] != '?'; end++)
		if (raw.bytes[end] == ' ' && word->encoding == 'b')
			return false;
	word->text = slice_first(slice_from(raw, at), end - at);
	word->length = end + 2 < raw.length ? end + 2 : raw.length;
	if (end + 1 >= raw.length && word->encoding == 'q') {
		/* "=C" or "=" of a character in two or three signs. */
		for (size_t i = 1; i <= 2 && i <= word->text.length; i++)
			if (word->text.bytes[word->text.length - i] == '=')
				word->text.length -= i;
	}
	return end + 1 >= raw.length || raw.bytes[end + 1] == '=';
}

/* What may stand between words: white space, and the '?' that is logged for a line break and a tab. */
static size_t word_gap(struct slice raw)
{
	size_t n = 0;

	while (n < raw.length && (raw.bytes[n] == ' ' || raw.bytes[n] == '\t' || raw.bytes[n] == '?'))
		n++;
	return n;
}

/* A word that the header's end cuts before its text. */
static bool word_is_stub(struct slice raw)
{
	unsigned marks = 0;

	if (raw.length == 0 || raw.bytes[0] != '=' || (raw.length > 1 && raw.bytes[1] != '?') ||
	    raw.length > CHARSET_MAX)
		return false;
	for (size_t i = 0; i < raw.length; i++) {
		marks += raw.bytes[i] == '?';
		if (raw.bytes[i] <= ' ')
			return false;
	}
	return marks <= 2;
}

static void group_add(struct group *group, const struct word *word, size_t end)
{
	if (group->capacity - group->length < word->text.length) {
		group->capacity = (group->length + word->text.length) * 2;
		group->bytes = memory_resized(group->bytes, group->capacity, 1);
	}
	if (word->text.length)
		group->length +=
			(word->encoding == 'b' ? decode_b : decode_q)(word->text, group->bytes + group->length);
	group->charset = word->charset;
	group->end = end;
}

static bool group_takes(const struct group *group, const struct word *word)
{
	return group->charset.length == word->charset.length &&
	       strncasecmp(group->charset.bytes, word->charset.bytes, word->charset.length) == 0;
}

/* The words of one character set that raw begins with; returns their length, or 0. */
static size_t group_decode(struct slice raw, char *to, size_t *written)
{
	struct group group = {0};
	struct word word;
	size_t at = 0;

	while (word_read(slice_from(raw, at), &word) && (!group.end || group_takes(&group, &word))) {
		group_add(&group, &word, at + word.length);
		at = group.end + word_gap(slice_from(raw, group.end));
	}
	if (group.end && !charset_convert(group.charset, group.bytes, group.length, to, group.end * 4, written)) {
		memcpy(to, raw.bytes, group.end);
		*written = group.end;
	}
	free(group.bytes);
	return group.end;
}

size_t encoded_words(struct slice raw, char *to, size_t *written)
{
	size_t at = 0, end = 0, length, part;

	*written = 0;
	while ((length = group_decode(slice_from(raw, at), to + *written, &part)) > 0) {
		*written += part;
		end = at + length;
		at = end + word_gap(slice_from(raw, end));
	}
	return end && word_is_stub(slice_from(raw, at)) ? raw.length : end;
}
