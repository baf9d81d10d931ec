/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/timer_heap.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

int timer_heap_init(struct timer_heap *heap, size_t size)
{
	heap->entry = calloc(size, sizeof(struct timer_entry));
	heap->count = 0;
	heap->size = size;
	return heap->entry ? 0 : -ENOMEM;
}

int timer_heap_grow(struct timer_heap *heap, size_t size)
{
	struct timer_entry *entry;

	if (size <= heap->size)
		return 0;
	entry = reallocarray(heap->entry, size, sizeof(*entry));
	if (!entry)
		return -ENOMEM;
	heap->entry = entry;
	heap->size = size;
	return 0;
}

void timer_heap_free(struct timer_heap *heap)
{
	free(heap->entry);
	heap->entry = NULL;
}

static void place(struct timer_heap *heap, struct timer_entry entry, size_t index)
{
	heap->entry[index] = entry;
	entry.node->index = index;
}

/* Where an entry that is to stand at a hole, or above it, belongs. */
static size_t sift_up(struct timer_heap *heap, uint64_t due_ms, size_t hole)
{
	while (hole > 0 && heap->entry[(hole - 1) / 2].due_ms > due_ms) {
		place(heap, heap->entry[(hole - 1) / 2], hole);
		hole = (hole - 1) / 2;
	}
	return hole;
}

static size_t sift_down(struct timer_heap *heap, uint64_t due_ms, size_t hole)
{
	for (;;) {
		size_t child = 2 * hole + 1;

		if (child + 1 < heap->count &&
		    heap->entry[child + 1].due_ms < heap->entry[child].due_ms)
			child++;
		if (child >= heap->count || heap->entry[child].due_ms >= due_ms)
			return hole;
		place(heap, heap->entry[child], hole);
		hole = child;
	}
}

/* The entry at hole is gone, or is this one with another time. */
static void settle(struct timer_heap *heap, struct timer_node *node, size_t hole)
{
	size_t at = sift_up(heap, node->due_ms, hole);

	if (at == hole)
		at = sift_down(heap, node->due_ms, hole);
	place(heap, (struct timer_entry){node->due_ms, node}, at);
}

void timer_heap_insert(struct timer_heap *heap, struct timer_node *node, uint64_t due_ms)
{
	assert(heap->count < heap->size);
	node->due_ms = due_ms;
	settle(heap, node, heap->count++);
}

void timer_heap_move(struct timer_heap *heap, struct timer_node *node, uint64_t due_ms)
{
	if (node->due_ms == due_ms)
		return;
	node->due_ms = due_ms;
	if (node->index != TIMER_NO_INDEX)
		settle(heap, node, node->index);
}

void timer_heap_remove(struct timer_heap *heap, struct timer_node *node)
{
	struct timer_node *last;
	size_t hole = node->index;

	if (hole == TIMER_NO_INDEX)
		return;
	node->index = TIMER_NO_INDEX;
	last = heap->entry[--heap->count].node;
	if (last != node)
		settle(heap, last, hole);
}

struct timer_node *timer_heap_first(const struct timer_heap *heap)
{
	return heap->count > 0 ? heap->entry[0].node : NULL;
}
