/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media/rtcp.h"

#include <stddef.h>

#define HEADER_BYTES 4U    /* common to all parts */
#define FEEDBACK_BYTES 12U /* RFC 4585 6.1: common header, two SSRCs */
#define APP_BYTES 12U      /* RFC 3550 6.7: common header, SSRC, name */
#define FIRST_TYPE RTCP_SR

static uint32_t claimed_length(const uint8_t *header)
{
	return 4U * (1U + bytes_get_be16(header + 2));
}

/* ---- what each type holds; part->length is that of the part without padding ---- */

typedef bool body_check(const struct rtcp_part *part);

/* Profile-specific extensions may follow the blocks (RFC 3550 6.4.3). */
static bool sr_check(const struct rtcp_part *part)
{
	return part->length >= RTCP_SR_BYTES + part->count * RTCP_BLOCK_BYTES;
}

static bool rr_check(const struct rtcp_part *part)
{
	return part->length >= RTCP_RR_BYTES + part->count * RTCP_BLOCK_BYTES;
}

/* One chunk (RFC 3550 6.5) from offset at; 0: it does not fit, else the offset behind it. */
static uint32_t chunk_end(const struct rtcp_part *part, uint32_t at)
{
	if (part->length - at < 4)
		return 0;
	at += 4;
	while (at < part->length && part->at[at] != 0) {
		if (part->length - at < 2 || part->at[at + 1] > part->length - at - 2)
			return 0;
		at += 2U + part->at[at + 1];
	}
	/* to the next word; a last chunk without its null is seen in the field */
	return at < part->length ? (at + 4) & ~3U : at;
}

static bool sdes_check(const struct rtcp_part *part)
{
	uint32_t at = HEADER_BYTES;

	for (unsigned chunk = 0; chunk < part->count; chunk++) {
		at = chunk_end(part, at);
		if (at == 0 || at > part->length)
			return false;
	}
	return true;
}

static bool bye_check(const struct rtcp_part *part)
{
	uint32_t reason = HEADER_BYTES + 4U * part->count;

	if (part->length <= reason)
		return part->length == reason;
	return part->at[reason] <= part->length - reason - 1;
}

static bool app_check(const struct rtcp_part *part)
{
	return part->length >= APP_BYTES;
}

static bool feedback_check(const struct rtcp_part *part)
{
	return part->length >= FEEDBACK_BYTES;
}

/* The blocks of RFC 3611 3 fill the part. */
static bool xr_check(const struct rtcp_part *part)
{
	uint32_t at = RTCP_HEADER_BYTES;

	while (at < part->length) {
		uint32_t length = claimed_length(part->at + at);

		if (length > part->length - at)
			return false;
		at += length;
	}
	return at == part->length;
}

static body_check *const body_checks[] = {
    [RTCP_SR - FIRST_TYPE] = sr_check,         [RTCP_RR - FIRST_TYPE] = rr_check,
    [RTCP_SDES - FIRST_TYPE] = sdes_check,     [RTCP_BYE - FIRST_TYPE] = bye_check,
    [RTCP_APP - FIRST_TYPE] = app_check,       [RTCP_RTPFB - FIRST_TYPE] = feedback_check,
    [RTCP_PSFB - FIRST_TYPE] = feedback_check, [RTCP_XR - FIRST_TYPE] = xr_check,
};

static bool body_is_good(const struct rtcp_part *part)
{
	unsigned type = (unsigned)part->type - FIRST_TYPE;

	return type >= sizeof(body_checks) / sizeof(body_checks[0]) || body_checks[type](part);
}

/* ---- the packet ---- */

/* Bytes of padding at the end of a part; UINT32_MAX: it cannot be. */
static uint32_t padding_of(const uint8_t *part, uint32_t length, uint32_t left)
{
	uint32_t padding;

	if (!(part[0] & 0x20))
		return 0;
	padding = part[length - 1];
	if (length != left || padding == 0 || padding % 4 != 0 || padding > length - HEADER_BYTES)
		return UINT32_MAX;
	return padding;
}

/* left: what remains of the packet, at least 4 bytes. claimed: with padding. */
static enum rtp_check part_check(const uint8_t *at, uint32_t claimed, uint32_t left)
{
	struct rtcp_part part = {
	    .at = (uint8_t *)(uintptr_t)at, .type = at[1], .count = at[0] & 0x1f};
	uint32_t padding;

	if (rtp_version(at) != RTP_VERSION || !rtp_is_rtcp(at))
		return RTP_MALFORMED;
	if (claimed > left)
		return RTP_TRUNCATED;
	padding = padding_of(at, claimed, left);
	if (padding == UINT32_MAX)
		return RTP_MALFORMED;
	part.length = claimed - padding;
	return body_is_good(&part) ? RTP_OK : RTP_MALFORMED;
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
		enum rtp_check check;
		uint32_t claimed;

		if (length - offset < HEADER_BYTES)
			return RTP_TRUNCATED;
		claimed = claimed_length(packet + offset);
		check = part_check(packet + offset, claimed, length - offset);
		if (check != RTP_OK)
			return check;
		offset += claimed;
	}
	return RTP_OK;
}

bool rtcp_walk_next(struct rtcp_walk *walk, struct rtcp_part *part)
{
	uint32_t claimed, padding;

	if (walk->left < HEADER_BYTES)
		return false;
	claimed = claimed_length(walk->at);
	if (claimed > walk->left)
		return false;
	padding = padding_of(walk->at, claimed, walk->left);
	if (padding == UINT32_MAX)
		return false;
	*part = (struct rtcp_part){
	    .at = walk->at,
	    .length = claimed - padding,
	    .type = walk->at[1],
	    .count = walk->at[0] & 0x1f,
	};
	walk->at += claimed;
	walk->left -= claimed;
	return true;
}

uint8_t *rtcp_block(const struct rtcp_part *part, unsigned index)
{
	uint32_t first = part->type == RTCP_SR ? RTCP_SR_BYTES : RTCP_RR_BYTES;
	uint32_t at = first + index * RTCP_BLOCK_BYTES;

	if ((part->type != RTCP_SR && part->type != RTCP_RR) || index >= part->count ||
	    at + RTCP_BLOCK_BYTES > part->length)
		return NULL;
	return part->at + at;
}
