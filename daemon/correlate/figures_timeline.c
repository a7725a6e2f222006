/* SPDX-License-Identifier: Apache-2.0
 *
 * The timeline of an incident: a function of its posts and minutes. See figures.h.
 */
#include <stdarg.h>
#include <stdio.h>

#include "daemon/base/memory.h"
#include "daemon/correlate/figures.h"

#define IN_A_ROW 5
#define SLOW_MS 60000

/* The row that it became; NULL where it never was. */
__attribute__((format(printf, 4, 5))) static struct timeline_row *timeline_add(struct figures *figures, int64_t at,
                                                                               const char *event, const char *format,
                                                                               ...)
{
	uint32_t capacity = figures->timeline_count;
	struct timeline_row row = {.at = at, .event = event};

	if (at == TIME_NONE)
		return NULL;
	if (format) {
		va_list values;

		va_start(values, format);
		if (vasprintf(&row.detail, format, values) < 0)
			abort();
		va_end(values);
	}
	figures->timeline = memory_resized(figures->timeline, capacity + 1, sizeof(*figures->timeline));
	for (; capacity > 0 && figures->timeline[capacity - 1].at > at; capacity--)
		figures->timeline[capacity] = figures->timeline[capacity - 1];
	figures->timeline[capacity] = row;
	figures->timeline_count++;
	return &figures->timeline[capacity];
}

/* Milliseconds for people: "150 ms", "2.4 s", "1 m 03 s", "1 h 12 m"; of minutes without mail nothing is known. */
static const char *timeline_duration(int64_t ms, char *buffer, size_t room)
{
	int64_t seconds = ms / 1000;

	if (ms < 0)
		snprintf(buffer, room, "unknown");
	else if (ms < 1000)
		snprintf(buffer, room, "%lld ms", (long long)ms);
	else if (seconds < 60)
		snprintf(buffer, room, "%lld.%lld s", (long long)seconds, (long long)(ms % 1000 / 100));
	else if (seconds < 3600)
		snprintf(buffer, room, "%lld m %02lld s", (long long)(seconds / 60), (long long)(seconds % 60));
	else
		snprintf(buffer, room, "%lld h %02lld m", (long long)(seconds / 3600), (long long)(seconds / 60 % 60));
	return buffer;
}

/* What a post's sender did. */
static void timeline_sender(struct figures *figures, const char *event, const struct state *state,
                            const struct post *post)
{
	bool address = post->sender_known && !post->null_sender;
	const char *sender = address              ? texts_get(state->texts, post->sender).bytes
	                     : post->sender_known ? "<>"
	                                          : "sender unknown";
	struct timeline_row *row = timeline_add(figures, post->posted_at, event, "%s", sender);

	if (row)
		row->address = address;
}

bool figures_slow(const struct figures *figures, int64_t bystander_p95_ms)
{
	return figures->baseline_p95_ms >= 0 && bystander_p95_ms > 2 * figures->baseline_p95_ms &&
	       bystander_p95_ms > SLOW_MS;
}

/* Of a minute, by number; also of those after the incident's. */
static int64_t timeline_bystander_p95(const struct figures *figures, uint32_t minute)
{
	return minute < figures->minute_count ? figures->minutes[minute].bystander_p95_ms
	                                      : figures->after_p95_ms[minute - figures->minute_count];
}

/* Minutes of which p95 is over twice the baseline and over a minute, five in a row: delayed; five that are not: normal. Such
 * as began in the incident's minutes may end after them. */
static void timeline_bystanders(struct figures *figures)
{
	bool delayed = false;
	uint32_t run = 0;

	for (uint32_t i = 0; i < figures->minute_count + figures->after_count; i++) {
		bool slow = figures_slow(figures, timeline_bystander_p95(figures, i));
		char p95[32], baseline[32];

		if (i >= figures->minute_count && !delayed && run == 0)
			break;
		run = slow != delayed ? run + 1 : 0;
		if (run < IN_A_ROW)
			continue;
		delayed = slow;
		run = 0;
		timeline_add(figures, figures->minutes[0].minute_at + (i + 1 - IN_A_ROW) * MINUTE,
		             delayed ? "bystanders-delayed" : "bystanders-normal", "p95 %s, baseline %s",
		             timeline_duration(timeline_bystander_p95(figures, i + 1 - IN_A_ROW), p95, sizeof(p95)),
		             timeline_duration(figures->baseline_p95_ms, baseline, sizeof(baseline)));
	}
	figures->delayed = delayed || run > 0;
}

static void timeline_posts(const struct state *state, const struct incident *incident, struct figures *figures)
{
	const struct post *reply = NULL, *automatic = NULL;
	const struct post *first = &state->posts[incident->posts[0]];

	for (uint32_t i = 1; i < incident->post_count; i++) {
		const struct post *post = &state->posts[incident->posts[i]];

		if (!reply)
			reply = post;
		if (!automatic && post->automatic)
			automatic = post;
	}
	timeline_sender(figures, "first-post", state, first);
	if (reply)
		timeline_sender(figures, "first-reply", state, reply);
	if (automatic)
		timeline_sender(figures, "auto-replies-begin", state, automatic);
}

static uint32_t timeline_replies_by(const struct state *state, const struct incident *incident, int64_t time)
{
	uint32_t replies = 0;

	for (uint32_t i = 1; i < incident->post_count; i++)
		replies += state->posts[incident->posts[i]].posted_at <= time &&
		           !state->posts[incident->posts[i]].automatic;
	return replies;
}

void figures_timeline_closing(struct figures *figures)
{
	timeline_add(figures, figures->list_closed_at, "list-closed", "%lld rejected from then on",
	             (long long)figures->rejected_posts);
}

void figures_timeline(const struct state *state, const struct incident *incident, struct figures *figures)
{
	const struct post *last = &state->posts[incident->posts[incident->post_count - 1]];

	timeline_posts(state, incident, figures);
	timeline_add(figures, incident->detected_at, "threshold", "%u replies",
	             timeline_replies_by(state, incident, incident->detected_at));
	if (figures->peaked_at != TIME_NONE)
		timeline_add(figures, figures->peaked_at, "peak-minute", "%lld deliveries",
		             (long long)figures->peak_per_minute);
	timeline_bystanders(figures);
	figures_timeline_closing(figures);
	timeline_sender(figures, "last-post", state, last);
	timeline_add(figures, figures->last_delivery_at, "last-delivery", NULL);
	if (figures->pending == 0)
		timeline_add(figures, figures->last_end_at, "queue-dry", NULL);
	timeline_add(figures, figures->subsiding_at, "subsiding", NULL);
	timeline_add(figures, figures->closed_at, "closed", NULL);
}
