/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of lines that shippers wrapped in JSON: one of each producer's shape,
 * with the fields that it really writes; which of several times, hosts and tags
 * is believed; texts with escapes; JSON that is broken.
 */
#define _GNU_SOURCE
#include "tests/envelope_text.h"
#include "tests/suite.h"

#define IS "1479112141.000000 mx1 "

START_TEST(rsyslog_templates_are_opened)
{
	static const struct envelope_case cases[] = {
		/* StdJSONFmt, FullJSONFmt */
		{"{\"message\":\" 3F2A1B: removed\",\"fromhost\":\"mx1\",\"facility\":\"mail\",\"priority\":\"info\","
	         "\"timereported\":\"2016-11-14T09:29:01.123456+01:00\",\"timegenerated\":\"2016-11-14T09:29:02+01:00\"}",
	         "1479112141.123456 mx1 ? cut every 1: 3F2A1B: removed"},
		{"{\"message\":\" 3F2A1B: removed\",\"fromhost\":\"mx1\",\"programname\":\"postfix\",\"procid\":\"123\","
	         "\"msgid\":\"-\",\"facility\":\"mail\",\"priority\":\"info\",\"timereported\":\"2016-11-14T08:29:01Z\","
	         "\"timegenerated\":\"2016-11-14T09:29:02+01:00\"}",
	         IS "postfix cut: 3F2A1B: removed"},
		{"{\"message\":\" x\",\"fromhost\":\"mx1\",\"programname\":\"postfix-out\","
	         "\"timereported\":\"2016-11-14T08:29:01Z\"}",
	         IS "postfix-out/postfix cut: x"},
		/* %jsonmesg%, json-c escapes the slash */
		{"{ \"msg\": \" 3F2A1B: removed\", \"rawmsg\": \"<22>Nov 14 08:29:01 mx1 postfix\\/qmgr[1]: 3F2A1B: removed\", "
	         "\"timereported\": \"2016-11-14T08:29:01+00:00\", \"hostname\": \"mx1\", \"syslogtag\": "
	         "\"postfix\\/qmgr[1]:\", \"inputname\": \"imuxsock\", \"fromhost\": \"relay\", \"fromhost-ip\": "
	         "\"127.0.0.1\", \"fromhost-port\": \"\", \"pri\": \"22\", \"syslogfacility\": \"2\", \"syslogseverity\": "
	         "\"6\", \"timegenerated\": \"2016-11-14T08:29:05+00:00\", \"programname\": \"postfix\", "
	         "\"protocol-version\": \"0\", \"structured-data\": \"-\", \"app-name\": \"postfix\", \"procid\": \"1\", "
	         "\"msgid\": \"-\", \"uuid\": null, \"$!\": null }",
	         IS "postfix/qmgr: 3F2A1B: removed"},
		/* by hand */
		{"{\"@timestamp\":\"2016-11-14T08:29:01Z\",\"host\":\"mx1\",\"severity\":\"info\",\"facility\":\"mail\","
	         "\"tag\":\"postfix/qmgr[1]:\",\"program\":\"postfix\",\"message\":\" 3F2A1B: removed\"}",
	         IS "postfix/qmgr: 3F2A1B: removed"},
		{"{\"time\":\"Nov 14 08:29:01\",\"source\":\"mx1\",\"syslog-tag\":\"postfix/qmgr[1]:\",\"msg\":\"x\"}",
	         IS "postfix/qmgr: x"},
		{"{\"time\":\"2016-11-14T08:29:01Z\",\"host\":\"mx1\",\"message\":\"postfix/qmgr[1]: x\"}",
	         IS "postfix/qmgr: x"},
		{"{\"time\":\"2016-11-14T08:29:01Z\",\"host\":\"mx1\",\"program\":\"postfix\",\"message\":\"postfix/qmgr[1]: x\"}",
	         IS "postfix/qmgr: x"},
	};

	CHECK_CASES(cases);
}
END_TEST

