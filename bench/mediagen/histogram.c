/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "histogram.h"

/* Values below HISTOGRAM_STEPS have a bucket each; above, the leading bits say which. */
static uint32_t bucket_of(uint64_t value)
{
	uint32_t power;

	if (value < HISTOGRAM_STEPS)
		return (uint32_t)value;
	power = 63U - (uint32_t)__builtin_clzll(value) - HISTOGRAM_STEPS_LOG2;
	if (power >= HISTOGRAM_POWERS)
		return HISTOGRAM_BUCKETS - 1U;
	return HISTOGRAM_STEPS * (power + 1U) + (uint32_t)(value >> power) - HISTOGRAM_STEPS;
}

uint64_t histogram_top(uint32_t bucket)
{
	uint32_t power;

	if (bucket < HISTOGRAM_STEPS)
		return bucket;
	power = bucket / HISTOGRAM_STEPS - 1U;
	return ((uint64_t)(HISTOGRAM_STEPS + bucket % HISTOGRAM_STEPS + 1U) << power) - 1U;
}

void histogram_add(struct histogram *histogram, uint64_t value)
{
	histogram->bucket[bucket_of(value)]++;
	histogram->count++;
	if (value > histogram->max)
		histogram->max = value;
}

uint64_t histogram_quantile(const struct histogram *histogram, double share)
{
	uint64_t rank = (uint64_t)(share * (double)histogram->count);
	uint64_t seen = 0;

	for (uint32_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += histogram->bucket[i];
		if (seen > rank || (seen && seen == histogram->count))
			return histogram_top(i) < histogram->max ? histogram_top(i)
								 : histogram->max;
	}
	return 0;
}
