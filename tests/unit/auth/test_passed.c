/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Challenges that were passed on: by whom, and for how long, they may be answered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "auth/passed.h"

#define NOW 1000000U

static int setup(void **state)
{
	*state = passed_new();
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	passed_free(*state);
	return 0;
}

static void key(const struct passed *passed, const char *a, const char *b,
		unsigned char made[PASSED_KEY])
{
	const struct str parts[] = {str_of(a), str_of(b)};

	assert_int_equal(passed_key(passed, parts, 2, made), 0);
}

static void it_is_answered_by_one_request_which_may_come_again(void **state)
{
	unsigned char one[PASSED_KEY], other[PASSED_KEY];

	key(*state, "call", "nonce", one);
	key(*state, "call", "nonce2", other);
	assert_null(passed_answers(*state, one, 2, PASSED_TAKE, NOW));
	passed_note(*state, one, STR("alice"), NOW);
	assert_null(passed_answers(*state, other, 2, PASSED_TAKE, NOW));
	assert_string_equal(passed_answers(*state, one, 2, PASSED_LOOK, NOW), "alice");
	assert_string_equal(passed_answers(*state, one, 3, PASSED_LOOK, NOW), "alice");
	assert_string_equal(passed_answers(*state, one, 2, PASSED_TAKE, NOW), "alice");
	assert_string_equal(passed_answers(*state, one, 2, PASSED_LOOK, NOW), "alice");
	assert_null(passed_answers(*state, one, 3, PASSED_LOOK, NOW));
	assert_null(passed_answers(*state, one, 3, PASSED_TAKE, NOW));
}

static void its_time_is_short(void **state)
{
	unsigned char one[PASSED_KEY];

	key(*state, "call", "nonce", one);
	passed_note(*state, one, STR("alice"), NOW);
	assert_non_null(passed_answers(*state, one, 1, PASSED_LOOK, NOW + PASSED_LIFETIME_MS - 1));
	assert_null(passed_answers(*state, one, 1, PASSED_LOOK, NOW + PASSED_LIFETIME_MS));
}

static void no_part_can_be_the_end_of_another(void **state)
{
	static const char *const pairs[][2] = {
	    {"a", "b:c"}, {"a:b", "c"}, {"a:b:c", ""}, {"", "a:b:c"}, {"ab:c", ""}};
	unsigned char keys[5][PASSED_KEY];

	for (unsigned i = 0; i < 5; i++) {
		key(*state, pairs[i][0], pairs[i][1], keys[i]);
		for (unsigned j = 0; j < i; j++)
			assert_memory_not_equal(keys[i], keys[j], PASSED_KEY);
	}
}

/* However many there are, room is found, and the youngest are known. */
static void the_oldest_go_first(void **state)
{
	unsigned char made[PASSED_KEY];
	char text[16];
	unsigned known = 0;

	for (unsigned i = 0; i < 40000; i++) {
		snprintf(text, sizeof(text), "%u", i);
		key(*state, "call", text, made);
		passed_note(*state, made, STR("alice"), NOW + i / 10);
		assert_non_null(passed_answers(*state, made, 1, PASSED_LOOK, NOW + i / 10));
	}
	for (unsigned i = 39000; i < 40000; i++) {
		snprintf(text, sizeof(text), "%u", i);
		key(*state, "call", text, made);
		known += passed_answers(*state, made, 1, PASSED_LOOK, NOW + 4000) != NULL;
	}
	assert_true(known > 980);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(it_is_answered_by_one_request_which_may_come_again),
	    TEST(its_time_is_short),
	    TEST(no_part_can_be_the_end_of_another),
	    TEST(the_oldest_go_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
