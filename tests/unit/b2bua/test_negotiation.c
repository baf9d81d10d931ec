/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a call keeps of its descriptions: all of it while they are negotiated, and only what counts
 * when they are agreed; and what becomes of it when there is no memory for either.
 */
#include <errno.h>
#include <malloc.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/negotiation/agreed.h"
#include "b2bua/state.h"
#include "world.h"

/* ---- allocations of one size that fail (the linker's --wrap) ---- */

static size_t refused_size; /* bytes; 0: none */

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
	return refused_size && size == refused_size ? NULL : __real_malloc(size);
}

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size)
{
	return refused_size && count * size == refused_size ? NULL : __real_calloc(count, size);
}

#define NEGOTIATED (2 * sizeof(struct leg_media))
#define AGREED(codecs)                                                              \
	(offsetof(struct relay_remote, audio) + offsetof(struct sdp_audio, codec) + \
	 (codecs) * sizeof(struct sdp_codec))

static int tear_down(void **state)
{
	refused_size = 0;
	return world_teardown(state);
}

/* ---- between exchanges ---- */

static const struct call *the_call(const struct world *world)
{
	const struct call *call = TAILQ_FIRST(&world->b2bua->all);

	assert_non_null(call);
	return call;
}

static bool negotiates(const struct world *world)
{
	const struct call *call = the_call(world);

	assert_int_equal(call->leg[LEG_CALLER].next == NULL, call->leg[LEG_CALLEE].next == NULL);
	return call->leg[LEG_CALLER].next != NULL;
}

static void a_call_negotiates_until_its_answer_and_holds_nothing_of_it_afterwards(void **state)
{
	struct world *world = *state;

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	assert_true(negotiates(world));
	phone_answers(world, BOB, "INVITE", 180, NULL);
	assert_true(negotiates(world));
	phone_answers(world, BOB, "INVITE", 183, sdp_srtp_bob);
	assert_true(negotiates(world)); /* the 200 may bring another answer */
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	assert_false(negotiates(world));
	phone_acks(world, ALICE, NULL);
	assert_false(negotiates(world));
}

static void a_call_without_offer_negotiates_from_the_200_to_the_ack(void **state)
{
	struct world *world = *state;

	phone_invites(world, ALICE, "2002", NULL);
	assert_false(negotiates(world));
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	assert_true(negotiates(world));
	phone_acks(world, ALICE, sdp_srtp_alice);
	assert_false(negotiates(world));
	phone_hears(world, BOB, "ACK");
	assert_int_equal(world->session[0].leg[0].remote_rtp.port, 4000);
	assert_int_equal(world->session[0].leg[1].remote_rtp.port, 5000);
}

static void a_change_that_is_refused_leaves_what_was_agreed_and_nothing_else(void **state)
{
	struct world *world = *state;
	struct sluice_set before;

	world_call(world, ALICE, BOB);
	before = world->session[0].leg[1];
	phone_requests(world, ALICE, "INVITE", "", sdp_srtp_alice);
	assert_true(negotiates(world));
	phone_answers(world, BOB, "INVITE", 488, NULL);
	phone_hears_status(world, ALICE, 488);
	assert_false(negotiates(world));
	assert_memory_equal(&before, &world->session[0].leg[1], sizeof(before));
	assert_int_equal(agreed_heard(&the_call(world)->leg[LEG_CALLEE].media)->rtp_port, 5000);
}

static void a_fork_that_answers_late_finds_nothing_negotiated_and_is_let_go(void **state)
{
	struct world *world = *state;
	uint32_t sets;

	world_call(world, ALICE, BOB);
	sets = world->session[0].sets[1];
	strcpy(world->phone[BOB].second_tag, "late-fork");
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	message_has(phone_hears(world, BOB, "ACK"), ";tag=late-fork");
	message_has(phone_hears(world, BOB, "BYE"), ";tag=late-fork");
	phone_answers(world, BOB, "INVITE", 183, sdp_srtp_bob);
	assert_false(negotiates(world));
	assert_int_equal(world->session[0].sets[1], sets);
	assert_int_equal(world_calls(world), 1);
}

static void a_call_is_small_and_as_long_as_the_codecs_that_were_agreed(void **state)
{
	struct world *world = *state;
	const struct leg *leg;

	world_call(world, ALICE, BOB);
	leg = &the_call(world)->leg[LEG_CALLER];
	assert_int_equal(agreed_heard(&leg->media)->audio.count, 2);
	assert_in_range(malloc_usable_size(leg->media.heard), AGREED(2), AGREED(2) + 32);
	assert_in_range(sizeof(struct call), 1, 4096);
}

/* ---- no memory ---- */

static void an_invite_without_memory_for_its_offer_is_refused(void **state)
{
	struct world *world = *state;

	refused_size = NEGOTIATED;
	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_hears_status(world, ALICE, 500);
	assert_true(phone_hears_nothing(world, BOB));
	assert_int_equal(world_calls(world), 0);
}

static void a_change_without_memory_is_refused_and_the_call_goes_on(void **state)
{
	struct world *world = *state;

	world_call(world, ALICE, BOB);
	refused_size = NEGOTIATED;
	phone_requests(world, ALICE, "INVITE", "", sdp_srtp_alice);
	phone_hears_status(world, ALICE, 500);
	assert_true(phone_hears_nothing(world, BOB));
	phone_acks(world, ALICE, NULL);
	refused_size = 0;
	phone_requests(world, BOB, "INVITE", "", sdp_srtp_bob);
	phone_answers(world, ALICE, "INVITE", 200, sdp_srtp_alice);
	phone_hears_status(world, BOB, 200);
	assert_int_equal(world_calls(world), 1);
}

