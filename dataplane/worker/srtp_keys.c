/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker/srtp_keys.h"

#include <string.h>

#include "media/kdf.h"

struct derivation {
	struct srtp_worker *worker;
	struct crypto_key master;
	struct rtp_kdf kdf;
	const struct rtp_suite *suite;
};

/* Session keys of RTP or RTCP as they are derived. */
struct raw_keys {
	uint8_t cipher[RTP_KEY_MAX];
	uint8_t auth[RTP_AUTH_KEY_MAX];
	uint8_t salt[RTP_SALT_MAX];
};

static void keystream(void *user, const uint8_t iv[16], uint8_t *out, size_t length)
{
	struct derivation *derivation = user;
	struct crypto_op op = {
	    .key = &derivation->master,
	    .data = out,
	    .length = (uint16_t)length,
	};

	memcpy(op.iv, iv, sizeof(op.iv));
	derivation->worker->engine->cipher_burst(derivation->worker->engine_worker, &op, 1);
	explicit_bzero(&op, sizeof(op));
}

static int derivation_begin(struct derivation *derivation, struct srtp_worker *worker,
			    const struct sluice_key *key)
{
	const struct rtp_suite *suite = rtp_suite_find(key->suite);

	*derivation = (struct derivation){
	    .worker = worker,
	    .suite = suite,
	    .kdf = {.keystream = keystream,
		    .user = derivation,
		    .salt = key->key + suite->key_length,
		    .salt_length = suite->salt_length},
	};
	return worker->engine->key_init(worker->engine_worker, &derivation->master,
					srtp_cipher_of(suite), key->key, CRYPTO_HASH_NONE, NULL, 0);
}

static void derivation_end(struct derivation *derivation)
{
	struct srtp_worker *worker = derivation->worker;

	worker->engine->key_free(worker->engine_worker, &derivation->master);
	explicit_bzero(derivation, sizeof(*derivation));
}

/* first: the label of the cipher key (RFC 3711 4.3.2). */
static void derive(const struct derivation *derivation, enum rtp_kdf_label first,
		   struct raw_keys *raw)
{
	const struct rtp_suite *suite = derivation->suite;

	memset(raw, 0, sizeof(*raw));
	rtp_kdf_derive(&derivation->kdf, first, raw->cipher, suite->key_length);
	if (suite->auth_key_length > 0)
		rtp_kdf_derive(&derivation->kdf, first + 1, raw->auth, suite->auth_key_length);
	rtp_kdf_derive(&derivation->kdf, first + 2, raw->salt, suite->salt_length);
}

static int key_make(struct srtp_worker *worker, struct crypto_key *key,
		    const struct rtp_suite *suite, const uint8_t *cipher, const uint8_t *auth)
{
	return worker->engine->key_init(worker->engine_worker, key, srtp_cipher_of(suite), cipher,
					srtp_hash_of(suite), auth, suite->auth_key_length);
}

static void rtcp_keys_keep(struct srtp_context *context, const struct rtp_suite *suite,
			   const struct raw_keys *raw)
{
	uint8_t *keys = srtp_rest(context)->rtcp_keys;

	memcpy(keys, raw->cipher, suite->key_length);
	memcpy(keys + suite->key_length, raw->auth, suite->auth_key_length);
	memcpy(srtp_rest(context)->rtcp_salt, raw->salt, sizeof(raw->salt));
}

int srtp_keys_make(struct srtp_context *context, struct srtp_worker *worker,
		   const struct sluice_key *key)
{
	const struct rtp_suite *suite = rtp_suite_find(key->suite);
	struct derivation derivation;
	struct raw_keys raw;
	int result = derivation_begin(&derivation, worker, key);

	if (result < 0)
		return result;
	derive(&derivation, RTP_KDF_RTP_CIPHER, &raw);
	memcpy(context->rtp_salt, raw.salt, suite->salt_length);
	result = key_make(worker, &context->rtp_key, suite, raw.cipher, raw.auth);
	derive(&derivation, RTP_KDF_RTCP_CIPHER, &raw);
	if (result == 0)
		rtcp_keys_keep(context, suite, &raw);
	derivation_end(&derivation);
	explicit_bzero(&raw, sizeof(raw));
	return result;
}

bool srtp_keys_same(const struct srtp_context *context, struct srtp_worker *worker,
		    const struct sluice_key *key)
{
	const struct rtp_suite *suite = rtp_suite_find(key->suite);
	const uint8_t *keys = srtp_rest(context)->rtcp_keys;
	struct derivation derivation;
	struct raw_keys raw;
	bool same;

	if (derivation_begin(&derivation, worker, key) < 0)
		return false;
	derive(&derivation, RTP_KDF_RTCP_CIPHER, &raw);
	/* all three, whatever the first says */
	same = bytes_equal_ct(raw.cipher, keys, suite->key_length);
	same &= bytes_equal_ct(raw.auth, keys + suite->key_length, suite->auth_key_length);
	same &= bytes_equal_ct(raw.salt, srtp_rest(context)->rtcp_salt, sizeof(raw.salt));
	derivation_end(&derivation);
	explicit_bzero(&raw, sizeof(raw));
	return same;
}

const struct crypto_key *srtp_keys_rtcp(struct srtp_worker *worker,
					const struct srtp_context *context)
{
	const struct rtp_suite *suite = rtp_suite_find(context->suite);
	const uint8_t *keys = srtp_rest(context)->rtcp_keys;
	struct crypto_key *key = &worker->rtcp_keys[worker->rtcp_key_count];

	if (key_make(worker, key, suite, keys, keys + suite->key_length) < 0)
		return NULL;
	worker->rtcp_key_count++;
	return key;
}

void srtp_keys_rtcp_forget(struct srtp_worker *worker)
{
	while (worker->rtcp_key_count > 0)
		worker->engine->key_free(worker->engine_worker,
					 &worker->rtcp_keys[--worker->rtcp_key_count]);
}
