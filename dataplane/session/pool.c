/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/pool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define ALIGNMENT 64U
#define HUGE_BYTES (UINT64_C(2) << 20)

struct free_object {
	struct free_object *next;
};

struct pool {
	size_t object_size;
	uint32_t capacity;
	uint32_t touched; /* objects below this one were in use once */
	uint32_t used;
	bool locked;
	uint8_t *memory;
	struct free_object *free;
};

static size_t round_up(size_t bytes, size_t to)
{
	return (bytes + to - 1) / to * to;
}

/* Only whole huge pages can become huge, so the piece begins at one. */
void *pool_map(size_t bytes)
{
	size_t size = round_up(bytes, HUGE_BYTES), spare;
	uint8_t *map = mmap(NULL, size + HUGE_BYTES, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (map == MAP_FAILED)
		return NULL;
	spare = (size_t)(-(uintptr_t)map % HUGE_BYTES);
	if (spare)
		munmap(map, spare);
	if (HUGE_BYTES - spare)
		munmap(map + spare + size, HUGE_BYTES - spare);
	map += spare;
	madvise(map, size, MADV_DONTDUMP);
	madvise(map, size, MADV_WIPEONFORK);
	if (bytes >= HUGE_BYTES)
		madvise(map, size, MADV_HUGEPAGE); /* fewer TLB misses; without it, it works too */
	return map;
}

void pool_unmap(void *memory, size_t bytes)
{
	if (memory)
		munmap(memory, round_up(bytes, HUGE_BYTES));
}

static size_t pool_bytes(const struct pool *pool)
{
	return pool->object_size * pool->capacity;
}

int pool_new(struct pool **pool, size_t size, uint32_t capacity, enum pool_memory memory)
{
	struct pool *new = calloc(1, sizeof(*new));

	*pool = NULL;
	if (!new)
		return -ENOMEM;
	new->object_size = round_up(size, ALIGNMENT);
	new->capacity = capacity;
	new->memory = pool_map(pool_bytes(new));
	if (!new->memory) {
		free(new);
		return -ENOMEM;
	}
	/* pages are locked as they are first used; whether they may be shows now */
	if (memory == POOL_LOCKED)
		new->locked =
		    mlock2(new->memory, round_up(pool_bytes(new), HUGE_BYTES), MLOCK_ONFAULT) == 0;
	*pool = new;
	return 0;
}

void pool_free(struct pool *pool)
{
	if (!pool)
		return;
	explicit_bzero(pool->memory, pool_touched_bytes(pool));
	pool_unmap(pool->memory, pool_bytes(pool));
	free(pool);
}

void *pool_take(struct pool *pool)
{
	struct free_object *object = pool->free;

	if (object) {
		pool->free = object->next;
		object->next = NULL;
	} else if (pool->touched < pool->capacity) {
		object = (void *)(pool->memory + pool->touched++ * pool->object_size);
	} else {
		return NULL;
	}
	pool->used++;
	return object;
}

void pool_give(struct pool *pool, const void *object)
{
	struct free_object *freed = (void *)(uintptr_t)object;

	if (!object)
		return;
	explicit_bzero(freed, pool->object_size);
	freed->next = pool->free;
	pool->free = freed;
	pool->used--;
}

uint32_t pool_index(const struct pool *pool, const void *object)
{
	return (uint32_t)((size_t)((const uint8_t *)object - pool->memory) / pool->object_size);
}

void *pool_at(const struct pool *pool, uint32_t index)
{
	return pool->memory + index * pool->object_size;
}

bool pool_locked(const struct pool *pool)
{
	return pool->locked;
}

size_t pool_object_bytes(const struct pool *pool)
{
	return pool->object_size;
}

uint32_t pool_used(const struct pool *pool)
{
	return pool->used;
}

size_t pool_touched_bytes(const struct pool *pool)
{
	return pool->touched * pool->object_size;
}

size_t pool_reserved_bytes(const struct pool *pool)
{
	return pool_bytes(pool);
}
