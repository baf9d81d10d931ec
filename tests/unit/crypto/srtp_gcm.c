/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What AEAD suites have of their own (RFC 7714): vectors, the order of the trailer, refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hex.h"
#include "srtp_fixture.h"
#include "srtp_gcm.h"

#define TAG 16U

static const enum sluice_suite suites[] = {SLUICE_SUITE_AEAD_AES_128_GCM,
					   SLUICE_SUITE_AEAD_AES_256_GCM};
static struct sluice_key key;
static struct srtp_context context;

static void use_suite(enum sluice_suite suite, uint8_t mki_length)
{
	key = key_of(suite, 1);
	key.mki_len = mki_length;
	key.mki = mki_length > 0 ? 0x2a : 0;
	assert_int_equal(srtp_context_init(&context, worker, &key), 0);
}

/* The vectors give session keys: they take the place of those that were derived. */
static void use_session_key(const char *hex)
{
	uint8_t raw[32];
	size_t length = hex_decode(hex, raw, sizeof(raw));
	enum crypto_cipher cipher = length == 16 ? CRYPTO_AES_128_CTR : CRYPTO_AES_256_CTR;

	use_suite(length == 16 ? suites[0] : suites[1], 0);
	engine_under_test()->key_init(worker->engine_worker, &context.rtp_key, cipher, raw,
				      CRYPTO_GHASH, NULL, 0);
	memcpy(srtp_rest(&context)->rtcp_keys, raw, length);
	hex_decode(GCM_SALT, context.rtp_salt, 12);
	hex_decode(GCM_SALT, srtp_rest(&context)->rtcp_salt, 12);
}

static struct wire wire_of(const struct srtp_gcm_vector *vector, const char *hex)
{
	struct wire wire = {.kind = vector->rtcp ? SRTP_PACKET_RTCP : SRTP_PACKET_RTP};

	wire.length = (uint32_t)hex_decode(hex, wire.bytes, sizeof(wire.bytes));
	return wire;
}

static void packets_are_those_of_the_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(srtp_gcm_vectors); i++) {
		const struct srtp_gcm_vector *vector = &srtp_gcm_vectors[i];
		struct wire clear = wire_of(vector, vector->clear);
		struct wire sealed = wire_of(vector, vector->sealed);
		struct wire wire = clear;

		use_session_key(vector->key);
		if (vector->rtcp)
			advance_rtcp(&context, rtcp_ssrc(wire.bytes), GCM_RTCP_INDEX - 1);
		assert_int_equal(protect(&context, &wire), SLUICE_DROP_NONE);
		assert_int_equal(wire.length, sealed.length);
		if (memcmp(wire.bytes, sealed.bytes, sealed.length) != 0)
			fail_msg("%s: sealed", vector->source);
		use_session_key(vector->key);
		assert_int_equal(unprotect(&context, &sealed), SLUICE_DROP_NONE);
		assert_int_equal(sealed.length, clear.length);
		if (memcmp(sealed.bytes, clear.bytes, clear.length) != 0)
			fail_msg("%s: opened", vector->source);
	}
}

/* Header, payload, tag, MKI; of SRTCP header, body, tag, index word, MKI. */
static void the_mki_stands_last_and_the_index_word_behind_the_tag(void **state)
{
	(void)state;
	for (size_t s = 0; s < ROWS(suites); s++) {
		struct wire plain;
		struct wire wire;

		use_suite(suites[s], 0);
		plain = sealed_rtp(&key, SSRC, 1);
		use_suite(suites[s], 2);
		wire = sealed_rtp(&key, SSRC, 1);
		assert_int_equal(wire.length, RTP_BYTES + TAG + 2);
		assert_memory_equal(wire.bytes, plain.bytes, RTP_BYTES + TAG);
		assert_int_equal(bytes_get_be16(wire.bytes + RTP_BYTES + TAG), 0x2a);
		assert_int_equal(unprotect(&context, &wire), SLUICE_DROP_NONE);
		assert_int_equal(wire.length, RTP_BYTES);
		wire = sealed_rtcp(&key, SSRC, 9);
		assert_int_equal(wire.length, RTCP_BYTES + TAG + 4 + 2);
		assert_int_equal(bytes_get_be32(wire.bytes + RTCP_BYTES + TAG), 0x80000009);
		assert_int_equal(bytes_get_be16(wire.bytes + RTCP_BYTES + TAG + 4), 0x2a);
		assert_int_equal(unprotect(&context, &wire), SLUICE_DROP_NONE);
		assert_int_equal(wire.length, RTCP_BYTES);
	}
}

