/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rate limits at all times of a clock that wraps after four minutes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "worker/rate.h"

#define PPS 100U
#define AT_ONCE (PPS / 2 + 1) /* half a second of packets, and the one that is due */

static const uint32_t times[] = {0,
				 1,
				 RATE_TOLERANCE,
				 UINT32_MAX / 2,
				 UINT32_MAX - 2 * RATE_TOLERANCE,
				 UINT32_MAX - RATE_TOLERANCE,
				 UINT32_MAX - RATE_TOLERANCE / 2,
				 UINT32_MAX - 1,
				 UINT32_MAX};
#define TIMES (sizeof(times) / sizeof(times[0]))

static unsigned allowed(uint32_t *next, uint32_t now, unsigned packets)
{
	unsigned count = 0;

	for (unsigned i = 0; i < packets; i++)
		count += rate_allows(next, rate_interval(PPS), now);
	return count;
}

static void a_fresh_limit_lets_half_a_second_through_at_once(void **state)
{
	(void)state;
	for (unsigned i = 0; i < TIMES; i++) {
		uint32_t next = 0;

		assert_int_equal(allowed(&next, times[i], 1000), AT_ONCE);
	}
}

static void what_is_used_up_comes_back_at_the_limit(void **state)
{
	(void)state;
	for (unsigned i = 0; i < TIMES; i++) {
		uint32_t next = 0, now = times[i];
		unsigned count = 0;

		(void)allowed(&next, now, 1000);
		for (unsigned ms = 0; ms < 2000; ms++)
			count += allowed(&next, now += RATE_HZ / 1000, 3);
		assert_in_range(count, 2 * PPS - 1, 2 * PPS);
	}
}

static void after_a_silence_half_a_second_is_let_through_again(void **state)
{
	(void)state;
	for (unsigned i = 0; i < TIMES; i++) {
		uint32_t next = 0;

		(void)allowed(&next, times[i], 1000);
		assert_int_equal(allowed(&next, times[i] + 10 * RATE_HZ, 1000), AT_ONCE);
	}
}

static void no_limit_lets_everything_through(void **state)
{
	uint32_t next = 0;

	(void)state;
	assert_int_equal(rate_interval(0), 0);
	for (unsigned i = 0; i < 1000; i++)
		assert_true(rate_allows(&next, 0, 5));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_fresh_limit_lets_half_a_second_through_at_once),
	    cmocka_unit_test(what_is_used_up_comes_back_at_the_limit),
	    cmocka_unit_test(after_a_silence_half_a_second_is_let_through_again),
	    cmocka_unit_test(no_limit_lets_everything_through),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
