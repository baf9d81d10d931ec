/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packet rate limit of a leg: the generic cell rate algorithm, three words and no division.
 *
 * Thread: the worker that owns the leg.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct rate {
	uint64_t interval_tsc;  /* between two packets at the limit; 0: no limit */
	uint64_t tolerance_tsc; /* how far ahead of that a burst may run */
	uint64_t next_tsc;      /* when the next packet would come at the limit */
};

/* A network that stalled delivers what it held back at once: half a second of packets may. */
static inline void rate_set(struct rate *rate, uint32_t pps, uint64_t tsc_hz)
{
	rate->interval_tsc = pps ? tsc_hz / pps : 0;
	rate->tolerance_tsc = tsc_hz / 2;
	rate->next_tsc = 0;
}

static inline bool rate_allows(struct rate *rate, uint64_t now_tsc)
{
	uint64_t base = rate->next_tsc > now_tsc ? rate->next_tsc : now_tsc;

	if (!rate->interval_tsc)
		return true;
	if (base - now_tsc > rate->tolerance_tsc)
		return false;
	rate->next_tsc = base + rate->interval_tsc;
	return true;
}
