/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of rows of tables: CSV, the columns of Exchange's tracking log and what
 * says which they are, whose status is whose, which server wrote a row, and
 * message traces as CSV and JSON, on one line and laid out over many; and that a
 * restart between any two lines changes nothing.
 */
#define _GNU_SOURCE
#include "parsers/csv.h"
#include "parsers/tracking_text.h"
#include "tests/envelope_text.h"
#include "tests/suite.h"

#define HEAD "1479112141.123000 mbx1 exchange every 1000: "
#define HEAD_SECOND "1479112141.000000 mbx1 exchange: "
#define LIST_LOST "an export without its recipients: they are a list, which must be joined (-join ';')"
#define TAIL2007 ",4711,2,all@x,,hello,ada@x,ada@x,"

/* A line's whole result, and that of further rows, each behind " | ". `copy`, if any, is told of it. malloc'ed. */
static char *opened(struct envelope_scratch *scratch, struct slice line, struct envelope_source *copy)
{
	struct envelope e;
	struct envelope_told told;
	const char *why = "NO REASON";
	char *text = envelope_text(scratch, line, HINT), *longer;
	enum envelope_result result;

	if (envelope_told(scratch, &told) && copy)
		envelope_source_take(copy, &told);
	while (strcmp(text, "again") != 0 && (result = envelope_more(scratch, &e, &why)) != ENVELOPE_EMPTY) {
		ck_assert_int_ge(asprintf(&longer, "%s | %lld %.*s", text, (long long)(e.time / 1000000),
		                          result == ENVELOPE_OK ? (int)e.text.length : (int)strlen(why),
		                          result == ENVELOPE_OK ? e.text.bytes : why),
		                 0);
		free(text);
		text = longer;
	}
	return text;
}

/* ... and of lines that were held back, each behind " & ". */
static char *opened_all(struct envelope_scratch *scratch, struct slice line, struct envelope_source *copy)
{
	char *text = opened(scratch, line, copy), *longer;

	while (envelope_again(scratch, &line)) {
		char *one = opened(scratch, line, copy);

		ck_assert_int_ge(asprintf(&longer, "%s & %s", text, one), 0);
		free(text);
		free(one);
		text = longer;
	}
	return text;
}

/* The source as it is when the daemon starts again: a copy that was told of, saved and read back. */
static struct envelope_source *started_again(struct envelope_source *copy)
{
	struct envelope_source *again = envelope_source_new();
	size_t length;
	char *saved = envelope_source_save(copy, &length);

	ck_assert(envelope_source_restore(again, (struct slice){saved, length}));
	free(saved);
	return again;
}

static void check_lines(const struct envelope_case *cases, size_t count, bool restarts)
{
	struct envelope_scratch *scratch = envelope_scratch_new(&in_utc);
	struct envelope_source *source = envelope_source_new(), *copy = envelope_source_new();

	for (size_t i = 0; i < count; i++) {
		char *got;

		if (restarts) {
			envelope_source_free(&source);
			source = started_again(copy);
		}
		envelope_use(scratch, source);
		got = opened_all(scratch, slice_of(cases[i].line), copy);
		ck_assert_msg(strcmp(got, cases[i].expected) == 0, "%s\n is       %s\n expected %s%s", cases[i].line,
		              got, cases[i].expected, restarts ? "\n after a restart" : "");
		free(got);
	}
	envelope_scratch_free(&scratch);
	envelope_source_free(&source);
	envelope_source_free(&copy);
	ck_assert_ptr_null(source);
}

/* Lines of one source, in order; each with its result, whether the daemon runs on or starts again before every line. */
static void check_source(const struct envelope_case *cases, size_t count)
{
	check_lines(cases, count, false);
	check_lines(cases, count, true);
}

#define CHECK_SOURCE(cases) check_source(cases, sizeof(cases) / sizeof((cases)[0]))

static void ck_csv(const char *line, size_t expected_count, const char *expected)
{
	struct slice fields[4];
	struct arena arena = {0};
	size_t count = csv_split(slice_of(line), ',', &arena, fields, 4);
	char got[128] = "";

	for (size_t i = 0; i < count && i < 4; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "[%.*s]", (int)fields[i].length,
		         fields[i].bytes);
	ck_assert_uint_eq(count, expected_count);
	ck_assert_str_eq(got, expected);
	arena_free(&arena);
}

START_TEST(lines_are_cut_at_commas_outside_of_quotes)
{
	ck_csv("a,b,c", 3, "[a][b][c]");
	ck_csv("", 1, "[]");
	ck_csv(",", 2, "[][]");
	ck_csv("a,\"b,c\",d", 3, "[a][b,c][d]");
	ck_csv("\"\",x", 2, "[][x]");
	ck_csv("\"say \"\"no\"\"\",x", 2, "[say \"no\"][x]");
	ck_csv("\"\"\"\",x", 2, "[\"][x]");
	ck_csv("\"a\"b,c", 2, "[ab][c]");
	ck_csv("a\"b\",c", 2, "[a\"b\"][c]");
	ck_csv("a,b,c,d,e,f", 6, "[a][b][c][d]");
	ck_csv("a,\"b", 0, "");
	ck_csv("a,\"b\"\"", 0, "");
}
END_TEST

