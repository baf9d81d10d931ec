/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SDP (RFC 8866): strict, bounded, zero-copy parser of what a voice relay needs. libc only, pure,
 * any thread. Everything points into the caller's buffer, which must outlive the struct sdp and may
 * hold keys: the caller wipes it.
 *
 * Strict: the order of lines, once what stands once, mandatory lines, known type letters, one space
 * between fields, numbers within their ranges, NUL and bare CR nowhere. Tolerated, as RFC 8866 9
 * recommends or the field does it: lines ended by LF, a last line without its end, empty lines
 * after the last, one space at the end of a line's fields, an empty s=.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sip/str.h"

#define SDP_MEDIA_MAX 8U
#define SDP_ATTRIBUTES_MAX 96U /* a media section */
#define SDP_FORMATS_MAX 32U
#define SDP_LENGTH_MAX 16384U

enum sdp_proto { SDP_RTP_AVP, SDP_RTP_SAVP, SDP_RTP_AVPF, SDP_RTP_SAVPF, SDP_PROTO_OTHER };
enum sdp_direction { SDP_SENDRECV, SDP_SENDONLY, SDP_RECVONLY, SDP_INACTIVE };

struct sdp_address {
	uint8_t family; /* 4, 6; 0: absent, or not an address literal (refused by offer/answer) */
	uint8_t ip[16]; /* network order; IPv4 in the first four bytes */
};

struct sdp_attribute {
	struct str name;
	struct str value; /* absent: a flag */
};

struct sdp_media {
	struct str type;     /* "audio" */
	uint16_t port;       /* 0: refused or disabled */
	uint16_t port_count; /* "PORT/COUNT", else 1 */
	enum sdp_proto proto;
	struct str proto_text;
	unsigned format_count;
	struct str format[SDP_FORMATS_MAX]; /* of RTP profiles: payload types 0..127 */
	struct sdp_address connection;      /* of the media, else of the session */
	uint16_t rtcp_port;                 /* a=rtcp (RFC 3605); 0: port + 1 */
	struct sdp_address rtcp_address;    /* family 0: connection */
	bool rtcp_mux;
	enum sdp_direction direction; /* of the media, else of the session; the last one counts */
	unsigned ptime_ms;            /* 0: not given, or not a sensible number: it is a hint */
	unsigned maxptime_ms;         /* likewise */
	unsigned attribute_count;
	struct sdp_attribute attribute[SDP_ATTRIBUTES_MAX]; /* of the media section, all */
};

struct sdp {
	struct str origin_user;
	uint64_t session_id;
	uint64_t session_version;
	struct str name;
	unsigned media_count;
	struct sdp_media media[SDP_MEDIA_MAX];
};

/*
 * Returns 0, or -EBADMSG with *error (not NULL) a static text that names the line and the rule,
 * without any of the input. sdp is about 30 KB: not for small stacks.
 */
int sdp_parse(struct sdp *sdp, struct str text, const char **error);

/* The next attribute of that name after previous (NULL: the first); NULL when there is none. */
const struct sdp_attribute *sdp_attribute(const struct sdp_media *media, const char *name,
					  const struct sdp_attribute *previous);

/* A media address that packets may be sent to: not 0.0.0.0 or ::, multicast, broadcast, or an
 * IPv4 address in IPv6 clothes. */
bool sdp_address_is_unicast(const struct sdp_address *address);
/* 0.0.0.0 or ::, as hold was written before RFC 3264. */
bool sdp_address_is_unspecified(const struct sdp_address *address);

const char *sdp_proto_name(enum sdp_proto proto);             /* "RTP/AVP"; OTHER: "" */
const char *sdp_direction_name(enum sdp_direction direction); /* "sendrecv" */
