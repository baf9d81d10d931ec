/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Refuses a wolfSSL that accepts forged certificates (CVE-2026-5194: a certificate whose signature
 * algorithm is not of its issuer's kind of key was accepted; mended in Debian's 5.5.4-2+deb12u3).
 * The revision of a package is not in the library, and its version string stayed 5.5.4; so the
 * library is asked to verify such a certificate, made here. That judges what is loaded and not what
 * a file of the package manager says, and is right for other distributions and later versions too.
 * It says nothing of the other mends of that revision.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tls/internal.h"

#include <wolfssl/error-ssl.h>
#include <wolfssl/wolfcrypt/asn_public.h>
#include <wolfssl/wolfcrypt/ecc.h>
#include <wolfssl/wolfcrypt/random.h>

#define VERSION_MINIMUM 0x05005004U
#define DER_MAX 1024

enum who { ISSUER_KEY, HOLDER_KEY };

struct probe {
	WC_RNG rng;
	ecc_key key[2];
	unsigned char der[DER_MAX];
};

/* A certificate signed with the authority's ECDSA key, whatever signature type it claims. */
static int make(struct probe *probe, enum who who, int signature_type)
{
	Cert *certificate = wc_CertNew(NULL);
	int length;

	if (!certificate)
		return -ENOMEM;
	wc_InitCert(certificate);
	snprintf(certificate->subject.commonName, CTC_NAME_SIZE, who == ISSUER_KEY ? "a" : "s");
	snprintf(certificate->issuer.commonName, CTC_NAME_SIZE, "a");
	certificate->isCA = who == ISSUER_KEY;
	certificate->selfSigned = 0; /* the issuer is the one above */
	certificate->sigType = signature_type;
	certificate->daysValid = 2;
	length = wc_MakeCert_ex(certificate, probe->der, DER_MAX, ECC_TYPE, &probe->key[who],
				&probe->rng);
	if (length > 0)
		length = wc_SignCert_ex(certificate->bodySz, signature_type, probe->der, DER_MAX,
					ECC_TYPE, &probe->key[ISSUER_KEY], &probe->rng);
	wc_CertFree(certificate);
	return length > 0 ? length : -EIO;
}

static int verify(struct probe *probe, WOLFSSL_CERT_MANAGER *manager, int signature_type)
{
	int length = make(probe, HOLDER_KEY, signature_type);

	if (length < 0)
		return length;
	return wolfSSL_CertManagerVerifyBuffer(manager, probe->der, length,
					       WOLFSSL_FILETYPE_ASN1) == WOLFSSL_SUCCESS
		   ? 1
		   : 0;
}

/* The good one must be accepted: otherwise the refusal of the other would prove nothing. */
static int probe_with(struct probe *probe, WOLFSSL_CERT_MANAGER *manager)
{
	int length = make(probe, ISSUER_KEY, CTC_SHA256wECDSA);

	if (length < 0)
		return length;
	if (wolfSSL_CertManagerLoadCABuffer(manager, probe->der, length, WOLFSSL_FILETYPE_ASN1) !=
		WOLFSSL_SUCCESS ||
	    verify(probe, manager, CTC_SHA256wECDSA) != 1)
		return -EIO;
	switch (verify(probe, manager, CTC_SHA256wRSA)) {
	case 0:
		return 0;
	case 1:
		return -EKEYREJECTED;
	default:
		return -EIO;
	}
}

int tls_probe_signature_oid(void)
{
	struct probe *probe = calloc(1, sizeof(*probe));
	WOLFSSL_CERT_MANAGER *manager = wolfSSL_CertManagerNew();
	int result = -EIO;

	if (!probe || !manager) {
		result = -ENOMEM;
		goto out;
	}
	if (wc_InitRng(&probe->rng) != 0)
		goto out;
	wc_ecc_init(&probe->key[ISSUER_KEY]);
	wc_ecc_init(&probe->key[HOLDER_KEY]);
	if (wc_ecc_make_key(&probe->rng, 32, &probe->key[ISSUER_KEY]) == 0 &&
	    wc_ecc_make_key(&probe->rng, 32, &probe->key[HOLDER_KEY]) == 0)
		result = probe_with(probe, manager);
	wc_ecc_free(&probe->key[HOLDER_KEY]);
	wc_ecc_free(&probe->key[ISSUER_KEY]);
	wc_FreeRng(&probe->rng);
out:
	if (manager)
		wolfSSL_CertManagerFree(manager);
	free(probe);
	return result;
}

int tls_start(char *error, size_t size)
{
	if (wolfSSL_Init() != WOLFSSL_SUCCESS) {
		snprintf(error, size, "wolfSSL cannot be initialised");
		return -EIO;
	}
	if (wolfSSL_lib_version_hex() < VERSION_MINIMUM) {
		snprintf(error, size,
			 "wolfSSL %s is too old: 5.5.4 with Debian's security update "
			 "deb12u3, or later, is needed",
			 wolfSSL_lib_version());
		return -ENOTSUP;
	}
	int result = tls_probe_signature_oid();

	if (result == -EKEYREJECTED)
		snprintf(
		    error, size,
		    "wolfSSL %s accepts forged certificates (CVE-2026-5194); install the security "
		    "update: apt-get update && apt-get install libwolfssl35 (5.5.4-2+deb12u3 or "
		    "later, from bookworm-security)",
		    wolfSSL_lib_version());
	else if (result < 0)
		snprintf(error, size, "wolfSSL's self-test failed: %s", strerror(-result));
	return result;
}
