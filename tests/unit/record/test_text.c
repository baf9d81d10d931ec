/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is written as text is the JSON that a library makes of the same values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "record/text.h"

/* The object that was written, read by jansson. */
static json_t *read_back(struct text *text)
{
	json_t *value;

	assert_int_equal(text_end(text), 0);
	assert_int_equal(strlen(text->data), text->length);
	value = json_loads(text->data, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(value);
	text_free(text);
	return value;
}

static void members_and_objects_within_one_another_have_their_commas(void **state)
{
	struct text text = {0};
	json_t *is, *wanted = json_pack("{s:s, s:n, s:{}, s:[i, {s:i}], s:b, s:f}", "a", "b", "c",
					"d", "e", 1, "f", -2, "g", 1, "h", 4.07);

	(void)state;
	text_open(&text, NULL, '{');
	text_string(&text, "a", "b");
	text_string(&text, "c", NULL);
	text_open(&text, "d", '{');
	text_close(&text, '{');
	text_open(&text, "e", '[');
	text_number(&text, NULL, 1);
	text_open(&text, NULL, '{');
	text_number(&text, "f", -2);
	text_close(&text, '{');
	text_close(&text, '[');
	text_json(&text, "g", json_true());
	text_hundredths(&text, "h", 407);
	text_close(&text, '{');
	is = read_back(&text);
	assert_true(json_equal(is, wanted));
	json_decref(is);
	json_decref(wanted);
}

static void any_text_comes_back_as_it_was(void **state)
{
	static const char *const texts[] = {"",
					    "plain",
					    "\"quoted\" \\ back",
					    "tab\tand\nline",
					    "\x01\x1f\x7f",
					    "Gr\xc3\xbc\xc3\x9f"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct text text = {0};
		json_t *is;

		text_open(&text, NULL, '{');
		text_string(&text, "t", texts[i]);
		text_close(&text, '{');
		is = read_back(&text);
		assert_string_equal(json_string_value(json_object_get(is, "t")), texts[i]);
		json_decref(is);
	}
}

static void what_is_no_utf8_is_escaped_as_in_the_log(void **state)
{
	struct text text = {0};
	json_t *is;

	(void)state;
	text_open(&text, NULL, '{');
	text_string(&text, "t", "a\xff");
	text_close(&text, '{');
	is = read_back(&text);
	assert_string_equal(json_string_value(json_object_get(is, "t")), "a\\xff");
	json_decref(is);
}

static void numbers_and_times_are_exact(void **state)
{
	struct text text = {0};

	(void)state;
	text_open(&text, NULL, '[');
	text_number(&text, NULL, INT64_MAX);
	text_number(&text, NULL, INT64_MIN);
	text_hundredths(&text, NULL, 5);
	text_time(&text, NULL, INT64_C(1777630272007));
	text_close(&text, '[');
	assert_string_equal(text.data, "[9223372036854775807,-9223372036854775808,0.05,"
				       "\"2026-05-01T10:11:12.007Z\"]");
	text_free(&text);
}

static void a_long_text_grows_and_joins_another(void **state)
{
	struct text text = {0}, leg = {0};
	json_t *is;

	(void)state;
	text_open(&leg, NULL, '{');
	for (int i = 0; i < 5000; i++) {
		char name[16];

		snprintf(name, sizeof(name), "n%d", i);
		text_number(&leg, name, i);
	}
	text_open(&text, NULL, '[');
	text_append(&text, &leg);
	text_close(&text, '{');
	text_append(&text, &leg);
	text_close(&text, '{');
	text_close(&text, '[');
	is = read_back(&text);
	assert_int_equal(json_array_size(is), 2);
	assert_int_equal(json_object_size(json_array_get(is, 1)), 5000);
	json_decref(is);
	text_free(&leg);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(members_and_objects_within_one_another_have_their_commas),
	    cmocka_unit_test(any_text_comes_back_as_it_was),
	    cmocka_unit_test(what_is_no_utf8_is_escaped_as_in_the_log),
	    cmocka_unit_test(numbers_and_times_are_exact),
	    cmocka_unit_test(a_long_text_grows_and_joins_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
