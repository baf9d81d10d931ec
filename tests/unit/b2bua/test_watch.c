/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Peers that are asked by OPTIONS, and what routing makes of their answers. */
#include <stdio.h>
#include <string.h>

#include "world.h"

#define INTERVAL_MS 10000U

static struct config_target targets[2];
static struct config_route route;

/* Bob is watched; calls go to him, else to dave. */
static int setup(void **state)
{
	struct world *world;
	struct config_peer *bob;

	if (world_setup(state) < 0)
		return -1;
	world = *state;
	bob = &world->config.peers[BOB];
	bob->watch_ms = INTERVAL_MS;
	bob->watch_down = 2;
	bob->watch_up = 2;
	targets[0] = (struct config_target){.peer = bob, .weight = 1};
	targets[1] =
	    (struct config_target){.peer = &world->config.peers[DAVE], .priority = 1, .weight = 1};
	route = (struct config_route){.name = "out",
				      .number = "*",
				      .targets = targets,
				      .target_count = 2,
				      .codes = codes_default,
				      .tries = 4,
				      .failover_ms = 30000,
				      .target_timeout_ms = 5000};
	world->config.routes = &route;
	world->config.route_count = 1;
	world_routes_changed(world);
	b2bua_free(world->b2bua);
	assert_int_equal(b2bua_new(&world->b2bua, NULL, &world->config), 0);
	b2bua_attach(world->b2bua, (struct net *)world, (struct media *)world);
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;

	world->config.peers[BOB].watch_ms = 0;
	return world_teardown(state);
}

/* Time goes on until bob is asked: in 2 s at first, then each 9 to 11 s. */
static struct phone_message *asked(struct world *world)
{
	uint64_t until = world->now_ms + INTERVAL_MS * 12 / 10;
	unsigned before = world->phone[BOB].received;

	while (world->now_ms < until && world->phone[BOB].received == before)
		world_advance(world, 10);
	return phone_hears(world, BOB, "OPTIONS");
}

static void answered(struct world *world, unsigned status)
{
	asked(world);
	phone_answers(world, BOB, "OPTIONS", status, NULL);
}

static const char *state_of(struct world *world)
{
	static char text[16];
	json_t *watch = b2bua_peer_watch(world->b2bua, &world->config.peers[BOB]);

	snprintf(text, sizeof(text), "%s", json_string_value(json_object_get(watch, "state")));
	json_decref(watch);
	return text;
}

static void a_peer_is_asked_again_and_again(void **state)
{
	struct world *world = *state;
	struct phone_message *options;
	uint64_t last;

	assert_string_equal(state_of(world), "unknown");
	options = asked(world);
	assert_true(world->now_ms - 1000000 <= 2000);
	message_has(options, "OPTIONS sip:bob.example:5061;transport=tls SIP/2.0\r\n");
	message_has(options, "From: <sip:relay.example>;tag=");
	message_has(options, "Max-Forwards: 70\r\n");
	phone_answers(world, BOB, "OPTIONS", 200, NULL);
	assert_string_equal(state_of(world), "up");
	for (unsigned i = 0; i < 10; i++) {
		last = world->now_ms;
		answered(world, i % 2 ? 404 : 405); /* somebody is there */
		assert_in_range(world->now_ms - last, 9000, 11010);
	}
	assert_string_equal(state_of(world), "up");
	assert_int_equal(world_counter(world, "options-sent"), 11);
	assert_int_equal(world_counter(world, "options-failed"), 0);
	assert_null(b2bua_peer_watch(world->b2bua, &world->config.peers[DAVE]));
}

static void one_that_answers_503_is_left_out_until_it_is_well(void **state)
{
	struct world *world = *state;

	answered(world, 503);
	assert_string_equal(state_of(world), "up"); /* once may be chance */
	answered(world, 503);
	assert_string_equal(state_of(world), "down");
	assert_int_equal(world_counter(world, "peer-downs"), 1);
	phone_invites(world, ALICE, "5", sdp_srtp_alice);
	phone_hears(world, DAVE, "INVITE");
	assert_true(phone_hears_nothing(world, BOB));
	answered(world, 200);
	assert_string_equal(state_of(world), "down");
	answered(world, 200);
	assert_string_equal(state_of(world), "up");
	assert_int_equal(world_counter(world, "peer-ups"), 1);
	phone_invites(world, CAROL, "5", sdp_rtp_carol);
	phone_hears(world, BOB, "INVITE");
}

static void silence_is_a_failure(void **state)
{
	struct world *world = *state;

	for (unsigned i = 0; i < 2; i++) {
		asked(world);
		world_advance(world, 5000);
	}
	assert_string_equal(state_of(world), "down");
	assert_int_equal(world_counter(world, "options-failed"), 2);
	phone_answers(world, BOB, "OPTIONS", 200, NULL); /* too late to count */
	assert_string_equal(state_of(world), "down");
}

static void so_is_a_connection_that_cannot_be_made_or_is_lost(void **state)
{
	struct world *world = *state;
	json_t *watch;

	asked(world);
	world_disconnect(world, BOB);
	world->refuses[BOB] = true;
	world_advance(world, INTERVAL_MS * 12 / 10);
	watch = b2bua_peer_watch(world->b2bua, &world->config.peers[BOB]);
	assert_string_equal(json_string_value(json_object_get(watch, "state")), "down");
	assert_string_equal(json_string_value(json_object_get(watch, "last_failure")),
			    "connection refused");
	assert_true(json_integer_value(json_object_get(watch, "since")) > 0);
	json_decref(watch);
}

static void failures_of_calls_count_and_hasten_the_next_question(void **state)
{
	struct world *world = *state;

	answered(world, 200);
	phone_invites(world, ALICE, "5", sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	world_advance(world, 5000); /* nothing heard: dave is called */
	phone_hears(world, DAVE, "INVITE");
	world_advance(world, 1000);
	phone_hears(world, BOB, "OPTIONS");
	world_advance(world, 5000);
	assert_string_equal(state_of(world), "down");
}

static void when_all_are_down_the_best_is_tried(void **state)
{
	struct world *world = *state;

	route.target_count = 1;
	answered(world, 503);
	answered(world, 503);
	assert_string_equal(state_of(world), "down");
	phone_invites(world, ALICE, "5", sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
}

static void answers_of_others_do_not_count(void **state)
{
	struct world *world = *state;
	const struct sip_message *options = &asked(world)->parsed;

	for (unsigned i = 0; i < 2; i++)
		phone_says(world, i ? CAROL : DAVE,
			   "SIP/2.0 503 No\r\nVia: %.*s\r\nFrom: <%.*s>;tag=%.*s\r\nTo: "
			   "<%.*s>;tag=x\r\nCall-ID: %.*s\r\nCSeq: %u OPTIONS\r\n"
			   "Content-Length: 0\r\n\r\n",
			   STR_FMT(options->via.whole), STR_FMT(options->from.uri.whole),
			   STR_FMT(options->from.tag), STR_FMT(options->to.uri.whole),
			   STR_FMT(options->call_id), options->cseq);
	assert_int_equal(world_counter(world, "options-failed"), 0);
	phone_answers(world, BOB, "OPTIONS", 200, NULL);
	assert_string_equal(state_of(world), "up");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_peer_is_asked_again_and_again),
	    TEST(one_that_answers_503_is_left_out_until_it_is_well),
	    TEST(silence_is_a_failure),
	    TEST(so_is_a_connection_that_cannot_be_made_or_is_lost),
	    TEST(failures_of_calls_count_and_hasten_the_next_question),
	    TEST(when_all_are_down_the_best_is_tried),
	    TEST(answers_of_others_do_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
