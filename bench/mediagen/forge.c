/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "forge.h"

#include <errno.h>
#include <string.h>

#include "media/bytes.h"

#define ETHER_BYTES 14U
#define IPV4_BYTES 20U
#define IPV6_BYTES 40U
#define UDP_BYTES 8U
#define RTP_BYTES 12U

/* In the UDP header, and in RTP. */
#define SOURCE_PORT_AT 0U
#define PORT_AT 2U
#define CHECKSUM_AT 6U
#define SEQUENCE_AT 2U
#define SSRC_AT 8U

static const struct {
	const char *name, *text;
	uint32_t drops;
} kinds[FORGE_KIND_COUNT] = {
#define FORGE_KIND_ROW(symbol, name, text, drops) [FORGE_##symbol] = {name, text, drops},
    FORGE_KINDS(FORGE_KIND_ROW)
#undef FORGE_KIND_ROW
};

const char *forge_name(enum forge_kind kind)
{
	return kinds[kind].name;
}

const char *forge_text(enum forge_kind kind)
{
	return kinds[kind].text;
}

uint32_t forge_drops(enum forge_kind kind)
{
	return kinds[kind].drops;
}

bool forge_needs_srtp(enum forge_kind kind)
{
	return kind == FORGE_TAG || kind == FORGE_TAG_NEAR || kind == FORGE_REPLAYED;
}

int forge_find(const char *name)
{
	for (int kind = 0; kind < FORGE_KIND_COUNT; kind++)
		if (!strcmp(kinds[kind].name, name))
			return kind;
	return -EINVAL;
}

/* Where UDP begins; 0: not a frame that can be forged from. */
static uint32_t udp_find(const uint8_t *frame, size_t length)
{
	uint32_t at = 0;

	if (length > ETHER_BYTES && frame[ETHER_BYTES] == 0x45)
		at = ETHER_BYTES + IPV4_BYTES;
	else if (length > ETHER_BYTES && frame[ETHER_BYTES] >> 4 == 6)
		at = ETHER_BYTES + IPV6_BYTES;
	return at && length >= at + UDP_BYTES + RTP_BYTES && length <= FORGE_FRAME_MAX ? at : 0;
}

int forge_prepare(struct forge *forge, enum forge_kind kind, const uint8_t *frame, size_t length,
		  uint16_t free_port)
{
	uint8_t *udp, *rtp;

	*forge = (struct forge){.kind = kind, .udp = udp_find(frame, length)};
	if (!forge->udp)
		return -EINVAL;
	forge->length = (uint32_t)length;
	memcpy(forge->frame, frame, length);
	udp = forge->frame + forge->udp;
	rtp = udp + UDP_BYTES;
	if (forge->udp == ETHER_BYTES + IPV4_BYTES)
		bytes_put_be16(udp + CHECKSUM_AT, 0);
	if (kind == FORGE_UNKNOWN_PORT)
		bytes_put_be16(udp + PORT_AT, free_port);
	if (kind == FORGE_MALFORMED)
		rtp[0] = 0x40;
	if (kind == FORGE_TAG || kind == FORGE_TAG_NEAR)
		forge->frame[length - 1] ^= 0x5a;
	return 0;
}

void forge_write(const struct forge *forge, uint8_t *frame, uint32_t n, uint16_t sequence)
{
	uint8_t *udp = frame + forge->udp, *rtp = udp + UDP_BYTES;
	uint16_t port = bytes_get_be16(forge->frame + forge->udp + SOURCE_PORT_AT);

	memcpy(frame, forge->frame, forge->length);
	switch (forge->kind) {
	case FORGE_TAG: /* another one each time: nothing that was learnt of one helps */
		bytes_put_be32(rtp + SSRC_AT, bytes_get_be32(rtp + SSRC_AT) + 1 + n * 0x9e3779b1U);
		bytes_put_be16(rtp + SEQUENCE_AT, (uint16_t)n);
		break;
	case FORGE_TAG_NEAR:
		bytes_put_be16(rtp + SEQUENCE_AT, sequence);
		break;
	case FORGE_SOURCE: /* any but the peer's own */
		bytes_put_be16(udp + SOURCE_PORT_AT, (uint16_t)(port + 1 + n % 1000));
		break;
	default:
		break;
	}
}
