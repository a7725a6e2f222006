/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows and headers of tracking logs, see tracking.h. A row is told by its
 * beginning, a time stamp and a comma, or by a time stamp where its header has it. Its columns are those of the last header
 * of its file that has as many; without one, those of the version of Exchange
 * that writes as many. Rows of several versions may so be mixed, and a header be
 * lost or come later. Owns the orders that were told; a source has few.
 */
#include "parsers/tracking.h"

#include <stdio.h>

#include "daemon/base/memory.h"
#include "parsers/csv.h"
#include "parsers/tracking_text.h"

#define LAYOUTS_MOST 256

struct tracking {
	struct layout *items;
	uint32_t count, capacity;
};

struct tracking *tracking_new(void)
{
	return memory_zeroed(1, sizeof(struct tracking));
}

void tracking_free(struct tracking **tracking)
{
	if (!*tracking)
		return;
	free((*tracking)->items);
	free(*tracking);
	*tracking = NULL;
}

static struct layout *tracking_layout(const struct tracking *tracking, uint64_t file, size_t count)
{
	for (uint32_t i = 0; tracking && i < tracking->count; i++)
		if (tracking->items[i].source == file && tracking->items[i].count == count)
			return &tracking->items[i];
	return NULL;
}

static void tracking_note(struct tracking *tracking, uint64_t file, struct layout layout)
{
	struct layout *known = tracking_layout(tracking, file, layout.count);

	if (!tracking)
		return;
	layout.source = file;
	if (known) {
		*known = layout;
		return;
	}
	if (tracking->count == LAYOUTS_MOST) /* the oldest goes */
		memmove(tracking->items, tracking->items + 1, --tracking->count * sizeof(*tracking->items));
	MEMORY_GROW(tracking->items, tracking->count, tracking->capacity);
	tracking->items[tracking->count++] = layout;
}

bool tracking_empty(const struct tracking *tracking)
{
	return !tracking || tracking->count == 0;
}

void tracking_save(const struct tracking *tracking, FILE *out)
{
	for (uint32_t i = 0; i < tracking->count; i++) {
		fprintf(out, "columns %016llx ", (unsigned long long)tracking->items[i].source);
		layout_write(&tracking->items[i], out);
		fputc('\n', out);
	}
}

bool tracking_restore(struct tracking *tracking, struct slice line)
{
	struct arena arena = {0};
	struct layout layout;
	unsigned long long file;
	int names = 0;
	char *text = memory_string(line.bytes, line.length);
	bool read = sscanf(text, "columns %16llx %n", &file, &names) == 1 && names &&
	            layout_read(slice_of(text + names), &arena, &layout);

	if (read)
		tracking_note(tracking, file, layout);
	arena_free(&arena);
	free(text);
	return read;
}

/* "#Fields: ...", and the remarks that stand before it in a file. */
static enum tracking_result read_remark(struct tracking *tracking, uint64_t file, struct slice line,
                                        struct arena *arena, const char **reason)
{
	static const char *const others[] = {"#Software: ", "#Version: ", "#Log-type: ", "#Log-Type: ", "#Date: "};
	struct layout layout;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (slice_starts(line, others[i]))
			return TRACKING_REMARK;
	if (!slice_starts(line, "#Fields:"))
		return TRACKING_OTHER;
	if (!layout_read(slice_from(line, 8), arena, &layout) || !layout_tells(&layout)) {
		*reason = "#Fields without known columns";
		return TRACKING_BAD;
	}
	tracking_note(tracking, file, layout);
	return TRACKING_HEADER;
}

/* The stamp at the beginning of a row, quoted or not, with the comma behind it. */
static bool begins_row(struct slice line, struct timestamp *stamp)
{
	bool quoted = line.length && line.bytes[0] == '"';
	const char *end;

	if (quoted)
		line = slice_from(line, 1);
	if (line.length < 12 || line.bytes[4] != '-' || line.bytes[7] != '-')
		return false;
	end = memchr(line.bytes, quoted ? '"' : ',', line.length < 48 ? line.length : 48);
	if (!end || (quoted && (end + 1 == line.bytes + line.length || end[1] != ',')))
		return false;
	line = slice_first(line, (size_t)(end - line.bytes));
	return line.length && timestamp_scan(line, stamp) == line.length;
}

