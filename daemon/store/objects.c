/* SPDX-License-Identifier: Apache-2.0
 *
 * Fields of the state's objects as they are stored, see objects.h. Numbers of
 * texts, addresses and other objects are stored as they are: everything comes
 * back at its place.
 */
#include "daemon/store/objects.h"

#include "daemon/base/memory.h"
#include "daemon/correlate/done.h"
#include "daemon/correlate/storm.h"

/* What a relay is, as stored. */
#define RELAY_IS_OURS 1
#define RELAY_IS_PROGRAM 2
/* Why a recipient books no cells. */
#define RECIPIENT_UNTIMED 1
#define RECIPIENT_ITSELF 2

static void object_host_hour(struct codec *codec, struct host_hour *hour)
{
	codec_i64(codec, &hour->hour);
	codec_i64(codec, &hour->first_at);
	codec_i64(codec, &hour->last_at);
	codec_i64(codec, &hour->lines);
	codec_i64(codec, &hour->unparsed);
	codec_i64(codec, &hour->repeated);
	codec_i64(codec, &hour->lost);
	codec_i64(codec, &hour->orphans);
	codec_i64(codec, &hour->unfinished);
	codec_i64(codec, &hour->ambiguous);
	codec_i64(codec, &hour->late);
	codec_u64(codec, &hour->minutes);
}

void object_host(struct codec *codec, struct host *host)
{
	codec_u32(codec, &host->name);
	codec_i64(codec, &host->clock);
	codec_i64(codec, &host->ahead_since);
	codec_i64(codec, &host->ahead_time);
	CODEC_ARRAY(codec, host->hours, host->hour_count, object_host_hour);
	host->hour_capacity = codec->reading ? host->hour_count : host->hour_capacity;
}

void object_relay(struct codec *codec, struct relay *relay)
{
	uint8_t is = (uint8_t)((relay->ours ? RELAY_IS_OURS : 0) | (relay->program ? RELAY_IS_PROGRAM : 0));

	codec_u32(codec, &relay->name);
	codec_u32(codec, &relay->host);
	codec_u8(codec, &is);
	relay->ours = is & RELAY_IS_OURS;
	relay->program = is & RELAY_IS_PROGRAM;
	codec_u32(codec, &relay->spilled);
}

static void object_recipient(struct codec *codec, struct recipient *r)
{
	uint8_t cells = (uint8_t)((r->untimed ? RECIPIENT_UNTIMED : 0) | (r->itself ? RECIPIENT_ITSELF : 0));

	codec_address(codec, &r->mailbox);
	codec_address(codec, &r->via);
	codec_u32(codec, &r->relay);
	codec_u32(codec, &r->delay_ms);
	codec_i64(codec, &r->ended_at);
	codec_i64(codec, &r->deferred_at);
	codec_u32(codec, &r->bucket);
	codec_u32(codec, &r->unless);
	codec_u16(codec, &r->attempts);
	codec_u16(codec, &r->repeats);
	codec_u8(codec, &r->outcome);
	CODEC_BIT(codec, r->manager);
	CODEC_BIT(codec, r->late);
	CODEC_BIT(codec, r->booked);
	CODEC_BIT(codec, r->booked_end);
	CODEC_BIT(codec, r->booked_defer);
	CODEC_BIT(codec, r->booked_open);
	CODEC_BIT(codec, r->counted_end);
	CODEC_BIT(codec, r->late_defer);
	CODEC_BIT(codec, r->told_again);
	CODEC_BIT(codec, r->passed);
	CODEC_BIT(codec, r->expanded);
	CODEC_BIT(codec, r->grouped);
	codec_u8(codec, &cells);
	r->untimed = cells & RECIPIENT_UNTIMED;
	r->itself = cells & RECIPIENT_ITSELF;
}

