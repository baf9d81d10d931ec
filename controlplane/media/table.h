/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hash table of entries that live inside their owners, found by a 64-bit number that we drew at
 * random ourselves: session ids, dialog tags, call ids. As no outsider chooses the number, its low
 * bits are the hash and nobody can make them collide.
 *
 * Thread: one table belongs to one thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct table_entry {
	uint64_t key;
	struct table_entry *next;
};

struct table {
	struct table_entry **bucket;
	size_t buckets; /* a power of two */
	size_t count;
};

/* The object that holds an entry. */
#define TABLE_OWNER(pointer, type, field) ((type *)((char *)(pointer)-offsetof(type, field)))

/* Room for about expected entries; more makes it slower, not wrong. 0 or -ENOMEM. */
int table_init(struct table *table, size_t expected);
/* Room for more in a table in use. 0, or -ENOMEM: it is as it was. */
int table_grow(struct table *table, size_t expected);
/* Frees the buckets; entries are their owners'. */
void table_free(struct table *table);
/* key must not be there yet. */
void table_add(struct table *table, struct table_entry *entry, uint64_t key);
void table_remove(struct table *table, struct table_entry *entry);
struct table_entry *table_find(const struct table *table, uint64_t key); /* NULL: none */
/* The entries one by one: previous NULL starts, NULL ends. previous may not be removed meanwhile.
 */
struct table_entry *table_next(const struct table *table, const struct table_entry *previous);
