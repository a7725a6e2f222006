/* SPDX-License-Identifier: Apache-2.0
 *
 * The daemon's own log: one line for each event of note, to a stream or to
 * syslog(3). Threads may share one. Text that came from outside is made
 * harmless here; that it holds no mailbox address above debug is the duty of
 * whoever writes it. A notice that cannot be written is lost, nothing else.
 */
#ifndef MAILSTORM_BASE_NOTICE_H
#define MAILSTORM_BASE_NOTICE_H

#include <stdbool.h>
#include <stdio.h>

enum notice_level {
	NOTICE_DEBUG,   /* for whoever looks for a fault in the program; may name mailboxes */
	NOTICE_INFO,    /* it goes as it should: started, read to the end, stopped */
	NOTICE_WARNING, /* somebody should look at it; the program goes on */
	NOTICE_ERROR    /* the program, or what was asked of it, ends here */
};

struct notice;

/* Writes notices of level `least` and above. stream: borrowed, must outlive the notice; NULL: syslog(3), facility
 * daemon (not mail: its own notices are no mail log). program: name before each line; borrowed, as openlog(3) keeps
 * it. Never NULL. One at a time may write to syslog: its connection belongs to the process. */
struct notice *notice_new(const char *program, enum notice_level least, FILE *stream);
void notice_free(struct notice **notice);

/* One line: "program: warning: TEXT", the level left out for info. Line ends, control characters and bytes that are
 * not UTF-8 become '?'; what is longer than 2000 bytes is cut and ends in "...". */
__attribute__((format(printf, 3, 4))) void notice_write(struct notice *notice, enum notice_level level,
                                                        const char *format, ...);

/* Whether notices of this level are written: for texts that cost something to make. */
bool notice_wanted(const struct notice *notice, enum notice_level level);

#endif
