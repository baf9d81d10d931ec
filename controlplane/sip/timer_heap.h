/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A binary heap of deadlines that live in their owners; sized once, so insertion cannot fail. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define TIMER_NEVER UINT64_MAX
#define TIMER_NO_INDEX SIZE_MAX

struct timer_node {
	uint64_t due_ms;
	size_t index; /* TIMER_NO_INDEX: in no heap */
};

/* When it is due stands here too: the nodes, which lie all over the memory, are not looked at to
 * compare. */
struct timer_entry {
	uint64_t due_ms;
	struct timer_node *node;
};

struct timer_heap {
	struct timer_entry *entry;
	size_t count;
	size_t size;
};

/* Room for size nodes. 0 or -ENOMEM. */
int timer_heap_init(struct timer_heap *heap, size_t size);
/* Room for size nodes, if there was less. 0, or -ENOMEM: it is as it was. */
int timer_heap_grow(struct timer_heap *heap, size_t size);
void timer_heap_free(struct timer_heap *heap);
/* The caller inserts no more than size nodes. */
void timer_heap_insert(struct timer_heap *heap, struct timer_node *node, uint64_t due_ms);
/* Both are harmless on a node that is in no heap. */
void timer_heap_move(struct timer_heap *heap, struct timer_node *node, uint64_t due_ms);
void timer_heap_remove(struct timer_heap *heap, struct timer_node *node);
/* The earliest; NULL when empty. */
struct timer_node *timer_heap_first(const struct timer_heap *heap);
