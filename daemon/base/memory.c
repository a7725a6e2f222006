/* SPDX-License-Identifier: Apache-2.0
 *
 * Large pages for large blocks, see memory.h.
 */
#include "daemon/base/memory.h"

#include <sys/mman.h>

#define PAGE_LARGE ((uintptr_t)2 << 20)

void memory_advise(void *memory, size_t size)
{
	uintptr_t from = ((uintptr_t)memory + PAGE_LARGE - 1) & ~(PAGE_LARGE - 1);
	uintptr_t to = ((uintptr_t)memory + size) & ~(PAGE_LARGE - 1);

	/* A system that has none goes on with small ones. */
	if (to > from)
		(void)madvise((void *)from, to - from, MADV_HUGEPAGE);
}
