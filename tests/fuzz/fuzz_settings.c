/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a configuration file: they are loaded, or refused with a text
 * that names the file. What is loaded can be asked and printed, and loading
 * leaves nothing behind that a plain file would stumble over.
 */
#define _GNU_SOURCE
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static struct settings *load(const void *bytes, size_t size, char **error)
{
	char path[32];
	int fd = memfd_create("settings", MFD_CLOEXEC);
	struct settings *settings;

	assert(fd >= 0);
	if (write(fd, bytes, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/dev/fd/%d", fd);
	lseek(fd, 0, SEEK_SET);
	settings = settings_load(path, error);
	close(fd);
	return settings;
}

static void ask(const struct settings *settings)
{
	const struct list_settings *list;
	char *json = settings_storm_json(&settings->storm);

	assert(json[0] == '{' && json[strlen(json) - 1] == '}');
	free(json);
	for (size_t i = 0; i < settings->list_count; i++) {
		settings_of_list(settings, slice_of(settings->lists[i].address), &list);
		assert(list == &settings->lists[i]);
		assert(list->storm.quiet_after <= list->storm.thread_gap);
	}
	assert(settings->store.path && settings->kafka.group);
	assert(!settings->kafka.brokers || settings->kafka.topics.count > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const char plain[] = "store { path = 'a b' }\n";
	char *error = NULL;
	struct settings *settings = load(bytes, size, &error);

	assert((settings == NULL) == (error != NULL));
	if (settings)
		ask(settings);
	else
		assert(strncmp(error, "/dev/fd/", 8) == 0);
	free(error);
	settings_free(&settings);

	error = NULL;
	settings = load(plain, sizeof(plain) - 1, &error);
	assert(settings && strcmp(settings->store.path, "a b") == 0);
	settings_free(&settings);
	return 0;
}