START_TEST(columns_are_told_by_their_number)
{
	static const struct envelope_case cases[] = {
		/* 2007 */
		{"2016-11-14T08:29:01.123Z,,,,MBX1,,,SMTP,RECEIVE,21,<m1@x>,a@x,,"
	         "4711,1,,,hello,ada@x,ada@x,",
	         HEAD "RECEIVE SMTP id=\"21\" message-id=\"<m1@x>\" sender-address=\"ada@x\" return-path=\"ada@x\" "
	              "total-bytes=\"4711\" recipient-count=\"1\" server=\"MBX1:25\" message-subject=\"hello\" "
	              "recipient=\"a@x\""},
		/* 2010: five more behind */
		{"2016-11-14T08:29:01.123Z,,,,MBX1,,,SMTP,RECEIVE,21,<m1@x>,a@x,,1,1,,,,,,,Incoming,,,,S:E2ELatency=2.5;S:x=1",
	         HEAD "RECEIVE SMTP id=\"21\" message-id=\"<m1@x>\" total-bytes=\"1\" recipient-count=\"1\" "
	              "latency=\"2.5\" server=\"MBX1:25\" recipient=\"a@x\""},
		/* 2013: network-message-id; 2016: three more; later: still more */
		{"2016-11-14T08:29:01.123Z,,,,MBX1,,,SMTP,RECEIVE,21,<m1@x>,n,a@x,,1,1,,,,,,,,,,,",
	         HEAD "RECEIVE SMTP id=\"21\" message-id=\"<m1@x>\" total-bytes=\"1\" recipient-count=\"1\" "
	              "server=\"MBX1:25\" recipient=\"a@x\""},
		{"2016-11-14T08:29:01.123Z,,,,MBX1,,,SMTP,RECEIVE,,<m1@x>,n,a@x,,1,1,,,,,,,,,,,,Email,l,15.1",
	         HEAD "RECEIVE SMTP id=\"n\" message-id=\"<m1@x>\" total-bytes=\"1\" recipient-count=\"1\" "
	              "server=\"MBX1:25\" recipient=\"a@x\""},
		/* refused before it had a number */
		{"2016-11-14T08:29:01.123Z,,,,MBX1,,,SMTP,FAIL,0,<m1@x>,n,a@x,,1,1,,,,,,,,,,,,Email,l,15.1",
	         HEAD "FAIL SMTP id=\"n\" message-id=\"<m1@x>\" total-bytes=\"1\" recipient-count=\"1\" "
	              "server=\"MBX1:25\" recipient=\"a@x\""},
		{"2016-11-14T08:29:01.123Z,,,,MBX1,,,SMTP,RECEIVE,21,<m1@x>,n,a@x,,1,1,,,,,,,,,,,,Email,l,15.1,new,newer",
	         HEAD "RECEIVE SMTP id=\"21\" message-id=\"<m1@x>\" total-bytes=\"1\" recipient-count=\"1\" "
	              "server=\"MBX1:25\" recipient=\"a@x\""},
		/* broken */
		{"2016-11-14T08:29:01.123Z,,,,MBX1,,,SMTP,RECEIVE", "not as many columns as any version writes"},
		{",abc-de-fghij,k", "no time stamp"}, /* no row: it begins with no time */
		{"2016-11-14T08:29:01.123Z,,,,MBX1,,,SMTP,,21,<m1@x>,a@x,,1,1,,,,,,", "a row without event"},
		/* cut: of 2016, in return-path and in original-server-ip; in message-id */
		{"2016-11-14T08:29:01.123Z,,,,MBX1,,,S,DELIVER,21,<m1@x>,2d2fa2c1-26a5-4d7b-9b0c-08d8f8f9f041,a@x,,1,1,,,hi,s@x,s",
	         "a row that was cut"},
		{"2016-11-14T08:29:01.123Z,,,,MBX1,,,S,DELIVER,21,<m1@x>,2D2FA2C1-26A5-4D7B-9B0C-08D8F8F9F041,a@x,,1,1,,,hi,s@x,s@x,,"
	         "Incoming,,10.0.0.1,10.0",
	         "a row that was cut"},
		{"2016-11-14T08:29:01.123Z,192.0.2.7,MBX1,192.0.2.1,MBX1,,,SMTP,RECEIVE,21,<m1@", "a row that was cut"},
		{"2016-11-14T08:29:01.123Z,,,,MBX1,,,SMTP,RECEIVE,21,<m1@", "a row that was cut"},
		{"2016-02-31T08:29:01.123Z,,,,MBX1,,,SMTP,RECEIVE,21,<m1@x>,a@x,,1,1,,,,,,", "no such date"},
	};

	CHECK_CASES(cases);
	CHECK_SOURCE(cases);
}
END_TEST

START_TEST(a_header_says_the_order_of_the_rows_after_it)
{
	static const struct envelope_case cases[] = {
		{"\xef\xbb\xbf#Software: Microsoft Exchange Server", "nothing"},
		{"{\"host\":\"MBX1\",\"message\":\"\xef\xbb\xbf#Software: Microsoft Exchange Server\"}", "nothing"},
		{"#Version: 15.01.2507.035", "nothing"},
		{"#Log-type: Message Tracking Log", "nothing"},
		{"#Date: 2016-11-14T08:00:00.000Z", "nothing"},
		{"#Fields: date-time,event-id,source,server-hostname,message-id,recipient-address", "nothing"},
		{"2016-11-14T08:29:01.123Z,DELIVER,STOREDRIVER,mbx1,<m1@x>,a@x",
	         HEAD "DELIVER STOREDRIVER id=\"<m1@x>\" message-id=\"<m1@x>\" server=\"mbx1:25\" recipient=\"a@x\""},
		/* one of another version in between has another number of columns */
		{"2016-11-14T08:29:01.123Z,,,,MBX1,,,SMTP,RECEIVE,21,<m1@x>,a@x,,1,1,,,,,,",
	         HEAD "RECEIVE SMTP id=\"21\" message-id=\"<m1@x>\" total-bytes=\"1\" recipient-count=\"1\" "
	              "server=\"MBX1:25\" recipient=\"a@x\""},
		/* the header comes again, otherwise */
		{"#Fields: date-time,source,event-id,server-hostname,message-id,recipient-address", "nothing"},
		{"2016-11-14T08:29:01.123Z,STOREDRIVER,DELIVER,mbx1,<m1@x>,a@x",
	         HEAD "DELIVER STOREDRIVER id=\"<m1@x>\" message-id=\"<m1@x>\" server=\"mbx1:25\" recipient=\"a@x\""},
		{"#Fields: what,ever", "#Fields without known columns"},
		/* what a shell exports has other names; four are the same */
		{"\"RunspaceId\",\"Timestamp\",\"Source\",\"Recipients\",\"Reference\",\"Directionality\"",
	         "an export without Message-IDs, recipients, or what became of them"},
		{"# a remark", "no time stamp"},
	};

	CHECK_SOURCE(cases);
}
END_TEST