static void stamp_is_utc(struct timestamp *stamp)
{
	if (stamp->zoned)
		return;
	stamp->zoned = true;
	stamp->offset = 0;
}

static bool is_address(struct slice name)
{
	bool digits = true;

	for (size_t i = 0; i < name.length; i++) {
		if (name.bytes[i] == ':')
			return true;
		digits = digits && ((name.bytes[i] >= '0' && name.bytes[i] <= '9') || name.bytes[i] == '.');
	}
	return digits;
}

struct slice tracking_server(struct slice name, struct arena *arena)
{
	const char *dot = memchr(name.bytes, '.', name.length);
	char *made;

	if (is_address(name))
		return name;
	if (dot && dot > name.bytes)
		name.length = (size_t)(dot - name.bytes);
	made = arena_take(arena, name.length);
	for (size_t i = 0; i < name.length; i++)
		made[i] = name.bytes[i] >= 'A' && name.bytes[i] <= 'Z' ? (char)(name.bytes[i] + 32) : name.bytes[i];
	return (struct slice){made, name.length};
}

struct slice tracking_host(const struct row *row, struct arena *arena)
{
	/* The client of what it sends on and of what it fails to, and the server of the rest. */
	static const char *const as_client[] = {"SEND", "SENDEXTERNAL", "DELIVER",   "DUPLICATEDELIVER",
	                                        "FAIL", "SUBMIT",       "NOTIFYMAPI"};
	struct slice client = row->values[COLUMN_CLIENT], server = row->values[COLUMN_SERVER];
	bool swapped = false;

	for (size_t i = 0; i < sizeof(as_client) / sizeof(as_client[0]); i++)
		swapped = swapped || slice_is(row->values[COLUMN_EVENT], as_client[i]);
	if (swapped && client.length)
		return tracking_server(client, arena);
	if (server.length)
		return tracking_server(server, arena);
	/* Agents' rows have it there; that of a message that came in, who it came from. */
	return client.length && !slice_is(row->values[COLUMN_EVENT], "RECEIVE") ? tracking_server(client, arena)
	                                                                        : SLICE_NONE;
}

