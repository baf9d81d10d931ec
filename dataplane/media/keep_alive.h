/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What peers send to a media port besides media, to keep a NAT's binding open (RFC 6263). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "media/bytes.h"

#define KEEP_ALIVE_BLANK_MAX 4U /* CR LF CR LF, the longest of its kind (RFC 5626 3.5.1) */
#define STUN_HEADER_BYTES 20U
#define STUN_COOKIE 0x2112a442U /* RFC 8489 5 */

/* Nothing (RFC 6263 4.1), or zeros and line ends. */
static inline bool keep_alive_is_blank(const uint8_t *packet, uint32_t length)
{
	if (length > KEEP_ALIVE_BLANK_MAX)
		return false;
	for (uint32_t i = 0; i < length; i++)
		if (packet[i] != 0 && packet[i] != '\r' && packet[i] != '\n')
			return false;
	return true;
}

/* A whole STUN message, of whatever kind: requests too, as those of phones that know no ICE. */
static inline bool keep_alive_is_stun(const uint8_t *packet, uint32_t length)
{
	return length >= STUN_HEADER_BYTES && packet[0] < 4 &&
	       bytes_get_be16(packet + 2) == length - STUN_HEADER_BYTES &&
	       bytes_get_be32(packet + 4) == STUN_COOKIE;
}

/*
 * Whether a UDP payload that is neither RTP nor RTCP is a keep-alive. packet: length readable
 * bytes, any alignment. None of them passes for RTP: the version of RTP is 2, theirs is 0.
 */
static inline bool keep_alive_is(const uint8_t *packet, uint32_t length)
{
	return keep_alive_is_blank(packet, length) || keep_alive_is_stun(packet, length);
}