START_TEST(beats_are_opened)
{
	static const struct envelope_case cases[] = {
		/* the whole line in message, @timestamp is when it was read */
		{"{\"@timestamp\":\"2016-11-14T09:00:00.123Z\",\"@metadata\":{\"beat\":\"filebeat\",\"type\":\"_doc\","
	         "\"version\":\"8.11.0\"},\"log\":{\"offset\":1234,\"file\":{\"path\":\"/var/log/mail.log\"}},\"message\":"
	         "\"Nov 14 08:29:01 mx1 postfix/smtp[1]: 3F2A1B: to=<a@example.com>\",\"input\":{\"type\":\"filestream\"},"
	         "\"host\":{\"name\":\"shipper\"},\"agent\":{\"name\":\"shipper\",\"type\":\"filebeat\"},\"ecs\":{\"version\":"
	         "\"8.0.0\"}}",
	         IS "postfix/smtp: 3F2A1B: to=<a@example.com>"},
		{"{\"@timestamp\":\"2016-11-14T09:00:00.123Z\",\"beat\":{\"hostname\":\"shipper\",\"name\":\"shipper\","
	         "\"version\":\"5.6.1\"},\"input_type\":\"log\",\"message\":\"Nov 14 08:29:01 mx1 postfix/smtp[1]: x\","
	         "\"offset\":12,\"source\":\"/var/log/mail.log\",\"type\":\"log\"}",
	         IS "postfix/smtp: x"},
		/* the syslog processor: only the body is left */
		{"{\"@timestamp\":\"2016-11-14T08:29:01.000Z\",\"message\":\"3F2A1B: removed\",\"log\":{\"source\":{\"address\":"
	         "\"10.0.0.1:514\"},\"syslog\":{\"priority\":22,\"hostname\":\"mx1\",\"appname\":\"postfix/qmgr\",\"procid\":"
	         "\"1\"}},\"host\":{\"name\":\"shipper\"}}",
	         IS "postfix/qmgr: 3F2A1B: removed"},
		{"{\"@timestamp\":\"2016-11-14T08:29:01.000Z\",\"message\":\"x\",\"log.syslog.hostname\":\"mx1\","
	         "\"log.syslog.appname\":\"postfix/qmgr\"}",
	         IS "postfix/qmgr: x"},
		{"{\"@timestamp\":\"2016-11-14T08:29:01.000Z\",\"message\":\"x\",\"hostname\":\"mx1\",\"process\":{\"pid\":1,"
	         "\"program\":\"postfix/qmgr\"},\"syslog\":{\"facility\":2}}",
	         IS "postfix/qmgr: x"},
		/* the journal */
		{"{\"@timestamp\":\"2016-11-14T08:29:01.123Z\",\"message\":\"x\",\"syslog\":{\"identifier\":\"postfix/qmgr\"},"
	         "\"process\":{\"pid\":1,\"name\":\"qmgr\"},\"host\":{\"hostname\":\"mx1\",\"name\":\"shipper\"}}",
	         "1479112141.123000 mx1 postfix/qmgr every 1000: x"},
		/* a line without a host of its own */
		{"{\"@timestamp\":\"2016-11-14T09:00:00Z\",\"message\":\"Nov 14 08:29:01 postfix/smtp[1]: x\",\"host\":{\"name\":"
	         "\"mx1\"}}",
	         IS "postfix/smtp: x"},
		/* a message that is no syslog line at all */
		{"{\"@timestamp\":\"2016-11-14T08:29:01.000Z\",\"message\":\"started\",\"host\":{\"name\":\"mx1\"}}",
	         IS "? cut: started"},
	};

	CHECK_CASES(cases);
}
END_TEST

