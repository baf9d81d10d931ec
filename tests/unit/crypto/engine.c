/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../engine_under_test.h"
#include "aes_ctr.h"
#include "crypto/engine.h"
#include "hex.h"
#include "hmac_sha1.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static const struct crypto_engine *engine; /* under test */
static struct crypto_engine_worker *worker;

static enum crypto_cipher cipher_of_length(size_t length)
{
	return length == 16 ? CRYPTO_AES_128_CTR
			    : (length == 24 ? CRYPTO_AES_192_CTR : CRYPTO_AES_256_CTR);
}

static void keystream_is_that_of_the_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(aes_ctr_vectors); i++) {
		const struct aes_ctr_vector *vector = &aes_ctr_vectors[i];
		uint8_t raw[32];
		uint8_t expected[64];
		uint8_t data[64] = {0};
		size_t key_length = hex_decode(vector->key, raw, sizeof(raw));
		size_t length = hex_decode(vector->keystream, expected, sizeof(expected));
		struct crypto_key key;
		struct crypto_op op = {.key = &key, .data = data, .length = (uint16_t)length};

		hex_decode(vector->counter, op.iv, sizeof(op.iv));
		assert_int_equal(engine->key_init(worker, &key, cipher_of_length(key_length), raw,
						  CRYPTO_HASH_NONE, NULL, 0),
				 0);
		engine->cipher_burst(worker, &op, 1);
		engine->key_free(worker, &key);
		if (memcmp(data, expected, length) != 0)
			fail_msg("%s", vector->source);
	}
}

static void hmac_is_that_of_the_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(hmac_sha1_vectors); i++) {
		const struct hmac_sha1_vector *vector = &hmac_sha1_vectors[i];
		uint8_t raw[64];
		uint8_t data[64];
		uint8_t digest[20];
		size_t key_length = hex_decode(vector->key, raw, sizeof(raw));
		struct crypto_key key;
		struct crypto_op op = {
		    .key = &key,
		    .authentic = data,
		    .authentic_length = (uint16_t)hex_decode(vector->data, data, sizeof(data)),
		};

		hex_decode(vector->digest, digest, sizeof(digest));
		assert_int_equal(engine->key_init(worker, &key, CRYPTO_CIPHER_NONE, NULL,
						  CRYPTO_HMAC_SHA1, raw, key_length),
				 0);
		engine->tag_burst(worker, &op, 1);
		engine->key_free(worker, &key);
		if (memcmp(op.tag, digest, sizeof(digest)) != 0)
			fail_msg("%s", vector->source);
	}
}

/* What a burst is made of, worked as one burst and one by one. */
struct batch {
	struct crypto_key keys[CRYPTO_BURST_MAX];
	uint8_t data[CRYPTO_BURST_MAX][1500];
	struct crypto_op ops[CRYPTO_BURST_MAX];
};

static void batch_free(const struct crypto_engine *of, struct batch *batch)
{
	for (unsigned i = 0; i < CRYPTO_BURST_MAX; i++)
		of->key_free(worker, &batch->keys[i]);
}

/* Every fifth key has no cipher, every seventh no hash. Lengths from 1. What it had is freed. */
static void batch_fill(struct batch *batch)
{
	batch_free(engine, batch);
	memset(batch, 0, sizeof(*batch));
	for (unsigned i = 0; i < CRYPTO_BURST_MAX; i++) {
		enum crypto_cipher cipher = i % 5 == 4 ? CRYPTO_CIPHER_NONE : 1 + i % 3;
		enum crypto_hash hash = i % 7 == 6 ? CRYPTO_HASH_NONE : CRYPTO_HMAC_SHA1;
		uint16_t length = (uint16_t)(1 + i * i * 1499 / (63 * 63));
		uint8_t raw[64];

		memset(raw, (int)i + 1, sizeof(raw));
		memset(batch->data[i], (int)(3 * i), sizeof(batch->data[i]));
		engine->key_init(worker, &batch->keys[i], cipher, raw, hash, raw, 20 + i % 45);
		batch->ops[i] = (struct crypto_op){.key = &batch->keys[i],
						   .authentic = batch->data[i],
						   .data = batch->data[i],
						   .authentic_length = length,
						   .length = length};
		memset(batch->ops[i].iv, (int)i, 14);
	}
}

static void a_mixed_burst_is_the_same_as_one_by_one(void **state)
{
	static struct batch together;
	static struct batch single;

	(void)state;
	for (unsigned n = 1; n <= CRYPTO_BURST_MAX; n++) {
		batch_fill(&together);
		batch_fill(&single);
		engine->cipher_burst(worker, together.ops, n);
		engine->tag_burst(worker, together.ops, n);
		for (unsigned i = 0; i < n; i++) {
			engine->cipher_burst(worker, &single.ops[i], 1);
			engine->tag_burst(worker, &single.ops[i], 1);
			assert_memory_equal(together.ops[i].tag, single.ops[i].tag, 20);
		}
		assert_memory_equal(together.data, single.data, sizeof(single.data));
	}
	batch_free(engine, &together);
	batch_free(engine, &single);
}

