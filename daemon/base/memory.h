/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory that is there or the process is not: a daemon whose state may be
 * half-written must stop, and continue from its store.
 */
#ifndef MAILSTORM_BASE_MEMORY_H
#define MAILSTORM_BASE_MEMORY_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Blocks of so many bytes are asked of the system in large pages: what a state of gigabytes looks up at random is in no
 * translation buffer else. */
#define MEMORY_LARGE ((size_t)4 << 20)

/* Of malloc(3)'s kind, of MEMORY_LARGE bytes or more: all 0; or with what the old block holds, which it replaces. */
void *memory_large_zeroed(size_t size);
void *memory_large_resized(void *memory, size_t size);

static inline void *memory_checked(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

static inline void *memory_zeroed(size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		abort();
	if (count * size >= MEMORY_LARGE)
		return memory_large_zeroed(count * size);
	return memory_checked(calloc(count ? count : 1, size ? size : 1));
}

static inline void *memory_resized(void *memory, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		abort();
	if (count * size >= MEMORY_LARGE)
		return memory_large_resized(memory, count * size);
	return memory_checked(realloc(memory, count && size ? count * size : 1));
}

/* For the processor to fetch an object that will be read before long. */
static inline void memory_fetch(const void *object, size_t size)
{
	for (size_t at = 0; at < size; at += 64)
		__builtin_prefetch((const char *)object + at);
}

static inline char *memory_string(const char *bytes, size_t length)
{
	char *copy = memory_checked(malloc(length + 1));

	if (length)
		memcpy(copy, bytes, length);
	copy[length] = '\0';
	return copy;
}

/* Room for one more in a growing array: doubles where full, from a first size on. */
#define MEMORY_GROW_FROM(array, count, capacity, first) \
	do { \
		if ((count) == (capacity)) { \
			(capacity) = (capacity) ? (capacity)*2 : (first); \
			(array) = memory_resized((array), (capacity), sizeof(*(array))); \
		} \
	} while (0)

#define MEMORY_GROW(array, count, capacity) MEMORY_GROW_FROM(array, count, capacity, 4)

#endif
