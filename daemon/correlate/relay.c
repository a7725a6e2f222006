/* SPDX-License-Identifier: Apache-2.0
 *
 * Relays and whose they are, see relay.h.
 */
#include "daemon/correlate/relay.h"

#include <assert.h>
#include <fnmatch.h>
#include <stdio.h>
#include <strings.h>

#include "daemon/base/ascii.h"
#include "daemon/base/hash.h"
#include "daemon/base/memory.h"

#define RELAY_NAME_MAX 320

static uint64_t relay_hash_of(const void *owner, uint32_t number)
{
	const struct state *state = owner;

	return hash_two(state->relays[number].name, state->relays[number].host);
}

/* Loopback by name or address: "localhost[127.0.0.1]:10025", "127.0.0.1[127.0.0.1]:10024", "ip6-localhost[::1]:24". */
static bool relay_is_loopback(struct slice value)
{
	const char *open = memchr(value.bytes, '[', value.length);
	struct slice address;

	if (!open)
		return false;
	address = slice_from(value, (size_t)(open + 1 - value.bytes));
	return slice_starts(address, "127.") || slice_starts(address, "::1]") || slice_starts(address, "private/") ||
	       slice_starts(address, "/");
}

/* HOST[ADDRESS]:PORT -> host:port, folded. */
static struct slice relay_name(struct slice value, char *buffer)
{
	const char *open = memchr(value.bytes, '[', value.length);
	const char *close = open ? memchr(open, ']', (size_t)(value.bytes + value.length - open)) : NULL;
	size_t length = 0;

	for (const char *at = value.bytes; at < value.bytes + value.length && length < RELAY_NAME_MAX; at++) {
		/* A socket has no host of its own: its path is the name. */
		if (open && close && at == open && open[1] != '/' &&
		    !slice_starts(slice_from(value, (size_t)(open + 1 - value.bytes)), "private/"))
			at = close + 1;
		if (at >= value.bytes + value.length)
			break;
		buffer[length++] = ascii_lower(*at);
	}
	return (struct slice){buffer, length};
}

static bool relay_by_pattern(const char *pattern, const char *name)
{
	return fnmatch(pattern, name, FNM_CASEFOLD) == 0;
}

static bool relay_by_name(const char *pattern, const char *name)
{
	return strcasecmp(pattern, name) == 0;
}

/* The settings have it, with its port or without. */
static bool relay_configured(const struct state *state, struct slice name,
                             bool (*matches)(const char *pattern, const char *name))
{
	char text[RELAY_NAME_MAX + 1];
	char *colon;

	assert(name.length <= RELAY_NAME_MAX);
	memcpy(text, name.bytes, name.length);
	text[name.length] = '\0';
	colon = strrchr(text, ':');
	for (size_t i = 0; i < state->settings->input.relays.count; i++) {
		if (matches(state->settings->input.relays.items[i], text))
			return true;
		if (colon) {
			*colon = '\0';
			if (matches(state->settings->input.relays.items[i], text))
				return true;
			*colon = ':';
		}
	}
	return false;
}

/* A transport, or this host itself. */
static bool relay_is_here(struct slice value)
{
	return !memchr(value.bytes, '[', value.length) || relay_is_loopback(value);
}

/* The end, unless the line names the next queue file: an LMTP server, and what is here, unless it may be a content filter; or
 * the settings name it outright as one. */
static bool relay_ends(const struct state *state, struct slice value, enum relay_kind kind)
{
	char buffer[RELAY_NAME_MAX + 1];

	if (kind != RELAY_LMTP && (kind != RELAY_PLAIN || !relay_is_here(value)))
		return false;
	return !state->settings->input.relays.count ||
	       !relay_configured(state, relay_name(value, buffer), relay_by_name);
}

static uint32_t relay_room(struct state *state)
{
	if (state->free_relay_count)
		return state->free_relays[--state->free_relay_count];
	MEMORY_GROW(state->relays, state->relay_count, state->relay_capacity);
	return state->relay_count++;
}

