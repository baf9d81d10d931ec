/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Layout of an SRTP context: one direction of one leg. What an RTP packet of the usual stream (one
 * SSRC) touches stands together at the front: a line of state, then the key. Behind the key, at a
 * place that depends on the suite, is what only RTCP and limits touch. Further SSRCs and what is
 * remembered of retired ones are outside, in memory that is there beforehand (srtp_spares.h), so
 * that a stream pays for them only when it has them.
 *
 * Thread: the worker that owns the stream, once handed over; main thread before.
 */
#pragma once

#include <assert.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/engine.h"
#include "media/replay.h"
#include "media/suite.h"
#include "worker/srtp_burst.h"

struct srtp_others;

/* One SSRC in one direction. */
struct srtp_source {
	struct rtp_replay rtp;  /* highest: the 48-bit index, so ROC and s_l as well; not started:
				   that of the key before, or 0 */
	struct rtp_replay rtcp; /* highest: the 31-bit index; of ours the last one used */
	uint64_t last_used;     /* the others' tick */
	uint32_t ssrc;
	uint32_t pad;
};

/*
 * What stays of a source that had to make room: enough that its indices are never accepted again
 * (receive) nor used again (transmit). A number is one above the highest index; 0: none yet.
 */
struct srtp_retired {
	uint64_t rtp_next;
	uint32_t rtcp_next;
	uint32_t ssrc;
};

#define SRTP_RETIRED_MAX 16U

/* Behind the key: what RTP seldom touches. */
struct srtp_rest {
	uint64_t limit; /* packets: what rtp_left began with; of RTCP at most RTCP_PACKETS_MAX */
	struct srtp_others *others; /* sources but the last one; NULL: there never were any */
	struct rtp_replay rtcp;     /* of the source of the last packet */
	uint32_t rtcp_left;
	uint8_t rtcp_salt[RTP_SALT_MAX];
	uint8_t rtcp_keys[]; /* session keys of SRTCP: cipher, then authentication */
};
#define SRTP_RTCP_KEYS_MAX (RTP_KEY_MAX + RTP_AUTH_KEY_MAX)

struct srtp_context {
	alignas(64) uint8_t rtp_salt[16]; /* session salt, then zeros (rtp_iv()) */
	struct rtp_replay rtp;            /* of the source of the last packet */
	uint64_t rtp_left;                /* packets the master key may still be used for */
	uint32_t ssrc;                    /* of the source of the last packet */
	/* 0: no packet has passed yet; else grows by 2 whenever another source takes the context,
	 * and is odd meanwhile. worker: wo; others: ro */
	uint8_t has_source;
	uint8_t rtp_tag_length;
	uint8_t mki_length;
	uint8_t aead;   /* 1: the tag is part of what is encrypted (RFC 7714) */
	uint8_t mki[4]; /* network order, mki_length bytes of it */
	uint8_t suite;  /* enum sluice_suite */
	uint8_t pad[3];

	/* crypto_key_bytes() of it. Then struct srtp_rest: srtp_rest(). sizeof is that of the
	 * longest. */
	struct crypto_key rtp_key;
	uint8_t end[offsetof(struct srtp_rest, rtcp_keys) + SRTP_RTCP_KEYS_MAX];
};

/*
 * An RTP packet of a stream with one SSRC touches the first line and the key, in each of the two
 * contexts that it crosses: of AES-128 with HMAC-SHA1 two lines.
 */
static_assert(offsetof(struct srtp_context, rtp_key) == 64, "one line before the key");
static_assert(sizeof(struct srtp_context) <= 320, "SRTP state of a leg in one direction");

/* Keys are a multiple of 8 bytes, so the rest is aligned whatever the cipher. */
static inline struct srtp_rest *srtp_rest(const struct srtp_context *context)
{
	return (struct srtp_rest *)((uintptr_t)&context->rtp_key +
				    crypto_key_bytes(&context->rtp_key));
}

/*
 * The source of that SSRC without moving anything, in scratch: known, or rebuilt from what was kept
 * when it retired. NULL when the context has never seen it, or has forgotten it.
 */
const struct srtp_source *srtp_source_peek(const struct srtp_context *context, uint32_t ssrc,
					   struct srtp_source *scratch);

enum srtp_source_room {
	SRTP_SOURCE_FORGET, /* receive: the longest retired source is forgotten */
	SRTP_SOURCE_KEEP,   /* transmit: never, since its indices could be used again */
};

/*
 * Makes that SSRC the source of the last packet, whose state stands in the context itself; for a
 * packet that is accepted. A new one is made when there is none, where the source that was silent
 * longest retires. False: no room (SLUICE_DROP_SSRC_LIMIT).
 */
bool srtp_source_take(struct srtp_worker *worker, struct srtp_context *context, uint32_t ssrc,
		      enum srtp_source_room room);