/* One after the other in the order they were told, whether at hand or bundled. */
static void object_recipients(struct codec *codec, struct file *file)
{
	struct recipients_walk walk = recipients_of(file);
	uint32_t count = file->recipient_count + file->bundled;
	struct recipient r;

	if (codec->reading) {
		CODEC_ARRAY(codec, file->recipients, file->recipient_count, object_recipient);
		return;
	}
	codec_count(codec, &count);
	while (recipients_next(&walk, &r))
		object_recipient(codec, &r);
}

static void object_claim(struct codec *codec, struct claim *claim)
{
	codec_text(codec, &claim->queue_id);
	codec_u32(codec, &claim->relay);
	codec_address(codec, &claim->expanded);
	codec_i64(codec, &claim->at);
}

/* How far behind the one before it a range begins, and how far behind that it ends. What leaves 32 bits comes out before
 * where it began: such ranges are not settled. */
static void object_done_range(struct codec *codec, struct range *range, uint32_t *before)
{
	uint32_t gap = range->first - *before, more = range->last - range->first;

	codec_u32(codec, &gap);
	codec_u32(codec, &more);
	if (codec->reading)
		*range = (struct range){*before + gap, *before + gap + more};
	*before = range->last;
}

/* As versions before 10 stored them: numbers, each as what it is more than the one before. */
static void object_done_numbers(struct codec *codec, struct ranges *ranges, uint32_t count, uint32_t number)
{
	ranges_add(ranges, number);
	for (uint32_t i = 1; i < count && !codec->failed; i++) {
		uint32_t more = 0;

		codec_u32(codec, &more);
		if (more > UINT32_MAX - number)
			codec->failed = true;
		else
			ranges_add(ranges, number += more);
	}
}

/* A 0 in place of the first number, which is never 0, says that they are ranges. They stand for the same mailboxes for
 * as long as the file's message has sets. */
static void object_done(struct codec *codec, struct file *file)
{
	struct ranges ranges = codec->reading ? (struct ranges){0} : done_ranges(file);
	uint32_t count = ranges.count, number = 0, before = 0;

	codec_address(codec, &file->done.via);
	codec_count(codec, &count);
	if (count > 0)
		codec_u32(codec, &number);
	if (number) {
		object_done_numbers(codec, &ranges, count, number);
	} else {
		if (codec->reading)
			ranges = (struct ranges){memory_zeroed(count, sizeof(*ranges.items)), count, count};
		for (uint32_t i = 0; i < count; i++)
			object_done_range(codec, &ranges.items[i], &before);
	}
	if (codec->reading && !done_restore(file, &ranges))
		codec->failed = true;
	ranges_clear(&ranges);
}

static void object_file_told(struct codec *codec, struct file *file)
{
	codec_text(codec, &file->message_id);
	codec_text(codec, &file->resent_id);
	codec_text(codec, &file->sender);
	codec_text(codec, &file->client);
	codec_text(codec, &file->login);
	codec_text(codec, &file->subject);
	codec_address(codec, &file->sender_list);
	codec_address(codec, &file->header_list);
	codec_address(codec, &file->expanded);
	CODEC_ARRAY(codec, file->references, file->reference_count, codec_text);
	codec_i64(codec, &file->size);
	codec_i64(codec, &file->nrcpt);
	codec_text(codec, &file->origin_id);
	CODEC_BIT(codec, file->origin_filter);
	CODEC_ARRAY(codec, file->claims, file->claim_count, object_claim);
	CODEC_ARRAY(codec, file->notices, file->notice_count, codec_u64);
	object_recipients(codec, file);
	object_done(codec, file);
}

