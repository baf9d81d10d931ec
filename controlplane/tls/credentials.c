/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Our certificate and key, and the authorities that we trust, into a context in the making. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "tls/build.h"

#include <wolfssl/openssl/evp.h>

static int check_own(struct tls_build *build, const struct tls_certificate *own)
{
	const char *path = build->settings->certificate;
	int64_t now = (int64_t)time(NULL);
	char when[TLS_TIME_TEXT];

	if (own->not_after < now) {
		tls_time_text(when, sizeof(when), own->not_after);
		return tls_refuse(build, -EKEYEXPIRED, "certificate %s expired on %s", path, when);
	}
	if (own->not_before > now) {
		tls_time_text(when, sizeof(when), own->not_before);
		return tls_refuse(build, -EKEYREJECTED, "certificate %s is not valid before %s",
				  path, when);
	}
	if (build->settings->role == TLS_SERVER && !own->server_auth)
		return tls_refuse(
		    build, -EKEYREJECTED,
		    "certificate %s does not allow server authentication (extended key "
		    "usage); make one that allows serverAuth and clientAuth",
		    path);
	return 0;
}

int tls_use_certificate(struct tls_build *build, struct tls_certificate *own)
{
	const char *path = build->settings->certificate;
	struct tls_blob blob = {NULL, 0};
	struct tls_certificate facts;
	WOLFSSL_X509 *x509 = NULL;
	int result = tls_file_read(build, &blob, "certificate", path, TLS_PUBLIC);

	if (result == 0)
		x509 = wolfSSL_X509_load_certificate_buffer(blob.data, (int)blob.length,
							    WOLFSSL_FILETYPE_PEM);
	if (result == 0 &&
	    (!x509 || wolfSSL_CTX_use_certificate_chain_buffer(
			  build->ctx, blob.data, (long)blob.length) != WOLFSSL_SUCCESS))
		result = tls_refuse(build, -EBADMSG,
				    "certificate %s is not a PEM certificate chain", path);
	if (result == 0) {
		tls_certificate_read(&facts, x509);
		result = check_own(build, &facts);
		if (own)
			*own = facts;
	}
	wolfSSL_X509_free(x509);
	tls_blob_free(&blob);
	return result;
}

/* wolfSSL_CTX_check_private_key() says yes to a foreign ECDSA key in this version: so something is
 * signed with the key and verified with the certificate. */
static bool key_belongs(WOLFSSL_EVP_PKEY *private_key, WOLFSSL_EVP_PKEY *public_key)
{
	static const unsigned char text[] = "key and certificate belong together";
	unsigned char signature[1024]; /* RSA 8192 */
	size_t length = sizeof(signature);
	WOLFSSL_EVP_MD_CTX *signer = wolfSSL_EVP_MD_CTX_new();
	WOLFSSL_EVP_MD_CTX *verifier = wolfSSL_EVP_MD_CTX_new();
	const WOLFSSL_EVP_MD *hash = wolfSSL_EVP_sha256();
	bool belongs =
	    signer && verifier && private_key && public_key &&
	    wolfSSL_EVP_DigestSignInit(signer, NULL, hash, NULL, private_key) == WOLFSSL_SUCCESS &&
	    wolfSSL_EVP_DigestSignUpdate(signer, text, sizeof(text)) == WOLFSSL_SUCCESS &&
	    wolfSSL_EVP_DigestSignFinal(signer, signature, &length) == WOLFSSL_SUCCESS &&
	    wolfSSL_EVP_DigestVerifyInit(verifier, NULL, hash, NULL, public_key) ==
		WOLFSSL_SUCCESS &&
	    wolfSSL_EVP_DigestVerifyUpdate(verifier, text, sizeof(text)) == WOLFSSL_SUCCESS &&
	    wolfSSL_EVP_DigestVerifyFinal(verifier, signature, length) == WOLFSSL_SUCCESS;

	wolfSSL_EVP_MD_CTX_free(signer);
	wolfSSL_EVP_MD_CTX_free(verifier);
	return belongs;
}

