/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "record/lines.h"

static char directory[] = "/tmp/sluice-lines-XXXXXX";
static char path[64];

static int fresh(void **state)
{
	(void)state;
	strcpy(directory + strlen(directory) - 6, "XXXXXX");
	if (!mkdtemp(directory))
		return -1;
	snprintf(path, sizeof(path), "%s/calls", directory);
	return 0;
}

/* Files of the directory whose name begins with begin; removes them when told to. */
static unsigned files(const char *begin, bool remove_them)
{
	DIR *list = opendir(directory);
	const struct dirent *entry;
	unsigned count = 0;

	while ((entry = readdir(list))) {
		if (entry->d_name[0] == '.' || strncmp(entry->d_name, begin, strlen(begin)) != 0)
			continue;
		count++;
		if (remove_them)
			unlinkat(dirfd(list), entry->d_name, 0);
	}
	closedir(list);
	return count;
}

static int gone(void **state)
{
	(void)state;
	files("", true);
	return rmdir(directory);
}

static struct lines *opened(uint64_t bytes, unsigned age_s, unsigned keep)
{
	const struct lines_limits limits = {bytes, age_s, keep};
	struct lines *lines;
	char error[256];

	if (lines_open(&lines, path, &limits, error, sizeof(error)))
		fail_msg("%s", error);
	return lines;
}

static int put(struct lines *lines, const char *text)
{
	return lines_write(lines, text, strlen(text));
}

static void keep(void *user, const char *line, size_t length)
{
	char *all = user;

	strncat(all, line, length);
	strcat(all, ",");
}

static const char *tail(const struct lines *lines, unsigned count)
{
	static char all[4096];

	all[0] = '\0';
	assert_int_equal(lines_tail(lines, count, keep, all), 0);
	return all;
}

static void lines_are_appended_and_read_back(void **state)
{
	struct lines *lines = opened(1000, 0, 0);
	struct stat status;

	(void)state;
	assert_string_equal(tail(lines, 5), "");
	assert_int_equal(put(lines, "one"), 0);
	assert_int_equal(put(lines, "two"), 0);
	lines_close(lines);
	lines = opened(1000, 0, 0);
	assert_int_equal(put(lines, "three"), 0);
	assert_string_equal(tail(lines, 1), "three,");
	assert_string_equal(tail(lines, 2), "two,three,");
	assert_string_equal(tail(lines, 3), "one,two,three,");
	assert_string_equal(tail(lines, 9), "one,two,three,");
	assert_string_equal(tail(lines, 0), "");
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0640);
	lines_close(lines);
}

static void the_file_is_rotated_before_it_is_too_long(void **state)
{
	struct lines *lines = opened(12, 0, 0);

	(void)state;
	put(lines, "12345");
	put(lines, "67890"); /* 12 bytes now */
	assert_int_equal(files("calls-", false), 0);
	put(lines, "a");
	assert_int_equal(files("calls-", false), 1);
	assert_string_equal(tail(lines, 9), "a,");
	put(lines, "a line that is longer than the limit is written all the same");
	assert_int_equal(files("calls-", false), 2); /* of the same second: numbered */
	lines_close(lines);
}

static void the_file_is_rotated_when_it_is_old(void **state)
{
	struct lines *lines = opened(1000, 1, 0);
	const struct timespec second = {1, 100000000};

	(void)state;
	put(lines, "old");
	nanosleep(&second, NULL);
	put(lines, "new");
	assert_int_equal(files("calls-", false), 1);
	assert_string_equal(tail(lines, 9), "new,");
	lines_close(lines);
}

static void the_oldest_files_are_removed_and_no_others(void **state)
{
	struct lines *lines = opened(1000, 0, 2);
	char other[128];

	(void)state;
	snprintf(other, sizeof(other), "%s/calls-notes.txt", directory);
	close(open(other, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	snprintf(other, sizeof(other), "%s/calls.live", directory);
	close(open(other, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	snprintf(other, sizeof(other), "%s-20200101T000000Z", path);
	close(open(other, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	for (unsigned i = 0; i < 5; i++) {
		put(lines, "x");
		assert_int_equal(lines_rotate(lines), 0);
	}
	assert_int_equal(files("calls-2", false), 2);
	assert_int_equal(access(other, F_OK), -1);
	assert_int_equal(files("calls-notes.txt", false), 1);
	assert_int_equal(files("calls.live", false), 1);
	lines_close(lines);
}

static void an_empty_file_is_not_rotated(void **state)
{
	struct lines *lines = opened(1000, 0, 0);

	(void)state;
	assert_int_equal(lines_rotate(lines), 0);
	assert_int_equal(files("calls-", false), 0);
	lines_close(lines);
}

static void a_file_that_somebody_moved_is_begun_again(void **state)
{
	struct lines *lines = opened(1000, 0, 0);
	char moved[128];

	(void)state;
	snprintf(moved, sizeof(moved), "%s.1", path);
	put(lines, "before");
	assert_int_equal(rename(path, moved), 0);
	put(lines, "still there");
	assert_int_equal(lines_reopen(lines), 0);
	put(lines, "after");
	assert_string_equal(tail(lines, 9), "after,");
	assert_int_equal(files("calls-", false), 0);
	assert_int_equal(lines_reopen(lines), 0); /* not moved: rotated */
	assert_int_equal(files("calls-", false), 1);
	lines_close(lines);
}

static void a_full_disk_leaves_no_half_line(void **state)
{
	struct lines *lines = opened(100000, 0, 0);
	struct rlimit before, small;
	struct stat status;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	put(lines, "0123456789");
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = (struct rlimit){15, before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_true(put(lines, "abcdefghij") < 0);
	assert_true(put(lines, "klm") == 0); /* that fits */
	assert_true(put(lines, "n") < 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(put(lines, "room again"), 0);
	assert_string_equal(tail(lines, 9), "0123456789,klm,room again,");
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_size, 11 + 4 + 11);
	lines_close(lines);
}

static void a_link_and_a_directory_are_refused(void **state)
{
	const struct lines_limits limits = {1000, 0, 0};
	struct lines *lines;
	char error[256];

	(void)state;
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_true(lines_open(&lines, path, &limits, error, sizeof(error)) < 0);
	assert_non_null(strstr(error, path));
	assert_null(lines);
	assert_true(lines_open(&lines, directory, &limits, error, sizeof(error)) < 0);
	assert_true(lines_open(&lines, "/nowhere/calls", &limits, error, sizeof(error)) < 0);
}

static void a_tail_begins_with_a_whole_line(void **state)
{
	struct lines *lines = opened(UINT64_C(1) << 40, 0, 0);
	char text[1000];
	unsigned count = 0;

	(void)state;
	memset(text, 'a', sizeof(text));
	for (unsigned i = 0; i < 2000; i++)
		assert_int_equal(lines_write(lines, text, sizeof(text)), 0);
	for (const char *at = tail(lines, 2); (at = strchr(at, ',')); at++)
		count++;
	assert_int_equal(count, 2);
	lines_close(lines);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, gone)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(lines_are_appended_and_read_back),
	    TEST(the_file_is_rotated_before_it_is_too_long),
	    TEST(the_file_is_rotated_when_it_is_old),
	    TEST(the_oldest_files_are_removed_and_no_others),
	    TEST(an_empty_file_is_not_rotated),
	    TEST(a_file_that_somebody_moved_is_begun_again),
	    TEST(a_full_disk_leaves_no_half_line),
	    TEST(a_link_and_a_directory_are_refused),
	    TEST(a_tail_begins_with_a_whole_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
