/* SPDX-License-Identifier: Apache-2.0
 *
 * Envelopes: what the mail system's own file has, RFC 3164 (rsyslog's traditional file), RFC 5424, RSYSLOG_FileFormat,
 * and JSON as Filebeat (a file's lines), rsyslog (%jsonmesg%), Fluent Bit
 * (syslog-rfc3164 parser) and Vector (syslog source) make it. Every form puts
 * all it can before the body, so that a body is composed in its place.
 */
#include "writer.h"

#include <assert.h>
#include <stdlib.h>
#include <time.h>

static const char *const names[PROGRAM_COUNT] = {
	"postfix/smtpd", "postfix/cleanup", "postfix/qmgr",   "postfix/smtp", "postfix/lmtp",
	"postfix/local", "postfix/pipe",    "postfix/bounce", "exim",         "sm-mta",
};

void writer_start(struct writer *writer, const struct plan *plan, struct sink *sink)
{
	static const char *const tails[] = {
		[FORM_RFC3164] = "\n",   [FORM_RFC5424] = "\n",         [FORM_ISO] = "\n",
		[FORM_FILEBEAT] = NULL,  [FORM_RSYSLOG_JSON] = "\"}\n", [FORM_FLUENTBIT] = "\"}\n",
		[FORM_VECTOR] = "\"}\n", [FORM_NATIVE] = "\n",
	};

	*writer = (struct writer){.plan = plan, .sink = sink, .second = -1, .tail = tails[plan->options->form]};
	writer->rows = plan->options->format == FORMAT_EXCHANGE || plan->options->format == FORMAT_M365;
	if (writer->rows && plan->options->form == FORM_NATIVE)
		writer->tail = "\r\n";
	setenv("TZ", plan->options->timezone, 1);
	tzset();
}

static void ask_zone(struct writer *writer, int64_t second)
{
	time_t clock = (time_t)second;
	struct tm local;
	int64_t minutes;
	char *p = writer->zone;

	localtime_r(&clock, &local);
	writer->zone_offset = local.tm_gmtoff;
	writer->zone_until = second - second % 900 + 900;
	minutes = writer->zone_offset / 60;
	*p++ = minutes < 0 ? '-' : '+';
	minutes = minutes < 0 ? -minutes : minutes;
	p = text_digits(p, (uint64_t)(minutes / 60), 2);
	*p++ = ':';
	p = text_digits(p, (uint64_t)(minutes % 60), 2);
	*p = '\0';
}

static char *put_clock(char *p, int64_t second)
{
	p = text_digits(p, (uint64_t)(second / 3600 % 24), 2);
	*p++ = ':';
	p = text_digits(p, (uint64_t)(second / 60 % 60), 2);
	*p++ = ':';
	return text_digits(p, (uint64_t)(second % 60), 2);
}

static char *put_date_time(char *p, int64_t second, char between)
{
	int64_t year;
	unsigned month, day;

	text_date(second / 86400, &year, &month, &day);
	p = text_digits(p, (uint64_t)year, 4);
	*p++ = '-';
	p = text_digits(p, month, 2);
	*p++ = '-';
	p = text_digits(p, day, 2);
	*p++ = between;
	return put_clock(p, second);
}

/* "Nov  4 08:29:00" */
static char *put_month_day(char *p, int64_t second)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int64_t year;
	unsigned month, day;

	text_date(second / 86400, &year, &month, &day);
	p = text_bytes(p, months + 3 * (month - 1), 3);
	*p++ = ' ';
	*p++ = day < 10 ? ' ' : (char)('0' + day / 10);
	*p++ = (char)('0' + day % 10);
	*p++ = ' ';
	return put_clock(p, second);
}

static void set_second(struct writer *writer, int64_t second)
{
	int64_t form = writer->plan->options->form;
	bool traditional = form == FORM_RFC3164 || form == FORM_FILEBEAT || form == FORM_FLUENTBIT;
	char *p;

	if (second >= writer->zone_until || writer->second < 0)
		ask_zone(writer, second);
	writer->second = second;
	if (traditional)
		p = put_month_day(writer->stamp, second + writer->zone_offset);
	else if (form == FORM_VECTOR)
		p = put_date_time(writer->stamp, second, 'T');
	else
		p = put_date_time(writer->stamp, second + writer->zone_offset, form == FORM_NATIVE ? ' ' : 'T');
	writer->stamp_length = (size_t)(p - writer->stamp);
}

