/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many transactions a configuration gives room for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "b2bua/room.h"
#include "policy/config.h"

#define LINGER_S 32U /* 64*T1 (RFC 3261 17) */
#define OF_A_CALL 4U /* INVITE and BYE, on both legs */

static struct config config_of(struct config_listener *listener, enum sip_transport transport)
{
	*listener = (struct config_listener){.transport = transport};
	return (struct config){.max_calls = 100, .listeners = listener, .listener_count = 1};
}

static void where_nothing_lingers_calls_alone_need_room(void **state)
{
	struct config_listener listener;
	struct config config = config_of(&listener, SIP_TLS);

	(void)state;
	assert_int_equal(room_lingering(&config), 0);
	assert_in_range(room_transactions(&config), OF_A_CALL * 100, OF_A_CALL * 100 + 2000);
	assert_int_equal(room_message_bytes(&config), 4096 * room_transactions(&config));
}

static void a_thousand_calls_a_second_over_udp_are_within_the_room_that_is_not_shed(void **state)
{
	struct config_listener listener;
	struct config config = config_of(&listener, SIP_UDP);

	(void)state;
	assert_true(room_transactions(&config) * 3 / 4 >= 1000 * OF_A_CALL * LINGER_S);
	assert_true(room_message_bytes(&config) / 4 * 3 >= 512ULL * 1000 * OF_A_CALL * LINGER_S);
	listener.transport = SIP_TCP;
	assert_int_equal(room_lingering(&config), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(where_nothing_lingers_calls_alone_need_room),
	    cmocka_unit_test(
		a_thousand_calls_a_second_over_udp_are_within_the_room_that_is_not_shed),
	};

	return cmocka_run_group_tests_name("b2bua room", tests, NULL, NULL);
}
