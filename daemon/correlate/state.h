/* SPDX-License-Identifier: Apache-2.0
 *
 * The state of the correlator: everything that is known from the lines read,
 * held by one owner (one thread). Modules of correlate/ work on it, store/ writes
 * and loads it. Objects live in arrays and name each other by index, so that
 * they can be written as they stand; index 0 of each array is "none".
 *
 * From facts to figures: a queue file (file) holds its recipients for as long
 * as lines may still change it; each recipient is booked (book.c) in the sets and
 * cells of its message, and can be taken back exactly. A file that is settled
 * is folded: its recipients are forgotten, what they booked stays.
 */
#ifndef MAILSTORM_CORRELATE_STATE_H
#define MAILSTORM_CORRELATE_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/mailbox_set.h"
#include "daemon/base/privacy.h"
#include "daemon/base/ranges.h"
#include "daemon/base/table.h"
#include "daemon/base/texts.h"
#include "daemon/correlate/bundle.h"
#include "daemon/correlate/cells.h"
#include "daemon/correlate/thread_list.h"
#include "event.h"
#include "settings.h"

#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define TIME_NONE INT64_MIN

/* The beginning of the second, minute or hour that a time is in, before 1970 too. */
static inline int64_t time_floor(int64_t time, int64_t unit)
{
	return time - ((time % unit) + unit) % unit;
}

/* What coverage says of one host in one hour. */
struct host_hour {
	int64_t hour;
	int64_t first_at, last_at;
	int64_t lines, unparsed, repeated, lost, orphans, unfinished, ambiguous, late;
	uint64_t minutes; /* a bit per minute that had a line */
	int64_t spilled_orphans,
		spilled_unfinished; /* of spilled queue files accepted then; not stored with the host */
};

struct host {
	uint32_t name;       /* texts */
	int64_t clock;       /* latest time; TIME_NONE before the first line */
	int64_t ahead_since; /* lines in a row that were a day ahead, and the latest of their times */
	int64_t ahead_time;
	struct host_hour *hours; /* ascending by hour */
	uint32_t hour_count, hour_capacity;
	bool dirty;
};

struct relay {
	uint32_t name;    /* texts: HOST:PORT; 0: the number is free */
	uint32_t host;    /* the logging host for a loopback relay or a transport, else 0 */
	uint32_t spilled; /* mentions in queue files out of memory */
	bool program;     /* of this host: it named no next queue file, and may be a content filter, see filter.h */
	bool ours;
	bool settled; /* ours, and no cell that counts names it; not stored */
	bool dirty;
};

/* A relay as logged, and its number. */
#define RELAY_ASKED_MAX 128

struct relay_asked {
	uint32_t host, relay;
	bool names_next;
	uint8_t kind;   /* enum relay_kind */
	uint8_t length; /* of value; 0: none was asked for */
	char value[RELAY_ASKED_MAX];
};

/* A hand-over that a file told of before its Message-ID was read. */
struct claim {
	uint32_t queue_id; /* texts */
	uint32_t relay;
	uint32_t expanded; /* addresses: the address that local(8) expanded into the next file, or 0 */
	int64_t at;
};

/* Recipients of a queue file that ended long ago, see done.h. */
struct done {
	uint32_t via; /* addresses: the original recipient of all of them, or 0 */
	uint32_t count;
	struct ranges ranges;     /* settled, while they are few */
	struct mailbox_set *many; /* else this */
	int64_t looked; /* when recipients were last looked at, host's clock less the join window; not stored */
};

