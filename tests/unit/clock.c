/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "clock.h"

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define BEGIN_MS 1000000U /* 0 would be a special value to some */

static uint64_t now_ms = BEGIN_MS;

int clock_gettime(clockid_t clock, struct timespec *now)
{
	if (clock != CLOCK_MONOTONIC && clock != CLOCK_MONOTONIC_COARSE)
		return (int)syscall(SYS_clock_gettime, clock, now);
	*now = (struct timespec){.tv_sec = (time_t)(now_ms / 1000),
				 .tv_nsec = (long)(now_ms % 1000) * 1000000};
	return 0;
}

void clock_pass_ms(uint64_t ms)
{
	now_ms += ms;
}

uint64_t clock_outside_ms(void)
{
	struct timespec now = {0};

	(void)syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}
