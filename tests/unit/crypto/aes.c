/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AES of the engine ipsec_mb, whose keys are expanded on the way: against the vectors of NIST, and
 * both of its ways against IPsec-MB's own schedule and counter mode. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <intel-ipsec-mb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/aes.h"
#include "crypto/ipsec_mb.h"
#include "hex.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))
#define DATA_MAX 2100U
#define GUARD 0xa5
#define KEYS 9U

static const struct crypto_engine *const engine = &crypto_engine_ipsec_mb;
static struct crypto_engine_worker *worker;
static IMB_MGR *manager;

static const enum crypto_cipher ciphers[] = {CRYPTO_AES_128_CTR, CRYPTO_AES_192_CTR,
					     CRYPTO_AES_256_CTR};
static const enum ipsec_mb_way ways[] = {IPSEC_MB_LIBRARY, IPSEC_MB_BEST};

/* By cipher, then number. */
static uint8_t raw[ROWS(ciphers)][KEYS][32];
static struct crypto_key keys[ROWS(ciphers)][KEYS];

static uint32_t random_next(void)
{
	static uint32_t state = 0xae5u;

	state = state * 1664525u + 1013904223u;
	return state >> 8;
}

static void random_fill(uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		bytes[i] = (uint8_t)random_next();
}

/* What the keystream of IPsec-MB itself makes of data, from raw keys on. */
static void reference(uint8_t *data, uint32_t length, unsigned cipher, const uint8_t *key,
		      const uint8_t iv[16])
{
	static struct aes_schedule encrypt, decrypt;

	switch (ciphers[cipher]) {
	case CRYPTO_AES_128_CTR:
		IMB_AES_KEYEXP_128(manager, key, &encrypt, &decrypt);
		break;
	case CRYPTO_AES_192_CTR:
		IMB_AES_KEYEXP_192(manager, key, &encrypt, &decrypt);
		break;
	default:
		IMB_AES_KEYEXP_256(manager, key, &encrypt, &decrypt);
		break;
	}
	if (length > 0) {
		IMB_JOB job = {.cipher_mode = IMB_CIPHER_CNTR,
			       .cipher_direction = IMB_DIR_ENCRYPT,
			       .chain_order = IMB_ORDER_CIPHER_HASH,
			       .hash_alg = IMB_AUTH_NULL,
			       .enc_keys = &encrypt,
			       .dec_keys = &encrypt,
			       .key_len_in_bytes = crypto_cipher_key_size(ciphers[cipher]),
			       .src = data,
			       .dst = data,
			       .msg_len_to_cipher_in_bytes = length,
			       .iv = iv,
			       .iv_len_in_bytes = 16};

		assert_int_equal(IMB_SUBMIT_CIPHER_BURST_NOCHECK(
				     manager, &job, 1, IMB_CIPHER_CNTR, IMB_DIR_ENCRYPT,
				     (IMB_KEY_SIZE_BYTES)job.key_len_in_bytes),
				 1);
	}
}

/* NIST SP 800-38A F.5: CTR-AES128, 192 and 256. */
static const struct {
	enum crypto_cipher cipher;
	const char *key, *ciphertext;
} counter_vectors[] = {
    {CRYPTO_AES_128_CTR, "2b7e151628aed2a6abf7158809cf4f3c",
     "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff"
     "5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee"},
    {CRYPTO_AES_192_CTR, "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
     "1abc932417521ca24f2b0459fe7e6e0b090339ec0aa6faefd5ccc2c6f4ce8e94"
     "1e36b26bd1ebc670d1bd1d665620abf74f78a7f6d29809585a97daec58c6b050"},
    {CRYPTO_AES_256_CTR, "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
     "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5"
     "2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6"},
};
#define COUNTER_IV "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"
#define COUNTER_PLAINTEXT                                                  \
	"6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51" \
	"30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"

