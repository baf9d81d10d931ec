/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "overload/internal.h"

#define SMOOTHING 4U /* a sample counts for a quarter: 70 ms to follow */

#define WHOLE 1000000U  /* parts of what is offered, as fine as ten times too much needs */
#define FOLLOW_TICKS 8U /* what can be done follows what was taken */
/* By how much of itself, in thousandths, a tick without delay takes more. */
#define MORE 8U
#define MORE_SPARE 80U /* of a loop that does nothing */
#define BUSY_FULL 900U

/* No sample counts for more. */
static uint64_t wait_most_us(const struct overload_limits *limits)
{
	return 2000ULL * limits->enter_ms;
}

static uint64_t bounded(const struct overload_limits *limits, uint64_t wait_us)
{
	uint64_t most_us = wait_most_us(limits);

	return wait_us < most_us ? wait_us : most_us;
}

void line_hear(struct overload_line *line, const struct overload_limits *limits, uint64_t wait_us)
{
	line->delay_us = (line->delay_us * (SMOOTHING - 1) + bounded(limits, wait_us)) / SMOOTHING;
}

void line_open(struct overload_line *line)
{
	line->taken = WHOLE;
}

/* Millionths of what can be done that are taken beside such a delay. */
static unsigned brake(const struct overload_limits *limits, uint64_t wait_us)
{
	uint64_t first_us = 500ULL * (limits->enter_ms + limits->leave_ms);
	uint64_t most_us = wait_most_us(limits);

	if (wait_us <= first_us)
		return WHOLE;
	return (unsigned)((most_us - wait_us) * WHOLE / (most_us - first_us));
}

static unsigned share_of(uint64_t taken)
{
	return OVERLOAD_ALL - (unsigned)(taken / (WHOLE / OVERLOAD_ALL));
}

static unsigned more_taken(unsigned taken, unsigned busy)
{
	unsigned spare = busy < BUSY_FULL ? BUSY_FULL - busy : 0;
	uint64_t more = (uint64_t)taken * (MORE + spare * MORE_SPARE / 1000) / 1000;

	return taken + more < WHOLE ? (unsigned)(taken + more) : WHOLE;
}

/*
 * All changes are parts of what is taken, so that the steps are as fine beside ten times the
 * capacity as beside one and a half.
 */
void line_move(struct overload_line *line, const struct overload_limits *limits, uint64_t wait_us,
	       unsigned busy)
{
	unsigned least = OVERLOAD_LEAST * (WHOLE / OVERLOAD_ALL);
	unsigned part = brake(limits, bounded(limits, wait_us));
	uint64_t now = (uint64_t)line->taken * part / WHOLE;

	if (now < least)
		now = least;
	if (part < WHOLE)
		line->taken -= (unsigned)((line->taken - now) / FOLLOW_TICKS);
	else
		now = line->taken = more_taken(line->taken, busy);
	line->share[OVERLOAD_NOW] = share_of(now);
	line->share[OVERLOAD_LASTING] = share_of(line->taken);
}
