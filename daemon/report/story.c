/* SPDX-License-Identifier: Apache-2.0
 *
 * Decides what is said of an incident, and in which words. A figure that is
 * unknown is said to be unknown, or not mentioned where nobody would miss it; a
 * figure that rests on something (an inferred thread, lost lines) is told
 * together with it. Any value may be missing.
 */
#include "daemon/report/story.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* The column of that name; -1 where there is none. */
static int column_of(sqlite3_stmt *facts, const char *name)
{
	for (int i = 0; i < sqlite3_column_count(facts); i++) {
		if (strcmp(sqlite3_column_name(facts, i), name) == 0)
			return i;
	}
	return -1;
}

static bool is_known(sqlite3_stmt *facts, const char *name)
{
	int column = column_of(facts, name);

	return column >= 0 && sqlite3_column_type(facts, column) != SQLITE_NULL;
}

/* NULL where unknown. */
static const char *text_of(sqlite3_stmt *facts, const char *name)
{
	int column = column_of(facts, name);

	return column >= 0 ? (const char *)sqlite3_column_text(facts, column) : NULL;
}

/* 0 where unknown. */
static int64_t number_of(sqlite3_stmt *facts, const char *name)
{
	int column = column_of(facts, name);

	return column >= 0 ? sqlite3_column_int64(facts, column) : 0;
}

static double real_of(sqlite3_stmt *facts, const char *name)
{
	int column = column_of(facts, name);

	return column >= 0 ? sqlite3_column_double(facts, column) : 0;
}

static bool is_text(sqlite3_stmt *facts, const char *name, const char *expected)
{
	const char *text = text_of(facts, name);

	return text && strcmp(text, expected) == 0;
}

static void tell_origin(struct prose *prose, sqlite3_stmt *facts)
{
	const char *sender = text_of(facts, "first_poster");
	const char *subject = text_of(facts, "subject");
	const char *list = prose_text(prose, text_of(facts, "list"));
	const char *message_id = prose_text(prose, text_of(facts, "root_message_id"));

	prose_say(prose, "At %s ", prose_time(prose, text_of(facts, "opened_at")));
	if (!sender)
		prose_say(prose, "somebody (the logs do not tell the sender)");
	else
		prose_say(prose, "%s", sender[0] ? prose_text(prose, sender) : "the null sender <>");
	if (!subject)
		prose_say(prose, " sent a message, of which the logs have no subject,");
	else if (!subject[0])
		prose_say(prose, " sent a message without a subject");
	else
		prose_say(prose, " sent \"%s\"", prose_text(prose, subject));
	if (is_text(facts, "list_kind", "recipient-set"))
		prose_say(prose, " to %s; no list is named in the logs.",
		          prose_many(prose, number_of(facts, "members"), "recipient", "recipients"));
	else
		prose_say(prose, " to the list %s, which stood for %s.", list ? list : "(unknown)",
		          prose_many(prose, number_of(facts, "members"), "mailbox", "mailboxes"));
	if (message_id && message_id[0])
		prose_say(prose, " Its Message-ID is %s.", message_id);
	prose_end(prose);
}

static void tell_replies(struct prose *prose, sqlite3_stmt *facts)
{
	int64_t replies = number_of(facts, "replies");
	int64_t automatic = number_of(facts, "auto_replies");

	prose_say(prose, "%s to everyone", prose_many(prose, replies, "reply", "replies"));
	if (is_known(facts, "repliers"))
		prose_say(prose, " came from %s,",
		          prose_many(prose, number_of(facts, "repliers"), "sender", "senders"));
	else
		prose_say(prose, " came from an unknown number of senders (not every sender is in the logs),");
	prose_say(prose, " the last of all posts at %s.", prose_time(prose, text_of(facts, "last_post_at")));
	if (automatic > 0)
		prose_say(prose, " %s automatic.", prose_many(prose, automatic, "reply was", "replies were"));
	prose_say(prose, " It counts as a storm from %s on", prose_time(prose, text_of(facts, "detected_at")));
	if (is_known(facts, "detected_after_ms"))
		prose_say(prose, ", %s after the first post",
		          prose_duration(prose, number_of(facts, "detected_after_ms")));
	prose_say(prose, ".");
	prose_end(prose);
}

