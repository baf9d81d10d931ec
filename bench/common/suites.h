/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SRTP suites on the command line of a measuring program. Thread: one. */
#pragma once

#include <stdint.h>

/* A suite by its name; "rtp" and "none" are SLUICE_SUITE_NONE. Returns 0 or -EINVAL, said with the
 * names that there are. */
int suites_one(uint8_t *suite, const char *name);

/* Several with commas, which cut text up, to bits: 1 << suite. Plain RTP is none of them. Returns 0
 * or -EINVAL, said. */
int suites_several(uint32_t *bits, char *text);
