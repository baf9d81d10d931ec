/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bad packets, made of a good one: a frame that a phone really sent, changed as little as its kind
 * asks. What the relay must drop each under is part of the table.
 *
 * UDP checksums are not made right again (0 with IPv4: none): the relay does not judge them, and
 * an attacker's would be right.
 *
 * Thread: one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sluice_drops.h"

#define FORGE_FRAME_MAX 2048U

/* X(SYMBOL, "name", "what it is", drop reasons: bits of enum sluice_drop) */
#define FORGE_KINDS(X)                                                                          \
	X(TAG, "forged", "from the peer's own address, SSRC and tag guessed",                   \
	  FORGE_DROP(AUTH) | FORGE_DROP(AUTH_RATE))                                             \
	X(TAG_NEAR, "forged-near", "from the peer's own address, right but for the tag",        \
	  FORGE_DROP(AUTH) | FORGE_DROP(AUTH_RATE))                                             \
	X(SOURCE, "source", "from another UDP port than the peer's", FORGE_DROP(SOURCE))        \
	X(UNKNOWN_PORT, "unknown-port", "to a media port of no call", FORGE_DROP(UNKNOWN_PORT)) \
	X(MALFORMED, "not-rtp", "RTP version 1", FORGE_DROP(NOT_RTP))                           \
	X(REPLAYED, "replayed", "one good packet again and again",                              \
	  FORGE_DROP(REPLAY) | FORGE_DROP(REPLAY_OLD))

#define FORGE_DROP(symbol) (UINT32_C(1) << SLUICE_DROP_##symbol)

enum forge_kind {
#define FORGE_KIND_ENUM(symbol, name, text, drops) FORGE_##symbol,
	FORGE_KINDS(FORGE_KIND_ENUM)
#undef FORGE_KIND_ENUM
	    FORGE_KIND_COUNT
};

struct forge {
	enum forge_kind kind;
	uint32_t length; /* of the frame */
	uint32_t udp;    /* where in it the UDP header stands; RTP is 8 bytes behind */
	uint8_t frame[FORGE_FRAME_MAX];
};

const char *forge_name(enum forge_kind kind);
const char *forge_text(enum forge_kind kind);
/* Reasons that such packets may be dropped under, and no other. */
uint32_t forge_drops(enum forge_kind kind);
/* Whether that says something of an SRTP leg alone. */
bool forge_needs_srtp(enum forge_kind kind);
/* The kind of that name; -EINVAL: none. */
int forge_find(const char *name);

/*
 * Makes ready to forge from an Ethernet frame with IPv4 (no options) or IPv6, UDP and RTP in it.
 * free_port: a media port of the relay that no call has, for UNKNOWN_PORT. Returns 0; -EINVAL: it
 * is no such frame.
 */
int forge_prepare(struct forge *forge, enum forge_kind kind, const uint8_t *frame, size_t length,
		  uint16_t free_port);

/* Writes the n-th bad packet, forge->length bytes. sequence: for TAG_NEAR, the RTP sequence number
 * that the peer is at. */
void forge_write(const struct forge *forge, uint8_t *frame, uint32_t n, uint16_t sequence);
