/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Contexts. Debian's wolfSSL verifies nobody and accepts nearly everything unless told otherwise,
 * so every setting is made here, in one place, and then read back.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "tls/build.h"

#include <wolfssl/openssl/ssl.h>

#define VERIFY_MODE (WOLFSSL_VERIFY_PEER | WOLFSSL_VERIFY_FAIL_IF_NO_PEER_CERT)

int tls_refuse(struct tls_build *build, int result, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(build->error, build->size, format, arguments);
	va_end(arguments);
	return result;
}

/* A client certificate that allows only server authentication is let through here when the settings
 * say so; wolfSSL has verified all else about it. The caller asks certificate.client_auth and its
 * policy about the peer. Nothing else is ever overridden. */
static int allow_server_auth_only(int verified, WOLFSSL_X509_STORE_CTX *store)
{
	return verified || (store && store->error == EXTKEYUSE_AUTH_E && store->error_depth == 0);
}

static int set_protocol(struct tls_build *build)
{
	const struct tls_settings *settings = build->settings;
	int groups[] = {WOLFSSL_ECC_X25519, WOLFSSL_ECC_SECP256R1, WOLFSSL_ECC_SECP384R1};
	char suites[512];

	if (tls_suite_list(suites, sizeof(suites), settings->tls13_only) < 0)
		return tls_refuse(build, -ENOTSUP,
				  "this wolfSSL lacks a cipher suite that is required");
	bool done = wolfSSL_CTX_SetMinVersion(build->ctx, settings->tls13_only ? WOLFSSL_TLSV1_3
									       : WOLFSSL_TLSV1_2) ==
			WOLFSSL_SUCCESS &&
		    wolfSSL_CTX_set_cipher_list(build->ctx, suites) == WOLFSSL_SUCCESS &&
		    wolfSSL_CTX_set_groups(build->ctx, groups, 3) == WOLFSSL_SUCCESS &&
		    wolfSSL_CTX_SetMinRsaKey_Sz(build->ctx, 2048) == WOLFSSL_SUCCESS &&
		    wolfSSL_CTX_SetMinEccKey_Sz(build->ctx, 256) == WOLFSSL_SUCCESS &&
		    wolfSSL_CTX_SetMinDhKey_Sz(build->ctx, 2048) == WOLFSSL_SUCCESS;

	return done ? 0 : tls_refuse(build, -ENOTSUP, "wolfSSL refuses the protocol settings");
}

/* A resumed session is not verified again, not even against this context's own trust anchors: so no
 * session may ever be kept, by us or in a ticket. */
static int forbid_resumption(struct tls_build *build)
{
	bool done = wolfSSL_CTX_set_session_cache_mode(build->ctx, WOLFSSL_SESS_CACHE_OFF) ==
			WOLFSSL_SUCCESS &&
		    wolfSSL_CTX_NoTicketTLSv12(build->ctx) == WOLFSSL_SUCCESS;

	if (build->settings->role == TLS_SERVER)
		done = done && wolfSSL_CTX_no_ticket_TLSv13(build->ctx) == 0;
	return done ? 0
		    : tls_refuse(build, -ENOTSUP, "wolfSSL refuses to forbid session resumption");
}

/* What was asked for is not believed: it is read back. */
static int assert_safe(struct tls_build *build)
{
	int minimum = build->settings->tls13_only ? TLS1_3_VERSION : TLS1_2_VERSION;
	bool safe = wolfSSL_CTX_get_verify_mode(build->ctx) == VERIFY_MODE &&
		    wolfSSL_CTX_get_min_proto_version(build->ctx) >= minimum &&
		    wolfSSL_CTX_get_session_cache_mode(build->ctx) == WOLFSSL_SESS_CACHE_OFF;

	return safe ? 0 : tls_refuse(build, -ENOTSUP, "wolfSSL did not keep the safe settings");
}

static int configure(struct tls_build *build, struct tls_certificate *own)
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
		result = tls_use_certificate(build, own);
	if (result == 0)
		result = tls_use_private_key(build);
	if (result == 0)
		result = tls_use_trust(build);
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
	struct tls_build build = {.settings = settings, .error = error, .size = size};
	int result = -ENOMEM;

	*context = NULL;
	if (!made)
		return tls_refuse(&build, -ENOMEM, "out of memory");
	made->role = settings->role;
	made->ctx = build.ctx = wolfSSL_CTX_new(method(settings));
	if (!made->ctx)
		tls_refuse(&build, result,
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
