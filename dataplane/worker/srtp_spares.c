/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker/srtp_spares.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A ring of one producer and one consumer. It has a place for each, so it is never too full. */
struct srtp_spares {
	unsigned mask;
	struct srtp_others *all;
	struct srtp_others **ring;
	alignas(64) unsigned given; /* main thread: wo, worker: ro */
	alignas(64) unsigned taken; /* worker: wo, any: ro */
};

int srtp_spares_new(struct srtp_spares **spares, unsigned count)
{
	struct srtp_spares *made = aligned_alloc(64, sizeof(*made));
	unsigned places = 1;

	if (!made)
		return -ENOMEM;
	while (places < count)
		places *= 2;
	*made = (struct srtp_spares){.mask = places - 1};
	made->all = calloc(count ? count : 1, sizeof(made->all[0]));
	made->ring = calloc(places, sizeof(made->ring[0]));
	if (!made->all || !made->ring) {
		srtp_spares_free(made);
		return -ENOMEM;
	}
	for (unsigned i = 0; i < count; i++) {
		made->all[i].home = made;
		srtp_spares_give(&made->all[i]);
	}
	*spares = made;
	return 0;
}

void srtp_spares_free(struct srtp_spares *spares)
{
	if (!spares)
		return;
	free(spares->all);
	free(spares->ring);
	free(spares);
}

struct srtp_others *srtp_spares_take(struct srtp_spares *spares)
{
	unsigned taken = spares->taken;
	struct srtp_others *others;

	if (__atomic_load_n(&spares->given, __ATOMIC_ACQUIRE) == taken)
		return NULL;
	others = spares->ring[taken & spares->mask];
	__atomic_store_n(&spares->taken, taken + 1, __ATOMIC_RELEASE);
	return others;
}

void srtp_spares_give(struct srtp_others *others)
{
	struct srtp_spares *home;

	if (!others)
		return;
	home = others->home;
	*others = (struct srtp_others){.home = home};
	home->ring[home->given & home->mask] = others;
	__atomic_store_n(&home->given, home->given + 1, __ATOMIC_RELEASE);
}

unsigned srtp_spares_left(const struct srtp_spares *spares)
{
	return __atomic_load_n(&spares->given, __ATOMIC_RELAXED) -
	       __atomic_load_n(&spares->taken, __ATOMIC_RELAXED);
}
