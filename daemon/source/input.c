/* SPDX-License-Identifier: Apache-2.0
 *
 * Files and pipes, plain or packed by gzip, as input.h has them. Whether it
 * is packed is told by the first bytes, never by the name, and so is UTF-16, which is
 * unpacked to UTF-8 likewise. A packed stream
 * that breaks off or is damaged is an error, after all that could be had.
 */
#include "daemon/source/input.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "daemon/base/memory.h"
#include "daemon/source/backend.h"
#include "daemon/source/utf16.h"

#define PACKED_BLOCK ((size_t)1 << 16)
#define PIPE_ROOM (1 << 20)
#define SEEK_STEPS 16 /* blocks unpacked for nothing by one call of input_read() */

enum packing { UNKNOWN, PLAIN, WIDE, GZIP, MEMBER_END, AT_END, BROKEN };

struct input {
	char *path;
	int fd;
	bool pipe;
	enum packing packing;
	enum utf16_order order; /* of WIDE */
	struct stat status;
	int64_t opened; /* microseconds */
	int64_t size;   /* unpacked, or -1 */
	int64_t done;
	int64_t discard;       /* unpacked bytes that are not wanted, of input_seek() */
	unsigned char *packed; /* bytes of the file that were not used: its first ones, then those for zlib */
	size_t packed_count;
	z_stream zlib;
	bool zlib_ready;
	char *error;
	const char *remark;
};

static const struct magic {
	unsigned char bytes[6];
	size_t length;
	const char *other; /* what it is packed by, if that is not understood */
} magics[] = {
	{{0x1f, 0x8b}, 2, NULL},
	{{0xfd, '7', 'z', 'X', 'Z', 0}, 6, "xz"},
	{{0x28, 0xb5, 0x2f, 0xfd}, 4, "zstd"},
	{{'B', 'Z', 'h', '9', '1', 'A'}, 6, "bzip2"},
	{{0x1f, 0x9d}, 2, "compress"},
};

static enum input_result input_break(struct input *input, const char *why)
{
	free(input->error);
	input->error = source_text("%s: %s", input->path, why);
	input->packing = BROKEN;
	return INPUT_ERROR;
}

/* Reads from the file itself, for plain bytes and for zlib. */
static enum input_result input_take(struct input *input, void *memory, size_t room, size_t *got)
{
	struct pollfd ready = {.fd = input->fd, .events = POLLIN};
	ssize_t count;

	*got = 0;
	if (input->pipe && poll(&ready, 1, 0) <= 0)
		return INPUT_NONE;
	count = read(input->fd, memory, room);
	if (count < 0)
		return errno == EINTR || errno == EAGAIN ? INPUT_NONE : input_break(input, strerror(errno));
	if (count == 0) /* of a named pipe that nobody has opened yet, poll() says nothing */
		return INPUT_END;
	input->done += count;
	*got = (size_t)count;
	return INPUT_BYTES;
}

static enum input_result input_begin_gzip(struct input *input)
{
	int status = input->zlib_ready ? inflateReset(&input->zlib) : inflateInit2(&input->zlib, 15 + 16);

	if (status != Z_OK)
		return input_break(input, "out of memory for unpacking");
	input->zlib_ready = true;
	input->packing = GZIP;
	return INPUT_BYTES;
}

/* Not packed: text of bytes, or of UTF-16. A pipe is not asked for more bytes than came. */
static enum input_result input_begin_plain(struct input *input)
{
	enum input_result result = INPUT_BYTES;
	size_t got;

	while (!input->pipe && input->packed_count < UTF16_LOOKED_AT && result == INPUT_BYTES) {
		result = input_take(input, input->packed + input->packed_count, UTF16_LOOKED_AT - input->packed_count,
		                    &got);
		input->packed_count += got;
	}
	if (result == INPUT_ERROR)
		return result;
	input->order = utf16_likely(input->packed, input->packed_count);
	input->packing = input->order ? WIDE : PLAIN;
	return INPUT_BYTES;
}

/* Looks at the first bytes until they can only be one thing. INPUT_BYTES: it is known what. */
static enum input_result input_detect(struct input *input)
{
	enum input_result result = INPUT_BYTES;
	size_t got;