START_TEST(what_powershell_exports_is_read)
{
	static const struct envelope_case cases[] = {
		{"#TYPE Selected.Microsoft.Exchange.Management.TransportLogSearchTasks.MessageTrackingEvent",
	         "nothing"},
		{"\"RunspaceId\";\"Timestamp\";\"ServerHostname\";\"Source\";\"EventId\";\"MessageId\";\"Recipients\";"
	         "\"Sender\";\"Reference\";\"MessageLatency\";\"MessageLatencyType\"",
	         "nothing"},
		{"\"6f1e\";\"14.11.2016 08:29:01\";\"MBX1\";\"STOREDRIVER\";\"DELIVER\";\"<m1@x>\";\"a@x, b@x\";\"ada@x\";"
	         "\"System.String[]\";\"00:00:02.5000000\";\"EndToEnd\"",
	         HEAD_SECOND "DELIVER STOREDRIVER id=\"<m1@x>\" message-id=\"<m1@x>\" sender-address=\"ada@x\" "
	                     "latency=\"2.500\" server=\"MBX1:25\" recipient=\"a@x\" recipient=\"b@x\""},
		/* of one server alone; days */
		{"\"6f1e\";\"14.11.2016 08:29:01\";\"MBX1\";\"STOREDRIVER\";\"DELIVER\";\"<m1@x>\";\"a@x\";\"ada@x\";"
	         "\"\";\"00:00:02.5000000\";\"LocalServer\"",
	         HEAD_SECOND "DELIVER STOREDRIVER id=\"<m1@x>\" message-id=\"<m1@x>\" sender-address=\"ada@x\" "
	                     "server=\"MBX1:25\" recipient=\"a@x\""},
		{"\"6f1e\";\"14.11.2016 08:29:01\";\"MBX1\";\"STOREDRIVER\";\"DELIVER\";\"<m1@x>\";\"a@x\";\"ada@x\";"
	         "\"\";\"1.00:00:02.5000000\";\"EndToEnd\"",
	         HEAD_SECOND "DELIVER STOREDRIVER id=\"<m1@x>\" message-id=\"<m1@x>\" sender-address=\"ada@x\" "
	                     "latency=\"86402.500\" server=\"MBX1:25\" recipient=\"a@x\""},
		/* joined by newlines */
		{"\"6f1e\";\"14.11.2016 08:29:01\";\"MBX1\";\"STOREDRIVER\";\"DELIVER\";\"<m1@x>\";\"a@x\r", "nothing"},
		{"b@x\";\"ada@x\";\"\";\"\";\"\"",
	         HEAD_SECOND "DELIVER STOREDRIVER id=\"<m1@x>\" message-id=\"<m1@x>\" sender-address=\"ada@x\" "
	                     "server=\"MBX1:25\" recipient=\"a@x\" recipient=\"b@x\""},
		/* lists that nobody joined, or that were cut to a screen's width */
		{"\"6f1e\";\"14.11.2016 08:29:01\";\"MBX1\";\"STOREDRIVER\";\"DELIVER\";\"<m1@x>\";\"System.String[]\";\"ada@x\";"
	         "\"\";\"\";\"\"",
	         LIST_LOST},
		{"\"6f1e\";\"14.11.2016 08:29:01\";\"MBX1\";\"STOREDRIVER\";\"DELIVER\";\"<m1@x>\";\"{a@x, b@x...}\";\"ada@x\";"
	         "\"\";\"\";\"\"",
	         LIST_LOST},
		{"\"6f1e\";\"3/4/2016 08:29:01\";\"MBX1\";\"STOREDRIVER\";\"DELIVER\";\"<m1@x>\";\"a@x\";\"ada@x\";"
	         "\"\";\"\";\"\"",
	         "a date whose day may be its month: see input.date_order"},
		/* a log's own row in between */
		{"2016-11-14T08:29:01.123Z,,,,MBX1,,,SMTP,RECEIVE,21,<m1@x>,a@x,,1,1,,,,,,",
	         HEAD "RECEIVE SMTP id=\"21\" message-id=\"<m1@x>\" total-bytes=\"1\" recipient-count=\"1\" "
	              "server=\"MBX1:25\" recipient=\"a@x\""},
		/* a trace */
		{"\"Received\"\t\"SenderAddress\"\t\"RecipientAddress\"\t\"Status\"\t\"Size\"\t\"MessageTraceId\"",
	         "nothing"},
		{"\"11/14/2016 8:29:01 AM\"\t\"ada@x\"\t\"a@x\"\t\"Delivered\"\t\"4711\"\t\"t1\"",
	         "1479112141.000000 m365 m365: TRACE - id=\"t1\" sender-address=\"ada@x\" "
	         "total-bytes=\"4711\" recipient-status=\"Delivered\" recipient=\"a@x\""},
		/* nothing tells which message it is, or who it went to */
		{"\"Received\",\"SenderAddress\",\"RecipientAddress\",\"Subject\",\"Status\"",
	         "an export without Message-IDs, recipients, or what became of them"},
		{"\"Timestamp\",\"EventId\",\"Source\",\"MessageId\",\"Sender\"",
	         "an export without Message-IDs, recipients, or what became of them"},
	};

	CHECK_SOURCE(cases);
}
END_TEST

#define TRACKED(every, id) \
	"1479112141.000000 mbx1 exchange" every ": DELIVER STOREDRIVER id=\"<" id "@x>\" message-id=\"<" id \
	"@x>\" server=\"MBX1:25\" recipient=\"a@x\" recipient=\"b@x\""

START_TEST(what_powershell_makes_json_of_is_read)
{
	static const struct envelope_case cases[] = {
		{"[", "nothing"},
		{"    {", "nothing"},
		{"        \"Timestamp\":  \"\\/Date(1479112141000)\\/\",", "nothing"},
		{"        \"ServerHostname\":  \"MBX1\", \"Source\": \"STOREDRIVER\", \"EventId\":  \"DELIVER\",",
	         "nothing"},
		{"        \"EventData\":  [", "nothing"},
		{"                           {", "nothing"},
		{"                               \"Key\":  \"Message\", \"Value\":  \"{\"", "nothing"},
		{"                           }", "nothing"},
		{"                       ],", "nothing"},
		{"        \"MessageId\":  \"\\u003cm1@x\\u003e\", \"Recipients\":  [", "nothing"},
		{"                           \"a@x\",", "nothing"},
		{"                           \"b@x\"", "nothing"},
		{"                       ], \"Reference\": null, \"RecipientStatus\": []", "nothing"},
		{"    },", TRACKED(" every 1000", "m1")},
		{"    {\"Timestamp\":\"2016-11-14T09:29:01+01:00\",\"EventId\":\"DELIVER\",\"Source\":\"STOREDRIVER\","
	         "\"ServerHostname\":\"MBX1\",\"MessageId\":\"<m2@x>\",\"Recipients\":[\"a@x\",\"b@x\"],\"EventData\":[{\"Key\":"
	         "\"k\"}]}",
	         TRACKED("", "m2")},
		{"]", "nothing"},
	};

	CHECK_SOURCE(cases);
}
END_TEST

