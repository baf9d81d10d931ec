/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The SRTP packet index (RFC 3711 3.3.1): 48 bits, roll-over counter above, sequence number below.
 * Only the sequence number travels; the rest is guessed from the highest index so far. A guess
 * changes nothing: what was authenticated is committed to the replay window, which holds the
 * highest index.
 *
 * Thread: any. No state.
 */
#pragma once

#include <stdint.h>

#define RTP_INDEX_MAX ((UINT64_C(1) << 48) - 1)
#define RTCP_INDEX_MAX ((UINT64_C(1) << 31) - 1)

static inline uint32_t rtp_index_roc(uint64_t index)
{
	return (uint32_t)(index >> 16);
}

/*
 * Index of the packet with this sequence number, guessed from the highest index authenticated so
 * far (RFC 3711 appendix A). There is no roll-over counter below 0: at 0 the guess stays there. The
 * result is above RTP_INDEX_MAX when the counter has come to its end: that packet must not pass.
 */
static inline uint64_t rtp_index_guess(uint64_t highest, uint16_t sequence)
{
	uint64_t roc = highest >> 16;
	int32_t ahead = (int32_t)sequence - (int32_t)(highest & 0xffff);

	if (ahead > 0x8000 && roc > 0)
		roc--;
	else if (ahead < -0x8000)
		roc++;
	return roc << 16 | sequence;
}

/* How many roll-over counters are tried for a source of which no RTP has been seen yet. */
#define RTP_INDEX_FIRST_TRIES 2U

/*
 * The index to try for a source of which nothing was authenticated yet under this key. attempt:
 * 0, 1.
 *
 * Without kept (0): roll-over counter 0, then 1, since the source may have wrapped before its first
 * packet reached us (late join, start near the wrap). With kept, the highest index under the key
 * before: go on from there, since re-keying must not reset the counter (RFC 3711 3.3.1), then 0,
 * since many a source resets it.
 */
static inline uint64_t rtp_index_first(uint64_t kept, uint16_t sequence, unsigned attempt)
{
	uint64_t guess = rtp_index_guess(kept, sequence);

	if (attempt == 0)
		return guess;
	return rtp_index_roc(guess) == 0 ? UINT64_C(1) << 16 | sequence : sequence;
}
