/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands for an address, a Message-ID or a list's name, see privacy.h. A
 * domain is letters, digits, dots, hyphens and bytes beyond ASCII, or an
 * address in square brackets; what is none is hashed with the rest.
 */
#include "daemon/base/privacy.h"

#include "daemon/base/ascii.h"
#include "daemon/base/memory.h"

#define RECIPIENT_SET "recipient-set "

static bool is_domain_byte(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' ||
	       c == '_' || c >= 128;
}

static bool is_domain(struct slice text)
{
	bool bracketed = text.length >= 2 && text.bytes[0] == '[' && text.bytes[text.length - 1] == ']';

	if (bracketed)
		text = slice_first(slice_from(text, 1), text.length - 2);
	for (size_t i = 0; i < text.length; i++)
		if (bracketed ? !strchr("0123456789abcdefABCDEF.:IPv", text.bytes[i])
		              : !is_domain_byte((unsigned char)text.bytes[i]))
			return false;
	return text.length > 0;
}

static void add_hash(const struct privacy *privacy, struct slice text, struct privacy_text *to)
{
	char hash[PRIVACY_HASH_DIGITS + 1];

	privacy_hash(privacy, text, hash);
	privacy_text_add(to, (struct slice){hash, PRIVACY_HASH_DIGITS});
}

static struct slice added_since(const struct privacy_text *to, size_t begin)
{
	return (struct slice){to->bytes + begin, to->length - begin};
}

struct slice privacy_address(const struct privacy *privacy, struct slice address, struct privacy_text *to)
{
	size_t begin = to->length;
	const char *at = address.length ? memrchr(address.bytes, '@', address.length) : NULL;
	struct slice domain = at ? slice_from(address, (size_t)(at - address.bytes) + 1) : SLICE_NONE;

	privacy_text_add(to, SLICE(""));
	if (address.length && !slice_is(address, "<>"))
		add_hash(privacy, address, to);
	else
		privacy_text_add(to, address);
	if (is_domain(domain)) {
		privacy_text_add(to, SLICE("@"));
		privacy_text_add(to, domain);
	}
	return added_since(to, begin);
}

struct slice privacy_login(const struct privacy *privacy, struct slice login, struct privacy_text *to)
{
	struct privacy_text folded = {0};
	size_t begin = to->length;

	privacy_text_add(&folded, login);
	for (size_t i = 0; i < folded.length; i++)
		folded.bytes[i] = ascii_lower(folded.bytes[i]);
	privacy_address(privacy, (struct slice){folded.bytes, folded.length}, to);
	free(folded.bytes);
	return added_since(to, begin);
}

struct slice privacy_message_id(const struct privacy *privacy, struct slice id, struct privacy_text *to)
{
	bool angled = id.length > 2 && id.bytes[0] == '<' && id.bytes[id.length - 1] == '>';
	size_t begin = to->length;

	if (!angled)
		return privacy_address(privacy, id, to);
	privacy_text_add(to, SLICE("<"));
	privacy_address(privacy, slice_first(slice_from(id, 1), id.length - 2), to);
	privacy_text_add(to, SLICE(">"));
	return added_since(to, begin);
}

struct slice privacy_list(const struct privacy *privacy, struct slice name, struct privacy_text *to)
{
	size_t begin = to->length;

	if (!slice_starts(name, RECIPIENT_SET)) {
		privacy_text_add(to, name);
	} else {
		privacy_text_add(to, SLICE(RECIPIENT_SET));
		privacy_message_id(privacy, slice_from(name, strlen(RECIPIENT_SET)), to);
	}
	return added_since(to, begin);
}

struct slice privacy_any(const struct privacy *privacy, struct slice text, struct privacy_text *to)
{
	if (slice_starts(text, RECIPIENT_SET))
		return privacy_list(privacy, text, to);
	if (slice_starts(text, "<"))
		return privacy_message_id(privacy, text, to);
	return privacy_address(privacy, text, to);
}
