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

#include "../engine_under_test.h"
#include "crypto/aes.h"
#include "crypto/engine.h"
#include "crypto/gcm.h"
#include "hex.h"
#include "srtp_gcm.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))
#define DATA_MAX 1600U

static const struct crypto_engine *engine; /* under test */
static struct crypto_engine_worker *worker;
static IMB_MGR *manager;

static void key_make(struct crypto_key *key, const uint8_t *raw, size_t length)
{
	enum crypto_cipher cipher = length == 16 ? CRYPTO_AES_128_CTR : CRYPTO_AES_256_CTR;

	assert_int_equal(engine->key_init(worker, key, cipher, raw, CRYPTO_GHASH, NULL, 0), 0);
}

/* With one implementation, whatever the engine takes. */
static void tag_make(const struct gcm_implementation *gcm, struct crypto_op *op)
{
	uint8_t cover[AES_BLOCK];

	memcpy(cover, op->iv, sizeof(cover));
	gcm_counter(cover, GCM_COUNTER_TAG);
	aes_blocks_portable(&(struct aes_block_op){.key = op->key, .block = cover}, 1);
	gcm->tag(op, cover);
}

static void tags_are_those_of_the_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(gcm_tag_vectors); i++) {
		const struct gcm_tag_vector *vector = &gcm_tag_vectors[i];
		uint8_t raw[32], aad[128], expected[16];
		struct crypto_key key;
		struct crypto_op op = {.key = &key, .authentic = aad};

		key_make(&key, raw, hex_decode(vector->key, raw, sizeof(raw)));
		op.authentic_length = (uint16_t)hex_decode(vector->aad, aad, sizeof(aad));
		hex_decode(vector->iv, op.iv, 12);
		hex_decode(vector->tag, expected, sizeof(expected));
		engine->tag_burst(worker, &op, 1);
		engine->key_free(worker, &key);
		if (memcmp(op.tag, expected, sizeof(expected)) != 0)
			fail_msg("%s", vector->source);
	}
}

static void reference(const uint8_t *raw, unsigned key_length, const struct crypto_op *op,
		      uint8_t *data, uint8_t tag[16])
{
	static struct gcm_key_data key;
	struct gcm_context_data context;

	if (key_length == 16) {
		IMB_AES128_GCM_PRE(manager, raw, &key);
		IMB_AES128_GCM_ENC(manager, &key, &context, data, data, op->length, op->iv,
				   op->authentic, op->authentic_length, tag, 16);
	} else {
		IMB_AES256_GCM_PRE(manager, raw, &key);
		IMB_AES256_GCM_ENC(manager, &key, &context, data, data, op->length, op->iv,
				   op->authentic, op->authentic_length, tag, 16);
	}
}

/* Every length of data with some length of header, each at the end of a page that has no next. */
static void both_halves_make_what_ipsec_mb_makes_of_every_length(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *area =
	    mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint8_t raw[32], expected[DATA_MAX], tag[16];

	(void)state;
	assert_true(area != MAP_FAILED);
	assert_int_equal(mprotect(area + page, page, PROT_NONE), 0);
	assert_int_equal(mprotect(area + 3 * page, page, PROT_NONE), 0);
	for (uint16_t length = 0; length <= DATA_MAX; length++) {
		unsigned key_length = length % 2 ? 16 : 32;
		struct crypto_key key;
		struct crypto_op op = {
		    .key = &key, .authentic_length = length % 85, .length = length};

		op.authentic = area + page - op.authentic_length;
		op.data = area + 3 * page - length;
		memset(raw, (int)length, sizeof(raw));
		raw[0] = (uint8_t)(length >> 8);
		memset(op.iv, (int)(7 * length), 12);
		memset(area + page - op.authentic_length, (int)(3 * length), op.authentic_length);
		memset(op.data, (int)(5 * length), length);
		memcpy(expected, op.data, length);
		reference(raw, key_length, &op, expected, tag);
		key_make(&key, raw, key_length);
		engine->cipher_burst(worker, &op, 1);
		engine->tag_burst(worker, &op, 1);
		engine->key_free(worker, &key);
		assert_memory_equal(op.data, expected, length);
		assert_memory_equal(op.tag, tag, 16);
	}
	munmap(area, 4 * page);
}

