/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "srtp_fixture.h"

struct init_case {
	const char *what;
	enum sluice_suite suite;
	int key_length; /* added to the right one */
	uint8_t mki_length;
	uint32_t mki;
	int result;
};

static const struct init_case init_cases[] = {
    {"128, 80", SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80, 0, 0, 0, 0},
    {"128, 32", SLUICE_SUITE_AES_CM_128_HMAC_SHA1_32, 0, 0, 0, 0},
    {"192, 80", SLUICE_SUITE_AES_192_CM_HMAC_SHA1_80, 0, 0, 0, 0},
    {"256, 32", SLUICE_SUITE_AES_256_CM_HMAC_SHA1_32, 0, 0, 0, 0},
    {"no suite", SLUICE_SUITE_NONE, 0, 0, 0, -ENOTSUP},
    {"GCM, 128", SLUICE_SUITE_AEAD_AES_128_GCM, 0, 0, 0, 0},
    {"GCM, 256", SLUICE_SUITE_AEAD_AES_256_GCM, 0, 0, 0, 0},
    {"GCM with the salt of counter mode", SLUICE_SUITE_AEAD_AES_128_GCM, 2, 0, 0, -EINVAL},
    {"a suite that does not exist", SLUICE_SUITE_COUNT, 0, 0, 0, -ENOTSUP},
    {"a key too short", SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80, -1, 0, 0, -EINVAL},
    {"a key too long", SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80, 1, 0, 0, -EINVAL},
    {"no key", SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80, -30, 0, 0, -EINVAL},
    {"an MKI of a byte", SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80, 0, 1, 255, 0},
    {"an MKI above its byte", SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80, 0, 1, 256, -EINVAL},
    {"an MKI without length", SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80, 0, 0, 1, -EINVAL},
    {"an MKI of four bytes", SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80, 0, 4, 0xffffffff, 0},
    {"an MKI of five bytes", SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80, 0, 5, 1, -EINVAL},
};

static void a_key_that_cannot_be_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(init_cases); i++) {
		const struct init_case *row = &init_cases[i];
		struct sluice_key key = key_of(row->suite, 1);
		struct srtp_context context;

		key.key_len = (uint8_t)(key.key_len + row->key_length);
		key.mki_len = row->mki_length;
		key.mki = row->mki;
		if (srtp_context_init(&context, worker, &key) != row->result)
			fail_msg("%s", row->what);
	}
}

static void the_same_key_is_known_again(void **state)
{
	struct sluice_key key = key_of(SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80, 1);
	struct sluice_key other;
	struct srtp_context context;

	(void)state;
	key.mki_len = 2;
	key.mki = 300;
	assert_int_equal(srtp_context_init(&context, worker, &key), 0);
	assert_true(srtp_context_same_key(&context, worker, &key));
	other = key;
	other.suite = SLUICE_SUITE_AES_CM_128_HMAC_SHA1_32;
	assert_false(srtp_context_same_key(&context, worker, &other));
	for (unsigned i = 0; i < key.key_len; i++) {
		other = key;
		other.key[i] ^= 1;
		assert_false(srtp_context_same_key(&context, worker, &other));
	}
	other = key;
	other.mki = 301;
	assert_false(srtp_context_same_key(&context, worker, &other));
	other = key;
	other.mki_len = 4;
	assert_false(srtp_context_same_key(&context, worker, &other));
	other = key;
	other.lifetime = 77;
	assert_true(srtp_context_same_key(&context, worker, &other));
}

static void a_wiped_context_holds_nothing(void **state)
{
	struct sluice_key key = key_of(SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80, 1);
	static const struct srtp_context zeros;
	struct srtp_context context;

	(void)state;
	srtp_context_init(&context, worker, &key);
	srtp_context_wipe(&context, worker);
	assert_memory_equal(&context, &zeros, srtp_context_size(key.suite));
}

struct size_case {
	enum sluice_suite suite;
	size_t most; /* bytes */
};

static const struct size_case size_cases[] = {
    {SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80, 384}, {SLUICE_SUITE_AES_CM_128_HMAC_SHA1_32, 384},
    {SLUICE_SUITE_AES_192_CM_HMAC_SHA1_80, 448}, {SLUICE_SUITE_AES_192_CM_HMAC_SHA1_32, 448},
    {SLUICE_SUITE_AES_256_CM_HMAC_SHA1_80, 512}, {SLUICE_SUITE_AES_256_CM_HMAC_SHA1_32, 512},
    {SLUICE_SUITE_AEAD_AES_128_GCM, 384},        {SLUICE_SUITE_AEAD_AES_256_GCM, 448},
};

