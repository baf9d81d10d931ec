/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "traffic.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <rte_cycles.h>

#include "mark.h"
#include "media/bytes.h"
#include "receive.h"

#define RTP_HEADER 12U
#define RTP_CLOCK_PER_PACKET 160U

const char *traffic_fault_name(enum traffic_fault fault)
{
	static const char *const names[] = {
#define TRAFFIC_FAULT_NAME(symbol, name) [TRAFFIC_##symbol] = name,
	    TRAFFIC_FAULTS(TRAFFIC_FAULT_NAME)
#undef TRAFFIC_FAULT_NAME
	};

	return names[fault];
}

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

/* Packets a second in all; 0: no limit. In real time each stream has one in a period. */
static double rate_of(const struct options *options, uint32_t calls)
{
	if (options->as_fast_as_can)
		return 0;
	if (options->pps)
		return options->pps;
	return 2.0 * calls * 1e6 / options->period_us;
}

int traffic_open(struct traffic *traffic, struct phones *phones, struct wire *wire)
{
	memset(traffic, 0, sizeof(*traffic));
	traffic->options = phones->options;
	traffic->phones = phones;
	traffic->wire = wire;
	traffic->tsc_per_ns = (double)rte_get_tsc_hz() / 1e9;
	traffic->rate = rate_of(phones->options, phones->count);
	for (unsigned leg = 0; leg < 2; leg++) {
		traffic->order[leg] = order_draw(phones->count);
		if (!traffic->order[leg]) {
			traffic_close(traffic);
			return -ENOMEM;
		}
	}
	return 0;
}

void traffic_close(struct traffic *traffic)
{
	for (unsigned leg = 0; leg < 2; leg++) {
		free(traffic->order[leg]);
		traffic->order[leg] = NULL;
		if (traffic->waiting_count[leg])
			rte_pktmbuf_free_bulk(traffic->waiting[leg], traffic->waiting_count[leg]);
		traffic->waiting_count[leg] = 0;
	}
}

/* ---- sending ---- */

static struct stream *stream_next(struct traffic *traffic, unsigned leg)
{
	uint32_t call = traffic->order[leg][traffic->next[leg]++];

	if (traffic->next[leg] == traffic->phones->count)
		traffic->next[leg] = 0;
	return &traffic->phones->stream[leg][call];
}

static void rtp_make(const struct traffic *traffic, struct stream *stream, uint8_t *rtp)
{
	struct mark mark = {
	    .sent_tsc = rte_rdtsc(), .number = stream->sent, .stream = stream->ssrc};

	rtp[0] = 0x80;
	rtp[1] = 0;
	bytes_put_be16(rtp + 2, (uint16_t)(stream->number + stream->sent));
	bytes_put_be32(rtp + 4, stream->sent * RTP_CLOCK_PER_PACKET);
	bytes_put_be32(rtp + 8, stream->ssrc);
	mark_write(rtp + RTP_HEADER, traffic->options->payload, &mark);
	stream->sent++;
}

static void frame_make(const struct way *way, struct rte_mbuf *mbuf,
		       const struct srtp_packet *packet)
{
	const struct header_ends ends = {
	    .hop = &way->hop, .peer = &way->peer, .local_port = way->local_port};

	/* cannot fail: buffers have headroom, and payloads fit the MTU */
	(void)header_write(&way->header, &ends, mbuf, packet->data, packet->length);
}

/* Makes n packets of a leg's phones into traffic->waiting. */
static void packets_make(struct traffic *traffic, unsigned leg, unsigned n)
{
	uint32_t length = RTP_HEADER + traffic->options->payload;
	struct rte_mbuf **mbufs = traffic->waiting[leg];
	struct srtp_packet packets[WIRE_BURST];
	struct stream *streams[WIRE_BURST] = {NULL};

	if (rte_pktmbuf_alloc_bulk(traffic->wire->pool, mbufs, n))
		return; /* all buffers are under way: the next turn is soon */
	for (unsigned i = 0; i < n; i++) {
		uint8_t *rtp = rte_pktmbuf_mtod(mbufs[i], uint8_t *);

		streams[i] = stream_next(traffic, leg);
		rtp_make(traffic, streams[i], rtp);
		packets[i] = (struct srtp_packet){.context = streams[i]->encrypt,
						  .data = rtp,
						  .length = length,
						  .capacity = length + SRTP_TRAILER_MAX};
	}
	if (streams[0]->encrypt)
		srtp_protect_burst(traffic->phones->srtp, packets, n);
	for (unsigned i = 0; i < n; i++)
		frame_make(&streams[i]->way, mbufs[i], &packets[i]);
	traffic->waiting_count[leg] = (uint16_t)n;
}

/* Gives the port what waits. */
static void flush(struct traffic *traffic, unsigned leg)
{
	struct rte_mbuf **mbufs = traffic->waiting[leg];
	uint16_t n = traffic->waiting_count[leg], sent;

	if (!n)
		return;
	sent = port_tx_burst(traffic->wire->port[leg], 0, mbufs, n);
	memmove(mbufs, mbufs + sent, (size_t)(n - sent) * sizeof(*mbufs));
	traffic->waiting_count[leg] = (uint16_t)(n - sent);
	traffic->sent += sent;
}

const struct rte_mbuf *traffic_first(struct traffic *traffic, unsigned leg, struct stream **stream)
{
	*stream = &traffic->phones->stream[leg][traffic->order[leg][traffic->next[leg]]];
	packets_make(traffic, leg, 1);
	traffic->made += traffic->waiting_count[leg];
	return traffic->waiting_count[leg] ? traffic->waiting[leg][0] : NULL;
}

/* ---- pace ---- */

/* How many packets should have been made by now. */
static uint64_t due(double rate, double elapsed_s)
{
	return rate > 0 ? (uint64_t)(rate * elapsed_s) : UINT64_MAX;
}

static unsigned burst_size(const struct traffic *traffic, uint64_t wanted)
{
	uint64_t n = wanted - traffic->made;
	uint64_t under_way = traffic->made - traffic->received;

	if (wanted <= traffic->made)
		return 0;
	if (traffic->options->window) {
		uint64_t room =
		    traffic->options->window > under_way ? traffic->options->window - under_way : 0;

		n = n < room ? n : room;
	}
	return n < WIRE_BURST ? (unsigned)n : WIRE_BURST;
}

void traffic_turn(struct traffic *traffic, double elapsed_s)
{
	unsigned leg = traffic->leg;

	flush(traffic, leg);
	if (!traffic->waiting_count[leg]) {
		unsigned n = burst_size(traffic, due(traffic->rate, elapsed_s));

		if (n)
			packets_make(traffic, leg, n);
		traffic->made += traffic->waiting_count[leg];
		flush(traffic, leg);
		traffic->held_back += traffic->waiting_count[leg];
	}
	traffic->leg = 1 - leg;
	receive_turn(traffic);
}

void traffic_drain(struct traffic *traffic)
{
	flush(traffic, 0);
	flush(traffic, 1);
	receive_turn(traffic);
}

void traffic_mirror(struct wire *wire, const volatile int *stop)
{
	struct rte_mbuf *mbufs[WIRE_BURST];

	while (!*stop) {
		uint16_t n = port_rx_burst(wire->port[0], 0, mbufs, WIRE_BURST), sent;

		if (!n)
			continue;
		sent = port_tx_burst(wire->port[0], 0, mbufs, n);
		if (sent < n)
			rte_pktmbuf_free_bulk(mbufs + sent, (unsigned)(n - sent));
	}
}
