/* SPDX-License-Identifier: Apache-2.0
 *
 * Every setting is one row: section, key, type, place, default, bounds and a
 * line of help. What the file may say, the checks, --help-config and the test
 * of mailstormd.conf(5) and of the sample file come from here and nowhere
 * else. The thresholds stand twice, for all lists and for one, from one macro.
 */
#include "daemon/base/settings_table.h"

#include <stdio.h>
#include <string.h>

#ifndef LOCALSTATEDIR /* a build gives it */
#define LOCALSTATEDIR "/var"
#endif

#define GLOBAL(member) offsetof(struct settings, member)
#define HOST(member) offsetof(struct host_settings, member)
#define LIST(member) offsetof(struct list_settings, member)
#define NO_BOUNDS 0, 0

/* clang-format off */
/* The rows of struct storm_settings. V(x): the default of the section, I(x): whence it is inherited. */
#define STORM_ROWS(section, AT, V, I) \
	{section, "min_recipients", SETTING_INTEGER, AT(storm.min_recipients), V("1000"), I("min_recipients"), 1, \
	 1000000000, "distinct mailboxes that the thread's posts must be due to before replies count"}, \
	{section, "min_replies", SETTING_INTEGER, AT(storm.min_replies), V("10"), I("min_replies"), 1, 1000000, \
	 "replies within the window that make a storm"}, \
	{section, "min_posters", SETTING_INTEGER, AT(storm.min_posters), V("3"), I("min_posters"), 1, 1000000, \
	 "distinct senders that those replies must come from"}, \
	{section, "min_pairs", SETTING_INTEGER, AT(storm.min_pairs), V("25000"), I("min_pairs"), 1, \
	 INT64_C(1000000000000), "deliveries to which replies within the window commit the system that make a storm"}, \
	{section, "window", SETTING_DURATION, AT(storm.window), V("60m"), I("window"), SETTING_SECOND, \
	 7 * SETTING_DAY, "the sliding window in which replies and deliveries are counted"}, \
	{section, "quiet_after", SETTING_DURATION, AT(storm.quiet_after), V("30m"), I("quiet_after"), SETTING_SECOND, \
	 7 * SETTING_DAY, "time without a post until an incident subsides, without a delivery until it is closed"}, \
	{section, "thread_gap", SETTING_DURATION, AT(storm.thread_gap), V("24h"), I("thread_gap"), SETTING_SECOND, \
	 28 * SETTING_DAY, "time for which a list must be quiet for a thread to end"}, \
	{section, "norm_factor", SETTING_NUMBER, AT(storm.norm_factor), V("3"), I("norm_factor"), 1, 1000, \
	 "how many times its busiest window a list without subjects and references must reach"}

#define VALUE(text) text
#define NOTHING(text) NULL
#define FROM_STORM(key) "storm." key

