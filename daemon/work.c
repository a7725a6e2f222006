/* SPDX-License-Identifier: Apache-2.0
 *
 * Parsing of batches, and the threads that do it, see work.h. Shared between
 * threads: the lists of works and each work's `done`, behind one lock; the rules, read only.
 */
#include "daemon/work.h"

#include <pthread.h>

#include "daemon/base/memory.h"

struct work *work_new(void)
{
	struct work *work = memory_zeroed(1, sizeof(*work));

	work->batch = batch_new();
	work->latest = INT64_MIN;
	return work;
}

void work_clear(struct work *work)
{
	batch_clear(work->batch);
	envelope_memory_free(&work->memory);
	rules_memory_free(&work->texts);
	arena_reset(&work->folded);
	work->line_count = work->key_count = work->event_count = work->told_count = work->next = 0;
	work->latest = INT64_MIN;
	work->done = work->flush = false;
}

void work_free(struct work **work)
{
	if (!*work)
		return;
	work_clear(*work);
	batch_free(&(*work)->batch);
	free((*work)->lines);
	free((*work)->keys);
	free((*work)->events);
	free((*work)->tolds);
	arena_free(&(*work)->folded);
	free(*work);
	*work = NULL;
}

/* What a work is parsed with. */
struct parsing {
	struct work *work;
	const struct rules *rules;
	const struct settings *settings;
	struct envelope_scratch *envelopes;
	struct rules_scratch *scratch;
	struct envelope_head head; /* of the line before, where it gave one event; its length is 0 where it did not */
	struct slice before;       /* that line */
	bool alike;                /* it told of a transaction; all its events are the first but for the recipient */
};

static void parsing_key(struct work *work, struct keys keys)
{
	MEMORY_GROW(work->keys, work->key_count, work->key_capacity);
	work->keys[work->key_count++] = keys;
}

/* The event behind the last one was read: its keys, and itself, where it is not of a transaction that is told already. */
static void parsing_event(struct parsing *parsing, uint64_t host)
{
	struct work *work = parsing->work;
	const struct event *event = &work->events[work->event_count];
	struct keys *before = work->key_count ? &work->keys[work->key_count - 1] : NULL;
	struct keys keys;

	if (before)
		keys = keys_after(parsing->settings, event, host, &work->events[before->event], before, &work->folded);
	else
		keys = keys_of(parsing->settings, event, host, &work->folded);
	if (!keys.same_transaction)
		keys.event = work->event_count++;
	parsing_key(work, keys);
}

/* The text tells of the next recipient of a transaction, as the line before told of one. */
static bool parsing_next(struct parsing *parsing, struct slice text)
{
	struct work *work = parsing->work;
	struct keys *before = &work->keys[work->key_count - 1];
	struct slice recipient;

	if (!parsing->alike || !rules_recipient_again(parsing->scratch, text, &recipient))
		return false;
	parsing_key(work, keys_of_next(parsing->settings, recipient, before, &work->folded));
	return true;
}

/* All events of one line, or none. */
static void parsing_rules(struct parsing *parsing, struct line *line, const struct envelope *envelope)
{
	struct work *work = parsing->work;
	uint32_t first = work->key_count, first_event = work->event_count;
	enum rules_result result;

	MEMORY_GROW(work->events, work->event_count, work->event_capacity);
	result = rules_apply(parsing->rules, parsing->scratch, envelope, &work->events[work->event_count], NULL,
	                     &line->reason);
	line->result = result == RULES_EVENT ? LINE_EVENT : result == RULES_IGNORED ? LINE_IGNORED : LINE_UNPARSED;
	while (result == RULES_EVENT) {
		parsing_event(parsing, line->host.hash);
		MEMORY_GROW(work->events, work->event_count, work->event_capacity);
		result = rules_more(parsing->scratch, &work->events[work->event_count], NULL, &line->reason);
	}
	if (result == RULES_UNPARSED) {
		work->key_count = first;
		work->event_count = first_event;
		line->result = LINE_UNPARSED;
	}
	line->key = first;
	line->key_count = work->key_count - first;
}

