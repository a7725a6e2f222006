/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of lines that are syslog as they stand: every form of the head, tags,
 * levels, hosts and their zones, and what the log says about itself.
 */
#define _GNU_SOURCE
#include "tests/envelope_text.h"
#include "tests/suite.h"

#define BODY "3F2A1B: to=<a@example.com>, relay=none: x"

START_TEST(lines_of_rfc3164_are_opened)
{
	static const struct envelope_case cases[] = {
		{"Nov 14 08:29:01 mx1 postfix/smtp[123]: " BODY, "1479112141.000000 mx1 postfix/smtp: " BODY},
		{"<22>Nov 14 08:29:01 mx1 postfix/smtp[123]: " BODY, "1479112141.000000 mx1 postfix/smtp: " BODY},
		{"<22> Nov 14 08:29:01 mx1 postfix/smtp[123]: x", "1479112141.000000 mx1 postfix/smtp: x"},
		{"97 <22>Nov 14 08:29:01 mx1 postfix/smtp[123]: x", "1479112141.000000 mx1 postfix/smtp: x"},
		{"Nov  4 08:29:01 mx1 postfix/smtp[123]: x", "1478248141.000000 mx1 postfix/smtp: x"},
		{"Nov 04 08:29:01 mx1 postfix/smtp[123]: x", "1478248141.000000 mx1 postfix/smtp: x"},
		{"2016 Nov 14 08:29:01.123 mx1 postfix/smtp[123]: x",
	         "1479112141.123000 mx1 postfix/smtp every 1000: x"},
		{"Nov 14 2016 08:29:01 mx1 postfix/smtp[123]: x", "1479112141.000000 mx1 postfix/smtp: x"},
		{"Nov 14 08:29:01.123456 mx1 postfix/smtp[123]: x", "1479112141.123456 mx1 postfix/smtp every 1: x"},
		{"Nov 14 08:29:01.123 UTC: mx1 postfix/smtp[1]: x", "1479112141.123000 mx1 postfix/smtp every 1000: x"},
		{"Nov 14 08:29:01 <mail.info> mx1 postfix/smtp[123]: x", "1479112141.000000 mx1 postfix/smtp: x"},
		{"Nov 14 08:29:01 mx1 mail:info postfix/smtp[123]: x", "1479112141.000000 mx1 postfix/smtp: x"},
		{"Nov 14 08:29:01 mx1 mail.info postfix/smtp[123]: x", "1479112141.000000 mx1 postfix/smtp: x"},
		{"Nov 14 08:29:01 mx1 mail.informal postfix/smtp[123]: x",
	         "1479112141.000000 mx1 mail.informal: postfix/smtp[123]: x"},
		{"Nov 14 08:29:01 mx1 .info postfix/smtp[123]: x", "1479112141.000000 mx1 .info: postfix/smtp[123]: x"},
		{"Nov 14 08:29:01 mx1  postfix/smtp[123]:   x", "1479112141.000000 mx1 postfix/smtp: x"},
		{"\xef\xbb\xbfNov 14 08:29:01 mx1 postfix/smtp[123]: x", "1479112141.000000 mx1 postfix/smtp: x"},
		{"Nov 14 08:29:01 mx1 postfix/smtp[123]: x \r\n", "1479112141.000000 mx1 postfix/smtp: x"},
		{"Nov 14 08:29:01 mx1 postfix/smtp[123]:", "1479112141.000000 mx1 postfix/smtp: "},
		{"Nov 14 08:29:01 2001:db8::5 postfix/smtp[123]: x", "1479112141.000000 2001:db8::5 postfix/smtp: x"},
		{"Nov 14 08:29:01 2001:db8:: postfix/smtp[123]: x", "1479112141.000000 2001:db8:: postfix/smtp: x"},
		{"Nov 14 08:29:01 [192.0.2.1] postfix/smtp[123]: x", "1479112141.000000 [192.0.2.1] postfix/smtp: x"},
		{"Nov 14 08:29:01 src@relay/mx1 postfix/smtp[1]: x", "1479112141.000000 src@relay/mx1 postfix/smtp: x"},
		{"Nov 14 08:29:01 relay Message forwarded from mx1: postfix/smtp[123]: x",
	         "1479112141.000000 mx1 postfix/smtp: x"},
	};

	CHECK_CASES(cases);
}
END_TEST

START_TEST(a_host_may_be_missing)
{
	static const struct envelope_case cases[] = {
		{"Nov 14 08:29:01 postfix/smtp[123]: x", "1479112141.000000 ? postfix/smtp: x"},
		{"<22>Nov 14 08:29:01 postfix/smtp[123]: x", "1479112141.000000 ? postfix/smtp: x"},
		{"<22>Nov 14 08:29:01 sendmail: x", "1479112141.000000 ? sendmail: x"},
		{"Nov 14 08:29:01 postfix/smtp[123] x", "1479112141.000000 ? postfix/smtp: x"},
		{"2016-11-14T08:29:01Z postfix/smtp[123]: x", "1479112141.000000 ? postfix/smtp: x"},
	};

	CHECK_CASES(cases);
}
END_TEST

