/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Crypto engine on the ciphers and the hash inside libsrtp2: for CPUs that IPsec-MB does not know,
 * and as a reference beside it. Debian builds libsrtp2 on NSS, so a key is a set of objects on
 * NSS's heap, and each packet costs it a few allocations: some microseconds.
 *
 * Its counter mode counts in the last 16 bits of the block, which is what SRTP needs: a packet has
 * fewer than 2^16 blocks, and counts from 0, or under GCM from 2.
 *
 * Its AES-GCM makes a tag only while it encrypts. The tag of a ciphertext is that of its plaintext
 * encrypted, so the plaintext is made aside, in scratch of the worker that is wiped behind it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libsrtp's headers are not free of what our warnings are for. */
#include <srtp2/auth.h>
#include <srtp2/cipher.h>

#include "crypto/engine.h"

/* Exported by the library; weak, since which of them there are depends on how it was built. */
extern const srtp_cipher_type_t srtp_aes_icm_128 __attribute__((weak));
extern const srtp_cipher_type_t srtp_aes_icm_192 __attribute__((weak));
extern const srtp_cipher_type_t srtp_aes_icm_256 __attribute__((weak));
extern const srtp_cipher_type_t srtp_aes_gcm_128 __attribute__((weak));
extern const srtp_cipher_type_t srtp_aes_gcm_256 __attribute__((weak));
extern const srtp_auth_type_t srtp_hmac __attribute__((weak));

#define ICM_SALT \
	14U /* bytes that libsrtp wants behind a key; all zero, as the IV has the salt in it */
#define GCM_SALT 12U
#define GCM_IV 12U
#define GCM_TAG 16U
#define GCM_PAYLOAD_COUNTER 2U
#define HMAC_TAG 20U
#define RAW_KEY_MAX (32U + ICM_SALT)

/* Which of a key's objects is which. */
enum object { OBJECT_COUNTER, OBJECT_GCM, OBJECT_HMAC };

struct crypto_engine_worker {
	uint8_t scratch[CRYPTO_LENGTH_MAX + GCM_TAG]; /* libsrtp writes the tag behind the data */
};

static const struct {
	const srtp_cipher_type_t *counter;
	const srtp_cipher_type_t *gcm; /* NULL: there is no such suite */
	unsigned key_length;
} ciphers[] = {
    [CRYPTO_AES_128_CTR] = {&srtp_aes_icm_128, &srtp_aes_gcm_128, 16},
    [CRYPTO_AES_192_CTR] = {&srtp_aes_icm_192, NULL, 24},
    [CRYPTO_AES_256_CTR] = {&srtp_aes_icm_256, &srtp_aes_gcm_256, 32},
};
#define CIPHER_COUNT (sizeof(ciphers) / sizeof(ciphers[0]))

/* ---- probe ---- */

static const char *cpu_features(void)
{
#if defined(__x86_64__) || defined(__i386__)
	return __builtin_cpu_supports("aes") ? " aes-ni" : " no aes-ni";
#else
	return "";
#endif
}

/* "2.5.0" of "libsrtp2 2.5.0", and "NSS" of "AES-128 counter mode using NSS". */
static const char *last_word(const char *text)
{
	const char *space = text ? strrchr(text, ' ') : NULL;

	return space ? space + 1 : "?";
}

static bool self_tests_pass(void)
{
	for (size_t i = CRYPTO_AES_128_CTR; i < CIPHER_COUNT; i++) {
		if (ciphers[i].counter &&
		    srtp_cipher_type_self_test(ciphers[i].counter) != srtp_err_status_ok)
			return false;
		if (ciphers[i].gcm &&
		    srtp_cipher_type_self_test(ciphers[i].gcm) != srtp_err_status_ok)
			return false;
	}
	return srtp_auth_type_self_test(&srtp_hmac) == srtp_err_status_ok;
}

static int libsrtp_probe(char *features, size_t size)
{
	if (!&srtp_aes_icm_128 || !&srtp_hmac)
		return -ENOTSUP;
	if (size > 0)
		snprintf(features, size, "%s %s%s", last_word(srtp_get_version_string()),
			 last_word(srtp_aes_icm_128.description), cpu_features());
	return self_tests_pass() ? 0 : -ENOTSUP;
}

