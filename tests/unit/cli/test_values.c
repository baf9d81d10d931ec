/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "cli/route_test.h"
#include "cli/view.h"

static const struct {
	struct view_text (*view)(json_int_t value);
	json_int_t value;
	const char *text;
} facts[] = {
    {view_count, 0, "0"},
    {view_count, 999, "999"},
    {view_count, 1000, "1,000"},
    {view_count, 1234567, "1,234,567"},
    {view_count, -100, "-100"},
    {view_count, -1000, "-1,000"},
    {view_count, INT64_MAX, "9,223,372,036,854,775,807"},
    {view_duration, 0, "0 s"},
    {view_duration, 59, "59 s"},
    {view_duration, 60, "1 min 00 s"},
    {view_duration, 3599, "59 min 59 s"},
    {view_duration, 3600, "1 h 00 min"},
    {view_duration, 86399, "23 h 59 min"},
    {view_duration, 86400, "1 d 00 h"},
    {view_duration, 864000, "10 d 00 h"},
    {view_bytes, 0, "0 B"},
    {view_bytes, 999, "999 B"},
    {view_bytes, 1000, "1.0 kB"},
    {view_bytes, 77400, "77.4 kB"},
    {view_bytes, 999949, "999.9 kB"},
    {view_bytes, 999999, "1.0 MB"},
    {view_bytes, INT64_MAX, "9.2 EB"},
    {view_time, 1714557072, "2024-05-01 09:51:12 UTC"},
    {view_time, 0, "-"},
    {view_time, -5, "-"},
    {view_time, INT64_MAX, "-"},
    {view_day, 1714557072, "2024-05-01"},
    {view_day, 0, "-"},
    {view_jitter, 0, "0.0 ms"},
    {view_jitter, 1234, "1.2 ms"},
};

static void values_are_shown_with_their_units(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		assert_string_equal(facts[i].view(facts[i].value).text, facts[i].text);
}

static void a_share_of_nothing_is_not_a_number(void **state)
{
	(void)state;
	assert_string_equal(view_share(0, 0).text, "-");
	assert_string_equal(view_share(1, 300).text, "0.33 %");
	assert_string_equal(view_share(5, 5).text, "100.00 %");
}

static void hostile_text_is_escaped_and_bounded(void **state)
{
	char text[1000];
	json_t *object;

	(void)state;
	memset(text, '\n', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	object = json_pack("{s:s, s:s, s:[s, s]}", "a", text, "b", "\x1b[0m", "c", "x", text);
	assert_int_equal(strncmp(view_string(object, "a").text, "\\x0a\\x0a", 8), 0);
	assert_string_equal(view_string(object, "b").text, "\\x1b[0m");
	assert_int_equal(strncmp(view_list(json_object_get(object, "c")).text, "x, \\x0a", 7), 0);
	assert_string_equal(view_string(object, "none").text, "-");
	assert_string_equal(view_list(NULL).text, "-");
	json_decref(object);
}

static void times_are_read_with_their_zone(void **state)
{
	static const struct {
		const char *text;
		json_int_t unix_s; /* 0: it is none */
	} times[] = {
	    {"2026-12-24T18:00Z", 1798135200},
	    {"2026-12-24T18:00", 1798135200},
	    {"2026-12-24T19:00:00+01:00", 1798135200},
	    {"2026-12-24T13:30:30-0430", 1798135230},
	    {"1798135200", 1798135200},
	    {"18:00", 0},
	    {"2026-12-24", 0},
	    {"2026-12-24T18:00Zx", 0},
	    {"", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		json_int_t unix_s = 0;

		assert_int_equal(route_test_time(times[i].text, &unix_s), times[i].unix_s != 0);
		assert_int_equal(unix_s, times[i].unix_s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(values_are_shown_with_their_units),
	    cmocka_unit_test(a_share_of_nothing_is_not_a_number),
	    cmocka_unit_test(hostile_text_is_escaped_and_bounded),
	    cmocka_unit_test(times_are_read_with_their_zone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
