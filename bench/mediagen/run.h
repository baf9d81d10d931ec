/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loop of a run. Thread: one. */
#pragma once

#include "flood.h"

/* Sends for as long as options say or until *stop; then waits for what is under way. flood: NULL
 * without one. */
void run_calls(struct traffic *traffic, struct flood *flood, const volatile int *stop);
