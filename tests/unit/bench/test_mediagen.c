/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The distribution of latencies, when packets are due, and the mark in a payload. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "histogram.h"
#include "mark.h"
#include "pace.h"
#include "windows.h"

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
	const struct mark written = {.number = 5, .stream = 9};
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
	const struct mark written = {.number = 5, .stream = 9};
	uint8_t payload[160];
	struct mark mark;

	(void)state;
	for (uint32_t bit = 0; bit < 8 * sizeof(payload); bit++) {
		mark_write(payload, sizeof(payload), &written);
		payload[bit / 8] ^= (uint8_t)(1U << bit % 8);
		assert_false(mark_read(payload, sizeof(payload), &mark));
	}
}

static void packets_of_both_legs_are_due_in_turns(void **state)
{
	const struct pace pace = {.start_tsc = 1000, .interval_tsc = 100};
	/* time, packets of leg 0 and of leg 1 that are due */
	static const uint64_t facts[][3] = {{1000, 1, 0}, {1099, 1, 0}, {1100, 1, 1},
					    {1199, 1, 1}, {1200, 2, 1}, {1300, 2, 2}};

	(void)state;
	for (unsigned i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		for (unsigned leg = 0; leg < 2; leg++)
			assert_int_equal(pace_due(&pace, leg, facts[i][0]), facts[i][1 + leg]);
}

static void a_packet_is_due_when_its_time_has_come(void **state)
{
	const struct pace pace = {.start_tsc = 77, .interval_tsc = 1234.5};

	(void)state;
	for (uint64_t k = 1; k < 100000; k += 997)
		for (unsigned leg = 0; leg < 2; leg++) {
			uint64_t due_tsc = pace_time(&pace, leg, k);

			assert_in_range(pace_due(&pace, leg, due_tsc + 1), k + 1, k + 1);
			assert_in_range(pace_due(&pace, leg, due_tsc - 1), k, k + 1);
		}
}

static void without_a_pace_everything_is_due(void **state)
{
	const struct pace pace = {.start_tsc = 1000};

	(void)state;
	assert_int_equal(pace_due(&pace, 1, 1000), UINT64_MAX);
}

/* 101 windows of 10 ms: one in five has a long pause in it. */
static void the_median_window_is_one_without_a_pause(void **state)
{
	struct windows windows;

	(void)state;
	assert_int_equal(windows_open(&windows, 2, 1.0), 0);
	for (uint64_t window = 0; window < 101; window++)
		for (uint64_t i = 0; i < 100; i++)
			windows_add(&windows, window % 5 == 0 && i >= 50 ? 1000000 : i % 50 + 1,
				    1 + window * 11000000 + i);
	assert_int_equal(windows.count, 100); /* the last is not complete */
	assert_int_equal(windows_median(&windows, WINDOW_P50), 26);
	assert_int_equal(windows_median(&windows, WINDOW_P99), 50);
	windows_close(&windows);
}

static void windows_beyond_the_run_are_left_out(void **state)
{
	struct windows windows;

	(void)state;
	assert_int_equal(windows_open(&windows, 1, 1.0), 0);
	for (uint64_t window = 1; window < 500; window++)
		windows_add(&windows, 5, window * 20000000);
	assert_int_equal(windows.count, windows.room);
	assert_int_equal(windows_median(&windows, WINDOW_P99_9), 5);
	windows_close(&windows);
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
	    cmocka_unit_test(packets_of_both_legs_are_due_in_turns),
	    cmocka_unit_test(a_packet_is_due_when_its_time_has_come),
	    cmocka_unit_test(without_a_pace_everything_is_due),
	    cmocka_unit_test(the_median_window_is_one_without_a_pause),
	    cmocka_unit_test(windows_beyond_the_run_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
