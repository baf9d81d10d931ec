/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The steady clock of a test program stands still but for what the test lets pass: a machine that
 * stalls changes nothing. clock.c stands in for the C library's clock_gettime(), which libuv asks.
 */
#pragma once

#include <stdint.h>

/* Lets so much time pass. The loop sees it in its next turn. */
void clock_pass_ms(uint64_t ms);

/* What the kernel says: to give up what would otherwise be waited for without an end. */
uint64_t clock_outside_ms(void);
