/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys whose lifetime ends: who gets a re-INVITE, with which key, and how often. */
#include <stdio.h>
#include <string.h>

#include "world.h"

#define BOB(version, keys)                                                                \
	"v=0\r\no=bob 33 " version " IN IP4 192.0.2.12\r\ns=-\r\nc=IN IP4 192.0.2.12\r\n" \
	"t=0 0\r\nm=audio 5000 RTP/SAVP 0\r\na=rtpmap:0 PCMU/8000\r\n"                    \
	"a=crypto:1 AES_CM_128_HMAC_SHA1_80 " keys "\r\n"

static void limit(struct world *world, unsigned leg, enum sluice_direction direction)
{
	struct sluice_event event = {.type = SLUICE_EVENT_KEY_LIMIT,
				     .leg = (uint8_t)leg,
				     .direction = (uint8_t)direction,
				     .value = 100};

	b2bua_media_ops.event(world->b2bua, world->session[0].user, &event);
}

static void the_leg_whose_key_ends_gets_a_fresh_one(void **state)
{
	struct world *world = *state;
	const struct fake_session *session = &world->session[0];
	struct sluice_key bob, alice;
	struct phone_message *offer;

	world_call(world, ALICE, BOB);
	bob = session->leg[1].tx;
	alice = session->leg[0].tx;
	limit(world, 1, SLUICE_DIR_TX);
	offer = phone_hears(world, BOB, "INVITE");
	message_has(offer, "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:");
	message_has(offer, "a=sendrecv\r\n");
	/* until it is answered the old key goes on */
	assert_memory_equal(&bob, &session->leg[1].tx, sizeof(bob));
	phone_answers(world, BOB, "INVITE", 200, BOB("2", "inline:" KEY_BOB));
	phone_hears(world, BOB, "ACK");
	assert_memory_not_equal(bob.key, session->leg[1].tx.key, 30);
	assert_int_equal(session->last_mask[1], SLUICE_SET_TX_KEY);
	assert_memory_equal(&alice, &session->leg[0].tx, sizeof(alice));
	assert_true(phone_hears_nothing(world, ALICE));
	assert_int_equal(world_counter(world, "key-limit-own"), 1);
	assert_int_equal(world_counter(world, "reoffers"), 1);

	/* and once more, for the new key */
	bob = session->leg[1].tx;
	limit(world, 1, SLUICE_DIR_TX);
	phone_hears(world, BOB, "INVITE");
	phone_answers(world, BOB, "INVITE", 200, BOB("3", "inline:" KEY_BOB));
	assert_memory_not_equal(bob.key, session->leg[1].tx.key, 30);
}

static void the_peers_own_key_is_its_to_change_in_the_answer(void **state)
{
	struct world *world = *state;
	const struct fake_session *session = &world->session[0];
	struct sluice_key before;

	world_call(world, ALICE, BOB);
	before = session->leg[1].rx[0];
	limit(world, 1, SLUICE_DIR_RX);
	phone_hears(world, BOB, "INVITE");
	phone_answers(world, BOB, "INVITE", 200, BOB("2", "inline:" KEY_OTHER "|2^20"));
	assert_memory_not_equal(&before, &session->leg[1].rx[0], sizeof(before));
	assert_int_equal(session->leg[1].rx[0].lifetime, 1 << 20);
	assert_int_equal(world_counter(world, "key-limit-peer"), 1);
}

static void the_fresh_key_of_a_peer_with_mkis_has_the_next_mki(void **state)
{
	struct world *world = *state;
	const struct fake_session *session = &world->session[0];

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	phone_answers(world, BOB, "INVITE", 200, BOB("1", "inline:" KEY_BOB "|7:1"));
	phone_hears(world, BOB, "ACK");
	phone_hears_status(world, ALICE, 200);
	phone_acks(world, ALICE, NULL);
	assert_int_equal(session->leg[1].rx[0].mki, 7);
	/* the offer was made before we knew that it uses them */
	assert_int_equal(session->leg[1].tx.mki_len, 0);
	for (unsigned i = 1; i <= 3; i++) {
		char line[16];

		limit(world, 1, SLUICE_DIR_TX);
		snprintf(line, sizeof(line), "|%u:1\r\n", i);
		message_has(phone_hears(world, BOB, "INVITE"), line);
		phone_answers(world, BOB, "INVITE", 200,
			      BOB("2", "inline:" KEY_BOB "|7:1;inline:" KEY_OTHER "|8:1"));
		phone_hears(world, BOB, "ACK");
		assert_int_equal(session->leg[1].tx.mki, i);
		assert_int_equal(session->leg[1].rx[1].mki, 8);
	}
}

