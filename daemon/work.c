/* SPDX-License-Identifier: Apache-2.0
 *
 * Parsing of batches, and the threads that do it, see work.h. Shared between
 * threads: the queue's list and each work's `done`, behind one lock; the rules, read only.
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
	work->line_count = work->event_count = work->next = 0;
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
	free((*work)->events);
	free((*work)->keys);
	arena_free(&(*work)->folded);
	free(*work);
	*work = NULL;
}

/* All events of one line, or none. */
static void work_rules(struct work *work, struct line *line, const struct envelope *envelope, const struct rules *rules,
                       struct rules_scratch *scratch)
{
	uint32_t first = work->event_count;
	enum rules_result result;

	MEMORY_GROW(work->events, work->event_count, work->event_capacity);
	result = rules_apply(rules, scratch, envelope, &work->events[first], NULL, &line->reason);
	line->result = result == RULES_EVENT ? LINE_EVENT : result == RULES_IGNORED ? LINE_IGNORED : LINE_UNPARSED;
	while (result == RULES_EVENT) {
		work->event_count++;
		MEMORY_GROW(work->events, work->event_count, work->event_capacity);
		result = rules_more(scratch, &work->events[work->event_count], NULL, &line->reason);
	}
	if (result == RULES_UNPARSED) {
		work->event_count = first;
		line->result = LINE_UNPARSED;
	}
	line->event = first;
	line->event_count = work->event_count - first;
}

static void work_envelope(struct work *work, struct line line, enum envelope_result result,
                          const struct envelope *envelope, const struct rules *rules, struct rules_scratch *scratch)
{
	if (result == ENVELOPE_OK || result == ENVELOPE_NOTE) {
		line.timed = true;
		line.time = envelope->time;
		line.time_other = envelope->time_other;
		work->latest = line.time > work->latest ? line.time : work->latest;
		line.host = text_key(envelope->host.length ? envelope->host : SLICE("-"));
		line.program = envelope->program;
		line.lost = envelope->lost;
		line.repeated = envelope->repeated ? envelope->repeated : envelope->repeats + 1;
	}
	line.result = result == ENVELOPE_NOTE ? LINE_NOTE : result == ENVELOPE_EMPTY ? LINE_EMPTY : LINE_UNPARSED;
	if (result == ENVELOPE_OK)
		work_rules(work, &line, envelope, rules, scratch);
	MEMORY_GROW(work->lines, work->line_count, work->line_capacity);
	work->lines[work->line_count++] = line;
}

/* What envelope_open() said of a line. A line may hold several rows: each counts as one. */
static void work_opened(struct work *work, struct line line, enum envelope_result result, struct envelope *envelope,
                        const struct rules *rules, struct envelope_scratch *envelopes, struct rules_scratch *scratch)
{
	work_envelope(work, line, result, envelope, rules, scratch);
	line.told = (struct envelope_told){.text = SLICE_NONE};
	while (result == ENVELOPE_OK && (result = envelope_more(envelopes, envelope, &line.reason)) != ENVELOPE_EMPTY)
		work_envelope(work, line, result, envelope, rules, scratch);
}

/* Lines that were held back; `own`: the last of them is the record's at hand. */
static void work_again(struct work *work, struct line line, bool own, const struct rules *rules,
                       struct envelope_scratch *envelopes, struct rules_scratch *scratch)
{
	struct envelope_told released = line.told, told;
	struct slice text, next;
	bool there = envelope_again(envelopes, &text);

	while (there) {
		struct envelope envelope;
		enum envelope_result result =
			envelope_open(envelopes, text, work->batch->records[line.record].timestamp, &envelope,
		                      &line.reason);

		envelope_told(envelopes, &told);
		line.told = told;
		line.told.released = released.released;
		line.told.held_of = released.held_of;
		released.released = false;
		there = envelope_again(envelopes, &next);
		line.again = there || !own;
		line.text = text;
		work_opened(work, line, result, &envelope, rules, envelopes, scratch);
		text = next;
	}
}

