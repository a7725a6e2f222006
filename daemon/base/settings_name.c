/* SPDX-License-Identifier: Apache-2.0
 *
 * Decides what is a domain, an address of a list and a glob, and brings
 * domains and addresses to their folded form. Fails by saying that a name is
 * none; whoever asked knows where it stood.
 */
#include "daemon/base/settings_name.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <idn2.h>

#include "daemon/base/ascii.h"
#include "daemon/base/memory.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

const char *setting_glob_fault(const char *glob)
{
	if (!*glob)
		return "is empty";
	if (glob[strcspn(glob, " \t")])
		return "has a character that no host name has";
	for (const char *c = glob; *c; c++) {
		const char *member;

		if (*c == '\\') {
			if (!*++c)
				return "ends in a backslash";
			continue;
		}
		if (*c != '[')
			continue;
		member = c + 1;
		if (*member == '!' || *member == '^')
			member++;
		c = *member ? strchr(member + 1, ']') : NULL; /* a ']' that comes first is a member */
		if (!c)
			return "has a [ without a ]";
	}
	return NULL;
}

void setting_fold_ascii(char *text)
{
	for (; *text; text++)
		*text = ascii_lower(*text);
}

/* Labels of letters, digits, hyphens and underscores. */
static bool is_domain(const char *domain)
{
	if (strlen(domain) > 253)
		return false;
	for (;; domain++) {
		size_t label = strspn(domain, LETTERS DIGITS "-_");

		if (label == 0 || label > 63)
			return false;
		domain += label;
		if (*domain != '.')
			return *domain == '\0';
	}
}

char *setting_fold_domain(const char *domain)
{
	char *folded = NULL, *ascii = NULL;
	bool wide = false;

	for (const char *c = domain; *c; c++)
		wide |= (unsigned char)*c > 0x7e;
	if (wide) {
		if (idn2_to_ascii_8z(domain, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK)
			return NULL;
		folded = memory_string(ascii, strlen(ascii));
		idn2_free(ascii);
	} else {
		folded = memory_string(domain, strlen(domain));
	}
	setting_fold_ascii(folded);
	if (!is_domain(folded)) {
		free(folded);
		return NULL;
	}
	return folded;
}

char *setting_fold_address(const char *address)
{
	const char *at = strrchr(address, '@');
	size_t local = at ? (size_t)(at - address) : strlen(address);
	char *domain = NULL, *folded = NULL;

	if (local == 0 || local > 255)
		return NULL;
	for (const char *c = address; *c; c++)
		if ((unsigned char)*c <= ' ' || strchr("<>,;\x7f", *c))
			return NULL;
	if (at) {
		domain = setting_fold_domain(at + 1);
		if (!domain)
			return NULL;
	}
	folded = memory_zeroed(local + 1 + (domain ? strlen(domain) : 0) + 1, 1);
	memcpy(folded, address, local);
	if (domain) {
		folded[local] = '@';
		strcpy(folded + local + 1, domain);
	}
	setting_fold_ascii(folded);
	free(domain);
	return folded;
}
