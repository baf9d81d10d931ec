/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What accepted packets change: latch, statistics, and what the main thread is told. */
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
static enum sluice_drop latch_update(struct worker *worker, struct burst *burst,
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
		     enum leg_key_told bit)
{
	struct worker_event event = {
	    .type = WORKER_EVENT_KEY_LIMIT,
	    .direction = bit == LEG_TOLD_RX_LIMIT ? SLUICE_DIR_RX : SLUICE_DIR_TX,
	};

	if (!context || leg->key_told & bit)
		return;
	event.value = srtp_context_packets_left(context);
	if (event.value > KEY_CHECK_EVERY && !srtp_context_near_limit(context))
		return;
	if (leg_tell(worker, leg, &event) == 0)
		leg->key_told |= (uint8_t)bit;
}

void keys_tell(struct worker *worker, struct leg *leg)
{
	key_tell(worker, leg, leg->rx, LEG_TOLD_RX_LIMIT);
	key_tell(worker, leg_other(leg), leg_other(leg)->tx, LEG_TOLD_TX_LIMIT);
}

static void rtp_update(struct worker *worker, struct burst *burst, struct packet *packet)
{
	struct leg *leg = packet->leg;
	const struct rtp_header *rtp = &packet->rtp;

	if (rtp_stats_update(&leg->stats, rtp->ssrc, rtp->sequence, rtp->timestamp,
			     burst->now_rtp) == RTP_STATS_NEW_SSRC)
		ssrc_tell(worker, burst, leg, rtp->ssrc);
	if (leg->stats.received == 0 && leg_carry(worker, leg, LEG_RECEIVED))
		word_set(&leg->stats.received, UINT32_MAX);
	word_set(&leg->last_rx_ms, leg_ms(burst->now_ms));
	leg_count(worker, leg, &leg->received_bytes, LEG_RECEIVED_BYTES, packet->arrived);
	if (leg->stats.received % KEY_CHECK_EVERY == 0)
		keys_tell(worker, leg);
}

void burst_update(struct worker *worker, struct burst *burst)
{
	for (unsigned i = 0; i < burst->n; i++) {
		struct packet *packet = &burst->packet[i];

		if (packet->drop)
			continue;
		packet->drop = (uint8_t)latch_update(worker, burst, packet);
		if (packet->drop)
			continue;
		if (packet->kind == SRTP_PACKET_RTP)
			rtp_update(worker, burst, packet);
		else
			leg_count(worker, packet->leg, &leg_seldom(packet->leg)->rtcp_received,
				  LEG_RTCP_RECEIVED, 1);
	}
}
