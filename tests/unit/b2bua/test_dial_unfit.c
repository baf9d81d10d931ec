/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Targets that cannot be called as they are: their number translation makes no number, their codecs
 * leave nothing of the offer, their media interface is full. The next one is called.
 */
#include <stdio.h>
#include <string.h>

#include "world.h"

static struct config_route *route;
static struct rewrite nothing_left = {.strip = "555", .add = ""};
static char rules_name[] = "rules", codecs_name[] = "wide";
static struct config_translation no_number;
static struct config_codecs only_opus;

static void use(struct world *world, unsigned count, const enum phone_number phones[])
{
	route = world_route(world, count, phones);
}

static int unfit_setup(void **state)
{
	int rc = world_setup(state);

	if (rc != 0)
		return rc;
	no_number = (struct config_translation){
	    .name = rules_name, .rules = &nothing_left, .rule_count = 1};
	only_opus = (struct config_codecs){.name = codecs_name, .filter.allow_count = 1};
	return sdp_filter_codec_read(&only_opus.filter.allow[0], STR("opus"));
}

/* The peers are those of all worlds. */
static int unfit_teardown(void **state)
{
	struct world *world = *state;

	for (unsigned i = 0; i < PHONES; i++) {
		world->config.peers[i].called_out = NULL;
		world->config.peers[i].codecs = NULL;
	}
	return world_teardown(state);
}

static void makes_no_number(struct world *world, enum phone_number number)
{
	world->config.peers[number].called_out = &no_number;
}

static void takes_only_opus(struct world *world, enum phone_number number)
{
	world->config.peers[number].codecs = &only_opus;
}

static void takes_it(struct world *world, enum phone_number number, const char *sdp)
{
	phone_hears(world, number, "INVITE");
	phone_answers(world, number, "INVITE", 200, sdp);
	phone_hears(world, number, "ACK");
	phone_hears_status(world, ALICE, 200);
	phone_acks(world, ALICE, NULL);
	phone_requests(world, ALICE, "BYE", "", NULL);
	phone_hears_status(world, ALICE, 200);
	phone_hears(world, number, "BYE");
	phone_answers(world, number, "BYE", 200, NULL);
	assert_int_equal(world_calls(world), 0);
}

static void a_target_whose_translation_makes_no_number_is_passed_over(void **state)
{
	struct world *world = *state;

	use(world, 2, (const enum phone_number[]){BOB, DAVE});
	makes_no_number(world, BOB);
	phone_invites(world, ALICE, "555", sdp_srtp_alice);
	assert_true(phone_hears_nothing(world, BOB));
	message_has(world->phone[DAVE].invite, "INVITE sip:555@dave.example");
	takes_it(world, DAVE, sdp_srtp_bob);
	assert_int_equal(world->sessions, 1);
	assert_int_equal(world_counter(world, "bad-number"), 0);
	assert_int_equal(world_counter(world, "failovers"), 1);
}

static void a_target_whose_codecs_leave_nothing_is_passed_over(void **state)
{
	struct world *world = *state;

	use(world, 2, (const enum phone_number[]){BOB, DAVE});
	takes_only_opus(world, BOB);
	phone_invites(world, ALICE, "555", sdp_srtp_alice);
	assert_true(phone_hears_nothing(world, BOB));
	takes_it(world, DAVE, sdp_srtp_bob);
	assert_int_equal(world_counter(world, "codec"), 0);
}

static void when_none_can_be_called_the_caller_hears_why_the_first_could_not(void **state)
{
	struct world *world = *state;

	use(world, 2, (const enum phone_number[]){BOB, DAVE});
	makes_no_number(world, BOB);
	takes_only_opus(world, DAVE);
	phone_invites(world, ALICE, "555", sdp_srtp_alice);
	message_has(phone_hears_status(world, ALICE, 484), "Reason: Q.850;cause=28");
	phone_acks(world, ALICE, NULL);
	use(world, 2, (const enum phone_number[]){DAVE, BOB});
	phone_invites(world, ALICE, "555", sdp_srtp_alice);
	message_has(phone_hears_status(world, ALICE, 488), "Warning: 305");
	phone_acks(world, ALICE, NULL);
	assert_true(phone_hears_nothing(world, BOB) && phone_hears_nothing(world, DAVE));
	assert_int_equal(world_calls(world), 0);
	assert_int_equal(world->sessions, 0);
}

static void the_offer_of_a_callee_that_was_asked_for_one_is_its_own_affair(void **state)
{
	struct world *world = *state;

	use(world, 2, (const enum phone_number[]){BOB, DAVE});
	takes_only_opus(world, BOB);
	phone_invites(world, ALICE, "555", NULL); /* nothing is offered yet */
	phone_hears(world, BOB, "INVITE");
	assert_true(phone_hears_nothing(world, DAVE));
}

