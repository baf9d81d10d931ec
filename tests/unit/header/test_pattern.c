/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Patterns of header rules: what they find, what they may not cost. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "header/pattern.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void patterns_find_and_replace(void **state)
{
	static const struct {
		const char *pattern, *template, *value;
		const char *becomes; /* NULL: it does not match */
	} rows[] = {
	    {"^sip:0([0-9]+)@", "sip:+49\\1@", "sip:03012@h", "sip:+493012@h"},
	    {"^sip:0([0-9]+)@", "sip:+49\\1@", "sip:+493012@h", NULL},
	    {"b", "x", "abab", "axab"},
	    {".*", "x", "abab", "x"},
	    {"^$", "x", "", "x"},
	    {"(a)|(b)", "[\\1\\2]", "b", "[b]"},
	    {"a", "\\0\\0", "a", "aa"},
	    {"a", "\\\\", "a", "\\"},
	    {"a", "1", "ba", "b1"},
	    {"\\*", "star", "a*", "astar"},
	    {"(.)(.)(.)(.)(.)(.)(.)(.)(.)", "\\9\\1", "123456789", "91"},
	    {"^[A-Z]{2,4}$", "x", "ABC", "x"},
	    {"^[A-Z]{2,4}$", "x", "ABCDE", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct header_pattern *pattern;
		struct header_found found;
		char error[128], out[64];
		enum header_match match;
		int length;

		assert_int_equal(
		    header_pattern_new(&pattern, rows[i].pattern, error, sizeof(error)), 0);
		assert_null(header_template_check(rows[i].template, pattern));
		match = header_pattern_match(pattern, str_of(rows[i].value), &found);
		assert_int_equal(match, rows[i].becomes ? HEADER_MATCHES : HEADER_DIFFERS);
		if (match == HEADER_MATCHES) {
			length = header_template_expand(out, sizeof(out), rows[i].template,
							str_of(rows[i].value), &found);
			assert_int_equal(length, strlen(rows[i].becomes));
			assert_memory_equal(out, rows[i].becomes, (size_t)length);
		}
		header_pattern_free(pattern);
	}
}

static void patterns_that_may_cost_too_much_are_refused(void **state)
{
	static const struct {
		const char *pattern, *says;
	} rows[] = {
	    {"(a)\\1", "back-references"}, {"a{65}", "counts"},
	    {"(a{9}){9}", "counts"},       {"a{1,999999999999}", "counts"},
	    {"a{8,}{9}", "counts"},        {"(", "regular expression"},
	    {"[a", "regular expression"},  {"a{2,1}", "regular expression"},
	    {"*{", "regular expression"},
	};
	char error[128], text[HEADER_PATTERN_MAX + 2];
	struct header_pattern *pattern;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(
		    header_pattern_new(&pattern, rows[i].pattern, error, sizeof(error)), -EINVAL);
		if (!strstr(error, rows[i].says))
			fail_msg("%s: %s", rows[i].pattern, error);
	}
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(header_pattern_new(&pattern, text, error, sizeof(error)), -EINVAL);
	text[HEADER_PATTERN_MAX] = '\0';
	assert_int_equal(header_pattern_new(&pattern, text, error, sizeof(error)), 0);
	header_pattern_free(pattern);
	assert_int_equal(header_pattern_new(&pattern, "\\{99\\}a\\\\{3}", error, sizeof(error)), 0);
	header_pattern_free(pattern);
}

static void a_value_that_is_too_long_is_not_searched(void **state)
{
	char value[HEADER_SUBJECT_MAX + 1], error[128];
	struct header_pattern *pattern;

	(void)state;
	memset(value, 'a', sizeof(value));
	assert_int_equal(header_pattern_new(&pattern, "b", error, sizeof(error)), 0);
	assert_int_equal(
	    header_pattern_match(pattern, (struct str){value, HEADER_SUBJECT_MAX}, NULL),
	    HEADER_DIFFERS);
	assert_int_equal(
	    header_pattern_match(pattern, (struct str){value, HEADER_SUBJECT_MAX + 1}, NULL),
	    HEADER_UNKNOWN);
	assert_int_equal(
	    header_pattern_match(NULL, (struct str){value, HEADER_SUBJECT_MAX + 1}, NULL),
	    HEADER_MATCHES);
	header_pattern_free(pattern);
}

static void templates_are_checked_against_their_pattern(void **state)
{
	char error[128], out[4];
	struct header_pattern *pattern;
	struct header_found found;

	(void)state;
	assert_int_equal(header_pattern_new(&pattern, "(a)(b)", error, sizeof(error)), 0);
	assert_null(header_template_check("\\0\\1\\2\\\\", pattern));
	assert_non_null(header_template_check("\\3", pattern));
	assert_non_null(header_template_check("\\n", pattern));
	assert_non_null(header_template_check("x\\", pattern));
	assert_non_null(header_template_check("\\1", NULL));
	assert_int_equal(header_pattern_match(pattern, STR("ab"), &found), HEADER_MATCHES);
	assert_int_equal(header_template_expand(out, 4, "\\0\\0", STR("ab"), &found), 4);
	assert_int_equal(header_template_expand(out, 4, "\\0\\0", STR("abc"), &found), -ENOSPC);
	assert_int_equal(header_template_expand(out, 3, "\\0\\0", STR("ab"), &found), -ENOSPC);
	header_pattern_free(pattern);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(patterns_find_and_replace),
	    cmocka_unit_test(patterns_that_may_cost_too_much_are_refused),
	    cmocka_unit_test(a_value_that_is_too_long_is_not_searched),
	    cmocka_unit_test(templates_are_checked_against_their_pattern),
	};

	return cmocka_run_group_tests_name("header patterns", tests, NULL, NULL);
}
