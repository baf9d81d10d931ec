/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an overloaded relay refuses before it reads it, and what it never does. */
#include <stdio.h>
#include <string.h>

#include "b2bua/state.h"
#include "overload/overload.h"
#include "world.h"

static struct overload overload;

/* Nothing new is taken. */
static int overloaded(void **state)
{
	struct world *world;

	if (world_setup(state) < 0)
		return -1;
	world = *state;
	overload = (struct overload){.on = true, .others.share = {OVERLOAD_ALL}};
	world->config.overload_retry_s = 4;
	b2bua_shed(world->b2bua, &overload);
	return 0;
}

static unsigned transactions(struct world *world)
{
	const struct b2bua_transactions now = b2bua_transactions(world->b2bua);

	assert_true(now.used <= now.most);
	return (unsigned)now.used;
}

static void a_new_call_gets_503_and_costs_no_transaction(void **state)
{
	struct world *world = *state;
	struct phone_message *answer;
	unsigned seconds;

	phone_invites(world, CAROL, "2001", sdp_rtp_carol);
	answer = phone_hears_status(world, CAROL, 503);
	seconds = message_number(answer, "Retry-After: ");
	assert_in_range(seconds, 4, 8);
	message_has(answer, world->phone[CAROL].call_id);
	message_has(answer, "CSeq: 1 INVITE\r\n");
	assert_true(answer->parsed.to.tag.len > 0);
	assert_int_equal(transactions(world), 0);
	assert_int_equal(overload.counters.refused_invite, 1);
	assert_true(phone_hears_nothing(world, ALICE));
	assert_true(phone_hears_nothing(world, CAROL));
}

static void peers_do_not_come_back_in_step(void **state)
{
	struct world *world = *state;
	bool seen[16] = {0};
	unsigned different = 0;

	for (unsigned i = 0; i < 40; i++) {
		struct phone_message *answer;
		unsigned seconds;

		phone_invites(world, CAROL, "2001", NULL);
		answer = phone_hears_status(world, CAROL, 503);
		seconds = message_number(answer, "Retry-After: ");
		assert_in_range(seconds, 4, 8);
		different += !seen[seconds];
		seen[seconds] = true;
		world->phone[CAROL].serial++;
	}
	assert_in_range(different, 3, 5);
}

/* The same message once more, and as it would come over UDP. */
static void send_again(struct world *world, const char *text)
{
	struct sip_flow flow = {.transport = SIP_UDP, .connection = world->phone[CAROL].connection};

	flow.remote.ss_family = AF_INET;
	b2bua_net_ops.message(world->b2bua, &world->config.peers[CAROL], &flow, text, strlen(text));
}

#define ANY_INVITE                                                                 \
	"INVITE sip:2001@relay.example SIP/2.0\r\n"                                \
	"Via: SIP/2.0/UDP 192.0.2.13;branch=z9hG4bKabc\r\n"                        \
	"From: <sip:2003@carol.example>;tag=c\r\nTo: <sip:2001@relay.example>\r\n" \
	"Call-ID: 4711@carol\r\nCSeq: 9 INVITE\r\nMax-Forwards: 70\r\n"            \
	"Contact: <sip:carol@192.0.2.13>\r\nContent-Length: 0\r\n\r\n"

static void a_retransmission_gets_the_same_answer(void **state)
{
	struct world *world = *state;
	struct phone_message *first, *second;

	send_again(world, ANY_INVITE);
	send_again(world, ANY_INVITE);
	first = phone_hears_status(world, CAROL, 503);
	second = phone_hears_status(world, CAROL, 503);
	assert_int_equal(first->length, second->length);
	assert_memory_equal(first->text, second->text, first->length);
}

static void the_ack_of_a_refusal_is_nothing_more(void **state)
{
	struct world *world = *state;
	struct phone_message *answer;
	char ack[1024];

	send_again(world, ANY_INVITE);
	answer = phone_hears_status(world, CAROL, 503);
	snprintf(ack, sizeof(ack),
		 "ACK sip:2001@relay.example SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.13;branch=z9hG4bKabc\r\n"
		 "From: <sip:2003@carol.example>;tag=c\r\n"
		 "To: <sip:2001@relay.example>;tag=%.*s\r\n"
		 "Call-ID: 4711@carol\r\nCSeq: 9 ACK\r\nMax-Forwards: 70\r\n"
		 "Content-Length: 0\r\n\r\n",
		 STR_FMT(answer->parsed.to.tag));
	send_again(world, ack);
	assert_int_equal(overload.counters.acks, 1);
	assert_int_equal(world_counter(world, "stray-ack"), 0);
	memcpy(strstr(ack, "CSeq: 9"), "CSeq: 8", 7);
	send_again(world, ack);
	assert_int_equal(overload.counters.acks, 1);
}

static void what_was_taken_before_is_not_refused_when_it_is_sent_again(void **state)
{
	struct world *world = *state;

	overload.others.share[OVERLOAD_NOW] = 0;
	send_again(world, ANY_INVITE);
	overload.others.share[OVERLOAD_NOW] = OVERLOAD_ALL;
	send_again(world, ANY_INVITE);
	assert_int_equal(overload.counters.retransmissions, 1);
	assert_int_equal(overload.counters.refused_invite, 0);
}