START_TEST(iso_lines_are_opened)
{
	static const struct envelope_case cases[] = {
		{"2016-11-14T09:29:01.123456+01:00 mx1 postfix/smtp[123]: " BODY,
	         "1479112141.123456 mx1 postfix/smtp every 1: " BODY},
		{"<22>2016-11-14T09:29:01.123456+01:00 mx1 postfix/smtp[123]: x",
	         "1479112141.123456 mx1 postfix/smtp every 1: x"},
		{"2016-11-14T09:29:01+0100 mx1 postfix/smtp[123]: x", "1479112141.000000 mx1 postfix/smtp: x"},
		{"2016-11-14T08:29:01Z mx1 postfix/smtp[123]: x", "1479112141.000000 mx1 postfix/smtp: x"},
		{"2016-11-14 08:29:01 mx1 postfix/smtp[123]: x", "1479112141.000000 mx1 postfix/smtp: x"},
		{"2016-11-14 09:29:01.5 +0100 mx1 postfix/smtp[1]: x",
	         "1479112141.500000 mx1 postfix/smtp every 100000: x"},
		{"2016-12-31T23:59:60Z mx1 postfix/smtp[123]: x", "1483228800.000000 mx1 postfix/smtp: x"},
	};

	CHECK_CASES(cases);
}
END_TEST

START_TEST(lines_of_rfc5424_are_opened)
{
	static const struct envelope_case cases[] = {
		{"<22>1 2016-11-14T09:29:01.123456+01:00 mx1 postfix/smtp 123 - - " BODY,
	         "1479112141.123456 mx1 postfix/smtp every 1: " BODY},
		{"1 2016-11-14T08:29:01Z mx1 postfix/smtp 123 - - x", "1479112141.000000 mx1 postfix/smtp: x"},
		{"88 <22>1 2016-11-14T08:29:01Z mx1 postfix/smtp 123 ID7 - x", "1479112141.000000 mx1 postfix/smtp: x"},
		{"<22>1 2016-11-14T08:29:01Z mx1 postfix 123 - -  x", "1479112141.000000 mx1 postfix cut: x"},
		{"<22>1 2016-11-14T08:29:01Z mx1 postfix-out 123 - - x",
	         "1479112141.000000 mx1 postfix-out/postfix cut: x"},
		{"<22>1 2016-11-14T08:29:01Z mx1 postfix/smtp 1 - [a@1 k=\"v\"][b@1 k=\"\\\"] \\\\\" j=\"]\"] x [y]",
	         "1479112141.000000 mx1 postfix/smtp: x [y]"},
		{"<22>1 2016-11-14T08:29:01Z mx1 postfix/smtp 1 - - \xef\xbb\xbfx",
	         "1479112141.000000 mx1 postfix/smtp: x"},
		{"<22>1 2016-11-14T08:29:01Z mx1 postfix/smtp 1 - -", "1479112141.000000 mx1 postfix/smtp: "},
		{"<22>1 2016-11-14T08:29:01Z - postfix/smtp 1 - - x", "1479112141.000000 ? postfix/smtp: x"},
		{"<22>1 2016-11-14T08:29:01Z mx1 - - - - postfix/smtp[1]: x", "1479112141.000000 mx1 postfix/smtp: x"},
		{"<22>1 2016-11-14T08:29:01Z mx1 - - - - x y", "1479112141.000000 mx1 ? cut: x y"},
		{"<22>1 - mx1 postfix/smtp 1 - - x", "no time stamp"},
		{"<22>1 2016-11-14T08:29:01Z mx1 postfix/smtp", "line ends within its columns"},
		{"<22>1 2016-11-14T08:29:01Z mx1 postfix/smtp 1 - [a@1 k=\"]", "structured data is cut off"},
		{"<22>1 2016-11-14T08:29:01Z mx1 postfix/smtp 1 - [a@1 k=\"\\", "structured data is cut off"},
		{"<22>1 2016-11-14T08:29:01Z mx1 postfix/smtp 1 - x", "structured data is cut off"},
	};

	CHECK_CASES(cases);
}
END_TEST

#define AT "Nov 14 08:29:01 mx1 "
#define IS "1479112141.000000 mx1 "