/* How a queue file came to be, and its facts: first what each line about it asks for. */
struct file {
	uint32_t host;
	uint32_t queue_id;         /* texts */
	uint32_t next_incarnation; /* files: older one of the same host and queue ID */
	uint32_t message;          /* messages */
	int64_t first_line;        /* earliest time of its lines */
	int64_t last_line;
	int64_t accepted;       /* acceptance: from the queue ID or the first line */
	int64_t accepted_least; /* attempts tell: not accepted before (their time less their delay); or TIME_NONE */
	uint32_t lines;         /* told of it, for orphans */
	uint32_t largest;       /* no mailbox of a recipient, at hand or bundled, is larger; not stored */
	uint32_t hop;           /* hop number in its message */
	bool live : 1;          /* in use */
	bool dirty : 1;
	bool rests : 1;   /* age.c waits until its queue lifetime is over, unless something is told of it; not stored */
	bool id_time : 1; /* accepted comes from the queue ID */
	bool parented : 1;      /* a hand-over to it was read */
	bool origin_filter : 1; /* origin_id is of a content filter, not of a requeue */
	bool removed : 1, canceled : 1, removed_by_admin : 1, expired : 1, held : 1, lapsed : 1, requeued : 1;
	bool automatic : 1;          /* a header says so */
	bool notification : 1;       /* told to be a notification about another message */
	bool told_late : 1;          /* its naming line was late; or it tells again of a message that came before */
	bool numbered : 1;           /* by the server itself: the queue ID tells no time, and no line that it is gone */
	uint8_t booked_missing_kind; /* enum missing_kind + 1 under which `booked_missing` is booked */
	struct recipient *recipients; /* at hand; the others are in bundles, and those that are done */
	uint32_t recipient_count, recipient_capacity;
	struct bundle *bundles, *last_bundle;
	uint32_t bundled;            /* recipients in bundles */
	uint32_t ended;              /* recipients with an end, those that are done too */
	uint32_t fresh;              /* recipients that no file of its hop had named before */
	uint32_t named;              /* recipients at hand that are booked in SET_NAMED of the file's hop; not stored */
	uint32_t indexed, ascending; /* so many of the first recipients ascend, as far as was looked */
	struct table
		by_recipient; /* of the first `indexed`; made where one is looked for among many that do not ascend */
	struct done done;
	int64_t size, nrcpt; /* -1 unknown; nrcpt: see file_due() */
	int64_t booked_missing;
	int64_t dated_from;                           /* the first line that `accepted` was worked out from */
	int64_t accepted_line;                        /* time of its client=/pickup line, or TIME_NONE */
	int64_t identified_at, queued_at, removed_at; /* times of these lines, or TIME_NONE */
	int32_t resolution;                           /* of first_line */
	uint32_t slot;                                /* its place in the message's file_list */
	uint32_t parent;                              /* files: the queue file that handed over to this, if live */
	uint32_t instance;                            /* texts */
	uint32_t message_id;                          /* texts; 0 unknown; the empty id is a text of length 0 */
	uint32_t resent_id;                           /* texts */
	uint32_t sender;                              /* texts; 0 unknown */
	uint32_t client, login, subject;              /* texts */
	uint32_t sender_list;                         /* addresses: the list whose own sender this is, or 0 */
	uint32_t header_list;                         /* addresses: List-Id, or 0 */
	uint32_t expanded;  /* addresses: local(8) made this file by expanding that address, or 0 */
	uint32_t origin_id; /* texts: the queue ID before this one, as logged */
	uint32_t reference_count, notice_count, claim_count, claim_capacity;
	uint32_t *references; /* texts */
	uint64_t *notices;    /* hashes of queue IDs of notifications about this file */
	struct claim *claims;
};

enum bucket_set {
	SET_NAMED,     /* key: hop */
	SET_DELIVERED, /* at the last hop */
	SET_HANDED,    /* key: relay */
	SET_DEFERRED,
	SET_BOUNCED,
	SET_EXPIRED,
	SET_DISCARDED,
	SET_ADMIN,
	SET_OPEN,
	SET_MEMBERS /* of a list, not of a message */
};

struct keyed_set {
	uint8_t kind;
	uint32_t key;
	struct mailbox_set set;
};

/* The facts of one message that belong together whatever list they will be counted under. */
#define BUCKET_ALSO 3
#define BUCKET_LOOKED 32

struct bucket {
	uint32_t via; /* addresses: original recipient that stands for two mailboxes or more; 0: none */
	uint32_t also
		[BUCKET_ALSO]; /* addresses: further ones, where a hop that tells none names a mailbox of several lists */
	uint32_t lists[BUCKET_ALSO +
	               1];    /* addresses: via and also, or the outermost groups that those are in; made at settling */
	uint32_t sender_list; /* addresses: the files' sender is this list's own */
	uint32_t header_list;
	struct keyed_set *sets; /* sorted by (kind, key) */
	uint32_t set_count, set_capacity;
	struct cells cells;
	int64_t attempts, repeats, hand_overs; /* of folded files and of what is booked */
	bool handed_settled;                   /* no pair was handed to a relay that is not settled; not stored */
	/* Where sets stand, by kind and the key's lowest bits, as found last; not stored. */
	uint16_t looked[SET_MEMBERS][BUCKET_LOOKED];
};

