/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets of the phones of one leg, made and encrypted ahead of the time when they are sent: a ring
 * of whole frames, in the order in which they go out. So a packet costs its sender a copy, and the
 * generator measures the relay rather than its own cipher.
 *
 * Each stream has its turn before any has its next, in a random order that stays the same. Packet k
 * of the leg is therefore number k / calls of the stream at place k % calls.
 *
 * Thread: one.
 */
#pragma once

#include <stdint.h>

#include "phones.h"

struct tape {
	struct phones *phones;
	struct wire *wire;
	unsigned leg;
	uint32_t *order;    /* of the calls */
	uint32_t next;      /* place in it of the packet that is made next */
	uint32_t slots;     /* of the ring */
	uint32_t slot_size; /* bytes; the same for all packets of a leg, as is the length in use */
	uint32_t length;    /* of a frame; known from the first packet on */
	uint8_t *memory;
	uint64_t limit;                     /* packets that are ever made */
	uint64_t made;                      /* so far */
	uint64_t played;                    /* of these, taken by tape_play() */
	struct rte_mbuf *bench[WIRE_BURST]; /* where they are made */
};

/* slots: packets that are there at once at most, not 0. limit: packets in all. The phones and the
 * wire outlive the tape. Returns 0 or -ENOMEM. */
int tape_open(struct tape *tape, struct phones *phones, struct wire *wire, unsigned leg,
	      uint32_t slots, uint64_t limit);
/* A tape that is all zero may be closed too. */
void tape_close(struct tape *tape);

/* Packets that can be played now. */
static inline uint64_t tape_ready(const struct tape *tape)
{
	return tape->made - tape->played;
}

/* Makes up to n packets, at most WIRE_BURST, as far as there is room and the limit allows. Returns
 * how many; -EIO when a phone could not encrypt (the tape is then useless). */
int tape_make(struct tape *tape, unsigned n);

/* Copies the next n packets, which must be ready, into empty buffers. */
void tape_play(struct tape *tape, struct rte_mbuf **mbufs, unsigned n);
