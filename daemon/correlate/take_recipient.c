/* SPDX-License-Identifier: Apache-2.0
 *
 * What an attempt tells of its recipient, see take_recipient.h. A delivery is
 * the last word; of two of a kind the earlier line's holds.
 */
#include "daemon/correlate/take_recipient.h"

#include "daemon/base/hash.h"
#include "daemon/correlate/address.h"
#include "daemon/correlate/book.h"
#include "daemon/correlate/done.h"
#include "daemon/correlate/expansion.h"
#include "daemon/correlate/file.h"
#include "daemon/correlate/file_recipients.h"
#include "daemon/correlate/handover.h"
#include "daemon/correlate/list.h"
#include "daemon/correlate/message.h"
#include "daemon/correlate/refusal.h"
#include "daemon/correlate/relay.h"
#include "daemon/correlate/twin.h"

static enum recipient_outcome take_outcome(enum event_outcome outcome)
{
	switch (outcome) {
	case OUTCOME_SENT: return RECIPIENT_SENT;
	case OUTCOME_HANDED: return RECIPIENT_HANDED;
	case OUTCOME_BOUNCED: return RECIPIENT_BOUNCED;
	case OUTCOME_EXPIRED: return RECIPIENT_EXPIRED;
	case OUTCOME_DISCARDED: return RECIPIENT_DISCARDED;
	case OUTCOME_ADMIN: return RECIPIENT_ADMIN;
	default: return RECIPIENT_OPEN;
	}
}

/* A delivery is the last word, also beside a hand-over: who forwards his mail may keep a copy. What went on elsewhere may so
 * end here too. */
static int take_weight(enum recipient_outcome outcome)
{
	switch (outcome) {
	case RECIPIENT_OPEN:
	case RECIPIENT_REQUEUED: return 0;
	case RECIPIENT_HANDED: return 2;
	case RECIPIENT_SENT: return 3;
	default: return 1;
	}
}

/* Of two of a kind the earlier line is the one to book. */
static bool take_replaces(const struct recipient *r, enum recipient_outcome outcome, int64_t time)
{
	int is = take_weight(outcome), was = take_weight((enum recipient_outcome)r->outcome);

	if (outcome == RECIPIENT_OPEN)
		return false;
	return is > was || (is == was && time < r->ended_at);
}

/* Nothing new in the line: the same attempt told again, or one more deferral. */
static bool take_nothing_new(const struct file *file, const struct recipient *r, enum recipient_outcome outcome,
                             int64_t time)
{
	if (outcome != RECIPIENT_OPEN)
		return !take_replaces(r, outcome, time);
	return (r->deferred_at != TIME_NONE && r->deferred_at <= time) && !file->expired;
}

bool take_configured_manager(const struct state *state, struct slice mailbox, struct slice via)
{
	const struct list_settings *own[2] = {NULL, NULL};

	if (!state->settings->list_count)
		return false;
	settings_of_list(state->settings, mailbox, &own[0]);
	if (slice_given(via))
		settings_of_list(state->settings, via, &own[1]);
	return (own[0] && own[0]->manager) || (own[1] && own[1]->manager);
}

/* Exim tells no delay by default, but its queue ID holds the acceptance. */
uint32_t take_delay_ms(const struct file *file, int64_t delay, int64_t time)
{
	if (delay < 0 && file->id_time)
		delay = time - file->accepted;
	return delay > 0 ? (uint32_t)((delay + 500) / 1000) : 0;
}

uint32_t take_mailbox(struct state *state, const struct keys *keys, uint32_t relay, uint32_t host)
{
	return texts_hold_guessed(state->addresses, &keys->mailbox, keys->mailbox_guess,
	                          relay ? 2 * relay : 2 * host + 1);
}

bool take_untimed(const struct event *event)
{
	return slice_is(event->program, "m365");
}