static void object_file_flags(struct codec *codec, struct file *file)
{
	CODEC_BIT(codec, file->id_time);
	CODEC_BIT(codec, file->parented);
	CODEC_BIT(codec, file->removed);
	CODEC_BIT(codec, file->canceled);
	CODEC_BIT(codec, file->removed_by_admin);
	CODEC_BIT(codec, file->expired);
	CODEC_BIT(codec, file->held);
	CODEC_BIT(codec, file->lapsed);
	CODEC_BIT(codec, file->requeued);
	CODEC_BIT(codec, file->automatic);
	CODEC_BIT(codec, file->notification);
	CODEC_BIT(codec, file->told_late);
	codec_u32(codec, &file->fresh);
	CODEC_BIT(codec, file->numbered);
	codec_u8(codec, &file->booked_missing_kind);
	codec_i64(codec, &file->booked_missing);
}

void object_file(struct codec *codec, struct file *file)
{
	codec_u32(codec, &file->host);
	codec_text(codec, &file->queue_id);
	codec_text(codec, &file->instance);
	codec_i64(codec, &file->first_line);
	codec_i64(codec, &file->last_line);
	codec_i64(codec, &file->accepted);
	codec_i64(codec, &file->dated_from);
	codec_i64(codec, &file->accepted_least);
	codec_i64(codec, &file->accepted_line);
	codec_i64(codec, &file->identified_at);
	codec_i64(codec, &file->queued_at);
	codec_i64(codec, &file->removed_at);
	codec_i32(codec, &file->resolution);
	codec_u32(codec, &file->ended);
	codec_u32(codec, &file->message);
	codec_u32(codec, &file->parent);
	codec_u32(codec, &file->hop);
	codec_u32(codec, &file->lines);
	object_file_told(codec, file);
	object_file_flags(codec, file);
	if (codec->reading) {
		file->recipient_capacity = file->recipient_count;
		file->claim_capacity = file->claim_count;
	}
}

static void object_bucket(struct codec *codec, struct bucket *bucket)
{
	codec_u32(codec, &bucket->via);
	for (int i = 0; i < BUCKET_ALSO; i++)
		codec_u32(codec, &bucket->also[i]);
	codec_u32(codec, &bucket->sender_list);
	codec_u32(codec, &bucket->header_list);
	codec_i64(codec, &bucket->attempts);
	codec_i64(codec, &bucket->repeats);
	codec_i64(codec, &bucket->hand_overs);
	codec_u32(codec, &bucket->cells.arrival_shift);
	bucket->cells.by_second = true;
}

static void object_hop(struct codec *codec, struct hop *hop)
{
	codec_u32(codec, &hop->host);
	codec_u8(codec, &hop->way);
	codec_u8(codec, &hop->level);
	for (int i = 0; i < MISSING_KINDS; i++)
		codec_i64(codec, &hop->missing[i]);
	for (size_t i = 0; i < sizeof(hop->from) / sizeof(*hop->from); i++)
		codec_u32(codec, &hop->from[i]);
}

static void object_via(struct codec *codec, struct via_seen *via)
{
	codec_address(codec, &via->via);
	codec_address(codec, &via->mailbox);
	codec_u32(codec, &via->count);
	codec_bool(codec, &via->replaced);
}

static void object_deferral(struct codec *codec, struct deferral *deferral)
{
	codec_u32(codec, &deferral->mailbox);
	codec_u32(codec, &deferral->bucket);
	codec_i64(codec, &deferral->at);
	codec_u32(codec, &deferral->host);
}

void object_message_head(struct codec *codec, struct message *message)
{
	codec_text(codec, &message->id);
	codec_i64(codec, &message->first_accepted);
	codec_i64(codec, &message->last_accepted);
	codec_i64(codec, &message->posted_at);
	codec_u8(codec, &message->root_rank);
	codec_text(codec, &message->sender);
	codec_text(codec, &message->client);
	codec_text(codec, &message->login);
	codec_text(codec, &message->subject);
	codec_address(codec, &message->root_list);
	codec_i64(codec, &message->subject_at);
	codec_i64(codec, &message->size);
	CODEC_ARRAY(codec, message->references, message->reference_count, codec_text);
	CODEC_BIT(codec, message->automatic);
	CODEC_BIT(codec, message->notification);
	CODEC_BIT(codec, message->post);
	CODEC_BIT(codec, message->recipient_set);
	codec_address(codec, &message->manager_list);
	CODEC_ARRAY(codec, message->buckets, message->bucket_count, object_bucket);
	CODEC_ARRAY(codec, message->hops, message->hop_count, object_hop);
	CODEC_ARRAY(codec, message->vias, message->via_count, object_via);
	if (codec->reading) {
		message->bucket_capacity = message->bucket_count;
		message->hop_capacity = message->hop_count;
		message->via_capacity = message->via_count;
	}
}

