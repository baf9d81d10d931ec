/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The other leg: may it take the packet, what is it called there, and is it to be encrypted. */
#include <rte_branch_prediction.h>

#include "media/bytes.h"
#include "worker/burst.h"

static inline enum sluice_drop packet_route(struct packet *packet)
{
	struct leg *other = packet->other;

	if (packet->kind == SRTP_PACKET_RTP && !(other->direction & SLUICE_DIR_TX))
		return SLUICE_DROP_DIRECTION;
	if (other->path[packet->kind].drop)
		return other->path[packet->kind].drop;
	packet->peer = leg_peer(other, packet->kind);
	if (!packet->peer->family || !packet->peer->port)
		return SLUICE_DROP_NO_PEER;
	if (other->tx_security == LEG_NO_KEY)
		return SLUICE_DROP_NO_KEY;
	return SLUICE_DROP_NONE;
}

/*
 * Our own numbers, whatever the source does with its: a plain leg is sent the source's. protect
 * still has the last word (TX_INDEX).
 */
static inline enum sluice_drop rtp_renumber(struct leg *to, const struct packet *packet)
{
	const struct rtp_header *rtp = &packet->rtp;
	struct rtp_renumber_source *source = rtp_renumber_find(&to->renumber, rtp->ssrc);
	uint16_t sequence;

	if (unlikely(!source))
		source = rtp_renumber_begin(&to->renumber, rtp->ssrc, rtp->sequence,
					    srtp_context_rtp_next(to->tx, rtp->ssrc));
	switch (rtp_renumber_packet(source, rtp->sequence, &sequence)) {
	case RTP_RENUMBER_SEND:
		break;
	case RTP_RENUMBER_WAIT:
		return SLUICE_DROP_SEQUENCE;
	case RTP_RENUMBER_LATE:
		return SLUICE_DROP_TX_INDEX;
	}
	bytes_put_be16(packet->data + 2, sequence);
	return SLUICE_DROP_NONE;
}

static inline enum sluice_drop rtp_translate(const struct packet *packet)
{
	struct leg *to = packet->other;

	if (packet->payload == LEG_PAYLOAD_NONE)
		return SLUICE_DROP_PAYLOAD_TYPE;
	if (packet->payload != packet->rtp.payload_type)
		packet->data[1] = (uint8_t)((packet->data[1] & 0x80) | packet->payload);
	return to->tx_security == LEG_SRTP ? rtp_renumber(to, packet) : SLUICE_DROP_NONE;
}

/* What the peer of a leg reports is of the numbers that we sent it. */
static void rtcp_translate(const struct packet *packet)
{
	rtp_renumber_reports(&packet->leg->renumber, packet->data, packet->length);
}

static inline enum sluice_drop packet_translate(const struct packet *packet)
{
	if (likely(packet->kind == SRTP_PACKET_RTP))
		return rtp_translate(packet);
	rtcp_translate(packet);
	return SLUICE_DROP_NONE;
}

void burst_route(struct burst *burst)
{
	const struct packet *end = &burst->packet[burst->n];

	for (struct packet *packet = burst->packet; packet != end; packet++) {
		if (packet->drop)
			continue;
		packet->drop = (uint8_t)packet_route(packet);
		if (packet->drop)
			continue;
		packet->drop = (uint8_t)packet_translate(packet);
		if (!packet->drop && packet->other->tx_security == LEG_SRTP)
			burst_srtp_put(burst, packet, packet->other->tx, NULL);
	}
}