START_TEST(headers_of_several_files_are_kept_apart)
{
	static const struct envelope_case cases[] = {
		{"{\"host\":{\"name\":\"a\"},\"log\":{\"file\":{\"path\":\"C:\\\\1.LOG\"}},\"message\":"
	         "\"#Fields: date-time,event-id,source,message-id,recipient-address\"}",
	         "nothing"},
		{"{\"host\":{\"name\":\"b.example.org\"},\"log\":{\"file\":{\"path\":\"C:\\\\1.LOG\"}},\"message\":"
	         "\"#Fields: date-time,source,event-id,message-id,recipient-address\"}",
	         "nothing"},
		{"{\"host\":{\"name\":\"a\"},\"log\":{\"file\":{\"path\":\"C:\\\\1.LOG\"}},\"message\":"
	         "\"2016-11-14T08:29:01.123Z,DELIVER,STOREDRIVER,<m1@x>,a@x\"}",
	         "1479112141.123000 a exchange every 1000: DELIVER STOREDRIVER id=\"<m1@x>\" message-id=\"<m1@x>\" "
	         "recipient=\"a@x\""},
		{"{\"host\":{\"name\":\"b.example.org\"},\"log\":{\"file\":{\"path\":\"C:\\\\1.LOG\"}},\"message\":"
	         "\"2016-11-14T08:29:01.123Z,STOREDRIVER,DELIVER,<m1@x>,a@x\"}",
	         "1479112141.123000 b exchange every 1000: DELIVER STOREDRIVER id=\"<m1@x>\" message-id=\"<m1@x>\" "
	         "recipient=\"a@x\""},
		/* none told there */
		{"{\"host\":{\"name\":\"b\"},\"log\":{\"file\":{\"path\":\"C:\\\\2.LOG\"}},\"message\":"
	         "\"2016-11-14T08:29:01.123Z,STOREDRIVER,DELIVER,<m1@x>,a@x\"}",
	         "not as many columns as any version writes"},
	};

	CHECK_SOURCE(cases);
}
END_TEST

START_TEST(wrappers_of_every_kind_are_opened)
{
	static const struct envelope_case cases[] = {
		{"{\"@timestamp\":\"2016-11-14T09:00:00Z\",\"host\":{\"name\":\"SHIPPER\"},\"message\":"
	         "\"2016-11-14T08:29:01.123Z,,,,MBX1.example.org,,,SMTP,RECEIVE,21,<m1@x>,a@x,,1,1,,,\\\"x, y\\\",,,\"}",
	         HEAD "RECEIVE SMTP id=\"21\" message-id=\"<m1@x>\" total-bytes=\"1\" recipient-count=\"1\" "
	              "server=\"MBX1.example.org:25\" message-subject=\"x, y\" recipient=\"a@x\""},
		{"<22>Nov 14 09:00:00 SHIPPER tracking: 2016-11-14T08:29:01.123Z,,,,,,,SMTP,RECEIVE,21,<m1@x>,a@x,,1,1,,,,,,",
	         "1479112141.123000 shipper exchange every 1000: RECEIVE SMTP id=\"21\" message-id=\"<m1@x>\" "
	         "total-bytes=\"1\" recipient-count=\"1\" recipient=\"a@x\""},
		/* without a tag */
		{"<13>Nov 14 09:00:00 SHIPPER 2016-11-14T08:29:01.123Z,,,,,,,SMTP,RECEIVE,21,<m1@x>,a@x,,1,1,,,a subject,,,",
	         "1479112141.123000 shipper exchange every 1000: RECEIVE SMTP id=\"21\" message-id=\"<m1@x>\" "
	         "total-bytes=\"1\" recipient-count=\"1\" message-subject=\"a subject\" recipient=\"a@x\""},
		/* taken apart by the shipper */
		{"{\"EventReceivedTime\":\"2016-11-14 09:00:00\",\"date-time\":\"2016-11-14T08:29:01.123Z\",\"server-hostname\":"
	         "\"MBX1\",\"source\":\"SMTP\",\"event-id\":\"RECEIVE\",\"internal-message-id\":21,\"message-id\":\"<m1@x>\","
	         "\"recipient-address\":\"a@x\",\"total-bytes\":1,\"recipient-count\":1,\"message-subject\":\"x, y\"}",
	         HEAD "RECEIVE SMTP id=\"21\" message-id=\"<m1@x>\" total-bytes=\"1\" recipient-count=\"1\" "
	              "server=\"MBX1:25\" message-subject=\"x, y\" recipient=\"a@x\""},
		{"{\"@timestamp\":\"2016-11-14T09:00:00Z\",\"host\":{\"name\":\"MBX1\"},\"date_time\":\"2016-11-14T08:29:01.123Z\","
	         "\"source\":\"SMTP\",\"event_id\":\"RECEIVE\",\"internal_message_id\":\"21\",\"message_id\":\"<m1@x>\","
	         "\"recipient_address\":\"a@x\"}",
	         HEAD "RECEIVE SMTP id=\"21\" message-id=\"<m1@x>\" recipient=\"a@x\""},
		/* Splunk's: as it is sent to it, and as it exports */
		{"{\"time\":1479112141,\"host\":\"SHIPPER\",\"source\":\"C:\\\\MSGTRK.LOG\",\"event\":"
	         "\"2016-11-14T08:29:01.123Z,,,,,,,SMTP,RECEIVE,21,<m1@x>,a@x,,1,1,,,,,,\"}",
	         "1479112141.123000 shipper exchange every 1000: RECEIVE SMTP id=\"21\" message-id=\"<m1@x>\" "
	         "total-bytes=\"1\" recipient-count=\"1\" recipient=\"a@x\""},
		{"{\"event\":{\"log\":\"2016-11-14T08:29:01.123Z,,,,MBX1,,,SMTP,RECEIVE,21,<m1@x>,a@x,,1,1,,,,,,\"}}",
	         HEAD "RECEIVE SMTP id=\"21\" message-id=\"<m1@x>\" total-bytes=\"1\" recipient-count=\"1\" "
	              "server=\"MBX1:25\" recipient=\"a@x\""},
		{"{\"preview\":false,\"offset\":0,\"result\":{\"_raw\":\"2016-11-14T08:29:01.123Z,,,,,,,SMTP,RECEIVE,21,<m1@x>,"
	         "a@x,,1,1,,,,,,\",\"host\":\"MBX1\"}}",
	         HEAD "RECEIVE SMTP id=\"21\" message-id=\"<m1@x>\" total-bytes=\"1\" recipient-count=\"1\" "
	              "recipient=\"a@x\""},
		/* behind cells of the shipper's own */
		{"<13>Nov 14 09:00:00 SHIPPER GenericLog\t0\t2016-11-14T08:29:01.123Z,,,,,,,SMTP,RECEIVE,21,<m1@x>,a@x,,1,1,,,,,,",
	         "1479112141.123000 shipper exchange every 1000: RECEIVE SMTP id=\"21\" message-id=\"<m1@x>\" "
	         "total-bytes=\"1\" recipient-count=\"1\" recipient=\"a@x\""},
		{"<13>Nov 14 09:00:00 MBX1\tGenericLog\t0\t2016-11-14T08:29:01.123Z,,,,MBX1,,,SMTP,RECEIVE,21,<m1@x>,a@x,,1,1,,,,,,",
	         HEAD "RECEIVE SMTP id=\"21\" message-id=\"<m1@x>\" total-bytes=\"1\" recipient-count=\"1\" "
	              "server=\"MBX1:25\" recipient=\"a@x\""},
		{"2016-11-14 09:00:00\tUser.Info\t192.0.2.1\t2016-11-14T08:29:01.123Z,,,,MBX1,,,SMTP,RECEIVE,21,<m1@x>,a@x,,1,1,,,,,,",
	         HEAD "RECEIVE SMTP id=\"21\" message-id=\"<m1@x>\" total-bytes=\"1\" recipient-count=\"1\" "
	              "server=\"MBX1:25\" recipient=\"a@x\""},
		{"{\"date-time\":\"yesterday\",\"event-id\":\"RECEIVE\",\"message-id\":\"<m1@x>\"}",
	         "JSON without a field that is known for the message"},
		{"\"2016-11-14T08:29:01.123Z\",\"\",\"\",\"\",\"MBX1\",,,SMTP,RECEIVE,21,<m1@x>,a@x,,1,1,,,,,,",
	         HEAD "RECEIVE SMTP id=\"21\" message-id=\"<m1@x>\" total-bytes=\"1\" recipient-count=\"1\" "
	              "server=\"MBX1:25\" recipient=\"a@x\""},
	};

	CHECK_CASES(cases);
}
END_TEST

