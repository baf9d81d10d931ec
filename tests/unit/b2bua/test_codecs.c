/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Codec profiles of peers in calls: offers, answers, re-INVITEs, early media, refusals. */
#include <stdio.h>
#include <string.h>

#include "world.h"

#define SDP(address, formats, key)                                                        \
	"v=0\r\no=x 1 1 IN IP4 " address "\r\ns=-\r\nc=IN IP4 " address "\r\nt=0 0\r\n"   \
	"m=audio 4000 RTP/SAVP " formats "\r\na=rtpmap:96 opus/48000/2\r\n"               \
	"a=fmtp:96 useinbandfec=1\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\n" \
	"a=maxptime:60\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" key "\r\n"
#define OF_ALICE(formats) SDP("192.0.2.11", formats, KEY_ALICE)
#define OF_BOB(formats) SDP("192.0.2.12", formats, KEY_BOB)

static struct config_codecs of_alice, of_bob;
static char alice_name[] = "lan", bob_name[] = "carrier";

static void list(struct sdp_filter_codec *codecs, unsigned *count, const char *text)
{
	char copy[128], *save = NULL;

	snprintf(copy, sizeof(copy), "%s", text);
	for (char *name = strtok_r(copy, " ", &save); name; name = strtok_r(NULL, " ", &save))
		assert_int_equal(sdp_filter_codec_read(&codecs[(*count)++], str_of(name)), 0);
}

static int codecs_setup(void **state)
{
	struct world *world;
	int rc = world_setup(state);

	world = *state;
	of_alice = (struct config_codecs){.name = alice_name};
	of_bob = (struct config_codecs){.name = bob_name};
	world->config.peers[ALICE].codecs = &of_alice;
	world->config.peers[BOB].codecs = &of_bob;
	return rc;
}

static int codecs_teardown(void **state)
{
	struct world *world = *state;

	world->config.peers[ALICE].codecs = NULL;
	world->config.peers[BOB].codecs = NULL;
	return world_teardown(state);
}

#define ALLOW(profile, text) list((profile).filter.allow, &(profile).filter.allow_count, text)
#define DENY(profile, text) list((profile).filter.deny, &(profile).filter.deny_count, text)
#define ORDER(profile, text) list((profile).filter.order, &(profile).filter.order_count, text)

static void an_offer_is_filtered_and_ordered_for_its_receiver(void **state)
{
	struct world *world = *state;
	struct phone_message *invite, *answer;

	DENY(of_alice, "G729");
	ALLOW(of_bob, "PCMA PCMU");
	ORDER(of_bob, "PCMA");
	of_bob.filter.ptime_ms = 30;
	phone_invites(world, ALICE, "2002", OF_ALICE("96 0 18 8 101"));
	invite = phone_hears(world, BOB, "INVITE");
	message_has(invite, "RTP/SAVP 8 0 101\r\n");
	message_has(invite, "a=rtpmap:101 telephone-event/8000\r\n");
	message_has(invite, "a=ptime:30\r\n");
	message_lacks(invite, "opus");
	message_lacks(invite, "useinbandfec");
	phone_answers(world, BOB, "INVITE", 200, OF_BOB("8 101"));
	answer = phone_hears_status(world, ALICE, 200);
	message_has(answer, "RTP/SAVP 8 101\r\n");
	message_has(answer, "a=ptime:20\r\n");
	/* of what Bob was offered, nothing else is known to the data plane */
	assert_int_equal(world->session[0].leg[1].payload_count, 3);
	assert_int_equal(world->session[0].leg[1].payload[0].type, 8);
}

static void the_preference_of_the_caller_counts_where_the_callee_has_none(void **state)
{
	struct world *world = *state;

	ORDER(of_alice, "PCMA PCMU");
	phone_invites(world, ALICE, "2002", OF_ALICE("96 0 8 101"));
	message_has(phone_hears(world, BOB, "INVITE"), "RTP/SAVP 8 0 96 101\r\n");
}

static void an_offer_left_with_no_codec_is_refused_with_the_reason_told_to_the_operator(
    void **state)
{
	struct world *world = *state;
	struct phone_message *refusal;

	ALLOW(of_bob, "PCMA");
	phone_invites(world, ALICE, "2002", OF_ALICE("96 18 101"));
	refusal = phone_hears_status(world, ALICE, 488);
	message_has(refusal, "\r\nWarning: 305 relay.example \"Incompatible media format\"\r\n");
	message_lacks(refusal, "carrier");
	message_lacks(refusal, "bob");
	assert_true(phone_hears_nothing(world, BOB));
	assert_int_equal(world_counter(world, "codec"), 1);
	assert_int_equal(world_calls(world), 0);
}

