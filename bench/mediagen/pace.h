/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When each packet has to be sent: by the clock, at even intervals, whatever became of those before
 * it. The phones of both legs send in turns. A latency counts from that time, so that a packet
 * which had to wait because the sender or the relay stood still is as late as it would have been
 * for a caller ("coordinated omission" left none out).
 */
#pragma once

#include <stdint.h>

struct pace {
	uint64_t start_tsc;
	double interval_tsc; /* between two packets, of whatever leg; 0: as fast as can be */
};

/* Packets of the leg that should have been sent by now, which is not before the start. */
static inline uint64_t pace_due(const struct pace *pace, unsigned leg, uint64_t now_tsc)
{
	double intervals;

	if (pace->interval_tsc <= 0)
		return UINT64_MAX;
	intervals = (double)(now_tsc - pace->start_tsc) / pace->interval_tsc;
	return (uint64_t)((intervals + 2.0 - (double)leg) / 2.0);
}

/* When packet k, from 0, of the leg had to be sent; with a pace alone. */
static inline uint64_t pace_time(const struct pace *pace, unsigned leg, uint64_t k)
{
	return pace->start_tsc + (uint64_t)((2.0 * (double)k + leg) * pace->interval_tsc);
}
