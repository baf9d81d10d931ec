/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Offer/answer (RFC 3264) as a relay does it: the offer of one leg becomes our offer to the other,
 * with our addresses, our security and nothing of the first side's topology; the answer likewise.
 * One audio stream is relayed; further media sections are refused with port 0. Pure functions, any
 * thread. Every struct and every text here may hold keys: its owner wipes it.
 *
 * What passes from one side to the other: the payload types of the audio stream with their rtpmap
 * and fmtp, ptime, maxptime, the direction, and of the refused sections the media type, protocol
 * and first format. Everything else is dropped: o=, s=, i=, c=, b=, ICE candidates, DTLS
 * fingerprints, SSRCs, header extensions, rtcp-fb and whatever else there is.
 *
 * RTP/AVPF and RTP/SAVPF are taken as RTP/AVP and RTP/SAVP, as rtcp-fb is dropped; the answer
 * repeats the protocol of its offer, as RFC 3264 6 wants it. We offer RTP/AVP and RTP/SAVP.
 *
 * Hold: the direction passes as it is. An address of 0.0.0.0 or :: (hold before RFC 3264) takes
 * "receive" off the direction, and gives rtp_address.family 0 and rtp_port 0: send nothing there.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sdp/payload.h"
#include "sdp/sdes.h"
#include "sdp/sdp.h"

#define RELAY_CRYPTO_MAX 4U

enum relay_security {             /* of the media of one leg */
		      RELAY_RTP,  /* RTP/AVP; a=crypto is ignored */
		      RELAY_SRTP, /* RTP/SAVP with SDES required; else refused */
};

/* What a leg's peer said, taken from its offer or answer. */
struct relay_remote {
	unsigned audio_index;           /* which m= line is the audio stream */
	struct sdp_address rtp_address; /* family 0 with rtp_port 0: on hold, see above */
	uint16_t rtp_port;
	struct sdp_address rtcp_address; /* family 0 with rtcp_port 0: nowhere to send RTCP */
	uint16_t rtcp_port;
	bool rtcp_mux;                /* offered, and rtcp_* is for the case that we do not accept;
					 or agreed by an answer, and rtcp_* is rtp_* */
	enum sdp_direction direction; /* from the peer's point of view */
	bool secured;
	struct sdes_crypto crypto;    /* what the peer encrypts with */
	struct sdes_more crypto_more; /* and may change to without asking: its packets say by MKI */
	unsigned crypto_skipped; /* a=crypto lines before the taken one: not done or not allowed */
	unsigned crypto_bad;     /* and malformed */
	struct sdp_audio audio;  /* its codecs */
};

/* What we say to a leg. */
struct relay_local {
	struct sdp_address address;
	uint16_t rtp_port; /* RTCP is the next port, so a=rtcp is never needed */
	enum relay_security security;
	struct sdes_crypto crypto[RELAY_CRYPTO_MAX]; /* an offer: our suites in order, tags all
							different; an answer: exactly one */
	unsigned crypto_count;
	bool rtcp_mux;          /* offered, or accepted (written only if it was offered) */
	unsigned ptime_ms;      /* that we ask for; 0: what the other side asked for */
	struct sdp_audio known; /* an offer: codecs that the peer named before, with its numbers */
	struct sdp_audio audio; /* codecs of the description: relay_said_offer() or _answer() */
	uint64_t session_id;    /* o=: our own numbers; the top bit is not used (RFC 3264 5) */
	uint64_t session_version;
	struct str before; /* an offer: what we said to that leg last; absent: nothing. It must be
			      there only while the offer is written */
};

/* Why a description is not acceptable: the SIP status and Warning text, no input copied. */
struct relay_refusal {
	unsigned status; /* 488 */
	char reason[96];
};

/*
 * Reads an offer. The first audio section that fits the leg's security, and has a key that can be
 * taken, is taken: peers offer RTP/SAVP and RTP/AVP, or two ways to key, side by side. suites: the
 * allowed ones; the peer's order decides among them (RFC 4568 5.1.2: the first acceptable line of
 * the offerer). a=crypto of the session counts for nothing (RFC 4568 4). 0, or -ENOTSUP with
 * refusal filled and remote wiped; an offer that disables its audio (port 0) is refused too.
 */
int relay_read_offer(struct relay_remote *remote, const struct sdp *offer,
		     enum relay_security security, const enum sdes_suite *suites,
		     unsigned suite_count, struct relay_refusal *refusal);

/*
 * Reads an answer to an offer that we made with local: its crypto tag must be one of ours, with
 * that line's suite and a key that is not ours; two crypto lines are seen in the field: the first
 * acceptable is taken. The number of sections is not compared: missing ones were refused anyway.
 * 0, or -ENOTSUP with refusal filled and remote wiped; refused audio (port 0) is -ENOTSUP too.
 */
int relay_read_answer(struct relay_remote *remote, const struct sdp *answer,
		      const struct relay_local *local, struct relay_refusal *refusal);

/*
 * Writes our offer to a leg from the other leg's offer (source). Section count and order are kept
 * (RFC 3264 8), so that a later offer of either side fits the other. Payload types are those that
 * the leg knows (local->known, sdp_offer_types()). Codecs are those of source_remote->audio, in its
 * order, which may be fewer than in source (sdp/filter.h). text is NUL-terminated.
 * Returns its length, -ENOSPC, or -EINVAL: remote, or local is not what the leg's security needs
 * (RELAY_SRTP without a key; no address or port). On errors text is wiped.
 */
int relay_write_offer(char *text, size_t size, const struct sdp *source,
		      const struct relay_remote *source_remote, const struct relay_local *local);

/*
 * Writes our answer to the leg that made offer, from the other leg's answer (source): as many
 * sections as the offer has; the one crypto with the tag and the spelling of the line that
 * offer_remote chose, whose suite local->crypto[0] must have. The direction is cut down to what
 * answers the offer's (RFC 3264 6.1). Codecs have the offer's payload types (sdp_answer_types()).
 * Returns as relay_write_offer().
 */
int relay_write_answer(char *text, size_t size, const struct sdp *offer,
		       const struct relay_remote *offer_remote, const struct sdp *source,
		       const struct relay_remote *source_remote, const struct relay_local *local);

/* The codecs of our offer or answer, as they will be written: into local->audio. */
void relay_said_offer(struct relay_local *local, const struct relay_remote *source_remote);
void relay_said_answer(struct relay_local *local, const struct relay_remote *offer_remote,
		       const struct relay_remote *source_remote);

/*
 * Whether two texts written here say the same apart from o=. The caller raises session_version by
 * one when, and only when, what it sends differs from what it sent last (RFC 3264 8).
 */
bool relay_same_description(struct str a, struct str b);