static int check_private_key(struct tls_build *build)
{
	WOLFSSL_X509 *x509 = wolfSSL_CTX_get0_certificate(build->ctx); /* borrowed */
	WOLFSSL_EVP_PKEY *public_key = x509 ? wolfSSL_X509_get_pubkey(x509) : NULL;
	bool belongs = key_belongs(wolfSSL_CTX_get0_privatekey(build->ctx), public_key);

	wolfSSL_EVP_PKEY_free(public_key);
	if (belongs)
		return 0;
	return tls_refuse(
	    build, -EKEYREJECTED,
	    "private key %s does not belong to certificate %s (or is neither RSA nor ECDSA)",
	    build->settings->private_key, build->settings->certificate);
}

int tls_use_private_key(struct tls_build *build)
{
	const struct tls_settings *settings = build->settings;
	struct tls_blob blob = {NULL, 0};
	int result = tls_file_read(build, &blob, "private key", settings->private_key, TLS_SECRET);

	if (result == 0 &&
	    wolfSSL_CTX_use_PrivateKey_buffer(build->ctx, blob.data, (long)blob.length,
					      WOLFSSL_FILETYPE_PEM) != WOLFSSL_SUCCESS)
		result =
		    tls_refuse(build, -EBADMSG, "private key %s is not a PEM key without password",
			       settings->private_key);
	tls_blob_free(&blob);
	if (result == 0)
		result = check_private_key(build);
	return result;
}

/* wolfSSL would take any certificate given here as an authority, a phone's own one too; so only
 * those that say they are one are taken. An expired one is left out: it could verify nobody. */
static int trust_one(struct tls_build *build, WOLFSSL_X509 *x509, unsigned *anchors)
{
	struct tls_certificate facts;
	int length = 0;
	const unsigned char *der = wolfSSL_X509_get_der(x509, &length);

	tls_certificate_read(&facts, x509);
	if (!wolfSSL_X509_get_isCA(x509))
		return tls_refuse(build, -EKEYREJECTED,
				  "trust %s: %s is not an authority (basic constraints CA)",
				  build->settings->trust, facts.subject);
	if (facts.not_after < (int64_t)time(NULL))
		return 0;
	if (!der || wolfSSL_CTX_load_verify_buffer(build->ctx, der, length,
						   WOLFSSL_FILETYPE_ASN1) != WOLFSSL_SUCCESS)
		return tls_refuse(build, -EKEYREJECTED, "trust %s: %s is refused by wolfSSL",
				  build->settings->trust, facts.subject);
	(*anchors)++;
	return 0;
}

static unsigned count_pem(const struct tls_blob *blob)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----";
	unsigned count = 0;
	const char *at = (const char *)blob->data; /* ends with NUL */

	while ((at = strstr(at, begin)) != NULL) {
		count++;
		at += sizeof(begin) - 1;
	}
	return count;
}

static int trust_all(struct tls_build *build, const struct tls_blob *blob)
{
	WOLFSSL_BIO *bio = wolfSSL_BIO_new_mem_buf(blob->data, (int)blob->length);
	unsigned expected = count_pem(blob), seen = 0, anchors = 0;
	int result = bio ? 0 : -ENOMEM;

	while (result == 0 && seen < expected) {
		WOLFSSL_X509 *x509 = wolfSSL_PEM_read_bio_X509(bio, NULL, NULL, NULL);

		if (!x509)
			break;
		seen++;
		result = trust_one(build, x509, &anchors);
		wolfSSL_X509_free(x509);
	}
	wolfSSL_BIO_free(bio);
	if (result == 0 && seen < expected)
		return tls_refuse(build, -EBADMSG,
				  "trust %s: certificate %u of %u cannot be parsed",
				  build->settings->trust, seen + 1, expected);
	if (result == 0 && anchors == 0)
		return tls_refuse(build, -ENOKEY,
				  "trust %s holds no valid certificate of an authority",
				  build->settings->trust);
	return result;
}

int tls_use_trust(struct tls_build *build)
{
	struct tls_blob blob = {NULL, 0};
	int result = tls_file_read(build, &blob, "trust", build->settings->trust, TLS_PUBLIC);

	if (result == 0)
		result = trust_all(build, &blob);
	tls_blob_free(&blob);
	return result;
}