/* How an honest packet is spoiled; at: byte from the start, or from the end when negative. */
struct spoiled_case {
	const char *what;
	enum srtp_packet_kind kind;
	int at;
	uint8_t flip;
	int cut; /* bytes off the end */
	enum sluice_drop drop;
	unsigned hmacs;
};

static const struct spoiled_case spoiled_cases[] = {
    {"RTP: first byte of the tag", SRTP_PACKET_RTP, -16, 1, 0, SLUICE_DROP_AUTH, 1},
    {"RTP: fifth byte of the tag", SRTP_PACKET_RTP, -12, 1, 0, SLUICE_DROP_AUTH, 1},
    {"RTP: eleventh byte of the tag", SRTP_PACKET_RTP, -6, 1, 0, SLUICE_DROP_AUTH, 1},
    {"RTP: last byte of the tag", SRTP_PACKET_RTP, -1, 0x80, 0, SLUICE_DROP_AUTH, 1},
    {"RTP: first byte of the payload", SRTP_PACKET_RTP, 12, 1, 0, SLUICE_DROP_AUTH, 1},
    {"RTP: last byte of the payload", SRTP_PACKET_RTP, -17, 1, 0, SLUICE_DROP_AUTH, 1},
    {"RTP: marker bit", SRTP_PACKET_RTP, 1, 0x80, 0, SLUICE_DROP_AUTH, 1},
    {"RTP: timestamp", SRTP_PACKET_RTP, 4, 1, 0, SLUICE_DROP_AUTH, 1},
    {"RTP: sequence number", SRTP_PACKET_RTP, 3, 0x80, 0, SLUICE_DROP_AUTH, 1},
    {"RTP: SSRC, now an unknown one", SRTP_PACKET_RTP, 8, 1, 0, SLUICE_DROP_AUTH, 2},
    {"RTP: version", SRTP_PACKET_RTP, 0, 0x40, 0, SLUICE_DROP_NOT_RTP, 0},
    {"RTP: a byte short", SRTP_PACKET_RTP, 0, 0, 1, SLUICE_DROP_AUTH, 1},
    {"RTP: no payload left", SRTP_PACKET_RTP, 0, 0, 160, SLUICE_DROP_AUTH, 1},
    {"RTP: no room for header and tag", SRTP_PACKET_RTP, 0, 0, 161, SLUICE_DROP_TRUNCATED, 0},
    {"RTCP: tag", SRTP_PACKET_RTCP, -20, 1, 0, SLUICE_DROP_AUTH, 1},
    {"RTCP: last byte of the tag", SRTP_PACKET_RTCP, -5, 1, 0, SLUICE_DROP_AUTH, 1},
    {"RTCP: body", SRTP_PACKET_RTCP, 9, 1, 0, SLUICE_DROP_AUTH, 1},
    {"RTCP: packet type", SRTP_PACKET_RTCP, 1, 1, 0, SLUICE_DROP_AUTH, 1},
    {"RTCP: index", SRTP_PACKET_RTCP, -2, 1, 0, SLUICE_DROP_AUTH, 1},
    {"RTCP: E bit cleared", SRTP_PACKET_RTCP, -4, 0x80, 0, SLUICE_DROP_SRTCP_CLEAR, 0},
    {"RTCP: SSRC, now an unknown one", SRTP_PACKET_RTCP, 4, 1, 0, SLUICE_DROP_AUTH, 1},
    {"RTCP: no room for header, tag, index", SRTP_PACKET_RTCP, 0, 0, 21, SLUICE_DROP_TRUNCATED, 0},
};

static struct wire sealed(enum srtp_packet_kind kind, uint32_t index)
{
	return kind == SRTP_PACKET_RTP ? sealed_rtp(&key, SSRC, index)
				       : sealed_rtcp(&key, SSRC, index);
}

static void expect_spoiled(const struct spoiled_case *row)
{
	struct srtp_context before;
	struct wire arrived;
	struct wire wire = sealed(row->kind, 100);

	assert_int_equal(unprotect(&context, &wire), SLUICE_DROP_NONE);
	before = context;
	wire = sealed(row->kind, 101);
	wire.bytes[row->at < 0 ? (int)wire.length + row->at : row->at] ^= row->flip;
	wire.length -= (uint32_t)row->cut;
	arrived = wire;
	hmacs = 0;
	if (unprotect(&context, &wire) != row->drop || hmacs != row->hmacs)
		fail_msg("%s: %u tags", row->what, hmacs);
	assert_memory_equal(&context, &before, sizeof(context));
	assert_memory_equal(&wire, &arrived, sizeof(wire));
	wire = sealed(row->kind, 101);
	assert_int_equal(unprotect(&context, &wire), SLUICE_DROP_NONE);
}

