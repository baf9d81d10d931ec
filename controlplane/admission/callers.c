/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "admission/callers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

int callers_init(struct callers *callers)
{
	TAILQ_INIT(&callers->idle);
	if (getrandom(&callers->key, sizeof(callers->key), 0) != (ssize_t)sizeof(callers->key))
		return -EIO;
	return index_init(&callers->index, CALLERS_IDLE_MAX);
}

/* Callers with calls are given back before by callers_end(). */
void callers_free(struct callers *callers)
{
	struct caller *caller;

	while ((caller = TAILQ_FIRST(&callers->idle))) {
		TAILQ_REMOVE(&callers->idle, caller, link);
		free(caller);
	}
	index_free(&callers->index);
	explicit_bzero(&callers->key, sizeof(callers->key));
}

/* 64 bits with a random key stand for peer and number: they are not kept. */
static uint64_t hash_of(const struct callers *callers, unsigned peer_slot, const char *number)
{
	struct siphash_key key = callers->key;

	key.k0 ^= peer_slot;
	return siphash(&key, str_of(number));
}

static void idle_add(struct callers *callers, struct caller *caller)
{
	struct caller *oldest;

	TAILQ_INSERT_TAIL(&callers->idle, caller, link);
	if (++callers->idle_count <= CALLERS_IDLE_MAX)
		return;
	oldest = TAILQ_FIRST(&callers->idle);
	TAILQ_REMOVE(&callers->idle, oldest, link);
	callers->idle_count--;
	index_remove(&oldest->by_key);
	free(oldest);
}

struct caller *callers_get(struct callers *callers, unsigned peer_slot, const char *number)
{
	uint64_t hash = hash_of(callers, peer_slot, number);
	struct index_node *node = index_find(&callers->index, hash, NULL);
	struct caller *caller;

	if (node)
		return sip_container_of(node, struct caller, by_key);
	caller = calloc(1, sizeof(*caller));
	if (!caller)
		return NULL;
	index_insert(&callers->index, &caller->by_key, hash);
	idle_add(callers, caller);
	return caller;
}

void callers_begin(struct callers *callers, struct caller *caller)
{
	if (caller->calls++ > 0)
		return;
	TAILQ_REMOVE(&callers->idle, caller, link);
	callers->idle_count--;
}

void callers_end(struct callers *callers, struct caller *caller)
{
	if (--caller->calls == 0)
		idle_add(callers, caller);
}
