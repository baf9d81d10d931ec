/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "session/secret_pool.h"

#define OBJECTS_PER_CHUNK 64U
#define ALIGNMENT 64U

struct free_object {
	struct free_object *next;
};

struct chunk {
	struct chunk *next;
	void *memory;
};

struct secret_pool {
	size_t object_size;
	struct chunk *chunks;
	struct free_object *free;
	bool locked;
};

int secret_pool_new(struct secret_pool **pool, size_t size)
{
	struct secret_pool *new = calloc(1, sizeof(*new));

	*pool = new;
	if (!new)
		return -ENOMEM;
	new->object_size = (size + ALIGNMENT - 1) / ALIGNMENT *ALIGNMENT;
	new->locked = true;
	return 0;
}

static size_t chunk_size(const struct secret_pool *pool)
{
	return pool->object_size * OBJECTS_PER_CHUNK;
}

void secret_pool_free(struct secret_pool *pool)
{
	if (!pool)
		return;
	for (struct chunk *chunk = pool->chunks, *next; chunk; chunk = next) {
		next = chunk->next;
		explicit_bzero(chunk->memory, chunk_size(pool));
		munmap(chunk->memory, chunk_size(pool));
		free(chunk);
	}
	free(pool);
}

static int chunk_add(struct secret_pool *pool)
{
	struct chunk *chunk = malloc(sizeof(*chunk));
	uint8_t *memory;

	if (!chunk)
		return -ENOMEM;
	memory = mmap(NULL, chunk_size(pool), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		      -1, 0);
	if (memory == MAP_FAILED) {
		free(chunk);
		return -ENOMEM;
	}
	madvise(memory, chunk_size(pool), MADV_DONTDUMP);
	madvise(memory, chunk_size(pool), MADV_WIPEONFORK);
	if (mlock(memory, chunk_size(pool)))
		pool->locked = false;
	*chunk = (struct chunk){.next = pool->chunks, .memory = memory};
	pool->chunks = chunk;
	for (unsigned i = 0; i < OBJECTS_PER_CHUNK; i++) {
		struct free_object *object = (void *)(memory + i * pool->object_size);

		object->next = pool->free;
		pool->free = object;
	}
	return 0;
}

void *secret_take(struct secret_pool *pool)
{
	struct free_object *object;

	if (!pool->free && chunk_add(pool))
		return NULL;
	object = pool->free;
	pool->free = object->next;
	object->next = NULL;
	return object;
}

void secret_give(struct secret_pool *pool, void *object)
{
	struct free_object *freed = object;

	if (!object)
		return;
	explicit_bzero(object, pool->object_size);
	freed->next = pool->free;
	pool->free = freed;
}

bool secret_pool_locked(const struct secret_pool *pool)
{
	return pool->locked;
}
