/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "overload/overload.h"

#include <errno.h>
#include <stdlib.h>

#include "overload/internal.h"

/* ---- pools ---- */

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

static unsigned share_by_pool(const struct overload *overload)
{
	return share_of_fill(fill_of(&overload->pool[fullest(overload)]));
}

/* ---- lines ---- */

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t shared_us(const struct overload_sample *sample)
{
	return sample->lost ? UINT64_MAX : sample->shared_us;
}

static void hear(struct overload *overload, const struct overload_sample *sample)
{
	line_hear(&overload->all, &overload->limits, sample->delay_us);
	line_hear(&overload->shared, &overload->limits, shared_us(sample));
	overload->delay_us = larger(overload->all.delay_us, overload->shared.delay_us);
	for (unsigned i = 1; i <= overload->senders; i++) {
		struct overload_sender *sender = &overload->sender[i];

		line_hear(&sender->own, &overload->limits, sender->wait_us);
		overload->delay_us = larger(overload->delay_us, sender->own.delay_us);
	}
}

static void move(struct overload *overload, const struct overload_sample *sample)
{
	const struct overload_limits *limits = &overload->limits;

	line_move(&overload->all, limits, sample->delay_us, sample->busy);
	line_move(&overload->shared, limits, shared_us(sample), sample->busy);
	for (unsigned i = 1; i <= overload->senders; i++) {
		struct overload_sender *sender = &overload->sender[i];

		line_move(&sender->own, limits, sender->wait_us, sample->busy);
	}
}

static void forget_tick(struct overload *overload)
{
	for (unsigned i = 1; i <= overload->senders; i++)
		overload->sender[i].wait_us = overload->sender[i].came = 0;
}

/* ---- the state ---- */

static bool is_too_much(const struct overload *overload)
{
	return overload->delay_us >= 1000ULL * overload->limits.enter_ms ||
	       fill_of(&overload->pool[fullest(overload)]) >= OVERLOAD_POOL_ENTER;
}

/* Of the longest line. */
static unsigned share_by_delay(const struct overload *overload)
{
	uint64_t share =
	    larger(overload->all.share[OVERLOAD_NOW], overload->shared.share[OVERLOAD_NOW]);

	for (unsigned i = 1; i <= overload->senders; i++)
		share = larger(share, overload->sender[i].own.share[OVERLOAD_NOW]);
	return (unsigned)share;
}

/* Nothing was refused in this tick, and nothing waits. */
static bool is_quiet(const struct overload *overload)
{
	return share_by_delay(overload) == 0 && share_by_pool(overload) == 0 &&
	       overload->delay_us < 1000ULL * overload->limits.leave_ms;
}

static void enter(struct overload *overload, uint64_t now_ms)
{
	overload->on = true;
	overload->since_ms = now_ms;
	overload->counters.entered++;
	line_open(&overload->all);
	line_open(&overload->shared);
	for (unsigned i = 1; i <= overload->senders; i++)
		line_open(&overload->sender[i].own);
	fair_reset(overload);
}

static void leave(struct overload *overload)
{
	overload->on = false;
	overload->share = 0;
}

static enum overload_change decide(struct overload *overload, uint64_t now_ms)
{
	if (!overload->on && is_too_much(overload)) {
		enter(overload, now_ms);
		return OVERLOAD_ENTERED;
	}
	if (overload->on && is_quiet(overload) &&
	    now_ms - overload->quiet_since_ms >= OVERLOAD_QUIET_MS) {
		leave(overload);
		return OVERLOAD_LEFT;
	}
	return OVERLOAD_SAME;
}

enum overload_change overload_tick(struct overload *overload, const struct overload_sample *sample,
				   uint64_t now_ms)
{
	enum overload_change change;

	for (unsigned i = 0; i < OVERLOAD_POOLS; i++)
		overload->pool[i] = sample->pool[i];
	hear(overload, sample);
	if (!is_quiet(overload))
		overload->quiet_since_ms = now_ms;
	change = decide(overload, now_ms);
	if (overload->on) {
		move(overload, sample);
		fair_share(overload, share_by_pool(overload));
	}
	forget_tick(overload);
	return change;
}

/* ---- senders ---- */

int overload_senders(struct overload *overload, unsigned highest)
{
	overload->sender = calloc(highest + (size_t)1, sizeof(*overload->sender));
	if (!overload->sender)
		return -ENOMEM;
	overload->senders = highest;
	return 0;
}

void overload_free(struct overload *overload)
{
	free(overload->sender);
	overload->sender = NULL;
	overload->senders = 0;
}

void overload_waits(struct overload *overload, unsigned number, uint64_t wait_us)
{
	struct overload_sender *sender = fair_sender(overload, number);

	if (sender)
		sender->wait_us = larger(sender->wait_us, wait_us);
}

unsigned overload_longest(const struct overload *overload)
{
	uint64_t longest_us = larger(overload->all.delay_us, overload->shared.delay_us);
	unsigned longest = 0;

	for (unsigned i = 1; i <= overload->senders; i++)
		if (overload->sender[i].own.delay_us > longest_us) {
			longest_us = overload->sender[i].own.delay_us;
			longest = i;
		}
	return longest;
}

unsigned overload_most_refused(const struct overload *overload, unsigned *share)
{
	uint64_t most = 0;
	unsigned number = 0;

	*share = 0;
	for (unsigned i = 1; i <= overload->senders; i++) {
		const struct overload_sender *sender = &overload->sender[i];
		unsigned refused = fair_most(sender);

		if (sender->rate * refused <= most)
			continue;
		most = sender->rate * refused;
		number = i;
		*share = refused;
	}
	return number;
}

const char *overload_reason(const struct overload *overload)
{
	static const char *const names[] = {
#define OVERLOAD_POOL_NAME(symbol, name) [OVERLOAD_##symbol] = (name),
	    OVERLOAD_POOL_LIST(OVERLOAD_POOL_NAME)
#undef OVERLOAD_POOL_NAME
	};

	return share_by_pool(overload) > share_by_delay(overload) ? names[fullest(overload)]
								  : "delay";
}
