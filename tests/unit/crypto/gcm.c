/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tag of AES-GCM against its vectors, and against IPsec-MB's own GCM. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <intel-ipsec-mb.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "crypto/engine.h"
#include "hex.h"
#include "srtp_gcm.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))
#define DATA_MAX 1600U

static const struct crypto_engine *const engine = &crypto_engine_ipsec_mb;
static struct crypto_engine_worker *worker;
static IMB_MGR *manager;

static void key_make(struct crypto_key *key, const uint8_t *raw, size_t length)
{
	enum crypto_cipher cipher = length == 16 ? CRYPTO_AES_128_CTR : CRYPTO_AES_256_CTR;

	assert_int_equal(engine->key_init(worker, key, cipher, raw, CRYPTO_GHASH, NULL, 0), 0);
}

static void tags_are_those_of_the_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(gcm_tag_vectors); i++) {
		const struct gcm_tag_vector *vector = &gcm_tag_vectors[i];
		uint8_t raw[32], aad[128], expected[16], tag[16];
		struct crypto_key key;
		struct crypto_gcm_op op = {.key = &key, .aad = aad, .tag = tag, .iv[15] = 1};

		key_make(&key, raw, hex_decode(vector->key, raw, sizeof(raw)));
		op.aad_length = (uint32_t)hex_decode(vector->aad, aad, sizeof(aad));
		hex_decode(vector->iv, op.iv, 12);
		hex_decode(vector->tag, expected, sizeof(expected));
		engine->gcm_tag_burst(worker, &op, 1);
		if (memcmp(tag, expected, sizeof(tag)) != 0)
			fail_msg("%s", vector->source);
	}
}

static void reference(const uint8_t *raw, unsigned key_length, const struct crypto_gcm_op *op,
		      uint8_t *data, uint8_t tag[16])
{
	static struct gcm_key_data key;
	struct gcm_context_data context;

	if (key_length == 16) {
		IMB_AES128_GCM_PRE(manager, raw, &key);
		IMB_AES128_GCM_ENC(manager, &key, &context, data, data, op->length, op->iv, op->aad,
				   op->aad_length, tag, 16);
	} else {
		IMB_AES256_GCM_PRE(manager, raw, &key);
		IMB_AES256_GCM_ENC(manager, &key, &context, data, data, op->length, op->iv, op->aad,
				   op->aad_length, tag, 16);
	}
}

/* Every length of data with some length of header, each at the end of a page that has no next. */
static void both_halves_make_what_ipsec_mb_makes_of_every_length(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *area =
	    mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint8_t raw[32], expected[DATA_MAX], tags[2][16];

	(void)state;
	assert_true(area != MAP_FAILED);
	assert_int_equal(mprotect(area + page, page, PROT_NONE), 0);
	assert_int_equal(mprotect(area + 3 * page, page, PROT_NONE), 0);
	for (uint32_t length = 0; length <= DATA_MAX; length++) {
		unsigned key_length = length % 2 ? 16 : 32;
		struct crypto_key key;
		struct crypto_gcm_op op = {.key = &key,
					   .aad_length = length % 85,
					   .tag = tags[0],
					   .length = length,
					   .iv[15] = 1};
		struct crypto_cipher_op cipher = {.key = &key, .length = length};

		op.aad = area + page - op.aad_length;
		op.data = cipher.data = area + 3 * page - length;
		memset(raw, (int)length, sizeof(raw));
		raw[0] = (uint8_t)(length >> 8);
		memset(op.iv, (int)(7 * length), 12);
		memcpy(cipher.iv, op.iv, 16);
		cipher.iv[15] = 2;
		memset(area + page - op.aad_length, (int)(3 * length), op.aad_length);
		memset(cipher.data, (int)(5 * length), length);
		memcpy(expected, cipher.data, length);
		reference(raw, key_length, &op, expected, tags[1]);
		key_make(&key, raw, key_length);
		if (length > 0)
			engine->cipher_burst(worker, &cipher, 1);
		engine->gcm_tag_burst(worker, &op, 1);
		assert_memory_equal(cipher.data, expected, length);
		assert_memory_equal(tags[0], tags[1], 16);
	}
	munmap(area, 4 * page);
}

static void keys_of_other_hashes_are_passed_over(void **state)
{
	static const uint8_t zeros[20];
	uint8_t raw[32] = {1}, data[64] = {2}, tag[16] = {0};
	struct crypto_key gcm, hmac;
	struct crypto_gcm_op op = {.key = &hmac, .data = data, .length = 64, .tag = tag};
	struct crypto_hash_op hash = {.key = &gcm, .data = data, .length = 64};

	(void)state;
	key_make(&gcm, raw, 16);
	engine->key_init(worker, &hmac, CRYPTO_AES_128_CTR, raw, CRYPTO_HMAC_SHA1, raw, 20);
	engine->gcm_tag_burst(worker, &op, 1);
	engine->hash_burst(worker, &hash, 1);
	assert_memory_equal(tag, zeros, sizeof(tag));
	assert_memory_equal(hash.tag, zeros, sizeof(hash.tag));
}

static void ghash_without_a_cipher_or_with_a_key_of_its_own_is_refused(void **state)
{
	struct crypto_key key;
	uint8_t raw[32] = {0};

	(void)state;
	assert_int_equal(
	    engine->key_init(worker, &key, CRYPTO_CIPHER_NONE, NULL, CRYPTO_GHASH, NULL, 0),
	    -ENOTSUP);
	assert_int_equal(
	    engine->key_init(worker, &key, CRYPTO_AES_128_CTR, raw, CRYPTO_GHASH, raw, 20),
	    -ENOTSUP);
}

static int setup(void **state)
{
	(void)state;
	manager = alloc_mb_mgr(0);
	if (!manager)
		return -1;
	init_mb_mgr_auto(manager, NULL);
	return engine->worker_new(&worker);
}

static int teardown(void **state)
{
	(void)state;
	engine->worker_free(worker);
	free_mb_mgr(manager);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tags_are_those_of_the_vectors),
	    cmocka_unit_test(both_halves_make_what_ipsec_mb_makes_of_every_length),
	    cmocka_unit_test(keys_of_other_hashes_are_passed_over),
	    cmocka_unit_test(ghash_without_a_cipher_or_with_a_key_of_its_own_is_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
