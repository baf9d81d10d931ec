/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "route/codes.h"
#include "route/pattern.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void patterns_match_what_they_say(void **state)
{
	static const struct {
		const char *pattern, *number;
		bool matches;
		const char *first, *second; /* parts; NULL: none */
	} facts[] = {
	    {"2001", "2001", true, NULL, NULL},
	    {"2001", "20011", false, NULL, NULL},
	    {"2001", "200", false, NULL, NULL},
	    {"20??", "2099", true, NULL, NULL},
	    {"20??", "209", false, NULL, NULL},
	    {"20*", "20", true, NULL, NULL},
	    {"20*", "2", false, NULL, NULL},
	    {"*", "", true, NULL, NULL},
	    {"+49[2-9]*", "+4930", true, NULL, NULL},
	    {"+49[2-9]*", "+4910", false, NULL, NULL},
	    {"[135]", "3", true, NULL, NULL},
	    {"[135]", "2", false, NULL, NULL},
	    {"[a-cx]1", "b1", true, NULL, NULL},
	    {"[a-cx]1", "x1", true, NULL, NULL},
	    {"[a-cx]1", "d1", false, NULL, NULL},
	    {"0{*}", "0301234", true, "301234", NULL},
	    {"0{*}", "0", true, "", NULL},
	    {"{+??}{*}", "+49301", true, "+49", "301"},
	    {"{[1-9]?}00{?}", "1200x", true, "12", "x"},
	    {"{}1", "1", true, "", NULL},
	    {"?", "%", true, NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(facts); i++) {
		struct pattern_parts parts;

		assert_null(pattern_check(facts[i].pattern, PATTERN_TRANSLATION));
		if (pattern_match(facts[i].pattern, str_of(facts[i].number), &parts) !=
		    facts[i].matches)
			fail_msg("%s and %s", facts[i].pattern, facts[i].number);
		if (facts[i].first)
			assert_true(str_eq(parts.part[0], str_of(facts[i].first)));
		if (facts[i].second)
			assert_true(str_eq(parts.part[1], str_of(facts[i].second)));
	}
	assert_true(pattern_match("*", (struct str){NULL, 0}, NULL));
	assert_false(pattern_match("2*", (struct str){NULL, 0}, NULL));
}

static void what_is_no_pattern_is_refused(void **state)
{
	static const char *const never[] = {"",    "2*3",   "**",    "2**",  "[",  "[]",
					    "[1",  "[9-1]", "[-1]",  "[1-]", "1]", "a b",
					    "[?]", "\"",    "2\x01", "@"};
	static const char *const translated[] = {
	    "{", "}", "{{1}}", "{1", "}{", "{*}1", "{1}{1}{1}{1}{1}{1}{1}{1}{1}{1}"};
	char text[PATTERN_MAX + 2];

	(void)state;
	for (size_t i = 0; i < COUNT(never); i++)
		if (!pattern_check(never[i], PATTERN_ROUTE) ||
		    !pattern_check(never[i], PATTERN_TRANSLATION))
			fail_msg("%s is a pattern", never[i]);
	for (size_t i = 0; i < COUNT(translated); i++)
		if (!pattern_check(translated[i], PATTERN_TRANSLATION))
			fail_msg("%s is a pattern", translated[i]);
	assert_non_null(pattern_check("{1}", PATTERN_ROUTE));
	memset(text, '1', sizeof(text));
	text[PATTERN_MAX] = '\0';
	assert_null(pattern_check(text, PATTERN_ROUTE));
	text[PATTERN_MAX] = '1';
	text[PATTERN_MAX + 1] = '\0';
	assert_non_null(pattern_check(text, PATTERN_ROUTE));
}

/* In ascending order of what they say. */
static void a_pattern_that_says_more_weighs_more(void **state)
{
	static const char *const ascending[] = {"*",       "?",   "??",     "[1-3]*", "2*",
						"2?",      "2??", "2[1-3]", "20*",    "20?",
						"20[1-3]", "201", "201?",   "2011"};

	(void)state;
	for (size_t i = 1; i < COUNT(ascending); i++)
		if (pattern_weight(ascending[i]) <= pattern_weight(ascending[i - 1]))
			fail_msg("%s does not weigh more than %s", ascending[i], ascending[i - 1]);
}

static void values_match_without_regard_to_case(void **state)
{
	static const struct {
		const char *pattern, *value;
		bool matches;
	} facts[] = {
	    {"gold", "Gold", true},     {"gold", "golden", false},
	    {"gold*", "golden", true},  {"*gold", "old gold", true},
	    {"*a*b*c", "xaybzc", true}, {"*a*b*c", "xaybz", false},
	    {"?", "", false},           {"*", "", true},
	    {"a?c", "abc", true},       {"*ab", "aab", true},
	    {"*aab*", "aaaab-", true},  {"", "", true},
	    {"", "x", false},           {"<sip:*@a>", "<SIP:1@A>", true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(facts); i++)
		if (pattern_value_match(facts[i].pattern, str_of(facts[i].value)) !=
		    facts[i].matches)
			fail_msg("%s and %s", facts[i].pattern, facts[i].value);
}

/* Where back-tracking would take longer than the universe has been there. */
static void a_hostile_value_costs_little(void **state)
{
	char pattern[PATTERN_MAX], value[PATTERN_VALUE_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(pattern) - 2; i += 2)
		memcpy(pattern + i, "*a", 2);
	memcpy(pattern + sizeof(pattern) - 2, "b", 2);
	memset(value, 'a', sizeof(value));
	for (unsigned i = 0; i < 1000; i++)
		assert_false(pattern_value_match(pattern, (struct str){value, PATTERN_VALUE_MAX}));
	assert_false(pattern_value_match("*", (struct str){value, PATTERN_VALUE_MAX + 1}));
}

static void statuses_come_singly_and_by_hundreds(void **state)
{
	struct codes codes = {0};

	(void)state;
	codes_add(&codes, "486");
	codes_add(&codes, "5xx");
	for (unsigned status = 0; status < 800; status++)
		if (codes_has(&codes, status) != (status == 486 || (status >= 500 && status < 600)))
			fail_msg("%u", status);
	for (unsigned status = 300; status < 700; status++)
		if (codes_has(&codes_default, status) !=
		    (status == 408 || status == 500 || (status >= 502 && status <= 504)))
			fail_msg("%u by default", status);
	assert_null(codes_check("503"));
	assert_null(codes_check("4xx"));
	assert_non_null(codes_check("603"));
	assert_non_null(codes_check("200"));
	assert_non_null(codes_check("50"));
	assert_non_null(codes_check("5x3"));
	assert_non_null(codes_check(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(patterns_match_what_they_say),
	    cmocka_unit_test(what_is_no_pattern_is_refused),
	    cmocka_unit_test(a_pattern_that_says_more_weighs_more),
	    cmocka_unit_test(values_match_without_regard_to_case),
	    cmocka_unit_test(a_hostile_value_costs_little),
	    cmocka_unit_test(statuses_come_singly_and_by_hundreds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
