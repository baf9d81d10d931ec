/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way out: is there one, headers, ports, and the end of what was dropped. */
#include "worker/burst.h"

static enum sluice_drop packet_route(const struct packet *packet)
{
	const struct leg *other = packet->leg->other;

	if (packet->kind == SRTP_PACKET_RTP && !(other->direction & SLUICE_DIR_TX))
		return SLUICE_DROP_DIRECTION;
	if (other->path[packet->kind].drop)
		return other->path[packet->kind].drop;
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

void burst_rewrite(struct burst *burst)
{
	for (unsigned i = 0; i < burst->n; i++) {
		struct packet *packet = &burst->packet[i];

		if (packet->drop)
			continue;
		packet->drop = (uint8_t)path_write(&packet->leg->other->path[packet->kind],
						   packet->mbuf, packet->data, packet->length);
	}
}

static void sent_count(struct worker *worker, const struct packet *packet)
{
	struct leg_counters *counters = &packet->leg->other->counters;

	counter_add(&worker->counters.relayed, 1);
	if (packet->kind == SRTP_PACKET_RTCP) {
		counter_add(&worker->counters.relayed_rtcp, 1);
		counter_add(&counters->rtcp_sent, 1);
		return;
	}
	counter_add(&counters->sent, 1);
	counter_add(&counters->sent_bytes, packet->length);
}

static void port_transmit(struct worker *worker, struct burst *burst, unsigned port)
{
	struct rte_mbuf *mbufs[BURST_MAX];
	uint8_t packet_of[BURST_MAX];
	unsigned n = 0, sent = 0;

	for (unsigned i = 0; i < burst->n; i++) {
		const struct packet *packet = &burst->packet[i];

		if (packet->drop || packet->leg->other->path[packet->kind].port != port)
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
			counter_add(&packet->leg->counters.drops[packet->drop], 1);
		if (packet->drop == SLUICE_DROP_KEY_LIFETIME) /* a lifetime of very few packets */
			keys_tell(worker, packet->leg);
		dropped[n++] = packet->mbuf;
	}
	if (n)
		rte_pktmbuf_free_bulk(dropped, n);
}