/* Where it is the host of the line before, as mostly, the same bytes tell it: who takes the lines has read those. */
static struct text_key work_host(const struct work *work, struct slice host)
{
	const struct line *before = work->line_count ? &work->lines[work->line_count - 1] : NULL;

	return before && before->timed && slice_equal(before->host.text, host) ? before->host : text_key(host);
}

static uint32_t work_told(struct work *work, const struct envelope_told *told)
{
	if (!told->cut && !told->released && !slice_given(told->text))
		return 0;
	MEMORY_GROW(work->tolds, work->told_count, work->told_capacity);
	work->tolds[work->told_count++] = *told;
	return work->told_count;
}

static void parsing_envelope(struct parsing *parsing, const struct line *of, enum envelope_result result,
                             const struct envelope *envelope)
{
	struct work *work = parsing->work;
	struct line line = *of;

	if (result == ENVELOPE_OK || result == ENVELOPE_NOTE) {
		line.timed = true;
		line.time = envelope->time;
		line.time_other = envelope->time_other;
		work->latest = line.time > work->latest ? line.time : work->latest;
		line.host = work_host(work, envelope->host.length ? envelope->host : SLICE("-"));
		line.program = envelope->program;
		line.lost = envelope->lost;
		line.repeated = envelope->repeated ? envelope->repeated : envelope->repeats + 1;
	}
	line.result = result == ENVELOPE_NOTE ? LINE_NOTE : result == ENVELOPE_EMPTY ? LINE_EMPTY : LINE_UNPARSED;
	if (result == ENVELOPE_OK)
		parsing_rules(parsing, &line, envelope);
	MEMORY_GROW(work->lines, work->line_count, work->line_capacity);
	work->lines[work->line_count++] = line;
}

/* What envelope_open() said of a line. A line may hold several rows: each counts as one. */
static void parsing_opened(struct parsing *parsing, struct line *line, const struct envelope_told *told,
                           enum envelope_result result, struct envelope *envelope)
{
	line->told = work_told(parsing->work, told);
	parsing_envelope(parsing, line, result, envelope);
	line->told = 0;
	while (result == ENVELOPE_OK &&
	       (result = envelope_more(parsing->envelopes, envelope, &line->reason)) != ENVELOPE_EMPTY)
		parsing_envelope(parsing, line, result, envelope);
}

/* Lines that were held back, released as `released` tells; `own`: the last of them is the record's at hand. */
static void parsing_again(struct parsing *parsing, struct line line, struct envelope_told released, bool own)
{
	struct slice text, next;
	bool there = envelope_again(parsing->envelopes, &text);

	while (there) {
		struct envelope envelope;
		struct envelope_told told;
		enum envelope_result result =
			envelope_open(parsing->envelopes, text, parsing->work->batch->records[line.record].timestamp,
		                      &envelope, &line.reason);

		envelope_told(parsing->envelopes, &told);
		told.released = released.released;
		told.held_of = released.held_of;
		released.released = false;
		there = envelope_again(parsing->envelopes, &next);
		line.again = there || !own;
		line.text = text;
		parsing_opened(parsing, &line, &told, result, &envelope);
		text = next;
	}
}

/* The line repeats the one before it but for what a delivery agent tells of each recipient: see rules_apply_again(). */
static bool parsing_repeats(struct parsing *parsing, uint32_t record, struct slice text)
{
	struct work *work = parsing->work;
	const struct envelope_head *head = &parsing->head;
	struct line *line;

	if (!head->length || text.length < head->length || memcmp(text.bytes, parsing->before.bytes, head->length) != 0)
		return false;
	line = &work->lines[work->line_count - 1];
	if (head->hinted && work->batch->records[record].timestamp != work->batch->records[line->record].timestamp)
		return false;
	if (!parsing_next(parsing, slice_from(text, head->text))) {
		MEMORY_GROW(work->events, work->event_count, work->event_capacity);
		if (!rules_apply_again(parsing->scratch, slice_from(text, head->text),
		                       &work->events[work->event_count]))
			return false;
		parsing_event(parsing, line->host.hash);
		parsing->alike = false;
	}
	line->key_count++;
	line->lines++;
	return true;
}