/* As network-message-ids are written: 36 digits and hyphens. */
static bool is_network_id(struct slice text)
{
	bool good = text.length == 36;

	for (size_t i = 0; good && i < text.length; i++) {
		char c = text.bytes[i];

		good = i == 8 || i == 13 || i == 18 || i == 23
		               ? c == '-'
		               : (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
	}
	return good;
}

/* A row of one version that was cut on its way may have as many columns as one of another: what stands in the recipient's place
 * tells. */
static bool is_cut(const struct layouts *layouts, const struct layout *layout, const struct row *row)
{
	struct slice summary = row->values[COLUMN_STATUS];

	if (layout == layouts_summary(layouts))
		return !summary.length || !memmem(summary.bytes, summary.length, "##", 2);
	return is_network_id(row->values[COLUMN_RECIPIENT]);
}

static enum tracking_result read_row(const struct layouts *layouts, const struct tracking *tracking, uint64_t file,
                                     struct slice line, struct arena *arena, struct tracking_row *out,
                                     const char **reason)
{
	struct slice fields[LAYOUT_COLUMNS];
	size_t count = csv_split(line, arena, fields, LAYOUT_COLUMNS);
	const struct layout *layout = tracking_layout(tracking, file, count);

	if (!count) {
		*reason = "a quote that is not closed";
		return TRACKING_BAD;
	}
	if (!layout)
		layout = layout_of_count(layouts, count);
	if (!layout) {
		*reason = "not as many columns as any version writes";
		return TRACKING_BAD;
	}
	layout_row(layout, fields, count < LAYOUT_COLUMNS ? count : LAYOUT_COLUMNS, &out->row);
	if (is_cut(layouts, layout, &out->row)) {
		*reason = "a row that was cut";
		return TRACKING_BAD;
	}
	out->program = slice_given(out->row.values[COLUMN_EVENT]) ? SLICE("exchange") : SLICE("m365");
	if (slice_is(out->program, "exchange") && !out->row.values[COLUMN_EVENT].length) {
		*reason = "a row without event";
		return TRACKING_BAD;
	}
	out->host = slice_is(out->program, "m365") ? SLICE("m365") : tracking_host(&out->row, arena);
	return TRACKING_ROW;
}

/* The line has as many columns as this order, and a time where it does not stand first. */
static bool stamped_elsewhere(const struct layout *layout, struct slice line, struct arena *arena,
                              struct tracking_row *out)
{
	struct slice fields[LAYOUT_COLUMNS], time;

	if (layout->columns[0] == COLUMN_TIME || csv_split(line, arena, fields, LAYOUT_COLUMNS) != layout->count)
		return false;
	*out = (struct tracking_row){.host = SLICE_NONE};
	layout_row(layout, fields, layout->count, &out->row);
	time = out->row.values[COLUMN_TIME];
	return time.length >= 12 && timestamp_scan(time, &out->stamp) == time.length;
}

static bool begins_elsewhere(const struct layouts *layouts, const struct tracking *tracking, uint64_t file,
                             struct slice line, struct arena *arena, struct tracking_row *out)
{
	for (uint32_t i = 0; tracking && i < tracking->count; i++)
		if (tracking->items[i].source == file && stamped_elsewhere(&tracking->items[i], line, arena, out))
			return true;
	for (uint32_t i = 0; layouts && i < layouts->count; i++)
		if (stamped_elsewhere(&layouts->configured[i], line, arena, out))
			return true;
	return false;
}

enum tracking_result tracking_read(const struct layouts *layouts, struct tracking *tracking, uint64_t file,
                                   struct slice line, bool header, struct arena *arena, struct tracking_row *out,
                                   const char **reason)
{
	struct timestamp stamp;
	struct layout layout;
	bool begins;

	if (line.length && line.bytes[0] == '#')
		return read_remark(tracking, file, line, arena, reason);
	begins = begins_row(line, &stamp);
	if (begins)
		*out = (struct tracking_row){.host = SLICE_NONE, .stamp = stamp};
	if (begins || begins_elsewhere(layouts, tracking, file, line, arena, out)) {
		stamp_is_utc(&out->stamp);
		return read_row(layouts, tracking, file, line, arena, out, reason);
	}
	if (header && layout_read(line, arena, &layout) && layout_tells(&layout)) {
		tracking_note(tracking, file, layout);
		return TRACKING_HEADER;
	}
	return TRACKING_OTHER;
}

/* The number behind "E2ELatency=", seconds. */
static struct slice latency_told(struct slice custom)
{
	const char *at = custom.length ? memmem(custom.bytes, custom.length, "E2ELatency=", 11) : NULL;
	struct slice rest = at ? slice_from(custom, (size_t)(at - custom.bytes) + 11) : SLICE("");
	size_t length = 0;

	while (length < rest.length && length < 20 &&
	       ((rest.bytes[length] >= '0' && rest.bytes[length] <= '9') || rest.bytes[length] == '.'))
		length++;
	return length ? slice_first(rest, length) : SLICE_NONE;
}

/* The time since the message came, which stands at the beginning of message-info. */
static struct slice latency_since(struct slice info, int64_t time, struct arena *arena)
{
	struct timestamp stamp;
	struct timestamp_cache cache = {0};
	int64_t came, other, ms;
	const char *end;
	char *made;

	end = info.length ? memchr(info.bytes, ';', info.length) : NULL;
	if (end)
		info.length = (size_t)(end - info.bytes);
	if (info.length < 20 || info.bytes[4] != '-' || timestamp_scan(info, &stamp) != info.length)
		return SLICE_NONE;
	stamp_is_utc(&stamp);
	if (!timestamp_resolve(&cache, &stamp, NULL, 0, &came, &other) || came > time)
		return SLICE_NONE;
	ms = (time - came) / 1000;
	made = arena_take(arena, 32);
	return (struct slice){made, (size_t)snprintf(made, 32, "%lld.%03lld", (long long)(ms / 1000),
	                                             (long long)(ms % 1000))};
}

struct slice tracking_row_text(const struct tracking_row *row, int64_t time, struct arena *arena)
{
	struct slice latency = latency_told(row->row.values[COLUMN_CUSTOM]);

	if (!slice_given(latency))
		latency = latency_since(row->row.values[COLUMN_INFO], time, arena);
	return tracking_text(&row->row, latency, arena);
}
