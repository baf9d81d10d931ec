/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose a media port is: one word for each pair of ports of an address, shared by all workers. It
 * holds the worker that owns the stream, the leg, and which of the two it is: so a packet finds its
 * stream by one load, where the other leg lies as well, and a worker that is not the owner knows
 * where to send it.
 *
 * Thread: the main thread sets and clears; workers read, and only the owner follows the pointer. A
 * leg that was cleared may be freed when a mail sent after that is back from the owner.
 */
#pragma once

#include <stdint.h>

#include "worker/leg.h"

/* The address space of a process has 47 bits; legs are aligned to 64 bytes. */
#define STREAM_OWNER_SHIFT 48U
#define STREAM_NUMBER UINT64_C(1)

static inline void stream_set(uint64_t *entry, unsigned worker, const struct leg *leg)
{
	uint64_t word = (uint64_t)worker << STREAM_OWNER_SHIFT | (uint64_t)(uintptr_t)leg |
			(leg->number ? STREAM_NUMBER : 0);

	__atomic_store_n(entry, word, __ATOMIC_RELEASE);
}

static inline void stream_clear(uint64_t *entry)
{
	__atomic_store_n(entry, 0, __ATOMIC_RELEASE);
}

/* 0: no stream. */
static inline uint64_t stream_get(const uint64_t *entry)
{
	return __atomic_load_n(entry, __ATOMIC_ACQUIRE);
}

static inline unsigned stream_owner(uint64_t word)
{
	return (unsigned)(word >> STREAM_OWNER_SHIFT);
}

static inline struct leg *stream_leg(uint64_t word)
{
	return (struct leg *)(uintptr_t)(word & ((UINT64_C(1) << STREAM_OWNER_SHIFT) - 1) &
					 ~STREAM_NUMBER);
}

/* leg_other() of it, which would have to read the leg. */
static inline struct leg *stream_leg_other(uint64_t word)
{
	struct leg *leg = stream_leg(word);

	return word & STREAM_NUMBER ? leg - 1 : leg + 1;
}
