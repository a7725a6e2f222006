/* SPDX-License-Identifier: Apache-2.0
 *
 * The command line. Every option is one row: name, type, where it goes,
 * default, bounds, help; parsing, checks and --help come from the table.
 * Presets go through the same table. Faults are told on stderr, the first one
 * ends it.
 */
#include "options.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

enum type { TYPE_NUMBER, TYPE_REAL, TYPE_TEXT, TYPE_TIME, TYPE_DURATION, TYPE_FLAG, TYPE_CHOICE };

struct row {
	const char *name;
	enum type type;
	size_t offset;
	const char *value; /* the default, as on the command line; NULL: not set */
	double least, most;
	const char *help; /* choices: "this|that|...: help" */
};

#define AT(member) offsetof(struct options, member)
#define SET_LEAST 51

/* clang-format off */
static const struct row rows[] = {
	{"storm", TYPE_TEXT, AT(storm), NULL, 0, 0, "NAME: take a preset's settings (listed below)"},
	{"members", TYPE_NUMBER, AT(members), "1000", 1, 50e6, "mailboxes on the list"},
	{"posts", TYPE_NUMBER, AT(posts), "20", 0, 60000, "messages sent to the list"},
	{"posters", TYPE_NUMBER, AT(posters), "10", 1, 100000, "people who send them"},
	{"auto-replies", TYPE_NUMBER, AT(automatic), "0", 0, 100000, "how many of the posts are automatic"},
	{"list", TYPE_TEXT, AT(list), "everyone@example.org", 0, 0, "the list's address"},
	{"second-list", TYPE_TEXT, AT(second_list), NULL, 0, 0, "ADDRESS: every post goes to a second list, too"},
	{"shared", TYPE_REAL, AT(shared), "30", 0, 100, "percent of the members that are on both lists"},
	{"orcpt", TYPE_FLAG, AT(orcpt), "yes", 0, 0, "the next hop keeps who is named under both lists twice (DSN)"},
	{"recipients", TYPE_CHOICE, AT(recipients), "same", 0, 0,
	 "same|growing|apart: recipient-set: all posts to the same; each to one more; each to others"},
	{"topic-posts", TYPE_NUMBER, AT(topic_posts), "0", 0, 60000, "posts in a thread, then comes another; 0: all in one"},
	{"pace", TYPE_CHOICE, AT(pace), "rising", 0, 0,
	 "rising|even|daily|workdays: daily: 10 hours a day; workdays: not in the last two days of seven"},
	{"burst", TYPE_NUMBER, AT(burst), "0", 0, 1000, "posts that come within one second"},
	{"null-senders", TYPE_FLAG, AT(null_senders), "no", 0, 0, "all automatic posts have the null sender"},
	{"start", TYPE_TIME, AT(start), "2016-11-14T08:29:00Z", 0, 0, "the first post"},
	{"duration", TYPE_DURATION, AT(duration), "2h", 1, 400e12, "from the first post to the last attempt to post"},
	{"warmup", TYPE_DURATION, AT(warmup), "1h", 0, 400e12, "ordinary mail before the first post"},
	{"tail", TYPE_DURATION, AT(tail), "45m", 0, 400e12, "ordinary mail after the last post or delivery"},
	{"until", TYPE_DURATION, AT(until), "0s", 0, 4000e12, "stop the clock so long after the start; 0: never"},
	{"hosts", TYPE_NUMBER, AT(hosts), "1", 1, 1000, "list servers"},
	{"hops", TYPE_NUMBER, AT(hops), "1", 1, 3, "1: they deliver; 2: to mailbox servers; 3: a filter between"},
	{"mailbox-hosts", TYPE_NUMBER, AT(mailbox_hosts), "2", 1, 1000, "mailbox servers (hops 2 and 3)"},
	{"filter", TYPE_CHOICE, AT(filter), "after", 0, 0, "after|before: where the filter stands to the expansion"},
	{"shape", TYPE_CHOICE, AT(shape), "virtual", 0, 0,
	 "virtual|alias|mailman|verp|recipient-set: what the list is made of"},
	{"owner-alias", TYPE_FLAG, AT(owner_alias), "no", 0, 0, "alias, and sendmail: there is an owner- alias"},
	{"owner-person", TYPE_FLAG, AT(owner_person), "no", 0, 0, "sendmail: the owner- alias is a person, whose name it takes"},
	{"announcements", TYPE_FLAG, AT(announcements), "no", 0, 0, "no post answers another"},
	{"chunk", TYPE_NUMBER, AT(chunk), "50", 1, 1000, "recipients in one delivery transaction"},
	{"rate", TYPE_REAL, AT(rate), "1000", 0.001, 1e6, "deliveries a second of one list server"},
	{"mailbox-rate", TYPE_REAL, AT(mailbox_rate), "1000", 0.001, 1e6, "deliveries a second of one mailbox server"},
	{"in-turn", TYPE_FLAG, AT(in_turn), "no", 0, 0, "a message waits until all that came before it is delivered"},
	{"lifetime", TYPE_DURATION, AT(lifetime), "5d", 60e6, 400e12, "after which mail is returned"},
	{"background", TYPE_REAL, AT(background), "0", 0, 1e6, "ordinary mails a second"},
	{"background-senders", TYPE_NUMBER, AT(background_senders), "0", 0, 1e6, "who sends them; 0: anybody"},
	{"backscatter", TYPE_REAL, AT(backscatter), "0", 0, 1e6, "bounces of forged mail a second, a third of them refused"},
	{"deferred", TYPE_REAL, AT(deferred), "0", 0, 100, "percent of deliveries that succeed later only"},
	{"bounced", TYPE_REAL, AT(bounced), "0", 0, 100, "percent of mailboxes that do not exist"},
	{"expired", TYPE_REAL, AT(expired), "0", 0, 100, "percent of mailboxes that never take mail in time"},
	{"close-after", TYPE_NUMBER, AT(close_after), "0", 0, 60000, "posts after which the list is removed; 0: never"},
	{"subjects", TYPE_CHOICE, AT(subjects), "references", 0, 0, "none|subject|references: headers that are logged"},
	{"external", TYPE_REAL, AT(external), "0", 0, 100, "percent of members on servers without logs"},
	{"local-domains", TYPE_FLAG, AT(local_domains), "no", 0, 0, "the truth supposes that local_domains is set"},
	{"duplicates", TYPE_REAL, AT(duplicates), "0", 0, 100, "percent of lines told again"},
	{"disorder", TYPE_DURATION, AT(disorder), "0s", 0, 36e8, "lines are shuffled within this time"},
	{"lost", TYPE_REAL, AT(lost), "0", 0, 100, "percent of lines taken out"},
	{"lost-kind", TYPE_CHOICE, AT(lost_kind), "attempts", 0, 0, "attempts|any: attempts: ends at the last hop"},
	{"queue-ids", TYPE_CHOICE, AT(queue_ids), "long", 0, 0, "short|long: enable_long_queue_ids"},
	{"format", TYPE_CHOICE, AT(format), "postfix", 0, 0,
	 "postfix|exchange|m365|exim|sendmail: whose log lines"},
	{"exchange", TYPE_CHOICE, AT(exchange), "2016", 0, 0,
	 "2007|2010|2013|2016|mixed: version of Exchange; mixed: each server another"},
	{"nested", TYPE_NUMBER, AT(nested), "0", 0, 1000, "exchange: groups in the list's group, and in them, that hold its members"},
	{"duplicate", TYPE_FLAG, AT(duplicate), "no", 0, 0, "exchange: replies name their author, too, who is in the group"},
	{"queue-time", TYPE_FLAG, AT(queue_time), "yes", 0, 0, "exim: QT=, how long a delivery took"},
	{"closing", TYPE_CHOICE, AT(refusal), "deleted", 0, 0,
	 "deleted|restricted: exchange: what happens to the list after --close-after"},
	{"trace", TYPE_CHOICE, AT(trace), "summary", 0, 0, "summary|extended|value|results|array: m365: which report"},
	{"utf-16", TYPE_FLAG, AT(utf16), "no", 0, 0, "m365: the report is UTF-16LE"},
	{"envelope", TYPE_CHOICE, AT(form), "native", 0, 0,
	 "rfc3164|rfc5424|iso|native|filebeat|rsyslog-json|fluentbit|vector: wrapping of a line; native: none"},
	{"timezone", TYPE_TEXT, AT(timezone), "UTC", 0, 0, "tz database name, for local time stamps"},
	{"year", TYPE_NUMBER, AT(year), "0", 0, 9999, "put the storm in this year; 0: that of --start"},
	{"seed", TYPE_NUMBER, AT(seed), "1", 0, 9e15, "another number is another storm"},
	{"scale", TYPE_NUMBER, AT(scale), "1", 1, 1e6, "divide members, hosts, rates, background, and the thresholds not given by this"},
	{"output", TYPE_TEXT, AT(output), "-", 0, 0, "FILE of the log lines; -: standard output"},
	{"output-dir", TYPE_TEXT, AT(output_dir), NULL, 0, 0, "DIR: a file HOST.log for every host instead"},
	{"kafka", TYPE_TEXT, AT(kafka), NULL, 0, 0, "BROKERS: produce to Kafka instead"},
	{"topic", TYPE_TEXT, AT(topic), "mail-logs", 0, 0, "Kafka topic"},
	{"partitions", TYPE_NUMBER, AT(partitions), "4", 1, 10000, "of the topic, made if it does not exist"},
	{"key", TYPE_CHOICE, AT(key), "host", 0, 0, "host|none|random: Kafka key"},
	{"truth", TYPE_TEXT, AT(truth), NULL, 0, 0, "FILE of what happened"},
	{"every-mailbox", TYPE_FLAG, AT(every_mailbox), "no", 0, 0, "truth: all mailboxes, where there are over 2000"},
	{"min-recipients", TYPE_NUMBER, AT(min_recipients), "1000", 1, 1e12, "threshold: mailboxes due"},
	{"min-replies", TYPE_NUMBER, AT(min_replies), "10", 1, 1e12, "threshold: replies"},
	{"min-posters", TYPE_NUMBER, AT(min_posters), "3", 1, 1e12, "threshold: senders"},
	{"min-pairs", TYPE_NUMBER, AT(min_pairs), "25000", 1, 1e15, "threshold: pairs committed"},
	{"window", TYPE_DURATION, AT(window), "60m", 1, 400e12, "threshold: within this time"},
	{"quiet-after", TYPE_DURATION, AT(quiet_after), "30m", 1, 400e12, "subsiding after this time without a post"},
};
/* clang-format on */
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static bool parse_duration(const char *text, int64_t *value)
{
	int64_t sum = 0;

	while (*text) {
		char *end;
		double number = strtod(text, &end), unit;

		if (end == text || number < 0)
			return false;
		unit = strncmp(end, "ms", 2) == 0 ? 1e3
		       : *end == 's'              ? 1e6
		       : *end == 'm'              ? 60e6
		       : *end == 'h'              ? 3600e6
		       : *end == 'd'              ? 86400e6
		                                  : 0;
		if (unit == 0)
			return false;
		sum += (int64_t)(number * unit);
		text = end + (strncmp(end, "ms", 2) == 0 ? 2 : 1);
	}
	*value = sum;
	return true;
}

