/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pki.h"
#include "tls/internal.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

enum {
	AUTHORITY,
	OLD_AUTHORITY,
	GOOD,
	OTHER,
	EXPIRED,
	FUTURE,
	CLIENT_ONLY,
	PARTIES,
};

static const struct pki_request requests[PARTIES] = {
    [AUTHORITY] = {.name = "ca", .common_name = "Test CA", .authority = true},
    [OLD_AUTHORITY] =
	{.name = "old", .common_name = "Old CA", .authority = true, .from_days = -9, .to_days = -2},
    [GOOD] = {.name = "good", .common_name = "good.example", .usage = "serverAuth,clientAuth"},
    [OTHER] = {.name = "other", .common_name = "other.example"},
    [EXPIRED] = {.name = "expired", .common_name = "e.example", .from_days = -9, .to_days = -2},
    [FUTURE] = {.name = "future", .common_name = "f.example", .from_days = 2, .to_days = 9},
    [CLIENT_ONLY] = {.name = "client", .common_name = "c.example", .usage = "clientAuth"},
};

static char directory[128];
static struct pki_party parties[PARTIES];
static char broken[PKI_PATH], empty[PKI_PATH], missing[PKI_PATH];

static int write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	if (!file)
		return -1;
	fputs(text, file);
	return fclose(file);
}

static int make_pki(void **state)
{
	(void)state;
	wolfSSL_Init();
	if (pki_directory_make(directory, sizeof(directory)) < 0)
		return -1;
	for (unsigned i = 0; i < PARTIES; i++)
		if (pki_make(&parties[i], directory, &requests[i],
			     i > OLD_AUTHORITY ? &parties[AUTHORITY] : NULL) < 0)
			return -1;
	snprintf(broken, sizeof(broken), "%s/broken", directory);
	snprintf(empty, sizeof(empty), "%s/empty", directory);
	snprintf(missing, sizeof(missing), "%s/missing", directory);
	return write_text(broken, "-----BEGIN CERTIFICATE-----\nnonsense\n"
				  "-----END CERTIFICATE-----\n") |
	       write_text(empty, "");
}

static int remove_pki(void **state)
{
	(void)state;
	for (unsigned i = 0; i < PARTIES; i++)
		pki_party_free(&parties[i]);
	pki_directory_remove(directory);
	wolfSSL_Cleanup();
	return 0;
}

static void the_installed_wolfssl_is_safe(void **state)
{
	char error[256] = "";

	(void)state;
	assert_int_equal(tls_start(error, sizeof(error)), 0);
	assert_string_equal(error, "");
	wolfSSL_Cleanup();
}

static void a_good_context_reports_its_certificate(void **state)
{
	const struct tls_settings settings = {.role = TLS_SERVER,
					      .certificate = parties[GOOD].certificate,
					      .private_key = parties[GOOD].key,
					      .trust = parties[AUTHORITY].certificate};
	struct tls_certificate own;
	struct tls_context *context;
	char error[256] = "";

	(void)state;
	assert_int_equal(tls_context_new(&context, &settings, &own, error, sizeof(error)), 0);
	assert_non_null(strstr(own.subject, "good.example"));
	assert_non_null(strstr(own.issuer, "Test CA"));
	assert_true(own.client_auth && own.server_auth);
	tls_context_free(context);
}

static void a_context_has_safe_settings_only(void **state)
{
	(void)state;
	for (int bits = 0; bits < 4; bits++) {
		const struct tls_settings settings = {.role = bits & 1 ? TLS_SERVER : TLS_CLIENT,
						      .certificate = parties[GOOD].certificate,
						      .private_key = parties[GOOD].key,
						      .trust = parties[AUTHORITY].certificate,
						      .tls13_only = bits & 2};
		struct tls_context *context;
		char error[256] = "";
		int suites = 0;

		assert_int_equal(tls_context_new(&context, &settings, NULL, error, sizeof(error)),
				 0);
		assert_int_equal(wolfSSL_CTX_get_verify_mode(context->ctx),
				 WOLFSSL_VERIFY_PEER | WOLFSSL_VERIFY_FAIL_IF_NO_PEER_CERT);
		assert_int_equal(wolfSSL_CTX_get_session_cache_mode(context->ctx), 0);
		assert_true(wolfSSL_CTX_get_min_proto_version(context->ctx) >=
			    (bits & 2 ? TLS1_3_VERSION : TLS1_2_VERSION));
		WOLFSSL *ssl = wolfSSL_new(context->ctx);

		assert_non_null(ssl);
		WOLF_STACK_OF(WOLFSSL_CIPHER) *list = wolfSSL_get_ciphers_compat(ssl);

		suites = wolfSSL_sk_SSL_CIPHER_num(list);
		for (int i = 0; i < suites; i++) {
			const WOLFSSL_CIPHER *cipher = wolfSSL_sk_SSL_CIPHER_value(list, i);
			unsigned char high, low;
			int flags = 0;

			assert_int_equal(wolfSSL_get_cipher_suite_from_name(
					     wolfSSL_CIPHER_get_name(cipher), &high, &low, &flags),
					 0);
			assert_non_null(tls_suite_find((uint16_t)(high << 8 | low)));
			assert_true(i > 0 || (high == 0x13 && low == 0x03));
		}
		assert_int_equal(suites, bits & 2 ? 3 : 9);
		wolfSSL_free(ssl);
		tls_context_free(context);
	}
}

