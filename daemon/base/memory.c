/* SPDX-License-Identifier: Apache-2.0
 *
 * Large pages for large blocks, see memory.h. A block has large ones only
 * between their borders, so it begins at one; and realloc(3), which moves a large
 * block page by page, would break them up.
 */
#include "daemon/base/memory.h"

#include <malloc.h>
#include <sys/mman.h>

#define PAGE_LARGE ((size_t)2 << 20)

static void *memory_large(size_t size)
{
	void *memory;

	if (size > SIZE_MAX - PAGE_LARGE)
		abort();
	size = (size + PAGE_LARGE - 1) & ~(PAGE_LARGE - 1);
	memory = memory_checked(aligned_alloc(PAGE_LARGE, size));
	/* A system that has none goes on with small ones. */
	(void)madvise(memory, size, MADV_HUGEPAGE);
	return memory;
}

void *memory_large_zeroed(size_t size)
{
	return memset(memory_large(size), 0, size);
}

void *memory_large_resized(void *old, size_t size)
{
	size_t had = old ? malloc_usable_size(old) : 0;
	void *memory;

	if (had >= size)
		return memory_checked(realloc(old, size));
	memory = memory_large(size);
	if (old)
		memcpy(memory, old, had);
	free(old);
	return memory;
}
