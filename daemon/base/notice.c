/* SPDX-License-Identifier: Apache-2.0
 *
 * Decides how a notice looks: its level's word, its length, what of it may
 * reach a terminal or a log file. Each notice is one write, so that lines of
 * several threads do not mix. Owns the connection to syslog(3) while there is
 * one. Failures to write are ignored: there is nobody left to tell.
 */
#include "daemon/base/notice.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "daemon/base/memory.h"
#include "daemon/report/safe.h"

#define NOTICE_LENGTH 2000 /* bytes of text */

struct notice {
	const char *program;
	enum notice_level least;
	FILE *stream; /* NULL: syslog */
};

static const struct {
	const char *word;
	int priority;
} levels[] = {
	[NOTICE_DEBUG] = {"debug: ", LOG_DEBUG},
	[NOTICE_INFO] = {"", LOG_INFO},
	[NOTICE_WARNING] = {"warning: ", LOG_WARNING},
	[NOTICE_ERROR] = {"error: ", LOG_ERR},
};

struct notice *notice_new(const char *program, enum notice_level least, FILE *stream)
{
	struct notice *notice = memory_zeroed(1, sizeof(*notice));

	*notice = (struct notice){.program = program, .least = least, .stream = stream};
	if (!stream)
		openlog(program, LOG_PID, LOG_DAEMON);
	return notice;
}

void notice_free(struct notice **notice)
{
	if (*notice && !(*notice)->stream)
		closelog();
	free(*notice);
	*notice = NULL;
}

bool notice_wanted(const struct notice *notice, enum notice_level level)
{
	return level >= notice->least;
}

/* Every byte of what is not UTF-8, or not to be shown, becomes '?'. */
static void make_harmless(char *text)
{
	size_t length = strlen(text), used;

	for (size_t at = 0; at < length; at += used) {
		uint32_t character = safe_decode(text + at, length - at, &used);

		if (character == UINT32_MAX || safe_hidden(character))
			memset(text + at, '?', used);
	}
}

/* Ends a text that did not fit in "...", between two characters. */
static void cut(char *text)
{
	size_t length = NOTICE_LENGTH - 3;

	while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
		length--;
	memcpy(text + length, "...", sizeof("..."));
}

void notice_write(struct notice *notice, enum notice_level level, const char *format, ...)
{
	char text[NOTICE_LENGTH + 1];
	char line[NOTICE_LENGTH + 200];
	va_list arguments;
	int length;

	assert(level <= NOTICE_ERROR);
	if (!notice_wanted(notice, level))
		return;
	va_start(arguments, format);
	length = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (length < 0)
		return;
	if (length > NOTICE_LENGTH)
		cut(text);
	make_harmless(text);
	if (!notice->stream) {
		syslog(levels[level].priority, "%s%s", levels[level].word, text);
		return;
	}
	length = snprintf(line, sizeof(line), "%.150s: %s%s\n", notice->program, levels[level].word, text);
	fwrite(line, 1, (size_t)length, notice->stream);
	fflush(notice->stream);
}
