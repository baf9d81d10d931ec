/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Time for the b2bua: one timer and one clock, behind functions that a test replaces by its own. */
#pragma once

#include <stdint.h>
#include <uv.h>

struct clock;

/* due is called with user when the time that clock_arm() said has come. NULL with errno. */
struct clock *clock_new(uv_loop_t *loop, void (*due)(void *user), void *user);
/* due is not called any more; freed when the loop has run the close callback. */
void clock_free(struct clock *clock);
/* Monotonic milliseconds, the loop's. */
uint64_t clock_now_ms(const struct clock *clock);
/* Once, in delay_ms; negative: not at all. Replaces what was armed before. */
void clock_arm(struct clock *clock, int64_t delay_ms);
