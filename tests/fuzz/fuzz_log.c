/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a log, the whole way from a file to the figures (TOP_SRCDIR names
 * the sources): plain, packed or UTF-16, lines of every kind, tables with their
 * headers, message traces over several lines. The second half is the value of
 * one Kafka record, where the two are parted by "\n\0\n". Whatever was read, each
 * post's ledger adds up.
 */
#define _GNU_SOURCE
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daemon/correlate/age.h"
#include "daemon/correlate/coverage.h"
#include "daemon/correlate/incident.h"
#include "daemon/correlate/take.h"
#include "daemon/correlate/transaction.h"
#include "daemon/correlate/unload.h"
#include "daemon/work.h"
#include "source.h"

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#define WALL (INT64_C(1893456000) * SECOND) /* 2030 */

static struct settings *settings;
static struct rules *rules;
static struct rules_scratch *rule_scratch;
static struct envelope_scratch *envelopes;

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
	const char *top = getenv("TOP_SRCDIR");
	char path[4096];
	const char *directories[] = {path, NULL};
	char *error = NULL;

	(void)count;
	(void)arguments;
	snprintf(path, sizeof(path), "%s/parsers", top ? top : ".");
	rules = rules_load(directories, &error);
	settings = settings_load(NULL, &error);
	if (!rules || !settings) {
		fprintf(stderr, "%s\n", error);
		exit(1);
	}
	settings->storm.min_recipients = settings->storm.min_replies = settings->storm.min_posters = 1;
	rule_scratch = rules_scratch_new(rules);
	envelopes = envelope_scratch_new(settings);
	return 0;
}

static void take_line(struct state *state, const struct work *work, const struct line *line)
{
	struct host_line at;
	uint32_t more = 0;

	assert(line->result != LINE_UNPARSED || (line->reason && *line->reason));
	if (!line->timed)
		return;
	at = host_take_line(state, host_of_key(state, &line->host), line->time, line->time_other);
	keys_fetch(state, work->keys, line->key, work->key_count);
	for (uint32_t i = 0; line->result == LINE_EVENT && i < line->key_count; i++) {
		const struct keys *keys = &work->keys[line->key + i];

		if (i > 0 && line->lines > 1)
			at = host_take_next(state, at, line->time, line->time_other, &more);
		take_event(state, at, &work->events[keys->event], keys);
	}
	host_take_more(state, at, more);
}

static void take_work(struct state *state, struct work *work)
{
	uint32_t lines = 0;

	work_parse(work, rules, settings, envelopes, rule_scratch);
	for (; work->next < work->line_count; work->next++) {
		lines += work->lines[work->next].lines;
		take_line(state, work, &work->lines[work->next]);
	}
	assert(lines >= work->batch->count);
	transaction_close(state);
	age_state(state);
}

static void take_file(struct state *state, struct envelope_source *told, const uint8_t *bytes, size_t size)
{
	int fd = memfd_create("log", MFD_CLOEXEC);
	struct work *work = work_new();
	struct source *source;
	char path[32], *error = NULL;
	const char *paths[] = {path, NULL};
	enum source_state read;

	assert(fd >= 0);
	if (write(fd, bytes, size) != (ssize_t)size)
		abort();
	lseek(fd, 0, SEEK_SET);
	snprintf(path, sizeof(path), "/dev/fd/%d", fd);
	source = source_files_new(paths, &error);
	assert((source == NULL) == (error != NULL)); /* packed in another way than gzip's */
	while (source && ((read = source_read(source, 0, work->batch)) == SOURCE_READY || read == SOURCE_BUSY)) {
		work->source = told;
		work->origin = SLICE("/var/log/mx1/mainlog");
		take_work(state, work);
		work_clear(work);
	}
	work_free(&work);
	source_free(&source);
	free(error);
	close(fd);
}

static void take_record(struct state *state, struct envelope_source *told, const uint8_t *bytes, size_t size)
{
	struct work *work = work_new();

	batch_append(work->batch, (struct record){{(const char *)bytes, size}, 7, WALL - DAY});
	work->source = told;
	take_work(state, work);
	work_free(&work);
}

static void check_posts(const struct state *state)
{
	for (uint32_t i = 1; i < state->post_count; i++) {
		const struct post *post = &state->posts[i];

		if (post->live)
			assert(post->due == post->delivered + post->bounced + post->expired + post->discarded +
			                            post->admin + post->pending + post->unaccounted);
	}
}

static void check_coverage(const struct state *state)
{
	struct coverage_waiting *waiting = coverage_waiting_new(state);
	struct coverage_row *rows = coverage_make(state, waiting, INT64_MIN, INT64_MAX);

	for (uint32_t i = 1; i < state->host_count; i++)
		assert(rows[i].lines >= rows[i].late);
	free(rows);
	coverage_waiting_free(&waiting);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const char part[] = {'\n', '\0', '\n'};
	const uint8_t *second = size ? memmem(bytes, size, part, sizeof(part)) : NULL;
	size_t first = second ? (size_t)(second - bytes) : size;
	struct envelope_source *told = envelope_source_new();
	struct state *state = state_new(settings);

	state->wall = WALL;
	take_file(state, told, bytes, first);
	if (second)
		take_record(state, told, second + sizeof(part), size - first - sizeof(part));
	settle(state);
	check_posts(state);
	check_coverage(state);
	age_cells(state);
	unload(state);
	state_free(&state);
	envelope_source_free(&told);
	return 0;
}
