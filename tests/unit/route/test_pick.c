/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "route/pick.h"

#define DRAWS 40000U

/* A seeded generator: xorshift32. */
static uint32_t seeded(void *user)
{
	uint32_t *x = user;

	*x ^= *x << 13;
	*x ^= *x >> 17;
	*x ^= *x << 5;
	return *x;
}

static uint32_t never(void *user)
{
	(void)user;
	fail_msg("a lot was drawn");
	return 0;
}

static void the_lowest_priority_comes_first(void **state)
{
	struct pick picks[] = {
	    {.priority = 3, .id = 3}, {.priority = 1, .id = 1}, {.priority = 2, .id = 2}};

	(void)state;
	pick_order(picks, 3, PICK_WEIGHT, never, NULL);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(picks[i].id, i + 1);
	pick_order(picks, 0, PICK_WEIGHT, never, NULL);
}

static void within_one_priority_the_share_is_the_weight(void **state)
{
	unsigned first[3] = {0};
	uint32_t seed = 2463534242U;

	(void)state;
	for (unsigned i = 0; i < DRAWS; i++) {
		struct pick picks[] = {
		    {.weight = 10, .id = 0}, {.weight = 30, .id = 1}, {.weight = 60, .id = 2}};

		pick_order(picks, 3, PICK_WEIGHT, seeded, &seed);
		first[picks[0].id]++;
		assert_int_equal(picks[0].id + picks[1].id + picks[2].id, 3);
	}
	/* within 2 % of all draws; the standard deviation is 0.25 % */
	assert_in_range(first[0], DRAWS * 8 / 100, DRAWS * 12 / 100);
	assert_in_range(first[1], DRAWS * 28 / 100, DRAWS * 32 / 100);
	assert_in_range(first[2], DRAWS * 58 / 100, DRAWS * 62 / 100);
}

static void a_weight_of_nothing_is_hardly_ever_first(void **state)
{
	unsigned first = 0;
	uint32_t seed = 1;

	(void)state;
	for (unsigned i = 0; i < DRAWS; i++) {
		struct pick picks[] = {{.weight = 100, .id = 1}, {.weight = 0, .id = 0}};

		pick_order(picks, 2, PICK_WEIGHT, seeded, &seed);
		first += picks[0].id == 0;
	}
	assert_in_range(first, 1, DRAWS * 3 / 100);
}

static void the_same_seed_gives_the_same_order(void **state)
{
	struct pick a[] = {{.weight = 1, .id = 0}, {.weight = 1, .id = 1}, {.weight = 1, .id = 2}};
	struct pick b[] = {{.weight = 1, .id = 0}, {.weight = 1, .id = 1}, {.weight = 1, .id = 2}};
	uint32_t x = 42, y = 42;

	(void)state;
	pick_order(a, 3, PICK_WEIGHT, seeded, &x);
	pick_order(b, 3, PICK_WEIGHT, seeded, &y);
	assert_memory_equal(a, b, sizeof(a));
}

static void by_load_the_least_busy_for_its_weight_is_first(void **state)
{
	static const struct {
		struct pick pick[3];
		unsigned first;
	} facts[] = {
	    {{{0, 1, 5, 0}, {0, 1, 3, 1}, {0, 1, 4, 2}}, 1},
	    {{{0, 10, 5, 0}, {0, 1, 1, 1}, {0, 1, 4, 2}}, 0}, /* ten times as wide */
	    {{{0, 1, 9, 0}, {1, 1, 0, 1}, {1, 1, 0, 2}}, 0},  /* priority comes before */
	    {{{0, 1, 0, 0}, {0, 0, 0, 1}, {0, 1, 7, 2}}, 0},  /* nothing for 0 */
	};
	uint32_t seed = 7;

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct pick picks[3];

		memcpy(picks, facts[i].pick, sizeof(picks));
		pick_order(picks, 3, PICK_LEAST, seeded, &seed);
		assert_int_equal(picks[0].id, facts[i].first);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_lowest_priority_comes_first),
	    cmocka_unit_test(within_one_priority_the_share_is_the_weight),
	    cmocka_unit_test(a_weight_of_nothing_is_hardly_ever_first),
	    cmocka_unit_test(the_same_seed_gives_the_same_order),
	    cmocka_unit_test(by_load_the_least_busy_for_its_weight_is_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
