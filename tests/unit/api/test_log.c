/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "main/log.h"

static int pipe_fds[2], kept_stderr;
static char text[8192];

/* Everything logged since the last look. */
static const char *logged(void)
{
	ssize_t length = read(pipe_fds[0], text, sizeof(text) - 1);

	text[length > 0 ? length : 0] = '\0';
	return text;
}

static int catch_stderr(void **state)
{
	(void)state;
	if (pipe2(pipe_fds, O_CLOEXEC) < 0 || fcntl(pipe_fds[0], F_SETFL, O_NONBLOCK) < 0)
		return -1;
	kept_stderr = dup(STDERR_FILENO);
	log_set_level(LOG_LEVEL_INFO);
	unsetenv("JOURNAL_STREAM");
	return dup2(pipe_fds[1], STDERR_FILENO) < 0 ? -1 : 0;
}

static int release_stderr(void **state)
{
	(void)state;
	dup2(kept_stderr, STDERR_FILENO);
	close(kept_stderr);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	return 0;
}

static void for_the_journal(void)
{
	struct stat status;
	char stream[64];

	fstat(STDERR_FILENO, &status);
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)status.st_dev,
		 (unsigned long long)status.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
}

static void a_line_for_people_has_time_level_and_number(void **state)
{
	struct tm when;

	(void)state;
	log_event(LOG_MEDIA_TIMEOUT, "call %s: no RTP", "7f3a");
	const char *rest = strptime(logged(), "%Y-%m-%dT%H:%M:%S.", &when);
	assert_non_null(rest);
	assert_string_equal(rest + 3, "Z warning [1034 MEDIA_TIMEOUT] call 7f3a: no RTP\n");
}

static void a_line_for_the_journal_has_its_priority(void **state)
{
	(void)state;
	for_the_journal();
	log_event(LOG_STARTED, "hello");
	assert_string_equal(logged(), "<6>[1000 STARTED] hello\n");
	log_event(LOG_MEDIA_DOWN, "gone");
	assert_string_equal(logged(), "<3>[1041 MEDIA_DOWN] gone\n");
}

static void another_stream_is_not_the_journal(void **state)
{
	(void)state;
	setenv("JOURNAL_STREAM", "1:1", 1);
	log_event(LOG_STARTED, "hello");
	assert_int_not_equal(logged()[0], '<');
}

static void lines_above_the_level_are_not_written(void **state)
{
	(void)state;
	for_the_journal();
	log_debug("detail");
	assert_string_equal(logged(), "");
	log_set_level(LOG_LEVEL_DEBUG);
	log_debug("detail %d", 5);
	assert_string_equal(logged(), "<7>detail 5\n");
	log_set_level(LOG_LEVEL_ERROR);
	log_event(LOG_PEER_DOWN, "x");
	assert_string_equal(logged(), "");
}

static void hostile_bytes_cannot_forge_a_line(void **state)
{
	(void)state;
	for_the_journal();
	log_event(LOG_NOTE, "%s", "a\n<0>b\x1b[2J\x7f\xff\\");
	assert_string_equal(logged(), "<6>[1099 NOTE] a\\x0a<0>b\\x1b[2J\\x7f\\xff\\\\\n");
}

static void a_long_line_is_cut_and_marked(void **state)
{
	char longer[5000];

	(void)state;
	for_the_journal();
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	log_event(LOG_NOTE, "%s", longer);
	const char *line = logged();
	assert_int_equal(strlen(line), strlen("<6>[1099 NOTE] ") + LOG_TEXT_MAX + 1);
	assert_string_equal(line + strlen(line) - 5, "x...\n");
	memset(longer, '\n', sizeof(longer) - 1); /* each byte grows to four */
	log_event(LOG_NOTE, "%s", longer);
	line = logged();
	assert_true(strlen(line) < 4096);
	assert_string_equal(line + strlen(line) - 8, "\\x0a...\n");
}

static void a_reader_that_sleeps_loses_lines_but_does_not_stop_us(void **state)
{
	struct timespec before, after;
	char line[1000];

	(void)state;
	for_the_journal();
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	fcntl(pipe_fds[1], F_SETPIPE_SZ, 8192);
	for (int i = 0; i < 12; i++)
		log_event(LOG_NOTE, "%s", line);
	clock_gettime(CLOCK_MONOTONIC, &before);
	log_event(LOG_NOTE, "lost");
	clock_gettime(CLOCK_MONOTONIC, &after);
	assert_true((after.tv_sec - before.tv_sec) * 1000 +
			(after.tv_nsec - before.tv_nsec) / 1000000 <
		    1000);
	logged();
	log_event(LOG_NOTE, "back");
	const char *told = logged();
	assert_non_null(strstr(told, "log lines were lost here\n"));
	assert_non_null(strstr(told, "<6>[1099 NOTE] back\n"));
}

static void escaping_keeps_to_its_size(void **state)
{
	char out[64];

	(void)state;
	for (size_t size = 8; size < sizeof(out); size++) {
		memset(out, '#', sizeof(out));
		size_t length = log_escape(out, size,
					   "\x01\x02\x03"
					   "abcdefghijklmnopqrstuvwxyz",
					   29);
		assert_true(length < size);
		assert_int_equal(strlen(out), length);
		assert_int_equal(out[size], '#');
	}
	assert_int_equal(log_escape(out, 8, "1234567", 7), 7);
	assert_string_equal(out, "1234567");
	log_escape(out, 8, "12345678", 8);
	assert_string_equal(out, "1234...");
}

#define CAUGHT(test) cmocka_unit_test_setup_teardown(test, catch_stderr, release_stderr)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CAUGHT(a_line_for_people_has_time_level_and_number),
	    CAUGHT(a_line_for_the_journal_has_its_priority),
	    CAUGHT(another_stream_is_not_the_journal),
	    CAUGHT(lines_above_the_level_are_not_written),
	    CAUGHT(hostile_bytes_cannot_forge_a_line),
	    CAUGHT(a_long_line_is_cut_and_marked),
	    CAUGHT(a_reader_that_sleeps_loses_lines_but_does_not_stop_us),
	    cmocka_unit_test(escaping_keeps_to_its_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
