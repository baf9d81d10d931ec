/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "relay_fixture.h"

#include <errno.h>

static struct sdp offer, answer;
static struct relay_refusal refusal;
static char text[4096];

#define HEAD "v=0\r\no=- 1 1 IN IP4 192.0.2.10\r\ns=-\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\n"

/* ---- goldens: the caller's offer, ours to the called, its answer, ours to the caller ---- */

#define CALLER_HEAD                                                   \
	"v=0\r\no=anna 17 42 IN IP4 192.0.2.10\r\ns=call of anna\r\n" \
	"c=IN IP4 192.0.2.10\r\nb=CT:1000\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
#define CALLER_REST                                                                        \
	"a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\n" \
	"a=ptime:20\r\na=rtcp:5011 IN IP4 192.0.2.10\r\na=rtcp-mux\r\n"                    \
	"a=candidate:1 1 UDP 2130706431 192.0.2.10 5010 typ host\r\na=ssrc:4711 cname:anna\r\n"
#define CALLED_HEAD \
	"v=0\r\no=bert 5 6 IN IP4 198.51.100.20\r\ns=-\r\nc=IN IP4 198.51.100.20\r\nt=0 0\r\n"
#define CALLED_REST                                                                        \
	"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=rtpmap:0 PCMU/8000\r\n" \
	"a=maxptime:40\r\na=sendrecv\r\n"
#define OUR_OFFER_HEAD \
	"v=0\r\no=- 1000 1 IN IP4 203.0.113.2\r\ns=-\r\nc=IN IP4 203.0.113.2\r\nt=0 0\r\n"
#define OUR_OFFER_REST                                                                     \
	"a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\n" \
	"a=ptime:20\r\na=sendrecv\r\n"
#define OUR_ANSWER_HEAD \
	"v=0\r\no=- 1000 1 IN IP4 203.0.113.1\r\ns=-\r\nc=IN IP4 203.0.113.1\r\nt=0 0\r\n"
#define OUR_ANSWER_REST                                                                    \
	"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=rtpmap:0 PCMU/8000\r\n" \
	"a=maxptime:40\r\na=rtcp-mux\r\na=sendrecv\r\n"
#define LINE(tag, suite, key) "a=crypto:" tag " AES_CM_128_HMAC_SHA1_" suite " inline:" key "\r\n"

static const struct golden {
	enum relay_security caller, called;
	const char *offer, *our_offer, *answer, *our_answer;
} goldens[] = {
    {RELAY_RTP, RELAY_RTP, CALLER_HEAD "m=audio 5010 RTP/AVP 0 101\r\n" CALLER_REST,
     OUR_OFFER_HEAD "m=audio 30002 RTP/AVP 0 101\r\n" OUR_OFFER_REST,
     CALLED_HEAD "m=audio 6010 RTP/AVP 0 101\r\n" CALLED_REST,
     OUR_ANSWER_HEAD "m=audio 30000 RTP/AVP 0 101\r\n" OUR_ANSWER_REST},
    {RELAY_RTP, RELAY_SRTP, CALLER_HEAD "m=audio 5010 RTP/AVP 0 101\r\n" CALLER_REST,
     OUR_OFFER_HEAD "m=audio 30002 RTP/SAVP 0 101\r\n" LINE("1", "80", KEY_OURS)
	 LINE("2", "32", KEY_OURS2) OUR_OFFER_REST,
     CALLED_HEAD "m=audio 6010 RTP/SAVP 0 101\r\n" LINE("2", "32", KEY_B) CALLED_REST,
     OUR_ANSWER_HEAD "m=audio 30000 RTP/AVP 0 101\r\n" OUR_ANSWER_REST},
    {RELAY_SRTP, RELAY_RTP,
     CALLER_HEAD "m=audio 5010 RTP/SAVP 0 101\r\n" LINE("7", "80", KEY_A) CALLER_REST,
     OUR_OFFER_HEAD "m=audio 30002 RTP/AVP 0 101\r\n" OUR_OFFER_REST,
     CALLED_HEAD "m=audio 6010 RTP/AVP 0 101\r\n" CALLED_REST,
     OUR_ANSWER_HEAD "m=audio 30000 RTP/SAVP 0 101\r\n" LINE("7", "80", KEY_OURS) OUR_ANSWER_REST},
    {RELAY_SRTP, RELAY_SRTP,
     CALLER_HEAD "m=audio 5010 RTP/SAVP 0 101\r\n" LINE("7", "32", KEY_A) CALLER_REST,
     OUR_OFFER_HEAD "m=audio 30002 RTP/SAVP 0 101\r\n" LINE("1", "80", KEY_OURS)
	 LINE("2", "32", KEY_OURS2) OUR_OFFER_REST,
     CALLED_HEAD "m=audio 6010 RTP/SAVP 0 101\r\n" LINE("1", "80", KEY_B) CALLED_REST,
     OUR_ANSWER_HEAD "m=audio 30000 RTP/SAVP 0 101\r\n" LINE("7", "32", KEY_OURS) OUR_ANSWER_REST},
};

