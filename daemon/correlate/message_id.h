/* SPDX-License-Identifier: Apache-2.0
 *
 * Message-IDs as they are kept. RFC 5322 lets no line be longer than 998 bytes;
 * whoever writes a longer id has it cut, and is told apart from others by a hash.
 */
#ifndef MAILSTORM_CORRELATE_MESSAGE_ID_H
#define MAILSTORM_CORRELATE_MESSAGE_ID_H

#include "slice.h"

#define MESSAGE_ID_MAX 1024

/* The id itself; or, of a longer one, its beginning, "...", 16 hexadecimal digits that the whole id gives, and ">", made in
 * the buffer (MESSAGE_ID_MAX bytes). Not given stays so. */
struct slice message_id_kept(struct slice id, char *buffer);

#endif
