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
#define CRYPTO_LENGTH_MAX 16384U /* bytes of each part of an op; more than any packet of ours */
#define CRYPTO_AAD_MAX 2048U     /* bytes that GCM authenticates but does not encrypt */
#define CRYPTO_HASH_KEY_MAX 64U  /* bytes */

/*
 * Session keys in the form that the engine wants; only crypto_key_size() bytes of it need be there.
 * AES keys are not expanded (crypto/aes.h), so that AES-128 with HMAC-SHA1 takes one cache line.
 */
struct crypto_key {
	alignas(64) uint8_t cipher_id; /* enum crypto_cipher */
	uint8_t hash_id;               /* enum crypto_hash */
	uint8_t caller[6]; /* the caller's, for what would be padding; key_free() wipes it too */
	union {
		struct {
			uint8_t hash_inner[20]; /* HMAC state after the inner padded key */
			uint8_t hash_outer[20]; /* after the outer one */
			uint8_t hmac_cipher[32];
		};
		struct {
			uint8_t gcm_pad[8];
			uint8_t ghash_powers[3][16]; /* of H: H^3, H^2, H */
			uint8_t gcm_cipher[32];
		};
		void *object[3]; /* of an engine that keeps its keys elsewhere */
	};
};
static_assert(sizeof(struct crypto_key) == 128, "a key is at most two cache lines");
static_assert(offsetof(struct crypto_key, hmac_cipher) == 48, "AES-128 and HMAC-SHA1: one line");
static_assert(offsetof(struct crypto_key, gcm_cipher) == 64, "behind a whole line");

/* Bytes of a key of that cipher. */
static inline size_t crypto_cipher_key_size(enum crypto_cipher cipher)
{
	static const uint8_t bytes[] = {[CRYPTO_CIPHER_NONE] = 0,
					[CRYPTO_AES_128_CTR] = 16,
					[CRYPTO_AES_192_CTR] = 24,
					[CRYPTO_AES_256_CTR] = 32};

	return bytes[cipher];
}

/* The key of the cipher, as it is; of an engine that keeps it in key. */
static inline const uint8_t *crypto_key_cipher(const struct crypto_key *key)
{
	return key->hash_id == CRYPTO_GHASH ? key->gcm_cipher : key->hmac_cipher;
}

/* Bytes that a key of such a cipher and hash has. */
static inline size_t crypto_key_size(enum crypto_cipher cipher, enum crypto_hash hash)
{
	return (hash == CRYPTO_GHASH ? offsetof(struct crypto_key, gcm_cipher)
				     : offsetof(struct crypto_key, hmac_cipher)) +
	       crypto_cipher_key_size(cipher);
}

/* The same, of a key that is there. */
static inline size_t crypto_key_bytes(const struct crypto_key *key)
{
	return crypto_key_size((enum crypto_cipher)key->cipher_id, (enum crypto_hash)key->hash_id);
}

/*
 * What is done to one packet: its cipher and its tag, one after the other in the order that the
 * caller asks for them. The caller fills an op once; engines read it where it lies. One cache line.
 *
 * Counter mode with HMAC: authentic is all that is hashed, so data may lie inside it.
 * AES-GCM (NIST SP 800-38D 7.1): authentic is what is authenticated but not encrypted, data what is
 * both; the former is at most CRYPTO_AAD_MAX. The tag is that of data as ciphertext. So a tag can
 * be checked before anything is decrypted.
 */
struct crypto_op {
	alignas(64) const struct crypto_key *key;
	const uint8_t *authentic;
	uint8_t *data;             /* encrypted or decrypted in place */
	uint16_t authentic_length; /* bytes, up to CRYPTO_LENGTH_MAX; of HMAC 0: no tag is made */
	uint16_t length;           /* of data, the same; 0: nothing to encrypt */
	uint8_t tag[20]; /* out: all of the HMAC, or 16 bytes of GCM; the caller truncates */
	uint8_t iv[16];  /* initial counter block; of GCM 12 bytes, the rest is the engine's */
};
static_assert(sizeof(struct crypto_op) == 64, "an op is a cache line");
static_assert(CRYPTO_LENGTH_MAX <= UINT16_MAX, "lengths of an op");

struct crypto_engine_worker;

/*
 * What the caller has to do besides while a burst is worked: fetch memory that it needs next. For
 * that there is time then, as an engine works in registers for hundreds of cycles.
 */
struct crypto_meanwhile {
	void (*run)(void *user, unsigned lines); /* that can come in until the next call */
	void *user;
};

struct crypto_engine {
	const char *name;     /* "ipsec_mb" */
	const char *needs;    /* what it must find here, for an error text */
	const char *degraded; /* why a relay that runs on it is DEGRADED; NULL: it is not */
	/* 0, or -ENOTSUP when it cannot run here. features takes text such as "avx512". */
	int (*probe)(char *features, size_t size);
	int (*worker_new)(struct crypto_engine_worker **worker);
	void (*worker_free)(struct crypto_engine_worker *worker);
	/*
	 * Prepares key from raw session keys. cipher_key has the length that the cipher asks for;
	 * hash_key_length at most CRYPTO_HASH_KEY_MAX. CRYPTO_GHASH asks for a cipher and for no
	 * hash key. What key held before is overwritten, but for the caller's bytes. May be called
	 * in a burst. Returns 0;
	 * -ENOTSUP: the engine cannot do that; -ENOMEM; then there is nothing to free.
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
	 * Encrypts or decrypts n up to CRYPTO_BURST_MAX ops; ciphers and keys may be mixed. An op
	 * of which length is 0, or whose key has no cipher, is passed over. Never fails for valid
	 * input. Counter mode: the same call encrypts and decrypts.
	 */
	void (*cipher_burst)(struct crypto_engine_worker *worker, struct crypto_op *ops,
			     unsigned n);
	/* Makes the tags of n ops in the same way; a key with no hash is passed over. */
	void (*tag_burst)(struct crypto_engine_worker *worker, struct crypto_op *ops, unsigned n);
	/* Has that called now and then during bursts from now on; what it does may touch no op.
	 * NULL: the engine calls nothing. */
	void (*meanwhile)(struct crypto_engine_worker *worker,
			  const struct crypto_meanwhile *meanwhile);
};

/* For engines. */
static inline void crypto_meanwhile_run(const struct crypto_meanwhile *meanwhile, unsigned lines)
{
	if (meanwhile->run)
		meanwhile->run(meanwhile->user, lines);
}

extern const struct crypto_engine crypto_engine_ipsec_mb;
extern const struct crypto_engine crypto_engine_libsrtp;

extern const struct crypto_engine *const crypto_engines[]; /* all of them, then NULL */

/* The engine of that name, or NULL with errno ENOENT. */
const struct crypto_engine *crypto_engine_find(const char *name);

/*
 * The engine of that name among engines (crypto_engines, or a test's), which runs here; another is
 * never taken in its place. features is filled for it. Returns 0, -ENOENT (there is none of that
 * name) or what its probe returned, with a text that says what there is and what would run.
 */
int crypto_engine_choose(const struct crypto_engine *const *engines, const char *name,
			 const struct crypto_engine **chosen, char *features, size_t features_size,
			 char *error, size_t error_size);
