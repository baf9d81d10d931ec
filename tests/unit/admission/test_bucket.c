/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "admission/bucket.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool ask(struct bucket *bucket, unsigned rate, unsigned period_ms, uint64_t now_ms)
{
	if (!bucket_has(bucket, rate, period_ms, now_ms))
		return false;
	bucket_take(bucket, rate, period_ms);
	return true;
}

/* asks at now_ms of a bucket of that rate, which were granted? */
static const struct {
	unsigned rate, period_ms;
	uint64_t now_ms;
	unsigned asks, granted;
} facts[] = {
    {10, BUCKET_SECOND_MS, 0, 25, 10}, /* full at first */
    {10, BUCKET_SECOND_MS, 99, 5, 0},
    {10, BUCKET_SECOND_MS, 101, 5, 1},
    {10, BUCKET_SECOND_MS, 600, 9, 5},
    {10, BUCKET_SECOND_MS, 600, 9, 0},
    {10, BUCKET_SECOND_MS, 1000000, 50, 10}, /* never more than a period's worth */
    {3, BUCKET_SECOND_MS, 1000332, 1, 0},    /* lowered while it was used */
    {3, BUCKET_SECOND_MS, 1000334, 2, 1},
    {0, BUCKET_SECOND_MS, 1000334, 1000, 1000}, /* no limit */
    {2, BUCKET_MINUTE_MS, 2000000, 5, 2},
    {2, BUCKET_MINUTE_MS, 2029999, 5, 0},
    {2, BUCKET_MINUTE_MS, 2030000, 5, 1},
};

static void a_bucket_gives_its_rate_and_a_period_at_once(void **state)
{
	struct bucket bucket = {0};

	(void)state;
	for (size_t i = 0; i < COUNT(facts); i++) {
		unsigned granted = 0;

		for (unsigned j = 0; j < facts[i].asks; j++)
			granted += ask(&bucket, facts[i].rate, facts[i].period_ms, facts[i].now_ms);
		if (granted != facts[i].granted)
			fail_msg("fact %zu: %u granted", i, granted);
	}
}

static void nothing_is_lost_by_rounding(void **state)
{
	struct bucket bucket = {0};
	unsigned granted = 0;

	(void)state;
	while (ask(&bucket, 7, BUCKET_SECOND_MS, 1))
		;
	for (uint64_t now_ms = 1; now_ms <= 100001; now_ms++)
		granted += ask(&bucket, 7, BUCKET_SECOND_MS, now_ms);
	assert_int_equal(granted, 700);
}

static void a_meter_tells_the_last_whole_second_and_the_peak(void **state)
{
	static const uint64_t calls_ms[] = {100, 200, 900, 1000, 1999, 4000};
	static const struct {
		uint64_t now_ms;
		unsigned last;
	} told[] = {{4999, 0}, {5000, 1}, {5999, 1}, {6000, 0}};
	struct meter meter = {0};

	(void)state;
	for (size_t i = 0; i < COUNT(calls_ms); i++) {
		meter_count(&meter, calls_ms[i]);
		if (calls_ms[i] == 1000)
			assert_int_equal(meter_last(&meter, 1000), 3);
		if (calls_ms[i] == 1999)
			assert_int_equal(meter_last(&meter, 2000), 2);
	}
	for (size_t i = 0; i < COUNT(told); i++)
		assert_int_equal(meter_last(&meter, told[i].now_ms), told[i].last);
	assert_int_equal(meter.peak, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_bucket_gives_its_rate_and_a_period_at_once),
	    cmocka_unit_test(nothing_is_lost_by_rounding),
	    cmocka_unit_test(a_meter_tells_the_last_whole_second_and_the_peak),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
