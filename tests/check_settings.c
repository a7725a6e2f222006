/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of the settings: what a configuration file may say, what is made of
 * it, and that every fault is named with its line. "check_settings describe"
 * prints the table, "check_settings load FILE" loads a file: t010-manuals.sh
 * compares manual and sample with it.
 */
#define _GNU_SOURCE
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/settings_table.h"
#include "settings.h"
#include "tests/suite.h"

#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/* Loads a file of these bytes, which is called "conf" in *error. */
static struct settings *load_bytes(const char *bytes, size_t length, char **error)
{
	char path[] = "check_settings.XXXXXX";
	int fd = mkstemp(path);
	struct settings *settings;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, length), (ssize_t)length);
	close(fd);
	*error = NULL;
	settings = settings_load(path, error);
	unlink(path);
	ck_assert((settings == NULL) == (*error != NULL));
	if (*error) {
		ck_assert_int_eq(strncmp(*error, path, strlen(path)), 0);
		memmove(*error + 4, *error + strlen(path), strlen(*error) - strlen(path) + 1);
		memcpy(*error, "conf", 4);
	}
	return settings;
}

static struct settings *loaded(const char *text)
{
	char *error;
	struct settings *settings = load_bytes(text, strlen(text), &error);

	ck_assert_msg(settings != NULL, "%s", error);
	return settings;
}

static void refused_bytes(const char *bytes, size_t length, const char *expected)
{
	char *error;
	struct settings *settings = load_bytes(bytes, length, &error);

	settings_free(&settings);
	ck_assert_str_eq(error ? error : "loaded", expected);
	free(error);
}

static void refused(const char *text, const char *expected)
{
	refused_bytes(text, strlen(text), expected);
}

static void check_storm(const struct storm_settings *storm, const char *expected)
{
	char *json = settings_storm_json(storm);

	ck_assert_str_eq(json, expected);
	free(json);
}

#define DEFAULT_STORM \
	"{\"min_recipients\":1000,\"min_replies\":10,\"min_posters\":3,\"min_pairs\":25000,\"window\":3600," \
	"\"quiet_after\":1800,\"thread_gap\":86400,\"norm_factor\":3}"

static void check_defaults(const struct settings *settings)
{
	ck_assert_ptr_null(settings->kafka.brokers);
	ck_assert_uint_eq(settings->kafka.topics.count, 0);
	ck_assert_str_eq(settings->kafka.group, "mailstorm");
	ck_assert_uint_eq(settings->kafka.properties.count, 0);
	ck_assert_ptr_null(settings->input.timezone);
	ck_assert_int_eq(settings->input.max_skew, 5 * MINUTE);
	ck_assert_int_eq(settings->input.join_window, 5 * MINUTE);
	ck_assert_int_eq(settings->input.queue_lifetime, 6 * DAY);
	ck_assert_uint_eq(settings->input.relays.count, 0);
	ck_assert_uint_eq(settings->input.columns.count, 0);
	ck_assert_uint_eq(settings->host_count, 0);
	ck_assert_ptr_null(settings->rules.directory);
	ck_assert_int_eq(settings->store.checkpoint, SECOND);
	ck_assert_int_eq(settings->limits.pending_messages, 1000000);
	ck_assert_int_eq(settings->limits.past_posts, 500000);
	ck_assert_uint_eq(settings->mailbox.local_domains.count, 0);
	ck_assert(settings->mailbox.fold_local_part);
	ck_assert_int_eq(settings->input.date_order, DATE_ORDER_UNKNOWN);
	ck_assert_int_eq(settings->mailbox.extension, EXTENSION_KEEP);
	ck_assert_int_eq(settings->mailbox.extension_delimiter, '+');
	ck_assert_uint_eq(settings->list_count, 0);
	check_storm(&settings->storm, DEFAULT_STORM);
}

START_TEST(without_a_file_all_defaults_hold)
{
	char *error = NULL;
	struct settings *settings = settings_load(NULL, &error);

	ck_assert_ptr_nonnull(settings);
	check_defaults(settings);
	ck_assert_str_eq(strrchr(settings->store.path, '/'), "/mailstorm.db");
	settings_free(&settings);
	ck_assert_ptr_null(settings);
	settings_free(&settings);
}
END_TEST

START_TEST(a_path_alone_is_a_configuration)
{
	struct settings *settings = loaded("store { path = \"/srv/mailstorm.db\" }");

	check_defaults(settings);
	ck_assert_str_eq(settings->store.path, "/srv/mailstorm.db");
	settings_free(&settings);
}
END_TEST

