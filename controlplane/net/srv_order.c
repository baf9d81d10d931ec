/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/srv_order.h"

#include <stdlib.h>

/* By priority; within one, those of weight 0 come first, as the lots ask for. */
static int by_priority(const void *a, const void *b)
{
	const struct srv_target *x = a, *y = b;

	if (x->priority != y->priority)
		return x->priority < y->priority ? -1 : 1;
	return (x->weight > 0) - (y->weight > 0);
}

static unsigned same_priority(const struct srv_target *targets, unsigned count)
{
	unsigned n = 1;

	while (n < count && targets[n].priority == targets[0].priority)
		n++;
	return n;
}

/* RFC 2782: the first whose running sum of weights reaches a number drawn from 0 to the whole. */
static unsigned draw(const struct srv_target *targets, unsigned count, uint32_t random)
{
	uint64_t sum = 0, drawn, running = 0;

	for (unsigned i = 0; i < count; i++)
		sum += targets[i].weight;
	drawn = random % (sum + 1);
	for (unsigned i = 0; i < count; i++) {
		running += targets[i].weight;
		if (running >= drawn)
			return i;
	}
	return count - 1;
}

/* Moves the target at place to the front; the others keep their order. */
static void to_front(struct srv_target *targets, unsigned place)
{
	struct srv_target taken = targets[place];

	for (; place > 0; place--)
		targets[place] = targets[place - 1];
	targets[0] = taken;
}

void srv_order(struct srv_target *targets, unsigned count, uint32_t (*random)(void))
{
	unsigned left;

	if (count)
		qsort(targets, count, sizeof(*targets), by_priority);
	for (unsigned i = 0; i < count; i++) {
		left = same_priority(targets + i, count - i);
		to_front(targets + i, draw(targets + i, left, random()));
	}
}