START_TEST(journals_are_opened)
{
	static const struct envelope_case cases[] = {
		{"{\"__CURSOR\":\"s=1\",\"__REALTIME_TIMESTAMP\":\"1479112141123456\",\"_HOSTNAME\":\"mx1\",\"PRIORITY\":\"6\","
	         "\"SYSLOG_IDENTIFIER\":\"postfix/smtp\",\"SYSLOG_PID\":\"1\",\"_COMM\":\"smtp\",\"MESSAGE\":\"3F2A1B: x\"}",
	         "1479112141.123456 mx1 postfix/smtp every 1: 3F2A1B: x"},
		{"{\"__REALTIME_TIMESTAMP\":\"1479112149000001\",\"_SOURCE_REALTIME_TIMESTAMP\":\"1479112141123456\","
	         "\"_HOSTNAME\":\"mx1\",\"SYSLOG_IDENTIFIER\":\"postfix/smtp\",\"MESSAGE\":[51,70,58,32,195,164,255]}",
	         "1479112141.123456 mx1 postfix/smtp every 1: 3F: \xc3\xa4\xff"},
		{"{\"__REALTIME_TIMESTAMP\":\"1479112141123456\",\"_HOSTNAME\":\"mx1\",\"SYSLOG_IDENTIFIER\":\"a\",\"MESSAGE\":"
	         "null}",
	         "nothing"},
		{"{\"__REALTIME_TIMESTAMP\":\"1479112141123456\",\"_HOSTNAME\":\"mx1\",\"SYSLOG_IDENTIFIER\":\"a\",\"MESSAGE\":[]}",
	         "nothing"},
		{"{\"__REALTIME_TIMESTAMP\":\"1479112141123456\",\"_HOSTNAME\":\"mx1\",\"SYSLOG_IDENTIFIER\":\"a\",\"MESSAGE\":"
	         "[51,256]}",
	         "message is an array, but not of bytes"},
		{"{\"__REALTIME_TIMESTAMP\":\"1479112141123456\",\"_HOSTNAME\":\"mx1\",\"SYSLOG_IDENTIFIER\":\"a\",\"MESSAGE\":"
	         "[\"x\",\"y\"]}",
	         "message is an array, but not of bytes"},
		{"{\"__REALTIME_TIMESTAMP\":\"1479112141000000\",\"_HOSTNAME\":\"mx1\",\"SYSLOG_IDENTIFIER\":\"systemd-journald\","
	         "\"N_DROPPED\":\"7\",\"MESSAGE\":\"Suppressed 7 messages from postfix@-.service\"}",
	         IS "systemd-journald note: 0 repeats, 7 lost"},
		/* Vector's journald source */
		{"{\"message\":\"x\",\"host\":\"mx1\",\"timestamp\":\"2016-11-14T08:29:01.123456Z\",\"source_type\":\"journald\","
	         "\"SYSLOG_IDENTIFIER\":\"postfix/smtp\",\"_PID\":\"1\",\"__REALTIME_TIMESTAMP\":\"1479112141123456\"}",
	         "1479112141.123456 mx1 postfix/smtp every 1: x"},
	};

	CHECK_CASES(cases);
}
END_TEST

