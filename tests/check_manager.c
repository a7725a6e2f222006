/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of what list managers write themselves: which Message-IDs tell it.
 */
#include <check.h>
#include <stdlib.h>

#include "daemon/correlate/manager.h"
#include "tests/suite.h"

static void check_ids(enum manager_mail expected, const char *const *ids, size_t count)
{
	for (size_t i = 0; i < count; i++)
		ck_assert_msg(manager_mail_of(slice_of(ids[i])) == expected, "%s", ids[i]);
}

START_TEST(what_no_list_manager_gives_to_posts_is_its_own_mail)
{
	static const char *const ids[] = {"<1795536386-1502-mlmmj-24f8c839@example.test>", /* mlmmj */
	                                  "<1168978457.1234.ezmlm@lists.example.org>"};    /* ezmlm */

	check_ids(MANAGER_OWN, ids, sizeof(ids) / sizeof(*ids));
}
END_TEST

START_TEST(what_they_give_to_anonymous_posts_too_may_be_either)
{
	static const char *const ids[] = {"<mailman.0.1479112200.1234.staff@lists.example.org>", /* Mailman 2 */
	                                  "<mailman.17.1479112200.1234.all-staff@lists.example.org>",
	                                  "<sympa.1795537768.581488.1043.822@example.test>", /* Sympa */
	                                  "<sympa.1479112200.1234.56@lists.example.org>"};   /* before 6.2 */

	check_ids(MANAGER_PERHAPS, ids, sizeof(ids) / sizeof(*ids));
}
END_TEST

START_TEST(what_any_python_program_writes_counts_only_from_the_host_itself)
{
	static const char *const ids[] = {"<179553773574.669.14652100633276609644@lists>"};

	check_ids(MANAGER_LOCAL, ids, sizeof(ids) / sizeof(*ids));
}
END_TEST

START_TEST(other_message_ids_are_of_no_list_manager)
{
	static const char *const ids[] = {"",
	                                  "<>",
	                                  "<root@desk.example.test>",
	                                  "1795536386-1502-mlmmj-24f8c839@example.test",
	                                  "<1795536386-mlmmj-24f8c839@example.test>",
	                                  "<1795536386-1502-mlmm-24f8c839@example.test>",
	                                  "<mailman.org@example.org>",
	                                  "<mailman.1.2@example.org>",
	                                  "<sympa.fan@example.org>",
	                                  "<sympa.1.2@example.org>",
	                                  "<20161114082900.4C5D81E3A2@mail.example.org>",
	                                  "<1479112200.1234.5@example.org>",
	                                  "<179553773574.669.1465@example.org>",
	                                  "<179553773574.669.14652100633276609644>",
	                                  "<17955377357.669.14652100633276609644@example.org>",
	                                  "<F8B3B70B.1@north.example.org>",
	                                  "<1168978457.1234.ezmlm"};

	check_ids(MANAGER_NONE, ids, sizeof(ids) / sizeof(*ids));
	ck_assert(manager_mail_of(SLICE_NONE) == MANAGER_NONE);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("manager");
	TCase *tests = tcase_create("manager");

	suite_add_tcase(suite, tests);
	tcase_add_test(tests, what_no_list_manager_gives_to_posts_is_its_own_mail);
	tcase_add_test(tests, what_they_give_to_anonymous_posts_too_may_be_either);
	tcase_add_test(tests, what_any_python_program_writes_counts_only_from_the_host_itself);
	tcase_add_test(tests, other_message_ids_are_of_no_list_manager);
	return suite_run(suite);
}
