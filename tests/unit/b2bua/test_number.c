/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "b2bua/cause.h"
#include "b2bua/number.h"

static void every_way_to_write_a_number_gives_one(void **state)
{
	static const struct {
		const char *written, *number; /* NULL: refused */
	} cases[] = {
	    {"2001", "2001"},
	    {"%32%30%30%31", "2001"},
	    {"%30%300123", "000123"},
	    {"00-1.2(3)", "00123"},
	    {"%2b49%2D30", "+4930"},
	    {"*99#", "*99%23"},       /* of a tel URI: as a SIP URI has it */
	    {"0-9.00%23", "0900%23"}, /* '#' of a SIP URI: a number all the same */
	    {"%30-9(0)0%23%31", "0900%231"},
	    {"0-900.1%3bx", "09001%3Bx"}, /* what is behind is no part of the number */
	    {"0-900,1-2", "0900,1-2"},
	    {"0-900%20-1", "0900%20-1"},
	    {"-%23", "-%23"}, /* no number */
	    {"1.2_alice", "1.2_alice"},
	    {"", ""},
	    {"alice", "alice"},
	    {"alice-b.c", "alice-b.c"}, /* not a telephone number: as it is */
	    {"%61lice", "alice"},
	    {"a%40b", "a%40b"},
	    {"2001%3bext=5", "2001%3Bext=5"}, /* reserved: another name than with ';' */
	    {"0-900.1;phone-context=pbx.example", "09001"}, /* as in a tel URI, these go */
	    {"+49(30)1;rn=+4917;npdi", "+49301"},
	    {"*21*;x=1", "*21*"},
	    {"alice;day=tuesday", "alice;day=tuesday"},
	    {"+;x=1", "+;x=1"}, /* no number */
	    {"a%c3%a4", "a%C3%A4"},
	    {"a%4", NULL},
	    {"a%zz", NULL},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[NUMBER_TEXT_MAX];
		int length = number_normalise(text, str_of(cases[i].written));

		if (!cases[i].number) {
			assert_true(length < 0);
			continue;
		}
		assert_int_equal(length, (int)strlen(cases[i].number));
		assert_string_equal(text, cases[i].number);
	}
}

static void a_number_that_is_too_long_is_refused(void **state)
{
	char text[NUMBER_TEXT_MAX], written[1024];

	(void)state;
	memset(written, '1', sizeof(written));
	assert_true(number_normalise(text, (struct str){written, 1024}) < 0);
	assert_true(number_normalise(text, (struct str){written, NUMBER_TEXT_MAX - 4}) > 0);
	memset(written, '%', sizeof(written));
	assert_true(number_normalise(text, (struct str){written, 3}) < 0);
}

static void every_cause_has_its_facts(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CAUSE_COUNT; i++) {
		const struct cause_facts *facts = cause_facts((enum cause)i);

		assert_true(facts->name[0] && facts->text[0]);
		assert_in_range(facts->status, 200, 699);
		assert_null(strpbrk(facts->text, "\"\\\r\n")); /* it stands in a quoted string */
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_way_to_write_a_number_gives_one),
	    cmocka_unit_test(a_number_that_is_too_long_is_refused),
	    cmocka_unit_test(every_cause_has_its_facts),
	};

	return cmocka_run_group_tests_name("b2bua numbers and causes", tests, NULL, NULL);
}
