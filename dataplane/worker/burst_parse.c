/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the Ethernet frame to the UDP payload. Every length is checked against the bytes there. */
#include <netinet/in.h>
#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_udp.h>

#include "worker/burst.h"
#include "worker/checksum.h"

/* The bytes not read yet. */
struct cursor {
	uint8_t *at;
	uint32_t left;
};

/* Takes size bytes from the front; NULL when there are fewer. */
static void *cursor_take(struct cursor *cursor, uint32_t size)
{
	void *taken = cursor->at;

	if (cursor->left < size)
		return NULL;
	cursor->at += size;
	cursor->left -= size;
	return taken;
}

/* The VLAN of a frame by its tag: 0 of one that carries a priority alone, as of an untagged one.
 * Behind the tag that a driver took out already another one is none of ours. */
#define VLAN_OF(tci) ((uint16_t)((tci)&0x0fff))
#define VLAN_TWO_TAGS 0x1000U

static enum sluice_drop ether_parse(struct cursor *cursor, const struct worker_port *port,
				    uint16_t *type_be, uint16_t *vlan_id)
{
	const struct rte_ether_hdr *ether = cursor_take(cursor, sizeof(*ether));
	const struct rte_vlan_hdr *vlan;

	if (!ether)
		return SLUICE_DROP_TRUNCATED;
	if (rte_is_same_ether_addr(&ether->src_addr, &port->port->mac))
		return SLUICE_DROP_OWN_PACKET;
	if (rte_is_multicast_ether_addr(&ether->dst_addr))
		return SLUICE_DROP_NOT_OURS;
	*type_be = ether->ether_type;
	if (ether->ether_type != htons(RTE_ETHER_TYPE_VLAN))
		return SLUICE_DROP_NONE;
	vlan = cursor_take(cursor, sizeof(*vlan));
	if (!vlan)
		return SLUICE_DROP_TRUNCATED;
	*vlan_id = *vlan_id ? VLAN_TWO_TAGS : VLAN_OF(ntohs(vlan->vlan_tci));
	*type_be = vlan->eth_proto;
	return SLUICE_DROP_NONE;
}

/* local: where the destination address lies. */
static enum sluice_drop ipv4_parse(struct cursor *cursor, struct packet *packet,
				   const uint8_t **local)
{
	const struct rte_ipv4_hdr *ip = cursor_take(cursor, sizeof(*ip));
	uint32_t header_length, total_length;

	if (!ip)
		return SLUICE_DROP_TRUNCATED;
	header_length = rte_ipv4_hdr_len(ip);
	total_length = ntohs(ip->total_length);
	if (ip->version_ihl >> 4 != 4 || header_length < sizeof(*ip))
		return SLUICE_DROP_NOT_IP_UDP;
	if (total_length < header_length || total_length > cursor->left + sizeof(*ip))
		return SLUICE_DROP_TRUNCATED;
	if (ip->next_proto_id != IPPROTO_UDP ||
	    ip->fragment_offset & htons(RTE_IPV4_HDR_MF_FLAG | RTE_IPV4_HDR_OFFSET_MASK) ||
	    checksum_fold(checksum_sum((const uint8_t *)ip, header_length)) != 0xffff)
		return SLUICE_DROP_NOT_IP_UDP;
	cursor->left = total_length - (uint32_t)sizeof(*ip); /* without Ethernet's padding */
	cursor_take(cursor, header_length - (uint32_t)sizeof(*ip));
	packet->source = (struct rtp_address){.family = 4};
	memcpy(packet->source.ip, &ip->src_addr, 4);
	*local = (const uint8_t *)&ip->dst_addr;
	return SLUICE_DROP_NONE;
}

static enum sluice_drop ipv6_parse(struct cursor *cursor, struct packet *packet,
				   const uint8_t **local)
{
	const struct rte_ipv6_hdr *ip = cursor_take(cursor, sizeof(*ip));

	if (!ip)
		return SLUICE_DROP_TRUNCATED;
	if (ntohl(ip->vtc_flow) >> 28 != 6 || ip->proto != IPPROTO_UDP)
		return SLUICE_DROP_NOT_IP_UDP;
	if (ntohs(ip->payload_len) > cursor->left)
		return SLUICE_DROP_TRUNCATED;
	cursor->left = ntohs(ip->payload_len);
	packet->source = (struct rtp_address){.family = 6};
	memcpy(packet->source.ip, ip->src_addr, 16);
	*local = ip->dst_addr;
	return SLUICE_DROP_NONE;
}

/* The UDP checksum is not verified: SRTP has a better one, and a packet from the same host (veth)
 * comes with its checksum not made yet. */
static enum sluice_drop udp_parse(struct cursor *cursor, struct packet *packet)
{
	const struct rte_udp_hdr *udp = cursor_take(cursor, sizeof(*udp));
	uint32_t length;

	if (!udp)
		return SLUICE_DROP_TRUNCATED;
	length = ntohs(udp->dgram_len);
	if (length < sizeof(*udp) || length > cursor->left + sizeof(*udp))
		return SLUICE_DROP_TRUNCATED;
	packet->source.port = ntohs(udp->src_port);
	packet->local_port = ntohs(udp->dst_port);
	packet->data = cursor->at;
	packet->length = length - (uint32_t)sizeof(*udp);
	packet->arrived = packet->length;
	return SLUICE_DROP_NONE;
}

