/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packet rate limits of a leg: the generic cell rate algorithm on 32-bit times, which are a
 * sixteenth of a microsecond and wrap after four minutes.
 *
 * Thread: the worker that owns the leg.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define RATE_HZ 16000000U
/* A network that stalled delivers what it held back at once: half a second of packets may. */
#define RATE_TOLERANCE (RATE_HZ / 2U)

/* Between two packets at the limit; 0: no limit. */
static inline uint32_t rate_interval(uint32_t pps)
{
	return pps ? pps < RATE_HZ ? RATE_HZ / pps : 1 : 0;
}

/* next: when the next packet would come at the limit; 0: none came yet. How far that is from now.
 */
static inline uint32_t rate_ahead(uint32_t next, uint32_t interval, uint32_t now)
{
	uint32_t ahead = next - now;

	/* never further ahead than this: then it lies behind us, maybe by more than one wrap */
	return !next || ahead > RATE_TOLERANCE + interval ? 0 : ahead;
}

/* Whether a packet is within the limit, which it is not charged to yet. */
static inline bool rate_room(uint32_t next, uint32_t interval, uint32_t now)
{
	return !interval || rate_ahead(next, interval, now) <= RATE_TOLERANCE;
}

/* The same, and charged to it. */
static inline bool rate_allows(uint32_t *next, uint32_t interval, uint32_t now)
{
	if (!rate_room(*next, interval, now))
		return false;
	if (interval) /* once in 2^32 this is 0: then half a second more is let through */
		*next = now + rate_ahead(*next, interval, now) + interval;
	return true;
}
