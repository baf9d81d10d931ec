/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <netinet/in.h>
#include <string.h>

#include <rte_ip.h>
#include <rte_udp.h>

#include "worker/path.h"

#define HOPS_MAX 64 /* TTL and hop limit, RFC 1700 */

static uint16_t fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static void ipv4_build(struct path *path, const struct path_ends *ends)
{
	struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)(path->header + RTE_ETHER_HDR_LEN);

	ip->version_ihl = RTE_IPV4_VHL_DEF;
	ip->type_of_service = (uint8_t)(ends->dscp << 2);
	/* never fragmented on the way, so the identification may be 0 (RFC 6864 4.1) */
	ip->fragment_offset = htons(RTE_IPV4_HDR_DF_FLAG);
	ip->time_to_live = HOPS_MAX;
	ip->next_proto_id = IPPROTO_UDP;
	memcpy(&ip->src_addr, ends->local.ip, 4);
	memcpy(&ip->dst_addr, ends->remote.ip, 4);
	path->ip_sum = rte_raw_cksum(ip, sizeof(*ip));
	path->udp_sum = rte_raw_cksum(&ip->src_addr, 8);
	path->header_length = RTE_ETHER_HDR_LEN + sizeof(*ip) + sizeof(struct rte_udp_hdr);
}

static void ipv6_build(struct path *path, const struct path_ends *ends)
{
	struct rte_ipv6_hdr *ip = (struct rte_ipv6_hdr *)(path->header + RTE_ETHER_HDR_LEN);

	ip->vtc_flow = htonl(UINT32_C(6) << 28 | (uint32_t)ends->dscp << 22);
	ip->proto = IPPROTO_UDP;
	ip->hop_limits = HOPS_MAX;
	memcpy(ip->src_addr, ends->local.ip, 16);
	memcpy(ip->dst_addr, ends->remote.ip, 16);
	path->udp_sum = rte_raw_cksum(ip->src_addr, 32);
	path->header_length = RTE_ETHER_HDR_LEN + sizeof(*ip) + sizeof(struct rte_udp_hdr);
}

void path_build(struct path *path, const struct path_ends *ends)
{
	struct rte_ether_hdr *ether = (struct rte_ether_hdr *)path->header;
	struct rte_udp_hdr *udp;

	memset(path, 0, sizeof(*path));
	rte_ether_addr_copy(ends->hop_mac, &ether->dst_addr);
	rte_ether_addr_copy(ends->mac, &ether->src_addr);
	if (ends->local.family == 4) {
		ether->ether_type = htons(RTE_ETHER_TYPE_IPV4);
		ipv4_build(path, ends);
	} else {
		ether->ether_type = htons(RTE_ETHER_TYPE_IPV6);
		ipv6_build(path, ends);
	}
	udp = (struct rte_udp_hdr *)(path->header + path->header_length - sizeof(*udp));
	udp->src_port = htons(ends->local.port);
	udp->dst_port = htons(ends->remote.port);
	path->udp_sum =
	    fold((uint32_t)path->udp_sum + htons(IPPROTO_UDP) + rte_raw_cksum(udp, sizeof(*udp)));
	path->mtu = ends->mtu;
	path->port = ends->port;
}

void path_close(struct path *path, enum sluice_drop drop)
{
	memset(path, 0, sizeof(*path));
	path->drop = (uint8_t)drop;
}

/* Lengths and checksums of the header that was copied before data. */
static void lengths_write(const struct path *path, uint8_t *ip_header, uint16_t ip_length,
			  const uint8_t *data, uint32_t length)
{
	struct rte_udp_hdr *udp = (struct rte_udp_hdr *)(data - sizeof(*udp));
	uint16_t udp_length = (uint16_t)(length + sizeof(*udp));
	uint16_t sum;

	if (ip_header[0] >> 4 == 4) {
		struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)ip_header;

		ip->total_length = htons(ip_length);
		ip->hdr_checksum = (uint16_t)~fold((uint32_t)path->ip_sum + htons(ip_length));
	} else {
		((struct rte_ipv6_hdr *)ip_header)->payload_len = htons(udp_length);
	}
	udp->dgram_len = htons(udp_length);
	/* the length counts twice: in the pseudo-header and in the header */
	sum = (uint16_t)~fold(fold((uint32_t)path->udp_sum + rte_raw_cksum(data, length)) +
			      2U * htons(udp_length));
	udp->dgram_cksum = sum ? sum : 0xffff; /* 0 would say "none" (RFC 768) */
}

enum sluice_drop path_write(const struct path *path, struct rte_mbuf *mbuf, uint8_t *data,
			    uint32_t length)
{
	uint32_t frame_length = path->header_length + length;
	uint8_t *frame = data - path->header_length;

	if (frame_length - RTE_ETHER_HDR_LEN > path->mtu)
		return SLUICE_DROP_MTU;
	if (data - (uint8_t *)mbuf->buf_addr < path->header_length)
		return SLUICE_DROP_NO_BUFFER;
	memcpy(frame, path->header, path->header_length);
	lengths_write(path, frame + RTE_ETHER_HDR_LEN, (uint16_t)(frame_length - RTE_ETHER_HDR_LEN),
		      data, length);
	mbuf->data_off = (uint16_t)(frame - (uint8_t *)mbuf->buf_addr);
	mbuf->data_len = (uint16_t)frame_length;
	mbuf->pkt_len = frame_length;
	mbuf->ol_flags = 0; /* what was true of the received frame is not of this one */
	return SLUICE_DROP_NONE;
}
