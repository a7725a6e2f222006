/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as whatever tells a time: the first line is a stamp, a number, a
 * queue ID and a time zone's rule, the rest a time zone's file. What is read
 * means a moment, local time and UTC lead back to each other, and nothing else
 * is taken for a time.
 */
#define _GNU_SOURCE
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daemon/base/zone.h"
#include "daemon/base/zone_rule.h"
#include "daemon/correlate/queue_id.h"
#include "parsers/timestamp.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#define DAYS_26H 93600

static const int64_t hints[] = {0, INT64_C(1479112141000000), INT64_C(1709208000000000)};

/* The zones' files are looked for under /dev/fd. */
static struct zone *zone_of(const char *bytes, size_t size)
{
	int fd = memfd_create("zone", MFD_CLOEXEC);
	struct zone *zone;
	char name[16], *error = NULL;

	assert(fd >= 0);
	if (write(fd, bytes, size) != (ssize_t)size)
		abort();
	lseek(fd, 0, SEEK_SET);
	snprintf(name, sizeof(name), "%d", fd);
	setenv("TZDIR", "/dev/fd", 1);
	zone = zone_load(name, &error);
	assert((zone == NULL) == (error != NULL));
	free(error);
	close(fd);
	return zone;
}

static void check_zone(const struct zone *zone)
{
	for (int64_t utc = -INT64_C(3000000000); utc < INT64_C(9000000000); utc += 86399999) {
		int32_t offset = zone_offset(zone, utc);
		int64_t first, second;
		enum zone_reading reading = zone_utc(zone, utc, &first, &second);

		assert(offset >= -DAYS_26H && offset <= DAYS_26H);
		assert(strlen(zone_name(zone, utc)) < 4096);
		assert(reading == ZONE_TWICE ? first < second : first == second);
		assert(reading == ZONE_NEVER || first + zone_offset(zone, first) == utc);
	}
}

static void check_stamp(struct slice text, const struct zone *zone)
{
	static struct timestamp_cache cache;
	struct timestamp stamp;
	size_t length = timestamp_scan(text, &stamp);
	int64_t time, other;

	assert(length <= text.length);
	memset(&cache, 0, sizeof(cache)); /* a zone's memory may be another's next */
	if (!length || (!stamp.zoned && !zone))
		return;
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
		int64_t again, other_again;

		if (!timestamp_resolve(&cache, &stamp, zone, hints[i], &time, &other))
			continue;
		assert(other >= time && other - time <= INT64_C(86400000000));
		assert(stamp.year || hints[i] <= 0 || time <= hints[i] + INT64_C(2) * 86400000000);
		assert(timestamp_resolve(&cache, &stamp, zone, hints[i], &again, &other_again));
		assert(time == again && other == other_again);
	}
}

static void check_others(struct slice text)
{
	struct zone_rule rule;
	char *copy = strndup(text.bytes ? text.bytes : "", text.length);
	int64_t time;
	int32_t resolution, microsecond = queue_id_microsecond(text);

	assert(microsecond >= -1 && microsecond < 1000000);
	if (queue_id_time(text, &time))
		assert(time >= 0);
	if (timestamp_number(text, &time, &resolution))
		assert(resolution >= 1 && resolution <= 1000000);
	if (zone_rule_parse(copy, &rule)) {
		for (int64_t utc = -INT64_C(3000000000); utc < INT64_C(9000000000); utc += 86399999)
			assert(zone_rule_offset(&rule, utc) == rule.standard ||
			       zone_rule_offset(&rule, utc) == rule.daylight);
	}
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char *copy = malloc(size ? size : 1); /* of its own, so that a byte read too far is seen */
	const char *line;
	struct slice text;
	struct zone *zone = NULL;

	if (size)
		memcpy(copy, bytes, size);
	line = size ? memchr(copy, '\n', size) : NULL;
	text = (struct slice){copy, line ? (size_t)(line - copy) : size};
	if (line)
		zone = zone_of(line + 1, size - text.length - 1);
	if (zone)
		check_zone(zone);
	check_stamp(text, zone);
	check_others(text);
	zone_free(&zone);
	free(copy);
	return 0;
}