START_TEST(lines_of_exims_main_log_have_no_host)
{
	static const struct envelope_case cases[] = {
		{"2016-11-14 08:29:01 1dJ08B-0003oP-5i <= a@example.com H=h [192.0.2.1] P=esmtp S=1",
	         "1479112141.000000 ? exim: 1dJ08B-0003oP-5i <= a@example.com H=h [192.0.2.1] P=esmtp S=1"},
		{"2016-11-14 09:29:01.123 +0100 10HmaX-000000005vi-0000 Completed",
	         "1479112141.123000 ? exim every 1000: 10HmaX-000000005vi-0000 Completed"},
		{"2016-11-14 08:29:01.5 [123] 1dJ08B-0003oP-5i Completed",
	         "1479112141.500000 ? exim every 100000: [123] 1dJ08B-0003oP-5i Completed"},
		{"2016-11-14 08:29:01 H=(x) [192.0.2.1] F=<a@example.com> rejected RCPT <b@example.com>: no",
	         "1479112141.000000 ? exim: H=(x) [192.0.2.1] F=<a@example.com> rejected RCPT <b@example.com>: no"},
		{"2016-11-14 08:29:01 Start queue run: pid=1", "1479112141.000000 ? exim: Start queue run: pid=1"},
		{"2016-11-14T08:29:01 Start queue run: pid=1", "1479112141.000000 Start queue: run: pid=1"},
		{"2016-11-14 08:29:01 mx1 exim[1]: Start queue run: pid=1", IS "exim: Start queue run: pid=1"},
		{"Nov 14 08:29:01 mx1 java[1]: 2016-11-14 08:29:02 Warning: x",
	         IS "java: 2016-11-14 08:29:02 Warning: x"},
		{"Nov 14 08:29:01 mx1 exim[1]: 2016-11-14 08:29:01 Start queue run: pid=1",
	         IS "exim: 2016-11-14 08:29:01 Start queue run: pid=1"},
		{"Nov 14 08:29:01 mx1 exim[1]: 2016-11-14 08:29:01 1dJ08B-0003oP-5i => b",
	         IS "exim: 1dJ08B-0003oP-5i => b"},
	};

	CHECK_CASES(cases);
}
END_TEST

/* What the host of a line is that names none, read from the file. */
static void check_origin(const struct settings *settings, const char *path, const char *host)
{
	struct envelope_scratch *scratch = envelope_scratch_new(settings);
	struct envelope e;
	const char *reason;

	envelope_scratch_origin(scratch, path ? slice_of(path) : SLICE_NONE);
	ck_assert_int_eq(envelope_open(scratch, SLICE("2016-11-14 08:29:01 1dJ08B-0003oP-5i Completed"), HINT, &e,
	                               &reason),
	                 ENVELOPE_OK);
	ck_assert_msg(slice_is(e.host, host), "%s: %.*s, not %s", path, (int)e.host.length, e.host.bytes, host);
	ck_assert_int_eq(envelope_open(scratch, SLICE(AT "exim[1]: x"), HINT, &e, &reason), ENVELOPE_OK);
	ck_assert(slice_is(e.host, "mx1"));
	envelope_scratch_free(&scratch);
}

START_TEST(a_line_that_names_no_host_has_that_of_its_file)
{
	struct host_settings hosts[] = {{.glob = (char *)"*/hub/*", .name = (char *)"hub.example.com"}};
	struct settings named = {.input.timezone = "UTC", .hosts = hosts, .host_count = 1};

	check_origin(&in_utc, "/var/log/exim4/mainlog", "/var/log/exim4");
	check_origin(&in_utc, "/var/log/exim4/mainlog.1", "/var/log/exim4");
	check_origin(&in_utc, "mainlog", "");
	check_origin(&in_utc, NULL, "");
	check_origin(&named, "/logs/hub/mainlog", "hub.example.com");
	check_origin(&named, "/logs/store/mainlog", "/logs/store");
}
END_TEST

START_TEST(the_last_component_of_a_tag_is_the_program)
{
	static const struct envelope_case cases[] = {
		{AT "postfix/submission/smtpd[1]: x", IS "postfix/submission/smtpd: x"},
		{AT "postfix-out/smtp[1]: x", IS "postfix-out/smtp: x"},
		{AT "a/b/c/d/qmgr[1]: x", IS "a/b/c/d/qmgr: x"},
		{AT "postfix-a+b@c.d_e/cleanup[1]: x", IS "postfix-a+b@c.d_e/cleanup: x"},
		{AT "postfix/127.0.0.1:10025/smtpd[1]: x", IS "postfix/127.0.0.1:10025/smtpd: x"},
		{AT "postfix/[::1]:10026/smtpd[1]: x", IS "postfix/[::1]:10026/smtpd: x"},
		{AT "postfix/smtp-25/smtpd[1]:x", IS "postfix/smtp-25/smtpd: x"},
		{AT "/usr/sbin/sendmail[1]: x", IS "/usr/sbin/sendmail: x"},
		{AT "/sendmail[1]: x", IS "sendmail: x"},
		{AT "sm-mta[1]: x", IS "sm-mta: x"},
		{AT "dovecot: lmtp(a)<1><b>: x", IS "dovecot: lmtp(a)<1><b>: x"},
		{AT "amavis[1]: (1-2) x", IS "amavis: (1-2) x"},
		{AT "prog[1.2]: x", IS "prog[1.2]: x"},
		{AT "foo:bar baz", IS "foo: bar baz"},
		{AT "postfix[1]: x", IS "postfix cut: x"},
		{AT "postfix: x", IS "postfix cut: x"},
		{AT "postfix/postfix-script[1]: x", IS "postfix/postfix-script: x"},
		{AT "postfix-policyd[1]: x", IS "postfix-policyd: x"},
		{AT "postfix/: x", IS "postfix/? cut: x"},
	};

	CHECK_CASES(cases);
}
END_TEST

