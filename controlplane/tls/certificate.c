/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts of a certificate, in the form that logs and tables show. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tls/internal.h"

#include <wolfssl/openssl/evp.h>
#include <wolfssl/openssl/x509v3.h>

static void hexadecimal(char *text, size_t size, const unsigned char *bytes, size_t count)
{
	text[0] = '\0';
	for (size_t i = 0; i < count && 2 * i + 2 < size; i++)
		snprintf(text + 2 * i, size - 2 * i, "%02x", bytes[i]);
}

static void thumbprint(char *text, size_t size, WOLFSSL_X509 *x509, const WOLFSSL_EVP_MD *digest)
{
	unsigned char bytes[64];
	unsigned length = sizeof(bytes);

	text[0] = '\0';
	if (wolfSSL_X509_digest(x509, digest, bytes, &length) == WOLFSSL_SUCCESS)
		hexadecimal(text, size, bytes, length);
}

static void name_text(char *text, size_t size, WOLFSSL_X509_NAME *name)
{
	text[0] = '\0';
	if (name)
		(void)wolfSSL_X509_NAME_oneline(name, text, (int)size);
	text[size - 1] = '\0';
}

static int64_t seconds_of(const WOLFSSL_ASN1_TIME *time)
{
	struct tm broken;

	memset(&broken, 0, sizeof(broken));
	if (!time || wolfSSL_ASN1_TIME_to_tm(time, &broken) != WOLFSSL_SUCCESS)
		return 0;
	return (int64_t)timegm(&broken);
}

void tls_time_text(char *text, size_t size, int64_t seconds)
{
	time_t time = (time_t)seconds;
	struct tm broken;

	text[0] = '\0';
	if (gmtime_r(&time, &broken))
		(void)strftime(text, size, "%Y-%m-%d %H:%M:%S UTC", &broken);
}

void tls_certificate_read(struct tls_certificate *certificate, WOLFSSL_X509 *x509)
{
	unsigned char serial[32];
	int length = sizeof(serial);

	memset(certificate, 0, sizeof(*certificate));
	name_text(certificate->subject, sizeof(certificate->subject),
		  wolfSSL_X509_get_subject_name(x509));
	name_text(certificate->issuer, sizeof(certificate->issuer),
		  wolfSSL_X509_get_issuer_name(x509));
	if (wolfSSL_X509_get_serial_number(x509, serial, &length) == WOLFSSL_SUCCESS && length > 0)
		hexadecimal(certificate->serial, sizeof(certificate->serial), serial,
			    (size_t)length);
	thumbprint(certificate->sha1, sizeof(certificate->sha1), x509, wolfSSL_EVP_sha1());
	thumbprint(certificate->sha256, sizeof(certificate->sha256), x509, wolfSSL_EVP_sha256());
	certificate->not_before = seconds_of(wolfSSL_X509_get_notBefore(x509));
	certificate->not_after = seconds_of(wolfSSL_X509_get_notAfter(x509));

	unsigned usage = wolfSSL_X509_get_extended_key_usage(x509);
	bool any = !wolfSSL_X509_ext_isSet_by_NID(x509, NID_ext_key_usage) || usage & XKU_ANYEKU;

	certificate->client_auth = any || usage & XKU_SSL_CLIENT;
	certificate->server_auth = any || usage & XKU_SSL_SERVER;
}
