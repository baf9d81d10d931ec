/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "route/prefix.h"

#define MANY 10000U
#define FEW 10U
#define LOOKUPS 20000U
#define RATIO_MAX 4.0

struct found {
	unsigned count;
	unsigned key[16];
};

static void remember(void *user, unsigned key)
{
	struct found *found = user;

	assert_true(found->count < 16);
	found->key[found->count++] = key;
}

static bool has(const struct found *found, unsigned key)
{
	for (unsigned i = 0; i < found->count; i++)
		if (found->key[i] == key)
			return true;
	return false;
}

static void every_pattern_that_matches_is_found(void **state)
{
	static const struct prefix_key keys[] = {
	    {0, "*"},    {0, "+49*"},      {0, "+4930*"}, {7, "+49*"}, {0, "+4930"},
	    {0, "?49*"}, {0, "+49[3-4]*"}, {8, "+49*"},   {0, "+49*"}, {0, "+48*"},
	};
	static const bool expected[] = {1, 1, 1, 1, 0, 1, 1, 0, 1, 0};
	struct prefix_index *index = prefix_index_new(keys, 10);
	struct found found = {0};

	(void)state;
	prefix_index_find(index, 7, STR("+49301"), remember, &found);
	assert_int_equal(found.count, 7);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(has(&found, i), expected[i]);
	found.count = 0;
	prefix_index_find(index, 0, STR(""), remember, &found);
	assert_int_equal(found.count, 1);
	prefix_index_free(index);
}

static void patterns_that_begin_alike_come_in_order(void **state)
{
	static const struct prefix_key keys[] = {{0, "1*"}, {0, "1?"}, {0, "12"}, {0, "1[1-9]"}};
	struct prefix_index *index = prefix_index_new(keys, 4);
	struct found found = {0};

	(void)state;
	prefix_index_find(index, 0, STR("12"), remember, &found);
	assert_int_equal(found.count, 4);
	assert_int_equal(found.key[0], 0);
	assert_int_equal(found.key[1], 1);
	assert_int_equal(found.key[2], 3);
	prefix_index_free(index);
}

static void count_only(void *user, unsigned key)
{
	(void)key;
	++*(unsigned *)user;
}

static double seconds_of(unsigned count, unsigned *hits)
{
	struct prefix_key *keys = calloc(count, sizeof(*keys));
	char(*text)[16] = calloc(count, sizeof(*text));
	struct prefix_index *index;
	struct timespec begin, end;
	char number[16];

	for (unsigned i = 0; i < count; i++) {
		snprintf(text[i], sizeof(text[i]), "+%06u*", 100000 + i * (MANY / count));
		keys[i].pattern = text[i];
	}
	index = prefix_index_new(keys, count);
	assert_non_null(index);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
	for (unsigned i = 0; i < LOOKUPS; i++) {
		snprintf(number, sizeof(number), "+%06u99", 100000 + i % MANY);
		prefix_index_find(index, 0, str_of(number), count_only, hits);
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	prefix_index_free(index);
	free(keys);
	free(text);
	return (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
}

/* A thousand times as many patterns: a list would take a thousand times as long. */
static void ten_thousand_prefixes_cost_as_much_as_ten(void **state)
{
	double best = 1000;
	unsigned few_hits = 0, many_hits = 0;

	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		double few = seconds_of(FEW, &few_hits), many = seconds_of(MANY, &many_hits);

		best = many / few < best ? many / few : best;
	}
	print_message("10,000 prefixes take %.2f times as long as 10\n", best);
	assert_int_equal(many_hits, 5 * LOOKUPS);
	assert_int_equal(few_hits, 5 * LOOKUPS / 1000);
	assert_true(best < RATIO_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_pattern_that_matches_is_found),
	    cmocka_unit_test(patterns_that_begin_alike_come_in_order),
	    cmocka_unit_test(ten_thousand_prefixes_cost_as_much_as_ten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
