/* SPDX-License-Identifier: Apache-2.0
 *
 * Exchange: the rows that transport, submission and delivery write about a
 * message, as Microsoft documents them. A message is taken from a mailbox
 * (STOREDRIVER) or by SMTP, its groups are expanded, the members go on in
 * copies of it (TRANSFER), of a thousand at most or of one group each; SEND to
 * the next server, DELIVER into mailboxes. Shadow copies and bookkeeping, of
 * which nothing may be counted, stand between.
 */
#include <stdio.h>

#include "exchange_row.h"

#define PART 1000 /* ExpansionSizeLimit */
#define SUBMISSION "MDB:f4adaa08-ff49, Mailbox:84dd42d9-8814, Event:190620893, MessageClass:IPM.Note"
#define EXPANDED "250 2.1.5 RESOLVER.GRP.Expanded; distribution list expanded"

/* Members in one copy. */
static uint32_t part_size(const struct world *world)
{
	uint32_t nested = (uint32_t)world->plan->options->nested, members = world->plan->members;
	uint32_t size = nested ? (members + nested - 1) / nested : PART;

	return size < PART ? size : PART;
}

static uint64_t first_number(uint32_t host)
{
	return UINT64_C(13816430000000) + host * UINT64_C(7000000000000);
}

static char *id(const struct world *world, struct queue_file *file, uint64_t number, char *p)
{
	(void)world;
	file->number = first_number(file->host) + 2 * number; /* the odd ones are the submission service's */
	return text_number(p, file->number);
}

static uint64_t take_number(struct world *world, uint32_t host)
{
	return first_number(host) + 2 * ++world->plan->hosts[host].inode;
}

static char *notification_id(const struct world *world, const struct queue_file *about,
                             const struct queue_file *notification, char *p)
{
	(void)notification;
	p = text_put(p, "<dsn-");
	p = text_number(p, about->number);
	*p++ = '-';
	p = text_number(p, about->round);
	*p++ = '@';
	p = text_put(p, world->plan->hosts[about->host].fqdn);
	return text_put(p, ">");
}

/* The number that a member's copy has. */
static uint64_t copy_of(const struct world *world, const struct queue_file *file, uint32_t member)
{
	if (file->forks == 0 || member == NOBODY)
		return file->number;
	return file->forks + 2 * ((member - file->first) / part_size(world));
}

struct texts {
	char sender[200], subject[200], info[120], custom[120], reference[200], context[300], relay[200];
};

/* A row about the file, but for what is done to it. */
static struct exchange_row row_of(const struct world *world, const struct queue_file *file, struct texts *texts)
{
	const struct mail *mail = file->mail;
	struct exchange_row row = {.id = file->number,
	                           .message_id = mail->message_id,
	                           .excluded = NOBODY,
	                           .size = file->size};

	*text_put(texts->sender, mail->sender) = '\0';
	row.return_path = mail->sender[0] ? mail->sender : "<>";
	if (mail->post && mail->post->null_sender)
		*format_member(world, mail->author, texts->sender) = '\0';
	row.sender = texts->sender[0] ? texts->sender : NULL;
	texts->subject[0] = '\0';
	if (world->plan->options->subjects != SUBJECTS_NONE) {
		if (mail->post)
			plan_subject(world->plan, mail->post, texts->subject);
		else
			snprintf(texts->subject, sizeof(texts->subject), "%s %u",
			         mail->about[0]   ? "Undeliverable: mail"
			         : mail->salt % 3 ? "Re: meeting, room"
			                          : "Weekly \"figures\"",
			         (unsigned)(mail->salt % 100000));
	}
	row.subject = texts->subject;
	return row;
}

/* How long it has been on its way. */
static int64_t set_latency(const struct world *world, const struct queue_file *file, struct exchange_row *row,
                           struct texts *texts)
{
	int64_t latency = world_told(world) - file->mail->arrived_at;
	char *p = text_time(texts->info, file->mail->arrived_at);

	p = text_put(p, ";SRV=");
	p = text_put(p, world->plan->hosts[file->host].fqdn);
	*text_put(p, ":TOTAL-HUB=0.120|SMR=0.020;") = '\0';
	snprintf(texts->custom, sizeof(texts->custom), "S:E2ELatency=%d.%03d;S:DeliveryPriority=Normal",
	         (int)(latency / SECOND), (int)(latency % SECOND / 1000));
	row->info = texts->info;
	row->custom = texts->custom;
	return latency;
}