static void a_context_that_cannot_be_safe_is_not_made(void **state)
{
	const char *ca = parties[AUTHORITY].certificate;
	const struct {
		const char *certificate, *key, *trust;
		enum tls_role role;
		const char *error; /* contains */
	} facts[] = {
	    {missing, parties[GOOD].key, ca, TLS_SERVER, "missing: No such file"},
	    {NULL, parties[GOOD].key, ca, TLS_SERVER, "no certificate is configured"},
	    {directory, parties[GOOD].key, ca, TLS_SERVER, "not a regular file"},
	    {empty, parties[GOOD].key, ca, TLS_SERVER, "is empty"},
	    {broken, parties[GOOD].key, ca, TLS_SERVER, "not a PEM certificate"},
	    {parties[EXPIRED].certificate, parties[EXPIRED].key, ca, TLS_SERVER, "expired on 20"},
	    {parties[FUTURE].certificate, parties[FUTURE].key, ca, TLS_CLIENT,
	     "not valid before 20"},
	    {parties[CLIENT_ONLY].certificate, parties[CLIENT_ONLY].key, ca, TLS_SERVER,
	     "does not allow server authentication"},
	    {parties[GOOD].certificate, missing, ca, TLS_SERVER, "private key"},
	    {parties[GOOD].certificate, parties[OTHER].key, ca, TLS_SERVER, "does not belong to"},
	    {parties[GOOD].certificate, parties[GOOD].certificate, ca, TLS_SERVER, "not a PEM key"},
	    {parties[GOOD].certificate, parties[GOOD].key, missing, TLS_SERVER, "trust"},
	    {parties[GOOD].certificate, parties[GOOD].key, empty, TLS_SERVER, "is empty"},
	    {parties[GOOD].certificate, parties[GOOD].key, broken, TLS_SERVER, "cannot be parsed"},
	    {parties[GOOD].certificate, parties[GOOD].key, parties[GOOD].key, TLS_CLIENT,
	     "holds no valid certificate"},
	    {parties[GOOD].certificate, parties[GOOD].key, parties[OTHER].certificate, TLS_CLIENT,
	     "is not an authority"},
	    {parties[GOOD].certificate, parties[GOOD].key, parties[OLD_AUTHORITY].certificate,
	     TLS_SERVER, "holds no valid certificate"},
	};

	(void)state;
	for (size_t i = 0; i < N(facts); i++) {
		const struct tls_settings settings = {.role = facts[i].role,
						      .certificate = facts[i].certificate,
						      .private_key = facts[i].key,
						      .trust = facts[i].trust};
		struct tls_context *context;
		char error[512] = "";

		if (tls_context_new(&context, &settings, NULL, error, sizeof(error)) == 0)
			fail_msg("fact %zu: made", i);
		assert_null(context);
		if (!strstr(error, facts[i].error))
			fail_msg("fact %zu: \"%s\" lacks \"%s\"", i, error, facts[i].error);
	}
}

static void a_key_that_others_may_read_is_refused(void **state)
{
	static const struct {
		mode_t mode;
		int result;
	} facts[] = {{0600, 0},      {0400, 0},      {0640, 0},      {0604, -EPERM},
		     {0644, -EPERM}, {0660, -EPERM}, {0602, -EPERM}, {0666, -EPERM}};
	const struct tls_settings settings = {.role = TLS_SERVER,
					      .certificate = parties[GOOD].certificate,
					      .private_key = parties[GOOD].key,
					      .trust = parties[AUTHORITY].certificate};

	(void)state;
	for (size_t i = 0; i < N(facts); i++) {
		struct tls_context *context;
		char error[512] = "";

		assert_int_equal(chmod(parties[GOOD].key, facts[i].mode), 0);
		assert_int_equal(tls_context_new(&context, &settings, NULL, error, sizeof(error)),
				 facts[i].result);
		if (facts[i].result)
			assert_non_null(strstr(error, "run: chmod 600"));
		tls_context_free(context);
	}
	assert_int_equal(chmod(parties[GOOD].key, 0600), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_installed_wolfssl_is_safe),
	    cmocka_unit_test(a_good_context_reports_its_certificate),
	    cmocka_unit_test(a_context_has_safe_settings_only),
	    cmocka_unit_test(a_context_that_cannot_be_safe_is_not_made),
	    cmocka_unit_test(a_key_that_others_may_read_is_refused),
	};

	return cmocka_run_group_tests(tests, make_pki, remove_pki);
}
