/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Latencies by windows of 10 ms, and what the window in the middle has: what a machine does that
 * takes the core away now and then is in the quantiles of a whole run, whatever is measured there;
 * the median window is what a run is like when it does not.
 *
 * Thread: one.
 */
#pragma once

#include "histogram.h"

#define WINDOW_MS 10U

enum window_quantile { WINDOW_P50, WINDOW_P99, WINDOW_P99_9, WINDOW_QUANTILES };

struct windows {
	struct histogram now;
	uint64_t window_tsc; /* length of one */
	uint64_t end_tsc;    /* of the one that is filled */
	uint32_t room;
	uint32_t count; /* that are complete */
	uint64_t *quantile[WINDOW_QUANTILES];
};

/* For a run of so many seconds. Returns 0 or -ENOMEM. windows_close() also after a failure. */
int windows_open(struct windows *windows, uint32_t seconds, double tsc_per_ns);
void windows_close(struct windows *windows);

/* A value that was found at that time, not before those added earlier. */
void windows_add(struct windows *windows, uint64_t value, uint64_t tsc);

/* The median over all complete windows; it sorts them. 0: there is none. */
uint64_t windows_median(struct windows *windows, enum window_quantile quantile);