static void tell_deliveries(struct prose *prose, sqlite3_stmt *facts)
{
	int64_t deliveries = number_of(facts, "deliveries");
	int64_t avoidable = number_of(facts, "avoidable_deliveries");

	prose_say(prose, "%s were delivered to %s", prose_many(prose, deliveries, "copy", "copies"),
	          prose_many(prose, number_of(facts, "mailboxes"), "mailbox", "mailboxes"));
	if (is_known(facts, "external_mailboxes"))
		prose_say(prose, " (%s of them outside)",
		          number_of(facts, "external_mailboxes") == 0
		                  ? "none"
		                  : prose_count(prose, number_of(facts, "external_mailboxes")));
	prose_say(prose, ", %s of them copies of replies", prose_count(prose, number_of(facts, "reply_deliveries")));
	if (is_known(facts, "bytes_delivered"))
		prose_say(prose, "; %s in all", prose_bytes(prose, number_of(facts, "bytes_delivered")));
	prose_say(prose, ".");
	if (is_known(facts, "amplification"))
		prose_say(prose, " So each post was multiplied %s times.",
		          prose_real(prose, real_of(facts, "amplification")));
	if (is_known(facts, "peak_per_minute"))
		prose_say(prose, " The busiest minute, at %s, saw %s.", prose_time(prose, text_of(facts, "peaked_at")),
		          prose_many(prose, number_of(facts, "peak_per_minute"), "delivery", "deliveries"));
	if (deliveries > 0)
		prose_say(
			prose,
			" %s (%s) were of posts accepted after it counted as a storm: closing the list then would have saved"
			" them.",
			prose_count(prose, avoidable), prose_share(prose, avoidable, deliveries));
	prose_end(prose);
}

static void tell_copies(struct prose *prose, sqlite3_stmt *facts)
{
	int64_t deferred = number_of(facts, "deferred_mailboxes");
	int64_t bounced = number_of(facts, "bounced_mailboxes");
	int64_t expired = number_of(facts, "expired_mailboxes");

	if (is_known(facts, "copies_max") && number_of(facts, "copies_median") == number_of(facts, "copies_max"))
		prose_say(prose, "Of the mailboxes reached, at least half got %s, and none more",
		          prose_many(prose, number_of(facts, "copies_max"), "copy", "copies"));
	else if (is_known(facts, "copies_median") && is_known(facts, "copies_p95") && is_known(facts, "copies_max"))
		prose_say(prose,
		          "Of the mailboxes reached, half got at most %s, 95 %% at most %s, and none more than %s",
		          prose_many(prose, number_of(facts, "copies_median"), "copy", "copies"),
		          prose_count(prose, number_of(facts, "copies_p95")),
		          prose_count(prose, number_of(facts, "copies_max")));
	else
		prose_say(prose, "How many copies a single mailbox got is not known");
	if (is_known(facts, "copies_mean"))
		prose_say(prose, "; the mean is %s", prose_real(prose, real_of(facts, "copies_mean")));
	prose_say(prose, ".");
	if (deferred > 0)
		prose_say(prose, " For %s a post was put off at least once.",
		          prose_many(prose, deferred, "mailbox", "mailboxes"));
	if (bounced > 0)
		prose_say(prose, " For %s a post bounced.", prose_many(prose, bounced, "mailbox", "mailboxes"));
	if (expired > 0)
		prose_say(prose, " For %s a post was given up after too long in a queue.",
		          prose_many(prose, expired, "mailbox", "mailboxes"));
	if (number_of(facts, "notifications") > 0)
		prose_say(prose, " The posts caused %s of non-delivery or delay.",
		          prose_many(prose, number_of(facts, "notifications"), "report", "reports"));
	prose_end(prose);
}

static void tell_bystanders(struct prose *prose, sqlite3_stmt *facts)
{
	int64_t during = number_of(facts, "bystander_p95_ms");
	int64_t usual = number_of(facts, "baseline_p95_ms");

	if (!is_known(facts, "bystander_p95_ms")) {
		prose_say(prose, " How long other mail took in that time is not known.");
		return;
	}
	prose_say(prose, " Other mail: 95 %% of it was delivered within %s", prose_duration(prose, during));
	if (!is_known(facts, "baseline_p95_ms"))
		prose_say(prose, "; what is usual is not known.");
	else
		prose_say(prose, ", against %s %s.", prose_duration(prose, usual),
		          is_text(facts, "baseline_method", "weekday-hour")
		                  ? "usually (the same weekday and hour of the last four weeks)"
		                  : "in the hour before (there are not four weeks to compare with)");
	if (is_known(facts, "delayed_at")) {
		prose_say(prose, " It was delayed from %s on", prose_time(prose, text_of(facts, "delayed_at")));
		if (number_of(facts, "delayed_times") > 1)
			prose_say(prose, " (%s in all)",
			          prose_many(prose, number_of(facts, "delayed_times"), "time", "times"));
		if (is_known(facts, "normal_at"))
			prose_say(prose, ", and normal again at %s", prose_time(prose, text_of(facts, "normal_at")));
		else
			prose_say(prose, "; the logs do not show it normal again");
		prose_say(prose, ".");
	}
}

