/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "windows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const double shares[WINDOW_QUANTILES] = {0.5, 0.99, 0.999};

int windows_open(struct windows *windows, uint32_t seconds, double tsc_per_ns)
{
	memset(windows, 0, sizeof(*windows));
	windows->window_tsc = (uint64_t)(WINDOW_MS * 1e6 * tsc_per_ns);
	windows->room = seconds * (1000U / WINDOW_MS) + 1U;
	for (unsigned i = 0; i < WINDOW_QUANTILES; i++) {
		windows->quantile[i] = calloc(windows->room, sizeof(uint64_t));
		if (!windows->quantile[i])
			return -ENOMEM;
	}
	return 0;
}

void windows_close(struct windows *windows)
{
	for (unsigned i = 0; i < WINDOW_QUANTILES; i++) {
		free(windows->quantile[i]);
		windows->quantile[i] = NULL;
	}
	windows->room = 0;
}

static void window_end(struct windows *windows)
{
	if (windows->now.count == 0 || windows->count == windows->room)
		return;
	for (unsigned i = 0; i < WINDOW_QUANTILES; i++)
		windows->quantile[i][windows->count] = histogram_quantile(&windows->now, shares[i]);
	windows->count++;
	memset(&windows->now, 0, sizeof(windows->now));
}

void windows_add(struct windows *windows, uint64_t value, uint64_t tsc)
{
	if (tsc >= windows->end_tsc) {
		window_end(windows);
		windows->end_tsc = tsc + windows->window_tsc;
	}
	histogram_add(&windows->now, value);
}

static int compare(const void *a, const void *b)
{
	const uint64_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

uint64_t windows_median(struct windows *windows, enum window_quantile quantile)
{
	uint64_t *values = windows->quantile[quantile];

	if (windows->count == 0)
		return 0;
	qsort(values, windows->count, sizeof(*values), compare);
	return values[windows->count / 2];
}
