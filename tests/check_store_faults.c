/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of what a failing disk does to the store: each call of a run fails in
 * turn, power is cut, others hold the database, bytes are damaged. A run that is
 * disturbed ends or says why; read on, the database says what an undisturbed
 * run's says.
 */
#include <time.h>

#include "faulty_vfs.h"
#include "store_probe.h"
#include "tests/suite.h"

static char *truth;    /* what an undisturbed run's database says */
static int slept;      /* the seconds that the run waited between its last tries */
static int heal_after; /* so many of them, and the disk is well again; 0: never */

/* In place of the system's: a run's patience takes no time. */
unsigned int sleep(unsigned int seconds)
{
	slept += (int)seconds;
	if (heal_after && slept >= heal_after)
		faulty_heal();
	return 0;
}

static void set_up(void)
{
	storm_set_up();
	faulty_install();
	ck_assert(storm_run());
	ck_assert_msg(strstr(said, "incident 1: a storm on list all@example.test") != NULL, "%s", said);
	truth = storm_dump();
	ck_assert(strstr(truth, "incidents") && strstr(truth, "'delivered'"));
	storm_forget();
}

static void tear_down(void)
{
	storm_forget();
	free(truth);
	storm_tear_down();
}

/* A run; where it fails it must have told why, and of which file. */
static bool run_or_told(const char *what, long number)
{
	bool done;

	slept = 0;
	done = storm_run();
	ck_assert_msg(done || strstr(said, DATABASE ": "), "%s %ld: failed, and said \"%s\"", what, number, said);
	return done;
}

