/* SPDX-License-Identifier: Apache-2.0
 *
 * Which chunks of a mailbox set are marked as changed, for the tests of sets.
 */
#ifndef MAILSTORM_TESTS_MAILBOX_SET_DIRTY_H
#define MAILSTORM_TESTS_MAILBOX_SET_DIRTY_H

#include <check.h>

#include "daemon/base/mailbox_set.h"

/* These are, in any order, and no others. */
static inline void check_dirty(const struct mailbox_set *set, const uint16_t *chunks, uint32_t count)
{
	ck_assert_uint_eq(set->dirty_count, count);
	for (uint32_t i = 0; i < count; i++) {
		bool there = false;

		for (uint32_t k = 0; k < count; k++)
			there = there || set->dirty[k] == chunks[i];
		ck_assert_msg(there, "chunk %u is not marked", chunks[i]);
	}
}

#endif
