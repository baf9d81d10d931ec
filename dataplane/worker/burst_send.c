/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way out: is there one, headers, ports, and the end of what was dropped. */
#include <rte_branch_prediction.h>

#include "worker/burst.h"
#include "worker/leg_count.h"

static enum sluice_drop packet_route(const struct packet *packet)
{
	struct leg *other = leg_other(packet->leg);
	const struct rtp_address *peer;

	if (packet->kind == SRTP_PACKET_RTP && !(other->direction & SLUICE_DIR_TX))
		return SLUICE_DROP_DIRECTION;
	if (other->path[packet->kind].drop)
		return other->path[packet->kind].drop;
	peer = leg_peer(other, packet->kind);
	if (!peer->family || !peer->port)
		return SLUICE_DROP_NO_PEER;
	if (other->tx_security == LEG_NO_KEY)
		return SLUICE_DROP_NO_KEY;
	return SLUICE_DROP_NONE;
}

void burst_route(struct burst *burst)
{
	for (unsigned i = 0; i < burst->n; i++)
		if (!burst->packet[i].drop)
			burst->packet[i].drop = (uint8_t)packet_route(&burst->packet[i]);
}

static const struct hop *packet_hop(const struct worker *worker, const struct packet *packet)
{
	return &worker->config.hops[leg_other(packet->leg)->path[packet->kind].hop];
}

static struct header_ends packet_ends(const struct worker *worker, const struct packet *packet)
{
	struct leg *other = leg_other(packet->leg);
	bool odd = packet->kind == SRTP_PACKET_RTCP && !other->rtcp_mux;

	return (struct header_ends){.hop = packet_hop(worker, packet),
				    .peer = leg_peer(other, packet->kind),
				    .local_port = (uint16_t)(other->port + odd),
				    .dscp = other->path[packet->kind].dscp};
}

uint32_t packet_header(const struct worker *worker, const struct packet *packet,
		       uint8_t at[HEADER_MAX])
{
	struct header_ends ends = packet_ends(worker, packet);

	return header_outline(&worker->header[leg_other(packet->leg)->address], &ends, at);
}

static enum sluice_drop packet_rewrite(const struct worker *worker, struct packet *packet)
{
	struct header_ends ends = packet_ends(worker, packet);

	packet->port = ends.hop->port;
	return header_write(&worker->header[leg_other(packet->leg)->address], &ends, packet->mbuf,
			    packet->data, packet->length);
}

void burst_rewrite(struct worker *worker, struct burst *burst)
{
	for (unsigned i = 0; i < burst->n; i++)
		if (!burst->packet[i].drop)
			burst->packet[i].drop = (uint8_t)packet_rewrite(worker, &burst->packet[i]);
	if (unlikely(worker->config.vlans))
		burst_tag(worker, burst);
}

static void sent_count(struct worker *worker, const struct packet *packet)
{
	struct leg *other = leg_other(packet->leg);

	if (packet->kind == SRTP_PACKET_RTCP) {
		counter_add(&worker->counters.relayed_rtcp, 1);
		leg_count(worker, other, &leg_seldom(other)->rtcp_sent, LEG_RTCP_SENT, 1);
		return;
	}
	leg_count(worker, other, &other->sent, LEG_SENT, 1);
	leg_count(worker, other, &other->sent_bytes, LEG_SENT_BYTES, packet->length);
}

static void port_transmit(struct worker *worker, struct burst *burst, unsigned port)
{
	struct rte_mbuf *mbufs[BURST_MAX];
	uint8_t packet_of[BURST_MAX];
	unsigned n = 0, sent = 0;

	for (unsigned i = 0; i < burst->n; i++) {
		const struct packet *packet = &burst->packet[i];

		if (packet->drop || packet->port != port)
			continue;
		packet_of[n] = (uint8_t)i;
		mbufs[n++] = packet->mbuf;
	}
	if (n)
		sent = port_tx_burst(worker->config.port[port].port,
				     (uint16_t)worker->config.number, mbufs, (uint16_t)n);
	for (unsigned k = 0; k < n; k++) {
		struct packet *packet = &burst->packet[packet_of[k]];

		if (k < sent)
			sent_count(worker, packet);
		else
			packet->drop = SLUICE_DROP_TX_FULL;
	}
	counter_add(&worker->counters.relayed, sent);
}

void burst_transmit(struct worker *worker, struct burst *burst)
{
	for (unsigned port = 0; port < worker->config.port_count; port++)
		port_transmit(worker, burst, port);
}

void burst_finish(struct worker *worker, struct burst *burst)
{
	struct rte_mbuf *dropped[BURST_MAX];
	unsigned n = 0;

	for (unsigned i = 0; i < burst->n; i++) {
		const struct packet *packet = &burst->packet[i];

		if (!packet->drop || packet->drop == PACKET_HANDED_OFF)
			continue;
		counter_add(&worker->counters.drops[packet->drop], 1);
		if (packet->leg)
			leg_drop(worker, packet->leg, packet->drop);
		if (packet->drop == SLUICE_DROP_KEY_LIFETIME) /* a lifetime of very few packets */
			keys_tell(worker, packet->leg);
		dropped[n++] = packet->mbuf;
	}
	if (n)
		rte_pktmbuf_free_bulk(dropped, n);
}
