/* SPDX-License-Identifier: Apache-2.0
 *
 * Sendmail 8: one line for the arrival (logsender()), one for each transaction
 * and outcome (logdelivery()), in which the recipients stand one after the
 * other, none for the end. A list is an alias, expanded in place: no line ever
 * names it, unless it has an owner, whose name goes into the clone of the
 * message that is made then.
 */
#include <stdio.h>

#include "format.h"

#define LINE_MOST 36 /* recipients in one line */

/* Year, month, day, hour, minute, second, two of a sequence, process: queue.c, assign_queueid() */
static char *id(const struct world *world, struct queue_file *file, uint64_t number, char *p)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwx";
	int64_t second = file->accepted_at / SECOND, year;
	unsigned month, day;

	(void)world;
	text_date(second / 86400, &year, &month, &day);
	*p++ = digits[(year - 1900) % 60];
	*p++ = digits[month - 1];
	*p++ = digits[day];
	*p++ = digits[second / 3600 % 24];
	*p++ = digits[second / 60 % 60];
	*p++ = digits[second % 60];
	*p++ = digits[number / 60 % 60];
	*p++ = digits[number % 60];
	return text_digits(p, number / 3 % 1000000, 6);
}

static char *notification_id(const struct world *world, const struct queue_file *about,
                             const struct queue_file *notification, char *p)
{
	char stamp[32];

	*p++ = '<';
	text_time(stamp, notification->accepted_at);
	for (const char *s = stamp; s < stamp + 16; s++)
		if (*s >= '0' && *s <= '9')
			*p++ = *s;
	*p++ = '.';
	p = text_put(p, notification->id);
	*p++ = '@';
	p = text_put(p, world->plan->hosts[about->host].fqdn);
	return text_put(p, ">");
}

static char *begin(struct world *world, const struct queue_file *file, const char *id)
{
	char *p = writer_begin(&world->writer, file->host, PROGRAM_SENDMAIL,
	                       4000 + (uint32_t)(random_mix((uint64_t)file->accepted_at) % 20000), world->now);

	return text_put(text_put(p, id), ": ");
}

static void end(struct world *world, const struct queue_file *file, char *p)
{
	writer_end(&world->writer, file->host, world->now, p);
}

/* "NAME [ADDRESS]" of HOST[ADDRESS] */
static char *put_host(char *p, const char *client, const char *after_name)
{
	size_t name = strcspn(client, "[");

	p = text_bytes(p, client, name);
	p = text_put(p, after_name);
	*p++ = ' ';
	return text_bytes(p, client + name, strcspn(client + name, "]") + 1);
}

/* Of a notification only the line about what it is about tells. */
static bool accepted(struct world *world, struct queue_file *file)
{
	const struct mail *mail = file->mail;
	char *p;

	if (mail->about[0] && file->client[0] == '\0') {
		p = text_put(text_put(begin(world, file, file->origin), file->id), ": DSN: ");
		end(world, file, text_put(p, file->origin_expired ? "Cannot send message for 5 days" : "User unknown"));
		return true;
	}
	p = text_put(begin(world, file, file->id), "from=<");
	p = file_sender(world, file, p);
	p = text_put(p, ">, size=");
	p = text_number(p, file->size);
	p = text_put(p, ", class=0, nrcpts=");
	p = text_number(p, file->expanded ? 1 : file_recipients(file));
	p = text_put(p, ", msgid=");
	p = text_put(p, mail->message_id);
	p = text_put(p, ", proto=ESMTP, daemon=MTA, relay=");
	end(world, file, put_host(p, file->client, ""));
	return true;
}