START_TEST(an_empty_file_and_empty_sections_say_nothing)
{
	static const char *const texts[] = {"", "\n", "# no end of line", "kafka {}\nstore{}",
	                                    "\xef\xbb\xbfkafka { }\r\n"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct settings *settings = loaded(texts[i]);

		check_defaults(settings);
		settings_free(&settings);
	}
}
END_TEST

static void check_strings(const struct settings_strings *strings, const char *expected)
{
	char joined[512] = "";

	for (size_t i = 0; i < strings->count; i++)
		snprintf(joined + strlen(joined), sizeof(joined) - strlen(joined), "%s|", strings->items[i]);
	ck_assert_str_eq(joined, expected);
	if (strings->items)
		ck_assert_ptr_null(strings->items[strings->count]);
}

START_TEST(every_key_reaches_its_place)
{
	struct settings *settings = loaded(
		"kafka {\n"
		"\tbrokers = \"k1:9092, k2:9092\"\n"
		"\ttopics = {\"mail-logs\", '^mail\\.[a-z]+$', mail-logs}\n"
		"\tgroup = postmasters\n"
		"\tproperties = {\"security.protocol=sasl_ssl\", 'sasl.password=a=b ${x}\"#'}\n"
		"}\n"
		"input { timezone = Europe/London max_skew = 10m join_window = 90s queue_lifetime = 1d12h\n"
		"  relays = {\"MX?.example.org\", '[ab].example.org'} columns = 'date-time,a_b,C,d'\n"
		"  date_order = day-first }\n"
		"rules { directory = \"/etc/mailstorm/rules\" }\n"
		"store { path = a.db checkpoint = 250ms }\n"
		"limits { pending_messages = 10 past_posts = 2000 }\n"
		"mailbox { local_domains = {\"Example.ORG\", \"b\xc3\xbc"
		"cher.example\", xn--bcher-kva.example}\n"
		"  same_domains = {\"Old.org=New.ORG\"}\n"
		"  fold_local_part = no extension = cut extension_delimiter = '-' }\n"
		"storm { min_recipients = 1 min_replies = 2 min_posters = 4 min_pairs = 1000000000000 window = 2h\n"
		"  quiet_after = 1h30m thread_gap = 2d norm_factor = 1.5 }\n");

	ck_assert_str_eq(settings->kafka.brokers, "k1:9092, k2:9092");
	check_strings(&settings->kafka.topics, "mail-logs|^mail\\.[a-z]+$|");
	ck_assert_str_eq(settings->kafka.group, "postmasters");
	check_strings(&settings->kafka.properties, "security.protocol=sasl_ssl|sasl.password=a=b ${x}\"#|");
	ck_assert_str_eq(settings->input.timezone, "Europe/London");
	ck_assert_int_eq(settings->input.max_skew, 10 * MINUTE);
	ck_assert_int_eq(settings->input.join_window, 90 * SECOND);
	ck_assert_int_eq(settings->input.queue_lifetime, 36 * HOUR);
	check_strings(&settings->input.relays, "mx?.example.org|[ab].example.org|");
	check_strings(&settings->input.columns, "date-time,a_b,C,d|");
	ck_assert_int_eq(settings->input.date_order, DATE_ORDER_DAY);
	ck_assert_str_eq(settings->rules.directory, "/etc/mailstorm/rules");
	ck_assert_str_eq(settings->store.path, "a.db");
	ck_assert_int_eq(settings->store.checkpoint, SECOND / 4);
	ck_assert_int_eq(settings->limits.pending_messages, 10);
	ck_assert_int_eq(settings->limits.past_posts, 2000);
	check_strings(&settings->mailbox.local_domains, "example.org|xn--bcher-kva.example|");
	check_strings(&settings->mailbox.same_domains, "old.org=new.org|");
	ck_assert(!settings->mailbox.fold_local_part);
	ck_assert_int_eq(settings->mailbox.extension, EXTENSION_CUT);
	ck_assert_int_eq(settings->mailbox.extension_delimiter, '-');
	check_storm(&settings->storm,
	            "{\"min_recipients\":1,\"min_replies\":2,\"min_posters\":4,\"min_pairs\":1000000000000,"
	            "\"window\":7200,\"quiet_after\":5400,\"thread_gap\":172800,\"norm_factor\":1.5}");
	settings_free(&settings);
}
END_TEST

