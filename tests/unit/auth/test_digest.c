/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Digest responses by the vectors of the RFCs, files of users, and the keyed hash of nonces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/digest.h"
#include "tls/mac.h"

/* RFC 7616 3.9.1: "Mufasa", "Circle of Life" */
#define REALM "http-auth@example.org"
#define HA1_MD5 "3d78807defe7de2157e2b0b6573a855f"
#define HA1_SHA_256 "7987c64c30e25f1b74be53f966b49b90f2808aa92faf9a00262392d7b4794232"
#define RESPONSE_MD5 "8ca523f5e9506fed4657c9700eebdbec"
#define RESPONSE_SHA_256 "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
#define CREDENTIALS(user, algorithm, nc, response)                                          \
	"Digest username=\"" user "\", realm=\"" REALM "\", uri=\"/dir/index.html\", "      \
	"algorithm=" algorithm ", nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", " \
	"nc=" nc ", cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, "    \
	"response=\"" response "\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""

static char path[] = "/tmp/sluice-users-XXXXXX";

static int load(struct users **users, const char *content, mode_t mode, char error[256])
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(content, file);
	fclose(file);
	assert_int_equal(chmod(path, mode), 0);
	return users_load(users, path, REALM, error, 256);
}

static void responses_are_those_of_rfc_7616(void **state)
{
	static const struct {
		const char *credentials, *method;
		bool right;
	} facts[] = {
	    {CREDENTIALS("Mufasa", "MD5", "00000001", RESPONSE_MD5), "GET", true},
	    {CREDENTIALS("Mufasa", "SHA-256", "00000001", RESPONSE_SHA_256), "GET", true},
	    {CREDENTIALS("Mufasa", "MD5", "00000001", "8CA523F5E9506FED4657C9700EEBDBEC"), "GET",
	     true},
	    {CREDENTIALS("Mufasa", "MD5", "00000001", RESPONSE_MD5), "POST", false},
	    {CREDENTIALS("Mufasa", "MD5", "00000002", RESPONSE_MD5), "GET", false},
	    {CREDENTIALS("mufasa", "MD5", "00000001", RESPONSE_MD5), "GET", false},
	    {CREDENTIALS("Nobody", "MD5", "00000001", RESPONSE_MD5), "GET", false},
	    {CREDENTIALS("Nala", "MD5", "00000001", RESPONSE_MD5), "GET", false},
	    {CREDENTIALS("Mufasa", "MD5", "00000001", "8ca523f5e9506fed4657c9700eebdbed"), "GET",
	     false},
	};
	struct users *users;
	char error[256];

	(void)state;
	assert_int_equal(load(&users,
			      "# lions\n\nMufasa:" REALM ":" HA1_SHA_256 "\r\nMufasa:" REALM
			      ":3D78807defe7de2157e2b0b6573a855f\nNala:" REALM ":" HA1_SHA_256,
			      0600, error),
			 0);
	for (unsigned i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		struct sip_authorization authorization;

		assert_int_equal(
		    sip_authorization_parse(&authorization, str_of(facts[i].credentials)), 0);
		if (digest_is_right(&authorization, users, str_of(facts[i].method)) !=
		    facts[i].right)
			fail_msg("fact %u", i);
	}
	users_free(users);
}

