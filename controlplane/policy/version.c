/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Slots: what has the same name in two readings of the configuration is the same thing. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "policy/config.h"

/* A list whose items have slots; their name stands first (schema.c asserts it). */
struct slotted {
	size_t list, count, size, slot, top;
};

#define SLOTTED(list_name, counter, type)                                             \
	{                                                                             \
		offsetof(struct config, list_name), offsetof(struct config, counter), \
		    sizeof(struct type), offsetof(struct type, slot),                 \
		    offsetof(struct config, slots.list_name)                          \
	}

static const struct slotted lists[] = {
    SLOTTED(peers, peer_count, config_peer),
    SLOTTED(dial_plans, dial_plan_count, config_dial_plan),
    SLOTTED(interfaces, interface_count, config_interface),
    SLOTTED(number_limits, number_limit_count, config_number_limit),
};

static unsigned *field(void *object, size_t offset)
{
	return (unsigned *)(void *)((char *)object + offset);
}

static char *item_at(const struct config *config, const struct slotted *list, unsigned i)
{
	return *(char *const *)(const void *)((const char *)config + list->list) + i * list->size;
}

static unsigned count_of(const struct config *config, const struct slotted *list)
{
	return *(const unsigned *)(const void *)((const char *)config + list->count);
}

void config_number(struct config *config)
{
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		unsigned count = count_of(config, &lists[i]);

		for (unsigned j = 0; j < count; j++)
			*field(item_at(config, &lists[i], j), lists[i].slot) = j + 1;
		*field(config, lists[i].top) = count;
	}
}

static int name_order(const void *a, const void *b)
{
	return strcmp(**(char **const *)a, **(char **const *)b);
}

static int find_order(const void *name, const void *item)
{
	return strcmp(name, **(char **const *)item);
}

static int succeed_list(struct config *next, const struct config *old, const struct slotted *list)
{
	unsigned count = count_of(old, list), top = *field((void *)(uintptr_t)old, list->top);
	char **items = calloc(count + 1U, sizeof(*items));

	if (!items)
		return -ENOMEM;
	for (unsigned i = 0; i < count; i++)
		items[i] = item_at(old, list, i);
	qsort(items, count, sizeof(*items), name_order);
	for (unsigned i = 0; i < count_of(next, list); i++) {
		char *item = item_at(next, list, i);
		char **found =
		    bsearch(*(char **)(void *)item, items, count, sizeof(*items), find_order);

		*field(item, list->slot) = found ? *field(*found, list->slot) : ++top;
	}
	*field(next, list->top) = top;
	free(items);
	return 0;
}

int config_succeed(struct config *next, const struct config *old)
{
	int rc = 0;

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]) && rc == 0; i++)
		rc = succeed_list(next, old, &lists[i]);
	return rc;
}

bool config_peer_same(const struct config_peer *a, const struct config_peer *b)
{
	return a == b || (a && b && a->slot && a->slot == b->slot);
}
