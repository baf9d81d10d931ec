/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The headers of a packet that is sent: Ethernet of the next hop, IP and UDP from the leg's own
 * address to its peer. What does not change from packet to packet is made once for each of our
 * addresses.
 *
 * Thread: header_prepare() any; the rest the worker.
 */
#pragma once

#include <stdalign.h>
#include <stdint.h>

#include <rte_mbuf.h>

#include "media/latch.h"
#include "sluice_drops.h"
#include "worker/hop.h"

/* IP header from one of our addresses, and its share of the checksums. */
struct header {
	alignas(64) uint8_t ip[40]; /* without DSCP, lengths, destination, checksum */
	uint16_t ip_sum;            /* one's complement sum of it, in memory order */
	uint16_t udp_sum;  /* same of source address and protocol (RFC 768, RFC 8200 8.1) */
	uint8_t ip_length; /* 20 or 40 */
};

void header_prepare(struct header *header, uint8_t family, const uint8_t *ip);

#define HEADER_MAX (14U + 40U + 8U) /* Ethernet, IPv6, UDP */

struct header_ends {
	const struct hop *hop;
	const struct rtp_address *peer; /* of the header's family */
	uint16_t local_port;
	uint8_t dscp;
};

/* Writes the headers to at, whose lengths and checksums stay zero. Returns their length. */
uint32_t header_outline(const struct header *header, const struct header_ends *ends,
			uint8_t at[HEADER_MAX]);

/*
 * Puts the headers before the length bytes at data, which lie in mbuf, and makes mbuf the whole
 * frame. Returns NONE, MTU, or NO_BUFFER (no headroom; mbuf is then unchanged).
 */
enum sluice_drop header_write(const struct header *header, const struct header_ends *ends,
			      struct rte_mbuf *mbuf, uint8_t *data, uint32_t length);
