/* SPDX-License-Identifier: Apache-2.0
 *
 * How the daemon is, beside the facts: its run, the ends of its sources, the
 * silences of its hosts. Nothing here is read back. See store.h.
 */
#include "daemon/correlate/silence.h"
#include "daemon/store/statement.h"

bool store_put_health(struct store *store, const struct store_health *health)
{
	int64_t log_at = health->log_at > INT64_MIN / 2 ? health->log_at : TIME_NONE;

	return statement_run(store, "health-put", "iiimmiis", (int64_t)health->live, health->started_wall,
	                     health->checkpoint_wall, health->stopped_wall, log_at, health->recent_lines,
	                     health->recent_unparsed, health->trouble);
}

bool store_put_health_source(struct store *store, const struct store_position *position, int64_t end_offset,
                             int64_t unread_since_wall)
{
	return statement_run(store, "health-source-put", "ssinm", position->source, position->topic,
	                     (int64_t)position->partition, end_offset, unread_since_wall);
}

static bool put_host(struct store *store, const struct state *state, uint32_t number)
{
	const struct host *host = &state->hosts[number];
	struct silence silence = silence_of(state, number);
	bool known = silence.norm != SILENCE_UNKNOWN;

	return statement_run(store, "health-host-put", "tiiisnn", texts_get(state->texts, host->name), host->clock,
	                     silence.length / 1000, (int64_t)silence.silent, silence_norm_name(silence.norm),
	                     known ? (int64_t)silence.spoke : -1, known ? (int64_t)silence.of : -1);
}

bool store_put_health_hosts(struct store *store, const struct state *state)
{
	for (uint32_t i = 1; i < state->host_count; i++)
		if (state->hosts[i].clock != TIME_NONE && !put_host(store, state, i))
			return false;
	return true;
}