static void no_cipher_and_no_hash_are_passed_over(void **state)
{
	static const uint8_t zeros[20];
	static struct batch batch;
	uint8_t before[1500];

	(void)state;
	batch_fill(&batch);
	memcpy(before, batch.data[4], sizeof(before));
	engine->cipher_burst(worker, batch.ops, CRYPTO_BURST_MAX);
	engine->tag_burst(worker, batch.ops, CRYPTO_BURST_MAX);
	assert_memory_equal(batch.data[4], before, sizeof(before));
	assert_memory_equal(batch.ops[6].tag, zeros, sizeof(zeros));
	batch_free(engine, &batch);
}

static void an_op_without_length_is_passed_over(void **state)
{
	static const uint8_t zeros[20];
	static struct batch batch;
	uint8_t before[1500];

	(void)state;
	batch_fill(&batch);
	memcpy(before, batch.data[0], sizeof(before));
	batch.ops[0].length = 0;
	batch.ops[0].authentic_length = 0;
	engine->cipher_burst(worker, batch.ops, CRYPTO_BURST_MAX);
	engine->tag_burst(worker, batch.ops, CRYPTO_BURST_MAX);
	assert_memory_equal(batch.data[0], before, sizeof(before));
	assert_memory_equal(batch.ops[0].tag, zeros, sizeof(zeros));
	assert_memory_not_equal(batch.ops[1].tag, zeros, sizeof(zeros));
	batch_free(engine, &batch);
}

/* Vector code likes to read and write whole blocks: the byte behind the data may not be ours. */
static void a_burst_touches_nothing_behind_its_data(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *area =
	    mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct crypto_op ops[CRYPTO_BURST_MAX];
	static struct batch batch;

	(void)state;
	assert_true(area != MAP_FAILED);
	assert_int_equal(mprotect(area + page, page, PROT_NONE), 0);
	batch_fill(&batch);
	for (uint16_t length = 1; length < 600; length++) {
		for (unsigned i = 0; i < 17; i++) {
			ops[i] = batch.ops[i];
			ops[i].authentic = ops[i].data = area + page - length;
			ops[i].authentic_length = ops[i].length = length;
		}
		area[page - length - 1] = 0xa5;
		engine->cipher_burst(worker, ops, 17);
		engine->tag_burst(worker, ops, 17);
		assert_int_equal(area[page - length - 1], 0xa5);
	}
	batch_free(engine, &batch);
	munmap(area, 2 * page);
}

static void all_engines_make_the_same(void **state)
{
	static struct batch batch, other;

	(void)state;
	batch_fill(&batch);
	engine->cipher_burst(worker, batch.ops, CRYPTO_BURST_MAX);
	engine->tag_burst(worker, batch.ops, CRYPTO_BURST_MAX);
	for (const struct crypto_engine *const *at = crypto_engines; *at; at++) {
		const struct crypto_engine *mine = engine;
		struct crypto_engine_worker *my_worker = worker;

		engine = *at;
		assert_int_equal(engine->worker_new(&worker), 0);
		batch_fill(&other);
		engine->cipher_burst(worker, other.ops, CRYPTO_BURST_MAX);
		engine->tag_burst(worker, other.ops, CRYPTO_BURST_MAX);
		batch_free(engine, &other);
		engine->worker_free(worker);
		engine = mine;
		worker = my_worker;
		assert_memory_equal(batch.data, other.data, sizeof(batch.data));
		for (unsigned i = 0; i < CRYPTO_BURST_MAX; i++)
			assert_memory_equal(batch.ops[i].tag, other.ops[i].tag, 20);
	}
	batch_free(engine, &batch);
}

/* A key is bytes for some engines and objects for others: nothing of either may stay. */
static void a_freed_key_is_all_zero_and_may_be_freed_again(void **state)
{
	static const struct crypto_key zero;
	uint8_t raw[32];
	struct crypto_key key;

	(void)state;
	memset(raw, 0x5a, sizeof(raw));
	for (unsigned i = 0; i < 3; i++) {
		static const enum crypto_hash hashes[] = {CRYPTO_HASH_NONE, CRYPTO_HMAC_SHA1,
							  CRYPTO_GHASH};

		key = zero;
		assert_int_equal(engine->key_init(worker, &key, CRYPTO_AES_256_CTR, raw, hashes[i],
						  raw, hashes[i] == CRYPTO_HMAC_SHA1 ? 20 : 0),
				 0);
		assert_memory_not_equal(&key, &zero, sizeof(key));
		for (unsigned again = 0; again < 2; again++) {
			engine->key_free(worker, &key);
			assert_memory_equal(&key, &zero, sizeof(key));
		}
	}
}