static void on_the_way_on_those_that_cannot_be_called_are_passed_over_too(void **state)
{
	struct world *world = *state;
	char *before = world->config.dial_plans[1].media_interface;

	/* carol's media is elsewhere, and she is passed over: dave has the addresses that bob had
	 */
	use(world, 3, (const enum phone_number[]){BOB, CAROL, DAVE});
	world->config.dial_plans[1].media_interface = (char[]){"other"};
	makes_no_number(world, CAROL);
	phone_invites(world, ALICE, "555", sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	phone_answers(world, BOB, "INVITE", 503, NULL);
	phone_hears(world, BOB, "ACK");
	assert_true(phone_hears_nothing(world, CAROL));
	takes_it(world, DAVE, sdp_srtp_bob);
	world->config.dial_plans[1].media_interface = before;
}

static void a_target_that_was_passed_over_leaves_no_media_address_behind(void **state)
{
	struct world *world = *state;
	char *before = world->config.dial_plans[1].media_interface;
	unsigned last;

	use(world, 3, (const enum phone_number[]){BOB, DAVE, CAROL});
	world->config.dial_plans[1].media_interface = (char[]){"other"};
	makes_no_number(world, DAVE);
	phone_invites(world, ALICE, "555", sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	phone_answers(world, BOB, "INVITE", 503, NULL);
	phone_hears(world, BOB, "ACK");
	phone_hears(world, CAROL, "INVITE");
	last = world->sessions - 1;
	assert_string_equal(world->session[last].interface[1], "other");
	assert_true(world->session[last].open);
	for (unsigned i = 0; i < last; i++)
		assert_true(world->session[i].closed);
	world->config.dial_plans[1].media_interface = before;
}

static void a_target_whose_media_interface_is_full_is_passed_over(void **state)
{
	struct world *world = *state;
	char *before = world->config.dial_plans[1].media_interface;

	use(world, 2, (const enum phone_number[]){CAROL, BOB});
	world->config.dial_plans[1].media_interface = (char[]){"other"};
	world->full = "other";
	phone_invites(world, ALICE, "555", sdp_srtp_alice);
	assert_true(phone_hears_nothing(world, CAROL));
	takes_it(world, BOB, sdp_srtp_bob);
	assert_int_equal(world_counter(world, "media-full"), 0);
	world->config.dial_plans[1].media_interface = before;
}

static void when_every_interface_is_full_the_call_is_refused(void **state)
{
	struct world *world = *state;

	use(world, 2, (const enum phone_number[]){BOB, DAVE});
	world->full = world->config.dial_plans[0].media_interface;
	phone_invites(world, ALICE, "555", sdp_srtp_alice);
	phone_hears_status(world, ALICE, 503);
	assert_true(phone_hears_nothing(world, BOB) && phone_hears_nothing(world, DAVE));
	phone_acks(world, ALICE, NULL);
	assert_int_equal(world_counter(world, "media-full"), 1);
	assert_int_equal(world_calls(world), 0);
}

static void a_redirection_passes_over_them_too(void **state)
{
	struct world *world = *state;

	world->config.dial_plans[0].redirect = REDIRECT_FOLLOW;
	use(world, 1, (const enum phone_number[]){BOB});
	phone_invites(world, ALICE, "1", sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	use(world, 2, (const enum phone_number[]){CAROL, DAVE});
	route->number = (char[]){"5*"}; /* the phone's own Contact line comes first */
	world_routes_changed(world);
	makes_no_number(world, CAROL);
	phone_answers_with(world, BOB, "INVITE", 302, "Contact: <sip:555@elsewhere.example>\r\n",
			   NULL);
	phone_hears(world, BOB, "ACK");
	assert_true(phone_hears_nothing(world, CAROL));
	takes_it(world, DAVE, sdp_srtp_bob);
	assert_int_equal(world_counter(world, "redirects-followed"), 1);
}

static void a_transfer_passes_over_them_and_says_why_when_there_is_none(void **state)
{
	struct world *world = *state;

	world->config.dial_plans[0].refer = REFER_LOCAL;
	use(world, 1, (const enum phone_number[]){BOB});
	phone_invites(world, ALICE, "1", sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	phone_hears(world, BOB, "ACK");
	phone_hears_status(world, ALICE, 200);
	phone_acks(world, ALICE, NULL);
	use(world, 2, (const enum phone_number[]){CAROL, DAVE});
	makes_no_number(world, CAROL);
	makes_no_number(world, DAVE);
	phone_requests(world, BOB, "REFER", "Refer-To: <sip:555@relay.example>\r\n", NULL);
	phone_hears_status(world, BOB, 484);
	world->config.peers[DAVE].called_out = NULL;
	phone_requests(world, BOB, "REFER", "Refer-To: <sip:555@relay.example>\r\n", NULL);
	phone_hears_status(world, BOB, 202);
	assert_true(phone_hears_nothing(world, CAROL));
	phone_hears(world, DAVE, "INVITE");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, unfit_setup, unfit_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_target_whose_translation_makes_no_number_is_passed_over),
	    TEST(a_target_whose_codecs_leave_nothing_is_passed_over),
	    TEST(when_none_can_be_called_the_caller_hears_why_the_first_could_not),
	    TEST(the_offer_of_a_callee_that_was_asked_for_one_is_its_own_affair),
	    TEST(on_the_way_on_those_that_cannot_be_called_are_passed_over_too),
	    TEST(a_target_that_was_passed_over_leaves_no_media_address_behind),
	    TEST(a_target_whose_media_interface_is_full_is_passed_over),
	    TEST(when_every_interface_is_full_the_call_is_refused),
	    TEST(a_redirection_passes_over_them_too),
	    TEST(a_transfer_passes_over_them_and_says_why_when_there_is_none),
	};

	return cmocka_run_group_tests_name("b2bua unfit targets", tests, NULL, NULL);
}