void object_message(struct codec *codec, struct message *message)
{
	object_message_head(codec, message);
	CODEC_ARRAY(codec, message->deferrals, message->deferral_count, object_deferral);
	CODEC_ARRAY(codec, message->notices, message->notice_count, codec_u64);
	CODEC_ARRAY(codec, message->posts, message->post_count, codec_u32);
	CODEC_BIT(codec, message->changed);
	if (codec->reading) {
		message->deferral_capacity = message->deferral_count;
		message->notice_capacity = message->notice_count;
	}
}

void object_link(struct codec *codec, struct link *link)
{
	codec_u64(codec, &link->key);
	codec_u32(codec, &link->file);
	codec_u32(codec, &link->parent);
	CODEC_BIT(codec, link->file_read);
	CODEC_BIT(codec, link->parent_read);
	codec_u32(codec, &link->message);
	for (size_t i = 0; i < sizeof(link->relays) / sizeof(*link->relays); i++)
		codec_u32(codec, &link->relays[i]);
	codec_u32(codec, &link->expanded);
	codec_u64(codec, &link->above);
	codec_i64(codec, &link->at);
	codec_u32(codec, &link->file_unit);
	codec_u32(codec, &link->parent_unit);
}

static void object_refusal(struct codec *codec, struct refusal *refusal)
{
	codec_i64(codec, &refusal->at);
	codec_u64(codec, &refusal->hash);
}

/* What follows is not in what earlier versions stored. */
static bool object_goes_on(const struct codec *codec)
{
	return !codec->reading || codec->at < codec->length;
}

void object_list(struct codec *codec, struct list *list)
{
	int kind = (int)list->kind;

	codec_u32(codec, &list->address);
	codec_int(codec, &kind);
	list->kind = (enum list_kind)kind;
	CODEC_ARRAY(codec, list->refusals, list->refusal_count, object_refusal);
	codec_i64(codec, &list->closed_at);
	codec_i64(codec, &list->first_at);
	codec_i64(codec, &list->last_at);
	codec_i64(codec, &list->all_posts);
	codec_i64(codec, &list->all_deliveries);
	if (object_goes_on(codec))
		codec_i64(codec, &list->judged_at);
	else
		list->judged_at = list->last_at == TIME_NONE ? TIME_NONE : list->last_at + STORM_LOOKS_BACK;
	if (codec->reading)
		list->refusal_capacity = list->refusal_count;
}

void object_post(struct codec *codec, struct post *post)
{
	codec_i64(codec, &post->id);
	codec_u32(codec, &post->message);
	codec_u32(codec, &post->list);
	codec_i64(codec, &post->posted_at);
	codec_u32(codec, &post->message_id);
	codec_u32(codec, &post->sender);
	codec_u32(codec, &post->client);
	codec_u32(codec, &post->login);
	codec_u32(codec, &post->subject);
	codec_u32(codec, &post->normal_subject);
	CODEC_ARRAY(codec, post->references, post->reference_count, codec_u32);
	codec_i64(codec, &post->size);
	codec_bool(codec, &post->automatic);
	codec_bool(codec, &post->null_sender);
	codec_bool(codec, &post->sender_known);
	codec_i64(codec, &post->due);
	codec_i64(codec, &post->delivered);
	codec_i64(codec, &post->deferred);
	codec_i64(codec, &post->bounced);
	codec_i64(codec, &post->expired);
	codec_i64(codec, &post->discarded);
	codec_i64(codec, &post->admin);
	codec_i64(codec, &post->pending);
	codec_i64(codec, &post->unaccounted);
	codec_i64(codec, &post->handed_outside);
	codec_i64(codec, &post->direct);
	codec_i64(codec, &post->thread);
	codec_i64(codec, &post->incident);
}