static void counter_mode_is_that_of_the_vectors_both_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(counter_vectors); i++)
		for (size_t way = 0; way < ROWS(ways); way++) {
			uint8_t key[32], data[64], expected[64];
			struct crypto_key made;
			struct crypto_op op = {.key = &made, .data = data, .length = sizeof(data)};

			hex_decode(counter_vectors[i].key, key, sizeof(key));
			hex_decode(counter_vectors[i].ciphertext, expected, sizeof(expected));
			hex_decode(COUNTER_PLAINTEXT, data, sizeof(data));
			hex_decode(COUNTER_IV, op.iv, sizeof(op.iv));
			assert_int_equal(engine->key_init(worker, &made, counter_vectors[i].cipher,
							  key, CRYPTO_HASH_NONE, NULL, 0),
					 0);
			ipsec_mb_cipher_use(worker, ways[way]);
			engine->cipher_burst(worker, &op, 1);
			assert_memory_equal(data, expected, sizeof(data));
			engine->key_free(worker, &made);
		}
}

/* FIPS 197 appendix C: one block under each of three keys, in one burst of mixed ciphers. */
static void blocks_under_keys_of_their_own_are_those_of_the_vectors(void **state)
{
	static const char *const expected[] = {"69c4e0d86a7b0430d8cdb78070b4c55a",
					       "dda97ca4864cdfe06eaf70a0ec0d7191",
					       "8ea2b7ca516745bfeafc49904b496089"};
	aes_blocks_fn *const both[] = {
	    aes_blocks_portable, aes_vaes_runs_here() ? aes_blocks_vaes : aes_blocks_portable};

	(void)state;
	for (size_t way = 0; way < ROWS(both); way++) {
		/* five of each, so that lanes are full, and are not */
		struct crypto_key key[ROWS(expected)];
		uint8_t block[5 * ROWS(expected)][AES_BLOCK], made[AES_BLOCK];
		struct aes_block_op ops[ROWS(block)];

		for (size_t i = 0; i < ROWS(key); i++) {
			uint8_t bytes[32];

			for (size_t at = 0; at < sizeof(bytes); at++)
				bytes[at] = (uint8_t)at;
			assert_int_equal(engine->key_init(worker, &key[i], ciphers[i], bytes,
							  CRYPTO_HASH_NONE, NULL, 0),
					 0);
		}
		for (size_t i = 0; i < ROWS(block); i++) {
			hex_decode("00112233445566778899aabbccddeeff", block[i], AES_BLOCK);
			ops[i] = (struct aes_block_op){.key = &key[i / 5], .block = block[i]};
		}
		both[way](ops, ROWS(ops));
		for (size_t i = 0; i < ROWS(block); i++) {
			hex_decode(expected[i / 5], made, sizeof(made));
			assert_memory_equal(block[i], made, AES_BLOCK);
		}
	}
}

static void round_keys_are_those_that_the_library_makes(void **state)
{
	static struct aes_schedule ours, library, decrypt;

	(void)state;
	for (unsigned i = 0; i < 300; i++) {
		enum crypto_cipher cipher = ciphers[i % ROWS(ciphers)];
		uint8_t key[32];

		random_fill(key, sizeof(key));
		aes_expand(&ours, cipher, key);
		if (cipher == CRYPTO_AES_128_CTR)
			IMB_AES_KEYEXP_128(manager, key, &library, &decrypt);
		else if (cipher == CRYPTO_AES_192_CTR)
			IMB_AES_KEYEXP_192(manager, key, &library, &decrypt);
		else
			IMB_AES_KEYEXP_256(manager, key, &library, &decrypt);
		assert_memory_equal(&ours, &library, AES_BLOCK * (aes_rounds(cipher) + 1));
	}
}

struct burst {
	uint8_t bytes[CRYPTO_BURST_MAX][DATA_MAX + 1];
	struct crypto_op ops[CRYPTO_BURST_MAX];
	unsigned cipher[CRYPTO_BURST_MAX], key[CRYPTO_BURST_MAX];
	unsigned n;
};

static void burst_fill(struct burst *burst)
{
	for (unsigned i = 0; i < burst->n; i++) {
		burst->cipher[i] = random_next() % ROWS(ciphers);
		burst->key[i] = random_next() % KEYS;
		random_fill(burst->bytes[i], burst->ops[i].length);
		burst->bytes[i][burst->ops[i].length] = GUARD;
		burst->ops[i].key = &keys[burst->cipher[i]][burst->key[i]];
		burst->ops[i].data = burst->bytes[i];
		random_fill(burst->ops[i].iv, sizeof(burst->ops[i].iv));
		/* as SRTP's; now and then one that carries into its second byte, or out of all */
		memset(burst->ops[i].iv + 14, random_next() % 4 ? 0 : 0xfe, 2);
		if (random_next() % 8 == 0)
			memset(burst->ops[i].iv + 12, 0xff, 3);
	}
}

