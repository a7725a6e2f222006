/* SPDX-License-Identifier: Apache-2.0
 *
 * Long Message-IDs, see message_id.h. Keeps nothing.
 */
#include "daemon/correlate/message_id.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/hash.h"
#include "daemon/correlate/queue_id.h"

#define TAIL 20 /* "..." 0123456789abcdef ">" */

bool message_id_is_none(struct slice id)
{
	return id.length == 0 || slice_is(id, "<>");
}

bool message_id_is_made(struct slice id, struct slice queue_id)
{
	size_t digits = 0;

	if (!slice_starts(id, "<") || queue_id.length == 0)
		return false;
	id = slice_from(id, 1);
	while (digits < id.length && id.bytes[digits] >= '0' && id.bytes[digits] <= '9')
		digits++;
	if ((digits == 12 || digits == 14) && digits < id.length && id.bytes[digits] == '.')
		id = slice_from(id, digits + 1);
	else if (slice_starts(id, "E") && id.length > queue_id.length &&
	         slice_equal(slice_first(slice_from(id, 1), queue_id.length), queue_id))
		id = slice_from(id, 1);
	return id.length > queue_id.length && slice_equal(slice_first(id, queue_id.length), queue_id) &&
	       id.bytes[queue_id.length] == '@';
}

bool message_id_is_exims(struct slice id)
{
	const char *at = id.length ? memchr(id.bytes, '@', id.length) : NULL;

	return at && slice_starts(id, "<E") &&
	       queue_id_is_exims((struct slice){id.bytes + 2, (size_t)(at - id.bytes) - 2});
}

struct slice message_id_kept(struct slice id, char *buffer)
{
	char tail[TAIL + 1];

	if (!slice_given(id) || id.length <= MESSAGE_ID_MAX)
		return id;
	snprintf(tail, sizeof(tail), "...%016" PRIx64 ">", hash_bytes(id.bytes, id.length, 0));
	memcpy(buffer, id.bytes, MESSAGE_ID_MAX - TAIL);
	memcpy(buffer + MESSAGE_ID_MAX - TAIL, tail, TAIL);
	return (struct slice){buffer, MESSAGE_ID_MAX};
}
