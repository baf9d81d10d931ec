/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "route/health.h"

static const struct health_settings settings = {.down_after = 3, .up_after = 2};

/* g: a good answer, b: a failure; what each makes of it: . same, D down, U up */
static void it_changes_after_several_in_a_row(void **state)
{
	static const struct {
		const char *seen, *changes;
	} facts[] = {
	    {"bbb", "..D"},         {"bbgbb", "....."}, {"bbbb", "..D."},
	    {"bbbg", "..D."},       {"bbbgg", "..D.U"}, {"bbbgbg", "..D..."},
	    {"bbbgbgg", "..D...U"}, {"gggg", "...."},   {"bbbggbbb", "..D.U..D"},
	};
	static const char names[] = {[HEALTH_SAME] = '.', [HEALTH_UP] = 'U', [HEALTH_DOWN] = 'D'};

	(void)state;
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		struct health health = {0};
		int64_t now = 1000;

		for (const char *c = facts[i].seen; *c; c++, now++) {
			enum health_change change =
			    *c == 'g' ? health_good(&health, &settings, now)
				      : health_bad(&health, &settings, "no answer", now);

			if (names[change] != facts[i].changes[c - facts[i].seen])
				fail_msg("%s at %s", facts[i].seen, c);
			if (change != HEALTH_SAME)
				assert_int_equal(health.since_unix_s, now);
		}
	}
}

static void the_last_reason_stays(void **state)
{
	struct health health = {0};

	(void)state;
	health_bad(&health, &settings, "503", 1);
	health_good(&health, &settings, 2);
	assert_string_equal(health.reason, "503");
	assert_int_equal(health.failures, 1);
	assert_false(health.down);
}

static void looks_are_spread_by_a_tenth(void **state)
{
	(void)state;
	assert_int_equal(health_delay_ms(10000, 0), 9000);
	assert_int_equal(health_delay_ms(10000, 2000), 11000);
	for (uint32_t i = 0; i < 100000; i += 7)
		assert_in_range(health_delay_ms(10000, i * 7919), 9000, 11000);
	assert_int_equal(health_delay_ms(1, 5), 1);
}

static void most_statuses_show_that_somebody_is_there(void **state)
{
	(void)state;
	for (unsigned status = 200; status < 700; status++)
		assert_int_equal(health_status_is_good(status),
				 status != 408 && status != 502 && status != 503 && status != 504);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_changes_after_several_in_a_row),
	    cmocka_unit_test(the_last_reason_stays),
	    cmocka_unit_test(looks_are_spread_by_a_tenth),
	    cmocka_unit_test(most_statuses_show_that_somebody_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
