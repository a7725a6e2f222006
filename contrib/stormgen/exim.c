/* SPDX-License-Identifier: Apache-2.0
 *
 * Exim 4, its main log, with log_selector = +subject +received_recipients
 * +all_parents +queue_time: one line for the arrival, one for each recipient
 * and attempt, one for the end. A list is an alias that a redirect router
 * expands; the message keeps its one recipient, the members stand in the lines
 * of their deliveries, with the list behind them. What came back is told by the
 * arrival of the message that returns it.
 */
#include <assert.h>

#include "format.h"

#define FOR_MOST 100 /* recipients in the line of the arrival: it is cut after 8192 bytes */

static char *put_base62(char *p, uint64_t number, unsigned width)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

	for (unsigned i = width; i > 0; i--) {
		p[i - 1] = digits[number % 62];
		number /= 62;
	}
	return p + width;
}

/* 6-6-2 up to 4.96, the fraction counting 500 us; 6-11-4 from 4.97 on, counting 1 us. */
static char *id(const struct world *world, struct queue_file *file, uint64_t number, char *p)
{
	bool new_form = world->plan->options->queue_ids == ID_LONG;

	p = put_base62(p, (uint64_t)(file->accepted_at / SECOND), 6);
	*p++ = '-';
	p = put_base62(p, number, new_form ? 11 : 6);
	*p++ = '-';
	return put_base62(p, (uint64_t)(file->accepted_at % SECOND) / (new_form ? 1 : 500), new_form ? 4 : 2);
}

static char *notification_id(const struct world *world, const struct queue_file *about,
                             const struct queue_file *notification, char *p)
{
	p = text_put(p, "<E");
	p = text_put(p, notification->id);
	*p++ = '@';
	p = text_put(p, world->plan->hosts[about->host].fqdn);
	return text_put(p, ">");
}

static char *begin(struct world *world, uint32_t host, const char *id, const char *flag)
{
	char *p = writer_begin(&world->writer, host, PROGRAM_EXIM, 1300 + host, world->now);

	p = text_put(p, id);
	*p++ = ' ';
	p = text_put(p, flag);
	*p++ = ' ';
	return p;
}

/* " H=host (helo) [address]" of HOST[ADDRESS] */
static char *put_host(char *p, const char *client, bool helo)
{
	size_t name = strcspn(client, "[");

	p = text_put(p, " H=");
	p = text_bytes(p, client, name);
	if (helo) {
		p = text_put(p, " (");
		p = text_bytes(p, client, strcspn(client, ".["));
		*p++ = ')';
	}
	*p++ = ' ';
	return text_bytes(p, client + name, strcspn(client + name, "]") + 1);
}

static char *put_subject(const struct world *world, const struct queue_file *file, char *p)
{
	char subject[200];

	if (world->plan->options->subjects == SUBJECTS_NONE)
		return p;
	p = text_put(p, " T=\"");
	if (file->mail->about[0])
		return text_put(p, "Mail delivery failed: returning message to sender\"");
	if (!file->mail->post) {
		p = text_put(p, "Re: \\\"meeting\\\" ");
		p = text_number(p, file->mail->salt % 100000);
		return text_put(p, "\"");
	}
	plan_subject(world->plan, file->mail->post, subject);
	p = text_put(p, file->tagged ? "[Everyone] " : "");
	return text_put(text_put(p, subject), "\"");
}

static char *put_recipients(const struct world *world, const struct queue_file *file, char *p)
{
	uint32_t count = file->list ? file->list_count : file->count;

	if (file->expanded || file->target != TARGET_MEMBERS)
		return text_put(text_put(p, " for "), file->expanded ? world->plan->list : file->to);
	if (count > FOR_MOST)
		return p;
	p = text_put(p, " for");
	for (uint32_t i = 0; i < count; i++) {
		uint32_t member = file->list ? file->list[i] : file->first + i;

		if (member == file->excluded)
			continue;
		*p++ = ' ';
		p = format_member(world, member, p);
	}
	return p;
}

static bool accepted(struct world *world, struct queue_file *file)
{
	const struct mail *mail = file->mail;
	bool own = strcmp(file->client, mail->client) == 0;
	char *p = begin(world, file->host, file->id, "<=");

	p = file_sender(world, file, p);
	if (p[-1] == ' ')
		p = text_put(p, "<>");
	if (mail->about[0] && file->origin[0]) {
		p = text_put(p, " R=");
		p = text_put(p, file->origin);
	}
	if (file->client[0] == '\0') {
		p = text_put(p, " U=Debian-exim P=local");
	} else {
		p = put_host(p, file->client, own);
		p = text_put(p, mail->login[0] && own
		                        ? " P=esmtpsa X=TLS1.3:ECDHE_X25519__AES_256_GCM:256 CV=no A=plain:"
		                        : " P=esmtps X=TLS1.3:ECDHE_X25519__AES_256_GCM:256 CV=no");
		p = text_put(p, own ? mail->login : "");
	}
	p = text_put(p, " S=");
	p = text_number(p, file->size);
	p = text_put(p, " id=");
	p = text_bytes(p, mail->message_id + 1, strlen(mail->message_id) - 2);
	p = put_subject(world, file, p);
	p = put_recipients(world, file, p);
	writer_end(&world->writer, file->host, world->now, p);
	return true;
}