static bool parse_time(const char *text, int64_t *value)
{
	int year, month, day, hour, minute, second = 0, used = 0;

	if (sscanf(text, "%4d-%2d-%2dT%2d:%2d%n", &year, &month, &day, &hour, &minute, &used) != 5)
		return false;
	text += used;
	if (*text == ':') {
		if (sscanf(text, ":%2d%n", &second, &used) != 1)
			return false;
		text += used;
	}
	if (strcmp(text, "Z") != 0 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59)
		return false;
	*value =
		text_days(year, (unsigned)month, (unsigned)day) * DAY + hour * HOUR + minute * MINUTE + second * SECOND;
	return true;
}

static bool parse_choice(const char *help, const char *text, int64_t *value)
{
	size_t length = strlen(text);

	for (int64_t n = 0;; n++) {
		size_t word = strcspn(help, "|:");

		if (word == length && memcmp(help, text, word) == 0) {
			*value = n;
			return true;
		}
		if (help[word] != '|')
			return false;
		help += word + 1;
	}
}

static bool set_value(struct options *options, const struct row *row, const char *text)
{
	char *at = (char *)options + row->offset, *end;
	double number;

	switch (row->type) {
	case TYPE_TEXT: memcpy(at, &text, sizeof(text)); return *text != '\0';
	case TYPE_TIME: return parse_time(text, (int64_t *)(void *)at);
	case TYPE_CHOICE: return parse_choice(row->help, text, (int64_t *)(void *)at);
	case TYPE_FLAG:
		*(bool *)at = strcmp(text, "yes") == 0;
		return strcmp(text, "yes") == 0 || strcmp(text, "no") == 0;
	case TYPE_DURATION:
		return parse_duration(text, (int64_t *)(void *)at) && (double)*(int64_t *)(void *)at >= row->least &&
		       (double)*(int64_t *)(void *)at <= row->most;
	case TYPE_NUMBER:
	case TYPE_REAL: break;
	}
	errno = 0;
	number = strtod(text, &end);
	if (end == text || *end || errno || number < row->least || number > row->most)
		return false;
	if (row->type == TYPE_REAL)
		*(double *)(void *)at = number;
	else
		*(int64_t *)(void *)at = (int64_t)number;
	return true;
}

