/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Our SRTP against libsrtp2, an implementation that shares nothing with ours. One of them sends;
 * what the network makes of it (loss, reordering, repetition, damage) goes to both as receivers,
 * which must agree on every packet; what both take must be what was sent. Where both can send the
 * same RTP packet, the ciphertext must be the same bytes.
 *
 * Left out, being libsrtp 2.5.0's own (the exclusions are marked below by these names):
 *
 *   FIRST_ROC_0: of an SSRC not seen before it tries ROC 0 only. So the first packet of a source is
 *   not lost, damaged nor overtaken.
 *
 *   MKI_TAG_32: it looks for the MKI of SRTCP as if the tag were as long as that of SRTP (mended by
 *   its pull request 733). So no SRTCP where a 32-bit suite has an MKI.
 *
 *   KDF_192: it derives the session keys of AES-192 with AES-256 (mended by its pull request 765).
 *   So no AES-192; RFC 6188's own vectors stand for it.
 *
 *   FIRST_RTCP_1: its first SRTCP index is 1, ours 0. So SRTCP ciphertext is not compared as bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "../engine_under_test.h"
#include "libsrtp_peer.h"
#include "media/rtp.h"
#include "worker/srtp_context.h"

#define PACKET_MAX 1600U
#define SOURCES_MAX 4U
#define TRIALS 530U
#define PACKETS 500U   /* a trial at least; a million in all */
#define FLIGHT_MAX 48U /* packets on the network at a time, so that reordering has its limits */

struct packet {
	uint8_t bytes[PACKET_MAX];
	uint32_t length;
	uint8_t clear[PACKET_MAX];
	uint32_t clear_length;
	bool rtcp;
	bool first; /* of its source: FIRST_ROC_0 */
	bool damaged;
};

struct source {
	uint32_t ssrc;
	uint16_t next;
	bool sent_rtp;
	bool sent_any;
};

struct trial {
	struct sluice_key key;
	bool we_send;
	bool no_rtcp; /* MKI_TAG_32 */
	unsigned source_count;
	struct source sources[SOURCES_MAX];
	unsigned loss, damage, repetition; /* per mille */
	unsigned reorder;                  /* positions */
	struct srtp_context our_sender;
	struct srtp_context our_receiver;
	struct libsrtp_peer *their_sender;
	struct libsrtp_peer *their_receiver;
	struct packet flight[FLIGHT_MAX];
	unsigned flight_count;
};

static struct srtp_worker *worker;
static uint64_t seed;
static uint64_t random_state;
static unsigned sent, taken, refused;
static unsigned sent_in_all;

static uint32_t chance(uint32_t below)
{
	/* splitmix64 */
	uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)((z ^ (z >> 31)) >> 32) % below;
}

static void random_bytes(uint8_t *bytes, uint32_t length)
{
	for (uint32_t i = 0; i < length; i++)
		bytes[i] = (uint8_t)chance(256);
}

/* CSRC list, extension, padding bit, payload of 0 to 1400 bytes. */
static void make_rtp(struct packet *packet, struct source *source)
{
	uint32_t csrcs = chance(4) ? 0 : chance(16);
	uint32_t words = chance(4) ? 0 : 1 + chance(20);
	uint32_t header = RTP_HEADER_MIN + 4 * csrcs + (words ? 4 * words : 0);
	uint32_t payload = chance(3) ? 160 : chance(1401);

	packet->length = header + payload;
	random_bytes(packet->bytes, packet->length);
	packet->bytes[0] = (uint8_t)(0x80 | (words ? 0x10 : 0) | csrcs);
	packet->bytes[1] = (uint8_t)(chance(2) << 7 | chance(64));
	bytes_put_be16(packet->bytes + 2, source->next++);
	bytes_put_be32(packet->bytes + 8, source->ssrc);
	if (words)
		bytes_put_be16(packet->bytes + RTP_HEADER_MIN + 4 * csrcs + 2,
			       (uint16_t)(words - 1));
	packet->first = !source->sent_rtp;
	source->sent_rtp = true;
}

