/* SPDX-License-Identifier: Apache-2.0
 *
 * Addresses within texts, see privacy.h. In any text: what stands before an @,
 * also a quoted one or one written as %40, =40, +40, \u0040 or &#64;, as far as it may be a local part;
 * rather too much than too little. In a log line besides: what stands in angle
 * brackets; values of keys that name people (user=, sasl_username=, "login":);
 * user=domain, user%domain, host!user and DOMAIN\user; and the last word of a
 * line so long that it may have been cut. Not found: names and logins that
 * stand alone, and what is wrapped in base64.
 */
#include "daemon/base/privacy.h"

#include <ctype.h>
#include <strings.h>

#include "daemon/base/memory.h"

#define MAY_BE_CUT 1000 /* bytes: syslog cuts lines at 1,024 and more */

struct prose {
	const struct privacy *privacy;
	struct slice text;
	struct privacy_text *to;
	size_t done; /* bytes of the text that have been dealt with */
	bool line;
};

/* Keys before an address or a login. */
/* clang-format off */
static const char *const people[] = {
	"a", "account", "acct", "addr", "address", "auth", "authid", "ctladdr", "email", "envelope-from", "f", "for",
	"from", "id", "login", "logname", "mail", "mail_from", "mailbox", "mailfrom", "member", "message-id", "msgid",
	"orcpt", "orig_rcpt", "orig_to", "owner", "rcpt", "rcpt_to", "recipient", "resent-message-id", "ruser",
	"sasl_sender", "sasl_username", "sender", "to", "u", "uid", "user", "user_name", "username", NULL};

/* Keys before a host's name. */
static const char *const machines[] = {
	"client", "client_name", "dest", "domain", "ehlo", "h", "helo", "host", "hostname", "mx", "name", "peer", "ptr",
	"relay", "rhost", "server", NULL};
/* clang-format on */

static bool is_among(const char *const *words, struct slice word)
{
	for (; *words; words++)
		if (strlen(*words) == word.length && strncasecmp(*words, word.bytes, word.length) == 0)
			return true;
	return false;
}

static bool is_one_of(const char *characters, char c)
{
	return c != '\0' && strchr(characters, c);
}

static bool is_space(char c)
{
	return is_one_of(" \t\r\n", c);
}

/* May be part of a local part that is not quoted. */
static bool is_word(char c)
{
	return !is_one_of(" \t\r\n<>()[],;:\"", c);
}

static bool is_domain(char c)
{
	return isalnum((unsigned char)c) || c == '.' || c == '-' || c == '_' || c == '\0' || (unsigned char)c >= 128;
}

/* Where a domain that begins at `from` ends; `from` where there is none. */
static size_t domain_end(struct slice text, size_t from)
{
	size_t i = from;

	if (i < text.length && text.bytes[i] == '[') {
		for (i++; i < text.length && is_one_of("0123456789abcdefABCDEF.:IPv", text.bytes[i]); i++)
			;
		return i < text.length && text.bytes[i] == ']' ? i + 1 : from;
	}
	while (i < text.length && is_domain(text.bytes[i]))
		i++;
	return i;
}

/* Labels with a dot between, the last one of letters. */
static bool has_domain(struct slice text, size_t from)
{
	size_t end = domain_end(text, from), label = end;

	while (label > from && isalpha((unsigned char)text.bytes[label - 1]))
		label--;
	return end - label >= 2 && label > from + 1 && text.bytes[label - 1] == '.';
}

/* Length of the @ that begins here, however it is written; 0: none does. */
static size_t at_sign(struct slice text, size_t i)
{
	struct slice rest = slice_from(text, i);

	if (rest.bytes[0] == '@')
		return 1;
	if (slice_starts(rest, "\\u0040"))
		return 6;
	if (slice_starts(rest, "&#64;"))
		return 5;
	if (slice_starts(rest, "\xef\xbc\xa0")) /* full width */
		return 3;
	if (slice_starts(rest, "%40") && rest.length > 3 && isalnum((unsigned char)rest.bytes[3]))
		return 3;
	if ((slice_starts(rest, "=40") || slice_starts(rest, "+40")) && has_domain(rest, 3))
		return 3;
	return 0;
}

