/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The TCP side of UDP peers, for requests that are too large for a datagram (RFC 3261 18.1.1). The
 * address is the peer's identity over both. Connections are ours alone: such a peer is not known
 * by what it opens.
 */
#include <errno.h>
#include <stdlib.h>

#include "net/internal.h"

/* Of the same family; at the address that the peer is called from, if there is one. */
static struct net_listener *tcp_listener(struct net *net, const struct net_listener *udp)
{
	const struct sockaddr *own = (const struct sockaddr *)&udp->config->socket_address;
	struct net_listener *found = NULL;

	for (unsigned i = 0; i < net->listener_count; i++) {
		struct net_listener *listener = &net->listeners[i];
		const struct sockaddr *address =
		    (const struct sockaddr *)&listener->config->socket_address;

		if (listener->config->transport != SIP_TCP || address->sa_family != own->sa_family)
			continue;
		if (net_address_compare_host(address, own) == 0)
			return listener;
		if (!found)
			found = listener;
	}
	return found;
}

static void add(struct net *net, struct net_peer *peer, struct net_listener *listener)
{
	struct net_peer *large = &net->large[net->large_count++];

	*large = (struct net_peer){
	    .net = net,
	    .config = peer->config,
	    .listener = listener,
	    .transport = SIP_TCP,
	    .has_address = true,
	    .address = peer->address,
	};
	TAILQ_INIT(&large->connections);
	TAILQ_INIT(&large->waiters);
	peer->large = large;
}

int net_large_open(struct net *net)
{
	net->large = calloc(net->peer_count + 1, sizeof(*net->large));
	if (!net->large)
		return -ENOMEM;
	for (unsigned i = 0; i < net->peer_count; i++) {
		struct net_peer *peer = &net->peers[i];
		struct net_listener *listener;

		if (peer->transport != SIP_UDP || !peer->has_address ||
		    peer->config->large_requests != LARGE_REQUESTS_TCP)
			continue;
		listener = tcp_listener(net, peer->listener);
		if (listener)
			add(net, peer, listener);
	}
	return 0;
}
