/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as RTCP through all that reads and rewrites it. The packet lies in memory of exactly
 * its length, so that a read behind it is found.
 */
#include <stdlib.h>
#include <string.h>

#include "media/renumber.h"
#include "media/rtcp.h"
#include "media/rtcp_stats.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PACKET_MAX 4096U

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* The parts of a good packet fill it, but for the padding of the last. */
static void walk_check(uint8_t *packet, uint32_t length)
{
	struct rtcp_walk walk = {packet, length};
	struct rtcp_part part;
	uint8_t *end = packet;

	while (rtcp_walk_next(&walk, &part)) {
		must(part.at == end);
		must(part.type >= 192 && part.type <= 223);
		for (unsigned i = 0; rtcp_block(&part, i); i++) {
			must(i < part.count);
			must(rtcp_block(&part, i) + RTCP_BLOCK_BYTES <= part.at + part.length);
		}
		end = walk.at;
	}
	must(walk.left == 0 && end == packet + length);
}

static void stats_check(uint8_t *packet, uint32_t length)
{
	struct rtcp_stats source = {.sr_ntp = 1, .sr_at = 5}, listener = {0};

	rtcp_stats_update(&listener, &source, rtcp_ssrc(packet), packet, length, 1000);
	rtcp_stats_update(&source, &listener, 1, packet, length, 2000);
	must(listener.rtt <= listener.rtt_max);
	must(RTCP_STATS_LOST(&listener) <= 0x7fffff);
}

/* What is shifted back stays a good packet of the same length; shifted twice by 2^15 of 16 bits and
 * 2^31 of 32 it is what it was. */
static void renumber_check(uint8_t *packet, uint32_t length, const uint8_t *before)
{
	struct rtp_renumber renumber = {0};

	rtp_renumber_reports(&renumber, packet, length);
	must(memcmp(packet, before, length) == 0);
	rtp_renumber_begin(&renumber, rtcp_ssrc(packet), 0, 0)->shift = 0x80008000;
	rtp_renumber_reports(&renumber, packet, length);
	must(rtcp_check(packet, length, RTCP_REDUCED_SIZE) == RTP_OK);
	renumber.source[0].shift = 0x7fff8000;
	rtp_renumber_reports(&renumber, packet, length);
	must(memcmp(packet, before, length) == 0);
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
	if (rtcp_check(packet, (uint32_t)size, RTCP_REDUCED_SIZE) == RTP_OK) {
		walk_check(packet, (uint32_t)size);
		stats_check(packet, (uint32_t)size);
		renumber_check(packet, (uint32_t)size, data);
	}
	free(packet);
	return 0;
}
