/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Phones that do anything at any time: right messages in a random order, and spoilt ones. Nothing
 * may break (the sanitizers watch), no key may go out in clear, and in the end nothing may be left.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

#define ROUNDS 200U
#define STEPS 300U

static uint32_t seed;

static uint32_t draw(uint32_t below)
{
	seed = seed * 1664525U + 1013904223U;
	return (seed >> 8) % below;
}

/* Of a phone that is somewhere else now. */
static const char moved[] =
    "v=0\r\no=x 1 1 IN IP4 192.0.2.77\r\ns=-\r\nc=IN IP4 192.0.2.77\r\nt=0 0\r\n"
    "m=audio 7000 RTP/SAVP 0\r\n"
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" KEY_OTHER "\r\n";

/* Mostly what fits the phone. */
static const char *any_sdp(const struct phone *phone)
{
	static const char *const all[] = {NULL,          sdp_srtp_alice, sdp_srtp_bob,
					  sdp_rtp_alice, sdp_rtp_carol,  "v=0\r\nrubbish\r\n"};

	if (draw(4) == 0)
		return all[draw(6)];
	if (phone->number == CAROL)
		return sdp_rtp_carol;
	if (draw(4) == 0)
		return moved;
	return phone->number == ALICE ? sdp_srtp_alice : sdp_srtp_bob;
}

/* What the phones heard so far is looked at and forgotten, except the last requests. */
static void empty_inbox(struct world *world, struct phone *phone)
{
	bool clear = phone->number == CAROL;

	for (unsigned i = 0; i < phone->received; i++)
		if (clear)
			message_lacks(&phone->inbox[i], "a=crypto");
	if (phone->received < PHONE_INBOX / 2)
		return;
	(void)world;
	phone->received = 0;
	phone->request = NULL;
	phone->invite = NULL;
	memset(phone->taken, 0, sizeof(phone->taken));
}

/* The phone's last INVITE or a request of the relay, with a few bytes changed. */
static void spoil(struct world *world, struct phone *phone)
{
	char text[PHONE_TEXT];
	size_t length;

	if (!phone->received)
		return;
	length = phone->inbox[phone->received - 1].length;
	memcpy(text, phone->inbox[phone->received - 1].text, length);
	for (unsigned i = draw(4) + 1; i > 0; i--)
		text[draw((uint32_t)length)] = (char)draw(256);
	if (draw(4) == 0)
		length = draw((uint32_t)length) + 1;
	phone_says(world, phone->number, "%.*s", (int)length, text);
}

/* The PRACK of the last reliable response, mostly. */
static void prack(struct world *world, struct phone *phone)
{
	char rack[64];
	unsigned rseq = draw(100);

	for (unsigned i = phone->received; i-- > 0;)
		if (strstr(phone->inbox[i].text, "RSeq: ")) {
			rseq = message_number(&phone->inbox[i], "RSeq: ");
			break;
		}
	snprintf(rack, sizeof(rack), "RAck: %u %u INVITE\r\n", rseq, phone->invite_cseq);
	phone_requests(world, phone->number, "PRACK", rack, draw(3) ? NULL : any_sdp(phone));
}

/* To a number, or to the far side of another call: of the last that any phone was in. */
static void refer(struct world *world, struct phone *phone)
{
	const struct phone *other = &world->phone[draw(PHONES)];
	const char *at = strchr(other->call_id, '@');
	char header[640];

	if (draw(2) || !at)
		snprintf(header, sizeof(header), "Refer-To: <sip:200%u@relay.example>\r\n",
			 draw(5) + 1);
	else
		snprintf(header, sizeof(header),
			 "Refer-To: <sip:2004@x?Replaces=%.*s%%40%s%%3Bto-tag%%3D%s%%3Bfrom-tag%%3D"
			 "%s>\r\n",
			 (int)(at - other->call_id), other->call_id, at + 1, other->remote_tag,
			 other->tag);
	phone_requests(world, phone->number, "REFER", header, NULL);
}

static bool has(const struct phone *phone, const char *method)
{
	for (unsigned i = 0; i < phone->received; i++)
		if (phone->inbox[i].parsed.request &&
		    str_eq(phone->inbox[i].parsed.method_token, str_of(method)))
			return true;
	return false;
}

static void answer(struct world *world, struct phone *phone)
{
	static const unsigned statuses[] = {100, 180, 183, 183, 200, 200, 200, 200, 302,
					    404, 408, 422, 481, 486, 487, 491, 503};
	static const char *const methods[] = {"INVITE", "INVITE", "INVITE", "INVITE", "INVITE",
					      "BYE",    "CANCEL", "INFO",   "UPDATE", "PRACK"};
	static const char *const headers[] = {
	    "",
	    "Allow: INVITE, ACK, BYE, UPDATE, PRACK\r\n",
	    "Require: 100rel\r\nRSeq: 1\r\n",
	    "Require: 100rel\r\nRSeq: 2\r\nAllow: UPDATE\r\n",
	    "Session-Expires: 90;refresher=uac\r\n",
	    "Min-SE: 200\r\n",
	};
	const char *method = methods[draw(10)];

	if (draw(20) == 0)
		snprintf(phone->second_tag, sizeof(phone->second_tag), "fork%u", draw(3));
	else
		phone->second_tag[0] = '\0';
	if (has(phone, method))
		phone_answers_with(world, phone->number, method, statuses[draw(17)],
				   draw(3) ? "" : headers[draw(6)], any_sdp(phone));
}

