/* SPDX-License-Identifier: Apache-2.0
 *
 * Decoding and normalising of subjects, see subject.h. Prefixes: the ones that
 * mail programs put in front in the common languages; all are compared folded
 * (Unicode case folding of the compatibility form, so full-width signs are the plain ones).
 */
#include "daemon/correlate/subject.h"

#include <stdlib.h>
#include <unicase.h>
#include <unistr.h>

#include "daemon/base/ascii.h"
#include "daemon/base/memory.h"
#include "daemon/correlate/encoded_word.h"

/* Where mailers do not fold a header yet, counted without its name: what looks like a fold is a question
 * mark. */
#define FOLD_COLUMN 45
#define TAG_MAX 80
/* What is surely left, behind any usual prefix, of an encoded subject in the 200 bytes that Postfix logs
 * of a header. */
#define NORMAL_MAX 64

/* Reply and forward; and what Outlook calls back, which it asks of everybody whom the mail went to. */
static const char *const reply_prefixes[] = {
	"re",      "fw",          "fwd",                                 /* English, and most */
	"aw",      "antwort",     "wg",                                  /* German */
	"antw",    "doorst",                                             /* Dutch */
	"sv",      "vs",          "vb",         "ang",    "fs",          /* Scandinavian languages */
	"vl",                                                            /* Finnish */
	"odp",     "pd",          "odg",        "ats",    "atb",         /* Polish, Czech, Croatian, Baltic languages */
	"r",       "rif",         "i",                                   /* Italian */
	"res",     "resp",        "rsp",        "ref",    "rv",   "enc", /* Spanish, Portuguese */
	"rép",     "réf",         "tr",                                  /* French */
	"vá",      "va",          "továbbítás",                          /* Hungarian */
	"bls",     "trs",                                                /* Indonesian */
	"ynt",     "ilt",         "i̇lt",                                 /* Turkish; its capital keeps the dot */
	"yml",                                                           /* Welsh */
	"απ",      "σχετ",        "πρθ",                                 /* Greek */
	"на",      "ответ",       "отв",        "пересл", "відп",        /* Russian, Ukrainian */
	"回复",    "答复",        "回覆",       "转发",   "轉寄", "轉發", /* Chinese */
	"返信",    "転送",                                                /* Japanese */
	"답장",    "회신",        "전달",                                 /* Korean */
	"trả lời", "chuyển tiếp",                                         /* Vietnamese */
	"תגובה",   "השב",         "הועבר",                                /* Hebrew */
	"رد",      "إعادة توجيه",                                         /* Arabic */
	"recall",  "rückruf",     "rappel",                               /* called back */
};

static const char *const automatic_prefixes[] = {"automatic reply",
                                                 "auto-reply",
                                                 "autoreply",
                                                 "auto reply",
                                                 "auto response",
                                                 "automatic response",
                                                 "out of office",
                                                 "out of the office",
                                                 "out of office autoreply",
                                                 "i am out of office",
                                                 "vacation",
                                                 "automatische antwort",
                                                 "automatische abwesenheitsnotiz",
                                                 "abwesenheit",
                                                 "abwesend",
                                                 "abwesenheitsnotiz",
                                                 "abwesenheitsnachricht",
                                                 "abwesenheitsmeldung",
                                                 "automatisch antwoord",
                                                 "afwezigheidsbericht",
                                                 "afwezig",
                                                 "autosvar",
                                                 "automatiskt svar",
                                                 "automatisk svar",
                                                 "frånvaro",
                                                 "frånvarande",
                                                 "automaattinen vastaus",
                                                 "poissa",
                                                 "sjálfvirkt svar",
                                                 "réponse automatique",
                                                 "absence du bureau",
                                                 "absent du bureau",
                                                 "respuesta automática",
                                                 "respuesta automatica",
                                                 "fuera de la oficina",
                                                 "resposta automàtica",
                                                 "risposta automatica",
                                                 "fuori sede",
                                                 "fuori ufficio",
                                                 "resposta automática",
                                                 "resposta automatica",
                                                 "ausência temporária",
                                                 "răspuns automat",
                                                 "automatyczna odpowiedź",
                                                 "odpowiedź automatyczna",
                                                 "automatická odpověď",
                                                 "automatická odpoveď",
                                                 "samodejni odgovor",
                                                 "automatski odgovor",
                                                 "automatikus válasz",
                                                 "automaatvastus",
                                                 "automātiska atbilde",
                                                 "automatinis atsakymas",
                                                 "otomatik yanıt",
                                                 "αυτόματη απάντηση",
                                                 "автоответ",
                                                 "автоматический ответ",
                                                 "автоматична відповідь",
                                                 "автоматичен отговор",
                                                 "自動応答",
                                                 "自动答复",
                                                 "自动回复",
                                                 "自動回覆",
                                                 "자동 회신",
                                                 "trả lời tự động",
                                                 "balasan otomatis",
                                                 "מענה אוטומטי",
                                                 "رد تلقائي"};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* The length of a fold: a line break and the white space after it, a space or a tab as '?'. Or 0. */