static void a_call_of_any_two_legs_gives_the_golden_descriptions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(goldens) / sizeof(goldens[0]); i++) {
		const struct golden *golden = &goldens[i];
		struct relay_local to_called = local_of("203.0.113.2", 30002, golden->called);
		struct relay_local to_caller = local_of("203.0.113.1", 30000, golden->caller);

		parse(&offer, golden->offer);
		struct relay_remote caller = read_offer(&offer, golden->caller);

		add_crypto(&to_called, 1, SDES_AES_CM_128_HMAC_SHA1_80, 0xc0);
		add_crypto(&to_called, 2, SDES_AES_CM_128_HMAC_SHA1_32, 0xa5);
		int length = relay_write_offer(text, sizeof(text), &offer, &caller, &to_called);

		assert_int_equal(length, strlen(text));
		assert_string_equal(text, golden->our_offer);

		parse(&answer, golden->answer);
		struct relay_remote called = read_answer(&answer, &to_called);

		add_crypto(&to_caller, 0, caller.crypto.suite, 0xc0);
		to_caller.rtcp_mux = true;
		length = relay_write_answer(text, sizeof(text), &offer, &caller, &answer, &called,
					    &to_caller);
		assert_int_equal(length, strlen(text));
		assert_string_equal(text, golden->our_answer);
	}
}

static void what_we_write_is_what_our_own_parser_takes(void **state)
{
	static struct sdp back;
	struct relay_local local = local_of("2001:db8::5", 40000, RELAY_SRTP);

	(void)state;
	parse(&offer, goldens[3].offer);
	struct relay_remote caller = read_offer(&offer, RELAY_SRTP);

	local.session_id = UINT64_MAX;
	add_crypto(&local, 1, SDES_AES_CM_128_HMAC_SHA1_80, 0xc0);
	assert_true(relay_write_offer(text, sizeof(text), &offer, &caller, &local) > 0);
	parse(&back, text);
	assert_int_equal(back.session_id, INT64_MAX);
	struct relay_remote again = read_offer(&back, RELAY_SRTP);

	assert_int_equal(again.rtp_address.family, 6);
	assert_memory_equal(again.rtp_address.ip, local.address.ip, 16);
	assert_int_equal(again.rtp_port, 40000);
	assert_int_equal(again.rtcp_port, 40001);
	assert_memory_equal(again.crypto.key.bytes, local.crypto[0].key.bytes, 30);
}

/* ---- reading: what is refused, and why ---- */

#define SAVP HEAD "m=audio 5010 RTP/SAVP 0\r\n"
#define LINE80 LINE("1", "80", KEY_A)

