/* SPDX-License-Identifier: Apache-2.0
 *
 * Non-delivery notifications: bounce(8) queues a new message from the null
 * sender to the sender of what could not be delivered. It is ordinary mail.
 * The null sender is told nothing.
 */
#include <stdlib.h>

#include "format.h"

static void address_notification(struct world *world, struct queue_file *about, struct queue_file *file)
{
	char sender[200];
	uint32_t *list;

	*file_sender(world, about, sender) = '\0';
	if (about->sender != SENDER_OWN) {
		file_set_target(file, TARGET_BOUNCES, sender);
		return;
	}
	if (about->mail->author == NOBODY) {
		file_set_target(file, TARGET_FOREIGN, sender);
		return;
	}
	list = malloc(sizeof(*list));
	if (!list)
		abort();
	*list = about->mail->author;
	file_set_list(file, list, 1);
}

bool notify_start(struct world *world, struct queue_file *about)
{
	struct mail *mail;
	struct queue_file *file;
	char sender[200], *p;

	if (file_sender(world, about, sender) == sender)
		return false;
	mail = mail_new(world, NULL);
	mail->size = about->size + 2100;
	file = file_new(world, mail, about->host, world->now + 200);
	p = world->format->notification_id(world, about, file, mail->message_id);
	*p = '\0';
	*text_put(mail->about, about->mail->message_id) = '\0';
	memcpy(file->origin, about->id, sizeof(file->origin));
	file->origin_expired = about->step == FILE_NOTIFY_EXPIRED;
	file->filtered = true;
	file->waiting = &about->task;
	memcpy(about->child, file->id, sizeof(about->child));
	address_notification(world, about, file);
	return true;
}

void notify_refused(struct world *world, const struct rejection *rejection, const char *about, const char *message_id)
{
	struct mail *mail = mail_new(world, NULL);
	struct queue_file *file = file_new(world, mail, rejection->host, world->now + 200);
	uint32_t *list = malloc(sizeof(*list));

	if (!list)
		abort();
	mail->size = file->size = 4100;
	*text_put(mail->message_id, message_id) = '\0';
	*text_put(mail->about, about) = '\0';
	file->filtered = true;
	*list = rejection->author;
	file_set_list(file, list, 1);
}
