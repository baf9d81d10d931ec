// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Contexts. Debian's wolfSSL verifies nobody and accepts nearly everything unless told otherwise,
 * so every setting is made here, in one place, and then read back.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tls/internal.h"

#include <wolfssl/openssl/evp.h>
#include <wolfssl/openssl/ssl.h>

#define FILE_MAX (4U << 20) /* a bundle of all public authorities has 250 KB */
#define VERIFY_MODE (WOLFSSL_VERIFY_PEER | WOLFSSL_VERIFY_FAIL_IF_NO_PEER_CERT)

struct blob {
	unsigned char *data;
	size_t length;
};

struct build { /* a context in the making */
	const struct tls_settings *settings;
	WOLFSSL_CTX *ctx;
	char *error;
	size_t size;
};

static int refuse(struct build *build, int result, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static int refuse(struct build *build, int result, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(build->error, build->size, format, arguments);
	va_end(arguments);
	return result;
}

static void blob_free(struct blob *blob)
{
	if (blob->data)
		explicit_bzero(blob->data, blob->length);
	free(blob->data);
	blob->data = NULL;
	blob->length = 0;
}

static int blob_fill(struct blob *blob, int fd, size_t size)
{
	blob->data = calloc(1, size + 1);
	if (!blob->data)
		return -ENOMEM;
	while (blob->length < size) {
		ssize_t n = read(fd, blob->data + blob->length, size - blob->length);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			break;
		if (n > 0)
			blob->length += (size_t)n;
	}
	return 0;
}

/* The mode is checked on the open file, so that it is the file that is read. Others have no
 * business with a key; a group may read it (Debian's ssl-cert), not write it. */
static int check_mode(struct build *build, const char *path, const struct stat *status)
{
	unsigned mode = status->st_mode & 07777U;

	if (mode & (S_IRWXO | S_IWGRP | S_IXGRP))
		return refuse(
		    build, -EPERM,
		    "private key %s has mode %04o and may be used by others; run: chmod 600 %s",
		    path, mode, path);
	return 0;
}

static int read_file(struct build *build, struct blob *blob, const char *what, const char *path,
		     bool secret)
{
	struct stat status;
	int result = 0;

	if (!path || !path[0])
		return refuse(build, -EINVAL, "no %s is configured", what);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0) {
		result = -errno;
		return refuse(build, result, "%s %s: %s", what, path, strerror(-result));
	}
	if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))
		result = refuse(build, -EINVAL, "%s %s is not a regular file", what, path);
	else if (status.st_size <= 0 || status.st_size > FILE_MAX)
		result = refuse(build, -EINVAL, "%s %s is empty or above 4 MiB", what, path);
	else if (secret)
		result = check_mode(build, path, &status);
	if (result == 0) {
		result = blob_fill(blob, fd, (size_t)status.st_size);
		if (result < 0)
			refuse(build, result, "%s %s: %s", what, path, strerror(-result));
	}
	close(fd);
	return result;
}

/* A client certificate that allows only server authentication is let through here when the settings
 * say so; wolfSSL has verified all else about it. The caller asks certificate.client_auth and its
 * policy about the peer. Nothing else is ever overridden. */
static int allow_server_auth_only(int verified, WOLFSSL_X509_STORE_CTX *store)
{
	return verified || (store && store->error == EXTKEYUSE_AUTH_E && store->error_depth == 0);
}

static int set_protocol(struct build *build)
{
	const struct tls_settings *settings = build->settings;
	int groups[] = {WOLFSSL_ECC_X25519, WOLFSSL_ECC_SECP256R1, WOLFSSL_ECC_SECP384R1};
	char suites[512];

	if (tls_suite_list(suites, sizeof(suites), settings->tls13_only) < 0)
		return refuse(build, -ENOTSUP,
			      "this wolfSSL lacks a cipher suite that is required");
	bool done = wolfSSL_CTX_SetMinVersion(build->ctx, settings->tls13_only ? WOLFSSL_TLSV1_3
									       : WOLFSSL_TLSV1_2) ==
			WOLFSSL_SUCCESS &&
		    wolfSSL_CTX_set_cipher_list(build->ctx, suites) == WOLFSSL_SUCCESS &&
		    wolfSSL_CTX_set_groups(build->ctx, groups, 3) == WOLFSSL_SUCCESS &&
		    wolfSSL_CTX_SetMinRsaKey_Sz(build->ctx, 2048) == WOLFSSL_SUCCESS &&
		    wolfSSL_CTX_SetMinEccKey_Sz(build->ctx, 256) == WOLFSSL_SUCCESS &&
		    wolfSSL_CTX_SetMinDhKey_Sz(build->ctx, 2048) == WOLFSSL_SUCCESS;

	return done ? 0 : refuse(build, -ENOTSUP, "wolfSSL refuses the protocol settings");
}

