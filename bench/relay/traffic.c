/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "traffic.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include <rte_ip.h>
#include <rte_udp.h>

#include "../micro/samples.h"
#include "media/bytes.h"
#include "media/suite.h"
#include "tape.h"

/* Packets to be decrypted together. */
struct proof {
	unsigned n;
	struct srtp_packet packet[CRYPTO_BURST_MAX];
	const struct stream *stream[CRYPTO_BURST_MAX];
	uint16_t sequence[CRYPTO_BURST_MAX];
};

int traffic_open(struct traffic *traffic, struct world *world, struct calls *calls, uint16_t step,
		 uint32_t verify_every)
{
	int rc;

	*traffic = (struct traffic){
	    .world = world, .calls = calls, .step = step, .verify_every = verify_every};
	rc = tape_open(&traffic->tape[0], calls->count);
	rc = rc ? rc : tape_open(&traffic->tape[1], calls->count);
	if (rc)
		traffic_close(traffic);
	return rc;
}

void traffic_close(struct traffic *traffic)
{
	tape_close(&traffic->tape[0]);
	tape_close(&traffic->tape[1]);
}

static void wrong(struct traffic *traffic, const char *what, const struct stream *stream,
		  uint16_t sequence)
{
	if (traffic->wrong++ == 0)
		fprintf(stderr, "relay: SSRC %08x, sequence number %u: %s\n", stream->ssrc,
			sequence, what);
}

/* ---- what the relay sent ---- */

static void payload_check(struct traffic *traffic, const struct stream *stream, uint16_t sequence,
			  const uint8_t *rtp)
{
	uint8_t expected[CALLS_PAYLOAD];

	payload_make(expected, stream->ssrc, sequence);
	if (memcmp(rtp + CALLS_RTP_HEADER, expected, sizeof(expected)))
		wrong(traffic, "the payload is not what was sent", stream, sequence);
	traffic->verified++;
}

static void proof_run(struct traffic *traffic, struct proof *proof)
{
	if (proof->n > 0 && proof->packet[0].context)
		srtp_unprotect_burst(traffic->calls->srtp, proof->packet, proof->n);
	for (unsigned i = 0; i < proof->n; i++) {
		const struct srtp_packet *packet = &proof->packet[i];

		if (packet->drop != SLUICE_DROP_NONE ||
		    packet->length != CALLS_RTP_HEADER + CALLS_PAYLOAD)
			wrong(traffic, "the other phone refuses it", proof->stream[i],
			      proof->sequence[i]);
		else
			payload_check(traffic, proof->stream[i], proof->sequence[i], packet->data);
	}
	proof->n = 0;
}

static bool udp_checksum_is_right(const struct rte_ipv4_hdr *ip)
{
	uint32_t length = ntohs(ip->total_length) - (uint32_t)sizeof(*ip);
	uint32_t sum = (uint32_t)rte_ipv4_phdr_cksum(ip, 0) + rte_raw_cksum(ip + 1, length);

	return (uint16_t)(sum + (sum >> 16)) == 0xffff;
}

static void proof_add(struct traffic *traffic, struct proof *proof, const struct stream *stream,
		      uint16_t sequence, struct rte_mbuf *mbuf)
{
	const struct rte_ipv4_hdr *ip =
	    rte_pktmbuf_mtod_offset(mbuf, struct rte_ipv4_hdr *, RTE_ETHER_HDR_LEN);

	if (rte_raw_cksum(ip, sizeof(*ip)) != 0xffff)
		wrong(traffic, "the checksum of the IP header is wrong", stream, sequence);
	if (!udp_checksum_is_right(ip))
		wrong(traffic, "the UDP checksum is wrong", stream, sequence);
	proof->stream[proof->n] = stream;
	proof->sequence[proof->n] = sequence;
	proof->packet[proof->n] = (struct srtp_packet){
	    .context = stream->decrypt,
	    .data = rte_pktmbuf_mtod_offset(mbuf, uint8_t *, CALLS_FRAME_HEADER),
	    .length = rte_pktmbuf_data_len(mbuf) - CALLS_FRAME_HEADER,
	    .capacity = rte_pktmbuf_data_len(mbuf) - CALLS_FRAME_HEADER + SRTP_TRAILER_MAX,
	};
	if (++proof->n == CRYPTO_BURST_MAX)
		proof_run(traffic, proof);
}

static bool is_packet_of(const struct rte_mbuf *mbuf, const struct stream *stream,
			 uint16_t sequence)
{
	const uint8_t *rtp = rte_pktmbuf_mtod_offset(mbuf, uint8_t *, CALLS_FRAME_HEADER);

	return bytes_get_be32(rtp + 8) == stream->ssrc && bytes_get_be16(rtp + 2) == sequence;
}

