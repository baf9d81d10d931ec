/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What callers get who are above a limit; emergency calls; how long a call may last. */
#include <string.h>

#include "b2bua/room.h"
#include "b2bua/state.h"
#include "world.h"

static struct config_peer *peer(struct world *world, enum phone_number number)
{
	return &world->config.peers[number];
}

static void caller_refused(struct world *world, unsigned status, const char *retry_after,
			   const char *counter)
{
	struct phone_message *message;
	uint64_t before = world_counter(world, counter);

	phone_invites(world, CAROL, "2001", sdp_rtp_carol);
	message = phone_hears_status(world, CAROL, status);
	if (retry_after)
		message_has(message, retry_after);
	else
		message_lacks(message, "Retry-After");
	assert_int_equal(world_counter(world, counter), before + 1);
}

static void limits_of_the_relay_get_503_those_of_others_do_not(void **state)
{
	struct world *world = *state;
	struct config_number_limit numbers = {.name = "n", .number = "20*", .calls_per_minute = 1};

	world_call(world, CAROL, ALICE);
	world->config.calls_per_s = 1;
	phone_invites(world, CAROL, "2001", sdp_rtp_carol);
	phone_hears(world, ALICE, "INVITE");
	caller_refused(world, 503, "Retry-After: 1\r\n", "call-rate");
	world->config.calls_per_s = 0;
	peer(world, CAROL)->max_calls_in = 2;
	caller_refused(world, 486, "Retry-After: 10\r\n", "peer-limit");
	peer(world, CAROL)->max_calls_in = 0;
	peer(world, ALICE)->max_calls_out = 2;
	caller_refused(world, 486, "Retry-After: 10\r\n", "callee-limit");
	peer(world, ALICE)->max_calls_out = 0;
	world->config.number_limits = &numbers;
	world->config.number_limit_count = 1;
	config_number(&world->config);
	assert_int_equal(admission_fit(world->b2bua->admission, &world->config), 0);
	phone_invites(world, CAROL, "2001", sdp_rtp_carol);
	phone_hears(world, ALICE, "INVITE");
	caller_refused(world, 403, NULL, "number-rate");
}

/* max_calls of a running relay rises: calls that live are found as before, and more have room. */
static void there_is_room_for_more_calls_when_the_limit_rises(void **state)
{
	struct world *world = *state;
	struct config larger = world->config;
	char error[128];

	world_call(world, ALICE, CAROL);
	larger.max_calls = world->config.max_calls * 50;
	assert_int_equal(b2bua_fit(world->b2bua, &larger, error, sizeof(error)), 0);
	world->config.max_calls = larger.max_calls;
	world_call(world, DAVE, BOB);
	world_advance(world, 100);
	phone_requests(world, ALICE, "BYE", "", NULL);
	phone_hears_status(world, ALICE, 200);
	phone_hears(world, CAROL, "BYE");
	phone_answers(world, CAROL, "BYE", 200, NULL);
	assert_int_equal(world_calls(world), 1);
	larger.max_calls = 1; /* what is there stays */
	assert_int_equal(b2bua_fit(world->b2bua, &larger, error, sizeof(error)), 0);
	assert_int_equal(world_calls(world), 1);
}

/* As much as a relay that was started with that limit has. */
static void messages_have_no_more_room_than_the_new_limit_gives(void **state)
{
	struct world *world = *state;
	struct config_listener udp = {.transport = SIP_UDP};
	struct config larger = world->config;
	char error[128];

	larger.listeners = &udp;
	larger.listener_count = 1;
	for (larger.max_calls = 200; larger.max_calls <= 400; larger.max_calls += 200) {
		assert_int_equal(b2bua_fit(world->b2bua, &larger, error, sizeof(error)), 0);
		assert_int_equal(b2bua_transactions(world->b2bua).bytes_most,
				 room_message_bytes(&larger));
	}
}

static void an_emergency_call_passes_every_limit_and_a_drain(void **state)
{
	struct world *world = *state;
	struct config_emergency emergency = {"2002"};

	world->config.emergency = &emergency;
	world->config.emergency_count = 1;
	world_call(world, CAROL, ALICE);
	world->config.max_calls = 1;
	peer(world, BOB)->max_calls_out = 1;
	b2bua_serve(world->b2bua, B2BUA_DRAINING);
	world_call(world, CAROL, BOB);
	world_call(world, CAROL, BOB);
	assert_int_equal(world_calls(world), 3);
	phone_invites(world, CAROL, "2001", sdp_rtp_carol);
	phone_hears_status(world, CAROL, 503);
}

