/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HMAC-SHA1 of the engine ipsec_mb: the one in step against the library's, on the same bursts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/engine.h"
#include "crypto/hmac_sha1.h"
#include "crypto/ipsec_mb.h"

#define MESSAGE_MAX 2100U
#define KEYS 7U
#define GUARD 0xa5 /* behind a tag, and around messages */

static const struct crypto_engine *const engine = &crypto_engine_ipsec_mb;
static struct crypto_engine_worker *worker;
static struct crypto_key keys[KEYS];

struct messages {
	uint8_t bytes[CRYPTO_BURST_MAX][MESSAGE_MAX];
	uint16_t length[CRYPTO_BURST_MAX];
	unsigned n;
};

static uint32_t random_next(void)
{
	static uint32_t state = 0x51u;

	state = state * 1664525u + 1013904223u;
	return state >> 8;
}

static void messages_fill(struct messages *messages)
{
	for (unsigned i = 0; i < messages->n; i++)
		for (unsigned at = 0; at < MESSAGE_MAX; at++)
			messages->bytes[i][at] = (uint8_t)random_next();
}

static void tags_make(struct messages *messages, enum ipsec_mb_way hmac,
		      uint8_t tags[CRYPTO_BURST_MAX][20])
{
	static struct crypto_op ops[CRYPTO_BURST_MAX];

	for (unsigned i = 0; i < messages->n; i++) {
		ops[i] = (struct crypto_op){.key = &keys[i % KEYS],
					    .authentic = messages->bytes[i],
					    .authentic_length = messages->length[i]};
		memset(ops[i].iv, GUARD, sizeof(ops[i].iv));
	}
	ipsec_mb_hmac_use(worker, hmac);
	engine->tag_burst(worker, ops, messages->n);
	for (unsigned i = 0; i < messages->n; i++) {
		memcpy(tags[i], ops[i].tag, sizeof(ops[i].tag));
		assert_int_equal(ops[i].iv[0], GUARD);
	}
}

static void assert_same_tags(struct messages *messages)
{
	static uint8_t expected[CRYPTO_BURST_MAX][20], made[CRYPTO_BURST_MAX][20];

	tags_make(messages, IPSEC_MB_LIBRARY, expected);
	tags_make(messages, IPSEC_MB_BEST, made);
	for (unsigned i = 0; i < messages->n; i++)
		if (memcmp(expected[i], made[i], sizeof(made[i])) != 0)
			fail_msg("message %u of %u, %u bytes", i, messages->n, messages->length[i]);
}

static void every_length_of_a_packet_has_the_tag_that_the_library_makes(void **state)
{
	static struct messages messages = {.n = CRYPTO_BURST_MAX};

	(void)state;
	messages_fill(&messages);
	for (unsigned first = 1; first + messages.n < MESSAGE_MAX; first += messages.n) {
		for (unsigned i = 0; i < messages.n; i++)
			messages.length[i] = (uint16_t)(first + i);
		assert_same_tags(&messages);
	}
}

static void a_burst_of_any_size_and_mixture_has_the_tags_that_the_library_makes(void **state)
{
	static struct messages messages;

	(void)state;
	for (unsigned round = 0; round < 600; round++) {
		messages.n = 1 + round % CRYPTO_BURST_MAX;
		if (round % 100 == 0)
			messages_fill(&messages);
		for (unsigned i = 0; i < messages.n; i++)
			messages.length[i] = (uint16_t)(1 + random_next() % (MESSAGE_MAX - 1));
		assert_same_tags(&messages);
	}
}

static void a_message_is_read_to_its_end_and_no_further(void **state)
{
	/* on the heap, so that the address sanitizer and valgrind see a byte too many */
	static const uint16_t lengths[] = {1, 12, 55, 56, 63, 64, 65, 119, 120, 128, 176, 1216};

	(void)state;
	ipsec_mb_hmac_use(worker, IPSEC_MB_BEST);
	for (unsigned i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		uint8_t *message = malloc(lengths[i]);
		uint8_t tags[2][20];

		assert_non_null(message);
		memset(message, (int)i, lengths[i]);
		for (unsigned hmac = 0; hmac < 2; hmac++) {
			struct crypto_op op = {
			    .key = &keys[0], .authentic = message, .authentic_length = lengths[i]};

			ipsec_mb_hmac_use(worker, hmac ? IPSEC_MB_BEST : IPSEC_MB_LIBRARY);
			engine->tag_burst(worker, &op, 1);
			memcpy(tags[hmac], op.tag, sizeof(op.tag));
		}
		assert_memory_equal(tags[0], tags[1], sizeof(tags[0]));
		free(message);
	}
}

static void an_op_without_a_message_keeps_its_tag(void **state)
{
	struct crypto_op ops[2] = {{.key = &keys[0]}, {.key = &keys[1]}};
	uint8_t message[64] = {1};
	uint8_t untouched[20];

	(void)state;
	ops[1].authentic = message;
	ops[1].authentic_length = sizeof(message);
	memset(ops[0].tag, GUARD, sizeof(ops[0].tag));
	memset(untouched, GUARD, sizeof(untouched));
	engine->tag_burst(worker, ops, 2);
	assert_memory_equal(ops[0].tag, untouched, sizeof(untouched));
	assert_memory_not_equal(ops[1].tag, untouched, sizeof(untouched));
}

static int setup(void **state)
{
	uint8_t cipher_key[16], hash_key[20];

	(void)state;
	if (engine->worker_new(&worker) != 0)
		return -1;
	for (unsigned k = 0; k < KEYS; k++) {
		for (unsigned i = 0; i < sizeof(hash_key); i++)
			hash_key[i] = (uint8_t)random_next();
		memcpy(cipher_key, hash_key, sizeof(cipher_key));
		if (engine->key_init(worker, &keys[k], CRYPTO_AES_128_CTR, cipher_key,
				     CRYPTO_HMAC_SHA1, hash_key, sizeof(hash_key)) != 0)
			return -1;
	}
	if (!hmac_sha1_avx512_runs_here())
		printf("no AVX-512 here: the library's HMAC is compared with itself\n");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	for (unsigned k = 0; k < KEYS; k++)
		engine->key_free(worker, &keys[k]);
	engine->worker_free(worker);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_length_of_a_packet_has_the_tag_that_the_library_makes),
	    cmocka_unit_test(a_burst_of_any_size_and_mixture_has_the_tags_that_the_library_makes),
	    cmocka_unit_test(a_message_is_read_to_its_end_and_no_further),
	    cmocka_unit_test(an_op_without_a_message_keeps_its_tag),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
