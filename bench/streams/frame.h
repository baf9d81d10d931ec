/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ethernet frames with IPv4 and UDP around a packet of RTP, and the voice inside: it names its
 * stream and its number there, and the bytes behind follow from both. A receiver so knows what it
 * must find, whatever sequence number the relay gave the packet.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "plan.h"

#define FRAME_MAC 6U
#define FRAME_HEADER 42U /* Ethernet, IPv4, UDP */
#define FRAME_RTP 12U
#define FRAME_PAYLOAD_MIN 20U /* bytes: G.729 at 20 ms */
#define FRAME_PAYLOAD_MAX 1200U
#define FRAME_TRAILER 32U /* room that SRTP may need */
#define FRAME_MAX (FRAME_HEADER + FRAME_RTP + FRAME_PAYLOAD_MAX + FRAME_TRAILER)

struct frame_link {
	uint8_t source[FRAME_MAC];
	uint8_t destination[FRAME_MAC];
};

/* "02:00:00:00:00:01". Returns 0 or -EINVAL. */
int frame_mac_parse(uint8_t mac[FRAME_MAC], const char *text);

/* Writes the headers in front of length bytes of UDP payload, which stand behind them already. */
void frame_wrap(uint8_t *frame, const struct frame_link *link, const struct plan_end *from,
		const struct plan_end *to, uint32_t length);

/*
 * The other way round. Returns the bytes of UDP payload at frame + FRAME_HEADER, or 0 when the
 * frame is not whole, not UDP over IPv4 without options, or its IPv4 checksum is wrong.
 */
uint32_t frame_unwrap(const uint8_t *frame, uint32_t length, struct plan_end *from,
		      struct plan_end *to);

/* Writes length bytes of voice: packet number (from 0) of a stream. */
void frame_voice_write(uint8_t *voice, uint32_t length, uint32_t stream, uint32_t number);

/* Returns the number of the packet, or -1: these are not length bytes of that stream's voice. */
int64_t frame_voice_read(const uint8_t *voice, uint32_t length, uint32_t stream);
