/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "sdp/sdes.h"
#include "sluice_media.h"

#define SAME(name) \
	static_assert((int)SDES_##name == (int)SLUICE_SUITE_##name, "the media API's number")
SAME(NONE);
SAME(AES_CM_128_HMAC_SHA1_80);
SAME(AES_CM_128_HMAC_SHA1_32);
SAME(AES_192_CM_HMAC_SHA1_80);
SAME(AES_192_CM_HMAC_SHA1_32);
SAME(AES_256_CM_HMAC_SHA1_80);
SAME(AES_256_CM_HMAC_SHA1_32);
SAME(AEAD_AES_128_GCM);
SAME(AEAD_AES_256_GCM);
static_assert((int)SLUICE_SUITE_COUNT == (int)SDES_AEAD_AES_256_GCM + 1, "all suites are there");
static_assert(SDES_KEY_MAX == SLUICE_KEY_MAX, "a key fits the media API");

/* Keys of counting bytes: 0, 1, 2… */
#define KEY30 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd"
#define KEY28 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw=="
#define KEY38 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCU="
#define KEY44 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKis="
#define KEY46 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLQ=="
/* The same but for the first byte: 1, 2, 3, 4. */
#define OTHER30 "AQECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd"
#define THIRD30 "AgECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd"
#define FOURTH30 "AwECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd"
#define FIFTH30 "BAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd"
#define S80 "AES_CM_128_HMAC_SHA1_80"

static const struct good {
	const char *line;
	uint32_t tag;
	enum sdes_suite suite;
	uint64_t lifetime;
	uint32_t mki;
	uint8_t mki_length;
} good[] = {
    {"1 " S80 " inline:" KEY30, 1, SDES_AES_CM_128_HMAC_SHA1_80, 0, 0, 0},
    {"0 " S80 " inline:" KEY30, 0, SDES_AES_CM_128_HMAC_SHA1_80, 0, 0, 0},
    {"999999999 " S80 " inline:" KEY30, 999999999, SDES_AES_CM_128_HMAC_SHA1_80, 0, 0, 0},
    {"2 AES_CM_128_HMAC_SHA1_32 inline:" KEY30, 2, SDES_AES_CM_128_HMAC_SHA1_32, 0, 0, 0},
    {"3 AES_192_CM_HMAC_SHA1_80 inline:" KEY38, 3, SDES_AES_192_CM_HMAC_SHA1_80, 0, 0, 0},
    {"3 AES_CM_192_HMAC_SHA1_32 inline:" KEY38, 3, SDES_AES_192_CM_HMAC_SHA1_32, 0, 0, 0},
    {"4 AES_256_CM_HMAC_SHA1_80 inline:" KEY46, 4, SDES_AES_256_CM_HMAC_SHA1_80, 0, 0, 0},
    {"4 AES_CM_256_HMAC_SHA1_80 inline:" KEY46, 4, SDES_AES_256_CM_HMAC_SHA1_80, 0, 0, 0},
    {"4 AES_CM_256_HMAC_SHA1_32 inline:" KEY46, 4, SDES_AES_256_CM_HMAC_SHA1_32, 0, 0, 0},
    {"5 AEAD_AES_128_GCM inline:" KEY28, 5, SDES_AEAD_AES_128_GCM, 0, 0, 0},
    {"6 AEAD_AES_256_GCM inline:" KEY44, 6, SDES_AEAD_AES_256_GCM, 0, 0, 0},
    /* padding left out */
    {"6 AEAD_AES_256_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKis", 6,
     SDES_AEAD_AES_256_GCM, 0, 0, 0},
    {"5 AEAD_AES_128_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw", 5, SDES_AEAD_AES_128_GCM,
     0, 0, 0},
    /* lifetime and MKI (RFC 4568 6.1) */
    {"1 " S80 " inline:" KEY30 "|2^31", 1, SDES_AES_CM_128_HMAC_SHA1_80, 1ULL << 31, 0, 0},
    {"1 " S80 " inline:" KEY30 "|2^48", 1, SDES_AES_CM_128_HMAC_SHA1_80, 1ULL << 48, 0, 0},
    {"1 " S80 " inline:" KEY30 "|2^0", 1, SDES_AES_CM_128_HMAC_SHA1_80, 1, 0, 0},
    {"1 " S80 " inline:" KEY30 "|1048577", 1, SDES_AES_CM_128_HMAC_SHA1_80, 1048577, 0, 0},
    {"1 " S80 " inline:" KEY30 "|2^20|1:4", 1, SDES_AES_CM_128_HMAC_SHA1_80, 1 << 20, 1, 4},
    {"1 " S80 " inline:" KEY30 "|1:1", 1, SDES_AES_CM_128_HMAC_SHA1_80, 0, 1, 1},
    {"1 " S80 " inline:" KEY30 "|0:2", 1, SDES_AES_CM_128_HMAC_SHA1_80, 0, 0, 2},
    {"1 " S80 " inline:" KEY30 "|4294967295:4", 1, SDES_AES_CM_128_HMAC_SHA1_80, 0, 4294967295U, 4},
    /* session parameters that change nothing for us */
    {"1 " S80 " inline:" KEY30 " KDR=0", 1, SDES_AES_CM_128_HMAC_SHA1_80, 0, 0, 0},
    {"1 " S80 " inline:" KEY30 " WSH=64", 1, SDES_AES_CM_128_HMAC_SHA1_80, 0, 0, 0},
    {"1 " S80 " inline:" KEY30 " FEC_ORDER=FEC_SRTP WSH=1024", 1, SDES_AES_CM_128_HMAC_SHA1_80, 0,
     0, 0},
    {"1 " S80 " inline:" KEY30 " -FUTURE=1 -X", 1, SDES_AES_CM_128_HMAC_SHA1_80, 0, 0, 0},
    /* spaces, tabs, case */
    {" 1\t" S80 "  inline:" KEY30 "  ", 1, SDES_AES_CM_128_HMAC_SHA1_80, 0, 0, 0},
    {"1 aes_cm_128_hmac_sha1_80 INLINE:" KEY30, 1, SDES_AES_CM_128_HMAC_SHA1_80, 0, 0, 0},
};

static const struct refused {
	const char *line;
	enum sdes_verdict verdict;
	const char *reason;
} refused[] = {
    {"1 NULL_HMAC_SHA1_80 inline:" KEY30, SDES_SKIP, "unknown or refused crypto suite"},
    {"1 F8_128_HMAC_SHA1_80 inline:" KEY30, SDES_SKIP, "unknown or refused crypto suite"},
    {"1 AES_128_GCM inline:" KEY28, SDES_SKIP, "unknown or refused crypto suite"},
    {"1 " S80 " uri:sips:key.example.com", SDES_SKIP, "key method is not inline"},
    {"1 " S80 " inline:" KEY30 "|1:1;inline:" OTHER30 "|2:1;inline:" THIRD30 "|3:1;inline:" FOURTH30
     "|4:1;inline:" FIFTH30 "|5:1",
     SDES_SKIP, "more than 4 master keys on one line"},
    {"1 " S80 " inline:" KEY30 "|1:1;uri:" OTHER30 "|2:1", SDES_SKIP, "key method is not inline"},
    {"1 " S80 " inline:" KEY30 "|1:1;inline:" OTHER30 "|2:5", SDES_SKIP,
     "MKI is longer than 4 bytes"},
    {"1 " S80 " inline:" KEY30 "|1:5", SDES_SKIP, "MKI is longer than 4 bytes"},
    {"1 " S80 " inline:" KEY30 "|1:128", SDES_SKIP, "MKI is longer than 4 bytes"},
    {"1 " S80 " inline:" KEY30 " KDR=1", SDES_SKIP, "key derivation rate other than 0"},
    {"1 " S80 " inline:" KEY30 " KDR=24", SDES_SKIP, "key derivation rate other than 0"},
    {"1 " S80 " inline:" KEY30 " UNENCRYPTED_SRTP", SDES_SKIP, "UNENCRYPTED_SRTP is refused"},
    {"1 " S80 " inline:" KEY30 " UNENCRYPTED_SRTCP", SDES_SKIP, "UNENCRYPTED_SRTCP is refused"},
    {"1 " S80 " inline:" KEY30 " WSH=64 UNAUTHENTICATED_SRTP", SDES_SKIP,
     "UNAUTHENTICATED_SRTP is refused"},
    {"1 " S80 " inline:" KEY30 " FEC_ORDER=SRTP_FEC", SDES_SKIP,
     "FEC over SRTP packets cannot be relayed"},
    {"1 " S80 " inline:" KEY30 " FEC_KEY=inline:" KEY30, SDES_SKIP,
     "FEC with its own key cannot be relayed"},
    {"1 " S80 " inline:" KEY30 " KDR", SDES_SKIP, "unknown mandatory session parameter"},
    {"1 " S80 " inline:" KEY30 " FUTURE=1", SDES_SKIP, "unknown mandatory session parameter"},
    {"1 " S80 " inline:" KEY30 " UNENCRYPTED_SRTP=0", SDES_SKIP,
     "unknown mandatory session parameter"},
    {"1 " S80 " inline:" KEY30 " =1", SDES_BAD, "session parameter without a name"},

    {"", SDES_BAD, "a=crypto is TAG SUITE KEY-PARAMETERS"},
    {"1", SDES_BAD, "a=crypto is TAG SUITE KEY-PARAMETERS"},
    {"1 " S80, SDES_BAD, "a=crypto is TAG SUITE KEY-PARAMETERS"},
    {"1 " S80 " ", SDES_BAD, "a=crypto is TAG SUITE KEY-PARAMETERS"},
    {"x " S80 " inline:" KEY30, SDES_BAD, "tag is 1 to 9 digits, no leading zero"},
    {"-1 " S80 " inline:" KEY30, SDES_BAD, "tag is 1 to 9 digits, no leading zero"},
    {"01 " S80 " inline:" KEY30, SDES_BAD, "tag is 1 to 9 digits, no leading zero"},
    {"1000000000 " S80 " inline:" KEY30, SDES_BAD, "tag is 1 to 9 digits, no leading zero"},
    {"18446744073709551617 " S80 " inline:" KEY30, SDES_BAD,
     "tag is 1 to 9 digits, no leading zero"},
    {"1 AES,CM inline:" KEY30, SDES_BAD, "suite is a token"},
    {"1 " S80 " inline", SDES_BAD, "key parameter is METHOD:INFO"},
    {"1 " S80 " " KEY30, SDES_BAD, "key parameter is METHOD:INFO"},
    {"1 " S80 " :" KEY30, SDES_BAD, "key parameter is METHOD:INFO"},
    {"1 " S80 " inline:", SDES_BAD, "key, or what follows '|', is missing"},
    {"1 " S80 " inline:|2^31", SDES_BAD, "key, or what follows '|', is missing"},
    {"1 " S80 " inline:" KEY30 "|", SDES_BAD, "key, or what follows '|', is missing"},
    {"1 " S80 " inline:" KEY30 "|2^31|", SDES_BAD, "key, or what follows '|', is missing"},
    {"1 " S80 " inline:" KEY28, SDES_BAD, "key is not base64 of the suite's length"},
    {"1 " S80 " inline:" KEY46, SDES_BAD, "key is not base64 of the suite's length"},
    {"1 " S80 " inline:" KEY30 "=", SDES_BAD, "key is not base64 of the suite's length"},
    {"1 AEAD_AES_128_GCM inline:" KEY30, SDES_BAD, "key is not base64 of the suite's length"},
    {"1 AES_256_CM_HMAC_SHA1_80 inline:" KEY30, SDES_BAD,
     "key is not base64 of the suite's length"},
    {"1 " S80 " inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxw!", SDES_BAD,
     "key is not base64 of the suite's length"},
    {"1 " S80 " inline:" KEY30 "|0", SDES_BAD, "lifetime is 1 to 2^48 packets"},
    {"1 " S80 " inline:" KEY30 "|2^49", SDES_BAD, "lifetime is 1 to 2^48 packets"},
    {"1 " S80 " inline:" KEY30 "|2^031", SDES_BAD, "lifetime is 1 to 2^48 packets"},
    {"1 " S80 " inline:" KEY30 "|2^", SDES_BAD, "lifetime is 1 to 2^48 packets"},
    {"1 " S80 " inline:" KEY30 "|281474976710657", SDES_BAD, "lifetime is 1 to 2^48 packets"},
    {"1 " S80 " inline:" KEY30 "|99999999999999999999", SDES_BAD, "lifetime is 1 to 2^48 packets"},
    {"1 " S80 " inline:" KEY30 "||1:1", SDES_BAD, "lifetime is 1 to 2^48 packets"},
    {"1 " S80 " inline:" KEY30 "|1:1|2^31", SDES_BAD, "lifetime is 1 to 2^48 packets"},
    {"1 " S80 " inline:" KEY30 "|2^31|1:1|1:1", SDES_BAD,
     "MKI is VALUE:LENGTH, length 1 to 128 bytes"},
    {"1 " S80 " inline:" KEY30 "|2^31|1", SDES_BAD, "MKI is VALUE:LENGTH, length 1 to 128 bytes"},
    {"1 " S80 " inline:" KEY30 "|1:0", SDES_BAD, "MKI is VALUE:LENGTH, length 1 to 128 bytes"},
    {"1 " S80 " inline:" KEY30 "|1:129", SDES_BAD, "MKI is VALUE:LENGTH, length 1 to 128 bytes"},
    {"1 " S80 " inline:" KEY30 "|:1", SDES_BAD, "MKI is VALUE:LENGTH, length 1 to 128 bytes"},
    {"1 " S80 " inline:" KEY30 "|256:1", SDES_BAD, "MKI value does not fit its length"},
    {"1 " S80 " inline:" KEY30 "|4294967296:4", SDES_BAD, "MKI value does not fit its length"},
    /* several keys that cannot be told apart */
    {"1 " S80 " inline:" KEY30 ";inline:" OTHER30, SDES_BAD,
     "several master keys need MKIs of one length"},
    {"1 " S80 " inline:" KEY30 "|2^31;inline:" OTHER30 "|2:1", SDES_BAD,
     "several master keys need MKIs of one length"},
    {"1 " S80 " inline:" KEY30 "|1:1;inline:" OTHER30, SDES_BAD,
     "several master keys need MKIs of one length"},
    {"1 " S80 " inline:" KEY30 "|1:1;inline:" OTHER30 "|2:2", SDES_BAD,
     "several master keys need MKIs of one length"},
    {"1 " S80 " inline:" KEY30 "|1:1;inline:" OTHER30 "|1:1", SDES_BAD,
     "two master keys have the same MKI"},
    {"1 " S80 " inline:" KEY30 "|1:1;inline:" OTHER30 "|2:1;inline:" THIRD30 "|2:1", SDES_BAD,
     "two master keys have the same MKI"},
    {"1 " S80 " inline:" KEY30 "|2^20|1:4;inline:" KEY30 "|2^20|2:4", SDES_BAD,
     "a master key stands twice on the line"},
    {"1 " S80 " inline:" KEY30 "|1:1;inline:" OTHER30 "|2:1;inline:" OTHER30 "|3:1", SDES_BAD,
     "a master key stands twice on the line"},
    {"1 " S80 " inline:" KEY30 "|1:1;", SDES_BAD, "key parameter is METHOD:INFO"},
    {"1 " S80 " inline:" KEY30 "|1:1;;inline:" OTHER30 "|2:1", SDES_BAD,
     "key parameter is METHOD:INFO"},
    {"1 " S80 " inline:" KEY30 "|1:1;inline:" KEY28 "|2:1", SDES_BAD,
     "key is not base64 of the suite's length"},
    {"1 " S80 " inline:" KEY30 "|01:1", SDES_BAD, "MKI value does not fit its length"},
};

static void good_lines_give_the_facts_of_the_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct sdes_crypto crypto;
		const char *reason;

		if (sdes_parse(&crypto, NULL, str_of(good[i].line), &reason) != SDES_OK)
			fail_msg("%s: %s", good[i].line, reason);
		assert_int_equal(crypto.tag, good[i].tag);
		assert_int_equal(crypto.suite, good[i].suite);
		assert_int_equal(crypto.key.lifetime, good[i].lifetime);
		assert_int_equal(crypto.key.mki, good[i].mki);
		assert_int_equal(crypto.mki_length, good[i].mki_length);
		assert_int_equal(crypto.key_length, sdes_key_length(crypto.suite));
		for (uint8_t byte = 0; byte < crypto.key_length; byte++)
			assert_int_equal(crypto.key.bytes[byte], byte);
	}
}