START_TEST(a_tag_needs_no_colon)
{
	static const struct envelope_case cases[] = {
		{AT "postfix/smtp[123] x: y", IS "postfix/smtp: x: y"},
		{AT "postfix/smtp x: y", IS "postfix/smtp: x: y"},
		{AT "su 'root' failed", IS "su: 'root' failed"},
		{AT "<weird> x", IS "? cut: <weird> x"},
		/* cut after 32 bytes by a relay, in the name and in the pid */
		{AT "postfix-incoming/submission/smtp x", IS "postfix-incoming/submission/smtp cut: x"},
		{AT "postfix/submissions/smtpd[123456 x", IS "postfix/submissions/smtpd: x"},
		{AT "postfix/smtp[1]4C5D81E3A2: x", IS "postfix/smtp: 4C5D81E3A2: x"}, /* %syslogtag%%msg% */
		{AT "postfix/smtp[1]connect to x", IS "postfix/smtp: connect to x"},
		{AT "postfix/smtp[1]:connect to x", IS "postfix/smtp: connect to x"},
		{AT "a[1.2.3.4]b: x", IS "a[1.2.3.4]b: x"},
	};

	CHECK_CASES(cases);
}
END_TEST

#define UNIT "Mon 2016-11-14 08:29:01 UTC mx1 "

/* systemd's logs-show.c: -o with-unit is as short-full, but for the unit, which stands in place of the tag. */
START_TEST(a_unit_in_place_of_a_tag_tells_the_service)
{
	static const struct envelope_case cases[] = {
		{UNIT "postfix@-.service[2547]: 4C5D81E3A2: removed", IS "postfix cut: 4C5D81E3A2: removed"},
		{UNIT "postfix.service[2547]: warning: x", IS "postfix cut warning: x"},
		{UNIT "postfix@postfix-out.service[1]: x", IS "postfix-out/postfix cut: x"},
		{UNIT "exim4.service[1]: x", IS "exim4: x"},
		{UNIT "sendmail.service[1]: x", IS "sendmail: x"},
		{UNIT "systemd-journald.service[1]: Suppressed 917 messages from postfix@-.service",
	         IS "systemd-journald note: 0 repeats, 917 lost"},
		{UNIT "rsyslog.service[1]: imjournal: 5 messages lost due to rate-limiting",
	         IS "rsyslog note: 0 repeats, 5 lost"},
		{UNIT "init.scope[1]: Started x", IS "init.scope: Started x"},
		{UNIT "postfix/smtp[1]: x", IS "postfix/smtp: x"}, /* what has no unit keeps its tag */
		{UNIT ".service[1]: x", IS ".service: x"},
	};

	CHECK_CASES(cases);
}
END_TEST

START_TEST(seconds_since_1970_begin_a_line)
{
	static const struct envelope_case cases[] = {
		{"1479112141 mx1 postfix/smtp[1]: " BODY, IS "postfix/smtp: " BODY},
		{"1479112141.123456 mx1 postfix/smtp[1]: x", "1479112141.123456 mx1 postfix/smtp every 1: x"},
		{"<22>1479112141 mx1 postfix/smtp[1]: x", IS "postfix/smtp: x"},
		{"1479112141 postfix/smtp[1]: x", "1479112141.000000 ? postfix/smtp: x"},
		{"Nov 15 01:00:00 relay 1479112141 mx1 postfix/smtp[1]: x", IS "postfix/smtp: x"},
		{AT "postfix/smtp[1]: 1479112141 x y", IS "postfix/smtp: 1479112141 x y"},
		{"1479112141", "no time stamp"},
		{"1479112141 postfix", "line ends after the host name"},
		{"14791121411 mx1 postfix/smtp[1]: x", "no time stamp"},
	};

	CHECK_CASES(cases);
}
END_TEST

START_TEST(levels_are_cut_from_the_text)
{
	static const struct envelope_case cases[] = {
		{AT "postfix/smtp[1]: warning: 3F2A1B: x", IS "postfix/smtp warning: 3F2A1B: x"},
		{AT "postfix/smtp[1]: error: x", IS "postfix/smtp error: x"},
		{AT "postfix/smtp[1]: fatal: x", IS "postfix/smtp fatal: x"},
		{AT "postfix/smtp[1]: panic: x", IS "postfix/smtp panic: x"},
		{AT "postfix/smtp[1]: warning: warning: x", IS "postfix/smtp warning: warning: x"},
		{AT "postfix/smtp[1]: warning:x", IS "postfix/smtp: warning:x"},
		{AT "postfix/smtp[1]: 3F2A1B: warning: x", IS "postfix/smtp: 3F2A1B: warning: x"},
		{AT "postfix/smtp[1]: warning:", IS "postfix/smtp: warning:"},
		{AT "postfix/smtp[1]: [ID 197553 mail.info] 3F2A1B: x", IS "postfix/smtp: 3F2A1B: x"},
		{AT "postfix/smtp[1]: [ID 947731 mail.warning] warning: x", IS "postfix/smtp warning: x"},
		{AT "postfix/smtp[1]: [ID 197553", IS "postfix/smtp: [ID 197553"},
	};

	CHECK_CASES(cases);
}
END_TEST