static void step(struct world *world)
{
	static const char *const methods[] = {"BYE",    "INVITE", "INVITE", "OPTIONS", "INFO",
					      "UPDATE", "UPDATE", "REFER",  "MESSAGE", "NOTIFY"};
	static const char *const can[] = {
	    "", "Supported: 100rel, timer\r\n", "Require: 100rel\r\nAllow: UPDATE\r\n",
	    "Supported: timer\r\nSession-Expires: 90;refresher=uas\r\n"};
	struct phone *phone = &world->phone[draw(PHONES)];
	char user[8];

	if (!phone->connection)
		phone->connection = 1000 + draw(1000000);
	switch (draw(16)) {
	case 15:
		refer(world, phone);
		break;
	case 14:
		prack(world, phone);
		break;
	case 0:
	case 1:
		snprintf(user, sizeof(user), "200%u", draw(5) + 1);
		phone_invites_with(world, phone->number, user, draw(3) ? "" : can[draw(4)],
				   any_sdp(phone));
		break;
	case 2:
	case 3:
	case 4:
	case 5:
		answer(world, phone);
		break;
	case 6:
	case 7:
		phone_acks(world, phone->number, draw(3) ? NULL : any_sdp(phone));
		break;
	case 8:
		phone_requests(world, phone->number, methods[draw(10)], draw(3) ? "" : can[draw(4)],
			       any_sdp(phone));
		break;
	case 9:
		phone_cancels(world, phone->number);
		break;
	case 10:
		spoil(world, phone);
		break;
	case 11:
		world_advance(world, draw(20) ? draw(900) : draw(40000));
		break;
	case 12:
		if (draw(10) == 0)
			world_disconnect(world, phone->number);
		world->unreachable = draw(10) == 0;
		world->media_up = draw(20) != 0;
		world->media_status = draw(20) ? 0 : -28;
		break;
	default:
		for (unsigned i = 0; i < world->sessions; i++)
			if (world->session[i].open && !world->session[i].closed && draw(20) == 0) {
				world_media_event(world, i, draw(2), SLUICE_EVENT_MEDIA_TIMEOUT);
				break;
			}
	}
}

/* A slot for the next session: what is closed makes room. */
static bool make_room(struct world *world)
{
	if (world->sessions < MEDIA_CALLS)
		return true;
	for (unsigned i = 0; i < world->sessions; i++)
		if (!world->session[i].closed)
			return false;
	world->sessions = 0;
	return true;
}

static void settle(struct world *world)
{
	for (unsigned i = 0; i < PHONES; i++) {
		empty_inbox(world, &world->phone[i]);
		world->phone[i].received = 0;
		memset(world->phone[i].taken, 0, sizeof(world->phone[i].taken));
	}
}

/* Something to begin with: a call, and its transfer, before anything goes wrong. */
static void begin_well(struct world *world)
{
	world->unreachable = false;
	world->media_up = true;
	world->media_status = 0;
	world->sessions = 0;
	world->config.max_calls = 3;
	for (unsigned i = 0; i < PHONES; i++) {
		world->phone[i].second_tag[0] = '\0';
		if (!world->phone[i].connection)
			world->phone[i].connection = 2000000 + i;
	}
	settle(world);
	world_call(world, ALICE, BOB);
	refer(world, &world->phone[ALICE]);
}

static void fall_silent(struct world *world)
{
	world->media_up = true;
	for (unsigned i = 0; i < world->sessions; i++)
		if (world->session[i].open && !world->session[i].closed)
			world_media_event(world, i, 0, SLUICE_EVENT_MEDIA_TIMEOUT);
	/* every timer of every transaction passes */
	for (unsigned i = 0; i < 60; i++) {
		world_advance(world, 5000);
		settle(world);
	}
}

static void whatever_phones_do_nothing_breaks_and_nothing_is_left(void **state)
{
	struct world *world = *state;

	world->config.dial_plans[0].refer = REFER_LOCAL;
	world->config.dial_plans[1].refer = REFER_LOCAL;
	for (unsigned round = 0; round < ROUNDS; round++) {
		seed = round;
		begin_well(world);
		for (unsigned i = 0; i < STEPS; i++) {
			world->config.max_calls = make_room(world) ? 3 : 0;
			step(world);
			for (unsigned n = 0; n < PHONES; n++)
				if (world->phone[n].received > PHONE_INBOX / 2)
					settle(world);
		}
		settle(world);
		fall_silent(world);
		assert_int_equal(world_calls(world), 0);
	}
	/* and they got somewhere */
	assert_true(world_counter(world, "answered") > ROUNDS);
	assert_true(world_counter(world, "reoffers") > 0);
	assert_true(world_counter(world, "transferred") > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(whatever_phones_do_nothing_breaks_and_nothing_is_left,
					    world_setup, world_teardown),
	};

	return cmocka_run_group_tests_name("b2bua storm", tests, NULL, NULL);
}