static const struct refused_offer {
	enum relay_security security;
	const char *text;
	const char *reason;
} refused_offers[] = {
    {RELAY_SRTP, HEAD "m=audio 5010 RTP/AVP 0\r\n",
     "Secured media is required here: RTP/SAVP, not RTP/AVP"},
    {RELAY_SRTP, HEAD "m=audio 5010 RTP/AVP 0\r\n" LINE80,
     "Secured media is required here: RTP/SAVP, not RTP/AVP"},
    {RELAY_SRTP, HEAD "m=audio 5010 RTP/AVPF 0\r\n",
     "Secured media is required here: RTP/SAVP, not RTP/AVP"},
    {RELAY_RTP, SAVP LINE80, "Plain media is required here: RTP/AVP, not RTP/SAVP"},
    {RELAY_RTP, HEAD "m=audio 5010 RTP/SAVPF 0\r\n" LINE80,
     "Plain media is required here: RTP/AVP, not RTP/SAVP"},
    {RELAY_SRTP, HEAD "m=audio 5010 UDP/TLS/RTP/SAVPF 0\r\na=fingerprint:sha-256 00\r\n",
     "Audio must be RTP/AVP, or RTP/SAVP with SDES (RFC 4568)"},
    {RELAY_RTP, HEAD, "No audio stream"},
    {RELAY_RTP, HEAD "m=video 5010 RTP/AVP 99\r\n", "No audio stream"},
    {RELAY_RTP, HEAD "m=audio 0 RTP/AVP 0\r\n", "Audio stream is disabled (port 0)"},
    {RELAY_RTP, HEAD "m=audio 5010/2 RTP/AVP 0\r\n", "Audio stream must have one port"},
    {RELAY_RTP, HEAD "m=audio 5010 RTP/AVP 0\r\nc=IN IP4 phone.example.com\r\n",
     "Media address must be an IPv4 or IPv6 literal"},
    {RELAY_RTP, HEAD "m=audio 5010 RTP/AVP 0\r\nc=IN IP4 224.2.0.1/127\r\n",
     "Media address must be an IPv4 or IPv6 literal"},
    {RELAY_RTP, HEAD "m=audio 5010 RTP/AVP 0\r\nc=IN IP4 224.2.0.1\r\n",
     "Media address must be unicast"},
    {RELAY_RTP, HEAD "m=audio 5010 RTP/AVP 0\r\nc=IN IP4 255.255.255.255\r\n",
     "Media address must be unicast"},
    {RELAY_RTP, HEAD "m=audio 5010 RTP/AVP 0\r\nc=IN IP6 ff02::1\r\n",
     "Media address must be unicast"},
    {RELAY_SRTP, SAVP, "No acceptable a=crypto: there is none"},
    {RELAY_SRTP,
     "v=0\r\no=- 1 1 IN IP4 192.0.2.10\r\ns=-\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\n" LINE80
     "m=audio 5010 RTP/SAVP 0\r\n",
     "No acceptable a=crypto: there is none"},
    {RELAY_SRTP, SAVP "a=crypto\r\n",
     "No acceptable a=crypto: a=crypto is TAG SUITE KEY-PARAMETERS"},
    {RELAY_SRTP, SAVP "a=crypto:1 NULL_HMAC_SHA1_80 inline:" KEY_A "\r\n",
     "No acceptable a=crypto: unknown or refused crypto suite"},
    {RELAY_SRTP,
     SAVP "a=crypto:1 AEAD_AES_128_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw==\r\n",
     "No acceptable a=crypto: suite is not allowed"},
    {RELAY_SRTP, SAVP "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" KEY_A " UNENCRYPTED_SRTP\r\n",
     "No acceptable a=crypto: UNENCRYPTED_SRTP is refused"},
};

static void offers_that_the_leg_cannot_take_are_refused_with_the_rule(void **state)
{
	static const struct relay_remote nothing;
	struct relay_remote remote;

	(void)state;
	for (size_t i = 0; i < sizeof(refused_offers) / sizeof(refused_offers[0]); i++) {
		parse(&offer, refused_offers[i].text);
		assert_int_equal(relay_read_offer(&remote, &offer, refused_offers[i].security,
						  both_suites, 2, &refusal),
				 -ENOTSUP);
		assert_int_equal(refusal.status, 488);
		assert_string_equal(refusal.reason, refused_offers[i].reason);
		assert_memory_equal(&remote, &nothing, sizeof(remote));
	}
}

