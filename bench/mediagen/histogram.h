/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Distribution of times, as HdrHistogram has it: each power of two is cut into 64 equal steps, so
 * that any value is known to 1.6 % at least, from nanoseconds to minutes, in fixed memory.
 *
 * Thread: one.
 */
#pragma once

#include <stdint.h>

#define HISTOGRAM_STEPS_LOG2 6U
#define HISTOGRAM_STEPS (1U << HISTOGRAM_STEPS_LOG2)
#define HISTOGRAM_POWERS 36U /* up to 2^42 ns: 73 minutes; what is longer counts as that */
#define HISTOGRAM_BUCKETS (HISTOGRAM_STEPS * (HISTOGRAM_POWERS + 1U))

struct histogram {
	uint64_t count;
	uint64_t max;
	uint64_t bucket[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *histogram, uint64_t value);

/* A value that the given share (0 to 1) of all does not exceed: the upper end of its step. 0 when
 * there is none. */
uint64_t histogram_quantile(const struct histogram *histogram, double share);

/* Largest value of a bucket, which is below HISTOGRAM_BUCKETS. */
uint64_t histogram_top(uint32_t bucket);