START_TEST(hosts_keep_the_order_of_the_file)
{
	struct settings *settings = loaded("host \"mx*\" { timezone = Europe/Berlin }\n"
	                                   "host '*' { name = relay timezone = \"UTC\" }\n"
	                                   "host a {}\n");

	ck_assert_uint_eq(settings->host_count, 3);
	ck_assert_str_eq(settings->hosts[0].glob, "mx*");
	ck_assert_ptr_null(settings->hosts[0].name);
	ck_assert_str_eq(settings->hosts[0].timezone, "Europe/Berlin");
	ck_assert_str_eq(settings->hosts[1].glob, "*");
	ck_assert_str_eq(settings->hosts[1].name, "relay");
	ck_assert_str_eq(settings->hosts[1].timezone, "UTC");
	ck_assert_str_eq(settings->hosts[2].glob, "a");
	ck_assert_ptr_null(settings->hosts[2].timezone);
	settings_free(&settings);
}
END_TEST

START_TEST(lists_inherit_the_storm_settings_wherever_they_stand)
{
	struct settings *settings = loaded("list \"Staff@Example.ORG\" { min_replies = 4 manager = yes }\n"
	                                   "storm { min_replies = 20 window = 30m }\n"
	                                   "list all { ignore = true }\n"
	                                   "list \"all@b\xc3\xbc"
	                                   "cher.example\" {}\n");
	const struct list_settings *list;

	ck_assert_uint_eq(settings->list_count, 3);
	ck_assert_str_eq(settings->lists[0].address, "all");
	ck_assert_str_eq(settings->lists[1].address, "all@xn--bcher-kva.example");
	ck_assert_str_eq(settings->lists[2].address, "staff@example.org");
	ck_assert(settings->lists[0].ignore && !settings->lists[0].manager);
	ck_assert(!settings->lists[2].ignore && settings->lists[2].manager);
	check_storm(settings_of_list(settings, SLICE("staff@example.org"), &list),
	            "{\"min_recipients\":1000,\"min_replies\":4,\"min_posters\":3,\"min_pairs\":25000,\"window\":1800,"
	            "\"quiet_after\":1800,\"thread_gap\":86400,\"norm_factor\":3}");
	ck_assert_ptr_eq(list, &settings->lists[2]);
	check_storm(settings_of_list(settings, SLICE("all"), &list),
	            "{\"min_recipients\":1000,\"min_replies\":20,\"min_posters\":3,\"min_pairs\":25000,\"window\":1800,"
	            "\"quiet_after\":1800,\"thread_gap\":86400,\"norm_factor\":3}");
	ck_assert_ptr_eq(list, &settings->lists[0]);
	settings_free(&settings);
}
END_TEST

START_TEST(an_address_without_a_section_has_the_global_settings)
{
	static const char *const others[] = {"", "a", "al", "all@", "all@x", "zz@z", "all\xff"};
	struct settings *settings = loaded("list all {} list b@x {} list c@x {} list d@x {}");
	const struct list_settings *list;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		list = settings->lists;
		ck_assert_ptr_eq(settings_of_list(settings, slice_of(others[i]), &list), &settings->storm);
		ck_assert_ptr_null(list);
	}
	ck_assert_ptr_eq(settings_of_list(settings, SLICE_NONE, &list), &settings->storm);
	for (size_t i = 0; i < settings->list_count; i++) {
		settings_of_list(settings, slice_of(settings->lists[i].address), &list);
		ck_assert_ptr_eq(list, &settings->lists[i]);
	}
	settings_free(&settings);
}
END_TEST

START_TEST(comments_may_stand_anywhere_between_words)
{
	struct settings *settings =
		loaded("# a { brace\n// another \" quote\n/* and a ' third\n */ kafka /* x */ { # }\n"
	               "brokers /* y */ = # is\n \"k1#//x:9092\" topics = { a, # first\n b }\n}");

	ck_assert_str_eq(settings->kafka.brokers, "k1#//x:9092");
	check_strings(&settings->kafka.topics, "a|b|");
	settings_free(&settings);
}
END_TEST

START_TEST(lists_of_values_may_be_one_value_empty_added_to_or_given_anew)
{
	struct settings *settings = loaded("kafka { brokers = k topics = a topics += {b, c} properties = {} }\n"
	                                   "mailbox { local_domains = {a.org} local_domains = b.org }");

	check_strings(&settings->kafka.topics, "a|b|c|");
	check_strings(&settings->kafka.properties, "");
	check_strings(&settings->mailbox.local_domains, "b.org|");
	settings_free(&settings);
}
END_TEST