static void a_priority_of_an_untrusted_peer_is_no_emergency(void **state)
{
	struct world *world = *state;

	peer(world, CAROL)->calls_per_s_in = 1;
	world_call(world, CAROL, ALICE);
	phone_invites_with(world, CAROL, "2001", "Priority: emergency\r\n", sdp_rtp_carol);
	phone_hears_status(world, CAROL, 480);
	peer(world, CAROL)->trust = true;
	phone_invites_with(world, CAROL, "2001", "Priority: emergency\r\n", sdp_rtp_carol);
	phone_hears(world, ALICE, "INVITE");
}

static void a_call_is_ended_when_it_has_lasted_as_long_as_it_may(void **state)
{
	struct world *world = *state;

	world->config.dial_plans[0].max_call_s = 60;
	world_call(world, ALICE, BOB);
	world_advance(world, 59900);
	assert_true(phone_hears_nothing(world, ALICE));
	world_advance(world, 200);
	message_has(phone_hears(world, ALICE, "BYE"), "call too long");
	message_has(phone_hears(world, BOB, "BYE"), "call too long");
	assert_int_equal(world_counter(world, "too-long"), 1);
	world->config.dial_plans[0].max_call_s = 0;
}

/* Else a REFER would be a way around it. */
static void a_transferred_call_may_last_no_longer(void **state)
{
	struct world *world = *state;

	world->config.dial_plans[0].max_call_s = 60;
	world->config.dial_plans[0].refer = REFER_LOCAL;
	world_call(world, ALICE, BOB);
	phone_requests(world, ALICE, "REFER", "Refer-To: <sip:2004@relay.example>\r\n", NULL);
	phone_answers(world, ALICE, "NOTIFY", 200, NULL);
	phone_hears(world, DAVE, "INVITE");
	phone_answers(world, DAVE, "INVITE", 200, sdp_srtp_bob);
	phone_hears(world, BOB, "INVITE");
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	phone_hears(world, BOB, "ACK");
	world_advance(world, 60100);
	message_has(phone_hears(world, BOB, "BYE"), "call too long");
	message_has(phone_hears(world, DAVE, "BYE"), "call too long");
	world->config.dial_plans[0].max_call_s = 0;
}

static void a_call_that_ended_leaves_no_count_behind(void **state)
{
	struct world *world = *state;

	world_call(world, CAROL, ALICE);
	assert_int_equal(b2bua_peer_calls(world->b2bua, peer(world, ALICE)), 1);
	phone_requests(world, CAROL, "BYE", "", NULL);
	phone_hears(world, ALICE, "BYE");
	phone_answers(world, ALICE, "BYE", 200, NULL);
	phone_invites(world, CAROL, "2001", "v=0\r\nrubbish\r\n"); /* never a call */
	assert_int_equal(world_calls(world), 0);
	assert_int_equal(b2bua_peer_calls(world->b2bua, peer(world, ALICE)), 0);
	assert_int_equal(b2bua_peer_calls(world->b2bua, peer(world, CAROL)), 0);
	assert_int_equal(admission_total(b2bua_admission(world->b2bua)).calls, 0);
}

static int teardown(void **state)
{
	struct world *world = *state;

	for (unsigned i = 0; i < PHONES; i++) {
		peer(world, i)->max_calls_in = peer(world, i)->max_calls_out = 0;
		peer(world, i)->calls_per_s_in = 0;
	}
	return world_teardown(state);
}

#define LIMIT_TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    LIMIT_TEST(there_is_room_for_more_calls_when_the_limit_rises),
	    LIMIT_TEST(messages_have_no_more_room_than_the_new_limit_gives),
	    LIMIT_TEST(limits_of_the_relay_get_503_those_of_others_do_not),
	    LIMIT_TEST(an_emergency_call_passes_every_limit_and_a_drain),
	    LIMIT_TEST(a_priority_of_an_untrusted_peer_is_no_emergency),
	    LIMIT_TEST(a_call_is_ended_when_it_has_lasted_as_long_as_it_may),
	    LIMIT_TEST(a_transferred_call_may_last_no_longer),
	    LIMIT_TEST(a_call_that_ended_leaves_no_count_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
