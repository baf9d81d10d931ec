/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sequence numbers of what we send under a key of our own. An SRTP index must never be used twice
 * with other bytes (RFC 3711 9.1), yet a source may start again under the same SSRC, rewind, or
 * share its SSRC with another. So a source's numbers are shifted by a constant for as long as they
 * go on as RFC 3550 A.1 expects, and a source that begins elsewhere goes on behind the highest
 * number that we sent. Gaps and reordering of the source stay what they are; its peer's reports are
 * shifted back (rtp_renumber_reports()).
 *
 * A number far away is believed only when the next ones follow it: one stray or forged packet moves
 * nothing.
 *
 * All bytes zero has seen no source. Thread: the worker that owns the stream.
 */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#define RTP_RENUMBER_DROPOUT_MAX 3000U /* RFC 3550 A.1: a jump further ahead is a restart */
#define RTP_RENUMBER_MISORDER_MAX 100U /* so is one further back */
#define RTP_RENUMBER_CONFIRM_MAX                                         \
	16U /* how far ahead of a far one the packet is that confirms it \
	     */
#define RTP_RENUMBER_SOURCES 2U
#define RTP_RENUMBER_FIRST_MAX 0x3ffU /* of the first number sent under a key */

enum rtp_renumber_state {
	RTP_RENUMBER_FREE, /* the slot holds no source, and those behind it neither */
	RTP_RENUMBER_RUNS,
	RTP_RENUMBER_WAITS, /* for the confirmation of a number far away */
};

/* One SSRC. Numbers are extended: the 16 bits of the packet, and wraps above them. */
struct rtp_renumber_source {
	uint32_t ssrc;
	uint32_t highest;   /* of the source's own numbers */
	uint32_t shift;     /* what we send less what came, modulo 2^32 */
	uint16_t probation; /* the number after the far one, in RTP_RENUMBER_WAITS */
	uint8_t room;  /* how many numbers below highest belong to this run, up to MISORDER_MAX */
	uint8_t state; /* enum rtp_renumber_state */
};
static_assert(sizeof(struct rtp_renumber_source) == 16, "four sources a cache line");

/* The sources heard last, the last one first. */
struct rtp_renumber {
	struct rtp_renumber_source source[RTP_RENUMBER_SOURCES];
};

enum rtp_renumber_verdict {
	RTP_RENUMBER_SEND,
	RTP_RENUMBER_WAIT, /* far from all before, and not confirmed: not to be sent */
	RTP_RENUMBER_LATE, /* of a run that is over, or too old to have a number: not to be sent */
};

/* The source with that SSRC, which becomes the first; NULL when it is not known. */
struct rtp_renumber_source *rtp_renumber_find(struct rtp_renumber *renumber, uint32_t ssrc);

/*
 * Takes in a source that is not known, whose first packet has this number; the one silent longest
 * makes room. next: one above the highest index sent for it under this key, 0 if none was. Without
 * one the first number sent is at most FIRST_MAX: a receiver that misses the first packets cannot
 * miss a wrap (RFC 3711 3.3.1), and after a restart of ours it is known how far a young key was
 * used at most. It leaves room below for packets that come late.
 */
struct rtp_renumber_source *rtp_renumber_begin(struct rtp_renumber *renumber, uint32_t ssrc,
					       uint16_t sequence, uint64_t next);

/*
 * The number to send a packet under. A duplicate gets the number of its twin: the caller's replay
 * window must find it. *sent is written with RTP_RENUMBER_SEND alone.
 */
enum rtp_renumber_verdict rtp_renumber_packet(struct rtp_renumber_source *source, uint16_t sequence,
					      uint16_t *sent);

/*
 * Shifts back what an RTCP packet from the receiver says of our numbers, so that the source reads
 * its own: extended highest sequence number of SR and RR blocks, PID of generic NACKs (RFC 4585
 * 6.2.1), begin and end of XR blocks 1, 2, 3 and 6 (RFC 3611). packet: in clear, found good by
 * rtcp_check(). What else names sequence numbers (RFC 8888, RFC 6776, RFC 6679) passes as it is.
 */
void rtp_renumber_reports(const struct rtp_renumber *renumber, uint8_t *packet, uint32_t length);
