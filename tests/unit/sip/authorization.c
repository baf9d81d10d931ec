/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Digest credentials: what is taken, what we do not speak, what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>

#include "sip/authorization.h"

#define MD5 "0123456789abcdef0123456789ABCDEF"
#define TEXTS "username=\"u\", realm=\"r\", nonce=\"n\", uri=\"sip:a@b\""
#define ALL TEXTS ", response=\"" MD5 "\", cnonce=\"c\", nc=0000000f"

static void credentials_are_read_or_refused(void **state)
{
	static const struct {
		const char *text;
		int result;
	} row[] = {
	    {"Digest " ALL ", qop=auth", 0},
	    {"digest  " ALL ", qop=\"AUTH\", algorithm=md5, opaque=\"\", x=y", 0},
	    {"Digest " TEXTS ", response=\"" MD5 MD5
	     "\", cnonce=\"c\", nc=00000001, qop=auth, algorithm=SHA-256",
	     0},
	    {"Digest " ALL ", qop=auth, userhash=false", 0},
	    {"Digest " ALL, -ENOTSUP}, /* RFC 2069 */
	    {"Digest " ALL ", qop=auth-int", -ENOTSUP},
	    {"Digest " ALL ", qop=auth, algorithm=MD5-sess", -ENOTSUP},
	    {"Digest " ALL ", qop=auth, userhash=true", -ENOTSUP},
	    {"Digest " ALL ", qop=auth, username*=UTF-8''x", -ENOTSUP},
	    {"Basic dTpw", -ENOTSUP},
	    {"", -EINVAL},
	    {"Digest", -EINVAL},
	    {"Digest " TEXTS ", qop=auth", -EINVAL},
	    {"Digest " TEXTS ", response=\"" MD5 "\", nc=00000001, qop=auth", -EINVAL},
	    {"Digest " TEXTS ", response=\"" MD5 "\", cnonce=\"c\", qop=auth", -EINVAL},
	    {"Digest " TEXTS ", response=\"" MD5 "\", cnonce=\"\", nc=00000001, qop=auth", -EINVAL},
	    {"Digest " TEXTS ", response=\"" MD5 "\", cnonce=\"c\", nc=1, qop=auth", -EINVAL},
	    {"Digest " TEXTS ", response=\"" MD5 "\", cnonce=\"c\", nc=0000000g, qop=auth",
	     -EINVAL},
	    {"Digest " TEXTS ", response=\"" MD5 "0\", cnonce=\"c\", nc=00000001, qop=auth",
	     -EINVAL},
	    {"Digest " TEXTS ", response=\"0123456789abcdef0123456789abcdeg\", cnonce=\"c\", "
	     "nc=00000001, qop=auth",
	     -EINVAL},
	    {"Digest " ALL ", qop=auth, algorithm=SHA-256", -EINVAL}, /* too short for it */
	    {"Digest " ALL ", qop=auth, nc=00000002", -EINVAL},
	    {"Digest " ALL ", qop=auth, qop=auth", -EINVAL},
	    {"Digest " ALL ", qop=auth, realm=\"s\"", -EINVAL},
	    {"Digest " ALL ", qop=auth, algorithm=MD5, algorithm=MD5", -EINVAL},
	    {"Digest " ALL ", qop=auth x", -EINVAL},
	    {"Digest username=u, realm=\"r\", qop=auth", -EINVAL},
	};
	struct sip_authorization read;

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		int result = sip_authorization_parse(&read, str_of(row[i].text));

		if (result != row[i].result)
			fail_msg("'%s' gives %d, not %d", row[i].text, result, row[i].result);
	}
	assert_int_equal(sip_authorization_parse(&read, str_of(row[0].text)), 0);
	assert_true(str_eq(read.username, STR("u")) && str_eq(read.realm, STR("r")));
	assert_true(str_eq(read.nonce, STR("n")) && str_eq(read.uri, STR("sip:a@b")));
	assert_true(str_eq(read.cnonce, STR("c")) && str_eq(read.nc, STR("0000000f")));
	assert_int_equal(read.nonce_count, 15);
	assert_true(str_eq(read.response, STR(MD5)));
	assert_int_equal(read.algorithm, SIP_DIGEST_MD5);
}

static void credentials_are_found_by_their_realm(void **state)
{
	static const struct {
		const char *headers;
		int result;
	} row[] = {
	    {"", -ENOENT},
	    {"Authorization: Digest " ALL ", qop=auth\r\n", 0},
	    {"Proxy-Authorization: Digest " ALL ", qop=auth\r\n", 0},
	    {"Authorization: Digest realm=\"other\"\r\nAuthorization: Digest " ALL ", qop=auth\r\n",
	     0},
	    {"Authorization: Digest realm=\"other\"\r\n", -ENOENT},
	    {"Authorization: Basic x\r\n", -ENOENT},
	    {"Authorization: Digest realm=\"r\"\r\n", -EINVAL},
	    {"Authorization: Digest realm=\"r\", qop=auth-int\r\n", -ENOTSUP},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct sip_authorization read;
		struct sip_message message;
		char text[1024];
		int length = snprintf(
		    text, sizeof(text),
		    "REGISTER sip:b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\n"
		    "From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: c\r\nCSeq: 1 REGISTER\r\n"
		    "%sContent-Length: 0\r\n\r\n",
		    row[i].headers);

		assert_int_equal(sip_message_parse(&message, text, (size_t)length, NULL), 0);
		if (sip_authorization_find(&read, &message, STR("r")) != row[i].result)
			fail_msg("%s", row[i].headers);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(credentials_are_read_or_refused),
	    cmocka_unit_test(credentials_are_found_by_their_realm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
