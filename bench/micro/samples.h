/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cycles of many small pieces of work. The median is what counts: a piece during which the core was
 * taken away by somebody else is an outlier, and does not move it.
 *
 * Thread: one.
 */
#pragma once

#include <stdint.h>
#include <x86intrin.h>

#define SAMPLES_MAX 8192U

struct samples {
	uint32_t count; /* further ones are left out */
	float value[SAMPLES_MAX];
};

/* The time-stamp counter, after all before it and before all behind it. It runs at a fixed rate,
 * whatever the core's clock does. */
static inline uint64_t tsc_now(void)
{
	uint64_t now;

	_mm_lfence();
	now = __rdtsc();
	_mm_lfence();
	return now;
}

/* Its rate, measured against the system's clock; takes 50 ms. */
double tsc_hz(void);

void samples_add(struct samples *samples, double value);
/* The value below which that share (0 to 1) of them lie; sorts them. 0 when there is none. */
double samples_quantile(struct samples *samples, double share);
