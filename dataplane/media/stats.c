/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media/stats.h"

static uint64_t run_lost(const struct rtp_stats *stats)
{
	uint64_t expected = (uint64_t)(stats->highest - stats->first) + 1;

	if (!stats->run_received || expected < stats->run_received)
		return 0;
	return expected - stats->run_received;
}

static void run_begin(struct rtp_stats *stats, uint32_t ssrc, uint16_t sequence, uint32_t transit)
{
	word_set(&stats->lost_runs, stats->lost_runs + (uint32_t)run_lost(stats));
	word_set(&stats->run_received, 1);
	word_set(&stats->ssrc, ssrc);
	word_set(&stats->first, sequence);
	word_set(&stats->highest, sequence);
	stats->restart = RTP_STATS_NO_RESTART;
	stats->transit = transit;
}

/* The new run began with the packet before this one, which was counted in the old run. */
static void run_restart(struct rtp_stats *stats, uint16_t sequence, uint32_t transit)
{
	word_set(&stats->run_received, stats->run_received - 1);
	run_begin(stats, stats->ssrc, (uint16_t)(sequence - 1), transit);
	word_set(&stats->highest, stats->highest + 1);
	word_set(&stats->run_received, 2);
}

/* A packet of the run: RFC 3550 A.1 without probation. */
static enum rtp_stats_change sequence_update(struct rtp_stats *stats, uint16_t sequence)
{
	uint16_t ahead = (uint16_t)(sequence - (uint16_t)stats->highest);

	if (ahead == 0)
		return RTP_STATS_SAME;
	if (ahead < RTP_STATS_DROPOUT_MAX) {
		word_set(&stats->highest, stats->highest + ahead);
		stats->restart = RTP_STATS_NO_RESTART;
		return RTP_STATS_SAME;
	}
	if (ahead > 0x10000 - RTP_STATS_MISORDER_MAX) {
		word_set(&stats->reordered, stats->reordered + 1);
		return RTP_STATS_SAME;
	}
	/* One packet from far away may be a stray; two in a row are a source that began again. */
	if (stats->restart == sequence)
		return RTP_STATS_RESTART;
	stats->restart = (uint16_t)(sequence + 1);
	return RTP_STATS_SAME;
}

/* transit: for the run, should it begin here. */
static enum rtp_stats_change count(struct rtp_stats *stats, uint32_t ssrc, uint16_t sequence,
				   uint32_t transit)
{
	enum rtp_stats_change change;

	word_set(&stats->received, stats->received + 1);
	if (!stats->run_received || stats->ssrc != ssrc) {
		change = stats->run_received ? RTP_STATS_NEW_SSRC : RTP_STATS_FIRST;
		run_begin(stats, ssrc, sequence, transit);
		return change;
	}
	change = sequence_update(stats, sequence);
	if (change == RTP_STATS_RESTART) {
		run_restart(stats, sequence, transit);
		return change;
	}
	/* 0 says "nothing yet": a run of 2^32 packets (2.7 years at 50 a second) stays below it */
	if (stats->run_received < UINT32_MAX)
		word_set(&stats->run_received, stats->run_received + 1);
	return change;
}

enum rtp_stats_change rtp_stats_update(struct rtp_stats *stats, uint32_t ssrc, uint16_t sequence,
				       uint32_t timestamp, uint32_t arrival)
{
	uint32_t transit = arrival - timestamp;
	enum rtp_stats_change change = count(stats, ssrc, sequence, transit);

	if (change == RTP_STATS_SAME)
		rtp_stats_transit(stats, transit);
	return change;
}

enum rtp_stats_change rtp_stats_update_untimed(struct rtp_stats *stats, uint32_t ssrc,
					       uint16_t sequence)
{
	return count(stats, ssrc, sequence, stats->transit);
}

/* The first transit time by the new clock is far from the last by the old one, and so no jitter. */
void rtp_stats_clock(struct rtp_stats *stats, uint32_t before_hz, uint32_t clock_hz)
{
	uint64_t jitter = (uint64_t)stats->jitter * clock_hz / before_hz;

	word_set(&stats->jitter, jitter < UINT32_MAX ? (uint32_t)jitter : UINT32_MAX);
	stats->transit += UINT32_MAX / 2;
}

struct rtp_stats rtp_stats_glance(const struct rtp_stats *stats)
{
	struct rtp_stats seen = {0};
	unsigned tries = 4;

	/* a packet that came meanwhile shows as one more received: look again */
	do {
		seen.received = word_get(&stats->received);
		seen.run_received = word_get(&stats->run_received);
		seen.first = word_get(&stats->first);
		seen.highest = word_get(&stats->highest);
		seen.lost_runs = word_get(&stats->lost_runs);
		seen.reordered = word_get(&stats->reordered);
		seen.ssrc = word_get(&stats->ssrc);
		seen.jitter = word_get(&stats->jitter);
	} while (word_get(&stats->received) != seen.received && --tries);
	return seen;
}

uint64_t rtp_stats_lost(const struct rtp_stats *stats)
{
	return stats->lost_runs + run_lost(stats);
}

uint32_t rtp_stats_jitter(const struct rtp_stats *stats)
{
	return stats->jitter >> 4;
}

uint32_t rtp_stats_jitter_us(const struct rtp_stats *stats, uint32_t clock_hz)
{
	/* jitter fits 24 bits: the product fits 64 */
	return (uint32_t)((uint64_t)stats->jitter * 1000000 / 16 / clock_hz);
}
