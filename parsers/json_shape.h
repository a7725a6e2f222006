/* SPDX-License-Identifier: Apache-2.0
 *
 * A shipper writes all lines in one shape: the same bytes, but for the values
 * between them. Where an object's values stand can so be told from one read
 * before, without reading it token by token.
 */
#ifndef MAILSTORM_PARSERS_JSON_SHAPE_H
#define MAILSTORM_PARSERS_JSON_SHAPE_H

#include <stdbool.h>

#include "slice.h"

#define JSON_SHAPE_VALUES 40  /* an object with more has no shape; */
#define JSON_SHAPE_BYTES 2048 /* ... nor one with more bytes around its values */

/* A string without its quotes, or a number, true, false, null. */
struct json_value {
	int start, end; /* in the object's bytes */
	bool string;
};

struct json_shape {
	unsigned count; /* of values; 0: no shape */
	struct json_value values[JSON_SHAPE_VALUES];
	unsigned around[JSON_SHAPE_VALUES + 1]; /* how many bytes stand before each value, and behind the last */
	char bytes[JSON_SHAPE_BYTES];           /* these */
};

/* A text with a NUL byte, or a very long one, has none. */
bool json_shape_may_be(struct slice text);

/* Learns the shape of an object by its values, all of them in their order. Where there is no room, it is none. */
void json_shape_learn(struct json_shape *shape, struct slice object, const struct json_value *values, unsigned count);

/* Whether the text, which may have one, is an object of the shape, and then where its values are: shape->values. */
bool json_shape_fits(struct json_shape *shape, struct slice text);

#endif
