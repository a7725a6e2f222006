/* SPDX-License-Identifier: Apache-2.0
 *
 * Orders of columns, see columns.h. The known ones, by the first version that
 * has them: 2007 (21), 2010 (26), 2013 (27), 2016 (30); and the enhanced summary
 * report of Microsoft 365 (11). Nothing else is guessed.
 */
#include "parsers/columns.h"

#include "daemon/base/ascii.h"
#include "daemon/base/memory.h"
#include "parsers/csv.h"

#define KNOWN_LEAST 4
#define NAME_LONGEST 40

static const char *const names[COLUMN_COUNT] = {
#define X(symbol, name) name,
	COLUMNS(X)
#undef X
};

/* Other names of a column. */
static const struct {
	const char *name;
	enum column column;
} others[] = {
	{"date-time-utc", COLUMN_TIME},
	{"origin-timestamp", COLUMN_TIME},
	{"origin-timestamp-utc", COLUMN_TIME},
	{"timestamp", COLUMN_TIME},
	{"received", COLUMN_TIME},
	{"subject", COLUMN_SUBJECT},
	{"sender", COLUMN_SENDER},
	{"recipients", COLUMN_RECIPIENT},
	{"status", COLUMN_STATUS},
	{"size", COLUMN_BYTES},
	{"message-trace-id", COLUMN_INTERNAL_ID},
	{"from-ip", COLUMN_CLIENT_IP},
	{"to-ip", COLUMN_SERVER_IP},
};

#define HEAD_2007 \
	"date-time,client-ip,client-hostname,server-ip,server-hostname,source-context,connector-id,source,event-id," \
	"internal-message-id,message-id,"
#define TAIL_2007 \
	"recipient-address,recipient-status,total-bytes,recipient-count,related-recipient-address,reference," \
	"message-subject,sender-address,return-path,message-info"
#define TAIL_2010 TAIL_2007 ",directionality,tenant-id,original-client-ip,original-server-ip,custom-data"

static const char *const headers[LAYOUTS_KNOWN] = {
	"origin-timestamp-utc,sender-address,recipient-status,message-subject,total-bytes,message-id,"
	"network-message-id,original-client-ip,directionality,connector-id,delivery-priority",
	HEAD_2007 TAIL_2007,
	HEAD_2007 TAIL_2010,
	HEAD_2007 "network-message-id," TAIL_2010,
	HEAD_2007 "network-message-id," TAIL_2010 ",transport-traffic-type,log-id,schema-version",
};

/* The letters of a name, folded, without what stands between its words and around it; its length, more than there is room for
 * where it is longer than any. */
static size_t letters_of(struct slice name, char letters[NAME_LONGEST])
{
	size_t length = 0;

	for (size_t i = 0; i < name.length && length <= NAME_LONGEST; i++) {
		char c = name.bytes[i];

		if (memchr("-_ \r", c, 4))
			continue;
		if (length < NAME_LONGEST)
			letters[length] = ascii_lower(c);
		length++;
	}
	return length;
}

static bool names_equal(const char *letters, size_t length, const char *name)
{
	char others_letters[NAME_LONGEST];

	/* Most differ in the first. */
	return letters[0] == name[0] && letters_of(slice_of(name), others_letters) == length &&
	       memcmp(letters, others_letters, length) == 0;
}

enum column column_of(struct slice name)
{
	char letters[NAME_LONGEST];
	size_t length = letters_of(name, letters);

	if (!length || length > NAME_LONGEST)
		return COLUMN_COUNT;
	for (int i = 0; i < COLUMN_COUNT; i++)
		if (names_equal(letters, length, names[i]))
			return (enum column)i;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (names_equal(letters, length, others[i].name))
			return others[i].column;
	return COLUMN_COUNT;
}