enum missing_kind { MISSING_OPEN, MISSING_CLOSED, MISSING_ADMIN, MISSING_KINDS };

enum hop_way {
	HOP_TAKEN_IN,   /* from elsewhere */
	HOP_REINJECTED, /* through the host's loopback interface, or from a queue file of the host */
	HOP_SUBMITTED,  /* by sendmail(1): there it begins, or a content filter gives it back */
	HOP_REQUEUED    /* from a queue file of the host, of which it is the rest (postsuper -r) */
};

/* Queue files of a message at one place on the way: a host, and how they came to it. */
struct hop {
	uint32_t host;
	uint8_t way;                    /* enum hop_way */
	uint8_t level;                  /* how many times re-injected on this host, as far as links tell */
	int64_t missing[MISSING_KINDS]; /* recipients counted by nrcpt that no line named */
	uint32_t from[8];               /* hops that handed over to this one, number + 1 */
	uint32_t relay; /* relays: the one that its last pair was handed to, where to look first; not stored */
};

struct via_seen {
	uint32_t via, mailbox;
	uint32_t count; /* recipients with it; TABLE_NONE once it counts as a list */
	bool replaced;  /* the log says that it only stands for others */
};

/* The deferral that a pair is booked under, kept while an earlier one may still be read. */
struct deferral {
	uint32_t mailbox; /* addresses */
	uint32_t bucket;  /* number of the message's bucket that it is booked in */
	int64_t at;
	uint32_t host;
};

/* One message on all its hops: queue files tied by Message-ID. */
struct message {
	uint32_t id;      /* texts: Message-ID, or 0 */
	uint32_t next;    /* messages: another message under the same Message-ID */
	uint32_t files;   /* live queue files */
	uint32_t spilled; /* and those that were spilled, of a post */
	uint32_t *file_list;
	uint32_t file_capacity;
	uint32_t lists;                        /* original recipients that count as lists */
	bool live : 1, dirty : 1, changed : 1; /* changed: figures must be made anew */
	bool stored : 1, purge : 1; /* the store has rows of this number; they are of a message that is gone */
	bool post : 1;              /* has buckets: it is, or may be, a post */
	bool ungathered : 1;        /* manager_list was told, and not yet looked for what it made of it; not stored */
	bool unshared : 1;          /* bookings may be others by now: see message_share(); not stored */
	bool recipient_set : 1;     /* nothing names its list: its recipients are the list */
	bool automatic : 1, notification : 1;
	uint8_t root_rank; /* how unlikely it is that the first hop, as far as known, is the first; 0 to 3 */
	uint32_t bucket_count, bucket_capacity;
	struct bucket *buckets;
	struct hop *hops;
	uint32_t hop_count, hop_capacity;
	struct table by_via;
	struct mailbox_set via_set; /* the addresses of vias; not stored */
	struct via_seen *vias;
	uint32_t via_count, via_capacity;
	int64_t first_accepted, last_accepted;
	/* the first hop, as far as known */
	int64_t posted_at;
	uint32_t sender, client, login, subject, root_list; /* texts; root_list addresses: its sender is a list's own */
	uint32_t reference_count;
	int64_t subject_at;
	int64_t size;
	uint32_t *references;
	uint32_t manager_list; /* addresses: delivered to a list manager under this address */
	uint32_t post_count;
	uint32_t *posts; /* posts: what it is counted as */
	struct deferral *deferrals;
	uint32_t deferral_count, deferral_capacity;
	struct table by_deferral;
	uint64_t *notices; /* hashes of the queue IDs of notifications about it */
	uint32_t notice_count, notice_capacity;
	struct table by_notice;
};

/* One post with the figures made of its message. */
struct post {
	int64_t id;       /* number in the store */
	uint32_t message; /* messages; 0: unloaded */
	uint32_t list;    /* lists */
	int64_t posted_at;
	uint32_t message_id, sender, client, login, subject; /* texts */
	uint32_t normal_subject;                             /* texts: normalised, for threads */
	uint32_t *references;
	uint32_t reference_count;
	int64_t size;
	bool automatic, null_sender, sender_known;
	int64_t due, delivered, deferred, bounced, expired, discarded, admin, pending, unaccounted, handed_outside;
	int64_t direct;                  /* named, but not through the list */
	int64_t thread;                  /* thread number */
	int64_t incident, incident_next; /* incident id, 0: none */
	bool unusual;                    /* while its list is judged: it is of an incident that a norm leaves out */
	bool live, dirty, fresh;
	bool kept_row;        /* gone from memory, its row in the store stays */
	uint32_t enlisted_id; /* texts: the Message-ID that by_post_id has it under, or 0 */
};