static void tell_delays(struct prose *prose, sqlite3_stmt *facts)
{
	if (is_known(facts, "delay_p50_ms") && is_known(facts, "delay_p95_ms") && is_known(facts, "delay_max_ms"))
		prose_say(
			prose,
			"From acceptance to mailbox, half of the copies took at most %s, 95 %% at most %s, the slowest %s.",
			prose_duration(prose, number_of(facts, "delay_p50_ms")),
			prose_duration(prose, number_of(facts, "delay_p95_ms")),
			prose_duration(prose, number_of(facts, "delay_max_ms")));
	else
		prose_say(prose, "How long the copies took is not known.");
	tell_bystanders(prose, facts);
	prose_end(prose);
}

static void tell_closing(struct prose *prose, sqlite3_stmt *facts)
{
	int64_t rejected = number_of(facts, "rejected_posts");
	int64_t after = number_of(facts, "delivered_after_close");

	if (!is_known(facts, "list_closed_at")) {
		if (is_text(facts, "list_kind", "recipient-set"))
			return;
		prose_say(prose, "The logs do not show that the list was closed.");
		prose_end(prose);
		return;
	}
	prose_say(prose, "The list was closed by %s.", prose_time(prose, text_of(facts, "list_closed_at")));
	if (rejected > 0)
		prose_say(prose, " From then on %s refused.",
		          prose_many(prose, rejected, "post to it was", "posts to it were"));
	if (after > 0)
		prose_say(prose, " %s of posts accepted before %s still delivered after that.",
		          prose_many(prose, after, "copy", "copies"), after == 1 ? "was" : "were");
	prose_end(prose);
}

static void tell_pending(struct prose *prose, sqlite3_stmt *facts)
{
	int64_t pending = number_of(facts, "pending");

	if (pending == 0) {
		prose_say(prose, "Nothing of it is queued any more");
		if (is_known(facts, "queue_dry_at"))
			prose_say(prose, "; the queues were dry at %s",
			          prose_time(prose, text_of(facts, "queue_dry_at")));
		prose_say(prose, ".");
		return;
	}
	prose_say(prose, "%s still queued", prose_many(prose, pending, "copy is", "copies are"));
	if (number_of(facts, "queued_files") > 0)
		prose_say(prose, ", in %s on %s",
		          prose_many(prose, number_of(facts, "queued_files"), "queue file", "queue files"),
		          prose_many(prose, number_of(facts, "queued_hosts"), "host", "hosts"));
	if (is_known(facts, "queued_oldest_at"))
		prose_say(prose, ", the oldest since %s", prose_time(prose, text_of(facts, "queued_oldest_at")));
	prose_say(prose, ".");
}

static void tell_state(struct prose *prose, sqlite3_stmt *facts)
{
	tell_pending(prose, facts);
	if (is_text(facts, "state", "open"))
		prose_say(prose, " The storm goes on; all of this is as of %s.",
		          prose_time(prose, text_of(facts, "as_of_at")));
	else if (is_text(facts, "state", "subsiding"))
		prose_say(prose, " No more posts come, but it is not over; all of this is as of %s.",
		          prose_time(prose, text_of(facts, "as_of_at")));
	else if (is_known(facts, "closed_at"))
		prose_say(prose, " The incident was over at %s.", prose_time(prose, text_of(facts, "closed_at")));
	prose_end(prose);
}

