/* SPDX-License-Identifier: Apache-2.0
 *
 * Storms by name: each is a set of options, given as they would be on the
 * command line, where they may still be overruled, and says which of its
 * figures were published and which are assumed. Storms that must be found
 * come first, mail that must not be taken for one comes last.
 */
#include "options.h"

/* clang-format off */
#define SETTINGS(...) (const char *const[]){__VA_ARGS__, NULL}

const struct preset presets[] = {
	{"small", "a list of 1200, 30 attempts to post by 12 people in an hour, every kind of outcome",
	 SETTINGS("members", "1200", "posts", "30", "posters", "12", "duration", "1h", "hosts", "1", "hops", "2",
	          "mailbox-hosts", "2", "background", "0.2", "deferred", "8", "bounced", "4", "expired", "2",
	          "external", "10", "close-after", "26", "auto-replies", "3", "lifetime", "4h", "rate",
	          "100"),
	 "Made up, all of it: a storm with some of everything."},
	{"nhs16", "NHSmail, 14 November 2016, as one analyst told it: 1.2 million mailboxes, 151 posts",
	 SETTINGS("members", "1200000", "posts", "151", "posters", "80", "list", "everyone@nhs.example", "start",
	          "2016-11-14T08:29:00Z", "duration", "76m", "hosts", "16", "hops", "2", "mailbox-hosts", "60",
	          "background", "120", "rate", "700", "mailbox-rate", "160", "auto-replies", "20", "deferred", "1",
	          "bounced", "0.1", "lifetime", "1d"),
	 "Published: 1.2 million people, about 151 mails for each, at least 186 million needless mails (an analyst's\n"
	 "estimate of the morning, quoted by the press); about 80 repliers, from 08:29 to 09:45 (report to the board of\n"
	 "NHS Digital, January 2017, quoted by The Register). 151 x 1.2 million is 181 million.\n"
	 "Assumed: the numbers of servers and their rates, ordinary mail (120 a second, some 5 million in 12 hours),\n"
	 "20 automatic replies, 1 % deferred, 0.1 % bounced, that all accounts were on the list."},
	{"nhs16-official", "the same as the operator told it: 850,000 mailboxes, a post and 80 replies, delays to 3 h",
	 SETTINGS("members", "850000", "posts", "81", "posters", "81", "list", "everyone@nhs.example", "start",
	          "2016-11-14T08:29:00Z", "duration", "76m", "hosts", "16", "hops", "2", "mailbox-hosts", "60",
	          "background", "46", "rate", "700", "mailbox-rate", "75", "in-turn", "yes", "deferred", "1", "bounced",
	          "0.1", "lifetime", "1d"),
	 "Published: 850,000 accounts (840,000 in NHS Digital's first statements), about 80 repliers, 08:29 to 09:45,\n"
	 "an ordinary 3 to 5 million mails a day (report to the board of NHS Digital, January 2017, quoted by The\n"
	 "Register), delays of up to three hours (The Register's sources). The same report counts 500 million mails in\n"
	 "these 75 minutes; 81 x 850,000 is 69 million, and no one published how this fits together.\n"
	 "Assumed: one post each, 4 million ordinary mails a day evenly (46 a second), the numbers of servers, rates\n"
	 "such that what comes at 09:45 waits three hours for its turn, 1 % deferred, 0.1 % bounced."},
	{"dhs07", "Department of Homeland Security, 3 October 2007: 7,500 subscribers, 275 posts",
	 SETTINGS("members", "7500", "posts", "275", "posters", "120", "list", "daily-report@dhs.example", "start",
	          "2007-10-03T12:19:00Z", "duration", "9h", "pace", "even", "hosts", "1", "hops", "1", "external", "90",
	          "background", "0.5", "rate", "120", "deferred", "3", "bounced", "2", "lifetime", "1d", "auto-replies",
	          "15", "timezone", "America/New_York"),
	 "Published: some 7,500 subscribers and over two million mails by the end of the day (Computerworld, Homeland\n"
	 "Security Newswire), 2.2 million (New York Times); begun at 08:19 local time by an address change request\n"
	 "(IEEE Spectrum); no list manager but a reflector (SANS Internet Storm Center).\n"
	 "Assumed: 275 posts (2.2 million by 7,500 would be 293; 275 make 2.06 million), 120 posters, 9 hours,\n"
	 "90 % of the subscribers elsewhere, 15 automatic replies, 3 % deferred, 2 % bounced, server and rate."},
	{"bedlam97", "Microsoft, 14 October 1997, Bedlam DL3: 13,000 mailboxes, 15 million deliveries in an hour",
	 SETTINGS("members", "13000", "posts", "1154", "posters", "700", "list", "bedlam-dl3@microsoft.example", "start",
	          "1997-10-14T16:00:00Z", "duration", "60m", "pace", "even", "hosts", "6", "hops", "2", "mailbox-hosts",
	          "20", "background", "46", "rate", "600", "mailbox-rate", "200", "timezone", "America/Los_Angeles"),
	 "Published: the day, a list of about 13,000 (the Exchange team's own account, \"Me Too!\", which also says\n"
	 "25,000), 15 million mails in about an hour (the same, and a weekly company newsletter as an employee recalls\n"
	 "it), on an ordinary day 4 million (the latter).\n"
	 "Assumed: 1,154 posts, which is 15 million by 13,000; 700 posters (\"almost to a person\", \"many hundreds\");\n"
	 "09:00 local time; 46 ordinary mails a second, which is 4 million a day; servers and rates, and that they\n"
	 "held out: in truth the transfer agent fell over, and it took two days."},
	{"cisco13", "Cisco, 18 September 2013, sep_training1: 23,565 mailboxes, 4 million mails, up to 5 posts a second",
	 SETTINGS("members", "23565", "posts", "180", "posters", "110", "list", "sep_training1@cisco.example", "start",
	          "2013-09-18T17:00:00Z", "duration", "3h", "burst", "5", "close-after", "170", "hosts", "4", "hops",
	          "2", "mailbox-hosts", "8", "background", "20", "rate", "300", "mailbox-rate", "300", "deferred", "1",
	          "bounced", "0.2", "lifetime", "1d", "auto-replies", "12", "timezone", "America/Los_Angeles"),
	 "Published: the day (a Wednesday), the list's name, 23,565 members (others say 23,570), four million mails,\n"
	 "a peak of five mails a second, ended by closing the list (The Register, from an unnamed source).\n"
	 "Assumed: that these five a second were posts; 170 posts, which is 4 million by 23,565; 10 more refused once\n"
	 "the list was closed; 110 posters, 12 automatic; three hours from 10:00 local time; servers, rates, 20 ordinary\n"
	 "mails a second, 1 % deferred, 0.2 % bounced."},
	{"nyu12", "New York University, 26 November 2012: 39,979 students, a queue that drains all night",
	 SETTINGS("members", "39979", "posts", "70", "posters", "55", "list", "src-contacts@nyu.example", "start",
	          "2012-11-27T01:00:00Z", "duration", "4h", "pace", "even", "close-after", "60", "shape", "mailman",
	          "hosts", "2", "hops", "1", "background", "4", "rate", "30", "deferred", "1", "bounced", "0.5",
	          "external", "10", "lifetime", "1d", "auto-replies", "4", "timezone", "America/New_York"),
	 "Published: 39,979 students on the list src-contacts of a list manager, the evening of 26 November 2012, the\n"
	 "list disabled around midnight, mails still coming in for the rest of the night (NYU Local, Yahoo, MSN).\n"
	 "Assumed: all numbers of posts (the press has \"thousands of mails\" for a reader; here 60 are accepted and 10\n"
	 "refused), 55 posters, 4 automatic, 20:00 to midnight, two servers of 30 deliveries a second, so that the\n"
	 "last is delivered in the morning; ordinary mail, 1 % deferred, 0.5 % bounced, 10 % elsewhere."},
	{"cc-storm", "no list at all: 600 in Cc, each reply without its author and with one more",
	 SETTINGS("members", "600", "posts", "70", "posters", "30", "shape", "recipient-set", "recipients", "growing",
	          "duration", "50m", "hosts", "1", "hops", "2", "background", "0.5", "deferred", "2", "bounced", "1",
	          "lifetime", "4h"),
	 "Made up: a storm by its cost, 70 posts to 600 and more, since 600 are no large list."},
	{"cross-post", "every post to two lists that share three members in ten",
	 SETTINGS("members", "4000", "posts", "25", "posters", "9", "list", "all-doctors@example.org", "second-list",
	          "all-staff@example.org", "shared", "30", "duration", "50m", "hosts", "1", "hops", "2", "background",
	          "0.5", "deferred", "3", "bounced", "1", "lifetime", "4h"),
	 "Made up. Each list has its own posts and its own incident. With enable_original_recipient, Postfix's default,\n"
	 "who is on both lists stands in the queue file twice, and twice at the next hop where that offers DSN."},
	{"newsletter", "no storm: a list manager sends one announcement to 50,000",
	 SETTINGS("members", "50000", "posts", "1", "posters", "1", "list", "news@example.org", "shape", "mailman",
	          "announcements", "yes", "duration", "30m", "external", "60", "deferred", "3", "bounced", "1",
	          "background", "1"),
	 "Made up."},
	{"bulk-sender", "no storm: one sender writes 12 times to the same 5,000 within an hour",
	 SETTINGS("members", "5000", "posts", "12", "posters", "1", "shape", "recipient-set", "duration", "55m", "pace",
	          "even", "external", "50", "deferred", "2", "bounced", "1", "background", "1"),
	 "Made up: far over the cost of a storm, but all of it one sender's."},
	{"busy-list", "no storm: two weeks of a list of 2,000, 15 posts an hour from 6 people by day",
	 SETTINGS("members", "2000", "posts", "2100", "posters", "6", "list", "dev@example.org", "start",
	          "2016-11-07T08:00:00Z", "duration", "14d", "pace", "daily", "topic-posts", "5"),
	 "Made up. With subjects (or references) it is many short threads. With --subjects none it is one long one, which\n"
	 "crosses the thresholds on the first day, when the list has no history; from the fourth day on nothing may."},
	{"robot-loop", "no storm: two robots answer each other's automatic replies over a list of 2,000, 150 times",
	 SETTINGS("members", "2000", "posts", "150", "posters", "2", "auto-replies", "149", "duration", "1h", "pace",
	          "even", "background", "0.2"),
	 "Made up: automatic posts do not count as replies."},
	{"spam-run", "no storm: 150 posts of 90 senders, each to a hundred others",
	 SETTINGS("members", "100", "posts", "150", "posters", "90", "shape", "recipient-set", "recipients", "apart",
	          "duration", "40m", "pace", "even", "external", "30", "deferred", "3", "bounced", "20", "background",
	          "0.5"),
	 "Made up: each is a recipient set of its own, though all have one subject."},
	{"backscatter", "no storm: 20 bounces a second of mail that was never sent, 40 of them to a list of 1,500",
	 SETTINGS("members", "1500", "posts", "41", "posters", "3", "auto-replies", "40", "null-senders", "yes",
	          "announcements", "yes", "backscatter", "20", "duration", "40m", "pace", "even", "background", "1"),
	 "Made up: the null sender, each time another mail, to people and to the list; a third is refused."},
	{NULL, NULL, NULL, NULL},
};
