/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a packet is called on the other leg. */
#include "media/bytes.h"
#include "worker/burst.h"

/*
 * Our own numbers, whatever the source does with its: a plain leg is sent the source's. protect
 * still has the last word (TX_INDEX).
 */
static enum sluice_drop rtp_renumber(struct leg *to, const struct packet *packet)
{
	const struct rtp_header *rtp = &packet->rtp;
	struct rtp_renumber_source *source = rtp_renumber_find(&to->renumber, rtp->ssrc);
	uint16_t sequence;

	if (!source)
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

static enum sluice_drop rtp_translate(struct packet *packet)
{
	struct leg *to = leg_other(packet->leg);

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

void burst_translate(struct burst *burst)
{
	for (unsigned i = 0; i < burst->n; i++) {
		struct packet *packet = &burst->packet[i];

		if (packet->drop)
			continue;
		if (packet->kind == SRTP_PACKET_RTCP)
			rtcp_translate(packet);
		else
			packet->drop = (uint8_t)rtp_translate(packet);
	}
}