/* Where the quoted string begins whose closing quote is at `close`; `least` where that is not to be seen. */
static size_t quote_begin(struct slice text, size_t close, size_t least)
{
	bool escaped = close > least && text.bytes[close - 1] == '\\'; /* in JSON both are */

	for (size_t i = close; i-- > least;)
		if (text.bytes[i] == '"' && (i > least && text.bytes[i - 1] == '\\') == escaped)
			return i - escaped;
	return least;
}

/* Where the local part begins that ends at `end`. */
static size_t local_begin(const struct prose *prose, size_t end)
{
	const char *bytes = prose->text.bytes;
	size_t i = end;

	if (i > prose->done && bytes[i - 1] == '"')
		i = quote_begin(prose->text, i - 1, prose->done);
	while (i > prose->done && is_word(bytes[i - 1]))
		i--;
	if (i < end)
		return i;
	/* Nothing that may be one: then all that stands before, also across spaces. */
	while (i > prose->done && is_space(bytes[i - 1]))
		i--;
	while (i > prose->done && !is_space(bytes[i - 1]))
		i--;
	while (i < end && is_one_of("<([", bytes[i]))
		i++;
	return i;
}

/* Without a key that stands before it: from=anna. */
static size_t local_without_key(struct slice text, size_t begin, size_t end)
{
	struct slice local = slice_first(slice_from(text, begin), end - begin);
	const char *equals = local.length ? memchr(local.bytes, '=', local.length) : NULL;

	if (equals && is_among(people, slice_first(local, (size_t)(equals - local.bytes))))
		begin += (size_t)(equals - local.bytes) + 1;
	while (begin + 1 < end && is_one_of("'{", text.bytes[begin]))
		begin++;
	return begin;
}

static void add(const struct prose *prose, size_t begin, size_t end)
{
	privacy_text_add(prose->to, slice_first(slice_from(prose->text, begin), end - begin));
}

/* The hash of a text, folded. */
static void add_hash(const struct prose *prose, struct slice text)
{
	struct privacy_text form = {0};

	privacy_text_add(prose->to, slice_first(privacy_login(prose->privacy, text, &form), PRIVACY_HASH_DIGITS));
	free(form.bytes);
}

static void add_hash_of(const struct prose *prose, size_t begin, size_t end)
{
	if (end > begin)
		add_hash(prose, slice_first(slice_from(prose->text, begin), end - begin));
}

/* The hash of the address of a local part and a domain, as its folded form would have it. */
static void add_local(const struct prose *prose, size_t begin, size_t end, struct slice domain)
{
	struct slice local = slice_first(slice_from(prose->text, begin), end - begin);
	struct privacy_text address = {0};

	if (local.length > 2 && local.bytes[0] == '"' && local.bytes[local.length - 1] == '"')
		local = slice_first(slice_from(local, 1), local.length - 2);
	while (domain.length && is_one_of(".-", domain.bytes[domain.length - 1]))
		domain.length--;
	privacy_text_add(&address, local);
	privacy_text_add(&address, SLICE("@"));
	privacy_text_add(&address, domain);
	add_hash(prose, (struct slice){address.bytes, address.length});
	free(address.bytes);
}

/* The value that a key is followed by (user: anna, user="anna", "user":"anna"), from `i` on, where the key and its
 * equals sign ended. Its begin; *end is `i` where there is none. */
static size_t value_of(struct slice text, size_t i, size_t limit, size_t *end)
{
	bool assigned = text.bytes[i - 1] == '=';
	size_t begin = i;

	*end = i;
	while (begin < limit && is_one_of("\\\" ", text.bytes[begin]))
		begin++;
	if (!assigned) {
		if (begin == limit || text.bytes[begin] != ':')
			return i;
		begin++;
		while (begin < limit && is_one_of("\\\" ", text.bytes[begin]))
			begin++;
	}
	*end = begin;
	if (text.bytes[begin - 1] == '"')
		while (*end < limit && text.bytes[*end] != '"')
			++*end;
	else
		while (*end < limit && is_word(text.bytes[*end]))
			++*end;
	return begin;
}

/* user=domain (and no key of a host), user%domain, host!user, DOMAIN\user */
static bool is_address_without_at(struct slice word)
{
	for (size_t i = 1; i + 1 < word.length; i++) {
		bool within = isalnum((unsigned char)word.bytes[i - 1]) && isalnum((unsigned char)word.bytes[i + 1]);

		if ((word.bytes[i] == '!' || word.bytes[i] == '\\') && within)
			return true;
		if (word.bytes[i] == '%' && has_domain(word, i + 1))
			return true;
		if (word.bytes[i] == '=' && has_domain(word, i + 1) && !is_among(machines, slice_first(word, i)))
			return true;
	}
	return false;
}