START_TEST(fluent_bit_fluentd_vector_and_others_are_opened)
{
	static const struct envelope_case cases[] = {
		{"{\"@timestamp\":1479112199.5,\"log\":\"Nov 14 08:29:01 mx1 postfix/smtp[1]: x\"}",
	         IS "postfix/smtp: x"},
		{"{\"@timestamp\":1479112141.000000,\"pri\":\"22\",\"host\":\"mx1\",\"ident\":\"postfix/smtp\",\"pid\":\"1\","
	         "\"message\":\"x\"}",
	         IS "postfix/smtp: x"},
		{"{\"@timestamp\":1479112199.000000,\"pri\":\"22\",\"time\":\"Nov 14 08:29:01\",\"host\":\"mx1\",\"ident\":"
	         "\"postfix/smtp\",\"pid\":\"1\",\"message\":\"x\"}",
	         IS "postfix/smtp: x"},
		{"{\"@timestamp\":\"2016-11-14T08:29:01.123456789Z\",\"host\":\"mx1\",\"ident\":\"postfix/smtp\",\"message\":\"x\"}",
	         "1479112141.123456 mx1 postfix/smtp every 1: x"},
		{"{\"pri\":\"22\",\"host\":\"mx1\",\"ident\":\"postfix/smtp\",\"pid\":\"1\",\"message\":\"x\"}",
	         "no time stamp"},
		{"{\"time\":1479112141,\"tag\":\"mail\",\"host\":\"mx1\",\"ident\":\"postfix/smtp\",\"message\":\"x\"}",
	         IS "postfix/smtp: x"},
		/* Vector: syslog, file */
		{"{\"appname\":\"postfix/smtp\",\"facility\":\"mail\",\"host\":\"relay\",\"hostname\":\"mx1\",\"message\":\"x\","
	         "\"procid\":1,\"severity\":\"info\",\"source_ip\":\"10.0.0.9\",\"source_type\":\"syslog\",\"timestamp\":"
	         "\"2016-11-14T08:29:01Z\"}",
	         IS "postfix/smtp: x"},
		{"{\"file\":\"/var/log/mail.log\",\"host\":\"relay\",\"message\":\"Nov 14 08:29:01 mx1 postfix/smtp[1]: x\","
	         "\"source_type\":\"file\",\"timestamp\":\"2016-11-14T08:31:00.5Z\"}",
	         IS "postfix/smtp: x"},
		/* Logstash, syslog-ng, GELF */
		{"{\"@timestamp\":\"2016-11-14T08:40:00.000Z\",\"@version\":\"1\",\"message\":\"<22>Nov 14 08:29:01 mx1 "
	         "postfix/smtp[1]: x\",\"program\":\"postfix/smtp\",\"logsource\":\"mx1\"}",
	         IS "postfix/smtp: x"},
		{"{\"PROGRAM\":\"postfix/smtp\",\"PRIORITY\":\"info\",\"PID\":\"1\",\"MESSAGE\":\"x\",\"HOST\":\"mx1\",\"FACILITY\":"
	         "\"mail\",\"DATE\":\"Nov 14 08:29:01\"}",
	         IS "postfix/smtp: x"},
		{"{\"version\":\"1.1\",\"host\":\"mx1\",\"short_message\":\"x\",\"timestamp\":1479112141.25,"
	         "\"_application_name\":\"postfix/smtp\"}",
	         "1479112141.250000 mx1 postfix/smtp every 10000: x"},
		/* NXLog: a line that it took apart, and one as it was read */
		{"{\"EventReceivedTime\":\"2016-11-14 09:00:00\",\"SourceModuleName\":\"in\",\"SyslogSeverity\":\"INFO\","
	         "\"Hostname\":\"mx1\",\"EventTime\":\"2016-11-14 08:29:01\",\"SourceName\":\"postfix/smtp\",\"ProcessID\":"
	         "\"1\",\"Message\":\"x\"}",
	         IS "postfix/smtp: x"},
		{"{\"EventReceivedTime\":\"2016-11-14 09:00:00\",\"SourceModuleName\":\"in\",\"raw_event\":\"Nov 14 08:29:01 mx1 "
	         "postfix/smtp[1]: x\"}",
	         IS "postfix/smtp: x"},
		/* Docker, alone and within Filebeat */
		{"{\"log\":\"Nov 14 08:29:01 mx1 postfix/smtp[1]: x\\n\",\"stream\":\"stdout\",\"time\":\"2016-11-14T08:29:01.5Z\"}",
	         IS "postfix/smtp: x"},
		{"{\"@timestamp\":\"2016-11-14T09:00:00Z\",\"host\":{\"name\":\"h\"},\"message\":\"{\\\"log\\\":\\\"Nov 14 08:29:01 "
	         "mx1 postfix/smtp[1]: x \\\\u00e4\\\\n\\\",\\\"stream\\\":\\\"stdout\\\"}\"}",
	         IS "postfix/smtp: x \xc3\xa4"},
	};

	CHECK_CASES(cases);
}
END_TEST