static size_t subject_fold(struct slice rest)
{
	size_t n = 1;

	if (rest.length < 3 || rest.bytes[0] != '?')
		return 0;
	if (rest.bytes[n] == '?' && rest.bytes[++n] == '?')
		return 0;
	while (n < rest.length && (rest.bytes[n] == ' ' || rest.bytes[n] == '\t'))
		n++;
	return n > 1 && n < rest.length ? n : 0;
}

/* Bytes that are no UTF-8 become U+FFFD, control characters spaces. Returns the length written. */
static size_t subject_clean(const char *from, size_t length, char *to)
{
	size_t written = 0;

	for (size_t at = 0; at < length;) {
		ucs4_t character;
		int taken = u8_mbtouc(&character, (const uint8_t *)from + at, length - at);

		if (character < 0x20 || character == 0x7f)
			character = ' ';
		written += (size_t)u8_uctomb((uint8_t *)to + written, character, 4);
		at += (size_t)taken;
	}
	return written;
}

char *subject_decode(struct slice raw)
{
	char *decoded = memory_checked(malloc(raw.length * 4 + 1)), *clean;
	size_t length = 0, at = 0, line = 0, written, step;
	bool after_word = false;

	while (at < raw.length) {
		struct slice rest = slice_from(raw, at);

		step = encoded_words(rest, decoded + length, &written);
		if (step) {
			length += written;
			at += step;
			after_word = true;
			continue;
		}
		step = at == line || after_word || at - line >= FOLD_COLUMN ? subject_fold(rest) : 0;
		after_word = false;
		if (step) {
			if (length)
				decoded[length++] = ' ';
			line = at += step;
			continue;
		}
		decoded[length++] = raw.bytes[at++];
	}
	clean = memory_checked(malloc(length * 3 + 1));
	length = subject_clean(decoded, length, clean);
	free(decoded);
	while (length && clean[length - 1] == ' ')
		length--;
	clean[length] = '\0';
	return memory_resized(clean, length + 1, 1);
}

static size_t subject_spaces(const char *s)
{
	return strspn(s, " ");
}

/* "[list] ": the length of the tag with what white space follows, or 0. A tag with nothing behind it is a
 * subject. */
static size_t subject_tag(const char *s)
{
	const char *close = *s == '[' ? memchr(s, ']', strnlen(s, TAG_MAX)) : NULL;
	size_t length = close ? (size_t)(close + 1 - s) : 0;

	length += close ? subject_spaces(close + 1) : 0;
	return s[length] ? length : 0;
}

/* The length of what stands between a prefix and its text: "[2]:", "^2:", " (3):", " :", ".:"; 0 where it
 * is no prefix. */
