/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/media_owner.h"

static void this_process_is_alive(void **state)
{
	uint32_t pid;
	uint64_t start;

	(void)state;
	media_owner_self(&pid, &start);
	assert_int_equal(pid, getpid());
	assert_true(media_owner_alive(pid, start));
}

static void another_start_time_is_another_process(void **state)
{
	uint32_t pid;
	uint64_t start;

	(void)state;
	media_owner_self(&pid, &start);
	assert_false(media_owner_alive(pid, start + 1));
	assert_false(media_owner_alive(pid, 0));
	assert_false(media_owner_alive(0, start));
}

static void a_killed_process_is_not_alive_even_as_a_zombie(void **state)
{
	uint64_t start;
	uint32_t pid;
	pid_t child;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		struct {
			uint64_t start;
			uint32_t pid;
		} self = {0};

		media_owner_self(&self.pid, &self.start);
		if (write(ends[1], &self, sizeof(self)) != sizeof(self))
			_exit(1);
		pause();
		_exit(0);
	}
	struct {
		uint64_t start;
		uint32_t pid;
	} told;
	assert_int_equal(read(ends[0], &told, sizeof(told)), sizeof(told));
	pid = told.pid;
	start = told.start;
	assert_true(media_owner_alive(pid, start));
	kill(child, SIGKILL);
	siginfo_t info;
	assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
	assert_false(media_owner_alive(pid, start));
	waitpid(child, NULL, 0);
	assert_false(media_owner_alive(pid, start));
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(this_process_is_alive),
	    cmocka_unit_test(another_start_time_is_another_process),
	    cmocka_unit_test(a_killed_process_is_not_alive_even_as_a_zombie),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
