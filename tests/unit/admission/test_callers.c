/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "admission/callers.h"

static int setup(void **state)
{
	static struct callers callers;

	callers = (struct callers){0};
	*state = &callers;
	return callers_init(&callers);
}

static int teardown(void **state)
{
	callers_free(*state);
	return 0;
}

static struct caller *get(struct callers *callers, unsigned number)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", number);
	return callers_get(callers, 1, text);
}

static void a_number_of_another_peer_is_another_caller(void **state)
{
	struct caller *caller = callers_get(*state, 1, "4930");

	assert_ptr_equal(callers_get(*state, 1, "4930"), caller);
	assert_ptr_not_equal(callers_get(*state, 2, "4930"), caller);
	assert_ptr_not_equal(callers_get(*state, 1, "493"), caller);
	assert_ptr_not_equal(callers_get(*state, 1, ""), caller);
}

static void memory_is_bounded_and_who_has_calls_is_not_forgotten(void **state)
{
	struct callers *callers = *state;
	struct caller *busy = get(callers, 0);

	callers_begin(callers, busy);
	for (unsigned i = 1; i <= CALLERS_IDLE_MAX * 3; i++)
		get(callers, i);
	assert_int_equal(callers->idle_count, CALLERS_IDLE_MAX);
	assert_ptr_equal(get(callers, 0), busy);
	assert_int_equal(busy->calls, 1);
	callers_end(callers, busy);
	assert_int_equal(callers->idle_count, CALLERS_IDLE_MAX);
	assert_ptr_equal(get(callers, 0), busy); /* it called last */
}

static void a_caller_is_idle_when_its_last_call_has_ended(void **state)
{
	struct callers *callers = *state;
	struct caller *caller = get(callers, 1);

	callers_begin(callers, caller);
	callers_begin(callers, caller);
	assert_int_equal(callers->idle_count, 0);
	callers_end(callers, caller);
	assert_int_equal(callers->idle_count, 0);
	callers_end(callers, caller);
	assert_int_equal(callers->idle_count, 1);
}

#define CALLERS_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CALLERS_TEST(a_number_of_another_peer_is_another_caller),
	    CALLERS_TEST(memory_is_bounded_and_who_has_calls_is_not_forgotten),
	    CALLERS_TEST(a_caller_is_idle_when_its_last_call_has_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
