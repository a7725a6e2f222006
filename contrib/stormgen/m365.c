/* SPDX-License-Identifier: Apache-2.0
 *
 * Microsoft 365's message trace, but for the extended report, whose rows are
 * Exchange's: one row for a message (the summary, CSV), or for a message and
 * recipient (JSON of the reporting service). It tells when a message came and
 * how it ended for each, not when, where, or after how many attempts; who did
 * not get it, whatever the cause, has failed. So all is told at once. A group
 * has an end of its own, and whose member anybody is is not told.
 */
#include <stdio.h>

#include "format.h"

#define PAGE 100 /* rows in one document */

struct page {
	struct world *world;
	struct queue_file *file;
	char *p;
	uint32_t rows;
};

static char *id(const struct world *world, struct queue_file *file, uint64_t number, char *p)
{
	(void)world;
	(void)file;
	return text_number(p, number);
}

static char *put_subject(const struct world *world, const struct queue_file *file, char *p)
{
	char subject[200] = "Re: meeting, room 7";

	if (world->plan->options->subjects == SUBJECTS_NONE)
		return p;
	if (file->mail->post)
		plan_subject(world->plan, file->mail->post, subject);
	return text_put(p, subject);
}

static char *put_trace_id(char *p, const char *message_id, bool dashes)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t hash = 11;

	for (const char *s = message_id; *s; s++)
		hash = random_mix(hash ^ (unsigned char)*s);
	for (unsigned i = 0; i < 32; i++) {
		if (dashes && (i == 8 || i == 12 || i == 16 || i == 20))
			*p++ = '-';
		*p++ = digits[hash & 15];
		hash = i == 15 ? random_mix(hash + 1) : hash >> 4 | hash << 60;
	}
	return p;
}

static const char *sender_of(const struct queue_file *file)
{
	return file->mail->sender[0] ? file->mail->sender : "<>";
}

/* --- rows of JSON ---------------------------------------------------------------------------------------- */

/* .NET escapes '<' and '>'; ConvertTo-Json does not in later versions. */
static char *put_json(char *p, const char *text, bool escape)
{
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			*p++ = '\\';
		if (escape && (*text == '<' || *text == '>'))
			p = text_put(p, *text == '<' ? "\\u003c" : "\\u003e");
		else
			*p++ = *text;
	}
	return p;
}

static void page_line(struct page *page)
{
	*page->p++ = '\n';
	sink_line(page->world->sink, 0, world_told(page->world), page->p);
	page->p = page->world->sink->at;
}

static const char *page_begins(const struct page *page)
{
	switch ((enum trace)page->world->plan->options->trace) {
	case TRACE_VALUE:
		return "{\"odata.metadata\":\"https://reports.example.org/$metadata#MessageTrace\",\"value\":[";
	case TRACE_RESULTS: return "{\"d\":{\"results\":[";
	default: return "[";
	}
}

static const char *page_ends(const struct page *page)
{
	switch ((enum trace)page->world->plan->options->trace) {
	case TRACE_VALUE: return "]}";
	case TRACE_RESULTS: return "]}}";
	default: return "]";
	}
}

/* One pair of a row. Laid out, each stands on a line of its own. */
static void put_pair(struct page *page, const char *name, const char *value, bool text, bool last)
{
	bool laid_out = page->world->plan->options->trace == TRACE_ARRAY;

	page->p = text_put(page->p, laid_out ? "        \"" : "\"");
	page->p = text_put(page->p, name);
	page->p = text_put(page->p, laid_out ? "\":  " : "\":");
	page->p = text_put(page->p, text ? "\"" : "");
	page->p = put_json(page->p, value, page->world->plan->options->trace == TRACE_VALUE);
	page->p = text_put(page->p, text ? "\"" : "");
	page->p = text_put(page->p, last ? "" : ",");
	if (laid_out)
		page_line(page);
}

static char *put_received(const struct page *page, char *p)
{
	int64_t told = world_told(page->world);

	if (page->world->plan->options->trace == TRACE_RESULTS)
		return text_put(text_number(text_put(p, "/Date("), (uint64_t)told / 1000), ")/");
	/* Seven digits, and the Z is missing at times. */
	p = text_put(text_time(p, told) - 1, "0000");
	return text_put(p, page->file->size % 2 ? "Z" : "");
}

static void json_row(struct page *page, const char *address, const char *status)
{
	const struct queue_file *file = page->file;
	bool laid_out = page->world->plan->options->trace == TRACE_ARRAY;
	char text[300];

	if (page->rows == 0) {
		page->p = text_put(page->world->sink->at, page_begins(page));
		if (laid_out)
			page_line(page);
	} else if (laid_out) {
		page->p = text_put(page->p, "    },");
		page_line(page);
	} else {
		*page->p++ = ',';
	}
	page->p = text_put(page->p, laid_out ? "    {" : "{");
	if (laid_out)
		page_line(page);
	put_pair(page, "Organization", "example.org", true, false);
	put_pair(page, "MessageId", file->mail->message_id, true, false);
	*put_received(page, text) = '\0';
	put_pair(page, "Received", text, true, false);
	put_pair(page, "SenderAddress", sender_of(file), true, false);
	put_pair(page, "RecipientAddress", address, true, false);
	*put_subject(page->world, file, text) = '\0';
	put_pair(page, "Subject", text, true, false);
	put_pair(page, "Status", status, true, false);
	put_pair(page, "ToIP", "null", false, false);
	put_pair(page, "FromIP", "10.9.0.7", true, false);
	*text_number(text, file->size) = '\0';
	put_pair(page, "Size", text, false, false);
	*put_trace_id(text, file->mail->message_id, true) = '\0';
	put_pair(page, "MessageTraceId", text, true, false);
	put_pair(page, "Index", "0", false, true);
	if (!laid_out)
		*page->p++ = '}';
	page->rows++;
}

