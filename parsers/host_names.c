/* SPDX-License-Identifier: Apache-2.0
 *
 * Matches hosts with the sections of the settings. A run has few hosts and very
 * many lines, so answers are kept by the logged name; the table is emptied when
 * it is full, so that lines with made-up hosts cost time and never memory.
 * The time zones that the settings name are loaded at the start.
 */
#define _GNU_SOURCE
#include "parsers/host_names.h"

#include <fnmatch.h>

#include "daemon/base/hash.h"
#include "daemon/base/memory.h"
#include "settings.h"

#define SLOTS 1024 /* a power of two */
#define FULL 512
#define HOST_MAX 255

struct slot {
	char *logged; /* NULL: free */
	size_t length;
	struct host_name answer;
};

struct host_names {
	const struct settings *settings;
	struct zone *zone;   /* where no section says another */
	struct zone **zones; /* one a section, NULL where it says none */
	struct slot slots[SLOTS];
	unsigned used;
	const struct slot *last; /* of the last answer, or NULL */
	struct host_name plain;  /* where there are no sections */
};

static size_t section_count(const struct host_names *names)
{
	return names->settings ? names->settings->host_count : 0;
}

/* False where a zone cannot be loaded. */
static bool load_zones(struct host_names *names)
{
	const struct settings *settings = names->settings;
	char *error = NULL;
	size_t i;

	names->zone = zone_load(settings ? settings->input.timezone : NULL, &error);
	if (names->zone)
		names->zones = memory_zeroed(section_count(names), sizeof(*names->zones));
	for (i = 0; names->zone && i < section_count(names); i++) {
		if (!settings->hosts[i].timezone)
			continue;
		names->zones[i] = zone_load(settings->hosts[i].timezone, &error);
		if (!names->zones[i])
			break;
	}
	free(error);
	return names->zone && i == section_count(names);
}

struct host_names *host_names_new(const struct settings *settings)
{
	struct host_names *names = memory_zeroed(1, sizeof(*names));

	names->settings = settings;
	if (!load_zones(names))
		host_names_free(&names);
	else
		names->plain.zone = names->zone;
	return names;
}

static void forget(struct host_names *names)
{
	size_t i;

	for (i = 0; i < SLOTS; i++)
		free(names->slots[i].logged);
	memset(names->slots, 0, sizeof(names->slots));
	names->used = 0;
	names->last = NULL;
}

void host_names_free(struct host_names **names)
{
	size_t i;

	if (!*names)
		return;
	forget(*names);
	for (i = 0; (*names)->zones && i < section_count(*names); i++)
		zone_free(&(*names)->zones[i]);
	free((*names)->zones);
	zone_free(&(*names)->zone);
	free(*names);
	*names = NULL;
}

static struct host_name look_up(const struct host_names *names, const char *logged)
{
	struct host_name answer = names->plain;
	bool zone_told = false;
	size_t i;

	for (i = 0; i < section_count(names); i++) {
		const struct host_settings *section = &names->settings->hosts[i];

		if (fnmatch(section->glob, logged, FNM_CASEFOLD) != 0)
			continue;
		if (!slice_given(answer.name) && section->name)
			answer.name = slice_of(section->name);
		if (!zone_told && names->zones[i]) {
			answer.zone = names->zones[i];
			zone_told = true;
		}
	}
	return answer;
}

static bool is_slot_of(const struct slot *slot, struct slice host)
{
	return slot->length == host.length && memcmp(slot->logged, host.bytes, host.length) == 0;
}

const struct host_name *host_names_find(struct host_names *names, struct slice host)
{
	struct slot *slot;
	size_t i;

	if (section_count(names) == 0 || host.length == 0 || host.length > HOST_MAX)
		return &names->plain;
	if (names->last && is_slot_of(names->last, host))
		return &names->last->answer;
	if (names->used >= FULL)
		forget(names);
	i = hash_bytes(host.bytes, host.length, 0) % SLOTS;
	while (names->slots[i].logged && !is_slot_of(&names->slots[i], host))
		i = (i + 1) % SLOTS;
	slot = &names->slots[i];
	if (!slot->logged) {
		slot->logged = memory_string(host.bytes, host.length);
		slot->length = host.length;
		slot->answer = look_up(names, slot->logged);
		names->used++;
	}
	names->last = slot;
	return &slot->answer;
}