START_TEST(the_server_that_wrote_a_row_is_its_host)
{
#define ROW(event, client, server) \
	"2016-11-14T08:29:01.123Z,," client ",," server ",,,SMTP," event ",21,<m@x>,,,,,,,,,,"
	static const struct {
		const char *line, *host;
	} cases[] = {
		{ROW("RECEIVE", "pc7", "MBX1"), "mbx1"},
		{ROW("SEND", "MBX1", "mbx2.example.org"), "mbx1"},
		{ROW("SENDEXTERNAL", "MBX1.example.org", "gw"), "mbx1"},
		{ROW("DELIVER", "HUB1", "MBX3"), "hub1"},
		{ROW("FAIL", "", "MBX1"), "mbx1"},
		{ROW("FAIL", "HUB1", "MBX1"), "hub1"},
		{ROW("EXPAND", "", "MBX1"), "mbx1"},
		{ROW("DROP", "MBX1", ""), "mbx1"},
		{ROW("RECEIVE", "pc7", "192.0.2.7"), "192.0.2.7"},
		{ROW("RECEIVE", "pc7", "2001:db8::7"), "2001:db8::7"},
		{ROW("RECEIVE", "pc7", ""), ""},
	};
	struct envelope_scratch *scratch = envelope_scratch_new(&in_utc);
	const char *why;
	struct envelope e;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_eq(envelope_open(scratch, slice_of(cases[i].line), HINT, &e, &why), ENVELOPE_OK);
		ck_assert_msg(slice_is(e.host, cases[i].host), "%s: %.*s", cases[i].line, (int)e.host.length,
		              e.host.bytes);
	}
	envelope_scratch_free(&scratch);
#undef ROW
}
END_TEST

static void ck_recipients(const char *recipients, const char *statuses, const char *expected)
{
	struct row row = {.values[COLUMN_EVENT] = SLICE("E"),
	                  .values[COLUMN_RECIPIENT] = slice_of(recipients),
	                  .values[COLUMN_STATUS] = slice_of(statuses)};
	struct arena arena = {0};
	struct slice text = tracking_text(&row, SLICE_NONE, &arena);

	ck_assert_msg(slice_is(slice_from(text, 3), expected), "%s, %s\n is       %.*s\n expected %s", recipients,
	              statuses, (int)text.length, text.bytes, expected);
	arena_free(&arena);
}