static void json_end(struct page *page)
{
	if (page->rows == 0)
		return;
	if (page->world->plan->options->trace == TRACE_ARRAY) {
		page->p = text_put(page->p, "    }");
		page_line(page);
	}
	page->p = text_put(page->p, page_ends(page));
	page_line(page);
	page->rows = 0;
}

/* --- the summary ----------------------------------------------------------------------------------------- */

static void summary_begin(struct page *page)
{
	char *p = writer_begin(&page->world->writer, 0, PROGRAM_EXIM, 0, page->world->now);

	p = text_time(p, world_told(page->world));
	*p++ = ',';
	p = text_put(p, sender_of(page->file));
	*p++ = ',';
	*p++ = '"';
	page->p = p;
}

static void summary_recipient(struct page *page, const char *address, const char *status)
{
	if (page->rows++ > 0)
		*page->p++ = ';';
	page->p = text_put(page->p, address);
	page->p = text_put(page->p, "##Receive, ");
	page->p = text_put(page->p, status);
}

static void summary_end(struct page *page)
{
	const struct queue_file *file = page->file;
	char *p = text_put(page->p, "\",\"");

	p = put_subject(page->world, file, p);
	p = text_put(p, "\",");
	p = text_number(p, file->size);
	*p++ = ',';
	p = text_put(p, file->mail->message_id);
	*p++ = ',';
	p = put_trace_id(p, file->mail->message_id, false);
	p = text_put(p, ",10.9.0.7,1,,Normal");
	writer_end(&page->world->writer, 0, page->world->now, p);
}

static void begun(struct world *world)
{
	if (world->plan->options->trace != TRACE_SUMMARY)
		return;
	sink_header(world->sink, 0,
	            writer_header(&world->writer,
	                          "origin_timestamp_utc,sender_address,recipient_status,message_subject,total_bytes,"
	                          "message_id,network_message_id,original_client_ip,directionality,connector_id,"
	                          "delivery_priority"));
}

/* --- what is told of a message --------------------------------------------------------------------------- */

enum end { END_DELIVERED, END_SENT, END_FAILED, END_EXPANDED };

static void recipient(struct page *page, const char *address, enum end end)
{
	static const char *const words[] = {"Deliver", "Send", "Fail", "Expand"};
	static const char *const statuses[] = {"Delivered", "Delivered", "Failed", "Expanded"};

	if (page->world->plan->options->trace == TRACE_SUMMARY) {
		summary_recipient(page, address, words[end]);
		return;
	}
	if (page->rows == PAGE)
		json_end(page);
	json_row(page, address, statuses[end]);
}

static void member(struct page *page, uint32_t number)
{
	struct world *world = page->world;
	const struct mail *mail = page->file->mail;
	const struct group *group = &world->plan->groups[plan_group_of(world->plan, number)];
	char address[200];
	unsigned retries;
	enum end end = group->external ? END_SENT : END_DELIVERED;

	if (number == page->file->excluded)
		return;
	if (plan_fate(world->plan, mail->salt, number, &retries) == FATE_BOUNCED)
		end = END_FAILED;
	*plan_address(world->plan, group, number, address) = '\0';
	recipient(page, address, end);
	truth_told(world->truth, mail->post, group, number, end != END_FAILED,
	           end == END_SENT && world->plan->options->trace == TRACE_SUMMARY);
}

static void groups(struct page *page)
{
	const struct plan *plan = page->world->plan;
	char group[200];

	recipient(page, plan->list, END_EXPANDED);
	if (page->file->mail->post->in_incident)
		page->world->truth->maybe_hand_overs++;
	for (int64_t n = 1; n <= plan->options->nested; n++) {
		snprintf(group, sizeof(group), "everyone-%d@%s", (int)n, plan->list_domain);
		recipient(page, group, END_EXPANDED);
		if (page->file->mail->post->in_incident)
			page->world->truth->maybe_hand_overs++;
	}
}

static void tell(struct page *page)
{
	struct queue_file *file = page->file;
	uint32_t count = file->list ? file->list_count : file->count;

	if (file->expanded)
		groups(page);
	for (uint32_t i = 0; i < count; i++)
		member(page, file->list ? file->list[i] : file->first + i);
}

static bool accepted(struct world *world, struct queue_file *file)
{
	struct page page = {.world = world, .file = file};
	bool summary = world->plan->options->trace == TRACE_SUMMARY;

	if (summary)
		summary_begin(&page);
	tell(&page);
	if (summary)
		summary_end(&page);
	else
		json_end(&page);
	return true;
}

static void rejected(struct world *world, const struct rejection *rejection)
{
	struct mail mail = {.author = rejection->author};
	struct queue_file file = {.mail = &mail, .size = 5101, .excluded = NOBODY};
	struct page page = {.world = world, .file = &file};

	snprintf(mail.message_id, sizeof(mail.message_id), "<refused.%u.%lld@%s>", rejection->author,
	         (long long)(rejection->at / SECOND), world->plan->list_domain);
	*format_member(world, rejection->author, mail.sender) = '\0';
	if (world->plan->options->trace == TRACE_SUMMARY)
		summary_begin(&page);
	recipient(&page, world->plan->list, END_FAILED);
	if (world->plan->options->trace == TRACE_SUMMARY)
		summary_end(&page);
	else
		json_end(&page);
}

const struct format format_m365 = {
	.begun = begun,
	.id = id,
	.accepted = accepted,
	.rejected = rejected,
	.bounces_refused = true,
	.at_once = true,
};
