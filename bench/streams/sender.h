/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes the packets of a plan's streams, round and round: one of each stream before any stream has
 * its next, as calls of one packet time do. SRTP where the plan has a key. Deterministic: the same
 * plan makes the same bytes.
 *
 * Thread: one.
 */
#pragma once

#include <stdint.h>

#include "frame.h"
#include "plan.h"

#define SENDER_BURST 64U
#define SENDER_SSRC_FIRST 0x5e000000U /* of stream 0; the next has the next */

struct sender;

struct sender_options {
	struct frame_link link;
	uint32_t payload_bytes; /* FRAME_PAYLOAD_MIN to FRAME_PAYLOAD_MAX */
	uint16_t sequence_first;
	uint16_t sequence_step; /* 1; more: see docs/pktgen.md, "A pcap that is played again" */
};

struct sender_frame {
	uint8_t data[FRAME_MAX];
	uint32_t length; /* bytes */
	uint32_t stream;
};

/* plan must live as long. Returns 0, -ENOMEM, -ENOTSUP (this CPU cannot do the suite). */
int sender_new(struct sender **sender, const struct plan *plan,
	       const struct sender_options *options);
void sender_free(struct sender *sender); /* wipes the keys; NULL is allowed */

/* The next n frames, at most SENDER_BURST. Returns 0, or -EIO: a packet could not be protected. */
int sender_next(struct sender *sender, struct sender_frame *frames, uint32_t n);
