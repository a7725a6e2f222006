/* SPDX-License-Identifier: Apache-2.0
 *
 * Postfix: what smtp(8), lmtp(8), pipe(8) and local(8) log of a transaction, a
 * line for each recipient. All lines of one transaction have one time and one
 * delay. The other lines are in lines.c.
 */
#include <assert.h>

#include "format.h"

/* What follows the address; the address itself may stand in it once more. */
struct text {
	size_t length, address_at; /* length 0: not made yet; address_at 0: it does not */
	char bytes[800];
};

struct batch {
	struct world *world;
	struct agent *agent;
	struct writer_head head;
	struct text endings[2][ENDINGS]; /* by list */
};

/* The list's owner reads the mail himself; what else comes back goes to the list manager. */
static bool to_owner(const struct queue_file *file)
{
	return strncmp(file->to, "owner-", 6) == 0;
}

static const char *relay_name(const struct batch *batch, char *room)
{
	const struct agent *agent = batch->agent;
	const struct plan *plan = batch->world->plan;
	char *p;

	switch (agent->path) {
	case PATH_UNREACHABLE: return "none";
	case PATH_FILTER: return "127.0.0.1[127.0.0.1]:10024";
	case PATH_MAILBOX:
		if (!agent->chunk.group)
			return to_owner(agent->file) ? "local" : "mailman";
		p = text_put(room, plan->hosts[agent->file->host].fqdn);
		*text_put(p, "[private/dovecot-lmtp]") = '\0';
		return room;
	case PATH_FOREIGN:
		return agent->chunk.group ? agent->chunk.group->relay : "mx.stranger.example[198.51.100.7]:25";
	case PATH_RELAY: break;
	}
	if (agent->chunk.group)
		return agent->chunk.group->relay;
	p = text_put(room, plan->hosts[0].fqdn);
	*p++ = '[';
	p = text_put(p, plan->hosts[0].address);
	*text_put(p, "]:25") = '\0';
	return room;
}

static char *put_sent(const struct batch *batch, char *p, char **address_at)
{
	const struct agent *agent = batch->agent;
	uint64_t hash = random_mix((uint64_t)agent->timing.begun * 3 + agent->pid);

	switch (agent->path) {
	case PATH_MAILBOX:
		if (!agent->chunk.group)
			return text_put(p, to_owner(agent->file) ? "delivered to mailbox"
			                                         : "delivered via mailman service");
		p = text_put(p, "250 2.0.0 <");
		*address_at = p;
		p = text_put(p, "> ");
		p = text_queue_id(p, true, (int64_t)(hash >> 12), hash % 1000);
		return text_put(p, " Saved");
	case PATH_FOREIGN:
		p = text_put(p, "250 2.0.0 Ok: queued as ");
		return text_queue_id(p, hash & 1, agent->timing.begun, hash % 5000000);
	case PATH_FILTER:
		p = text_put(p, "250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as ");
		return text_put(p, agent->child);
	default: p = text_put(p, "250 2.0.0 Ok: queued as "); return text_put(p, agent->child);
	}
}

static char *put_deferred(const struct batch *batch, char *p, char **address_at)
{
	const struct agent *agent = batch->agent;
	const char *relay = agent->chunk.group->relay;

	if (agent->path == PATH_UNREACHABLE) {
		p = text_put(p, "connect to ");
		p = text_put(p, relay);
		return text_put(p, ": Connection timed out");
	}
	p = text_put(p, "host ");
	if (agent->path == PATH_FOREIGN) {
		p = text_bytes(p, relay, strcspn(relay, "]") + 1);
		p = text_put(p, " said: 450 4.2.0 <");
		*address_at = p;
		return text_put(p,
		                ">: Recipient address rejected: Greylisted, see http://postgrey.example/ (in reply to "
		                "RCPT TO command)");
	}
	p = text_put(p, batch->world->plan->hosts[agent->file->host].fqdn);
	p = text_put(p, "[private/dovecot-lmtp] said: 452 4.2.2 <");
	*address_at = p;
	return text_put(p, "> Quota exceeded (mailbox for user is full) (in reply to end of DATA command)");
}

static char *put_bounced(const struct batch *batch, char *p, char **address_at)
{
	const struct agent *agent = batch->agent;
	const char *relay = agent->chunk.group->relay;

	p = text_put(p, "host ");
	if (agent->path == PATH_FOREIGN) {
		p = text_bytes(p, relay, strcspn(relay, "]") + 1);
	} else {
		p = text_put(p, batch->world->plan->hosts[agent->file->host].fqdn);
		p = text_put(p, "[private/dovecot-lmtp]");
	}
	p = text_put(p, " said: 550 5.1.1 <");
	*address_at = p;
	return text_put(p, "> User doesn't exist (in reply to RCPT TO command)");
}

