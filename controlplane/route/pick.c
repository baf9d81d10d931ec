/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "route/pick.h"

#include <stdlib.h>

/* By priority; within one, those of weight 0 come first, as the lots ask for. */
static int order(const struct pick *a, const struct pick *b)
{
	if (a->priority != b->priority)
		return a->priority < b->priority ? -1 : 1;
	return (a->weight > 0) - (b->weight > 0);
}

/* Moves the one at place to the front; the others keep their order. */
static void to_front(struct pick *picks, unsigned place)
{
	struct pick taken = picks[place];

	for (; place > 0; place--)
		picks[place] = picks[place - 1];
	picks[0] = taken;
}

/* By insertion: few, and equals stay as they were. */
static void sort(struct pick *picks, unsigned count)
{
	for (unsigned i = 1; i < count; i++) {
		unsigned place = i;

		while (place > 0 && order(&picks[i], &picks[place - 1]) < 0)
			place--;
		to_front(picks + place, i - place);
	}
}

static unsigned same_priority(const struct pick *picks, unsigned count)
{
	unsigned n = 1;

	while (n < count && picks[n].priority == picks[0].priority)
		n++;
	return n;
}

/* RFC 2782: the first whose running sum of weights reaches a number drawn from 0 to the whole. */
static unsigned draw(const struct pick *picks, unsigned count, uint32_t random)
{
	uint64_t sum = 0, drawn, running = 0;

	for (unsigned i = 0; i < count; i++)
		sum += picks[i].weight;
	drawn = random % (sum + 1);
	for (unsigned i = 0; i < count; i++) {
		running += picks[i].weight;
		if (running >= drawn)
			return i;
	}
	return count - 1;
}

/* load / weight, compared without division; a weight of 0 counts as less than 1 */
static int busier(const struct pick *a, const struct pick *b)
{
	uint64_t x = (uint64_t)(a->load + 1U) * (b->weight ? b->weight * 2U : 1U);
	uint64_t y = (uint64_t)(b->load + 1U) * (a->weight ? a->weight * 2U : 1U);

	return x < y ? -1 : x > y;
}

/* The lots have been drawn: among equally busy ones their order stays. */
static unsigned least(const struct pick *picks, unsigned count)
{
	unsigned best = 0;

	for (unsigned i = 1; i < count; i++)
		if (busier(&picks[i], &picks[best]) < 0)
			best = i;
	return best;
}

void pick_order(struct pick *picks, unsigned count, enum pick_by by, uint32_t (*random)(void *user),
		void *user)
{
	unsigned left;

	sort(picks, count);
	for (unsigned i = 0; i < count; i++) {
		left = same_priority(picks + i, count - i);
		to_front(picks + i, draw(picks + i, left, left > 1 ? random(user) : 0));
	}
	for (unsigned i = 0; by == PICK_LEAST && i < count; i++)
		to_front(picks + i, least(picks + i, same_priority(picks + i, count - i)));
}
