/* SPDX-License-Identifier: Apache-2.0
 *
 * Decides which characters reach a terminal. UTF-8 is decoded here and not by
 * the locale, so that the verdict is the same everywhere; the locale is asked
 * only for widths. glibc's wchar_t is a Unicode code point.
 */
#define _GNU_SOURCE
#include "daemon/report/safe.h"

#include <langinfo.h>
#include <string.h>
#include <wchar.h>

#include "daemon/base/memory.h"

/* Marks on one character beyond this many are replaced: a pile of them paints over other lines. */
#define MARKS_MAX 4

static const struct {
	uint32_t first;
	uint32_t last;
} hidden_ranges[] = {
	{0x0000, 0x001f},                   /* controls */
	{0x007f, 0x009f},                   /* delete, and the second set of controls */
	{0x00ad, 0x00ad},                   /* soft hyphen */
	{0x061c, 0x061c},                   /* Arabic letter mark */
	{0x115f, 0x1160},                   /* fillers that show nothing */
	{0x180e, 0x180e}, {0x200b, 0x200b}, /* zero width space */
	{0x200e, 0x200f},                   /* left-to-right and right-to-left mark */
	{0x2028, 0x202e},                   /* separators; embeddings and overrides of direction */
	{0x2060, 0x206f},                   /* invisible operators, isolates, deprecated format characters */
	{0x3164, 0x3164}, {0xd800, 0xdfff}, /* surrogates */
	{0xfdd0, 0xfdef},                   /* non-characters */
	{0xfeff, 0xfeff},                   /* zero width no-break space */
	{0xffa0, 0xffa0}, {0xfff0, 0xfffb}, {0xe0000, 0xe0fff}, /* tags, selectors */
};

enum safe_target safe_terminal(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? SAFE_UTF8 : SAFE_ASCII;
}

uint32_t safe_decode(const char *bytes, size_t length, size_t *used)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *b = (const unsigned char *)bytes;
	size_t need = b[0] < 0x80 ? 1 : b[0] < 0xc2 ? 0 : b[0] < 0xe0 ? 2 : b[0] < 0xf0 ? 3 : b[0] < 0xf5 ? 4 : 0;
	uint32_t character;

	*used = 1;
	if (need == 1)
		return b[0];
	if (need == 0 || need > length)
		return UINT32_MAX;
	character = b[0] & (0xffu >> (need + 1));
	for (size_t i = 1; i < need; i++) {
		if ((b[i] & 0xc0) != 0x80)
			return UINT32_MAX;
		character = character << 6 | (b[i] & 0x3f);
	}
	if (character < least[need] || character > 0x10ffff || (character >= 0xd800 && character <= 0xdfff))
		return UINT32_MAX;
	*used = need;
	return character;
}

/* What nearly all text is made of. */
static bool is_plain(uint32_t character)
{
	return character >= 0x20 && character < 0x7f;
}

bool safe_hidden(uint32_t character)
{
	if (is_plain(character))
		return false;
	if ((character & 0xfffe) == 0xfffe)
		return true;
	for (size_t i = 0; i < sizeof(hidden_ranges) / sizeof(hidden_ranges[0]); i++) {
		if (character >= hidden_ranges[i].first && character <= hidden_ranges[i].last)
			return true;
	}
	return false;
}

/* Whether the character may stand; *marks counts those without width since the last one with. */
static bool is_shown(uint32_t character, enum safe_target target, unsigned *marks)
{
	int width;

	if (target == SAFE_FILE && (character == '\t' || character == '\n'))
		return true;
	if (safe_hidden(character))
		return false;
	if (character < 0x80) {
		*marks = 0;
		return true;
	}
	if (target == SAFE_ASCII)
		return false;
	if (target == SAFE_FILE)
		return true;
	width = wcwidth((wchar_t)character);
	if (width > 0)
		*marks = 0;
	else
		(*marks)++;
	return width >= 0 && *marks <= MARKS_MAX;
}

char *safe_text(const char *bytes, size_t length, enum safe_target target)
{
	unsigned marks = MARKS_MAX; /* none may stand at the beginning: it would go onto what is before */
	char *text = NULL;
	size_t size = 0;
	size_t plain = 0;
	FILE *out;

	while (plain < length && is_plain((unsigned char)bytes[plain]))
		plain++;
	if (plain == length)
		return memory_string(bytes, length);
	out = memory_checked(open_memstream(&text, &size));
	for (size_t at = 0, used; at < length; at += used) {
		uint32_t character = safe_decode(bytes + at, length - at, &used);

		if (character == UINT32_MAX)
			fprintf(out, "\\x%02x", (unsigned char)bytes[at]);
		else if (is_shown(character, target, &marks))
			fwrite(bytes + at, 1, used, out);
		else if (character < 0x80)
			fprintf(out, "\\x%02x", (unsigned)character);
		else if (character < 0x10000)
			fprintf(out, "\\u%04x", (unsigned)character);
		else
			fprintf(out, "\\U%08x", (unsigned)character);
	}
	if (fclose(out) != 0)
		abort();
	return text;
}

size_t safe_fit(const char *safe, size_t length, int columns, int *width)
{
	size_t at = 0;

	*width = 0;
	for (size_t used; at < length; at += used) {
		uint32_t character = safe_decode(safe + at, length - at, &used);
		int wide = character < 0x80 || character == UINT32_MAX ? 1 : wcwidth((wchar_t)character);

		if (wide < 0)
			wide = 1;
		if (*width + wide > columns)
			break;
		*width += wide;
	}
	return at;
}

int safe_width(const char *safe, size_t length)
{
	int width;

	safe_fit(safe, length, INT32_MAX - 2, &width);
	return width;
}

size_t safe_line(const char *safe, size_t length, int columns, size_t *next)
{
	int width;
	size_t end = safe_fit(safe, length, columns, &width);
	size_t space = end;

	if (end == 0 && length > 0) /* not even one character fits: it goes alone */
		safe_decode(safe, length, &end);
	if (end < length) {
		while (space > 0 && safe[space] != ' ')
			space--;
		if (space > 0)
			end = space;
	}
	*next = end;
	while (*next < length && safe[*next] == ' ')
		++*next;
	return end;
}

void safe_put(FILE *out, const char *safe, int columns, bool to_the_right, enum safe_target target)
{
	size_t length = strlen(safe);
	const char *sign = "";
	int width = safe_width(safe, length);

	if (width > columns) {
		length = safe_fit(safe, length, columns - 1, &width);
		sign = columns < 1 ? "" : target == SAFE_ASCII ? "~" : "\u2026";
		width += columns < 1 ? 0 : 1;
	}
	if (to_the_right)
		fprintf(out, "%*s", columns - width, "");
	fwrite(safe, 1, length, out);
	fputs(sign, out);
	if (!to_the_right && columns > width)
		fprintf(out, "%*s", columns - width, "");
}