static void a_reinvite_left_with_no_codec_changes_nothing(void **state)
{
	struct world *world = *state;

	ALLOW(of_bob, "PCMU");
	world_call(world, ALICE, BOB);
	phone_requests(world, ALICE, "INVITE", "", OF_ALICE("96 101"));
	message_has(phone_hears_status(world, ALICE, 488), "Warning: 305");
	assert_true(phone_hears_nothing(world, BOB));
	assert_int_equal(world_calls(world), 1);
	assert_int_equal(world->session[0].sets[1], 1);
	/* and one that keeps something is filtered as the first */
	phone_acks(world, ALICE, NULL);
	phone_requests(world, ALICE, "INVITE", "", OF_ALICE("96 0 101"));
	message_has(phone_hears(world, BOB, "INVITE"), "RTP/SAVP 0 101\r\n");
}

static void the_callees_offers_are_filtered_too(void **state)
{
	struct world *world = *state;

	DENY(of_alice, "opus");
	world_call(world, ALICE, BOB);
	phone_requests(world, BOB, "INVITE", "", OF_BOB("96 8 101"));
	message_has(phone_hears(world, ALICE, "INVITE"), "RTP/SAVP 8 101\r\n");
	phone_answers(world, ALICE, "INVITE", 200, OF_ALICE("8 101"));
	message_has(phone_hears_status(world, BOB, 200), "RTP/SAVP 8 101\r\n");
}

static void an_offer_that_comes_late_is_filtered(void **state)
{
	struct world *world = *state;

	DENY(of_bob, "opus");
	ORDER(of_alice, "PCMA");
	phone_invites(world, ALICE, "2002", NULL);
	phone_hears(world, BOB, "INVITE");
	phone_answers(world, BOB, "INVITE", 200, OF_BOB("96 0 8 101"));
	message_has(phone_hears_status(world, ALICE, 200), "RTP/SAVP 8 0 101\r\n");
	phone_acks(world, ALICE, OF_ALICE("8 101"));
	message_has(phone_hears(world, BOB, "ACK"), "RTP/SAVP 8 101\r\n");
}

static void early_media_and_the_answer_are_filtered_alike(void **state)
{
	struct world *world = *state;
	struct phone_message *early, *final;

	DENY(of_alice, "opus");
	phone_invites(world, ALICE, "2002", OF_ALICE("0 8 96 101"));
	message_has(phone_hears(world, BOB, "INVITE"), "RTP/SAVP 0 8 101\r\n");
	/* Bob answers with what he was never offered, beside what he was */
	phone_answers(world, BOB, "INVITE", 183, OF_BOB("96 8 101"));
	early = phone_hears_status(world, ALICE, 183);
	message_has(early, "RTP/SAVP 8 101\r\n");
	phone_answers(world, BOB, "INVITE", 200, OF_BOB("96 8 101"));
	final = phone_hears_status(world, ALICE, 200);
	assert_string_equal(strstr(early->text, "v=0"), strstr(final->text, "v=0"));
}

static void an_answer_of_forbidden_codecs_ends_the_call(void **state)
{
	struct world *world = *state;

	DENY(of_alice, "opus");
	phone_invites(world, ALICE, "2002", OF_ALICE("0 96"));
	phone_answers(world, BOB, "INVITE", 200, OF_BOB("96"));
	phone_hears_status(world, ALICE, 488);
	phone_hears(world, BOB, "BYE");
	assert_int_equal(world_counter(world, "bad-answer"), 1);
}

static void a_ptime_is_never_longer_than_the_other_side_can_take(void **state)
{
	struct world *world = *state;

	of_bob.filter.ptime_ms = 120;
	phone_invites(world, ALICE, "2002", OF_ALICE("0"));
	message_has(phone_hears(world, BOB, "INVITE"), "a=ptime:60\r\na=maxptime:60\r\n");
}

#define CODECS_TEST(name) cmocka_unit_test_setup_teardown(name, codecs_setup, codecs_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CODECS_TEST(an_offer_is_filtered_and_ordered_for_its_receiver),
	    CODECS_TEST(the_preference_of_the_caller_counts_where_the_callee_has_none),
	    CODECS_TEST(
		an_offer_left_with_no_codec_is_refused_with_the_reason_told_to_the_operator),
	    CODECS_TEST(a_reinvite_left_with_no_codec_changes_nothing),
	    CODECS_TEST(the_callees_offers_are_filtered_too),
	    CODECS_TEST(an_offer_that_comes_late_is_filtered),
	    CODECS_TEST(early_media_and_the_answer_are_filtered_alike),
	    CODECS_TEST(an_answer_of_forbidden_codecs_ends_the_call),
	    CODECS_TEST(a_ptime_is_never_longer_than_the_other_side_can_take),
	};

	return cmocka_run_group_tests_name("b2bua codecs", tests, NULL, NULL);
}
