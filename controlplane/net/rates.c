/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/rates.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "net/address.h"
#include "net/limits.h"

#define SET_BITS 10U
#define SETS (1U << SET_BITS)
#define WAYS 8U

struct rate {
	uint64_t source; /* of net_address_source() */
	sa_family_t family;
	struct net_bucket bucket;
};

struct rates {
	unsigned __int128 key[2];
	struct rate set[SETS][WAYS];
};

struct rates *rates_new(void)
{
	struct rates *rates = calloc(1, sizeof(*rates));

	if (rates && getrandom(rates->key, sizeof(rates->key), 0) != (ssize_t)sizeof(rates->key)) {
		free(rates);
		return NULL;
	}
	return rates;
}

void rates_free(struct rates *rates)
{
	free(rates);
}

/* That of source, or the one of its set that gives way to it. */
static struct rate *rate_of(struct rates *rates, const struct sockaddr *address)
{
	uint64_t source = net_address_source(address);
	unsigned __int128 hash = rates->key[0] * source + rates->key[1];
	struct rate *set = rates->set[(unsigned)(hash >> (128 - SET_BITS))], *oldest = &set[0];

	for (unsigned i = 0; i < WAYS; i++) {
		if (set[i].source == source && set[i].family == address->sa_family)
			return &set[i];
		if (set[i].bucket.filled_ms < oldest->bucket.filled_ms)
			oldest = &set[i];
	}
	*oldest = (struct rate){.source = source, .family = address->sa_family};
	return oldest;
}

bool rates_admit(struct rates *rates, const struct sockaddr *source, unsigned per_s,
		 uint64_t now_ms)
{
	return net_bucket_take(&rate_of(rates, source)->bucket, per_s, now_ms);
}
