/* SPDX-License-Identifier: Apache-2.0
 *
 * What is stored of each object of the state, field by field; one function
 * serves writing and reading. Whoever adds a field to the state adds it here.
 */
#ifndef MAILSTORM_STORE_OBJECTS_H
#define MAILSTORM_STORE_OBJECTS_H

#include "daemon/correlate/state.h"
#include "daemon/store/codec.h"

enum object_kind {
	OBJECT_HOST = 1,
	OBJECT_RELAY,
	OBJECT_FILE,
	OBJECT_MESSAGE,
	OBJECT_LINK,
	OBJECT_LIST,
	OBJECT_POST,
	OBJECT_INCIDENT,
	OBJECT_REFUSAL,
	OBJECT_NOTIFICATION
};

void object_host(struct codec *codec, struct host *host);
void object_relay(struct codec *codec, struct relay *relay);
void object_file(struct codec *codec, struct file *file);
void object_message(struct codec *codec, struct message *message);
/* What stands before the rest of it: all that its posts' sets depend on. */
void object_message_head(struct codec *codec, struct message *message);
void object_link(struct codec *codec, struct link *link);
void object_list(struct codec *codec, struct list *list);
void object_post(struct codec *codec, struct post *post);
void object_incident(struct codec *codec, struct incident *incident);
void object_cell(struct codec *codec, struct cell *cell);
/* All refusals of addresses that are no list, and the rejects read lately, in one. */
void object_refusals(struct codec *codec, struct state *state);

/* All notifications about messages that are not known. */
void object_notifications(struct codec *codec, struct state *state);

#endif