static void the_offerers_first_acceptable_line_is_taken(void **state)
{
	struct relay_remote remote;

	(void)state;
	parse(&offer,
	      SAVP "a=crypto:1 F8_128_HMAC_SHA1_80 inline:" KEY_B "\r\n"
		   "a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:" KEY_B " KDR=3\r\n"
		   "a=crypto:x AES_CM_128_HMAC_SHA1_80 inline:" KEY_B "\r\n"
		   "a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:short\r\n" LINE("4", "32", KEY_A)
		       LINE("5", "80", KEY_B));
	remote = read_offer(&offer, RELAY_SRTP);
	assert_int_equal(remote.crypto.tag, 4);
	assert_int_equal(remote.crypto.suite, SDES_AES_CM_128_HMAC_SHA1_32);
	assert_int_equal(remote.crypto_skipped, 2);
	assert_int_equal(remote.crypto_bad, 2);

	/* what the dial plan does not allow is passed over */
	assert_int_equal(relay_read_offer(&remote, &offer, RELAY_SRTP, both_suites, 1, &refusal),
			 0);
	assert_int_equal(remote.crypto.tag, 5);
	assert_int_equal(remote.crypto_skipped, 3);
	assert_int_equal(relay_read_offer(&remote, &offer, RELAY_SRTP, NULL, 0, &refusal),
			 -ENOTSUP);
}

static void plain_legs_ignore_keys(void **state)
{
	struct relay_remote remote;

	(void)state;
	parse(&offer, HEAD "m=audio 5010 RTP/AVP 0\r\n" LINE80);
	remote = read_offer(&offer, RELAY_RTP);
	assert_false(remote.secured);
	assert_int_equal(remote.crypto.suite, SDES_NONE);
}

static void of_secured_and_plain_audio_side_by_side_the_one_that_fits_is_taken(void **state)
{
	(void)state;
	parse(&offer, HEAD "m=audio 0 RTP/SAVP 0\r\nm=audio 5010 RTP/AVP 0\r\n"
			   "m=audio 5012 RTP/SAVP 0\r\n" LINE80);
	struct relay_remote secured = read_offer(&offer, RELAY_SRTP);
	struct relay_remote plain = read_offer(&offer, RELAY_RTP);

	assert_int_equal(secured.audio_index, 2);
	assert_int_equal(plain.audio_index, 1);
}

static void of_several_secured_audio_sections_the_one_with_a_key_for_us_is_taken(void **state)
{
	(void)state;
	parse(&offer, HEAD "m=audio 5010 RTP/SAVP 0\r\na=fingerprint:sha-256 00\r\n"
			   "m=audio 5012 RTP/SAVP 0\r\n"
			   "a=crypto:1 F8_128_HMAC_SHA1_80 inline:" KEY_B "\r\n"
			   "m=audio 5014 RTP/SAVP 0\r\n" LINE80);
	struct relay_remote remote = read_offer(&offer, RELAY_SRTP);

	assert_int_equal(remote.audio_index, 2);
	assert_int_equal(remote.rtp_port, 5014);
	assert_int_equal(remote.crypto_skipped, 0);
}

static const struct transport_fact {
	const char *lines; /* after m=audio 5010 */
	uint16_t rtp_port, rtcp_port;
	uint8_t rtcp_last_byte; /* of its IPv4 address */
	enum sdp_direction direction;
	bool rtcp_mux;
} transports[] = {
    {"", 5010, 5011, 10, SDP_SENDRECV, false},
    {"a=rtcp:6000\r\n", 5010, 6000, 10, SDP_SENDRECV, false},
    {"a=rtcp:6000 IN IP4 192.0.2.99\r\n", 5010, 6000, 99, SDP_SENDRECV, false},
    {"a=rtcp:6000 IN IP6 2001:db8::1\r\n", 5010, 0, 0, SDP_SENDRECV, false},
    {"a=rtcp:6000 IN IP4 224.0.0.1\r\n", 5010, 0, 0, SDP_SENDRECV, false},
    {"a=rtcp-mux\r\na=rtcp:9 IN IP4 0.0.0.0\r\n", 5010, 0, 0, SDP_SENDRECV, true},
    {"a=sendonly\r\n", 5010, 5011, 10, SDP_SENDONLY, false},
    {"a=inactive\r\n", 5010, 5011, 10, SDP_INACTIVE, false},
    /* hold before RFC 3264 */
    {"c=IN IP4 0.0.0.0\r\n", 0, 0, 0, SDP_SENDONLY, false},
    {"c=IN IP4 0.0.0.0\r\na=sendonly\r\n", 0, 0, 0, SDP_SENDONLY, false},
    {"c=IN IP4 0.0.0.0\r\na=recvonly\r\n", 0, 0, 0, SDP_INACTIVE, false},
    {"c=IN IP6 ::\r\na=inactive\r\n", 0, 0, 0, SDP_INACTIVE, false},
};

