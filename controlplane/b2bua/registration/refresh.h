/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When to register again. Pure; random: any number, for what must not come all at once. */
#pragma once

#include <stdint.h>

#define REFRESH_RETRY_BASE_S 30U
#define REFRESH_RETRY_MAX_S 1800U

/*
 * After how many milliseconds a binding of granted_s seconds is refreshed: 600 s before its end, or
 * at its half when it lasts at most 1200 s (3GPP TS 24.229 5.1.1.4.1), and up to a tenth earlier.
 */
uint64_t refresh_after_ms(uint32_t granted_s, uint32_t random);

/*
 * After how many milliseconds to try again after failures (at least 1) in a row: between half and
 * all of 30 s times two to that power, at most 30 minutes (RFC 5626 4.5); not before retry_after_s,
 * of which at most an hour counts.
 */
uint64_t refresh_retry_ms(unsigned failures, uint32_t retry_after_s, uint32_t random);
