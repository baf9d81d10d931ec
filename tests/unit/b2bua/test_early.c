/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A callee that forks: several early dialogs there, one for the caller. */
#include <stdio.h>
#include <string.h>

#include "world.h"

#define FORK_SDP(address, port, formats, key)                                           \
	"v=0\r\no=x 1 1 IN IP4 " address "\r\ns=-\r\nc=IN IP4 " address "\r\nt=0 0\r\n" \
	"m=audio " port " RTP/SAVP " formats "\r\n"                                     \
	"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" key "\r\n"
#define FIRST_FORK FORK_SDP("192.0.2.21", "5100", "0", KEY_BOB)
#define SECOND_FORK FORK_SDP("192.0.2.22", "5200", "0", KEY_OTHER)
#define OTHER_CODEC FORK_SDP("192.0.2.22", "5200", "8", KEY_OTHER)

static void fork_answers(struct world *world, const char *fork, unsigned status, const char *sdp)
{
	strcpy(world->phone[BOB].second_tag, fork);
	phone_answers(world, BOB, "INVITE", status, sdp);
}

static void the_caller_sees_one_early_dialog_of_several_forks(void **state)
{
	struct world *world = *state;
	const struct fake_session *session = &world->session[0];
	struct phone_message *first, *second, *final;
	char tag[64];

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	fork_answers(world, "fork-one", 183, FIRST_FORK);
	first = phone_hears_status(world, ALICE, 183);
	snprintf(tag, sizeof(tag), "%.*s", STR_FMT(first->parsed.to.tag));
	assert_int_equal(session->leg[1].remote_rtp.port, 5100);
	fork_answers(world, "fork-two", 183, SECOND_FORK);
	second = phone_hears_status(world, ALICE, 183);
	assert_int_equal(session->leg[1].remote_rtp.port, 5200);
	fork_answers(world, "fork-three", 180, NULL);
	phone_hears_status(world, ALICE, 180);
	assert_int_equal(session->leg[1].remote_rtp.port, 5200);
	fork_answers(world, "fork-one", 200, NULL); /* what it said early is its answer */
	final = phone_hears_status(world, ALICE, 200);
	assert_int_equal(session->leg[1].remote_rtp.port, 5100);
	assert_true(str_eq(second->parsed.to.tag, str_of(tag)));
	assert_true(str_eq(final->parsed.to.tag, str_of(tag)));
	/* the forks speak the same codec: Alice is told the same each time */
	assert_string_equal(strstr(first->text, "v=0"), strstr(second->text, "v=0"));
	assert_string_equal(strstr(first->text, "v=0"), strstr(final->text, "v=0"));
	message_has(phone_hears(world, BOB, "ACK"), ";tag=fork-one");
	phone_acks(world, ALICE, NULL);
	assert_int_equal(world_counter(world, "reoffers"), 0);
}

/* RFC 3261 13.2.1: the caller may hold on to the first description that it got. */
static void a_fork_with_other_codecs_that_answers_is_made_certain_by_an_offer_of_ours(void **state)
{
	struct world *world = *state;
	struct phone_message *offer;

	phone_invites(world, ALICE, "2002", FORK_SDP("192.0.2.11", "4000", "0 8", KEY_ALICE));
	fork_answers(world, "fork-one", 183, FIRST_FORK);
	fork_answers(world, "fork-two", 200, OTHER_CODEC);
	message_has(phone_hears_status(world, ALICE, 200), "RTP/SAVP 8\r\n");
	assert_int_equal(world->phone[ALICE].request == NULL, 1); /* not before the ACK */
	phone_acks(world, ALICE, NULL);
	offer = phone_hears(world, ALICE, "INVITE");
	message_has(offer, "RTP/SAVP 8\r\n");
	phone_answers(world, ALICE, "INVITE", 200, FORK_SDP("192.0.2.11", "4000", "8", KEY_ALICE));
	phone_hears(world, ALICE, "ACK");
	assert_int_equal(world_calls(world), 1);
	world->phone[BOB].second_tag[0] = '\0';
}

static void a_fork_that_has_gone_is_not_the_callers_business(void **state)
{
	struct world *world = *state;

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	fork_answers(world, "fork-one", 183, FIRST_FORK);
	phone_hears_status(world, ALICE, 183);
	fork_answers(world, "fork-one", 199, NULL);
	assert_true(phone_hears_nothing(world, ALICE));
	fork_answers(world, "fork-two", 200, SECOND_FORK);
	phone_hears_status(world, ALICE, 200);
}

static void forks_without_end_do_no_harm(void **state)
{
	struct world *world = *state;
	char fork[32];

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	for (unsigned i = 0; i < 40; i++) {
		snprintf(fork, sizeof(fork), "fork-%u", i);
		fork_answers(world, fork, 180, NULL);
	}
	fork_answers(world, "fork-39", 200, SECOND_FORK);
	phone_hears_status(world, ALICE, 200);
	assert_int_equal(world->session[0].leg[1].remote_rtp.port, 5200);
}

/* RFC 3261 15: the called side has no BYE before its answer. */
static void a_bye_of_the_called_side_before_its_answer_changes_nothing(void **state)
{
	struct world *world = *state;

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_answers(world, BOB, "INVITE", 180, NULL);
	phone_requests(world, BOB, "BYE", "", NULL);
	phone_hears_status(world, BOB, 481);
	assert_int_equal(world_counter(world, "no-dialog"), 1);
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	phone_hears_status(world, ALICE, 180);
	phone_hears_status(world, ALICE, 200);
}

#define EARLY_TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    EARLY_TEST(the_caller_sees_one_early_dialog_of_several_forks),
	    EARLY_TEST(a_fork_with_other_codecs_that_answers_is_made_certain_by_an_offer_of_ours),
	    EARLY_TEST(a_fork_that_has_gone_is_not_the_callers_business),
	    EARLY_TEST(forks_without_end_do_no_harm),
	    EARLY_TEST(a_bye_of_the_called_side_before_its_answer_changes_nothing),
	};

	return cmocka_run_group_tests_name("b2bua early dialogs", tests, NULL, NULL);
}