static void other_lines_are_skipped_or_bad_with_a_reason(void **state)
{
	static const struct sdes_crypto nothing;
	static const struct sdes_more no_more;

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct sdes_crypto crypto;
		struct sdes_more more;
		const char *reason;

		if (sdes_parse(&crypto, &more, str_of(refused[i].line), &reason) !=
		    refused[i].verdict)
			fail_msg("%s: %s", refused[i].line, reason ? reason : "good");
		assert_string_equal(reason, refused[i].reason);
		assert_memory_equal(&crypto, &nothing, sizeof(crypto));
		assert_memory_equal(&more, &no_more, sizeof(more));
		assert_int_equal(sdes_parse(&crypto, &more, str_of(refused[i].line), NULL),
				 refused[i].verdict);
	}
}

static void several_keys_of_a_line_are_read_with_their_mki_and_lifetime(void **state)
{
	static const char line[] =
	    "1 " S80 " inline:" KEY30 "|2^20|1:2;inline:" OTHER30 "|513:2;inline:" THIRD30
	    "|1000|0:2;INLINE:" FOURTH30 "|65535:2 WSH=64";
	static const struct sdes_key expected[] = {
	    {.lifetime = 1 << 20, .mki = 1},
	    {.mki = 513},
	    {.lifetime = 1000},
	    {.mki = 65535},
	};
	struct sdes_crypto crypto;
	struct sdes_more more;
	const char *reason = NULL;

	(void)state;
	if (sdes_parse(&crypto, &more, str_of(line), &reason) != SDES_OK)
		fail_msg("%s", reason);
	assert_int_equal(more.count, 3);
	assert_int_equal(crypto.mki_length, 2);
	for (uint8_t i = 0; i < 4; i++) {
		const struct sdes_key *key = i ? &more.key[i - 1] : &crypto.key;

		assert_int_equal(key->mki, expected[i].mki);
		assert_int_equal(key->lifetime, expected[i].lifetime);
		assert_int_equal(key->bytes[0], i);
		assert_int_equal(key->bytes[29], 29);
	}
	/* who has no room for them passes on to the next line */
	assert_int_equal(sdes_parse(&crypto, NULL, str_of(line), &reason), SDES_SKIP);
	assert_string_equal(reason, "several master keys on one line");
}

