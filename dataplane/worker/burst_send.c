/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way out: headers, ports, and the end of what was dropped. */
#include <rte_branch_prediction.h>

#include "worker/burst.h"
#include "worker/leg_count.h"

static inline struct header_ends packet_ends(const struct worker *worker,
					     const struct packet *packet)
{
	const struct leg *other = packet->other;
	const struct leg_path *path = &other->path[packet->kind];
	bool odd = packet->kind == SRTP_PACKET_RTCP && !other->rtcp_mux;

	return (struct header_ends){.hop = &worker->config.hops[path->hop],
				    .peer = packet->peer,
				    .local_port = (uint16_t)(other->port + odd),
				    .dscp = path->dscp};
}

uint32_t packet_header(const struct worker *worker, const struct packet *packet,
		       uint8_t at[HEADER_MAX])
{
	struct header_ends ends = packet_ends(worker, packet);

	return header_outline(&worker->header[packet->other->address], &ends, at);
}

void burst_rewrite(struct worker *worker, struct burst *burst)
{
	const struct packet *end = &burst->packet[burst->n];

	for (struct packet *packet = burst->packet; packet != end; packet++) {
		struct header_ends ends;

		burst_ahead_now_and_then(worker, burst, packet);
		if (packet->drop)
			continue;
		ends = packet_ends(worker, packet);
		packet->port = ends.hop->port;
		packet->drop = (uint8_t)header_write(&worker->header[packet->other->address], &ends,
						     packet->mbuf, packet->data, packet->length);
	}
	if (unlikely(worker->config.vlans))
		burst_tag(worker, burst);
}

static inline void sent_count(struct worker *worker, const struct packet *packet)
{
	struct leg *other = packet->other;

	if (unlikely(packet->kind == SRTP_PACKET_RTCP)) {
		counter_add(&worker->counters.relayed_rtcp, 1);
		leg_count(worker, other, &leg_seldom(other)->rtcp_sent, LEG_RTCP_SENT, 1);
		return;
	}
	leg_count(worker, other, &other->sent, LEG_SENT, 1);
	leg_count(worker, other, &other->sent_bytes, LEG_SENT_BYTES, packet->length);
}

/* The packets that leave by one port. */
struct departures {
	unsigned n;
	uint8_t packet[BURST_MAX]; /* their indices */
	struct rte_mbuf *mbuf[BURST_MAX];
};

static unsigned departures_send(struct worker *worker, struct burst *burst, unsigned port,
				struct departures *out)
{
	unsigned sent = port_tx_burst(worker->config.port[port].port,
				      (uint16_t)worker->config.number, out->mbuf, (uint16_t)out->n);

	for (unsigned k = 0; k < sent; k++)
		sent_count(worker, &burst->packet[out->packet[k]]);
	for (unsigned k = sent; k < out->n; k++)
		burst->packet[out->packet[k]].drop = SLUICE_DROP_TX_FULL;
	counter_add(&worker->counters.relayed, sent);
	return sent;
}

void burst_transmit(struct worker *worker, struct burst *burst)
{
	struct departures out[WORKER_PORTS_MAX];
	unsigned ports = worker->config.port_count;

	burst->sent = 0;
	for (unsigned port = 0; port < ports; port++)
		out[port].n = 0;
	for (unsigned i = 0; i < burst->n; i++) {
		const struct packet *packet = &burst->packet[i];
		struct departures *by;

		if (packet->drop)
			continue;
		by = &out[packet->port];
		by->packet[by->n] = (uint8_t)i;
		by->mbuf[by->n++] = packet->mbuf;
	}
	for (unsigned port = 0; port < ports; port++)
		if (out[port].n)
			burst->sent += departures_send(worker, burst, port, &out[port]);
}

void burst_finish(struct worker *worker, struct burst *burst)
{
	struct rte_mbuf *dropped[BURST_MAX];
	unsigned n = 0;

	if (likely(burst->sent == burst->n))
		return;
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
