/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Peers that are a network: phones that come from any address of a prefix. */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "net/internal.h"

/* The bits of an address, the first one on top; of IPv4 the other 96 are 0. */
static unsigned __int128 bits_of(const struct sockaddr *address)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;
	const struct sockaddr_in *in = (const struct sockaddr_in *)address;
	unsigned char bytes[16] = {0};
	unsigned __int128 bits = 0;

	if (address->sa_family == AF_INET6)
		memcpy(bytes, &in6->sin6_addr, 16);
	else
		memcpy(bytes, &in->sin_addr, 4);
	for (unsigned i = 0; i < 16; i++)
		bits = bits << 8 | bytes[i];
	return bits;
}

struct key {
	int family;
	unsigned length;
	unsigned __int128 prefix;
};

static struct key key_of(const struct net_peer *peer)
{
	const struct sockaddr *address = (const struct sockaddr *)&peer->config->network_address;

	return (struct key){address->sa_family, peer->config->network_bits, bits_of(address)};
}

/* The longest prefix first. */
static int compare(const struct key *a, const struct key *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	if (a->length != b->length)
		return a->length > b->length ? -1 : 1;
	return (a->prefix > b->prefix) - (a->prefix < b->prefix);
}

static int order(const void *a, const void *b)
{
	const struct net_peer *const *x = a, *const *y = b;
	struct key one = key_of(*x), other = key_of(*y);

	return compare(&one, &other);
}

static int search(const void *wanted, const void *item)
{
	const struct net_peer *const *peer = item;
	struct key key = key_of(*peer);

	return compare(wanted, &key);
}

int net_network_index(struct net *net)
{
	net->peers_by_network = calloc(net->peer_count + 1, sizeof(struct net_peer *));
	if (!net->peers_by_network)
		return -ENOMEM;
	for (unsigned i = 0; i < net->peer_count; i++)
		if (net->peers[i].config->network_address.ss_family != AF_UNSPEC)
			net->peers_by_network[net->by_network_count++] = &net->peers[i];
	qsort(net->peers_by_network, net->by_network_count, sizeof(struct net_peer *), order);
	return 0;
}

/* One search for each length of prefix: a network is as cheap to refuse as an address. */
struct net_peer *net_peer_by_network(const struct net *net, enum sip_transport transport,
				     const struct sockaddr *address)
{
	unsigned longest = address->sa_family == AF_INET6 ? 128 : 32;
	struct key wanted = {.family = address->sa_family};
	unsigned __int128 bits = bits_of(address);

	for (unsigned length = longest; net->by_network_count && length > 0; length--) {
		struct net_peer **found;

		wanted.length = length;
		wanted.prefix = bits >> (128 - length) << (128 - length);
		found = bsearch(&wanted, net->peers_by_network, net->by_network_count,
				sizeof(struct net_peer *), search);
		if (found && (*found)->config->transport == transport)
			return *found;
	}
	return NULL;
}