const struct setting settings_table[] = {
	{"kafka", "brokers", SETTING_BROKERS, GLOBAL(kafka.brokers), NULL, NULL, NO_BOUNDS,
	 "first brokers to ask, HOST:PORT, separated by commas; not given: no Kafka"},
	{"kafka", "topics", SETTING_TOPICS, GLOBAL(kafka.topics), NULL, NULL, NO_BOUNDS,
	 "topics that hold delivery logs; a name that begins with ^ is a regular expression"},
	{"kafka", "group", SETTING_TEXT, GLOBAL(kafka.group), "mailstorm", NULL, NO_BOUNDS,
	 "consumer group under which lag monitors see how far the daemon has read"},
	{"kafka", "properties", SETTING_PROPERTIES, GLOBAL(kafka.properties), NULL, NULL, NO_BOUNDS,
	 "further settings of librdkafka, each \"name=value\""},

	{"input", "timezone", SETTING_TIMEZONE, GLOBAL(input.timezone), NULL, "the system's", NO_BOUNDS,
	 "time zone of time stamps that name none"},
	{"input", "max_skew", SETTING_DURATION, GLOBAL(input.max_skew), "5m", NULL, SETTING_SECOND, SETTING_DAY,
	 "how far one source may be read ahead of the others"},
	{"input", "join_window", SETTING_DURATION, GLOBAL(input.join_window), "5m", NULL, SETTING_SECOND,
	 SETTING_DAY, "how far out of order the lines of one host may come"},
	{"input", "queue_lifetime", SETTING_DURATION, GLOBAL(input.queue_lifetime), "6d", NULL, SETTING_MINUTE,
	 60 * SETTING_DAY, "how long a message may be in the queue before its end is no longer waited for"},
	{"input", "relays", SETTING_GLOBS, GLOBAL(input.relays), NULL, NULL, NO_BOUNDS,
	 "patterns of relay host names that are ours whatever the logs show"},
	{"input", "columns", SETTING_COLUMNS, GLOBAL(input.columns), NULL, NULL, NO_BOUNDS,
	 "columns of tracking logs and message traces whose header lines are missing, as a header has them"},
	{"input", "date_order", SETTING_DATE_ORDER, GLOBAL(input.date_order), NULL, NULL, NO_BOUNDS,
	 "which stands first in dates with slashes that PowerShell exported, day-first or month-first"},

	{"host", "name", SETTING_TEXT, HOST(name), NULL, "as logged", NO_BOUNDS,
	 "the one name under which the host's lines are kept"},
	{"host", "timezone", SETTING_TIMEZONE, HOST(timezone), NULL, "input.timezone", NO_BOUNDS,
	 "time zone of the host's time stamps that name none"},

	{"rules", "directory", SETTING_TEXT, GLOBAL(rules.directory), NULL, NULL, NO_BOUNDS,
	 "directory of further *.rules files; a file replaces the installed one of its name"},

	{"store", "path", SETTING_TEXT, GLOBAL(store.path), LOCALSTATEDIR "/lib/mailstorm/mailstorm.db", NULL,
	 NO_BOUNDS, "the database"},
	{"store", "checkpoint", SETTING_DURATION, GLOBAL(store.checkpoint), "1s", NULL, SETTING_SECOND / 100,
	 SETTING_MINUTE, "time between two checkpoints"},

	{"limits", "pending_messages", SETTING_INTEGER, GLOBAL(limits.pending_messages), "1000000", NULL, 10, 1000000000,
	 "queue files kept in memory; of more, the oldest are put into the database until a line tells of them"},
	{"limits", "past_posts", SETTING_INTEGER, GLOBAL(limits.past_posts), "500000", NULL, 1000, 100000000,
	 "posts of the last 30 days, no longer of a thread that goes on, that are kept in mind; a tenth may be whole"},

	{"mailbox", "local_domains", SETTING_DOMAINS, GLOBAL(mailbox.local_domains), NULL, NULL, NO_BOUNDS,
	 "domains whose mailboxes are ours; all others are external"},
	{"mailbox", "same_domains", SETTING_SAME_DOMAINS, GLOBAL(mailbox.same_domains), NULL, NULL, NO_BOUNDS,
	 "further domains of the same mailboxes, each \"other=domain\""},
	{"mailbox", "fold_local_part", SETTING_BOOLEAN, GLOBAL(mailbox.fold_local_part), "true", NULL, NO_BOUNDS,
	 "whether local parts that differ in case only are one mailbox"},
	{"mailbox", "extension", SETTING_EXTENSION, GLOBAL(mailbox.extension), "keep", NULL, NO_BOUNDS,
	 "whether an address extension is part of the mailbox (keep) or not (cut)"},
	{"mailbox", "extension_delimiter", SETTING_DELIMITER, GLOBAL(mailbox.extension_delimiter), "+", NULL,
	 NO_BOUNDS, "the character at which an address extension begins"},

	{"privacy", "addresses", SETTING_ADDRESSES, GLOBAL(privacy.addresses), "plain", NULL, NO_BOUNDS,
	 "how the database has addresses: as they are, or as hashes under the key of key_file"},
	{"privacy", "key_file", SETTING_TEXT, GLOBAL(privacy.key_file), NULL, NULL, NO_BOUNDS,
	 "file of the key, which nobody else may read; needed for keyed-hash"},

	{"retention", "mailboxes", SETTING_DURATION, GLOBAL(retention.mailboxes), "30d", NULL, SETTING_DAY,
	 36500 * SETTING_DAY, "how long the mailboxes of an incident are kept after it was over, and those of a list"},
	{"retention", "unparsed", SETTING_DURATION, GLOBAL(retention.unparsed), "7d", NULL, SETTING_HOUR,
	 36500 * SETTING_DAY, "how long samples of lines that no rule understood are kept"},
	{"retention", "incidents", SETTING_DURATION, GLOBAL(retention.incidents), "730d", NULL, 31 * SETTING_DAY,
	 36500 * SETTING_DAY, "how long incidents are kept after they were over"},
	{"retention", "posts", SETTING_DURATION, GLOBAL(retention.posts), "730d", NULL, 31 * SETTING_DAY,
	 36500 * SETTING_DAY, "how long posts and threads are kept, and lists without a post"},
	{"retention", "hours", SETTING_DURATION, GLOBAL(retention.hours), "730d", NULL, 31 * SETTING_DAY,
	 36500 * SETTING_DAY, "how long the figures of all mail by the hour are kept"},

	STORM_ROWS("storm", GLOBAL, VALUE, NOTHING),

	{"list", "ignore", SETTING_BOOLEAN, LIST(ignore), "false", NULL, NO_BOUNDS,
	 "whether this list never has incidents"},
	{"list", "manager", SETTING_BOOLEAN, LIST(manager), "false", NULL, NO_BOUNDS,
	 "whether mail delivered to this address goes to a list manager"},
	STORM_ROWS("list", LIST, NOTHING, FROM_STORM),
};
/* clang-format on */

