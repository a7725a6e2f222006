/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of relays: which relay= values name one, which of them are the same,
 * and when a delivery booked under one counts.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/correlate/relay.h"
#include "daemon/correlate/relay_settle.h"
#include "tests/suite.h"

static struct settings *settings;
static struct state *state;

static void set_up(void)
{
	char *error = NULL;

	settings = settings_load(NULL, &error);
	ck_assert_msg(settings != NULL, "%s", error);
	state = state_new(settings);
}

static void tear_down(void)
{
	state_free(&state);
	settings_free(&settings);
}

static uint32_t relay(uint32_t host, const char *value)
{
	return relay_of(state, host, slice_of(value), RELAY_PLAIN, false);
}

static const char *name_of(uint32_t number)
{
	return texts_get(state->texts, state->relays[number].name).bytes;
}

START_TEST(a_host_with_its_port_is_a_relay_whatever_its_address)
{
	uint32_t number = relay(1, "mx.example.org[192.0.2.1]:25");

	ck_assert_uint_ne(number, 0);
	ck_assert_str_eq(name_of(number), "mx.example.org:25");
	ck_assert_uint_eq(relay(1, "mx.example.org[192.0.2.2]:25"), number);
	ck_assert_uint_eq(relay(2, "MX.Example.org[2001:db8::1]:25"), number);
	ck_assert_uint_ne(relay(1, "mx.example.org[192.0.2.1]:587"), number);
	ck_assert_uint_ne(relay(1, "mx2.example.org[192.0.2.1]:25"), number);
	ck_assert(!state->relays[number].ours && state->relays[number].dirty);
	ck_assert_uint_eq(state->relay_count, 4);
}
END_TEST

START_TEST(a_value_is_asked_for_again_by_another_host_and_in_another_way)
{
	struct slice loopback = SLICE("localhost[127.0.0.1]:10025"), mx = SLICE("mx.example.org[192.0.2.1]:25");
	uint32_t first = relay_of(state, 1, loopback, RELAY_PLAIN, true),
		 other = relay_of(state, 2, loopback, RELAY_PLAIN, true);
	uint32_t number = relay_of(state, 1, mx, RELAY_PLAIN, false);
	char far[400];

	ck_assert(first && other && first != other);
	ck_assert_uint_eq(relay_of(state, 2, loopback, RELAY_PLAIN, true), other);
	ck_assert_uint_eq(relay_of(state, 1, loopback, RELAY_PLAIN, true), first);
	/* Where it is local, only what names its next queue file is one, and a program. */
	ck_assert_uint_eq(relay_of(state, 1, loopback, RELAY_PLAIN, false), 0);
	ck_assert_uint_eq(relay_of(state, 1, loopback, RELAY_PROGRAM, false), first);
	ck_assert_uint_eq(relay_of(state, 1, loopback, RELAY_PLAIN, false), 0);
	ck_assert_uint_eq(relay_of(state, 1, mx, RELAY_LMTP, false), 0);
	ck_assert_uint_eq(relay_of(state, 1, mx, RELAY_PLAIN, false), number);
	ck_assert_uint_eq(relay_of(state, 1, mx, RELAY_LMTP, true), number);
	ck_assert_uint_eq(relay_of(state, 1, slice_first(mx, mx.length - 1), RELAY_PLAIN, false), number + 1);
	/* One that is no more is found no more. */
	ck_assert_uint_eq(relay_of(state, 1, mx, RELAY_PLAIN, false), number);
	relay_forget(state, number);
	relay_of(state, 1, SLICE("mx2.example.org[192.0.2.1]:25"), RELAY_PLAIN, false);
	ck_assert_str_eq(name_of(relay_of(state, 1, mx, RELAY_PLAIN, false)), "mx.example.org:25");
	ck_assert_uint_eq(relay_of(state, 1, mx, RELAY_PLAIN, false), relay_of(state, 3, mx, RELAY_PLAIN, false));
	/* Longer than what is remembered. */
	memset(far, 'x', sizeof(far));
	memcpy(far + 200, "[192.0.2.1]:25", 14);
	number = relay_of(state, 1, (struct slice){far, 214}, RELAY_PLAIN, false);
	ck_assert(number && relay_of(state, 1, (struct slice){far, 213}, RELAY_PLAIN, false) != number);
	ck_assert_uint_eq(relay_of(state, 1, (struct slice){far, 214}, RELAY_PLAIN, false), number);
}
END_TEST