/* The time's name tells who wrote the table: of a tracking log and of a message trace PowerShell has names of its own. */
static void note_time(struct layout *layout, struct slice name)
{
	char letters[NAME_LONGEST];
	size_t length = letters_of(name, letters);

	layout->local = names_equal(letters, length, "timestamp");
	layout->exported = layout->local || names_equal(letters, length, "received");
}

static bool read_names(struct slice text, char comma, struct arena *arena, struct layout *layout)
{
	struct slice fields[LAYOUT_COLUMNS];
	size_t count = csv_split(text, comma, arena, fields, LAYOUT_COLUMNS);
	unsigned known = 0;

	if (count > LAYOUT_COLUMNS)
		return false;
	*layout = (struct layout){.count = (uint32_t)count, .comma = comma};
	for (size_t i = 0; i < count; i++) {
		layout->columns[i] = (uint8_t)column_of(fields[i]);
		known += layout->columns[i] != COLUMN_COUNT;
		if (layout->columns[i] == COLUMN_TIME)
			note_time(layout, fields[i]);
	}
	return known >= KNOWN_LEAST;
}

bool layout_read(struct slice text, struct arena *arena, struct layout *layout)
{
	return read_names(text, ',', arena, layout) || read_names(text, ';', arena, layout) ||
	       read_names(text, '\t', arena, layout);
}

static bool layout_has(const struct layout *layout, enum column column)
{
	return memchr(layout->columns, column, layout->count) != NULL;
}

bool layout_tells(const struct layout *layout)
{
	return layout_has(layout, COLUMN_TIME) &&
	       (layout_has(layout, COLUMN_EVENT) ? layout_has(layout, COLUMN_RECIPIENT)
	                                         : layout_has(layout, COLUMN_STATUS)) &&
	       (layout_has(layout, COLUMN_INTERNAL_ID) || layout_has(layout, COLUMN_NETWORK_ID) ||
	        layout_has(layout, COLUMN_MESSAGE_ID));
}

void layout_write(const struct layout *layout, FILE *out)
{
	const char *time = layout->local ? "Timestamp" : layout->exported ? "Received" : names[COLUMN_TIME];

	for (uint32_t i = 0; i < layout->count; i++) {
		uint8_t column = layout->columns[i];

		if (i)
			fputc(layout->comma, out);
		fputs(column == COLUMN_TIME ? time : column < COLUMN_COUNT ? names[column] : "-", out);
	}
}

void layouts_make(struct layouts *layouts, char *const *configured, size_t count, enum date_order order)
{
	struct arena none = {0};

	*layouts = (struct layouts){.configured = memory_zeroed(count, sizeof(struct layout)), .order = order};
	for (int i = 0; i < LAYOUTS_KNOWN; i++)
		layout_read(slice_of(headers[i]), &none, &layouts->known[i]);
	for (size_t i = 0; i < count; i++)
		layouts->count += layout_read(slice_of(configured[i]), &none, &layouts->configured[layouts->count]);
}

void layouts_clear(struct layouts *layouts)
{
	free(layouts->configured);
	layouts->configured = NULL;
	layouts->count = 0;
}

const struct layout *layout_of_count(const struct layouts *layouts, size_t count)
{
	const struct layout *known = layouts->known, *last = &known[LAYOUTS_KNOWN - 1];

	for (uint32_t i = 0; i < layouts->count; i++)
		if (layouts->configured[i].count == count)
			return &layouts->configured[i];
	for (int i = 0; i < LAYOUTS_KNOWN; i++)
		if (known[i].count == count)
			return &known[i];
	if (count > last->count)
		return last;
	return count > last[-1].count ? &last[-1] : NULL;
}

const struct layout *layouts_summary(const struct layouts *layouts)
{
	return &layouts->known[0];
}

void layout_row(const struct layout *layout, const struct slice *fields, size_t count, struct row *row)
{
	*row = (struct row){0};
	for (size_t i = 0; i < count && i < layout->count; i++)
		if (layout->columns[i] < COLUMN_COUNT)
			row->values[layout->columns[i]] = fields[i];
}