struct refusal {
	int64_t at;
	uint64_t hash; /* of host, time and text */
};

enum list_kind { LIST_ALIAS, LIST_GROUP, LIST_MANAGER, LIST_RECIPIENT_SET };

struct list {
	uint32_t address; /* addresses */
	enum list_kind kind;
	uint32_t *posts; /* posts, by (posted_at, Message-ID) */
	uint32_t post_count, post_capacity;
	struct refusal *refusals; /* by time */
	uint32_t refusal_count, refusal_capacity;
	struct threads threads;                               /* as of the last settling */
	struct mailbox_set members;                           /* made by figures, since the last turn of retention */
	struct mailbox_set members_before;                    /* between the turn before and that */
	int64_t closed_at;                                    /* or TIME_NONE */
	int64_t first_at, last_at, all_posts, all_deliveries; /* of posts no longer loaded: counted here */
	int64_t judged_at; /* the last post when some left memory: what came until then was judged; or TIME_NONE */
	bool live, dirty, changed;
	bool purge; /* the store has rows of this number; they are of a set that is gone */
};

struct incident {
	int64_t id;
	uint32_t list;
	int64_t thread;
	uint32_t *posts;
	uint32_t post_count;
	int64_t opened_at;
	int64_t detected_at;
	int64_t detected_wall_at;
	int64_t norm;                   /* see struct verdict */
	struct storm_settings settings; /* in force at its detection */
	int method;
	int state; /* as last made: enum incident_state */
	bool live, dirty;
	bool delayed;       /* other mail was not normal again when figures were made; not stored */
	bool frozen;        /* its posts are no longer at hand: it stays as the store has it */
	bool cut;           /* ... which is to be written first, without posts that it had; not stored */
	int64_t heavy_wall; /* when the figures that take long were last made */
};

/* A hand-over that was told, or the queue file that it may name: by (Message-ID, queue ID). */
struct link {
	uint64_t key;
	uint64_t above; /* key of the queue file that handed over first; 0: none was read */
	int64_t at;
	uint32_t file;   /* the queue file itself, once read; its number may have been used again since */
	uint32_t parent; /* the queue file that handed over; likewise */
	/* Units of spill.h that the ends went into; their numbers are then 0. */
	uint32_t file_unit, parent_unit;
	uint32_t message; /* messages: that of the end read last, as it was then */
	uint32_t relays[4];
	uint32_t expanded; /* addresses: see struct claim */
	bool file_read : 1, parent_read : 1;
	bool live : 1, dirty : 1;
};

/* A hand-over that was told just now, see handover.c; not stored. */
#define TOLD 256

struct told {
	uint64_t next; /* hash of the next queue ID */
	int64_t at;
	uint32_t file, message, relay;
};

struct keys;

#define TRANSACTION_SETS 4
#define TRANSACTION_MARKS 32768

/* Of one mail transaction lines are being read: see transaction.h. Not stored. */
struct transaction {
	uint32_t file;       /* files; 0: none is open */
	uint32_t waiting;    /* so many recipients are not booked yet, and not of the file: state.waiting */
	int64_t from;        /* when the first of these was delivered */
	uint32_t host;       /* that all lines are told by */
	uint32_t relay, via; /* of all recipients; via is held once */
	uint32_t lists[2];   /* by whose sender and whose header its message goes on, or 0 */
	uint32_t mailbox;    /* of the recipient told last */
	bool unnamed;        /* none of those that wait was named at the file's hop, as the sets tell: */
	int named_count;     /* ... so many of them; -1: as file_may_have() tells */
	struct mailbox_look named[TRANSACTION_SETS];
	struct mailbox_look vias; /* among the original recipients of its message */
	struct mailbox_look done; /* among those that are done, where they are a set */
	int32_t resolution;       /* of all times */
	int64_t time;             /* of the line read last; those after it are not earlier, */
	int64_t until;            /* ... and earlier than this: of one minute */
	const struct keys *last;  /* of the event taken last; the next one's stand behind them */
};

struct refusal_seen {
	uint32_t address;
	uint32_t subject; /* texts: normalised, of a post to an address that does not tell its list; else 0 */
	struct refusal refusal;
};

