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
#include <string.h>

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

/*
 * Behind the key: what RTP seldom touches. The replay window of RTCP is half as long as that of RTP
 * (RFC 3711 3.3.2 asks for 64), for there are two hundred times fewer packets of it: see
 * srtp_rtcp_window().
 */
struct srtp_rest {
	uint64_t rtcp_seen; /* struct rtp_replay's first word, of the source of the last packet */
	uint32_t rtcp_highest;
	uint16_t limit; /* srtp_limit(): packets that the master key may be used for */
	uint8_t rtcp_salt[RTP_SALT_MAX];
	uint8_t rtcp_keys[]; /* session keys of SRTCP: cipher, then authentication */
};
#define SRTP_RTCP_KEYS_MAX (RTP_KEY_MAX + RTP_AUTH_KEY_MAX)

struct srtp_context {
	alignas(64) uint8_t rtp_salt[16]; /* session salt, then zeros (rtp_iv()) */
	struct rtp_replay rtp;            /* of the source of the last packet */
	uint64_t rtp_left;                /* packets the master key may still be used for */
	uint32_t ssrc;                    /* of the source of the last packet */
	uint32_t rtcp_left;               /* packets, as rtp_left; at most RTCP_PACKETS_MAX */
	/* 0: no packet has passed yet; else grows by 2 whenever another source takes the context,
	 * and is odd meanwhile. worker: wo; others: ro */
	uint8_t has_source;
	uint8_t rtp_tag_length;
	uint8_t mki_length;
	uint8_t suite;  /* enum sluice_suite */
	uint8_t mki[4]; /* network order, mki_length bytes of it */

	/* crypto_key_bytes() of it, whose caller's bytes are srtp_others(). Then struct srtp_rest:
	 * srtp_rest(). sizeof is that of the longest. */
	struct crypto_key rtp_key;
	uint8_t end[offsetof(struct srtp_rest, rtcp_keys) + SRTP_RTCP_KEYS_MAX];
};

/*
 * An RTP packet of a stream with one SSRC touches the first line and the key, in each of the two
 * contexts that it crosses: of AES-128 with HMAC-SHA1 two lines.
 */
static_assert(offsetof(struct srtp_context, rtp_key) == 64, "one line before the key");
static_assert(sizeof(struct srtp_context) <= 320, "SRTP state of a leg in one direction");
static_assert(2 * 64 + offsetof(struct srtp_rest, rtcp_keys) + 16 + RTP_AUTH_KEY_MAX <= 192,
	      "three lines for AES-128 with HMAC-SHA1");

/* Keys are a multiple of 8 bytes, so the rest is aligned whatever the cipher. */
static inline struct srtp_rest *srtp_rest(const struct srtp_context *context)
{
	return (struct srtp_rest *)((uintptr_t)&context->rtp_key +
				    crypto_key_bytes(&context->rtp_key));
}

/* The tag is part of what is encrypted (RFC 7714). */
static inline bool srtp_is_aead(const struct srtp_context *context)
{
	return context->rtp_key.hash_id == CRYPTO_GHASH;
}

/* What is to be known of a context for good; in the lowest bits of the pointer to its others. */
enum srtp_mark {
	SRTP_MARK_RESUMED = 1U << 0, /* its key was in use before this process was */
	SRTP_MARK_REFUSED = 1U << 1, /* and a source wanted it of which is not known how far */
	/* and no source had it further than the window says of the last one's source. Before the
	 * first packet that is not started, and its highest are the hints */
	SRTP_MARK_ANY = 1U << 2,
	SRTP_MARKS = SRTP_MARK_RESUMED | SRTP_MARK_REFUSED | SRTP_MARK_ANY,
};

static inline uint64_t srtp_caller_bits(const struct srtp_context *context)
{
	uint64_t bits = 0;

	memcpy(&bits, context->rtp_key.caller, sizeof(context->rtp_key.caller));
	return bits;
}

static inline void srtp_caller_bits_set(struct srtp_context *context, uint64_t bits)
{
	assert(bits >> 48 == 0);
	memcpy(context->rtp_key.caller, &bits, sizeof(context->rtp_key.caller));
}

/* Sources but the last one; NULL: there never were any. A pointer of a process has 47 bits. */
static inline struct srtp_others *srtp_others(const struct srtp_context *context)
{
	return (struct srtp_others *)(uintptr_t)(srtp_caller_bits(context) & ~(uint64_t)SRTP_MARKS);
}

static inline void srtp_others_set(struct srtp_context *context, const struct srtp_others *others)
{
	srtp_caller_bits_set(context, (uintptr_t)others | (srtp_caller_bits(context) & SRTP_MARKS));
}

static inline bool srtp_has_mark(const struct srtp_context *context, enum srtp_mark mark)
{
	return srtp_caller_bits(context) & mark;
}

static inline void srtp_mark(struct srtp_context *context, enum srtp_mark mark)
{
	srtp_caller_bits_set(context, srtp_caller_bits(context) | mark);
}

/* The window of RTCP as that of RTP is: what it does not know any more counts as seen. */
static inline struct rtp_replay srtp_rtcp_window(const struct srtp_context *context)
{
	const struct srtp_rest *rest = srtp_rest(context);

	return (struct rtp_replay){.highest = rest->rtcp_highest,
				   .seen = {rest->rtcp_seen, rest->rtcp_seen ? UINT64_MAX : 0}};
}

/* Any thread may look at it meanwhile, as at struct rtp_replay. */
static inline void srtp_rtcp_window_set(struct srtp_context *context,
					const struct rtp_replay *window)
{
	struct srtp_rest *rest = srtp_rest(context);

	word_set(&rest->rtcp_highest, (uint32_t)window->highest);
	wide_set(&rest->rtcp_seen, window->seen[0]);
}

/* One above the highest index of RTCP; 0: none yet. Any thread. */
static inline uint32_t srtp_rtcp_glance(const struct srtp_context *context)
{
	const struct srtp_rest *rest = srtp_rest(context);

	return wide_get(&rest->rtcp_seen) & 1 ? word_get(&rest->rtcp_highest) + 1 : 0;
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

/*
 * Whether a packet of that SSRC and kind may be sent under the key. Under one that was in use
 * before a restart, of whose sources only the last is known, no other may: its indices would begin
 * again, and be used a second time. Nor may, where all are known, one that would begin so far on
 * that no peer can tell. Then it is time for a new key (srtp_context_near_limit()).
 */
bool srtp_source_may_send(struct srtp_context *context, uint32_t ssrc, enum srtp_packet_kind kind);