static const struct row *row_of(const char *name, size_t length)
{
	for (size_t i = 0; i < ROWS; i++)
		if (strlen(rows[i].name) == length && memcmp(rows[i].name, name, length) == 0)
			return &rows[i];
	return NULL;
}

static bool take_preset(struct options *options, const char *name)
{
	for (const struct preset *preset = presets; preset->name; preset++) {
		if (strcmp(preset->name, name) != 0)
			continue;
		for (const char *const *s = preset->settings; *s; s += 2)
			if (!set_value(options, row_of(s[0], strlen(s[0])), s[1])) {
				fprintf(stderr, "stormgen: --storm %s: %s %s: bad value\n", name, s[0], s[1]);
				return false;
			}
		return true;
	}
	fprintf(stderr, "stormgen: --storm: %s: no such preset\n", name);
	return false;
}

static void print_options(void)
{
	printf("usage: stormgen [--OPTION VALUE ...]\n"
	       "Writes the mail log lines of a mail storm, and with --truth what happened in it.\n\n");
	for (size_t i = 0; i < ROWS; i++)
		printf("  --%-20s %s%s%s%s\n", rows[i].name, rows[i].help, rows[i].value ? " (" : "",
		       rows[i].value ? rows[i].value : "", rows[i].value ? ")" : "");
	printf("  --%-20s %s\n\nPresets for --storm:\n", "help", "this text; with --storm NAME: that preset");
	for (const struct preset *preset = presets; preset->name; preset++)
		printf("  %-22s %s\n", preset->name, preset->help);
}