START_TEST(repetitions_are_told)
{
	static const struct envelope_case cases[] = {
		{AT "last message repeated 3 times", IS "? cut x0 note: 3 repeats, 0 lost"},
		{"Nov 14 08:29:01 last message repeated 3 times",
	         "1479112141.000000 ? ? cut x0 note: 3 repeats, 0 lost"},
		{AT "last message repeated 1 time", IS "? cut x0 note: 1 repeats, 0 lost"},
		{AT "--- last message repeated 2 times ---", IS "? cut x0 note: 2 repeats, 0 lost"},
		{AT "syslogd: last message repeated 2 times", IS "syslogd x0 note: 2 repeats, 0 lost"},
		{AT "postfix/smtp[1]: last message repeated 5 times", IS "postfix/smtp x0 note: 5 repeats, 0 lost"},
		{AT
	         "postfix/smtp[1]: Last message '3F2A1B: to=<a@exampl' repeated 4 times, suppressed by syslog-ng on mx1",
	         IS "postfix/smtp x0 note: 4 repeats, 0 lost"},
		{AT "postfix/smtp[1]: message repeated 3 times: [ 3F2A1B: to=<a@b> (x [y])]",
	         IS "postfix/smtp x3: 3F2A1B: to=<a@b> (x [y])"},
		{AT "postfix/smtp[1]: message repeated 2 times: [ warning: x]", IS "postfix/smtp warning x2: x"},
		{AT "postfix/smtp[1]: message repeated 2 times: [x and cut of", IS "postfix/smtp x2: x and cut of"},
		{AT "postfix/smtp[1]: message repeated 99999999999 times: [ x]", IS "postfix/smtp x4294967295: x"},
		{AT "postfix/smtp[1]: message repeated 99999999999999999999999 times: [ x]",
	         IS "postfix/smtp: message repeated 99999999999999999999999 times: [ x]"},
		{AT "postfix/smtp[1]: message repeated 0 times: [ x]",
	         IS "postfix/smtp: message repeated 0 times: [ x]"},
		{AT "postfix/smtp[1]: last message repeated often", IS "postfix/smtp: last message repeated often"},
	};

	CHECK_CASES(cases);
}
END_TEST

START_TEST(losses_are_told)
{
	static const struct envelope_case cases[] = {
		{AT "rsyslogd-2177: imuxsock lost 228 messages from pid 2547 due to rate-limiting",
	         IS "rsyslogd-2177 note: 0 repeats, 228 lost"},
		{AT "rsyslogd-2177: imuxsock begins to drop messages from pid 2547 due to rate-limiting",
	         IS "rsyslogd-2177 note: 0 repeats, 0 lost"},
		{AT "rsyslogd: imjournal: begin to drop messages due to rate-limiting",
	         IS "rsyslogd note: 0 repeats, 0 lost"},
		{AT
	         "rsyslogd: imuxsock[pid: 57, name: /usr/bin/x] from <mx1:postfix/smtp>: begin to drop messages due to "
	         "rate-limiting",
	         IS "rsyslogd note: 0 repeats, 0 lost"},
		{AT
	         "rsyslogd[1]: imjournal: 84667 messages lost due to rate-limiting (20000 allowed within 600 seconds)",
	         IS "rsyslogd note: 0 repeats, 84667 lost"},
		{AT "rsyslogd: imuxsock[pid: 57, name: /usr/bin/x]: 12 messages lost due to rate-limiting",
	         IS "rsyslogd note: 0 repeats, 12 lost"},
		{AT "systemd-journald[1]: Suppressed 917 messages from postfix@-.service",
	         IS "systemd-journald note: 0 repeats, 917 lost"},
		{AT "systemd-journal[1]: Suppressed 917 messages from /",
	         IS "systemd-journal note: 0 repeats, 917 lost"},
		{AT "journal: Missed 1427 kernel messages", IS "journal note: 0 repeats, 1427 lost"},
		{AT "systemd-journald[1]: Forwarding to syslog missed 8 messages.",
	         IS "systemd-journald note: 0 repeats, 8 lost"},
		{AT "syslog-ng[1]: Message(s) dropped while sending message to destination; driver='d#0', "
	            "worker_index='0', time_reopen='60', batch_size='7'",
	         IS "syslog-ng note: 0 repeats, 7 lost"},
		{AT "syslog-ng[1]: Multiple failures while sending message(s) to destination, message(s) dropped; "
	            "driver='d#0', batch_size='3'",
	         IS "syslog-ng note: 0 repeats, 3 lost"},
		/* no losses */
		{AT "rsyslogd: action 'action-8-builtin:omfwd' suspended (module 'builtin:omfwd')",
	         IS "rsyslogd: action 'action-8-builtin:omfwd' suspended (module 'builtin:omfwd')"},
		{AT "syslog-ng[1]: Log statistics; dropped='dst.tcp(d#0,10.0.0.1:514)=5'",
	         IS "syslog-ng: Log statistics; dropped='dst.tcp(d#0,10.0.0.1:514)=5'"},
		{AT "postfix/smtpd[1]: Suppressed 917 messages from x",
	         IS "postfix/smtpd: Suppressed 917 messages from x"},
		{AT "rsyslogd: x messages lost due to rate-limiting",
	         IS "rsyslogd: x messages lost due to rate-limiting"},
	};

	CHECK_CASES(cases);
}
END_TEST