/* The next line may repeat this one. */
static void parsing_keep(struct parsing *parsing, struct slice text, uint32_t lines)
{
	const struct work *work = parsing->work;
	const struct line *line = &work->lines[work->line_count - 1];

	parsing->head = (struct envelope_head){0};
	parsing->before = text;
	if (lines + 1 != work->line_count || line->result != LINE_EVENT || line->told)
		return;
	parsing->head = envelope_head(parsing->envelopes);
	parsing->alike = keys_may_go_on(&work->events[work->keys[work->key_count - 1].event]);
}

static void parsing_line(struct parsing *parsing, uint32_t record, struct slice text, bool last)
{
	struct work *work = parsing->work;
	uint32_t lines = work->line_count;

	if (!parsing_repeats(parsing, record, text)) {
		struct envelope envelope;
		struct envelope_told told;
		struct line line = {.record = record, .text = text, .lines = 1, .repeated = 1};
		enum envelope_result result =
			envelope_open(parsing->envelopes, text, work->batch->records[record].timestamp, &envelope,
		                      &line.reason);

		envelope_told(parsing->envelopes, &told);
		if (result == ENVELOPE_AGAIN)
			parsing_again(parsing, line, told, true);
		else
			parsing_opened(parsing, &line, &told, result, &envelope);
		parsing_keep(parsing, text, lines);
	}
	work->lines[work->line_count - 1].last = last;
}

/* At the partition's end: its one record is empty, and stands for its end. */
static void parsing_flush(struct parsing *parsing)
{
	struct work *work = parsing->work;
	struct line line = {.lines = 1, .repeated = 1};

	if (!envelope_flush(parsing->envelopes))
		return;
	parsing_again(parsing, line, (struct envelope_told){.released = true}, false);
	work->lines[work->line_count - 1].last = true;
}

/* A record may hold several lines, as some producers batch them. */
static void parsing_record(struct parsing *parsing, uint32_t record)
{
	struct slice rest = parsing->work->batch->records[record].bytes;

	for (;;) {
		const char *end = rest.length ? memchr(rest.bytes, '\n', rest.length) : NULL;
		size_t length = end ? (size_t)(end - rest.bytes) : rest.length;
		struct slice text = slice_first(rest, length);
		bool last = !end || length + 1 == rest.length;

		if (text.length && text.bytes[text.length - 1] == '\r')
			text.length--;
		parsing_line(parsing, record, text, last);
		if (last)
			return;
		rest = slice_from(rest, length + 1);
	}
}

void work_parse(struct work *work, const struct rules *rules, const struct settings *settings,
                struct envelope_scratch *envelopes, struct rules_scratch *scratch)
{
	struct parsing parsing = {.work = work,
	                          .rules = rules,
	                          .settings = settings,
	                          .envelopes = envelopes,
	                          .scratch = scratch};

	envelope_scratch_origin(envelopes, work->origin);
	envelope_use(envelopes, work->source);
	if (work->flush)
		parsing_flush(&parsing);
	for (uint32_t i = 0; !work->flush && i < work->batch->count; i++)
		parsing_record(&parsing, i);
	work->memory = envelope_scratch_take(envelopes);
	work->texts = rules_scratch_take(scratch);
}

struct workers {
	pthread_mutex_t lock;
	pthread_cond_t given, finished;
	struct work *first, *last;
	struct work *spent, *cleared; /* lists of works that were taken in */
	bool stop;
	const struct rules *rules;
	const struct settings *settings;
	pthread_t *threads;
	unsigned count;
};

static void works_clear(struct work *list)
{
	for (; list; list = list->after)
		work_clear(list);
}

/* A list before another. */
static void works_put(struct work **before, struct work *list)
{
	struct work *last = list;

	if (!list)
		return;
	while (last->after)
		last = last->after;
	last->after = *before;
	*before = list;
}