static void print_preset(const struct preset *preset)
{
	printf("%s: %s\n\n%s\n\nIts settings:\n", preset->name, preset->help, preset->sources);
	for (const char *const *s = preset->settings; *s; s += 2)
		printf("  --%s %s\n", s[0], s[1]);
}

static enum options_result print_help(const char *storm)
{
	if (!storm) {
		print_options();
		return OPTIONS_HELP;
	}
	for (const struct preset *preset = presets; preset->name; preset++)
		if (strcmp(preset->name, storm) == 0) {
			print_preset(preset);
			return OPTIONS_HELP;
		}
	fprintf(stderr, "stormgen: --storm: %s: no such preset\n", storm);
	return OPTIONS_WRONG;
}

/* The value of argument *i, which may be the next: --name=value, --name value; a flag may stand alone. NULL and a
 * word on stderr where there is no such option. */
static const char *take_argument(int argc, char **argv, int *i, const struct row **row)
{
	const char *argument = argv[*i];
	size_t length = strcspn(argument, "=");

	*row = strncmp(argument, "--", 2) == 0 ? row_of(argument + 2, length - 2) : NULL;
	if (!*row) {
		fprintf(stderr, "stormgen: %s: no such option; see --help\n", argument);
		return NULL;
	}
	if (argument[length] == '=')
		return argument + length + 1;
	if ((*row)->type == TYPE_FLAG && (*i + 1 == argc || strncmp(argv[*i + 1], "--", 2) == 0))
		return "yes";
	return ++*i < argc ? argv[*i] : "";
}

