/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which packets of a stream were there, by their numbers: what tells a repeated one from a late
 * one. All zero: none was there. Thread: one. */
#pragma once

#include <stdint.h>

#define SEEN_WINDOW 64U

struct seen {
	uint64_t window; /* bit n: next - 1 - n was there */
	uint32_t next;   /* one above the highest */
};

/* SEEN_BEFORE is also said of one that comes SEEN_WINDOW and more behind the highest, and so cannot
 * be told from a repeated one. */
enum seen_answer { SEEN_NEW, SEEN_LATE, SEEN_BEFORE };

/* number: below 2^32 - 1. */
static inline enum seen_answer seen_put(struct seen *seen, uint32_t number)
{
	uint32_t behind = seen->next - 1 - number;

	if (number >= seen->next) {
		uint32_t ahead = number + 1 - seen->next;

		seen->window = ahead < SEEN_WINDOW ? seen->window << ahead | 1 : 1;
		seen->next = number + 1;
		return SEEN_NEW;
	}
	if (behind >= SEEN_WINDOW || seen->window >> behind & 1)
		return SEEN_BEFORE;
	seen->window |= UINT64_C(1) << behind;
	return SEEN_LATE;
}
