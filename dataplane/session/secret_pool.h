/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory for keys: objects of one size that are locked in memory, kept out of core dumps, and wiped
 * when they are given back.
 *
 * Thread: the main thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct secret_pool;

/* Objects of size bytes, aligned to 64. Returns 0 or -ENOMEM. */
int secret_pool_new(struct secret_pool **pool, size_t size);

/* Wipes and unmaps everything, objects still taken included. NULL is allowed. */
void secret_pool_free(struct secret_pool *pool);

/* A zeroed object, or NULL (no memory). */
void *secret_take(struct secret_pool *pool);

/* Wipes and gives back; NULL is allowed. */
void secret_give(struct secret_pool *pool, void *object);

/* False when some of the memory could not be locked (RLIMIT_MEMLOCK): it may reach the swap. */
bool secret_pool_locked(const struct secret_pool *pool);
