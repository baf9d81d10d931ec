/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>

#include "route/rewrite.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void the_first_rule_that_fits_is_applied(void **state)
{
	static const struct rewrite rules[] = {
	    {.strip = "00", .add = "+"},
	    {.match = "0{[1-9]*}", .replace = "+49{1}"},
	    {.match = "{[1-9]??}", .replace = "+49301234{1}"},
	    {.strip = "9"},
	    {.match = "{?}{?}{?}-{*}", .replace = "{3}{2}{1}{4}{4}"},
	};
	static const struct {
		const char *before, *after;
		int rule;
	} facts[] = {
	    {"0044123", "+44123", 0},  {"030123", "+4930123", 1}, {"123", "+49301234123", 2},
	    {"91234", "1234", 3},      {"abc-d", "cbadd", 4},     {"+4930", "+4930", -ENOENT},
	    {"1234", "1234", -ENOENT},
	};
	char text[REWRITE_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(facts); i++) {
		strcpy(text, facts[i].before);
		assert_int_equal(rewrite_apply(rules, COUNT(rules), text, NULL), facts[i].rule);
		assert_string_equal(text, facts[i].after);
	}
}

static void what_would_be_no_number_is_refused(void **state)
{
	static const struct rewrite all[] = {{.match = "x{*}", .replace = "{1}"},
					     {.match = "{??}*", .replace = "{1}"},
					     {.match = "{*}", .replace = "{1}{1}"}};
	char text[REWRITE_TEXT_MAX];
	unsigned rule = 99;

	(void)state;
	strcpy(text, "x");
	assert_int_equal(rewrite_apply(all, 3, text, &rule), -EINVAL); /* empty */
	assert_int_equal(rule, 0);
	assert_string_equal(text, "x");
	strcpy(text, "%20a");
	assert_int_equal(rewrite_apply(all, 3, text, &rule), -EINVAL); /* half an escape */
	assert_int_equal(rule, 1);
	memset(text, '1', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(rewrite_apply(all + 2, 1, text, &rule), -EINVAL); /* too long */
	text[127] = '\0';
	assert_int_equal(rewrite_apply(all + 2, 1, text, &rule), 0);
	assert_int_equal(strlen(text), 254);
}

static void a_replacement_must_suit_its_pattern(void **state)
{
	(void)state;
	assert_null(rewrite_check("0{*}", "+49{1}"));
	assert_null(rewrite_check("0*", "operator"));
	assert_non_null(rewrite_check("0{*}", "+49{2}"));
	assert_non_null(rewrite_check("0*", "{1}"));
	assert_non_null(rewrite_check("0{*}", "{0}"));
	assert_non_null(rewrite_check("0{*}", "{1"));
	assert_non_null(rewrite_check("0{*}", "}"));
	assert_non_null(rewrite_check("0{*}", "1*"));
	assert_non_null(rewrite_check("0{*}", ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_first_rule_that_fits_is_applied),
	    cmocka_unit_test(what_would_be_no_number_is_refused),
	    cmocka_unit_test(a_replacement_must_suit_its_pattern),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
