/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/timer_heap.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

int timer_heap_init(struct timer_heap *heap, size_t size)
{
	heap->node = calloc(size, sizeof(struct timer_node *));
	heap->count = 0;
	heap->size = size;
	return heap->node ? 0 : -ENOMEM;
}

void timer_heap_free(struct timer_heap *heap)
{
	free(heap->node);
	heap->node = NULL;
}

static void place(struct timer_heap *heap, struct timer_node *node, size_t index)
{
	heap->node[index] = node;
	node->index = index;
}

static void sift_up(struct timer_heap *heap, struct timer_node *node)
{
	size_t at = node->index;

	while (at > 0 && heap->node[(at - 1) / 2]->due_ms > node->due_ms) {
		place(heap, heap->node[(at - 1) / 2], at);
		at = (at - 1) / 2;
	}
	place(heap, node, at);
}

static void sift_down(struct timer_heap *heap, struct timer_node *node)
{
	size_t at = node->index;

	for (;;) {
		size_t child = 2 * at + 1;

		if (child + 1 < heap->count &&
		    heap->node[child + 1]->due_ms < heap->node[child]->due_ms)
			child++;
		if (child >= heap->count || heap->node[child]->due_ms >= node->due_ms)
			break;
		place(heap, heap->node[child], at);
		at = child;
	}
	place(heap, node, at);
}

void timer_heap_insert(struct timer_heap *heap, struct timer_node *node, uint64_t due_ms)
{
	assert(heap->count < heap->size);
	node->due_ms = due_ms;
	place(heap, node, heap->count++);
	sift_up(heap, node);
}

void timer_heap_move(struct timer_heap *heap, struct timer_node *node, uint64_t due_ms)
{
	node->due_ms = due_ms;
	if (node->index == TIMER_NO_INDEX)
		return;
	sift_up(heap, node);
	sift_down(heap, node);
}

void timer_heap_remove(struct timer_heap *heap, struct timer_node *node)
{
	struct timer_node *last;
	size_t hole = node->index;

	if (hole == TIMER_NO_INDEX)
		return;
	node->index = TIMER_NO_INDEX;
	last = heap->node[--heap->count];
	if (last == node)
		return;
	place(heap, last, hole);
	timer_heap_move(heap, last, last->due_ms);
}

struct timer_node *timer_heap_first(const struct timer_heap *heap)
{
	return heap->count > 0 ? heap->node[0] : NULL;
}