/* A year-less stamp within a wrapper takes its year from the wrapper, which knows better than a record of today. */
START_TEST(the_wrapper_tells_the_year)
{
	static const struct envelope_case cases[] = {
		{"{\"@timestamp\":\"2015-01-01T00:00:09Z\",\"message\":\"Dec 31 23:59:59 mx1 a[1]: x\"}",
	         "1420070399.000000 mx1 a: x"},
		{"{\"@timestamp\":\"never\",\"message\":\"Nov 14 08:29:01 mx1 a[1]: x\"}", IS "a: x"},
		{"{\"message\":\"Nov 14 08:29:01 mx1 a[1]: x\"}", IS "a: x"},
	};

	CHECK_CASES(cases);
}
END_TEST

START_TEST(local_times_of_wrappers_are_in_the_hosts_zone)
{
	static struct host_settings hosts[] = {{"mx*", "one", "Europe/Berlin"}};
	static const struct settings settings = {.input.timezone = "UTC", .hosts = hosts, .host_count = 1};
	static const struct envelope_case cases[] = {
		{"{\"time\":\"Nov 14 09:29:01\",\"host\":\"mx1\",\"ident\":\"a\",\"message\":\"x\"}",
	         "1479112141.000000 one a: x"},
		{"{\"time\":\"2016-11-14 09:29:01\",\"host\":\"mx1\",\"ident\":\"a\",\"message\":\"x\"}",
	         "1479112141.000000 one a: x"},
		{"{\"time\":\"Oct 30 02:30:00\",\"host\":\"mx1\",\"ident\":\"a\",\"message\":\"x\"}",
	         "1477787400.000000 one a or 1477791000.000000: x"},
		{"{\"host\":\"mx1\",\"message\":\"Nov 14 08:29:01 other a[1]: x\"}", "1479112141.000000 other a: x"},
	};

	check_cases(&settings, cases, sizeof(cases) / sizeof(cases[0]));
}
END_TEST

#define T "\"time\":1479112141,\"host\":\"mx1\",\"ident\":\"a\","

/* The names in an object, which people are told. */
static void check_names(const char *json, const char *expected)
{
	char *names = envelope_names(slice_of(json));

	ck_assert_str_eq(names, expected);
	free(names);
}

START_TEST(an_object_without_a_known_message_is_told_with_its_names)
{
	static const struct envelope_case cases[] = {
		{"{" T "\"other\":\"x\"}", "JSON without a field that is known for the message"},
		{"{\"text\":\"Nov 14 08:29:01 mx1 a[1]: x\"}", "JSON without a field that is known for the message"},
		{"{" T "\"message\":{\"a\":1}}", "JSON without a field that is known for the message"},
		{"{\"message\":\"{\\\"other\\\":1}\"}", "JSON without a field that is known for the message"},
		{"{\"@timestamp\":\"2016-11-14T08:29:01Z\",\"metric\":[\"message\"]}",
	         "JSON without a field that is known for the message"},
	};

	CHECK_CASES(cases);
	check_names("{\"@timestamp\":\"x\",\"host\":{\"name\":\"mx1\",\"ip\":[\"a\",\"b\"]},\"txt\":\"x\",\"n\":1}",
	            "@timestamp, host.name, host.ip, txt, n");
	check_names("\xef\xbb\xbf {\"anna@example.org\":1,\"\\u001b[2J\":2,\"\":3,\"a\":{\"b c\":4}}", "?, ?, ?, ?");
	check_names(
		"{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1,\"k\":1,\"l\":1,\"m\":1,"
		"\"n\":1,\"o\":1,\"p\":1,\"q\":1,\"r\":1,\"s\":1,\"t\":1,\"u\":1}",
		"a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, ...");
	check_names("{\"host\":\"mx1\",\"log\":\"{\\\"level\\\":1}\"}", "level");
	check_names("{}", "");
	check_names("{\"a\":", "");
	check_names("[1]", "");
	check_names("", "");
}
END_TEST

