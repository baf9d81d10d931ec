/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/neighbour.h"

#include <stdlib.h>
#include <string.h>

#include <linux/neighbour.h>

#include <rte_jhash.h>

#define BUCKETS 4096U /* power of two */
#define USABLE (NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT | NUD_NOARP)

struct neighbour_table {
	uint32_t seed; /* random: who chooses addresses does not choose buckets */
	unsigned count;
	struct neighbour *bucket[BUCKETS];
};

struct neighbour_table *neighbour_table_new(uint32_t seed)
{
	struct neighbour_table *table = calloc(1, sizeof(*table));

	if (table)
		table->seed = seed;
	return table;
}

void neighbour_table_free(struct neighbour_table *table)
{
	if (!table)
		return;
	neighbour_expire(table, UINT64_MAX, 0);
	free(table);
}

static unsigned bucket_of(const struct neighbour_table *table, unsigned ifindex,
			  const uint8_t *address, uint8_t family)
{
	uint32_t words[4] = {0};

	memcpy(words, address, family == 4 ? 4 : 16);
	return rte_jhash_32b(words, 4, table->seed ^ ifindex) & (BUCKETS - 1);
}

struct neighbour *neighbour_find(const struct neighbour_table *table, unsigned ifindex,
				 uint8_t family, const uint8_t *address)
{
	struct neighbour *n = table->bucket[bucket_of(table, ifindex, address, family)];

	while (n && (n->kernel.ifindex != ifindex || n->kernel.family != family ||
		     memcmp(n->kernel.address, address, family == 4 ? 4 : 16) != 0))
		n = n->next;
	return n;
}

struct neighbour *neighbour_add(struct neighbour_table *table, unsigned ifindex, uint8_t family,
				const uint8_t *address)
{
	struct neighbour *n = neighbour_find(table, ifindex, family, address);
	struct neighbour **bucket = &table->bucket[bucket_of(table, ifindex, address, family)];

	if (n || table->count == NEIGHBOURS_MAX)
		return n;
	n = calloc(1, sizeof(*n));
	if (!n)
		return NULL;
	n->kernel.ifindex = ifindex;
	n->kernel.family = family;
	memcpy(n->kernel.address, address, family == 4 ? 4 : 16);
	n->next = *bucket;
	*bucket = n;
	table->count++;
	return n;
}

void neighbour_expire(struct neighbour_table *table, uint64_t now_ms, uint64_t unused_ms)
{
	for (unsigned i = 0; i < BUCKETS; i++) {
		struct neighbour **at = &table->bucket[i];

		while (*at) {
			struct neighbour *n = *at;

			if (now_ms - n->used_ms < unused_ms) {
				at = &n->next;
				continue;
			}
			*at = n->next;
			free(n);
			table->count--;
		}
	}
}

void neighbour_forget_all(struct neighbour_table *table)
{
	for (unsigned i = 0; i < BUCKETS; i++)
		for (struct neighbour *n = table->bucket[i]; n; n = n->next)
			n->known = false;
}

bool neighbour_usable(const struct rtnl_neighbour *neighbour)
{
	return (neighbour->state & USABLE) && neighbour->has_mac &&
	       rte_is_valid_assigned_ether_addr(&neighbour->mac);
}
