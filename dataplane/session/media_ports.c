/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/random.h>

#include "session/media_ports.h"

#define NONE UINT16_MAX /* no pair: there are at most 32,256 */

struct free_list {
	uint16_t head, tail;
};

struct pair {
	uint16_t next, previous; /* in the free list of its home worker */
	bool used;
};

struct media_ports {
	uint16_t first;
	uint16_t count; /* pairs */
	unsigned used;
	unsigned workers;
	struct free_list *free; /* a worker each */
	struct pair pair[];
};

static struct free_list *home_list(struct media_ports *ports, uint16_t pair)
{
	uint16_t port = (uint16_t)(ports->first + 2 * pair);

	return &ports->free[media_port_home(port, ports->workers)];
}

static void list_append(struct media_ports *ports, uint16_t pair)
{
	struct free_list *list = home_list(ports, pair);

	ports->pair[pair] = (struct pair){.next = NONE, .previous = list->tail};
	if (list->tail == NONE)
		list->head = pair;
	else
		ports->pair[list->tail].next = pair;
	list->tail = pair;
}

static void list_remove(struct media_ports *ports, uint16_t pair)
{
	struct free_list *list = home_list(ports, pair);
	struct pair *p = &ports->pair[pair];

	if (p->previous == NONE)
		list->head = p->next;
	else
		ports->pair[p->previous].next = p->next;
	if (p->next == NONE)
		list->tail = p->previous;
	else
		ports->pair[p->next].previous = p->previous;
	p->used = true;
	ports->used++;
}

/* Fisher and Yates; the bias of the remainder does not matter for an order of ports. */
static int order_random(uint16_t *order, uint16_t count)
{
	uint16_t random[128];

	for (unsigned i = 0; i < count; i++)
		order[i] = (uint16_t)i;
	for (unsigned i = count; i > 1; i--) {
		unsigned draw = i % 128, j;

		if (draw == 127 || i == count)
			if (getrandom(random, sizeof(random), 0) != sizeof(random))
				return -EIO;
		j = random[draw] % i;
		uint16_t swap = order[i - 1];
		order[i - 1] = order[j];
		order[j] = swap;
	}
	return 0;
}

int media_ports_new(struct media_ports **ports, uint16_t first, uint16_t last, unsigned workers)
{
	struct media_ports *new;
	uint16_t *order;
	uint16_t count;
	int rc = -ENOMEM;

	*ports = NULL;
	if (first == 0 || first % 2 || last % 2 == 0 || last < first || !workers)
		return -EINVAL;
	count = (uint16_t)((last - first + 1) / 2);
	new = calloc(1, sizeof(*new) + count * sizeof(new->pair[0]));
	order = calloc(count, sizeof(*order));
	if (!new || !order)
		goto fail;
	new->first = first;
	new->count = count;
	new->workers = workers;
	new->free = calloc(workers, sizeof(*new->free));
	if (!new->free)
		goto fail;
	rc = order_random(order, count);
	if (rc)
		goto fail;
	for (unsigned i = 0; i < workers; i++)
		new->free[i] = (struct free_list){NONE, NONE};
	for (unsigned i = 0; i < count; i++)
		list_append(new, order[i]);
	free(order);
	*ports = new;
	return 0;
fail:
	free(order);
	media_ports_free(new);
	return rc;
}

void media_ports_free(struct media_ports *ports)
{
	if (!ports)
		return;
	free(ports->free);
	free(ports);
}

uint16_t media_ports_take(struct media_ports *ports, unsigned worker)
{
	for (unsigned i = 0; i < ports->workers; i++) {
		uint16_t pair = ports->free[(worker + i) % ports->workers].head;

		if (pair == NONE)
			continue;
		list_remove(ports, pair);
		return (uint16_t)(ports->first + 2 * pair);
	}
	return 0;
}

int media_ports_take_wanted(struct media_ports *ports, uint16_t port)
{
	uint16_t pair = (uint16_t)((port - ports->first) / 2);

	if (port % 2 || port < ports->first || pair >= ports->count)
		return -EADDRNOTAVAIL;
	if (ports->pair[pair].used)
		return -EADDRINUSE;
	list_remove(ports, pair);
	return 0;
}

void media_ports_release(struct media_ports *ports, uint16_t port)
{
	uint16_t pair = (uint16_t)((port - ports->first) / 2);

	assert(port >= ports->first && pair < ports->count && ports->pair[pair].used);
	list_append(ports, pair);
	ports->used--;
}

unsigned media_ports_used(const struct media_ports *ports)
{
	return ports->used;
}

size_t media_ports_bytes(const struct media_ports *ports)
{
	return sizeof(*ports) + ports->count * sizeof(ports->pair[0]);
}