static char *put_iso(const struct writer *writer, char *p, int64_t time)
{
	p = text_bytes(p, writer->stamp, writer->stamp_length);
	*p++ = '.';
	p = text_digits(p, (uint64_t)(time % SECOND), 6);
	return text_put(p, writer->zone);
}

static char *put_tag(char *p, enum program program, uint32_t pid)
{
	p = text_put(p, names[program]);
	*p++ = '[';
	p = text_number(p, pid);
	return text_put(p, "]:");
}

static char *put_traditional(const struct writer *writer, char *p, const char *host, enum program program, uint32_t pid)
{
	p = text_bytes(p, writer->stamp, writer->stamp_length);
	*p++ = ' ';
	p = text_put(p, host);
	*p++ = ' ';
	p = put_tag(p, program, pid);
	*p++ = ' ';
	return p;
}

static char *put_rfc5424(const struct writer *writer, char *p, const char *host, enum program program, uint32_t pid,
                         int64_t time)
{
	p = text_put(p, "<22>1 ");
	p = put_iso(writer, p, time);
	*p++ = ' ';
	p = text_put(p, host);
	*p++ = ' ';
	p = text_put(p, names[program]);
	*p++ = ' ';
	p = text_number(p, pid);
	return text_put(p, " - - ");
}

/* Read two seconds after it was written. */
static char *put_filebeat(const struct writer *writer, char *p, const char *host, enum program program, uint32_t pid,
                          int64_t time)
{
	p = text_put(p, "{\"@timestamp\":\"");
	p = text_time(p, time + 2 * SECOND);
	p = text_put(p, "\",\"@metadata\":{\"beat\":\"filebeat\",\"type\":\"_doc\",\"version\":\"8.11.0\"},"
	                "\"host\":{\"name\":\"");
	p = text_put(p, host);
	p = text_put(p, "\"},\"input\":{\"type\":\"filestream\"},\"ecs\":{\"version\":\"8.0.0\"},\"message\":\"");
	return writer->rows ? p : put_traditional(writer, p, host, program, pid);
}

/* The system's own file: the row alone; Exim's main log. */
static char *put_native(const struct writer *writer, char *p)
{
	if (writer->rows)
		return p;
	p = text_bytes(p, writer->stamp, writer->stamp_length);
	*p++ = ' ';
	return p;
}

static char *put_rsyslog_json(const struct writer *writer, char *p, const struct host *host, enum program program,
                              uint32_t pid, int64_t time)
{
	p = text_put(p, "{\"timereported\":\"");
	p = put_iso(writer, p, time);
	p = text_put(p, "\",\"hostname\":\"");
	p = text_put(p, host->name);
	p = text_put(p, "\",\"syslogtag\":\"");
	p = put_tag(p, program, pid);
	p = text_put(p, "\",\"inputname\":\"imuxsock\",\"fromhost\":\"");
	p = text_put(p, host->name);
	p = text_put(
		p, "\",\"fromhost-ip\":\"127.0.0.1\",\"pri\":\"22\",\"syslogfacility\":\"2\",\"syslogseverity\":\"6\","
		   "\"timegenerated\":\"");
	p = put_iso(writer, p, time);
	p = text_put(p, "\",\"programname\":\"");
	p = text_bytes(p, names[program], strcspn(names[program], "/"));
	p = text_put(p, "\",\"protocol-version\":\"0\",\"structured-data\":\"-\",\"app-name\":\"");
	p = text_bytes(p, names[program], strcspn(names[program], "/"));
	p = text_put(p, "\",\"procid\":\"");
	p = text_number(p, pid);
	return text_put(p, "\",\"msgid\":\"-\",\"msg\":\" ");
}

static char *put_fluentbit(const struct writer *writer, char *p, const char *host, enum program program, uint32_t pid)
{
	p = text_put(p, "{\"@timestamp\":");
	p = text_number(p, (uint64_t)writer->second);
	p = text_put(p, ".000000,\"pri\":\"22\",\"time\":\"");
	p = text_bytes(p, writer->stamp, writer->stamp_length);
	p = text_put(p, "\",\"host\":\"");
	p = text_put(p, host);
	p = text_put(p, "\",\"ident\":\"");
	p = text_put(p, names[program]);
	p = text_put(p, "\",\"pid\":\"");
	p = text_number(p, pid);
	return text_put(p, "\",\"message\":\"");
}

