/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "overload/overload.h"

#define SMOOTHING 4U /* a sample counts for a quarter: 350 ms to follow */

/* By how much of what is taken, in thousandths, a tick takes less or more. */
#define LESS_LEAST 10U
#define LESS_MOST 200U
#define LESS_LOST 300U /* what is lost may be the BYE of a call */
#define MORE 50U
#define MORE_SPARE 300U /* of a loop that does nothing */
#define BUSY_FULL 900U
#define HOLD_TICKS 3U

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

/* Thousandths of what is taken that are too many; 0: none. */
static unsigned excess(const struct overload *overload, const struct overload_sample *sample,
		       uint64_t delay_us)
{
	uint64_t middle_us = 500ULL * (overload->limits.enter_ms + overload->limits.leave_ms);

	if (sample->lost)
		return LESS_LOST;
	if (delay_us <= middle_us)
		return 0;
	return LESS_LEAST + (unsigned)((LESS_MOST - LESS_LEAST) * (delay_us - middle_us) /
				       (delay_most_us(overload) - middle_us));
}

/*
 * What is taken changes by a part of itself, so that the steps are as fine beside ten times the
 * capacity as beside one and a half. A call is work for a while after it was taken: what was cut is
 * felt only then, so the next cut waits. While the loop has time to spare, more is taken the faster
 * the more it has.
 */
static void move_share(struct overload *overload, const struct overload_sample *sample,
		       uint64_t delay_us)
{
	unsigned taken = OVERLOAD_ALL - overload->share_by_delay;
	unsigned less = excess(overload, sample, delay_us);

	if (overload->hold > 0)
		overload->hold--;
	if (less && overload->hold == 0) {
		taken -= taken * less / 1000;
		overload->hold = HOLD_TICKS;
	} else if (!less) {
		unsigned spare = sample->busy < BUSY_FULL ? BUSY_FULL - sample->busy : 0;

		taken += taken * (MORE + spare * MORE_SPARE / 1000) / 1000 + 1;
	}
	overload->share_by_delay = taken < OVERLOAD_ALL ? OVERLOAD_ALL - taken : 0;
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
	overload->share = 0;
	if (!overload->on)
		return change;
	move_share(overload, sample, delay_us);
	by_pool = share_of_fill(fill_of(&overload->pool[fullest(overload)]));
	overload->share = by_pool > overload->share_by_delay ? by_pool : overload->share_by_delay;
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
