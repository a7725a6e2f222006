/* SPDX-License-Identifier: Apache-2.0
 *
 * The columns of Exchange's message tracking log and of Microsoft 365's message
 * trace: which they are, and in which order a file has them.
 */
#ifndef MAILSTORM_PARSERS_COLUMNS_H
#define MAILSTORM_PARSERS_COLUMNS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "parsers/arena.h"
#include "settings.h"
#include "slice.h"

/* X(symbol, name): those that are read. Names of Microsoft 365 have '_' for '-', those of PowerShell neither. */
#define COLUMNS(X) \
	X(TIME, "date-time") \
	X(CLIENT_IP, "client-ip") \
	X(CLIENT, "client-hostname") \
	X(SERVER_IP, "server-ip") \
	X(SERVER, "server-hostname") \
	X(CONTEXT, "source-context") \
	X(CONNECTOR, "connector-id") \
	X(SOURCE, "source") \
	X(EVENT, "event-id") \
	X(INTERNAL_ID, "internal-message-id") \
	X(MESSAGE_ID, "message-id") \
	X(NETWORK_ID, "network-message-id") \
	X(RECIPIENT, "recipient-address") \
	X(STATUS, "recipient-status") \
	X(BYTES, "total-bytes") \
	X(NUMBER, "recipient-count") \
	X(RELATED, "related-recipient-address") \
	X(REFERENCE, "reference") \
	X(SUBJECT, "message-subject") \
	X(SENDER, "sender-address") \
	X(RETURN_PATH, "return-path") \
	X(INFO, "message-info") \
	X(DIRECTION, "directionality") \
	X(CUSTOM, "custom-data") \
	X(LATENCY, "message-latency") \
	X(LATENCY_TYPE, "message-latency-type")

enum column {
#define X(symbol, name) COLUMN_##symbol,
	COLUMNS(X)
#undef X
		COLUMN_COUNT /* also: a column that is not read */
};

/* A row's values; not given where the file has no such column. */
struct row {
	struct slice values[COLUMN_COUNT];
};

#define LAYOUT_COLUMNS 64

struct layout {
	uint64_t source; /* hash of the file it is of; 0: any */
	uint32_t count;  /* columns of a row */
	char comma;      /* what stands between them */
	bool exported;   /* by PowerShell: times are a region's, and lists may be lost */
	bool local;      /* times that name no zone are local ones */
	uint8_t columns[LAYOUT_COLUMNS];
};

/* The column of that name, as a header has it, whatever stands between its words; COLUMN_COUNT: none that is read. */
enum column column_of(struct slice name);

/* Reads the names of columns, as they stand in a header, with commas, semicolons or tabs between them. False where they are
 * none: fewer than four known ones. */
bool layout_read(struct slice names, struct arena *arena, struct layout *layout);

/* Rows in this order tell something: when, of which message, and an event with its recipients or a status. Else it is another
 * table's, with some names the same. */
bool layout_tells(const struct layout *layout);

/* Writes the names so that layout_read() has the same order again; columns that are not read are "-". */
void layout_write(const struct layout *layout, FILE *out);

/* The orders that versions of Exchange and reports of Microsoft 365 are known to have, and those that are configured. */
#define LAYOUTS_KNOWN 5
struct layouts {
	struct layout known[LAYOUTS_KNOWN];
	struct layout *configured;
	uint32_t count;        /* of them */
	enum date_order order; /* of day and month in a region's dates */
};

/* configured: names as a header has them; one that is no order is left out. */
void layouts_make(struct layouts *layouts, char *const *configured, size_t count, enum date_order order);
void layouts_clear(struct layouts *layouts);

/* The order of rows without a header, told by the number of columns: a configured one, else a known one; later versions
 * append columns. NULL where none has so many. */
const struct layout *layout_of_count(const struct layouts *layouts, size_t count);

/* The one of them that Microsoft 365's summary has. */
const struct layout *layouts_summary(const struct layouts *layouts);

/* Cuts fields into a row. */
void layout_row(const struct layout *layout, const struct slice *fields, size_t count, struct row *row);

#endif