static char *put_vector(const struct writer *writer, char *p, const struct host *host, enum program program,
                        uint32_t pid, int64_t time)
{
	p = text_put(p, "{\"appname\":\"");
	p = text_put(p, names[program]);
	p = text_put(p, "\",\"facility\":\"mail\",\"host\":\"");
	p = text_put(p, host->name);
	p = text_put(p, "\",\"hostname\":\"");
	p = text_put(p, host->name);
	p = text_put(p, "\",\"procid\":");
	p = text_number(p, pid);
	p = text_put(p, ",\"severity\":\"info\",\"source_ip\":\"");
	p = text_put(p, host->address);
	p = text_put(p, "\",\"source_type\":\"syslog\",\"timestamp\":\"");
	p = text_bytes(p, writer->stamp, writer->stamp_length);
	*p++ = '.';
	p = text_digits(p, (uint64_t)(time % SECOND), 6);
	return text_put(p, "Z\",\"version\":1,\"message\":\"");
}

char *writer_begin(struct writer *writer, uint32_t host_number, enum program program, uint32_t pid, int64_t time)
{
	const struct host *host = &writer->plan->hosts[host_number];
	char *p = writer->sink->at;

	if (time / SECOND != writer->second)
		set_second(writer, time / SECOND);
	switch ((enum envelope_form)writer->plan->options->form) {
	case FORM_RFC3164: p = put_traditional(writer, p, host->name, program, pid); break;
	case FORM_RFC5424: p = put_rfc5424(writer, p, host->name, program, pid, time); break;
	case FORM_ISO:
		p = put_iso(writer, p, time);
		*p++ = ' ';
		p = text_put(p, host->name);
		*p++ = ' ';
		p = put_tag(p, program, pid);
		*p++ = ' ';
		break;
	case FORM_FILEBEAT: p = put_filebeat(writer, p, host->name, program, pid, time); break;
	case FORM_RSYSLOG_JSON: p = put_rsyslog_json(writer, p, host, program, pid, time); break;
	case FORM_FLUENTBIT: p = put_fluentbit(writer, p, host->name, program, pid); break;
	case FORM_VECTOR: p = put_vector(writer, p, host, program, pid, time); break;
	case FORM_NATIVE: p = put_native(writer, p); break;
	}
	writer->body = p;
	return p;
}

/* Escapes what JSON wants escaped in the body; bodies hold no control characters. Returns the new end. */
static char *escape(char *body, char *end)
{
	for (char *p = body; p < end; p++) {
		if (*p != '"' && *p != '\\')
			continue;
		memmove(p + 1, p, (size_t)(end - p));
		*p++ = '\\';
		end++;
	}
	return end;
}

/* The ASCII text from `start` on, the low byte of each first. */
static char *widen(char *start, char *end)
{
	size_t length = (size_t)(end - start);

	for (size_t i = length; i-- > 0;) {
		start[2 * i] = start[i];
		start[2 * i + 1] = '\0';
	}
	return start + 2 * length;
}

char *writer_header(const struct writer *writer, const char *text)
{
	char *p = text_put(text_put(writer->sink->at, text), "\r\n");

	return writer->plan->options->utf16 ? widen(writer->sink->at, p) : p;
}

void writer_end(struct writer *writer, uint32_t host, int64_t time, char *p)
{
	assert(p - writer->sink->at < SINK_ROOM / 2 - 1000);
	if (writer->plan->options->form > FORM_NATIVE)
		p = escape(writer->body, p);
	if (writer->tail) {
		p = text_put(p, writer->tail);
	} else {
		p = text_put(p, "\",\"log\":{\"offset\":");
		p = text_number(p, writer->file_offset);
		p = text_put(p, ",\"file\":{\"path\":\"/var/log/mail.log\"}}}\n");
		writer->file_offset += 180;
	}
	if (writer->plan->options->utf16)
		p = widen(writer->sink->at, p);
	sink_line(writer->sink, host, plan_line_time(writer->plan, time), p);
}

void writer_keep(const struct writer *writer, uint32_t host, int64_t time, const char *p, struct writer_head *head)
{
	head->host = host;
	head->time = time;
	head->length = (size_t)(p - writer->sink->at);
	head->body = (size_t)(writer->body - writer->sink->at);
	assert(head->length <= sizeof(head->bytes));
	memcpy(head->bytes, writer->sink->at, head->length);
}
