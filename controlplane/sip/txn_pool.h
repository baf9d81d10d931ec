/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory of transactions, numbered, many to a huge page: a transaction is met at random, and the
 * pages that lead to it would be more than its lines. What was taken once is kept for the next.
 *
 * Thread: one pool belongs to one thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* An odd number of lines: the first lines of transactions lie in all sets of a cache. */
#define TXN_POOL_OBJECT ((size_t)7 * 64)

struct txn_pool {
	char **chunk;
	size_t chunk_bytes, chunk_objects;
	size_t chunks, chunks_most;
	size_t taken;  /* of the last chunk: those behind were never given out */
	uint32_t free; /* the first of those that were given back */
};

/* For as many objects of TXN_POOL_OBJECT bytes, and what is left of the last chunk. 0 or -ENOMEM.
 */
int txn_pool_init(struct txn_pool *pool, size_t objects);
/* For more. 0, or -ENOMEM: it is as it was. */
int txn_pool_grow(struct txn_pool *pool, size_t objects);
/* All objects, in use or not. */
void txn_pool_free(struct txn_pool *pool);
/* Zeros, and its number, below UINT32_MAX. NULL: no memory, or as many as there may be. */
void *txn_pool_take(struct txn_pool *pool, uint32_t *number);
void txn_pool_give(struct txn_pool *pool, uint32_t number);

/* A number is that of the chunk and that within it. */
#define TXN_POOL_BITS 13U
#define TXN_POOL_MASK ((1U << TXN_POOL_BITS) - 1)

static inline void *txn_pool_at(const struct txn_pool *pool, uint32_t number)
{
	return pool->chunk[number >> TXN_POOL_BITS] + (number & TXN_POOL_MASK) * TXN_POOL_OBJECT;
}