static void assert_burst_is_right(struct burst *burst, enum ipsec_mb_way way)
{
	static struct burst expected;

	expected = *burst;
	for (unsigned i = 0; i < burst->n; i++)
		reference(expected.bytes[i], burst->ops[i].length, burst->cipher[i],
			  raw[burst->cipher[i]][burst->key[i]], burst->ops[i].iv);
	ipsec_mb_cipher_use(worker, way);
	engine->cipher_burst(worker, burst->ops, burst->n);
	for (unsigned i = 0; i < burst->n; i++)
		if (memcmp(burst->bytes[i], expected.bytes[i], burst->ops[i].length + 1U) != 0)
			fail_msg("packet %u of %u, %u bytes, cipher %u, way %u", i, burst->n,
				 burst->ops[i].length, burst->cipher[i], (unsigned)way);
}

static void every_length_of_a_packet_is_encrypted_as_by_the_library(void **state)
{
	static struct burst burst = {.n = CRYPTO_BURST_MAX};

	(void)state;
	for (unsigned first = 0; first + burst.n <= DATA_MAX; first += burst.n)
		for (size_t way = 0; way < ROWS(ways); way++) {
			for (unsigned i = 0; i < burst.n; i++)
				burst.ops[i].length = (uint16_t)(first + i);
			burst_fill(&burst);
			assert_burst_is_right(&burst, ways[way]);
		}
}

static void a_burst_of_any_size_and_mixture_is_encrypted_as_by_the_library(void **state)
{
	static struct burst burst;

	(void)state;
	for (unsigned round = 0; round < 400; round++) {
		burst.n = 1 + round % CRYPTO_BURST_MAX;
		for (unsigned i = 0; i < burst.n; i++)
			burst.ops[i].length = (uint16_t)(random_next() % DATA_MAX);
		burst_fill(&burst);
		assert_burst_is_right(&burst, ways[round % 2]);
	}
}

static void a_packet_is_written_to_its_end_and_no_further(void **state)
{
	/* on the heap, so that the address sanitizer and valgrind see a byte too many */
	static const uint16_t lengths[] = {1, 15, 16, 17, 63, 64, 65, 160, 191, 192, 255, 256, 257};

	(void)state;
	for (size_t i = 0; i < ROWS(lengths); i++)
		for (size_t way = 0; way < ROWS(ways); way++) {
			uint8_t *data = calloc(1, lengths[i]), *expected = calloc(1, lengths[i]);
			struct crypto_op op = {
			    .key = &keys[0][0], .data = data, .length = lengths[i]};

			assert_non_null(data);
			assert_non_null(expected);
			ipsec_mb_cipher_use(worker, ways[way]);
			reference(expected, lengths[i], 0, raw[0][0], op.iv);
			engine->cipher_burst(worker, &op, 1);
			assert_memory_equal(data, expected, lengths[i]);
			free(data);
			free(expected);
		}
}

static int setup(void **state)
{
	(void)state;
	manager = alloc_mb_mgr(0);
	if (!manager || engine->worker_new(&worker) != 0)
		return -1;
	init_mb_mgr_auto(manager, NULL);
	for (unsigned c = 0; c < ROWS(ciphers); c++)
		for (unsigned k = 0; k < KEYS; k++) {
			random_fill(raw[c][k], sizeof(raw[c][k]));
			if (engine->key_init(worker, &keys[c][k], ciphers[c], raw[c][k],
					     CRYPTO_HASH_NONE, NULL, 0) != 0)
				return -1;
		}
	if (!aes_vaes_runs_here())
		printf("no VAES here: the library's counter mode is compared with itself\n");
	return 0;
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
	    cmocka_unit_test(counter_mode_is_that_of_the_vectors_both_ways),
	    cmocka_unit_test(blocks_under_keys_of_their_own_are_those_of_the_vectors),
	    cmocka_unit_test(round_keys_are_those_that_the_library_makes),
	    cmocka_unit_test(every_length_of_a_packet_is_encrypted_as_by_the_library),
	    cmocka_unit_test(a_burst_of_any_size_and_mixture_is_encrypted_as_by_the_library),
	    cmocka_unit_test(a_packet_is_written_to_its_end_and_no_further),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
