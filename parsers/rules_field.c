/* SPDX-License-Identifier: Apache-2.0
 *
 * The fields of an event by name: one table, made from the lists of event.h,
 * for capture groups, fixed values, conditions, samples and their print. Owns
 * nothing; texts stay slices. A captured text that is no value of its field
 * (a number beyond 64 bits) leaves the field not given.
 */
#include <assert.h>
#include <inttypes.h>

#include "parsers/rules_parts.h"

#define MEMBER(member) offsetof(struct event, member)

/* clang-format off */
static const struct field fields[] = {
#define X(member, meaning) {#member, FIELD_TEXT, MEMBER(member)},
	EVENT_TEXTS(X)
#undef X
#define X(member, meaning) {#member, FIELD_NUMBER, MEMBER(member)},
	EVENT_NUMBERS(X)
#undef X
	{"outcome", FIELD_OUTCOME, MEMBER(outcome)},
	{"manager", FIELD_FLAG, MEMBER(manager)},
	{"permanent", FIELD_FLAG, MEMBER(permanent)},
	{"notification", FIELD_FLAG, MEMBER(notification)},
	{"automatic", FIELD_FLAG, MEMBER(automatic)},
};
/* clang-format on */

/* delay is the one number that logs write as seconds. */
static const struct field delay_field = {"delay", FIELD_SECONDS, MEMBER(delay)};

#define FIELDS (sizeof(fields) / sizeof(fields[0]))

size_t field_count(void)
{
	return FIELDS;
}

const struct field *field_at(size_t index)
{
	assert(index < FIELDS);
	return fields[index].offset == delay_field.offset ? &delay_field : &fields[index];
}

const struct field *field_find(struct slice name)
{
	for (size_t i = 0; i < FIELDS; i++) {
		if (slice_is(name, fields[i].name))
			return field_at(i);
	}
	return NULL;
}

static void *member_of(struct event *event, const struct field *field)
{
	return (char *)event + field->offset;
}

static const void *member_in(const struct event *event, const struct field *field)
{
	return (const char *)event + field->offset;
}

static bool digits_read(struct slice text, int64_t *out)
{
	int64_t number = 0;

	if (text.length == 0)
		return false;
	for (size_t i = 0; i < text.length; i++) {
		unsigned digit = (unsigned char)text.bytes[i] - (unsigned)'0';

		if (digit > 9 || __builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, (int64_t)digit, &number))
			return false;
	}
	*out = number;
	return true;
}

/* Digits after the point: more than six are cut. */
static bool fraction_read(struct slice text, int64_t *microseconds)
{
	int64_t sum = 0;
	int64_t unit = 100000;

	for (size_t i = 0; i < text.length; i++) {
		unsigned digit = (unsigned char)text.bytes[i] - (unsigned)'0';

		if (digit > 9)
			return false;
		sum += (int64_t)digit * unit;
		unit /= 10;
	}
	*microseconds = sum;
	return text.length > 0;
}

/* Seconds, minutes, hours or days. Nothing waits for a million of the longest: what is more, is no delay. */
static bool unit_read(struct slice text, int64_t *out)
{
	return digits_read(text, out) && *out <= 10000000;
}

/* Takes off the last piece, and the `end` before it; false where there is no `end`. */
static bool last_piece(struct slice *text, char end, struct slice *piece)
{
	size_t at = text->length;

	while (at && text->bytes[at - 1] != end)
		at--;
	if (!at)
		return false;
	*piece = slice_from(*text, at);
	*text = slice_first(*text, at - 1);
	return true;
}

/* "HH:MM:SS" or "D+HH:MM:SS" */
static bool clock_read(struct slice text, int64_t *seconds)
{
	struct slice second, minute, hour;
	int64_t d = 0, h, m, s;

	if (!last_piece(&text, ':', &second) || !last_piece(&text, ':', &minute))
		return false;
	if (!last_piece(&text, '+', &hour))
		hour = text;
	else if (!unit_read(text, &d))
		return false;
	if (!unit_read(hour, &h) || !unit_read(minute, &m) || !unit_read(second, &s))
		return false;
	*seconds = ((d * 24 + h) * 60 + m) * 60 + s;
	return true;
}

