/* SPDX-License-Identifier: Apache-2.0
 *
 * Orders of columns, see columns.h. The known ones, by the first version that
 * has them: 2007 (21), 2010 (26), 2013 (27), 2016 (30); and the enhanced summary
 * report of Microsoft 365 (11). Nothing else is guessed.
 */
#include "parsers/columns.h"

#include <strings.h>

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
} others[] = {{"date-time-utc", COLUMN_TIME}, {"origin-timestamp", COLUMN_TIME}, {"origin-timestamp-utc", COLUMN_TIME},
              {"timestamp", COLUMN_TIME},     {"subject", COLUMN_SUBJECT},       {"original-client-ip", COLUMN_COUNT}};

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

enum column column_of(struct slice name)
{
	char text[NAME_LONGEST + 1];

	while (name.length && name.bytes[0] == ' ')
		name = slice_from(name, 1);
	while (name.length && (name.bytes[name.length - 1] == ' ' || name.bytes[name.length - 1] == '\r'))
		name.length--;
	if (name.length > NAME_LONGEST)
		return COLUMN_COUNT;
	for (size_t i = 0; i < name.length; i++)
		text[i] = name.bytes[i] == '_' ? '-' : name.bytes[i];
	text[name.length] = '\0';
	for (int i = 0; i < COLUMN_COUNT; i++)
		if (strcasecmp(text, names[i]) == 0)
			return (enum column)i;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcasecmp(text, others[i].name) == 0)
			return others[i].column;
	return COLUMN_COUNT;
}

bool layout_read(struct slice text, struct arena *arena, struct layout *layout)
{
	struct slice fields[LAYOUT_COLUMNS];
	size_t count = csv_split(text, arena, fields, LAYOUT_COLUMNS);
	unsigned known = 0;

	if (count > LAYOUT_COLUMNS)
		return false;
	*layout = (struct layout){.count = (uint32_t)count};
	for (size_t i = 0; i < count; i++) {
		layout->columns[i] = (uint8_t)column_of(fields[i]);
		known += layout->columns[i] != COLUMN_COUNT;
	}
	return known >= KNOWN_LEAST;
}

static bool layout_has(const struct layout *layout, enum column column)
{
	return memchr(layout->columns, column, layout->count) != NULL;
}

bool layout_tells(const struct layout *layout)
{
	return layout_has(layout, COLUMN_TIME) &&
	       (layout_has(layout, COLUMN_EVENT) || layout_has(layout, COLUMN_STATUS));
}

void layout_write(const struct layout *layout, FILE *out)
{
	for (uint32_t i = 0; i < layout->count; i++) {
		uint8_t column = layout->columns[i];

		fprintf(out, "%s%s", i ? "," : "", column < COLUMN_COUNT ? names[column] : "-");
	}
}

void layouts_make(struct layouts *layouts, char *const *configured, size_t count)
{
	struct arena none = {0};

	*layouts = (struct layouts){.configured = memory_zeroed(count, sizeof(struct layout))};
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
