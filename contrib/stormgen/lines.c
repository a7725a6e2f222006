/* SPDX-License-Identifier: Apache-2.0
 *
 * Postfix: the bodies of log lines, each as the function of Postfix that writes it has
 * it: smtpd.c (client=), cleanup_message.c (message-id=, header actions),
 * qmgr_message.c and opened.c (from=), log_adhoc.c (to=), qmgr_active.c
 * (expired, removed), bounce_notify_service.c, smtpd_check.c (reject).
 */
#include "world.h"

static uint32_t pid_of(const struct queue_file *file, enum program program)
{
	uint64_t hash = random_mix((uint64_t)file->accepted_at * 16 + program);

	if (program == PROGRAM_QMGR)
		return 1200 + file->host;
	return 2000 + (uint32_t)program * 3000 + (uint32_t)(hash % 120) * 7;
}

static char *begin(struct world *world, const struct queue_file *file, enum program program)
{
	char *p = writer_begin(&world->writer, file->host, program, pid_of(file, program), world->now);

	p = text_bytes(p, file->id, file->id_length);
	*p++ = ':';
	*p++ = ' ';
	return p;
}

static void end(struct world *world, const struct queue_file *file, char *p)
{
	writer_end(&world->writer, file->host, world->now, p);
}

void lines_client(struct world *world, const struct queue_file *file)
{
	char *p = begin(world, file, PROGRAM_SMTPD);

	p = text_put(p, "client=");
	p = text_put(p, file->client);
	if (file->origin[0] != '\0') {
		p = text_put(p, ", orig_queue_id=");
		p = text_put(p, file->origin);
		p = text_put(p, ", orig_client=");
		p = text_put(p, file->mail->client[0] ? file->mail->client : CLIENT_LOCAL);
	} else if (file->mail->login[0] != '\0' && strcmp(file->client, file->mail->client) == 0) {
		p = text_put(p, ", sasl_method=PLAIN, sasl_username=");
		p = text_put(p, file->mail->login);
	}
	end(world, file, p);
}

static char *put_first_recipient(const struct world *world, const struct queue_file *file, char *p)
{
	const struct plan *plan = world->plan;
	uint32_t member;

	if (file->mail->post && plan->options->shape != SHAPE_RECIPIENT_SET)
		return text_put(p, plan->options->list);
	if (file->target != TARGET_MEMBERS)
		return text_put(p, file->to);
	member = file->list ? file->list[0] : file->first;
	return plan_address(plan, &plan->groups[plan_group_of(plan, member)], member, p);
}

/* header_checks with INFO: cleanup_act_log(). */
static void header(struct world *world, const struct queue_file *file, const char *name, const char *value)
{
	char *p = begin(world, file, PROGRAM_CLEANUP);

	p = text_put(p, "info: header ");
	p = text_put(p, name);
	p = text_put(p, ": ");
	p = text_put(p, value);
	p = text_put(p, " from ");
	p = text_put(p, file->client[0] ? file->client : "local");
	p = text_put(p, "; from=<");
	p = file_sender(world, file, p);
	p = text_put(p, "> to=<");
	p = put_first_recipient(world, file, p);
	p = text_put(p, "> proto=ESMTP helo=<");
	p = text_bytes(p, file->client, strcspn(file->client, "["));
	*p++ = '>';
	end(world, file, p);
}

static void post_headers(struct world *world, const struct queue_file *file, const struct post *post)
{
	const struct plan *plan = world->plan;
	const struct post *root = &plan->posts[post->topic * (uint32_t)plan->options->topic_posts];
	char text[512], subject[128];

	plan_subject(plan, post, subject);
	*text_put(text_put(text, file->tagged ? "[Everyone] " : ""), subject) = '\0';
	header(world, file, "Subject", text);
	if (plan->options->subjects != SUBJECTS_REFERENCES)
		return;
	if (post->out_of_office)
		header(world, file, "Auto-Submitted", "auto-replied");
	if (post->parent == NOBODY)
		return;
	header(world, file, "In-Reply-To", plan->posts[post->parent].message_id);
	*text_put(text, root->message_id) = '\0';
	if (post->parent != root->number) {
		/* "References: " and both ids must stay within the 200 bytes that are logged. */
		size_t length = strlen(text) + 13 + strlen(plan->posts[post->parent].message_id);

		if (length <= 200)
			*text_put(text_put(text + strlen(text), " "), plan->posts[post->parent].message_id) = '\0';
	}
	header(world, file, "References", text);
}

void lines_headers(struct world *world, const struct queue_file *file)
{
	char text[64], *p;

	if (world->plan->options->subjects == SUBJECTS_NONE)
		return;
	if (file->mail->post) {
		post_headers(world, file, file->mail->post);
		return;
	}
	p = text_put(text, file->mail->salt % 3 ? "Re: meeting " : "Weekly figures ");
	p = text_number(p, file->mail->salt % 100000);
	*p = '\0';
	header(world, file, "Subject", text);
}

void lines_identify(struct world *world, const struct queue_file *file)
{
	char *p = begin(world, file, PROGRAM_CLEANUP);

	p = text_put(p, "message-id=");
	p = text_put(p, file->mail->message_id);
	end(world, file, p);
}