static void addresses_ports_and_direction_of_the_peer_are_read(void **state)
{
	char offer_text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(transports) / sizeof(transports[0]); i++) {
		const struct transport_fact *fact = &transports[i];

		snprintf(offer_text, sizeof(offer_text), HEAD "m=audio 5010 RTP/AVP 0\r\n%s",
			 fact->lines);
		parse(&offer, offer_text);
		struct relay_remote remote = read_offer(&offer, RELAY_RTP);

		if (remote.rtp_port != fact->rtp_port || remote.rtcp_port != fact->rtcp_port ||
		    remote.rtcp_address.ip[3] != fact->rtcp_last_byte ||
		    remote.direction != fact->direction || remote.rtcp_mux != fact->rtcp_mux)
			fail_msg("%s: %u %u %s", fact->lines, remote.rtp_port, remote.rtcp_port,
				 sdp_direction_name(remote.direction));
		assert_int_equal(remote.rtp_address.family, fact->rtp_port ? 4 : 0);
		assert_int_equal(remote.rtcp_address.family, fact->rtcp_port ? 4 : 0);
	}
}

static void the_highest_port_has_no_rtcp_port_behind_it(void **state)
{
	(void)state;
	parse(&offer, HEAD "m=audio 65535 RTP/AVP 0\r\n");
	assert_int_equal(read_offer(&offer, RELAY_RTP).rtcp_port, 0);
}

/* ---- answers ---- */

static const struct answer_fact {
	const char *lines; /* after m=audio … RTP/SAVP; we offered 1: _80 and 2: _32 */
	uint32_t tag;
	const char *reason; /* NULL: taken */
} answers[] = {
    {LINE("1", "80", KEY_B), 1, NULL},
    {LINE("2", "32", KEY_B), 2, NULL},
    {LINE("1", "80", KEY_B) LINE("2", "32", KEY_A), 1, NULL},
    {LINE("9", "80", KEY_A) LINE("2", "32", KEY_B), 2, NULL},
    {LINE("1", "80", KEY_OURS) LINE("2", "32", KEY_B), 2, NULL},
    {LINE("3", "80", KEY_B), 0,
     "No acceptable a=crypto: answer has a tag or suite that was not offered"},
    {LINE("1", "32", KEY_B), 0,
     "No acceptable a=crypto: answer has a tag or suite that was not offered"},
    {LINE("1", "80", KEY_OURS), 0, "No acceptable a=crypto: answer repeats our own key"},
    {"", 0, "No acceptable a=crypto: there is none"},
};

static void answers_must_take_up_a_line_that_we_offered(void **state)
{
	struct relay_local local = local_of("203.0.113.2", 30002, RELAY_SRTP);
	char answer_text[512];

	(void)state;
	add_crypto(&local, 1, SDES_AES_CM_128_HMAC_SHA1_80, 0xc0);
	add_crypto(&local, 2, SDES_AES_CM_128_HMAC_SHA1_32, 0xa5);
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct relay_remote remote;

		snprintf(answer_text, sizeof(answer_text), "%s%s", SAVP, answers[i].lines);
		parse(&answer, answer_text);
		int result = relay_read_answer(&remote, &answer, &local, &refusal);

		if (result != (answers[i].reason ? -ENOTSUP : 0))
			fail_msg("%s%s", answers[i].lines, refusal.reason);
		assert_int_equal(remote.crypto.tag, answers[i].tag);
		if (answers[i].reason)
			assert_string_equal(refusal.reason, answers[i].reason);
	}
}

