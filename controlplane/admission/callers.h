/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What single caller numbers do: calls at once and calls a minute. A number is that of one peer:
 * two peers may use the same. Memory is bounded: numbers with a call are as many as there are
 * calls; of the others the CALLERS_IDLE_MAX that called last are remembered.
 */
#pragma once

#include <stdint.h>
#include <sys/queue.h>

#include "admission/bucket.h"
#include "sip/index.h"
#include "sip/siphash.h"

#define CALLERS_IDLE_MAX 16384U

struct caller {
	struct index_node by_key;
	TAILQ_ENTRY(caller) link; /* of the idle ones, the oldest first */
	unsigned calls;
	struct bucket bucket;
};

struct callers {
	struct siphash_key key; /* random: nobody outside can make numbers collide */
	struct index_table index;
	TAILQ_HEAD(, caller) idle;
	unsigned idle_count;
};

int callers_init(struct callers *callers); /* 0 or -errno */
void callers_free(struct callers *callers);
/* Found or made, idle unless it has calls; valid until another is asked for or it has calls.
 * NULL: out of memory. */
struct caller *callers_get(struct callers *callers, unsigned peer_slot, const char *number);
void callers_begin(struct callers *callers, struct caller *caller);
void callers_end(struct callers *callers, struct caller *caller);