static void make_ending(struct batch *batch, unsigned list, enum ending_kind kind)
{
	const struct plan *plan = batch->world->plan;
	static const char *const words[ENDINGS] = {"sent", "deferred", "bounced"};
	struct text *ending = &batch->endings[list][kind];
	struct agent *agent = batch->agent;
	const char *original = !agent->file->expanded ? NULL : list ? plan->second->list : plan->list;
	const char *dsn = kind == ENDING_SENT               ? "2.0.0"
	                  : kind == ENDING_BOUNCED          ? "5.1.1"
	                  : agent->path == PATH_UNREACHABLE ? "4.4.1"
	                  : agent->path == PATH_FOREIGN     ? "4.2.0"
	                                                    : "4.2.2";
	char room[160], *p, *address_at = NULL;

	p = lines_delivery(agent->file, ending->bytes, original, relay_name(batch, room), agent->uses, &agent->timing,
	                   dsn, words[kind]);
	p = kind == ENDING_SENT       ? put_sent(batch, p, &address_at)
	    : kind == ENDING_DEFERRED ? put_deferred(batch, p, &address_at)
	                              : put_bounced(batch, p, &address_at);
	*p++ = ')';
	ending->length = (size_t)(p - ending->bytes);
	ending->address_at = address_at ? (size_t)(address_at - ending->bytes) : 0;
	assert(ending->length < sizeof(ending->bytes));
}

static void print_recipient(struct batch *batch, unsigned list, enum ending_kind kind, const char *address,
                            size_t length)
{
	struct text *ending = &batch->endings[list][kind];
	struct writer *writer = &batch->world->writer;
	char *p;

	if (ending->length == 0)
		make_ending(batch, list, kind);
	p = writer_again(writer, &batch->head);
	p = text_bytes(p, address, length);
	p = text_bytes(p, ending->bytes, ending->address_at);
	if (ending->address_at > 0)
		p = text_bytes(p, address, length);
	p = text_bytes(p, ending->bytes + ending->address_at, ending->length - ending->address_at);
	writer_end(writer, batch->head.host, batch->head.time, p);
}

static void tried(struct world *world, struct agent *agent, const struct ending *endings, uint32_t count)
{
	static const enum program programs[] = {
		[PATH_MAILBOX] = PROGRAM_LMTP, [PATH_FOREIGN] = PROGRAM_SMTP,     [PATH_RELAY] = PROGRAM_SMTP,
		[PATH_FILTER] = PROGRAM_SMTP,  [PATH_UNREACHABLE] = PROGRAM_SMTP,
	};
	enum program program = programs[agent->path];
	struct batch batch;
	char address[200];

	batch.world = world;
	batch.agent = agent;
	for (int kind = 0; kind < ENDINGS; kind++)
		batch.endings[0][kind].length = batch.endings[1][kind].length = 0;
	if (!agent->chunk.group && agent->path == PATH_MAILBOX)
		program = to_owner(agent->file) ? PROGRAM_LOCAL : PROGRAM_PIPE;
	lines_to(world, agent->file, program, agent->pid, &batch.head);
	for (uint32_t i = 0; i < count; i++) {
		size_t length = (size_t)(format_address(world, agent, &endings[i], address) - address);

		print_recipient(&batch, endings[i].list, (enum ending_kind)endings[i].kind, address, length);
	}
}

static char *id(const struct world *world, struct queue_file *file, uint64_t number, char *p)
{
	return text_queue_id(p, world->plan->options->queue_ids == ID_LONG, file->accepted_at, number);
}

/* Generated by cleanup(8), as cleanup_message.c does it. */
static char *notification_id(const struct world *world, const struct queue_file *about,
                             const struct queue_file *notification, char *p)
{
	*p++ = '<';
	if (world->plan->options->queue_ids == ID_SHORT) {
		char stamp[32];

		text_time(stamp, notification->accepted_at);
		for (const char *s = stamp; *s != '.'; s++)
			if (*s >= '0' && *s <= '9')
				*p++ = *s;
		*p++ = '.';
	}
	p = text_put(p, notification->id);
	*p++ = '@';
	p = text_put(p, world->plan->hosts[about->host].fqdn);
	return text_put(p, ">");
}

static bool accepted(struct world *world, struct queue_file *file)
{
	if (file->client[0] == '\0')
		return false;
	lines_client(world, file);
	return true;
}

static void identified(struct world *world, struct queue_file *file)
{
	if (file->headers)
		lines_headers(world, file);
	lines_identify(world, file);
}

const struct format format_postfix = {
	.id = id,
	.notification_id = notification_id,
	.accepted = accepted,
	.identified = identified,
	.active = lines_active,
	.tried = tried,
	.expired = lines_expired,
	.notified = lines_notification,
	.removed = lines_removed,
	.rejected = lines_rejection,
	.refused_bounce = lines_refused_bounce,
};