START_TEST(each_recipient_has_its_own_status_where_they_can_be_told_apart)
{
	ck_recipients("a@x;b@x", "250 ok;550 no",
	              " recipient=\"a@x\" status=\"250 ok\" recipient=\"b@x\" status=\"550 no\"");
	ck_recipients("a@x;b@x;c@x;d@x", ";;;",
	              " recipient=\"a@x\" recipient=\"b@x\" recipient=\"c@x\" recipient=\"d@x\"");
	ck_recipients("a@x;b@x;", "To;Cc;", " recipient=\"a@x\" status=\"To\" recipient=\"b@x\" status=\"Cc\"");
	ck_recipients("a@x", "To", " recipient-status=\"To\" recipient=\"a@x\"");
	/* a ';' in a status */
	ck_recipients(
		"a@x;b@x", "550 5.7.1 RESOLVER.RST; no;250 2.1.5 ok",
		" recipient=\"a@x\" status=\"550 5.7.1 RESOLVER.RST; no\" recipient=\"b@x\" status=\"250 2.1.5 ok\"");
	ck_recipients("a@x;b@x", "550 4.4.7 QUEUE.Expired;<ErrorText>;250 2.1.5 ok",
	              " recipient=\"a@x\" status=\"550 4.4.7 QUEUE.Expired;<ErrorText>\" recipient=\"b@x\" "
	              "status=\"250 2.1.5 ok\"");
	ck_recipients("a@x;b@x", "[{LED=550 5.1.1 no};{MSG=};{IP=}];[{LED=250 2.1.5 ok};{MSG=}]",
	              " recipient=\"a@x\" status=\"[{LED=550 5.1.1 no};{MSG=};{IP=}]\" recipient=\"b@x\" "
	              "status=\"[{LED=250 2.1.5 ok};{MSG=}]\"");
	/* one for all of them */
	ck_recipients("a@x;b@x;c@x", "250 2.1.5 RESOLVER.GRP.Expanded; distribution list expanded",
	              " recipient-status=\"250 2.1.5 RESOLVER.GRP.Expanded; distribution list expanded\" "
	              "recipient=\"a@x\" recipient=\"b@x\" recipient=\"c@x\"");
	ck_recipients("", "", "");
	ck_recipients(" a@x ; ;b@x", "", " recipient=\"a@x\" recipient=\"b@x\"");
}
END_TEST

START_TEST(hostile_values_cannot_leave_their_quotes)
{
	ck_recipients("\"a\" x=\"@x\\", "\t\n\x7f", " recipient=\"\\\"a\\\" x=\\\"@x\\\\\"");
	ck_recipients("a\tb@x", "it is\x01 so", " recipient-status=\"it is  so\" recipient=\"a b@x\"");
}
END_TEST

START_TEST(latency_is_told_or_counted_from_the_arrival)
{
	static const struct envelope_case cases[] = {
		{"2016-11-14T08:29:01.123Z,,,,MBX1,,,S,DELIVER,21,,,,,,,,,,,2016-11-14T08:28:01.000Z;SRV=x:TOTAL-HUB=1",
	         HEAD "DELIVER S id=\"21\" latency=\"60.123\" server=\"MBX1:25\""},
		{"2016-11-14T08:29:01.123Z,,,,MBX1,,,S,DELIVER,21,,,,,,,,,,,2016-11-14T08:28:01.000Z",
	         HEAD "DELIVER S id=\"21\" latency=\"60.123\" server=\"MBX1:25\""},
		/* the next attempt of a DEFER; none; authentication of a RECEIVE */
		{"2016-11-14T08:29:01.123Z,,,,MBX1,,,S,DEFER,21,,,,,,,,,,,2016-11-14T08:30:01.000Z",
	         HEAD "DEFER S id=\"21\" server=\"MBX1:25\""},
		{"2016-11-14T08:29:01.123Z,,,,MBX1,,,S,DEFER,21,,,,,,,,,,,04I: ",
	         HEAD "DEFER S id=\"21\" server=\"MBX1:25\""},
	};

	CHECK_CASES(cases);
}
END_TEST

#define TRACED "1479112141.123456 m365 m365 every 1: TRACE - "

START_TEST(a_summary_names_recipients_with_their_statuses)
{
	static const struct envelope_case cases[] = {
		{"origin_timestamp_utc,sender_address,recipient_status,message_subject,total_bytes,message_id,"
	         "network_message_id,original_client_ip,directionality,connector_id,delivery_priority",
	         "nothing"},
		{"2016-11-14T08:29:01.123456Z,ada@x,\"all@x##Receive, Expand;a@x##Receive, Deliver\",hi,4711,<m1@x>,n1,192.0.2.7,1,,Normal",
	         TRACED "id=\"n1\" message-id=\"<m1@x>\" sender-address=\"ada@x\" total-bytes=\"4711\" "
	                "message-subject=\"hi\" recipient=\"all@x\" status=\"Receive, Expand\" recipient=\"a@x\" "
	                "status=\"Receive, Deliver\""},
		/* other columns, as a report may have them */
		{"\"message_id\",\"origin_timestamp\",\"sender_address\",\"recipient_status\"", "nothing"},
		/* wrapped, header and all */
		{"{\"host\":\"h\",\"message\":\"recipient_status,origin_timestamp,sender_address,message_id,message_subject\"}",
	         "nothing"},
		{"{\"host\":\"h\",\"message\":\"a@x##Receive,2016-11-14T08:29:01.123456Z,ada@x,<m1@x>,hi\"}", TRACED
	         "id=\"<m1@x>\" message-id=\"<m1@x>\" sender-address=\"ada@x\" message-subject=\"hi\" recipient=\"a@x\" "
	         "status=\"Receive\""},
	};

	CHECK_SOURCE(cases);
	check_cases(&in_utc, cases + 1, 1); /* without a header: eleven columns */
}
END_TEST

#define JSON_ROW(n, status) \
	"{\"MessageId\":\"\\u003cm" n "@x\\u003e\",\"Received\":\"2016-11-14T08:29:0" n \
	".1234567\",\"SenderAddress\":\"ada@x\"," \
	"\"RecipientAddress\":\"a@x\",\"Subject\":\"hi {[\\\"\",\"Status\":\"" status \
	"\",\"ToIP\":null,\"Size\":4711," \
	"\"MessageTraceId\":\"t" n "\"}"
#define TEXT_ROW(n, status) \
	"TRACE - id=\"t" n "\" message-id=\"<m" n "@x>\" sender-address=\"ada@x\" total-bytes=\"4711\" " \
	"message-subject=\"hi {[\\\"\" recipient-status=\"" status "\" recipient=\"a@x\""