START_TEST(booleans_have_six_words)
{
	static const struct {
		const char *text;
		bool value;
	} cases[] = {{"true", true}, {"Yes", true}, {"on", true}, {"false", false}, {"no", false}, {"OFF", false}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[64];
		struct settings *settings;

		snprintf(text, sizeof(text), "mailbox { fold_local_part = %s }", cases[i].text);
		settings = loaded(text);
		ck_assert_int_eq(settings->mailbox.fold_local_part, cases[i].value);
		settings_free(&settings);
	}
	refused("mailbox { fold_local_part = 1 }", "conf:1: mailbox.fold_local_part: \"1\" is neither true nor false");
}
END_TEST

START_TEST(durations_have_units_the_largest_first_and_each_once)
{
	static const struct {
		const char *text;
		int64_t value;
	} good[] = {
		{"0s", 0},
		{"250ms", SECOND / 4},
		{"60m", HOUR},
		{"5s", 5 * SECOND},
		{"6d", 6 * DAY},
		{"1h30m", HOUR + 30 * MINUTE},
		{"007m", 7 * MINUTE},
		{"1d2h3m4s5ms", DAY + 2 * HOUR + 3 * MINUTE + 4 * SECOND + 5000},
		{"106751991d", 106751991 * DAY},
	};
	static const char *const bad[] = {"",
	                                  "60",
	                                  "m",
	                                  "1x",
	                                  "-5m",
	                                  "+5m",
	                                  " 5m",
	                                  "5m ",
	                                  "5 m",
	                                  "1.5h",
	                                  "5M",
	                                  "5mm",
	                                  "5m5",
	                                  "30m1h",
	                                  "1m2m",
	                                  "1ms1s",
	                                  "1md",
	                                  "h1",
	                                  "1h,",
	                                  "0x1s",
	                                  "1us",
	                                  "106751992d",
	                                  "9223372036854775807ms",
	                                  "99999999999999999999s"};
	int64_t value;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		value = -1;
		ck_assert_msg(settings_duration(good[i].text, &value), "%s", good[i].text);
		ck_assert_int_eq(value, good[i].value);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		value = 42;
		ck_assert_msg(!settings_duration(bad[i], &value), "%s", bad[i]);
		ck_assert_int_eq(value, 42);
	}
}
END_TEST