static void set_recipients(const struct world *world, const struct queue_file *file, struct exchange_row *row, char *to)
{
	const struct post *post = file->mail->post;

	if (file->expanded && file->forks == 0) {
		char *p = to;

		/* A reply to all names whom it answers, too. */
		if (world->plan->options->duplicate && post->parent != NOBODY) {
			p = format_member(world, world->plan->posts[post->parent].author, p);
			*p++ = ';';
		}
		*text_put(p, world->plan->list) = '\0';
		row->to = to;
	} else if (file->target != TARGET_MEMBERS) {
		row->to = file->to;
	} else {
		row->list = file->list;
		row->first = file->first;
		row->count = file->list ? file->list_count : file->count;
		row->excluded = file->excluded;
	}
}

static void receive(struct world *world, struct queue_file *file, const char *source, uint64_t number,
                    const char *status)
{
	struct texts texts;
	struct exchange_row row = row_of(world, file, &texts);
	char to[300];

	row.event = "RECEIVE";
	row.source = source;
	row.id = number;
	row.status = status;
	row.info = "04I: ";
	row.other = strcmp(source, "SMTP") == 0 && file->client[0] && file->client != file->mail->client ? file->client
	                                                                                                 : NULL;
	if (file->mail->author == NOBODY && file->client == file->mail->client && file->client[0])
		row.other = file->client;
	row.context = status ? SUBMISSION : "08D40C5A2B;2016-11-14T08:29:00.000Z;0";
	set_recipients(world, file, &row, to);
	exchange_row(world, &row, file->host);
}

/* Rows of which nothing may be counted. */
static void aside(struct world *world, struct queue_file *file, const char *source, const char *event)
{
	struct texts texts;
	struct exchange_row row = row_of(world, file, &texts);
	char to[300];

	if (exchange_version(world->plan, file->host) == VERSION_2007)
		return;
	row.source = source;
	row.event = event;
	row.context = "No suitable shadow servers";
	set_recipients(world, file, &row, to);
	exchange_row(world, &row, file->host);
}

/* Its recipients, a group above all, are handed on within the server: a reader may count that or not. */
static void note_hand_over(struct world *world, const struct queue_file *file, const struct exchange_row *row)
{
	uint32_t count = row->to ? 1 + (strchr(row->to, ';') != NULL) : file_recipients(file);

	if (file->mail->post && file->mail->post->in_incident)
		world->truth->maybe_hand_overs += count;
}

/* SUBMIT of 2007 and 2010, and NOTIFYMAPI, know nothing of the message yet. */
static void submit(struct world *world, struct queue_file *file, const char *event, uint64_t number)
{
	struct texts texts;
	struct exchange_row row = row_of(world, file, &texts);
	bool bare = exchange_version(world->plan, file->host) < VERSION_2013;
	char to[300];

	row.source = "STOREDRIVER";
	row.event = event;
	row.as_client = true;
	row.context = SUBMISSION;
	row.id = bare ? 0 : number;
	row.size = bare ? 0 : row.size;
	if (strcmp(event, "NOTIFYMAPI") == 0) {
		row.message_id = row.return_path = row.subject = NULL;
		row.size = 0;
		row.id = 0;
	} else if (!bare) {
		set_recipients(world, file, &row, to);
		note_hand_over(world, file, &row);
	}
	if (bare)
		row.return_path = NULL;
	exchange_row(world, &row, file->host);
}

static bool from_mailbox(const struct queue_file *file)
{
	return file->client == file->mail->client && file->mail->author != NOBODY;
}

static void report(struct world *world, struct queue_file *file)
{
	struct texts texts;
	struct exchange_row row = row_of(world, file, &texts);
	char to[300];

	row.source = row.event = "DSN";
	row.context = "Failure";
	row.reference = file->mail->about;
	set_recipients(world, file, &row, to);
	exchange_row(world, &row, file->host);
}

static bool accepted(struct world *world, struct queue_file *file)
{
	const struct post *post = file->mail->post;

	if (file->mail->about[0] && !file->client[0]) {
		report(world, file);
	} else if (!from_mailbox(file)) {
		receive(world, file, "SMTP", file->number, NULL);
		aside(world, file, "SMTP", "HARECEIVE");
	} else if (post && post->null_sender) {
		receive(world, file, "MAILBOXRULE", file->number, "To");
	} else if (exchange_version(world->plan, file->host) < VERSION_2013) {
		submit(world, file, "SUBMIT", 0);
		receive(world, file, "STOREDRIVER", file->number, "To");
	} else {
		submit(world, file, "NOTIFYMAPI", 0);
		receive(world, file, "STOREDRIVER", file->number - 1, "To");
		return true;
	}
	return true;
}