/* The list has an owner: all that it makes of the message goes on as a clone, in the owner's name. */
static void active(struct world *world, struct queue_file *file)
{
	struct host *host = &world->plan->hosts[file->host];
	char old[sizeof(file->id)], sender[200], *p;

	if (file->round > 0 || !file->expanded || !world->plan->options->owner_alias)
		return;
	memcpy(old, file->id, sizeof(old));
	*id(world, file, ++host->inode, file->id) = '\0';
	file->sender = SENDER_OWNER;
	p = text_put(text_put(begin(world, file, old), file->id), ": clone: owner=");
	*file_sender(world, file, sender) = '\0';
	/* An alias is named without its domain. */
	end(world, file,
	    world->plan->options->owner_person ? text_put(p, sender) : text_bytes(p, sender, strcspn(sender, "@")));
}

/* --- deliveries ------------------------------------------------------------------------------------------ */

static char *put_delay(char *p, int64_t seconds)
{
	if (seconds >= 86400) {
		p = text_number(p, (uint64_t)(seconds / 86400));
		*p++ = '+';
	}
	p = text_digits(p, (uint64_t)(seconds / 3600 % 24), 2);
	*p++ = ':';
	p = text_digits(p, (uint64_t)(seconds / 60 % 60), 2);
	*p++ = ':';
	return text_digits(p, (uint64_t)(seconds % 60), 2);
}

static const char *relay_of(const struct world *world, const struct agent *agent)
{
	if (agent->chunk.group)
		return agent->chunk.group->relay;
	return agent->path == PATH_FOREIGN ? "mx.stranger.example[198.51.100.7]:25" : world->plan->hosts[0].client;
}

/* The list's owner reads the mail himself; what else goes to no member goes to the list manager. */
static bool to_owner(const struct agent *agent)
{
	return !agent->chunk.group && agent->file->target == TARGET_BOUNCES && !strstr(agent->file->to, "-bounces");
}

static char *put_recipients(const struct world *world, const struct agent *agent, const struct ending *endings,
                            uint32_t count, char *p)
{
	const struct queue_file *file = agent->file;

	p = text_put(p, "to=");
	if (endings->member == NOBODY && agent->path == PATH_MAILBOX && !to_owner(agent)) {
		p = text_put(p, "\"|/usr/lib/mailman/mail/mailman ");
		p = text_put(p, file->target == TARGET_BOUNCES ? "bounces" : "post");
		p = text_put(p, " everyone\", ctladdr=<");
		return text_put(text_put(p, file->to), "> (8/0)");
	}
	for (uint32_t i = 0; i < count; i++) {
		if (i > 0)
			*p++ = ',';
		p = text_put(p, file->expanded ? "" : "<");
		p = format_address(world, agent, &endings[i], p);
		p = text_put(p, file->expanded ? "" : ">");
	}
	return p;
}

static char *put_fate(const struct world *world, const struct agent *agent, enum ending_kind kind, char *p)
{
	const char *relay = relay_of(world, agent);

	if (kind == ENDING_SENT) {
		p = text_put(p, ", dsn=2.0.0, stat=Sent");
		if (agent->path == PATH_MAILBOX)
			return p;
		if (agent->path == PATH_FOREIGN) {
			p = text_put(p, " (Ok: queued as ");
			p = text_queue_id(p, false, agent->timing.begun, agent->pid + 70000);
			return text_put(p, ")");
		}
		p = text_put(p, " (");
		p = text_put(p, agent->child);
		return text_put(p, " Message accepted for delivery)");
	}
	if (kind == ENDING_BOUNCED)
		return text_put(p, agent->path == PATH_MAILBOX ? ", dsn=5.1.1, stat=User unknown"
		                                               : ", dsn=5.1.1, reply=550 5.1.1 no such mailbox (gone, "
		                                                 "moved), stat=User unknown");
	if (agent->path == PATH_UNREACHABLE) {
		p = text_put(p, ", dsn=4.0.0, stat=Deferred: Connection timed out with ");
		p = text_bytes(p, relay, strcspn(relay, "["));
		return text_put(p, ".");
	}
	return text_put(p, agent->path == PATH_MAILBOX ? ", dsn=4.2.2, stat=Deferred: mailbox is full"
	                                               : ", dsn=4.7.1, reply=451 4.7.1 greylisted, come back later, "
	                                                 "stat=Deferred: 451 4.7.1 greylisted, come back later");
}

