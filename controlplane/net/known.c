/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where peers are that have no address in the configuration: found by DNS, or calling us, now or
 * lately, with a certificate of a peer. Whoever else may share such an address, what strangers do
 * must not keep the peer out.
 */
#include <string.h>

#include "net/internal.h"

static bool is_host(const struct sockaddr_storage *address, const struct sockaddr *host)
{
	return address->ss_family == host->sa_family &&
	       net_address_source((const struct sockaddr *)address) == net_address_source(host);
}

/* Who must show credentials is nobody before it did: its connections prove nothing. */
static bool is_proven(const struct net_peer *peer)
{
	return !peer->config->auth_users_file;
}

static bool is_of_peer(const struct net_peer *peer, const struct sockaddr *host)
{
	const struct net_connection *connection;

	for (unsigned i = 0; i < peer->candidate_count; i++)
		if (is_host(&peer->candidates[i], host))
			return true;
	for (unsigned i = 0; i < NET_CAME_FROM; i++)
		if (is_host(&peer->came_from[i], host))
			return true;
	TAILQ_FOREACH (connection, &peer->connections, of_peer)
		if (is_host(&connection->flow.remote, host))
			return true;
	return false;
}

struct net_peer *net_known_at(const struct net *net, const struct sockaddr *host)
{
	for (unsigned i = 0; i < net->peer_count; i++)
		if (is_proven(&net->peers[i]) && is_of_peer(&net->peers[i], host))
			return &net->peers[i];
	return NULL;
}

void net_known_note(struct net_peer *peer, const struct sockaddr_storage *host)
{
	/* phones come from anywhere: the last few say nothing of the others */
	if (peer->config->registrar)
		return;
	for (unsigned i = 0; i < NET_CAME_FROM; i++)
		if (is_host(&peer->came_from[i], (const struct sockaddr *)host))
			return;
	peer->came_from[peer->came_from_next++ % NET_CAME_FROM] = *host;
}
