/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "flood.h"

#include <netinet/in.h>
#include <string.h>

#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_udp.h>

#define TAG 10U
#define RTP_AT CALLS_FRAME_HEADER
#define LENGTH (CALLS_RTP_HEADER + CALLS_PAYLOAD + TAG)
#define FREE_PORT 65534U /* the last pair: calls take theirs at random, and few of them */

/* An RTP packet as the peer might send it, but for its tag. */
static void frame_make(struct scene *scene, const struct sluice_addr *from,
		       const struct sluice_addr *to)
{
	struct rte_ether_hdr *ether = (struct rte_ether_hdr *)scene->frame;
	struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)(ether + 1);
	struct rte_udp_hdr *udp = (struct rte_udp_hdr *)(ip + 1);
	const struct port *port = scene->world->port[1];

	memset(scene->frame, 0x5a, sizeof(scene->frame));
	*ether = (struct rte_ether_hdr){.dst_addr = port->mac,
					.src_addr = port->neighbour,
					.ether_type = htons(RTE_ETHER_TYPE_IPV4)};
	*ip = (struct rte_ipv4_hdr){.version_ihl = RTE_IPV4_VHL_DEF,
				    .total_length = htons(sizeof(*ip) + sizeof(*udp) + LENGTH),
				    .time_to_live = 64,
				    .next_proto_id = IPPROTO_UDP};
	memcpy(&ip->src_addr, from->ip, 4);
	memcpy(&ip->dst_addr, to->ip, 4);
	ip->hdr_checksum = rte_ipv4_cksum(ip);
	*udp = (struct rte_udp_hdr){.src_port = htons(from->port),
				    .dst_port = htons(to->port),
				    .dgram_len = htons(sizeof(*udp) + LENGTH)};
	scene->frame[RTP_AT] = 0x80;
	scene->frame[RTP_AT + 1] = 0;
	scene->frame_length = RTP_AT + LENGTH;
}

int flood_forged(struct scene *scene)
{
	frame_make(scene, &scene->attacked_peer, &scene->attacked);
	return 0;
}

int flood_unknown_port(struct scene *scene)
{
	struct sluice_addr to = scene->attacked;

	to.port = FREE_PORT;
	frame_make(scene, &scene->attacked_peer, &to);
	return 0;
}

int flood_malformed(struct scene *scene)
{
	flood_forged(scene);
	scene->frame[RTP_AT] = 0x40; /* version 1 */
	return 0;
}

int flood_source(struct scene *scene)
{
	struct sluice_addr from = scene->attacked_peer;

	from.ip[3]++;
	frame_make(scene, &from, &scene->attacked);
	return 0;
}

unsigned flood_put(void *user, unsigned leg)
{
	struct rte_mbuf *mbufs[SCENE_BESIDES / 2];
	struct scene *scene = user;
	unsigned n = SCENE_BESIDES / 2;

	if (leg != 1 || rte_pktmbuf_alloc_bulk(scene->world->pool, mbufs, n))
		return 0;
	for (unsigned i = 0; i < n; i++)
		memcpy(rte_pktmbuf_append(mbufs[i], scene->frame_length), scene->frame,
		       scene->frame_length);
	n = rte_ring_enqueue_burst(scene->world->in[leg], (void **)mbufs, n, NULL);
	scene->besides += n;
	return n;
}
