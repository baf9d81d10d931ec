/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets on their way from a worker to the capture's writer: a ring of fixed records, one producer
 * and one consumer, without lock. The worker fills records while a burst goes through the pipeline
 * and shows them all at its end, when it is known what became of each packet. When the ring is
 * full the packet is not captured, and that is counted: nobody waits.
 */
#pragma once

#include <assert.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CAPTURES_MAX 16U         /* at once, of the whole data plane */
#define CAPTURE_RING_SIZE 1024U  /* records; a power of two */
#define CAPTURE_SNAPLEN 1984U    /* bytes of a frame that are kept */
#define CAPTURE_NONE UINT8_C(0)  /* of leg.capture: not captured */
#define CAPTURE_CLEAR UINT8_C(1) /* bit of leg.capture: decrypted; else as on the wire */

enum capture_way { CAPTURE_RECEIVED, CAPTURE_SENT };

/* leg.capture: which capture, plus one, and how. 0: none, so that one test tells. */
static inline uint8_t capture_tag(unsigned number, bool clear)
{
	return (uint8_t)((number + 1) << 1 | clear);
}

static inline unsigned capture_number(uint8_t tag)
{
	return (tag >> 1) - 1U;
}

struct capture_record {
	uint64_t tsc;
	uint32_t length;     /* of the frame */
	uint16_t captured;   /* bytes of it here */
	uint16_t payload_at; /* where RTP or RTCP begins */
	uint8_t tag;         /* CAPTURE_NONE: to be passed over */
	uint8_t leg;         /* 0 or 1: whose peer it came from or goes to */
	uint8_t way;         /* enum capture_way */
	uint8_t drop;        /* enum sluice_drop: what became of a received packet */
	uint8_t packet;      /* of the burst; the worker's alone */
	uint8_t pad[43];
	uint8_t bytes[CAPTURE_SNAPLEN];
};
static_assert(sizeof(struct capture_record) == 2048, "whole cache lines");

struct capture_ring {
	/* worker: wo; writer: ro */
	alignas(64) uint32_t head;   /* records shown since the start */
	uint64_t lost[CAPTURES_MAX]; /* relaxed atomics; set to 0 when a capture begins */
	alignas(64) uint32_t filled; /* worker alone: records filled, shown or not */
	uint32_t tail_seen;          /* worker alone */
	alignas(64) uint32_t tail;   /* writer: wo; worker: ro */
	alignas(64) struct capture_record record[CAPTURE_RING_SIZE];
};

/* Worker: a record to fill, or NULL when there is no room, which is counted for that capture. */
static inline struct capture_record *capture_ring_take(struct capture_ring *ring, uint8_t tag)
{
	uint64_t *lost;

	if (ring->filled - ring->tail_seen == CAPTURE_RING_SIZE)
		ring->tail_seen = __atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE);
	if (ring->filled - ring->tail_seen != CAPTURE_RING_SIZE)
		return &ring->record[ring->filled++ % CAPTURE_RING_SIZE];
	lost = &ring->lost[capture_number(tag)];
	__atomic_store_n(lost, *lost + 1, __ATOMIC_RELAXED);
	return NULL;
}

/* Worker: the records filled but not shown, one after the other: at from 0 up, until NULL. */
static inline struct capture_record *capture_ring_hidden(struct capture_ring *ring, uint32_t at)
{
	return at < ring->filled - ring->head ? &ring->record[(ring->head + at) % CAPTURE_RING_SIZE]
					      : NULL;
}

/* Worker: shows what was filled. */
static inline void capture_ring_show(struct capture_ring *ring)
{
	__atomic_store_n(&ring->head, ring->filled, __ATOMIC_RELEASE);
}

/* Writer: the oldest record, or NULL; it stays in the ring until capture_ring_drop(). */
static inline const struct capture_record *capture_ring_first(const struct capture_ring *ring)
{
	if (__atomic_load_n(&ring->head, __ATOMIC_ACQUIRE) == ring->tail)
		return NULL;
	return &ring->record[ring->tail % CAPTURE_RING_SIZE];
}

static inline void capture_ring_drop(struct capture_ring *ring)
{
	__atomic_store_n(&ring->tail, ring->tail + 1, __ATOMIC_RELEASE);
}
