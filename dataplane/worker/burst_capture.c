/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copies packets of sessions that are captured into the worker's ring. As on the wire: a frame when
 * it has come, and again when it is about to be sent. Decrypted: when it has been accepted, and
 * again when its way is known, before it is encrypted, with the header of the leg that it goes to.
 *
 * Bounded: a copy of at most CAPTURE_SNAPLEN bytes, and none when the ring is full.
 */
#include <string.h>

#include <rte_cycles.h>

#include "capture/ring.h"
#include "worker/burst.h"

/* A packet in two parts: header and what follows it, which need not lie together. */
struct parts {
	const uint8_t *header;
	uint32_t header_length;
	const uint8_t *payload;
	uint32_t payload_length;
};

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static void record_put(struct worker *worker, const struct burst *burst, unsigned i,
		       enum capture_way way, const struct parts *parts)
{
	const struct packet *packet = &burst->packet[i];
	const struct leg *leg = way == CAPTURE_RECEIVED ? packet->leg : packet->other;
	struct capture_record *record = capture_ring_take(worker->capture, packet->leg->capture);
	uint32_t header = least(parts->header_length, CAPTURE_SNAPLEN);
	uint32_t payload = least(parts->payload_length, CAPTURE_SNAPLEN - header);

	if (!record)
		return;
	record->tsc = way == CAPTURE_RECEIVED ? burst->now_tsc : rte_rdtsc();
	record->length = parts->header_length + parts->payload_length;
	record->captured = (uint16_t)(header + payload);
	record->payload_at = (uint16_t)header;
	record->tag = packet->leg->capture;
	record->leg = leg->number;
	record->way = (uint8_t)way;
	record->packet = (uint8_t)i;
	memcpy(record->bytes, parts->header, header);
	memcpy(record->bytes + header, parts->payload, payload);
}

/* Whole frames of sessions that are captured as on the wire: what came, refused or not; what goes.
 */
static void frames_put(struct worker *worker, const struct burst *burst, enum capture_way way)
{
	for (unsigned i = 0; i < burst->n; i++) {
		const struct packet *packet = &burst->packet[i];
		const struct rte_mbuf *mbuf = packet->mbuf;
		struct parts parts;

		if (!packet->leg || packet->leg->capture == CAPTURE_NONE ||
		    packet->leg->capture & CAPTURE_CLEAR)
			continue;
		if (packet->drop && way == CAPTURE_SENT)
			continue;
		parts = (struct parts){.header = rte_pktmbuf_mtod(mbuf, const uint8_t *),
				       .header_length = mbuf->data_len};
		parts.payload = parts.header;
		record_put(worker, burst, i, way, &parts);
	}
}

void burst_capture_received(struct worker *worker, struct burst *burst)
{
	frames_put(worker, burst, CAPTURE_RECEIVED);
}

void burst_capture_sent(struct worker *worker, struct burst *burst)
{
	frames_put(worker, burst, CAPTURE_SENT);
}

static bool is_clear(const struct packet *packet)
{
	return !packet->drop && packet->leg->capture & CAPTURE_CLEAR;
}

void burst_capture_accepted(struct worker *worker, struct burst *burst)
{
	for (unsigned i = 0; i < burst->n; i++) {
		const struct packet *packet = &burst->packet[i];
		struct parts parts;

		if (!is_clear(packet))
			continue;
		parts.header = rte_pktmbuf_mtod(packet->mbuf, const uint8_t *);
		parts.header_length = (uint32_t)(packet->data - parts.header);
		parts.payload = packet->data;
		parts.payload_length = packet->length;
		record_put(worker, burst, i, CAPTURE_RECEIVED, &parts);
	}
}

void burst_capture_routed(struct worker *worker, struct burst *burst)
{
	for (unsigned i = 0; i < burst->n; i++) {
		const struct packet *packet = &burst->packet[i];
		uint8_t header[HEADER_MAX];
		struct parts parts;

		if (!is_clear(packet))
			continue;
		parts = (struct parts){header, packet_header(worker, packet, header), packet->data,
				       packet->length};
		record_put(worker, burst, i, CAPTURE_SENT, &parts);
	}
}

/* Now it is known what became of them: what was not sent is no packet of the other leg. */
void burst_capture_end(struct worker *worker, struct burst *burst)
{
	struct capture_record *record;

	for (uint32_t at = 0; (record = capture_ring_hidden(worker->capture, at)); at++) {
		record->drop = burst->packet[record->packet].drop;
		if (record->drop && record->way == CAPTURE_SENT)
			record->tag = CAPTURE_NONE;
	}
	capture_ring_show(worker->capture);
}