static void make_rtcp(struct packet *packet, struct source *source)
{
	packet->length = RTCP_HEADER_BYTES + 4 * chance(chance(3) ? 12 : 349);
	random_bytes(packet->bytes, packet->length);
	packet->bytes[0] = (uint8_t)(0x80 | chance(32));
	packet->bytes[1] = (uint8_t)(RTCP_SR + chance(4));
	bytes_put_be16(packet->bytes + 2, (uint16_t)(packet->length / 4 - 1));
	bytes_put_be32(packet->bytes + 4, source->ssrc);
	packet->first = false;
}

static struct srtp_packet ours(struct srtp_context *context, uint8_t *bytes, uint32_t length,
			       bool rtcp)
{
	return (struct srtp_packet){.context = context,
				    .data = bytes,
				    .length = length,
				    .capacity = PACKET_MAX,
				    .kind = rtcp ? SRTP_PACKET_RTCP : SRTP_PACKET_RTP};
}

/* Sends a flight: ours as one burst, theirs one by one. RTP ciphertext must be the same. */
static void flight_send(struct trial *trial)
{
	static uint8_t copies[FLIGHT_MAX][PACKET_MAX];
	struct srtp_packet packets[FLIGHT_MAX];

	for (unsigned i = 0; i < trial->flight_count; i++) {
		struct packet *packet = &trial->flight[i];

		memcpy(packet->clear, packet->bytes, packet->length);
		packet->clear_length = packet->length;
		memcpy(copies[i], packet->bytes, packet->length);
		packets[i] = ours(&trial->our_sender, copies[i], packet->length, packet->rtcp);
		assert_true(libsrtp_protect(trial->their_sender, packet->bytes, &packet->length,
					    packet->rtcp));
	}
	srtp_protect_burst(worker, packets, trial->flight_count);
	for (unsigned i = 0; i < trial->flight_count; i++) {
		struct packet *packet = &trial->flight[i];

		assert_int_equal(packets[i].drop, SLUICE_DROP_NONE);
		assert_int_equal(packets[i].length, packet->length);
		if (!packet->rtcp) /* FIRST_RTCP_1 */
			assert_memory_equal(copies[i], packet->bytes, packet->length);
		if (trial->we_send)
			memcpy(packet->bytes, copies[i], packet->length);
	}
	sent += trial->flight_count;
}

static void damage(struct packet *packet)
{
	if (chance(4) == 0)
		packet->length -= 1 + chance(packet->length);
	else
		packet->bytes[chance(packet->length)] ^= (uint8_t)(1U << chance(8));
	packet->damaged = true;
}

/* The network: drops, damages, swaps and repeats; first packets are left alone (FIRST_ROC_0). */
static void flight_disturb(struct trial *trial)
{
	static struct packet arrived[FLIGHT_MAX];
	unsigned count = 0;

	for (unsigned i = 0; i < trial->flight_count; i++) {
		struct packet *packet = &trial->flight[i];

		if (!packet->first && chance(1000) < trial->loss)
			continue;
		arrived[count++] = *packet;
		if (!packet->first && chance(1000) < trial->damage)
			damage(&arrived[count - 1]);
		if (count < FLIGHT_MAX - (trial->flight_count - i) &&
		    chance(1000) < trial->repetition)
			arrived[count++] = *packet;
	}
	for (unsigned i = 0; trial->reorder > 0 && i < count; i++) {
		unsigned other = i + chance(trial->reorder);
		struct packet held = arrived[i];
		bool has_first = false;

		if (other >= count)
			continue;
		for (unsigned p = i; p <= other; p++)
			has_first = has_first || arrived[p].first;
		if (has_first)
			continue;
		arrived[i] = arrived[other];
		arrived[other] = held;
	}
	memcpy(trial->flight, arrived, count * sizeof(arrived[0]));
	trial->flight_count = count;
}