START_TEST(a_line_within_a_line_is_opened_twice_at_most)
{
	static const struct envelope_case cases[] = {
		{"Nov 15 01:00:00 relay maillog: Nov 14 08:29:01 mx1 postfix/smtp[1]: x", IS "postfix/smtp: x"},
		{"Nov 15 01:00:00 relay Nov 14 08:29:01 mx1 postfix/smtp[1]: x", IS "postfix/smtp: x"},
		{"Nov 15 01:00:00 relay 2016-11-14T08:29:01Z mx1 postfix/smtp[1]: x", IS "postfix/smtp: x"},
		{"Nov 15 01:00:00 relay maillog: <22>1 2016-11-14T08:29:01Z mx1 postfix/smtp 1 - - x",
	         IS "postfix/smtp: x"},
		{"Nov 15 01:00:00 mx1 maillog: Nov 14 08:29:01 postfix/smtp[1]: x", IS "postfix/smtp: x"},
		{"Nov 15 01:00:00 a b: Nov 15 01:00:00 c d: Nov 14 08:29:01 mx1 e[1]: x", IS "e: x"},
		{"Nov 15 01:00:00 a b: Nov 15 01:00:00 a b: Nov 14 08:29:01 mx1 e: Nov 14 08:29:01 f g: x",
	         IS "e: Nov 14 08:29:01 f g: x"},
		{AT "maillog: Nov 14 is a day", IS "maillog: Nov 14 is a day"},
	};

	CHECK_CASES(cases);
}
END_TEST

#define BLANKS "                                                                                "

/* docker logs -t and kubectl logs --timestamps put a stamp before each line, docker compose logs a name. */
START_TEST(what_containers_put_before_a_line_is_skipped)
{
	static const struct envelope_case cases[] = {
		{"2016-11-15T01:00:00.123456789Z " AT "postfix/smtp[1]: x", IS "postfix/smtp: x"},
		{"2016-11-15T01:00:00.123456789Z <22>" AT "postfix/smtp[1]: x", IS "postfix/smtp: x"},
		{"2016-11-15T01:00:00Z 2016-11-14T09:29:01+01:00 mx1 postfix/smtp[1]: x", IS "postfix/smtp: x"},
		{"2016-11-15T01:00:00Z 2016-11-15T01:00:00Z " AT "postfix/smtp[1]: x", IS "postfix/smtp: x"},
		{"2016-11-15T01:00:00Z <22>1 2016-11-14T08:29:01Z mx1 postfix/smtp 1 - - x", IS "postfix/smtp: x"},
		{"2016-11-14 08:29:02.123456789  " AT "postfix/smtp[1]: x", IS "postfix/smtp: x"},
		{"2016-11-15T01:00:00Z 2016-11-14 08:29:01 1dJ08B-0003oP-5i Completed",
	         "1479112141.000000 ? exim: 1dJ08B-0003oP-5i Completed"},
		{"2001-11-15T01:00:00Z Nov 14 08:29:01 mx1 postfix/smtp[1]: x",
	         "1005726541.000000 mx1 postfix/smtp: x"}, /* the year */
		{"2002-01-01T00:00:00Z Dec 31 23:59:59 mx1 postfix/smtp[1]: x",
	         "1009843199.000000 mx1 postfix/smtp: x"},
		{"2001-12-31T23:59:59Z Jan  1 00:00:00 mx1 postfix/smtp[1]: x",
	         "1009843200.000000 mx1 postfix/smtp: x"},
		{"2000-02-29T00:00:01Z stdout F Feb 29 00:00:00 mx1 postfix/smtp[1]: x",
	         "951782400.000000 mx1 postfix/smtp: x"},
		{"postfix-1  | " AT "postfix/smtp[1]: x", IS "postfix/smtp: x"},
		{"postfix-1 | 2016-11-15T01:00:00.123456789Z " AT "postfix/smtp[1]: x", IS "postfix/smtp: x"},
		{"[pod/mail-0/postfix] " AT "postfix/smtp[1]: x", IS "postfix/smtp: x"},
		{"[pod/mail-0/postfix] 2016-11-15T01:00:00.123456789Z " AT "postfix/smtp[1]: x", IS "postfix/smtp: x"},
		{"2016-11-15T01:00:00.123456789Z stdout F " AT "postfix/smtp[1]: x", IS "postfix/smtp: x"},
		{"2016-11-15T01:00:00.123456789+01:00 stderr P <22>" AT "postfix/smtp[1]: x", IS "postfix/smtp: x"},
		{"2016-11-14T08:29:01.123456789Z stdout F postfix/smtp[1]: x",
	         "1479112141.123456 ? postfix/smtp every 1: x"},
		{"2016-11-14T08:29:01Z stdout postfix/smtp[1]: x", "1479112141.000000 stdout postfix/smtp: x"},
		{"@400000005829758d075bcd15 " AT "postfix/smtp[1]: x", IS "postfix/smtp: x"},
		{"[pod/mail-0/postfix " AT "postfix/smtp[1]: x", "JSON, but no object"},
		{"[pod/mail-0/postfix]", "JSON, but no object"},
		{"1479112141.123456 mx1 postfix/smtp[1]: x", "1479112141.123456 mx1 postfix/smtp every 1: x"},
		{"Mon 2016-11-14 08:29:01 UTC mx1 postfix/smtp[1]: x", IS "postfix/smtp: x"},
		{"postfix-1| " AT "postfix/smtp[1]: x", "no time stamp"},
		{"post fix | " AT "postfix/smtp[1]: x", "no time stamp"},
		{"| " AT "postfix/smtp[1]: x", "no time stamp"},
		{"a | b | " AT "postfix/smtp[1]: x", "no time stamp"},
		{"postfix-1 " BLANKS " " AT "postfix/smtp[1]: x", "no time stamp"},
		{"postfix-1  |", "no time stamp"},
		{"@400000005829758D075bcd15 " AT "postfix/smtp[1]: x", "no time stamp"},
		{"@400000005829758d075bcd1 " AT "postfix/smtp[1]: x", "no time stamp"},
		{"@400000005829758d075bcd15x " AT "postfix/smtp[1]: x", "no time stamp"},
		{"@400000005829758d075bcd15", "no time stamp"},
		{"2016-11-15T01:00:00Z Nov 14 08:29:01", "line ends after the time stamp"},
		{"2016-11-15T01:00:00Z <22>postfix/smtp[1]: x", "no time stamp"},
		{"2016-11-15T01:00:00Z " AT "last message repeated 2 times", IS "? cut x0 note: 2 repeats, 0 lost"},
	};

	CHECK_CASES(cases);
}
END_TEST

