/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RTP payload types of what comes from the peer of a leg: what the other leg calls the same codec,
 * and the clock of its timestamps (RFC 3550 5.1, 6.4.1).
 *
 * All bytes zero is a map that says nothing: every type passes as it is, with a clock of 8 kHz.
 * Thread: the worker that owns the leg.
 */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/mos.h"

#define RTP_PAYLOADS_MAX 8U
#define RTP_CLOCK_UNIT_HZ 25U /* every audio clock in use is a multiple */
#define RTP_CLOCK_MIN_HZ 1000U
#define RTP_CLOCK_MAX_HZ 384000U
#define RTP_CLOCK_HZ 8000U /* of telephony, where nothing else is said */

/* A word, since there may be sixteen of them in a call. */
struct rtp_payload {
	uint32_t type : 7;
	uint32_t other : 7;
	uint32_t codec : 4;  /* enum rtp_codec */
	uint32_t clock : 14; /* in RTP_CLOCK_UNIT_HZ; 0: no entry, and none behind it */
};

struct rtp_payload_map {
	struct rtp_payload entry[RTP_PAYLOADS_MAX];
};
static_assert(sizeof(struct rtp_payload_map) == 4 * RTP_PAYLOADS_MAX, "a word an entry");
static_assert(RTP_CODEC_COUNT <= 16 && RTP_CLOCK_MAX_HZ / RTP_CLOCK_UNIT_HZ < 1U << 14, "bits");

/* The entry of a type, or NULL. */
static inline const struct rtp_payload *rtp_payload_find(const struct rtp_payload_map *map,
							 uint8_t type)
{
	for (unsigned i = 0; i < RTP_PAYLOADS_MAX && map->entry[i].clock != 0; i++) {
		if (map->entry[i].type == type)
			return &map->entry[i];
	}
	return NULL;
}

/*
 * True for a type that was not agreed and that would be taken for something else on the other leg:
 * it is what that leg calls another codec.
 */
static inline bool rtp_payload_collides(const struct rtp_payload_map *map, uint8_t type)
{
	for (unsigned i = 0; i < RTP_PAYLOADS_MAX && map->entry[i].clock != 0; i++) {
		if (map->entry[i].other == type)
			return true;
	}
	return false;
}
