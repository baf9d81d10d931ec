/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The other way: what a receiver reports of the numbers that we sent, in numbers of the source. */
#include <stddef.h>

#include "media/bytes.h"
#include "media/renumber.h"
#include "media/rtcp.h"

#define RTPFB_NACK 1U /* RFC 4585 6.2.1 */

static const struct rtp_renumber_source *source_of(const struct rtp_renumber *renumber,
						   const uint8_t *ssrc)
{
	for (unsigned slot = 0; slot < RTP_RENUMBER_SOURCES; slot++) {
		if (renumber->source[slot].ssrc == bytes_get_be32(ssrc) &&
		    renumber->source[slot].state != RTP_RENUMBER_FREE)
			return &renumber->source[slot];
	}
	return NULL;
}

static void shift16_back(uint8_t *number, const struct rtp_renumber_source *source)
{
	bytes_put_be16(number, (uint16_t)(bytes_get_be16(number) - source->shift));
}

static void blocks_shift(const struct rtp_renumber *renumber, const struct rtcp_part *part)
{
	uint8_t *block;

	for (unsigned i = 0; (block = rtcp_block(part, i)); i++) {
		const struct rtp_renumber_source *source = source_of(renumber, block);

		if (source)
			bytes_put_be32(block + 8, rtcp_block_highest(block) - source->shift);
	}
}

static void nack_shift(const struct rtp_renumber *renumber, const struct rtcp_part *part)
{
	const struct rtp_renumber_source *source;

	if (part->count != RTPFB_NACK || part->length < 12)
		return;
	source = source_of(renumber, part->at + 8);
	for (uint32_t at = 12; source && at + 4 <= part->length; at += 4)
		shift16_back(part->at + at, source);
}

/* Loss RLE, duplicate RLE, packet receipt times, statistics summary (RFC 3611 4.1-4.3, 4.6). */
static bool xr_block_has_range(uint8_t type)
{
	return type == 1 || type == 2 || type == 3 || type == 6;
}

static void xr_shift(const struct rtp_renumber *renumber, const struct rtcp_part *part)
{
	uint32_t at = 8;

	while (at + 4 <= part->length) {
		uint8_t *block = part->at + at;
		uint32_t length = 4U * (1U + bytes_get_be16(block + 2));
		const struct rtp_renumber_source *source;

		if (length > part->length - at)
			return;
		at += length;
		if (!xr_block_has_range(block[0]) || length < 12)
			continue;
		source = source_of(renumber, block + 4);
		if (!source)
			continue;
		shift16_back(block + 8, source);
		shift16_back(block + 10, source);
	}
}

void rtp_renumber_reports(const struct rtp_renumber *renumber, uint8_t *packet, uint32_t length)
{
	struct rtcp_walk walk = {packet, length};
	struct rtcp_part part;

	while (renumber->source[0].state != RTP_RENUMBER_FREE && rtcp_walk_next(&walk, &part)) {
		switch (part.type) {
		case RTCP_SR:
		case RTCP_RR:
			blocks_shift(renumber, &part);
			break;
		case RTCP_RTPFB:
			nack_shift(renumber, &part);
			break;
		case RTCP_XR:
			xr_shift(renumber, &part);
			break;
		default:
			break;
		}
	}
}
