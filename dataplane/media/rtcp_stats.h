/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the peer of a leg tells of the media that it gets from us: loss and jitter of its report
 * blocks, and the round trip between us and it. The round trip needs no clock of anybody else's:
 * the sender report of the other leg's peer passes through us, and the block says when that one
 * came last (LSR) and how long ago (DLSR); RFC 3550 6.4.1.
 *
 * All bytes zero is a peer that told nothing. Thread: written by the worker that owns the leg;
 * rtcp_stats_glance() may read from another.
 */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

struct rtcp_stats {
	uint32_t sr_ntp;  /* middle of the NTP time of the last SR that the peer sent; 0: none */
	uint32_t sr_at;   /* when that came, in 1/65536 s, modulo 2^32 */
	uint16_t rtt;     /* by the last report that told one, in 1/4096 s; 0: none did */
	uint16_t rtt_max; /* the longest */
	uint32_t lost; /* RTCP_STATS_TOLD, and packets lost of the source heard now, not below 0 */
	uint32_t jitter; /* as reported, in units of the RTP timestamp */
};
static_assert(sizeof(struct rtcp_stats) == 20, "there are two in every call");

#define RTCP_STATS_TOLD (1U << 31) /* there was a report */
#define RTCP_STATS_LOST(stats) ((stats)->lost & ~RTCP_STATS_TOLD)

/*
 * Takes in an RTCP packet of the peer. other: of the leg whose media it reports on; ssrc: of that
 * media. packet: in clear, found good by rtcp_check(). now: in 1/65536 s, any origin, modulo 2^32.
 */
void rtcp_stats_update(struct rtcp_stats *stats, const struct rtcp_stats *other, uint32_t ssrc,
		       uint8_t *packet, uint32_t length, uint32_t now);

/* A copy for another thread: no word of it is half written. */
struct rtcp_stats rtcp_stats_glance(const struct rtcp_stats *stats);

/* A round trip in microseconds. */
static inline uint32_t rtcp_rtt_us(uint16_t rtt)
{
	return (uint32_t)((uint64_t)rtt * 1000000 >> 12);
}