/* ---- worker ---- */

static int libsrtp_worker_new(struct crypto_engine_worker **worker)
{
	*worker = calloc(1, sizeof(**worker));
	return *worker ? 0 : -ENOMEM;
}

static void libsrtp_worker_free(struct crypto_engine_worker *worker)
{
	if (!worker)
		return;
	explicit_bzero(worker, sizeof(*worker));
	free(worker);
}

/* ---- keys ---- */

static srtp_cipher_t *cipher_of(const struct crypto_key *key, enum object object)
{
	return key->object[object];
}

static int status_to_errno(srtp_err_status_t status)
{
	switch (status) {
	case srtp_err_status_ok:
		return 0;
	case srtp_err_status_alloc_fail:
		return -ENOMEM;
	default:
		return -ENOTSUP;
	}
}

static int cipher_make(struct crypto_key *key, enum object object, const srtp_cipher_type_t *type,
		       const uint8_t *raw, unsigned raw_length, unsigned salt_length)
{
	uint8_t salted[RAW_KEY_MAX] = {0};
	srtp_cipher_t *cipher = NULL;
	srtp_err_status_t status;

	if (!type)
		return -ENOTSUP;
	status = srtp_cipher_type_alloc(type, &cipher, (int)(raw_length + salt_length),
					object == OBJECT_GCM ? (int)GCM_TAG : 0);
	if (status != srtp_err_status_ok)
		return status_to_errno(status);
	key->object[object] = cipher;
	memcpy(salted, raw, raw_length);
	status = srtp_cipher_init(cipher, salted);
	explicit_bzero(salted, sizeof(salted));
	return status_to_errno(status);
}

static int hmac_make(struct crypto_key *key, const uint8_t *raw, size_t length)
{
	srtp_auth_t *auth = NULL;
	srtp_err_status_t status;

	status = srtp_auth_type_alloc(&srtp_hmac, &auth, (int)length, (int)HMAC_TAG);
	if (status != srtp_err_status_ok)
		return status_to_errno(status);
	key->object[OBJECT_HMAC] = auth;
	return status_to_errno(srtp_auth_init(auth, raw));
}

static void libsrtp_key_free(struct crypto_engine_worker *worker, struct crypto_key *key)
{
	srtp_auth_t *auth = key->object[OBJECT_HMAC];

	(void)worker;
	/* libsrtp wipes its objects before it frees them */
	if (cipher_of(key, OBJECT_COUNTER))
		srtp_cipher_dealloc(cipher_of(key, OBJECT_COUNTER));
	if (cipher_of(key, OBJECT_GCM))
		srtp_cipher_dealloc(cipher_of(key, OBJECT_GCM));
	if (auth)
		srtp_auth_dealloc(auth);
	explicit_bzero(key, crypto_key_bytes(key));
}

static int objects_make(struct crypto_key *key, const uint8_t *cipher_key, const uint8_t *hash_key,
			size_t hash_key_length)
{
	int result = 0;

	if (key->cipher_id != CRYPTO_CIPHER_NONE)
		result = cipher_make(key, OBJECT_COUNTER, ciphers[key->cipher_id].counter,
				     cipher_key, ciphers[key->cipher_id].key_length, ICM_SALT);
	if (result == 0 && key->hash_id == CRYPTO_GHASH)
		result = cipher_make(key, OBJECT_GCM, ciphers[key->cipher_id].gcm, cipher_key,
				     ciphers[key->cipher_id].key_length, GCM_SALT);
	if (result == 0 && key->hash_id == CRYPTO_HMAC_SHA1)
		result = hmac_make(key, hash_key, hash_key_length);
	return result;
}

static int libsrtp_key_init(struct crypto_engine_worker *worker, struct crypto_key *key,
			    enum crypto_cipher cipher, const uint8_t *cipher_key,
			    enum crypto_hash hash, const uint8_t *hash_key, size_t hash_key_length)
{
	int result;

