/* SPDX-License-Identifier: Apache-2.0
 *
 * Columns: 21 in Exchange 2007, and what 2010, 2013 and 2016 added; the same
 * with other names of columns in the extended message trace of Microsoft 365.
 * Values are quoted where they hold a comma or a quote.
 */
#include "exchange_row.h"

#include <stdio.h>

#define HEAD \
	"client-ip,client-hostname,server-ip,server-hostname,source-context,connector-id,source,event-id," \
	"internal-message-id,message-id,"
#define TAIL \
	"recipient-address,recipient-status,total-bytes,recipient-count,related-recipient-address,reference," \
	"message-subject,sender-address,return-path,message-info"
#define TAIL_2010 TAIL ",directionality,tenant-id,original-client-ip,original-server-ip,custom-data"

static const char *const fields[] = {
	[VERSION_2007] = HEAD TAIL,
	[VERSION_2010] = HEAD TAIL_2010,
	[VERSION_2013] = HEAD "network-message-id," TAIL_2010,
	[VERSION_2016] = HEAD "network-message-id," TAIL_2010 ",transport-traffic-type,log-id,schema-version",
};

static const char *const builds[] = {"8.03.0485.001", "14.03.0513.000", "15.00.1497.006", "15.01.2375.007"};

enum exchange_version exchange_version(const struct plan *plan, uint32_t host)
{
	if (plan->options->exchange == VERSION_MIXED)
		return (enum exchange_version)(host % VERSION_MIXED);
	return (enum exchange_version)plan->options->exchange;
}

static char *put_cell(char *p, const char *text)
{
	if (!text)
		return p;
	if (!strpbrk(text, ",\""))
		return text_put(p, text);
	*p++ = '"';
	for (; *text; text++) {
		if (*text == '"')
			*p++ = '"';
		*p++ = *text;
	}
	*p++ = '"';
	return p;
}

static uint32_t member_at(const struct exchange_row *row, uint32_t i)
{
	return row->endings ? row->endings[i].member : row->list ? row->list[i] : row->first + i;
}

static char *put_recipients(const struct world *world, const struct exchange_row *row, char *p, uint32_t *count)
{
	bool any = row->to != NULL;

	*count = any;
	p = put_cell(p, row->to);
	for (const char *s = row->to; s && *s; s++)
		*count += *s == ';';
	for (uint32_t i = 0; i < row->count; i++) {
		uint32_t member = member_at(row, i);

		if (member == row->excluded)
			continue;
		if (any)
			*p++ = ';';
		any = true;
		p = format_member(world, member, p);
		++*count;
	}
	return p;
}

static char *put_statuses(const struct exchange_row *row, char *p, uint32_t count)
{
	for (uint32_t i = 0; i < (row->single ? 1 : count); i++) {
		if (i > 0)
			*p++ = ';';
		p = text_put(p, row->status);
	}
	return p;
}

/* A GUID made of the Message-ID. */
static char *put_network_id(char *p, const char *message_id)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t hash = 7;

	for (const char *s = message_id; *s; s++)
		hash = random_mix(hash ^ (unsigned char)*s);
	for (unsigned i = 0; i < 32; i++) {
		if (i == 8 || i == 12 || i == 16 || i == 20)
			*p++ = '-';
		*p++ = digits[hash & 15];
		hash = i == 15 ? random_mix(hash + 1) : hash >> 4 | hash << 60;
	}
	return p;
}

/* "IP,NAME" of one side. */
static char *put_side(char *p, const char *side, const struct host *host)
{
	size_t name = side ? strcspn(side, "[") : 0;

	if (!side) {
		p = text_put(p, host->address);
		*p++ = ',';
		return text_put(p, host->name);
	}
	p = text_bytes(p, side + name + 1, strcspn(side + name + 1, "]"));
	*p++ = ',';
	return text_bytes(p, side, name);
}

static char *put_number(char *p, uint64_t number)
{
	return number ? text_number(p, number) : p;
}

