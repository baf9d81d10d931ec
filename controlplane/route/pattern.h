/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Patterns of numbers and names, and of header values. Both are read in one pass over the text,
 * without tables or compilation, and cannot back-track: a hostile number costs its length.
 *
 *   of a number   0-9 a-z + # ...   themselves
 *                 ?                 any one character
 *                 [2-9] [135]       one of these
 *                 *                 any rest, also none: at the end only
 *                 {...}             what the replacement calls {1} to {9}: in translations only
 *   of a value    * any run, ? any one character, all others themselves, without regard to case
 *
 * Thread: any; nothing is kept.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "sip/str.h"

#define PATTERN_MAX 128U        /* bytes */
#define PATTERN_PARTS_MAX 9U    /* {...} in one pattern */
#define PATTERN_VALUE_MAX 1024U /* a longer value of a header matches nothing */

enum pattern_use { PATTERN_ROUTE, PATTERN_TRANSLATION /* may have {...} */ };

/* NULL when text is right, else what it must be, as the end of a sentence. */
const char *pattern_check(const char *text, enum pattern_use use);

struct pattern_parts {
	unsigned count;
	struct str part[PATTERN_PARTS_MAX]; /* in number */
};

/* text is one that pattern_check() found right. parts may be NULL. */
bool pattern_match(const char *text, struct str number, struct pattern_parts *parts);

/* How many characters at the beginning stand for themselves. For patterns of routes. */
size_t pattern_prefix(const char *text);
/*
 * How much it says, to compare two that match the same number: 4 for each character that stands for
 * itself, 3 for [...], 1 for ?. At most 4 * PATTERN_MAX.
 */
unsigned pattern_weight(const char *text);

/* A pattern of a value: at most PATTERN_MAX bytes. The cost is at most their product. */
bool pattern_value_match(const char *text, struct str value);