START_TEST(what_is_no_line_is_told_by_reason)
{
	static const struct envelope_case cases[] = {
		{"", "nothing"},
		{" \t\r\n", "nothing"},
		{"-- Reboot --", "nothing"},
		{"Nov 14 08:29:01", "line ends after the time stamp"},
		{"Nov 14 08:29:01 mx1", "line ends after the host name"},
		{"Nov 14 08:2", "no time stamp"},
		{"Feb 30 08:29:01 mx1 a: x", "no such date"},
		{"2015-02-29T08:29:01Z mx1 a: x", "no such date"},
		{"postfix/smtp[1]: x", "no time stamp"},
		{"\xff\xfe\xfd", "no time stamp"},
		{"<", "no time stamp"},
		{"<22>", "no time stamp"},
		{"1 ", "no time stamp"},
		{"#Fields: date-time,client-ip", "#Fields without known columns"},
		{"2016-11-14T08:29:01.123Z,10.0.0.1,mx1,RECEIVE", "not as many columns as any version writes"},
		{"Nov 14 08:29:01 m\x01x a: x", "no host name after the time stamp"},
		{"[{\"message\":\"x\"}]", "JSON, but no object"},
	};

	CHECK_CASES(cases);
}
END_TEST

START_TEST(nul_bytes_before_a_line_are_skipped)
{
	struct envelope_scratch *scratch = envelope_scratch_new(&in_utc);

	check_case(scratch, SLICE("\0\0\0Nov 14 08:29:01 mx1 a[1]: x\0"), HINT, IS "a: x");
	check_case(scratch, SLICE("\0\0\0"), HINT, "only NUL bytes");
	check_case(scratch, SLICE("Nov 14 08:29:01 mx\0 a[1]: x"), HINT, "no host name after the time stamp");
	envelope_scratch_free(&scratch);
}
END_TEST

START_TEST(bodies_keep_every_byte)
{
	static const struct envelope_case cases[] = {
		{AT "postfix/smtp[1]: \xff\xc3\xa4\x01 x", IS "postfix/smtp: \xff\xc3\xa4\x01 x"},
	};

	CHECK_CASES(cases);
}
END_TEST

START_TEST(a_line_of_a_megabyte_is_opened)
{
	struct envelope_scratch *scratch = envelope_scratch_new(&in_utc);
	size_t length = (size_t)1 << 20;
	char *line = malloc(length);
	char *without_blank = malloc(length);
	struct envelope e;
	const char *reason;

	memset(line, 'y', length);
	memcpy(line, AT "a[1]: ", sizeof(AT "a[1]: ") - 1);
	ck_assert_int_eq(envelope_open(scratch, (struct slice){line, length}, HINT, &e, &reason), ENVELOPE_OK);
	ck_assert_uint_eq(e.text.length, length - (sizeof(AT "a[1]: ") - 1));
	memset(without_blank, 'y', length);
	memcpy(without_blank, AT, sizeof(AT) - 1);
	ck_assert_int_eq(envelope_open(scratch, (struct slice){without_blank, length}, HINT, &e, &reason), ENVELOPE_OK);
	ck_assert_uint_eq(e.program.length, 0);
	ck_assert_uint_eq(e.text.length, length - (sizeof(AT) - 1));
	memcpy(without_blank, "Nov 14 08:29:01 yyyyy", 21);
	ck_assert_int_eq(envelope_open(scratch, (struct slice){without_blank, length}, HINT, &e, &reason),
	                 ENVELOPE_UNPARSED);
	ck_assert_str_eq(reason, "no host name after the time stamp");
	free(line);
	free(without_blank);
	envelope_scratch_free(&scratch);
}
END_TEST

