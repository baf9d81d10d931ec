/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media/rtcp_stats.h"

#include "media/rtcp.h"

#define CLOCK_SLACK 4096 /* in 1/65536 s */

/* Words with one writer: the atomic store only keeps a reader from seeing half of one. */
static void put(uint32_t *word, uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELAXED);
}

static uint32_t get(const uint32_t *word)
{
	return __atomic_load_n(word, __ATOMIC_RELAXED);
}

static void put_half(uint16_t *half, uint16_t value)
{
	__atomic_store_n(half, value, __ATOMIC_RELAXED);
}

static uint16_t get_half(const uint16_t *half)
{
	return __atomic_load_n(half, __ATOMIC_RELAXED);
}

/* NTP time: seconds at 8, fraction at 12 of an SR. The middle is what LSR repeats. */
static void sr_heard(struct rtcp_stats *stats, const struct rtcp_part *part, uint32_t now)
{
	put(&stats->sr_ntp, bytes_get_be32(part->at + 10));
	put(&stats->sr_at, now);
}

/* From when the SR passed us to now, less the time that the peer sat on it. */
static void round_trip(struct rtcp_stats *stats, const struct rtcp_stats *other,
		       const uint8_t *block, uint32_t now)
{
	uint32_t lsr = rtcp_block_lsr(block);
	uint32_t rtt = now - other->sr_at - rtcp_block_dlsr(block);
	uint16_t told;

	if (lsr == 0 || lsr != other->sr_ntp)
		return;
	/* clocks differ a little: a hair below nothing is the shortest there is */
	if ((int32_t)rtt < 0 && (int32_t)rtt > -CLOCK_SLACK)
		rtt = 0;
	if (rtt >> 4 > UINT16_MAX)
		return; /* 16 s and more are no round trip */
	told = rtt >> 4 ? (uint16_t)(rtt >> 4) : 1;
	put_half(&stats->rtt, told);
	if (told > stats->rtt_max)
		put_half(&stats->rtt_max, told);
}

static void block_heard(struct rtcp_stats *stats, const uint8_t *block)
{
	int32_t lost = rtcp_block_lost(block);

	put(&stats->lost, RTCP_STATS_TOLD | (lost > 0 ? (uint32_t)lost : 0));
	put(&stats->jitter, rtcp_block_jitter(block));
}

void rtcp_stats_update(struct rtcp_stats *stats, const struct rtcp_stats *other, uint32_t ssrc,
		       uint8_t *packet, uint32_t length, uint32_t now)
{
	struct rtcp_walk walk = {packet, length};
	struct rtcp_part part;
	uint8_t *block;

	while (rtcp_walk_next(&walk, &part)) {
		if (part.type == RTCP_SR && part.length >= RTCP_SR_BYTES)
			sr_heard(stats, &part, now);
		for (unsigned i = 0; (block = rtcp_block(&part, i)); i++) {
			round_trip(stats, other, block, now);
			if (rtcp_block_ssrc(block) == ssrc)
				block_heard(stats, block);
		}
	}
}

struct rtcp_stats rtcp_stats_glance(const struct rtcp_stats *stats)
{
	return (struct rtcp_stats){
	    .sr_ntp = get(&stats->sr_ntp),
	    .sr_at = get(&stats->sr_at),
	    .rtt = get_half(&stats->rtt),
	    .rtt_max = get_half(&stats->rtt_max),
	    .lost = get(&stats->lost),
	    .jitter = get(&stats->jitter),
	};
}