static uint32_t tag_length(uint8_t suite_id)
{
	const struct rtp_suite *suite = rtp_suite_find(suite_id);

	return suite ? suite->rtp_tag_length : 0;
}

/* To the right phone, and as long as it should be. */
static bool is_addressed(const struct rte_mbuf *mbuf, const struct stream *stream, uint32_t length)
{
	const struct rte_ipv4_hdr *ip =
	    rte_pktmbuf_mtod_offset(mbuf, struct rte_ipv4_hdr *, RTE_ETHER_HDR_LEN);
	const struct rte_udp_hdr *udp = (const struct rte_udp_hdr *)(ip + 1);

	return rte_pktmbuf_data_len(mbuf) == length && !memcmp(&ip->dst_addr, stream->to_ip, 4) &&
	       udp->dst_port == htons(stream->to_port);
}

/*
 * Packets come out in the order in which they went in. One that is not the next on the tape says
 * that those between were lost; one that is nowhere on it is wrong.
 */
static void batch_check(struct traffic *traffic, unsigned leg, struct rte_mbuf **mbufs, unsigned n)
{
	const struct tape *tape = &traffic->tape[leg];
	const struct stream *streams = traffic->calls->stream[leg];
	uint32_t length = CALLS_FRAME_HEADER + CALLS_RTP_HEADER + CALLS_PAYLOAD +
			  tag_length(traffic->calls->suite[1 - leg]);
	uint32_t at = tape->next, end = at + WORLD_BATCH;
	struct proof proof = {0};

	for (unsigned i = 0; i < n; i++) {
		/* that should have come; the last one when there is none left */
		const struct tape_entry *entry = &tape->entry[at < end ? at : end - 1];
		const struct stream *stream = &streams[entry->call];

		while (at < end && !is_packet_of(mbufs[i], &streams[tape->entry[at].call],
						 tape->entry[at].sequence))
			at++;
		if (at == end) {
			wrong(traffic, "another packet came in its place", stream, entry->sequence);
			break;
		}
		entry = &tape->entry[at++];
		stream = &streams[entry->call];
		if (!is_addressed(mbufs[i], stream, length))
			wrong(traffic, "address or length is wrong", stream, entry->sequence);
		else if (entry->call % traffic->verify_every == 0)
			proof_add(traffic, &proof, stream, entry->sequence, mbufs[i]);
	}
	proof_run(traffic, &proof);
}

/* ---- a batch ---- */

static void batch_fill(struct traffic *traffic, unsigned leg)
{
	const struct tape *tape = &traffic->tape[leg];
	struct rte_mbuf *mbufs[WORLD_BATCH];
	unsigned n = 0;

	if (rte_pktmbuf_alloc_bulk(traffic->world->pool, mbufs, WORLD_BATCH) == 0) {
		for (; n < WORLD_BATCH; n++) {
			uint16_t length = tape->entry[tape->next + n].length;

			memcpy(rte_pktmbuf_append(mbufs[n], length),
			       tape->frame + (size_t)(tape->next + n) * CALLS_FRAME_MAX, length);
		}
		n = rte_ring_enqueue_burst(traffic->world->in[leg], (void **)mbufs, n, NULL);
	}
	traffic->sent += WORLD_BATCH;
}

/* What the worker does besides, such as mail, is work too: so the port is looked at as well. */
static uint64_t batch_run(struct traffic *traffic, unsigned leg, unsigned packets)
{
	uint64_t start = tsc_now();
	unsigned done = 0, n;

	do {
		n = worker_step(traffic->world->worker);
		done += n;
	} while (n && (done < packets || !rte_ring_empty(traffic->world->in[leg])));
	return tsc_now() - start;
}

static unsigned besides_put(struct traffic *traffic, unsigned leg)
{
	return traffic->besides ? traffic->besides(traffic->user, leg) : 0;
}

uint64_t traffic_batch(struct traffic *traffic, unsigned leg)
{
	struct rte_mbuf *mbufs[WORLD_BATCH];
	struct tape *tape = &traffic->tape[leg];
	unsigned besides, n;
	uint64_t cycles;

	if (tape->next == tape->count && !tape_record(tape, traffic->calls, leg, traffic->step))
		traffic->wrong++;
	besides = besides_put(traffic, leg);
	batch_fill(traffic, leg);
	besides += besides_put(traffic, leg);
	cycles = batch_run(traffic, leg, WORLD_BATCH + besides);
	n = rte_ring_dequeue_burst(traffic->world->out[1 - leg], (void **)mbufs, WORLD_BATCH, NULL);
	traffic->received += n;
	batch_check(traffic, leg, mbufs, n);
	tape->next += WORLD_BATCH;
	if (n)
		rte_pktmbuf_free_bulk(mbufs, n);
	return cycles;
}
