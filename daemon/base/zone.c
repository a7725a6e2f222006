/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads TZif files (RFC 8536, versions 1 to 4): the transitions, their offsets,
 * and the rule in the footer that holds after the last one. Leap seconds are not
 * kept: log time stamps have no use for them. A file is checked against its
 * length before anything in it is used; a damaged one is an error, never a
 * wrong time.
 */
#include "daemon/base/zone.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/base/zone_rule.h"

#define HEADER_SIZE 44
#define FILE_MAX ((size_t)1 << 20)

struct zone {
	uint32_t count;      /* transitions */
	int64_t *at;         /* UTC seconds, ascending */
	int32_t *after;      /* offset from at[i] on */
	int32_t before;      /* offset before the first one */
	char *names;         /* abbreviations, each with its NUL; another NUL at the end */
	uint8_t *name_after; /* where in names, from at[i] on */
	uint8_t name_before;
	bool has_rule;
	struct zone_rule rule; /* from the last transition on */
};

struct counts {
	uint32_t utc, standard, leap, time, type, chars;
};

static int64_t big_endian(const unsigned char *p, unsigned size)
{
	uint64_t n = 0;
	unsigned i;

	for (i = 0; i < size; i++)
		n = n << 8 | p[i];
	return size == 4 ? (int64_t)(int32_t)(uint32_t)n : (int64_t)n;
}

/* The length of a data block, or 0 where the header is none. */
static size_t read_header(const unsigned char *bytes, size_t length, unsigned width, struct counts *counts)
{
	uint32_t n[6];
	int i;

	if (length < HEADER_SIZE || memcmp(bytes, "TZif", 4) != 0)
		return 0;
	for (i = 0; i < 6; i++) {
		n[i] = (uint32_t)big_endian(bytes + 20 + 4 * i, 4);
		if (n[i] > FILE_MAX)
			return 0;
	}
	*counts = (struct counts){n[0], n[1], n[2], n[3], n[4], n[5]};
	if (counts->type == 0)
		return 0;
	return (size_t)counts->time * (width + 1) + (size_t)counts->type * 6 + counts->chars +
	       (size_t)counts->leap * (width + 4) + counts->standard + counts->utc;
}

static bool read_block(struct zone *zone, const unsigned char *p, unsigned width, const struct counts *counts)
{
	const unsigned char *kinds = p + (size_t)counts->time * width;
	const unsigned char *types = kinds + counts->time;
	uint32_t i;

	zone->count = counts->time;
	zone->at = memory_zeroed(counts->time, sizeof(*zone->at));
	zone->after = memory_zeroed(counts->time, sizeof(*zone->after));
	zone->name_after = memory_zeroed(counts->time, sizeof(*zone->name_after));
	zone->before = (int32_t)big_endian(types, 4);
	zone->name_before = types[5];
	zone->names = memory_string((const char *)types + (size_t)counts->type * 6, counts->chars);
	for (i = 0; i < counts->time; i++) {
		zone->at[i] = big_endian(p + (size_t)i * width, width);
		if (kinds[i] >= counts->type || (i > 0 && zone->at[i] <= zone->at[i - 1]))
			return false;
		zone->after[i] = (int32_t)big_endian(types + (size_t)kinds[i] * 6, 4);
		zone->name_after[i] = types[(size_t)kinds[i] * 6 + 5];
	}
	for (i = 0; i < counts->type; i++) {
		int64_t offset = big_endian(types + (size_t)i * 6, 4);

		if (offset < -93600 || offset > 93600) /* RFC 8536 3.2: within 26 hours */
			return false;
		if (types[(size_t)i * 6 + 5] >= counts->chars)
			return false;
	}
	return true;
}

/* "\nRULE\n"; an empty rule says nothing of the time after the last transition. */
static bool read_footer(struct zone *zone, const unsigned char *bytes, size_t length)
{
	char text[256];
	const unsigned char *end;

	if (length < 2 || bytes[0] != '\n' || (end = memchr(bytes + 1, '\n', length - 1)) == NULL)
		return false;
	if ((size_t)(end - bytes) > sizeof(text))
		return false;
	memcpy(text, bytes + 1, (size_t)(end - bytes) - 1);
	text[end - bytes - 1] = '\0';
	if (text[0] == '\0')
		return true;
	zone->has_rule = zone_rule_parse(text, &zone->rule);
	return zone->has_rule;
}

static bool parse(struct zone *zone, const unsigned char *bytes, size_t length)
{
	struct counts counts;
	size_t size = read_header(bytes, length, 4, &counts);

	if (size == 0 || size > length - HEADER_SIZE)
		return false;
	if (bytes[4] < '2')
		return read_block(zone, bytes + HEADER_SIZE, 4, &counts);
	bytes += HEADER_SIZE + size;
	length -= HEADER_SIZE + size;
	size = read_header(bytes, length, 8, &counts);
	if (size == 0 || size > length - HEADER_SIZE)
		return false;
	return read_block(zone, bytes + HEADER_SIZE, 8, &counts) &&
	       read_footer(zone, bytes + HEADER_SIZE + size, length - HEADER_SIZE - size);
}