static void an_answer_may_not_change_the_security_or_refuse_the_audio(void **state)
{
	struct relay_local secured = local_of("203.0.113.2", 30002, RELAY_SRTP);
	struct relay_local plain = local_of("203.0.113.2", 30002, RELAY_RTP);
	struct relay_remote remote;

	(void)state;
	parse(&answer, HEAD "m=audio 5010 RTP/AVP 0\r\n");
	assert_int_equal(relay_read_answer(&remote, &answer, &secured, &refusal), -ENOTSUP);
	parse(&answer, SAVP LINE80);
	assert_int_equal(relay_read_answer(&remote, &answer, &plain, &refusal), -ENOTSUP);
	parse(&answer, HEAD "m=audio 0 RTP/AVP 0\r\n");
	assert_int_equal(relay_read_answer(&remote, &answer, &plain, &refusal), -ENOTSUP);
	assert_string_equal(refusal.reason, "Audio stream is disabled (port 0)");
}

static void rtcp_is_multiplexed_only_when_both_sides_say_so(void **state)
{
	struct relay_local local = local_of("203.0.113.2", 30002, RELAY_RTP);

	(void)state;
	parse(&answer, HEAD "m=audio 5010 RTP/AVP 0\r\na=rtcp:7000\r\na=rtcp-mux\r\n");
	struct relay_remote remote = read_answer(&answer, &local);

	assert_false(remote.rtcp_mux);
	assert_int_equal(remote.rtcp_port, 7000);
	local.rtcp_mux = true;
	remote = read_answer(&answer, &local);
	assert_true(remote.rtcp_mux);
	assert_int_equal(remote.rtcp_port, 5010);

	/* and is not written into an answer to an offer without it */
	parse(&offer, HEAD "m=audio 5010 RTP/AVP 0\r\n");
	struct relay_remote caller = read_offer(&offer, RELAY_RTP);

	assert_true(
	    relay_write_answer(text, sizeof(text), &offer, &caller, &answer, &remote, &local) > 0);
	assert_null(strstr(text, "rtcp-mux"));
	assert_true(relay_write_offer(text, sizeof(text), &offer, &caller, &local) > 0);
	assert_non_null(strstr(text, "a=rtcp-mux\r\n"));
}

/* ---- sections ---- */

static void other_sections_are_kept_in_order_with_port_0(void **state)
{
	struct relay_local local = local_of("203.0.113.2", 30002, RELAY_RTP);

	(void)state;
	parse(&offer, HEAD "m=video 5000 RTP/AVPF 96 97\r\na=rtpmap:96 VP8/90000\r\n"
			   "m=audio 5010 RTP/AVPF 8\r\nm=image 5020 udptl t38\r\n"
			   "m=audio 5030 RTP/AVP 0\r\n");
	struct relay_remote caller = read_offer(&offer, RELAY_RTP);

	relay_write_offer(text, sizeof(text), &offer, &caller, &local);
	assert_string_equal(strstr(text, "m="),
			    "m=video 0 RTP/AVPF 96\r\nm=audio 30002 RTP/AVP 8\r\na=sendrecv\r\n"
			    "m=image 0 udptl t38\r\nm=audio 0 RTP/AVP 0\r\n");

	/* the answer of the other side has fewer sections; ours has as many as the offer */
	parse(&answer, HEAD "m=audio 5010 RTP/AVP 8\r\n");
	struct relay_remote called = read_answer(&answer, &local);

	relay_write_answer(text, sizeof(text), &offer, &caller, &answer, &called, &local);
	assert_string_equal(strstr(text, "m="),
			    "m=video 0 RTP/AVPF 96\r\nm=audio 30002 RTP/AVPF 8\r\na=sendrecv\r\n"
			    "m=image 0 udptl t38\r\nm=audio 0 RTP/AVP 0\r\n");
}

