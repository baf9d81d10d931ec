/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RTP and RTCP packets as RFC 3550 has them: recognition, validation, fields. Reads the packet
 * where it lies; every length is checked against the bytes that are there.
 *
 * Thread: any. No state.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "media/bytes.h"

#define RTP_VERSION 2U
#define RTP_HEADER_MIN 12U   /* bytes: without CSRC and extension */
#define RTCP_HEADER_BYTES 8U /* common header and the sender's SSRC */

enum rtp_check {
	RTP_OK,
	RTP_TRUNCATED, /* shorter than its own headers say */
	RTP_MALFORMED, /* not version 2, or padding or counts that cannot be */
};

enum rtcp_type { /* RFC 3550 12.1; RFC 3611, RFC 4585 */
		 RTCP_SR = 200,
		 RTCP_RR = 201,
		 RTCP_SDES = 202,
		 RTCP_BYE = 203,
		 RTCP_APP = 204,
		 RTCP_RTPFB = 205,
		 RTCP_PSFB = 206,
		 RTCP_XR = 207,
};

/* Fields of the fixed header (RFC 3550 5.1), in host order. */
struct rtp_header {
	uint32_t ssrc;
	uint32_t timestamp;
	uint32_t length; /* bytes to the payload: CSRC list and extension included */
	uint16_t sequence;
	uint8_t payload_type; /* 0..127 */
	bool marker;
	bool padding; /* the last byte of the payload counts the padding, itself included */
};

static inline uint8_t rtp_version(const uint8_t *packet)
{
	return packet[0] >> 6;
}

static inline uint8_t rtp_payload_type(const uint8_t *packet)
{
	return packet[1] & 0x7f;
}

static inline uint16_t rtp_sequence(const uint8_t *packet)
{
	return bytes_get_be16(packet + 2);
}

static inline uint32_t rtp_timestamp(const uint8_t *packet)
{
	return bytes_get_be32(packet + 4);
}

static inline uint32_t rtp_ssrc(const uint8_t *packet)
{
	return bytes_get_be32(packet + 8);
}

static inline uint32_t rtcp_ssrc(const uint8_t *packet)
{
	return bytes_get_be32(packet + 4);
}

/*
 * True when a packet of at least two bytes is RTCP and not RTP, on a port that carries both (RFC
 * 5761 section 4: RTP payload types 64 to 95 stay unused).
 */
static inline bool rtp_is_rtcp(const uint8_t *packet)
{
	return packet[1] >= 192 && packet[1] <= 223;
}

/*
 * Reads the header of an RTP or SRTP packet of length bytes, and checks version, CSRC list and
 * extension. It does not look at the padding, which is encrypted in SRTP: rtp_padding_check() does.
 * header is written only when the result is RTP_OK.
 */
static inline enum rtp_check rtp_header_parse(struct rtp_header *header, const uint8_t *packet,
					      uint32_t length)
{
	uint32_t first, header_length = RTP_HEADER_MIN;

	if (length < RTP_HEADER_MIN)
		return RTP_TRUNCATED;
	first = bytes_get_be32(packet);
	if (first >> 30 != RTP_VERSION)
		return RTP_MALFORMED;
	if (__builtin_expect(first & 0x1f000000, 0)) { /* extension or CSRCs */
		header_length += 4U * (packet[0] & 0x0fU);
		if (packet[0] & 0x10) {
			if (length < header_length + 4)
				return RTP_TRUNCATED;
			header_length += 4 + 4U * bytes_get_be16(packet + header_length + 2);
		}
		if (length < header_length)
			return RTP_TRUNCATED;
	}
	header->ssrc = rtp_ssrc(packet);
	header->timestamp = rtp_timestamp(packet);
	header->length = header_length;
	header->sequence = (uint16_t)first;
	header->payload_type = first >> 16 & 0x7f;
	header->marker = first >> 23 & 1;
	header->padding = first >> 29 & 1;
	return RTP_OK;
}

/* Checks the padding of a packet in clear, whose header rtp_header_parse() found good. */
static inline enum rtp_check rtp_padding_check(const struct rtp_header *header,
					       const uint8_t *packet, uint32_t length)
{
	if (!header->padding)
		return RTP_OK;
	if (length == header->length)
		return RTP_MALFORMED;
	if (packet[length - 1] == 0 || packet[length - 1] > length - header->length)
		return RTP_MALFORMED;
	return RTP_OK;
}

/* Header and padding of an RTP packet in clear. */
enum rtp_check rtp_check(struct rtp_header *header, const uint8_t *packet, uint32_t length);