static void tell_accounts(struct prose *prose, sqlite3_stmt *facts)
{
	int64_t due = number_of(facts, "pairs_due");
	int64_t unaccounted = number_of(facts, "unaccounted");

	prose_say(prose, "How sure is this? ");
	if (!is_known(facts, "pairs_due") || due <= 0)
		prose_say(prose, "How many copies were due is not known.");
	else if (unaccounted <= 0)
		prose_say(prose, "Of each of the %s that were due, the logs tell the end, or that it is queued.",
		          prose_many(prose, due, "copy", "copies"));
	else
		prose_say(prose, "Of the %s that were due, %s are accounted for: what became of %s is not in the logs.",
		          prose_many(prose, due, "copy", "copies"), prose_share(prose, due - unaccounted, due),
		          prose_count(prose, unaccounted));
	if (number_of(facts, "handed_outside") > 0)
		prose_say(prose, " %s handed to hosts whose logs are not read: what these did with them is not known.",
		          prose_many(prose, number_of(facts, "handed_outside"), "delivered copy was",
		                     "delivered copies were"));
}

/* What went wrong with lines, where it did. */
static void tell_trouble(struct prose *prose, sqlite3_stmt *facts)
{
	static const struct {
		const char *fact;
		const char *one;
		const char *many;
	} troubles[] = {
		{"log_unparsed", "line was not understood", "lines were not understood"},
		{"log_orphans", "line belongs to a queue file of which nothing else is known",
	         "lines belong to queue files of which nothing else is known"},
		{"log_unfinished", "recipient of a queue file has no end", "recipients of queue files have no end"},
		{"log_ambiguous", "line could belong to either of two queue files",
	         "lines could belong to either of two queue files"},
		{"log_late", "line came too late for the minutes", "lines came too late for the minutes"},
	};
	const char *before = " Besides, in these hours ";

	for (size_t i = 0; i < sizeof(troubles) / sizeof(troubles[0]); i++) {
		if (number_of(facts, troubles[i].fact) <= 0)
			continue;
		prose_say(prose, "%s%s", before,
		          prose_many(prose, number_of(facts, troubles[i].fact), troubles[i].one, troubles[i].many));
		before = ", ";
	}
	if (before[0] == ',')
		prose_say(prose, ".");
}

static void tell_lines(struct prose *prose, sqlite3_stmt *facts)
{
	int64_t lost = number_of(facts, "lines_lost");
	const char *gap_host = prose_text(prose, text_of(facts, "gap_host"));

	if (number_of(facts, "log_hosts") > 0)
		prose_say(prose, " %s of %s were read for the hours of the incident.",
		          prose_many(prose, number_of(facts, "log_lines"), "line", "lines"),
		          prose_many(prose, number_of(facts, "log_hosts"), "host", "hosts"));
	else
		prose_say(prose, " How many lines were read for its hours is not known.");
	if (lost > 0)
		prose_say(
			prose,
			" At least %s lost before they could be read: more may have been posted and delivered than is told"
			" here, and what seems queued or unaccounted may have ended.",
			prose_many(prose, lost, "line was", "lines were"));
	else
		prose_say(prose, " No sign of lost lines was seen.");
	tell_trouble(prose, facts);
	if (gap_host)
		prose_say(prose, " The longest silence of a host in these hours: %s on %s.",
		          prose_duration(prose, number_of(facts, "gap_ms")), gap_host);
	prose_end(prose);
}

static void tell_thread(struct prose *prose, sqlite3_stmt *facts)
{
	const char *thresholds = prose_text(prose, text_of(facts, "thresholds"));

	if (is_text(facts, "thread_method", "references"))
		prose_say(
			prose,
			"Which posts belong to the thread is certain: they name each other (References, In-Reply-To).");
	else if (is_text(facts, "thread_method", "subject"))
		prose_say(
			prose,
			"Which posts belong to the thread is inferred from their subjects, for want of References in the"
			" logs: an answer under another subject is missing, a stranger under the same one is counted.");
	else
		prose_say(prose,
		          "Which posts belong to the thread is inferred from the list alone, for want of subjects and"
		          " References in the logs: all posts to it in that time are taken for one thread.");
	if (thresholds)
		prose_say(prose, " Thresholds in force at detection: %s.", thresholds);
	prose_end(prose);
}

void story_tell(struct prose *prose, sqlite3_stmt *facts)
{
	tell_origin(prose, facts);
	tell_replies(prose, facts);
	tell_deliveries(prose, facts);
	tell_copies(prose, facts);
	tell_delays(prose, facts);
	tell_closing(prose, facts);
	tell_state(prose, facts);
	tell_accounts(prose, facts);
	tell_lines(prose, facts);
	tell_thread(prose, facts);
}