START_TEST(escapes_are_decoded)
{
	static const struct envelope_case cases[] = {
		{"{" T "\"message\":\"\\\"q\\\" \\\\ \\/ \\b\\f\\t\\u003ca@b\\u003e\"}",
	         IS "a: \"q\" \\ / \b\f\t<a@b>"},
		{"{" T "\"message\":\"\\u00e4 \\u20ac \\ud83d\\ude00.\"}",
	         IS "a: \xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80."},
		{"{" T "\"message\":\"\\ud83d \\ude00 \\ud83dx\\ud83d\\ud83d\\ude00\"}",
	         IS "a: \xef\xbf\xbd \xef\xbf\xbd \xef\xbf\xbdx\xef\xbf\xbd\xf0\x9f\x98\x80"},
		{"{" T "\"message\":\"\xff raw \xc3 \xc3\xa4\"}", IS "a: \xff raw \xc3 \xc3\xa4"},
		{"{" T "\"message\":\"warning: message repeated\"}", IS "a warning: message repeated"},
		{"{" T "\"message\":\"message repeated 2 times: [ \\\"x\\\"]\"}", IS "a x2: \"x\""},
		{"{" T "\"message\":\"last message repeated 2 times\"}", IS "a x0 note: 2 repeats, 0 lost"},
		{"{" T "\"message\":\"\\n\\t \"}", "nothing"},
		{"{" T "\"message\":\"\"}", "nothing"},
		{"{" T "\"message\":null}", "nothing"},
		{"{" T "\"message\":\"{\\\"not\\\": our business}\"}", IS "a: {\"not\": our business}"},
		{"{}", "nothing"},
	};

	CHECK_CASES(cases);
}
END_TEST

START_TEST(broken_json_is_told_by_reason)
{
	static const struct envelope_case cases[] = {
		{"{", "JSON is cut off"},
		{"{\"message\":\"Nov 14 08:29:01 mx1 postfix/smtp[1]: x", "JSON is cut off"},
		{"{\"message\":\"x\"", "JSON is cut off"},
		{"{\"message\":\"x\",\"a\":[1,2", "JSON is cut off"},
		{"{\"message\":\"a \"quoted\" word\"}", "not valid JSON"},
		{"{\"message\":\"\\x\"}", "not valid JSON"},
		{"{\"message\":\"\\u00g0\"}", "not valid JSON"},
		{"{message:x}", "not valid JSON"},
		{"{]", "not valid JSON"},
		{"}", "no time stamp"},
		{"{\"a\":1}}", "not valid JSON"},
		{"{\"message\":\"x\"} {\"message\":\"y\"}", "more than one JSON object"},
		{"{\"message\":\"x\"},", "more than one JSON object"},
		{"{\"log\":\"{\\\"log\\\":\\\"{\\\\\\\"log\\\\\\\":1}\\\"}\"}", "JSON is nested too deeply"},
		{"{\"log\":\"{\\\"log\\\":\"}", "JSON is cut off"},
	};

	CHECK_CASES(cases);
}
END_TEST

START_TEST(a_nul_byte_ends_no_json)
{
	struct envelope_scratch *scratch = envelope_scratch_new(&in_utc);

	check_case(scratch, SLICE("{" T "\"message\":\"x\0y\"}"), HINT, "JSON is cut off");
	check_case(scratch, SLICE("{" T "\"message\":\"x\"}\0{}"), HINT, "not valid JSON");
	check_case(scratch, SLICE("{" T "\"message\":\"x\"}\0"), HINT, IS "a: x");
	envelope_scratch_free(&scratch);
}
END_TEST