static void a_call_that_stands_goes_on(void **state)
{
	struct world *world = *state;

	overload.others.share[OVERLOAD_NOW] = 0;
	world_call(world, CAROL, ALICE);
	overload.others.share[OVERLOAD_NOW] = OVERLOAD_ALL;
	phone_requests(world, CAROL, "INVITE", "", sdp_rtp_carol);
	phone_hears(world, ALICE, "INVITE");
	phone_answers(world, ALICE, "INVITE", 200, sdp_srtp_alice);
	phone_hears_status(world, CAROL, 200);
	phone_acks(world, CAROL, NULL);
	phone_hears(world, ALICE, "ACK");
	phone_requests(world, CAROL, "BYE", "", NULL);
	phone_hears_status(world, CAROL, 200);
	phone_hears(world, ALICE, "BYE");
	assert_int_equal(overload.counters.refused_invite, 0);
}

static void a_call_that_is_being_made_can_be_given_up(void **state)
{
	struct world *world = *state;

	overload.others.share[OVERLOAD_NOW] = 0;
	phone_invites(world, CAROL, "2001", sdp_rtp_carol);
	phone_hears(world, ALICE, "INVITE");
	phone_answers(world, ALICE, "INVITE", 180, NULL);
	overload.others.share[OVERLOAD_NOW] = OVERLOAD_ALL;
	phone_hears_status(world, CAROL, 180);
	phone_cancels(world, CAROL);
	phone_hears_status(world, CAROL, 200);
	phone_hears_status(world, CAROL, 487);
}

static void a_call_to_an_emergency_number_is_taken(void **state)
{
	struct world *world = *state;
	struct config_emergency emergency = {"2001"};

	world->config.emergency = &emergency;
	world->config.emergency_count = 1;
	phone_invites(world, CAROL, "200.1", sdp_rtp_carol); /* the same number */
	phone_hears(world, ALICE, "INVITE");
	assert_int_equal(overload.counters.emergency, 1);
	phone_invites_with(world, CAROL, "2002", "Priority: emergency\r\n", sdp_rtp_carol);
	phone_hears_status(world, CAROL, 503);
	world->config.peers[CAROL].trust = true;
	world->phone[CAROL].serial++;
	phone_invites_with(world, CAROL, "2002", "Priority: emergency\r\n", sdp_rtp_carol);
	phone_hears(world, BOB, "INVITE");
	assert_int_equal(overload.counters.emergency, 2);
	world->config.emergency_count = 0;
}

static void nothing_is_refused_when_the_state_is_left(void **state)
{
	struct world *world = *state;

	overload.on = false;
	phone_invites(world, CAROL, "2001", sdp_rtp_carol);
	phone_hears(world, ALICE, "INVITE");
}

static void half_the_load_is_about_half_of_the_calls(void **state)
{
	struct world *world = *state;
	unsigned refused;

	overload.others.share[OVERLOAD_NOW] = OVERLOAD_ALL / 2;
	for (unsigned i = 0; i < 60; i++) {
		char text[1024], *at;

		snprintf(text, sizeof(text), "%s", ANY_INVITE);
		at = strstr(text, "4711");
		at[0] = (char)('a' + i % 26);
		at[1] = (char)('a' + i / 26);
		memcpy(strstr(text, "INVITE sip:2001"), "INVITE sip:9999", 15);
		at = strstr(text, "z9hG4bKabc") + 7;
		at[0] = (char)('a' + i % 26);
		at[1] = (char)('a' + i / 26);
		world->phone[CAROL].received = 0;
		memset(world->phone[CAROL].taken, 0, sizeof(world->phone[CAROL].taken));
		send_again(world, text);
	}
	refused = (unsigned)overload.counters.refused_invite;
	assert_in_range(refused, 10, 50);
	assert_int_equal(world_counter(world, "no-route"), 60 - refused);
}

/* Refused is who floods; the others' calls are taken, and what each sends is counted. */
static void a_peer_that_floods_is_refused_alone(void **state)
{
	struct world *world = *state;
	struct overload_sender *carol, *dave;

	overload.others.share[OVERLOAD_NOW] = 0;
	assert_int_equal(overload_senders(&overload, world->config.slots.peers), 0);
	carol = &overload.sender[world->config.peers[CAROL].slot];
	dave = &overload.sender[world->config.peers[DAVE].slot];
	carol->share[OVERLOAD_NOW] = OVERLOAD_ALL;
	phone_invites(world, CAROL, "2001", sdp_rtp_carol);
	phone_hears_status(world, CAROL, 503);
	world_call(world, DAVE, BOB);
	assert_int_equal(carol->refused, 1);
	assert_int_equal(carol->came, 1);
	assert_int_equal(dave->refused, 0);
	assert_int_equal(dave->came, 1);              /* its ACK is of a dialog */
	dave->own.share[OVERLOAD_NOW] = OVERLOAD_ALL; /* by another connection of it */
	world_call(world, DAVE, BOB);
	world->phone[DAVE].behind = true;
	world->phone[DAVE].serial++;
	phone_invites(world, DAVE, "2002", sdp_srtp_bob);
	phone_hears_status(world, DAVE, 503);
	overload_free(&overload);
}

#define SHED_TEST(name) cmocka_unit_test_setup_teardown(name, overloaded, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    SHED_TEST(a_new_call_gets_503_and_costs_no_transaction),
	    SHED_TEST(peers_do_not_come_back_in_step),
	    SHED_TEST(a_retransmission_gets_the_same_answer),
	    SHED_TEST(the_ack_of_a_refusal_is_nothing_more),
	    SHED_TEST(what_was_taken_before_is_not_refused_when_it_is_sent_again),
	    SHED_TEST(a_call_that_stands_goes_on),
	    SHED_TEST(a_call_that_is_being_made_can_be_given_up),
	    SHED_TEST(a_call_to_an_emergency_number_is_taken),
	    SHED_TEST(nothing_is_refused_when_the_state_is_left),
	    SHED_TEST(a_peer_that_floods_is_refused_alone),
	    SHED_TEST(half_the_load_is_about_half_of_the_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
