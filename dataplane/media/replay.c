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
	uint64_t behind;

	if (!rtp_replay_started(replay))
		replay->highest = index;
	if (index > replay->highest) {
		slide(replay, index - replay->highest);
		replay->highest = index;
	}
	behind = replay->highest - index;
	replay->seen[behind / 64] |= UINT64_C(1) << (behind % 64);
}

void rtp_replay_close(struct rtp_replay *replay, uint64_t highest)
{
	replay->highest = highest;
	replay->seen[0] = UINT64_MAX;
	replay->seen[1] = UINT64_MAX;
}
