/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A set of final statuses, 300 to 599, after which another target is tried. 6xx is no such status:
 * it is the called person's word for everywhere (RFC 3261 21.6).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define CODES_FIRST 300U
#define CODES_LAST 599U

struct codes {
	uint64_t bits[5];
};

/* "503", or "5xx" for all of them. NULL when right, else what it must be. */
const char *codes_check(const char *text);
void codes_add(struct codes *codes, const char *text); /* that codes_check() found right */
bool codes_has(const struct codes *codes, unsigned status);

/* When a route names none: 408, 500, 502, 503, 504. What is wrong with our request (501, 505, 513)
 * would be wrong with it elsewhere too. */
extern const struct codes codes_default;