static void work_line(struct work *work, uint32_t record, struct slice text, bool last, const struct rules *rules,
                      struct envelope_scratch *envelopes, struct rules_scratch *scratch)
{
	struct envelope envelope;
	struct line line = {.record = record, .text = text, .repeated = 1};
	enum envelope_result result =
		envelope_open(envelopes, text, work->batch->records[record].timestamp, &envelope, &line.reason);

	envelope_told(envelopes, &line.told);
	if (result == ENVELOPE_AGAIN)
		work_again(work, line, true, rules, envelopes, scratch);
	else
		work_opened(work, line, result, &envelope, rules, envelopes, scratch);
	work->lines[work->line_count - 1].last = last;
}

/* At the partition's end: its one record is empty, and stands for its end. */
static void work_flush(struct work *work, const struct rules *rules, struct envelope_scratch *envelopes,
                       struct rules_scratch *scratch)
{
	struct line line = {.repeated = 1};

	if (!envelope_flush(envelopes))
		return;
	line.told.released = true;
	work_again(work, line, false, rules, envelopes, scratch);
	work->lines[work->line_count - 1].last = true;
}

/* A record may hold several lines, as some producers batch them. */
static void work_record(struct work *work, uint32_t record, const struct rules *rules,
                        struct envelope_scratch *envelopes, struct rules_scratch *scratch)
{
	struct slice rest = work->batch->records[record].bytes;

	for (;;) {
		const char *end = rest.length ? memchr(rest.bytes, '\n', rest.length) : NULL;
		size_t length = end ? (size_t)(end - rest.bytes) : rest.length;
		struct slice text = slice_first(rest, length);
		bool last = !end || length + 1 == rest.length;

		if (text.length && text.bytes[text.length - 1] == '\r')
			text.length--;
		work_line(work, record, text, last, rules, envelopes, scratch);
		if (last)
			return;
		rest = slice_from(rest, length + 1);
	}
}

static void work_keys(struct work *work, const struct settings *settings)
{
	if (work->key_capacity < work->event_count) {
		work->key_capacity = work->event_capacity;
		work->keys = memory_resized(work->keys, work->key_capacity, sizeof(*work->keys));
	}
	for (uint32_t i = 0; i < work->line_count; i++)
		for (uint32_t k = 0; k < work->lines[i].event_count; k++) {
			uint32_t event = work->lines[i].event + k;

			work->keys[event] =
				keys_of(settings, &work->events[event], work->lines[i].host.hash, &work->folded);
		}
}

void work_parse(struct work *work, const struct rules *rules, const struct settings *settings,
                struct envelope_scratch *envelopes, struct rules_scratch *scratch)
{
	envelope_scratch_origin(envelopes, work->origin);
	envelope_use(envelopes, work->source);
	if (work->flush)
		work_flush(work, rules, envelopes, scratch);
	for (uint32_t i = 0; !work->flush && i < work->batch->count; i++)
		work_record(work, i, rules, envelopes, scratch);
	work_keys(work, settings);
	work->memory = envelope_scratch_take(envelopes);
	work->texts = rules_scratch_take(scratch);
}

struct workers {
	pthread_mutex_t lock;
	pthread_cond_t given, finished;
	struct work *first, *last;
	bool stop;
	const struct rules *rules;
	const struct settings *settings;
	pthread_t *threads;
	unsigned count;
};

static struct work *workers_take(struct workers *workers)
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
	}
	pthread_mutex_unlock(&workers->lock);
	return work;
}

static void *workers_run(void *with)
{
	struct workers *workers = with;
	struct envelope_scratch *envelopes = envelope_scratch_new(workers->settings);
	struct rules_scratch *scratch = rules_scratch_new(workers->rules);
	struct work *work;

	while ((work = workers_take(workers))) {
		work_parse(work, workers->rules, workers->settings, envelopes, scratch);
		pthread_mutex_lock(&workers->lock);
		work->done = true;
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
