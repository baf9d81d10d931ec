/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checks what a relay sends to the receivers of a plan: from the right address to the right port,
 * authentic under the plan's key, the voice that the sender put in, each packet once, in order.
 *
 * Thread: one.
 */
#pragma once

#include <stdint.h>

#include "frame.h"
#include "plan.h"

#define RECEIVER_BURST 64U

struct receiver;

struct receiver_frame {
	uint8_t data[FRAME_MAX];
	uint32_t length; /* bytes */
};

/* Each frame is counted once. */
struct receiver_counts {
	uint64_t good;      /* authentic, the voice that was sent, for the first time */
	uint64_t repeated;  /* voice that was there before, or an SRTP index */
	uint64_t forged;    /* not authentic under the plan's key */
	uint64_t damaged;   /* not RTP, or not the voice of that stream */
	uint64_t stray;     /* to a receiver of the plan, but not from its relay */
	uint64_t other;     /* not to a receiver of the plan */
	uint64_t reordered; /* of the good ones: came after a later one */
};

/* payload_bytes: of the sender. plan must live as long. Returns 0, -ENOMEM, -ENOTSUP, or -EEXIST:
 * two streams have one receiver. */
int receiver_new(struct receiver **receiver, const struct plan *plan, uint32_t payload_bytes);
void receiver_free(struct receiver *receiver); /* wipes the keys; NULL is allowed */

/* Takes n frames, at most RECEIVER_BURST; they are decrypted in place. */
void receiver_take(struct receiver *receiver, struct receiver_frame *frames, uint32_t n);

const struct receiver_counts *receiver_counts(const struct receiver *receiver);
