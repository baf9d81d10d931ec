/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which codecs a peer may use, and which it prefers. Codecs are known by name, clock rate and
 * channels; what payload type they have does not matter. Pure; any thread.
 *
 * telephone-event, comfort noise and RFC 2198 are no voice: they follow it. They need not be in an
 * allow list, go when they are denied, or with the last voice codec of their clock rate (RFC 4733
 * 2.1, RFC 3389 3), but the last telephone-event stays: DTMF at another clock is better than none.
 * RFC 2198 goes with whatever it may hold.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "sdp/payload.h"

#define SDP_FILTER_NAME_MAX 24U /* with NUL */
#define SDP_FILTER_CODECS_MAX 16U

struct sdp_filter_codec {
	char name[SDP_FILTER_NAME_MAX];
	uint32_t clock_hz; /* 0: any */
	uint8_t channels;  /* 0: any */
};

struct sdp_filter {
	unsigned allow_count, deny_count, order_count; /* no allow: all that is not denied */
	struct sdp_filter_codec allow[SDP_FILTER_CODECS_MAX];
	struct sdp_filter_codec deny[SDP_FILTER_CODECS_MAX];
	struct sdp_filter_codec order[SDP_FILTER_CODECS_MAX]; /* the preferred one first */
	unsigned ptime_ms; /* that is asked of the peer; 0: what the other side asks for */
};

/* "PCMA", "opus/48000", "L16/44100/2". 0 or -EINVAL. */
int sdp_filter_codec_read(struct sdp_filter_codec *codec, struct str text);
/* Whether two entries mean the same. */
bool sdp_filter_codec_equal(const struct sdp_filter_codec *a, const struct sdp_filter_codec *b);

/*
 * Takes away what may not be. Returns whether a voice codec is left; if not, audio is as it was.
 * filter NULL: nothing is filtered.
 */
bool sdp_filter_codecs(struct sdp_audio *audio, const struct sdp_filter *filter);
/* Puts the preferred ones first; the others keep their order, and what is no voice is behind. */
void sdp_filter_order(struct sdp_audio *audio, const struct sdp_filter *filter);

/* The names of what a list holds, as far as they are known here: "opus, G729, other". */
void sdp_filter_names(char *text, size_t size, const struct sdp_audio *audio);