START_TEST(hosts_have_names_and_zones_of_their_own)
{
	static struct host_settings hosts[] = {
		{"mx1*", "mail-one", NULL},
		{"MX[12].example.com", "not this", "Europe/Berlin"},
		{"ny*", NULL, "America/New_York"},
	};
	static const struct settings settings = {.input.timezone = "Asia/Kolkata", .hosts = hosts, .host_count = 3};
	static const struct envelope_case cases[] = {
		{"Nov 14 13:59:01 other a: x", "1479112141.000000 other a: x"},
		{"Nov 14 13:59:01 mx1 a: x", "1479112141.000000 mail-one a: x"},
		{"Nov 14 09:29:01 mx1.example.com a: x", "1479112141.000000 mail-one a: x"},
		{"Nov 14 09:29:01 mx2.Example.com a: x", "1479112141.000000 not this a: x"},
		{"Nov 14 03:29:01 ny7 a: x", "1479112141.000000 ny7 a: x"},
		{"2016-11-14T08:29:01Z ny7 a: x", "1479112141.000000 ny7 a: x"},
		{"Nov 14 13:59:01 a[1]: x", "1479112141.000000 ? a: x"},
		{"Oct 30 02:30:00 mx2.example.com a: x", "1477787400.000000 not this a or 1477791000.000000: x"},
		{"Nov  6 01:30:00 ny7 a: x", "1478410200.000000 ny7 a or 1478413800.000000: x"},
	};

	check_cases(&settings, cases, sizeof(cases) / sizeof(cases[0]));
}
END_TEST

START_TEST(many_made_up_hosts_change_no_answer)
{
	static struct host_settings hosts[] = {{"h*7", "seven", NULL}};
	static const struct settings settings = {.input.timezone = "UTC", .hosts = hosts, .host_count = 1};
	struct envelope_scratch *scratch = envelope_scratch_new(&settings);
	int i;

	for (i = 0; i < 5000; i++) {
		char line[64], expected[64];

		snprintf(line, sizeof(line), "Nov 14 08:29:01 h%d a: x", i * 7 % 3000);
		if (i * 7 % 3000 % 10 == 7)
			snprintf(expected, sizeof(expected), "1479112141.000000 seven a: x");
		else
			snprintf(expected, sizeof(expected), "1479112141.000000 h%d a: x", i * 7 % 3000);
		check_case(scratch, slice_of(line), HINT, expected);
	}
	envelope_scratch_free(&scratch);
}
END_TEST

START_TEST(without_a_setting_the_zone_is_the_systems)
{
	static const struct settings nothing = {.host_count = 0};
	static const struct envelope_case cases[] = {{"Nov 14 09:29:01 mx1 a: x", "1479112141.000000 mx1 a: x"}};

	setenv("TZ", "Europe/Berlin", 1);
	check_cases(&nothing, cases, 1);
	check_cases(NULL, cases, 1);
}
END_TEST

START_TEST(a_zone_that_is_none_gives_no_scratch)
{
	static struct host_settings hosts[] = {{"*", NULL, "No/Where"}};
	static const struct settings one = {.input.timezone = "No/Where"};
	static const struct settings two = {.input.timezone = "UTC", .hosts = hosts, .host_count = 1};

	ck_assert_ptr_null(envelope_scratch_new(&one));
	ck_assert_ptr_null(envelope_scratch_new(&two));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("envelope");
	TCase *tests = tcase_create("syslog");

	suite_add_tcase(suite, tests);
	tcase_add_test(tests, lines_of_rfc3164_are_opened);
	tcase_add_test(tests, a_host_may_be_missing);
	tcase_add_test(tests, iso_lines_are_opened);
	tcase_add_test(tests, lines_of_rfc5424_are_opened);
	tcase_add_test(tests, lines_of_exims_main_log_have_no_host);
	tcase_add_test(tests, a_line_that_names_no_host_has_that_of_its_file);
	tcase_add_test(tests, the_last_component_of_a_tag_is_the_program);
	tcase_add_test(tests, a_tag_needs_no_colon);
	tcase_add_test(tests, a_unit_in_place_of_a_tag_tells_the_service);
	tcase_add_test(tests, seconds_since_1970_begin_a_line);
	tcase_add_test(tests, levels_are_cut_from_the_text);
	tcase_add_test(tests, repetitions_are_told);
	tcase_add_test(tests, losses_are_told);
	tcase_add_test(tests, a_line_within_a_line_is_opened_twice_at_most);
	tcase_add_test(tests, what_containers_put_before_a_line_is_skipped);
	tcase_add_test(tests, what_is_no_line_is_told_by_reason);
	tcase_add_test(tests, nul_bytes_before_a_line_are_skipped);
	tcase_add_test(tests, bodies_keep_every_byte);
	tcase_add_test(tests, a_line_of_a_megabyte_is_opened);
	tcase_add_test(tests, hosts_have_names_and_zones_of_their_own);
	tcase_add_test(tests, many_made_up_hosts_change_no_answer);
	tcase_add_test(tests, without_a_setting_the_zone_is_the_systems);
	tcase_add_test(tests, a_zone_that_is_none_gives_no_scratch);
	return suite_run(suite);
}
