/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "record/journal.h"

static char path[] = "/tmp/sluice-journal-XXXXXX";

struct found {
	unsigned count;
	char text[8][64];
	int64_t answered_ms[8];
};

static void take(void *user, const char *text, size_t length, int64_t answered_ms)
{
	struct found *found = user;

	assert_true(found->count < 8);
	snprintf(found->text[found->count], sizeof(found->text[0]), "%.*s", (int)length, text);
	found->answered_ms[found->count++] = answered_ms;
}

static struct journal *opened(unsigned slots, struct found *found)
{
	struct journal *journal;
	char error[256];

	memset(found, 0, sizeof(*found));
	if (journal_open(&journal, path, slots, take, found, error, sizeof(error)))
		fail_msg("%s", error);
	return journal;
}

static unsigned begun(struct journal *journal, const char *text)
{
	return journal_begin(journal, text, strlen(text));
}

static int fresh(void **state)
{
	int fd;

	(void)state;
	strcpy(path + strlen(path) - 6, "XXXXXX");
	fd = mkstemp(path);
	return fd < 0 ? -1 : close(fd);
}

static int gone(void **state)
{
	(void)state;
	return unlink(path);
}

static void calls_that_did_not_end_are_found_at_the_next_start(void **state)
{
	struct found found;
	struct journal *journal = opened(10, &found);
	unsigned ended = begun(journal, "ended"), talking;

	(void)state;
	assert_int_equal(found.count, 0);
	talking = begun(journal, "talking");
	begun(journal, "ringing");
	journal_answered(journal, talking, 1234567);
	journal_end(journal, ended);
	journal_close(journal);
	journal = opened(10, &found);
	assert_int_equal(found.count, 2);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(found.answered_ms[i],
				 strcmp(found.text[i], "talking") == 0 ? 1234567 : 0);
	journal_close(journal);
	journal_close(opened(10, &found));
	assert_int_equal(found.count, 0); /* told once */
}

static void a_process_that_is_killed_leaves_its_calls(void **state)
{
	struct found found;
	pid_t child = fork();
	int status;

	(void)state;
	if (child == 0) {
		struct journal *journal = opened(10, &found);

		journal_answered(journal, begun(journal, "of the child"), 5);
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	journal_close(opened(10, &found));
	assert_int_equal(found.count, 1);
	assert_string_equal(found.text[0], "of the child");
	assert_int_equal(found.answered_ms[0], 5);
}

static void slots_are_used_again(void **state)
{
	struct found found;
	struct journal *journal = opened(3, &found);

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		unsigned slot = begun(journal, "x");

		assert_true(slot >= 1 && slot <= 3);
		journal_end(journal, slot);
	}
	assert_true(begun(journal, "1") && begun(journal, "2") && begun(journal, "3"));
	assert_int_equal(begun(journal, "4"), 0);
	journal_end(journal, 0); /* what was not kept has nothing to end */
	journal_answered(journal, 0, 1);
	journal_close(journal);
}

static void a_text_that_is_too_long_is_not_kept(void **state)
{
	static char text[JOURNAL_TEXT_MAX + 1];
	struct found found;
	struct journal *journal = opened(3, &found);

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_int_equal(journal_begin(journal, text, sizeof(text)), 0);
	assert_int_not_equal(journal_begin(journal, text, sizeof(text) - 1), 0);
	journal_close(journal);
}

static void more_or_fewer_calls_may_be_configured(void **state)
{
	struct found found;
	struct journal *journal = opened(8, &found);

	(void)state;
	for (unsigned i = 0; i < 8; i++)
		begun(journal, "x");
	journal_close(journal);
	journal = opened(2, &found);
	assert_int_equal(found.count, 8);
	begun(journal, "y");
	journal_close(journal);
	journal_close(opened(100, &found));
	assert_int_equal(found.count, 1);
}

static void another_process_is_kept_out(void **state)
{
	struct found found;
	struct journal *journal = opened(3, &found), *second;
	char error[256];

	(void)state;
	assert_int_equal(journal_open(&second, path, 3, take, &found, error, sizeof(error)),
			 -EWOULDBLOCK);
	assert_non_null(strstr(error, "another sluice-controlplane"));
	assert_null(second);
	journal_close(journal);
}

static void a_file_of_something_else_is_begun_anew(void **state)
{
	static uint8_t noise[8192];
	struct found found;
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	(void)state;
	memset(noise, 0x45, sizeof(noise));
	assert_int_equal(write(fd, noise, sizeof(noise)), sizeof(noise));
	close(fd);
	journal_close(opened(3, &found));
	assert_int_equal(found.count, 0);
}

static void without_room_on_the_disk_nothing_starts(void **state)
{
	struct rlimit before, small;
	struct journal *journal;
	struct found found;
	char error[256];

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = (struct rlimit){4096, before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_true(journal_open(&journal, path, 1000, take, &found, error, sizeof(error)) < 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_null(journal);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, gone)

/* More calls than at the start: max_calls may rise while calls go on. */
static void a_journal_grows_with_what_is_in_it(void **state)
{
	struct found found;
	struct journal *journal = opened(1, &found);

	(void)state;
	assert_int_equal(begun(journal, "one"), 1);
	assert_int_equal(begun(journal, "none"), 0);
	assert_int_equal(journal_grow(journal, 1), 0);
	assert_int_equal(begun(journal, "none"), 0);
	assert_int_equal(journal_grow(journal, 3000), 0);
	assert_int_equal(begun(journal, "two"), 2);
	assert_int_equal(begun(journal, "three"), 3);
	journal_end(journal, 2);
	journal_close(journal);
	journal = opened(1, &found);
	assert_int_equal(found.count, 2);
	assert_string_equal(found.text[0], "one");
	assert_string_equal(found.text[1], "three");
	journal_close(journal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(calls_that_did_not_end_are_found_at_the_next_start),
	    TEST(a_journal_grows_with_what_is_in_it),
	    TEST(a_process_that_is_killed_leaves_its_calls),
	    TEST(slots_are_used_again),
	    TEST(a_text_that_is_too_long_is_not_kept),
	    TEST(more_or_fewer_calls_may_be_configured),
	    TEST(another_process_is_kept_out),
	    TEST(a_file_of_something_else_is_begun_anew),
	    TEST(without_room_on_the_disk_nothing_starts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
