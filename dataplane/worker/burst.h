/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A burst on its way through the pipeline, and the stages. Each stage goes over all packets and
 * passes over those that an earlier one dropped; none frees anything: burst_finish() does.
 *
 * Thread: the worker.
 */
#pragma once

#include <stdint.h>

#include <rte_mbuf.h>

#include "media/latch.h"
#include "media/rtcp.h"
#include "media/rtp.h"
#include "worker/leg.h"
#include "worker/worker_private.h"

#define BURST_MAX CRYPTO_BURST_MAX

/* A packet that another worker has now; not a drop. */
#define PACKET_HANDED_OFF SLUICE_DROP_COUNT

struct packet {
	struct rte_mbuf *mbuf;
	struct leg *leg;   /* whose peer sent it; NULL until known */
	struct leg *other; /* when leg is */
	uint8_t *data;     /* RTP or RTCP header */
	uint32_t length;   /* bytes from there */
	uint32_t arrived;  /* bytes as they came in */
	uint8_t drop;      /* enum sluice_drop, or PACKET_HANDED_OFF */
	uint8_t kind;      /* enum srtp_packet_kind */
	uint8_t verdict;   /* enum rtp_latch_verdict */
	uint8_t latch;     /* which latch judged it: SRTP_PACKET_RTP or _RTCP */
	uint8_t payload;   /* RTP: its payload type on the other leg, or LEG_PAYLOAD_NONE: none */
	uint16_t local_port;
	uint16_t address;               /* index of the worker's addresses */
	uint8_t port;                   /* index of the worker's ports, that it leaves by */
	const uint64_t *entry;          /* of the stream table; NULL: to no media port */
	const struct rtp_address *peer; /* where to, once routed */
	struct rtp_address source;
	struct rtp_header rtp; /* when kind is RTP */
};

/* As the next packet of the source that the leg accepted last might look (forgeries.h). */
static inline enum forgery_look packet_look(const struct packet *packet)
{
	const struct rtp_stats *stats = &packet->leg->stats;
	uint16_t ahead;

	if (!stats->run_received)
		return FORGERY_STRANGE;
	if (packet->kind == SRTP_PACKET_RTCP)
		return rtcp_ssrc(packet->data) == stats->ssrc ? FORGERY_EXPECTED : FORGERY_STRANGE;
	ahead = (uint16_t)(packet->rtp.sequence - stats->highest + RTP_STATS_MISORDER_MAX);
	return packet->rtp.ssrc == stats->ssrc &&
		       ahead <= RTP_STATS_DROPOUT_MAX + RTP_STATS_MISORDER_MAX
		   ? FORGERY_EXPECTED
		   : FORGERY_STRANGE;
}

/*
 * Of a source that the leg has not latched: it may well be the peer's all the same. It comes from
 * the address that signalling has named; or, of SRTP, it looks as the peer's next packet does, as
 * when a NAT gives the peer another address.
 */
static inline bool packet_may_be_peers(const struct packet *packet)
{
	const struct leg *leg = packet->leg;

	return rtp_address_equal(&packet->source, &leg->rule[packet->latch].agreed) ||
	       (leg->rx_security == LEG_SRTP && packet_look(packet) == FORGERY_EXPECTED);
}

/* What can be checked of a packet in clear alone. */
static inline enum sluice_drop packet_clear_check(const struct packet *packet)
{
	enum rtp_check check;

	if (packet->kind == SRTP_PACKET_RTCP)
		check = rtcp_check(packet->data, packet->length, RTCP_REDUCED_SIZE);
	else
		check = rtp_padding_check(&packet->rtp, packet->data, packet->length);
	return check == RTP_OK ? SLUICE_DROP_NONE : SLUICE_DROP_NOT_RTP;
}

struct burst {
	unsigned n;
	unsigned found, fetched; /* so many of them: see burst_ahead() */
	uint64_t now_tsc;
	uint64_t now_ms;
	uint32_t now_rate; /* units of rate.h */
	uint32_t now_rtp;  /* units of an 8 kHz RTP timestamp */
	unsigned sent;     /* packets that a port has taken */
	struct packet packet[BURST_MAX];
	/* what the next of unprotect and protect is to work */
	unsigned srtp_n;
	struct srtp_packet srtp[BURST_MAX];
	uint8_t srtp_of[BURST_MAX]; /* index of the packet that srtp[] is of */
};

/* Puts a packet on the list of the next of unprotect and protect; arguments as in srtp_burst.h. */
static inline void burst_srtp_put(struct burst *burst, const struct packet *packet,
				  struct srtp_context *context, const struct srtp_keys *keys)
{
	const uint8_t *end = (uint8_t *)packet->mbuf->buf_addr + packet->mbuf->buf_len;

