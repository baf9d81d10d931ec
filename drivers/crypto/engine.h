/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Crypto engines behind one small table of functions. An engine does raw ciphers and hashes in
 * bursts over many contexts; it knows no SRTP. The SRTP rules are the caller's.
 *
 * Thread: a context of an engine (struct crypto_engine_worker) belongs to one thread. Keys may be
 * prepared by one thread and used by another once handed over.
 */
#pragma once

#include <assert.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum crypto_cipher {
	CRYPTO_CIPHER_NONE,
	CRYPTO_AES_128_CTR,
	CRYPTO_AES_192_CTR,
	CRYPTO_AES_256_CTR
};
enum crypto_hash {
	CRYPTO_HASH_NONE,
	CRYPTO_HMAC_SHA1,
	CRYPTO_GHASH /* of AES-GCM, under the cipher's key: has none of its own */
};

#define CRYPTO_BURST_MAX 64U
#define CRYPTO_HASH_LENGTH_MAX 16384U /* bytes; more than any packet of ours */

/*
 * Session keys in the form that the engine wants. The hash state comes first, so that a packet of
 * an AES-128 suite touches four cache lines of its key, not five.
 */
struct crypto_key {
	union {
		struct {
			uint8_t hash_inner[20]; /* HMAC state after the inner padded key */
			uint8_t pad[12];
			uint8_t hash_outer[20]; /* after the outer one */
		};
		uint8_t ghash_powers[3][16]; /* of H: H, H^2, H^3 */
	};
	uint8_t cipher_id; /* enum crypto_cipher */
	uint8_t hash_id;   /* enum crypto_hash */
	uint8_t pad2[10];
	alignas(64) uint8_t cipher[16 * 15]; /* expanded AES key */
};
static_assert(sizeof(struct crypto_key) == 320, "a key is five cache lines");
static_assert(offsetof(struct crypto_key, cipher) == 64, "round keys begin a cache line");

struct crypto_cipher_op { /* in place */
	const struct crypto_key *key;
	uint8_t *data;
	uint32_t length; /* bytes, above 0 */
	uint8_t iv[16];  /* initial counter block */
};

struct crypto_hash_op {
	const struct crypto_key *key;
	const uint8_t *data;
	uint32_t length; /* bytes, 1 to CRYPTO_HASH_LENGTH_MAX */
	uint8_t tag[20]; /* out: the whole HMAC; the caller truncates */
};

/*
 * The tag of AES-GCM (NIST SP 800-38D 7.1) over ciphertext. The encryption itself is a cipher op
 * whose counter block is iv with 2 in the last four bytes. So a tag can be checked before anything
 * is decrypted.
 */
struct crypto_gcm_op {
	const struct crypto_key *key; /* with CRYPTO_GHASH */
	const uint8_t *aad;           /* data that is authenticated but not encrypted */
	const uint8_t *data;          /* ciphertext */
	uint8_t *tag;                 /* out: 16 bytes */
	uint32_t aad_length;          /* bytes, from 0 */
	uint32_t length;              /* bytes, from 0; both at most CRYPTO_HASH_LENGTH_MAX */
	uint8_t iv[16];               /* 12 bytes, then 1 as a big-endian word of four */
};

struct crypto_engine_worker;

struct crypto_engine {
	const char *name; /* "ipsec_mb" */
	/* 0, or -ENOTSUP when this CPU cannot run it. features takes text such as "avx512". */
	int (*probe)(char *features, size_t size);
	int (*worker_new)(struct crypto_engine_worker **worker);
	void (*worker_free)(struct crypto_engine_worker *worker);
	/*
	 * Prepares key from raw session keys. cipher_key has the length that the cipher asks for;
	 * hash_key_length at most 64. CRYPTO_GHASH asks for a cipher and for no hash key. What key
	 * held before is overwritten. Returns 0; -ENOTSUP: the engine cannot do that; -ENOMEM; then
	 * there is nothing to free.
	 */
	int (*key_init)(struct crypto_engine_worker *worker, struct crypto_key *key,
			enum crypto_cipher cipher, const uint8_t *cipher_key, enum crypto_hash hash,
			const uint8_t *hash_key, size_t hash_key_length);
	/*
	 * Wipes key and gives back what the engine keeps outside it. Any worker of the engine, in
	 * any thread, once no burst uses the key. A key that is all zero is allowed.
	 */
	void (*key_free)(struct crypto_engine_worker *worker, struct crypto_key *key);
	/*
	 * n up to CRYPTO_BURST_MAX, ciphers and keys may be mixed; an op whose key has no cipher
	 * (or no HMAC) is passed over. Never fails for valid input. Counter mode: the same call
	 * encrypts and decrypts.
	 */
	void (*cipher_burst)(struct crypto_engine_worker *worker, struct crypto_cipher_op *ops,
			     unsigned n);
	void (*hash_burst)(struct crypto_engine_worker *worker, struct crypto_hash_op *ops,
			   unsigned n);
	/* The same for GCM; hash_burst passes over such keys. */
	void (*gcm_tag_burst)(struct crypto_engine_worker *worker, const struct crypto_gcm_op *ops,
			      unsigned n);
};

extern const struct crypto_engine crypto_engine_ipsec_mb;

/* The engine of that name, or NULL with errno ENOENT. */
const struct crypto_engine *crypto_engine_find(const char *name);
