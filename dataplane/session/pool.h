/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Objects of one size, at most so many, in one piece of address space that is reserved at the
 * start: nothing is asked of the system later, and a full pool says so. Memory is taken from the
 * system as objects are first used, in huge pages where the kernel has them. Kept out of core
 * dumps, locked where that was asked for, and wiped when an object is given back, for it may hold
 * keys.
 *
 * Thread: the main thread; objects may be handed to others.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pool;

enum pool_memory {
	POOL_SWAPPABLE,
	POOL_LOCKED, /* mlock(): keys must not reach the swap, and workers must not wait for it */
};

/* Objects of size bytes, rounded up to a multiple of 64 and aligned to it. Returns 0 or -ENOMEM. */
int pool_new(struct pool **pool, size_t size, uint32_t capacity, enum pool_memory memory);

/* Wipes and unmaps everything, objects still taken included. NULL is allowed. */
void pool_free(struct pool *pool);

/* A zeroed object, or NULL: all are taken. */
void *pool_take(struct pool *pool);

/* Wipes and gives back; NULL is allowed. */
void pool_give(struct pool *pool, const void *object);

/* Number of an object, and back; below the capacity. */
uint32_t pool_index(const struct pool *pool, const void *object);
void *pool_at(const struct pool *pool, uint32_t index);

/* False when the memory could not be locked (RLIMIT_MEMLOCK): it may reach the swap. */
bool pool_locked(const struct pool *pool);

size_t pool_object_bytes(const struct pool *pool);
uint32_t pool_used(const struct pool *pool);
/* Bytes of objects that are or once were in use. */
size_t pool_touched_bytes(const struct pool *pool);
/* Bytes when all objects are in use. */
size_t pool_reserved_bytes(const struct pool *pool);

/*
 * Zeroed memory of that size for a table, with the same huge pages; the size must be given back
 * with it. NULL: no memory.
 */
void *pool_map(size_t bytes);
void pool_unmap(void *memory, size_t bytes);
