/* SPDX-License-Identifier: Apache-2.0
 *
 * The settings once they are made: what applies to one list, their form in
 * reports, their end. Making them is the business of settings_load.c. Nothing
 * here can fail; the settings are read only and may be shared by threads.
 */
#define _GNU_SOURCE
#include "settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/settings_table.h"

static void strings_free(struct settings_strings *strings)
{
	for (size_t i = 0; i < strings->count; i++)
		free(strings->items[i]);
	free(strings->items);
}

void settings_free(struct settings **place)
{
	struct settings *settings = *place;

	*place = NULL;
	if (!settings)
		return;
	free(settings->kafka.brokers);
	strings_free(&settings->kafka.topics);
	free(settings->kafka.group);
	strings_free(&settings->kafka.properties);
	free(settings->input.timezone);
	strings_free(&settings->input.relays);
	strings_free(&settings->input.columns);
	for (size_t i = 0; i < settings->host_count; i++) {
		free(settings->hosts[i].glob);
		free(settings->hosts[i].name);
		free(settings->hosts[i].timezone);
	}
	free(settings->hosts);
	free(settings->rules.directory);
	free(settings->store.path);
	strings_free(&settings->mailbox.local_domains);
	strings_free(&settings->mailbox.same_domains);
	free(settings->privacy.key_file);
	for (size_t i = 0; i < settings->list_count; i++)
		free(settings->lists[i].address);
	free(settings->lists);
	free(settings);
}

const struct storm_settings *settings_of_list(const struct settings *settings, struct slice address,
                                              const struct list_settings **list)
{
	size_t low = 0, high = settings->list_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct list_settings *candidate = &settings->lists[middle];
		size_t length = strlen(candidate->address);
		size_t common = length < address.length ? length : address.length;
		int order = common ? memcmp(address.bytes, candidate->address, common) : 0;

		if (order == 0 && length == address.length) {
			*list = candidate;
			return &candidate->storm;
		}
		if (order < 0 || (order == 0 && address.length < length))
			high = middle;
		else
			low = middle + 1;
	}
	*list = NULL;
	return &settings->storm;
}

static long long seconds(int64_t duration)
{
	return duration / SETTING_SECOND;
}

char *settings_storm_json(const struct storm_settings *storm)
{
	static const char form[] = "{\"min_recipients\":%lld,\"min_replies\":%lld,\"min_posters\":%lld,"
				   "\"min_pairs\":%lld,"
				   "\"window\":%lld,\"quiet_after\":%lld,\"thread_gap\":%lld,\"norm_factor\":%.15g}";
	char *json;

	if (asprintf(&json, form, (long long)storm->min_recipients, (long long)storm->min_replies,
	             (long long)storm->min_posters, (long long)storm->min_pairs, seconds(storm->window),
	             seconds(storm->quiet_after), seconds(storm->thread_gap), storm->norm_factor) < 0)
		abort();
	return json;
}
