/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys of both legs, and calls between more and less secured peers. */
#include <string.h>

#include "world.h"

/* The key that we told a peer is the key that the data plane encrypts with to that peer. */
static void told(const struct phone_message *message, const struct sluice_set *set, unsigned tag)
{
	char prefix[64], expected[16];
	const char *line;
	static const char base64[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const uint8_t *k = set->tx.key;

	snprintf(prefix, sizeof(prefix), "a=crypto:%u AES_CM_128_HMAC_SHA1_80 inline:", tag);
	line = strstr(message->text, prefix);
	assert_non_null(line);
	expected[0] = base64[k[0] >> 2];
	expected[1] = base64[(k[0] & 3) << 4 | k[1] >> 4];
	expected[2] = base64[(k[1] & 15) << 2 | k[2] >> 6];
	expected[3] = base64[k[2] & 63];
	assert_memory_equal(line + strlen(prefix), expected, 4);
}

#define SEVERAL_KEYS(of_alice)                                                            \
	"v=0\r\no=alice 1 1 IN IP4 192.0.2.11\r\ns=-\r\nc=IN IP4 192.0.2.11\r\nt=0 0\r\n" \
	"m=audio 4000 RTP/SAVP 8\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 " of_alice "\r\n"

static void a_peer_may_have_several_master_keys(void **state)
{
	struct world *world = *state;
	const struct sluice_set *alice = &world->session[0].leg[0];

	phone_invites(world, ALICE, "2002",
		      SEVERAL_KEYS("inline:" KEY_ALICE "|2^20|1:2;inline:" KEY_OTHER "|512:2"));
	phone_hears(world, BOB, "INVITE");
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	/* a peer that uses MKIs is told one; bob is not */
	message_has(phone_hears_status(world, ALICE, 200), "|1:2\r\n");
	assert_int_equal(world->session[0].leg[1].tx.mki_len, 0);
	assert_int_equal(alice->tx.mki_len, 2);
	assert_int_equal(alice->tx.mki, 1);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(alice->rx[i].suite, SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80);
		assert_int_equal(alice->rx[i].key_len, 30);
		assert_int_equal(alice->rx[i].mki_len, 2);
		assert_int_equal(alice->rx[i].mki, i ? 512 : 1);
		assert_int_equal(alice->rx[i].lifetime, i ? 0 : 1 << 20);
	}
	assert_int_equal(alice->rx[1].key[29], 29);
	assert_int_equal(alice->rx[2].suite, SLUICE_SUITE_NONE);
}

static void keys_that_cannot_be_told_apart_are_refused_and_counted(void **state)
{
	static const char *const lines[] = {
	    SEVERAL_KEYS("inline:" KEY_ALICE ";inline:" KEY_OTHER),
	    SEVERAL_KEYS("inline:" KEY_ALICE "|1:1;inline:" KEY_OTHER "|1:1"),
	    SEVERAL_KEYS("inline:" KEY_ALICE "|1:1;inline:" KEY_ALICE "|2:1"),
	    SEVERAL_KEYS("inline:" KEY_ALICE "|1:8"),
	};
	struct world *world = *state;

	for (unsigned i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		phone_invites(world, ALICE, "2002", lines[i]);
		message_has(phone_hears_status(world, ALICE, 488), "No acceptable a=crypto");
		phone_acks(world, ALICE, NULL);
		assert_int_equal(world_counter(world, "not-acceptable"), i + 1);
	}
	assert_int_equal(world->sessions, 0);
}

/* The dial plan allows _80 and _32; the engine of the data plane may have less. */
static void a_suite_that_the_data_plane_has_not_is_neither_offered_nor_taken(void **state)
{
	struct world *world = *state;
	struct phone_message *invite;

	world->hello.suites = ~(1U << SLUICE_SUITE_AES_CM_128_HMAC_SHA1_32);
	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	invite = phone_hears(world, BOB, "INVITE");
	message_has(invite, "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:");
	message_lacks(invite, "AES_CM_128_HMAC_SHA1_32");
	phone_answers(world, BOB, "INVITE", 486, NULL);
	phone_hears_status(world, ALICE, 486);
	phone_acks(world, ALICE, NULL);

	world->hello.suites = 1U << SLUICE_SUITE_NONE;
	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	message_has(phone_hears_status(world, ALICE, 488), "suite is not allowed");
}

