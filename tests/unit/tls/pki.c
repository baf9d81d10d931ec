/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pki.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <wolfssl/wolfcrypt/asn_public.h>
#include <wolfssl/wolfcrypt/random.h>

#define DER_MAX 4096
#define PEM_MAX 8192
#define DAY 86400

static int write_file(const char *path, const unsigned char *data, size_t length)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0)
		return -1;
	ssize_t n = write(fd, data, length);

	close(fd);
	return n == (ssize_t)length ? 0 : -1;
}

static int write_pem(const char *path, const unsigned char *der, int length, int type)
{
	unsigned char pem[PEM_MAX];
	int n = wc_DerToPem(der, (word32)length, pem, sizeof(pem), type);

	return n > 0 ? write_file(path, pem, (size_t)n) : -1;
}

/* GeneralNames (RFC 5280 4.2.1.6); short: 255 bytes in all. */
static int put_names(unsigned char *out, const char *const *san)
{
	unsigned char body[255];
	size_t used = 0;

	for (; *san; san++) {
		const char *text = strchr(*san, ':') + 1;
		size_t length = strlen(text);

		body[used++] = strncmp(*san, "URI:", 4) == 0 ? 0x86 : 0x82;
		body[used++] = (unsigned char)length;
		memcpy(body + used, text, length);
		used += length;
	}
	int head = 0;

	out[head++] = 0x30;
	if (used > 127)
		out[head++] = 0x81;
	out[head++] = (unsigned char)used;
	memcpy(out + head, body, used);
	return head + (int)used;
}

static int put_time(unsigned char *out, int days)
{
	time_t when = time(NULL) + (time_t)days * DAY;
	struct tm broken;

	gmtime_r(&when, &broken);
	out[0] = 0x18; /* GeneralizedTime */
	out[1] = 15;
	strftime((char *)out + 2, 16, "%Y%m%d%H%M%SZ", &broken);
	return 17;
}

static void fill(Cert *certificate, const struct pki_request *request, struct pki_party *party,
		 struct pki_party *issuer)
{
	bool dated = request->from_days || request->to_days;

	snprintf(certificate->subject.org, CTC_NAME_SIZE, "test");
	snprintf(certificate->issuer.org, CTC_NAME_SIZE, "test");
	if (request->common_name)
		snprintf(certificate->subject.commonName, CTC_NAME_SIZE, "%s",
			 request->common_name);
	snprintf(certificate->issuer.commonName, CTC_NAME_SIZE, "%s", issuer->common_name);
	certificate->selfSigned = 0;
	certificate->sigType = CTC_SHA256wECDSA;
	certificate->isCA = request->authority;
	certificate->beforeDateSz =
	    put_time(certificate->beforeDate, dated ? request->from_days : -1);
	certificate->afterDateSz = put_time(certificate->afterDate, dated ? request->to_days : 30);
	if (request->san[0])
		certificate->altNamesSz = put_names(certificate->altNames, request->san);
	wc_SetSubjectKeyIdFromPublicKey_ex(certificate, ECC_TYPE, &party->secret);
	wc_SetAuthKeyIdFromPublicKey_ex(certificate, ECC_TYPE, &issuer->secret);
	wc_SetKeyUsage(certificate,
		       request->authority ? "keyCertSign,cRLSign" : "digitalSignature");
	if (request->usage)
		wc_SetExtKeyUsage(certificate, request->usage);
}

static int sign(const struct pki_request *request, struct pki_party *party,
		struct pki_party *issuer, WC_RNG *rng)
{
	Cert *certificate = wc_CertNew(NULL);
	unsigned char der[DER_MAX];
	int length;

	if (!certificate)
		return -1;
	wc_InitCert(certificate);
	fill(certificate, request, party, issuer);
	length = wc_MakeCert_ex(certificate, der, sizeof(der), ECC_TYPE, &party->secret, rng);
	if (length > 0)
		length = wc_SignCert_ex(certificate->bodySz, certificate->sigType, der, sizeof(der),
					ECC_TYPE, &issuer->secret, rng);
	wc_CertFree(certificate);
	return length > 0 ? write_pem(party->certificate, der, length, CERT_TYPE) : -1;
}

int pki_make(struct pki_party *party, const char *directory, const struct pki_request *request,
	     struct pki_party *issuer)
{
	unsigned char der[DER_MAX];
	WC_RNG rng;
	int result = -1, length;

	memset(party, 0, sizeof(*party));
	snprintf(party->certificate, PKI_PATH, "%s/%s.crt", directory, request->name);
	snprintf(party->key, PKI_PATH, "%s/%s.key", directory, request->name);
	snprintf(party->common_name, sizeof(party->common_name), "%s",
		 request->common_name ? request->common_name : "");
	if (wc_InitRng(&rng) != 0)
		return -1;
	wc_ecc_init(&party->secret);
	if (wc_ecc_make_key(&rng, 32, &party->secret) != 0)
		goto out;
	length = wc_EccKeyToDer(&party->secret, der, sizeof(der));
	if (length <= 0 || write_pem(party->key, der, length, ECC_PRIVATEKEY_TYPE) < 0)
		goto out;
	result = sign(request, party, issuer ? issuer : party, &rng);
out:
	wc_FreeRng(&rng);
	return result;
}

void pki_party_free(struct pki_party *party)
{
	wc_ecc_free(&party->secret);
}

int pki_directory_make(char *path, size_t size)
{
	const char *base = getenv("TMPDIR");

	snprintf(path, size, "%s/sluice-pki-XXXXXX", base && base[0] ? base : "/tmp");
	return mkdtemp(path) ? 0 : -1;
}

void pki_directory_remove(const char *path)
{
	DIR *directory = opendir(path);
	struct dirent *entry;
	char file[PKI_PATH + 300];

	if (!directory)
		return;
	while ((entry = readdir(directory)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		unlink(file);
	}
	closedir(directory);
	rmdir(path);
}
