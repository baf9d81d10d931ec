/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which call a packet belongs to, and whether it may come in: all that is cheaper than crypto. */
#include <rte_branch_prediction.h>
#include <rte_prefetch.h>
#include <rte_ring.h>

#include "media/keep_alive.h"
#include "worker/burst.h"
#include "worker/rate.h"
#include "worker/stream_table.h"

/* What a source that is neither agreed nor latched may send, so that a flood from elsewhere costs
 * few HMACs. */
#define CANDIDATE_PPS 100U

/* Packets. */
#define FRAMES_AHEAD 4U
#define STEP_APART 12U

static __attribute__((noinline)) void hand_off(struct worker *worker, struct packet *packet,
					       unsigned owner)
{
	struct rte_ring *ring = worker->handoff_out[owner];

	packet->drop = SLUICE_DROP_HANDOFF_FULL;
	if (!ring || rte_ring_sp_enqueue(ring, packet->mbuf))
		return;
	packet->drop = PACKET_HANDED_OFF;
	counter_add(&worker->counters.handed_off, 1);
}

static inline void packet_find(struct worker *worker, struct packet *packet)
{
	uint64_t stream = packet->entry ? stream_get(packet->entry) : 0;

	packet->drop = SLUICE_DROP_UNKNOWN_PORT;
	if (!stream)
		return;
	if (stream_owner(stream) != worker->config.number) {
		hand_off(worker, packet, stream_owner(stream));
		return;
	}
	packet->leg = stream_leg(stream);
	packet->other = stream_leg_other(stream);
	packet->drop = SLUICE_DROP_NONE;
	/* what a packet needs of both legs, see leg.h */
	rte_prefetch0(packet->leg);
	rte_prefetch0(&packet->leg->stats);
	rte_prefetch0(packet->other);
}

