/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tape.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "mark.h"
#include "media/bytes.h"

#define LINE 64U

static uint32_t *order_draw(uint32_t count)
{
	uint32_t *order = calloc(count, sizeof(*order));
	uint64_t random = 0;

	if (!order || getrandom(&random, sizeof(random), 0) < 0) {
		free(order);
		return NULL;
	}
	for (uint32_t i = 0; i < count; i++) {
		uint32_t at;

		random = random * UINT64_C(6364136223846793005) + 1442695040888963407U;
		at = (uint32_t)(random >> 33) % (i + 1);
		order[i] = order[at];
		order[at] = i;
	}
	return order;
}

static uint32_t slot_size(const struct options *options)
{
	uint32_t bytes =
	    HEADER_MAX + RTE_VLAN_HLEN + MARK_RTP_HEADER + options->payload + SRTP_TRAILER_MAX;

	return (bytes + LINE - 1) / LINE * LINE;
}

int tape_open(struct tape *tape, struct phones *phones, struct wire *wire, unsigned leg,
	      uint32_t slots, uint64_t limit)
{
	*tape = (struct tape){.phones = phones,
			      .wire = wire,
			      .leg = leg,
			      .slots = slots,
			      .limit = limit,
			      .slot_size = slot_size(phones->options),
			      .order = order_draw(phones->count)};
	tape->memory = aligned_alloc(LINE, (size_t)slots * tape->slot_size);
	if (!tape->order || !tape->memory ||
	    rte_pktmbuf_alloc_bulk(wire->pool, tape->bench, WIRE_BURST)) {
		tape_close(tape);
		return -ENOMEM;
	}
	for (uint32_t place = 0; place < phones->count; place++)
		phones->stream[leg][tape->order[place]].place = place;
	return 0;
}

void tape_close(struct tape *tape)
{
	free(tape->order);
	free(tape->memory);
	if (tape->bench[0])
		rte_pktmbuf_free_bulk(tape->bench, WIRE_BURST);
	*tape = (struct tape){0};
}

static struct stream *stream_next(struct tape *tape)
{
	struct stream *stream = &tape->phones->stream[tape->leg][tape->order[tape->next]];

	if (++tape->next == tape->phones->count)
		tape->next = 0;
	return stream;
}

static void rtp_make(const struct tape *tape, struct stream *stream, uint8_t *rtp)
{
	struct mark mark = {.number = stream->made, .stream = stream->ssrc};

	rtp[0] = MARK_RTP_VERSION;
	rtp[1] = 0; /* PCMU (RFC 3551) */
	bytes_put_be16(rtp + 2, (uint16_t)(stream->number + stream->made));
	bytes_put_be32(rtp + 4, stream->made * MARK_RTP_CLOCK);
	bytes_put_be32(rtp + 8, stream->ssrc);
	mark_write(rtp + MARK_RTP_HEADER, tape->phones->options->payload, &mark);
	stream->made++;
}

/* The headers around a packet, and the frame into the ring. */
static void frame_keep(struct tape *tape, const struct way *way, struct rte_mbuf *mbuf,
		       const struct srtp_packet *packet)
{
	const struct header_ends ends = {
	    .hop = &way->hop, .peer = &way->peer, .local_port = way->local_port};

	/* cannot fail: buffers have headroom, and payloads fit the MTU */
	(void)header_write(&way->header, &ends, mbuf, packet->data, packet->length);
	mbuf->vlan_tci = (uint16_t)tape->phones->options->vlan;
	if (mbuf->vlan_tci)
		(void)rte_vlan_insert(&mbuf);
	tape->length = rte_pktmbuf_data_len(mbuf);
	memcpy(tape->memory + tape->made % tape->slots * tape->slot_size,
	       rte_pktmbuf_mtod(mbuf, void *), tape->length);
	tape->made++;
}

static unsigned makeable(const struct tape *tape, unsigned n)
{
	uint64_t room = tape->slots - tape_ready(tape);
	uint64_t left = tape->limit - tape->made;

	room = room < left ? room : left;
	n = n < WIRE_BURST ? n : WIRE_BURST;
	return room < n ? (unsigned)room : n;
}

int tape_make(struct tape *tape, unsigned n)
{
	uint32_t length = MARK_RTP_HEADER + tape->phones->options->payload;
	struct srtp_packet packets[WIRE_BURST];
	struct stream *streams[WIRE_BURST];

	n = makeable(tape, n);
	for (unsigned i = 0; i < n; i++) {
		uint8_t *rtp;

		rte_pktmbuf_reset(tape->bench[i]);
		rtp = rte_pktmbuf_mtod(tape->bench[i], uint8_t *);
		streams[i] = stream_next(tape);
		rtp_make(tape, streams[i], rtp);
		packets[i] = (struct srtp_packet){.context = streams[i]->encrypt,
						  .data = rtp,
						  .length = length,
						  .capacity = length + SRTP_TRAILER_MAX};
	}
	if (n && packets[0].context)
		srtp_protect_burst(tape->phones->srtp, packets, n);
	for (unsigned i = 0; i < n; i++) {
		if (packets[i].drop != SLUICE_DROP_NONE)
			return -EIO;
		frame_keep(tape, &streams[i]->way, tape->bench[i], &packets[i]);
	}
	return (int)n;
}

void tape_play(struct tape *tape, struct rte_mbuf **mbufs, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		const uint8_t *frame =
		    tape->memory + tape->played++ % tape->slots * tape->slot_size;

		memcpy(rte_pktmbuf_append(mbufs[i], (uint16_t)tape->length), frame, tape->length);
	}
}
