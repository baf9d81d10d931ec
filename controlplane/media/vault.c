/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media/vault.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "main/log.h"

#define CHUNK_BYTES (256U * 1024U)
#define ALIGNMENT 16U

struct free_object {
	struct free_object *next;
};

struct chunk {
	struct chunk *next;
	char *memory;
};

struct vault {
	size_t object_size;
	struct free_object *free;
	struct chunk *chunks;
	bool unlocked_said; /* that mlock failed is said once, not at each chunk */
};

struct vault *vault_new(size_t object_size)
{
	struct vault *vault;

	if (object_size == 0 || object_size > CHUNK_BYTES) {
		errno = EINVAL;
		return NULL;
	}
	vault = calloc(1, sizeof(*vault));
	if (vault)
		vault->object_size = (object_size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	return vault;
}

void vault_free(struct vault *vault)
{
	struct chunk *chunk;

	if (!vault)
		return;
	while ((chunk = vault->chunks)) {
		vault->chunks = chunk->next;
		explicit_bzero(chunk->memory, CHUNK_BYTES);
		munmap(chunk->memory, CHUNK_BYTES);
		free(chunk);
	}
	free(vault);
}

static int add_chunk(struct vault *vault)
{
	struct chunk *chunk = malloc(sizeof(*chunk));

	if (!chunk)
		return -ENOMEM;
	chunk->memory =
	    mmap(NULL, CHUNK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (chunk->memory == MAP_FAILED) {
		free(chunk);
		return -ENOMEM;
	}
	madvise(chunk->memory, CHUNK_BYTES, MADV_DONTDUMP);
	if (mlock(chunk->memory, CHUNK_BYTES) < 0 && !vault->unlocked_said) {
		vault->unlocked_said = true;
		log_event(LOG_NOTE,
			  "cannot lock key memory (%s): raise LimitMEMLOCK, or keys may "
			  "reach swap",
			  strerror(errno));
	}
	chunk->next = vault->chunks;
	vault->chunks = chunk;
	for (size_t at = 0; at + vault->object_size <= CHUNK_BYTES; at += vault->object_size)
		vault_give(vault, chunk->memory + at);
	return 0;
}

void *vault_take(struct vault *vault)
{
	struct free_object *object;

	if (!vault->free && add_chunk(vault) < 0) {
		errno = ENOMEM;
		return NULL;
	}
	object = vault->free;
	vault->free = object->next;
	object->next = NULL;
	return object;
}

void vault_give(struct vault *vault, void *object)
{
	struct free_object *free_object = object;

	if (!object)
		return;
	explicit_bzero(object, vault->object_size);
	free_object->next = vault->free;
	vault->free = free_object;
}
