/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "samples.h"

#include <stdlib.h>
#include <time.h>

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

double tsc_hz(void)
{
	const struct timespec pause = {.tv_nsec = 50 * 1000 * 1000};
	double start_s = seconds_now();
	uint64_t start = tsc_now();

	nanosleep(&pause, NULL);
	return (double)(tsc_now() - start) / (seconds_now() - start_s);
}

void samples_add(struct samples *samples, double value)
{
	if (samples->count < SAMPLES_MAX)
		samples->value[samples->count++] = (float)value;
}

static int compare(const void *a, const void *b)
{
	float x = *(const float *)a;
	float y = *(const float *)b;

	return (x > y) - (x < y);
}

double samples_quantile(struct samples *samples, double share)
{
	if (samples->count == 0)
		return 0;
	qsort(samples->value, samples->count, sizeof(samples->value[0]), compare);
	return (double)samples->value[(uint32_t)(share * (samples->count - 1))];
}