static void a_flag_without_a_value_is_bad(void **state)
{
	struct sdes_crypto crypto;

	(void)state;
	assert_int_equal(sdes_parse(&crypto, NULL, (struct str){NULL, 0}, NULL), SDES_BAD);
}

static void every_prefix_of_a_line_is_refused_without_reading_past_it(void **state)
{
	static const char line[] = "1 " S80 " inline:" KEY30 "|2^31|1:1";
	/* the lines that are whole without their tail */
	const size_t key_end = sizeof("1 " S80 " inline:" KEY30) - 1;
	const size_t lifetime_end = key_end + sizeof("|2^31") - 1;

	(void)state;
	for (size_t length = 0; length < sizeof(line) - 1; length++) {
		struct sdes_crypto crypto;
		char copy[sizeof(line)];
		bool whole = length == key_end || length == lifetime_end ||
			     length == key_end + 2 /* "|2" */ || length == lifetime_end - 1;

		memcpy(copy, line, length);
		memset(copy + length, '1', sizeof(copy) - length);
		assert_int_equal(
		    sdes_parse(&crypto, NULL, (struct str){copy, length}, NULL) == SDES_OK, whole);
	}
}

static void what_is_written_is_read_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct sdes_crypto crypto, back;
		char text[SDES_TEXT_MAX];

		assert_int_equal(sdes_parse(&crypto, NULL, str_of(good[i].line), NULL), SDES_OK);
		int length = sdes_format(&crypto, text, sizeof(text));

		assert_int_equal(length, strlen(text));
		assert_int_equal(sdes_parse(&back, NULL, str_of(text), NULL), SDES_OK);
		assert_memory_equal(&back, &crypto, sizeof(crypto));
	}
}

