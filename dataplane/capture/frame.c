/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/frame.h"

#include <netinet/in.h>
#include <string.h>

#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_udp.h>

/* Offset of the IP header; 0: it is none that we know, or not as long as it should be. */
static uint32_t ip_at(const uint8_t *frame, uint32_t payload_at, uint16_t *type_be)
{
	uint32_t at = RTE_ETHER_HDR_LEN;

	if (payload_at < at + sizeof(struct rte_udp_hdr))
		return 0;
	memcpy(type_be, frame + at - 2, 2);
	if (*type_be == htons(RTE_ETHER_TYPE_VLAN)) {
		at += (uint32_t)sizeof(struct rte_vlan_hdr);
		memcpy(type_be, frame + at - 2, 2);
	}
	if (*type_be == htons(RTE_ETHER_TYPE_IPV4) &&
	    payload_at >= at + sizeof(struct rte_ipv4_hdr) + sizeof(struct rte_udp_hdr))
		return at;
	if (*type_be == htons(RTE_ETHER_TYPE_IPV6) &&
	    payload_at >= at + sizeof(struct rte_ipv6_hdr) + sizeof(struct rte_udp_hdr))
		return at;
	return 0;
}

static void ipv4_mend(uint8_t *at, uint32_t ip_length, uint32_t header_length)
{
	struct rte_ipv4_hdr ip;
	uint16_t sum;

	memcpy(&ip, at, sizeof(ip));
	ip.total_length = htons((uint16_t)ip_length);
	ip.hdr_checksum = 0;
	memcpy(at, &ip, sizeof(ip));
	sum = (uint16_t)~rte_raw_cksum(at, header_length);
	memcpy(at + offsetof(struct rte_ipv4_hdr, hdr_checksum), &sum, sizeof(sum));
}

/* RFC 768, RFC 8200 8.1: over addresses, protocol, length and all of the datagram. */
static uint16_t udp_sum(const uint8_t *addresses, uint32_t addresses_length, const uint8_t *udp,
			uint32_t udp_length)
{
	uint32_t sum = rte_raw_cksum(addresses, addresses_length);

	sum += rte_raw_cksum(udp, udp_length);
	sum += (uint32_t)htons(IPPROTO_UDP) + htons((uint16_t)udp_length);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum == 0xffff ? 0xffff : (uint16_t)~sum;
}

void frame_mend(uint8_t *frame, uint32_t captured, uint32_t length, uint32_t payload_at)
{
	uint16_t type_be, sum = 0;
	uint32_t ip = captured < payload_at ? 0 : ip_at(frame, payload_at, &type_be);
	uint32_t udp = payload_at - (uint32_t)sizeof(struct rte_udp_hdr);
	uint16_t udp_length_be = htons((uint16_t)(length - udp));
	bool four = ip && type_be == htons(RTE_ETHER_TYPE_IPV4);

	if (!ip || length - ip > UINT16_MAX)
		return;
	memcpy(frame + udp + offsetof(struct rte_udp_hdr, dgram_len), &udp_length_be, 2);
	memcpy(frame + udp + offsetof(struct rte_udp_hdr, dgram_cksum), &sum, 2);
	if (four)
		ipv4_mend(frame + ip, length - ip, udp - ip);
	else
		memcpy(frame + ip + offsetof(struct rte_ipv6_hdr, payload_len), &udp_length_be, 2);
	if (captured == length)
		sum =
		    udp_sum(frame + ip + (four ? 12 : 8), four ? 8 : 32, frame + udp, length - udp);
	memcpy(frame + udp + offsetof(struct rte_udp_hdr, dgram_cksum), &sum, 2);
}
