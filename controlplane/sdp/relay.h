/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Offer/answer (RFC 3264) as a relay does it: the offer of one leg becomes our offer to the other,
 * with our addresses, our security and nothing of the first side's topology; the answer likewise.
 * One audio stream is relayed; further media sections are refused with port 0. Pure functions.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sdp/sdes.h"
#include "sdp/sdp.h"

enum relay_security {	 /* of the media of one leg */
	RELAY_RTP,	 /* RTP/AVP; a=crypto is ignored */
	RELAY_SRTP,	 /* RTP/SAVP with SDES required; else refused */
};

/* What a leg's peer said, taken from its offer or answer. */
struct relay_remote {
	unsigned audio_index; /* which m= line is the audio stream */
	struct sdp_address rtp_address;
	uint16_t rtp_port;
	struct sdp_address rtcp_address;
	uint16_t rtcp_port;
	bool rtcp_mux;
	enum sdp_direction direction; /* from the peer's point of view */
	bool secured;
	struct sdes_crypto crypto; /* what the peer encrypts with */
};

/* What we say to a leg. */
struct relay_local {
	struct sdp_address address;
	uint16_t rtp_port;
	enum relay_security security;
	struct sdes_crypto crypto[4]; /* an offer: our suites in order; an answer: exactly one */
	unsigned crypto_count;
	bool rtcp_mux;	      /* offered, or accepted */
	uint64_t session_id;  /* o=: our own numbers */
	uint64_t session_version;
};

/* Why a description is not acceptable: the SIP status and Warning text, no input copied. */
struct relay_refusal {
	unsigned status; /* 488, 415, 400 */
	char reason[96];
};

/*
 * Reads an offer. suites: allowed suites, in our order of preference; the peer's order decides
 * among allowed ones (RFC 4568 5.1.2: the first acceptable of the offerer). 0 or -ENOTSUP.
 */
int relay_read_offer(struct relay_remote *remote, const struct sdp *offer,
		     enum relay_security security, const enum sdes_suite *suites,
		     unsigned suite_count, struct relay_refusal *refusal);

/*
 * Reads an answer to an offer that we made with local: its crypto tag must be one of ours, with
 * that line's suite; two crypto lines are seen in the field: the first acceptable is taken.
 */
int relay_read_answer(struct relay_remote *remote, const struct sdp *answer,
		      const struct relay_local *local, struct relay_refusal *refusal);

/*
 * Writes our offer to a leg from the other leg's offer (source): its audio formats, rtpmap, fmtp,
 * ptime, direction; all other attributes are dropped. Section count and order are kept (RFC 3264).
 * Returns length, or -ENOSPC.
 */
int relay_write_offer(char *text, size_t size, const struct sdp *source,
		      const struct relay_remote *source_remote, const struct relay_local *local);

/*
 * Writes our answer to the leg that made offer, from the other leg's answer (source): as many
 * sections as the offer has; crypto with the offer's chosen tag.
 */
int relay_write_answer(char *text, size_t size, const struct sdp *offer,
		       const struct relay_remote *offer_remote, const struct sdp *source,
		       const struct relay_remote *source_remote, const struct relay_local *local);
