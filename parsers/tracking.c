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

#include "daemon/base/ascii.h"
#include "daemon/base/memory.h"
#include "parsers/csv.h"
#include "parsers/region_time.h"
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

static struct layout *tracking_layout(const struct tracking *tracking, uint64_t file, size_t count, char comma)
{
	for (uint32_t i = 0; tracking && i < tracking->count; i++)
		if (tracking->items[i].source == file && tracking->items[i].count == count &&
		    tracking->items[i].comma == comma)
			return &tracking->items[i];
	return NULL;
}

char tracking_comma(const struct tracking *tracking, uint64_t file)
{
	for (uint32_t i = tracking ? tracking->count : 0; i > 0; i--)
		if (tracking->items[i - 1].source == file && tracking->items[i - 1].comma != ',')
			return tracking->items[i - 1].comma;
	return ',';
}

static void tracking_note(struct tracking *tracking, uint64_t file, struct layout layout)
{
	struct layout *known = tracking_layout(tracking, file, layout.count, layout.comma);

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
	static const char *const others[] = {"#Software: ", "#Version: ", "#Log-type: ",
	                                     "#Log-Type: ", "#Date: ",    "#TYPE "}; /* the last is PowerShell's */
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
		made[i] = ascii_lower(name.bytes[i]);
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

/* What PowerShell leaves of a list that nobody joined: the name of its type, or as much of it as a screen has room for. */
static bool is_lost(struct slice list)
{
	return list.length &&
	       (list.bytes[0] == '{' || ((slice_starts(list, "System.") || slice_starts(list, "Microsoft.")) &&
	                                 !memchr(list.bytes, '@', list.length)));
}

/* A list as logs have it, whatever whoever joined it put between its parts. */
static struct slice list_joined(struct slice list, struct arena *arena)
{
	size_t length = 0;
	char *made;

	if (!list.length || memchr(list.bytes, ';', list.length))
		return list;
	made = arena_take(arena, list.length);
	for (size_t i = 0; i < list.length; i++) {
		bool between = memchr(" ,|\t\r\n", list.bytes[i], 6) != NULL;

		if (!between || (length && made[length - 1] != ';'))
			made[length++] = between ? ';' : list.bytes[i];
	}
	return (struct slice){made, length};
}

/* A row that PowerShell exported, as a log has it. NULL, else what is wrong with it. */
static const char *exported_row(struct row *row, struct arena *arena)
{
	struct slice *recipients = &row->values[COLUMN_RECIPIENT], *statuses = &row->values[COLUMN_STATUS],
		     *reference = &row->values[COLUMN_REFERENCE];

	if (is_lost(*recipients))
		return "an export without its recipients: they are a list, which must be joined (-join ';')";
	*recipients = list_joined(*recipients, arena);
	*reference = is_lost(*reference) ? SLICE("") : list_joined(*reference, arena);
	if (is_lost(*statuses))
		*statuses = SLICE("");
	return NULL;
}

/* A line cut into its cells. */
struct cells {
	const struct layout *layout; /* NULL: not known */
	size_t count;                /* 0: a quote is not closed */
	struct slice fields[LAYOUT_COLUMNS];
};

static const char *read_row(const struct layouts *layouts, struct cells *cells, struct arena *arena,
                            struct tracking_row *out)
{
	const struct layout *layout = cells->layout;
	size_t count = cells->count;
	const char *why = NULL;

	if (!count)
		return "a quote that is not closed";
	if (!layout)
		layout = layout_of_count(layouts, count);
	if (!layout)
		return "not as many columns as any version writes";
	layout_row(layout, cells->fields, count < LAYOUT_COLUMNS ? count : LAYOUT_COLUMNS, &out->row);
	if (is_cut(layouts, layout, &out->row))
		return "a row that was cut";
	if (layout->exported)
		why = exported_row(&out->row, arena);
	if (!layout->local)
		stamp_is_utc(&out->stamp);
	out->program = slice_given(out->row.values[COLUMN_EVENT]) ? SLICE("exchange") : SLICE("m365");
	if (slice_is(out->program, "exchange") && !out->row.values[COLUMN_EVENT].length)
		return "a row without event";
	out->host = slice_is(out->program, "m365") ? SLICE("m365") : tracking_host(&out->row, arena);
	return why;
}

/* The line has as many columns as this order, and a time in its place. A row that begins as rows of logs do was found before. */
static enum region_time stamped_elsewhere(const struct layout *layout, enum date_order order, struct slice line,
                                          struct arena *arena, struct cells *cells, struct timestamp *stamp)
{
	struct row row;
	struct slice time;

	if (layout->columns[0] == COLUMN_TIME && !layout->exported && layout->comma == ',')
		return REGION_TIME_NONE;
	cells->count = csv_split(line, layout->comma, arena, cells->fields, LAYOUT_COLUMNS);
	cells->layout = layout;
	if (cells->count != layout->count)
		return REGION_TIME_NONE;
	layout_row(layout, cells->fields, layout->count, &row);
	time = row.values[COLUMN_TIME];
	if (time.length >= 12 && timestamp_scan(time, stamp) == time.length)
		return REGION_TIME_READ;
	return layout->exported && time.length ? region_time_scan(time, order, stamp) : REGION_TIME_NONE;
}

static enum region_time begins_elsewhere(const struct layouts *layouts, const struct tracking *tracking, uint64_t file,
                                         struct slice line, struct arena *arena, struct cells *cells,
                                         struct timestamp *stamp)
{
	enum date_order order = layouts ? layouts->order : DATE_ORDER_UNKNOWN;
	enum region_time found = REGION_TIME_NONE;

	for (uint32_t i = 0; tracking && i < tracking->count && found == REGION_TIME_NONE; i++)
		if (tracking->items[i].source == file)
			found = stamped_elsewhere(&tracking->items[i], order, line, arena, cells, stamp);
	for (uint32_t i = 0; layouts && i < layouts->count && found == REGION_TIME_NONE; i++)
		found = stamped_elsewhere(&layouts->configured[i], order, line, arena, cells, stamp);
	return found;
}

/* A row of an exported table whose quoted cell goes on in the next line: quotes stand around all of its cells. */
static bool goes_on(const struct tracking *tracking, uint64_t file, struct slice line)
{
	if (line.bytes[0] != '"')
		return false;
	for (uint32_t i = 0; tracking && i < tracking->count; i++)
		if (tracking->items[i].source == file && tracking->items[i].exported &&
		    csv_end(line, tracking->items[i].comma) == CSV_OPEN)
			return true;
	return false;
}

enum tracking_result tracking_read(const struct layouts *layouts, struct tracking *tracking, uint64_t file,
                                   struct slice line, bool header, struct arena *arena, struct tracking_row *out,
                                   const char **reason)
{
	struct timestamp stamp;
	struct layout layout;
	struct cells cells;
	enum region_time found = REGION_TIME_READ;

	if (line.length && line.bytes[0] == '#')
		return read_remark(tracking, file, line, arena, reason);
	if (begins_row(line, &stamp)) {
		cells.count = csv_split(line, ',', arena, cells.fields, LAYOUT_COLUMNS);
		cells.layout = tracking_layout(tracking, file, cells.count, ',');
	} else {
		found = begins_elsewhere(layouts, tracking, file, line, arena, &cells, &stamp);
	}
	if (found == REGION_TIME_EITHER) {
		*reason = "a date whose day may be its month: see input.date_order";
		return TRACKING_BAD;
	}
	if (found == REGION_TIME_READ) {
		*out = (struct tracking_row){.host = SLICE_NONE, .stamp = stamp};
		*reason = read_row(layouts, &cells, arena, out);
		return *reason ? TRACKING_BAD : TRACKING_ROW;
	}
	if (header && layout_read(line, arena, &layout)) {
		if (layout_tells(&layout)) {
			tracking_note(tracking, file, layout);
			return TRACKING_HEADER;
		}
		if (layout.exported) {
			*reason = "an export without Message-IDs, recipients, or what became of them";
			return TRACKING_BAD;
		}
	}
	if (!line.length || !goes_on(tracking, file, line))
		return TRACKING_OTHER;
	*reason = "a quote that is not closed";
	return TRACKING_BAD;
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

/* A span of time as .NET writes it, [DAYS.]HH:MM:SS[.FRACTION], where it is that of the whole way. */
static struct slice latency_span(const struct row *row, struct arena *arena)
{
	struct slice span = row->values[COLUMN_LATENCY];
	unsigned long long days = 0;
	unsigned hours, minutes;
	double seconds;
	char text[32];
	char *made;

	if (!slice_is(row->values[COLUMN_LATENCY_TYPE], "EndToEnd") || span.length >= sizeof(text))
		return SLICE_NONE;
	snprintf(text, sizeof(text), "%.*s", (int)span.length, span.bytes);
	if (sscanf(text, "%5llu.%2u:%2u:%lf", &days, &hours, &minutes, &seconds) != 4) {
		days = 0;
		if (sscanf(text, "%2u:%2u:%lf", &hours, &minutes, &seconds) != 3)
			return SLICE_NONE;
	}
	if (hours > 23 || minutes > 59 || !(seconds >= 0 && seconds < 60))
		return SLICE_NONE;
	made = arena_take(arena, 32);
	return (struct slice){made, (size_t)snprintf(made, 32, "%.3f",
	                                             (double)(days * 86400 + hours * 3600 + minutes * 60) + seconds)};
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
		latency = latency_span(&row->row, arena);
	if (!slice_given(latency))
		latency = latency_since(row->row.values[COLUMN_INFO], time, arena);
	return tracking_text(&row->row, latency, arena);
}
