/* SPDX-License-Identifier: Apache-2.0
 *
 * Message-IDs as they are kept. RFC 5322 lets no line be longer than 998 bytes;
 * whoever writes a longer id has it cut, and is told apart from others by a hash.
 */
#ifndef MAILSTORM_CORRELATE_MESSAGE_ID_H
#define MAILSTORM_CORRELATE_MESSAGE_ID_H

#include <stdbool.h>

#include "slice.h"

#define MESSAGE_ID_MAX 1024

/* The id itself; or, of a longer one, its beginning, "...", 16 hexadecimal digits that the whole id gives, and ">", made in
 * the buffer (MESSAGE_ID_MAX bytes). Not given stays so. */
struct slice message_id_kept(struct slice id, char *buffer);

/* There is none: Postfix logs "<>" then. */
bool message_id_is_none(struct slice id);

/* The host under whose queue ID the message was made it, as it had none: "<QID@host>" or "<20161114082900.QID@host>" by
 * cleanup(8), "<201611140829.QID@host>" by Sendmail, "<EQID@host>" by Exim. */
bool message_id_is_made(struct slice id, struct slice queue_id);

/* It looks like one that some Exim made so. It logs none then, at the host where the message was submitted; the next one does. */
bool message_id_is_exims(struct slice id);

#endif