static void works_free(struct work *list)
{
	while (list) {
		struct work *after = list->after;

		work_free(&list);
		list = after;
	}
}

/* The next work to be parsed, and those to be cleared before. */
static struct work *workers_take(struct workers *workers, struct work **spent)
{
	struct work *work;

	pthread_mutex_lock(&workers->lock);
	while (!workers->first && !workers->stop)
		pthread_cond_wait(&workers->given, &workers->lock);
	work = workers->stop ? NULL : workers->first;
	if (work) {
		workers->first = work->after;
		if (!workers->first)
			workers->last = NULL;
		*spent = workers->spent;
		workers->spent = NULL;
	}
	pthread_mutex_unlock(&workers->lock);
	return work;
}

static void *workers_run(void *with)
{
	struct workers *workers = with;
	struct envelope_scratch *envelopes = envelope_scratch_new(workers->settings);
	struct rules_scratch *scratch = rules_scratch_new(workers->rules);
	struct work *work, *spent;

	while ((work = workers_take(workers, &spent))) {
		works_clear(spent);
		work_parse(work, workers->rules, workers->settings, envelopes, scratch);
		pthread_mutex_lock(&workers->lock);
		work->done = true;
		works_put(&workers->cleared, spent);
		pthread_cond_broadcast(&workers->finished);
		pthread_mutex_unlock(&workers->lock);
	}
	envelope_scratch_free(&envelopes);
	rules_scratch_free(&scratch);
	return NULL;
}

struct workers *workers_new(unsigned threads, const struct rules *rules, const struct settings *settings)
{
	struct workers *workers = memory_zeroed(1, sizeof(*workers));

	pthread_mutex_init(&workers->lock, NULL);
	pthread_cond_init(&workers->given, NULL);
	pthread_cond_init(&workers->finished, NULL);
	workers->rules = rules;
	workers->settings = settings;
	workers->threads = memory_zeroed(threads, sizeof(*workers->threads));
	for (workers->count = 0; workers->count < threads; workers->count++)
		if (pthread_create(&workers->threads[workers->count], NULL, workers_run, workers) != 0)
			abort();
	return workers;
}

void workers_free(struct workers **at)
{
	struct workers *workers = *at;

	if (!workers)
		return;
	pthread_mutex_lock(&workers->lock);
	workers->stop = true;
	pthread_cond_broadcast(&workers->given);
	pthread_mutex_unlock(&workers->lock);
	for (unsigned i = 0; i < workers->count; i++)
		pthread_join(workers->threads[i], NULL);
	pthread_mutex_destroy(&workers->lock);
	pthread_cond_destroy(&workers->given);
	pthread_cond_destroy(&workers->finished);
	works_free(workers->spent);
	works_free(workers->cleared);
	free(workers->threads);
	free(workers);
	*at = NULL;
}

void workers_give(struct workers *workers, struct work *work)
{
	work->after = NULL;
	pthread_mutex_lock(&workers->lock);
	if (workers->last)
		workers->last->after = work;
	else
		workers->first = work;
	workers->last = work;
	pthread_cond_signal(&workers->given);
	pthread_mutex_unlock(&workers->lock);
}

void workers_wait(struct workers *workers, struct work *work)
{
	pthread_mutex_lock(&workers->lock);
	while (!work->done)
		pthread_cond_wait(&workers->finished, &workers->lock);
	pthread_mutex_unlock(&workers->lock);
}

void workers_spend(struct workers *workers, struct work *work)
{
	work->after = NULL;
	pthread_mutex_lock(&workers->lock);
	works_put(&workers->spent, work);
	pthread_mutex_unlock(&workers->lock);
}

struct work *workers_spare(struct workers *workers, bool all)
{
	struct work *spent = NULL, *cleared;

	pthread_mutex_lock(&workers->lock);
	cleared = workers->cleared;
	workers->cleared = NULL;
	if (all) {
		spent = workers->spent;
		workers->spent = NULL;
	}
	pthread_mutex_unlock(&workers->lock);
	works_clear(spent);
	works_put(&cleared, spent);
	return cleared;
}
