/* SPDX-License-Identifier: Apache-2.0
 *
 * Folding of addresses, and lists by their envelope senders, see address.h.
 * Sources of the shapes: Mailman 2 Defaults.py and Mailman 3 core (bounces, VERP
 * delimiters "+" and "="), Sympa (LIST-owner, bounce+user==a==dom==LIST), mlmmj (LIST+bounces-N-user=dom),
 * ezmlm (LIST-return-N-user=dom), Majordomo (owner-LIST), LISTSERV (owner-LIST*user**dom),
 * Google Groups (GROUP+bnc...).
 */
#include "daemon/correlate/address.h"

#include <idn2.h>
#include <stdlib.h>

#include "daemon/base/ascii.h"

static const char *address_at(struct slice address)
{
	for (size_t i = address.length; i-- > 0;)
		if (address.bytes[i] == '@')
			return address.bytes + i;
	return NULL;
}

struct slice address_domain(struct slice address)
{
	const char *at = address_at(address);

	return at ? slice_from(address, (size_t)(at + 1 - address.bytes)) : address;
}

bool address_is_bare(struct slice address)
{
	return !address_at(address);
}

bool address_completes(struct slice whole, struct slice bare)
{
	return whole.length > bare.length + 1 && address_is_bare(bare) &&
	       address_domain(whole).length + 1 == whole.length - bare.length &&
	       slice_equal(slice_first(whole, bare.length), bare);
}

/* Letters that are not folded, or bytes beyond ASCII: one of either is there. */
static bool address_unfolded(struct slice address)
{
	uint64_t const each = UINT64_C(0x0101010101010101);
	uint64_t found = 0;
	size_t i = 0;

	/* Eight bytes at a time: 'A' to 'Z' are those that reach 128 with 128 - 'A' added, but not with 128 - '[' added. */
	for (; i + 8 <= address.length; i += 8) {
		uint64_t bytes, low;

		memcpy(&bytes, address.bytes + i, 8);
		low = bytes & each * 127;
		found |= bytes | ((low + each * (128 - 'A')) & ~(low + each * (128 - '[')));
	}
	for (; i < address.length; i++)
		found |= (unsigned char)address.bytes[i] >= 128 || (address.bytes[i] >= 'A' && address.bytes[i] <= 'Z')
		                 ? each * 128
		                 : 0;
	return (found & each * 128) != 0;
}

/* The domain that a mailbox gets which is named by its local part alone, as a host names its own users; or NULL. No program,
 * file or list of names is one. */
static const char *address_own_domain(const struct settings *settings, struct slice address)
{
	if (!settings->mailbox.local_domains.count || memchr(address.bytes, '@', address.length))
		return NULL;
	for (size_t i = 0; i < address.length; i++)
		if ((unsigned char)address.bytes[i] <= ' ' || strchr("/|:;,<>()", address.bytes[i]))
			return NULL;
	return settings->mailbox.local_domains.items[0];
}

/* Most are as they are folded: without quotes or an extension, too. */
static bool address_is_folded(const struct settings *settings, struct slice address, bool mailbox)
{
	if (address.length == 0 || address.length > ADDRESS_MAX / 2 || address.bytes[0] == '"' ||
	    address_unfolded(address))
		return false;
	return !mailbox || ((settings->mailbox.extension != EXTENSION_CUT ||
	                     !memchr(address.bytes, settings->mailbox.extension_delimiter, address.length)) &&
	                    !address_own_domain(settings, address));
}

/* A domain: A-labels where it has bytes beyond ASCII and is a valid name, else folded as it stands. */
static size_t address_fold_domain(struct slice domain, char *to, size_t room)
{
	bool plain = true;

	for (size_t i = 0; i < domain.length; i++)
		plain = plain && (unsigned char)domain.bytes[i] < 128;
	if (!plain && domain.length < 256 && !memchr(domain.bytes, '\0', domain.length)) {
		char text[256];
		char *labels = NULL;
		size_t length = 0;

		memcpy(text, domain.bytes, domain.length);
		text[domain.length] = '\0';
		if (idn2_to_ascii_8z(text, &labels, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) == IDN2_OK) {
			length = strlen(labels) < room ? strlen(labels) : room;
			memcpy(to, labels, length);
			idn2_free(labels);
			return length;
		}
	}
	domain = slice_first(domain, room);
	for (size_t i = 0; i < domain.length; i++)
		to[i] = ascii_lower(domain.bytes[i]);
	return domain.length;
}

