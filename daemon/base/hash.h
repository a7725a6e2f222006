/* SPDX-License-Identifier: Apache-2.0
 *
 * 64-bit hashes: XXH3 of libxxhash for bytes, a mixer for numbers. Not stored
 * across versions except where said.
 */
#ifndef MAILSTORM_BASE_HASH_H
#define MAILSTORM_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <xxhash.h>

static inline uint64_t hash_bytes(const void *bytes, size_t length, uint64_t seed)
{
	return XXH3_64bits_withSeed(bytes, length, seed);
}

static inline uint64_t hash_number(uint64_t x)
{
	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93u;
	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93u;
	return x ^ (x >> 32);
}

static inline uint64_t hash_two(uint64_t a, uint64_t b)
{
	return hash_number(a + 0x9e3779b97f4a7c15u * (b + 1));
}

#endif