static void take_facts(struct state *state, uint32_t file, struct recipient *r, struct host_line line,
                       const struct event *event, uint32_t relay)
{
	enum recipient_outcome outcome = take_outcome(event->outcome);
	struct file *f = &state->files[file];

	if (take_replaces(r, outcome, line.time)) {
		f->ended += r->outcome == RECIPIENT_OPEN;
		r->outcome = (uint8_t)outcome;
		r->passed = r->passed && outcome == RECIPIENT_HANDED;
		r->ended_at = line.time;
		r->late = line.late;
		r->relay = outcome == RECIPIENT_SENT ? relay : 0;
		r->untimed = take_untimed(event);
		/* A trace has another row for what the address became. */
		if (r->untimed)
			r->passed = outcome == RECIPIENT_HANDED;
		r->delay_ms = take_delay_ms(f, event->delay, line.time);
		r->manager = event->manager || take_configured_manager(state, texts_get(state->addresses, r->mailbox),
		                                                       texts_get(state->addresses, r->via));
	}
	if (event->outcome == OUTCOME_DEFERRED && (r->deferred_at == TIME_NONE || line.time < r->deferred_at)) {
		r->deferred_at = line.time;
		r->late_defer = line.late;
		if (r->outcome == RECIPIENT_REQUEUED && line.time > r->ended_at) {
			r->outcome = RECIPIENT_OPEN;
			r->ended_at = TIME_NONE;
			f->ended--;
		}
	}
	if (f->expired && r->outcome == RECIPIENT_OPEN && r->deferred_at != TIME_NONE) {
		f->ended++;
		r->outcome = RECIPIENT_EXPIRED;
		r->ended_at = f->last_line;
		r->late = line.late;
	}
}

static void take_refusal(struct state *state, uint32_t file, uint32_t mailbox, int64_t time, struct slice sender)
{
	struct slice address = texts_get(state->addresses, mailbox);
	uint64_t hash = hash_two((uint64_t)time, state->files[file].queue_id);

	if (slice_starts(address, "imceaex-"))
		refusal_add_legacy(state, mailbox, sender, texts_get(state->texts, state->files[file].subject), time,
		                   hash);
	else
		refusal_add(state, mailbox, time, hash);
}

/* A recipient that is done is told of again: what is new of it goes into the sets, and into no minute. Takes over one
 * hold of each address. */
static void take_done(struct state *state, uint32_t file, const struct recipient *done, struct host_line line,
                      const struct event *event, uint32_t relay)
{
	struct recipient r = *done;
	uint32_t ended = state->files[file].ended;

	r.ended_at = r.deferred_at = TIME_NONE;
	r.attempts = 1;
	take_facts(state, file, &r, line, event, relay);
	r.late = r.late_defer = true;
	state->files[file].ended = ended;
	book_done(state, file, &r);
	texts_drop(state->addresses, r.mailbox);
	texts_drop(state->addresses, r.via);
}

static enum relay_kind take_relay_kind(struct slice program)
{
	if (slice_is(program, "lmtp"))
		return RELAY_LMTP;
	return slice_is(program, "pipe") || slice_is(program, "smtp") ? RELAY_PROGRAM : RELAY_PLAIN;
}

/* Where the recipient was sent, or 0. */
static uint32_t take_relay(struct state *state, uint32_t file, uint32_t host, const struct event *event, bool within)
{
	uint32_t relay = 0;

	if (event->outcome == OUTCOME_SENT || within)
		relay = relay_of(state, host, event->relay, take_relay_kind(event->program),
		                 slice_given(event->next_queue_id) || state->files[file].numbered);
	if (within)
		relay_is_ours(state, relay);
	return relay;
}

/* The next queue file is what an address was expanded into: what is known of this one's recipients passes on. */
static void take_expanded(struct state *state, uint32_t file, int64_t time, const struct event *event,
                          const struct named *named)
{
	if (named->expanded)
		handover_tell(state, file, event->next_queue_id, time, named->relay, named->expanded);
}

/* Sendmail names the local submitter (ctladdr=) where it names an alias otherwise: its own sender is no list. Others may
 * well be written to by the address that they expand. */
static bool take_names_submitter(struct slice program)
{
	return slice_starts(program, "sendmail") || slice_starts(program, "sm-");
}

static bool take_has_via(const struct file *file, uint32_t via)
{
	struct recipients_walk walk = recipients_of(file);
	struct recipient r;

	while (recipients_next(&walk, &r))
		if (r.via == via)
			return true;
	return false;
}

void take_submitter(struct state *state, uint32_t file, struct slice program)
{
	struct file *f = &state->files[file];
	uint32_t via;

	if (!take_names_submitter(program) || done_named(f) == 0)
		return;
	via = texts_find(state->addresses, texts_get(state->texts, f->sender));
	if (!via || !take_has_via(f, via))
		return;
	unbook_file(state, file);
	for (uint32_t i = 0; i < f->recipient_count; i++) {
		if (f->recipients[i].via != via)
			continue;
		texts_drop(state->addresses, via);
		f->recipients[i].via = 0;
	}
	file_unindex(state, file);
	for (uint32_t i = 0; state->files[file].message && i < state->files[file].recipient_count; i++)
		message_recipient(state, file, i);
}

/* The original recipient, told as it was written, without a domain, is the mailbox itself or what the file is the expansion
 * of: these have it. */