/* Takes the quotes off a local part: newer Postfix logs "a b"@x where older logs a b@x. In place; returns
 * the length. */
static size_t address_unquote(char *local, size_t length)
{
	size_t to = 0;

	if (length < 2 || local[0] != '"' || local[length - 1] != '"')
		return length;
	for (size_t i = 1; i < length - 1; i++) {
		if (local[i] == '\\' && i + 1 < length - 1)
			i++;
		local[to++] = local[i];
	}
	return to;
}

/* Where the extension begins; the whole length without one. A name that begins with the delimiter has none. */
static size_t address_extension(const struct settings *settings, const char *local, size_t length)
{
	const char *at = length > 1 ? memchr(local + 1, settings->mailbox.extension_delimiter, length - 1) : NULL;

	return at && settings->mailbox.extension == EXTENSION_CUT ? (size_t)(at - local) : length;
}

/* The same mailbox's address in the one domain that its domains are kept under. address: folded, maybe in the buffer. */
static struct slice address_in_one_domain(const struct settings *settings, struct slice address, char *buffer)
{
	struct slice domain = address_domain(address);
	size_t local = address.length - domain.length;

	for (size_t i = 0; i < settings->mailbox.same_domains.count; i++) {
		struct slice pair = slice_of(settings->mailbox.same_domains.items[i]);
		size_t length = (size_t)((const char *)memchr(pair.bytes, '=', pair.length) - pair.bytes);
		struct slice one = slice_from(pair, length + 1);

		if (!local || !slice_equal(domain, slice_first(pair, length)) || local + one.length > ADDRESS_MAX)
			continue;
		memmove(buffer, address.bytes, local);
		memcpy(buffer + local, one.bytes, one.length);
		return (struct slice){buffer, local + one.length};
	}
	return address;
}

static struct slice address_written(const struct settings *settings, struct slice address, bool mailbox, char *buffer)
{
	const char *at, *own;
	size_t local, length;

	address = slice_first(address, ADDRESS_MAX / 2);
	at = address_at(address);
	own = mailbox && address.length ? address_own_domain(settings, address) : NULL;
	local = at ? (size_t)(at - address.bytes) : address.length;
	memcpy(buffer, address.bytes, local);
	length = address_unquote(buffer, local);
	if (mailbox)
		length = address_extension(settings, buffer, length);
	for (size_t i = 0; i < length && (!mailbox || settings->mailbox.fold_local_part); i++)
		buffer[i] = ascii_lower(buffer[i]);
	if (at) {
		buffer[length++] = '@';
		length +=
			address_fold_domain(slice_from(address, local + 1), buffer + length, ADDRESS_MAX - 1 - length);
	} else if (own) {
		buffer[length++] = '@';
		length += address_fold_domain(slice_of(own), buffer + length, ADDRESS_MAX - 1 - length);
	}
	return (struct slice){buffer, length};
}

struct slice address_fold(const struct settings *settings, struct slice address, bool mailbox, char *buffer)
{
	if (!slice_given(address))
		return SLICE_NONE;
	if (!address_is_folded(settings, address, mailbox))
		address = address_written(settings, address, mailbox, buffer);
	return settings && settings->mailbox.same_domains.count ? address_in_one_domain(settings, address, buffer)
	                                                        : address;
}

static size_t slice_find(struct slice in, const char *what)
{
	size_t n = strlen(what);

	for (size_t i = 0; i + n <= in.length; i++)
		if (memcmp(in.bytes + i, what, n) == 0)
			return i;
	return SIZE_MAX;
}

static bool slice_ends(struct slice a, const char *suffix)
{
	size_t n = strlen(suffix);

	return a.length >= n && memcmp(a.bytes + a.length - n, suffix, n) == 0;
}

