/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The relay registers at a carrier (RFC 3261 10.2): bob is the carrier. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/registration/page.h"
#include "b2bua/registration/refresh.h"
#include "world.h"

#define CHALLENGE                                                                        \
	"WWW-Authenticate: Digest realm=\"carrier\", nonce=\"abc\", algorithm=SHA-256, " \
	"qop=\"auth\"\r\n"

static char user[] = "trunk", password[] = "s3cret", aor[] = "sip:4930123@carrier.example",
	    contact[] = "4711", name[] = "main";
static struct config_registration registration = {.name = name, .aor = aor, .expires_s = 600};

static void prepare(struct config *config)
{
	registration.peer = &config->peers[BOB];
	registration.contact_user = contact;
	config->registrations = &registration;
	config->registration_count = 1;
	config->peers[BOB].auth_user = user;
	config->peers[BOB].auth_password = password;
}

static int setup(void **state)
{
	return world_setup_with(state, prepare);
}

static int teardown(void **state)
{
	struct world *world = *state;

	world->config.peers[BOB].auth_user = NULL;
	world->config.peers[BOB].auth_password = NULL;
	return world_teardown(state);
}

static json_t *shown(struct world *world)
{
	const struct registration_filter all = {0};
	static json_t *page;
	json_t *list;
	int status;

	json_decref(page);
	page = b2bua_registration_page(world->b2bua, &all, NULL, 10, &status);
	assert_non_null(page);
	assert_null(json_object_get(page, "next"));
	list = json_object_get(page, "registrations");
	assert_int_equal(json_array_size(list), 1);
	return json_array_get(list, 0);
}

static void state_is(struct world *world, const char *state, int expires_s)
{
	assert_string_equal(json_string_value(json_object_get(shown(world), "state")), state);
	assert_int_equal(json_integer_value(json_object_get(shown(world), "expires_s")), expires_s);
}

static struct phone_message *asked(struct world *world)
{
	world_advance(world, 2000);
	return phone_hears(world, BOB, "REGISTER");
}

static void grant(struct world *world, const char *headers)
{
	asked(world);
	phone_answers_with(world, BOB, "REGISTER", 200, headers, NULL);
}

static void the_relay_registers_with_credentials(void **state)
{
	struct world *world = *state;
	struct phone_message *first = asked(world), *second;

	assert_int_equal(strncmp(first->text, "REGISTER sip:carrier.example SIP/2.0\r\n", 38), 0);
	message_has(first, "\r\nFrom: <sip:4930123@carrier.example>;tag=");
	message_has(first, "\r\nTo: <sip:4930123@carrier.example>\r\n");
	message_has(first, "\r\nContact: <sip:4711@relay.example:5061;transport=tls>\r\n");
	message_has(first, "\r\nExpires: 600\r\n");
	message_has(first, "\r\nSupported: path\r\n");
	message_lacks(first, "Authorization");
	state_is(world, "unregistered", 0);
	phone_answers_with(world, BOB, "REGISTER", 401, CHALLENGE, NULL);
	second = phone_hears(world, BOB, "REGISTER");
	message_has(second, "\r\nAuthorization: Digest username=\"trunk\", realm=\"carrier\", "
			    "nonce=\"abc\", uri=\"sip:carrier.example\"");
	assert_true(str_eq(first->parsed.call_id, second->parsed.call_id));
	assert_true(second->parsed.cseq == first->parsed.cseq + 1);
	phone_answers_with(world, BOB, "REGISTER", 200,
			   "Contact: <sip:other@h>;expires=9, "
			   "<sip:4711@relay.example:5061;transport=tls>;expires=300\r\n",
			   NULL);
	state_is(world, "registered", 300);
}

/* And it is the same binding: Call-ID stays, CSeq goes on, credentials come unasked. */
static void a_binding_is_refreshed_well_before_it_ends(void **state)
{
	struct world *world = *state;
	struct phone_message *first = asked(world), *second;

	phone_answers_with(world, BOB, "REGISTER", 401, CHALLENGE, NULL);
	phone_hears(world, BOB, "REGISTER");
	phone_answers_with(world, BOB, "REGISTER", 200, "Expires: 300\r\n", NULL);
	world_advance(world, 134000);
	assert_true(phone_hears_nothing(world, BOB));
	world_advance(world, 16000);
	second = phone_hears(world, BOB, "REGISTER");
	assert_true(str_eq(first->parsed.call_id, second->parsed.call_id));
	assert_true(second->parsed.cseq == first->parsed.cseq + 2);
	message_has(second, "nc=00000002");
	phone_answers_with(world, BOB, "REGISTER", 200, "Expires: 300\r\n", NULL);
	state_is(world, "registered", 300);
}

