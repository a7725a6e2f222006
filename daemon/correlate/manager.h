/* SPDX-License-Identifier: Apache-2.0
 *
 * Mail that list managers write themselves, to all members or some: digests,
 * welcome notes, questions to moderators. They are no posts of their list. Told by
 * the Message-ID that a manager gives them; where it gives such a one to posts
 * too (anonymous lists), by what else the list sends.
 */
#ifndef MAILSTORM_CORRELATE_MANAGER_H
#define MAILSTORM_CORRELATE_MANAGER_H

#include "daemon/correlate/state.h"

enum manager_mail {
	MANAGER_NONE,    /* a Message-ID of no list manager */
	MANAGER_PERHAPS, /* of its own mail, or of a post that it gave a new one */
	MANAGER_LOCAL,   /* the same, but others make such ones too: only where it was handed in on the host itself */
	MANAGER_OWN      /* of its own mail */
};

/* What a Message-ID, with its angle brackets, says of its message. */
enum manager_mail manager_mail_of(struct slice message_id);

/* The manager of the list of this address wrote the message: it is no post. */
bool manager_wrote(const struct state *state, const struct message *message, uint32_t address);

/* The sender is of a shape that people have too, and a person's: those who write to the same people write to it. */
bool manager_is_person(const struct state *state, const struct message *message);

/* The message's envelope sender is a list's own, but it came from elsewhere, and the list is one that is expanded at our
 * hosts: whoever wrote that sender is not its manager. */
bool manager_is_forged(const struct state *state, const struct message *message);

/* Marks as changed what of the list's posts its manager wrote, as is known by now. True where there is some. */
bool manager_mark(struct state *state, uint32_t list);

#endif