static void both_legs_of_a_secured_call_get_their_own_fresh_keys(void **state)
{
	struct world *world = *state;
	const struct sluice_set *alice = &world->session[0].leg[0],
				*bob = &world->session[0].leg[1];
	struct phone_message *invite, *answer;

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	invite = phone_hears(world, BOB, "INVITE");
	message_has(invite, "a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:");
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	answer = phone_hears_status(world, ALICE, 200);
	assert_int_equal(alice->rx[0].suite, SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80);
	assert_int_equal(alice->tx.key_len, 30);
	assert_memory_not_equal(alice->tx.key, bob->tx.key, 30);
	assert_memory_not_equal(alice->tx.key, alice->rx[0].key, 30);
	assert_memory_not_equal(bob->tx.key, bob->rx[0].key, 30);
	told(invite, bob, 1);
	told(answer, alice, 1);
	assert_int_equal(alice->remote_rtp.port, 4000);
	assert_int_equal(bob->remote_rtp.port, 5000);
	assert_int_equal(bob->remote_rtcp.port, 5001);
	assert_int_equal(alice->direction, SLUICE_DIR_RX | SLUICE_DIR_TX);
	assert_int_equal(alice->latch, SLUICE_LATCH_ANY);
	assert_int_equal(alice->media_timeout_ms, 30000);
	assert_int_equal(alice->dscp, 46);
	assert_int_equal(alice->rate_pps, 150);
	phone_acks(world, ALICE, NULL);
}

static void a_secured_caller_may_reach_an_unsecured_callee_when_its_plan_allows(void **state)
{
	struct world *world = *state;
	const struct fake_session *session = &world->session[0];
	struct phone_message *invite;
	json_t *list;

	phone_invites(world, ALICE, "2003", sdp_srtp_alice);
	invite = phone_hears(world, CAROL, "INVITE");
	message_has(invite, "RTP/AVP 0 101\r\n");
	message_lacks(invite, "a=crypto");
	message_has(invite, "Via: SIP/2.0/TCP relay.example:5060;");
	phone_answers(world, CAROL, "INVITE", 200, sdp_rtp_carol);
	message_has(phone_hears_status(world, ALICE, 200), "RTP/SAVP 0");
	phone_acks(world, ALICE, NULL);
	assert_int_equal(session->leg[0].tx.suite, 1);
	assert_int_equal(session->leg[1].tx.suite, SLUICE_SUITE_NONE);
	assert_int_equal(session->leg[1].rx[0].suite, SLUICE_SUITE_NONE);
	assert_int_equal(session->leg[1].latch, SLUICE_LATCH_ADDRESS);
	list = b2bua_call_list(world->b2bua);
	assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "security")),
			    "unsecured");
	json_decref(list);
}

static void an_unsecured_caller_may_reach_a_secured_callee_when_its_plan_allows(void **state)
{
	struct world *world = *state;

	world_call(world, CAROL, ALICE);
	assert_int_equal(world->session[0].leg[0].tx.suite, 0);
	assert_int_equal(world->session[0].leg[1].tx.suite, 1);
}

#define CALL_TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CALL_TEST(both_legs_of_a_secured_call_get_their_own_fresh_keys),
	    CALL_TEST(a_suite_that_the_data_plane_has_not_is_neither_offered_nor_taken),
	    CALL_TEST(a_peer_may_have_several_master_keys),
	    CALL_TEST(keys_that_cannot_be_told_apart_are_refused_and_counted),
	    CALL_TEST(a_secured_caller_may_reach_an_unsecured_callee_when_its_plan_allows),
	    CALL_TEST(an_unsecured_caller_may_reach_a_secured_callee_when_its_plan_allows),
	};

	return cmocka_run_group_tests_name("b2bua keys", tests, NULL, NULL);
}