START_TEST(a_document_holds_many_rows)
{
	static const struct envelope_case cases[] = {
		{JSON_ROW("1", "Delivered"), "1479112141.123456 m365 m365 every 1: " TEXT_ROW("1", "Delivered")},
		{"{\"odata.metadata\":\"x\",\"value\":[" JSON_ROW("1", "Expanded") "," JSON_ROW("2", "Failed") "]}",
	         "1479112141.123456 m365 m365 every 1: " TEXT_ROW("1", "Expanded") " | 1479112142 " TEXT_ROW("2",
	                                                                                                     "Failed")},
		{"{\"d\":{\"results\":[" JSON_ROW("1", "A") "," JSON_ROW("2", "B") "]}}",
	         "1479112141.123456 m365 m365 every 1: " TEXT_ROW("1", "A") " | 1479112142 " TEXT_ROW("2", "B")},
		{"[" JSON_ROW("1", "A") "]", "1479112141.123456 m365 m365 every 1: " TEXT_ROW("1", "A")},
		{"{\"host\":\"h\",\"message\":\"{\\\"RecipientAddress\\\":\\\"a@x\\\",\\\"Status\\\":\\\"S\\\","
	         "\\\"Received\\\":\\\"\\/Date(1479112141123)\\/\\\"}\"}",
	         "1479112141.123000 m365 m365 every 1000: TRACE - recipient-status=\"S\" recipient=\"a@x\""},
		/* no rows */
		{"{\"RecipientAddress\":\"a@x\"}", "no message"},
		{"{\"RecipientAddress\":\"a@x\",\"Status\":\"S\",\"Received\":\"yesterday\"}", "no message"},
	};
	struct envelope_scratch *scratch = envelope_scratch_new(&in_utc);

	for (size_t i = 0; i < 5; i++) { /* without a source too */
		char *got = opened(scratch, slice_of(cases[i].line), NULL);

		ck_assert_str_eq(got, cases[i].expected);
		free(got);
	}
	envelope_scratch_free(&scratch);
	check_source(cases, 5);
	for (size_t i = 5; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct envelope e;
		const char *why = NULL;

		scratch = envelope_scratch_new(&in_utc);
		ck_assert_int_ne(envelope_open(scratch, slice_of(cases[i].line), HINT, &e, &why), ENVELOPE_OK);
		envelope_scratch_free(&scratch);
	}
}
END_TEST

START_TEST(a_document_may_be_laid_out_over_lines)
{
	static const struct envelope_case cases[] = {
		{"[", "nothing"},
		{"  {", "nothing"},
		{"    \"MessageId\": \"<m1@x>\",", "nothing"},
		{"    \"Received\": \"2016-11-14T08:29:01.123456\",", "nothing"},
		{"    \"RecipientAddress\": \"a@x\",", "nothing"},
		{"    \"Status\": \"Delivered\"", "nothing"},
		{"  },", TRACED "id=\"<m1@x>\" message-id=\"<m1@x>\" recipient-status=\"Delivered\" recipient=\"a@x\""},
		{"  {", "nothing"},
		{"    \"RecipientAddress\": \"b@x\", \"Status\": \"S\", \"Received\": \"2016-11-14T08:29:01.123456\" }",
	         TRACED "recipient-status=\"S\" recipient=\"b@x\""},
		{"]", "nothing"},
		/* after it, and after one that was broken off: lines as ever */
		{"Nov 14 08:29:01 mx1 postfix/qmgr[1]: 3F2A1B: removed",
	         "1479112141.000000 mx1 postfix/qmgr: 3F2A1B: removed"},
		{"[{", "nothing"},
		{"  \"RecipientAddress\": \"a@x\",", "nothing"},
		{"Nov 14 08:29:01 mx1 postfix/qmgr[1]: 3F2A1B: removed",
	         "1479112141.000000 mx1 postfix/qmgr: 3F2A1B: removed"},
		{"{\"host\":\"mx1\",\"message\":\"Nov 14 08:29:01 mx1 postfix/qmgr[1]: 3F2A1B: removed\"}",
	         "1479112141.000000 mx1 postfix/qmgr: 3F2A1B: removed"},
		{"2016-11-14T08:29:01.123Z,,,,MBX1,,,S,DELIVER,21,,,,,,,,,,,",
	         HEAD "DELIVER S id=\"21\" server=\"MBX1:25\""},
	};

	CHECK_SOURCE(cases);
}
END_TEST

START_TEST(a_document_that_never_ends_swallows_no_more_than_an_object_may_have)
{
	struct envelope_scratch *scratch = envelope_scratch_new(&in_utc);
	struct envelope_source *source = envelope_source_new();
	static const char line[] =
		"{\"host\":\"mx1\",\"message\":\"Nov 14 08:29:01 mx1 postfix/qmgr[1]: 3F2A1B: removed\"}";
	unsigned lost = 0;
	struct envelope e;
	const char *why;

	envelope_use(scratch, source);
	ck_assert_int_eq(envelope_open(scratch, SLICE("[{\"RecipientAddress\":["), HINT, &e, &why), ENVELOPE_EMPTY);
	while (lost < 1000 && envelope_open(scratch, SLICE(line), HINT, &e, &why) != ENVELOPE_OK)
		lost++;
	ck_assert_uint_lt(lost, 250);
	envelope_scratch_free(&scratch);
	envelope_source_free(&source);
}
END_TEST

#define ROW "2016-11-14T08:29:01.123Z,,,,MBX1,,,SMTP,RECEIVE,21,<m1@x>,a@x,,1,1,,,"
#define ROW_READ \
	HEAD "RECEIVE SMTP id=\"21\" message-id=\"<m1@x>\" sender-address=\"s@x\" total-bytes=\"1\" " \
	     "recipient-count=\"1\" server=\"MBX1:25\" message-subject=\""

