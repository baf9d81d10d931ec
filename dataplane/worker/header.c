/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker/header.h"

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

uint32_t header_outline(const struct header *header, const struct header_ends *ends,
			uint8_t at[HEADER_MAX])
{
	memset(at, 0, HEADER_MAX);
	return header->ip_length == sizeof(struct rte_ipv4_hdr)
		   ? header_put(header, ends, at, sizeof(struct rte_ipv4_hdr))
		   : header_put(header, ends, at, sizeof(struct rte_ipv6_hdr));
}
