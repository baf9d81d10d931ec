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

/* Where the table says whose the packet is; NULL: no media port of ours. */
static struct leg **entry_of(struct worker *worker, const struct packet *packet, unsigned *pair)
{
	const struct worker_address *address = &worker->config.address[packet->address];

	if (packet->local_port < address->port_first || packet->local_port > address->port_last)
		return NULL;
	*pair = (packet->local_port - address->port_first) / 2U;
	return &worker->table[packet->address][*pair];
}

static void packet_find(struct worker *worker, struct packet *packet)
{
	unsigned pair, owner;
	struct leg **entry = entry_of(worker, packet, &pair);

	packet->drop = SLUICE_DROP_UNKNOWN_PORT;
	if (!entry)
		return;
	packet->leg = *entry;
	if (packet->leg) {
		packet->drop = SLUICE_DROP_NONE;
		rte_prefetch0(packet->leg);
		rte_prefetch0((uint8_t *)packet->leg + 64);
		rte_prefetch0(&packet->leg->latch[packet->local_port & 1]);
		return;
	}
	owner =
	    __atomic_load_n(&worker->config.address[packet->address].owner[pair], __ATOMIC_RELAXED);
	if (owner != worker->config.number)
		hand_off(worker, packet, owner);
}

/* The table is too large for the nearer caches: its entries are fetched before any is read. */
static void entries_fetch(struct worker *worker, const struct burst *burst)
{
	unsigned pair;

	for (unsigned i = 0; i < burst->n; i++) {
		struct leg **entry;

		if (burst->packet[i].drop)
			continue;
		entry = entry_of(worker, &burst->packet[i], &pair);
		if (entry)
			rte_prefetch0(entry);
	}
}

void burst_find(struct worker *worker, struct burst *burst)
{
	entries_fetch(worker, burst);
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

/*
 * What the later stages touch of an accepted packet's legs, all at once and well ahead: of 100,000
 * streams none of it is in the cache, and a line fetched alone costs as much as ten together.
 */
static void legs_fetch(const struct packet *packet)
{
	const struct leg *leg = packet->leg;
	const struct leg *other = leg->other;
	const struct path *path = &other->path[packet->kind];

	if (leg->rx)
		rte_prefetch0(leg->rx);
	rte_prefetch0(other);
	rte_prefetch0(path);
	rte_prefetch0((const uint8_t *)path + 64);
	rte_prefetch0(&leg->stats);
	rte_prefetch0(&leg->counters);
	rte_prefetch0(&leg->counters.last_rx_tsc);
	rte_prefetch0(&other->counters.sent);
}

void burst_admit(struct burst *burst)
{
	for (unsigned i = 0; i < burst->n; i++) {
		struct packet *packet = &burst->packet[i];

		if (packet->drop)
			continue;
		packet->drop = (uint8_t)packet_admit(packet, burst);
		if (!packet->drop)
			legs_fetch(packet);
	}
}
