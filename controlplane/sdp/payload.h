/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Payload types between two legs. A peer sends under the numbers that we said to it, or (against
 * RFC 3264 6.1, but seen in the field) under those that it said itself; what goes to the other leg
 * must have the number that the other peer said. Pure; any thread.
 */
#pragma once

#include <stdint.h>

#include "sdp/codec.h"

#define SDP_CODECS_MAX 20U  /* that are kept of a description, and passed on in an answer */
#define SDP_PAYLOADS_MAX 8U /* of a leg: as many as the data plane takes */

/* What a description said of its audio. */
struct sdp_audio {
	unsigned count;
	unsigned ptime_ms; /* 0: not said */
	struct sdp_codec codec[SDP_CODECS_MAX];
};

/* The first SDP_CODECS_MAX formats, in their order. */
void sdp_audio_read(struct sdp_audio *audio, const struct sdp_media *media);

#define SDP_TYPE_NONE 128U /* is no payload type */

/*
 * The numbers under which a peer's answer is passed on to the peer that made offer: its own, as it
 * must keep them (RFC 3264 8.3.2) and many send and hear one number alone. types: one for each
 * codec of answer, SDP_TYPE_NONE: left out, being in no offer; if nothing fits, all stay as they
 * are. RFC 2198 is left out when a number changes, since its packets hold numbers.
 */
void sdp_answer_types(uint8_t types[SDP_CODECS_MAX], const struct sdp_audio *answer,
		      const struct sdp_audio *offer);

/*
 * The numbers under which a peer's offer is passed on to a peer that has named codecs before: those
 * that it knows keep its numbers, and no number of it gets another meaning (RFC 3264 8.3.2). known
 * of no codecs: all stay as they are.
 */
void sdp_offer_types(uint8_t types[SDP_CODECS_MAX], const struct sdp_audio *offer,
		     const struct sdp_audio *known);

/* What is said when the codecs of source have these types. */
void sdp_audio_said(struct sdp_audio *said, const struct sdp_audio *source,
		    const uint8_t types[SDP_CODECS_MAX]);

struct sdp_payload {
	uint8_t type;  /* as it comes from the peer */
	uint8_t other; /* as it goes to the other leg */
	uint8_t kind;  /* enum sdp_codec_kind */
	uint8_t pad;
	uint32_t clock_hz;
};

/*
 * What comes from a peer that was said `said` and said `heard` itself, for a leg whose peer said
 * `other`. Codecs that the other peer did not name are left out. At most SDP_PAYLOADS_MAX entries,
 * those in use first. Returns how many.
 */
unsigned sdp_payloads_map(struct sdp_payload payloads[SDP_PAYLOADS_MAX],
			  const struct sdp_audio *said, const struct sdp_audio *heard,
			  const struct sdp_audio *other);

/*
 * Packets a second that a peer may send: twice as many as the shortest of the packet times that
 * anybody named (20 ms if nobody did) asks for, since that is a wish and not a rule (RFC 8866 6.4),
 * and 50 for RTCP, events and a change of codec.
 */
uint32_t sdp_rate_pps(const struct sdp_audio *heard, const struct sdp_audio *other);
