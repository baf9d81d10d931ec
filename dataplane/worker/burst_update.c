/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What accepted packets change: latch, statistics, and what the main thread is told. */
#include <rte_branch_prediction.h>

#include "worker/burst.h"
#include "worker/leg_count.h"

/* Packets; a power of two, and less than the tenth that is left of any sensible lifetime. */
#define KEY_CHECK_EVERY 64U

int leg_tell(struct worker *worker, struct leg *leg, struct worker_event *event)
{
	const struct media *media = leg_media(leg);

	event->session = media->session;
	event->serial = media->serial;
	event->leg = leg->number;
	return worker_tell(worker, event);
}

int leg_carry(struct worker *worker, struct leg *leg, unsigned count)
{
	struct worker_event event = {.type = WORKER_EVENT_CARRY, .value = count};

	return leg_tell(worker, leg, &event);
}

/*
 * Moves the leg to the source of a candidate. The main thread must hear of it, since it makes the
 * path there: when its ring is full, the next packet tells it.
 */
static __attribute__((noinline)) enum sluice_drop latch_update(struct worker *worker,
							       struct burst *burst,
							       struct packet *packet)
{
	struct leg *leg = packet->leg;
	struct rtp_latch latch = *leg_latch(leg, packet->latch);
	uint8_t bit = (uint8_t)(1U << packet->latch);

	if (packet->verdict == RTP_LATCH_CANDIDATE) {
		/* again, since a packet of this very burst may have latched */
		switch (rtp_latch_check(&latch, &leg->rule[packet->latch], &packet->source,
					burst->now_ms)) {
		case RTP_LATCH_REFUSED:
			return SLUICE_DROP_SOURCE;
		case RTP_LATCH_ACCEPTED:
			break;
		case RTP_LATCH_CANDIDATE:
			rtp_latch_commit(&latch, &packet->source);
			leg_latch_store(leg, packet->latch, &latch);
			leg->latch_untold |= bit;
			break;
		}
	}
	if (leg->latch_untold & bit) {
		struct worker_event event = {
		    .type = WORKER_EVENT_LATCHED,
		    .kind = packet->latch,
		    .latch_epoch = leg->latch_epoch[packet->latch],
		    .address = latch.source,
		};

		if (leg_tell(worker, leg, &event) == 0)
			leg->latch_untold &= (uint8_t)~bit;
	}
	return SLUICE_DROP_NONE;
}

/* At most once a second, since a peer may change it with every packet. */
static void ssrc_tell(struct worker *worker, struct burst *burst, struct leg *leg, uint32_t ssrc)
{
	struct worker_event event = {.type = WORKER_EVENT_SSRC_CHANGED, .value = ssrc};

	uint32_t now_ms = leg_ms(burst->now_ms);

	if (leg->ssrc_told_ms && now_ms - leg->ssrc_told_ms < 1000)
		return;
	leg->ssrc_told_ms = now_ms;
	(void)leg_tell(worker, leg, &event);
}

/*
 * At 90 % of the lifetime; of a short one sooner, as the next look may come too late. It is told
 * again only of another key.
 */
static void key_tell(struct worker *worker, struct leg *leg, const struct srtp_context *context,
		     enum leg_key_flag bit)
{
	struct worker_event event = {
	    .type = WORKER_EVENT_KEY_LIMIT,
	    .direction = bit == LEG_TOLD_RX_LIMIT ? SLUICE_DIR_RX : SLUICE_DIR_TX,
	};

	if (!context || leg->key_flags & bit)
		return;
	event.value = srtp_context_packets_left(context);
	if (event.value > KEY_CHECK_EVERY && !srtp_context_near_limit(context))
		return;
	if (leg_tell(worker, leg, &event) == 0)
		leg->key_flags |= (uint8_t)bit;
}

void keys_tell(struct worker *worker, struct leg *leg)
{
	key_tell(worker, leg, leg->rx, LEG_TOLD_RX_LIMIT);
	key_tell(worker, leg_other(leg), leg_other(leg)->tx, LEG_TOLD_TX_LIMIT);
}

/* Speech of another payload type than the packet before: it is asked for no more. */
static void payload_keep(struct leg *leg, uint8_t type, uint8_t other, uint16_t clock)
{
	if (leg->payload_clock && leg->payload_clock != clock)
		rtp_stats_clock(&leg->stats, leg->payload_clock * RTP_CLOCK_UNIT_HZ,
				clock * RTP_CLOCK_UNIT_HZ);
	__atomic_store_n(&leg->payload_type, type, __ATOMIC_RELAXED);
	__atomic_store_n(&leg->payload_clock, clock, __ATOMIC_RELAXED);
	leg->payload_other = other;
}

/*
 * Finds what the other leg calls the packet's payload type, and its clock. Returns false when its
 * timestamp tells no time: an event's, or of a type that passes no further.
 */