static void identified(struct world *world, struct queue_file *file)
{
	bool submitted = from_mailbox(file) && !(file->mail->post && file->mail->post->null_sender);

	if (submitted && exchange_version(world->plan, file->host) >= VERSION_2013) {
		submit(world, file, "SUBMIT", file->number - 1);
		receive(world, file, "SMTP", file->number, NULL);
	}
	aside(world, file, "AGENT", "AGENTINFO");
	if (file->client[0])
		aside(world, file, "SMTP", "HAREDIRECT");
}

/* --- groups ---------------------------------------------------------------------------------------------- */

/* The n-th group in the list's; 0 is the list's own. */
static char *put_group(const struct world *world, uint32_t n, char *p)
{
	const char *list = world->plan->list;
	size_t local = (size_t)(world->plan->list_domain - list) - 1;

	if (n == 0)
		return text_put(p, list);
	p = text_bytes(p, list, local);
	*p++ = '-';
	p = text_number(p, n);
	*p++ = '@';
	return text_put(p, world->plan->list_domain);
}

static void expand_row(struct world *world, struct queue_file *file, const char *event, const char *group,
                       const char *groups, uint32_t first, uint32_t count)
{
	struct texts texts;
	struct exchange_row row = row_of(world, file, &texts);

	row.source = "ROUTING";
	row.event = event;
	row.related = group;
	row.to = groups;
	row.first = first;
	row.count = count;
	row.status = EXPANDED;
	row.single = true;
	exchange_row(world, &row, file->host);
}

/* The groups make a tree: the n-th holds the (2n+1)-th, the (2n+2)-th, and members of its own; the list's no members.
 * A group that is over the limit is told in several rows. Who is in two groups is told, too. */
static void expand(struct world *world, struct queue_file *file)
{
	uint32_t nested = (uint32_t)world->plan->options->nested, size, from = file->first;

	size = nested ? (file->count + nested - 1) / nested : file->count;
	nested = nested ? (file->count + size - 1) / size : 0; /* none is empty */
	for (uint32_t n = nested ? 0 : 1; n <= (nested ? nested : 1); n++) {
		uint32_t left = n == 0 ? 0 : file->first + file->count - from, own = left < size ? left : size;
		char group[200], groups[400], *p = groups;

		for (uint32_t inner = 2 * n + 1; inner <= 2 * n + 2 && inner <= nested; inner++) {
			if (p > groups)
				*p++ = ';';
			p = put_group(world, inner, p);
		}
		*p = '\0';
		*put_group(world, nested ? n : 0, group) = '\0';
		for (bool again = true; again; from += own < PART ? own : PART, own -= own < PART ? own : PART) {
			expand_row(world, file, "EXPAND", group, p > groups ? groups : NULL, from,
			           own < PART ? own : PART);
			again = own > PART;
			p = groups;
		}
		if (n > 1 && nested)
			expand_row(world, file, "DUPLICATEEXPAND", group, NULL, file->first, 1);
	}
}

static void transfer(struct world *world, struct queue_file *file)
{
	uint32_t size = part_size(world);
	char reference[32];

	*text_number(reference, file->number) = '\0';
	for (uint32_t from = 0; from < file->count; from += size) {
		struct texts texts;
		struct exchange_row row = row_of(world, file, &texts);
		uint64_t number = take_number(world, file->host);

		if (from == 0)
			file->forks = number;
		row.source = "ROUTING";
		row.event = "TRANSFER";
		row.id = number;
		row.reference = reference;
		row.context = "Resolver";
		row.first = file->first + from;
		row.count = file->count - from < size ? file->count - from : size;
		row.status = "";
		exchange_row(world, &row, file->host);
	}
	/* All that is open belongs to the copy. */
	if (size >= file->count)
		*text_number(file->id, file->forks) = '\0';
}

static void active(struct world *world, struct queue_file *file)
{
	if (file->round > 0 || !file->expanded)
		return;
	expand(world, file);
	transfer(world, file);
}

/* --- deliveries ------------------------------------------------------------------------------------------ */

