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