static bool payload_find(const struct worker *worker, struct leg *leg, struct packet *packet)
{
	uint8_t type = packet->rtp.payload_type;
	const struct rtp_payload_map *map = &worker->config.payload_maps[leg->payloads];
	const struct rtp_payload *payload = rtp_payload_find(map, type);

	packet->payload = payload ? payload->other : type;
	if (!payload && rtp_payload_collides(map, type)) {
		packet->payload = LEG_PAYLOAD_NONE;
		return false;
	}
	if (payload && payload->codec == RTP_CODEC_EVENT)
		return false;
	payload_keep(leg, type, packet->payload,
		     payload ? (uint16_t)payload->clock
			     : (uint16_t)(RTP_CLOCK_HZ / RTP_CLOCK_UNIT_HZ));
	return true;
}

static inline uint32_t arrival(const struct worker *worker, const struct burst *burst,
			       const struct leg *leg)
{
	if (likely(leg->payload_clock == RTP_CLOCK_HZ / RTP_CLOCK_UNIT_HZ))
		return burst->now_rtp;
	return (uint32_t)tsc_scale(burst->now_tsc, worker->rtp_per_tsc / RTP_CLOCK_HZ *
						       leg->payload_clock * RTP_CLOCK_UNIT_HZ);
}

/* Of the payload type, and in the order, of the packets before. False: not that. */
static inline bool stats_next(const struct worker *worker, const struct burst *burst,
			      struct packet *packet)
{
	struct leg *leg = packet->leg;
	const struct rtp_header *rtp = &packet->rtp;

	if (rtp->payload_type != leg->payload_type || !leg->payload_clock ||
	    !rtp_stats_next(&leg->stats, rtp->ssrc, rtp->sequence, rtp->timestamp,
			    arrival(worker, burst, leg)))
		return false;
	packet->payload = leg->payload_other;
	return true;
}

static enum rtp_stats_change stats_update(const struct worker *worker, const struct burst *burst,
					  struct packet *packet)
{
	struct leg *leg = packet->leg;
	const struct rtp_header *rtp = &packet->rtp;
	bool timed = true;

	if (rtp->payload_type == leg->payload_type && leg->payload_clock)
		packet->payload = leg->payload_other;
	else
		timed = payload_find(worker, leg, packet);
	if (!timed)
		return rtp_stats_update_untimed(&leg->stats, rtp->ssrc, rtp->sequence);
	return rtp_stats_update(&leg->stats, rtp->ssrc, rtp->sequence, rtp->timestamp,
				arrival(worker, burst, leg));
}

static __attribute__((noinline)) void any_update(struct worker *worker, struct burst *burst,
						 struct packet *packet)
{
	if (stats_update(worker, burst, packet) == RTP_STATS_NEW_SSRC)
		ssrc_tell(worker, burst, packet->leg, packet->rtp.ssrc);
}

static inline void rtp_update(struct worker *worker, struct burst *burst, struct packet *packet)
{
	struct leg *leg = packet->leg;

	if (unlikely(!stats_next(worker, burst, packet)))
		any_update(worker, burst, packet);
	if (unlikely(leg->stats.received == 0) && leg_carry(worker, leg, LEG_RECEIVED))
		word_set(&leg->stats.received, UINT32_MAX);
	word_set(&leg->last_rx_ms, leg_ms(burst->now_ms));
	leg_count(worker, leg, &leg->received_bytes, LEG_RECEIVED_BYTES, packet->arrived);
	if (unlikely(leg->stats.received % KEY_CHECK_EVERY == 0))
		keys_tell(worker, leg);
}

static void rtcp_update(struct worker *worker, const struct burst *burst,
			const struct packet *packet)
{
	struct leg *leg = packet->leg, *other = leg_other(leg);
	struct leg_seldom *seldom = leg_seldom(leg);
	/* in 1/65536 s, as RTCP has it */
	uint32_t now =
	    (uint32_t)tsc_scale(burst->now_tsc, worker->rtp_per_tsc / RTP_CLOCK_HZ << 16);

	leg_count(worker, leg, &seldom->rtcp_received, LEG_RTCP_RECEIVED, 1);
	word_set(&seldom->last_rtcp_ms, leg_ms(burst->now_ms));
	rtcp_stats_update(&seldom->rtcp, &leg_seldom(other)->rtcp, other->stats.ssrc, packet->data,
			  packet->length, now);
}

/* The source is the peer that the main thread knows: nothing about it is new. */
static inline bool latch_stands(const struct packet *packet)
{
	return packet->verdict == RTP_LATCH_ACCEPTED && !packet->leg->latch_untold;
}

void burst_update(struct worker *worker, struct burst *burst)
{
	const struct packet *end = &burst->packet[burst->n];

	for (struct packet *packet = burst->packet; packet != end; packet++) {
		if (packet->drop)
			continue;
		if (unlikely(!latch_stands(packet))) {
			packet->drop = (uint8_t)latch_update(worker, burst, packet);
			if (packet->drop)
				continue;
		}
		if (likely(packet->kind == SRTP_PACKET_RTP))
			rtp_update(worker, burst, packet);
		else
			rtcp_update(worker, burst, packet);
	}
}