/* It keeps its bytes: nothing is decrypted before the tag has been found right. */
static void a_spoiled_packet_is_refused_and_changes_nothing(void **state)
{
	(void)state;
	for (size_t s = 0; s < ROWS(suites); s++) {
		for (size_t i = 0; i < ROWS(spoiled_cases); i++) {
			use_suite(suites[s], 0);
			expect_spoiled(&spoiled_cases[i]);
		}
	}
}

/* Packets in flight over a re-key, from each suite to each. */
static void a_refused_packet_can_be_tried_with_the_key_before(void **state)
{
	(void)state;
	for (unsigned from = 1; from < SLUICE_SUITE_COUNT; from++) {
		for (unsigned to = 1; to < SLUICE_SUITE_COUNT; to++) {
			struct sluice_key old_key = key_of(from, 2);
			struct wire rtp = sealed_rtp(&old_key, SSRC, 7);
			struct wire rtcp = sealed_rtcp(&old_key, SSRC, 7);
			struct srtp_context old;

			use_suite(to, 0);
			srtp_context_init(&old, worker, &old_key);
			assert_int_equal(unprotect(&context, &rtp), SLUICE_DROP_AUTH);
			assert_int_not_equal(unprotect(&context, &rtcp), SLUICE_DROP_NONE);
			assert_int_equal(unprotect(&old, &rtp), SLUICE_DROP_NONE);
			assert_int_equal(unprotect(&old, &rtcp), SLUICE_DROP_NONE);
		}
	}
}

/* Neighbours of all suites and kinds in one burst: each gets its own tag, a forgery nobody's. */
static void a_burst_may_mix_all_suites(void **state)
{
	static struct srtp_context senders[SLUICE_SUITE_COUNT], receivers[SLUICE_SUITE_COUNT];
	static struct wire wires[CRYPTO_BURST_MAX], clear[CRYPTO_BURST_MAX];
	struct srtp_packet packets[CRYPTO_BURST_MAX];

	(void)state;
	for (unsigned suite = 1; suite < SLUICE_SUITE_COUNT; suite++) {
		key = key_of(suite, (uint8_t)suite);
		srtp_context_init(&senders[suite], worker, &key);
		srtp_context_init(&receivers[suite], worker, &key);
	}
	for (unsigned i = 0; i < CRYPTO_BURST_MAX; i++) {
		clear[i] = i % 5 == 3 ? rtcp_wire(SSRC) : rtp_wire(SSRC, (uint16_t)(i + 1));
		wires[i] = clear[i];
		packets[i] = packet_of(&senders[1 + i % (SLUICE_SUITE_COUNT - 1)], &wires[i]);
	}
	srtp_protect_burst(worker, packets, CRYPTO_BURST_MAX);
	for (unsigned i = 0; i < CRYPTO_BURST_MAX; i++) {
		assert_int_equal(packets[i].drop, SLUICE_DROP_NONE);
		packets[i].context = &receivers[1 + i % (SLUICE_SUITE_COUNT - 1)];
		if (i % 11 == 7)
			wires[i].bytes[20] ^= 1;
	}
	srtp_unprotect_burst(worker, packets, CRYPTO_BURST_MAX);
	for (unsigned i = 0; i < CRYPTO_BURST_MAX; i++) {
		assert_int_equal(packets[i].drop,
				 i % 11 == 7 ? SLUICE_DROP_AUTH : SLUICE_DROP_NONE);
		if (i % 11 == 7)
			continue;
		assert_int_equal(packets[i].length, clear[i].length);
		assert_memory_equal(wires[i].bytes, clear[i].bytes, clear[i].length);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(packets_are_those_of_the_vectors),
	    cmocka_unit_test(the_mki_stands_last_and_the_index_word_behind_the_tag),
	    cmocka_unit_test(a_spoiled_packet_is_refused_and_changes_nothing),
	    cmocka_unit_test(a_refused_packet_can_be_tried_with_the_key_before),
	    cmocka_unit_test(a_burst_may_mix_all_suites),
	};

	return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
