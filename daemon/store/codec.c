/* SPDX-License-Identifier: Apache-2.0
 *
 * Objects to bytes and back, see codec.h.
 */
#include "daemon/store/codec.h"

#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/base/texts.h"

void codec_begin_write(struct codec *codec)
{
	codec->reading = codec->failed = false;
	codec->length = codec->at = 0;
	codec->texts = codec->addresses = NULL;
}

void codec_begin_read(struct codec *codec, const void *bytes, size_t length)
{
	*codec = (struct codec){.reading = true, .bytes = (char *)(uintptr_t)bytes, .length = length};
}

void codec_free(struct codec *codec)
{
	free(codec->bytes);
	*codec = (struct codec){0};
}

bool codec_end(const struct codec *codec)
{
	return !codec->failed && codec->at == codec->length;
}

void codec_skip(struct codec *codec)
{
	codec->at = codec->length;
}

static void codec_room(struct codec *codec, size_t more)
{
	if (codec->capacity >= codec->length + more)
		return;
	codec->capacity = codec->capacity * 2 + more + 256;
	codec->bytes = memory_resized(codec->bytes, codec->capacity, 1);
}

static void codec_put(struct codec *codec, uint64_t value)
{
	codec_room(codec, 10);
	while (value > 127) {
		codec->bytes[codec->length++] = (char)(value | 128);
		value >>= 7;
	}
	codec->bytes[codec->length++] = (char)value;
}

static uint64_t codec_get(struct codec *codec)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		unsigned char byte;

		if (codec->at >= codec->length)
			break;
		byte = (unsigned char)codec->bytes[codec->at++];
		value |= (uint64_t)(byte & 127) << shift;
		if (byte < 128)
			return value;
	}
	codec->failed = true;
	return 0;
}

void codec_u64(struct codec *codec, uint64_t *value)
{
	if (codec->reading)
		*value = codec_get(codec);
	else
		codec_put(codec, *value);
}

void codec_i64(struct codec *codec, int64_t *value)
{
	uint64_t zigzag = (uint64_t)*value << 1 ^ (uint64_t)(*value >> 63);

	codec_u64(codec, &zigzag);
	if (codec->reading)
		*value = (int64_t)(zigzag >> 1 ^ (~(zigzag & 1) + 1));
}

#define CODEC_SMALL(name, type, wide, by) \
	void name(struct codec *codec, type *value) \
	{ \
		wide whole = (wide)*value; \
\
		by(codec, &whole); \
		if (codec->reading) { \
			*value = (type)whole; \
			codec->failed = codec->failed || (wide)*value != whole; \
		} \
	}

CODEC_SMALL(codec_u32, uint32_t, uint64_t, codec_u64)
CODEC_SMALL(codec_u16, uint16_t, uint64_t, codec_u64)
CODEC_SMALL(codec_u8, uint8_t, uint64_t, codec_u64)
CODEC_SMALL(codec_i32, int32_t, int64_t, codec_i64)
CODEC_SMALL(codec_int, int, int64_t, codec_i64)
CODEC_SMALL(codec_bool, bool, uint64_t, codec_u64)

void codec_double(struct codec *codec, double *value)
{
	uint64_t bits;

	memcpy(&bits, value, sizeof(bits));
	codec_u64(codec, &bits);
	memcpy(value, &bits, sizeof(bits));
}

/* A length, 0 where there is no text, counted from 1, and the bytes. */
static void codec_whole(struct codec *codec, struct texts *texts, uint32_t *number)
{
	bool there = !codec->reading && texts_has(texts, *number);
	struct slice text = there ? texts_get(texts, *number) : SLICE_NONE;
	uint64_t length = there ? text.length + 1 : 0;

	codec_u64(codec, &length);
	if (codec->reading)
		*number = 0;
	if (!length--)
		return;
	if (codec->reading) {
		if (length > codec->length - codec->at) {
			codec->failed = true;
			return;
		}
		*number = texts_hold(texts, (struct slice){codec->bytes + codec->at, (size_t)length});
		codec->at += (size_t)length;
		return;
	}
	codec_room(codec, text.length);
	memcpy(codec->bytes + codec->length, text.bytes, text.length);
	codec->length += text.length;
}

void codec_text(struct codec *codec, uint32_t *number)
{
	if (codec->texts)
		codec_whole(codec, codec->texts, number);
	else
		codec_u32(codec, number);
}

void codec_address(struct codec *codec, uint32_t *number)
{
	if (codec->addresses)
		codec_whole(codec, codec->addresses, number);
	else
		codec_u32(codec, number);
}

void codec_count(struct codec *codec, uint32_t *count)
{
	codec_u32(codec, count);
	if (codec->reading && *count > codec->length - codec->at) {
		codec->failed = true;
		*count = 0;
	}
}