static void a_burst_of_both_kinds_of_tag_is_the_same_as_one_by_one(void **state)
{
	uint8_t raw[32] = {1}, data[64] = {2};
	struct crypto_key keys[2];
	struct crypto_op ops[2], single[2];

	(void)state;
	key_make(&keys[0], raw, 16);
	engine->key_init(worker, &keys[1], CRYPTO_AES_128_CTR, raw, CRYPTO_HMAC_SHA1, raw, 20);
	for (unsigned i = 0; i < 2; i++)
		ops[i] = single[i] = (struct crypto_op){.key = &keys[i],
							.authentic = data,
							.authentic_length = sizeof(data),
							.data = data,
							.length = sizeof(data)};
	engine->tag_burst(worker, ops, 2);
	for (unsigned i = 0; i < 2; i++) {
		engine->tag_burst(worker, &single[i], 1);
		assert_memory_equal(ops[i].tag, single[i].tag, i == 0 ? 16 : 20);
	}
	assert_memory_not_equal(ops[0].tag, ops[1].tag, 16);
	engine->key_free(worker, &keys[0]);
	engine->key_free(worker, &keys[1]);
}

/* The longest header beside ciphertext that engines promise. */
static void the_longest_aad_is_taken(void **state)
{
	static uint8_t aad[CRYPTO_AAD_MAX], data[160], expected[160];
	uint8_t raw[32] = {3}, tag[16];
	struct crypto_key key;
	struct crypto_op op = {.key = &key,
			       .authentic = aad,
			       .authentic_length = sizeof(aad),
			       .data = data,
			       .length = sizeof(data)};

	(void)state;
	reference(raw, 16, &op, expected, tag);
	key_make(&key, raw, 16);
	engine->cipher_burst(worker, &op, 1);
	engine->tag_burst(worker, &op, 1);
	engine->key_free(worker, &key);
	assert_memory_equal(data, expected, sizeof(data));
	assert_memory_equal(op.tag, tag, 16);
}

/* Data and headers of every length, in each implementation that this CPU runs. */
static void every_implementation_makes_the_same_tag(void **state)
{
	static uint8_t header[96], data[DATA_MAX];
	unsigned compared = 0;

	(void)state;
	if (engine != &crypto_engine_ipsec_mb)
		skip(); /* they are its own */
	for (unsigned i = 0; i < DATA_MAX; i++) {
		header[i % sizeof(header)] = (uint8_t)(13 * i);
		data[i] = (uint8_t)(7 * i + i / 251);
	}
	for (uint16_t length = 0; length <= DATA_MAX; length++) {
		struct crypto_key key;
		struct crypto_op first = {.key = &key,
					  .authentic = header,
					  .data = data,
					  .authentic_length =
					      (uint16_t)(length * 31 % sizeof(header)),
					  .length = length};

		key_make(&key, data + length % 64, length % 2 ? 16 : 32);
		tag_make(gcm_best(), &first);
		for (const struct gcm_implementation *other = gcm_implementations; other->name;
		     other++) {
			struct crypto_op op = first;

			if (!other->runs_here())
				continue;
			memset(op.tag, 0, sizeof(op.tag));
			tag_make(other, &op);
			if (memcmp(op.tag, first.tag, 16) != 0)
				fail_msg("%s, %u bytes, header of %u", other->name, length,
					 op.authentic_length);
			compared++;
		}
	}
	assert_true(compared > DATA_MAX);
}

/* The vectors and IPsec-MB check the fastest; this the one that all CPUs have. */
static void the_portable_tag_is_that_of_the_vectors(void **state)
{
	const struct gcm_implementation *portable = gcm_implementations;

	(void)state;
	if (engine != &crypto_engine_ipsec_mb)
		skip(); /* they are its own */
	while (portable[1].name)
		portable++;
	for (size_t i = 0; i < ROWS(gcm_tag_vectors); i++) {
		const struct gcm_tag_vector *vector = &gcm_tag_vectors[i];
		uint8_t raw[32], aad[128], expected[16];
		struct crypto_key key;
		struct crypto_op op = {.key = &key, .authentic = aad};

		key_make(&key, raw, hex_decode(vector->key, raw, sizeof(raw)));
		op.authentic_length = (uint16_t)hex_decode(vector->aad, aad, sizeof(aad));
		hex_decode(vector->iv, op.iv, 12);
		hex_decode(vector->tag, expected, sizeof(expected));
		tag_make(portable, &op);
		if (memcmp(op.tag, expected, sizeof(expected)) != 0)
			fail_msg("%s", vector->source);
	}
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
	engine = engine_under_test();
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
	    cmocka_unit_test(a_burst_of_both_kinds_of_tag_is_the_same_as_one_by_one),
	    cmocka_unit_test(every_implementation_makes_the_same_tag),
	    cmocka_unit_test(the_portable_tag_is_that_of_the_vectors),
	    cmocka_unit_test(the_longest_aad_is_taken),
	    cmocka_unit_test(ghash_without_a_cipher_or_with_a_key_of_its_own_is_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
