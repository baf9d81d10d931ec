/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which call a packet belongs to, and whether it may come in: all that is cheaper than crypto. */
#include <rte_prefetch.h>
#include <rte_ring.h>

#include "worker/burst.h"

static void hand_off(struct worker *worker, struct packet *packet, unsigned owner)
{
	struct rte_ring *ring = worker->handoff_out[owner];

	if (ring && rte_ring_sp_enqueue(ring, packet->mbuf) == 0)
		packet->drop = PACKET_HANDED_OFF;
	else
		packet->drop = SLUICE_DROP_HANDOFF_FULL;
}

static void packet_find(struct worker *worker, struct packet *packet)
{
	const struct worker_address *address = &worker->config.address[packet->address];
	unsigned pair, owner;

	packet->drop = SLUICE_DROP_UNKNOWN_PORT;
	if (packet->local_port < address->port_first || packet->local_port > address->port_last)
		return;
	pair = (packet->local_port - address->port_first) / 2U;
	packet->leg = worker->table[packet->address][pair];
	if (packet->leg) {
		packet->drop = SLUICE_DROP_NONE;
		rte_prefetch0(packet->leg);
		rte_prefetch0((uint8_t *)packet->leg + 64);
		rte_prefetch0(&packet->leg->latch[packet->local_port & 1]);
		return;
	}
	owner = __atomic_load_n(&address->owner[pair], __ATOMIC_RELAXED);
	if (owner != worker->config.number)
		hand_off(worker, packet, owner);
}

void burst_find(struct worker *worker, struct burst *burst)
{
	for (unsigned i = 0; i < burst->n; i++)
		if (!burst->packet[i].drop)
			packet_find(worker, &burst->packet[i]);
}

/* RTP or RTCP, well-formed as far as it can be read without the key. */
static enum sluice_drop packet_classify(struct packet *packet)
{
	if (packet->length < RTCP_HEADER_BYTES || rtp_version(packet->data) != RTP_VERSION)
		return SLUICE_DROP_NOT_RTP;
	if (rtp_is_rtcp(packet->data)) {
		/* also on the RTP port, and without rtcp-mux: what it is shows in its byte 1 */
		packet->kind = SRTP_PACKET_RTCP;
		return SLUICE_DROP_NONE;
	}
	packet->kind = SRTP_PACKET_RTP;
	if (packet->local_port & 1 ||
	    rtp_header_parse(&packet->rtp, packet->data, packet->length) != RTP_OK)
		return SLUICE_DROP_NOT_RTP;
	return SLUICE_DROP_NONE;
}

/*
 * The legitimate source, and how many packets it may send. What comes from elsewhere and may become
 * the source has an allowance of its own: it must not use up that of the one who is.
 */
static enum sluice_drop source_check(struct packet *packet, const struct burst *burst)
{
	struct leg *leg = packet->leg;
	struct rate *rate = &leg->rate;

	packet->latch = packet->local_port & 1;
	packet->verdict =
	    (uint8_t)rtp_latch_check(&leg->latch[packet->latch], &packet->source, burst->now_ms);
	if (packet->verdict == RTP_LATCH_REFUSED)
		return SLUICE_DROP_SOURCE;
	if (packet->verdict == RTP_LATCH_CANDIDATE) {
		/* a plain leg's RTP address is moved by RTP alone */
		if (leg->rx_security == LEG_PLAIN && packet->kind != packet->latch)
			return SLUICE_DROP_SOURCE;
		rate = &leg->candidate_rate;
	}
	return rate_allows(rate, burst->now_tsc) ? SLUICE_DROP_NONE : SLUICE_DROP_RATE;
}

/* RTCP goes on while media is on hold (RFC 3264 5.1), so direction is RTP's alone. */
static enum sluice_drop packet_admit(struct packet *packet, const struct burst *burst)
{
	const struct leg *leg = packet->leg;
	enum sluice_drop drop = packet_classify(packet);

	if (drop)
		return drop;
	if (packet->kind == SRTP_PACKET_RTP && !(leg->direction & SLUICE_DIR_RX))
		return SLUICE_DROP_DIRECTION;
	drop = source_check(packet, burst);
	if (drop)
		return drop;
	if (leg->rx_security == LEG_NO_KEY)
		return SLUICE_DROP_NO_KEY;
	return SLUICE_DROP_NONE;
}

void burst_admit(struct burst *burst)
{
	for (unsigned i = 0; i < burst->n; i++) {
		struct packet *packet = &burst->packet[i];

		if (packet->drop)
			continue;
		packet->drop = (uint8_t)packet_admit(packet, burst);
		if (packet->drop)
			continue;
		if (packet->leg->rx)
			rte_prefetch0(packet->leg->rx);
		rte_prefetch0(&packet->leg->stats);
		rte_prefetch0(&packet->leg->counters);
		rte_prefetch0(packet->leg->other);
	}
}