static void a_file_of_users_is_right_or_told_with_its_line(void **state)
{
	static const struct {
		const char *content;
		mode_t mode;
		const char *wrong;
	} facts[] = {
	    {"a:" REALM ":" HA1_MD5 "\n", 0640, "may be used by others"},
	    {"a:" REALM ":" HA1_MD5 "\n", 0604, "may be used by others"},
	    {"", 0600, "has no users"},
	    {"# nobody\n", 0600, "has no users"},
	    {"a:" REALM ":" HA1_MD5 "\nb:" REALM "\n", 0600, "line 2: must be USER:REALM:HASH"},
	    {"a:other:" HA1_MD5 "\n", 0600, "line 1: the realm must be"},
	    {"a:" REALM ":password\n", 0600, "line 1: the third field"},
	    {"a:" REALM ":" HA1_MD5 "0\n", 0600, "line 1: the third field"},
	    {"\n\"a:" REALM ":" HA1_MD5 "\n", 0600, "line 2: the user must"},
	    {":" REALM ":" HA1_MD5 "\n", 0600, "line 1: the user must"},
	    {"a:" REALM ":" HA1_MD5 ":\n", 0600, "line 1: the fourth field must be 1 to"},
	    {"a:" REALM ":" HA1_MD5 ":b,,c\n", 0600, "line 1: the fourth field has an empty"},
	    {"a:" REALM ":" HA1_MD5 ":b,\n", 0600, "line 1: the fourth field has an empty"},
	    {"a:" REALM ":" HA1_MD5 ":b, c\n", 0600, "line 1: the fourth field must be user"},
	    {"a:" REALM ":" HA1_MD5 ":<sip:b@h>\n", 0600, "line 1: the fourth field must be user"},
	    {"a:" REALM ":" HA1_MD5 "\nb:" REALM ":" HA1_MD5 "\na:" REALM ":" HA1_MD5 "\n", 0600,
	     "two lines of one user"},
	};
	struct users *users;
	char error[256];

	(void)state;
	for (unsigned i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		assert_int_equal(load(&users, facts[i].content, facts[i].mode, error), -EINVAL);
		assert_null(users);
		if (!strstr(error, facts[i].wrong))
			fail_msg("fact %u: %s", i, error);
		assert_null(strstr(error, "3d78"));
	}
}

static void users_are_found_by_name_and_kind_of_hash(void **state)
{
	struct users *users;
	char error[256];

	(void)state;
	assert_int_equal(
	    load(&users, "b:" REALM ":" HA1_MD5 "\na:" REALM ":" HA1_MD5 "\n", 0600, error), 0);
	assert_string_equal(users_ha1(users, STR("a"), SIP_DIGEST_MD5), HA1_MD5);
	assert_null(users_ha1(users, STR("a"), SIP_DIGEST_SHA_256));
	assert_null(users_ha1(users, STR("c"), SIP_DIGEST_MD5));
	assert_null(users_ha1(users, STR("aa"), SIP_DIGEST_MD5));
	assert_null(users_ha1(
	    users, STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
	    SIP_DIGEST_MD5));
	assert_true(users_have(users, SIP_DIGEST_MD5));
	assert_false(users_have(users, SIP_DIGEST_SHA_256));
	users_free(users);
}

/* RFC 4231 4.2 has a shorter key, which HMAC fills up with zeros: so is ours. */
static void the_keyed_hash_is_that_of_rfc_4231(void **state)
{
	static const unsigned char right[] = {0xb0, 0x34, 0x4c, 0x61, 0xd8, 0xdb, 0x38, 0x53,
					      0x5c, 0xa8, 0xaf, 0xce, 0xaf, 0x0b, 0xf1, 0x2b,
					      0x88, 0x1d, 0xc2, 0x00, 0xc9, 0x83, 0x3d, 0xa7,
					      0x26, 0xe9, 0x37, 0x6c, 0x2e, 0x32, 0xcf, 0xf7};
	unsigned char key[TLS_MAC_KEY] = {0}, mac[TLS_MAC_SIZE];
	const struct str text = STR("Hi There");

	(void)state;
	memset(key, 0x0b, 20);
	assert_int_equal(tls_mac(key, &text, 1, mac), 0);
	assert_true(tls_equal(mac, right, sizeof(right)));
	for (unsigned i = 0; i < sizeof(mac); i++) {
		mac[i] ^= 1;
		assert_false(tls_equal(mac, right, sizeof(right)));
		mac[i] ^= 1;
	}
}

static int make_file(void **state)
{
	(void)state;
	int fd = mkstemp(path);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? -1 : 0;
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(responses_are_those_of_rfc_7616),
	    cmocka_unit_test(a_file_of_users_is_right_or_told_with_its_line),
	    cmocka_unit_test(users_are_found_by_name_and_kind_of_hash),
	    cmocka_unit_test(the_keyed_hash_is_that_of_rfc_4231),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
