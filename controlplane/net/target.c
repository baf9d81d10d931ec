/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Targets of a peer that are avoided for a while (RFC 3263 4.3). */
#include <string.h>

#include "net/internal.h"

#define AVOID_DEFAULT_MS 30000U
#define AVOID_MAX_MS 3600000U

bool net_target_avoided(const struct net_peer *peer, const struct sockaddr_storage *address)
{
	uint64_t now_ms = uv_now(peer->net->loop);

	for (unsigned i = 0; i < LOCATE_ADDRESSES_MAX; i++)
		if (net_address_same(&peer->avoided[i].address, address))
			return peer->avoided[i].until_ms > now_ms;
	return false;
}

/* Its own place, else that which ends first. */
static void avoid(struct net_peer *peer, const struct sockaddr_storage *address, uint64_t until_ms)
{
	struct net_avoided *place = &peer->avoided[0];

	for (unsigned i = 0; i < LOCATE_ADDRESSES_MAX; i++) {
		struct net_avoided *avoided = &peer->avoided[i];

		if (net_address_same(&avoided->address, address)) {
			place = avoided;
			break;
		}
		if (avoided->until_ms < place->until_ms)
			place = avoided;
	}
	place->address = *address;
	place->until_ms = until_ms;
}

void net_target_order(struct net_peer *peer)
{
	struct sockaddr_storage later[LOCATE_ADDRESSES_MAX];
	unsigned kept = 0, late = 0;

	for (unsigned i = 0; i < peer->candidate_count; i++) {
		if (net_target_avoided(peer, &peer->candidates[i]))
			later[late++] = peer->candidates[i];
		else
			peer->candidates[kept++] = peer->candidates[i];
	}
	memcpy(&peer->candidates[kept], later, late * sizeof(*later));
}

bool net_target_other(const struct net_peer *peer)
{
	for (unsigned i = 0; i < peer->candidate_count; i++)
		if (!net_target_avoided(peer, &peer->candidates[i]))
			return true;
	return false;
}

bool net_target_failed(struct net *net, const struct config_peer *config,
		       const struct sip_flow *flow, uint32_t retry_after_ms)
{
	struct net_peer *peer = net_peer_of(net, config);

	if (retry_after_ms == 0)
		retry_after_ms = AVOID_DEFAULT_MS;
	if (retry_after_ms > AVOID_MAX_MS)
		retry_after_ms = AVOID_MAX_MS;
	avoid(peer, &flow->remote, uv_now(net->loop) + retry_after_ms);
	return net_target_other(peer);
}
