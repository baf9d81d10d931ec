/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The distribution of latencies, and the mark in a payload. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "histogram.h"
#include "mark.h"

static struct histogram histogram;

static void reset(void)
{
	memset(&histogram, 0, sizeof(histogram));
}

static void an_empty_histogram_says_zero(void **state)
{
	(void)state;
	reset();
	assert_int_equal(histogram_quantile(&histogram, 0.5), 0);
}

static void small_values_are_exact(void **state)
{
	(void)state;
	reset();
	for (uint64_t i = 0; i < 64; i++)
		histogram_add(&histogram, i);
	assert_int_equal(histogram_quantile(&histogram, 0), 0);
	assert_int_equal(histogram_quantile(&histogram, 0.5), 32);
	assert_int_equal(histogram_quantile(&histogram, 1), 63);
}

static void any_value_is_known_to_a_64th(void **state)
{
	(void)state;
	for (uint64_t value = 1; value < UINT64_C(1) << 41; value = value * 5 / 4 + 1) {
		uint64_t found;

		reset();
		histogram_add(&histogram, value);
		histogram_add(&histogram, UINT64_C(1) << 41); /* so that max does not help */
		found = histogram_quantile(&histogram, 0.4);
		assert_in_range(found, value, value + value / 64 + 1);
	}
}

static void what_is_too_long_is_the_longest(void **state)
{
	(void)state;
	reset();
	histogram_add(&histogram, UINT64_MAX);
	assert_int_equal(histogram.max, UINT64_MAX);
	assert_int_equal(histogram.bucket[HISTOGRAM_BUCKETS - 1], 1);
}

static void a_quantile_leaves_the_rest_above(void **state)
{
	(void)state;
	reset();
	for (uint64_t i = 0; i < 999; i++)
		histogram_add(&histogram, 10);
	histogram_add(&histogram, 5000);
	assert_int_equal(histogram_quantile(&histogram, 0.99), 10);
	assert_int_equal(histogram_quantile(&histogram, 0.999), 5000);
}

static void a_payload_of_any_size_is_read_back(void **state)
{
	const struct mark written = {.sent_tsc = 77, .number = 5, .stream = 9};
	uint8_t payload[300];
	struct mark mark;

	(void)state;
	for (uint32_t length = MARK_BYTES; length <= sizeof(payload); length++) {
		mark_write(payload, length, &written);
		assert_true(mark_read(payload, length, &mark));
		assert_memory_equal(&mark, &written, sizeof(mark));
	}
}

static void one_changed_bit_is_seen(void **state)
{
	const struct mark written = {.sent_tsc = 77, .number = 5, .stream = 9};
	uint8_t payload[160];
	struct mark mark;

	(void)state;
	for (uint32_t bit = 0; bit < 8 * sizeof(payload); bit++) {
		mark_write(payload, sizeof(payload), &written);
		payload[bit / 8] ^= (uint8_t)(1U << bit % 8);
		assert_false(mark_read(payload, sizeof(payload), &mark));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_empty_histogram_says_zero),
	    cmocka_unit_test(small_values_are_exact),
	    cmocka_unit_test(any_value_is_known_to_a_64th),
	    cmocka_unit_test(what_is_too_long_is_the_longest),
	    cmocka_unit_test(a_quantile_leaves_the_rest_above),
	    cmocka_unit_test(a_payload_of_any_size_is_read_back),
	    cmocka_unit_test(one_changed_bit_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
