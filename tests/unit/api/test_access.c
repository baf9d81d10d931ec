/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/socket.h>
#include <unistd.h>

#include "api/access.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define DAEMON 900U
#define GROUP 901U

static const struct {
	struct api_identity client;
	gid_t group;
	enum api_access access;
} facts[] = {
    {{.uid = 0, .gid = 0}, API_NO_GROUP, API_ACCESS_ALL},
    {{.uid = DAEMON, .gid = 5}, API_NO_GROUP, API_ACCESS_ALL},
    {{.uid = DAEMON, .gid = GROUP}, GROUP, API_ACCESS_ALL},
    {{.uid = 1000, .gid = 1000}, API_NO_GROUP, API_ACCESS_NONE},
    {{.uid = 1000, .gid = 1000}, GROUP, API_ACCESS_NONE},
    {{.uid = 1000, .gid = GROUP}, GROUP, API_ACCESS_READ},
    {{.uid = 1000, .gid = 1000, .count = 2, .groups = {7, GROUP}}, GROUP, API_ACCESS_READ},
    {{.uid = 1000, .gid = 1000, .count = 1, .groups = {7, GROUP}}, GROUP, API_ACCESS_NONE},
    /* no group configured is no group that a client could have */
    {{.uid = 1000, .gid = API_NO_GROUP}, API_NO_GROUP, API_ACCESS_NONE},
    {{.uid = 1000, .count = 1, .groups = {API_NO_GROUP}}, API_NO_GROUP, API_ACCESS_NONE},
};

static void access_is_as_the_table_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(facts); i++)
		if (api_access(&facts[i].client, DAEMON, facts[i].group) != facts[i].access)
			fail_msg("row %zu", i);
}

static void the_kernel_says_who_is_at_the_other_end(void **state)
{
	struct api_identity client;
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(api_identify(pair[0], &client), 0);
	assert_int_equal(client.uid, geteuid());
	assert_int_equal(client.gid, getegid());
	close(pair[0]);
	close(pair[1]);
	assert_true(api_identify(-1, &client) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(access_is_as_the_table_says),
	    cmocka_unit_test(the_kernel_says_who_is_at_the_other_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