/* Whoever sends mail chooses its subject. */
START_TEST(a_quoted_cell_may_go_on_in_the_next_lines)
{
	static const struct envelope_case cases[] = {
		{ROW "\"one", "nothing"},
		{"two\",s@x,,", ROW_READ "one two\" recipient=\"a@x\""},
		/* whatever they look like */
		{ROW "\"one", "nothing"},
		{"#Fields: message-id,date-time,event-id,source,recipient-address", "nothing"},
		{"Nov 14 08:29:01 mx1 postfix/qmgr[1]: 3F2A1B: removed", "nothing"},
		{"[{", "nothing"},
		{"", "nothing"},
		{ROW "no quote,s@x,,", "nothing"},
		{"\"\"end\"\"\",s@x,,",
	         ROW_READ "one #Fields: message-id,date-time,event-id,source,recipient-address Nov 14 08:29:01 mx1 "
	                  "postfix/qmgr[1]: 3F2A1B: removed [{ " ROW "no quote,s@x,, \\\"end\\\"\" recipient=\"a@x\""},
		{ROW "plain,s@x,,", ROW_READ "plain\" recipient=\"a@x\""},
		/* one that was cut on its way is no beginning of the next */
		{ROW "\"cut", "nothing"},
		{ROW "plain,s@x,,", "nothing"},
		{ROW "\"a, b\",s@x,,", "again & a quote that is not closed & " ROW_READ
	                               "plain\" recipient=\"a@x\" & " ROW_READ "a, b\" recipient=\"a@x\""},
		{ROW "\"cut", "nothing"},
		{ROW "\"\"\"quoted\"\" text\",s@x,,",
	         "again & a quote that is not closed & " ROW_READ "\\\"quoted\\\" text\" recipient=\"a@x\""},
		/* each file has its own */
		{"{\"host\":\"h\",\"log\":{\"file\":{\"path\":\"1\"}},\"message\":\"" ROW "\\\"one\"}", "nothing"},
		{ROW "plain,s@x,,", ROW_READ "plain\" recipient=\"a@x\""},
		{"{\"host\":\"h\",\"message\":\"" ROW "\\\"three\"}", "nothing"},
		{"{\"host\":\"h\",\"message\":\"four\\\",s@x,,\"}", ROW_READ "three four\" recipient=\"a@x\""},
		{"{\"host\":\"h\",\"log\":{\"file\":{\"path\":\"1\"}},\"message\":\"two\\\",s@x,,\"}",
	         ROW_READ "one two\" recipient=\"a@x\""},
	};

	CHECK_SOURCE(cases);
}
END_TEST

START_TEST(lines_are_not_held_back_for_ever)
{
	struct envelope_scratch *scratch = envelope_scratch_new(&in_utc);
	struct envelope_source *source = envelope_source_new();
	struct slice line;
	struct envelope e;
	const char *why;
	unsigned held = 1, again = 0;

	envelope_use(scratch, source);
	ck_assert_int_eq(envelope_open(scratch, SLICE(ROW "\"cut"), HINT, &e, &why), ENVELOPE_EMPTY);
	while (held < 1000 && envelope_open(scratch, SLICE(ROW "plain,s@x,,"), HINT, &e, &why) == ENVELOPE_EMPTY)
		held++;
	ck_assert_uint_eq(held, 64);
	for (; envelope_again(scratch, &line); again++)
		ck_assert_int_eq(envelope_open(scratch, line, HINT, &e, &why), again ? ENVELOPE_OK : ENVELOPE_UNPARSED);
	ck_assert_uint_eq(again, 65);
	/* At the end of all. */
	ck_assert_int_eq(envelope_open(scratch, SLICE(ROW "\"cut"), HINT, &e, &why), ENVELOPE_EMPTY);
	ck_assert(envelope_flush(scratch));
	ck_assert(envelope_again(scratch, &line));
	ck_assert_int_eq(envelope_open(scratch, line, HINT, &e, &why), ENVELOPE_UNPARSED);
	ck_assert(!envelope_again(scratch, &line));
	ck_assert(!envelope_flush(scratch));
	envelope_scratch_free(&scratch);
	envelope_source_free(&source);
}
END_TEST

START_TEST(what_is_stored_of_a_source_is_checked)
{
	static const char *const damaged[] = {"columns",
	                                      "columns 0 date-time",
	                                      "columns 0 a,b,c,d,e\n",
	                                      "columns 0 date-time,source,event-id,message-id",
	                                      "document 0 0\n",
	                                      "document 1 0 5\n{\n",
	                                      "document 1 0 1\n{",
	                                      "document 1 0\n{",
	                                      "other\n"};
	struct envelope_source *source = envelope_source_new();

	for (size_t i = 0; i < sizeof(damaged) / sizeof(damaged[0]); i++)
		ck_assert_msg(!envelope_source_restore(source, slice_of(damaged[i])), "%s", damaged[i]);
	ck_assert(
		envelope_source_restore(source,
	                                SLICE("columns 0 date-time,source,event-id,message-id\ndocument 2 1 1\n{\n")));
	envelope_source_free(&source);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("exchange");
	TCase *tests = tcase_create("rows");

	suite_add_tcase(suite, tests);
	tcase_add_test(tests, lines_are_cut_at_commas_outside_of_quotes);
	tcase_add_test(tests, columns_are_told_by_their_number);
	tcase_add_test(tests, a_header_says_the_order_of_the_rows_after_it);
	tcase_add_test(tests, what_powershell_exports_is_read);
	tcase_add_test(tests, what_powershell_makes_json_of_is_read);
	tcase_add_test(tests, headers_of_several_files_are_kept_apart);
	tcase_add_test(tests, wrappers_of_every_kind_are_opened);
	tcase_add_test(tests, the_server_that_wrote_a_row_is_its_host);
	tcase_add_test(tests, each_recipient_has_its_own_status_where_they_can_be_told_apart);
	tcase_add_test(tests, hostile_values_cannot_leave_their_quotes);
	tcase_add_test(tests, latency_is_told_or_counted_from_the_arrival);
	tcase_add_test(tests, a_summary_names_recipients_with_their_statuses);
	tcase_add_test(tests, a_document_holds_many_rows);
	tcase_add_test(tests, a_document_may_be_laid_out_over_lines);
	tcase_add_test(tests, a_document_that_never_ends_swallows_no_more_than_an_object_may_have);
	tcase_add_test(tests, a_quoted_cell_may_go_on_in_the_next_lines);
	tcase_add_test(tests, lines_are_not_held_back_for_ever);
	tcase_add_test(tests, what_is_stored_of_a_source_is_checked);
	return suite_run(suite);
}