static size_t subject_colon(const char *s)
{
	size_t n = *s == '.', spaces;

	n += subject_spaces(s + n);
	if (s[n] && strchr("[(^*", s[n]))
		n += strspn(s + n, "[]()^*0123456789");
	n += spaces = subject_spaces(s + n);
	return s[n] == ':' ? n + 1 + subject_spaces(s + n + 1) : 0;
}

/* The length of a prefix with its colon and the white space behind it, or 0. */
static size_t subject_prefix(const char *folded, const char *const *prefixes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t n = strlen(prefixes[i]);
		size_t colon = strncmp(folded, prefixes[i], n) == 0 ? subject_colon(folded + n) : 0;

		if (colon)
			return n + colon;
	}
	return 0;
}

static char subject_tag_letter(char c)
{
	return c == '_' || c == '.' || c == ' ' ? '-' : ascii_lower(c);
}

/* The tag begins with the list's local part, in whatever case, its words parted in whatever way. */
static bool subject_tag_of(const char *tag, struct slice list)
{
	size_t local = 0;

	while (local < list.length && list.bytes[local] != '@') {
		if (!tag[1 + local] || subject_tag_letter(tag[1 + local]) != subject_tag_letter(list.bytes[local]))
			return false;
		local++;
	}
	return local && tag[1 + local] && strchr("]: #", tag[1 + local]);
}

char *subject_shown(struct slice raw, struct slice list)
{
	char *decoded = subject_decode(raw);
	size_t cut = subject_spaces(decoded), tag = subject_tag(decoded + cut);

	if (tag && subject_tag_of(decoded + cut, list))
		cut += tag;
	memmove(decoded, decoded + cut, strlen(decoded + cut) + 1);
	return decoded;
}

static char *subject_folded(const char *decoded)
{
	size_t length = 0;
	uint8_t *folded = memory_checked(
		u8_casefold((const uint8_t *)decoded, strlen(decoded), NULL, UNINORM_NFKC, NULL, &length));
	char *copy = memory_string((const char *)folded, length);

	free(folded);
	return copy;
}

bool subject_of_post(struct slice raw, struct slice list)
{
	char *decoded = subject_decode(raw), *folded = subject_folded(decoded);
	size_t cut = subject_spaces(decoded);
	bool post = subject_prefix(folded + subject_spaces(folded), reply_prefixes, COUNT(reply_prefixes)) > 0 ||
	            (subject_tag(decoded + cut) && subject_tag_of(decoded + cut, list));

	free(folded);
	free(decoded);
	return post;
}

/* Prefixes and tags in front, as many as there are. */
static const char *subject_text(const char *at, bool *automatic)
{
	bool reply = false;
	size_t step;

	*automatic = false;
	do {
		step = subject_spaces(at);
		if (!step)
			step = subject_tag(at);
		if (!step && (step = subject_prefix(at, reply_prefixes, COUNT(reply_prefixes))))
			reply = true;
		if (!step && (step = subject_prefix(at, automatic_prefixes, COUNT(automatic_prefixes))))
			*automatic = *automatic || !reply;
		at += step;
	} while (step);
	return at;
}

/* The length of the beginning that is compared: whole characters. */
static size_t subject_beginning(const char *normal, size_t length)
{
	size_t most = NORMAL_MAX;

	if (length <= most)
		return length;
	while (most && ((unsigned char)normal[most] & 0xc0) == 0x80)
		most--;
	return most;
}

char *subject_normal(struct slice raw, bool *automatic)
{
	char *decoded = subject_decode(raw), *folded = subject_folded(decoded), *normal;
	size_t length = 0;

	free(decoded);
	normal = memory_checked(malloc(strlen(folded) + 1));
	for (const char *at = subject_text(folded, automatic); *at; at++)
		if (*at != ' ' && *at != '?')
			normal[length++] = *at;
	free(folded);
	length = subject_beginning(normal, length);
	normal[length] = '\0';
	return normal;
}