/* A word of a log line; returns where to go on. */
static size_t clean_word(const struct prose *prose, size_t begin, size_t end, size_t limit)
{
	struct slice word = slice_first(slice_from(prose->text, begin), end - begin);
	const char *equals = memchr(word.bytes, '=', word.length);
	size_t key = equals ? (size_t)(equals - word.bytes) : word.length, value, value_end;

	if (!is_among(people, slice_first(word, key))) {
		if (is_address_without_at(word) || (end == prose->text.length && end >= MAY_BE_CUT))
			add_hash_of(prose, begin, end);
		else
			add(prose, begin, end);
		return end;
	}
	if (key + 1 < word.length) {
		add(prose, begin, begin + key + 1);
		add_hash_of(prose, begin + key + 1, end);
		return end;
	}
	value = value_of(prose->text, end, limit, &value_end);
	add(prose, begin, value);
	add_hash_of(prose, value, value_end);
	return value_end > end ? value_end : end;
}

/* What stands in angle brackets that begin at `begin`, also where their end was cut off; returns where to go on. */
static size_t clean_angle(const struct prose *prose, size_t begin, size_t limit)
{
	size_t end = begin + 1;

	while (end < limit && !is_space(prose->text.bytes[end]) && !is_one_of("<>", prose->text.bytes[end]))
		end++;
	add(prose, begin, begin + 1);
	if (end < limit && prose->text.bytes[end] != '>')
		return begin + 1;
	add_hash_of(prose, begin + 1, end);
	return end;
}

/* Text without an @ up to `limit`. */
static void clean_gap(struct prose *prose, size_t limit)
{
	size_t i = prose->done;

	while (i < limit && prose->line) {
		size_t end = i;

		if (prose->text.bytes[i] == '<') {
			i = clean_angle(prose, i, limit);
			continue;
		}
		while (end < limit && is_word(prose->text.bytes[end]))
			end++;
		if (end > i)
			i = clean_word(prose, i, end, limit);
		else
			add(prose, i, i + 1), i++;
	}
	add(prose, i, limit);
	prose->done = limit;
}

/* The next @ of the word that goes on at `i`; the text's length where it has none. */
static size_t further_sign(struct slice text, size_t i, size_t *sign)
{
	for (; i < text.length && is_word(text.bytes[i]); i++)
		if ((*sign = at_sign(text, i)) > 0)
			return i;
	/* What closes something, or spaces, and an @ right behind. */
	while (i < text.length && !is_word(text.bytes[i]))
		i++;
	return i < text.length && (*sign = at_sign(text, i)) > 0 ? i : text.length;
}

/* The address whose @ is at `at`; further ones (anna@work@example.org) belong to the local part. */
static void clean_address(struct prose *prose, size_t at, size_t sign)
{
	struct slice text = prose->text;
	size_t begin = local_without_key(text, local_begin(prose, at), at), end = domain_end(text, at + sign), next,
	       local, further;

	while ((further = further_sign(text, end, &next)) < text.length) {
		at = further;
		sign = next;
		end = domain_end(text, at + sign);
	}
	clean_gap(prose, begin);
	for (local = at; local > begin && is_space(text.bytes[local - 1]); local--)
		;
	if (local > begin)
		add_local(prose, begin, local, slice_first(slice_from(text, at + sign), end - at - sign));
	add(prose, local, end);
	prose->done = end;
}

static struct slice clean(const struct privacy *privacy, struct slice text, struct privacy_text *to, bool line)
{
	struct prose prose = {.privacy = privacy, .text = text, .to = to, .line = line};
	size_t begin = to->length, sign;

	privacy_text_add(to, SLICE(""));
	for (size_t i = 0; i < text.length;) {
		sign = at_sign(text, i);
		if (sign) {
			clean_address(&prose, i, sign);
			i = prose.done;
		} else {
			i++;
		}
	}
	clean_gap(&prose, text.length);
	return (struct slice){to->bytes + begin, to->length - begin};
}

struct slice privacy_prose(const struct privacy *privacy, struct slice text, struct privacy_text *to)
{
	return clean(privacy, text, to, false);
}

struct slice privacy_line(const struct privacy *privacy, struct slice text, struct privacy_text *to)
{
	return clean(privacy, text, to, true);
}