START_TEST(bad_values_are_refused_with_line_and_reason)
{
	static const struct {
		const char *text;
		const char *error;
	} cases[] = {
		{"storm {\n\n min_replies = ten\n}", "conf:3: storm.min_replies: \"ten\" is not a whole number"},
		{"storm { min_replies = 10.5 }", "conf:1: storm.min_replies: \"10.5\" is not a whole number"},
		{"storm { min_replies = -1 }", "conf:1: storm.min_replies: \"-1\" is not a whole number"},
		{"storm { min_replies = '' }", "conf:1: storm.min_replies: an empty value"},
		{"storm { min_replies = 0 }", "conf:1: storm.min_replies: \"0\" is out of bounds, 1 to 1000000"},
		{"storm { min_replies = 99999999999999999999 }",
	         "conf:1: storm.min_replies: \"99999999999999999999\" is out of bounds, 1 to 1000000"},
		{"storm { norm_factor = 0.9 }", "conf:1: storm.norm_factor: \"0.9\" is out of bounds, 1 to 1000"},
		{"storm { norm_factor = nan }", "conf:1: storm.norm_factor: \"nan\" is not a number"},
		{"storm { norm_factor = 1e2 }", "conf:1: storm.norm_factor: \"1e2\" is not a number"},
		{"storm { norm_factor = . }", "conf:1: storm.norm_factor: \".\" is not a number"},
		{"storm { window = 60 }", "conf:1: storm.window: \"60\" is not a duration such as 90s, 5m or 1h30m"},
		{"storm { window = 8d }", "conf:1: storm.window: \"8d\" is out of bounds, 1s to 7d"},
		{"storm { window = 1s500ms }", "conf:1: storm.window: \"1s500ms\" is not in whole seconds"},
		{"store { checkpoint = 1ms }", "conf:1: store.checkpoint: \"1ms\" is out of bounds, 10ms to 1m"},
		{"input { timezone = Mars/Olympus }",
	         "conf:1: input.timezone: \"Mars/Olympus\" is not a time zone of the tz database"},
		{"input { timezone = Europe }",
	         "conf:1: input.timezone: \"Europe\" is not a time zone of the tz database"},
		{"input { timezone = '/etc/localtime' }",
	         "conf:1: input.timezone: \"/etc/localtime\" is not a time zone of the tz database"},
		{"input { timezone = '../../../etc/localtime' }",
	         "conf:1: input.timezone: \"../../../etc/localtime\" is not a time zone of the tz database"},
		{"input { timezone = zone.tab }",
	         "conf:1: input.timezone: \"zone.tab\" is not a time zone of the tz database"},
		{"input { relays = {ok, 'mx[12'} }", "conf:1: input.relays: \"mx[12\" has a [ without a ]"},
		{"input { relays = 'mx\\\\' }", "conf:1: input.relays: \"mx\\\" ends in a backslash"},
		{"input { columns = 'a,b,c' }",
	         "conf:1: input.columns: \"a,b,c\" is not a list of columns, separated by commas"},
		{"input { columns = 'a;b,c,d,e' }",
	         "conf:1: input.columns: \"a;b,c,d,e\" is not a list of columns, separated by commas"},
		{"input { date_order = dmy }",
	         "conf:1: input.date_order: \"dmy\" is neither day-first nor month-first"},
		{"input { relays = 'a b' }", "conf:1: input.relays: \"a b\" has a character that no host name has"},
		{"host 'mx[!]' {\n}", "conf:2: host: \"mx[!]\" has a [ without a ]"},
		{"host '' {}", "conf:1: host: \"\" is empty"},
		{"host a { timezone = Nowhere }",
	         "conf:1: host.timezone: \"Nowhere\" is not a time zone of the tz database"},
		{"mailbox { extension = drop }", "conf:1: mailbox.extension: \"drop\" is neither keep nor cut"},
		{"mailbox { extension_delimiter = '++' }",
	         "conf:1: mailbox.extension_delimiter: \"++\" is not one character that may stand in a local part and is "
	         "no letter or digit"},
		{"mailbox { extension_delimiter = '@' }",
	         "conf:1: mailbox.extension_delimiter: \"@\" is not one character that may stand in a local part and is "
	         "no letter or digit"},
		{"mailbox { local_domains = {a.org, @b.org} }",
	         "conf:1: mailbox.local_domains: \"@b.org\" is not a domain"},
		{"mailbox { same_domains = {'a.org=b.org', a.org} }",
	         "conf:1: mailbox.same_domains: \"a.org\" is not two domains, \"other=domain\""},
		{"mailbox { same_domains = 'a.org=@b.org' }",
	         "conf:1: mailbox.same_domains: \"a.org=@b.org\" is not two domains, \"other=domain\""},
		{"mailbox { same_domains = 'a.org=A.org' }",
	         "conf:1: mailbox.same_domains: \"a.org=A.org\" is not two domains, \"other=domain\""},
		{"mailbox { local_domains = a..org }", "conf:1: mailbox.local_domains: \"a..org\" is not a domain"},
		{"mailbox { local_domains = .org }", "conf:1: mailbox.local_domains: \".org\" is not a domain"},
		{"mailbox { local_domains = \"\xff.org\" }",
	         "conf:1: mailbox.local_domains: \"\xff.org\" is not a domain"},
		{"list '@x.org' {}", "conf:1: list: \"@x.org\" is not an address"},
		{"list 'a@' {}", "conf:1: list: \"a@\" is not an address"},
		{"list '<a@x.org>' {}", "conf:1: list: \"<a@x.org>\" is not an address"},
		{"list 'a b@x.org' {}", "conf:1: list: \"a b@x.org\" is not an address"},
		{"kafka { topics = 'mail logs' }", "conf:1: kafka.topics: \"mail logs\" is not a topic's name"},
		{"kafka { topics = '..' }", "conf:1: kafka.topics: \"..\" is not a topic's name"},
		{"kafka { topics = '^(' }", "conf:1: kafka.topics: \"^(\" is not a regular expression"},
		{"kafka { topics = '^a{9}' }", "conf:1: kafka.topics: \"^a{9}\" has a {, which topic patterns may not"},
		{"kafka { brokers = 'a,,b' topics = x }", "conf:1: kafka.brokers: \"a,,b\" has an empty broker"},
		{"kafka { properties = hunter2 }", "conf:1: kafka.properties: a value that is not \"name=value\""},
		{"kafka { properties = '=hunter2' }", "conf:1: kafka.properties: a value that is not \"name=value\""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		refused(cases[i].text, cases[i].error);
}
END_TEST

START_TEST(unknown_and_misplaced_words_are_refused)
{
	static const struct {
		const char *text;
		const char *error;
	} cases[] = {
		{"\nkafka {\n\n brokers = a\n topic = b }", "conf:5: kafka: no such option 'topic'"},
		{"colour = red", "conf:1: no such option 'colour'"},
		{"window = 5m", "conf:1: no such option 'window'"},
		{"storm { path = x }", "conf:1: storm: no such option 'path'"},
		{"Storm { }", "conf:1: no such option 'Storm'"},
		{"include('other.conf')", "conf:1: a special character outside quotes; put the value between quotes"},
		{"'store|path' = x", "conf:1: no such option 'path'"},
		{"'' = x", "conf:1: cannot be understood"},
		{"kafka 'x' {}", "conf:1: missing opening brace for section 'kafka'"},
		{"host {}", "conf:1: missing title for section 'host'"},
		{"store { path 'x' }", "conf:1: store: missing equal sign after option 'path'"},
		{"store { path = { x } }", "conf:1: store: unexpected token '{'"},
		{"store { path = a b }", "conf:1: store: no such option 'b'"},
		{"store { path += a }", "conf:1: store: attempt to append to non-list option 'path'"},
		{"store { path = x; }", "conf:1: a special character outside quotes; put the value between quotes"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		refused(cases[i].text, cases[i].error);
}
END_TEST

START_TEST(what_is_said_twice_is_refused)
{
	refused("store {\n path = a\n path = a\n}", "conf:3: store.path: was given on line 2 already");
	refused("store { path = a }\nstore { path = b }", "conf:2: store.path: was given on line 1 already");
	refused("list a { ignore = no\n ignore = yes }", "conf:2: list.ignore: was given on line 1 already");
	refused("host mx1 {}\nhost MX1 {}", "conf:2: host: \"MX1\" has a section already");
	refused("host mx1 {}\nhost mx1 {}", "conf:2: found duplicate title 'mx1'");
	refused("list a@x.org {}\n\nlist A@X.org { }", "conf:3: list: \"A@X.org\" has a section already");
}
END_TEST

START_TEST(two_sections_of_different_lists_may_give_the_same_key)
{
	struct settings *settings =
		loaded("list a { window = 1m } list b { window = 2m }\nhost a { name = x } host b { name = x }"
	               "store { checkpoint = 2s } store { path = x }");

	ck_assert_int_eq(settings->lists[0].storm.window, MINUTE);
	ck_assert_int_eq(settings->lists[1].storm.window, 2 * MINUTE);
	ck_assert_str_eq(settings->hosts[1].name, "x");
	ck_assert_int_eq(settings->store.checkpoint, 2 * SECOND);
	ck_assert_str_eq(settings->store.path, "x");
	settings_free(&settings);
}
END_TEST

START_TEST(contradictions_are_refused)
{
	static const char gap[] = "must not be longer than thread_gap: a thread would end before it is quiet";
	char expected[200];

	refused("kafka {\n brokers = k\n}", "conf:2: kafka.brokers: brokers without kafka.topics");
	refused("kafka {\n brokers = k topics = {} }", "conf:2: kafka.brokers: brokers without kafka.topics");
	refused("input {\n join_window = 10m\n queue_lifetime = 5m }",
	        "conf:2: input.join_window: must not be longer than input.queue_lifetime");
	refused("input {\n queue_lifetime = 1m\n }",
	        "conf:2: input.join_window: must not be longer than input.queue_lifetime");
	snprintf(expected, sizeof(expected), "conf:2: storm.quiet_after: %s", gap);
	refused("storm {\n quiet_after = 2d }", expected);
	refused("storm {\n thread_gap = 5m }", expected);
	snprintf(expected, sizeof(expected), "conf:2: list.quiet_after: of \"a@x\" %s", gap);
	refused("list a@x { thread_gap = 2h\n}\nstorm { quiet_after = 3h }", expected);
}
END_TEST

START_TEST(what_the_parser_would_take_in_silence_is_refused)
{
	static const struct {
		const char *text;
		const char *error;
	} cases[] = {
		{"host *.example.org {}", "conf:1: a special character outside quotes; put the value between quotes"},
		{"store|path = x", "conf:1: a special character outside quotes; put the value between quotes"},
		{"kafka {\n brokers = sasl_ssl://k:9092 }",
	         "conf:2: a comment sign within a word; put the value between quotes"},
		{"store { path = a#b }", "conf:1: a comment sign within a word; put the value between quotes"},
		{"store { path = ab/*c*/ }", "conf:1: a comment sign within a word; put the value between quotes"},
		{"store { path = \"${HOME}/x\" }",
	         "conf:1: \"${\" would be taken from the environment; write it between single quotes"},
		{"store { path = ${HOME} }",
	         "conf:1: \"${\" would be taken from the environment; write it between single quotes"},
		{"store {\n\n", "conf:1: a brace that is not closed"},
		{"kafka {\n topics = {\n", "conf:2: a brace that is not closed"},
		{"}", "conf:1: a closing brace that closes nothing"},
		{"a{b{c{", "conf:1: braces within braces within braces"},
		{"store {\n path = \"x\n}", "conf:2: a string that is not closed on its line"},
		{"store {\n path = 'x", "conf:2: a string that is not closed on its line"},
		{"store { path = \"x\\", "conf:1: an unknown escape sequence; write \\\\ for a backslash"},
		{"store { path = \"x\\\n\" }", "conf:1: an unknown escape sequence; write \\\\ for a backslash"},
		{"store { path = 'x\\\n' }", "conf:1: a string that is not closed on its line"},
		{"store { path = 'x\\'", "conf:1: a string that is not closed on its line"},
		{"\n/* x\n\n", "conf:2: a comment that is not closed"},
		{"/*/", "conf:1: a comment that is not closed"},
		{"store { path = \"a\\.b\" }", "conf:1: an unknown escape sequence; write \\\\ for a backslash"},
		{"store { path = \"\\9\" }", "conf:1: an unknown escape sequence; write \\\\ for a backslash"},
		{"store { path = a\\b }", "conf:1: a special character outside quotes; put the value between quotes"},
		{"store { path = a\"b\" }", "conf:1: a quote within a word"},
		{"mailbox { extension_delimiter = + }", "conf:1: a \"+\" outside quotes; put the value between quotes"},
		{"store { path = '\x1b[2J' }", "conf:1: a control character within a string"},
		{"store { path = \x7f }", "conf:1: a control character"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		refused(cases[i].text, cases[i].error);
	refused_bytes("store { path = a\0b }", 20, "conf:1: a control character");
	refused_bytes("store { path = 'a\0b' }", 22, "conf:1: a control character within a string");
}
END_TEST

START_TEST(a_fault_leaves_nothing_behind_for_the_next_file)
{
	static const char *const faults[] = {
		"store { path = \"x\n}",
		"store { path = \"\\9\" }",
		"/* x",
		"storm { window = 1 }",
		"kafka { 'x' }",
		"x",
	};

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		char *error;
		struct settings *settings = load_bytes(faults[i], strlen(faults[i]), &error);

		ck_assert_ptr_null(settings);
		free(error);
		settings = loaded("store { path = 'a' }");
		ck_assert_str_eq(settings->store.path, "a");
		settings_free(&settings);
	}
}
END_TEST

START_TEST(backslashes_quotes_and_dollars_in_strings_stay)
{
	struct settings *settings =
		loaded("store { path = \"a\\\\b\\\"c$d'e\" } rules { directory = 'a\\\\b\\'c\\d${e}' }");

	ck_assert_str_eq(settings->store.path, "a\\b\"c$d'e");
	ck_assert_str_eq(settings->rules.directory, "a\\b'c\\d${e}");
	settings_free(&settings);
}
END_TEST

START_TEST(files_that_cannot_be_read_are_named)
{
	char *error = NULL;

	ck_assert_ptr_null(settings_load("/nonexistent/mailstormd.conf", &error));
	ck_assert_str_eq(error, "/nonexistent/mailstormd.conf: cannot be read: No such file or directory");
	free(error);
	ck_assert_ptr_null(settings_load("/", &error));
	ck_assert_str_eq(error, "/: cannot be read: Is a directory");
	free(error);
	ck_assert_ptr_null(settings_load("/dev/zero", &error));
	ck_assert_str_eq(error, "/dev/zero:1: larger than a configuration file can be");
	free(error);
}
END_TEST

START_TEST(a_long_file_is_read_whole)
{
	size_t size = 200000;
	char *text = malloc(size + 64), *error;
	struct settings *settings;

	memset(text, '\n', size);
	memcpy(text + size, "store { path = a }", 19);
	settings = loaded(text);
	ck_assert_str_eq(settings->store.path, "a");
	settings_free(&settings);
	memcpy(text + size, "store { path = }\n", 18);
	settings = load_bytes(text, strlen(text), &error);
	ck_assert_str_eq(error, "conf:200001: store: unexpected token '}'");
	free(error);
	free(text);
}
END_TEST

START_TEST(many_lists_are_all_found)
{
	size_t size = 0;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);
	struct settings *settings;

	for (int i = 0; i < 500; i++)
		fprintf(out, "list \"list%d@example.org\" { min_replies = %d }\n", i, i + 1);
	fclose(out);
	settings = loaded(text);
	free(text);
	ck_assert_uint_eq(settings->list_count, 500);
	for (int i = 0; i < 500; i++) {
		const struct list_settings *list;
		char address[64];

		snprintf(address, sizeof(address), "list%d@example.org", i);
		ck_assert_int_eq(settings_of_list(settings, slice_of(address), &list)->min_replies, i + 1);
		ck_assert_str_eq(list->address, address);
	}
	settings_free(&settings);
}
END_TEST

START_TEST(every_row_of_the_table_is_fit_to_be_printed)
{
	for (size_t i = 0; i < settings_table_count; i++) {
		const struct setting *row = &settings_table[i];
		char why[SETTING_WHY] = "";

		ck_assert_ptr_eq(setting_find(row->section, row->key), row);
		ck_assert_msg(!row->value || setting_take(row, row->value, NULL, why), "%s.%s: %s", row->section,
		              row->key, why);
		ck_assert_msg(strlen(row->help) > 5 && !strpbrk(row->help, "\t\n"), "%s.%s", row->section, row->key);
		ck_assert_int_le(row->least, row->most);
	}
	ck_assert_ptr_null(setting_find("store", "nothing"));
	ck_assert_ptr_null(setting_find("nothing", "path"));
}
END_TEST

START_TEST(describe_prints_one_row_a_key)
{
	size_t size = 0, rows = 0;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);

	settings_describe(out);
	fclose(out);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"), rows++) {
		size_t tabs = 0;

		for (const char *c = line; *c; c++)
			tabs += *c == '\t';
		ck_assert_uint_eq(tabs, 5);
		if (rows == 0)
			ck_assert_str_eq(line,
			                 "kafka\tbrokers\tstring\t-\t-\tfirst brokers to ask, HOST:PORT, separated by "
			                 "commas; not given: no Kafka");
		if (strncmp(line, "list\twindow\t", 12) == 0)
			ck_assert_str_eq(line,
			                 "list\twindow\tduration\tstorm.window\t1s to 7d\tthe sliding window in which "
			                 "replies and deliveries are counted");
	}
	ck_assert_uint_eq(rows, settings_table_count);
	free(text);
}
END_TEST

static Suite *settings_suite(void)
{
	Suite *suite = suite_create("settings");
	TCase *values = tcase_create("values");
	TCase *faults = tcase_create("faults");

	tcase_add_test(values, without_a_file_all_defaults_hold);
	tcase_add_test(values, a_path_alone_is_a_configuration);
	tcase_add_test(values, an_empty_file_and_empty_sections_say_nothing);
	tcase_add_test(values, every_key_reaches_its_place);
	tcase_add_test(values, hosts_keep_the_order_of_the_file);
	tcase_add_test(values, lists_inherit_the_storm_settings_wherever_they_stand);
	tcase_add_test(values, an_address_without_a_section_has_the_global_settings);
	tcase_add_test(values, comments_may_stand_anywhere_between_words);
	tcase_add_test(values, lists_of_values_may_be_one_value_empty_added_to_or_given_anew);
	tcase_add_test(values, booleans_have_six_words);
	tcase_add_test(values, durations_have_units_the_largest_first_and_each_once);
	tcase_add_test(values, two_sections_of_different_lists_may_give_the_same_key);
	tcase_add_test(values, backslashes_quotes_and_dollars_in_strings_stay);
	tcase_add_test(values, a_long_file_is_read_whole);
	tcase_add_test(values, many_lists_are_all_found);
	tcase_add_test(values, every_row_of_the_table_is_fit_to_be_printed);
	tcase_add_test(values, describe_prints_one_row_a_key);
	tcase_add_test(faults, bad_values_are_refused_with_line_and_reason);
	tcase_add_test(faults, unknown_and_misplaced_words_are_refused);
	tcase_add_test(faults, what_is_said_twice_is_refused);
	tcase_add_test(faults, contradictions_are_refused);
	tcase_add_test(faults, what_the_parser_would_take_in_silence_is_refused);
	tcase_add_test(faults, a_fault_leaves_nothing_behind_for_the_next_file);
	tcase_add_test(faults, files_that_cannot_be_read_are_named);
	suite_add_tcase(suite, values);
	suite_add_tcase(suite, faults);
	return suite;
}

/* 0 where the file loads. */
static int load_file(const char *path)
{
	char *error = NULL;
	struct settings *settings = settings_load(path, &error);
	int status = settings ? 0 : 1;

	if (error)
		fprintf(stderr, "%s\n", error);
	free(error);
	settings_free(&settings);
	return status;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "describe") == 0) {
		settings_describe(stdout);
		return 0;
	}
	if (argc == 3 && strcmp(argv[1], "load") == 0)
		return load_file(argv[2]);
	return suite_run(settings_suite());
}