/* The relay of this name that is the host's own, or is none's where `owner` is 0; made where it is new. */
static uint32_t relay_named(struct state *state, struct slice name, uint32_t owner)
{
	uint32_t text = texts_hold(state->texts, name), at = 0, number;
	uint64_t hash = hash_two(text, owner);

	while ((number = table_next(&state->by_relay, hash, &at)) != TABLE_NONE)
		if (state->relays[number].name == text && state->relays[number].host == owner) {
			texts_drop(state->texts, text);
			return number;
		}
	number = relay_room(state);
	state->relays[number] = (struct relay){.name = text,
	                                       .host = owner,
	                                       .ours = relay_configured(state, name, relay_by_pattern),
	                                       .dirty = true};
	state->relays[number].settled = state->relays[number].ours;
	table_add(&state->by_relay, hash, number, relay_hash_of, state);
	return number;
}

static uint32_t relay_find(struct state *state, uint32_t host, struct slice value, enum relay_kind kind,
                           bool names_next)
{
	bool here = relay_is_here(value);
	char buffer[RELAY_NAME_MAX + 1];
	uint32_t number;

	if (!names_next && relay_ends(state, value, kind))
		return 0;
	number = relay_named(state, relay_name(value, buffer), here ? host : 0);
	if (here && !names_next && !state->relays[number].program)
		state->relays[number].program = state->relays[number].dirty = true;
	return number;
}

/* Lines of one delivery tell the same relay. */
uint32_t relay_of(struct state *state, uint32_t host, struct slice value, enum relay_kind kind, bool names_next)
{
	struct relay_asked *last = &state->relay_asked;

	if (!slice_given(value) || value.length == 0)
		return 0;
	if (value.length == last->length && host == last->host && kind == last->kind &&
	    names_next == last->names_next && memcmp(value.bytes, last->value, value.length) == 0)
		return last->relay;
	if (value.length > RELAY_ASKED_MAX)
		return relay_find(state, host, value, kind, names_next);
	*last = (struct relay_asked){.host = host,
	                             .relay = relay_find(state, host, value, kind, names_next),
	                             .kind = (uint8_t)kind,
	                             .names_next = names_next,
	                             .length = (uint8_t)value.length};
	memcpy(last->value, value.bytes, value.length);
	return last->relay;
}

void relay_forget(struct state *state, uint32_t number)
{
	table_remove(&state->by_relay, relay_hash_of(state, number), number);
	texts_drop(state->texts, state->relays[number].name);
	state->relays[number] = (struct relay){.dirty = true};
	state->relay_asked.length = 0;
	MEMORY_GROW(state->free_relays, state->free_relay_count, state->free_relay_capacity);
	state->free_relays[state->free_relay_count++] = number;
}

bool relay_enchain(struct state *state, uint32_t relay)
{
	table_add(&state->by_relay, relay_hash_of(state, relay), relay, relay_hash_of, state);
	state->relays_unsettled = state->relays_unsettled || state->relays[relay].ours;
	return true;
}

void relay_is_ours(struct state *state, uint32_t relay)
{
	if (!relay || state->relays[relay].ours)
		return;
	state->relays[relay].ours = true;
	state->relays[relay].dirty = true;
	state->relays_changed = state->hours_changed = state->relays_unsettled = true;
}

void relays_judge(struct state *state)
{
	for (uint32_t i = 1; i < state->relay_count; i++)
		if (!state->relays[i].ours &&
		    relay_configured(state, texts_get(state->texts, state->relays[i].name), relay_by_pattern))
			relay_is_ours(state, i);
}

bool relay_counts(const struct state *state, uint32_t relay, uint32_t unless)
{
	if (relay && state->relays[relay].ours)
		return false;
	return !unless || state->relays[unless].ours;
}