static void a_fresh_key_that_is_refused_is_offered_a_few_times_more(void **state)
{
	static const uint64_t wait_ms[] = {4000, 16000, 64000, 1000000};
	struct world *world = *state;

	world_call(world, ALICE, BOB);
	limit(world, 1, SLUICE_DIR_TX);
	for (unsigned i = 0; i < 4; i++) {
		phone_hears(world, BOB, "INVITE");
		phone_answers(world, BOB, "INVITE", 488, NULL);
		phone_hears(world, BOB, "ACK");
		world_advance(world, wait_ms[i] - 100);
		assert_true(phone_hears_nothing(world, BOB));
		world_advance(world, 200);
	}
	assert_true(phone_hears_nothing(world, BOB));
	assert_int_equal(world_calls(world), 1);
	assert_int_equal(world_counter(world, "reoffers"), 4);
	assert_int_equal(world_counter(world, "rekeys-failed"), 1);
}

static void a_fresh_key_gives_way_to_the_peers_own_offer(void **state)
{
	struct world *world = *state;
	struct sluice_key before;

	world_call(world, ALICE, BOB);
	before = world->session[0].leg[1].tx;
	limit(world, 1, SLUICE_DIR_TX);
	phone_hears(world, BOB, "INVITE");
	phone_answers(world, BOB, "INVITE", 491, NULL);
	phone_hears(world, BOB, "ACK");
	world_advance(world, 4100);
	phone_hears(world, BOB, "INVITE");
	phone_answers(world, BOB, "INVITE", 200, BOB("2", "inline:" KEY_BOB));
	assert_memory_not_equal(before.key, world->session[0].leg[1].tx.key, 30);
	assert_int_equal(world_counter(world, "rekeys-failed"), 0);
}

static void both_legs_may_need_a_key_at_once(void **state)
{
	struct world *world = *state;
	const struct fake_session *session = &world->session[0];
	struct sluice_key before[2];

	world_call(world, ALICE, BOB);
	before[0] = session->leg[0].tx;
	before[1] = session->leg[1].tx;
	limit(world, 0, SLUICE_DIR_TX);
	limit(world, 1, SLUICE_DIR_TX);
	phone_hears(world, ALICE, "INVITE");
	assert_true(phone_hears_nothing(world, BOB)); /* one exchange at a time */
	phone_answers(world, ALICE, "INVITE", 200, sdp_srtp_alice);
	phone_hears(world, ALICE, "ACK");
	phone_hears(world, BOB, "INVITE");
	phone_answers(world, BOB, "INVITE", 200, BOB("2", "inline:" KEY_BOB));
	phone_hears(world, BOB, "ACK");
	for (unsigned i = 0; i < 2; i++)
		assert_memory_not_equal(before[i].key, session->leg[i].tx.key, 30);
}

static void a_call_that_ends_gets_no_fresh_key(void **state)
{
	struct world *world = *state;

	world_call(world, ALICE, BOB);
	limit(world, 1, SLUICE_DIR_TX);
	phone_hears(world, BOB, "INVITE");
	phone_answers(world, BOB, "INVITE", 500, NULL);
	phone_hears(world, BOB, "ACK");
	phone_requests(world, ALICE, "BYE", "", NULL);
	phone_hears(world, BOB, "BYE");
	limit(world, 1, SLUICE_DIR_TX);
	phone_answers(world, BOB, "BYE", 200, NULL);
	world_advance(world, 10000);
	assert_true(phone_hears_nothing(world, BOB));
	assert_int_equal(world_calls(world), 0);
}

#define REKEY_TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    REKEY_TEST(the_leg_whose_key_ends_gets_a_fresh_one),
	    REKEY_TEST(the_peers_own_key_is_its_to_change_in_the_answer),
	    REKEY_TEST(the_fresh_key_of_a_peer_with_mkis_has_the_next_mki),
	    REKEY_TEST(a_fresh_key_that_is_refused_is_offered_a_few_times_more),
	    REKEY_TEST(a_fresh_key_gives_way_to_the_peers_own_offer),
	    REKEY_TEST(both_legs_may_need_a_key_at_once),
	    REKEY_TEST(a_call_that_ends_gets_no_fresh_key),
	};

	return cmocka_run_group_tests_name("b2bua fresh keys", tests, NULL, NULL);
}