	if (cipher >= CIPHER_COUNT || hash > CRYPTO_GHASH || hash_key_length > CRYPTO_HASH_KEY_MAX)
		return -ENOTSUP;
	if (hash == CRYPTO_GHASH && (cipher == CRYPTO_CIPHER_NONE || hash_key_length > 0))
		return -ENOTSUP;
	memset(key->object, 0, sizeof(key->object));
	key->cipher_id = (uint8_t)cipher;
	key->hash_id = (uint8_t)hash;
	result = objects_make(key, cipher_key, hash_key, hash_key_length);
	if (result < 0)
		libsrtp_key_free(worker, key);
	return result;
}

/* ---- bursts ---- */

/*
 * libsrtp refuses nothing that is in our ranges, but NSS may be out of memory. Going on would send
 * packets in clear or with no tag, so this is the place to stop.
 */
static void must_be_done(srtp_err_status_t status)
{
	if (status != srtp_err_status_ok)
		abort();
}

static void counter_mode(const struct crypto_op *op, uint8_t *data)
{
	srtp_cipher_t *cipher = cipher_of(op->key, OBJECT_COUNTER);
	unsigned int length = op->length;
	uint8_t block[16];

	memcpy(block, op->iv, sizeof(block));
	if (op->key->hash_id == CRYPTO_GHASH) {
		memset(block + GCM_IV, 0, sizeof(block) - GCM_IV);
		block[sizeof(block) - 1] = GCM_PAYLOAD_COUNTER;
	}
	must_be_done(srtp_cipher_set_iv(cipher, block, srtp_direction_encrypt));
	must_be_done(srtp_cipher_encrypt(cipher, data, &length));
}

static void libsrtp_cipher_burst(struct crypto_engine_worker *worker, struct crypto_op *ops,
				 unsigned n)
{
	(void)worker;
	assert(n <= CRYPTO_BURST_MAX);
	for (unsigned i = 0; i < n; i++) {
		if (ops[i].length > 0 && ops[i].key->cipher_id != CRYPTO_CIPHER_NONE)
			counter_mode(&ops[i], ops[i].data);
	}
}

static void gcm_tag_make(struct crypto_engine_worker *worker, struct crypto_op *op)
{
	srtp_cipher_t *cipher = cipher_of(op->key, OBJECT_GCM);
	unsigned int length = op->length;
	uint32_t tag_length = GCM_TAG;

	assert(op->authentic_length <= CRYPTO_AAD_MAX);
	if (op->length > 0) {
		memcpy(worker->scratch, op->data, op->length);
		counter_mode(op, worker->scratch);
	}
	must_be_done(srtp_cipher_set_iv(cipher, op->iv, srtp_direction_encrypt));
	must_be_done(srtp_cipher_set_aad(cipher, op->authentic, op->authentic_length));
	must_be_done(srtp_cipher_encrypt(cipher, worker->scratch, &length));
	must_be_done(srtp_cipher_get_tag(cipher, op->tag, &tag_length));
	explicit_bzero(worker->scratch, op->length);
}

static void hmac_make_tag(struct crypto_op *op)
{
	srtp_auth_t *auth = op->key->object[OBJECT_HMAC];

	must_be_done(srtp_auth_start(auth));
	must_be_done(srtp_auth_compute(auth, op->authentic, (int)op->authentic_length, op->tag));
}

static void libsrtp_tag_burst(struct crypto_engine_worker *worker, struct crypto_op *ops,
			      unsigned n)
{
	assert(n <= CRYPTO_BURST_MAX);
	for (unsigned i = 0; i < n; i++) {
		if (ops[i].key->hash_id == CRYPTO_GHASH)
			gcm_tag_make(worker, &ops[i]);
		else if (ops[i].key->hash_id == CRYPTO_HMAC_SHA1 && ops[i].authentic_length > 0)
			hmac_make_tag(&ops[i]);
	}
}

const struct crypto_engine crypto_engine_libsrtp = {
    .name = "libsrtp",
    .needs = "libsrtp2 with AES counter mode, and its self-tests passed",
    .degraded = "crypto engine libsrtp is slow and keeps keys outside locked memory",
    .probe = libsrtp_probe,
    .worker_new = libsrtp_worker_new,
    .worker_free = libsrtp_worker_free,
    .key_init = libsrtp_key_init,
    .key_free = libsrtp_key_free,
    .cipher_burst = libsrtp_cipher_burst,
    .tag_burst = libsrtp_tag_burst,
};