static void an_interval_that_is_too_brief_is_asked_for_again(void **state)
{
	struct world *world = *state;

	asked(world);
	phone_answers_with(world, BOB, "REGISTER", 423, "Min-Expires: 1800\r\n", NULL);
	message_has(phone_hears(world, BOB, "REGISTER"), "\r\nExpires: 1800\r\n");
	phone_answers(world, BOB, "REGISTER", 200, NULL);
	state_is(world, "registered", 1800);
}

/* A registrar that says 423 for ever gets no flood. */
static void it_gives_way_once(void **state)
{
	static const char *const least[] = {"Min-Expires: 1800\r\n", "Min-Expires: 3600\r\n"};
	struct world *world = *state;

	asked(world);
	for (unsigned i = 0; i < 2; i++)
		phone_answers_with(world, BOB, "REGISTER", 423, least[i], NULL);
	phone_hears(world, BOB, "REGISTER");
	assert_true(phone_hears_nothing(world, BOB));
	assert_int_equal(world_counter(world, "registrations-failed"), 1);
}

static void what_fails_is_tried_again_with_growing_pauses(void **state)
{
	static const struct {
		unsigned status;
		const char *headers;
		unsigned least_s, most_s;
	} facts[] = {
	    {403, "", 30, 60},    {500, "", 60, 120},  {404, "Retry-After: 1000\r\n", 1000, 1000},
	    {404, "", 240, 480},  {404, "", 480, 960}, {404, "", 900, 1800},
	    {404, "", 900, 1800},
	};
	struct world *world = *state;

	asked(world);
	for (unsigned i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		phone_answers_with(world, BOB, "REGISTER", facts[i].status, facts[i].headers, NULL);
		world_advance(world, facts[i].least_s * 1000 - 1);
		assert_true(phone_hears_nothing(world, BOB));
		for (unsigned s = facts[i].least_s; s <= facts[i].most_s; s++)
			if (world->phone[BOB].received == i + 1)
				world_advance(world, 1000);
		phone_hears(world, BOB, "REGISTER");
	}
	assert_int_equal(world_counter(world, "registrations-failed"), 7);
	phone_answers(world, BOB, "REGISTER", 200, NULL);
	state_is(world, "registered", 600);
	assert_int_equal(json_integer_value(json_object_get(shown(world), "failures")), 0);
}

static void a_silent_registrar_gives_way_to_the_next_target(void **state)
{
	struct world *world = *state;

	world->more_targets = 1;
	asked(world);
	phone_answers_with(world, BOB, "REGISTER", 503, "Retry-After: 9\r\n", NULL);
	assert_int_equal(world->target_failed_ms, 9000);
	phone_hears(world, BOB, "REGISTER");
	world_advance(world, 33000);
	assert_int_equal(world_counter(world, "registrations-failed"), 1);
	state_is(world, "unregistered", 0);
	assert_int_equal(json_integer_value(json_object_get(shown(world), "status")), 408);
}

static void an_unreachable_registrar_is_a_failure(void **state)
{
	struct world *world = *state;

	world->unreachable = true;
	world_advance(world, 2000);
	assert_int_equal(world_counter(world, "registrations-failed"), 1);
	world->unreachable = false;
	world_advance(world, 60000);
	phone_hears(world, BOB, "REGISTER");
}

static void a_binding_that_was_not_refreshed_ends(void **state)
{
	struct world *world = *state;

	grant(world, "Expires: 60\r\n");
	world->unreachable = true;
	world_disconnect(world, BOB);
	world_advance(world, 59000);
	state_is(world, "registered", 1);
	world_advance(world, 2000);
	state_is(world, "unregistered", 0);
}

static void a_lost_connection_is_replaced_soon(void **state)
{
	struct world *world = *state;

	grant(world, "");
	world_disconnect(world, BOB);
	assert_true(phone_hears_nothing(world, BOB));
	world_advance(world, 1000);
	phone_hears(world, BOB, "REGISTER");
}

/* Whoever calls us may do so only there: it is not closed for being idle, and pinged. */
static void its_connection_is_held_while_it_is_registered(void **state)
{
	struct world *world = *state;

	grant(world, "Expires: 100\r\n");
	assert_int_equal(world->phone[BOB].held, 1);
	world_advance(world, 50000);
	phone_hears(world, BOB, "REGISTER");
	phone_answers(world, BOB, "REGISTER", 200, NULL);
	assert_int_equal(world->phone[BOB].held, 1);
	b2bua_drain(world->b2bua, 5000, world_drained, world);
	phone_hears(world, BOB, "REGISTER");
	phone_answers(world, BOB, "REGISTER", 200, NULL);
	state_is(world, "left", 0);
	assert_int_equal(world->phone[BOB].held, 0);
}