void object_incident(struct codec *codec, struct incident *incident)
{
	struct storm_settings *s = &incident->settings;

	codec_i64(codec, &incident->id);
	codec_u32(codec, &incident->list);
	codec_i64(codec, &incident->thread);
	CODEC_ARRAY(codec, incident->posts, incident->post_count, codec_u32);
	codec_i64(codec, &incident->opened_at);
	codec_i64(codec, &incident->detected_at);
	codec_i64(codec, &incident->detected_wall_at);
	codec_i64(codec, &s->min_recipients);
	codec_i64(codec, &s->min_replies);
	codec_i64(codec, &s->min_posters);
	codec_i64(codec, &s->min_pairs);
	codec_i64(codec, &s->window);
	codec_i64(codec, &s->quiet_after);
	codec_i64(codec, &s->thread_gap);
	codec_double(codec, &s->norm_factor);
	codec_int(codec, &incident->method);
	codec_int(codec, &incident->state);
	codec_bool(codec, &incident->frozen);
	codec_bool(codec, &incident->live);
	if (object_goes_on(codec))
		codec_i64(codec, &incident->norm);
	else
		incident->norm = NORM_NONE;
}

static void object_bucket_of_delays(struct codec *codec, struct histogram_bucket *bucket)
{
	codec_u32(codec, &bucket->bucket);
	codec_u32(codec, &bucket->count);
}

static void object_seconds(struct codec *codec, struct cell *cell)
{
	bool has = cell->seconds != NULL;

	codec_bool(codec, &has);
	if (has && codec->reading)
		cell->seconds = memory_zeroed(60, sizeof(*cell->seconds));
	for (int i = 0; has && i < 60; i++)
		codec_u32(codec, &cell->seconds[i]);
}

void object_cell(struct codec *codec, struct cell *cell)
{
	CODEC_ARRAY(codec, cell->delays.buckets, cell->delays.used, object_bucket_of_delays);
	codec_u64(codec, &cell->delays.total);
	codec_i64(codec, &cell->deferred);
	codec_i64(codec, &cell->bounced);
	codec_i64(codec, &cell->rejected);
	codec_i64(codec, &cell->ended);
	codec_i64(codec, &cell->last_at);
	for (int i = 0; i < 3; i++)
		codec_i64(codec, &cell->over[i]);
	object_seconds(codec, cell);
	if (codec->reading)
		cell->delays.capacity = cell->delays.used;
}

static void object_refusal_seen(struct codec *codec, struct refusal_seen *seen)
{
	codec_u32(codec, &seen->address);
	codec_u32(codec, &seen->subject);
	object_refusal(codec, &seen->refusal);
}

void object_refusals(struct codec *codec, struct state *state)
{
	CODEC_ARRAY(codec, state->refusals, state->refusal_count, object_refusal_seen);
	CODEC_ARRAY(codec, state->told, state->told_count, object_refusal);
	if (codec->reading) {
		state->refusal_capacity = state->refusal_count;
		state->told_capacity = state->told_count;
	}
}

static void object_notification(struct codec *codec, struct notification *notification)
{
	codec_u32(codec, &notification->about);
	codec_u64(codec, &notification->hash);
	codec_i64(codec, &notification->at);
}

void object_notifications(struct codec *codec, struct state *state)
{
	CODEC_ARRAY(codec, state->notifications, state->notification_count, object_notification);
	if (codec->reading)
		state->notification_capacity = state->notification_count;
}
