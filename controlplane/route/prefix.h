/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An index of patterns by who calls and the characters that they begin with, so that what a number
 * costs to look up depends on its length, not on how many patterns there are.
 *
 * Thread: made by one; any may look up.
 */
#pragma once

#include "route/pattern.h"

struct prefix_key {
	unsigned from;       /* 0: anybody; else a number that only this caller has */
	const char *pattern; /* must live as long as the index */
};

struct prefix_index;

/* NULL: out of memory. */
struct prefix_index *prefix_index_new(const struct prefix_key *keys, unsigned count);
void prefix_index_free(struct prefix_index *index); /* NULL is fine */

/*
 * Calls each with the number, as in keys, of every pattern of anybody and of from that matches;
 * those that begin alike in the order of keys, else in no order.
 */
void prefix_index_find(const struct prefix_index *index, unsigned from, struct str number,
		       void (*each)(void *user, unsigned key), void *user);