/* The fault is gone: reading on gives what an undisturbed run gives. */
static void check_whole(const char *what, long number)
{
	char *dump;

	faulty_heal();
	ck_assert_msg(storm_run(), "%s %ld: read on: %s", what, number, said);
	dump = storm_dump();
	ck_assert_msg(strcmp(dump, truth) == 0, "%s %ld: the database says something else", what, number);
	free(dump);
	storm_forget();
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The database of a run that ended in the middle, its WAL written back or not. */
static void half_a_storm(bool written_back)
{
	uint32_t whole = line_count;
	sqlite3 *database;

	line_count = whole / 2;
	ck_assert(storm_run());
	line_count = whole;
	ck_assert_int_eq(sqlite3_open_v2(DATABASE, &database, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	if (written_back)
		ck_assert_int_eq(sqlite3_exec(database, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL),
		                 SQLITE_OK);
	ck_assert_int_eq(sqlite3_close(database), SQLITE_OK);
}

struct sweep {
	const char *what;
	int calls;
	bool lasting;
	int result;
};

static const struct sweep sweeps[] = {
	{"one call fails", FAULTY_ALL, false, SQLITE_IOERR},
	{"the disk is gone from call", FAULTY_ALL, true, SQLITE_IOERR},
	{"the disk is full once at write", FAULTY_WRITE, false, SQLITE_FULL},
	{"the disk is full from write", FAULTY_WRITE | FAULTY_TRUNCATE, true, SQLITE_FULL},
	{"read only from", FAULTY_WRITE | FAULTY_TRUNCATE | FAULTY_SYNC | FAULTY_DELETE, true, SQLITE_READONLY},
	{"busy once at lock", FAULTY_LOCK, false, SQLITE_BUSY},
	{"busy from lock", FAULTY_LOCK, true, SQLITE_BUSY},
	{"nothing is synced from", FAULTY_SYNC, true, SQLITE_IOERR_FSYNC},
	{"no bytes come from read", FAULTY_READ, false, SQLITE_IOERR_READ},
};

#define SWEEPS (sizeof(sweeps) / sizeof(*sweeps))

/* For each kind of call; FAULT_SECONDS sets it otherwise. */
static double sweep_seconds(void)
{
	const char *told = getenv("FAULT_SECONDS");

	return told ? atof(told) : 2.0;
}

/* One try: a run that begins, or goes on from the middle, disturbed as planned; true where it was done. */
static bool sweep_try(const struct sweep *sweep, const struct faulty_plan *plan, bool goes_on)
{
	static const struct faulty_plan none = {0};
	bool done;

	faulty_plan(&none);
	if (goes_on)
		half_a_storm(true);
	faulty_plan(plan);
	done = run_or_told(sweep->what, plan->from);
	return done;
}

/* Every call, or as many as there is time for, evenly over the run: of a first run, and of one that goes on. */
START_TEST(a_call_that_fails_loses_nothing)
{
	const struct sweep *sweep = &sweeps[(size_t)_i % SWEEPS];
	struct faulty_plan plan = {sweep->calls, 0, sweep->lasting, sweep->result};
	bool goes_on = (size_t)_i >= SWEEPS;
	long count, step = 1, tried = 0, failed = 0;
	double begun = seconds(), most = sweep_seconds(), each;

	ck_assert(sweep_try(sweep, &plan, goes_on));
	count = faulty_counted();
	check_whole(sweep->what, 0);
	each = seconds() - begun;
	if ((double)count * each > most)
		step = (long)((double)count * each / most) + 1;
	/* Five at least, however slow the machine. */
	if (step > count / 5)
		step = count < 5 ? 1 : count / 5;
	for (plan.from = 1; plan.from <= count && (tried < 5 || seconds() - begun < 2 * most);
	     plan.from += step, tried++) {
		failed += !sweep_try(sweep, &plan, goes_on);
		check_whole(sweep->what, plan.from);
	}
	if (getenv("FAULTS_SHOW"))
		fprintf(stderr, "%d %s: %ld calls, %ld tried, %ld runs failed, %.2fs\n", _i, sweep->what, count, tried,
		        failed, seconds() - begun);
	ck_assert_int_gt(count, 0);
	ck_assert_int_ge(tried, count < 5 ? count : 5);
}
END_TEST

/* The disk is full from the sixth batch's reading to the last one's. */
static void fill_for_a_while(int64_t offset)
{
	static const struct faulty_plan full = {FAULTY_WRITE, 1, true, SQLITE_FULL};

	if (offset == (int64_t)5 * BATCH)
		faulty_plan(&full);
	if (offset + BATCH >= line_count)
		faulty_heal();
}

START_TEST(a_run_goes_on_when_there_is_room_again)
{
	static const struct faulty_plan none = {0};
	const char *full = "error: " DATABASE ": ", *again = "the database can be written again", *at;
	char *dump;

	on_batch = fill_for_a_while;
	faulty_plan(&none);
	ck_assert_msg(storm_run(), "%s", said);
	on_batch = NULL;
	ck_assert_int_gt(faulty_failed(), 1);
	at = strstr(said, full);
	ck_assert_msg(at && strstr(at, "database or disk is full"), "%s", said);
	ck_assert_msg(!strstr(at + 1, full) && strstr(at, again), "told once: %s", said);
	dump = storm_dump();
	ck_assert_str_eq(dump, truth);
	free(dump);
}
END_TEST

START_TEST(the_last_checkpoint_waits_for_room)
{
	struct faulty_plan plan = {FAULTY_WRITE, 350, true, SQLITE_FULL};
	char *dump;

	slept = 0;
	heal_after = 3;
	faulty_plan(&plan);
	ck_assert_msg(storm_run(), "%s", said);
	heal_after = 0;
	ck_assert_int_eq(slept, 3);
	dump = storm_dump();
	ck_assert_str_eq(dump, truth);
	free(dump);
}
END_TEST

/* As many as a run makes calls, power is cut at one of them, drawn by the seed. */
START_TEST(a_power_cut_loses_nothing)
{
	struct faulty_plan plan = {FAULTY_ALL, 0, true, SQLITE_IOERR};
	unsigned seed = (unsigned)_i;
	long count;

	faulty_plan(&plan);
	ck_assert(storm_run());
	count = faulty_counted();
	check_whole("no cut", 0);
	for (int i = 0; i < 12; i++) {
		plan.from = 1 + (long)((double)rand_r(&seed) / RAND_MAX * (double)(count - 1));
		faulty_watch();
		faulty_plan(&plan);
		run_or_told("power cut at", plan.from);
		faulty_heal();
		faulty_cut((enum faulty_rest)(i % 3), seed);
		check_whole("power cut at", plan.from);
	}
}
END_TEST

/* Another connection's hold on the database, let go after this much waiting. */
static sqlite3 *other;
static long let_go_after;

static void let_go(void *with, long waited)
{
	(void)with;
	if (waited < let_go_after || !other)
		return;
	ck_assert_int_eq(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(other);
	other = NULL;
}

/* The database as it is after some lines, and somebody else in it. */
static void hold(const char *sql, long microseconds)
{
	static const struct faulty_plan none = {0};
	uint32_t whole = line_count;

	line_count = BATCH;
	ck_assert(storm_run());
	line_count = whole;
	ck_assert_int_eq(sqlite3_open_v2(DATABASE, &other, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(other, sql, NULL, NULL, NULL), SQLITE_OK);
	faulty_plan(&none);
	let_go_after = microseconds;
	faulty_on_wait(let_go, NULL);
}

START_TEST(another_writer_is_waited_for)
{
	hold("BEGIN IMMEDIATE", 5000000);
	ck_assert_msg(storm_run(), "%s", said);
	ck_assert_ptr_null(other);
	check_whole("another writer", 0);
}
END_TEST

START_TEST(a_writer_that_stays_is_told_of)
{
	hold("BEGIN IMMEDIATE", 60000000);
	ck_assert(!storm_run());
	ck_assert_msg(strstr(said, DATABASE ": ") && strstr(said, "database is locked"), "%s", said);
	let_go(NULL, 60000000);
	ck_assert_ptr_null(other);
	check_whole("another writer that stayed", 0);
}
END_TEST

START_TEST(a_long_reader_holds_nobody_up)
{
	hold("BEGIN; SELECT count(*) FROM posts", 0);
	faulty_on_wait(NULL, NULL);
	ck_assert_msg(storm_run(), "%s", said);
	let_go(NULL, 0);
	check_whole("a long reader", 0);
}
END_TEST

START_TEST(a_lost_wal_is_an_older_state)
{
	struct faulty_plan plan = {FAULTY_SYNC, 0, false, 0};
	uint32_t whole = line_count;

	half_a_storm(true);
	faulty_watch();
	faulty_plan(&plan);
	line_count = whole - BATCH;
	ck_assert(storm_run());
	line_count = whole;
	faulty_cut(FAULTY_NOTHING, 0);
	unlink(DATABASE "-wal");
	check_whole("a lost WAL", 0);
}
END_TEST

/* Whatever the bytes: a run ends, and says why it cannot. */
static void check_damaged(const char *bytes, size_t length, const char *what, long number)
{
	static const struct faulty_plan none = {0};

	storm_forget();
	probe_put(DATABASE, "w", bytes, length);
	faulty_plan(&none);
	run_or_told(what, number);
}

START_TEST(a_truncated_file_is_told_of)
{
	size_t length;
	char *bytes;
	int told = 0;

	half_a_storm(true);
	bytes = probe_file(DATABASE, &length);
	for (size_t keep = 1; keep < length; keep = keep * 5 / 4 + 300) {
		check_damaged(bytes, keep, "truncated to", (long)keep);
		told += strstr(said, "error: " DATABASE ": ") != NULL;
	}
	free(bytes);
	ck_assert_int_gt(told, 5);
}
END_TEST

#define DAMAGES 12

/* One page of random bytes, or one flipped bit. */
START_TEST(a_damaged_page_crashes_nothing)
{
	unsigned seed = (unsigned)_i;
	size_t length;
	char *bytes;

	half_a_storm(true);
	bytes = probe_file(DATABASE, &length);
	for (int i = 0; i < DAMAGES; i++) {
		size_t page = (size_t)rand_r(&seed) % (length / 4096) * 4096, at = (size_t)rand_r(&seed) % 4096;
		char kept[4096];

		memcpy(kept, bytes + page, 4096);
		if (i % 3 == 0)
			for (int k = 0; k < 4096; k++)
				bytes[page + (size_t)k] = (char)rand_r(&seed);
		else
			bytes[page + at] = (char)(bytes[page + at] ^ (1 << rand_r(&seed) % 8));
		check_damaged(bytes, length, "a damaged byte", (long)(page + at));
		memcpy(bytes + page, kept, 4096);
	}
	free(bytes);
}
END_TEST

/* Values of what is loaded, made others. */
static const char *const changes[] = {
	"UPDATE state_object SET data = CAST(substr(data, 1, length(data) - 1) || x'7f' AS BLOB)",
	"UPDATE state_object SET data = CAST(data || x'00' AS BLOB)",
	"UPDATE state_object SET kind = 0 - kind",
	"UPDATE state_object SET id = id + 100000",
	"UPDATE state_object SET sum = sum + 1",
	"UPDATE state_set SET message = message + 10000",
	"UPDATE state_set SET kind = kind + 100",
	"UPDATE state_set SET chunk = chunk + 1",
	"UPDATE state_cell SET at = at + 1",
	"UPDATE state_cell SET host = host + 100",
	"UPDATE state_cell SET data = CAST(data || x'00' AS BLOB)",
	"UPDATE state_text SET text = text || 'x'",
	"UPDATE state_text SET id = id + 100000",
	"UPDATE address_text SET local = 'x' || local",
	"UPDATE address_text SET id = id + 100000",
	"UPDATE address_text SET id = 1500000000 WHERE id = (SELECT max(id) FROM address_text)",
	"UPDATE address_text SET domain = NULL",
	"UPDATE address_domain SET domain = 'x' || domain",
	"UPDATE address_hash SET block = block + 1",
	"UPDATE address_hash SET hashes = CAST(x'0101' || substr(hashes, 3) AS BLOB)",
	"UPDATE address_hash SET address_sum = address_sum + 1",
	"DELETE FROM address_text WHERE id = (SELECT max(id) FROM address_text)",
	"UPDATE state_number SET value = value + 1",
	"UPDATE source SET next_offset = next_offset - 1",
	"UPDATE source SET lines = lines + 1",
};

#define CHANGES (sizeof(changes) / sizeof(*changes))

START_TEST(a_changed_value_is_told_of)
{
	static const struct faulty_plan none = {0};
	sqlite3 *database;

	half_a_storm(true);
	ck_assert_int_eq(sqlite3_open_v2(DATABASE, &database, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	ck_assert_msg(sqlite3_exec(database, changes[_i], NULL, NULL, NULL) == SQLITE_OK, "%s: %s", changes[_i],
	              sqlite3_errmsg(database));
	ck_assert_int_gt(sqlite3_changes(database), 0);
	ck_assert_int_eq(sqlite3_close(database), SQLITE_OK);
	faulty_plan(&none);
	ck_assert_msg(!storm_run(), "%s: the run went on", changes[_i]);
	ck_assert_msg(strstr(said, "error: " DATABASE ": cannot be read: damaged: "), "%s: %s", changes[_i], said);
}
END_TEST

START_TEST(rows_of_an_earlier_version_have_no_checksum_and_are_taken)
{
	sqlite3 *database;

	half_a_storm(true);
	ck_assert_int_eq(sqlite3_open_v2(DATABASE, &database, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(database,
	                              "UPDATE state_text SET sum = NULL; UPDATE state_object SET sum = NULL;"
	                              "UPDATE state_set SET sum = NULL; UPDATE state_cell SET sum = NULL;"
	                              "UPDATE state_number SET sum = NULL; DELETE FROM address_hash;"
	                              "UPDATE source SET sum = NULL",
	                              NULL, NULL, NULL),
	                 SQLITE_OK);
	ck_assert_int_eq(sqlite3_close(database), SQLITE_OK);
	check_whole("without checksums", 0);
}
END_TEST

/* The pages of what is loaded, as their offsets in the file. */
static int state_pages(long *pages, int room)
{
	const char *sql =
		"SELECT pageno FROM dbstat WHERE name GLOB 'state_*' OR name GLOB 'address_*' OR name = 'source'";
	sqlite3_stmt *statement;
	sqlite3 *database;
	int count = 0;

	ck_assert_int_eq(sqlite3_open_v2(DATABASE, &database, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) != SQLITE_OK)
		count = -1;
	while (count >= 0 && count < room && sqlite3_step(statement) == SQLITE_ROW)
		pages[count++] = (long)(sqlite3_column_int64(statement, 0) - 1) * 4096;
	sqlite3_finalize(statement);
	sqlite3_close(database);
	return count;
}

/* One flipped bit in a page of the state: the run says so, or it was none that matters. */
START_TEST(a_flipped_bit_of_the_state_makes_no_figure_wrong)
{
	static const struct faulty_plan none = {0};
	unsigned seed = (unsigned)_i;
	long pages[512];
	int count, told = 0;
	size_t length;
	char *bytes, *dump;

	half_a_storm(true);
	count = state_pages(pages, 512);
	if (count < 0)
		return; /* this SQLite does not tell where pages are */
	ck_assert_int_ge(count, 7);
	bytes = probe_file(DATABASE, &length);
	for (int i = 0; i < 2 * DAMAGES || (told == 0 && i < 40 * DAMAGES); i++) {
		size_t at = (size_t)(pages[rand_r(&seed) % count] + rand_r(&seed) % 4096);
		char kept = bytes[at];

		bytes[at] = (char)(bytes[at] ^ (1 << rand_r(&seed) % 8));
		storm_forget();
		probe_put(DATABASE, "w", bytes, length);
		bytes[at] = kept;
		faulty_plan(&none);
		if (!run_or_told("a flipped bit at", (long)at)) {
			told++;
			continue;
		}
		dump = storm_dump();
		ck_assert_msg(strcmp(dump, truth) == 0, "a flipped bit at %zu went unseen", at);
		free(dump);
	}
	free(bytes);
	ck_assert_int_gt(told, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("store_faults");
	TCase *tests = tcase_create("faults");
	TCase *damages = tcase_create("damages");

	suite_add_tcase(suite, tests);
	tcase_set_timeout(tests, 120);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_loop_test(tests, a_call_that_fails_loses_nothing, 0, 2 * SWEEPS);
	tcase_add_test(tests, a_run_goes_on_when_there_is_room_again);
	tcase_add_test(tests, the_last_checkpoint_waits_for_room);
	tcase_add_loop_test(tests, a_power_cut_loses_nothing, 0, 4);
	tcase_add_test(tests, another_writer_is_waited_for);
	tcase_add_test(tests, a_writer_that_stays_is_told_of);
	tcase_add_test(tests, a_long_reader_holds_nobody_up);
	tcase_add_test(tests, a_lost_wal_is_an_older_state);
	suite_add_tcase(suite, damages);
	tcase_set_timeout(damages, 120);
	tcase_add_checked_fixture(damages, set_up, tear_down);
	tcase_add_test(damages, a_truncated_file_is_told_of);
	tcase_add_loop_test(damages, a_damaged_page_crashes_nothing, 0, 8);
	tcase_add_loop_test(damages, a_changed_value_is_told_of, 0, CHANGES);
	tcase_add_test(damages, rows_of_an_earlier_version_have_no_checksum_and_are_taken);
	tcase_add_loop_test(damages, a_flipped_bit_of_the_state_makes_no_figure_wrong, 0, 8);
	return suite_run(suite);
}