static void tried_run(struct world *world, struct agent *agent, const struct ending *endings, uint32_t count)
{
	const struct queue_file *file = agent->file;
	char *p = begin(world, file, file->id);

	p = put_recipients(world, agent, endings, count, p);
	p = text_put(p, ", delay=");
	p = put_delay(p, agent->timing.shown / SECOND);
	p = text_put(p, ", xdelay=00:00:00, mailer=");
	p = text_put(p, agent->path != PATH_MAILBOX             ? "esmtp"
	                : agent->chunk.group || to_owner(agent) ? "local"
	                                                        : "prog");
	p = text_put(p, ", pri=");
	p = text_number(p, 30000 + file->size);
	if (agent->path != PATH_MAILBOX)
		p = put_host(text_put(p, ", relay="), relay_of(world, agent), ".");
	end(world, file, put_fate(world, agent, (enum ending_kind)endings->kind, p));
}

static void tried(struct world *world, struct agent *agent, const struct ending *endings, uint32_t count)
{
	agent->timing.shown = (world->now / SECOND - agent->file->accepted_at / SECOND) * SECOND;
	for (uint32_t i = 0, n; i < count; i += n) {
		/* Who was refused has a line of his own. */
		uint32_t most = endings[i].kind == ENDING_BOUNCED ? 1 : LINE_MOST;

		for (n = 1; n < most && i + n < count && endings[i + n].kind == endings[i].kind; n++)
			;
		tried_run(world, agent, endings + i, n);
	}
}

static void expire_line(struct world *world, struct queue_file *file, const uint32_t *members, uint32_t count)
{
	char *p = text_put(begin(world, file, file->id), "to=");

	for (uint32_t i = 0; i < count; i++) {
		p = text_put(p, i > 0 ? "," : "");
		p = text_put(p, file->expanded ? "" : "<");
		p = format_member(world, members[i], p);
		p = text_put(p, file->expanded ? "" : ">");
	}
	p = text_put(p, ", delay=");
	p = put_delay(p, (world->now - file->accepted_at) / SECOND);
	p = text_put(p, ", mailer=esmtp, pri=");
	p = text_number(p, 90000 + file->size);
	end(world, file, text_put(p, ", dsn=5.0.0, stat=Cannot send message for 5 days"));
}

static void expired(struct world *world, struct queue_file *file)
{
	for (uint32_t i = 0; i < file->later_count; i += LINE_MOST)
		expire_line(world, file, file->later + i,
		            file->later_count - i < LINE_MOST ? file->later_count - i : LINE_MOST);
	if (file->mail->post && file->mail->post->in_incident)
		world->truth->attempts += file->later_count;
}

/* An unknown recipient is refused at RCPT, as err.c logs it; a transaction without others tells of itself, too. */
static void rejected(struct world *world, const struct rejection *rejection)
{
	const struct plan *plan = world->plan;
	uint32_t desk = (uint32_t)(random_mix(rejection->author) % 60000);
	struct queue_file file = {.accepted_at = rejection->at, .host = rejection->host};
	char *p;

	*id(world, &file, ++plan->hosts[rejection->host].inode, file.id) = '\0';
	p = text_put(begin(world, &file, file.id), "<");
	p = text_put(p, plan->list);
	end(world, &file, text_put(p, ">... User unknown"));
	p = text_put(begin(world, &file, file.id), "from=<");
	p = format_member(world, rejection->author, p);
	p = text_put(p, ">, size=0, class=0, nrcpts=0, proto=ESMTP, daemon=MTA, relay=pc");
	p = text_number(p, desk);
	*p++ = '.';
	p = text_put(p, plan->list_domain);
	p = text_put(p, " [10.9.1.7]");
	end(world, &file, p);
}

const struct format format_sendmail = {
	.id = id,
	.notification_id = notification_id,
	.accepted = accepted,
	.active = active,
	.tried = tried,
	.expired = expired,
	.rejected = rejected,
	.names_expired = true,
};
