/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media/replay.h"

static void slide(struct rtp_replay *replay, uint64_t steps)
{
	if (steps >= RTP_REPLAY_WINDOW) {
		replay->seen[1] = 0;
		replay->seen[0] = 0;
	} else if (steps >= 64) {
		replay->seen[1] = replay->seen[0] << (steps - 64);
		replay->seen[0] = 0;
	} else if (steps > 0) {
		replay->seen[1] = replay->seen[1] << steps | replay->seen[0] >> (64 - steps);
		replay->seen[0] <<= steps;
	}
}

void rtp_replay_commit(struct rtp_replay *replay, uint64_t index)
{
	struct rtp_replay next = *replay;
	uint64_t behind;

	if (!rtp_replay_started(replay))
		next.highest = index;
	if (index > next.highest) {
		slide(&next, index - next.highest);
		next.highest = index;
	}
	behind = next.highest - index;
	next.seen[behind / 64] |= UINT64_C(1) << (behind % 64);
	rtp_replay_set(replay, next.highest, next.seen[0], next.seen[1]);
}

void rtp_replay_close(struct rtp_replay *replay, uint64_t highest)
{
	rtp_replay_set(replay, highest, UINT64_MAX, UINT64_MAX);
}
