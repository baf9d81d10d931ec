/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets made ahead of time: valid in every respect, by the SRTP code of the data plane. */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_udp.h>

#include "../micro/batch.h"
#include "media/bytes.h"
#include "tape.h"

#define TAPE_LEAST 16384U
#define RTP_VERSION_BITS 0x80U

static void order_shuffle(uint32_t *order, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		uint32_t random, at;

		random_fill(&random, sizeof(random));
		at = random % (i + 1);
		order[i] = order[at];
		order[at] = i;
	}
}

int tape_open(struct tape *tape, uint32_t calls)
{
	uint32_t count = calls > TAPE_LEAST ? calls : TAPE_LEAST;

	*tape = (struct tape){.count = (count + WORLD_BATCH - 1) / WORLD_BATCH * WORLD_BATCH};
	tape->next = tape->count;
	tape->order = calloc(calls, sizeof(*tape->order));
	tape->entry = calloc(tape->count, sizeof(*tape->entry));
	tape->frame = pages_new((size_t)tape->count * CALLS_FRAME_MAX, 1);
	if (!tape->order || !tape->entry || !tape->frame) {
		tape_close(tape);
		return -ENOMEM;
	}
	order_shuffle(tape->order, calls);
	return 0;
}

void tape_close(struct tape *tape)
{
	free(tape->order);
	free(tape->entry);
	pages_free(tape->frame, (size_t)tape->count * CALLS_FRAME_MAX);
	*tape = (struct tape){0};
}

void payload_make(uint8_t payload[CALLS_PAYLOAD], uint32_t ssrc, uint16_t sequence)
{
	uint64_t value = ((uint64_t)ssrc << 16 | sequence) * UINT64_C(0x9e3779b97f4a7c15);

	for (uint32_t at = 0; at < CALLS_PAYLOAD; at += sizeof(value)) {
		value = (value ^ value >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
		memcpy(payload + at, &value, sizeof(value));
	}
}

static void headers_write(uint8_t *frame, const struct stream *stream, uint32_t length)
{
	static const struct rte_ether_addr neighbour = {{0x02, 0, 0, 0, 0, 0x01}};
	struct rte_ether_hdr *ether = (struct rte_ether_hdr *)frame;
	struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)(ether + 1);
	struct rte_udp_hdr *udp = (struct rte_udp_hdr *)(ip + 1);

	memset(frame, 0, CALLS_FRAME_HEADER);
	ether->src_addr = neighbour;
	ether->dst_addr.addr_bytes[0] = 0x02; /* a ring port takes what comes */
	ether->ether_type = htons(RTE_ETHER_TYPE_IPV4);
	ip->version_ihl = RTE_IPV4_VHL_DEF;
	ip->time_to_live = 64;
	ip->next_proto_id = IPPROTO_UDP;
	ip->total_length = htons((uint16_t)(sizeof(*ip) + sizeof(*udp) + length));
	memcpy(&ip->src_addr, stream->from_ip, 4);
	memcpy(&ip->dst_addr, stream->local_ip, 4);
	ip->hdr_checksum = rte_ipv4_cksum(ip);
	udp->src_port = htons(stream->from_port);
	udp->dst_port = htons(stream->local_port);
	udp->dgram_len = htons((uint16_t)(sizeof(*udp) + length));
}

static void rtp_write(uint8_t *rtp, const struct stream *stream)
{
	rtp[0] = RTP_VERSION_BITS;
	rtp[1] = 0; /* PCMU */
	bytes_put_be16(rtp + 2, stream->sequence);
	bytes_put_be32(rtp + 4, stream->timestamp);
	bytes_put_be32(rtp + 8, stream->ssrc);
	payload_make(rtp + CALLS_RTP_HEADER, stream->ssrc, stream->sequence);
}

/* Packets at to at + n - 1, at most a burst of them. False: the phone's own encryption failed. */
static bool burst_make(struct tape *tape, struct calls *calls, unsigned leg, uint32_t at,
		       uint32_t n, uint16_t step)
{
	struct srtp_packet packets[CRYPTO_BURST_MAX];
	bool good = true;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t call = tape->order[tape->order_next++];
		struct stream *stream = &calls->stream[leg][call];
		uint8_t *rtp =
		    tape->frame + (size_t)(at + i) * CALLS_FRAME_MAX + CALLS_FRAME_HEADER;

		if (tape->order_next == calls->count)
			tape->order_next = 0;
		tape->entry[at + i] =
		    (struct tape_entry){.call = call, .sequence = stream->sequence};
		rtp_write(rtp, stream);
		packets[i] = (struct srtp_packet){.context = stream->encrypt,
						  .data = rtp,
						  .length = CALLS_RTP_HEADER + CALLS_PAYLOAD,
						  .capacity = CALLS_FRAME_MAX - CALLS_FRAME_HEADER};
		stream->sequence = (uint16_t)(stream->sequence + step);
		stream->timestamp += CALLS_PAYLOAD * step;
	}
	if (calls->suite[leg] != SLUICE_SUITE_NONE)
		srtp_protect_burst(calls->srtp, packets, n);
	for (uint32_t i = 0; i < n; i++) {
		struct tape_entry *entry = &tape->entry[at + i];

		good = good && packets[i].drop == SLUICE_DROP_NONE;
		entry->length = (uint16_t)(CALLS_FRAME_HEADER + packets[i].length);
		headers_write(packets[i].data - CALLS_FRAME_HEADER,
			      &calls->stream[leg][entry->call], packets[i].length);
	}
	return good;
}

bool tape_record(struct tape *tape, struct calls *calls, unsigned leg, uint16_t step)
{
	bool good = true;

	for (uint32_t at = 0; at < tape->count; at += CRYPTO_BURST_MAX)
		good = burst_make(tape, calls, leg, at, CRYPTO_BURST_MAX, step) && good;
	tape->next = 0;
	return good;
}