/* "1w2d3h4m5", as Exim writes them: each unit once, the larger first; digits without a unit are seconds. */
static bool units_read(struct slice text, int64_t *seconds)
{
	static const char letters[] = "wdhm";
	static const int64_t units[] = {604800, 86400, 3600, 60, 1};
	size_t unit = 0;

	*seconds = 0;
	while (text.length && unit < sizeof(letters)) {
		size_t digits = 0;
		int64_t number;

		while (digits < text.length && text.bytes[digits] >= '0' && text.bytes[digits] <= '9')
			digits++;
		while (unit < sizeof(letters) - 1 && (digits == text.length || letters[unit] != text.bytes[digits]))
			unit++;
		if (!unit_read(slice_first(text, digits), &number))
			return false;
		*seconds += number * units[unit];
		text = slice_from(text, digits + (unit++ < sizeof(letters) - 1));
	}
	return unit > 0 && text.length == 0;
}

static bool seconds_read(struct slice text, int64_t *microseconds)
{
	size_t whole = 0;
	int64_t seconds;
	int64_t fraction = 0;

	if (text.length > 1 && text.bytes[text.length - 1] == 's' && text.bytes[text.length - 2] <= '9')
		text.length--;
	while (whole < text.length && text.bytes[whole] != '.')
		whole++;
	if (whole < text.length && !fraction_read(slice_from(text, whole + 1), &fraction))
		return false;
	text = slice_first(text, whole);
	if (!unit_read(text, &seconds) && !clock_read(text, &seconds) && !units_read(text, &seconds))
		return false;
	*microseconds = seconds * 1000000 + fraction;
	return true;
}

static bool flag_read(struct slice text, int64_t *out)
{
	*out = slice_is(text, "yes");
	return *out || slice_is(text, "no");
}

bool field_value_of(const struct field *field, struct slice text, struct field_value *out)
{
	*out = (struct field_value){.field = field, .text = text};
	switch (field->type) {
	case FIELD_TEXT: return true;
	case FIELD_NUMBER: return digits_read(text, &out->number);
	case FIELD_SECONDS: return seconds_read(text, &out->number);
	case FIELD_OUTCOME: out->number = event_outcome_of(text); return out->number >= 0;
	case FIELD_FLAG: return flag_read(text, &out->number);
	}
	assert(!"field type");
	return false;
}

void field_set(struct event *event, const struct field_value *value)
{
	void *member = member_of(event, value->field);

	switch (value->field->type) {
	case FIELD_TEXT: *(struct slice *)member = value->text; break;
	case FIELD_NUMBER:
	case FIELD_SECONDS: *(int64_t *)member = value->number; break;
	case FIELD_OUTCOME: *(enum event_outcome *)member = (enum event_outcome)value->number; break;
	case FIELD_FLAG: *(bool *)member = value->number != 0; break;
	}
}

void field_capture(struct event *event, const struct field *field, struct slice text)
{
	struct field_value value;

	if (field->type == FIELD_TEXT)
		*(struct slice *)member_of(event, field) = text;
	else if (field_value_of(field, text, &value))
		field_set(event, &value);
}

int64_t field_number(const struct event *event, const struct field *field)
{
	const void *member = member_in(event, field);

	switch (field->type) {
	case FIELD_NUMBER:
	case FIELD_SECONDS: return *(const int64_t *)member;
	case FIELD_OUTCOME: return *(const enum event_outcome *)member;
	case FIELD_FLAG: return *(const bool *)member;
	case FIELD_TEXT: break;
	}
	assert(!"a number's field");
	return -1;
}

bool field_has(const struct event *event, const struct field_value *value)
{
	struct slice text;

	if (value->field->type != FIELD_TEXT)
		return field_number(event, value->field) == value->number;
	text = field_text(event, value->field);
	return slice_given(text) == slice_given(value->text) && slice_equal(text, value->text);
}

void field_clear(struct event *event)
{
	memset(event, 0, sizeof(*event));
#define X(member, meaning) event->member = -1;
	EVENT_NUMBERS(X)
#undef X
}

bool field_print(const struct event *event, const struct field *field, char *buffer, size_t size)
{
	int64_t number;
	struct slice text;

	if (field->type == FIELD_TEXT) {
		text = field_text(event, field);
		if (slice_given(text))
			snprintf(buffer, size, "%.*s", (int)text.length, text.bytes);
		return slice_given(text);
	}
	number = field_number(event, field);
	switch (field->type) {
	case FIELD_OUTCOME: snprintf(buffer, size, "%s", event_outcome_name((enum event_outcome)number)); break;
	case FIELD_FLAG: snprintf(buffer, size, "%s", number ? "yes" : "no"); break;
	case FIELD_NUMBER: snprintf(buffer, size, "%" PRId64, number); break;
	default: snprintf(buffer, size, "%" PRId64 ".%06" PRId64, number / 1000000, number % 1000000); break;
	}
	return field->type == FIELD_OUTCOME || field->type == FIELD_FLAG ? number != 0 : number >= 0;
}