static void a_line_is_written_as_the_rfc_has_it(void **state)
{
	struct sdes_crypto crypto = {.tag = 7,
				     .suite = SDES_AES_256_CM_HMAC_SHA1_80,
				     .key = {.lifetime = 1ULL << 31, .mki = 3},
				     .key_length = 46,
				     .mki_length = 2};
	char text[SDES_TEXT_MAX];

	(void)state;
	for (uint8_t i = 0; i < 46; i++)
		crypto.key.bytes[i] = i;
	assert_true(sdes_format(&crypto, text, sizeof(text)) > 0);
	assert_string_equal(text, "7 AES_256_CM_HMAC_SHA1_80 inline:" KEY46 "|2^31|3:2");

	crypto.spelling = SDES_SPELLING_OLD;
	crypto.key.lifetime = 1000;
	crypto.mki_length = 0;
	assert_true(sdes_format(&crypto, text, sizeof(text)) > 0);
	assert_string_equal(text, "7 AES_CM_256_HMAC_SHA1_80 inline:" KEY46 "|1000");
}

static void the_longest_line_fits_the_documented_size(void **state)
{
	struct sdes_crypto crypto = {.tag = SDES_TAG_MAX,
				     .suite = SDES_AES_256_CM_HMAC_SHA1_80,
				     .key = {.lifetime = SDES_LIFETIME_MAX - 1, .mki = UINT32_MAX},
				     .key_length = 46,
				     .mki_length = 4};
	char text[SDES_TEXT_MAX], exact[SDES_TEXT_MAX];

	(void)state;
	int length = sdes_format(&crypto, text, sizeof(text));

	assert_true(length > 0);
	assert_int_equal(sdes_format(&crypto, exact, (size_t)length + 1), length);
	memset(exact, 'x', sizeof(exact));
	assert_int_equal(sdes_format(&crypto, exact, (size_t)length), -ENOSPC);
	for (int i = 0; i < length; i++)
		assert_int_equal(exact[i], 0); /* no half of a key is left */
}