START_TEST(parts_without_number_are_refused)
{
	struct envelope_scratch *scratch = envelope_scratch_new(&in_utc);
	size_t length = 1 << 20;
	char *line = malloc(length);
	struct envelope e;
	const char *reason = "";

	memset(line, '[', length);
	memcpy(line, "{\"a\":", 5);
	ck_assert_int_eq(envelope_open(scratch, (struct slice){line, length}, HINT, &e, &reason), ENVELOPE_UNPARSED);
	ck_assert_str_eq(reason, "JSON has too many parts");
	free(line);
	envelope_scratch_free(&scratch);
}
END_TEST

/* 5000 byte numbers are more than the tokens there is room for at first. */
START_TEST(a_long_message_of_byte_numbers_is_read)
{
	struct envelope_scratch *scratch = envelope_scratch_new(&in_utc);
	char *line = malloc(40000);
	char *end = stpcpy(line, "{" T "\"MESSAGE\":[120");
	struct envelope e;
	const char *reason = "";
	int i;

	for (i = 1; i < 5000; i++)
		end = stpcpy(end, ", 121");
	end = stpcpy(end, "]}");
	ck_assert_int_eq(envelope_open(scratch, (struct slice){line, (size_t)(end - line)}, HINT, &e, &reason),
	                 ENVELOPE_OK);
	ck_assert_uint_eq(e.text.length, 5000);
	ck_assert(e.text.bytes[0] == 'x' && e.text.bytes[4999] == 'y');
	free(line);
	envelope_scratch_free(&scratch);
}
END_TEST

START_TEST(decoded_strings_live_until_they_are_given_back)
{
	static const char first_line[] = "{" T "\"message\":\"\\u0041 first\"}";
	static const char plain_line[] = "{" T "\"message\":\"plain\"}";
	struct envelope_scratch *scratch = envelope_scratch_new(&in_utc);
	struct envelope_memory *memory;
	struct envelope first, other;
	const char *reason;
	int i;

	ck_assert_ptr_null(envelope_scratch_take(scratch));
	envelope_open(scratch, SLICE(plain_line), HINT, &other, &reason);
	ck_assert(other.text.bytes >= plain_line && other.text.bytes < plain_line + sizeof(plain_line));
	ck_assert_ptr_null(envelope_scratch_take(scratch));
	envelope_open(scratch, SLICE(first_line), HINT, &first, &reason);
	memory = envelope_scratch_take(scratch);
	ck_assert_ptr_nonnull(memory);
	for (i = 0; i < 20000; i++) { /* several blocks */
		envelope_open(scratch, SLICE("{" T "\"message\":\"\\u0042 other\"}"), HINT, &other, &reason);
		ck_assert(slice_is(other.text, "B other"));
	}
	envelope_scratch_reset(scratch);
	envelope_open(scratch, SLICE("{" T "\"message\":\"\\u0043 third\"}"), HINT, &other, &reason);
	ck_assert(slice_is(first.text, "A first"));
	envelope_memory_free(&memory);
	ck_assert_ptr_null(memory);
	envelope_memory_free(&memory);
	envelope_scratch_free(&scratch);
	envelope_scratch_free(&scratch);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("envelope_json");
	TCase *tests = tcase_create("json");

	suite_add_tcase(suite, tests);
	tcase_add_test(tests, rsyslog_templates_are_opened);
	tcase_add_test(tests, beats_are_opened);
	tcase_add_test(tests, journals_are_opened);
	tcase_add_test(tests, fluent_bit_fluentd_vector_and_others_are_opened);
	tcase_add_test(tests, the_wrapper_tells_the_year);
	tcase_add_test(tests, local_times_of_wrappers_are_in_the_hosts_zone);
	tcase_add_test(tests, an_object_without_a_known_message_is_told_with_its_names);
	tcase_add_test(tests, escapes_are_decoded);
	tcase_add_test(tests, broken_json_is_told_by_reason);
	tcase_add_test(tests, a_nul_byte_ends_no_json);
	tcase_add_test(tests, parts_without_number_are_refused);
	tcase_add_test(tests, a_long_message_of_byte_numbers_is_read);
	tcase_add_test(tests, decoded_strings_live_until_they_are_given_back);
	return suite_run(suite);
}
