/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media/difference.h"

#include <string.h>

bool media_key_same(const struct sluice_key *a, const struct sluice_key *b)
{
	return a->suite == b->suite && a->key_len == b->key_len && a->mki_len == b->mki_len &&
	       a->mki == b->mki && a->lifetime == b->lifetime &&
	       memcmp(a->key, b->key, sizeof(a->key)) == 0;
}

static bool same_rx(const struct sluice_set *a, const struct sluice_set *b)
{
	for (unsigned i = 0; i < SLUICE_RX_KEYS_MAX; i++)
		if (!media_key_same(&a->rx[i], &b->rx[i]))
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
	if (!media_key_same(&a->tx, &b->tx))
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
