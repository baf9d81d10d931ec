/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "../engine_under_test.h"
#include "crypto/engine.h"
#include "hex.h"
#include "media/kdf.h"
#include "media/suite.h"
#include "srtp_kdf.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static const struct crypto_engine *engine; /* under test */
static struct crypto_engine_worker *worker;

static enum crypto_cipher cipher_of_length(size_t length)
{
	return length == 16 ? CRYPTO_AES_128_CTR
			    : (length == 24 ? CRYPTO_AES_192_CTR : CRYPTO_AES_256_CTR);
}

static void keystream(void *user, const uint8_t iv[16], uint8_t *out, size_t length)
{
	struct crypto_op op = {.key = user, .data = out, .length = (uint16_t)length};

	memcpy(op.iv, iv, sizeof(op.iv));
	engine->cipher_burst(worker, &op, 1);
}

static void expect(const struct rtp_kdf *kdf, enum rtp_kdf_label label, const char *hex)
{
	uint8_t expected[128];
	uint8_t derived[128];
	size_t length = hex_decode(hex, expected, sizeof(expected));

	rtp_kdf_derive(kdf, label, derived, length);
	assert_memory_equal(derived, expected, length);
}

static void session_keys_are_those_of_the_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(srtp_kdf_vectors); i++) {
		const struct srtp_kdf_vector *vector = &srtp_kdf_vectors[i];
		struct crypto_key master;
		uint8_t key[32];
		uint8_t salt[14];
		size_t key_length = hex_decode(vector->master_key, key, sizeof(key));
		struct rtp_kdf kdf = {
		    .keystream = keystream,
		    .user = &master,
		    .salt = salt,
		    .salt_length = hex_decode(vector->master_salt, salt, sizeof(salt)),
		};

		assert_int_equal(engine->key_init(worker, &master, cipher_of_length(key_length),
						  key, CRYPTO_HASH_NONE, NULL, 0),
				 0);
		expect(&kdf, RTP_KDF_RTP_CIPHER, vector->cipher_key);
		expect(&kdf, RTP_KDF_RTP_SALT, vector->cipher_salt);
		expect(&kdf, RTP_KDF_RTP_AUTH, vector->auth_key);
		engine->key_free(worker, &master);
	}
}

/* RFC 3711 4.3.1: the label is XORed into byte 7 of the salt; a shorter salt is filled at its end.
 */
static void capture_iv(void *user, const uint8_t iv[16], uint8_t *out, size_t length)
{
	(void)out;
	(void)length;
	memcpy(user, iv, 16);
}

static void the_label_stands_above_the_48_bits_of_r(void **state)
{
	static const uint8_t salt[14] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14};
	static const uint8_t full[16] = {1, 2, 3, 4, 5, 6, 7, 8 ^ 5, 9, 10, 11, 12, 13, 14, 0, 0};
	static const uint8_t gcm[16] = {1, 2, 3, 4, 5, 6, 7, 8 ^ 5, 9, 10, 11, 12, 0, 0, 0, 0};
	uint8_t iv[16];
	uint8_t out[1];
	struct rtp_kdf kdf = {
	    .keystream = capture_iv, .user = iv, .salt = salt, .salt_length = sizeof(salt)};

	(void)state;
	rtp_kdf_derive(&kdf, RTP_KDF_RTCP_SALT, out, sizeof(out));
	assert_memory_equal(iv, full, sizeof(iv));
	kdf.salt_length = 12;
	rtp_kdf_derive(&kdf, RTP_KDF_RTCP_SALT, out, sizeof(out));
	assert_memory_equal(iv, gcm, sizeof(iv));
}

/* RFC 3711 4.1.1: salt << 16, SSRC << 64, index << 16. */
static void the_counter_block_is_salt_ssrc_and_index(void **state)
{
	static const uint8_t salt[16] = {0};
	static const uint8_t expected[16] = {0, 0, 0, 0, 0xde, 0xad, 0xbe, 0xef,
					     1, 2, 3, 4, 5,    6,    0,    0};
	uint8_t iv[16];

	(void)state;
	rtp_iv(iv, salt, 0xdeadbeef, UINT64_C(0x010203040506));
	assert_memory_equal(iv, expected, sizeof(iv));
}

struct suite_case {
	enum rtp_suite_id id;
	unsigned key, salt, rtp_tag, rtcp_tag; /* bits */
};

static const struct suite_case suite_cases[] = {
    {RTP_SUITE_AES_CM_128_HMAC_SHA1_80, 128, 112, 80, 80},
    {RTP_SUITE_AES_CM_128_HMAC_SHA1_32, 128, 112, 32, 80},
    {RTP_SUITE_AES_192_CM_HMAC_SHA1_80, 192, 112, 80, 80},
    {RTP_SUITE_AES_192_CM_HMAC_SHA1_32, 192, 112, 32, 80},
    {RTP_SUITE_AES_256_CM_HMAC_SHA1_80, 256, 112, 80, 80},
    {RTP_SUITE_AES_256_CM_HMAC_SHA1_32, 256, 112, 32, 80},
    {RTP_SUITE_AEAD_AES_128_GCM, 128, 96, 128, 128},
    {RTP_SUITE_AEAD_AES_256_GCM, 256, 96, 128, 128},
};

static void suites_have_the_lengths_of_rfc_4568_6188_and_7714(void **state)
{
	(void)state;
	assert_int_equal(ROWS(suite_cases), RTP_SUITE_COUNT - 1);
	for (size_t i = 0; i < ROWS(suite_cases); i++) {
		const struct suite_case *row = &suite_cases[i];
		const struct rtp_suite *suite = rtp_suite_find(row->id);

		assert_non_null(suite);
		assert_int_equal(suite->id, row->id);
		assert_int_equal(8 * suite->key_length, row->key);
		assert_int_equal(8 * suite->salt_length, row->salt);
		assert_int_equal(8 * suite->rtp_tag_length, row->rtp_tag);
		assert_int_equal(8 * suite->rtcp_tag_length, row->rtcp_tag);
	}
	assert_null(rtp_suite_find(RTP_SUITE_NONE));
	assert_null(rtp_suite_find(RTP_SUITE_COUNT));
	assert_null(rtp_suite_find(255));
}

static int setup(void **state)
{
	(void)state;
	engine = engine_under_test();
	return engine->worker_new(&worker);
}

static int teardown(void **state)
{
	(void)state;
	engine->worker_free(worker);
	worker = NULL;
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(session_keys_are_those_of_the_vectors),
	    cmocka_unit_test(the_label_stands_above_the_48_bits_of_r),
	    cmocka_unit_test(the_counter_block_is_salt_ssrc_and_index),
	    cmocka_unit_test(suites_have_the_lengths_of_rfc_4568_6188_and_7714),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