/* NULL where it cannot be read or is no TZif file; *why says which. */
static struct zone *load_file(const char *path, const char **why)
{
	FILE *file = fopen(path, "rbe");
	unsigned char *bytes = NULL;
	struct zone *zone = NULL;
	size_t length;

	if (!file) {
		*why = strerror(errno);
		return NULL;
	}
	bytes = memory_zeroed(FILE_MAX, 1);
	length = fread(bytes, 1, FILE_MAX, file);
	*why = "not a time zone file, or damaged";
	if (!ferror(file) && length < FILE_MAX) {
		zone = memory_zeroed(1, sizeof(*zone));
		if (!parse(zone, bytes, length))
			zone_free(&zone);
	}
	free(bytes);
	fclose(file);
	return zone;
}

static struct zone *load_named(const char *name, const char **why)
{
	const char *directory = getenv("TZDIR");
	char path[4096];
	int n;

	*why = "not a name of the tz database";
	if (name[0] == '\0' || name[0] == '/' || strstr(name, "..") != NULL)
		return NULL;
	n = snprintf(path, sizeof(path), "%s/%s", directory && *directory ? directory : "/usr/share/zoneinfo", name);
	if (n < 0 || (size_t)n >= sizeof(path))
		return NULL;
	return load_file(path, why);
}

static struct zone *load_system(void)
{
	const char *tz = getenv("TZ");
	const char *why;
	struct zone *zone = NULL;

	if (!tz)
		zone = load_file("/etc/localtime", &why);
	else if (*tz == ':')
		tz++;
	if (tz && *tz)
		zone = *tz == '/' ? load_file(tz, &why) : load_named(tz, &why);
	if (!zone) {
		zone = memory_zeroed(1, sizeof(*zone)); /* UTC */
		zone->has_rule = tz != NULL && zone_rule_parse(tz, &zone->rule);
	}
	return zone;
}

struct zone *zone_load(const char *name, char **error)
{
	const char *why = NULL;
	struct zone *zone;

	if (!name)
		return load_system();
	zone = load_named(name, &why);
	if (!zone) {
		char text[512];
		int n = snprintf(text, sizeof(text), "time zone %s: %s", name, why);

		*error = memory_string(text, n < 0 ? 0 : (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1);
	}
	return zone;
}

void zone_free(struct zone **zone)
{
	if (!*zone)
		return;
	free((*zone)->at);
	free((*zone)->after);
	free((*zone)->names);
	free((*zone)->name_after);
	free(*zone);
	*zone = NULL;
}

/* The number of transitions at or before that second. */
static uint32_t transitions_until(const struct zone *zone, int64_t utc)
{
	uint32_t low = 0;
	uint32_t high = zone->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (zone->at[middle] <= utc)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool rule_holds(const struct zone *zone, int64_t utc)
{
	return zone->has_rule && (zone->count == 0 || utc >= zone->at[zone->count - 1]);
}

int32_t zone_offset(const struct zone *zone, int64_t utc)
{
	uint32_t passed;

	if (rule_holds(zone, utc))
		return zone_rule_offset(&zone->rule, utc);
	passed = transitions_until(zone, utc);
	return passed == 0 ? zone->before : zone->after[passed - 1];
}

const char *zone_name(const struct zone *zone, int64_t utc)
{
	uint32_t passed;

	if (rule_holds(zone, utc))
		return zone_rule_name(&zone->rule, utc);
	if (!zone->names)
		return "UTC";
	passed = transitions_until(zone, utc);
	return zone->names + (passed == 0 ? zone->name_before : zone->name_after[passed - 1]);
}

enum zone_reading zone_utc(const struct zone *zone, int64_t local, int64_t *first, int64_t *second)
{
	/* A change of the offset moves the clock by a day at the most, so the offsets a day and a bit
	 * before and after are the only two that can hold. */
	int64_t a = local - zone_offset(zone, local - 93600);
	int64_t b = local - zone_offset(zone, local + 93600);
	bool a_holds = a + zone_offset(zone, a) == local;
	bool b_holds = b + zone_offset(zone, b) == local;

	if (a_holds && b_holds && a != b) {
		*first = a < b ? a : b;
		*second = a < b ? b : a;
		return ZONE_TWICE;
	}
	*first = *second = b_holds && !a_holds ? b : a;
	return a_holds || b_holds ? ZONE_ONCE : ZONE_NEVER;
}
