/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "route/health.h"

#include <stdio.h>

static enum health_change change(struct health *health, bool down, int64_t unix_s)
{
	health->down = down;
	health->since_unix_s = unix_s;
	if (down)
		health->downs++;
	else
		health->ups++;
	return down ? HEALTH_DOWN : HEALTH_UP;
}

enum health_change health_good(struct health *health, const struct health_settings *settings,
			       int64_t unix_s)
{
	bool first = !health->seen;

	health->seen = true;
	health->bad = 0;
	if (health->good < settings->up_after)
		health->good++;
	if (first)
		health->since_unix_s = unix_s;
	if (!health->down || health->good < settings->up_after)
		return HEALTH_SAME;
	return change(health, false, unix_s);
}

enum health_change health_bad(struct health *health, const struct health_settings *settings,
			      const char *reason, int64_t unix_s)
{
	health->seen = true;
	health->failures++;
	health->good = 0;
	if (health->bad < settings->down_after)
		health->bad++;
	snprintf(health->reason, sizeof(health->reason), "%s", reason);
	if (health->down || health->bad < settings->down_after)
		return HEALTH_SAME;
	return change(health, true, unix_s);
}

uint64_t health_delay_ms(uint64_t interval_ms, uint32_t random)
{
	uint64_t spread = interval_ms / 5;

	return interval_ms - spread / 2 + (spread ? random % (spread + 1) : 0);
}

bool health_status_is_good(unsigned status)
{
	return status != 408 && status != 502 && status != 503 && status != 504;
}
