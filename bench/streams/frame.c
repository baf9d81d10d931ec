/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "frame.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "media/bytes.h"

#define ETHERNET 14U
#define IPV4 20U
#define UDP 8U
static_assert(ETHERNET + IPV4 + UDP == FRAME_HEADER, "headers");

int frame_mac_parse(uint8_t mac[FRAME_MAC], const char *text)
{
	unsigned byte[FRAME_MAC];
	int end = 0;

	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &byte[0], &byte[1], &byte[2], &byte[3],
		   &byte[4], &byte[5], &end) != (int)FRAME_MAC ||
	    text[end] != '\0')
		return -EINVAL;
	for (unsigned i = 0; i < FRAME_MAC; i++)
		mac[i] = (uint8_t)byte[i];
	return 0;
}

/* RFC 1071; 0 over a header whose checksum is right. */
static uint16_t checksum(const uint8_t *header)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < IPV4; i += 2)
		sum += bytes_get_be16(header + i);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

void frame_wrap(uint8_t *frame, const struct frame_link *link, const struct plan_end *from,
		const struct plan_end *to, uint32_t length)
{
	uint8_t *ip = frame + ETHERNET;
	uint8_t *udp = ip + IPV4;

	memcpy(frame, link->destination, FRAME_MAC);
	memcpy(frame + FRAME_MAC, link->source, FRAME_MAC);
	bytes_put_be16(frame + 12, 0x0800);
	memset(ip, 0, IPV4);
	ip[0] = 0x45;
	ip[1] = 46 << 2; /* DSCP EF (RFC 3246), as voice has */
	bytes_put_be16(ip + 2, (uint16_t)(IPV4 + UDP + length));
	ip[6] = 0x40; /* do not fragment */
	ip[8] = 64;
	ip[9] = 17;
	memcpy(ip + 12, from->ip, sizeof(from->ip));
	memcpy(ip + 16, to->ip, sizeof(to->ip));
	bytes_put_be16(ip + 10, checksum(ip));
	bytes_put_be16(udp, from->port);
	bytes_put_be16(udp + 2, to->port);
	bytes_put_be16(udp + 4, (uint16_t)(UDP + length));
	bytes_put_be16(udp + 6, 0); /* none: IPv4 allows it (RFC 768) */
}

static void end_read(struct plan_end *end, const uint8_t *ip, const uint8_t *port)
{
	memcpy(end->ip, ip, sizeof(end->ip));
	end->port = bytes_get_be16(port);
}

uint32_t frame_unwrap(const uint8_t *frame, uint32_t length, struct plan_end *from,
		      struct plan_end *to)
{
	const uint8_t *ip = frame + ETHERNET;
	const uint8_t *udp = ip + IPV4;
	uint32_t udp_length;

	if (length < FRAME_HEADER || bytes_get_be16(frame + 12) != 0x0800)
		return 0;
	if (ip[0] != 0x45 || ip[9] != 17 || checksum(ip) != 0)
		return 0;
	udp_length = bytes_get_be16(udp + 4);
	if (udp_length <= UDP || udp_length + IPV4 != bytes_get_be16(ip + 2) ||
	    ETHERNET + IPV4 + udp_length > length)
		return 0;
	end_read(from, ip + 12, udp);
	end_read(to, ip + 16, udp + 2);
	return udp_length - UDP;
}

#define VOICE_HEADER 8U /* stream, number */

/* The bytes behind the header, FRAME_PAYLOAD_MAX of them. */
static const uint8_t *ramp(uint32_t stream, uint32_t number)
{
	static uint8_t bytes[256 + FRAME_PAYLOAD_MAX];

	if (bytes[1] == 0)
		for (unsigned i = 0; i < sizeof(bytes); i++)
			bytes[i] = (uint8_t)(i * 167U); /* odd: all values */
	return bytes + (stream * 31U + number * 7U) % 256U;
}

void frame_voice_write(uint8_t *voice, uint32_t length, uint32_t stream, uint32_t number)
{
	bytes_put_be32(voice, stream);
	bytes_put_be32(voice + 4, number);
	memcpy(voice + VOICE_HEADER, ramp(stream, number), length - VOICE_HEADER);
}

int64_t frame_voice_read(const uint8_t *voice, uint32_t length, uint32_t stream)
{
	uint32_t number = bytes_get_be32(voice + 4);

	if (bytes_get_be32(voice) != stream ||
	    memcmp(voice + VOICE_HEADER, ramp(stream, number), length - VOICE_HEADER) != 0)
		return -1;
	return number;
}