static void expect_same(const struct trial *trial, const struct packet *packet,
			const struct srtp_packet *our, bool their_ok, const uint8_t *their_bytes,
			uint32_t their_length)
{
	bool our_ok = our->drop == SLUICE_DROP_NONE;

	if (our_ok != their_ok)
		fail_msg("suite %u, %s, %s, %u bytes: our drop %d, libsrtp %s", trial->key.suite,
			 packet->rtcp ? "RTCP" : "RTP", packet->damaged ? "damaged" : "whole",
			 packet->length, our->drop, their_ok ? "took it" : "refused it");
	if (!our_ok) {
		refused++;
		return;
	}
	taken++;
	assert_false(packet->damaged);
	assert_int_equal(our->length, packet->clear_length);
	assert_int_equal(their_length, packet->clear_length);
	assert_memory_equal(our->data, packet->clear, packet->clear_length);
	assert_memory_equal(their_bytes, packet->clear, packet->clear_length);
}

static void flight_receive(struct trial *trial)
{
	static uint8_t bytes[FLIGHT_MAX][PACKET_MAX];
	struct srtp_packet packets[FLIGHT_MAX];

	for (unsigned i = 0; i < trial->flight_count; i++) {
		const struct packet *packet = &trial->flight[i];

		memcpy(bytes[i], packet->bytes, PACKET_MAX);
		packets[i] = ours(&trial->our_receiver, bytes[i], packet->length, packet->rtcp);
	}
	srtp_unprotect_burst(worker, packets, trial->flight_count);
	for (unsigned i = 0; i < trial->flight_count; i++) {
		struct packet *packet = &trial->flight[i];
		uint32_t length = packet->length;
		bool ok =
		    libsrtp_unprotect(trial->their_receiver, packet->bytes, &length, packet->rtcp);

		expect_same(trial, packet, &packets[i], ok, packet->bytes, length);
	}
}

/* One in 20 packets is RTCP. */
static void flight_make(struct trial *trial)
{
	trial->flight_count = 1 + chance(FLIGHT_MAX / 2);
	for (unsigned i = 0; i < trial->flight_count; i++) {
		struct packet *packet = &trial->flight[i];
		struct source *source = &trial->sources[chance(trial->source_count)];

		packet->damaged = false;
		packet->rtcp = !trial->no_rtcp && chance(20) == 0;
		if (packet->rtcp)
			make_rtcp(packet, source);
		else
			make_rtp(packet, source);
	}
}

/* False: libsrtp has no such suite here. */
static bool trial_begin(struct trial *trial, enum sluice_suite suite)
{
	const struct rtp_suite *facts = rtp_suite_find(suite);

	memset(trial, 0, sizeof(*trial));
	trial->key.suite = (uint8_t)suite;
	trial->key.key_len = (uint8_t)(facts->key_length + facts->salt_length);
	random_bytes(trial->key.key, trial->key.key_len);
	if (chance(3) == 0) {
		trial->key.mki_len = (uint8_t)(1 + chance(4));
		trial->key.mki = chance(256);
		trial->no_rtcp = facts->rtp_tag_length != facts->rtcp_tag_length;
	}
	trial->we_send = chance(2);
	trial->loss = chance(2) ? 0 : chance(200);
	trial->damage = chance(2) ? 0 : chance(100);
	trial->repetition = chance(2) ? 0 : chance(100);
	trial->reorder = chance(2) ? 0 : chance(16);
	trial->source_count = 1 + chance(SOURCES_MAX);
	for (unsigned i = 0; i < trial->source_count; i++) {
		trial->sources[i].ssrc = chance(UINT32_MAX);
		/* every other one starts so near the wrap that it will cross it */
		trial->sources[i].next =
		    (uint16_t)(chance(2) ? 65535 - chance(100) : chance(65536));
	}
	trial->their_sender = libsrtp_peer_new(&trial->key, LIBSRTP_SENDS);
	trial->their_receiver = libsrtp_peer_new(&trial->key, LIBSRTP_RECEIVES);
	assert_int_equal(srtp_context_init(&trial->our_sender, worker, &trial->key), 0);
	assert_int_equal(srtp_context_init(&trial->our_receiver, worker, &trial->key), 0);
	return trial->their_sender && trial->their_receiver;
}

