/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reception statistics of one stream (RFC 3550 A.1, A.3, A.8): what was received, lost, reordered,
 * and the interarrival jitter. Numbers are of the whole stream; a new SSRC, or a source that starts
 * its sequence numbers again, opens a new run and keeps the sum of the old ones.
 *
 * Only packets that were accepted (authenticated, where the leg is SRTP) are counted, so RFC 3550's
 * probation is not needed.
 *
 * All bytes zero is a stream of which nothing was received. Thread: the worker that owns the
 * stream.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "media/word.h"

#define RTP_STATS_DROPOUT_MAX 3000U /* RFC 3550 A.1: a jump further ahead is a restart */
#define RTP_STATS_MISORDER_MAX 100U /* so is one further back */

/* 40 bytes, since there are two of them in every call: packet numbers wrap at 2^32 (received: the
 * owner keeps the carry). Written with word_set(), so that another thread may take a glance. */
struct rtp_stats {
	uint32_t received;     /* packets, duplicates included */
	uint32_t reordered;    /* packets that came after a higher sequence number */
	uint32_t lost_runs;    /* lost in the runs before this one */
	uint32_t run_received; /* 0: nothing received yet */
	uint32_t ssrc;
	uint32_t first;   /* extended sequence number with which the run began */
	uint32_t highest; /* extended: wraps counted in the upper half */
	uint32_t restart; /* sequence number that would confirm a restart; above 0xffff: none */
	uint32_t transit; /* RTP timestamp units, modulo 2^32 */
	uint32_t jitter;  /* timestamp units, times 16 */
};

#define RTP_STATS_NO_RESTART UINT32_MAX

/* A transit time that moves by more than this (65 s at 8 kHz, 11 s at 48 kHz) is a new origin of
 * the timestamps, as after a transfer, and no jitter. */
#define RTP_STATS_TRANSIT_STEP_MAX 0x7ffffU

/* RFC 3550 A.8, in sixteenths so that the estimate needs no fraction. */
static inline void rtp_stats_transit(struct rtp_stats *stats, uint32_t transit)
{
	int32_t step = (int32_t)(transit - stats->transit);
	uint32_t distance = step < 0 ? 0U - (uint32_t)step : (uint32_t)step;

	stats->transit = transit;
	if (distance <= RTP_STATS_TRANSIT_STEP_MAX)
		word_set(&stats->jitter, stats->jitter + distance - ((stats->jitter + 8) >> 4));
}

enum rtp_stats_change { RTP_STATS_SAME, RTP_STATS_FIRST, RTP_STATS_NEW_SSRC, RTP_STATS_RESTART };

/*
 * Counts one packet. arrival: time of arrival in units of the RTP timestamp, any origin, modulo
 * 2^32 (of an 8 kHz codec: microseconds / 125).
 */
enum rtp_stats_change rtp_stats_update(struct rtp_stats *stats, uint32_t ssrc, uint16_t sequence,
				       uint32_t timestamp, uint32_t arrival);

/*
 * The same, quick, for one of the next packets of the source and the run. False: it is none, and
 * nothing is counted.
 */
static inline bool rtp_stats_next(struct rtp_stats *stats, uint32_t ssrc, uint16_t sequence,
				  uint32_t timestamp, uint32_t arrival)
{
	uint16_t ahead = (uint16_t)(sequence - (uint16_t)stats->highest);
	uint32_t run_received = stats->run_received + 1;

	/* neither the first of a run (0 before) nor the last that can be told apart from it */
	if (stats->ssrc != ssrc || (uint16_t)(ahead - 1) >= RTP_STATS_DROPOUT_MAX - 1 ||
	    run_received <= 1)
		return false;
	word_set(&stats->received, stats->received + 1);
	word_set(&stats->highest, stats->highest + ahead);
	stats->restart = RTP_STATS_NO_RESTART;
	word_set(&stats->run_received, run_received);
	rtp_stats_transit(stats, arrival - timestamp);
	return true;
}

/* Counts one whose timestamp says nothing of when it was sent: of an event (RFC 4733 2.5.1.2). */
enum rtp_stats_change rtp_stats_update_untimed(struct rtp_stats *stats, uint32_t ssrc,
					       uint16_t sequence);

/* The codec of the packets that follow has another clock. */
void rtp_stats_clock(struct rtp_stats *stats, uint32_t before_hz, uint32_t clock_hz);

/* What it was at some moment just now; any thread. */
struct rtp_stats rtp_stats_glance(const struct rtp_stats *stats);

/* Packets expected less packets received, of all runs; never below 0 (duplicates). */
uint64_t rtp_stats_lost(const struct rtp_stats *stats);

/* Interarrival jitter (RFC 3550 6.4.1) in timestamp units. */
uint32_t rtp_stats_jitter(const struct rtp_stats *stats);

/* The same in microseconds, for a codec of clock_hz (above 0). */
uint32_t rtp_stats_jitter_us(const struct rtp_stats *stats, uint32_t clock_hz);
