/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "receive.h"

#include <netinet/in.h>

#include <rte_cycles.h>
#include <rte_ip.h>
#include <rte_udp.h>

#include "mark.h"
#include "media/bytes.h"

#define RTP_HEADER 12U

/* Packets of one burst that are to be decrypted, or were plain. */
struct heard {
	unsigned n;
	struct stream *stream[WIRE_BURST];
	struct srtp_packet packet[WIRE_BURST];
};

/* The UDP payload and the stream that a frame is of. False: none of ours. */
static bool frame_parse(const struct traffic *traffic, struct rte_mbuf *mbuf, struct heard *heard)
{
	uint8_t *ip = rte_pktmbuf_mtod_offset(mbuf, uint8_t *, RTE_ETHER_HDR_LEN);
	uint32_t length = rte_pktmbuf_data_len(mbuf), headers;
	bool v4 = length > RTE_ETHER_HDR_LEN && ip[0] == RTE_IPV4_VHL_DEF;
	const struct rte_udp_hdr *udp;
	uint32_t call, udp_length;
	unsigned leg;

	headers =
	    RTE_ETHER_HDR_LEN + (v4 ? sizeof(struct rte_ipv4_hdr) : sizeof(struct rte_ipv6_hdr));
	if (length < headers + sizeof(*udp) + RTP_HEADER || (!v4 && ip[0] >> 4 != 6))
		return false;
	udp = rte_pktmbuf_mtod_offset(mbuf, const struct rte_udp_hdr *, headers);
	udp_length = ntohs(udp->dgram_len);
	if (udp_length < sizeof(*udp) + RTP_HEADER || udp_length > length - headers ||
	    !wire_phone_find(traffic->options, ip + (v4 ? 16 : 24), v4 ? 4 : 6,
			     ntohs(udp->dst_port), &call, &leg))
		return false;
	/* what the phone of a leg hears the other one said */
	heard->stream[heard->n] = &traffic->phones->stream[1 - leg][call];
	heard->packet[heard->n] = (struct srtp_packet){
	    .context = heard->stream[heard->n]->decrypt,
	    .data = (uint8_t *)(uintptr_t)(udp + 1),
	    .length = udp_length - (uint32_t)sizeof(*udp),
	    .capacity = udp_length - (uint32_t)sizeof(*udp) + SRTP_TRAILER_MAX};
	heard->n++;
	return true;
}

/* The relay may shift a source's sequence numbers, but always by the same. */
static bool numbers_are_right(struct stream *stream, const uint8_t *rtp, const struct mark *mark)
{
	uint16_t shift =
	    (uint16_t)(bytes_get_be16(rtp + 2) - (uint16_t)(stream->number + mark->number));

	if (!stream->shift_known) {
		stream->shift = shift;
		stream->shift_known = true;
	}
	return shift == stream->shift && bytes_get_be32(rtp + 8) == stream->ssrc;
}

static void packet_verify(struct traffic *traffic, struct stream *stream,
			  const struct srtp_packet *packet)
{
	const uint8_t *rtp = packet->data;
	struct mark mark;
	uint64_t now_tsc = rte_rdtsc();

	if (packet->drop || packet->length != RTP_HEADER + traffic->options->payload) {
		traffic->faults[TRAFFIC_AUTH]++;
		return;
	}
	if (!mark_read(rtp + RTP_HEADER, traffic->options->payload, &mark) ||
	    mark.stream != stream->ssrc || mark.number >= stream->sent) {
		traffic->faults[TRAFFIC_PAYLOAD]++;
		return;
	}
	if (!numbers_are_right(stream, rtp, &mark)) {
		traffic->faults[TRAFFIC_NUMBERS]++;
		return;
	}
	if (mark.number < stream->heard)
		traffic->faults[TRAFFIC_ORDER]++;
	else
		stream->heard = mark.number + 1;
	traffic->received++;
	histogram_add(&traffic->latency,
		      (uint64_t)((double)(now_tsc - mark.sent_tsc) / traffic->tsc_per_ns));
}

/* Streams of one leg are of one suite, but a port may carry both legs. */
static void heard_decrypt(struct traffic *traffic, struct heard *heard)
{
	struct srtp_packet packets[WIRE_BURST];
	uint8_t index[WIRE_BURST];
	unsigned n = 0;

	for (unsigned i = 0; i < heard->n; i++) {
		if (!heard->packet[i].context)
			continue;
		index[n] = (uint8_t)i;
		packets[n++] = heard->packet[i];
	}
	if (n)
		srtp_unprotect_burst(traffic->phones->srtp, packets, n);
	for (unsigned k = 0; k < n; k++)
		heard->packet[index[k]] = packets[k];
}

static void burst_take(struct traffic *traffic, struct rte_mbuf **mbufs, uint16_t n)
{
	struct heard heard = {.n = 0};

	for (uint16_t i = 0; i < n; i++)
		if (!frame_parse(traffic, mbufs[i], &heard))
			traffic->faults[TRAFFIC_STRANGE]++;
	heard_decrypt(traffic, &heard);
	for (unsigned i = 0; i < heard.n; i++)
		packet_verify(traffic, heard.stream[i], &heard.packet[i]);
}

void receive_turn(struct traffic *traffic)
{
	struct rte_mbuf *mbufs[WIRE_BURST];

	for (unsigned i = 0; i < traffic->wire->count; i++) {
		uint16_t n = port_rx_burst(traffic->wire->port[i], 0, mbufs, WIRE_BURST);

		if (!n)
			continue;
		burst_take(traffic, mbufs, n);
		rte_pktmbuf_free_bulk(mbufs, n);
	}
}
