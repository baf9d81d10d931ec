/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media/table.h"

#include <errno.h>
#include <stdlib.h>

int table_init(struct table *table, size_t expected)
{
	size_t buckets = 16;

	while (buckets < expected && buckets < (SIZE_MAX / 2 / sizeof(*table->bucket)))
		buckets *= 2;
	table->bucket = calloc(buckets, sizeof(*table->bucket));
	if (!table->bucket)
		return -ENOMEM;
	table->buckets = buckets;
	table->count = 0;
	return 0;
}

void table_free(struct table *table)
{
	free(table->bucket);
	*table = (struct table){0};
}

static struct table_entry **bucket_of(const struct table *table, uint64_t key)
{
	return &table->bucket[key & (table->buckets - 1)];
}

void table_add(struct table *table, struct table_entry *entry, uint64_t key)
{
	struct table_entry **bucket = bucket_of(table, key);

	entry->key = key;
	entry->next = *bucket;
	*bucket = entry;
	table->count++;
}

void table_remove(struct table *table, struct table_entry *entry)
{
	struct table_entry **at = bucket_of(table, entry->key);

	for (; *at; at = &(*at)->next) {
		if (*at != entry)
			continue;
		*at = entry->next;
		entry->next = NULL;
		table->count--;
		return;
	}
}

int table_grow(struct table *table, size_t expected)
{
	struct table grown;

	if (expected <= table->buckets)
		return 0;
	if (table_init(&grown, expected) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < table->buckets; i++) {
		struct table_entry *entry, *next;

		for (entry = table->bucket[i]; entry; entry = next) {
			next = entry->next;
			table_add(&grown, entry, entry->key);
		}
	}
	table_free(table);
	*table = grown;
	return 0;
}

struct table_entry *table_find(const struct table *table, uint64_t key)
{
	struct table_entry *entry = *bucket_of(table, key);

	while (entry && entry->key != key)
		entry = entry->next;
	return entry;
}

struct table_entry *table_next(const struct table *table, const struct table_entry *previous)
{
	size_t at = 0;

	if (previous) {
		if (previous->next)
			return previous->next;
		at = (previous->key & (table->buckets - 1)) + 1;
	}
	for (; at < table->buckets; at++)
		if (table->bucket[at])
			return table->bucket[at];
	return NULL;
}
