/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of this folder share; nothing outside of it includes this (its tests may). */
#pragma once

#include <wolfssl/options.h>

#include <wolfssl/ssl.h>

#include "tls/tls.h"

struct tls_context {
	WOLFSSL_CTX *ctx;
	enum tls_role role;
};

/* The suites that we speak, best first: forward secrecy and AEAD only. */
struct tls_suite {
	uint16_t id;      /* IANA */
	const char *name; /* wolfSSL's */
};
/* NULL when that suite must not be spoken. */
const struct tls_suite *tls_suite_find(uint16_t id);
/* The list in wolfSSL's syntax. 0, or -ENOTSUP when this library lacks one of them: it would skip
 * an unknown name without a word. */
int tls_suite_list(char *list, size_t size, bool tls13_only);

void tls_certificate_read(struct tls_certificate *certificate, WOLFSSL_X509 *x509);
/* 0; -ENOENT: it says no name that counts; -EBADMSG: its names cannot be read. */
int tls_identities_read(struct tls_identities *identities, WOLFSSL_X509 *x509);

/* "2031-05-06 07:08:09 UTC" */
#define TLS_TIME_TEXT 32U
void tls_time_text(char *text, size_t size, int64_t seconds);

/* Puts the error of a failed wolfSSL call into words. */
void tls_failure_text(char *text, size_t size, WOLFSSL *ssl, enum tls_role role, int error);

/* Makes the connections of ctx read and write their struct tls_connection. */
void tls_io_install(WOLFSSL_CTX *ctx);

/* Start-up probe, see tls_start(): 0, -EKEYREJECTED when a forged certificate is accepted. */
int tls_probe_signature_oid(void);
