/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/index.h"

#include <errno.h>
#include <stdlib.h>

int index_init(struct index_table *table, size_t expected)
{
	size_t size = 16;

	while (size < expected)
		size *= 2;
	table->bucket = calloc(size, sizeof(struct index_node *));
	table->mask = size - 1;
	return table->bucket ? 0 : -ENOMEM;
}

int index_grow(struct index_table *table, size_t expected)
{
	struct index_table grown;

	if (expected <= table->mask + 1)
		return 0;
	if (index_init(&grown, expected) < 0)
		return -ENOMEM;
	for (size_t i = 0; i <= table->mask; i++) {
		struct index_node *node;

		while ((node = table->bucket[i])) {
			index_remove(node);
			index_insert(&grown, node, node->hash);
		}
	}
	index_free(table);
	*table = grown;
	return 0;
}

void index_free(struct index_table *table)
{
	free(table->bucket);
	table->bucket = NULL;
}

void index_insert(struct index_table *table, struct index_node *node, uint64_t hash)
{
	struct index_node **head = &table->bucket[hash & table->mask];

	node->hash = hash;
	node->next = *head;
	node->link = head;
	if (*head)
		(*head)->link = &node->next;
	*head = node;
}

void index_remove(struct index_node *node)
{
	if (!node->link)
		return;
	*node->link = node->next;
	if (node->next)
		node->next->link = node->link;
	node->link = NULL;
	node->next = NULL;
}

struct index_node *index_find(const struct index_table *table, uint64_t hash,
			      const struct index_node *previous)
{
	struct index_node *node = previous ? previous->next : table->bucket[hash & table->mask];

	while (node && node->hash != hash)
		node = node->next;
	return node;
}