static void set_sent(struct world *world, const struct agent *agent, struct exchange_row *row, struct texts *texts)
{
	const struct queue_file *file = agent->file;
	const struct group *group = agent->chunk.group;
	char *p = texts->context;

	row->status = "250 2.1.5 Recipient OK";
	row->source = "SMTP";
	row->event = "SEND";
	row->other = group ? group->relay : "mx.stranger.example[198.51.100.7]:25";
	switch (agent->path) {
	case PATH_MAILBOX:
		row->source = "STOREDRIVER";
		row->event = "DELIVER";
		row->status = exchange_version(world->plan, file->host) < VERSION_2013 ? NULL : "";
		row->other = NULL;
		return;
	case PATH_FOREIGN:
		if (exchange_version(world->plan, file->host) == VERSION_2016)
			row->event = "SENDEXTERNAL";
		p = text_put(p, ";250 2.0.0 Ok: queued as ");
		p = text_queue_id(p, false, agent->timing.begun, agent->pid + 70000);
		break;
	default:
		p = text_put(p, ";250 2.6.0 ");
		p = text_put(p, file->mail->message_id);
		p = text_put(p, " [InternalId=");
		p = text_put(p, agent->child);
		p = text_put(p, ", Hostname=");
		p = text_bytes(p, row->other, strcspn(row->other, "["));
		p = text_put(p, "] 9000 bytes in 0.101, 87.1 KB/sec Queued mail for delivery");
	}
	*text_put(p, ";ClientSubmitTime:") = '\0';
	row->context = texts->context;
	row->connector = agent->path == PATH_FOREIGN ? "To the world" : "Intra-Organization SMTP Send Connector";
}

static void set_not_sent(const struct world *world, const struct agent *agent, enum ending_kind kind,
                         struct exchange_row *row)
{
	bool mailbox = agent->path == PATH_MAILBOX,
	     blocks = exchange_version(world->plan, agent->file->host) == VERSION_2016;

	row->source = mailbox ? "STOREDRIVER" : "SMTP";
	row->event = kind == ENDING_DEFERRED ? "DEFER" : "FAIL";
	if (kind == ENDING_BOUNCED) {
		row->status = mailbox  ? "550 5.1.1 RESOLVER.ADR.RecipNotFound; not found"
		              : blocks ? "[{LED=550 5.1.1 User unknown};{MSG=};{FQDN=mx1};{IP=192.0.2.10};{LRT=}]"
		                       : "550 5.1.1 User unknown";
		return;
	}
	row->info = "0001-01-01T00:00:00.000Z";
	row->status = mailbox                           ? "432 4.3.2 STOREDRV.Deliver; recipient thread limit exceeded"
	              : agent->path == PATH_UNREACHABLE ? "441 4.4.1 Error communicating with target host"
	                                                : "451 4.7.1 Greylisted";
}

/* A run of recipients with one end, all in one copy of the message. */
static void tried_run(struct world *world, struct agent *agent, const struct ending *endings, uint32_t count)
{
	struct queue_file *file = agent->file;
	struct texts texts;
	struct exchange_row row = row_of(world, file, &texts);
	enum ending_kind kind = (enum ending_kind)endings->kind;

	row.id = copy_of(world, file, endings->member);
	if (endings->member == NOBODY)
		row.to = file->to;
	else {
		row.endings = endings;
		row.count = count;
	}
	row.as_client = kind != ENDING_DEFERRED;
	if (kind == ENDING_SENT) {
		set_latency(world, file, &row, &texts);
		set_sent(world, agent, &row, &texts);
	} else {
		set_not_sent(world, agent, kind, &row);
	}
	if (kind == ENDING_BOUNCED && file->mail->sender[0]) {
		*notification_id(world, file, NULL, texts.reference) = '\0';
		row.reference = texts.reference;
	}
	exchange_row(world, &row, file->host);
}

/* Whom a reply named besides the group gets its copy once, and the other is dropped. */
static void duplicate(struct world *world, struct agent *agent, const struct ending *ending)
{
	const struct post *post = agent->file->mail->post;
	struct texts texts;
	struct exchange_row row = row_of(world, agent->file, &texts);

	if (!post || !world->plan->options->duplicate || post->parent == NOBODY || ending->kind != ENDING_SENT ||
	    agent->path != PATH_MAILBOX || ending->member != world->plan->posts[post->parent].author)
		return;
	row.id = copy_of(world, agent->file, ending->member);
	row.source = "STOREDRIVER";
	row.event = "DUPLICATEDELIVER";
	row.as_client = true;
	row.endings = ending;
	row.count = 1;
	exchange_row(world, &row, agent->file->host);
}

