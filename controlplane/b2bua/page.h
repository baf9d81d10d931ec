/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A list of calls that is asked for page by page, so that neither a long list nor a filter that few
 * calls fit holds up the loop or fills memory.
 *
 * The cursor is the call at which the last page ended: its place in the order in which calls began,
 * and its id. While that call lives, going on costs nothing; when it has ended, the calls that are
 * older than it are passed over. So every call that lives from the first page to the last is told
 * once, whatever begins and ends meanwhile.
 *
 * Thread: the loop's.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define PAGE_CALLS_MAX 500U
#define PAGE_CALLS_DEFAULT 100U
#define PAGE_EXAMINED_MAX \
	5000U /* calls that are looked at for one page, besides those passed over */
#define PAGE_CURSOR_MAX 32U

struct call;

/* The calls that are meant: all that is said must be so. */
struct page_filter {
	const char *peer;   /* of either leg; NULL: any */
	const char *number; /* pattern (pattern_match()) of either number; NULL: any */
	const char *state;  /* call_state_name(); NULL: any */
	uint64_t older_ms;  /* began at least that long ago */
};

bool page_match(const struct call *call, const struct page_filter *filter, uint64_t now_ms);
