/* SPDX-License-Identifier: Apache-2.0
 *
 * What a run shall be: the command line over a preset over the defaults. One
 * table row an option (options.c), one table row a preset (presets.c). Read
 * only once parsed.
 */
#ifndef STORMGEN_OPTIONS_H
#define STORMGEN_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum shape { SHAPE_VIRTUAL, SHAPE_ALIAS, SHAPE_MAILMAN, SHAPE_VERP, SHAPE_RECIPIENT_SET };
enum subjects { SUBJECTS_NONE, SUBJECTS_SUBJECT, SUBJECTS_REFERENCES };
enum format_kind { FORMAT_POSTFIX, FORMAT_EXCHANGE, FORMAT_M365, FORMAT_EXIM, FORMAT_SENDMAIL };
enum exchange_version { VERSION_2007, VERSION_2010, VERSION_2013, VERSION_2016, VERSION_MIXED };
enum trace { TRACE_SUMMARY, TRACE_EXTENDED, TRACE_VALUE, TRACE_RESULTS, TRACE_ARRAY };
enum refusal { REFUSAL_DELETED, REFUSAL_RESTRICTED };
enum envelope_form {
	FORM_RFC3164,
	FORM_RFC5424,
	FORM_ISO,
	FORM_NATIVE,
	FORM_FILEBEAT,
	FORM_RSYSLOG_JSON,
	FORM_FLUENTBIT,
	FORM_VECTOR
};
enum key_kind { KEY_HOST, KEY_NONE, KEY_RANDOM };
enum id_form { ID_SHORT, ID_LONG };
enum filter_place { FILTER_AFTER, FILTER_BEFORE };
enum lost_kind { LOST_ATTEMPTS, LOST_ANY };
enum pace { PACE_RISING, PACE_EVEN, PACE_DAILY, PACE_WORKDAYS };
enum recipients { RECIPIENTS_SAME, RECIPIENTS_GROWING, RECIPIENTS_APART };

struct options {
	const char *storm;
	int64_t members, posts, posters, automatic, close_after;
	const char *list, *second_list;
	double shared; /* percent of members that are on both lists */
	bool orcpt, in_turn;
	int64_t pace, burst, topic_posts, recipients;
	int64_t start, duration, warmup, tail, until; /* microseconds; until: after the start, 0 = to the end */
	int64_t hosts, hops, mailbox_hosts, chunk;
	int64_t shape, filter;
	bool owner_alias, owner_person, announcements, null_senders, local_domains;
	double rate, mailbox_rate; /* deliveries a second of one host */
	int64_t lifetime;
	double background, backscatter;
	int64_t background_senders;
	double deferred, bounced, expired, external; /* percent */
	double duplicates, lost;
	int64_t lost_kind, disorder;
	int64_t format, exchange, trace, nested, refusal;
	bool extended; /* Exchange's rows are a report of Microsoft 365 */
	bool utf16, duplicate, queue_time;
	int64_t subjects, queue_ids, form, key;
	const char *timezone;
	int64_t year, seed, scale;
	const char *output, *output_dir, *kafka, *topic, *truth;
	int64_t partitions;
	bool every_mailbox;
	/* what makes a storm */
	int64_t min_recipients, min_replies, min_posters, min_pairs, window, quiet_after;
};

enum options_result { OPTIONS_RUN, OPTIONS_HELP, OPTIONS_WRONG };

/* Fills *options. OPTIONS_HELP: help was printed to stdout. OPTIONS_WRONG: what is wrong was said on stderr. */
enum options_result options_parse(struct options *options, int argc, char **argv);

struct preset {
	const char *name;
	const char *help;
	const char *const *settings; /* "name", "value", ..., NULL */
	const char *sources;         /* which figures are published and where, which are assumed; for --help */
};

/* Ends with a row without a name. */
extern const struct preset presets[];

#endif
