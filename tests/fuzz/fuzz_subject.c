/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a logged header value: what is decoded is UTF-8 without control
 * characters and not too long, decoding and comparing are stable, and the value
 * may stand for a List-Id and a sender too. First line: the list; the rest: the value.
 */
#define _GNU_SOURCE
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

#include "daemon/correlate/address.h"
#include "daemon/correlate/subject.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_text(const char *text, size_t most)
{
	size_t length = strlen(text);

	assert(length <= most);
	assert(!u8_check((const uint8_t *)text, length));
	for (size_t i = 0; i < length; i++)
		assert((unsigned char)text[i] >= ' ' && text[i] != 0x7f);
}

static void subjects(struct slice list, struct slice raw)
{
	bool automatic, again;
	char *decoded = subject_decode(raw), *shown = subject_shown(raw, list);
	char *normal = subject_normal(raw, &automatic), *normal_again = subject_normal(raw, &again);

	check_text(decoded, raw.length * 4);
	check_text(shown, strlen(decoded));
	check_text(normal, 64);
	assert(strpbrk(normal, " ?") == NULL);
	assert(strcmp(normal, normal_again) == 0 && automatic == again);
	assert(strcmp(decoded + strlen(decoded) - strlen(shown), shown) == 0);
	free(decoded);
	free(shown);
	free(normal);
	free(normal_again);
}

static void addresses(struct slice value)
{
	struct settings settings = {0};
	char *folded = malloc(ADDRESS_MAX), *again = malloc(ADDRESS_MAX), *list = malloc(ADDRESS_MAX);
	struct slice address, found;

	settings.mailbox.extension = EXTENSION_CUT;
	settings.mailbox.extension_delimiter = '+';
	for (int mailbox = 0; mailbox < 2; mailbox++) {
		settings.mailbox.fold_local_part = mailbox;
		address = address_fold(&settings, value, mailbox, folded);
		assert(slice_given(address) && address.length <= ADDRESS_MAX);
		found = address_list_of_sender(address, list);
		assert(!slice_given(found) ||
		       (found.length <= address.length && memchr(found.bytes, '@', found.length)));
	}
	found = address_list_of_header(value, again);
	assert(!slice_given(found) || (found.length >= 3 && memchr(found.bytes, '@', found.length)));
	free(folded);
	free(again);
	free(list);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char *copy = malloc(size + 1); /* of its own, so that a byte read too far is seen */
	struct slice list, value;
	const char *line;

	copy = realloc(copy, size ? size : 1);
	if (size)
		memcpy(copy, bytes, size);
	line = size ? memchr(copy, '\n', size) : NULL;
	list = (struct slice){copy, line ? (size_t)(line - copy) : 0};
	value = line ? (struct slice){line + 1, size - list.length - 1} : (struct slice){copy, size};
	subjects(list, value);
	addresses(value);
	free(copy);
	return 0;
}
