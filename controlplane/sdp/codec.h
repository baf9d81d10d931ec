/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The codecs of an audio section, apart from the payload types that its writer happens to give
 * them (RFC 3551, RFC 8866 6.6): so that the same codec is found under another number on the other
 * leg. Pure; any thread.
 */
#pragma once

#include <stdint.h>

#include "sdp/sdp.h"

/* What quality can be reckoned for; the numbers are those of enum sluice_codec. */
enum sdp_codec_kind {
	SDP_CODEC_OTHER,
	SDP_CODEC_G711,
	SDP_CODEC_G722,
	SDP_CODEC_G723,
	SDP_CODEC_G726,
	SDP_CODEC_G729,
	SDP_CODEC_GSM,
	SDP_CODEC_GSM_EFR,
	SDP_CODEC_ILBC,
	SDP_CODEC_AMR,
	SDP_CODEC_AMR_WB,
	SDP_CODEC_OPUS,
	SDP_CODEC_EVENT,
	SDP_CODEC_NOISE,
	SDP_CODEC_RED, /* RFC 2198: its packets hold payload types */
};

struct sdp_codec {
	uint64_t identity; /* of encoding name, channels, and AMR's octet-align: a hash */
	uint64_t fmtp;     /* a hash of its parameters; 0: none */
	uint32_t clock_hz; /* of the RTP timestamp, as rtpmap says */
	uint8_t type;      /* payload type */
	uint8_t kind;      /* enum sdp_codec_kind */
	uint8_t channels;  /* 0: not known, as there is no good rtpmap */
	uint8_t pad;
};

/*
 * Reads the formats of a section in their order, at most max. A dynamic type without a good rtpmap
 * is a codec that is like itself alone. Returns how many.
 */
unsigned sdp_codecs_read(struct sdp_codec *codecs, unsigned max, const struct sdp_media *media);

/* Whether it is that one: encoding name in any case; clock_hz, channels 0: any. */
bool sdp_codec_is(const struct sdp_codec *codec, struct str name, uint32_t clock_hz,
		  unsigned channels);
/* A name of ours for a kind: "G711", "opus"; "other". */
const char *sdp_codec_kind_name(enum sdp_codec_kind kind);

/* The codec of a list that is the same as like: rather with the same parameters; NULL: none. */
const struct sdp_codec *sdp_codecs_find(const struct sdp_codec *codecs, unsigned count,
					const struct sdp_codec *like);

/* The codec of that payload type; NULL: none. */
const struct sdp_codec *sdp_codecs_of_type(const struct sdp_codec *codecs, unsigned count,
					   uint8_t type);
