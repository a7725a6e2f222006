/* SPDX-License-Identifier: Apache-2.0
 *
 * A slice is a run of bytes that somebody else owns: not NUL-terminated, any
 * byte value allowed. A slice with .bytes == NULL is "not given"; a slice of
 * length 0 with .bytes != NULL is "given and empty" (the null sender <>).
 */
#ifndef MAILSTORM_SLICE_H
#define MAILSTORM_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct slice {
	const char *bytes;
	size_t length;
};

/* A slice over a string literal. */
#define SLICE(literal) ((struct slice){(literal), sizeof(literal) - 1})
#define SLICE_NONE ((struct slice){NULL, 0})

static inline struct slice slice_of(const char *string)
{
	return (struct slice){string, string ? strlen(string) : 0};
}

static inline bool slice_given(struct slice s)
{
	return s.bytes != NULL;
}

static inline bool slice_equal(struct slice a, struct slice b)
{
	return a.length == b.length && (a.length == 0 || a.bytes == b.bytes || memcmp(a.bytes, b.bytes, a.length) == 0);
}

/* By bytes, a prefix before what is longer: < 0, 0, > 0 as memcmp(3). */
static inline int slice_compare(struct slice a, struct slice b)
{
	size_t n = a.length < b.length ? a.length : b.length;
	int order = n ? memcmp(a.bytes, b.bytes, n) : 0;

	return order ? order : (a.length > b.length) - (a.length < b.length);
}

static inline bool slice_is(struct slice a, const char *string)
{
	return slice_equal(a, slice_of(string));
}

static inline bool slice_starts(struct slice a, const char *prefix)
{
	size_t n = strlen(prefix);

	return a.length >= n && memcmp(a.bytes, prefix, n) == 0;
}

/* The part of s from byte `from` on; empty where s is shorter. What is not given stays so. */
static inline struct slice slice_from(struct slice s, size_t from)
{
	if (from > s.length)
		from = s.length;
	return from ? (struct slice){s.bytes + from, s.length - from} : s;
}

static inline struct slice slice_first(struct slice s, size_t length)
{
	return (struct slice){s.bytes, length < s.length ? length : s.length};
}

#endif
