/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way to a leg's peer: a ready-made Ethernet, IP and UDP header, or the reason why there is
 * none. Built by the main thread from routes and neighbours, handed to the owning worker by value.
 */
#pragma once

#include <stdalign.h>
#include <stdint.h>

#include <rte_ether.h>
#include <rte_mbuf.h>

#include "sluice_media.h"

#define PATH_HEADER_MAX (14U + 40U + 8U) /* Ethernet, IPv6, UDP */

struct path {
	alignas(64) uint8_t header[PATH_HEADER_MAX]; /* lengths and checksums are zero */
	uint8_t header_length;
	uint8_t drop;     /* enum sluice_drop: NONE, or why no packet can go this way */
	uint16_t ip_sum;  /* one's complement sum of the IPv4 header, folded, in memory order */
	uint16_t udp_sum; /* same of addresses, protocol and ports (RFC 768, RFC 8200 8.1) */
	uint16_t mtu;     /* bytes of an IP packet */
	uint8_t port;     /* index of the worker's ports */
};

struct path_ends {
	const struct rte_ether_addr *mac;     /* of our port */
	const struct rte_ether_addr *hop_mac; /* of the next hop */
	struct sluice_addr local;
	struct sluice_addr remote; /* of the same family */
	uint8_t dscp;
	uint8_t port;
	uint16_t mtu;
};

/* Makes a path that can be used. Any thread. */
void path_build(struct path *path, const struct path_ends *ends);

/* Makes a path on which every packet is dropped for this reason. */
void path_close(struct path *path, enum sluice_drop drop);

/*
 * Puts the header before the length bytes at data, which lie in mbuf, and makes mbuf the whole
 * frame. Returns NONE, MTU, or NO_BUFFER (no headroom; mbuf is then unchanged). The worker.
 */
enum sluice_drop path_write(const struct path *path, struct rte_mbuf *mbuf, uint8_t *data,
			    uint32_t length);