void exchange_row(struct world *world, const struct exchange_row *row, uint32_t host_number)
{
	const struct host *host = &world->plan->hosts[host_number];
	enum exchange_version version = exchange_version(world->plan, host_number);
	char *p = writer_begin(&world->writer, host_number, PROGRAM_SMTPD, 0, world->now);
	uint32_t count = 0;

	p = text_time(p, world->now);
	*p++ = ',';
	p = put_side(p, row->as_client ? NULL : row->other, host);
	*p++ = ',';
	p = put_side(p, row->as_client ? row->other : NULL, host);
	*p++ = ',';
	p = put_cell(p, row->context);
	*p++ = ',';
	p = put_cell(p, row->connector);
	*p++ = ',';
	p = text_put(p, row->source);
	*p++ = ',';
	p = text_put(p, row->event);
	*p++ = ',';
	p = put_number(p, row->id);
	*p++ = ',';
	p = put_cell(p, row->message_id);
	*p++ = ',';
	if (version >= VERSION_2013) {
		p = row->message_id ? put_network_id(p, row->message_id) : p;
		*p++ = ',';
	}
	p = put_recipients(world, row, p, &count);
	*p++ = ',';
	p = row->status ? put_statuses(row, p, count) : p;
	*p++ = ',';
	p = put_number(p, row->size);
	*p++ = ',';
	p = put_number(p, count);
	*p++ = ',';
	p = put_cell(p, row->related);
	*p++ = ',';
	p = put_cell(p, row->reference);
	*p++ = ',';
	p = put_cell(p, row->subject);
	*p++ = ',';
	p = put_cell(p, row->sender);
	*p++ = ',';
	p = put_cell(p, row->return_path);
	*p++ = ',';
	p = put_cell(p, row->info);
	if (version >= VERSION_2010) {
		p = text_put(p, ",Originating,,10.9.0.7,");
		p = text_put(p, host->address);
		*p++ = ',';
		p = put_cell(p, version >= VERSION_2013 ? row->custom : NULL);
	}
	if (version >= VERSION_2016) {
		p = text_put(p, ",Email,");
		p = put_network_id(p, row->event);
		p = text_put(p, ",15.01.2375.007");
	}
	writer_end(&world->writer, host_number, world->now, p);
}

static void header_line(struct world *world, uint32_t host, const char *text)
{
	char *p = world->sink->at;

	if (world->plan->options->form == FORM_FILEBEAT) {
		p = text_put(p, "{\"@timestamp\":\"2016-11-14T00:00:00.000Z\",\"host\":{\"name\":\"");
		p = text_put(p, world->plan->hosts[host].name);
		p = text_put(p, "\"},\"message\":\"");
		p = text_put(p, text);
		p = text_put(p, "\",\"log\":{\"offset\":0,\"file\":{\"path\":\"/var/log/mail.log\"}}}\n");
	} else {
		p = writer_header(&world->writer, text);
	}
	sink_header(world->sink, host, p);
}

static void host_header(struct world *world, uint32_t host)
{
	enum exchange_version version = exchange_version(world->plan, host);
	char text[800], stamp[40];

	*text_time(stamp, world->plan->options->start - world->plan->options->warmup) = '\0';
	header_line(world, host, "#Software: Microsoft Exchange Server");
	snprintf(text, sizeof(text), "#Version: %s", builds[version]);
	header_line(world, host, text);
	header_line(world, host, "#Log-type: Message Tracking Log");
	snprintf(text, sizeof(text), "#Date: %s", stamp);
	header_line(world, host, text);
	snprintf(text, sizeof(text), "#Fields: date-time,%s", fields[version]);
	header_line(world, host, text);
}

/* Of the extended message trace. */
static void trace_header(struct world *world)
{
	char text[800];

	snprintf(text, sizeof(text), "date_time_utc,%s", fields[VERSION_2013]);
	for (char *s = text; *s; s++)
		*s = *s == '-' ? '_' : *s;
	header_line(world, 0, text);
}

void exchange_header(struct world *world)
{
	const struct options *o = world->plan->options;
	bool apart = o->output_dir || o->kafka;

	if (o->extended) {
		trace_header(world);
		return;
	}
	for (uint32_t i = 0; i < (apart ? world->plan->host_count : 1); i++)
		host_header(world, i);
}