static const struct direction_fact {
	enum sdp_direction offer, answer, ours;
} directions[] = {
    {SDP_SENDRECV, SDP_SENDRECV, SDP_SENDRECV}, {SDP_SENDRECV, SDP_SENDONLY, SDP_SENDONLY},
    {SDP_SENDRECV, SDP_RECVONLY, SDP_RECVONLY}, {SDP_SENDRECV, SDP_INACTIVE, SDP_INACTIVE},
    {SDP_SENDONLY, SDP_SENDRECV, SDP_RECVONLY}, {SDP_SENDONLY, SDP_RECVONLY, SDP_RECVONLY},
    {SDP_SENDONLY, SDP_SENDONLY, SDP_INACTIVE}, {SDP_SENDONLY, SDP_INACTIVE, SDP_INACTIVE},
    {SDP_RECVONLY, SDP_SENDRECV, SDP_SENDONLY}, {SDP_RECVONLY, SDP_SENDONLY, SDP_SENDONLY},
    {SDP_RECVONLY, SDP_RECVONLY, SDP_INACTIVE}, {SDP_INACTIVE, SDP_SENDRECV, SDP_INACTIVE},
};

static void directions_pass_and_answers_fit_their_offers(void **state)
{
	struct relay_local local = local_of("203.0.113.2", 30002, RELAY_RTP);
	char want[32];

	(void)state;
	parse(&offer, HEAD "m=audio 5010 RTP/AVP 0\r\n");
	for (size_t i = 0; i < sizeof(directions) / sizeof(directions[0]); i++) {
		struct relay_remote caller = read_offer(&offer, RELAY_RTP);
		struct relay_remote called = caller;

		caller.direction = directions[i].offer;
		called.direction = directions[i].answer;
		relay_write_offer(text, sizeof(text), &offer, &caller, &local);
		snprintf(want, sizeof(want), "a=%s\r\n", sdp_direction_name(directions[i].offer));
		assert_non_null(strstr(text, want));
		relay_write_answer(text, sizeof(text), &offer, &caller, &offer, &called, &local);
		snprintf(want, sizeof(want), "a=%s\r\n", sdp_direction_name(directions[i].ours));
		assert_non_null(strstr(text, want));
	}
}

static void the_answer_spells_the_suite_as_the_offer_did(void **state)
{
	static const enum sdes_suite suite = SDES_AES_256_CM_HMAC_SHA1_80;
	struct relay_local local = local_of("203.0.113.1", 30000, RELAY_SRTP);
	struct relay_remote remote;

	(void)state;
	parse(&offer,
	      SAVP "a=crypto:5 AES_CM_256_HMAC_SHA1_80 inline:" KEY_A "AAECAwQFBgcICQoLDA0ODw\r\n");
	assert_int_equal(relay_read_offer(&remote, &offer, RELAY_SRTP, &suite, 1, &refusal), 0);
	add_crypto(&local, 1, suite, 0xc0);
	assert_true(
	    relay_write_answer(text, sizeof(text), &offer, &remote, &offer, &remote, &local) > 0);
	assert_non_null(strstr(text, "a=crypto:5 AES_CM_256_HMAC_SHA1_80 inline:wMDA"));
}

/* ---- what the writer refuses ---- */

static void nothing_is_written_for_a_leg_that_lacks_its_key_address_or_port(void **state)
{
	struct relay_local local = local_of("203.0.113.2", 30002, RELAY_SRTP), broken;
	struct relay_remote remote;

	(void)state;
	parse(&offer, SAVP LINE80);
	remote = read_offer(&offer, RELAY_SRTP);
	assert_int_equal(relay_write_offer(text, sizeof(text), &offer, &remote, &local), -EINVAL);
	assert_int_equal(
	    relay_write_answer(text, sizeof(text), &offer, &remote, &offer, &remote, &local),
	    -EINVAL);

	/* an answer with another suite than the chosen line's, or with two */
	add_crypto(&local, 1, SDES_AES_CM_128_HMAC_SHA1_32, 0xc0);
	assert_int_equal(
	    relay_write_answer(text, sizeof(text), &offer, &remote, &offer, &remote, &local),
	    -EINVAL);
	add_crypto(&local, 2, SDES_AES_CM_128_HMAC_SHA1_80, 0xc0);
	assert_int_equal(
	    relay_write_answer(text, sizeof(text), &offer, &remote, &offer, &remote, &local),
	    -EINVAL);
	assert_true(relay_write_offer(text, sizeof(text), &offer, &remote, &local) > 0);

	broken = local;
	broken.address.family = 0;
	assert_int_equal(relay_write_offer(text, sizeof(text), &offer, &remote, &broken), -EINVAL);
	broken = local;
	broken.rtp_port = 0;
	assert_int_equal(relay_write_offer(text, sizeof(text), &offer, &remote, &broken), -EINVAL);
	broken = local;
	broken.crypto[1].key_length = 0;
	assert_int_equal(relay_write_offer(text, sizeof(text), &offer, &remote, &broken), -EINVAL);
	remote.audio_index = 1;
	assert_int_equal(relay_write_offer(text, sizeof(text), &offer, &remote, &local), -EINVAL);
}

