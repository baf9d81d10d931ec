/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SDP (RFC 8866): strict, bounded, zero-copy parser and writer of what a voice relay needs. libc
 * only. Everything points into the caller's buffer.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sip/str.h"

#define SDP_MEDIA_MAX	   8U
#define SDP_ATTRIBUTES_MAX 96U /* a media section */
#define SDP_FORMATS_MAX	   32U
#define SDP_LENGTH_MAX	   16384U

enum sdp_proto { SDP_RTP_AVP, SDP_RTP_SAVP, SDP_RTP_AVPF, SDP_RTP_SAVPF, SDP_PROTO_OTHER };
enum sdp_direction { SDP_SENDRECV, SDP_SENDONLY, SDP_RECVONLY, SDP_INACTIVE };

struct sdp_address {
	uint8_t family; /* 4, 6; 0: absent or a host name (refused by offer/answer) */
	uint8_t ip[16]; /* network order */
};

struct sdp_attribute {
	struct str name;
	struct str value; /* absent: a flag */
};

struct sdp_media {
	struct str type; /* "audio" */
	uint16_t port;	 /* 0: refused or disabled */
	enum sdp_proto proto;
	struct str proto_text;
	unsigned format_count;
	struct str format[SDP_FORMATS_MAX];
	struct sdp_address connection; /* of the media, else of the session */
	uint16_t rtcp_port;	       /* a=rtcp (RFC 3605); 0: port + 1 */
	struct sdp_address rtcp_address; /* family 0: connection */
	bool rtcp_mux;
	enum sdp_direction direction; /* of the media, else of the session */
	unsigned ptime_ms;	      /* 0: not given */
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

/* Returns 0, or -EBADMSG with *error a text that names the line and the rule. */
int sdp_parse(struct sdp *sdp, struct str text, const char **error);

const struct sdp_attribute *sdp_attribute(const struct sdp_media *media, const char *name,
					  const struct sdp_attribute *previous);