static uint32_t take_whole(struct state *state, const struct file *file, uint32_t mailbox, uint32_t via)
{
	struct slice bare = texts_get(state->addresses, via);
	uint32_t whole = via;

	if (!via || !address_is_bare(bare))
		return via;
	if (address_completes(texts_get(state->addresses, mailbox), bare))
		whole = mailbox;
	else if (file->expanded && address_completes(texts_get(state->addresses, file->expanded), bare))
		whole = file->expanded;
	else
		return via;
	texts_hold_again(state->addresses, whole);
	texts_drop(state->addresses, via);
	return whole;
}

struct named take_named(struct state *state, uint32_t file, struct host_line line, const struct event *event,
                        const struct keys *keys)
{
	/* A server of Exchange may be named without its address; and the log may say itself that it is one of ours. */
	bool within = event->outcome == OUTCOME_HANDED && state->files[file].numbered && slice_given(event->relay);
	uint32_t relay = take_relay(state, file, line.host, event, within);
	uint32_t mailbox = take_mailbox(state, keys, relay, line.host);
	uint32_t via = texts_hold_key(state->addresses, &keys->names->via);

	if (via && take_names_submitter(event->program) &&
	    slice_equal(texts_get(state->addresses, via), texts_get(state->texts, state->files[file].sender))) {
		texts_drop(state->addresses, via);
		via = 0;
	}
	via = take_whole(state, &state->files[file], mailbox, via);
	if (via == mailbox) {
		texts_drop(state->addresses, via);
		via = 0;
	}
	if (!via && state->files[file].expanded && state->files[file].expanded != mailbox)
		via = texts_hold_again(state->addresses, state->files[file].expanded);
	if (!via && state->files[file].numbered)
		via = expansion_via(state, file, mailbox);
	return (struct named){.mailbox = mailbox,
	                      .via = via,
	                      .relay = relay,
	                      .expanded = event->outcome != OUTCOME_HANDED || within ? 0
	                                  : via                                      ? via
	                                                                             : mailbox};
}

void take_recipient(struct state *state, uint32_t file, struct host_line line, const struct event *event,
                    const struct named *named)
{
	int64_t before = done_named(&state->files[file]);
	uint32_t mailbox = named->mailbox, via = named->via, relay = named->relay, number;
	struct recipient *r;
	bool again;

	if (event->manager && state->files[file].numbered)
		list_of(state, mailbox, LIST_GROUP);
	if (done_has(&state->files[file], mailbox, via)) {
		take_done(state, file, &(struct recipient){.mailbox = mailbox, .via = via}, line, event, relay);
		take_expanded(state, file, line.time, event, named);
		return;
	}
	r = file_recipient(state, file, mailbox, via);
	number = (uint32_t)(r - state->files[file].recipients);
	again = done_named(&state->files[file]) == before &&
	        take_nothing_new(&state->files[file], r, take_outcome(event->outcome), line.time);
	book_attempt(state, file, number, again && event->outcome == OUTCOME_SENT);
	if (state->files[file].numbered)
		expansion_tell(state, file, event->relay, relay, line.time);
	if (again) {
		take_expanded(state, file, line.time, event, named);
		return;
	}
	unbook_recipient(state, file, number);
	take_facts(state, file, &state->files[file].recipients[number], line, event, relay);
	if (state->files[file].message)
		message_recipient(state, file, number);
	if (twins_may_be(state, file))
		state->messages[state->files[file].message].unshared = true;
	if (state->files[file].numbered && take_outcome(event->outcome) != RECIPIENT_OPEN)
		expansion_done(state, file, mailbox, line.time);
	take_expanded(state, file, line.time, event, named);
	/* Where this is the first to tell that the file was accepted, or that a list manager has the message. */
	if ((before == 0 && state->files[file].queued_at == TIME_NONE) || state->files[file].recipients[number].manager)
		message_place(state, file);
	if (event->outcome == OUTCOME_BOUNCED && event->permanent)
		take_refusal(state, file, mailbox, line.time, event->sender);
}

void take_expiry(struct state *state, uint32_t file, struct host_line line)
{
	struct file *f = &state->files[file];

	if (f->expired)
		return;
	f->expired = true;
	for (uint32_t i = 0; i < f->recipient_count; i++) {
		struct recipient *r = &f->recipients[i];

		if (r->outcome != RECIPIENT_OPEN || r->deferred_at == TIME_NONE)
			continue;
		unbook_recipient(state, file, i);
		f->ended++;
		r->outcome = RECIPIENT_EXPIRED;
		r->ended_at = line.time;
		r->late = line.late;
		if (f->message)
			book_recipient(state, file, i);
	}
}
