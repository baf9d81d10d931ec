/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Digest challenges: what is taken, what cannot be met, what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "sip/challenge.h"

static void challenges_are_read_or_refused(void **state)
{
	static const struct {
		const char *text;
		int result;
		const char *realm, *nonce, *opaque; /* of result 0 */
		enum sip_digest_algorithm algorithm;
		bool qop, stale;
	} row[] = {
	    {"Digest realm=\"r\", nonce=\"n\"", 0, "r", "n", NULL, SIP_DIGEST_MD5, false, false},
	    {"digest  REALM = \"r, =\\\"x\" ,nonce=\"n\",opaque=\"\",stale=TRUE", 0, "r, =\\\"x",
	     "n", "", SIP_DIGEST_MD5, false, true},
	    {"Digest realm=\"\", nonce=\"n\", qop=\"auth-int, AUTH\", algorithm=sha-256", 0, "",
	     "n", NULL, SIP_DIGEST_SHA_256, true, false},
	    {"Digest realm=\"r\", nonce=\"n\", qop=auth, algorithm=\"MD5\", stale=false, x=y", 0,
	     "r", "n", NULL, SIP_DIGEST_MD5, true, false},
	    {"Basic realm=\"r\"", -ENOTSUP, NULL, NULL, NULL, 0, false, false},
	    {"Digest realm=\"r\", nonce=\"n\", algorithm=MD5-sess", -ENOTSUP, NULL, NULL, NULL, 0,
	     false, false},
	    {"Digest realm=\"r\", nonce=\"n\", algorithm=SHA-512-256", -ENOTSUP, NULL, NULL, NULL,
	     0, false, false},
	    {"Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\"", -ENOTSUP, NULL, NULL, NULL, 0,
	     false, false},
	    {"", -EINVAL, NULL, NULL, NULL, 0, false, false},
	    {"Digest", -EINVAL, NULL, NULL, NULL, 0, false, false},
	    {"Digest ", -EINVAL, NULL, NULL, NULL, 0, false, false},
	    {"Digest nonce=\"n\"", -EINVAL, NULL, NULL, NULL, 0, false, false},
	    {"Digest realm=\"r\"", -EINVAL, NULL, NULL, NULL, 0, false, false},
	    {"Digest realm=\"r\", nonce=\"\"", -EINVAL, NULL, NULL, NULL, 0, false, false},
	    {"Digest realm=r, nonce=\"n\"", -EINVAL, NULL, NULL, NULL, 0, false, false},
	    {"Digest realm=\"r\", nonce=\"n", -EINVAL, NULL, NULL, NULL, 0, false, false},
	    {"Digest realm=\"r\" x, nonce=\"n\"", -EINVAL, NULL, NULL, NULL, 0, false, false},
	    {"Digest realm=\"r\", realm=\"s\", nonce=\"n\"", -EINVAL, NULL, NULL, NULL, 0, false,
	     false},
	    {"Digest realm=\"r\", nonce=\"n\", algorithm=MD5, algorithm=SHA-256", -EINVAL, NULL,
	     NULL, NULL, 0, false, false},
	    {"Digest realm=\"r\", nonce=\"n\", algorithm=", -EINVAL, NULL, NULL, NULL, 0, false,
	     false},
	    {"Digest realm=\"r\", nonce=\"n\", algorithm=MD5-sess, =", -EINVAL, NULL, NULL, NULL, 0,
	     false, false},
	    {"Digest=\"r\"", -EINVAL, NULL, NULL, NULL, 0, false, false},
	};
	struct sip_challenge challenge;

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		int result = sip_challenge_parse(&challenge, str_of(row[i].text));

		if (result != row[i].result)
			fail_msg("'%s' gives %d, not %d", row[i].text, result, row[i].result);
		if (result < 0)
			continue;
		assert_true(str_eq(challenge.realm, str_of(row[i].realm)));
		assert_true(str_eq(challenge.nonce, str_of(row[i].nonce)));
		assert_int_equal(challenge.opaque.ptr != NULL, row[i].opaque != NULL);
		assert_int_equal(challenge.algorithm, row[i].algorithm);
		assert_int_equal(challenge.qop_auth, row[i].qop);
		assert_int_equal(challenge.stale, row[i].stale);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(challenges_are_read_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
