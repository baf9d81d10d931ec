/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory for objects of one size that hold keys: locked into RAM, kept out of core dumps, wiped
 * when given back. Pages are kept until the vault is freed.
 *
 * Thread: one vault belongs to one thread.
 */
#pragma once

#include <stddef.h>

struct vault;

/* object_size in bytes. NULL with errno. */
struct vault *vault_new(size_t object_size);
/* Wipes and unmaps everything, objects still in use too. NULL is allowed. */
void vault_free(struct vault *vault);
/* A zeroed object, or NULL with errno ENOMEM. */
void *vault_take(struct vault *vault);
/* Wipes it and takes it back; NULL is allowed. */
void vault_give(struct vault *vault, void *object);