START_TEST(values_that_name_no_host_are_no_relay)
{
	static const char *const values[] = {"",
	                                     "none",
	                                     "local",
	                                     "virtual",
	                                     "dovecot",
	                                     "mailman",
	                                     "mx.example.org",
	                                     "lists.example.org[private/dovecot-lmtp]",
	                                     "lists.example.org[/var/run/lmtp]",
	                                     "localhost[127.0.0.1]:10025",
	                                     "127.0.0.1[127.0.0.1]:10024",
	                                     "ip6-localhost[::1]:24"};

	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
		ck_assert_msg(relay(1, values[i]) == 0, "%s", values[i]);
	ck_assert_uint_eq(relay_of(state, 1, SLICE_NONE, RELAY_PLAIN, true), 0);
	ck_assert_uint_eq(relay_of(state, 1, SLICE(""), RELAY_PLAIN, true), 0);
	ck_assert_uint_eq(state->relay_count, 1);
}
END_TEST

START_TEST(an_lmtp_server_is_the_end_unless_it_names_the_next_queue_file)
{
	struct slice value = SLICE("store.example.org[192.0.2.9]:24");

	ck_assert_uint_eq(relay_of(state, 1, value, RELAY_LMTP, false), 0);
	ck_assert_uint_ne(relay_of(state, 1, value, RELAY_LMTP, true), 0);
}
END_TEST

/* A content filter of each host is its own, though all are called localhost. */
START_TEST(a_loopback_relay_belongs_to_the_host_that_logged_it)
{
	struct slice filter = SLICE("localhost[127.0.0.1]:10025"), socket = SLICE("mx[private/filter]");
	uint32_t one = relay_of(state, 1, filter, RELAY_PLAIN, true),
		 two = relay_of(state, 2, filter, RELAY_PLAIN, true);

	ck_assert_uint_ne(one, 0);
	ck_assert_uint_ne(two, 0);
	ck_assert_uint_ne(one, two);
	ck_assert_uint_eq(relay_of(state, 1, filter, RELAY_PLAIN, true), one);
	ck_assert_str_eq(name_of(one), "localhost:10025");
	ck_assert_uint_eq(state->relays[two].host, 2);
	one = relay_of(state, 1, socket, RELAY_LMTP, true);
	ck_assert_str_eq(name_of(one), "mx[private/filter]");
	ck_assert_uint_ne(relay_of(state, 2, socket, RELAY_LMTP, true), one);
	ck_assert_uint_ne(relay_of(state, 1, SLICE("mx[private/other]"), RELAY_LMTP, true), one);
	ck_assert_uint_ne(relay_of(state, 1, SLICE("filter"), RELAY_PLAIN, true),
	                  relay_of(state, 2, SLICE("filter"), RELAY_PLAIN, true));
}
END_TEST

START_TEST(odd_values_are_names)
{
	static const char *const pairs[][2] = {{"mx[192.0.2.1", "mx[192.0.2.1"},
	                                       {"mx[]:25", "mx:25"},
	                                       {"[192.0.2.1]", ""},
	                                       {"a[b][c]:1", "a[c]:1"},
	                                       {"a[", "a["}};
	char *value = malloc(5000);

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		ck_assert_str_eq(name_of(relay(1, pairs[i][0])), pairs[i][1]);
	memset(value, 'x', 5000);
	value[4990] = '[';
	ck_assert_uint_eq(strlen(name_of(relay_of(state, 1, (struct slice){value, 5000}, RELAY_PLAIN, false))), 320);
	free(value);
}
END_TEST

START_TEST(relays_are_ours_where_configured)
{
	static char *globs[] = {(char *)"*.int.example.org", (char *)"mx?.example.org:25", (char *)"Edge.example.org",
	                        NULL};
	static const struct {
		const char *value;
		bool ours;
	} relays[] = {{"a.int.example.org[192.0.2.1]:25", true},      {"A.INT.example.org[192.0.2.1]:2525", true},
	              {"mx1.example.org[192.0.2.1]:25", true},        {"mx1.example.org[192.0.2.1]:26", false},
	              {"edge.example.org[192.0.2.1]:25", true},       {"int.example.org[192.0.2.1]:25", false},
	              {"a.int.example.org.evil[192.0.2.1]:25", false}};
	struct settings_strings kept = settings->input.relays;

	settings->input.relays = (struct settings_strings){globs, 3};
	for (size_t i = 0; i < sizeof(relays) / sizeof(*relays); i++) {
		uint32_t number = relay(1, relays[i].value);

		ck_assert_msg(state->relays[number].ours == relays[i].ours, "%s", relays[i].value);
	}
	settings->input.relays = kept;
	ck_assert(!state->relays_changed);
}
END_TEST