/* Only what the others build on, which are the preset and the scale; or all others. */
static bool take_arguments(struct options *options, int argc, char **argv, bool first)
{
	for (int i = 1; i < argc; i++) {
		const struct row *row;
		const char *value = take_argument(argc, argv, &i, &row);

		if (!value)
			return false;
		if ((row->offset == AT(storm) || row->offset == AT(scale)) != first)
			continue;
		if (!set_value(options, row, value)) {
			fprintf(stderr, "stormgen: --%s: %s: not a value for it; see --help\n", row->name, value);
			return false;
		}
	}
	return true;
}

static void divide(int64_t *value, int64_t by)
{
	*value = *value / by > 0 ? *value / by : *value > 0;
}

static void apply_scale(struct options *options)
{
	double before = (double)options->hosts * options->rate;
	double mailbox = (double)options->mailbox_hosts * options->mailbox_rate, scale = (double)options->scale;

	if (options->scale == 1)
		return;
	divide(&options->members, options->scale);
	divide(&options->hosts, options->scale);
	divide(&options->mailbox_hosts, options->scale);
	if (options->mailbox_hosts < 2)
		options->mailbox_hosts = 2;
	options->rate = before / scale / (double)options->hosts;
	options->mailbox_rate = mailbox / scale / (double)options->mailbox_hosts;
	options->background /= scale;
	options->backscatter /= scale;
}

static void apply_year(struct options *options)
{
	int64_t year, days = options->start / DAY;
	unsigned month, day;

	if (options->year == 0)
		return;
	text_date(days, &year, &month, &day);
	if (month == 2 && day == 29)
		day = 28;
	options->start += (text_days(options->year, month, day) - days) * DAY;
}

/* What the format's logs have, and its own file's form. */
static void apply_format(struct options *options)
{
	bool syslog = options->format == FORMAT_POSTFIX || options->format == FORMAT_SENDMAIL;

	if (options->form == FORM_NATIVE && syslog)
		options->form = FORM_RFC3164;
	if (options->format != FORMAT_POSTFIX && options->subjects == SUBJECTS_REFERENCES)
		options->subjects = SUBJECTS_SUBJECT;
	if (options->format == FORMAT_SENDMAIL)
		options->subjects = SUBJECTS_NONE;
	if (options->format != FORMAT_M365)
		return;
	options->extended = options->trace == TRACE_EXTENDED;
	if (options->extended) {
		options->format = FORMAT_EXCHANGE;
		options->exchange = VERSION_2013;
		return;
	}
	/* Neither attempts nor causes are told. */
	options->bounced += options->expired;
	options->expired = options->deferred = 0;
	options->hops = options->hosts = 1;
}

