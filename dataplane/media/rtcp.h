/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RTCP packets (RFC 3550 6, RFC 5506): strict validation, and a walk over the parts of a compound
 * packet and the report blocks of SR and RR. Every length is checked against the bytes that are
 * there. A BYE is a part like any other: it ends no call.
 *
 * Thread: any. No state.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "media/rtp.h"

#define RTCP_SR_BYTES 28U    /* common header, sender's SSRC, sender information */
#define RTCP_RR_BYTES 8U     /* common header, sender's SSRC */
#define RTCP_BLOCK_BYTES 24U /* a report block */

enum rtcp_form {
	RTCP_COMPOUND,     /* begins with SR or RR (RFC 3550 6.1) */
	RTCP_REDUCED_SIZE, /* begins with any type (RFC 5506), where both sides agreed to it */
};

/*
 * Validates an RTCP packet in clear (RFC 3550 A.2): every part is version 2 and an RTCP type, the
 * lengths add up to exactly length, only the last part is padded, the first names its sender. What
 * the types of RFC 3550, RFC 4585 and RFC 3611 hold lies within their part: report blocks, SDES
 * items, the sources and the reason of a BYE, XR blocks. Other types are opaque.
 */
enum rtp_check rtcp_check(const uint8_t *packet, uint32_t length, enum rtcp_form form);

struct rtcp_part {
	uint8_t *at;     /* common header */
	uint32_t length; /* bytes, the common header included, padding not */
	uint8_t type;    /* enum rtcp_type, or another of 192 to 223 */
	uint8_t count;   /* of blocks, sources, or the feedback's format: 0..31 */
};

/* What is left of a packet that rtcp_check() found good. */
struct rtcp_walk {
	uint8_t *at;
	uint32_t left;
};

/* The next part; false when there is none. */
bool rtcp_walk_next(struct rtcp_walk *walk, struct rtcp_part *part);

/* The report block of that index, RTCP_BLOCK_BYTES of it; NULL: no SR or RR, or no such block. */
uint8_t *rtcp_block(const struct rtcp_part *part, unsigned index);

/* Fields of a report block (RFC 3550 6.4.1). */
static inline uint32_t rtcp_block_ssrc(const uint8_t *block)
{
	return bytes_get_be32(block);
}

/* Cumulative number of packets lost; below 0 when duplicates are more. */
static inline int32_t rtcp_block_lost(const uint8_t *block)
{
	return (int32_t)(bytes_get_be32(block + 4) << 8) >> 8;
}

static inline uint32_t rtcp_block_highest(const uint8_t *block)
{
	return bytes_get_be32(block + 8);
}

static inline uint32_t rtcp_block_jitter(const uint8_t *block)
{
	return bytes_get_be32(block + 12);
}

static inline uint32_t rtcp_block_lsr(const uint8_t *block)
{
	return bytes_get_be32(block + 16);
}

static inline uint32_t rtcp_block_dlsr(const uint8_t *block)
{
	return bytes_get_be32(block + 20);
}
