/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One's complement sums against RFC 1071's own way: 16 bits at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "worker/checksum.h"

#define LENGTH_MAX 1600U

static uint16_t plain_sum(const uint8_t *at, uint32_t length)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < length; i++) {
		sum += i % 2 ? (uint32_t)at[i] << 8 : at[i]; /* memory order of x86 */
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return (uint16_t)sum;
}

/* 0 and 0xffff are the same number in one's complement. */
static uint16_t normal(uint16_t sum)
{
	return sum == 0xffff ? 0 : sum;
}

static void assert_sums(const uint8_t *bytes)
{
	for (uint32_t length = 0; length < LENGTH_MAX; length++) {
		uint16_t sum = checksum_fold(checksum_sum(bytes, length));

		if (normal(sum) != normal(plain_sum(bytes, length)))
			fail_msg("%u bytes: %#x, not %#x", length, sum, plain_sum(bytes, length));
	}
}

static void every_length_has_the_sum_of_its_words(void **state)
{
	uint8_t *bytes = malloc(LENGTH_MAX);
	uint32_t random = 7;

	(void)state;
	assert_non_null(bytes);
	for (uint32_t i = 0; i < LENGTH_MAX; i++) {
		random = random * 1664525u + 1013904223u;
		bytes[i] = (uint8_t)(random >> 24);
	}
	assert_sums(bytes);
	free(bytes);
}

/* Every addition carries. */
static void carries_are_not_lost(void **state)
{
	uint8_t bytes[LENGTH_MAX];

	(void)state;
	memset(bytes, 0xff, sizeof(bytes));
	assert_sums(bytes);
	bytes[0] = 1;
	assert_sums(bytes);
	bytes[33] = 0;
	assert_sums(bytes);
}

static void words_added_one_by_one_have_the_same_sum(void **state)
{
	static const uint64_t words[] = {UINT64_MAX, 1, UINT64_MAX, UINT64_MAX, 0x8000, 0};
	uint64_t sum = 0;

	(void)state;
	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		sum = checksum_add(sum, words[i]);
	assert_int_equal(normal(checksum_fold(sum)),
			 normal(plain_sum((const uint8_t *)words, sizeof(words))));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_length_has_the_sum_of_its_words),
	    cmocka_unit_test(carries_are_not_lost),
	    cmocka_unit_test(words_added_one_by_one_have_the_same_sum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
