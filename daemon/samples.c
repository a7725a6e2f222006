/* SPDX-License-Identifier: Apache-2.0
 *
 * Samples of lines that no rule understood, see samples.h.
 */
#include "daemon/samples.h"

#include "daemon/base/memory.h"
#include "daemon/correlate/state.h"

#define SAMPLES_MAX 256
#define SAMPLE_BYTES 4096

struct sample {
	uint32_t partition;
	int64_t offset, at, taken;
	char *program, *line;
	size_t line_length;
	const char *reason;
};

struct samples {
	const struct privacy *privacy;
	struct sample items[SAMPLES_MAX];
	uint32_t count;
};

struct samples *samples_new(const struct privacy *privacy)
{
	struct samples *samples = memory_zeroed(1, sizeof(*samples));

	samples->privacy = privacy;
	return samples;
}

void samples_free(struct samples **samples)
{
	if (!*samples)
		return;
	samples_clear(*samples);
	free(*samples);
	*samples = NULL;
}

/* A text of a log as it may be stored, whole: where an address was cut, it would not be known for one. */
static struct privacy_text samples_shown(const struct samples *samples, struct slice text)
{
	struct privacy_text shown = {0};

	if (samples->privacy)
		privacy_line(samples->privacy, text, &shown);
	else
		privacy_text_add(&shown, text);
	return shown;
}

void samples_add(struct samples *samples, uint32_t partition, const struct work *work, const struct line *line,
                 int64_t taken)
{
	struct privacy_text shown;
	struct sample *sample;

	if (samples->count == SAMPLES_MAX)
		return;
	sample = &samples->items[samples->count++];
	*sample = (struct sample){.partition = partition,
	                          .offset = work->batch->records[line->record].offset,
	                          .at = line->timed ? line->time : TIME_NONE,
	                          .taken = taken,
	                          .reason = line->reason,
	                          .program = line->timed ? samples_shown(samples, line->program).bytes : NULL};
	shown = samples_shown(samples, line->text);
	sample->line = shown.bytes;
	sample->line_length = shown.length < SAMPLE_BYTES ? shown.length : SAMPLE_BYTES;
}

bool samples_put(const struct samples *samples, struct store *store, const struct store_position *positions)
{
	for (uint32_t i = 0; i < samples->count; i++) {
		const struct sample *s = &samples->items[i];

		if (!store_put_unparsed(store, &positions[s->partition], s->offset, s->at, s->taken,
		                        slice_of(s->program), s->reason, (struct slice){s->line, s->line_length}))
			return false;
	}
	return true;
}

void samples_clear(struct samples *samples)
{
	for (uint32_t i = 0; i < samples->count; i++) {
		free(samples->items[i].program);
		free(samples->items[i].line);
	}
	samples->count = 0;
}