	while (result == INPUT_BYTES) {
		bool maybe = input->packed_count == 0;

		for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
			const struct magic *magic = &magics[i];
			size_t known = input->packed_count < magic->length ? input->packed_count : magic->length;

			if (memcmp(input->packed, magic->bytes, known) != 0)
				continue;
			maybe |= known < magic->length;
			if (known == magic->length && !magic->other)
				return input_begin_gzip(input);
			if (known == magic->length) {
				char why[64];

				snprintf(why, sizeof(why), "packed by %s: unpack it first", magic->other);
				return input_break(input, why);
			}
		}
		if (!maybe)
			break;
		result = input_take(input, input->packed + input->packed_count, 6 - input->packed_count, &got);
		input->packed_count += got;
	}
	if (result == INPUT_NONE || result == INPUT_ERROR)
		return result;
	return input_begin_plain(input);
}

/* More for zlib, if it has none. INPUT_BYTES: it has some. */
static enum input_result input_feed(struct input *input)
{
	enum input_result result = INPUT_BYTES;

	if (input->packed_count == 0) {
		result = input_take(input, input->packed, PACKED_BLOCK, &input->packed_count);
		input->zlib.next_in = input->packed;
	}
	return result;
}

static void input_use(struct input *input, size_t count)
{
	input->zlib.next_in += count;
	input->packed_count -= count;
}

/* Behind a member: another one, zeroes that fill up a tape block, or what gzip(1) calls garbage. */
static enum input_result input_next_member(struct input *input)
{
	enum input_result result;

	while ((result = input_feed(input)) == INPUT_BYTES && *input->zlib.next_in == 0)
		input_use(input, 1);
	if (result == INPUT_BYTES && *input->zlib.next_in == 0x1f)
		return input_begin_gzip(input);
	if (result == INPUT_BYTES) {
		input->remark = "bytes behind the packed data are not read";
		result = INPUT_END;
	}
	if (result == INPUT_END)
		input->packing = AT_END;
	return result;
}

static enum input_result input_inflate(struct input *input, char *memory, size_t room, size_t *got)
{
	enum input_result result;
	size_t before;
	int status;

	if (input->packing == MEMBER_END) {
		result = input_next_member(input);
		if (result != INPUT_BYTES)
			return result;
	}
	result = input_feed(input);
	if (result == INPUT_END)
		return input_break(input, "the packed data break off: the file is not whole");
	if (result != INPUT_BYTES)
		return result;
	before = input->packed_count;
	input->zlib.avail_in = (uInt)before;
	input->zlib.next_out = (unsigned char *)memory;
	input->zlib.avail_out = (uInt)room;
	status = inflate(&input->zlib, Z_NO_FLUSH);
	input->packed_count = input->zlib.avail_in;
	*got = room - input->zlib.avail_out;
	if (status == Z_STREAM_END)
		input->packing = MEMBER_END;
	else if (status != Z_OK && status != Z_BUF_ERROR)
		input_break(input, "the packed data are damaged");
	return input->packing == BROKEN && *got == 0 ? INPUT_ERROR : INPUT_BYTES;
}

/* Text of UTF-16, as UTF-8. */
static enum input_result input_narrow(struct input *input, char *memory, size_t room, size_t *got)
{
	enum input_result result = INPUT_BYTES;
	size_t more, used;

	if (input->packed_count < PACKED_BLOCK / 2) {
		result = input_take(input, input->packed + input->packed_count, PACKED_BLOCK - input->packed_count,
		                    &more);
		input->packed_count += more;
	}
	if (result == INPUT_NONE || result == INPUT_ERROR)
		return result;
	if (result == INPUT_END && input->packed_count == 0)
		return INPUT_END;
	*got = utf16_decode(input->order, input->packed, input->packed_count, result == INPUT_END, memory, room, &used);
	memmove(input->packed, input->packed + used, input->packed_count - used);
	input->packed_count -= used;
	return INPUT_BYTES;
}

static enum input_result input_step(struct input *input, char *memory, size_t room, size_t *got)
{
	enum input_result result = INPUT_BYTES;

	*got = 0;
	if (input->packing == UNKNOWN)
		result = input_detect(input);
	if (result != INPUT_BYTES)
		return result;
	if (input->packing == BROKEN)
		return INPUT_ERROR;
	if (input->packing == AT_END)
		return INPUT_END;
	if (input->packing == PLAIN && input->packed_count > 0) {
		*got = input->packed_count < room ? input->packed_count : room;
		memcpy(memory, input->packed, *got);
		memmove(input->packed, input->packed + *got, input->packed_count - *got);
		input->packed_count -= *got;
		return INPUT_BYTES;
	}
	if (input->packing == PLAIN)
		return input_take(input, memory, room, got);
	if (input->packing == WIDE)
		return input_narrow(input, memory, room, got);
	return input_inflate(input, memory, room, got);
}

