/* SPDX-License-Identifier: Apache-2.0
 *
 * Storms by name: each is a set of options, given as they would be on the
 * command line, where they may still be overruled. Storms that must be found
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
	          "100")},
	{"nhs16", "14 November 2016: 1.2 million mailboxes, 151 posts of 80 people from 08:29 to 09:45",
	 SETTINGS("members", "1200000", "posts", "151", "posters", "80", "list", "everyone@nhs.example", "start",
	          "2016-11-14T08:29:00Z", "duration", "76m", "hosts", "16", "hops", "2", "mailbox-hosts", "60",
	          "background", "120", "rate", "700", "mailbox-rate", "160", "auto-replies", "20", "deferred", "1",
	          "bounced", "0.1", "lifetime", "1d")},
	{"newsletter", "a list manager sends two announcements to 20,000: no storm",
	 SETTINGS("members", "20000", "posts", "2", "posters", "1", "list", "news@example.org", "shape", "mailman",
	          "announcements", "yes", "duration", "30m", "external", "60", "deferred", "3", "bounced", "1",
	          "background", "1")},
	{"bulk-sender", "one sender writes 50 mails a second to single people: no list, no storm",
	 SETTINGS("members", "5000", "posts", "0", "background", "50", "background-senders", "1", "duration", "20m",
	          "external", "50", "deferred", "2", "bounced", "1")},
	{NULL, NULL, NULL},
};