/* It fell while a refresh was under way: that is no failure of the registrar's. */
static void a_connection_lost_in_a_refresh_is_replaced_as_soon(void **state)
{
	struct world *world = *state;

	grant(world, "Expires: 100\r\n");
	world_advance(world, 50000);
	phone_hears(world, BOB, "REGISTER");
	world_disconnect(world, BOB);
	world_advance(world, 1001);
	phone_hears(world, BOB, "REGISTER");
	/* the next one is */
	world_disconnect(world, BOB);
	world_advance(world, 10000);
	assert_true(phone_hears_nothing(world, BOB));
}

static void it_is_taken_back_at_an_orderly_end(void **state)
{
	struct world *world = *state;

	grant(world, "");
	b2bua_drain(world->b2bua, 5000, world_drained, world);
	assert_false(world->drained);
	message_has(phone_hears(world, BOB, "REGISTER"), "\r\nExpires: 0\r\n");
	phone_answers(world, BOB, "REGISTER", 200, NULL);
	assert_true(world->drained);
	state_is(world, "left", 0);
}

static void what_is_not_registered_is_not_taken_back(void **state)
{
	struct world *world = *state;

	asked(world);
	phone_answers(world, BOB, "REGISTER", 403, NULL);
	b2bua_drain(world->b2bua, 5000, world_drained, world);
	assert_true(phone_hears_nothing(world, BOB));
	assert_true(world->drained);
}

/* Only at the peer where it was registered. */
static void calls_to_the_contact_are_routed_as_to_the_address_of_record(void **state)
{
	static char number[] = "4930123";
	struct world *world = *state;

	world->config.routes[0].number = number; /* to alice */
	world_routes_changed(world);
	grant(world, "");
	phone_invites(world, BOB, "4711", sdp_srtp_bob);
	message_has(phone_hears(world, ALICE, "INVITE"), "INVITE sip:4930123@alice.example");
	phone_invites(world, DAVE, "4711", sdp_srtp_bob);
	phone_hears_status(world, DAVE, 404);
	world->config.routes[0].number = (char[]){"2001"};
}

static void the_service_route_leads_our_requests(void **state)
{
	struct world *world = *state;

	grant(world, "Service-Route: <sip:a.carrier.example;lr>\r\n"
		     "Service-Route: <sip:b.carrier.example;lr>\r\n");
	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	message_has(phone_hears(world, BOB, "INVITE"),
		    "\r\nRoute: <sip:a.carrier.example;lr>, <sip:b.carrier.example;lr>\r\n");
}

static void refreshes_come_before_the_end_and_not_all_at_once(void **state)
{
	static const struct {
		uint32_t granted_s, earliest_s, latest_s;
	} facts[] = {
	    {60, 27, 30}, {300, 135, 150}, {1200, 540, 600}, {3600, 2700, 3000}, {1, 0, 0}};

	(void)state;
	for (unsigned i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		assert_int_equal(refresh_after_ms(facts[i].granted_s, 0), facts[i].latest_s * 1000);
		assert_true(refresh_after_ms(facts[i].granted_s, UINT32_MAX) <
			    facts[i].earliest_s * 1000 + 100);
	}
	assert_int_equal(refresh_retry_ms(1, 0, 0), 30000);
	assert_int_equal(refresh_retry_ms(2, 0, UINT32_MAX), 119999);
	assert_int_equal(refresh_retry_ms(1000000, 0, 0), 900000);
	assert_int_equal(refresh_retry_ms(1, UINT32_MAX, 0), 3600000);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(the_relay_registers_with_credentials),
	    TEST(a_binding_is_refreshed_well_before_it_ends),
	    TEST(an_interval_that_is_too_brief_is_asked_for_again),
	    TEST(it_gives_way_once),
	    TEST(what_fails_is_tried_again_with_growing_pauses),
	    TEST(a_silent_registrar_gives_way_to_the_next_target),
	    TEST(an_unreachable_registrar_is_a_failure),
	    TEST(a_binding_that_was_not_refreshed_ends),
	    TEST(a_lost_connection_is_replaced_soon),
	    TEST(its_connection_is_held_while_it_is_registered),
	    TEST(a_connection_lost_in_a_refresh_is_replaced_as_soon),
	    TEST(it_is_taken_back_at_an_orderly_end),
	    TEST(what_is_not_registered_is_not_taken_back),
	    TEST(calls_to_the_contact_are_routed_as_to_the_address_of_record),
	    TEST(the_service_route_leads_our_requests),
	    cmocka_unit_test(refreshes_come_before_the_end_and_not_all_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
