/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "receive.h"

#include <netinet/in.h>

#include <rte_cycles.h>
#include <rte_ip.h>
#include <rte_udp.h>

#include "mark.h"
#include "media/bytes.h"

/* Packets of one burst that are to be decrypted, or were plain. */
struct heard {
	unsigned n;
	struct stream *stream[WIRE_BURST];
	struct srtp_packet packet[WIRE_BURST];
};

/* Takes the tag off. False: the frame is not of our VLAN. */
static bool vlan_strip(struct rte_mbuf *mbuf, uint32_t vlan)
{
	if (!vlan)
		return true;
	if (!(mbuf->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED) && rte_vlan_strip(mbuf))
		return false;
	return (mbuf->vlan_tci & 0x0fff) == vlan;
}

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
	if (length < headers + sizeof(*udp) + MARK_RTP_HEADER || (!v4 && ip[0] >> 4 != 6))
		return false;
	udp = rte_pktmbuf_mtod_offset(mbuf, const struct rte_udp_hdr *, headers);
	udp_length = ntohs(udp->dgram_len);
	if (udp_length < sizeof(*udp) + MARK_RTP_HEADER || udp_length > length - headers ||
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

/* ---- one packet ---- */

/* Which packet of its leg that is, from 0. */
static uint64_t place_of(const struct traffic *traffic, const struct stream *stream,
			 uint32_t number)
{
	return (uint64_t)number * traffic->phones->count + stream->place;
}

/*
 * The number of a packet of the stream, from the RTP header, which SRTP leaves in clear. False: it
 * has none, or one that was not sent yet. The relay may shift a source's sequence numbers, but
 * always by the same, and nothing else.
 */
static bool number_read(const struct traffic *traffic, struct stream *stream, const uint8_t *rtp,
			uint32_t *number)
{
	uint32_t clock = bytes_get_be32(rtp + 4);
	uint16_t shift;

	*number = clock / MARK_RTP_CLOCK;
	shift = (uint16_t)(bytes_get_be16(rtp + 2) - (uint16_t)(stream->number + *number));
	if (rtp[0] != MARK_RTP_VERSION || rtp[1] != 0 || clock % MARK_RTP_CLOCK ||
	    bytes_get_be32(rtp + 8) != stream->ssrc ||
	    place_of(traffic, stream, *number) >= traffic->tape[stream->leg].played)
		return false;
	if (!stream->shift_known) {
		stream->shift = shift;
		stream->shift_known = true;
	}
	return shift == stream->shift;
}

static void latency_add(struct traffic *traffic, const struct stream *stream, uint32_t number,
			uint64_t tsc)
{
	uint64_t due_tsc, ns = 0;

	if (traffic->pace.interval_tsc <= 0)
		return;
	due_tsc = pace_time(&traffic->pace, stream->leg, place_of(traffic, stream, number));
	/* one TSC for both cores is all but sure; if not, no packet is early by hours */
	if (tsc > due_tsc)
		ns = (uint64_t)((double)(tsc - due_tsc) / traffic->tsc_per_ns);
	histogram_add(&traffic->latency, ns);
	windows_add(&traffic->windows, ns, tsc);
}

/* False: it was counted before. Else it would stand for one that is lost. */
static bool packet_count(struct traffic *traffic, struct stream *stream, uint32_t number,
			 uint64_t tsc)
{
	switch (seen_put(&stream->heard, number)) {
	case SEEN_BEFORE:
		traffic->faults[TRAFFIC_REPEATED]++;
		return false;
	case SEEN_LATE:
		traffic->faults[TRAFFIC_ORDER]++;
		break;
	case SEEN_NEW:
		break;
	}
	traffic->received++;
	latency_add(traffic, stream, number, tsc);
	return true;
}

/* ---- a burst of which every packet is verified at once ---- */

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

static void packet_verify(struct traffic *traffic, struct stream *stream,
			  const struct srtp_packet *packet, uint64_t tsc)
{
	uint32_t number;

	if (packet->drop == SLUICE_DROP_REPLAY || packet->drop == SLUICE_DROP_REPLAY_OLD) {
		traffic->faults[TRAFFIC_REPEATED]++;
		return;
	}
	if (packet->drop != SLUICE_DROP_NONE ||
	    packet->length != MARK_RTP_HEADER + traffic->options->payload) {
		traffic->faults[TRAFFIC_AUTH]++;
		return;
	}
	if (!number_read(traffic, stream, packet->data, &number)) {
		traffic->faults[TRAFFIC_NUMBERS]++;
		return;
	}
	if (!proof_is_right(traffic->options, stream, number, packet->data)) {
		traffic->faults[TRAFFIC_PAYLOAD]++;
		return;
	}
	traffic->verified += packet_count(traffic, stream, number, tsc);
}

/* ---- a burst of which only the headers are looked at, and now and then a packet put aside ---- */

void receive_prove(struct traffic *traffic)
{
	struct proof_result result = proof_run(&traffic->proof);

	traffic->faults[TRAFFIC_AUTH] += result.forged;
	traffic->faults[TRAFFIC_PAYLOAD] += result.wrong;
	/* they were counted as right when they came */
	traffic->received -= result.forged + result.wrong;
	traffic->verified += result.done - result.forged - result.wrong;
}

static bool is_sampled(struct traffic *traffic)
{
	if (++traffic->unverified < traffic->options->verify_every)
		return false;
	traffic->unverified = 0;
	return true;
}

static void sample_take(struct traffic *traffic, struct stream *stream, uint32_t number,
			const struct srtp_packet *packet)
{
	if (packet->context) {
		if (proof_is_full(&traffic->proof))
			receive_prove(traffic);
		proof_put(&traffic->proof, stream, number, packet->data, packet->length);
		return;
	}
	if (proof_is_right(traffic->options, stream, number, packet->data)) {
		traffic->verified++;
		return;
	}
	traffic->faults[TRAFFIC_PAYLOAD]++;
	traffic->received--;
}

static void packet_glance(struct traffic *traffic, struct stream *stream,
			  const struct srtp_packet *packet, uint64_t tsc)
{
	uint32_t number;

	if (packet->length != stream->heard_length) {
		traffic->faults[TRAFFIC_AUTH]++;
		return;
	}
	if (!number_read(traffic, stream, packet->data, &number)) {
		traffic->faults[TRAFFIC_NUMBERS]++;
		return;
	}
	if (packet_count(traffic, stream, number, tsc) && is_sampled(traffic))
		sample_take(traffic, stream, number, packet);
}

/* ---- bursts ---- */

void receive_burst(struct traffic *traffic, struct rte_mbuf **mbufs, uint16_t n, uint64_t tsc)
{
	struct heard heard = {.n = 0};

	for (uint16_t i = 0; i < n; i++)
		if (!vlan_strip(mbufs[i], traffic->options->vlan) ||
		    !frame_parse(traffic, mbufs[i], &heard))
			traffic->faults[TRAFFIC_STRANGE]++;
	if (traffic->options->verify_every == 1)
		heard_decrypt(traffic, &heard);
	for (unsigned i = 0; i < heard.n; i++) {
		if (traffic->options->verify_every == 1)
			packet_verify(traffic, heard.stream[i], &heard.packet[i], tsc);
		else
			packet_glance(traffic, heard.stream[i], &heard.packet[i], tsc);
	}
}

unsigned receive_turn(struct traffic *traffic)
{
	struct rte_mbuf *mbufs[WIRE_BURST];
	unsigned taken = 0;

	for (unsigned i = 0; i < traffic->wire->count; i++) {
		uint16_t n = port_rx_burst(traffic->wire->port[i], 0, mbufs, WIRE_BURST);

		if (!n)
			continue;
		receive_burst(traffic, mbufs, n, rte_rdtsc());
		rte_pktmbuf_free_bulk(mbufs, n);
		taken += n;
	}
	return taken;
}
