/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media/rtp.h"

enum rtp_check rtp_check(struct rtp_header *header, const uint8_t *packet, uint32_t length)
{
	struct rtp_header parsed;
	enum rtp_check check = rtp_header_parse(&parsed, packet, length);

	if (check == RTP_OK)
		check = rtp_padding_check(&parsed, packet, length);
	if (check == RTP_OK)
		*header = parsed;
	return check;
}

/* One part of a compound packet; left is what remains of the packet, at least 4 bytes. */
static enum rtp_check rtcp_part_check(const uint8_t *part, uint32_t part_length, uint32_t left)
{
	uint32_t padding;

	if (rtp_version(part) != RTP_VERSION || !rtp_is_rtcp(part))
		return RTP_MALFORMED;
	if (part_length > left)
		return RTP_TRUNCATED;
	if (!(part[0] & 0x20))
		return RTP_OK;
	padding = part[part_length - 1];
	if (part_length != left || padding == 0 || padding % 4 != 0 || padding > part_length - 4)
		return RTP_MALFORMED;
	return RTP_OK;
}

enum rtp_check rtcp_check(const uint8_t *packet, uint32_t length, enum rtcp_form form)
{
	uint32_t offset = 0;

	if (length < RTCP_HEADER_BYTES)
		return RTP_TRUNCATED;
	if (form == RTCP_COMPOUND && packet[1] != RTCP_SR && packet[1] != RTCP_RR)
		return RTP_MALFORMED;
	/* the first part must hold the SSRC that names the sender: SRTCP's IV is made of it */
	if (bytes_get_be16(packet + 2) == 0)
		return RTP_MALFORMED;
	while (offset < length) {
		uint32_t part_length;
		enum rtp_check check;

		if (length - offset < 4)
			return RTP_TRUNCATED;
		part_length = 4 * (1U + bytes_get_be16(packet + offset + 2));
		check = rtcp_part_check(packet + offset, part_length, length - offset);
		if (check != RTP_OK)
			return check;
		offset += part_length;
	}
	return RTP_OK;
}
