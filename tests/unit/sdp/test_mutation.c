/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Damaged descriptions, the same ones in every run: whatever comes out of the parser must be
 * writable, and what we write must parse again. Of most use under the address sanitizer.
 */
#include "relay_fixture.h"

#include <stdlib.h>

#define ROUNDS 20000U

static const char *const seeds[] = {
    "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\na=sendonly\r\n"
    "m=audio 4000/1 RTP/SAVP 0 101\r\nb=AS:64\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" KEY_A
    "|2^31|1:4 WSH=64\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\n"
    "a=rtcp:4001 IN IP4 192.0.2.1\r\na=rtcp-mux\r\n",
    "v=0\no=- 1 1 IN IP6 2001:db8::1\ns=-\nt=0 0\nr=7d 1h 0\nm=video 1 RTP/AVPF 99\n"
    "c=IN IP6 ::\nm=audio 4000 RTP/AVP 0 8\nc=IN IP6 2001:db8::1\na=recvonly\na=maxptime:40\n"
    "m=image 4 udptl t38\nc=IN IP4 0.0.0.0\n",
};
static const char *const words[] = {"\r\n",
				    "\n",
				    "m=audio 0 RTP/AVP 0\r\n",
				    "a=inactive\r\n",
				    " ",
				    ":",
				    "4294967296",
				    "c=IN IP4 0.0.0.0\r\n",
				    "=",
				    "||",
				    "a=crypto:",
				    "65535",
				    ";",
				    "2^48",
				    "a=fmtp:0 x\r\n",
				    "/"};

static uint64_t seed = 20240229;

static size_t pick(size_t below) /* xorshift: the same on every machine */
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (size_t)(seed % below);
}

/* One damage: a byte changed, a piece cut out, a piece doubled, a word put in. */
static size_t damage(char *text, size_t length, size_t size)
{
	size_t at = pick(length), piece = 1 + pick(length - at < 40 ? length - at : 40);
	const char *word = words[pick(sizeof(words) / sizeof(words[0]))];
	size_t word_length = strlen(word);

	switch (pick(4)) {
	case 0:
		text[at] = (char)pick(256);
		return length;
	case 1:
		memmove(text + at, text + at + piece, length - at - piece);
		return length > piece + 1 ? length - piece : 1;
	case 2:
		if (length + piece > size)
			return length;
		memmove(text + at + piece, text + at, length - at);
		return length + piece;
	default:
		if (length + word_length > size)
			return length;
		memmove(text + at + word_length, text + at, length - at);
		memcpy(text + at, word, word_length);
		return length + word_length;
	}
}

static struct sdp sdp, back;
static char text[32768], answer[32768];

static void write_and_read_again(enum relay_security from, enum relay_security to)
{
	struct relay_local local = local_of("203.0.113.5", 30000, to);
	struct relay_remote remote;
	struct relay_refusal refusal;

	if (relay_read_offer(&remote, &sdp, from, both_suites, 2, &refusal)) {
		assert_int_equal(refusal.status, 488);
		assert_true(strlen(refusal.reason) > 0);
		return;
	}
	add_crypto(&local, 1, SDES_AES_CM_128_HMAC_SHA1_80, 0xc0);
	assert_true(relay_write_offer(text, sizeof(text), &sdp, &remote, &local) > 0);
	parse(&back, text);
	assert_int_equal(back.media_count, sdp.media_count);

	struct relay_remote again = read_offer(&back, to);

	assert_int_equal(again.audio_index, remote.audio_index);
	assert_int_equal(again.direction, remote.direction);

	struct relay_local answering = local_of("203.0.113.6", 30002, from);

	add_crypto(&answering, 1, remote.crypto.suite, 0xa5);
	assert_true(relay_write_answer(answer, sizeof(answer), &sdp, &remote, &back, &again,
				       &answering) > 0);
	parse(&back, answer);
	assert_int_equal(back.media_count, sdp.media_count);
}

static void damaged_descriptions_are_refused_or_relayed_whole(void **state)
{
	unsigned taken = 0;

	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		char copy[1024];
		const char *source = seeds[round % 2], *error;
		size_t length = strlen(source);

		memcpy(copy, source, length);
		for (size_t times = 1 + pick(3); times; times--)
			length = damage(copy, length, sizeof(copy));
		char *exact = malloc(length); /* a read past its end is seen */

		assert_non_null(exact);
		memcpy(exact, copy, length);
		if (sdp_parse(&sdp, (struct str){exact, length}, &error) == 0) {
			taken++;
			write_and_read_again(RELAY_RTP, RELAY_SRTP);
			write_and_read_again(RELAY_SRTP, RELAY_RTP);
		} else {
			assert_non_null(error);
		}
		free(exact);
	}
	/* else the damage would be too great to reach what lies behind the parser */
	assert_true(taken > ROUNDS / 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(damaged_descriptions_are_refused_or_relayed_whole),
	};

	return cmocka_run_group_tests_name("damaged SDP", tests, NULL, NULL);
}