/* Digits from `from` on, then `until`, or nothing more where that may be. */
static bool address_numbered(struct slice s, size_t from, char until, bool or_end)
{
	size_t i = from;

	while (i < s.length && s.bytes[i] >= '0' && s.bytes[i] <= '9')
		i++;
	return i > from && (i < s.length ? s.bytes[i] == until : or_end);
}

/* Google Groups, from `from` on: a token of twenty letters and digits or more. */
static bool address_token(struct slice s, size_t from)
{
	for (size_t i = from; i < s.length; i++)
		if (!(s.bytes[i] >= 'a' && s.bytes[i] <= 'z') && !(s.bytes[i] >= '0' && s.bytes[i] <= '9') &&
		    s.bytes[i] != '_' && s.bytes[i] != '-')
			return false;
	return s.length >= from + 20;
}

/* Sympa: bounce+user==a==dom==LIST, maybe with ==w, ==r or the number of a tracked message behind; or
 * bounce+LIST--user==dom. */
static struct slice address_of_sympa(struct slice local)
{
	struct slice rest = slice_from(local, strlen("bounce+"));
	size_t at = slice_find(rest, "==a==");

	if (!slice_starts(local, "bounce+"))
		return SLICE_NONE;
	if (at == SIZE_MAX) {
		at = slice_find(rest, "--");
		return at == SIZE_MAX || slice_find(rest, "==") == SIZE_MAX ? SLICE_NONE : slice_first(rest, at);
	}
	rest = slice_from(rest, at + strlen("==a=="));
	at = slice_find(rest, "==");
	if (at == SIZE_MAX)
		return SLICE_NONE;
	rest = slice_from(rest, at + 2);
	at = slice_find(rest, "==");
	return at == SIZE_MAX ? rest : slice_first(rest, at);
}

/* Senders that name the subscriber they are for, or a number: what stands before the mark is the list. */
static struct slice address_of_verp(struct slice local)
{
	size_t at;

	if ((at = slice_find(local, "-bounces+")) != SIZE_MAX)
		return slice_first(local, at);
	if ((at = slice_find(local, "-bounces-")) != SIZE_MAX && slice_find(slice_from(local, at), "=") != SIZE_MAX)
		return slice_first(local, at);
	/* Without a member where Postfix adds it (XVERP). */
	if ((at = slice_find(local, "+bounces-")) != SIZE_MAX && address_numbered(local, at + 9, '-', true))
		return slice_first(local, at);
	if ((at = slice_find(local, "-return-")) != SIZE_MAX && address_numbered(local, at + 8, '-', false))
		return slice_first(local, at);
	if ((at = slice_find(local, "+bnc")) != SIZE_MAX && address_token(local, at + 4))
		return slice_first(local, at);
	return SLICE_NONE;
}

/* Senders of a shape that people have too. */
static struct slice address_of_word(struct slice local)
{
	static const char *const ends[] = {"-request", "-owner", "-admin", "-bounce", "-errors"};

	if (slice_starts(local, "owner-"))
		return slice_from(local, strlen("owner-"));
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (slice_ends(local, ends[i]))
			return slice_first(local, local.length - strlen(ends[i]));
	return SLICE_NONE;
}

/* The list's local part within a sender's of a shape that is no person's, or not given. */
static struct slice address_of_manager(struct slice local)
{
	size_t star = slice_starts(local, "owner-") ? slice_find(local, "*") : SIZE_MAX;
	struct slice list;

	if (star != SIZE_MAX)
		return slice_from(slice_first(local, star), strlen("owner-"));
	list = address_of_sympa(local);
	if (!slice_given(list))
		list = address_of_verp(local);
	if (!slice_given(list) && slice_ends(local, "-bounces"))
		list = slice_first(local, local.length - strlen("-bounces"));
	return list;
}

/* The part of s up to `mark`, which must be there; s goes on behind it. */
static struct slice address_cut(struct slice *s, char mark)
{
	const char *at = s->length ? memchr(s->bytes, mark, s->length) : NULL;
	struct slice part = SLICE_NONE;

	if (at) {
		part = slice_first(*s, (size_t)(at - s->bytes));
		*s = slice_from(*s, part.length + 1);
	}
	return part;
}

