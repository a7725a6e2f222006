/* SPDX-License-Identifier: Apache-2.0
 *
 * Objects to bytes and back, by one description for both ways: a function
 * names its fields in order, the codec writes them or reads them. Integers are
 * variable-length (zigzag). Bytes that end early or hold too much make the codec fail, never crash.
 */
#ifndef MAILSTORM_STORE_CODEC_H
#define MAILSTORM_STORE_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct texts;

struct codec {
	bool reading;
	bool failed;   /* reading: the bytes are not what they should be */
	char *bytes;   /* writing: malloc'ed, kept for the next object; reading: borrowed */
	size_t length; /* writing: bytes so far; reading: all there are */
	size_t capacity;
	size_t at; /* reading: next byte */
	/* Where given, texts and addresses are written out, and held when they are read; else they are numbers. */
	struct texts *texts, *addresses;
};

void codec_begin_write(struct codec *codec);
void codec_begin_read(struct codec *codec, const void *bytes, size_t length);
void codec_free(struct codec *codec); /* of one that wrote */
/* Reading: all bytes were there, and no more. */
bool codec_end(const struct codec *codec);
/* Reading: what is left is not looked at. */
void codec_skip(struct codec *codec);

void codec_i64(struct codec *codec, int64_t *value);
void codec_u64(struct codec *codec, uint64_t *value);
void codec_u32(struct codec *codec, uint32_t *value);
void codec_u16(struct codec *codec, uint16_t *value);
void codec_u8(struct codec *codec, uint8_t *value);
void codec_i32(struct codec *codec, int32_t *value);
void codec_int(struct codec *codec, int *value);
void codec_double(struct codec *codec, double *value);
void codec_bool(struct codec *codec, bool *value);
/* The number of an interned text, or of an address. */
void codec_text(struct codec *codec, uint32_t *number);
void codec_address(struct codec *codec, uint32_t *number);
/* The length of an array whose elements follow, each at least one byte: reading fails where that cannot be. */
void codec_count(struct codec *codec, uint32_t *count);

/* A bit field cannot be pointed to. */
#define CODEC_BIT(codec, field) \
	do { \
		bool bit = (field); \
		codec_bool((codec), &bit); \
		(field) = bit; \
	} while (0)

/* An array: its count, room for it when reading, and `each` for every element. */
#define CODEC_ARRAY(codec, array, count, each) \
	do { \
		codec_count((codec), &(count)); \
		if ((codec)->reading) \
			(array) = memory_zeroed((count), sizeof(*(array))); \
		for (uint32_t at_ = 0; at_ < (count); at_++) \
			each((codec), &(array)[at_]); \
	} while (0)

#endif
