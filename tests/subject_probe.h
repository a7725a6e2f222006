/* SPDX-License-Identifier: Apache-2.0
 *
 * What tests of subjects and of the encoded words in them share: pairs of a text
 * as it is logged and what is to become of it.
 */
#ifndef MAILSTORM_TESTS_SUBJECT_PROBE_H
#define MAILSTORM_TESTS_SUBJECT_PROBE_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/correlate/subject.h"

struct pair {
	const char *from;
	const char *to;
};

#define EACH(pairs, check) \
	for (size_t each_ = 0; each_ < sizeof(pairs) / sizeof(*(pairs)); each_++) \
	check((pairs)[each_].from, (pairs)[each_].to)

static void check_decoded(const char *raw, const char *expected)
{
	char *decoded = subject_decode(slice_of(raw));

	ck_assert_msg(strcmp(decoded, expected) == 0, "'%s'\nbecame '%s'\nnot    '%s'", raw, decoded, expected);
	free(decoded);
}

#endif