static inline enum sluice_drop address_find(const struct worker *worker,
					    const struct worker_port *port, struct packet *packet,
					    const uint8_t *local)
{
	const struct worker_address *address = &worker->config.address[port->address_first];
	bool is_v4 = packet->source.family == 4;

	for (unsigned i = 0; i < port->address_count; i++) {
		if (address[i].family != packet->source.family ||
		    (is_v4 ? memcmp(address[i].ip, local, 4) : memcmp(address[i].ip, local, 16)))
			continue;
		packet->address = (uint16_t)(port->address_first + i);
		return SLUICE_DROP_NONE;
	}
	return SLUICE_DROP_NOT_OURS;
}

/* Where the stream table says whose the packet is. */
static inline void entry_find(const struct worker *worker, struct packet *packet)
{
	const struct worker_address *address = &worker->config.address[packet->address];

	packet->entry = NULL;
	if (packet->local_port < address->port_first || packet->local_port > address->port_last)
		return;
	packet->entry = &address->streams[(packet->local_port - address->port_first) / 2U];
}

__attribute__((noinline)) enum sluice_drop packet_parse_any(const struct worker *worker,
							    struct packet *packet)
{
	struct rte_mbuf *mbuf = packet->mbuf;
	const struct worker_port *port = &worker->config.port[mbuf->port];
	struct cursor cursor = {rte_pktmbuf_mtod(mbuf, uint8_t *), mbuf->data_len};
	enum sluice_drop drop;
	const uint8_t *local;
	uint16_t type_be, vlan_id = 0;

	if (mbuf->nb_segs != 1)
		return SLUICE_DROP_TRUNCATED;
	if (mbuf->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED)
		vlan_id = VLAN_OF(mbuf->vlan_tci);
	drop = ether_parse(&cursor, port, &type_be, &vlan_id);
	if (drop)
		return drop;
	if (unlikely(vlan_id != port->vlan)) /* another VLAN is another network */
		return SLUICE_DROP_NOT_OURS;
	if (type_be == htons(RTE_ETHER_TYPE_IPV4))
		drop = ipv4_parse(&cursor, packet, &local);
	else if (type_be == htons(RTE_ETHER_TYPE_IPV6))
		drop = ipv6_parse(&cursor, packet, &local);
	else
		return SLUICE_DROP_NOT_IP_UDP;
	if (drop)
		return drop;
	drop = address_find(worker, port, packet, local);
	if (!drop)
		drop = udp_parse(&cursor, packet);
	if (!drop)
		entry_find(worker, packet);
	return drop;
}

/* The headers that nearly every frame has: Ethernet, IPv4 without options, UDP. */
struct usual {
	struct rte_ether_hdr ether;
	struct rte_ipv4_hdr ip;
	struct rte_udp_hdr udp;
};
static_assert(sizeof(struct usual) == 14 + 20 + 8, "no gaps");

static inline uint32_t word_at(const void *at)
{
	uint32_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

/* An unfragmented IPv4 packet without options, of UDP, in a frame of its own. */
static inline bool usual_is(const struct usual *frame, const struct rte_ether_addr *own)
{
	/* several fields at a time, as they lie in memory */
	const uint32_t type = word_at(&frame->ether.ether_type); /* version, IHL and TOS behind */
	const uint32_t fragment = word_at(&frame->ip.fragment_offset); /* TTL, protocol behind */
	static const uint8_t type_mask[4] = {0xff, 0xff, 0xff, 0}, type_is[4] = {0x08, 0, 0x45, 0};
	static const uint8_t fragment_mask[4] = {0x3f, 0xff, 0, 0xff},
			     fragment_is[4] = {0, 0, 0, IPPROTO_UDP};

	return (type & word_at(type_mask)) == word_at(type_is) &&
	       (fragment & word_at(fragment_mask)) == word_at(fragment_is) &&
	       !rte_is_multicast_ether_addr(&frame->ether.dst_addr) &&
	       !rte_is_same_ether_addr(&frame->ether.src_addr, own) &&
	       checksum_fold(checksum_sum((const uint8_t *)&frame->ip, sizeof(frame->ip))) ==
		   0xffff;
}

/*
 * The same as the long way, below, for the usual frame. False: the long way is to be gone, which
 * knows what is wrong with it, if anything.
 */
static inline bool usual_parse(const struct worker *worker, struct packet *packet)
{
	const struct rte_mbuf *mbuf = packet->mbuf;
	const struct worker_port *port = &worker->config.port[mbuf->port];
	struct usual *frame = rte_pktmbuf_mtod(packet->mbuf, struct usual *);
	uint32_t ip_length, udp_length;

	if (unlikely(mbuf->data_len < sizeof(*frame) || mbuf->nb_segs != 1 || port->vlan ||
		     mbuf->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED ||
		     !usual_is(frame, &port->port->mac)))
		return false;
	ip_length = ntohs(frame->ip.total_length);
	udp_length = ntohs(frame->udp.dgram_len);
	if (unlikely(ip_length > mbuf->data_len - sizeof(frame->ether) ||
		     udp_length < sizeof(frame->udp) || udp_length + sizeof(frame->ip) > ip_length))
		return false;
	packet->source = (struct rtp_address){.family = 4, .port = ntohs(frame->udp.src_port)};
	memcpy(packet->source.ip, &frame->ip.src_addr, 4);
	packet->local_port = ntohs(frame->udp.dst_port);
	packet->data = (uint8_t *)(frame + 1);
	packet->length = packet->arrived = udp_length - (uint32_t)sizeof(frame->udp);
	if (unlikely(address_find(worker, port, packet, (const uint8_t *)&frame->ip.dst_addr)))
		return false;
	entry_find(worker, packet);
	return true;
}

enum sluice_drop packet_parse(const struct worker *worker, struct packet *packet)
{
	return likely(usual_parse(worker, packet)) ? SLUICE_DROP_NONE
						   : packet_parse_any(worker, packet);
}