static unsigned share = 1; /* SLUICE_TEST_SHARE: one in so many of the trials */

static void run_trials(enum sluice_suite suite, unsigned trials)
{
	static struct trial trial;

	random_state = seed ^ (uint64_t)suite << 32;
	sent = taken = refused = 0;
	trials = trials / share ? trials / share : 1;
	for (unsigned t = 0; t < trials; t++) {
		bool there = trial_begin(&trial, suite);
		unsigned before = sent;

		while (there && sent - before < PACKETS) {
			flight_make(&trial);
			flight_send(&trial);
			flight_disturb(&trial);
			flight_receive(&trial);
		}
		libsrtp_peer_free(trial.their_sender);
		libsrtp_peer_free(trial.their_receiver);
		srtp_context_wipe(&trial.our_sender, worker);
		srtp_context_wipe(&trial.our_receiver, worker);
		if (!there) {
			print_message("this libsrtp has no suite %d\n", suite);
			skip();
		}
	}
	print_message("suite %d: %u sent, %u taken, %u refused; SLUICE_TEST_SEED=%ju\n", suite,
		      sent, taken, refused, (uintmax_t)seed);
	assert_true(taken > sent / 2);
	sent_in_all += sent;
}

static void aes_128_with_80_bit_tags_agrees(void **state)
{
	(void)state;
	run_trials(SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80, TRIALS);
}

static void aes_128_with_32_bit_tags_agrees(void **state)
{
	(void)state;
	run_trials(SLUICE_SUITE_AES_CM_128_HMAC_SHA1_32, TRIALS);
}

static void aes_256_with_80_bit_tags_agrees(void **state)
{
	(void)state;
	run_trials(SLUICE_SUITE_AES_256_CM_HMAC_SHA1_80, TRIALS / 4);
}

static void aes_256_with_32_bit_tags_agrees(void **state)
{
	(void)state;
	run_trials(SLUICE_SUITE_AES_256_CM_HMAC_SHA1_32, TRIALS / 4);
}

static void aes_128_gcm_agrees(void **state)
{
	(void)state;
	run_trials(SLUICE_SUITE_AEAD_AES_128_GCM, TRIALS);
}

static void aes_256_gcm_agrees(void **state)
{
	(void)state;
	run_trials(SLUICE_SUITE_AEAD_AES_256_GCM, TRIALS / 4);
}

static int setup(void **state)
{
	const char *given = getenv("SLUICE_TEST_SEED"), *part = getenv("SLUICE_TEST_SHARE");

	(void)state;
	if (part && atoi(part) > 0)
		share = (unsigned)atoi(part);
	if (given)
		seed = strtoull(given, NULL, 0);
	else if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		return -1;
	print_message("SLUICE_TEST_SEED=%ju\n", (uintmax_t)seed);
	if (!libsrtp_start())
		return -1;
	return srtp_worker_new(&worker, engine_under_test(), 2);
}

static int teardown(void **state)
{
	(void)state;
	print_message("%u packets in all\n", sent_in_all);
	srtp_worker_free(worker);
	libsrtp_stop();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(aes_128_with_80_bit_tags_agrees),
	    cmocka_unit_test(aes_128_with_32_bit_tags_agrees),
	    cmocka_unit_test(aes_256_with_80_bit_tags_agrees),
	    cmocka_unit_test(aes_256_with_32_bit_tags_agrees),
	    cmocka_unit_test(aes_128_gcm_agrees),
	    cmocka_unit_test(aes_256_gcm_agrees),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
