/* SPDX-License-Identifier: Apache-2.0
 *
 * Long Message-IDs, see message_id.h. Keeps nothing.
 */
#include "daemon/correlate/message_id.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/hash.h"

#define TAIL 20 /* "..." 0123456789abcdef ">" */

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
