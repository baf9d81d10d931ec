/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RFC 5922 7.1 and 7.2: who a certificate says it is, and whether that is who we want. */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "tls/internal.h"

#include <wolfssl/openssl/x509v3.h>

/* "*.example.com" stands for one label, never for a part of one, never for the domain itself. */
static bool wildcard_match(const char *pattern, const char *fqdn)
{
	const char *dot = strchr(fqdn, '.');

	return pattern[0] == '*' && pattern[1] == '.' && strchr(pattern + 2, '.') && dot &&
	       dot != fqdn && strcasecmp(pattern + 1, dot) == 0;
}

bool tls_identity_match(const struct tls_identities *identities, const char *fqdn,
			bool allow_wildcard)
{
	if (!fqdn || !fqdn[0] || fqdn[0] == '*')
		return false;
	for (unsigned i = 0; i < identities->count; i++) {
		if (strcasecmp(identities->name[i], fqdn) == 0)
			return true;
		if (allow_wildcard && wildcard_match(identities->name[i], fqdn))
			return true;
	}
	return false;
}

static bool is_name_character(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '.' || c == '_';
}

/* A host name, or "*." before one. Anything else (NUL, space, control, UTF-8) is not a name that
 * could be ours to match, and must not reach a log as one. */
static bool is_name(const char *text, size_t length)
{
	if (length > 2 && text[0] == '*' && text[1] == '.') {
		text += 2;
		length -= 2;
	}
	if (length == 0 || length >= TLS_IDENTITY_MAX)
		return false;
	for (size_t i = 0; i < length; i++)
		if (!is_name_character(text[i]))
			return false;
	return true;
}

static void add(struct tls_identities *identities, const char *text, size_t length)
{
	if (!is_name(text, length) || length >= TLS_IDENTITY_MAX ||
	    identities->count == TLS_IDENTITIES_MAX)
		return;
	char *name = identities->name[identities->count++];

	for (size_t i = 0; i < length; i++)
		name[i] = (char)tolower((unsigned char)text[i]);
	name[length] = '\0';
}

/* "sip:example.com": with a user part it is a person, not a domain; other schemes and parameters
 * are not identities of a domain either (RFC 5922 7.1). */
static void add_uri(struct tls_identities *identities, const char *text, size_t length)
{
	if (length > 4 && strncasecmp(text, "sip:", 4) == 0 && text[4] != '*')
		add(identities, text + 4, length - 4);
}

static void add_dns(struct tls_identities *identities, const char *text, size_t length)
{
	add(identities, text, length);
}

static void each_name(struct tls_identities *identities, WOLFSSL_STACK *names, int type,
		      void (*take)(struct tls_identities *, const char *, size_t))
{
	int count = wolfSSL_sk_GENERAL_NAME_num(names);

	for (int i = 0; i < count; i++) {
		const WOLFSSL_GENERAL_NAME *name = wolfSSL_sk_GENERAL_NAME_value(names, i);

		if (!name || name->type != type || !name->d.ia5)
			continue;
		int length = wolfSSL_ASN1_STRING_length(name->d.ia5);
		const void *text = wolfSSL_ASN1_STRING_get0_data(name->d.ia5);

		if (text && length > 0)
			take(identities, text, (size_t)length);
	}
}

/* Only one common name can be "the" identity. */
static int read_common_name(struct tls_identities *identities, WOLFSSL_X509 *x509)
{
	WOLFSSL_X509_NAME *subject = wolfSSL_X509_get_subject_name(x509);
	char text[TLS_IDENTITY_MAX];

	if (!subject)
		return -ENOENT;
	int at = wolfSSL_X509_NAME_get_index_by_NID(subject, NID_commonName, -1);

	if (at < 0 || wolfSSL_X509_NAME_get_index_by_NID(subject, NID_commonName, at) >= 0)
		return -ENOENT;
	WOLFSSL_ASN1_STRING *value =
	    wolfSSL_X509_NAME_ENTRY_get_data(wolfSSL_X509_NAME_get_entry(subject, at));
	int length = value ? wolfSSL_ASN1_STRING_length(value) : 0;

	if (length <= 0 || (size_t)length >= sizeof(text))
		return -ENOENT;
	memcpy(text, wolfSSL_ASN1_STRING_get0_data(value), (size_t)length);
	add(identities, text, (size_t)length);
	return identities->count ? 0 : -ENOENT;
}

int tls_identities_read(struct tls_identities *identities, WOLFSSL_X509 *x509)
{
	memset(identities, 0, sizeof(*identities));
	WOLFSSL_STACK *names = wolfSSL_X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);

	if (!names) {
		/* there but unreadable must not fall back to the common name */
		if (wolfSSL_X509_ext_isSet_by_NID(x509, NID_subject_alt_name))
			return -EBADMSG;
		return read_common_name(identities, x509);
	}
	each_name(identities, names, GEN_URI, add_uri);
	if (identities->count == 0)
		each_name(identities, names, GEN_DNS, add_dns);
	wolfSSL_sk_GENERAL_NAME_pop_free(names, NULL);
	return identities->count ? 0 : -ENOENT;
}
