/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was agreed with the peer of a leg, and what is being negotiated with it (RFC 3264). A call
 * is agreed nearly all of its life, so only what counts between exchanges is kept then, and only as
 * long as it is: a description names two or three codecs where there is room for twenty.
 *
 * Everything here may hold keys, and is wiped. Thread: the loop's.
 */
#pragma once

#include "sdp/relay.h"

/* Being negotiated: what we say and hear, and the key that we will encrypt with. */
struct leg_media {
	struct relay_local said;
	struct relay_remote heard;
	struct sdes_crypto tx; /* suite NONE: plain RTP */
};

/* All zero: nothing yet. */
struct agreed {
	struct relay_remote *heard; /* cut after its last codec: do not copy it by value */
	struct sdp_audio *said;     /* likewise */
	struct sdes_crypto tx;
	bool said_rtcp_mux;
};

/* What the peer said; of nothing agreed: all zero. Good until the next agreed_*(). */
const struct relay_remote *agreed_heard(const struct agreed *agreed);
/* The codecs that we said; of nothing agreed: none. */
const struct sdp_audio *agreed_said(const struct agreed *agreed);
/*
 * That is agreed now. We took RTCP on the port of RTP where both said so: then an offer's own port
 * for RTCP counts no more. 0, or -ENOMEM: it is as it was.
 */
int agreed_set(struct agreed *agreed, const struct leg_media *media);
/* To negotiate on from there: our keys and their order are not said again by themselves. */
void agreed_get(const struct agreed *agreed, struct leg_media *media);
/* What the peer said goes to another agreement with it; from has heard nothing afterwards. */
void agreed_take_heard(struct agreed *to, struct agreed *from);
/* Copies and lists that were cut, into whole ones. */
void agreed_copy_heard(struct relay_remote *to, const struct agreed *from);
void agreed_copy_codecs(struct sdp_audio *to, const struct sdp_audio *from);
void agreed_wipe(struct agreed *agreed);
