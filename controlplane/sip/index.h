/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A chained hash table of nodes that live in their owners; sized once, so insertion cannot fail. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define sip_container_of(pointer, type, member) \
	((type *)(void *)((char *)(pointer)-offsetof(type, member)))

struct index_node {
	struct index_node *next;
	struct index_node **link; /* what points here; NULL: in no table */
	uint64_t hash;
};

struct index_table {
	struct index_node **bucket;
	size_t mask;
};

/* At least as many buckets as nodes are expected. 0 or -ENOMEM. */
int index_init(struct index_table *table, size_t expected);
/* The same for a table in use. 0, or -ENOMEM: it is as it was. */
int index_grow(struct index_table *table, size_t expected);
void index_free(struct index_table *table);
void index_insert(struct index_table *table, struct index_node *node, uint64_t hash);
/* Harmless on a node that is in no table. */
void index_remove(struct index_node *node);
/* The first node of that hash after previous (NULL: from the start); the caller compares the key.
 */
struct index_node *index_find(const struct index_table *table, uint64_t hash,
			      const struct index_node *previous);