/* RTP or RTCP, well-formed as far as it can be read without the key. */
static inline enum sluice_drop packet_classify(struct packet *packet)
{
	if (unlikely(packet->length < RTCP_HEADER_BYTES ||
		     rtp_version(packet->data) != RTP_VERSION))
		return keep_alive_is(packet->data, packet->length) ? SLUICE_DROP_KEEP_ALIVE
								   : SLUICE_DROP_NOT_RTP;
	if (unlikely(rtp_is_rtcp(packet->data))) {
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
 * How many packets the peer may send. Of an SRTP leg anybody could have sent them who knows its
 * address: they are charged when they are authentic, and what is forged has its own limit.
 */
static inline enum sluice_drop peer_rate(struct worker *worker, const struct packet *packet,
					 uint32_t now)
{
	struct leg *leg = packet->leg;

	if (leg->rx_security != LEG_SRTP)
		return rate_allows(&leg->rate_next, leg->rate_interval, now) ? SLUICE_DROP_NONE
									     : SLUICE_DROP_RATE;
	if (!rate_room(leg->rate_next, leg->rate_interval, now))
		return SLUICE_DROP_RATE;
	if (unlikely(worker->forgeries.used) &&
	    !forgeries_allow(&worker->forgeries, leg, packet_look(packet), now))
		return SLUICE_DROP_AUTH_RATE;
	return SLUICE_DROP_NONE;
}

/*
 * A source that the leg has not got may become it. It has an allowance of its own: it must not use
 * up that of the one who is. What may be the peer's all the same is held to what the peer is;
 * anybody can write its address into a packet, and on an SRTP leg what is forged is not charged to
 * the call.
 */
static __attribute__((noinline)) enum sluice_drop stranger_check(struct worker *worker,
								 struct packet *packet,
								 const struct burst *burst)
{
	struct leg *leg = packet->leg;

	if (packet->verdict == RTP_LATCH_REFUSED)
		return SLUICE_DROP_SOURCE;
	/* a plain leg's RTP address is moved by RTP alone */
	if (leg->rx_security == LEG_PLAIN && packet->kind != packet->latch)
		return SLUICE_DROP_SOURCE;
	if (packet_may_be_peers(packet) && (leg->rx_security == LEG_SRTP || leg->rate_interval))
		return peer_rate(worker, packet, burst->now_rate);
	/* charged at once, authentic or not */
	return rate_allows(&leg->candidate_next, RATE_HZ / CANDIDATE_PPS, burst->now_rate)
		   ? SLUICE_DROP_NONE
		   : SLUICE_DROP_RATE;
}

/* The legitimate source, and how many packets it may send. */
static inline enum sluice_drop source_check(struct worker *worker, struct packet *packet,
					    const struct burst *burst)
{
	struct leg *leg = packet->leg;

	packet->latch = packet->local_port & 1;
	if (unlikely(packet->latch == SRTP_PACKET_RTCP && leg->rtcp_mux))
		return SLUICE_DROP_SOURCE; /* nothing is to come to that port */
	packet->verdict =
	    (uint8_t)rtp_latch_check_quick(leg_latch(leg, packet->latch), &leg->rule[packet->latch],
					   &packet->source, burst->now_ms);
	if (likely(packet->verdict == RTP_LATCH_ACCEPTED))
		return peer_rate(worker, packet, burst->now_rate);
	return stranger_check(worker, packet, burst);
}

/* RTCP goes on while media is on hold (RFC 3264 5.1), so direction is RTP's alone. */
static inline enum sluice_drop packet_admit(struct worker *worker, struct packet *packet,
					    const struct burst *burst)
{
	const struct leg *leg = packet->leg;
	enum sluice_drop drop = packet_classify(packet);

	if (drop)
		return drop;
	if (packet->kind == SRTP_PACKET_RTP && !(leg->direction & SLUICE_DIR_RX))
		return SLUICE_DROP_DIRECTION;
	drop = source_check(worker, packet, burst);
	if (drop)
		return drop;
	if (leg->rx_security == LEG_SRTP)
		return SLUICE_DROP_NONE;
	return leg->rx_security == LEG_PLAIN ? packet_clear_check(packet) : SLUICE_DROP_NO_KEY;
}

/* Keys, and what numbers packets, for the stages that decrypt, translate and encrypt. */
static inline void keys_fetch(const struct packet *packet)
{
	const struct leg *leg = packet->leg, *other = packet->other;

	if (leg->rx)
		srtp_context_fetch(leg->rx);
	if (!other->tx)
		return;
	rte_prefetch0(&other->renumber);
	srtp_context_fetch(other->tx);
}

/* The steps of one packet. Each fetches what the next one reads. */
static inline void step_parse(struct worker *worker, struct burst *burst, unsigned i)
{
	struct packet *packet = &burst->packet[i];

	if (i + FRAMES_AHEAD < burst->n)
		rte_prefetch0(rte_pktmbuf_mtod(packet[FRAMES_AHEAD].mbuf, void *));
	packet->drop = (uint8_t)packet_parse(worker, packet);
	if (!packet->drop && packet->entry)
		rte_prefetch0(packet->entry);
}

static inline void step_find(struct worker *worker, struct burst *burst)
{
	struct packet *packet = &burst->packet[burst->found++];

	if (!packet->drop)
		packet_find(worker, packet);
}

static inline void step_fetch(struct burst *burst)
{
	const struct packet *packet = &burst->packet[burst->fetched++];

	if (!packet->drop)
		keys_fetch(packet);
}

static inline void step_admit(struct worker *worker, struct burst *burst, struct packet *packet)
{
	const struct leg_keyring *keys;

	if (packet->drop)
		return;
	packet->drop = (uint8_t)packet_admit(worker, packet, burst);
	if (packet->drop || packet->leg->rx_security != LEG_SRTP)
		return;
	keys = leg_keyring(packet->leg);
	burst_srtp_put(burst, packet, packet->leg->rx, keys ? &keys->rx : NULL);
}

void burst_take(struct worker *worker, struct burst *burst, struct rte_mbuf *const *mbufs,
		unsigned n)
{
	burst->n = n;
	burst->found = burst->fetched = burst->srtp_n = 0;
	for (unsigned i = 0; i < n; i++) {
		burst->packet[i].mbuf = mbufs[i];
		burst->packet[i].leg = NULL;
		if (i < FRAMES_AHEAD)
			rte_prefetch0(rte_pktmbuf_mtod(mbufs[i], void *));
	}
	for (unsigned i = 0; i < n; i++)
		step_parse(worker, burst, i);
}

void burst_ahead(struct worker *worker, unsigned steps)
{
	struct burst *next = worker->next;

	if (!next)
		return;
	for (; steps && next->found < next->n; steps--)
		step_find(worker, next);
	for (; steps && next->fetched < next->n; steps--)
		step_fetch(next);
	if (next->fetched == next->n)
		worker->next = NULL;
}

/*
 * Of 100,000 streams nothing is in the nearer caches, and a core waits for no more than some
 * sixteen lines at a time. So a packet's steps are not done one after the other: for most packets
 * they are done one by one while the burst before is worked (burst_ahead()), so that the lines come
 * in meanwhile; for those of a first burst they stand some packets apart.
 */
void burst_receive(struct worker *worker, struct burst *burst)
{
	struct packet *end = &burst->packet[burst->n];

	while (burst->fetched < burst->n) {
		if (burst->found < burst->n)
			step_find(worker, burst);
		if (burst->found == burst->n || burst->found - burst->fetched > STEP_APART)
			step_fetch(burst);
	}
	for (struct packet *packet = burst->packet; packet != end; packet++) {
		burst_ahead_now_and_then(worker, burst, packet);
		step_admit(worker, burst, packet);
	}
}
