/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "overload/overload.h"

static const struct overload_origin nobody;

/* How many of a thousand draws are refused. */
static unsigned refused_of(unsigned share, enum sip_method method)
{
	struct overload overload = {.on = true, .others.share = {share, share}};
	unsigned refused = 0;

	for (uint64_t draw = 0; draw < 1000; draw++)
		refused += overload_refuses(&overload, &nobody, method, draw + 7000);
	return refused;
}

static const struct {
	unsigned share;
	enum sip_method method;
	unsigned refused;
} facts[] = {
    {0, SIP_METHOD_INVITE, 0},         {1, SIP_METHOD_INVITE, 1},
    {250, SIP_METHOD_INVITE, 250},     {1000, SIP_METHOD_INVITE, 1000},
    {300, SIP_METHOD_MESSAGE, 300},    {300, SIP_METHOD_OTHER, 300},
    {300, SIP_METHOD_REGISTER, 0},     {650, SIP_METHOD_REGISTER, 500},
    {1000, SIP_METHOD_REGISTER, 1000}, {700, SIP_METHOD_OPTIONS, 0},
    {850, SIP_METHOD_OPTIONS, 500},    {1000, SIP_METHOD_OPTIONS, 1000},
    {1000, SIP_METHOD_ACK, 0},         {1000, SIP_METHOD_BYE, 0},
    {1000, SIP_METHOD_CANCEL, 0},      {1000, SIP_METHOD_PRACK, 0},
    {1000, SIP_METHOD_UPDATE, 0},      {1000, SIP_METHOD_INFO, 0},
};

static void calls_are_refused_first_and_what_belongs_to_a_call_never(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		assert_int_equal(refused_of(facts[i].share, facts[i].method), facts[i].refused);
}

static void only_calls_are_refused_by_the_brake(void **state)
{
	struct overload overload = {.on = true, .others.share = {OVERLOAD_ALL, 200}};

	(void)state;
	assert_true(overload_refuses(&overload, &nobody, SIP_METHOD_INVITE, 4711));
	assert_true(overload_refuses(&overload, &nobody, SIP_METHOD_MESSAGE, 4711));
	for (uint64_t draw = 0; draw < OVERLOAD_ALL; draw++) {
		assert_false(overload_refuses(&overload, &nobody, SIP_METHOD_REGISTER, draw));
		assert_false(overload_refuses(&overload, &nobody, SIP_METHOD_OPTIONS, draw));
	}
}

static void who_is_refused_stays_refused_while_the_share_rises(void **state)
{
	struct overload overload = {.on = true};

	(void)state;
	for (uint64_t draw = 0; draw < 5000; draw += 13) {
		bool before = false;

		for (unsigned share = 0; share <= OVERLOAD_ALL; share += 50) {
			bool now;

			overload.others.share[OVERLOAD_NOW] = share;
			now = overload_refuses(&overload, &nobody, SIP_METHOD_INVITE, draw);

			assert_true(now || !before);
			before = now;
		}
	}
}

static void each_refusal_is_counted_under_its_kind(void **state)
{
	struct overload overload = {0};

	(void)state;
	overload_count_refused(&overload, 0, SIP_METHOD_INVITE);
	overload_count_refused(&overload, 0, SIP_METHOD_INVITE);
	overload_count_refused(&overload, 0, SIP_METHOD_REGISTER);
	overload_count_refused(&overload, 0, SIP_METHOD_OPTIONS);
	overload_count_refused(&overload, 0, SIP_METHOD_SUBSCRIBE);
	overload_count_refused(&overload, 0, SIP_METHOD_OTHER);
	overload_count_refused(&overload, 0, SIP_METHOD_BYE);
	assert_int_equal(overload.counters.refused_invite, 2);
	assert_int_equal(overload.counters.refused_register, 1);
	assert_int_equal(overload.counters.refused_options, 1);
	assert_int_equal(overload.counters.refused_other, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(calls_are_refused_first_and_what_belongs_to_a_call_never),
	    cmocka_unit_test(only_calls_are_refused_by_the_brake),
	    cmocka_unit_test(who_is_refused_stays_refused_while_the_share_rises),
	    cmocka_unit_test(each_refusal_is_counted_under_its_kind),
	};

	return cmocka_run_group_tests_name("overload order", tests, NULL, NULL);
}