/* A resumed session is not verified again, not even against this context's own trust anchors: so no
 * session may ever be kept, by us or in a ticket. */
static int forbid_resumption(struct build *build)
{
	bool done = wolfSSL_CTX_set_session_cache_mode(build->ctx, WOLFSSL_SESS_CACHE_OFF) ==
			WOLFSSL_SUCCESS &&
		    wolfSSL_CTX_NoTicketTLSv12(build->ctx) == WOLFSSL_SUCCESS;

	if (build->settings->role == TLS_SERVER)
		done = done && wolfSSL_CTX_no_ticket_TLSv13(build->ctx) == 0;
	return done ? 0 : refuse(build, -ENOTSUP, "wolfSSL refuses to forbid session resumption");
}

static int check_own(struct build *build, const struct tls_certificate *own)
{
	const char *path = build->settings->certificate;
	int64_t now = (int64_t)time(NULL);
	char when[TLS_TIME_TEXT];

	if (own->not_after < now) {
		tls_time_text(when, sizeof(when), own->not_after);
		return refuse(build, -EKEYEXPIRED, "certificate %s expired on %s", path, when);
	}
	if (own->not_before > now) {
		tls_time_text(when, sizeof(when), own->not_before);
		return refuse(build, -EKEYREJECTED, "certificate %s is not valid before %s", path,
			      when);
	}
	if (build->settings->role == TLS_SERVER && !own->server_auth)
		return refuse(build, -EKEYREJECTED,
			      "certificate %s does not allow server authentication (extended key "
			      "usage); make one that allows serverAuth and clientAuth",
			      path);
	return 0;
}

static int use_certificate(struct build *build, struct tls_certificate *own)
{
	const char *path = build->settings->certificate;
	struct blob blob = {NULL, 0};
	struct tls_certificate facts;
	WOLFSSL_X509 *x509 = NULL;
	int result = read_file(build, &blob, "certificate", path, false);

	if (result == 0)
		x509 = wolfSSL_X509_load_certificate_buffer(blob.data, (int)blob.length,
							    WOLFSSL_FILETYPE_PEM);
	if (result == 0 &&
	    (!x509 || wolfSSL_CTX_use_certificate_chain_buffer(
			  build->ctx, blob.data, (long)blob.length) != WOLFSSL_SUCCESS))
		result =
		    refuse(build, -EBADMSG, "certificate %s is not a PEM certificate chain", path);
	if (result == 0) {
		tls_certificate_read(&facts, x509);
		result = check_own(build, &facts);
		if (own)
			*own = facts;
	}
	wolfSSL_X509_free(x509);
	blob_free(&blob);
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

static int check_private_key(struct build *build)
{
	WOLFSSL_X509 *x509 = wolfSSL_CTX_get0_certificate(build->ctx); /* borrowed */
	WOLFSSL_EVP_PKEY *public_key = x509 ? wolfSSL_X509_get_pubkey(x509) : NULL;
	bool belongs = key_belongs(wolfSSL_CTX_get0_privatekey(build->ctx), public_key);

	wolfSSL_EVP_PKEY_free(public_key);
	if (belongs)
		return 0;
	return refuse(
	    build, -EKEYREJECTED,
	    "private key %s does not belong to certificate %s (or is neither RSA nor ECDSA)",
	    build->settings->private_key, build->settings->certificate);
}

static int use_private_key(struct build *build)
{
	const struct tls_settings *settings = build->settings;
	struct blob blob = {NULL, 0};
	int result = read_file(build, &blob, "private key", settings->private_key, true);

	if (result == 0 &&
	    wolfSSL_CTX_use_PrivateKey_buffer(build->ctx, blob.data, (long)blob.length,
					      WOLFSSL_FILETYPE_PEM) != WOLFSSL_SUCCESS)
		result = refuse(build, -EBADMSG, "private key %s is not a PEM key without password",
				settings->private_key);
	blob_free(&blob);
	if (result == 0)
		result = check_private_key(build);
	return result;
}

/* wolfSSL would take any certificate given here as an authority, a phone's own one too; so only
 * those that say they are one are taken. An expired one is left out: it could verify nobody. */
static int trust_one(struct build *build, WOLFSSL_X509 *x509, unsigned *anchors)
{
	struct tls_certificate facts;
	int length = 0;
	const unsigned char *der = wolfSSL_X509_get_der(x509, &length);

	tls_certificate_read(&facts, x509);
	if (!wolfSSL_X509_get_isCA(x509))
		return refuse(build, -EKEYREJECTED,
			      "trust %s: %s is not an authority (basic constraints CA)",
			      build->settings->trust, facts.subject);
	if (facts.not_after < (int64_t)time(NULL))
		return 0;
	if (!der || wolfSSL_CTX_load_verify_buffer(build->ctx, der, length,
						   WOLFSSL_FILETYPE_ASN1) != WOLFSSL_SUCCESS)
		return refuse(build, -EKEYREJECTED, "trust %s: %s is refused by wolfSSL",
			      build->settings->trust, facts.subject);
	(*anchors)++;
	return 0;
}

static unsigned count_pem(const struct blob *blob)
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

static int trust_all(struct build *build, const struct blob *blob)
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
		return refuse(build, -EBADMSG, "trust %s: certificate %u of %u cannot be parsed",
			      build->settings->trust, seen + 1, expected);
	if (result == 0 && anchors == 0)
		return refuse(build, -ENOKEY, "trust %s holds no valid certificate of an authority",
			      build->settings->trust);
	return result;
}

