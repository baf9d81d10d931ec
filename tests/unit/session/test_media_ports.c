/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "session/media_ports.h"

#define FIRST 20000U
#define LAST 20199U
#define PAIRS 100U

static int setup(void **state)
{
	return media_ports_new((struct media_ports **)state, FIRST, LAST, 3, NULL);
}

static int teardown(void **state)
{
	media_ports_free(*state);
	return 0;
}

static void every_pair_is_given_once_and_then_none(void **state)
{
	uint8_t seen[PAIRS] = {0};

	for (unsigned i = 0; i < PAIRS; i++) {
		uint16_t port = media_ports_take(*state, i % 3);

		assert_in_range(port, FIRST, LAST);
		assert_int_equal(port % 2, 0);
		assert_int_equal(seen[(port - FIRST) / 2]++, 0);
	}
	assert_int_equal(media_ports_take(*state, 0), 0);
	assert_int_equal(media_ports_used(*state), PAIRS);
}

static void a_worker_gets_its_own_pairs_while_there_are_any(void **state)
{
	unsigned own = 0;

	for (unsigned port = FIRST; port < LAST; port += 2)
		own += media_port_home((uint16_t)port, 3, NULL) == 1;
	for (unsigned i = 0; i < own; i++)
		assert_int_equal(media_port_home(media_ports_take(*state, 1), 3, NULL), 1);
	assert_int_not_equal(media_port_home(media_ports_take(*state, 1), 3, NULL), 1);
}

static void a_released_pair_rests_while_half_of_the_others_are_used(void **state)
{
	uint16_t first = media_ports_take(*state, 0);
	unsigned others = 0;

	media_ports_release(*state, first);
	for (;;) {
		uint16_t port = media_ports_take(*state, 0);

		if (port == first)
			break;
		media_ports_release(*state, port);
		others++;
	}
	assert_in_range(others, PAIRS / 6 - 1, 100 * PAIRS); /* half of that worker's */
}

static void a_wanted_pair_is_taken_or_refused(void **state)
{
	static const struct {
		uint16_t port;
		int rc;
	} facts[] = {
	    {20100, 0},
	    {20100, -EADDRINUSE},
	    {FIRST, 0},
	    {FIRST - 2, -EADDRNOTAVAIL},
	    {20101, -EADDRNOTAVAIL},
	    {LAST - 1, 0},
	    {LAST + 1, -EADDRNOTAVAIL},
	    {0, -EADDRNOTAVAIL},
	    {65534, -EADDRNOTAVAIL},
	};

	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		assert_int_equal(media_ports_take_wanted(*state, facts[i].port), facts[i].rc);
	assert_int_equal(media_ports_used(*state), 3);
	for (unsigned i = 0; i < PAIRS - 3; i++) {
		uint16_t port = media_ports_take(*state, 0);

		assert_true(port && port != 20100 && port != FIRST && port != LAST - 1);
	}
	assert_int_equal(media_ports_take(*state, 0), 0);
}

static void a_worker_gets_pairs_that_the_nic_steers_to_it(void **state)
{
	struct steering steering = {.key_size = 8, .table_size = 8, .key = "\x6d\x5a\x56\xda\x25"};
	struct media_ports *ports;

	(void)state;
	for (unsigned i = 0; i < steering.table_size; i++)
		steering.table[i] = i % 3;
	assert_int_equal(media_ports_new(&ports, FIRST, LAST, 3, &steering), 0);
	for (unsigned i = 0; i < 30; i++)
		assert_int_equal(steering_queue(&steering, media_ports_take(ports, i % 3)), i % 3);
	media_ports_free(ports);
}

static void a_range_must_be_whole_pairs(void **state)
{
	struct media_ports *ports;

	(void)state;
	assert_int_equal(media_ports_new(&ports, 20001, 20099, 1, NULL), -EINVAL);
	assert_int_equal(media_ports_new(&ports, 20000, 20098, 1, NULL), -EINVAL);
	assert_int_equal(media_ports_new(&ports, 20100, 20099, 1, NULL), -EINVAL);
	assert_int_equal(media_ports_new(&ports, 1024, 65535, 16, NULL), 0); /* the widest */
	assert_in_range(media_ports_take(ports, 15), 1024, 65534);
	media_ports_free(ports);
}

static void the_order_is_not_the_same_twice(void **state)
{
	struct media_ports *other;
	unsigned same = 0;

	assert_int_equal(media_ports_new(&other, FIRST, LAST, 3, NULL), 0);
	for (unsigned i = 0; i < PAIRS; i++)
		same += media_ports_take(*state, 0) == media_ports_take(other, 0);
	assert_in_range(same, 0, PAIRS / 2);
	media_ports_free(other);
}

int main(void)
{
#define CASE(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
	const struct CMUnitTest tests[] = {
	    CASE(every_pair_is_given_once_and_then_none),
	    CASE(a_worker_gets_its_own_pairs_while_there_are_any),
	    CASE(a_released_pair_rests_while_half_of_the_others_are_used),
	    CASE(a_wanted_pair_is_taken_or_refused),
	    CASE(a_worker_gets_pairs_that_the_nic_steers_to_it),
	    CASE(a_range_must_be_whole_pairs),
	    CASE(the_order_is_not_the_same_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