/* One about a message of which no line was read yet. */
struct notification {
	uint32_t about; /* texts: its Message-ID */
	uint64_t hash;
	int64_t at;
};

struct past_hour {
	int64_t hour;
	int64_t p95_ms; /* -1: no delivery */
};

struct state {
	const struct settings *settings;
	struct texts *texts;
	struct texts *addresses;
	int64_t wall;                  /* now, as told by the pipeline */
	const struct privacy *privacy; /* hashes that are stored are made with it; NULL: addresses are plain */

	struct host *hosts;
	uint32_t host_count, host_capacity;
	struct table by_host;
	uint32_t host_last; /* of the line before, where to look first; not stored */

	struct relay *relays;
	uint32_t relay_count, relay_capacity;
	struct table by_relay;
	struct relay_asked relay_asked; /* last; not stored */
	uint32_t *free_relays;
	uint32_t free_relay_count, free_relay_capacity;
	uint32_t relays_left;  /* after the last sweep */
	bool relays_changed;   /* a relay became ours since figures were made */
	bool relays_unsettled; /* one may be ours and not settled */

	struct file *files;
	uint32_t file_count, file_capacity;
	struct table by_queue_id;
	uint32_t queue_id_last; /* texts: of the line before, where to look first; not stored */
	uint32_t *free_files;
	uint32_t free_file_count, free_file_capacity;
	uint32_t live_files;
	int64_t *file_looks; /* by number: until this time age.c has nothing to do with the file; not stored */
	uint32_t file_look_count, file_look_capacity;
	struct spill *spill; /* those that are pending and not in memory */

	struct message *messages;
	uint32_t message_count, message_capacity;
	struct table by_message_id;
	uint32_t *free_messages;
	uint32_t free_message_count, free_message_capacity;

	struct transaction transaction;
	struct bundled waiting[BUNDLE_MOST];    /* recipients that wait; a hold of each mailbox is theirs */
	uint64_t marks[TRANSACTION_MARKS / 64]; /* one for each of these, by its mailbox */
	struct told hand_overs[TOLD];
	struct link *links;
	uint32_t link_count, link_capacity;
	struct table by_link;
	uint32_t *free_links;
	uint32_t free_link_count, free_link_capacity;

	struct list *lists;
	uint32_t list_count, list_capacity;
	struct table by_list;
	uint32_t *free_lists; /* of recipient sets that are over */
	uint32_t free_list_count, free_list_capacity;
	struct mailbox_set list_addresses;
	uint32_t lists_settled; /* lists that all posts know of */

	struct post *posts;
	uint32_t post_count, post_capacity;
	struct table by_post_id; /* heads by Message-ID, in no order */
	uint32_t *free_posts;
	uint32_t free_post_count, free_post_capacity;

	struct refusal_seen *refusals; /* of addresses that are no list (yet) */
	uint32_t refusal_count, refusal_capacity;
	uint32_t refusals_left; /* after the last of them were forgotten; not stored */

	struct refusal *told; /* rejects read within the join window, so that one told again is known */
	uint32_t told_count, told_capacity;
	struct table by_told;

	struct notification *notifications;
	uint32_t notification_count, notification_capacity;

	struct incident *incidents;
	uint32_t incident_count, incident_capacity;

	struct cells all;             /* all mail: minutes and hours */
	int64_t cells_before;         /* cells of all mail before this time are forgotten, their hours' rows stay */
	bool hours_changed;           /* a relay's verdict changed hours that have no new bookings */
	struct past_hour *past_hours; /* of all mail, ascending, as the store has them; four weeks */
	uint32_t past_hour_count, past_hour_capacity;

	int64_t log_clock; /* latest host clock */
	int64_t last_fold;
	bool clones_wait;    /* some queue file may wait for the Message-ID of the one that it goes on from */
	bool requeues_wait;  /* ... for that one's acceptance; not stored */
	bool copies_wait;    /* ... of a server that numbers its files: for that one itself */
	int64_t files_left;  /* queue files at hand and spilled after the last fold; not stored */
	int64_t last_unload; /* not stored: done again after a restart */
	int64_t past_weight; /* of what could be unloaded when it was looked at last, see unload_weight() */
	int64_t next_post, next_incident;
	int64_t members_period; /* number of the turn that `members` of lists are of; 0: none yet */
};

/* Memory of growing arrays whose index 0 is none. */
struct state *state_new(const struct settings *settings);
void state_free(struct state **state);

#endif
