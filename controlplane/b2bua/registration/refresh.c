/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/registration/refresh.h"

#define LONG_S 1200U
#define BEFORE_END_S 600U
#define RETRY_AFTER_MAX_S 3600U

/* 0..range - 1, as random is 0..UINT32_MAX */
static uint64_t below(uint64_t range, uint32_t random)
{
	return range * random >> 32;
}

uint64_t refresh_after_ms(uint32_t granted_s, uint32_t random)
{
	uint64_t after_s = granted_s > LONG_S ? granted_s - BEFORE_END_S : granted_s / 2;

	return after_s * 1000 - below(after_s * 100, random);
}

uint64_t refresh_retry_ms(unsigned failures, uint32_t retry_after_s, uint32_t random)
{
	uint64_t most_ms = REFRESH_RETRY_BASE_S * 1000, asked_ms;

	while (failures-- > 0 && most_ms < REFRESH_RETRY_MAX_S * 1000)
		most_ms *= 2;
	if (most_ms > REFRESH_RETRY_MAX_S * 1000)
		most_ms = REFRESH_RETRY_MAX_S * 1000;
	asked_ms =
	    1000ULL * (retry_after_s > RETRY_AFTER_MAX_S ? RETRY_AFTER_MAX_S : retry_after_s);
	most_ms = most_ms / 2 + below(most_ms / 2, random);
	return asked_ms > most_ms ? asked_ms : most_ms;
}
