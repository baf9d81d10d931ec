/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The neighbours that somebody asked for: what we know of each, and when we last told the kernel
 * that it is used. Main thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "net/rtnl.h"

struct neighbour {
	struct neighbour *next; /* same bucket */
	struct rtnl_neighbour kernel;
	bool known;        /* kernel holds the kernel's last word; else ask it again */
	bool asked;        /* asked_ms counts */
	uint64_t asked_ms; /* NTF_USE last sent */
	uint64_t used_ms;  /* last lookup */
};

struct neighbour_table;

struct neighbour_table *neighbour_table_new(uint32_t seed);
void neighbour_table_free(struct neighbour_table *table);

/* NULL: not there. */
struct neighbour *neighbour_find(const struct neighbour_table *table, unsigned ifindex,
				 uint8_t family, const uint8_t *address);
/* Finds, or adds one that is not known yet. NULL: no memory, or NEIGHBOURS_MAX there. */
struct neighbour *neighbour_add(struct neighbour_table *table, unsigned ifindex, uint8_t family,
				const uint8_t *address);
/* Removes those that nobody looked up for so long; others stay. Pointers become invalid. */
void neighbour_expire(struct neighbour_table *table, uint64_t now_ms, uint64_t unused_ms);
/* After lost notifications: nothing is known for sure. */
void neighbour_forget_all(struct neighbour_table *table);

/* Packets may be sent to its MAC (NUD_VALID in the kernel's words, and it is an Ethernet address).
 */
bool neighbour_usable(const struct rtnl_neighbour *neighbour);

#define NEIGHBOURS_MAX 65536U
