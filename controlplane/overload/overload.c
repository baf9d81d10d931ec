/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "overload/overload.h"

#define SMOOTHING 4U /* a sample counts for a quarter: 70 ms to follow */

#define WHOLE 1000000U  /* parts of what is offered, as fine as ten times too much needs */
#define FOLLOW_TICKS 8U /* what can be done follows what was taken */
/* By how much of itself, in thousandths, a tick without delay takes more. */
#define MORE 8U
#define MORE_SPARE 80U /* of a loop that does nothing */
#define BUSY_FULL 900U

/* Thousandths of the pool. */
static unsigned fill_of(const struct overload_use *use)
{
	if (use->most == 0)
		return 0;
	return use->used >= use->most ? OVERLOAD_ALL
				      : (unsigned)(use->used * OVERLOAD_ALL / use->most);
}

static unsigned share_of_fill(unsigned fill)
{
	if (fill <= OVERLOAD_POOL_FIRST)
		return 0;
	return (fill - OVERLOAD_POOL_FIRST) * OVERLOAD_ALL / (OVERLOAD_ALL - OVERLOAD_POOL_FIRST);
}

static enum overload_pool fullest(const struct overload *overload)
{
	enum overload_pool most = OVERLOAD_MEMORY;

	for (unsigned i = 1; i < OVERLOAD_POOLS; i++)
		if (fill_of(&overload->pool[i]) > fill_of(&overload->pool[most]))
			most = (enum overload_pool)i;
	return most;
}

/* No sample counts for more. */
static uint64_t delay_most_us(const struct overload *overload)
{
	return 2000ULL * overload->limits.enter_ms;
}

static void smooth(struct overload *overload, uint64_t delay_us)
{
	overload->delay_us = (overload->delay_us * (SMOOTHING - 1) + delay_us) / SMOOTHING;
}

/* Millionths of what can be done that are taken beside such a delay. */
static unsigned brake(const struct overload *overload, uint64_t delay_us)
{
	uint64_t first_us = 500ULL * (overload->limits.enter_ms + overload->limits.leave_ms);
	uint64_t most_us = delay_most_us(overload);

	if (delay_us <= first_us)
		return WHOLE;
	return (unsigned)((most_us - delay_us) * WHOLE / (most_us - first_us));
}

static unsigned share_of(uint64_t taken)
{
	return OVERLOAD_ALL - (unsigned)(taken / (WHOLE / OVERLOAD_ALL));
}

static unsigned larger(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

/*
 * All changes are parts of what is taken, so that the steps are as fine beside ten times the
 * capacity as beside one and a half.
 */
static void move_share(struct overload *overload, const struct overload_sample *sample,
		       uint64_t delay_us)
{
	unsigned least = OVERLOAD_LEAST * (WHOLE / OVERLOAD_ALL);
	unsigned part = brake(overload, delay_us);
	uint64_t now = (uint64_t)overload->taken * part / WHOLE;

	if (now < least)
		now = least;
	if (part < WHOLE) {
		overload->taken -= (unsigned)((overload->taken - now) / FOLLOW_TICKS);
	} else {
		unsigned spare = sample->busy < BUSY_FULL ? BUSY_FULL - sample->busy : 0;
		uint64_t more =
		    (uint64_t)overload->taken * (MORE + spare * MORE_SPARE / 1000) / 1000;

		overload->taken =
		    overload->taken + more < WHOLE ? (unsigned)(overload->taken + more) : WHOLE;
		now = overload->taken;
	}
	overload->share_by_delay = share_of(now);
}

static bool is_too_much(const struct overload *overload)
{
	return overload->delay_us >= 1000ULL * overload->limits.enter_ms ||
	       fill_of(&overload->pool[fullest(overload)]) >= OVERLOAD_POOL_ENTER;
}

static bool is_quiet(const struct overload *overload)
{
	return overload->share == 0 && overload->delay_us < 1000ULL * overload->limits.leave_ms;
}

static enum overload_change decide(struct overload *overload, uint64_t now_ms)
{
	if (!overload->on && is_too_much(overload)) {
		overload->on = true;
		overload->taken = WHOLE;
		overload->since_ms = now_ms;
		overload->counters.entered++;
		return OVERLOAD_ENTERED;
	}
	if (overload->on && is_quiet(overload) &&
	    now_ms - overload->quiet_since_ms >= OVERLOAD_QUIET_MS) {
		overload->on = false;
		return OVERLOAD_LEFT;
	}
	return OVERLOAD_SAME;
}

enum overload_change overload_tick(struct overload *overload, const struct overload_sample *sample,
				   uint64_t now_ms)
{
	uint64_t most_us = delay_most_us(overload);
	uint64_t delay_us = sample->lost || sample->delay_us > most_us ? most_us : sample->delay_us;
	enum overload_change change;
	unsigned by_pool;

	for (unsigned i = 0; i < OVERLOAD_POOLS; i++)
		overload->pool[i] = sample->pool[i];
	smooth(overload, delay_us);
	if (!is_quiet(overload))
		overload->quiet_since_ms = now_ms;
	change = decide(overload, now_ms);
	overload->share = overload->share_lasting = 0;
	if (!overload->on)
		return change;
	move_share(overload, sample, delay_us);
	by_pool = share_of_fill(fill_of(&overload->pool[fullest(overload)]));
	overload->share = larger(by_pool, overload->share_by_delay);
	overload->share_lasting = larger(by_pool, share_of(overload->taken));
	return change;
}

const char *overload_reason(const struct overload *overload)
{
	static const char *const names[] = {
#define OVERLOAD_POOL_NAME(symbol, name) [OVERLOAD_##symbol] = (name),
	    OVERLOAD_POOL_LIST(OVERLOAD_POOL_NAME)
#undef OVERLOAD_POOL_NAME
	};
	enum overload_pool pool = fullest(overload);

	if (share_of_fill(fill_of(&overload->pool[pool])) > overload->share_by_delay)
		return names[pool];
	return "delay";
}