static void an_answer_without_memory_to_keep_it_ends_the_call_on_both_sides(void **state)
{
	struct world *world = *state;

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	refused_size = AGREED(1);
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	phone_hears_status(world, ALICE, 500);
	phone_hears(world, BOB, "ACK");
	phone_hears(world, BOB, "BYE");
	phone_answers(world, BOB, "BYE", 200, NULL);
	phone_acks(world, ALICE, NULL);
	assert_true(world->session[0].closed);
	assert_int_equal(world_calls(world), 0);
}

static void an_answer_to_a_change_without_memory_to_keep_it_ends_the_call(void **state)
{
	struct world *world = *state;

	world_call(world, ALICE, BOB);
	phone_requests(world, ALICE, "INVITE", "", sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	refused_size = AGREED(1);
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	phone_hears_status(world, ALICE, 500);
	phone_hears(world, BOB, "BYE");
	phone_hears(world, ALICE, "BYE");
	assert_true(world->session[0].closed);
}

static void a_refresh_without_memory_to_keep_it_ends_the_call(void **state)
{
	struct world *world = *state;

	world_call(world, ALICE, BOB);
	refused_size = AGREED(2);
	phone_requests(world, ALICE, "INVITE", "Session-Expires: 1800\r\n", sdp_srtp_alice);
	phone_hears_status(world, ALICE, 500);
	phone_hears(world, BOB, "BYE");
	assert_true(world->session[0].closed);
}

/* ---- agreed ---- */

static void what_is_agreed_is_had_again_but_for_what_no_longer_counts(void **state)
{
	struct agreed agreed = {0};
	static struct leg_media media, again;

	(void)state;
	media.heard.audio.count = 3;
	media.heard.audio.codec[2].type = 101;
	media.heard.rtp_port = 4000;
	media.heard.rtcp_port = 4001;
	media.heard.rtcp_mux = true;
	media.said.rtcp_mux = true;
	media.said.audio.count = 1;
	media.said.audio.codec[0].type = 8;
	media.said.crypto_count = 4;
	media.tx.suite = SDES_AES_CM_128_HMAC_SHA1_80;
	assert_int_equal(agreed_set(&agreed, &media), 0);
	agreed_get(&agreed, &again);
	assert_int_equal(again.heard.audio.count, 3);
	assert_int_equal(again.heard.audio.codec[2].type, 101);
	assert_int_equal(again.heard.rtcp_port, 4000); /* we took RTCP on the port of RTP */
	assert_int_equal(media.heard.rtcp_port, 4001);
	assert_int_equal(again.said.audio.codec[0].type, 8);
	assert_true(again.said.rtcp_mux);
	assert_int_equal(again.said.crypto_count, 0);
	assert_int_equal(again.tx.suite, SDES_AES_CM_128_HMAC_SHA1_80);
	agreed_wipe(&agreed);
	assert_int_equal(agreed_heard(&agreed)->rtp_port, 0);
	assert_int_equal(agreed_said(&agreed)->count, 0);
}

static void what_could_not_be_kept_leaves_what_was_agreed_before(void **state)
{
	struct agreed agreed = {0};
	static struct leg_media media;

	(void)state;
	media.heard.audio.count = 3;
	media.heard.rtp_port = 4000;
	assert_int_equal(agreed_set(&agreed, &media), 0);
	media.heard.audio.count = 5;
	media.heard.rtp_port = 6000;
	refused_size = AGREED(5);
	assert_int_equal(agreed_set(&agreed, &media), -ENOMEM);
	refused_size = 0;
	assert_int_equal(agreed_heard(&agreed)->rtp_port, 4000);
	assert_int_equal(agreed_heard(&agreed)->audio.count, 3);
	agreed_wipe(&agreed);
}

#define CALL_TEST(test) cmocka_unit_test_setup_teardown(test, world_setup, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CALL_TEST(a_call_negotiates_until_its_answer_and_holds_nothing_of_it_afterwards),
	    CALL_TEST(a_call_without_offer_negotiates_from_the_200_to_the_ack),
	    CALL_TEST(a_change_that_is_refused_leaves_what_was_agreed_and_nothing_else),
	    CALL_TEST(a_fork_that_answers_late_finds_nothing_negotiated_and_is_let_go),
	    CALL_TEST(a_call_is_small_and_as_long_as_the_codecs_that_were_agreed),
	    CALL_TEST(an_invite_without_memory_for_its_offer_is_refused),
	    CALL_TEST(a_change_without_memory_is_refused_and_the_call_goes_on),
	    CALL_TEST(an_answer_without_memory_to_keep_it_ends_the_call_on_both_sides),
	    CALL_TEST(an_answer_to_a_change_without_memory_to_keep_it_ends_the_call),
	    CALL_TEST(a_refresh_without_memory_to_keep_it_ends_the_call),
	    cmocka_unit_test(what_is_agreed_is_had_again_but_for_what_no_longer_counts),
	    cmocka_unit_test(what_could_not_be_kept_leaves_what_was_agreed_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