	burst->srtp[burst->srtp_n] = (struct srtp_packet){
	    .context = context,
	    .keys = keys,
	    .data = packet->data,
	    .length = packet->length,
	    .capacity = (uint32_t)(end - packet->data),
	    .kind = packet->kind,
	};
	burst->srtp_of[burst->srtp_n++] = (uint8_t)(packet - burst->packet);
}

/* Makes a burst of n packets up to BURST_MAX, and parses them: NOT_IP_UDP, TRUNCATED, NOT_OURS,
 * OWN_PACKET. */
void burst_take(struct worker *worker, struct burst *burst, struct rte_mbuf *const *mbufs,
		unsigned n);

/*
 * Goes on with the burst that comes after the one that is worked, if there is one: finds the legs
 * of packets, or hands them to their owner (UNKNOWN_PORT, HANDOFF_FULL); and fetches the keys of
 * those that were found before. A step is one packet of either, some three lines of memory. The
 * stages call it on their way.
 */
void burst_ahead(struct worker *worker, unsigned steps);
/* Every few packets of a loop over a burst. */
#define AHEAD_EVERY 4U
#define AHEAD_STEPS 2U
static inline void burst_ahead_now_and_then(struct worker *worker, const struct burst *burst,
					    const struct packet *packet)
{
	if (worker->next && (packet - burst->packet) % AHEAD_EVERY == 0)
		burst_ahead(worker, AHEAD_STEPS);
}

/*
 * Finds what is not found yet, and admits: RTP or RTCP, direction, source, rate, key (NOT_RTP,
 * DIRECTION, SOURCE, RATE, AUTH_RATE, NO_KEY).
 */
void burst_receive(struct worker *worker, struct burst *burst);

/* Finds the UDP payload, the local address and the entry of the stream table. Drops as
 * burst_take() does. */
enum sluice_drop packet_parse(const struct worker *worker, struct packet *packet);
/* The long way of it, which every frame can go. */
enum sluice_drop packet_parse_any(const struct worker *worker, struct packet *packet);

/* Authenticates and decrypts what is SRTP. All the reasons of RFC 3711; NOT_RTP, RATE. */
void burst_unprotect(struct worker *worker, struct burst *burst);

/* The packets left are accepted: latch, statistics, events, payload type. Drops nothing. */
void burst_update(struct worker *worker, struct burst *burst);

/* Tells of the keys that a packet from leg's peer needs, if their end is near and was not told. */
void keys_tell(struct worker *worker, struct leg *leg);

/*
 * The other leg must be able to take it (DIRECTION, NO_KEY, NO_PEER, NO_RTCP, NO_ROUTE,
 * NO_NEIGHBOUR). Then the packet becomes what that leg calls it: payload types; sequence numbers
 * under a key of ours, and what RTCP says of them (PAYLOAD_TYPE, SEQUENCE, TX_INDEX).
 */
void burst_route(struct burst *burst);

/* Encrypts and signs for the other leg. TX_INDEX, KEY_LIFETIME, SSRC_LIMIT, NO_BUFFER. */
void burst_protect(struct worker *worker, struct burst *burst);

/* Writes the headers. MTU, NO_BUFFER. */
void burst_rewrite(struct worker *worker, struct burst *burst);

/* Tags what leaves by a port in a VLAN. NO_BUFFER. */
void burst_tag(struct worker *worker, struct burst *burst);

/* The headers that a routed packet will be sent with; lengths and checksums zero. */
uint32_t packet_header(const struct worker *worker, const struct packet *packet,
		       uint8_t at[HEADER_MAX]);

/* Gives the packets to their ports. TX_FULL. */
void burst_transmit(struct worker *worker, struct burst *burst);

/* Counts every dropped packet under its reason and frees it. */
void burst_finish(struct worker *worker, struct burst *burst);

/*
 * What is captured of a burst, of sessions that are. Each stands where the packets are as the
 * capture is to show them; see burst_capture.c. Called only while the worker captures anything.
 */
void burst_capture_received(struct worker *worker, struct burst *burst); /* frames as they came */
void burst_capture_accepted(struct worker *worker, struct burst *burst); /* RTP as received */
void burst_capture_routed(struct worker *worker, struct burst *burst);   /* RTP to be sent */
void burst_capture_sent(struct worker *worker, struct burst *burst);     /* frames as they go */
void burst_capture_end(struct worker *worker, struct burst *burst);
