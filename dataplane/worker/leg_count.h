/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counting on a leg. The words are narrow, since there are many of them; when one wraps, the main
 * thread is told and keeps the carry. While it cannot be told (its ring is full, which is counted),
 * the word stays at its highest.
 *
 * Thread: the worker that owns the leg.
 */
#pragma once

#include "worker/leg.h"
#include "worker/worker_private.h"

/* Fills in whose event it is. Returns 0, or -EAGAIN when the ring is full. */
int leg_tell(struct worker *worker, struct leg *leg, struct worker_event *event);

/* Says that a number (enum leg_count) has wrapped. Returns 0 or -EAGAIN. */
int leg_carry(struct worker *worker, struct leg *leg, unsigned count);

static inline void leg_count(struct worker *worker, struct leg *leg, uint32_t *word,
			     enum leg_count count, uint32_t n)
{
	uint32_t sum = *word + n;

	if (sum < n && leg_carry(worker, leg, count))
		sum = UINT32_MAX;
	word_set(word, sum);
}

static inline void leg_drop(struct worker *worker, struct leg *leg, unsigned drop)
{
	uint8_t *byte = &leg_media(leg)->drops[leg->number][leg_drop_place(drop)];
	uint8_t sum = (uint8_t)(*byte + 1);

	if (sum == 0 && leg_carry(worker, leg, LEG_COUNT_DROPS + drop))
		sum = UINT8_MAX;
	byte_set(byte, sum);
}

/* Lower half of the worker's clock, where 0 stands for "never". */
static inline uint32_t leg_ms(uint64_t now_ms)
{
	return (uint32_t)now_ms ? (uint32_t)now_ms : 1;
}