static void tried(struct world *world, struct agent *agent, const struct ending *endings, uint32_t count)
{
	const struct queue_file *file = agent->file;
	/* As many in a row as a server likes to put there; what goes to another server is one transaction. */
	uint32_t most = agent->path == PATH_MAILBOX ? 1 + agent->pid % 7 : count;

	agent->timing.shown = world_told(world) - file->mail->arrived_at;
	for (uint32_t i = 0, n; i < count; i += n) {
		for (n = 1; i + n < count && n < most && endings[i + n].kind == endings[i].kind &&
		            copy_of(world, file, endings[i + n].member) == copy_of(world, file, endings[i].member);
		     n++)
			;
		tried_run(world, agent, endings + i, n);
		for (uint32_t k = i; k < i + n; k++)
			duplicate(world, agent, &endings[k]);
	}
}

static void expire_row(struct world *world, struct queue_file *file, const uint32_t *members, uint32_t count)
{
	struct texts texts;
	struct exchange_row row = row_of(world, file, &texts);

	row.source = "QUEUE";
	row.event = "FAIL";
	row.as_client = true;
	row.id = copy_of(world, file, members[0]);
	row.list = members;
	row.count = count;
	row.status = "550 4.4.7 QUEUE.Expired; message expired";
	if (file->mail->sender[0]) {
		*notification_id(world, file, NULL, texts.reference) = '\0';
		row.reference = texts.reference;
	}
	exchange_row(world, &row, file->host);
	if (file->mail->post && file->mail->post->in_incident)
		world->truth->attempts += count;
}

static void expired(struct world *world, struct queue_file *file)
{
	for (uint32_t i = 0, n; i < file->later_count; i += n) {
		for (n = 1; i + n < file->later_count &&
		            copy_of(world, file, file->later[i + n]) == copy_of(world, file, file->later[i]);
		     n++)
			;
		expire_row(world, file, file->later + i, n);
	}
}

static void removed(struct world *world, struct queue_file *file)
{
	struct texts texts;
	struct exchange_row row = row_of(world, file, &texts);

	if (exchange_version(world->plan, file->host) == VERSION_2007 || !file->client[0])
		return;
	row.source = "REDUNDANCY";
	row.event = "HADISCARD";
	row.context = "Delivered";
	exchange_row(world, &row, file->host);
}

/* --- the list was deleted, or few may write to it ---------------------------------------------------------- */

static void rejected(struct world *world, const struct rejection *rejection)
{
	const struct plan *plan = world->plan;
	bool deleted = plan->options->refusal == REFUSAL_DELETED;
	uint64_t number = take_number(world, rejection->host);
	char id[160], dsn[160], sender[200], to[300], *p;
	struct exchange_row row = {.source = "STOREDRIVER", .event = "RECEIVE", .id = number, .message_id = id};

	snprintf(id, sizeof(id), "<refused.%llu@%s>", (unsigned long long)number, plan->list_domain);
	snprintf(dsn, sizeof(dsn), "<dsn-%llu@%s>", (unsigned long long)number, plan->hosts[rejection->host].fqdn);
	*format_member(world, rejection->author, sender) = '\0';
	p = deleted ? text_put(to, "IMCEAEX-_O=EXAMPLE_OU=EXCHANGE+20ADMINISTRATIVE+20GROUP_CN=RECIPIENTS_CN=") : to;
	*text_put(p, plan->list) = '\0';
	row.sender = row.return_path = sender;
	row.subject = plan->options->subjects == SUBJECTS_NONE ? "" : "RE: Test";
	row.size = 5100;
	row.to = to;
	row.excluded = NOBODY;
	row.status = "To";
	row.context = SUBMISSION;
	exchange_row(world, &row, rejection->host);
	row.source = "ROUTING";
	row.event = "FAIL";
	row.as_client = true;
	row.context = NULL;
	row.reference = dsn;
	row.status = deleted ? "550 5.1.1 RESOLVER.ADR.ExRecipNotFound; not found"
	                     : "550 5.7.1 RESOLVER.RST.NotAuthorized; not authorized";
	exchange_row(world, &row, rejection->host);
	notify_refused(world, rejection, id, dsn);
}

const struct format format_exchange = {
	.begun = exchange_header,
	.id = id,
	.notification_id = notification_id,
	.accepted = accepted,
	.identified = identified,
	.active = active,
	.tried = tried,
	.expired = expired,
	.removed = removed,
	.rejected = rejected,
	.bounces_refused = true,
	.names_expired = true,
	.since_arrival = true,
};