/* --- deliveries ------------------------------------------------------------------------------------------ */

/* A duration as readconf_printtime() writes it. */
static char *put_duration(char *p, int64_t seconds)
{
	static const struct {
		int64_t seconds;
		char letter;
	} units[] = {{604800, 'w'}, {86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
	char *start = p;

	for (unsigned i = 0; i < 5; i++) {
		if (seconds < units[i].seconds && !(i == 4 && p == start))
			continue;
		p = text_number(p, (uint64_t)(seconds / units[i].seconds));
		*p++ = units[i].letter;
		seconds %= units[i].seconds;
	}
	return p;
}

static const char *program_of(const struct queue_file *file)
{
	return file->target == TARGET_BOUNCES ? "|/usr/lib/mailman/mail/mailman bounces everyone"
	                                      : "|/usr/lib/mailman/mail/mailman post everyone";
}

/* Into mailboxes of other domains than the list's by LMTP, where the whole address is logged. */
static bool by_lmtp(const struct agent *agent)
{
	return agent->path == PATH_MAILBOX && agent->chunk.group && agent->file->expanded;
}

/* The address as it is delivered to, and what was sent to where that is another. A delivery into a mailbox here names
 * it by its local part. Between them stands, where aliases lead to aliases, the one before. */
static char *put_address(const struct world *world, const struct agent *agent, const struct ending *ending, char *p)
{
	const struct queue_file *file = agent->file;
	bool here = agent->path == PATH_MAILBOX && !by_lmtp(agent);
	char address[200];

	*format_address(world, agent, ending, address) = '\0';
	if (here)
		p = ending->member == NOBODY ? text_put(p, program_of(file)) : plan_login(ending->member, p);
	else
		p = text_put(p, address);
	if (file->expanded && world->plan->options->nested > 0) {
		p = text_put(p, " (everyone-");
		p = text_number(p, 1 + ending->member % (uint32_t)world->plan->options->nested);
		*p++ = '@';
		p = text_put(p, world->plan->list_domain);
		*p++ = ')';
	}
	if (!here && !file->expanded)
		return p;
	p = text_put(p, " <");
	p = text_put(p, file->expanded ? world->plan->list : address);
	return text_put(p, ">");
}

static const char *relay_of(const struct world *world, const struct agent *agent)
{
	if (agent->chunk.group)
		return agent->chunk.group->relay;
	return agent->path == PATH_FOREIGN ? "mx.stranger.example[198.51.100.7]:25" : world->plan->hosts[0].client;
}

static char *put_router(const struct agent *agent, char *p)
{
	if (agent->path == PATH_MAILBOX && !agent->chunk.group)
		return text_put(p, " R=mailman_router T=mailman_transport");
	if (by_lmtp(agent))
		return text_put(p, " R=mailboxes T=dovecot_lmtp");
	if (agent->path == PATH_MAILBOX)
		return text_put(p, " R=localuser T=local_delivery");
	return text_put(p, agent->path == PATH_FOREIGN ? " R=dnslookup T=remote_smtp" : " R=mailboxes T=remote_smtp");
}

static char *put_sent(struct world *world, struct agent *agent, char *p)
{
	p = put_router(agent, p);
	if (by_lmtp(agent))
		return text_put(p, " H=localhost [127.0.0.1]:24 C=\"250 2.0.0 <mailbox> 4xWmFzZ0KVg Saved\"");
	if (agent->path == PATH_MAILBOX)
		return p;
	p = put_host(p, relay_of(world, agent), false);
	p = text_put(p, " X=TLS1.3:ECDHE_X25519__AES_256_GCM:256 CV=yes");
	if (agent->uses > 1)
		*p++ = '*';
	if (agent->path == PATH_FOREIGN) {
		p = text_put(p, " C=\"250 2.0.0 Ok: queued as ");
		p = text_queue_id(p, false, agent->timing.begun, agent->pid + 70000);
	} else {
		p = text_put(p, world->plan->options->queue_ids == ID_LONG
		                        ? " K C=\"250- 808 byte chunk, total 808\\\\n"
		                          "250 OK id="
		                        : " C=\"250 OK id=");
		p = text_put(p, agent->child);
	}
	return text_put(p, "\"");
}

static char *put_failed(const struct world *world, const struct agent *agent, const char *address, bool deferred,
                        char *p)
{
	const char *relay = relay_of(world, agent);

	p = put_router(agent, p);
	if (agent->path == PATH_MAILBOX)
		return text_put(p, deferred ? " defer (-22): mailbox is full (MTA-imposed quota exceeded while writing)"
		                            : ": Unrouteable address");
	if (agent->path == PATH_UNREACHABLE) {
		p = put_host(text_put(p, " defer (110):"), relay, false);
		return text_put(p, ": Connection timed out");
	}
	if (deferred) {
		p = text_put(p, " defer (-44)");
		p = put_host(p, relay, false);
	} else {
		p = put_host(p, relay, false);
	}
	p = text_put(p, ": SMTP error from remote mail server after RCPT TO:<");
	p = text_put(p, address);
	return text_put(p, deferred ? ">: 451 4.7.1 Greylisted, see http://postgrey.example/"
	                            : ">: 550 5.1.1 User unknown");
}

/* Seconds on the queue are told at success; else a reader counts from the id to the line. */
static void set_delay(struct world *world, struct agent *agent)
{
	int64_t delay = agent->file->accepted_at;

	delay = world->plan->options->queue_time ? (world->now - delay) / SECOND * SECOND
	                                         : world_told(world) - agent->file->told_at;
	agent->timing.shown = delay > 0 ? delay : 0;
}

static void tried(struct world *world, struct agent *agent, const struct ending *endings, uint32_t count)
{
	static const char *const flags[] = {[ENDING_DEFERRED] = "==", [ENDING_BOUNCED] = "**"};
	const struct queue_file *file = agent->file;
	bool any = false;

	set_delay(world, agent);
	for (uint32_t i = 0; i < count; i++) {
		bool sent = endings[i].kind == ENDING_SENT;
		char address[200], *p;

		/* One transaction over SMTP tells its further recipients apart; into mailboxes each is one of its own. */
		p = begin(world, file->host, file->id,
		          !sent                                ? flags[endings[i].kind]
		          : any && agent->path != PATH_MAILBOX ? "->"
		                                               : "=>");
		any = any || sent;
		*format_address(world, agent, &endings[i], address) = '\0';
		p = put_address(world, agent, &endings[i], p);
		p = sent ? put_sent(world, agent, p)
		         : put_failed(world, agent, address, endings[i].kind == ENDING_DEFERRED, p);
		if (sent && world->plan->options->queue_time)
			p = put_duration(text_put(p, " QT="), agent->timing.shown / SECOND);
		writer_end(&world->writer, file->host, world->now, p);
	}
}

static void expired(struct world *world, struct queue_file *file)
{
	for (uint32_t i = 0; i < file->later_count; i++) {
		char *p = format_member(world, file->later[i], begin(world, file->host, file->id, "**"));

		if (file->expanded)
			p = text_put(text_put(text_put(p, " <"), world->plan->list), ">");
		p = text_put(p, ": retry timeout exceeded");
		writer_end(&world->writer, file->host, world->now, p);
	}
	if (file->mail->post && file->mail->post->in_incident)
		world->truth->attempts += file->later_count;
}

static void removed(struct world *world, struct queue_file *file)
{
	char *p = begin(world, file->host, file->id, "Completed");

	writer_end(&world->writer, file->host, world->now, p - 1);
}

static void rejected(struct world *world, const struct rejection *rejection)
{
	const struct plan *plan = world->plan;
	uint32_t desk = (uint32_t)(random_mix(rejection->author) % 60000);
	char client[160], *p = text_put(client, "pc");

	p = text_number(p, desk);
	*p++ = '.';
	p = text_put(p, plan->list_domain);
	p = text_put(p, "[10.9.");
	p = text_number(p, desk / 250);
	*p++ = '.';
	p = text_number(p, desk % 250 + 1);
	*text_put(p, "]") = '\0';
	p = writer_begin(&world->writer, rejection->host, PROGRAM_EXIM, 2000 + desk % 120 * 7, world->now);
	p = put_host(p, client, true);
	memmove(world->writer.body, world->writer.body + 1, (size_t)(--p - world->writer.body));
	p = text_put(p, " F=<");
	p = format_member(world, rejection->author, p);
	p = text_put(p, "> rejected RCPT <");
	p = text_put(p, plan->list);
	p = text_put(p, ">: Unrouteable address");
	writer_end(&world->writer, rejection->host, world->now, p);
}

const struct format format_exim = {
	.id = id,
	.notification_id = notification_id,
	.accepted = accepted,
	.tried = tried,
	.expired = expired,
	.removed = removed,
	.rejected = rejected,
	.names_expired = true,
};
