/* SPDX-License-Identifier: GPL-2.0-or-later */
/* 3xx of the called side: followed where its dial plan says so, through the caller's routes. */
#include <stdio.h>
#include <string.h>

#include "world.h"

static int redirect_setup(void **state)
{
	struct world *world;
	int rc = world_setup(state);

	world = *state;
	world->config.dial_plans[0].redirect = REDIRECT_FOLLOW;
	return rc;
}

static void bob_redirects(struct world *world, const char *contacts)
{
	char header[512];

	snprintf(header, sizeof(header), "Contact: %s\r\n", contacts);
	phone_answers_with(world, BOB, "INVITE", 302, header, NULL);
}

static void a_redirection_is_followed_through_the_routes(void **state)
{
	struct world *world = *state;
	struct phone_message *invite;

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	/* the phone's own Contact line, sip:bob@..., comes first: no route leads there */
	bob_redirects(world, "<sip:2004@evil.example:9999;transport=udp>");
	phone_hears(world, BOB, "ACK");
	invite = phone_hears(world, DAVE, "INVITE");
	message_has(invite, "INVITE sip:2004@dave.example:5061");
	message_lacks(invite, "evil");
	message_has(invite, "a=crypto:1");
	assert_true(phone_hears_nothing(world, ALICE));
	phone_answers(world, DAVE, "INVITE", 200, sdp_srtp_bob);
	phone_hears(world, DAVE, "ACK");
	phone_hears_status(world, ALICE, 200);
	assert_int_equal(world_counter(world, "redirects-followed"), 1);
	assert_int_equal(world_calls(world), 1);
}

static void the_contact_of_the_highest_q_is_called_first(void **state)
{
	struct world *world = *state;

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	bob_redirects(world, "<sip:2003@x>;q=0.2, <sip:2004@x>;q=0.7, <sip:9999@x>;q=1.0");
	phone_hears(world, DAVE, "INVITE");
	assert_true(phone_hears_nothing(world, CAROL));
}

static void contacts_that_no_route_knows_are_not_followed(void **state)
{
	struct world *world = *state;

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	bob_redirects(world, "<sip:9999@192.0.2.14>, <mailto:x@y>, <sip:192.0.2.14>");
	phone_hears_status(world, ALICE, 480);
	assert_int_equal(world_counter(world, "redirects-followed"), 0);
	assert_int_equal(world_calls(world), 0);
}

static void a_circle_of_redirections_ends(void **state)
{
	struct world *world = *state;

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	for (unsigned i = 0; i < 6; i++) {
		phone_hears(world, BOB, "INVITE");
		bob_redirects(world, "<sip:2002@x>");
	}
	phone_hears_status(world, ALICE, 480);
	assert_int_equal(world_counter(world, "redirects-followed"), 5);
	assert_int_equal(world_calls(world), 0);
}

static void after_early_media_nothing_is_followed(void **state)
{
	struct world *world = *state;

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	phone_answers(world, BOB, "INVITE", 183, sdp_srtp_bob);
	phone_hears_status(world, ALICE, 183);
	bob_redirects(world, "<sip:2004@x>");
	phone_hears_status(world, ALICE, 480);
	assert_true(phone_hears_nothing(world, DAVE));
}

static void without_the_dial_plans_word_nothing_is_followed(void **state)
{
	struct world *world = *state;

	world->config.dial_plans[0].redirect = REDIRECT_REFUSE;
	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	bob_redirects(world, "<sip:2004@x>");
	phone_hears_status(world, ALICE, 480);
	assert_true(phone_hears_nothing(world, DAVE));
}

#define REDIRECT_TEST(name) cmocka_unit_test_setup_teardown(name, redirect_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    REDIRECT_TEST(a_redirection_is_followed_through_the_routes),
	    REDIRECT_TEST(the_contact_of_the_highest_q_is_called_first),
	    REDIRECT_TEST(contacts_that_no_route_knows_are_not_followed),
	    REDIRECT_TEST(a_circle_of_redirections_ends),
	    REDIRECT_TEST(after_early_media_nothing_is_followed),
	    REDIRECT_TEST(without_the_dial_plans_word_nothing_is_followed),
	};

	return cmocka_run_group_tests_name("b2bua redirections", tests, NULL, NULL);
}