/* Content filters that do not name the next queue file: a pipe(8) transport, a port of this host, whether it speaks SMTP or LMTP; by
 * their very names. */
START_TEST(filters_of_the_host_are_ours_where_they_are_named)
{
	static char filter[] = "Filter", port[] = "127.0.0.1:10024", pattern[] = "*";
	char *items[] = {filter, port, pattern};
	uint32_t one;

	settings->input.relays.items = items;
	settings->input.relays.count = 3;
	one = relay(1, "filter");
	ck_assert_uint_ne(one, 0);
	ck_assert(state->relays[one].ours);
	ck_assert_uint_ne(relay(2, "filter"), one);
	one = relay(1, "127.0.0.1[127.0.0.1]:10024");
	ck_assert_uint_ne(one, 0);
	ck_assert(state->relays[one].ours);
	ck_assert_uint_eq(state->relays[one].host, 1);
	ck_assert_uint_eq(relay(1, "127.0.0.1[127.0.0.1]:10025"), 0);
	ck_assert_uint_eq(relay(1, "dovecot"), 0);
	ck_assert_uint_eq(relay(1, "local"), 0);
	ck_assert_uint_eq(relay(1, "mx[private/dovecot-lmtp]"), 0);
	ck_assert_uint_eq(relay_of(state, 1, SLICE("127.0.0.1[127.0.0.1]:10024"), RELAY_LMTP, false), one);
	ck_assert_uint_eq(relay_of(state, 1, SLICE("127.0.0.1[127.0.0.1]:10025"), RELAY_LMTP, false), 0);
	/* Hosts go by patterns. */
	one = relay(1, "mx.example.org[192.0.2.1]:25");
	ck_assert(state->relays[one].ours);
	settings->input.relays.items = NULL;
	settings->input.relays.count = 0;
}
END_TEST

START_TEST(relays_that_are_configured_later_are_ours_from_then_on)
{
	static char *globs[] = {(char *)"mx?.example.org", NULL};
	struct settings_strings kept = settings->input.relays;
	uint32_t mx = relay(1, "mx1.example.org[192.0.2.1]:25"), other = relay(1, "gw.example.net[192.0.2.9]:25");

	settings->input.relays = (struct settings_strings){globs, 1};
	relays_judge(state);
	ck_assert(state->relays[mx].ours && state->relays_changed);
	ck_assert(!state->relays[other].ours);
	settings->input.relays = kept;
	relays_judge(state);
	ck_assert_msg(state->relays[mx].ours, "a verdict was taken back");
}
END_TEST

START_TEST(the_verdict_is_told_once_and_kept)
{
	uint32_t number = relay(1, "mx.example.org[192.0.2.1]:25");

	relay_is_ours(state, 0);
	ck_assert(!state->relays_changed);
	state->relays[number].dirty = false;
	relay_is_ours(state, number);
	ck_assert(state->relays[number].ours && state->relays[number].dirty && state->relays_changed);
	state->relays_changed = state->relays[number].dirty = false;
	relay_is_ours(state, number);
	ck_assert(!state->relays_changed && !state->relays[number].dirty);
	ck_assert_uint_eq(relay(1, "mx.example.org[192.0.2.7]:25"), number);
}
END_TEST

/* It counts unless its relay is ours, and unless the pair was booked before under a relay that is not. */
START_TEST(a_delivery_counts_once_whatever_the_verdicts)
{
	uint32_t ours = relay(1, "a[192.0.2.1]:25"), theirs = relay(1, "b[192.0.2.1]:25");

	relay_is_ours(state, ours);
	ck_assert(relay_counts(state, 0, 0));
	ck_assert(relay_counts(state, theirs, 0));
	ck_assert(!relay_counts(state, ours, 0));
	ck_assert(relay_counts(state, 0, ours));
	ck_assert(!relay_counts(state, 0, theirs));
	ck_assert(relay_counts(state, theirs, ours));
	ck_assert(!relay_counts(state, ours, theirs));
}
END_TEST