/* What a format's logs cannot tell, or the generator not make of them. */
static const char *format_fault(const struct options *o)
{
	bool table = o->format == FORMAT_EXCHANGE || o->format == FORMAT_M365;

	if (o->format == FORMAT_POSTFIX)
		return NULL;
	if (table && o->form != FORM_NATIVE && o->form != FORM_FILEBEAT)
		return "--envelope: rows stand alone (native), or filebeat wraps them";
	if (o->shape == SHAPE_ALIAS || (table && o->shape != SHAPE_VIRTUAL && o->shape != SHAPE_RECIPIENT_SET))
		return "--shape: not one of this --format's";
	if (o->format == FORMAT_SENDMAIL && o->shape == SHAPE_VIRTUAL &&
	    (!o->owner_alias || o->owner_person || o->hops == 1) && o->members < SET_LEAST)
		return "--members: a list of under 50 members that no line names is none";
	if (o->hops > 2 || o->second_list || o->backscatter > 0)
		return "--hops 3, --second-list, --backscatter: with --format postfix only";
	if (o->utf16 && ((o->format != FORMAT_M365 && !o->extended) || o->trace > TRACE_EXTENDED ||
	                 o->form != FORM_NATIVE || o->output_dir || o->kafka))
		return "--utf-16: for a table of --format m365 in one file";
	if (o->format == FORMAT_M365 && (o->until > 0 || (o->trace != TRACE_SUMMARY && o->form != FORM_NATIVE)))
		return "--until, --envelope: not with this --trace";
	if (o->format == FORMAT_M365 && o->trace != TRACE_SUMMARY &&
	    (o->duplicates > 0 || o->disorder > 0 || o->lost > 0))
		return "--duplicates, --disorder, --lost: a document is whole";
	if (o->lost > 0 && o->lost_kind == LOST_ATTEMPTS &&
	    (o->format != FORMAT_EXIM || o->hops < 2 || o->external > 0))
		return "--lost: this --format names several recipients in a line, or some only there; --lost-kind any";
	if (o->until > 0 && table && (o->nested > 0 || o->members > 1000))
		return "--until: of this --format with one copy of a message only: no --nested, 1000 --members at most";
	if (o->until > 0 && !table)
		return "--until: what is due stands in this --format's lines of deliveries only";
	if (o->form == FORM_NATIVE && !table && o->hosts + (o->hops > 1 ? o->mailbox_hosts : 0) > 1 && !o->output_dir)
		return "--envelope native: the lines tell no host; --output-dir";
	return NULL;
}

/* What cannot be, or not together; NULL where all is well. */
static const char *fault_of(const struct options *o)
{
	bool set = o->shape == SHAPE_RECIPIENT_SET;

	if (!strchr(o->list, '@') || strlen(o->list) > 60)
		return "--list: not an address, or over 60 bytes";
	if (o->year != 0 && (o->year < 1971 || o->year > 2200))
		return "--year: 1971 to 2200";
	if (set && o->close_after > 0)
		return "--close-after: a recipient set has no address that could be closed";
	if (set && o->members < SET_LEAST)
		return "--members: a set of under 50 recipients is no list (and its author gets none)";
	if (!set && o->recipients != RECIPIENTS_SAME)
		return "--recipients: for --shape recipient-set only";
	if (o->members * (o->recipients == RECIPIENTS_APART ? o->posts : 1) > 50000000)
		return "--members: over 50 million in all posts";
	if (format_fault(o))
		return format_fault(o);
	if (!o->second_list)
		return NULL;
	if (!strchr(o->second_list, '@') || strlen(o->second_list) > 60 || strcmp(o->list, o->second_list) >= 0)
		return "--second-list: not an address, or over 60 bytes, or not behind the first by the alphabet";
	if (o->shape != SHAPE_VIRTUAL || o->filter != FILTER_AFTER || o->close_after > 0 || o->lost > 0 || o->until > 0)
		return "--second-list: not with another --shape, --filter before, --close-after, --lost or --until";
	return NULL;
}

static bool asks_help(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--help") == 0)
			return true;
	return false;
}

/* The preset named on the command line, or NULL. */
static const char *storm_of(int argc, char **argv)
{
	const char *storm = NULL;

	for (int i = 1; i < argc; i++)
		if (strncmp(argv[i], "--storm=", 8) == 0)
			storm = argv[i] + 8;
		else if (strcmp(argv[i], "--storm") == 0 && i + 1 < argc)
			storm = argv[++i];
	return storm;
}

enum options_result options_parse(struct options *options, int argc, char **argv)
{
	const char *fault;

	memset(options, 0, sizeof(*options));
	if (asks_help(argc, argv))
		return print_help(storm_of(argc, argv));
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].value)
			set_value(options, &rows[i], rows[i].value);
	if (!take_arguments(options, argc, argv, true) || (options->storm && !take_preset(options, options->storm)))
		return OPTIONS_WRONG;
	divide(&options->min_recipients, options->scale);
	divide(&options->min_pairs, options->scale);
	if (!take_arguments(options, argc, argv, false))
		return OPTIONS_WRONG;
	apply_year(options);
	apply_scale(options);
	apply_format(options);
	fault = fault_of(options);
	if (fault)
		fprintf(stderr, "stormgen: %s\n", fault);
	return fault ? OPTIONS_WRONG : OPTIONS_RUN;
}
