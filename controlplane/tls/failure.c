/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wolfSSL's numbers into reasons that an operator can act on (R8). */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tls/internal.h"

#include <wolfssl/error-ssl.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

static const struct {
	int code;
	const char *text;
} reasons[] = {
    {ASN_NO_SIGNER_E, "certificate is not signed by a trusted authority"},
    {ASN_SELF_SIGNED_E, "certificate is self-signed and not trusted"},
    {ASN_AFTER_DATE_E, "certificate expired"},
    {ASN_BEFORE_DATE_E, "certificate is not valid yet"},
    {ASN_SIG_CONFIRM_E, "signature of the certificate is wrong"},
    {ASN_SIG_OID_E, "signature of the certificate is not of its issuer's kind of key"},
    {ASN_SIG_KEY_E, "signature of the certificate is of an unsupported kind"},
    {ASN_SIG_HASH_E, "signature of the certificate uses an unsupported hash"},
    {ASN_CRIT_EXT_E, "certificate has a critical extension that is not understood"},
    {ASN_NAME_INVALID_E, "certificate breaks the name constraints of its authority"},
    {ASN_PATHLEN_SIZE_E, "certificate chain is longer than its authority allows"},
    {ASN_PATHLEN_INV_E, "certificate chain is longer than its authority allows"},
    {ASN_PARSE_E, "certificate cannot be parsed"},
    {NOT_CA_ERROR, "certificate is signed by one that is not an authority"},
    {MAX_CHAIN_ERROR, "certificate chain is too long"},
    {NO_PEER_CERT, "no certificate shown"},
    {NO_PEER_VERIFY, "no certificate shown"},
    {CRL_CERT_REVOKED, "certificate is revoked"},
    {OCSP_CERT_REVOKED, "certificate is revoked"},
    {CRL_MISSING, "no revocation list of the certificate's issuer"},
    {KEYUSE_SIGNATURE_E, "certificate's key usage does not allow signatures"},
    {RSA_KEY_SIZE_E, "RSA key of the certificate is shorter than 2048 bits"},
    {ECC_KEY_SIZE_E, "elliptic curve key of the certificate is shorter than 256 bits"},
    {VERIFY_CERT_ERROR, "certificate is not acceptable"},
    {VERIFY_SIGN_ERROR, "the other side does not hold the certificate's key"},
    {VERSION_ERROR, "TLS version is too old"},
    {UNSUPPORTED_PROTO_VERSION, "TLS version is too old"},
    {MATCH_SUITE_ERROR, "no cipher suite in common"},
    {UNSUPPORTED_SUITE, "no cipher suite in common"},
    {KEY_SHARE_ERROR, "no key exchange group in common"},
    {UNKNOWN_RECORD_TYPE, "not TLS"},
    {DECRYPT_ERROR, "a record cannot be decrypted"},
    {VERIFY_MAC_ERROR, "a record is not authentic"},
    {ZERO_RETURN, "closed by the other side"},
    {SOCKET_PEER_CLOSED_E, "closed by the other side"},
};

static const struct {
	int code;
	const char *name;
} alerts[] = {
    {unexpected_message, "unexpected_message"},
    {bad_record_mac, "bad_record_mac"},
    {record_overflow, "record_overflow"},
    {handshake_failure, "handshake_failure"},
    {no_certificate, "no_certificate"},
    {bad_certificate, "bad_certificate"},
    {unsupported_certificate, "unsupported_certificate"},
    {certificate_revoked, "certificate_revoked"},
    {certificate_expired, "certificate_expired"},
    {certificate_unknown, "certificate_unknown"},
    {illegal_parameter, "illegal_parameter"},
    {unknown_ca, "unknown_ca"},
    {access_denied, "access_denied"},
    {decode_error, "decode_error"},
    {decrypt_error, "decrypt_error"},
    {wolfssl_alert_protocol_version, "protocol_version"},
    {insufficient_security, "insufficient_security"},
    {internal_error, "internal_error"},
    {unrecognized_name, "unrecognized_name"},
    {certificate_required, "certificate_required"},
};

static const char *alert_name(int code)
{
	for (size_t i = 0; i < sizeof(alerts) / sizeof(alerts[0]); i++)
		if (alerts[i].code == code)
			return alerts[i].name;
	return "unknown";
}

static const char *reason_text(int error)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].code == error)
			return reasons[i].text;
	return NULL;
}

/* The date makes "expired" actionable; wolfSSL keeps the certificate that it refused. */
static bool date_text(char *text, size_t size, WOLFSSL *ssl, int error)
{
	if (error != ASN_AFTER_DATE_E && error != ASN_BEFORE_DATE_E)
		return false;
	WOLFSSL_X509 *x509 = wolfSSL_get_peer_certificate(ssl);

	if (!x509)
		return false;
	struct tls_certificate facts;
	char when[TLS_TIME_TEXT];
	bool after = error == ASN_AFTER_DATE_E;

	tls_certificate_read(&facts, x509);
	wolfSSL_X509_free(x509);
	/* the one with the wrong date may be one above it in the chain: then no date is given */
	if (after ? facts.not_after > (int64_t)time(NULL) : facts.not_before < (int64_t)time(NULL))
		return false;
	tls_time_text(when, sizeof(when), after ? facts.not_after : facts.not_before);
	snprintf(text, size,
		 after ? "certificate expired on %s" : "certificate is not valid before %s", when);
	return true;
}

static bool alert_text(char *text, size_t size, WOLFSSL *ssl, int error)
{
	WOLFSSL_ALERT_HISTORY history;

	if (error != FATAL_ERROR || wolfSSL_get_alert_history(ssl, &history) != WOLFSSL_SUCCESS ||
	    history.last_rx.code < 0)
		return false;
	snprintf(text, size, "the other side refused: %s (alert %d)",
		 alert_name(history.last_rx.code), history.last_rx.code);
	return true;
}

void tls_failure_text(char *text, size_t size, WOLFSSL *ssl, enum tls_role role, int error)
{
	const char *reason = reason_text(error);

	if (date_text(text, size, ssl, error) || alert_text(text, size, ssl, error))
		return;
	if (error == EXTKEYUSE_AUTH_E)
		reason = role == TLS_SERVER ? "certificate does not allow client authentication "
					      "(extended key usage)"
					    : "certificate does not allow server authentication "
					      "(extended key usage)";
	if (reason)
		snprintf(text, size, "%s", reason);
	else
		snprintf(text, size, "TLS error %d: %s", error,
			 wolfSSL_ERR_reason_error_string((unsigned long)error));
}
