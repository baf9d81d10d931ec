/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media/index.h"

uint64_t rtp_index_guess(uint64_t highest, uint16_t sequence)
{
	uint64_t roc = highest >> 16;
	int32_t ahead = (int32_t)sequence - (int32_t)(highest & 0xffff);

	if (ahead > 0x8000 && roc > 0)
		roc--;
	else if (ahead < -0x8000)
		roc++;
	return roc << 16 | sequence;
}