const size_t settings_table_count = sizeof(settings_table) / sizeof(settings_table[0]);

const struct setting_section settings_sections[] = {
	{"kafka", false},     {"input", false},  {"host", true},     {"rules", false},
	{"store", false},     {"limits", false}, {"mailbox", false}, {"privacy", false},
	{"retention", false}, {"storm", false},  {"list", true},
};

const size_t settings_section_count = sizeof(settings_sections) / sizeof(settings_sections[0]);

const struct setting *setting_find(const char *section, const char *key)
{
	for (size_t i = 0; i < settings_table_count; i++) {
		const struct setting *row = &settings_table[i];

		if (strcmp(row->section, section) == 0 && strcmp(row->key, key) == 0)
			return row;
	}
	return NULL;
}

const char *setting_type_name(enum setting_type type)
{
	static const char *const names[] = {
#define X(symbol, name, list) name,
		SETTING_TYPES(X)
#undef X
	};

	return names[type];
}

bool setting_is_list(enum setting_type type)
{
	static const bool lists[] = {
#define X(symbol, name, list) list,
		SETTING_TYPES(X)
#undef X
	};

	return lists[type];
}

void settings_describe(FILE *out)
{
	for (size_t i = 0; i < settings_table_count; i++) {
		const struct setting *row = &settings_table[i];
		char bounds[80] = "-";
		char least[32], most[32];

		if (row->type == SETTING_DURATION)
			snprintf(bounds, sizeof(bounds), "%s to %s",
			         setting_duration_text(row->least, least, sizeof(least)),
			         setting_duration_text(row->most, most, sizeof(most)));
		else if (row->least != row->most)
			snprintf(bounds, sizeof(bounds), "%lld to %lld", (long long)row->least, (long long)row->most);
		fprintf(out, "%s\t%s\t%s\t%s\t%s\t%s\n", row->section, row->key, setting_type_name(row->type),
		        row->value     ? row->value
		        : row->inherit ? row->inherit
		                       : "-",
		        bounds, row->help);
	}
}
