/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Replay window (RFC 3711 3.3.2): which of the last 128 indices of a source have been seen. One for
 * RTP and one for RTCP of each SSRC. Checked before authentication, committed after it.
 *
 * All bytes zero is a window that has seen nothing.
 *
 * Thread: the owner of the source; any other may take a glance at how far it has got. So what says
 * that is written by rtp_replay_set(): never a window that is started and seems not to be.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "media/word.h"

#define RTP_REPLAY_WINDOW 128U /* indices; RFC 3711 asks for at least 64 */

struct rtp_replay {
	uint64_t
	    highest; /* index; of RTP it holds the roll-over counter too. Not started: a hint */
	uint64_t seen[2]; /* bit i of word w: index highest - (64 w + i) has been seen */
};

enum rtp_replay_verdict { RTP_REPLAY_FRESH, RTP_REPLAY_SEEN, RTP_REPLAY_OLD };

/* True once an index has been committed: the highest one is always marked. */
static inline bool rtp_replay_started(const struct rtp_replay *replay)
{
	return replay->seen[0] & 1;
}

static inline enum rtp_replay_verdict rtp_replay_check(const struct rtp_replay *replay,
						       uint64_t index)
{
	uint64_t behind;

	if (!rtp_replay_started(replay) || index > replay->highest)
		return RTP_REPLAY_FRESH;
	behind = replay->highest - index;
	if (behind >= RTP_REPLAY_WINDOW)
		return RTP_REPLAY_OLD;
	return replay->seen[behind / 64] >> (behind % 64) & 1 ? RTP_REPLAY_SEEN : RTP_REPLAY_FRESH;
}

/* One above the highest index; 0: none yet. Any thread. */
static inline uint64_t rtp_replay_glance(const struct rtp_replay *replay)
{
	return wide_get(&replay->seen[0]) & 1 ? wide_get(&replay->highest) + 1 : 0;
}

static inline void rtp_replay_set(struct rtp_replay *replay, uint64_t highest, uint64_t seen0,
				  uint64_t seen1)
{
	replay->seen[1] = seen1;
	wide_set(&replay->highest, highest);
	wide_set(&replay->seen[0], seen0);
}

/* Marks index as seen, and moves the window when it is the highest. It must be FRESH. */
void rtp_replay_commit(struct rtp_replay *replay, uint64_t index);

/* Marks index as seen if it is one of the next after the highest, as most are. False: not that. */
static inline bool rtp_replay_advance(struct rtp_replay *replay, uint64_t index)
{
	uint64_t ahead = index - replay->highest;

	if (!rtp_replay_started(replay) || ahead - 1 >= 63)
		return false;
	if (ahead == 1) /* shifts by a constant are the cheaper ones */
		rtp_replay_set(replay, index, replay->seen[0] << 1 | 1,
			       replay->seen[1] << 1 | replay->seen[0] >> 63);
	else
		rtp_replay_set(replay, index, replay->seen[0] << ahead | 1,
			       replay->seen[1] << ahead | replay->seen[0] >> (64 - ahead));
	return true;
}

/* Marks index as seen if it is FRESH, and says what it was. */
static inline enum rtp_replay_verdict rtp_replay_take(struct rtp_replay *replay, uint64_t index)
{
	enum rtp_replay_verdict verdict = rtp_replay_check(replay, index);

	if (verdict == RTP_REPLAY_FRESH)
		rtp_replay_commit(replay, index);
	return verdict;
}

/* Makes a window in which every index up to highest counts as seen. */
void rtp_replay_close(struct rtp_replay *replay, uint64_t highest);