/* Takes off what forwarders put around a sender: srs0=hash=time=dom=user and
 * srs1=hash=forwarder==hash=time=dom=user (SRS), prvs=tag=user (BATV). True where *local or *domain
 * changed. */
static bool address_unwrap(struct slice *local, struct slice *domain)
{
	struct slice rest = slice_from(*local, 5), inner;

	if (slice_starts(*local, "prvs=") && slice_given(address_cut(&rest, '='))) {
		*local = rest;
		return true;
	}
	if ((!slice_starts(*local, "srs0") && !slice_starts(*local, "srs1")) || local->length < 6 ||
	    !memchr("=+-", local->bytes[4], 3))
		return false;
	if (local->bytes[3] == '1') {
		address_cut(&rest, '=');
		address_cut(&rest, '=');
		if (rest.length && memchr("=+-", rest.bytes[0], 3))
			rest = slice_from(rest, 1);
	}
	if (!slice_given(address_cut(&rest, '=')) || !slice_given(address_cut(&rest, '=')))
		return false;
	inner = address_cut(&rest, '=');
	if (!slice_given(inner) || inner.length == 0 || rest.length == 0)
		return false;
	*domain = inner;
	*local = rest;
	return true;
}

/* Parts a sender, as it was before forwarders; false where it is none. */
static bool address_part(struct slice sender, struct slice *local, struct slice *domain)
{
	const char *at = slice_given(sender) ? address_at(sender) : NULL;

	if (!at || sender.length >= ADDRESS_MAX)
		return false;
	*local = slice_first(sender, (size_t)(at - sender.bytes));
	*domain = address_domain(sender);
	while (address_unwrap(local, domain))
		;
	return true;
}

bool address_may_be_a_persons(struct slice sender)
{
	struct slice local, domain;

	return address_part(sender, &local, &domain) && !slice_given(address_of_manager(local));
}

bool address_sends_digests(struct slice sender)
{
	size_t at = slice_given(sender) ? slice_find(sender, "+bounces-digest") : SIZE_MAX;
	struct slice rest = slice_from(sender, at == SIZE_MAX ? sender.length : at + strlen("+bounces-digest"));

	return rest.length && (rest.bytes[0] == '@' || rest.bytes[0] == '-');
}

struct slice address_list_of_sender(struct slice sender, char *buffer)
{
	struct slice local, domain, list;

	if (!address_part(sender, &local, &domain))
		return SLICE_NONE;
	list = address_of_manager(local);
	if (!slice_given(list))
		list = address_of_word(local);
	if (!slice_given(list) || list.length == 0)
		return SLICE_NONE;
	memcpy(buffer, list.bytes, list.length);
	buffer[list.length] = '@';
	memcpy(buffer + list.length + 1, domain.bytes, domain.length);
	return (struct slice){buffer, list.length + 1 + domain.length};
}

/* list.example.org -> list@example.org, in place; an address stays as it is. */
static bool address_of_list_id(char *id, size_t length)
{
	char *dot = memchr(id, '.', length);

	if (memchr(id, '@', length))
		return id[0] != '@' && id[length - 1] != '@';
	if (!dot || dot == id || dot == id + length - 1)
		return false;
	*dot = '@';
	return true;
}

struct slice address_list_of_header(struct slice value, char *buffer)
{
	const char *open = NULL, *close;
	size_t length;

	for (size_t i = 0; i < value.length; i++)
		if (value.bytes[i] == '<')
			open = value.bytes + i + 1;
	close = open ? memchr(open, '>', (size_t)(value.bytes + value.length - open)) : NULL;
	if (!close || close == open || close - open >= ADDRESS_MAX)
		return SLICE_NONE;
	length = (size_t)(close - open);
	for (size_t i = 0; i < length; i++) {
		if ((unsigned char)open[i] <= ' ' || open[i] == '"' || open[i] == '?')
			return SLICE_NONE;
		buffer[i] = ascii_lower(open[i]);
	}
	return address_of_list_id(buffer, length) ? (struct slice){buffer, length} : SLICE_NONE;
}
