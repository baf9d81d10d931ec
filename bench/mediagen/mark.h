/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the generator writes into a payload, so that the receiver knows what it has before it: when
 * it was sent, which packet of which stream it is, and a pattern that both make.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct mark {
	uint64_t sent_tsc;
	uint32_t number; /* of the stream's packets, from 0 */
	uint32_t stream;
};

#define MARK_BYTES 20U /* G.729: the mark, and four bytes of pattern at least */

/* The pattern of a packet: any function of who and which will do. */
static inline uint64_t mark_pattern(const struct mark *mark)
{
	return ((uint64_t)mark->stream << 32 | mark->number) * UINT64_C(0x9e3779b97f4a7c15) ^
	       mark->sent_tsc;
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
