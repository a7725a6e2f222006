/* SPDX-License-Identifier: Apache-2.0
 *
 * The bytes of one file, of standard input or of a pipe, unpacked where they
 * are gzip's. Reading never blocks; the file itself is only ever read.
 */
#ifndef MAILSTORM_SOURCE_INPUT_H
#define MAILSTORM_SOURCE_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct input;

enum input_result {
	INPUT_BYTES, /* *got bytes; 0 where it is still on the way to the offset of input_seek() */
	INPUT_NONE,  /* a pipe that has nothing now */
	INPUT_END,
	INPUT_SHORT, /* the end came before the offset of input_seek() */
	INPUT_ERROR  /* input_error() says what; what was given before is good */
};

/* "-": standard input. NULL and *error ("PATH: why", malloc'ed) where it cannot be opened or is packed in a way
 * that is not understood. */
struct input *input_open(const char *path, char **error);
void input_free(struct input **input);

enum input_result input_read(struct input *input, char *memory, size_t room, size_t *got);
const char *input_error(const struct input *input);

/* Goes to that offset of the unpacked bytes, from anywhere; false for standard input and pipes, which cannot. */
bool input_seek(struct input *input, int64_t offset);

/* The descriptor to poll(2) for more, of standard input and pipes; -1 for files. */
int input_pipe(const struct input *input);

/* Modification time, or the time of opening, microseconds. */
int64_t input_time(const struct input *input);

/* Bytes of the unpacked file, or -1; bytes read and to be read of the file as it lies on the disk, the latter maybe -1. */
int64_t input_size(const struct input *input);
int64_t input_done(const struct input *input);
int64_t input_total(const struct input *input);

/* A remark, once, that is no error ("bytes behind the packed data"), or NULL. */
const char *input_remark(struct input *input);

#endif
