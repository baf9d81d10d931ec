/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configured peers: found by address, and what is known of them. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/internal.h"

struct net_peer *net_peer_of(const struct net *net, const struct config_peer *config)
{
	return config ? &net->peers[config - net->config->peers] : NULL;
}

static int by_address(const void *a, const void *b)
{
	const struct net_peer *x = *(struct net_peer *const *)a;
	const struct net_peer *y = *(struct net_peer *const *)b;
	int order = net_address_compare_host((const struct sockaddr *)&x->address,
					     (const struct sockaddr *)&y->address);

	return order ? order : (x > y) - (x < y);
}

int net_peer_index(struct net *net)
{
	net->peers_by_address = calloc(net->peer_count + 1, sizeof(struct net_peer *));
	if (!net->peers_by_address)
		return -ENOMEM;
	for (unsigned i = 0; i < net->peer_count; i++)
		if (net->peers[i].has_address)
			net->peers_by_address[net->by_address_count++] = &net->peers[i];
	qsort(net->peers_by_address, net->by_address_count, sizeof(struct net_peer *), by_address);
	return net_network_index(net);
}

/* The first of the peers that have that address, or where it would be. */
static unsigned lower_bound(const struct net *net, const struct sockaddr *address)
{
	unsigned low = 0, high = net->by_address_count;

	while (low < high) {
		unsigned middle = (low + high) / 2;
		const struct sockaddr *at =
		    (const struct sockaddr *)&net->peers_by_address[middle]->address;

		if (net_address_compare_host(at, address) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct net_peer *peer_at(const struct net *net, unsigned at, const struct sockaddr *address)
{
	struct net_peer *peer = at < net->by_address_count ? net->peers_by_address[at] : NULL;

	if (peer && net_address_compare_host((const struct sockaddr *)&peer->address, address) == 0)
		return peer;
	return NULL;
}

struct net_peer *net_peer_by_address(const struct net *net, enum sip_transport transport,
				     const struct sockaddr *address)
{
	struct net_peer *peer;

	for (unsigned at = lower_bound(net, address); (peer = peer_at(net, at, address)); at++)
		if (peer->config->transport == transport)
			return peer;
	return net_peer_by_network(net, transport, address);
}

/* Multiply and shift with a random key: nobody outside can tell which addresses share a bucket. */
static unsigned stranger_bucket(const struct net *net, const struct sockaddr *address)
{
	unsigned __int128 hash =
	    net->stranger_key[0] * net_address_source(address) + net->stranger_key[1];

	return (unsigned)(hash >> (128 - NET_STRANGER_BITS));
}

struct net_source *net_source_of(struct net *net, const struct sockaddr *address, bool *stranger)
{
	struct net_peer *peer = peer_at(net, lower_bound(net, address), address);

	*stranger = !peer;
	return peer ? &peer->source : &net->stranger_sources[stranger_bucket(net, address)];
}

void net_peer_error(struct net_peer *peer, const char *format, ...)
{
	char text[NET_ERROR_TEXT]; /* an argument may be the present error */
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	snprintf(peer->status.last_error, sizeof(peer->status.last_error), "%.*s",
		 (int)sizeof(peer->status.last_error) - 1, text);
}

void net_peer_status(const struct net *net, const struct config_peer *config,
		     struct net_peer_status *status)
{
	const struct net_peer *peer = net_peer_of(net, config);

	*status = peer->status;
	status->connections = peer->connection_count;
	if (peer->large)
		status->connections += peer->large->connection_count;
}
