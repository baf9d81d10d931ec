/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The packets of the calls. They are made ahead of time and kept on a tape a leg, in the order in
 * which calls of 20 ms send: a random one, in which each stream has its turn before any has its
 * next. From there a batch is copied into the buffers of the port, as a NIC would; the worker runs;
 * and what it sent is compared with the tape. So the phones' keys are not in the cache while the
 * worker is measured.
 *
 * Thread: one.
 */
#pragma once

#include <stdint.h>

#include "calls.h"

struct tape_entry {
	uint32_t call;
	uint16_t sequence;
	uint16_t length; /* of the frame */
};

struct tape {
	uint32_t count; /* a multiple of WORLD_BATCH */
	uint32_t next;
	uint32_t order_next;
	uint32_t *order;
	struct tape_entry *entry;
	uint8_t *frame; /* CALLS_FRAME_MAX bytes each */
};

struct traffic {
	struct world *world;
	struct calls *calls;
	struct tape tape[2];   /* by the leg whose phones send */
	uint16_t step;         /* between the sequence numbers of two packets of a stream */
	uint32_t verify_every; /* of so many calls one is decrypted and compared */
	uint64_t sent;         /* to the relay */
	uint64_t received;     /* from it */
	uint64_t verified;     /* decrypted and compared with what was sent */
	uint64_t wrong;        /* not what they should be */
	/* Puts packets besides into the port before and after those of a batch, which are no part
	 * of what is sent and received here. Returns how many. NULL: none */
	unsigned (*besides)(void *user, unsigned leg);
	void *user;
};

/* Returns 0 or -ENOMEM. */
int traffic_open(struct traffic *traffic, struct world *world, struct calls *calls, uint16_t step,
		 uint32_t verify_every);
void traffic_close(struct traffic *traffic);

/*
 * Sends WORLD_BATCH packets of the phones of a leg through the relay, and checks what comes out.
 * Returns the cycles that the worker took.
 */
uint64_t traffic_batch(struct traffic *traffic, unsigned leg);
