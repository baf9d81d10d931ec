/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker/header.h"

#include <netinet/in.h>
#include <string.h>

#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_udp.h>

#include "worker/checksum.h"

#define HOPS_ON_THE_WAY 64 /* TTL and hop limit, RFC 1700 */

static void ipv4_prepare(struct header *header, const uint8_t *local)
{
	struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)header->ip;

	ip->version_ihl = RTE_IPV4_VHL_DEF;
	/* never fragmented on the way, so the identification may be 0 (RFC 6864 4.1) */
	ip->fragment_offset = htons(RTE_IPV4_HDR_DF_FLAG);
	ip->time_to_live = HOPS_ON_THE_WAY;
	ip->next_proto_id = IPPROTO_UDP;
	memcpy(&ip->src_addr, local, 4);
	header->ip_length = sizeof(*ip);
	header->ip_sum = checksum_fold(checksum_sum((const uint8_t *)ip, sizeof(*ip)));
	header->udp_sum = checksum_fold(checksum_sum(local, 4) + htons(IPPROTO_UDP));
}

static void ipv6_prepare(struct header *header, const uint8_t *local)
{
	struct rte_ipv6_hdr *ip = (struct rte_ipv6_hdr *)header->ip;

	ip->proto = IPPROTO_UDP;
	ip->hop_limits = HOPS_ON_THE_WAY;
	memcpy(ip->src_addr, local, 16);
	header->ip_length = sizeof(*ip);
	header->udp_sum = checksum_fold(checksum_add(checksum_sum(local, 16), htons(IPPROTO_UDP)));
}

void header_prepare(struct header *header, uint8_t family, const uint8_t *ip)
{
	memset(header, 0, sizeof(*header));
	if (family == 4)
		ipv4_prepare(header, ip);
	else
		ipv6_prepare(header, ip);
}

/* All but lengths and checksums. */
static void ipv4_outline(const struct header *header, const struct header_ends *ends,
			 struct rte_ipv4_hdr *ip)
{
	memcpy(ip, header->ip, sizeof(*ip));
	ip->type_of_service = (uint8_t)(ends->dscp << 2);
	memcpy(&ip->dst_addr, ends->peer->ip, 4);
}

static void ipv6_outline(const struct header *header, const struct header_ends *ends,
			 struct rte_ipv6_hdr *ip)
{
	memcpy(ip, header->ip, sizeof(*ip));
	ip->vtc_flow = htonl(UINT32_C(6) << 28 | (uint32_t)ends->dscp << 22);
	memcpy(ip->dst_addr, ends->peer->ip, 16);
}

static inline uint32_t outline(const struct header *header, const struct header_ends *ends,
			       uint8_t *at)
{
	struct rte_ether_hdr *ether = (struct rte_ether_hdr *)at;
	uint8_t *ip = at + RTE_ETHER_HDR_LEN;
	struct rte_udp_hdr *udp = (struct rte_udp_hdr *)(ip + header->ip_length);

	memcpy(ether, ends->hop->macs, sizeof(ends->hop->macs));
	if (header->ip_length == sizeof(struct rte_ipv4_hdr)) {
		ether->ether_type = htons(RTE_ETHER_TYPE_IPV4);
		ipv4_outline(header, ends, (struct rte_ipv4_hdr *)ip);
	} else {
		ether->ether_type = htons(RTE_ETHER_TYPE_IPV6);
		ipv6_outline(header, ends, (struct rte_ipv6_hdr *)ip);
	}
	*udp = (struct rte_udp_hdr){.src_port = htons(ends->local_port),
				    .dst_port = htons(ends->peer->port)};
	return RTE_ETHER_HDR_LEN + header->ip_length + (uint32_t)sizeof(*udp);
}

uint32_t header_outline(const struct header *header, const struct header_ends *ends,
			uint8_t at[HEADER_MAX])
{
	return outline(header, ends, at);
}

/*
 * Lengths and checksum of IPv4, which needs the words that are not in header->ip_sum. Returns the
 * sum of the destination address, which UDP's checksum holds too.
 */
static inline uint64_t ipv4_finish(const struct header *header, const struct header_ends *ends,
				   struct rte_ipv4_hdr *ip, uint16_t udp_length)
{
	uint16_t length_be = htons((uint16_t)(sizeof(*ip) + udp_length));
	uint16_t tos_be = htons((uint16_t)(ends->dscp << 2)); /* beside the header's length */
	uint32_t destination;

	memcpy(&destination, ends->peer->ip, sizeof(destination));
	ip->total_length = length_be;
	ip->hdr_checksum =
	    (uint16_t)~checksum_fold((uint64_t)header->ip_sum + destination + length_be + tos_be);
	return destination;
}

static inline uint64_t ipv6_finish(const struct header_ends *ends, struct rte_ipv6_hdr *ip,
				   uint16_t udp_length)
{
	ip->payload_len = htons(udp_length);
	return checksum_sum(ends->peer->ip, sizeof(ip->dst_addr));
}

/* sum: of the rest of the pseudo-header. */
static inline void udp_finish(const struct header_ends *ends, struct rte_udp_hdr *udp,
			      const uint8_t *data, uint32_t length, uint64_t sum)
{
	uint16_t length_be = htons((uint16_t)(length + sizeof(*udp)));
	uint16_t checksum;

	udp->dgram_len = length_be;
	/* the length counts twice: in the pseudo-header and in the header */
	sum = checksum_add(sum, (uint64_t)htons(ends->local_port) + htons(ends->peer->port) +
				    2U * length_be);
	checksum = (uint16_t)~checksum_fold(checksum_add(sum, checksum_sum(data, length)));
	udp->dgram_cksum = checksum ? checksum : 0xffff; /* 0 would say "none" (RFC 768) */
}

enum sluice_drop header_write(const struct header *header, const struct header_ends *ends,
			      struct rte_mbuf *mbuf, uint8_t *data, uint32_t length)
{
	uint32_t udp_length = (uint32_t)sizeof(struct rte_udp_hdr) + length;
	uint32_t before = RTE_ETHER_HDR_LEN + header->ip_length + udp_length - length;
	uint8_t *frame = data - before, *ip = frame + RTE_ETHER_HDR_LEN;
	uint64_t sum = header->udp_sum;

	if (header->ip_length + udp_length > ends->hop->mtu)
		return SLUICE_DROP_MTU;
	if (data - (uint8_t *)mbuf->buf_addr < before)
		return SLUICE_DROP_NO_BUFFER;
	outline(header, ends, frame);
	if (header->ip_length == sizeof(struct rte_ipv4_hdr))
		sum += ipv4_finish(header, ends, (struct rte_ipv4_hdr *)ip, (uint16_t)udp_length);
	else
		sum = checksum_add(
		    sum, ipv6_finish(ends, (struct rte_ipv6_hdr *)ip, (uint16_t)udp_length));
	udp_finish(ends, (struct rte_udp_hdr *)(ip + header->ip_length), data, length, sum);
	mbuf->data_off = (uint16_t)(frame - (uint8_t *)mbuf->buf_addr);
	mbuf->data_len = (uint16_t)(before + length);
	mbuf->pkt_len = before + length;
	mbuf->ol_flags = 0; /* what was true of the received frame is not of this one */
	return SLUICE_DROP_NONE;
}
