/* SPDX-License-Identifier: Apache-2.0
 *
 * The end of a delivery transaction: a line for each recipient, and the same
 * told to the truth from what was planned, not from the line. All lines of
 * one transaction have one time and one delay, as smtp(8) and lmtp(8) do it.
 */
#include <assert.h>

#include "agent.h"

enum ending_kind { ENDING_SENT, ENDING_DEFERRED, ENDING_BOUNCED, ENDINGS };

/* What follows the address; the address itself may stand in it once more. */
struct ending {
	size_t length, address_at; /* length 0: not made yet; address_at 0: it does not */
	char bytes[800];
};

struct batch {
	struct world *world;
	struct agent *agent;
	struct writer_head head;
	struct ending endings[2][ENDINGS]; /* by list */
	struct pairs counts[ENDINGS];
	uint64_t printed[ENDINGS];
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
	struct ending *ending = &batch->endings[list][kind];
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
	struct ending *ending = &batch->endings[list][kind];
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
	if (batch->agent->file->mail->post && batch->agent->file->mail->post->in_incident)
		batch->world->truth->attempts++;
}

static enum ending_kind ending_of(const struct batch *batch, uint32_t member)
{
	const struct queue_file *file = batch->agent->file;
	unsigned retries;

	if (batch->agent->path == PATH_UNREACHABLE)
		return ENDING_DEFERRED;
	if (batch->agent->path == PATH_RELAY || batch->agent->path == PATH_FILTER)
		return ENDING_SENT;
	switch (plan_fate(batch->world->plan, file->mail->salt, member, &retries)) {
	case FATE_BOUNCED: return ENDING_BOUNCED;
	case FATE_NEVER: return ENDING_DEFERRED;
	case FATE_LATER: return file->round < retries ? ENDING_DEFERRED : ENDING_SENT;
	case FATE_SENT: break;
	}
	return ENDING_SENT;
}

static void end_member(struct batch *batch, uint32_t member)
{
	struct world *world = batch->world;
	struct queue_file *file = batch->agent->file;
	const struct post *post = file->mail->post;
	bool last_hop = batch->agent->path == PATH_MAILBOX || batch->agent->path == PATH_FOREIGN;
	enum ending_kind kind = ending_of(batch, member);
	struct pairs lists;
	uint64_t recipients;
	char address[160];
	size_t length = (size_t)(plan_address(world->plan, batch->agent->chunk.group, member, address) - address);

	if (kind == ENDING_BOUNCED)
		file->bounced_now = true;
	if (last_hop && kind != ENDING_DEFERRED && world->sink->lost > 0 && !world->sink->lose_any &&
	    random_chance(random_next(&world->random), world->sink->lost)) {
		file_hide(file, member);
		world->truth->lost_lines++;
		return;
	}
	lists = post ? world_lists(world, member) : (struct pairs){{1}, 1};
	recipients = file->paired ? lists.all : 1;
	for (unsigned list = 0; list < 2; list++) {
		if (file->paired ? lists.of[list] : list == 0)
			print_recipient(batch, list, kind, address, length);
		batch->counts[kind].of[list] += lists.of[list];
	}
	batch->counts[kind].all += file->expanded ? lists.all : 1;
	batch->printed[kind] += recipients;
	if (kind == ENDING_DEFERRED) {
		truth_member_flag(world->truth, post, member, MEMBER_DEFERRED);
		file_retry(file, member);
		return;
	}
	file->open -= recipients;
	if (kind == ENDING_BOUNCED)
		truth_member_flag(world->truth, post, member, MEMBER_BOUNCED);
	else if (last_hop)
		truth_member_delivered(world->truth, post, member);
}

static void book(struct batch *batch)
{
	struct world *world = batch->world;
	const struct agent *agent = batch->agent;
	const struct queue_file *file = agent->file;
	struct post *post = file->mail->post;
	const struct group *group = agent->chunk.group;
	int64_t told = world_told(world);
	int64_t whole = post ? file->told_at - post->posted_at + agent->timing.shown : 0;

	if (file->round == 0 && !(post && file->deferred_before))
		truth_deferred(world->truth, post, group, file->host, batch->counts[ENDING_DEFERRED]);
	truth_bounced(world->truth, post, group, file->host, told, batch->counts[ENDING_BOUNCED]);
	if (agent->path == PATH_MAILBOX || agent->path == PATH_FOREIGN)
		truth_delivered(world->truth, post, group, file->host, told, agent->timing.shown, whole,
		                batch->counts[ENDING_SENT], agent->path == PATH_FOREIGN);
	else if (post && post->in_incident)
		world->truth->hand_overs += batch->printed[ENDING_SENT];
}

/* The file's one address, which is no member's. */
static void end_target(struct batch *batch)
{
	struct world *world = batch->world;
	struct agent *agent = batch->agent;
	struct queue_file *file = agent->file;
	struct post *post = file->mail->post;
	uint64_t attempts = world->truth->attempts;

	print_recipient(batch, 0, ENDING_SENT, file->to, strlen(file->to));
	file->open--;
	world->truth->attempts = attempts;
	if (post && post->in_incident)
		world->truth->maybe_hand_overs++;
	if (post) {
		if (file->target == TARGET_MANAGER)
			manager_submit(world, file);
	} else if (agent->path == PATH_FOREIGN) {
		truth_delivered(world->truth, NULL, NULL, file->host, world_told(world), agent->timing.shown, 0,
		                (struct pairs){{1}, 1}, true);
	} else if (agent->path == PATH_MAILBOX) {
		truth_delivered_maybe(world->truth, file->host, world_told(world), agent->timing.shown);
	}
}

void transaction_end(struct world *world, struct agent *agent)
{
	static const enum program programs[] = {
		[PATH_MAILBOX] = PROGRAM_LMTP, [PATH_FOREIGN] = PROGRAM_SMTP,     [PATH_RELAY] = PROGRAM_SMTP,
		[PATH_FILTER] = PROGRAM_SMTP,  [PATH_UNREACHABLE] = PROGRAM_SMTP,
	};
	enum program program = programs[agent->path];
	struct batch batch;

	batch.world = world;
	batch.agent = agent;
	for (int kind = 0; kind < ENDINGS; kind++) {
		batch.endings[0][kind].length = batch.endings[1][kind].length = 0;
		batch.counts[kind] = (struct pairs){{0}, 0};
		batch.printed[kind] = 0;
	}
	if (!agent->chunk.group && agent->path == PATH_MAILBOX)
		program = to_owner(agent->file) ? PROGRAM_LOCAL : PROGRAM_PIPE;
	lines_to(world, agent->file, program, agent->pid, &batch.head);
	if (!agent->chunk.group) {
		end_target(&batch);
		return;
	}
	for (uint32_t i = 0; i < agent->chunk.count; i++) {
		uint32_t member = agent->chunk.list ? agent->chunk.list[i] : agent->chunk.first + i;

		if (member != agent->file->excluded)
			end_member(&batch, member);
	}
	book(&batch);
}
