/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#include "session/media_ports.h"

#define TAKEN UINT16_MAX /* no place in a queue: there are at most 32,256 pairs */
#define RANDOM_WORDS 128U

/*
 * The free pairs of one worker, those released first in front. A ring, so that any of the older
 * half can be drawn, and taken out, in constant time.
 */
struct queue {
	uint16_t *pair;
	uint32_t size, head, count;
};

struct media_ports {
	uint16_t first;
	uint16_t count; /* pairs */
	unsigned used;
	unsigned workers;
	uint32_t random[RANDOM_WORDS];
	unsigned random_left;
	uint16_t *slots; /* of all queues */
	uint8_t *home;   /* of each pair: its worker */
	uint16_t *place; /* of each pair: its slot in its queue, or TAKEN */
	struct queue queue[];
};

static struct queue *home_queue(struct media_ports *ports, uint16_t pair)
{
	return &ports->queue[ports->home[pair]];
}

static void queue_put(struct media_ports *ports, struct queue *queue, uint32_t slot, uint16_t pair)
{
	queue->pair[slot] = pair;
	ports->place[pair] = (uint16_t)slot;
}

static void queue_append(struct media_ports *ports, uint16_t pair)
{
	struct queue *queue = home_queue(ports, pair);

	queue_put(ports, queue, (queue->head + queue->count++) % queue->size, pair);
}

/* The one in front takes its place. */
static void queue_remove(struct media_ports *ports, struct queue *queue, uint16_t pair)
{
	queue_put(ports, queue, ports->place[pair], queue->pair[queue->head]);
	queue->head = (queue->head + 1) % queue->size;
	queue->count--;
	ports->place[pair] = TAKEN;
	ports->used++;
}

/* Below limit. When the kernel has no randomness, which it always has, the oldest is drawn. */
static uint32_t draw(struct media_ports *ports, uint32_t limit)
{
	if (!ports->random_left) {
		if (getrandom(ports->random, sizeof(ports->random), 0) != sizeof(ports->random))
			return 0;
		ports->random_left = RANDOM_WORDS;
	}
	return (uint32_t)((uint64_t)ports->random[--ports->random_left] * limit >> 32);
}

/* One of the older half. */
static uint16_t queue_draw(struct media_ports *ports, const struct queue *queue)
{
	uint32_t drawn = draw(ports, (queue->count + 1) / 2);

	return queue->pair[(queue->head + drawn) % queue->size];
}

static void queues_fill(struct media_ports *ports, const struct steering *steering)
{
	uint16_t *slots = ports->slots;

	for (uint16_t pair = 0; pair < ports->count; pair++) {
		uint16_t port = (uint16_t)(ports->first + 2 * pair);

		ports->home[pair] = (uint8_t)media_port_home(port, ports->workers, steering);
		home_queue(ports, pair)->size++;
	}
	for (unsigned i = 0; i < ports->workers; i++) {
		ports->queue[i].pair = slots;
		slots += ports->queue[i].size;
	}
	for (uint16_t pair = 0; pair < ports->count; pair++)
		queue_append(ports, pair);
}

int media_ports_new(struct media_ports **ports, uint16_t first, uint16_t last, unsigned workers,
		    const struct steering *steering)
{
	struct media_ports *new;

	*ports = NULL;
	if (first == 0 || first % 2 || last % 2 == 0 || last < first || !workers)
		return -EINVAL;
	new = calloc(1, sizeof(*new) + workers * sizeof(new->queue[0]));
	if (!new)
		return -ENOMEM;
	new->first = first;
	new->count = (uint16_t)((last - first + 1) / 2);
	new->workers = workers;
	new->slots = calloc(new->count, sizeof(new->slots[0]));
	new->place = calloc(new->count, sizeof(new->place[0]));
	new->home = calloc(new->count, sizeof(new->home[0]));
	if (!new->slots || !new->place || !new->home) {
		media_ports_free(new);
		return -ENOMEM;
	}
	queues_fill(new, steering);
	*ports = new;
	return 0;
}

void media_ports_free(struct media_ports *ports)
{
	if (!ports)
		return;
	free(ports->slots);
	free(ports->place);
	free(ports->home);
	free(ports);
}

uint16_t media_ports_take(struct media_ports *ports, unsigned worker)
{
	for (unsigned i = 0; i < ports->workers; i++) {
		struct queue *queue = &ports->queue[(worker + i) % ports->workers];
		uint16_t pair;

		if (!queue->count)
			continue;
		pair = queue_draw(ports, queue);
		queue_remove(ports, queue, pair);
		return (uint16_t)(ports->first + 2 * pair);
	}
	return 0;
}

int media_ports_take_wanted(struct media_ports *ports, uint16_t port)
{
	uint16_t pair = (uint16_t)((port - ports->first) / 2);

	if (port % 2 || port < ports->first || pair >= ports->count)
		return -EADDRNOTAVAIL;
	if (ports->place[pair] == TAKEN)
		return -EADDRINUSE;
	queue_remove(ports, home_queue(ports, pair), pair);
	return 0;
}

void media_ports_release(struct media_ports *ports, uint16_t port)
{
	uint16_t pair = (uint16_t)((port - ports->first) / 2);

	assert(port >= ports->first && pair < ports->count && ports->place[pair] == TAKEN);
	queue_append(ports, pair);
	ports->used--;
}

unsigned media_ports_used(const struct media_ports *ports)
{
	return ports->used;
}

size_t media_ports_bytes(const struct media_ports *ports)
{
	return sizeof(*ports) + ports->workers * sizeof(ports->queue[0]) +
	       ports->count *
		   (sizeof(ports->slots[0]) + sizeof(ports->place[0]) + sizeof(ports->home[0]));
}
