/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pki.h"
#include "tls/internal.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static char directory[128];
static struct pki_party authority;

static int make_pki(void **state)
{
	const struct pki_request request = {
	    .name = "ca", .common_name = "Test CA", .authority = true};

	(void)state;
	wolfSSL_Init();
	if (pki_directory_make(directory, sizeof(directory)) < 0)
		return -1;
	return pki_make(&authority, directory, &request, NULL);
}

static int remove_pki(void **state)
{
	(void)state;
	pki_party_free(&authority);
	pki_directory_remove(directory);
	wolfSSL_Cleanup();
	return 0;
}

static const struct {
	const char *name;
	const char *fqdn;
	bool wildcard;
	bool match;
} matches[] = {
    {"pbx.example.com", "pbx.example.com", false, true},
    {"pbx.example.com", "PBX.Example.COM", false, true},
    {"pbx.example.com", "pbx.example.com.", false, false},
    {"pbx.example.com", "example.com", false, false},
    {"example.com", "pbx.example.com", false, false},
    {"*.example.com", "pbx.example.com", false, false},
    {"*.example.com", "pbx.example.com", true, true},
    {"*.example.com", "a.pbx.example.com", true, false},
    {"*.example.com", "example.com", true, false},
    {"*.example.com", ".example.com", true, false},
    {"*.example.com", "*.example.com", true, false},
    {"*.com", "example.com", true, false},
    {"p*.example.com", "pbx.example.com", true, false},
    {"", "", true, false},
};

static void identities_match_exactly_or_by_an_allowed_wildcard(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(matches); i++) {
		struct tls_identities identities = {.count = 1};

		snprintf(identities.name[0], TLS_IDENTITY_MAX, "%s", matches[i].name);
		if (tls_identity_match(&identities, matches[i].fqdn, matches[i].wildcard) !=
		    matches[i].match)
			fail_msg("%s against %s, wildcard %d", matches[i].name, matches[i].fqdn,
				 matches[i].wildcard);
	}
}

static const struct {
	const char *common_name;
	const char *san[4];
	const char *expected; /* joined by a space */
} certificates[] = {
    /* URI SANs of scheme sip come first (RFC 5922 7.1) */
    {"cn.example", {"URI:sip:uri.example"}, "uri.example"},
    {"cn.example", {"DNS:dns.example", "URI:sip:uri.example"}, "uri.example"},
    {"cn.example", {"URI:SIP:Uri.Example"}, "uri.example"},
    {"cn.example",
     {"URI:sip:a.example", "URI:sip:b.example"},
     "b.example a.example"}, /* a set: no order */
    /* a person is not a domain; other schemes and parameters are not identities */
    {"cn.example", {"URI:sip:alice@uri.example"}, ""},
    {"cn.example", {"URI:sip:alice@uri.example", "DNS:dns.example"}, "dns.example"},
    {"cn.example", {"URI:sips:uri.example", "DNS:dns.example"}, "dns.example"},
    {"cn.example", {"URI:https://uri.example"}, ""},
    {"cn.example", {"URI:sip:uri.example;transport=tls"}, ""},
    {"cn.example", {"URI:sip:*.example"}, ""},
    /* else DNS */
    {"cn.example", {"DNS:dns.example", "DNS:*.dns.example"}, "*.dns.example dns.example"},
    {"cn.example", {"DNS:bad name.example"}, ""},
    {"cn.example", {"DNS:line\nbreak.example"}, ""},
    /* the common name only without any SAN */
    {"cn.example", {NULL}, "cn.example"},
    {"CN.Example", {NULL}, "cn.example"},
    {"Some Phone", {NULL}, ""},
    {NULL, {NULL}, ""},
};

static void join(char *text, size_t size, const struct tls_identities *identities)
{
	text[0] = '\0';
	for (unsigned i = 0; i < identities->count; i++)
		snprintf(text + strlen(text), size - strlen(text), "%s%s", i ? " " : "",
			 identities->name[i]);
}

static void a_certificate_is_who_rfc_5922_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(certificates); i++) {
		struct pki_request request = {.name = "id",
					      .common_name = certificates[i].common_name};
		struct tls_identities identities;
		struct pki_party party;
		char text[1024];

		memcpy(request.san, certificates[i].san, sizeof(certificates[i].san));
		assert_int_equal(pki_make(&party, directory, &request, &authority), 0);
		WOLFSSL_X509 *x509 =
		    wolfSSL_X509_load_certificate_file(party.certificate, WOLFSSL_FILETYPE_PEM);

		if (!x509)
			fail_msg("certificate %zu is not read", i);
		int result = tls_identities_read(&identities, x509);

		join(text, sizeof(text), &identities);
		assert_string_equal(text, certificates[i].expected);
		assert_int_equal(result, text[0] ? 0 : -ENOENT);
		wolfSSL_X509_free(x509);
		pki_party_free(&party);
	}
}

static void a_certificates_facts_are_read(void **state)
{
	const struct pki_request request = {
	    .name = "facts", .common_name = "facts.example", .usage = "serverAuth"};
	struct tls_certificate facts;
	struct pki_party party;

	(void)state;
	assert_int_equal(pki_make(&party, directory, &request, &authority), 0);
	WOLFSSL_X509 *x509 =
	    wolfSSL_X509_load_certificate_file(party.certificate, WOLFSSL_FILETYPE_PEM);

	assert_non_null(x509);
	tls_certificate_read(&facts, x509);
	assert_non_null(strstr(facts.subject, "facts.example"));
	assert_non_null(strstr(facts.issuer, "Test CA"));
	assert_true(strlen(facts.serial) >= 16);
	assert_int_equal(strlen(facts.sha1), 40);
	assert_int_equal(strlen(facts.sha256), 64);
	assert_in_range(facts.not_after - facts.not_before, 30 * 86400, 32 * 86400);
	assert_true(facts.server_auth);
	assert_false(facts.client_auth);
	wolfSSL_X509_free(x509);
	pki_party_free(&party);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(identities_match_exactly_or_by_an_allowed_wildcard),
	    cmocka_unit_test(a_certificate_is_who_rfc_5922_says),
	    cmocka_unit_test(a_certificates_facts_are_read),
	};

	return cmocka_run_group_tests(tests, make_pki, remove_pki);
}
