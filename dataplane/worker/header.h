/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The headers of a packet that is sent: Ethernet of the next hop, IP and UDP from the leg's own
 * address to its peer. What does not change from packet to packet is made once for each of our
 * addresses.
 *
 * Thread: header_prepare() any; the rest the worker.
 */
#pragma once

#include <netinet/in.h>
#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_mbuf.h>
#include <rte_udp.h>

#include "media/latch.h"
#include "sluice_drops.h"
#include "worker/checksum.h"
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
 * The same, but that lengths and checksums become what the template has or stay what they were.
 * ip_length is a constant, so that what follows from the family is decided once.
 */
static inline uint32_t header_put(const struct header *header, const struct header_ends *ends,
				  uint8_t *at, uint32_t ip_length)
{
	struct rte_ether_hdr *ether = (struct rte_ether_hdr *)at;
	uint8_t *ip = at + sizeof(*ether);
	struct rte_udp_hdr *udp = (struct rte_udp_hdr *)(ip + ip_length);

	memcpy(ether, ends->hop->macs, sizeof(ends->hop->macs));
	memcpy(ip, header->ip, ip_length);
	if (ip_length == sizeof(struct rte_ipv4_hdr)) {
		struct rte_ipv4_hdr *ipv4 = (struct rte_ipv4_hdr *)ip;

		ether->ether_type = htons(RTE_ETHER_TYPE_IPV4);
		ipv4->type_of_service = (uint8_t)(ends->dscp << 2);
		memcpy(&ipv4->dst_addr, ends->peer->ip, 4);
	} else {
		struct rte_ipv6_hdr *ipv6 = (struct rte_ipv6_hdr *)ip;

		ether->ether_type = htons(RTE_ETHER_TYPE_IPV6);
		ipv6->vtc_flow = htonl(UINT32_C(6) << 28 | (uint32_t)ends->dscp << 22);
		memcpy(ipv6->dst_addr, ends->peer->ip, 16);
	}
	udp->src_port = htons(ends->local_port);
	udp->dst_port = htons(ends->peer->port);
	return (uint32_t)sizeof(*ether) + ip_length + (uint32_t)sizeof(*udp);
}

/*
 * Length and checksum of the IP header, which needs the words that are not in header->ip_sum.
 * Returns the sum of UDP's pseudo-header (RFC 768, RFC 8200 8.1), but for UDP's length.
 */
static inline uint64_t header_finish_ip(const struct header *header, const struct header_ends *ends,
					uint8_t *ip, uint32_t ip_length, uint32_t udp_length)
{
	if (ip_length == sizeof(struct rte_ipv4_hdr)) {
		struct rte_ipv4_hdr *ipv4 = (struct rte_ipv4_hdr *)ip;
		uint16_t length_be = htons((uint16_t)(ip_length + udp_length));
		uint32_t tos_be = (uint32_t)ends->dscp << (2 + 8); /* behind the header's length */
		uint32_t destination;

		memcpy(&destination, ends->peer->ip, sizeof(destination));
		ipv4->total_length = length_be;
		ipv4->hdr_checksum = (uint16_t)~checksum_fold((uint64_t)header->ip_sum +
							      destination + length_be + tos_be);
		return (uint64_t)header->udp_sum + destination;
	}
	((struct rte_ipv6_hdr *)ip)->payload_len = htons((uint16_t)udp_length);
	return checksum_add(header->udp_sum, checksum_sum(ends->peer->ip, 16));
}

/* sum: of the pseudo-header, but for the length. */
static inline void header_finish_udp(const struct header_ends *ends, struct rte_udp_hdr *udp,
				     const uint8_t *data, uint32_t length, uint64_t sum)
{
	uint16_t length_be = htons((uint16_t)(length + sizeof(*udp)));
	uint16_t checksum;

	/* the length counts twice: in the pseudo-header and in the header */
	sum = checksum_add(sum, (uint64_t)htons(ends->local_port) + htons(ends->peer->port) +
				    2U * length_be);
	checksum = (uint16_t)~checksum_fold(checksum_add(sum, checksum_sum(data, length)));
	udp->dgram_len = length_be;
	udp->dgram_cksum = checksum ? checksum : 0xffff; /* 0 would say "none" (RFC 768) */
}

static inline enum sluice_drop header_write_family(const struct header *header,
						   const struct header_ends *ends,
						   struct rte_mbuf *mbuf, uint8_t *data,
						   uint32_t length, uint32_t ip_length)
{
	uint32_t udp_length = (uint32_t)sizeof(struct rte_udp_hdr) + length;
	uint32_t before = RTE_ETHER_HDR_LEN + ip_length + (uint32_t)sizeof(struct rte_udp_hdr);
	uint8_t *frame = data - before, *ip = frame + RTE_ETHER_HDR_LEN;
	uint64_t sum;

	if (unlikely(ip_length + udp_length > ends->hop->mtu))
		return SLUICE_DROP_MTU;
	if (unlikely(data - (uint8_t *)mbuf->buf_addr < before))
		return SLUICE_DROP_NO_BUFFER;
	header_put(header, ends, frame, ip_length);
	sum = header_finish_ip(header, ends, ip, ip_length, udp_length);
	header_finish_udp(ends, (struct rte_udp_hdr *)(ip + ip_length), data, length, sum);
	mbuf->data_off = (uint16_t)(frame - (uint8_t *)mbuf->buf_addr);
	mbuf->data_len = (uint16_t)(before + length);
	mbuf->pkt_len = before + length;
	mbuf->ol_flags = 0; /* what was true of the received frame is not of this one */
	return SLUICE_DROP_NONE;
}

/*
 * Puts the headers before the length bytes at data, which lie in mbuf, and makes mbuf the whole
 * frame. Returns NONE, MTU, or NO_BUFFER (no headroom; mbuf is then unchanged).
 */
static inline enum sluice_drop header_write(const struct header *header,
					    const struct header_ends *ends, struct rte_mbuf *mbuf,
					    uint8_t *data, uint32_t length)
{
	return likely(header->ip_length == sizeof(struct rte_ipv4_hdr))
		   ? header_write_family(header, ends, mbuf, data, length,
					 sizeof(struct rte_ipv4_hdr))
		   : header_write_family(header, ends, mbuf, data, length,
					 sizeof(struct rte_ipv6_hdr));
}