static void a_short_buffer_is_an_error_and_keeps_no_key(void **state)
{
	struct relay_local local = local_of("203.0.113.2", 30002, RELAY_SRTP);
	char small[1024];

	(void)state;
	parse(&offer, goldens[3].offer);
	struct relay_remote remote = read_offer(&offer, RELAY_SRTP);

	add_crypto(&local, 1, SDES_AES_CM_128_HMAC_SHA1_80, 0xc0);
	int length = relay_write_offer(text, sizeof(text), &offer, &remote, &local);

	assert_true(length > 0 && (size_t)length < sizeof(small));
	assert_int_equal(relay_write_offer(small, (size_t)length + 1, &offer, &remote, &local),
			 length);
	for (size_t size = 0; size <= (size_t)length; size++) {
		assert_int_equal(relay_write_offer(small, size, &offer, &remote, &local), -ENOSPC);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(small[i], 0);
	}
}

static void descriptions_are_the_same_whatever_their_version(void **state)
{
	struct relay_local local = local_of("203.0.113.2", 30002, RELAY_RTP);
	char other[1024];

	(void)state;
	parse(&offer, HEAD "m=audio 5010 RTP/AVP 0\r\n");
	struct relay_remote remote = read_offer(&offer, RELAY_RTP);

	relay_write_offer(text, sizeof(text), &offer, &remote, &local);
	local.session_version = 123456;
	relay_write_offer(other, sizeof(other), &offer, &remote, &local);
	assert_true(relay_same_description(str_of(text), str_of(other)));
	remote.direction = SDP_SENDONLY;
	relay_write_offer(other, sizeof(other), &offer, &remote, &local);
	assert_false(relay_same_description(str_of(text), str_of(other)));
	assert_false(relay_same_description(str_of(text), (struct str){NULL, 0}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_call_of_any_two_legs_gives_the_golden_descriptions),
	    cmocka_unit_test(what_we_write_is_what_our_own_parser_takes),
	    cmocka_unit_test(offers_that_the_leg_cannot_take_are_refused_with_the_rule),
	    cmocka_unit_test(the_offerers_first_acceptable_line_is_taken),
	    cmocka_unit_test(plain_legs_ignore_keys),
	    cmocka_unit_test(of_secured_and_plain_audio_side_by_side_the_one_that_fits_is_taken),
	    cmocka_unit_test(of_several_secured_audio_sections_the_one_with_a_key_for_us_is_taken),
	    cmocka_unit_test(addresses_ports_and_direction_of_the_peer_are_read),
	    cmocka_unit_test(the_highest_port_has_no_rtcp_port_behind_it),
	    cmocka_unit_test(answers_must_take_up_a_line_that_we_offered),
	    cmocka_unit_test(an_answer_may_not_change_the_security_or_refuse_the_audio),
	    cmocka_unit_test(rtcp_is_multiplexed_only_when_both_sides_say_so),
	    cmocka_unit_test(other_sections_are_kept_in_order_with_port_0),
	    cmocka_unit_test(directions_pass_and_answers_fit_their_offers),
	    cmocka_unit_test(the_answer_spells_the_suite_as_the_offer_did),
	    cmocka_unit_test(nothing_is_written_for_a_leg_that_lacks_its_key_address_or_port),
	    cmocka_unit_test(a_short_buffer_is_an_error_and_keeps_no_key),
	    cmocka_unit_test(descriptions_are_the_same_whatever_their_version),
	};

	return cmocka_run_group_tests_name("relay", tests, NULL, NULL);
}
