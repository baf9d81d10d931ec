/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Received packets that are put aside and decrypted later, when that disturbs no measurement: in
 * the order in which they came, as their streams' replay windows want.
 *
 * Thread: one.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "phones.h"

struct proof_entry {
	struct stream *stream;
	uint32_t number; /* that its header says */
	uint32_t length; /* bytes of SRTP */
};

struct proof {
	struct phones *phones;
	uint32_t slots;
	uint32_t slot_size; /* bytes */
	uint8_t *memory;
	struct proof_entry *entry;
	uint64_t put, done;
};

/* Returns 0 or -ENOMEM. slots: not 0. */
int proof_open(struct proof *proof, struct phones *phones, uint32_t slots);
/* One that is all zero may be closed too. */
void proof_close(struct proof *proof);

static inline bool proof_is_full(const struct proof *proof)
{
	return proof->put - proof->done == proof->slots;
}

/* Puts one aside, of at most what the options' payload may become; there must be room. */
void proof_put(struct proof *proof, struct stream *stream, uint32_t number, const uint8_t *srtp,
	       uint32_t length);

/* True when that packet in clear is the one of that number that the stream's phone sent. */
bool proof_is_right(const struct options *options, const struct stream *stream, uint32_t number,
		    const uint8_t *rtp);

struct proof_result {
	unsigned done;
	unsigned forged; /* not authentic under the phone's key */
	unsigned wrong;  /* authentic, but not what was sent */
};

/* Decrypts and compares up to a burst of them. */
struct proof_result proof_run(struct proof *proof);
