/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/txn_pool.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sip/huge.h"

#if defined(__SANITIZE_ADDRESS__)
#define WATCHED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WATCHED 1
#endif
#endif
#ifdef WATCHED
#include <sanitizer/asan_interface.h>
/* A transaction that was given back is as foreign as one that was freed. */
#define HIDE(memory, size) ASAN_POISON_MEMORY_REGION(memory, size)
#define SHOW(memory, size) ASAN_UNPOISON_MEMORY_REGION(memory, size)
#else
#define HIDE(memory, size) ((void)(memory), (void)(size))
#define SHOW(memory, size) ((void)(memory), (void)(size))
#endif

#define NONE UINT32_MAX
/* So few objects are no huge page; but they grow, and then there should not be a chunk for each. */
#define SMALL_POOL ((size_t)1024)

static_assert(HUGE_PAGE / TXN_POOL_OBJECT <= TXN_POOL_MASK, "a chunk's objects have numbers");

static size_t chunks_of(const struct txn_pool *pool, size_t objects)
{
	return (objects + pool->chunk_objects - 1) / pool->chunk_objects;
}

int txn_pool_init(struct txn_pool *pool, size_t objects)
{
	*pool = (struct txn_pool){.free = NONE};
	pool->chunk_objects = HUGE_PAGE / TXN_POOL_OBJECT;
	if (objects < SMALL_POOL)
		pool->chunk_objects = SMALL_POOL;
	pool->chunk_bytes = pool->chunk_objects * TXN_POOL_OBJECT;
	pool->chunks_most = chunks_of(pool, objects);
	pool->chunk = calloc(pool->chunks_most, sizeof(pool->chunk[0]));
	return pool->chunk ? 0 : -ENOMEM;
}

int txn_pool_grow(struct txn_pool *pool, size_t objects)
{
	size_t most = chunks_of(pool, objects);
	char **chunk;

	if (most <= pool->chunks_most)
		return 0;
	chunk = reallocarray(pool->chunk, most, sizeof(chunk[0]));
	if (!chunk)
		return -ENOMEM;
	pool->chunk = chunk;
	pool->chunks_most = most;
	return 0;
}

void txn_pool_free(struct txn_pool *pool)
{
	for (size_t i = 0; i < pool->chunks; i++) {
		SHOW(pool->chunk[i], pool->chunk_bytes);
		huge_unmap(pool->chunk[i], pool->chunk_bytes);
	}
	free(pool->chunk);
	*pool = (struct txn_pool){.free = NONE};
}

static int add_chunk(struct txn_pool *pool)
{
	char *chunk;

	if (pool->chunks == pool->chunks_most)
		return -ENOSPC;
	chunk = huge_map(pool->chunk_bytes);
	if (!chunk)
		return -ENOMEM;
	HIDE(chunk, pool->chunk_bytes);
	pool->chunk[pool->chunks++] = chunk;
	pool->taken = 0;
	return 0;
}

/* The number of the next free one stands in a free one. */
static void *take_again(struct txn_pool *pool)
{
	char *object = txn_pool_at(pool, pool->free);

	SHOW(object, TXN_POOL_OBJECT);
	memcpy(&pool->free, object, sizeof(pool->free));
	memset(object, 0, TXN_POOL_OBJECT);
	return object;
}

void *txn_pool_take(struct txn_pool *pool, uint32_t *number)
{
	char *object;

	if (pool->free != NONE) {
		*number = pool->free;
		return take_again(pool);
	}
	if ((!pool->chunks || pool->taken == pool->chunk_objects) && add_chunk(pool) < 0)
		return NULL;
	*number = (uint32_t)((pool->chunks - 1) << TXN_POOL_BITS | pool->taken++);
	object = txn_pool_at(pool, *number);
	SHOW(object, TXN_POOL_OBJECT);
	return object;
}

void txn_pool_give(struct txn_pool *pool, uint32_t number)
{
	char *object = txn_pool_at(pool, number);

	memcpy(object, &pool->free, sizeof(pool->free));
	pool->free = number;
	HIDE(object, TXN_POOL_OBJECT);
}
