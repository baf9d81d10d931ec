/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes through the checks of RTP and RTCP headers. The packet lies in memory of exactly its
 * length, so that a read behind it is found.
 */
#include <stdlib.h>
#include <string.h>

#include "media/rtcp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PACKET_MAX 4096U

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check_rtp(const uint8_t *packet, uint32_t length)
{
	struct rtp_header untouched;
	struct rtp_header header;

	memset(&untouched, 0xa5, sizeof(untouched));
	header = untouched;
	if (rtp_check(&header, packet, length) != RTP_OK) {
		must(memcmp(&header, &untouched, sizeof(header)) == 0);
		return;
	}
	must(header.length >= RTP_HEADER_MIN && header.length <= length);
	must(header.payload_type < 128);
	must(!header.padding || packet[length - 1] <= length - header.length);
	must(header.sequence == rtp_sequence(packet) && header.ssrc == rtp_ssrc(packet));
}

/* A compound packet is a reduced-size one too, and its parts fill it in words of four bytes. */
static void check_rtcp(const uint8_t *packet, uint32_t length)
{
	bool compound = rtcp_check(packet, length, RTCP_COMPOUND) == RTP_OK;
	bool reduced = rtcp_check(packet, length, RTCP_REDUCED_SIZE) == RTP_OK;

	must(!compound || reduced);
	must(!reduced || (length % 4 == 0 && length >= RTCP_HEADER_BYTES));
	must(!reduced || rtp_is_rtcp(packet));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *packet;

	if (size > PACKET_MAX)
		return 0;
	packet = malloc(size > 0 ? size : 1);
	if (!packet)
		return 0;
	if (size > 0)
		memcpy(packet, data, size);
	check_rtp(packet, (uint32_t)size);
	check_rtcp(packet, (uint32_t)size);
	free(packet);
	return 0;
}
