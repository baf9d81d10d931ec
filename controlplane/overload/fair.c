/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Of which senders an overloaded relay refuses. What it can take of a line is given to its senders
 * evenly: who asks for less than an even part gets all of it, and what is left over is the others'
 * (max-min fairness). So the level of a line is the rate up to which everybody is served; only who
 * sends more is refused, and the more the more it sends. One that floods is told 503, and those
 * beside it notice nothing.
 */
#include "overload/internal.h"

#define MEAN_TICKS 64U /* that a rate is the mean of: above a second */
#define UNIT 65536U    /* of a rate */
#define CAME_MOST (1U << 24)

/* A line that several senders are in, and what is refused of it. */
struct level {
	enum overload_way way; /* OVERLOAD_BY_DATAGRAM: who sends these; else all are in it */
	unsigned share;
	uint64_t rate; /* up to which everybody is served */
};

static unsigned larger(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

struct overload_sender *fair_sender(struct overload *overload, unsigned number)
{
	return number >= 1 && number <= overload->senders ? &overload->sender[number]
							  : &overload->others;
}

/* ---- rates ---- */

void fair_reset(struct overload *overload)
{
	for (unsigned i = 1; i <= overload->senders; i++)
		overload->sender[i].rate = 0;
}

static void count(struct overload *overload)
{
	for (unsigned i = 1; i <= overload->senders; i++) {
		struct overload_sender *sender = &overload->sender[i];
		uint64_t came = sender->came < CAME_MOST ? sender->came : CAME_MOST;

		sender->rate += came * UNIT / MEAN_TICKS - sender->rate / MEAN_TICKS;
	}
}

/* ---- levels ---- */

static bool is_in(const struct level *level, const struct overload_sender *sender)
{
	return level->way != OVERLOAD_BY_DATAGRAM || sender->way == OVERLOAD_BY_DATAGRAM;
}

static uint64_t all_rates(const struct overload *overload, const struct level *level)
{
	uint64_t sum = 0;

	for (unsigned i = 1; i <= overload->senders; i++)
		if (is_in(level, &overload->sender[i]))
			sum += overload->sender[i].rate;
	return sum;
}

/* What those above the level so far could have each, if what is taken is divided among them after
 * all below it have got theirs. */
static uint64_t next_level(const struct overload *overload, const struct level *level,
			   uint64_t taken)
{
	unsigned above = 0;

	for (unsigned i = 1; i <= overload->senders; i++) {
		const struct overload_sender *sender = &overload->sender[i];

		if (!is_in(level, sender))
			continue;
		if (sender->rate <= level->rate)
			taken -= sender->rate;
		else
			above++;
	}
	return above ? taken / above : level->rate;
}

/* Rises with each sender that it passes, until it passes no more of them. */
static struct level level_of(const struct overload *overload, enum overload_way way, unsigned share)
{
	struct level level = {.way = way, .share = share};
	uint64_t taken, next;

	if (!share)
		return level;
	taken = all_rates(overload, &level);
	taken -= taken * share / OVERLOAD_ALL;
	while ((next = next_level(overload, &level, taken)) > level.rate)
		level.rate = next;
	return level;
}

static unsigned share_in(const struct level *level, const struct overload_sender *sender)
{
	if (!level->share || !is_in(level, sender))
		return 0;
	if (level->share >= OVERLOAD_ALL) /* nothing is left for those that were silent, either */
		return OVERLOAD_ALL;
	return sender->rate <= level->rate
		   ? 0
		   : OVERLOAD_ALL - (unsigned)(level->rate * OVERLOAD_ALL / sender->rate);
}

/* ---- shares ---- */

static void share_out(struct overload *overload, enum overload_span span, unsigned by_pool)
{
	const struct level all =
	    level_of(overload, OVERLOAD_BY_STREAM, larger(by_pool, overload->all.share[span]));
	const struct level shared =
	    level_of(overload, OVERLOAD_BY_DATAGRAM, overload->shared.share[span]);

	overload->others.share[span] = larger(all.share, shared.share);
	for (unsigned i = 1; i <= overload->senders; i++) {
		struct overload_sender *sender = &overload->sender[i];

		sender->share[span] = larger(share_in(&all, sender), share_in(&shared, sender));
	}
}

unsigned fair_most(const struct overload_sender *sender)
{
	return larger(sender->own.share[OVERLOAD_NOW], sender->share[OVERLOAD_NOW]);
}

/* Of all that comes, where those who fill streams fill all of theirs; nothing came: of what would.
 */
static unsigned mean_share(const struct overload *overload)
{
	uint64_t rates = 0, refused = 0;

	for (unsigned i = 1; i <= overload->senders; i++) {
		const struct overload_sender *sender = &overload->sender[i];

		rates += sender->rate;
		refused += sender->rate * fair_most(sender);
	}
	return rates ? (unsigned)(refused / rates) : overload->others.share[OVERLOAD_NOW];
}

void fair_share(struct overload *overload, unsigned by_pool)
{
	count(overload);
	share_out(overload, OVERLOAD_NOW, by_pool);
	share_out(overload, OVERLOAD_LASTING, by_pool);
	overload->share = mean_share(overload);
}
