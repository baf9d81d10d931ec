/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker/forgeries.h"

#include <stddef.h>

#include "crypto/engine.h"
#include "worker/rate.h"

#define INTERVAL (RATE_HZ / FORGERIES_PPS)
/* A burst is let pass before the first of it is charged: all of it counts. */
#define AHEAD_MAX (RATE_TOLERANCE + CRYPTO_BURST_MAX * INTERVAL)

static_assert(sizeof(struct forgery_entry[FORGERIES_WAYS]) == 64, "a set is a cache line");

/* As rate_ahead(), up to AHEAD_MAX. */
static uint32_t ahead_of(uint32_t next, uint32_t now)
{
	uint32_t ahead = next - now;

	return ahead > AHEAD_MAX ? 0 : ahead;
}

static bool is_idle(const struct forgery_entry *entry, uint32_t now)
{
	return ahead_of(entry->next[FORGERY_EXPECTED], now) == 0 &&
	       ahead_of(entry->next[FORGERY_STRANGE], now) == 0;
}

static struct forgery_entry *set_of(struct forgeries *forgeries, const struct leg *leg)
{
	/* Fibonacci hashing of the leg's number: legs lie a multiple of their size apart */
	uint64_t hash = (uintptr_t)leg / sizeof(*leg) * UINT64_C(0x9e3779b97f4a7c15);

	return forgeries->entry[(hash >> 32) % FORGERIES_SETS];
}

static struct forgery_entry *entry_find(struct forgeries *forgeries, const struct leg *leg)
{
	struct forgery_entry *set = set_of(forgeries, leg);

	for (unsigned way = 0; way < FORGERIES_WAYS; way++)
		if (set[way].leg == leg)
			return &set[way];
	return NULL;
}

static struct forgery_entry *entry_make(struct forgeries *forgeries, const struct leg *leg,
					uint32_t now)
{
	struct forgery_entry *set = set_of(forgeries, leg);

	for (unsigned way = 0; way < FORGERIES_WAYS; way++) {
		if (set[way].leg)
			continue;
		set[way] = (struct forgery_entry){.leg = leg, .next = {now, now}};
		forgeries->used++;
		return &set[way];
	}
	return NULL;
}

static void entry_free(struct forgeries *forgeries, struct forgery_entry *entry)
{
	*entry = (struct forgery_entry){0};
	forgeries->used--;
}

bool forgeries_allow(struct forgeries *forgeries, const struct leg *leg, enum forgery_look look,
		     uint32_t now)
{
	const struct forgery_entry *entry = entry_find(forgeries, leg);

	return !entry || ahead_of(entry->next[look], now) <= RATE_TOLERANCE;
}

bool forgeries_charge(struct forgeries *forgeries, const struct leg *leg, enum forgery_look look,
		      uint32_t now)
{
	struct forgery_entry *entry = entry_find(forgeries, leg);
	uint32_t ahead;

	if (!entry)
		entry = entry_make(forgeries, leg, now);
	if (!entry)
		return false;
	ahead = ahead_of(entry->next[look], now) + INTERVAL;
	entry->next[look] = now + (ahead < AHEAD_MAX ? ahead : AHEAD_MAX);
	return true;
}

void forgeries_sweep(struct forgeries *forgeries, uint32_t now)
{
	struct forgery_entry *set = forgeries->entry[forgeries->sweep++ % FORGERIES_SETS];

	for (unsigned way = 0; way < FORGERIES_WAYS; way++)
		if (set[way].leg && is_idle(&set[way], now))
			entry_free(forgeries, &set[way]);
}

void forgeries_forget(struct forgeries *forgeries, const struct leg *leg)
{
	struct forgery_entry *entry = entry_find(forgeries, leg);

	if (entry)
		entry_free(forgeries, entry);
}
