/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two sessions in a row, so that a test needs no SRTP of its own: what the relay encrypts for one
 * leg, it is fed on another that has the key.
 */
#pragma once

#include "fixture.h"

#define BYTES 172U /* an RTP packet */

extern const struct sluice_key key_a, key_b;

/* A packet from one side's peer; what the other side sent for it. False: nothing. */
bool pass(struct fixture *fixture, unsigned side, const struct sluice_addr *from,
	  const struct sluice_addr *to, const uint8_t *packet, uint32_t length, struct frame *out);
/* RTP of that sequence number from the inside peer. */
bool pass_rtp(struct fixture *fixture, const struct sluice_open_reply *session,
	      const struct sluice_addr *from, uint16_t sequence, struct frame *out);

void key_set(struct fixture *fixture, uint64_t id, uint8_t leg, uint32_t mask,
	     const struct sluice_key *key);

/* Session 7: plain inside, SRTP outside. Session 8: SRTP inside with the same key, plain outside.
 */
struct chain {
	struct sluice_open_reply first, second;
	struct sluice_addr inside, outside;
};

struct chain chain_make(struct fixture *fixture, const struct sluice_key *key);

/* Encrypts RTP of that sequence number in session 7. Returns the length of what is in packet, which
 * has room for BYTES + 32. */
uint32_t encrypted(struct fixture *fixture, const struct chain *chain, uint16_t sequence,
		   uint8_t *packet);
/* Gives it to session 8. Whether it came out at the other side. */
bool decrypted(struct fixture *fixture, const struct chain *chain, const uint8_t *packet,
	       uint32_t length, struct frame *out);
