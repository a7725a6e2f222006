/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory for what lives as long as a batch: taken piece by piece, given back
 * all at once. struct envelope_memory (envelope.h) is such an arena that
 * was handed to a batch.
 */
#ifndef MAILSTORM_PARSERS_ARENA_H
#define MAILSTORM_PARSERS_ARENA_H

#include <stddef.h>

struct arena_block;

/* A cleared one is empty. */
struct arena {
	struct arena_block *blocks; /* the one in use first */
};

/* `size` bytes, aligned as malloc(3)'s; never NULL, aborts when out of memory. */
void *arena_take(struct arena *arena, size_t size);

/* Forgets all pieces and keeps one block of the usual size for the next ones. */
void arena_reset(struct arena *arena);

void arena_free(struct arena *arena);

#endif