void lines_active(struct world *world, struct queue_file *file)
{
	char *p = begin(world, file, PROGRAM_QMGR);

	p = text_put(p, "from=<");
	p = file_sender(world, file, p);
	p = text_put(p, ">, size=");
	p = text_number(p, file->size);
	p = text_put(p, ", nrcpt=");
	p = text_number(p, file_recipients(file));
	p = text_put(p, " (queue active)");
	end(world, file, p);
}

void lines_expired(struct world *world, struct queue_file *file)
{
	char *p = begin(world, file, PROGRAM_QMGR);

	p = text_put(p, "from=<");
	p = file_sender(world, file, p);
	p = text_put(p, ">, status=expired, returned to sender");
	end(world, file, p);
}

void lines_notification(struct world *world, struct queue_file *file)
{
	char *p = begin(world, file, PROGRAM_BOUNCE);

	p = text_put(p, "sender non-delivery notification: ");
	p = text_put(p, file->child);
	end(world, file, p);
}

void lines_removed(struct world *world, struct queue_file *file)
{
	end(world, file, text_put(begin(world, file, PROGRAM_QMGR), "removed"));
}

void lines_rejection(struct world *world, const struct rejection *rejection)
{
	const struct plan *plan = world->plan;
	uint32_t desk = (uint32_t)(random_mix(rejection->author) % 60000);
	char host[128], *p = text_put(host, "pc");

	p = text_number(p, desk);
	*p++ = '.';
	*text_put(p, plan->list_domain) = '\0';
	p = writer_begin(&world->writer, rejection->host, PROGRAM_SMTPD, 2000 + desk % 120 * 7, world->now);
	p = text_put(p, "NOQUEUE: reject: RCPT from ");
	p = text_put(p, host);
	p = text_put(p, "[10.9.");
	p = text_number(p, desk / 250);
	*p++ = '.';
	p = text_number(p, desk % 250 + 1);
	p = text_put(p, "]: 550 5.1.1 <");
	p = text_put(p, plan->options->list);
	p = text_put(p, ">: Recipient address rejected: User unknown in ");
	p = text_put(p, plan->options->shape == SHAPE_VIRTUAL ? "virtual alias table" : "local recipient table");
	p = text_put(p, "; from=<");
	p = plan_address(plan, &plan->groups[plan_group_of(plan, rejection->author)], rejection->author, p);
	p = text_put(p, "> to=<");
	p = text_put(p, plan->options->list);
	p = text_put(p, "> proto=ESMTP helo=<");
	p = text_put(p, host);
	*p++ = '>';
	writer_end(&world->writer, rejection->host, world->now, p);
}

void lines_refused_bounce(struct world *world, uint32_t host, uint64_t number)
{
	char *p = writer_begin(&world->writer, host, PROGRAM_SMTPD, 2000 + (uint32_t)(number % 120) * 7, world->now);

	p = text_put(p, "NOQUEUE: reject: RCPT from mx.stranger.example[198.51.100.7]: 550 5.1.1 <info");
	p = text_number(p, number);
	*p++ = '@';
	p = text_put(p, world->plan->list_domain);
	p = text_put(p, ">: Recipient address rejected: User unknown in local recipient table; from=<> to=<info");
	p = text_number(p, number);
	*p++ = '@';
	p = text_put(p, world->plan->list_domain);
	p = text_put(p, "> proto=ESMTP helo=<mx.stranger.example>");
	writer_end(&world->writer, host, world->now, p);
}

char *lines_delivery(const struct queue_file *file, char *p, const char *list, const char *relay, unsigned conn_use,
                     struct timing *timing, const char *dsn, const char *status)
{
	int64_t before = file->active_at - file->accepted_at, queued = timing->begun - file->active_at;

	*p++ = '>';
	if (list) {
		p = text_put(p, ", orig_to=<");
		p = text_put(p, list);
		*p++ = '>';
	}
	p = text_put(p, ", relay=");
	p = text_put(p, relay);
	if (conn_use >= 2) {
		p = text_put(p, ", conn_use=");
		p = text_number(p, conn_use);
	}
	p = text_put(p, ", delay=");
	p = text_delay(p, before + queued + timing->setup + timing->transfer, &timing->shown);
	p = text_put(p, ", delays=");
	p = text_delay(p, before, NULL);
	*p++ = '/';
	p = text_delay(p, queued, NULL);
	*p++ = '/';
	p = text_delay(p, timing->setup, NULL);
	*p++ = '/';
	p = text_delay(p, timing->transfer, NULL);
	p = text_put(p, ", dsn=");
	p = text_put(p, dsn);
	p = text_put(p, ", status=");
	p = text_put(p, status);
	*p++ = ' ';
	*p++ = '(';
	return p;
}

void lines_to(struct world *world, const struct queue_file *file, enum program program, uint32_t pid,
              struct writer_head *head)
{
	char *p = writer_begin(&world->writer, file->host, program, pid, world->now);

	p = text_bytes(p, file->id, file->id_length);
	p = text_put(p, ": to=<");
	writer_keep(&world->writer, file->host, world->now, p, head);
}
