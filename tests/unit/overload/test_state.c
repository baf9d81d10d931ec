/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When the state is entered and left, and what the pools do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "overload/overload.h"

#define QUIET_TICKS (OVERLOAD_QUIET_MS / OVERLOAD_TICK_MS)

struct watched {
	struct overload overload;
	uint64_t now_ms;
	unsigned entered, left;
};

static struct watched fresh(void)
{
	return (struct watched){.overload.limits = {.enter_ms = 50, .leave_ms = 10},
				.now_ms = 5000};
}

static void feed(struct watched *watched, const struct overload_sample *sample, unsigned ticks)
{
	for (; ticks > 0; ticks--) {
		watched->now_ms += OVERLOAD_TICK_MS;
		switch (overload_tick(&watched->overload, sample, watched->now_ms)) {
		case OVERLOAD_ENTERED:
			watched->entered++;
			break;
		case OVERLOAD_LEFT:
			watched->left++;
			break;
		case OVERLOAD_SAME:
			break;
		}
	}
}

static void feed_delay(struct watched *watched, unsigned delay_ms, unsigned ticks)
{
	const struct overload_sample sample = {.delay_us = delay_ms * 1000ULL};

	feed(watched, &sample, ticks);
}

/* ticks of such a delay, after rest: is it overload? */
static const struct {
	unsigned delay_ms, ticks;
	bool overloaded;
} lasting[] = {
    {0, 100, false},   {49, 1000, false}, {60, 1, false}, {60, 5, false},
    {60, 7, true},     {100, 2, false},   {100, 3, true}, {60000, 1, false},
    {60000, 2, false}, {60000, 3, true}, /* one long turn is none, whatever its length */
};

static void only_a_delay_that_lasts_is_overload(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lasting) / sizeof(lasting[0]); i++) {
		struct watched watched = fresh();

		feed_delay(&watched, lasting[i].delay_ms, lasting[i].ticks);
		assert_int_equal(watched.overload.on, lasting[i].overloaded);
		assert_int_equal(watched.entered, lasting[i].overloaded);
	}
}

static void what_waits_too_long_already_is_refused_but_for_a_few(void **state)
{
	struct watched watched = fresh();

	(void)state;
	feed_delay(&watched, 500, 3);
	assert_true(watched.overload.on);
	assert_int_equal(watched.overload.share, OVERLOAD_ALL - OVERLOAD_LEAST);
	feed_delay(&watched, 65, 1); /* in the middle of the brake */
	assert_in_range(watched.overload.share, 500, 750);
	feed_delay(&watched, 0, 1); /* what can be done was not found out in so short a time */
	assert_in_range(watched.overload.share, 100, 500);
}

static void in_the_end_only_what_can_be_done_is_taken(void **state)
{
	struct watched watched = fresh();
	const struct overload_sample idle = {.busy = 0}, busy = {.busy = 990};
	unsigned before;

	(void)state;
	feed_delay(&watched, 500, 100);
	feed(&watched, &busy, 1);
	assert_in_range(watched.overload.share, 970, OVERLOAD_ALL - OVERLOAD_LEAST);
	feed(&watched, &busy, 10); /* in small steps while there is no time to spare */
	assert_in_range(watched.overload.share, 960, OVERLOAD_ALL - OVERLOAD_LEAST);
	before = watched.overload.share;
	feed(&watched, &idle, 10);
	assert_true(watched.overload.share < before - 15);
	feed(&watched, &idle, 60);
	assert_int_equal(watched.overload.share, 0);
}

static void datagrams_that_the_kernel_loses_are_as_bad_as_any_delay(void **state)
{
	const struct overload_sample lost = {.lost = true};
	struct watched watched = fresh();

	(void)state;
	feed(&watched, &lost, 1);
	feed_delay(&watched, 0, 20);
	assert_false(watched.overload.on);
	feed(&watched, &lost, 3);
	assert_true(watched.overload.on);
	assert_true(watched.overload.share > 0);
}

static void the_state_is_left_only_after_a_quiet_time(void **state)
{
	struct watched watched = fresh();

	(void)state;
	feed_delay(&watched, 200, 10);
	assert_true(watched.overload.on);
	assert_true(watched.overload.share > 0);
	feed_delay(&watched, 0, QUIET_TICKS / 2);
	assert_true(watched.overload.on);
	feed_delay(&watched, 0, QUIET_TICKS);
	feed_delay(&watched, 0, 100); /* to take all again */
	assert_false(watched.overload.on);
	assert_int_equal(watched.entered, 1);
	assert_int_equal(watched.left, 1);
	assert_int_equal(watched.overload.share, 0);
}

static void between_the_two_thresholds_nothing_changes(void **state)
{
	struct watched watched = fresh();

	(void)state;
	feed_delay(&watched, 30, 1000);
	assert_false(watched.overload.on);
	feed_delay(&watched, 200, 10);
	feed_delay(&watched, 29, 1000); /* nothing is refused, but it is not quiet either */
	assert_true(watched.overload.on);
	assert_int_equal(watched.overload.share, 0);
	assert_int_equal(watched.entered, 1);
	assert_int_equal(watched.left, 0);
}

/* the fill of a pool, in percent of it, and the share that it makes */
static const struct {
	unsigned fill, share;
} filled[] = {{50, 0}, {75, 0}, {80, 200}, {90, 600}, {100, 1000}, {130, 1000}};

static void a_pool_that_fills_up_refuses_in_proportion(void **state)
{
	static const char *const names[] = {"memory", "transactions", "messages"};

	(void)state;
	for (unsigned pool = 0; pool < OVERLOAD_POOLS; pool++) {
		struct watched watched = fresh();
		struct overload_sample sample = {0};

		sample.pool[pool] = (struct overload_use){.used = 90, .most = 100};
		feed(&watched, &sample, 1);
		assert_true(watched.overload.on);
		for (size_t i = 0; i < sizeof(filled) / sizeof(filled[0]); i++) {
			sample.pool[pool].used = filled[i].fill;
			feed(&watched, &sample, 1);
			assert_int_equal(watched.overload.share, filled[i].share);
		}
		assert_string_equal(overload_reason(&watched.overload), names[pool]);
	}
}

static void a_pool_below_its_threshold_is_no_overload(void **state)
{
	struct watched watched = fresh();
	const struct overload_sample sample = {
	    .pool = {{.used = 89, .most = 100}, {.used = 7, .most = 0}}};

	(void)state;
	feed(&watched, &sample, 100);
	assert_false(watched.overload.on);
	assert_int_equal(watched.overload.share, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_a_delay_that_lasts_is_overload),
	    cmocka_unit_test(what_waits_too_long_already_is_refused_but_for_a_few),
	    cmocka_unit_test(in_the_end_only_what_can_be_done_is_taken),
	    cmocka_unit_test(datagrams_that_the_kernel_loses_are_as_bad_as_any_delay),
	    cmocka_unit_test(the_state_is_left_only_after_a_quiet_time),
	    cmocka_unit_test(between_the_two_thresholds_nothing_changes),
	    cmocka_unit_test(a_pool_that_fills_up_refuses_in_proportion),
	    cmocka_unit_test(a_pool_below_its_threshold_is_no_overload),
	};

	return cmocka_run_group_tests_name("overload state", tests, NULL, NULL);
}