enum input_result input_read(struct input *input, char *memory, size_t room, size_t *got)
{
	enum input_result result = INPUT_BYTES;

	*got = 0;
	for (int step = 0; step < SEEK_STEPS && result == INPUT_BYTES && *got == 0; step++) {
		int64_t unwanted;

		result = input_step(input, memory, room, got);
		unwanted = (int64_t)*got < input->discard ? (int64_t)*got : input->discard;
		input->discard -= unwanted;
		*got -= (size_t)unwanted;
		if (unwanted > 0 && *got > 0)
			memmove(memory, memory + unwanted, *got);
	}
	return result == INPUT_END && input->discard > 0 ? INPUT_SHORT : result;
}

static bool input_find(struct input *input, char **error)
{
	bool standard = strcmp(input->path, "-") == 0;
	struct timespec now;

	/* O_NONBLOCK: a named pipe without a writer must not hold up everything */
	input->fd = standard ? dup(STDIN_FILENO) : open(input->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (input->fd < 0 || fstat(input->fd, &input->status) < 0) {
		*error = source_text("%s: %s", input->path, strerror(errno));
		return false;
	}
	if (S_ISDIR(input->status.st_mode)) {
		*error = source_text("%s: %s", input->path, strerror(EISDIR));
		return false;
	}
	clock_gettime(CLOCK_REALTIME, &now);
	input->opened = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
	input->pipe = standard || !S_ISREG(input->status.st_mode);
	/* Room for whole blocks spares both sides most of their waits; a system that has no more gives none. */
	if (S_ISFIFO(input->status.st_mode))
		fcntl(input->fd, F_SETPIPE_SZ, PIPE_ROOM);
	if (input->pipe)
		return true;
	if (input_detect(input) == INPUT_ERROR) {
		*error = source_text("%s", input->error);
		return false;
	}
	if (input->packing == PLAIN)
		input->size = (int64_t)input->status.st_size;
	return true;
}

struct input *input_open(const char *path, char **error)
{
	struct input *input = memory_zeroed(1, sizeof(*input));

	input->path = memory_string(path, strlen(path));
	input->packed = memory_checked(malloc(PACKED_BLOCK));
	input->zlib.next_in = input->packed;
	input->size = -1;
	if (!input_find(input, error))
		input_free(&input);
	return input;
}

void input_free(struct input **input)
{
	if (!*input)
		return;
	if ((*input)->zlib_ready)
		inflateEnd(&(*input)->zlib);
	if ((*input)->fd >= 0)
		close((*input)->fd);
	free((*input)->packed);
	free((*input)->error);
	free((*input)->path);
	free(*input);
	*input = NULL;
}

const char *input_error(const struct input *input)
{
	return input->error ? input->error : "no error";
}

bool input_seek(struct input *input, int64_t offset)
{
	bool plain = input->packing == PLAIN;
	int64_t to = plain ? offset : 0;

	if (input->pipe || offset < 0 || input->packing == BROKEN)
		return false;
	if (lseek(input->fd, to, SEEK_SET) < 0)
		return false;
	input->packed_count = 0;
	input->zlib.next_in = input->packed;
	input->discard = plain ? 0 : offset;
	input->done = to;
	return plain || input->packing == WIDE || input_begin_gzip(input) == INPUT_BYTES;
}

int input_pipe(const struct input *input)
{
	return input->pipe ? input->fd : -1;
}

int64_t input_time(const struct input *input)
{
	if (input->pipe)
		return input->opened;
	return (int64_t)input->status.st_mtim.tv_sec * 1000000 + input->status.st_mtim.tv_nsec / 1000;
}

int64_t input_size(const struct input *input)
{
	return input->size;
}

int64_t input_done(const struct input *input)
{
	return input->done;
}

int64_t input_total(const struct input *input)
{
	return input->pipe ? -1 : (int64_t)input->status.st_size;
}

const char *input_remark(struct input *input)
{
	const char *remark = input->remark;

	input->remark = NULL;
	return remark;
}
