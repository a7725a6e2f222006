/* SPDX-License-Identifier: Apache-2.0
 *
 * Everything that the configuration file says, checked, with defaults filled
 * in. Loaded once (and again on SIGHUP), then read only. Durations are
 * microseconds. Meanings and defaults: mailstormd.conf(5), which a test compares with the
 * table in daemon/base/settings.c.
 */
#ifndef MAILSTORM_SETTINGS_H
#define MAILSTORM_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "slice.h"

/* A list of strings, NULL-terminated. */
struct settings_strings {
	char **items;
	size_t count;
};

/* What makes a storm; design: count or cost within a window. */
struct storm_settings {
	int64_t min_recipients; /* distinct mailboxes the thread's posts are due to; 1000 */
	int64_t min_replies;    /* replies within the window; 10 */
	int64_t min_posters;    /* distinct senders of them; 3 */
	int64_t min_pairs;      /* (post, mailbox) pairs the replies committed within the window; 25000 */
	int64_t window;         /* 60m */
	int64_t quiet_after;    /* 30m */
	int64_t thread_gap;     /* 24h */
	double norm_factor;     /* 3.0 */
};

struct host_settings {
	char *glob;     /* fnmatch(3) pattern over the logged host name */
	char *name;     /* the one name of that host, or NULL: as logged */
	char *timezone; /* tz database name for its local time stamps, or NULL: input.timezone */
};

struct list_settings {
	char *address;               /* folded */
	bool ignore;                 /* never an incident */
	bool manager;                /* mail delivered to this address goes to a list manager */
	struct storm_settings storm; /* complete: global ones with this list's own over them */
};

enum date_order { DATE_ORDER_UNKNOWN, DATE_ORDER_DAY, DATE_ORDER_MONTH };
enum extension_mode { EXTENSION_KEEP, EXTENSION_CUT };
enum addresses_mode { ADDRESSES_PLAIN, ADDRESSES_KEYED_HASH };

struct settings {
	struct {
		char *brokers; /* NULL: no Kafka */
		struct settings_strings topics;
		char *group;                        /* "mailstorm" */
		struct settings_strings properties; /* "name=value" */
	} kafka;
	struct {
		char *timezone;                  /* of local time stamps; NULL: the system's */
		int64_t max_skew;                /* 5m */
		int64_t join_window;             /* 5m */
		int64_t queue_lifetime;          /* 6d */
		struct settings_strings relays;  /* globs over relay= host names that are ours whatever the logs show */
		struct settings_strings columns; /* of tables without a header: names, separated by commas */
		enum date_order date_order; /* of exported tables' dates; unknown: none that may be read either way */
	} input;
	struct host_settings *hosts;
	size_t host_count;
	struct {
		char *directory; /* more rules; NULL: only the installed ones */
	} rules;
	struct {
		char *path;         /* "mailstorm.db" under localstatedir by default */
		int64_t checkpoint; /* 1s */
	} store;
	struct {
		int64_t pending_messages; /* 1000000 */
		int64_t past_posts;       /* 500000 */
	} limits;
	struct {
		struct settings_strings local_domains; /* folded */
		struct settings_strings
			same_domains;          /* "other=domain", folded: an address in other is the same in domain */
		bool fold_local_part;          /* true */
		enum extension_mode extension; /* keep */
		char extension_delimiter;      /* '+' */
	} mailbox;
	struct {
		enum addresses_mode addresses; /* plain */
		char *key_file;                /* NULL: none */
	} privacy;
	struct {
		int64_t mailboxes;               /* 30d */
		int64_t unparsed;                /* 7d */
		int64_t incidents, posts, hours; /* 730d */
	} retention;
	struct list_settings *lists; /* sorted by address */
	size_t list_count;
	struct storm_settings storm;
};

/* path NULL: defaults only. NULL and *error ("FILE:LINE: what: why", malloc'ed) on any fault. */
struct settings *settings_load(const char *path, char **error);
void settings_free(struct settings **settings);

/* The settings of one list (folded address): its own, or the global ones. Never NULL. *list gets its section or NULL. */
const struct storm_settings *settings_of_list(const struct settings *settings, struct slice address,
                                              const struct list_settings **list);

/* The storm settings as a JSON object, keys as in the configuration, durations in whole seconds. malloc'ed. */
char *settings_storm_json(const struct storm_settings *storm);

/* "60m", "5s", "6d", "1h30m", "250ms" -> microseconds; false where it is not a duration. */
bool settings_duration(const char *text, int64_t *microseconds);

/* Prints every section and key with type, default, bounds and its line of help; for --help-config and the manual's test. */
struct _IO_FILE;
void settings_describe(struct _IO_FILE *out);

#endif
