/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the generator writes into a payload, so that the receiver knows what it has before it: which
 * packet of which stream it is, and a pattern that both make. When it had to be sent follows from
 * that: see pace.h.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct mark {
	uint32_t number; /* of the stream's packets, from 0 */
	uint32_t stream;
};

#define MARK_BYTES 20U /* G.729: the mark, and twelve bytes of pattern at least */

/* The RTP header before it (RFC 3550 5.1): no padding, extension or sources. */
#define MARK_RTP_HEADER 12U
#define MARK_RTP_VERSION 0x80U
#define MARK_RTP_CLOCK 160U /* that the time stamp moves from packet to packet: 20 ms at 8 kHz */

/* The pattern of a packet: any function of who and which will do. */
static inline uint64_t mark_pattern(const struct mark *mark)
{
	uint64_t value = ((uint64_t)mark->stream << 32 | mark->number) + 1;

	value *= UINT64_C(0x9e3779b97f4a7c15);
	return value ^ value >> 29;
}

static inline void mark_write(uint8_t *payload, uint32_t length, const struct mark *mark)
{
	uint64_t pattern = mark_pattern(mark);
	uint32_t at = sizeof(*mark);

	memcpy(payload, mark, sizeof(*mark));
	for (; at + sizeof(pattern) <= length; at += (uint32_t)sizeof(pattern))
		memcpy(payload + at, &pattern, sizeof(pattern));
	memcpy(payload + at, &pattern, length - at);
}

/* True when the payload is what was written with the mark that it carries. */
static inline bool mark_read(const uint8_t *payload, uint32_t length, struct mark *mark)
{
	uint64_t pattern, difference = 0, word = 0;
	uint32_t at = sizeof(*mark);

	memcpy(mark, payload, sizeof(*mark));
	pattern = mark_pattern(mark);
	for (; at + sizeof(word) <= length; at += (uint32_t)sizeof(word)) {
		memcpy(&word, payload + at, sizeof(word));
		difference |= word ^ pattern;
	}
	return difference == 0 && memcmp(payload + at, &pattern, length - at) == 0;
}