static void an_engine_is_found_by_name(void **state)
{
	(void)state;
	assert_ptr_equal(crypto_engine_find("ipsec_mb"), &crypto_engine_ipsec_mb);
	assert_ptr_equal(crypto_engine_find("libsrtp"), &crypto_engine_libsrtp);
	assert_null(crypto_engine_find("rot13"));
	assert_int_equal(errno, ENOENT);
}

static void the_probe_names_the_features(void **state)
{
	char features[32] = "";
	char cut[4];

	(void)state;
	assert_int_equal(engine->probe(features, sizeof(features)), 0);
	assert_true(strlen(features) > 0);
	assert_int_equal(engine->probe(cut, sizeof(cut)), 0);
	assert_true(strlen(cut) < sizeof(cut));
	assert_int_equal(engine->probe(NULL, 0), 0);
}

static int no_probe(char *features, size_t size)
{
	if (size > 0)
		snprintf(features, size, "none");
	return -ENOTSUP;
}

/* Another engine is never taken in the place of the one that was asked for. */
static void an_engine_that_does_not_run_here_is_refused_with_what_does(void **state)
{
	const struct crypto_engine broken = {
	    .name = "warp", .needs = "a warp core", .probe = no_probe};
	const struct crypto_engine *const engines[] = {&broken, engine, NULL};
	const struct crypto_engine *const alone[] = {&broken, NULL};
	const struct crypto_engine *chosen = NULL;
	char features[32], error[160], expected[160];

	(void)state;
	assert_int_equal(crypto_engine_choose(engines, "warp", &chosen, features, sizeof(features),
					      error, sizeof(error)),
			 -ENOTSUP);
	assert_null(chosen);
	snprintf(expected, sizeof(expected),
		 "crypto engine warp does not run on this machine: it needs a warp core; engines "
		 "that do run here: %s",
		 engine->name);
	assert_string_equal(error, expected);
	assert_int_equal(crypto_engine_choose(alone, "warp", &chosen, features, sizeof(features),
					      error, sizeof(error)),
			 -ENOTSUP);
	assert_string_equal(error, "crypto engine warp does not run on this machine: it needs a "
				   "warp core; no other does either");
	assert_int_equal(crypto_engine_choose(engines, engine->name, &chosen, features,
					      sizeof(features), error, sizeof(error)),
			 0);
	assert_ptr_equal(chosen, engine);
}

static void an_unknown_engine_is_refused_with_a_list_of_those_there_are(void **state)
{
	const struct crypto_engine *chosen = NULL;
	char features[32], error[160];

	(void)state;
	assert_int_equal(crypto_engine_choose(crypto_engines, "rot13", &chosen, features,
					      sizeof(features), error, sizeof(error)),
			 -ENOENT);
	assert_null(chosen);
	assert_string_equal(error, "there is no crypto engine \"rot13\"; there are ipsec_mb, "
				   "libsrtp");
}

static void what_the_engine_cannot_do_is_refused(void **state)
{
	struct crypto_key key;
	uint8_t raw[65] = {0};

	(void)state;
	assert_int_equal(engine->key_init(worker, &key, 99, raw, CRYPTO_HASH_NONE, NULL, 0),
			 -ENOTSUP);
	assert_int_equal(engine->key_init(worker, &key, CRYPTO_AES_128_CTR, raw, 99, raw, 20),
			 -ENOTSUP);
	assert_int_equal(engine->key_init(worker, &key, CRYPTO_CIPHER_NONE, NULL, CRYPTO_HMAC_SHA1,
					  raw, sizeof(raw)),
			 -ENOTSUP);
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
	    cmocka_unit_test(keystream_is_that_of_the_vectors),
	    cmocka_unit_test(hmac_is_that_of_the_vectors),
	    cmocka_unit_test(a_mixed_burst_is_the_same_as_one_by_one),
	    cmocka_unit_test(no_cipher_and_no_hash_are_passed_over),
	    cmocka_unit_test(an_op_without_length_is_passed_over),
	    cmocka_unit_test(a_burst_touches_nothing_behind_its_data),
	    cmocka_unit_test(all_engines_make_the_same),
	    cmocka_unit_test(a_freed_key_is_all_zero_and_may_be_freed_again),
	    cmocka_unit_test(an_engine_is_found_by_name),
	    cmocka_unit_test(an_engine_that_does_not_run_here_is_refused_with_what_does),
	    cmocka_unit_test(an_unknown_engine_is_refused_with_a_list_of_those_there_are),
	    cmocka_unit_test(the_probe_names_the_features),
	    cmocka_unit_test(what_the_engine_cannot_do_is_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
