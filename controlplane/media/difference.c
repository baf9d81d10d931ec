/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media/difference.h"

#include <stddef.h>
#include <string.h>

/* How far a key has been used makes it no other key. */
static bool same_key(const struct sluice_key *a, const struct sluice_key *b)
{
	return memcmp(a, b, offsetof(struct sluice_key, resume)) == 0 &&
	       memcmp(&a->lifetime, &b->lifetime,
		      sizeof(*a) - offsetof(struct sluice_key, lifetime)) == 0;
}

static bool same_rx(const struct sluice_set *a, const struct sluice_set *b)
{
	for (unsigned i = 0; i < SLUICE_RX_KEYS_MAX; i++)
		if (!same_key(&a->rx[i], &b->rx[i]))
			return false;
	return true;
}

uint32_t media_difference(const struct sluice_set *a, const struct sluice_set *b)
{
	uint32_t mask = 0;

	if (memcmp(&a->remote_rtp, &b->remote_rtp, sizeof(a->remote_rtp)) != 0 ||
	    memcmp(&a->remote_rtcp, &b->remote_rtcp, sizeof(a->remote_rtcp)) != 0 ||
	    a->rtcp_mux != b->rtcp_mux)
		mask |= SLUICE_SET_REMOTE;
	if (!same_rx(a, b))
		mask |= SLUICE_SET_RX_KEY;
	if (!same_key(&a->tx, &b->tx))
		mask |= SLUICE_SET_TX_KEY;
	if (a->direction != b->direction)
		mask |= SLUICE_SET_DIRECTION;
	if (a->latch != b->latch)
		mask |= SLUICE_SET_LATCH;
	if (a->dscp != b->dscp)
		mask |= SLUICE_SET_DSCP;
	if (a->media_timeout_ms != b->media_timeout_ms)
		mask |= SLUICE_SET_TIMEOUT;
	if (a->silence_timeout_ms != b->silence_timeout_ms)
		mask |= SLUICE_SET_SILENCE;
	if (a->rate_pps != b->rate_pps)
		mask |= SLUICE_SET_RATE;
	if (a->payload_count != b->payload_count ||
	    memcmp(a->payload, b->payload, sizeof(a->payload)) != 0)
		mask |= SLUICE_SET_PAYLOADS;
	return mask;
}