/* KIND RELAY/UNLESS:DELIVERIES of each cell, in order; the kinds are minute, hour, arrival. */
static void expect_cells(const struct cells *cells, const char *expected)
{
	static const char kinds[] = "mha";
	char text[256] = "";
	size_t length = 0;

	for (uint32_t i = 0; i < cells->count; i++)
		length += (size_t)snprintf(text + length, sizeof(text) - length, "%c%u/%u:%u ",
		                           kinds[cells->items[i].key.kind], cells->items[i].key.relay,
		                           cells->items[i].key.unless, (unsigned)cells->items[i].delays.total);
	ck_assert_str_eq(text, expected);
}

START_TEST(what_was_booked_under_a_relay_of_ours_goes_and_its_condition_with_it)
{
	uint32_t ours = relay(1, "a[192.0.2.1]:25"), theirs = relay(1, "b[192.0.2.1]:25");

	for (uint32_t i = 0; i < 3; i++) {
		cells_deliver(&state->all, (struct cell_key){.at = 60, .unless = i, .kind = CELL_MINUTE},
		              &(struct delivery){61, 1}, 1, 1);
		cells_deliver(&state->all, (struct cell_key){.at = 60, .relay = i, .kind = CELL_MINUTE},
		              &(struct delivery){61, 1}, 1, 1);
		cells_deliver(&state->all, (struct cell_key){.at = 60, .relay = i, .kind = CELL_HOUR},
		              &(struct delivery){61, 1}, 1, 1);
		cells_deliver(&state->all, (struct cell_key){.at = 60, .relay = i, .kind = CELL_ARRIVAL},
		              &(struct delivery){61, 1}, 1, 1);
	}
	relays_settle(state);
	ck_assert_uint_eq(state->all.count, 11);
	for (uint32_t i = 0; i < state->all.count; i++)
		state->all.items[i].stored = true;
	relay_is_ours(state, ours);
	ck_assert(!state->relays[ours].settled);
	relays_settle(state);
	ck_assert(state->relays[ours].settled && !state->relays[theirs].settled);
	expect_cells(&state->all, "m0/0:3 h0/0:1 a0/0:1 h1/0:1 m0/2:1 m2/0:1 h2/0:1 a2/0:1 ");
	ck_assert_uint_eq(state->all.arrivals, 2);
	/* The database lets go of the same. */
	ck_assert_uint_eq(state->all.gone_count, 3);
}
END_TEST

START_TEST(a_stored_verdict_is_settled_before_lines_are_taken)
{
	uint32_t number = relay(1, "a[192.0.2.1]:25");

	state->relays[number].ours = true;
	relays_settle(state);
	ck_assert(!state->relays[number].settled);
	relay_enchain(state, number);
	relays_settle(state);
	ck_assert(state->relays[number].settled);
}
END_TEST

START_TEST(thousands_of_relays_are_told_apart)
{
	char value[64];

	for (int round = 0; round < 2; round++)
		for (uint32_t i = 1; i <= 5000; i++) {
			snprintf(value, sizeof(value), "mx%u.example.org[192.0.2.1]:25", i);
			ck_assert_uint_eq(relay(1, value), i);
		}
	ck_assert_uint_eq(state->relay_count, 5001);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("relay");
	TCase *tests = tcase_create("relay");

	suite_add_tcase(suite, tests);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, a_host_with_its_port_is_a_relay_whatever_its_address);
	tcase_add_test(tests, a_value_is_asked_for_again_by_another_host_and_in_another_way);
	tcase_add_test(tests, values_that_name_no_host_are_no_relay);
	tcase_add_test(tests, an_lmtp_server_is_the_end_unless_it_names_the_next_queue_file);
	tcase_add_test(tests, a_loopback_relay_belongs_to_the_host_that_logged_it);
	tcase_add_test(tests, odd_values_are_names);
	tcase_add_test(tests, relays_are_ours_where_configured);
	tcase_add_test(tests, filters_of_the_host_are_ours_where_they_are_named);
	tcase_add_test(tests, relays_that_are_configured_later_are_ours_from_then_on);
	tcase_add_test(tests, the_verdict_is_told_once_and_kept);
	tcase_add_test(tests, a_delivery_counts_once_whatever_the_verdicts);
	tcase_add_test(tests, what_was_booked_under_a_relay_of_ours_goes_and_its_condition_with_it);
	tcase_add_test(tests, a_stored_verdict_is_settled_before_lines_are_taken);
	tcase_add_test(tests, thousands_of_relays_are_told_apart);
	return suite_run(suite);
}