static int use_trust(struct build *build)
{
	struct blob blob = {NULL, 0};
	int result = read_file(build, &blob, "trust", build->settings->trust, false);

	if (result == 0)
		result = trust_all(build, &blob);
	blob_free(&blob);
	return result;
}

/* What was asked for is not believed: it is read back. */
static int assert_safe(struct build *build)
{
	int minimum = build->settings->tls13_only ? TLS1_3_VERSION : TLS1_2_VERSION;
	bool safe = wolfSSL_CTX_get_verify_mode(build->ctx) == VERIFY_MODE &&
		    wolfSSL_CTX_get_min_proto_version(build->ctx) >= minimum &&
		    wolfSSL_CTX_get_session_cache_mode(build->ctx) == WOLFSSL_SESS_CACHE_OFF;

	return safe ? 0 : refuse(build, -ENOTSUP, "wolfSSL did not keep the safe settings");
}

static int configure(struct build *build, struct tls_certificate *own)
{
	const struct tls_settings *settings = build->settings;
	int result = set_protocol(build);

	wolfSSL_CTX_set_verify(build->ctx, VERIFY_MODE,
			       settings->role == TLS_SERVER && settings->server_auth_only
				   ? allow_server_auth_only
				   : NULL);
	if (result == 0)
		result = forbid_resumption(build);
	if (result == 0)
		result = use_certificate(build, own);
	if (result == 0)
		result = use_private_key(build);
	if (result == 0)
		result = use_trust(build);
	if (result == 0)
		result = assert_safe(build);
	return result;
}

static WOLFSSL_METHOD *method(const struct tls_settings *settings)
{
	if (settings->tls13_only)
		return settings->role == TLS_SERVER ? wolfTLSv1_3_server_method()
						    : wolfTLSv1_3_client_method();
	return settings->role == TLS_SERVER ? wolfSSLv23_server_method()
					    : wolfSSLv23_client_method();
}

int tls_context_new(struct tls_context **context, const struct tls_settings *settings,
		    struct tls_certificate *own, char *error, size_t size)
{
	struct tls_context *made = calloc(1, sizeof(*made));
	struct build build = {.settings = settings, .error = error, .size = size};
	int result = -ENOMEM;

	*context = NULL;
	if (!made)
		return refuse(&build, -ENOMEM, "out of memory");
	made->role = settings->role;
	made->ctx = build.ctx = wolfSSL_CTX_new(method(settings));
	if (!made->ctx)
		refuse(&build, result,
		       "wolfSSL makes no context: out of memory or tls_start() missing");
	else
		result = configure(&build, own);
	if (result < 0) {
		tls_context_free(made);
		return result;
	}
	tls_io_install(made->ctx);
	*context = made;
	return 0;
}

void tls_context_free(struct tls_context *context)
{
	if (!context)
		return;
	wolfSSL_CTX_free(context->ctx);
	free(context);
}