/* Both contexts of a stream: hot within 1 KiB. Bytes behind the size are not ours. */
static void a_context_takes_the_bytes_of_its_suite_and_no_more(void **state)
{
	(void)state;
	assert_int_equal(srtp_context_size(SLUICE_SUITE_NONE), 0);
	assert_int_equal(srtp_context_size(SLUICE_SUITE_COUNT), 0);
	for (size_t i = 0; i < ROWS(size_cases); i++) {
		struct sluice_key key = key_of(size_cases[i].suite, 1);
		size_t size = srtp_context_size(key.suite);
		struct wire wire = rtcp_wire(SSRC);
		alignas(64) uint8_t room[640];
		struct srtp_context *context = (struct srtp_context *)room;

		assert_true(size > 0 && size <= size_cases[i].most);
		assert_true(2 * srtp_context_hot_size(key.suite) <= 1024);
		memset(room, 0xa5, sizeof(room));
		assert_int_equal(srtp_context_init(context, worker, &key), 0);
		assert_int_equal(protect(context, &wire), SLUICE_DROP_NONE);
		srtp_context_wipe(context, worker);
		for (size_t at = 0; at < sizeof(room); at++)
			assert_int_equal(room[at], at < size ? 0 : 0xa5);
	}
}

static void the_end_of_a_key_is_near_when_nine_tenths_of_it_are_used(void **state)
{
	/* what is told is right to a thousandth of the lifetime */
	static const struct {
		uint64_t lifetime, tenth;
	} keys[] = {{10, 1},           {1023, 102},        {1024, 102},
		    {1000003, 100000}, {1U << 20, 104857}, {0, (UINT64_C(1) << 48) / 10}};

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		struct sluice_key key = key_of(SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80, 1);
		struct srtp_context context;

		key.lifetime = keys[i].lifetime;
		assert_int_equal(srtp_context_init(&context, worker, &key), 0);
		context.rtp_left = keys[i].tenth + 1 + keys[i].tenth / 900;
		assert_false(srtp_context_near_limit(&context));
		context.rtp_left = keys[i].tenth - keys[i].tenth / 900;
		assert_true(srtp_context_near_limit(&context));
		srtp_context_wipe(&context, worker);
	}
}

static void a_key_ends_with_its_lifetime(void **state)
{
	struct sluice_key key = key_of(SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80, 1);
	struct srtp_context sender;
	struct srtp_context receiver;
	struct wire wire;

	(void)state;
	srtp_context_init(&receiver, worker, &key);
	assert_int_equal(srtp_context_packets_left(&receiver), UINT64_C(1) << 31);
	assert_int_equal(receiver.rtp_left, UINT64_C(1) << 48);
	key.lifetime = 20;
	srtp_context_init(&sender, worker, &key);
	srtp_context_init(&receiver, worker, &key);
	for (uint16_t i = 0; i < 20; i++) {
		assert_int_equal(srtp_context_packets_left(&sender), 20 - i);
		assert_int_equal(srtp_context_near_limit(&sender), i >= 18);
		wire = rtp_wire(SSRC, i);
		assert_int_equal(protect(&sender, &wire), SLUICE_DROP_NONE);
		assert_int_equal(unprotect(&receiver, &wire), SLUICE_DROP_NONE);
	}
	wire = rtp_wire(SSRC, 20);
	assert_int_equal(protect(&sender, &wire), SLUICE_DROP_KEY_LIFETIME);
	key.lifetime = 0;
	wire = sealed_rtp(&key, SSRC, 20);
	hmacs = 0;
	assert_int_equal(unprotect(&receiver, &wire), SLUICE_DROP_KEY_LIFETIME);
	assert_int_equal(hmacs, 0);
	wire = sealed_rtcp(&key, SSRC, 0);
	assert_int_equal(unprotect(&receiver, &wire), SLUICE_DROP_NONE);
}

static void the_last_index_is_used_and_none_after_it(void **state)
{
	struct sluice_key key = key_of(SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80, 1);
	struct srtp_context context;
	struct wire wire;

	(void)state;
	srtp_context_init(&context, worker, &key);
	advance_rtp(&context, SSRC, INDEX(0xffffffff, 65534));
	advance_rtcp(&context, SSRC, 0x7ffffffe);
	wire = rtp_wire(SSRC, 65535);
	assert_int_equal(protect(&context, &wire), SLUICE_DROP_NONE);
	wire = rtp_wire(SSRC, 0);
	assert_int_equal(protect(&context, &wire), SLUICE_DROP_KEY_LIFETIME);
	wire = rtcp_wire(SSRC);
	assert_int_equal(protect(&context, &wire), SLUICE_DROP_NONE);
	wire = rtcp_wire(SSRC);
	assert_int_equal(protect(&context, &wire), SLUICE_DROP_KEY_LIFETIME);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_key_that_cannot_be_is_refused),
	    cmocka_unit_test(the_same_key_is_known_again),
	    cmocka_unit_test(a_wiped_context_holds_nothing),
	    cmocka_unit_test(a_context_takes_the_bytes_of_its_suite_and_no_more),
	    cmocka_unit_test(the_end_of_a_key_is_near_when_nine_tenths_of_it_are_used),
	    cmocka_unit_test(a_key_ends_with_its_lifetime),
	    cmocka_unit_test(the_last_index_is_used_and_none_after_it),
	};

	return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