static void a_crypto_out_of_its_ranges_is_not_written(void **state)
{
	const struct sdes_crypto sound = {.suite = SDES_AES_CM_128_HMAC_SHA1_80, .key_length = 30};
	struct sdes_crypto bad[7];
	char text[SDES_TEXT_MAX];

	(void)state;
	assert_true(sdes_format(&sound, text, sizeof(text)) > 0);
	for (size_t i = 0; i < 7; i++)
		bad[i] = sound;
	bad[0].suite = SDES_NONE;
	bad[1].suite = (enum sdes_suite)9;
	bad[2].key_length = 28;
	bad[3].tag = SDES_TAG_MAX + 1;
	bad[4].key.lifetime = SDES_LIFETIME_MAX + 1;
	bad[5].mki_length = 5;
	bad[6].mki_length = 1;
	bad[6].key.mki = 256;
	for (size_t i = 0; i < 7; i++)
		assert_int_equal(sdes_format(&bad[i], text, sizeof(text)), -EINVAL);
}

static void suites_have_names_and_lengths(void **state)
{
	(void)state;
	for (int i = SDES_AES_CM_128_HMAC_SHA1_80; i <= SDES_AEAD_AES_256_GCM; i++) {
		const char *name = sdes_suite_name((enum sdes_suite)i);

		assert_int_equal(sdes_suite_of(str_of(name)), i);
		assert_true(sdes_key_length((enum sdes_suite)i) <= SDES_KEY_MAX);
		assert_true(sdes_key_length((enum sdes_suite)i) >= 28);
	}
	assert_int_equal(sdes_suite_of(STR("AES_CM_256_HMAC_SHA1_80")),
			 SDES_AES_256_CM_HMAC_SHA1_80);
	assert_int_equal(sdes_suite_of(STR("AES_CM_128_HMAC_SHA1_8")), SDES_NONE);
	assert_int_equal(sdes_suite_of(STR("")), SDES_NONE);
	assert_int_equal(sdes_suite_of((struct str){NULL, 0}), SDES_NONE);
	assert_string_equal(sdes_suite_name(SDES_NONE), "NONE");
	assert_string_equal(sdes_suite_name((enum sdes_suite)99), "NONE");
	assert_int_equal(sdes_key_length(SDES_NONE), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(good_lines_give_the_facts_of_the_table),
	    cmocka_unit_test(other_lines_are_skipped_or_bad_with_a_reason),
	    cmocka_unit_test(several_keys_of_a_line_are_read_with_their_mki_and_lifetime),
	    cmocka_unit_test(a_flag_without_a_value_is_bad),
	    cmocka_unit_test(every_prefix_of_a_line_is_refused_without_reading_past_it),
	    cmocka_unit_test(what_is_written_is_read_back),
	    cmocka_unit_test(a_line_is_written_as_the_rfc_has_it),
	    cmocka_unit_test(the_longest_line_fits_the_documented_size),
	    cmocka_unit_test(a_crypto_out_of_its_ranges_is_not_written),
	    cmocka_unit_test(suites_have_names_and_lengths),
	};

	return cmocka_run_group_tests_name("sdes", tests, NULL, NULL);
}
